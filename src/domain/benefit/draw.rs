//! The draw of a release (摇号): who tries in its first minutes gets a ticket, and the tickets' order is the draw.
//!
//! A ticket is a keyed hash of the release and the person: one for each, in an order that nobody can tell before,
//! whoever comes first. Going through it in order needs no list in memory and can be interrupted.

use super::claim::{self, Account, Found};
use super::record::Try;
use super::rules::{self, Refusal};
use super::{code, record::CouponNumber};
use crate::domain::outbox::commands::enqueue;
use crate::domain::outbox::record::{Notice, Welfare};
use crate::domain::tables::{CONTACTS, TICKETS};
use crate::domain::timers::{self, Timer};
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
    let ticket = (id, release.at, code::keyed(&key, &[b"ticket", &id.to_be_bytes(), &at, &person]));
    if tx.get(&TICKETS, &ticket)?.is_some() {
        return Ok(Err(Refusal::AlreadyEntered { draws }));
    }
    if release.tries == 0 {
        timers::set(tx, draws, Timer::BenefitDraw { benefit: id, release: release.at })?;
    }
    release.tries += 1;
    tx.put(&TICKETS, &ticket, &one)?;
    claim::save(tx, found)?;
    Ok(Ok(()))
}

/// Draws the next few, and tells each how it ended.
pub fn step(tx: &mut Tx, id: u32, release: Time) -> Result<(), Fault> {
    let Some(mut found) = claim::find(tx, id)? else { return Ok(()) };
    let page = tx.scan(&TICKETS, &(id, release), None, DRAWN_PER_COMMIT)?;
    for (key, one) in page.rows {
        tx.delete(&TICKETS, &key)?;
        let notice = match draw_one(tx, &mut found, release, &one)? {
            Some(coupon) => Welfare::Won { coupon },
            None => Welfare::NotDrawn { benefit: id, release },
        };
        enqueue(tx, &one.follower, Notice::Welfare(notice))?;
    }
    if page.next.is_some() {
        let now = tx.moment().now;
        timers::set(tx, now, Timer::BenefitDraw { benefit: id, release })?;
    } else if let Some(draw) =
        found.stock.release.as_mut().filter(|r| r.at == release).and_then(|r| r.draw.as_mut())
    {
        draw.done = true;
    }
    claim::save(tx, &found)
}

fn draw_one(tx: &mut Tx, found: &mut Found, release: Time, one: &Try) -> Result<Option<CouponNumber>, Fault> {
    if found.stock.release.as_ref().is_none_or(|running| running.at != release) {
        return Ok(None); // the next release has begun
    }
    let tags = tx.get(&CONTACTS, &one.follower)?.map(|contact| contact.reach.tags).unwrap_or_default();
    let account = Account { who: &one.follower, followed: None, tags: &tags };
    let Ok(person) = claim::may_claim(tx, account, found)? else { return Ok(None) };
    let now = tx.moment().now;
    if rules::in_stock(&found.benefit.terms, &found.stock, one.newcomer, now).is_err() {
        return Ok(None);
    }
    let given = claim::give(tx, found, &person, &one.follower, one.newcomer)?;
    Ok(given.map(|coupon| coupon.number))
}
