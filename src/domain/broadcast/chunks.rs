//! Mass sends: up to 10,000 recipients a call, each call with an id of its own, so that a repeated one is known to
//! WeChat and done once (群发, clientmsgid; looked back at for 24 hours).

use std::time::Duration;

use super::agenda::open;
use super::fill::{self, Values};
use super::ledger::*;
use super::record::*;
use super::rules;
use super::take::{client_id, resting, running, save};
use crate::domain::contact::record::{FollowerId, Reach};
use crate::domain::tables::*;
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// WeChat refuses a mass send to one openid (40130).
const CHUNK_MIN: u32 = 2;
/// Within a minute the same id is refused (45066).
const REPEAT_WAIT: Duration = Duration::from_secs(61);
/// WeChat knows the id for 24 hours; after that a repeat would be another send.
const REPEAT_WINDOW: Duration = Duration::from_secs(23 * 3600);
const ATTEMPTS_MAX: u8 = 8;
/// More chunks than 1.5 million followers need; one scan reads them all.
const CHUNKS_MAX: usize = 1000;
/// Rows of the ledger read at once.
const LOOKED_AT: usize = 100;

/// The chunk that is being filled, and the full one before it. That one is held back until the next has two
/// recipients, so that one left over can be put into it.
pub(super) struct Filling {
    last: Option<(u32, Chunk)>,
    held: Option<(u32, Chunk)>,
    /// Full, and to be sent.
    due: Vec<(u32, Chunk)>,
}

impl Filling {
    pub(super) fn load(tx: &Tx, id: u32, run: &Run) -> Result<Filling, Fault> {
        let open = |number: Option<u32>| -> Result<Option<(u32, Chunk)>, Fault> {
            let Some(number) = number.filter(|number| *number > 0) else { return Ok(None) };
            let chunk = tx.get(&CHUNKS, &(id, number))?.filter(|chunk| chunk.state == ChunkState::Open);
            Ok(chunk.map(|chunk| (number, chunk)))
        };
        Ok(Filling { last: open(Some(run.chunks))?, held: open(run.chunks.checked_sub(1))?, due: Vec::new() })
    }

    /// Puts a recipient into the chunk whose number is returned.
    pub(super) fn add(&mut self, who: &FollowerId, run: &mut Run, now: Time) -> u32 {
        let room = run.limits.chunk_max.max(CHUNK_MIN + 1) - 1; // one place is kept for one left over
        match self.last.as_mut().filter(|(_, chunk)| chunk.count < room) {
            Some((_, chunk)) => chunk.extend(who),
            None => {
                run.chunks += 1;
                self.held = self.last.replace((run.chunks, Chunk::of(who)));
            }
        }
        if self.last.as_ref().is_some_and(|(_, last)| last.count >= CHUNK_MIN) {
            self.send(now, |filling| filling.held.take());
        }
        run.chunks
    }

    fn send(&mut self, now: Time, which: impl FnOnce(&mut Filling) -> Option<(u32, Chunk)>) {
        if let Some((number, mut chunk)) = which(self) {
            chunk.state = match chunk.count {
                0 => ChunkState::Unsent { reason: None, owed: None },
                _ => ChunkState::Due { at: now },
            };
            self.due.push((number, chunk));
        }
    }

    /// Nobody comes any more.
    pub(super) fn close(&mut self, tx: &mut Tx, id: u32, run: &mut Run) -> Result<(), Fault> {
        if let Some((number, alone)) = self.last.take_if(|(_, last)| last.count < CHUNK_MIN) {
            if let Some(who) = one_of(tx, id, number, &alone)? {
                let entry = match self.held.as_mut().filter(|(_, held)| held.count > 0) {
                    Some((before, held)) => {
                        held.extend(&who);
                        Entry::InChunk(*before)
                    }
                    None => {
                        give_back(tx, &who)?;
                        run.counts.end(Entry::Failed(Reason::Alone), 1);
                        Entry::Failed(Reason::Alone)
                    }
                };
                tx.put(&LEDGER, &(id, who), &entry)?;
            }
            tx.delete(&CHUNKS, &(id, number))?;
            run.chunks -= 1;
        }
        let now = tx.moment().now;
        self.send(now, |filling| filling.held.take());
        self.send(now, |filling| filling.last.take());
        Ok(())
    }

    pub(super) fn save(&self, tx: &mut Tx, id: u32) -> Result<(), Fault> {
        for (number, chunk) in self.due.iter().chain(&self.held).chain(&self.last) {
            tx.put(&CHUNKS, &(id, *number), chunk)?;
        }
        Ok(())
    }
}

impl Chunk {
    fn of(who: &FollowerId) -> Chunk {
        let (first, last) = (who.clone(), who.clone());
        Chunk {
            state: ChunkState::Open,
            count: 1,
            first,
            last,
            attempts: 0,
            begun: None,
            maybe: false,
            data_id: None,
            read: None,
        }
    }

    /// Those to be tried again come out of the ledger's order.
    fn extend(&mut self, who: &FollowerId) {
        self.count += 1;
        if *who < self.first {
            self.first = who.clone();
        }
        if *who > self.last {
            self.last = who.clone();
        }
    }
}

/// One mass send, to be made and settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkCall {
    pub number: u32,
    /// `b<broadcast>-<start>-<chunk>`
    pub client_id: String,
    pub count: u32,
    /// A repeat, which WeChat knows for one only until then: not begun by then, it is settled as [`Outcome::Retry`].
    pub not_after: Option<Time>,
    pub content: MassContent,
}

/// What is the same for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MassContent {
    /// The media id of a draft.
    Article(String),
    Text(String),
}

/// The next chunk that is due, the attempt on record; its recipients are read with [`members`].
pub fn take_chunk(tx: &mut Tx, id: u32) -> Result<Option<ChunkCall>, Fault> {
    let now = tx.moment().now;
    let Some((mut broadcast, mut run)) = running(tx, id)? else { return Ok(None) };
    if resting(&broadcast, &run, now).is_some() {
        return Ok(None);
    }
    for ((_, number), mut chunk) in tx.scan(&CHUNKS, &(id,), None, CHUNKS_MAX)?.rows {
        if !matches!(chunk.state, ChunkState::Due { at } if at <= now) {
            continue;
        }
        let key = (id, number);
        let begun = *chunk.begun.get_or_insert(now);
        if chunk.maybe && now >= begun.plus(REPEAT_WINDOW) {
            chunk.state = ChunkState::MaybeSent;
            run.counts.end(Entry::MaybeSent { way: Way::Mass }, chunk.count);
            tx.put(&CHUNKS, &key, &chunk)?;
            continue;
        }
        chunk.attempts = chunk.attempts.saturating_add(1);
        chunk.state = ChunkState::InFlight;
        tx.put(&CHUNKS, &key, &chunk)?;
        save(tx, &mut broadcast, &mut run)?;
        let call = content(&broadcast.plan.content).map(|content| ChunkCall {
            number,
            client_id: format!("{}-{number}", client_id(id, &run)),
            count: chunk.count,
            not_after: chunk.maybe.then(|| begun.plus(REPEAT_WINDOW)),
            content,
        });
        return Ok(call);
    }
    save(tx, &mut broadcast, &mut run)?;
    Ok(None)
}

fn content(content: &Content) -> Option<MassContent> {
    let text = || fill::fill(content.text.as_ref()?, &Values::default()).map(MassContent::Text);
    content.article.clone().map(MassContent::Article).or_else(text)
}

/// The chunk's recipients in order, from after `after`, a page at a time; the second is where to go on.
pub fn members(
    tx: &Tx,
    id: u32,
    number: u32,
    after: Option<FollowerId>,
    limit: usize,
) -> Result<(Vec<FollowerId>, Option<FollowerId>), Fault> {
    match tx.get(&CHUNKS, &(id, number))? {
        Some(chunk) => members_of(tx, (id, number), &chunk, after, limit),
        None => Ok((Vec::new(), None)),
    }
}

fn members_of(
    tx: &Tx,
    (id, number): (u32, u32),
    chunk: &Chunk,
    after: Option<FollowerId>,
    limit: usize,
) -> Result<(Vec<FollowerId>, Option<FollowerId>), Fault> {
    let mut members = Vec::new();
    let of_chunk = |entry| entry == Entry::InChunk(number);
    if after.is_none() && tx.get(&LEDGER, &(id, chunk.first.clone()))?.is_some_and(of_chunk) {
        members.push(chunk.first.clone()); // a scan begins after its cursor
    }
    let after = (id, after.unwrap_or_else(|| chunk.first.clone()));
    let page = tx.scan(&LEDGER, &(id,), Some(&after), limit.max(1))?;
    for ((_, who), entry) in page.rows {
        if who > chunk.last {
            return Ok((members, None));
        }
        if of_chunk(entry) {
            members.push(who);
        }
    }
    Ok((members, page.next.map(|(_, who)| who).filter(|who| *who < chunk.last)))
}

/// Somebody of a chunk, if anybody is left in it.
fn one_of(tx: &Tx, id: u32, number: u32, chunk: &Chunk) -> Result<Option<FollowerId>, Fault> {
    if chunk.count == 0 {
        return Ok(None);
    }
    let mut after = None;
    loop {
        let (found, next) = members_of(tx, (id, number), chunk, after, LOOKED_AT)?;
        if !found.is_empty() || next.is_none() {
            return Ok(found.into_iter().next());
        }
        after = next;
    }
}

/// Writes down how the call for a chunk ended.
pub fn settle_chunk(tx: &mut Tx, id: u32, number: u32, outcome: &Outcome) -> Result<(), Fault> {
    let (Some(mut broadcast), Some(mut run)) = (tx.get(&BROADCASTS, &id)?, tx.get(&RUNS, &id)?) else {
        return Ok(());
    };
    let Some(mut chunk) = tx.get(&CHUNKS, &(id, number))?.filter(|c| c.state == ChunkState::InFlight) else {
        return Ok(());
    };
    let now = tx.moment().now;
    chunk.state = match outcome {
        Outcome::Sent { msg_id } => {
            let msg_id = msg_id.clone().unwrap_or_default();
            run.counts.end(Entry::Sent { way: Way::Mass, delivered: false }, chunk.count);
            accepted(tx, id, number, &mut run, chunk.count, msg_id)?
        }
        Outcome::Retry if chunk.attempts >= ATTEMPTS_MAX => not_sent(&mut run, &chunk, Reason::GaveUp),
        Outcome::Retry => ChunkState::Due { at: now.plus(super::settle::back_off(chunk.attempts)) },
        Outcome::Uncertain if chunk.attempts >= ATTEMPTS_MAX => maybe_sent(&mut run, &chunk),
        Outcome::Uncertain => {
            chunk.maybe = true;
            ChunkState::Due { at: now.plus(REPEAT_WAIT) }
        }
        Outcome::SlowDown { until } => {
            run.hold_until = run.hold_until.max(Some(*until));
            chunk.attempts = chunk.attempts.saturating_sub(1);
            ChunkState::Due { at: *until }
        }
        Outcome::Shut(reason) => not_sent(&mut run, &chunk, *reason),
        Outcome::Rejected { code } => not_sent(&mut run, &chunk, Reason::Rejected(*code)),
        Outcome::Misconfigured { what } => {
            super::settle::stop(tx, &mut broadcast, what)?;
            chunk.attempts = chunk.attempts.saturating_sub(1);
            ChunkState::Due { at: now }
        }
    };
    if !matches!(outcome, Outcome::SlowDown { .. } | Outcome::Misconfigured { .. } | Outcome::Retry) {
        run.attempts += chunk.count;
    }
    if matches!(chunk.state, ChunkState::Unsent { .. } | ChunkState::MaybeSent) {
        run.errors += chunk.count;
    }
    tx.put(&CHUNKS, &(id, number), &chunk)?;
    super::settle::stop_if_too_bad(tx, &mut broadcast, &run)?;
    save(tx, &mut broadcast, &mut run)
}

/// This attempt sent nothing; an earlier one may have.
fn not_sent(run: &mut Run, chunk: &Chunk, reason: Reason) -> ChunkState {
    if chunk.maybe {
        return maybe_sent(run, chunk);
    }
    run.counts.end(Entry::Failed(reason), chunk.count);
    ChunkState::Unsent { reason: Some(reason), owed: Some(Owed::ToAll) }
}

fn maybe_sent(run: &mut Run, chunk: &Chunk) -> ChunkState {
    run.counts.end(Entry::MaybeSent { way: Way::Mass }, chunk.count);
    ChunkState::MaybeSent
}

/// WeChat took it. Its word on how it went may have come first.
fn accepted(
    tx: &mut Tx,
    broadcast: u32,
    number: u32,
    run: &mut Run,
    count: u32,
    msg_id: String,
) -> Result<ChunkState, Fault> {
    if msg_id.is_empty() {
        return Ok(ChunkState::Accepted { msg_id });
    }
    let early = tx.get(&MASS_JOBS, &msg_id)?;
    tx.put(&MASS_JOBS, &msg_id, &MassJob::Chunk { broadcast, number })?;
    Ok(match early {
        Some(MassJob::Early(end)) => finished(run, count, msg_id, end),
        _ => ChunkState::Accepted { msg_id },
    })
}

fn finished(run: &mut Run, count: u32, msg_id: String, end: MassEnd) -> ChunkState {
    if !end.failed {
        return ChunkState::Finished { msg_id, numbers: end.numbers };
    }
    let sent = Entry::Sent { way: Way::Mass, delivered: false };
    run.counts.correct(sent, Entry::Failed(Reason::Undelivered), count);
    ChunkState::Unsent { reason: Some(Reason::Undelivered), owed: Some(Owed::ToAll) }
}

/// WeChat tells the end of a mass send (MASSSENDJOBFINISH, or asked with mass/get); `false` if it is none of ours.
pub fn mass_finished(tx: &mut Tx, msg_id: &str, end: MassEnd) -> Result<bool, Fault> {
    let (id, number) = match tx.get(&MASS_JOBS, &msg_id.to_owned())? {
        Some(MassJob::Chunk { broadcast, number }) => (broadcast, number),
        Some(MassJob::Early(_)) => return Ok(true),
        None if is_sending(tx)? => {
            tx.put(&MASS_JOBS, &msg_id.to_owned(), &MassJob::Early(end))?;
            return Ok(true);
        }
        None => return Ok(false),
    };
    let (Some(mut run), Some(mut chunk)) = (tx.get(&RUNS, &id)?, tx.get(&CHUNKS, &(id, number))?) else {
        return Ok(true);
    };
    if let ChunkState::Accepted { msg_id } = chunk.state {
        chunk.state = finished(&mut run, chunk.count, msg_id, end);
        tx.put(&CHUNKS, &(id, number), &chunk)?;
        tx.put(&RUNS, &id, &run)?;
        if matches!(chunk.state, ChunkState::Unsent { .. }) {
            let now = tx.moment().now;
            tx.put(&OPEN_BROADCASTS, &id, &now)?; // what it cost its recipients is to be given back
        }
    }
    Ok(true)
}

/// Is a call for some chunk under way, whose id we don't know yet?
fn is_sending(tx: &Tx) -> Result<bool, Fault> {
    for id in open(tx)? {
        let chunks = tx.scan(&CHUNKS, &(id,), None, CHUNKS_MAX)?.rows;
        if chunks.iter().any(|(_, chunk)| chunk.state == ChunkState::InFlight) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Mass sends that WeChat took and has not told the end of, to be asked for with mass/get.
pub fn unfinished(tx: &Tx, id: u32) -> Result<Vec<String>, Fault> {
    let chunks = tx.scan(&CHUNKS, &(id,), None, CHUNKS_MAX)?.rows;
    let accepted = |(_, chunk): (_, Chunk)| match chunk.state {
        ChunkState::Accepted { msg_id } if !msg_id.is_empty() => Some(msg_id),
        _ => None,
    };
    Ok(chunks.into_iter().filter_map(accepted).collect())
}

/// A chunk that was in flight when the service died goes out again under its own id.
pub(super) fn interrupted(tx: &mut Tx, id: u32) -> Result<(), Fault> {
    let now = tx.moment().now;
    for (key, mut chunk) in tx.scan(&CHUNKS, &(id,), None, CHUNKS_MAX)?.rows {
        if chunk.state == ChunkState::InFlight {
            chunk.maybe = true;
            chunk.state = ChunkState::Due { at: now.plus(REPEAT_WAIT) };
            tx.put(&CHUNKS, &key, &chunk)?;
        }
    }
    Ok(())
}

pub(super) fn all(tx: &Tx, id: u32) -> Result<Vec<(u32, Chunk)>, Fault> {
    let chunks = tx.scan(&CHUNKS, &(id,), None, CHUNKS_MAX)?.rows;
    Ok(chunks.into_iter().map(|((_, number), chunk)| (number, chunk)).collect())
}

/// What this follower hears of has changed. They come out of chunks that wait, of which surely nothing was sent, if they
/// don't want them any more; `reach` is theirs, and gets back what was counted ahead.
pub fn withdraw(tx: &mut Tx, who: &FollowerId, reach: &mut Reach) -> Result<(), Fault> {
    for id in open(tx)? {
        let Some(Entry::InChunk(number)) = tx.get(&LEDGER, &(id, who.clone()))? else { continue };
        let (Some(mut broadcast), Some(mut run)) = (tx.get(&BROADCASTS, &id)?, tx.get(&RUNS, &id)?) else {
            continue;
        };
        let waits = |chunk: &Chunk| match chunk.state {
            ChunkState::Open => true,
            ChunkState::Due { .. } => !chunk.maybe,
            _ => false,
        };
        let chunk = tx.get(&CHUNKS, &(id, number))?.filter(waits);
        let (Some(mut chunk), Err(skip)) = (chunk, rules::hears(&broadcast.plan, reach)) else { continue };
        chunk.count -= 1;
        if chunk.count == 0 && chunk.state != ChunkState::Open {
            chunk.state = ChunkState::Unsent { reason: None, owed: None };
        }
        reach.uncount_mass(tx.moment().now);
        run.counts.end(Entry::Skipped(skip), 1);
        tx.put(&LEDGER, &(id, who.clone()), &Entry::Skipped(skip))?;
        tx.put(&CHUNKS, &(id, number), &chunk)?;
        save(tx, &mut broadcast, &mut run)?;
    }
    Ok(())
}

/// What was counted ahead did not happen.
pub(super) fn give_back(tx: &mut Tx, who: &FollowerId) -> Result<(), Fault> {
    let Some(mut contact) = tx.get(&CONTACTS, who)? else { return Ok(()) };
    contact.reach.uncount_mass(tx.moment().now);
    tx.put(&CONTACTS, who, &contact)
}

/// What the chunks of a broadcast came to, for its report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MassReport {
    pub chunks: u32,
    /// Of those WeChat has told the end of.
    pub finished: u32,
    pub numbers: Numbers,
}

pub fn report(tx: &Tx, id: u32) -> Result<MassReport, Fault> {
    let mut report = MassReport::default();
    for (_, chunk) in all(tx, id)? {
        report.chunks += 1;
        if let ChunkState::Finished { numbers, .. } = chunk.state {
            report.finished += 1;
            report.numbers.total += numbers.total;
            report.numbers.filtered += numbers.filtered;
            report.numbers.sent += numbers.sent;
            report.numbers.errors += numbers.errors;
        }
    }
    Ok(report)
}
