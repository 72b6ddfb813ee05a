//! The draw of a release (摇号): who tries in its first minutes gets a ticket, and the tickets' order is the draw.
//!
//! A ticket is a keyed hash of the release and the person: one for each, in an order that nobody can tell before,
//! whoever comes first. Going through it in order needs no list in memory and can be interrupted.
//!
//! While the benefit is paused nothing is drawn: who took part still does, and the draw is made as soon as staff go on.
//! Its release lasts so long. A draw waits in the same way for a provider's codes, while there is not one. If staff close the benefit instead, everybody is told that there was no draw for them.

use std::time::Duration;

use super::claim::{self, Account, Found, counted_for};
use super::code::{self, CodeHash};
use super::queue;
use super::record::{BenefitCode, BenefitState, CouponNumber, Release, Try, Way};
use super::rules::{self, Refusal};
use crate::domain::contact::record::FollowerId;
use crate::domain::member::standing::{Person, standing};
use crate::domain::outbox::commands::enqueue;
use crate::domain::outbox::record::{Notice, Welfare};
use crate::domain::tables::{CONTACTS, MEMBERS, TICKET_HOLDERS, TICKETS};
use crate::domain::timers::{self, Timer};
use crate::domain::trail::commands::{Note, append};
use crate::moment::Time;
use crate::store::{Fault, Key, Tx};

/// Tickets drawn in one commit.
const DRAWN_PER_COMMIT: usize = 10;

pub fn enter(tx: &mut Tx, found: &mut Found, one: Try, draws: Time) -> Result<Result<(), Refusal>, Fault> {
    let id = found.benefit.id;
    let Some(release) = &mut found.stock.release else { return Ok(Err(Refusal::Ended)) };
    let mut person = Vec::new();
    one.person.encode(&mut person);
    let at = release.at.unix_ms().to_be_bytes();
    let key = code::index_key(tx)?;
    let own = code::keyed(&key, &[b"ticket", &id.to_be_bytes(), &at, &person]);
    let late = release.draw.is_some_and(|draw| draw.at <= one.at);
    let ticket = (id, release.at, if late { behind(one.at, &own) } else { own });
    let persons = counted_for(&one.person, &one.follower);
    if holds(tx, id, release.at, &persons)? || tx.get(&TICKETS, &ticket)?.is_some() {
        return Ok(Err(Refusal::AlreadyEntered { draws }));
    }
    for person in persons {
        tx.put(&TICKET_HOLDERS, &(id, release.at, person), &())?;
    }
    if release.tries == 0 {
        timers::set(tx, draws, Timer::BenefitDraw { benefit: id, release: release.at })?;
    }
    release.tries += 1;
    tx.put(&TICKETS, &ticket, &one)?;
    claim::save(tx, found)?;
    Ok(Ok(()))
}

/// Who comes when the tickets are being drawn already stands behind all that came in time, first come, first served: else
/// who has won could be drawn again before others are drawn at all.
fn behind(at: Time, own: &CodeHash) -> CodeHash {
    let mut ticket = [0xff; 16];
    ticket[4..12].copy_from_slice(&at.unix_ms().to_be_bytes());
    ticket[12..].copy_from_slice(&own[..4]);
    ticket
}

/// Does this follower take part in the draw of the release that is on? As a member or as an account: it is one ticket.
pub fn takes_part(tx: &Tx, found: &Found, who: &FollowerId) -> Result<bool, Fault> {
    let Some(release) = found.stock.release.as_ref().filter(|release| release.awaits_draw()) else {
        return Ok(false);
    };
    let person = standing(tx, who)?.person(who);
    holds(tx, found.benefit.id, release.at, &counted_for(&person, who))
}

fn holds(tx: &Tx, id: u32, release: Time, persons: &[Person]) -> Result<bool, Fault> {
    for person in persons {
        if tx.get(&TICKET_HOLDERS, &(id, release, person.clone()))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A draw that waits is to be made at its time, or now if that has passed.
pub fn set_off(tx: &mut Tx, id: u32, release: Option<&Release>) -> Result<(), Fault> {
    let Some(release) = release.filter(|release| release.awaits_draw()) else { return Ok(()) };
    let at = release.draw.map_or(tx.moment().now, |draw| draw.at.max(tx.moment().now));
    timers::set(tx, at, Timer::BenefitDraw { benefit: id, release: release.at })
}

/// Codes of one file come in several commits, and all of them count in the draw that waited for them.
const LOADED_WITHIN: Duration = Duration::from_secs(300);

/// Codes came: a draw that waited for them is made soon.
pub fn has_codes(tx: &mut Tx, id: u32, release: Option<&Release>) -> Result<(), Fault> {
    let now = tx.moment().now;
    match release.filter(|release| release.awaits_draw()) {
        Some(release) if release.draw.is_some_and(|draw| draw.at <= now) => {
            timers::set(tx, now.plus(LOADED_WITHIN), Timer::BenefitDraw { benefit: id, release: release.at })
        }
        _ => Ok(()),
    }
}

/// The draw is to be made, and its release has had no code at all: everybody would lose, and nobody win.
pub fn lacks_codes(found: &Found, now: Time) -> bool {
    let is_on = found.benefit.state == BenefitState::Published && found.benefit.terms.way == Way::Imported;
    let due = |release: &Release| release.draw.is_some_and(|draw| !draw.done && draw.at <= now);
    let release = found.stock.release.as_ref().filter(|release| due(release) && release.given == 0);
    is_on && release.is_some() && found.stock.pool.left == 0
}

fn tell_staff(tx: &mut Tx, found: &Found) -> Result<(), Fault> {
    let tries = found.stock.release.as_ref().map_or(0, |release| release.tries);
    let (subject, detail) =
        (BenefitCode(found.benefit.id).to_string(), format!("{tries} take part, and no code is loaded"));
    append(
        tx,
        Note { who: "service", act: "benefit.draw_waits", subject: &subject, detail: &detail, done: true },
    )
}

/// Draws the next few, and tells each how it ended.
pub fn step(tx: &mut Tx, id: u32, release: Time) -> Result<(), Fault> {
    let Some(mut found) = claim::find(tx, id)? else { return Ok(()) };
    if matches!(found.benefit.state, BenefitState::Paused { .. }) {
        return Ok(()); // set off again when it is published
    }
    let page = tx.scan(&TICKETS, &(id, release), None, DRAWN_PER_COMMIT)?;
    let mut goes_on = page.next.is_some();
    for (key, mut one) in page.rows {
        // Nobody loses for standing before many codes that have ended: those are put aside first, however many.
        if !queue::to_a_good_one(tx, &mut found)? {
            goes_on = true;
            break;
        }
        if lacks_codes(&found, tx.moment().now) {
            tell_staff(tx, &found)?;
            return claim::save(tx, &found); // set off again when codes are loaded
        }
        let entered_by = one.follower.clone();
        one.follower = account_of(tx, &one)?;
        tx.delete(&TICKETS, &key)?;
        for person in counted_for(&one.person, &entered_by) {
            tx.delete(&TICKET_HOLDERS, &(id, release, person))?;
        }
        let notice = match draw_one(tx, &mut found, release, &one)? {
            Some(coupon) => Welfare::Won { coupon },
            None if matches!(found.benefit.state, BenefitState::Closed { .. }) => {
                Welfare::DrawOff { benefit: id, release }
            }
            None => Welfare::NotDrawn { benefit: id, release },
        };
        enqueue(tx, &one.follower, Notice::Welfare(notice))?;
    }
    if goes_on {
        let now = tx.moment().now;
        timers::set(tx, now, Timer::BenefitDraw { benefit: id, release })?;
    } else if let Some(draw) =
        found.stock.release.as_mut().filter(|r| r.at == release).and_then(|r| r.draw.as_mut())
    {
        draw.done = true;
    }
    claim::save(tx, &found)
}

/// The account that is the member's by now.
fn account_of(tx: &Tx, one: &Try) -> Result<FollowerId, Fault> {
    let member = match &one.person {
        Person::Member(id) => tx.get(&MEMBERS, id)?,
        Person::Follower(_) => None,
    };
    let account = member.and_then(|member| member.account).map(|account| account.follower);
    Ok(account.unwrap_or_else(|| one.follower.clone()))
}

fn draw_one(tx: &mut Tx, found: &mut Found, release: Time, one: &Try) -> Result<Option<CouponNumber>, Fault> {
    let is_on = found.benefit.state == BenefitState::Published;
    if !is_on || found.stock.release.as_ref().is_none_or(|running| running.at != release) {
        return Ok(None); // closed, or the next release has begun
    }
    let contact = tx.get(&CONTACTS, &one.follower)?;
    if contact.as_ref().is_some_and(|contact| !contact.subscribed) {
        return Ok(None); // who left can't be told, and it would expire in their hands
    }
    let tags = contact.map(|contact| contact.reach.tags).unwrap_or_default();
    let account = Account { who: &one.follower, followed: None, tags: &tags };
    let Ok(person) = claim::entitled(tx, account, found, release)? else { return Ok(None) };
    let now = tx.moment().now;
    let new_since = one.newcomer.then_some(now); // as it was when it tried; since when is told to nobody
    if rules::is_left(&found.benefit.terms, &found.stock, new_since, now).is_err() {
        return Ok(None);
    }
    let given = claim::give(tx, found, &person, &one.follower, one.newcomer)?;
    Ok(given.map(|coupon| coupon.number))
}
