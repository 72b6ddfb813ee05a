//! The public record of a draw as text: written piece by piece, and verified as a whole.

use std::collections::{BTreeMap, BTreeSet};

use super::record::{Choice, Draw, Drawn, Outcome};
use super::shuffle::{self, Room, Rooms};
use crate::domain::activity::record::{Activity, ActivityCode};
use crate::domain::tables::{DRAW_ENTRIES, DRAW_ORDER};
use crate::store::{Fault, Tx};

/// Where the text goes on.
#[derive(Debug, Clone, PartialEq)]
pub enum Cursor {
    Head,
    Entries(Option<(u32, u32)>),
    Results(Option<(u32, u8, [u8; 32])>),
}

/// The next piece, of at most `limit` tickets, and where the text goes on; before the draw there is but the promise.
pub fn piece(
    tx: &Tx,
    activity: &Activity,
    draw: &Draw,
    cursor: Cursor,
    limit: usize,
) -> Result<(String, Option<Cursor>), Fault> {
    match cursor {
        Cursor::Head => Ok((head(activity, draw), draw.is_done().then_some(Cursor::Entries(None)))),
        Cursor::Entries(after) => {
            let page = tx.scan(&DRAW_ENTRIES, &(activity.id,), after.as_ref(), limit)?;
            let lines = page.rows.iter().map(|((_, ticket), entry)| {
                shuffle::line(*ticket, entry.class, &entry.choices, draw.has_shares())
            });
            let mut text: String = lines.collect();
            let next = match page.next {
                Some(next) => Cursor::Entries(Some(next)),
                None => {
                    let hash = draw.list_hash.map(hex::encode).unwrap_or_default();
                    text.push_str(&format!("list {hash}\nseed {}\n", draw.seed.reveal()));
                    Cursor::Results(None)
                }
            };
            Ok((text, Some(next)))
        }
        Cursor::Results(after) => {
            let page = tx.scan(&DRAW_ORDER, &(activity.id,), after.as_ref(), limit)?;
            let mut text = String::new();
            for (_, ticket) in page.rows {
                let entry = tx.get(&DRAW_ENTRIES, &(activity.id, ticket))?;
                if let Some((choices, drawn)) = entry.and_then(|e| e.result.map(|drawn| (e.choices, drawn))) {
                    text.push_str(&result(ticket, &choices, &drawn));
                }
            }
            if page.next.is_none() {
                text.push_str("end\n");
            }
            Ok((text, page.next.map(|next| Cursor::Results(Some(next)))))
        }
    }
}

fn head(activity: &Activity, draw: &Draw) -> String {
    let at = activity.terms.mode.draw().map(|terms| terms.at).unwrap_or_default();
    let promise = format!("commitment {}\ndraw-at {at}\n", draw.commitment);
    match draw.done {
        Some(done) => {
            let header = shuffle::header(activity.id, &draw.seats, &draw.shares, draw.waiting_max);
            format!("{header}{promise}drawn {done}\nentries {}\n", draw.entries)
        }
        None => {
            let seats: Vec<u32> = activity.terms.sessions.iter().map(|session| session.capacity).collect();
            let quota = activity.terms.settings.quota.iter();
            let shares = quota.map(|quota| quota.shares.iter().map(|share| share.seats).collect());
            let shares: Vec<Vec<u32>> = shares.cycle().take(seats.len()).collect();
            let header = shuffle::header(activity.id, &seats, &shares, activity.terms.waiting_max);
            format!("{header}{promise}applications {}\n", draw.tickets)
        }
    }
}

/// `result 1 17 1:7:seat 2:4:lost`
fn result(ticket: u32, choices: &[Choice], drawn: &Drawn) -> String {
    let mut text = format!("result {} {ticket}", drawn.rank);
    for (choice, outcome) in choices.iter().zip(&drawn.outcomes) {
        let outcome = match outcome {
            Outcome::Seat => "seat".to_owned(),
            Outcome::Waits(place) => format!("waits-{place}"),
            Outcome::Lost => "lost".to_owned(),
        };
        text.push_str(&format!(" {}:{}:{outcome}", choice.session, choice.number));
    }
    text.push('\n');
    text
}

/// What a verified draw came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub activity: String,
    pub entries: usize,
    pub seated: usize,
    pub waiting: usize,
}

/// Recomputes a draw from its public record. `promised` is the commitment as it was published before the draw: a record
/// that was forged whole keeps the promise it names itself, but not that one.
///
/// # Errors
/// Everything that isn't as it must be, a sentence each.
pub fn verify(text: &str, promised: Option<&str>) -> Result<Verified, Vec<String>> {
    let read = Record::read(text).map_err(|problem| vec![problem])?;
    let mut problems = Vec::new();
    if hex::encode(shuffle::commitment(&read.seed)) != read.commitment {
        problems.push("the seed is not the one that was promised: its hash is another".to_owned());
    }
    if promised.is_some_and(|promised| !promised.trim().eq_ignore_ascii_case(&read.commitment)) {
        problems.push("the commitment is not the one that was published before the draw".to_owned());
    }
    let mut hash = shuffle::begin(&read.header);
    for entry in &read.entries {
        hash = shuffle::extend(&hash, &entry.line);
    }
    if hash != read.list_hash {
        problems.push("the list is not the one that was hashed: a line was changed".to_owned());
    }
    if read.entries.len() != read.count {
        problems.push(format!("the list has {} entries, not {}", read.entries.len(), read.count));
    }
    let tickets: BTreeSet<u32> = read.entries.iter().map(|entry| entry.ticket).collect();
    if tickets.len() != read.entries.len() {
        problems.push("a ticket is on the list twice".to_owned());
    }
    let expected = recompute(&read);
    for (index, line) in expected.iter().enumerate() {
        match read.results.get(index) {
            Some(found) if found == line => {}
            Some(found) => {
                problems.push(format!("place {}: says {found:?}, must be {line:?}", index + 1));
                break;
            }
            None => {
                problems.push(format!("place {} is missing: {line:?}", index + 1));
                break;
            }
        }
    }
    if read.results.len() > expected.len() {
        problems.push("there are more results than entries".to_owned());
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let count = |what: &str| expected.iter().filter(|line| line.contains(what)).count();
    Ok(Verified {
        activity: read.activity,
        entries: read.entries.len(),
        seated: count(":seat"),
        waiting: count(":waits-"),
    })
}

fn recompute(read: &Record) -> Vec<String> {
    let mut order: Vec<(u8, [u8; 32], &Line)> = Vec::new();
    for entry in &read.entries {
        order.push((entry.class, shuffle::place(&read.seed, &read.list_hash, entry.ticket), entry));
    }
    order.sort_by_key(|(class, place, _)| (*class, *place));
    let room = |(session, seats): (&u16, &u32)| {
        let shares = read.shares.range((*session, 0)..=(*session, u8::MAX));
        Room { free: *seats, waiting: 0, kept: shares.map(|(_, seats)| *seats).collect() }
    };
    let mut rooms = Rooms { rooms: read.seats.iter().map(room).collect(), waiting_max: read.waiting_max };
    let first: Vec<_> = match rooms.has_shares() {
        true => order.iter().map(|(.., entry)| rooms.seat_first(&entry.choices)).collect(),
        false => vec![None; order.len()],
    };
    let lines = (1..).zip(order.iter().zip(first)).map(|(rank, ((.., entry), first))| {
        let outcomes = first.unwrap_or_else(|| rooms.seat(&entry.choices));
        result(entry.ticket, &entry.choices, &Drawn { rank, outcomes }).trim_end().to_owned()
    });
    lines.collect()
}

/// A record as it was read.
#[derive(Default)]
struct Record {
    header: String,
    activity: String,
    seats: BTreeMap<u16, u32>,
    /// By session and share, from 1.
    shares: BTreeMap<(u16, u8), u32>,
    /// The second edition of the format: with shares.
    has_shares: bool,
    waiting_max: u16,
    commitment: String,
    count: usize,
    entries: Vec<Line>,
    list_hash: [u8; 32],
    seed: Vec<u8>,
    results: Vec<String>,
}

struct Line {
    line: String,
    ticket: u32,
    class: u8,
    choices: Vec<Choice>,
}

impl Record {
    fn read(text: &str) -> Result<Record, String> {
        if !text.lines().any(|line| line == "end") {
            return Err("the record is not whole: it has no `end`. Was the draw done yet?".to_owned());
        }
        let mut record = Record::default();
        let mut ended = false;
        for (index, line) in text.lines().enumerate() {
            if ended && !line.is_empty() {
                return Err(format!("line {}: something comes after the end", index + 1));
            }
            ended |= line == "end";
            record.take(line).ok_or_else(|| format!("line {}: {line:?} can't be read", index + 1))?;
        }
        let numbered = record.seats.keys().copied().eq(1..=record.seats.len() as u16);
        let shares = record.shares.len().checked_div(record.seats.len()).unwrap_or_default() as u8;
        let each = record.seats.keys().flat_map(|session| (1..=shares).map(move |share| (*session, share)));
        let shared = record.has_shares == (shares > 0) && record.shares.keys().copied().eq(each);
        if !numbered || !shared || record.activity.parse::<ActivityCode>().is_err() {
            return Err("the head of the record is not whole".to_owned());
        }
        Ok(record)
    }

    fn take(&mut self, line: &str) -> Option<()> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "gonghui" | "activity" | "seats" | "share" | "waiting" => {
                self.header.push_str(line);
                self.header.push('\n');
                self.head(word, rest)?;
            }
            "commitment" => rest.clone_into(&mut self.commitment),
            "entries" => self.count = rest.parse().ok()?,
            "entry" => self.entries.push(entry(line, self.has_shares)?),
            "list" => self.list_hash = hex::decode(rest).ok()?.try_into().ok()?,
            "seed" => self.seed = hex::decode(rest).ok()?,
            "result" => self.results.push(line.to_owned()),
            "draw-at" | "drawn" | "end" | "" => {}
            _ => return None,
        }
        Some(())
    }

    fn head(&mut self, word: &str, rest: &str) -> Option<()> {
        match word {
            "gonghui" => {
                self.has_shares = rest == "draw 2";
                (self.has_shares || rest == "draw 1").then_some(())
            }
            "activity" => {
                rest.clone_into(&mut self.activity);
                Some(())
            }
            "seats" => {
                let (session, seats) = rest.split_once(' ')?;
                self.seats.insert(session.parse().ok()?, seats.parse().ok()?);
                Some(())
            }
            "share" => {
                let (session, rest) = rest.split_once(' ')?;
                let (share, seats) = rest.split_once(' ')?;
                self.shares.insert((session.parse().ok()?, share.parse().ok()?), seats.parse().ok()?);
                Some(())
            }
            _ => {
                self.waiting_max = rest.parse().ok()?;
                Some(())
            }
        }
    }
}

fn entry(line: &str, has_shares: bool) -> Option<Line> {
    let mut parts = line.split(' ').skip(1);
    let (ticket, class) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let choice = |part: &str| {
        let mut numbers = part.split(':');
        let mut next = || numbers.next()?.parse::<u32>().ok();
        let (session, number, seats) = (next()?, next()?, next()?);
        let share = if has_shares { u8::try_from(next()?).ok()?.checked_sub(1) } else { None };
        let (session, seats) = (session.try_into().ok()?, seats.try_into().ok()?);
        next().is_none().then_some(Choice { session, number, seats, share })
    };
    let choices = parts.map(choice).collect::<Option<Vec<_>>>()?;
    (!choices.is_empty()).then(|| Line { line: format!("{line}\n"), ticket, class, choices })
}
