//! Who is next, each attempt on record before it is made.

use std::time::Duration;

use super::agenda::open;
use super::chunks::Filling;
use super::fill::{self, Values};
use super::ledger::*;
use super::record::*;
use super::rules;
use crate::domain::contact::record::{Contact, FollowerId};
use crate::domain::tables::*;
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// Recipients taken by one command, whatever is asked for.
pub const TAKE_MAX: usize = 200;
/// For so long after a first attempt WeChat drops a repeat with the same `client_msg_id` (10 minutes, 模板消息), less a
/// margin for the call itself.
pub const REPEAT_WINDOW: Duration = Duration::from_secs(9 * 60);
/// Another broadcast is writing to this follower at the moment; its count must be known first.
const BUSY_WAIT: Duration = Duration::from_secs(10);

/// The next recipients, at most `limit`; `online` is what a place that is none is called. Those to be tried again first, then on through the ledger. Who left, stopped,
/// chose other topics or had enough is skipped; who is reached by mass send goes into a chunk. None may come back though
/// there are more: [`agenda`](super::agenda::agenda) tells what is next.
pub fn take(tx: &mut Tx, id: u32, limit: usize, online: &str) -> Result<Vec<Recipient>, Fault> {
    let now = tx.moment().now;
    let Some((mut broadcast, mut run)) = running(tx, id)? else { return Ok(Vec::new()) };
    if resting(&broadcast, &run, now).is_some() {
        return Ok(Vec::new());
    }
    let limit = limit.clamp(1, TAKE_MAX);
    run.sending_since.get_or_insert(now);
    let filling = Filling::load(tx, id, &run)?;
    let values = Values::of_activity(tx, &broadcast.plan, online)?;
    let others = others_at_work(tx, id)?;
    let mut taking =
        Taking { tx, id, plan: &broadcast.plan, run: &mut run, filling, values, others, taken: Vec::new() };
    let looked_at = taking.queued(limit)?;
    if looked_at < limit {
        taking.ledger(limit - looked_at)?;
    }
    taking.close_chunks()?;
    let taken = taking.finish()?;
    save(tx, &mut broadcast, &mut run)?;
    Ok(taken)
}

pub(super) fn running(tx: &Tx, id: u32) -> Result<Option<(Broadcast, Run)>, Fault> {
    let Some(broadcast) = tx.get(&BROADCASTS, &id)?.filter(|b| b.state == State::Running) else {
        return Ok(None);
    };
    Ok(tx.get(&RUNS, &id)?.map(|run| (broadcast, run)))
}

/// Until when nothing may be sent, if it may not now.
pub(super) fn resting(broadcast: &Broadcast, run: &Run, now: Time) -> Option<Time> {
    let quiet = broadcast.plan.quiet.and_then(|quiet| quiet.until(now));
    let held = run.hold_until.filter(|until| *until > now);
    quiet.max(held)
}

/// Writes the run; and the broadcast too if that was the end of it. What is over is to be tidied up, also when something
/// comes back to it later.
pub(super) fn save(tx: &mut Tx, broadcast: &mut Broadcast, run: &mut Run) -> Result<(), Fault> {
    let now = tx.moment().now;
    if broadcast.state == State::Running && run.taken_all && run.counts.pending == 0 {
        broadcast.state = State::Done { at: now };
        broadcast.changed = now;
        tx.put(&BROADCASTS, &broadcast.id, broadcast)?;
    }
    if broadcast.state.is_over() && !run.cleaned {
        tx.put(&OPEN_BROADCASTS, &broadcast.id, &now)?;
    }
    tx.put(&RUNS, &broadcast.id, run)
}

/// Broadcasts at work at the same time; there are rarely any.
fn others_at_work(tx: &Tx, id: u32) -> Result<Vec<u32>, Fault> {
    let mut others = Vec::new();
    for other in open(tx)?.into_iter().filter(|other| *other != id) {
        if tx.get(&RUNS, &other)?.is_some_and(|run| run.counts.in_flight > 0) {
            others.push(other);
        }
    }
    Ok(others)
}

struct Taking<'a, 't> {
    tx: &'a mut Tx<'t>,
    id: u32,
    plan: &'a Plan,
    run: &'a mut Run,
    filling: Filling,
    /// What the placeholders stand for, the same for all.
    values: Values,
    others: Vec<u32>,
    taken: Vec<Recipient>,
}

impl Taking<'_, '_> {
    fn now(&self) -> Time {
        self.tx.moment().now
    }

    /// Those whose time to be tried again has come; how many were looked at.
    fn queued(&mut self, limit: usize) -> Result<usize, Fault> {
        let page = self.tx.scan(&QUEUED, &(self.id,), None, limit)?;
        let now = self.now();
        let mut looked_at = 0;
        for (key, queued) in page.rows {
            if key.1 > now {
                break;
            }
            looked_at += 1;
            self.tx.delete(&QUEUED, &key)?;
            self.next(key.2, queued)?;
        }
        Ok(looked_at)
    }

    fn ledger(&mut self, limit: usize) -> Result<(), Fault> {
        if self.run.taken_all {
            return Ok(());
        }
        let after = self.run.taken_to.as_ref().map(|who| (self.id, who.clone()));
        let page = self.tx.scan(&LEDGER, &(self.id,), after.as_ref(), limit)?;
        for ((_, who), entry) in page.rows {
            if entry == Entry::Pending {
                self.next(who.clone(), Queued::default())?;
            }
            self.run.taken_to = Some(who);
        }
        self.run.taken_all = page.next.is_none();
        Ok(())
    }

    fn next(&mut self, who: FollowerId, queued: Queued) -> Result<(), Fault> {
        let now = self.now();
        if let Some((way, first)) = queued.repeat {
            return self.repeat(who, way, first, queued);
        }
        let Some(contact) = self.tx.get(&CONTACTS, &who)? else {
            return self.end(&who, Entry::Skipped(Skip::Left));
        };
        for other in &self.others {
            if self.tx.get(&FLIGHTS, &(*other, who.clone()))?.is_some() {
                return self.tx.put(&QUEUED, &(self.id, now.plus(BUSY_WAIT), who), &queued);
            }
        }
        match rules::way_to(self.plan, &contact, now, &self.run.limits, queued.shut) {
            Err(skip) => self.end(&who, Entry::Skipped(skip)),
            Ok(Way::Mass) => self.put_in_chunk(who, contact),
            Ok(way) => self.send(who, way, now, queued),
        }
    }

    /// It may have been sent. The same id makes a repeat harmless for a while; after that nobody can tell. Who has said
    /// meanwhile that they don't want it doesn't get it now.
    fn repeat(&mut self, who: FollowerId, way: Way, first: Time, queued: Queued) -> Result<(), Fault> {
        let now = self.now();
        let wants = |contact: &Contact| contact.subscribed && rules::hears(self.plan, &contact.reach).is_ok();
        let wants_it = self.tx.get(&CONTACTS, &who)?.as_ref().is_some_and(wants);
        match wants_it && now < first.plus(REPEAT_WINDOW) {
            true => self.send(who, way, first, queued),
            false => self.end(&who, Entry::MaybeSent { way }),
        }
    }

    fn send(&mut self, who: FollowerId, way: Way, first: Time, queued: Queued) -> Result<(), Fault> {
        let values = self.values.of_follower(self.tx, &who)?;
        let Some(message) = message(self.id, self.run, self.plan, way, &values) else {
            return self.end(&who, Entry::Skipped(Skip::NothingToSay));
        };
        self.run.serial += 1;
        let (serial, tries) = (self.run.serial, queued.tries.saturating_add(1));
        let maybe = queued.repeat.is_some();
        let flight = Flight { way, serial, tries, shut: queued.shut, first, maybe, heard: None };
        self.tx.put(&FLIGHTS, &(self.id, who.clone()), &flight)?;
        self.run.counts.in_flight += 1;
        let not_after = maybe.then(|| first.plus(REPEAT_WINDOW));
        self.taken.push(Recipient { follower: who, attempt: serial, not_after, message });
        Ok(())
    }

    /// The month's quota counts from here, so that no other broadcast reckons with it.
    fn put_in_chunk(&mut self, who: FollowerId, mut contact: Contact) -> Result<(), Fault> {
        let now = self.now();
        contact.reach.count_mass(now);
        contact.reach.count_notice(now);
        self.tx.put(&CONTACTS, &who, &contact)?;
        let number = self.filling.add(&who, self.run, now);
        self.tx.put(&LEDGER, &(self.id, who), &Entry::InChunk(number))
    }

    fn end(&mut self, who: &FollowerId, entry: Entry) -> Result<(), Fault> {
        self.run.counts.end(entry, 1);
        self.tx.put(&LEDGER, &(self.id, who.clone()), &entry)
    }

    /// The last chunk is closed when nobody can come into it any more.
    fn close_chunks(&mut self) -> Result<(), Fault> {
        let waits = self.tx.scan(&QUEUED, &(self.id,), None, 1)?;
        if self.run.taken_all && self.run.counts.in_flight == 0 && waits.rows.is_empty() {
            self.filling.close(self.tx, self.id, self.run)?;
        }
        Ok(())
    }

    fn finish(self) -> Result<Vec<Recipient>, Fault> {
        self.filling.save(self.tx, self.id)?;
        Ok(self.taken)
    }
}

fn message(id: u32, run: &Run, plan: &Plan, way: Way, values: &Values) -> Option<Message> {
    let content = &plan.content;
    match way {
        Way::Custom => fill::fill(content.text.as_ref()?, values).map(|text| Message::Custom { text }),
        Way::Template => {
            let form = fill::fill_form(content.template.as_ref()?, values)?;
            Some(Message::Template { form, client_id: client_id(id, run) })
        }
        Way::Subscription => {
            fill::fill_form(content.subscription.as_ref()?, values).map(|form| Message::Subscription { form })
        }
        Way::Mass => None,
    }
}

/// One for all recipients: WeChat tells repeats apart by follower and id. With the time of the start, since a store that
/// was made anew counts its broadcasts from 1 again and WeChat would take them for those it knows.
pub(super) fn client_id(id: u32, run: &Run) -> String {
    format!("b{id}-{}", run.started.unix_s())
}
