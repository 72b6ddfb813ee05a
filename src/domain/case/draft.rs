//! What a follower does with a case: begins it, answers the form, hands it in, says more, takes it back, gives stars.

use jiff::civil::Date;

use super::erase::KEPT_WHILE_LIVE;
use super::moves::{self, DAY, DRAFT_KEPT, Why};
use super::record::*;
use super::rules::{self, Act, Refusal};
use super::{entries, queue, rounds};
use crate::domain::contact::record::FollowerId;
use crate::domain::counters::next_number;
use crate::domain::media::commands::own_until;
use crate::domain::member::standing::standing;
use crate::domain::tables::CASE_ANSWERS;
use crate::domain::timers::{self, Timer};
use crate::moment::Time;
use crate::store::{Fault, Sealed, Tx};

/// Cases of one person that are neither handed in nor over.
pub const OPEN_MAX: u16 = 20;
/// Messages of one case, from both sides.
pub const MESSAGES_MAX: u16 = 200;
/// Pictures of one question, if the form says nothing else, and of all messages of a case.
pub const PICTURES_MAX: u16 = 30;
const LOOKED_AT: usize = 100;

/// A case as it was read, to be changed and written.
pub struct Own {
    pub id: CaseId,
    pub before: Case,
}

/// The follower's case; one of somebody else is as good as none.
pub fn own(tx: &Tx, who: &FollowerId, id: CaseId) -> Result<Result<Own, Refusal>, Fault> {
    let persons = queue::persons(tx, who)?;
    Ok(match queue::get(tx, id)? {
        Some(before) if persons.contains(&before.whose) => Ok(Own { id, before }),
        _ => Err(Refusal::UnknownCase),
    })
}

/// The draft of that kind that the follower has, if there is one.
pub fn of(tx: &Tx, who: &FollowerId, kind: &str) -> Result<Option<CaseId>, Fault> {
    let all = queue::of_follower(tx, who, LOOKED_AT)?;
    Ok(all.into_iter().find(|(_, case)| case.status == Status::Draft && case.kind == kind).map(|(id, _)| id))
}

/// Begins a case. One that pairs people is had once; of others there may be several.
pub fn begin(
    tx: &mut Tx,
    who: &FollowerId,
    kind: &str,
    plan: Plan,
) -> Result<Result<CaseId, Refusal>, Fault> {
    let whose = standing(tx, who)?.person(who);
    if let Err(refusal) = rounds::check(tx, &whose, kind, plan.round.as_ref())? {
        return Ok(Err(refusal));
    }
    let all = queue::of_follower(tx, who, LOOKED_AT)?;
    if let Some((case, _)) =
        all.iter().find(|(_, case)| plan.pairs && case.kind == kind && case.status.is_live())
    {
        return Ok(Err(Refusal::OpenAlready { case: *case }));
    }
    if all.iter().filter(|(_, case)| !case.status.is_over()).count() >= usize::from(OPEN_MAX) {
        return Ok(Err(Refusal::TooManyOpen { max: OPEN_MAX }));
    }
    let (id, now) = (CaseId(next_number(tx, "cases")?), tx.moment().now);
    let case = Case {
        whose,
        follower: who.clone(),
        kind: kind.to_owned(),
        plan,
        status: Status::Draft,
        since: now,
        created: now,
        changed: now,
        submitted: None,
        step: 0,
        class: 0,
        urgent: false,
        decides: None,
        clock: Clock::default(),
        assignee: None,
        decided_by: Vec::new(),
        appeals: 0,
        moves: 0,
        entries: 0,
        outcome: None,
        rating: None,
        gave_place_back: false,
        unread: false,
        reported: false,
        erased: false,
    };
    queue::save(tx, id, None, &case)?;
    timers::set(tx, now.plus(DRAFT_KEPT), Timer::CaseDraft { case: id })?;
    Ok(Ok(id))
}

/// Notes an answer of a draft.
pub fn answer(tx: &mut Tx, own: &Own, name: &str, answer: &Answer) -> Result<Result<(), Refusal>, Fault> {
    if own.before.status != Status::Draft {
        return Ok(Err(Refusal::NotNow { status: own.before.status }));
    }
    let (now, key) = (tx.moment().now, (own.id, name.to_owned()));
    for picture in &answer.pictures {
        own_until(tx, *picture, now.plus(KEPT_WHILE_LIVE))?;
    }
    // Those that were taken out again go.
    for picture in tx.get(&CASE_ANSWERS, &key)?.map(|before| before.pictures).unwrap_or_default() {
        if !answer.pictures.contains(&picture) {
            own_until(tx, picture, now)?;
        }
    }
    tx.put(&CASE_ANSWERS, &key, answer)?;
    let case = Case { changed: now, ..own.before.clone() };
    queue::save(tx, own.id, Some(&own.before), &case)?;
    Ok(Ok(()))
}

/// Hands the draft in, by the form as it is now. `near`: a day that decides, for which it can't wait.
pub fn submit(
    tx: &mut Tx,
    own: &Own,
    plan: Plan,
    near: Option<Date>,
) -> Result<Result<Case, Refusal>, Fault> {
    if let Err(refusal) = rounds::check(tx, &own.before.whose, &own.before.kind, plan.round.as_ref())? {
        return Ok(Err(refusal));
    }
    let decides = near.and_then(|day| rules::before(day, tx.moment().now));
    let mut case = Case { plan, urgent: near.is_some(), decides, ..own.before.clone() };
    let moved = moves::go(tx, own.id, &own.before, &mut case, Act::Submit, Why::none(By::Follower))?;
    Ok(moved.map(|()| case))
}

/// Takes it back: possible until it is over.
pub fn withdraw(tx: &mut Tx, own: &Own) -> Result<Result<(), Refusal>, Fault> {
    let act = if own.before.status == Status::Draft { Act::Drop } else { Act::Withdraw };
    let mut case = own.before.clone();
    moves::go(tx, own.id, &own.before, &mut case, act, Why::none(By::Follower))
}

/// Can more be said to the staff?
pub fn takes_messages(status: Status) -> bool {
    matches!(status, Status::Open | Status::Asked | Status::Lapsed)
}

/// Says more, in words or by a picture. Where something was asked for, it is the answer.
pub fn say(
    tx: &mut Tx,
    own: &Own,
    words: &str,
    picture: Option<u64>,
) -> Result<Result<Case, Refusal>, Fault> {
    let mut case = own.before.clone();
    if !takes_messages(case.status) || case.erased {
        return Ok(Err(Refusal::NotNow { status: case.status }));
    }
    if case.entries >= u32::from(MESSAGES_MAX) {
        return Ok(Err(Refusal::TooManyMessages { max: MESSAGES_MAX }));
    }
    if let Err(refusal) = rounds::take_up(tx, &case)? {
        return Ok(Err(refusal));
    }
    let now = tx.moment().now;
    if let Some(picture) = picture {
        if entries::pictures(tx, own.id)?.len() >= usize::from(PICTURES_MAX) {
            return Ok(Err(Refusal::TooManyPictures { max: PICTURES_MAX }));
        }
        own_until(tx, picture, now.plus(KEPT_WHILE_LIVE))?;
    }
    (case.changed, case.unread) = (now, true);
    let words = Sealed::new(words.to_owned());
    let entry = Entry { at: now, by: By::Follower, what: What::Said, words, picture };
    entries::write_with(tx, own.id, &mut case, entry)?;
    queue::save(tx, own.id, Some(&own.before), &case)?;
    if case.status == Status::Open {
        return Ok(Ok(case));
    }
    let before = case.clone();
    let moved = moves::go(tx, own.id, &before, &mut case, Act::Answer, Why::none(By::Follower))?;
    Ok(moved.map(|()| case))
}

/// Does the end still ask for stars?
pub fn asks_for_stars(case: &Case) -> bool {
    case.status == Status::Closed && case.plan.rating && case.rating.is_none() && !case.erased
}

/// `stars`: 1 to 5.
pub fn rate(tx: &mut Tx, own: &Own, stars: u8) -> Result<Result<(), Refusal>, Fault> {
    if !asks_for_stars(&own.before) || !(1..=5).contains(&stars) {
        return Ok(Err(Refusal::NotToBeRated));
    }
    let mut case = Case { rating: Some(stars), changed: tx.moment().now, ..own.before.clone() };
    entries::write(tx, own.id, &mut case, By::Follower, What::Rated { stars }, "")?;
    queue::save(tx, own.id, Some(&own.before), &case)?;
    Ok(Ok(()))
}

/// Until when the follower may object, or why no more: once, within the form's days.
pub fn may_appeal(case: &Case, now: Time) -> Result<Time, Refusal> {
    let until = case.since.plus(DAY * u32::from(case.plan.appeal_days));
    match () {
        () if rules::leads(case.status, Act::Appeal).is_none() => {
            Err(Refusal::NotNow { status: case.status })
        }
        () if case.appeals > 0 => Err(Refusal::AppealedAlready),
        () if now > until || case.erased || case.plan.appeal_days == 0 => Err(Refusal::AppealOver { until }),
        () => Ok(until),
    }
}

/// 申请复核: another member of staff looks at it.
pub fn appeal(tx: &mut Tx, own: &Own, words: &str) -> Result<Result<(), Refusal>, Fault> {
    if let Err(refusal) = may_appeal(&own.before, tx.moment().now) {
        return Ok(Err(refusal));
    }
    if let Err(refusal) = rounds::take_up(tx, &own.before)? {
        return Ok(Err(refusal));
    }
    let mut case = Case { appeals: 1, assignee: None, unread: true, ..own.before.clone() };
    moves::go(tx, own.id, &own.before, &mut case, Act::Appeal, Why::because(By::Follower, "", words))
}
