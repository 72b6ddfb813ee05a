//! What staff do with benefits.

use std::sync::Arc;

use super::claim::{Found, find, save};
use super::record::*;
use super::{draw, quiz, remind, rules, stock, wallet};
use crate::domain::counters::next_number;
use crate::domain::member::record::MemberId;
use crate::domain::member::standing::Person;
use crate::domain::tables::*;
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// Why staff are told no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManageRefusal {
    #[error("there is no such benefit")]
    Unknown,
    #[error("there is no such coupon")]
    UnknownCoupon,
    #[error("the benefit is {now}, so it can't be {wanted}")]
    WrongState { now: &'static str, wanted: &'static str },
    #[error("the mode `quiz` needs `quiz`, with questions")]
    NoQuiz,
    #[error("{max} benefits are shown to followers already; close one first")]
    TooManyShown { max: usize },
    #[error("no release is still to come or on; change `releases` first")]
    NoRelease,
    #[error("{given} coupons were given, so `{what}` can't be changed any more")]
    InUse { what: &'static str, given: u32 },
    #[error("this benefit has codes of our own or none; only `imported` ones are loaded")]
    OwnCodes,
    #[error("no release is on")]
    NoneOn,
    #[error("no code is left; import more first")]
    NothingLeft,
    #[error("the coupon is {now}; only one that is left, given or expired can be made void")]
    CouponState { now: &'static str },
    #[error("nobody has this code, so nobody can have another in its place")]
    Nobodys,
    #[error("this person is not paused")]
    NotPaused,
    #[error("there is no member {0}")]
    UnknownMember(MemberId),
}

impl ManageRefusal {
    pub fn code(&self) -> &'static str {
        match self {
            ManageRefusal::Unknown => "unknown_benefit",
            ManageRefusal::UnknownCoupon => "unknown_coupon",
            ManageRefusal::WrongState { .. } => "wrong_state",
            ManageRefusal::NoQuiz => "no_quiz",
            ManageRefusal::TooManyShown { .. } => "too_many_shown",
            ManageRefusal::NoRelease => "no_release",
            ManageRefusal::InUse { .. } => "in_use",
            ManageRefusal::OwnCodes => "own_codes",
            ManageRefusal::NoneOn => "none_on",
            ManageRefusal::NothingLeft => "nothing_left",
            ManageRefusal::CouponState { .. } => "coupon_state",
            ManageRefusal::Nobodys => "nobodys",
            ManageRefusal::NotPaused => "not_paused",
            ManageRefusal::UnknownMember(_) => "unknown_member",
        }
    }
}

type Managed<T> = Result<Result<T, ManageRefusal>, Fault>;

pub fn create(tx: &mut Tx, terms: Terms) -> Result<Benefit, Fault> {
    let id = u32::try_from(next_number(tx, "benefit")?).unwrap_or(u32::MAX);
    let now = tx.moment().now;
    let benefit = Benefit { id, state: BenefitState::Draft, terms, created: now, changed: now };
    tx.put(&BENEFITS, &id, &benefit)?;
    Ok(benefit)
}

/// Shows it to followers, or goes on after a pause. A release whose date has passed and that is still on counts; a rule
/// that repeats begins with its next time.
pub fn publish(tx: &mut Tx, id: u32) -> Managed<Benefit> {
    let Some(mut found) = find(tx, id)? else { return Ok(Err(ManageRefusal::Unknown)) };
    let now = tx.moment().now;
    if let BenefitState::Closed { .. } = found.benefit.state {
        return Ok(Err(ManageRefusal::WrongState { now: "closed", wanted: "published" }));
    }
    let first = found.stock.since.is_none();
    found.stock.since.get_or_insert(now);
    if let Err(refusal) = publishable(&found.benefit.terms, &found.stock, now) {
        return Ok(Err(refusal));
    }
    if tx.get(&SHOWN_BENEFITS, &id)?.is_none() && shown(tx)?.len() >= SHOWN_MAX {
        return Ok(Err(ManageRefusal::TooManyShown { max: SHOWN_MAX }));
    }
    draw::set_off(tx, id, found.stock.release.as_ref())?;
    if first {
        save(tx, &found)?;
    }
    Arc::make_mut(&mut found.benefit).state = BenefitState::Published;
    keep(tx, &mut found)
}

fn publishable(terms: &Terms, kept: &Stock, now: Time) -> Result<(), ManageRefusal> {
    if terms.mode == Mode::Quiz && quiz::asked(terms).is_none() {
        return Err(ManageRefusal::NoQuiz);
    }
    let (stock, _) = stock::roll(kept.clone(), terms, now);
    let waits = stock.release.as_ref().is_some_and(Release::awaits_draw);
    match rules::release(terms, &stock, now) {
        Err(rules::Refusal::Ended) if !waits => Err(ManageRefusal::NoRelease),
        _ => Ok(()),
    }
}

/// Nobody claims until it is published again; followers are told the reason. A draw waits until then.
pub fn pause(tx: &mut Tx, id: u32, reason: &str) -> Managed<Benefit> {
    move_to(tx, id, "paused", BenefitState::Paused { reason: reason.to_owned() })
}

/// No more releases; what was given stays good. Who takes part in a draw is told that there is none.
pub fn close(tx: &mut Tx, id: u32) -> Managed<Benefit> {
    let at = tx.moment().now;
    move_to(tx, id, "closed", BenefitState::Closed { at })
}

fn move_to(tx: &mut Tx, id: u32, wanted: &'static str, next: BenefitState) -> Managed<Benefit> {
    let Some(mut found) = find(tx, id)? else { return Ok(Err(ManageRefusal::Unknown)) };
    let now = state_name(&found.benefit.state);
    if now == wanted {
        return Ok(Ok(Arc::unwrap_or_clone(found.benefit))); // said twice, done once
    }
    let fits = match next {
        BenefitState::Paused { .. } => now == "published",
        _ => now != "closed",
    };
    if !fits {
        return Ok(Err(ManageRefusal::WrongState { now, wanted }));
    }
    Arc::make_mut(&mut found.benefit).state = next;
    draw::set_off(tx, id, found.stock.release.as_ref())?;
    remind::look_again(tx, id, &found.benefit.terms)?;
    keep(tx, &mut found)
}

/// Replaces the terms; the release that is on stays as it began.
pub fn change(tx: &mut Tx, id: u32, terms: Terms) -> Managed<Benefit> {
    let Some(mut found) = find(tx, id)? else { return Ok(Err(ManageRefusal::Unknown)) };
    if let BenefitState::Closed { .. } = found.benefit.state {
        return Ok(Err(ManageRefusal::WrongState { now: "closed", wanted: "changed" }));
    }
    let (old, given) = (&found.benefit.terms, found.stock.given.max(found.stock.last));
    for (what, same) in [
        ("way", old.way == terms.way),
        ("provider", old.provider == terms.provider),
        ("codes_ignore_case", old.codes_ignore_case == terms.codes_ignore_case),
    ] {
        if given > 0 && !same {
            return Ok(Err(ManageRefusal::InUse { what, given }));
        }
    }
    let mut changed = found.stock.clone();
    if changed.since.is_some() && old.releases != terms.releases {
        changed.changed = Some(tx.moment().now);
    }
    if found.benefit.state == BenefitState::Published
        && let Err(refusal) = publishable(&terms, &changed, tx.moment().now)
    {
        return Ok(Err(refusal));
    }
    if old.way != terms.way {
        stock::start_over(&mut changed, &terms); // nothing was given, and codes of ours are none of a provider's
    }
    found.stock = changed;
    save(tx, &found)?; // what has begun, began by the old terms
    remind::look_again(tx, id, &found.benefit.terms)?;
    Arc::make_mut(&mut found.benefit).terms = terms;
    keep(tx, &mut found)
}

/// So many more in the release that is on.
pub fn top_up(tx: &mut Tx, id: u32, count: u32) -> Managed<Benefit> {
    let Some(mut found) = find(tx, id)? else { return Ok(Err(ManageRefusal::Unknown)) };
    if super::rules::release(&found.benefit.terms, &found.stock, tx.moment().now).is_err() {
        return Ok(Err(ManageRefusal::NoneOn));
    }
    stock::add(&mut found.stock, &found.benefit.terms, count);
    save(tx, &found)?;
    Ok(Ok(Arc::unwrap_or_clone(found.benefit)))
}

/// Puts people on the benefit's list.
pub fn add_to_list(tx: &mut Tx, id: u32, people: &[Person]) -> Managed<u32> {
    if tx.get(&BENEFITS, &id)?.is_none() {
        return Ok(Err(ManageRefusal::Unknown));
    }
    for person in people {
        if let Err(nobody) = is_somebody(tx, person)? {
            return Ok(Err(nobody));
        }
    }
    let mut added = 0;
    for person in people {
        let key = (id, person.clone());
        if tx.get(&BENEFIT_LISTS, &key)?.is_none() {
            tx.put(&BENEFIT_LISTS, &key, &())?;
            added += 1;
        }
    }
    Ok(Ok(added))
}

/// This person claims nothing until then, and reads why.
pub fn pause_person(tx: &mut Tx, person: &Person, until: Time, reason: &str) -> Managed<()> {
    match is_somebody(tx, person)? {
        Ok(()) => wallet::ban(tx, person, until, reason).map(Ok),
        Err(nobody) => Ok(Err(nobody)),
    }
}

/// A mistyped number would do nothing, and say that it was done. An OpenID may be told before its first message.
fn is_somebody(tx: &Tx, person: &Person) -> Managed<()> {
    Ok(match person {
        Person::Member(id) if tx.get(&MEMBERS, id)?.is_none() => Err(ManageRefusal::UnknownMember(*id)),
        _ => Ok(()),
    })
}

/// Ends a person's pause, whatever it was for; what expired before no longer counts.
pub fn lift(tx: &mut Tx, person: &Person) -> Managed<()> {
    let lifted = wallet::lift(tx, person)?;
    Ok(if lifted { Ok(()) } else { Err(ManageRefusal::NotPaused) })
}

/// Benefits that followers are shown at one time; more are for no list.
pub const SHOWN_MAX: usize = 100;

/// What followers are shown. What is over leaves the list for good, so that it is no longer than what runs.
pub fn shown(tx: &mut Tx) -> Result<Vec<Found>, Fault> {
    let (now, mut shown) = (tx.moment().now, Vec::new());
    for (id, ()) in tx.scan_back(&SHOWN_BENEFITS, &(), None, SHOWN_MAX)?.rows {
        match find(tx, id)? {
            Some(found) if !rules::is_over(&found.benefit, &found.stock, now) => shown.push(found),
            _ => tx.delete(&SHOWN_BENEFITS, &id)?,
        }
    }
    Ok(shown)
}

pub fn state_name(state: &BenefitState) -> &'static str {
    match state {
        BenefitState::Draft => "draft",
        BenefitState::Published => "published",
        BenefitState::Paused { .. } => "paused",
        BenefitState::Closed { .. } => "closed",
    }
}

/// Writes the row and keeps the list that followers see in step with it.
fn keep(tx: &mut Tx, found: &mut Found) -> Managed<Benefit> {
    let benefit = Arc::make_mut(&mut found.benefit);
    benefit.changed = tx.moment().now;
    match benefit.state {
        BenefitState::Published | BenefitState::Paused { .. } => tx.put(&SHOWN_BENEFITS, &benefit.id, &())?,
        BenefitState::Draft | BenefitState::Closed { .. } => tx.delete(&SHOWN_BENEFITS, &benefit.id)?,
    }
    tx.put(&BENEFITS, &benefit.id, benefit)?;
    Ok(Ok(benefit.clone()))
}
