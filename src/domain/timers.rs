//! What is due at a time: rows that one runner takes, each a bounded step of a room's own.
//!
//! A timer names what it was set for; one whose cause is gone does nothing. What has more to do than a few rows
//! sets itself again.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::activity::manage::announce;
use crate::domain::activity::record::RegistrationNumber;
use crate::domain::activity::{attendance, draw, forget, kit, remind, review, waiting};
use crate::domain::benefit::record::CouponNumber;
use crate::domain::benefit::{draw as benefit_draw, keep, queue, remind as benefit_remind};
use crate::domain::case;
use crate::domain::case::record::CaseId;
use crate::domain::claim::record::ClaimId;
use crate::domain::claim::{moves, retain};
use crate::domain::contact::record::FollowerId;
use crate::domain::contact::shared;
use crate::domain::member::record::MemberId;
use crate::domain::member::standing::Person;
use crate::domain::member::{application, consent, parted};
use crate::domain::question;
use crate::domain::series::commands::make_round;
use crate::domain::tables::{MARKS, TIMERS, TIMERS_FAILING};
use crate::domain::trail::answers::{self, AnswerKey};
use crate::domain::trail::commands::{Note, append};
use crate::moment::{Moment, Time};
use crate::store::{Fault, Key, Store, SubmitError, Tx};

/// Each writes a bounded number of rows; together they fit a commit.
const FIRED_PER_COMMIT: usize = 8;
/// One that could not be done is tried again so much later.
const PUT_OFF: Duration = Duration::from_secs(600);
const FAILING_PAGE: usize = 100;

/// Stored, so a variant is never renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Timer {
    /// Tells the next few of those who signed up for an activity that it was moved or called off.
    Announce {
        activity: u32,
    },
    /// Draws the next few who take part in a release's draw.
    BenefitDraw {
        benefit: u32,
        release: Time,
    },
    CouponReminder {
        benefit: u32,
        number: u32,
    },
    CouponExpires {
        benefit: u32,
        number: u32,
    },
    /// Nobody told that it was used.
    CouponUnused {
        benefit: u32,
        number: u32,
    },
    /// Puts aside the next few of a provider's codes whose own end has come.
    CodesEnd {
        benefit: u32,
        after: Option<u32>,
    },
    /// Tells the next few who want to be told before a release.
    ReleaseReminder {
        benefit: u32,
        release: Time,
    },
    /// The next step of a draw.
    Draw {
        activity: u32,
    },
    /// Goes on with a waiting list that is longer than one commit moves up.
    MoveUp {
        activity: u32,
        session: u16,
    },
    /// Ends the next few applications that staff have not decided: the session begins.
    Undecided {
        activity: u32,
        session: u16,
        after: Option<u32>,
    },
    /// The time to accept a seat is over.
    OfferLapses {
        registration: RegistrationNumber,
        until: Time,
    },
    /// Reminds the next few of a session that begins so many hours later.
    Remind {
        activity: u32,
        session: u16,
        starts: Time,
        hours: u16,
        after: Option<u32>,
    },
    /// Marks the next few of those who did not come.
    Roll {
        activity: u32,
        session: u16,
        after: Option<u32>,
    },
    /// The next round of a series is to be made.
    Round {
        series: u32,
        round: u32,
    },
    /// The address of what was posted is no longer needed.
    EraseKit {
        registration: RegistrationNumber,
    },
    /// 注销: what somebody told for the next few of their sign-ups goes.
    Forget {
        whose: Person,
        after: Option<(u32, u16)>,
    },
    /// What was told for this sign-up goes: its session is over, or the time of its appeal.
    ForgetSignUp {
        registration: RegistrationNumber,
    },
    /// What was told for the next few sign-ups of a session goes: its time is over.
    ForgetSession {
        activity: u32,
        session: u16,
        after: Option<u32>,
    },
    /// Sets the timers above for the next few activities of an earlier version.
    ForgetOlder {
        after: Option<u32>,
    },
    /// A draft that nobody touched for long is dropped.
    ClaimDraft {
        claim: ClaimId,
    },
    /// What was asked for in that round is not there yet.
    ClaimReminder {
        claim: ClaimId,
        round: u16,
    },
    /// The time for what was asked for in that round is over.
    ClaimLapses {
        claim: ClaimId,
        round: u16,
    },
    /// Staff were to have moved it by then.
    ClaimOverdue {
        claim: ClaimId,
        number: u32,
    },
    /// What was told and sent for a claim that is over since that move is no longer needed.
    ClaimErase {
        claim: ClaimId,
        number: u32,
    },
    /// Sets the timer above for the next few claims of an earlier version.
    ClaimsOlder {
        after: Option<ClaimId>,
    },
    /// The accounts of the next few lines of a batch are no longer needed.
    BatchErase {
        batch: u64,
        after: Option<ClaimId>,
    },
    /// A question that nobody answered is forgotten, unless it was asked again.
    ForgetMissed {
        question: [u8; 16],
    },
    /// A draft of a case that nobody touched for long is dropped.
    CaseDraft {
        case: CaseId,
    },
    /// What was asked for by that move is not there yet.
    CaseReminder {
        case: CaseId,
        number: u32,
    },
    /// The time for what was asked for by that move is over.
    CaseLapses {
        case: CaseId,
        number: u32,
    },
    /// Staff were to have moved it by then.
    CaseOverdue {
        case: CaseId,
        number: u32,
    },
    /// What was told in a case that ended with that move is no longer needed.
    CaseErase {
        case: CaseId,
        number: u32,
    },
    /// The time to answer a proposal is over.
    CaseProposal {
        proposal: u64,
    },
    /// Two agreed to meet a while ago: do they wish to go on?
    CasePair {
        proposal: u64,
    },
    /// The list brought the union to which the member asked to go (转会).
    TransferListed {
        member: MemberId,
    },
    /// Whose that account was is no longer needed.
    ForgetParted {
        account: [u8; 16],
    },
    /// Consents that were taken back are no longer proof of anything.
    ForgetConsents {
        follower: FollowerId,
    },
    /// Destroys a slot of the key book: who it was for was erased a while ago.
    DestroyKey {
        slot: u64,
    },
    /// Answers that many were given in that span are no longer asked for.
    DropAnswers {
        span: u32,
    },
    /// Forgets the next few answers to staff that nobody asks for again.
    ForgetAnswers {
        after: Option<AnswerKey>,
    },
    /// What another version set and this one can't read: it waits for that one, and keeps no other waiting.
    #[serde(skip)]
    Unread(String),
}

impl Key for Timer {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Timer::Unread(text) => text.encode(out),
            timer => serde_json::to_string(timer).unwrap_or_default().encode(out),
        }
    }

    fn decode(from: &mut &[u8]) -> Option<Self> {
        let text = String::decode(from)?;
        Some(serde_json::from_str(&text).unwrap_or(Timer::Unread(text)))
    }
}

pub fn set(tx: &mut Tx, at: Time, timer: Timer) -> Result<(), Fault> {
    tx.put(&TIMERS, &(at, timer), &())
}

/// Sets a timer for now, the first time that a store sees this mark: what an earlier version left gets its timers so.
pub fn set_once(tx: &mut Tx, mark: &str, timer: Timer) -> Result<(), Fault> {
    let mark = mark.to_owned();
    if tx.get(&MARKS, &mark)?.is_some() {
        return Ok(());
    }
    let now = tx.moment().now;
    tx.put(&MARKS, &mark, &now)?;
    set(tx, now, timer)
}

pub fn clear(tx: &mut Tx, at: Time, timer: Timer) -> Result<(), Fault> {
    tx.delete(&TIMERS, &(at, timer))
}

/// Does what is due, each step in a commit of its own, and with it what comes due meanwhile: a walk over many rows keeps
/// nobody waiting. A step that fails is tried again by a later call.
pub async fn fire_due(store: &Store, now: impl Fn() -> Moment) -> Result<(), SubmitError> {
    loop {
        match store.submit(now(), fire).await {
            Ok(true) => {}
            Err(SubmitError::Fault(_) | SubmitError::Bug(_)) => return one_by_one(store, &now).await,
            over => return over.map(drop),
        }
    }
}

/// A row that can't be read, or a bug, stops what it is about and nothing else: no offer is kept for it past its time, and
/// no draw waits.
async fn one_by_one(store: &Store, now: &impl Fn() -> Moment) -> Result<(), SubmitError> {
    let mut failed = Ok(());
    for key in store.read(now(), |tx| due(tx)).await? {
        let alone = key.clone();
        match store.submit(now(), move |tx| fire_one(tx, &alone)).await {
            Err(error @ (SubmitError::Fault(_) | SubmitError::Bug(_))) => {
                let why = error.to_string();
                store.submit(now(), move |tx| put_off(tx, &key, &why)).await?;
                failed = Err(error);
            }
            done => done?,
        }
    }
    failed
}

/// Staff read of it on the trail once, and in each audit until it could be done.
fn put_off(tx: &mut Tx, key: &(Time, Timer), why: &str) -> Result<(), Fault> {
    let now = tx.moment().now;
    let (_, timer) = key;
    tx.delete(&TIMERS, key)?;
    set(tx, now.plus(PUT_OFF), timer.clone())?;
    if tx.get(&TIMERS_FAILING, timer)?.is_some() {
        return Ok(());
    }
    tx.put(&TIMERS_FAILING, timer, &now)?;
    let subject = format!("{timer:?}");
    append(tx, Note { who: "service", act: "timer.failed", subject: &subject, detail: why, done: false })
}

/// What could not be done when it was due, for `gonghui audit`.
pub fn failing(tx: &Tx, after: Option<Timer>) -> Result<(Vec<String>, Option<Timer>), Fault> {
    let page = tx.scan(&TIMERS_FAILING, &(), after.as_ref(), FAILING_PAGE)?;
    let told = |(timer, since): &(Timer, Time)| {
        format!(
            "{timer:?} could not be done since {since}: it is tried again every ten minutes, and the log says why it fails"
        )
    };
    Ok((page.rows.iter().map(told).collect(), page.next))
}

/// Does what the first few due timers are for; false if none was due.
pub(crate) fn fire(tx: &mut Tx) -> Result<bool, Fault> {
    let due = due(tx)?;
    for key in &due {
        fire_one(tx, key)?;
    }
    Ok(!due.is_empty())
}

fn due(tx: &Tx) -> Result<Vec<(Time, Timer)>, Fault> {
    let now = tx.moment().now;
    let first = tx.scan(&TIMERS, &(), None, FIRED_PER_COMMIT)?.rows;
    Ok(first.into_iter().map(|(key, ())| key).take_while(|(at, _)| *at <= now).collect())
}

fn fire_one(tx: &mut Tx, key: &(Time, Timer)) -> Result<(), Fault> {
    if tx.get(&TIMERS, key)?.is_none() {
        return Ok(()); // what came before it ended its cause
    }
    tx.delete(&TIMERS, key)?;
    if tx.get(&TIMERS_FAILING, &key.1)?.is_some() {
        tx.delete(&TIMERS_FAILING, &key.1)?; // kept if it fails again, as the whole step is then
    }
    match &key.1 {
        Timer::Announce { activity } => announce(tx, *activity)?,
        Timer::BenefitDraw { benefit, release } => benefit_draw::step(tx, *benefit, *release)?,
        Timer::CouponReminder { benefit, number } => {
            keep::remind(tx, CouponNumber { benefit: *benefit, number: *number })?;
        }
        Timer::CouponExpires { benefit, number } => {
            keep::expire(tx, CouponNumber { benefit: *benefit, number: *number })?;
        }
        Timer::CouponUnused { benefit, number } => {
            keep::unused(tx, CouponNumber { benefit: *benefit, number: *number })?;
        }
        Timer::CodesEnd { benefit, after } => queue::end(tx, *benefit, *after)?,
        Timer::ReleaseReminder { benefit, release } => benefit_remind::tell(tx, *benefit, *release)?,
        Timer::Draw { activity } => draw::run::step(tx, *activity)?,
        Timer::MoveUp { activity, session } => waiting::move_up(tx, *activity, *session)?,
        Timer::Undecided { activity, session, after } => {
            review::lapse(tx, *activity, *session, *after)?;
        }
        Timer::OfferLapses { registration, until } => waiting::lapse(tx, *registration, *until)?,
        Timer::Remind { activity, session, starts, hours, after } => {
            let session = remind::Due { activity: *activity, session: *session, starts: *starts };
            remind::remind(tx, session, *hours, *after)?;
        }
        Timer::Roll { activity, session, after } => attendance::roll(tx, *activity, *session, *after)?,
        Timer::Round { series, round } => make_round(tx, *series, *round)?,
        Timer::EraseKit { registration } => kit::erase(tx, *registration)?,
        Timer::Forget { whose, after } => forget::step(tx, whose, *after)?,
        Timer::ForgetSignUp { registration } => forget::sign_up(tx, *registration)?,
        Timer::ForgetSession { activity, session, after } => {
            forget::session(tx, *activity, *session, *after)?;
        }
        Timer::ForgetOlder { after } => forget::older(tx, *after)?,
        Timer::ClaimDraft { claim } => moves::drop_draft(tx, *claim)?,
        Timer::ClaimReminder { claim, round } => moves::remind(tx, *claim, *round)?,
        Timer::ClaimLapses { claim, round } => moves::lapse(tx, *claim, *round)?,
        Timer::ClaimOverdue { claim, number } => moves::overdue(tx, *claim, *number)?,
        Timer::ClaimErase { claim, number } => retain::erase(tx, *claim, *number)?,
        Timer::ClaimsOlder { after } => retain::older(tx, *after)?,
        Timer::BatchErase { batch, after } => retain::erase_batch(tx, *batch, *after)?,
        Timer::ForgetMissed { question: id } => question::commands::expire(tx, *id)?,
        Timer::CaseDraft { case } => case::moves::drop_draft(tx, *case)?,
        Timer::CaseReminder { case, number } => case::moves::remind(tx, *case, *number)?,
        Timer::CaseLapses { case, number } => case::moves::lapse(tx, *case, *number)?,
        Timer::CaseOverdue { case, number } => case::moves::overdue(tx, *case, *number)?,
        Timer::CaseErase { case, number } => case::erase::erase(tx, *case, *number)?,
        Timer::CaseProposal { proposal } => case::pairs::lapse(tx, *proposal)?,
        Timer::CasePair { proposal } => case::pairs::follow_up(tx, *proposal)?,
        Timer::TransferListed { member } => application::settle_by_list(tx, *member)?,
        Timer::ForgetParted { account } => parted::expire(tx, *account)?,
        Timer::ForgetConsents { follower } => consent::expire(tx, follower)?,
        Timer::DestroyKey { slot } => tx.destroy_key(*slot)?,
        Timer::DropAnswers { span } => shared::drop_some(tx, *span)?,
        Timer::ForgetAnswers { after } => answers::forget(tx, after.as_ref())?,
        Timer::Unread(_) => {
            return Err(Fault::Contradiction("a timer is of another version's".to_owned()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::domain::tables::{CATALOG, SHARED_ANSWERS, TRAIL};
    use crate::store::{Bytes, Table};

    #[tokio::test]
    async fn one_that_fails_keeps_no_other_waiting_and_is_tried_again_later() {
        const UNREADABLE: Table<(u32, u16, u32), String> = Table::durable(0x2c, "kits");
        let (store, at) =
            (Store::in_memory(CATALOG), Moment { now: Time::from_unix_s(1_790_000_000), seed: 7 });
        let registration = RegistrationNumber { activity: 1, session: 1, number: 1 };
        let set_both = move |tx: &mut Tx| {
            tx.put(&UNREADABLE, &registration.key(), &"no kit".to_owned())?;
            tx.put(&SHARED_ANSWERS, &(1, 0), &Bytes(Vec::new()))?;
            set(tx, at.now.minus(Duration::from_secs(1)), Timer::EraseKit { registration })?;
            set(tx, at.now, Timer::DropAnswers { span: 1 })
        };
        store.submit(at, set_both).await.unwrap();
        assert!(fire_due(&store, || at).await.is_err(), "it is said");
        assert!(fire_due(&store, || at).await.is_ok(), "once");
        let left = |tx: &mut Tx| {
            let timers = tx.scan(&TIMERS, &(), None, 9)?.rows;
            let answers = tx.scan(&SHARED_ANSWERS, &(1u32,), None, 9)?.rows.len();
            Ok((timers.into_iter().map(|(key, ())| key).collect::<Vec<_>>(), answers))
        };
        let later = (at.now.plus(PUT_OFF), Timer::EraseKit { registration });
        assert_eq!(store.read(at, left).await.unwrap(), (vec![later], 0));
    }

    #[tokio::test]
    async fn one_that_a_later_version_set_waits_for_it_and_keeps_no_other_waiting() {
        const LATER: Table<(Time, String), ()> = Table::durable(TIMERS.info().prefix, "timers");
        let (store, at) =
            (Store::in_memory(CATALOG), Moment { now: Time::from_unix_s(1_790_000_000), seed: 7 });
        let unknown = || "{\"Unheard\":{\"of\":1}}".to_owned();
        let set_both = move |tx: &mut Tx| {
            tx.put(&SHARED_ANSWERS, &(1, 0), &Bytes(Vec::new()))?;
            tx.put(&LATER, &(at.now.minus(Duration::from_secs(1)), unknown()), &())?;
            set(tx, at.now, Timer::DropAnswers { span: 1 })
        };
        store.submit(at, set_both).await.unwrap();
        assert!(fire_due(&store, || at).await.is_err(), "it is said");
        let left = |tx: &mut Tx| {
            let timers = tx.scan(&LATER, &(), None, 9)?.rows;
            let answers = tx.scan(&SHARED_ANSWERS, &(1u32,), None, 9)?.rows.len();
            Ok((timers.into_iter().map(|(key, ())| key).collect::<Vec<_>>(), answers))
        };
        assert_eq!(store.read(at, left).await.unwrap(), (vec![(at.now.plus(PUT_OFF), unknown())], 0));
    }

    #[tokio::test]
    async fn staff_are_told_once_of_what_fails_and_find_it_until_it_is_done() {
        const UNREADABLE: Table<(u32, u16, u32), String> = Table::durable(0x2c, "kits");
        let (store, at) =
            (Store::in_memory(CATALOG), Moment { now: Time::from_unix_s(1_790_000_000), seed: 7 });
        let registration = RegistrationNumber { activity: 1, session: 1, number: 1 };
        let set_it = move |tx: &mut Tx| {
            tx.put(&UNREADABLE, &registration.key(), &"no kit".to_owned())?;
            set(tx, at.now, Timer::EraseKit { registration })
        };
        store.submit(at, set_it).await.unwrap();
        let after = |minutes: u64| Moment { now: at.now.plus(Duration::from_secs(minutes * 60)), ..at };
        for minutes in [0, 10, 20] {
            fire_due(&store, || after(minutes)).await.unwrap_err();
        }
        let told = |tx: &mut Tx| {
            let acts = tx.scan(&TRAIL, &(), None, 9)?.rows.into_iter().map(|(_, entry)| entry.act);
            Ok((failing(tx, None)?.0, acts.collect::<Vec<_>>()))
        };
        let (failing, acts) = store.read(at, told).await.unwrap();
        assert!(
            matches!(&failing[..], [one] if one.contains("EraseKit") && one.contains("since 2026")),
            "{failing:?}"
        );
        assert_eq!(acts, ["timer.failed"]);
        store.submit(at, move |tx| tx.delete(&UNREADABLE, &registration.key())).await.unwrap();
        fire_due(&store, || after(30)).await.unwrap();
        assert_eq!(store.read(at, told).await.unwrap().0, [] as [String; 0]);
    }

    #[tokio::test]
    async fn what_comes_due_during_a_long_walk_does_not_wait_for_the_next_call() {
        let (store, start) =
            (Store::in_memory(CATALOG), Moment { now: Time::from_unix_s(1_790_000_000), seed: 7 });
        let after = move |seconds| start.now.plus(Duration::from_secs(seconds));
        let set_both = move |tx: &mut Tx| {
            for n in 0..1_000 {
                tx.put(&SHARED_ANSWERS, &(1, n), &Bytes(Vec::new()))?;
            }
            tx.put(&SHARED_ANSWERS, &(2, 0), &Bytes(Vec::new()))?;
            set(tx, after(0), Timer::DropAnswers { span: 1 })?;
            set(tx, after(2), Timer::DropAnswers { span: 2 })
        };
        store.submit(start, set_both).await.unwrap();
        let seconds = Cell::new(0);
        let now = || Moment { now: after(seconds.replace(seconds.get() + 1)), ..start };
        fire_due(&store, now).await.unwrap();
        let left = store.read(start, |tx: &mut Tx| Ok(tx.scan(&SHARED_ANSWERS, &(), None, 1)?.rows.len()));
        assert_eq!(left.await.unwrap(), 0);
    }
}
