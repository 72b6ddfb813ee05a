//! What came of the attempts.

use std::time::Duration;

use super::agenda::open;
use super::ledger::*;
use super::record::*;
use super::rules;
use super::take::{TAKE_MAX, save};
use crate::domain::contact::record::{Contact, FollowerId, Origin};
use crate::domain::tables::*;
use crate::store::{Fault, Tx};

/// With the pauses of [`back_off`] this is about four hours.
const TRIES_MAX: u8 = 10;

/// How long to wait before the next attempt, after so many.
pub(super) fn back_off(attempts: u8) -> Duration {
    Duration::from_secs(match attempts {
        0 | 1 => 5,
        2 => 15,
        3 => 60,
        4 => 300,
        _ => 1800,
    })
}

/// Writes down how attempts ended: the ledger, the counts, the follower's quotas. An outcome of an attempt that is not in
/// flight (settled before, or given up as interrupted) changes nothing. Too many errors stop the broadcast.
pub fn settle(tx: &mut Tx, id: u32, outcomes: &[(Recipient, Outcome)]) -> Result<(), Fault> {
    let (Some(mut broadcast), Some(mut run)) = (tx.get(&BROADCASTS, &id)?, tx.get(&RUNS, &id)?) else {
        return Ok(());
    };
    for (recipient, outcome) in outcomes {
        let key = (id, recipient.follower.clone());
        let flight = tx.get(&FLIGHTS, &key)?.filter(|flight| flight.serial == recipient.attempt);
        let Some(flight) = flight else { continue };
        tx.delete(&FLIGHTS, &key)?;
        run.counts.in_flight = run.counts.in_flight.saturating_sub(1);
        let mut settling =
            Settling { tx, broadcast: &mut broadcast, run: &mut run, who: &recipient.follower };
        settling.one(flight, outcome)?;
    }
    stop_if_too_bad(tx, &mut broadcast, &run)?;
    save(tx, &mut broadcast, &mut run)
}

struct Settling<'a, 't> {
    tx: &'a mut Tx<'t>,
    broadcast: &'a mut Broadcast,
    run: &'a mut Run,
    who: &'a FollowerId,
}

impl Settling<'_, '_> {
    fn one(&mut self, flight: Flight, outcome: &Outcome) -> Result<(), Fault> {
        match outcome {
            Outcome::SlowDown { until } => {
                self.run.hold_until = self.run.hold_until.max(Some(*until));
                self.again(&flight, flight.tries.saturating_sub(1), Duration::ZERO)
            }
            Outcome::Misconfigured { what } => {
                stop(self.tx, self.broadcast, what)?;
                self.again(&flight, flight.tries.saturating_sub(1), Duration::ZERO)
            }
            Outcome::Retry if flight.tries < TRIES_MAX => {
                self.again(&flight, flight.tries, back_off(flight.tries))
            }
            Outcome::Retry => self.failed(&flight, Reason::GaveUp),
            Outcome::Uncertain => self.uncertain(&flight),
            Outcome::Sent { msg_id } => self.sent(&flight, msg_id.as_deref()),
            Outcome::Shut(reason) => self.shut(&flight, *reason),
            Outcome::Rejected { code } => self.failed(&flight, Reason::Rejected(*code)),
        }
    }

    /// Surely not sent by this attempt. An earlier one with the same id may have been: the queue remembers.
    fn again(&mut self, flight: &Flight, tries: u8, pause: Duration) -> Result<(), Fault> {
        let repeat = flight.maybe.then_some((flight.way, flight.first));
        self.queue(Queued { tries, shut: flight.shut, repeat }, pause)
    }

    fn queue(&mut self, queued: Queued, pause: Duration) -> Result<(), Fault> {
        let at = self.tx.moment().now.plus(pause);
        self.tx.put(&QUEUED, &(self.broadcast.id, at, self.who.clone()), &queued)
    }

    fn sent(&mut self, flight: &Flight, msg_id: Option<&str>) -> Result<(), Fault> {
        let id = self.broadcast.id;
        let heard = flight.heard.as_ref().filter(|(heard, _)| Some(heard.as_str()) == msg_id);
        let heard = heard.map(|(_, finish)| *finish);
        self.spend(flight, |contact| {
            if let Some(msg_id) = msg_id.filter(|_| heard.is_none()) {
                contact.reach.await_result(msg_id, Origin::Broadcast(id));
            }
        })?;
        self.run.attempts += 1;
        self.end(heard.map_or(Entry::Sent { way: flight.way, delivered: false }, |f| f.entry(flight.way)))
    }

    fn uncertain(&mut self, flight: &Flight) -> Result<(), Fault> {
        if flight.way == Way::Template && flight.tries < TRIES_MAX {
            let repeat = Some((flight.way, flight.first));
            let queued = Queued { tries: flight.tries, shut: flight.shut, repeat };
            self.spend(flight, |_| {})?;
            return self.queue(queued, back_off(1));
        }
        self.maybe_sent(flight)
    }

    fn maybe_sent(&mut self, flight: &Flight) -> Result<(), Fault> {
        self.spend(flight, |_| {})?;
        (self.run.attempts, self.run.errors) = (self.run.attempts + 1, self.run.errors + 1);
        self.end(Entry::MaybeSent { way: flight.way })
    }

    /// On to the next way, if another is open.
    fn shut(&mut self, flight: &Flight, reason: Reason) -> Result<(), Fault> {
        let now = self.tx.moment().now;
        let Some(mut contact) = self.tx.get(&CONTACTS, self.who)? else { return self.failed(flight, reason) };
        self.learn(&mut contact, flight.way, reason);
        self.tx.put(&CONTACTS, self.who, &contact)?;
        let shut = flight.shut | flight.way.bit();
        match rules::way_to(&self.broadcast.plan, &contact, now, &self.run.limits, shut) {
            // The tries of one way say nothing of the next.
            Ok(_) if !flight.maybe => self.queue(Queued { tries: 0, shut, repeat: None }, Duration::ZERO),
            _ => self.failed(flight, reason),
        }
    }

    /// WeChat knows better than our counts.
    fn learn(&self, contact: &mut Contact, way: Way, reason: Reason) {
        match (reason, way) {
            (Reason::NotFollowing, _) => {
                contact.subscribed = false;
                contact.reach.left();
            }
            (Reason::WindowShut | Reason::QuotaUsed, Way::Custom) => contact.reach.shut_custom(),
            (Reason::Refused | Reason::QuotaUsed, Way::Subscription) => {
                if let Some(form) = &self.broadcast.plan.content.subscription {
                    contact.reach.refuse(&form.template_id);
                }
            }
            _ => {}
        }
    }

    /// This attempt sent nothing; an earlier one may have.
    fn failed(&mut self, flight: &Flight, reason: Reason) -> Result<(), Fault> {
        if flight.maybe {
            return self.maybe_sent(flight);
        }
        self.run.attempts += 1;
        self.run.errors += u32::from(is_error(reason));
        self.end(Entry::Failed(reason))
    }

    /// What may have been sent counts from the first doubt on, so that no other broadcast reckons with it meanwhile; its
    /// repeats don't count again.
    fn spend(&mut self, flight: &Flight, also: impl FnOnce(&mut Contact)) -> Result<(), Fault> {
        let now = self.tx.moment().now;
        let Some(mut contact) = self.tx.get(&CONTACTS, self.who)? else { return Ok(()) };
        if !flight.maybe {
            contact.reach.count_notice(now);
        }
        match flight.way {
            Way::Custom => contact.reach.spend_custom(now),
            Way::Subscription => {
                if let Some(form) = &self.broadcast.plan.content.subscription {
                    contact.reach.spend_consent(&form.template_id);
                }
            }
            Way::Template | Way::Mass => {}
        }
        also(&mut contact);
        self.tx.put(&CONTACTS, self.who, &contact)
    }

    fn end(&mut self, entry: Entry) -> Result<(), Fault> {
        self.run.counts.end(entry, 1);
        self.tx.put(&LEDGER, &(self.broadcast.id, self.who.clone()), &entry)
    }
}

/// Is it a sign that something is wrong with the broadcast, and not with the follower?
fn is_error(reason: Reason) -> bool {
    matches!(reason, Reason::Rejected(_) | Reason::GaveUp | Reason::UnknownId)
}

pub(super) fn stop(tx: &mut Tx, broadcast: &mut Broadcast, why: &str) -> Result<(), Fault> {
    if matches!(broadcast.state, State::Running | State::Paused) {
        broadcast.state = State::Stopped { why: why.chars().take(300).collect() };
        broadcast.changed = tx.moment().now;
        tx.put(&BROADCASTS, &broadcast.id, broadcast)?;
    }
    Ok(())
}

pub(super) fn stop_if_too_bad(tx: &mut Tx, broadcast: &mut Broadcast, run: &Run) -> Result<(), Fault> {
    let rule = run.limits.stop;
    let too_bad = u64::from(run.errors) * 100 >= u64::from(run.attempts) * u64::from(rule.percent);
    if broadcast.state != State::Running || run.attempts < rule.attempts_min || run.errors == 0 || !too_bad {
        return Ok(());
    }
    let why = format!("{} of {} attempts went wrong", run.errors, run.attempts);
    stop(tx, broadcast, &why)
}

/// What was in flight when the service died, at most `limit` of it; `true` if there is more. To be called before
/// anything is taken. A template message is repeated under its id as long as WeChat drops a second one, a mass send
/// likewise; of the rest nobody knows whether it went out, and it is not repeated.
pub fn interrupted(tx: &mut Tx, id: u32, limit: usize) -> Result<bool, Fault> {
    let (Some(mut broadcast), Some(mut run)) = (tx.get(&BROADCASTS, &id)?, tx.get(&RUNS, &id)?) else {
        return Ok(false);
    };
    let page = tx.scan(&FLIGHTS, &(id,), None, limit.clamp(1, TAKE_MAX))?;
    for (key, flight) in page.rows {
        tx.delete(&FLIGHTS, &key)?;
        run.counts.in_flight = run.counts.in_flight.saturating_sub(1);
        Settling { tx, broadcast: &mut broadcast, run: &mut run, who: &key.1 }.uncertain(&flight)?;
    }
    super::chunks::interrupted(tx, id)?;
    save(tx, &mut broadcast, &mut run)?;
    Ok(page.next.is_some())
}

impl Finish {
    fn entry(self, way: Way) -> Entry {
        match self {
            Finish::Delivered => Entry::Sent { way, delivered: true },
            Finish::Blocked => Entry::Failed(Reason::Blocked),
            Finish::Failed => Entry::Failed(Reason::Undelivered),
        }
    }
}

/// WeChat tells how a message ended (TEMPLATESENDJOBFINISH, subscribe_msg_sent_event) that the contact says was this
/// broadcast's.
pub fn finished(tx: &mut Tx, id: u32, who: &FollowerId, finish: Finish) -> Result<(), Fault> {
    let key = (id, who.clone());
    let (Some(mut run), Some(entry)) = (tx.get(&RUNS, &id)?, tx.get(&LEDGER, &key)?) else { return Ok(()) };
    if let Entry::Sent { way, delivered: false } = entry {
        let after = finish.entry(way);
        run.counts.correct(entry, after, 1);
        tx.put(&LEDGER, &key, &after)?;
        tx.put(&RUNS, &id, &run)?;
    }
    Ok(())
}

/// WeChat's word on a message came before our call was answered: it waits with the attempt. `false` if no broadcast is
/// writing to this follower.
pub fn heard_early(tx: &mut Tx, who: &FollowerId, msg_id: &str, finish: Finish) -> Result<bool, Fault> {
    for id in open(tx)? {
        let key = (id, who.clone());
        if let Some(mut flight) = tx.get(&FLIGHTS, &key)? {
            flight.heard = Some((msg_id.to_owned(), finish));
            tx.put(&FLIGHTS, &key, &flight)?;
            return Ok(true);
        }
    }
    Ok(false)
}
