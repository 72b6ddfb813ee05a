//! Enrolment lists (参保名单): row by row, each person once. A list is one programme's; it may be one unit's, or name the
//! unit in each row.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::commands::{PolicyKey, in_force, key_of, policies, programme, programme_on, versions};
use super::join::{self, Joiner, NotJoined};
use super::record::*;
use super::refund::{Ended, Place};
use crate::domain::fund::ledger;
use crate::domain::fund::record::{About, Book, Entry, Kind};
use crate::domain::member::identity::{self, NotAnIdentity};
use crate::domain::member::list;
use crate::domain::tables::{ENDED_PLACES, ENROLMENTS, ENTERED_TERMS, POLICIES, UNIT_TERMS};
use crate::store::{COMMAND_WRITES_MAX, Fault, Tx};

/// Rows of one command: each writes a place, and perhaps an entry of its unit's in the fund's book.
pub const ROWS_MAX: usize = COMMAND_WRITES_MAX / 8;
/// Nobody had so many places of one programme ended.
const ENDED_MAX: usize = 100;
const NAME_CHARS_MAX: usize = 40;
const WORDS_CHARS_MAX: usize = 80;

/// What holds for a whole list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListTerms {
    pub scheme: String,
    pub programme: ProgrammeKey,
    /// Empty: rows name it, or people join singly.
    pub unit: String,
    pub district: String,
    /// The day of the entry, which a window must have.
    pub entered: Date,
    pub years: u8,
    pub shares: u8,
    pub class: Option<String>,
    /// How many people of the unit the programme is for, if that is known.
    #[serde(default)]
    pub people: Option<u32>,
    /// Who was taken out of the programme is entered again.
    #[serde(default)]
    pub again: bool,
    /// Everybody on it began to work for the unit after its window.
    #[serde(default)]
    pub new_hires: bool,
}

impl ListTerms {
    fn entry(&self, how: How) -> join::Entry {
        join::Entry { on: self.entered, how, new_hire: self.new_hires }
    }
}

/// How far the enrolment of one list is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    pub terms: ListTerms,
    /// Of the scheme's versions the one that it is entered by.
    pub version: u32,
    /// Rows taken, good or bad; the next is the one after.
    pub done: u64,
    pub entered: u64,
    /// In the programme, or one that it continues, already for these days, by this list or another: one counts.
    pub twice: u64,
    /// Rows whose shares above the programme's limit are void.
    pub void_shares: u64,
    pub bad: u64,
    /// Of those entered.
    pub premium: Fen,
}

/// One person of a list. What is empty holds as the list has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    pub name: String,
    pub identity: String,
    pub unit: String,
    pub district: String,
    pub shares: Option<u8>,
}

/// What is wrong with a row: its column, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRow {
    #[error("name: 1 to {NAME_CHARS_MAX} characters")]
    Name,
    #[error("identity: {0}")]
    Identity(#[from] NotAnIdentity),
    #[error("name: the federation's list has another name for this identity number")]
    OtherName,
    #[error("unit: at most {WORDS_CHARS_MAX} characters")]
    Unit,
    #[error("shares: 1 or more")]
    Shares,
    #[error(
        "identity: the person was taken out of this on {0}; enrol them with `again` if they are in it after all"
    )]
    Ended(Date),
    #[error("identity: {0}")]
    NotJoined(#[from] NotJoined),
}

/// Something that whoever sent the list should know of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    Bad(BadRow),
    /// Covered for these days already.
    Twice {
        until: Date,
    },
    VoidShares {
        asked: u8,
        given: u8,
    },
    /// The unit enrolled others of its people with another term or number of shares.
    Unlike {
        years: u8,
        shares: u8,
    },
}

/// Why a list isn't taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotEnrolled {
    #[error("no scheme of that name is adopted, or none of its versions has the programme")]
    Unknown,
    #[error("no window of the programme is open on that day")]
    NoWindow,
    #[error("the day of the entry is to come")]
    ToCome,
    #[error("the programme has no premium for this term or class")]
    NoPremium,
    #[error("the programme isn't joined through a unit: leave it out")]
    WrongWay,
    #[error("the list was begun with other terms")]
    OtherTerms,
    #[error("there is no such list: begin it first")]
    NotBegun,
    #[error("{0} rows of this list are done: go on from there")]
    OutOfTurn(u64),
}

impl NotEnrolled {
    pub fn code(&self) -> &'static str {
        match self {
            NotEnrolled::Unknown => "unknown_programme",
            NotEnrolled::NoWindow => "no_window",
            NotEnrolled::ToCome => "to_come",
            NotEnrolled::NoPremium => "no_premium",
            NotEnrolled::WrongWay => "wrong_way",
            NotEnrolled::OtherTerms => "other_terms",
            NotEnrolled::NotBegun => "not_begun",
            NotEnrolled::OutOfTurn(_) => "out_of_turn",
        }
    }
}

/// How far a list is, and what is told of the rows just taken, each with the number of rows before it.
pub type Taken = (Enrolment, Vec<(u64, Note)>);

/// What a premium is booked under: (policy year, district, unit).
type BookedUnder = (u16, String, String);

/// Begins a list, or finds how far it is; one of whose `rows` all are done begins anew, since who has left the
/// programme meanwhile may be in it again. `file` names its content and its terms.
pub fn begin(
    tx: &mut Tx,
    file: &str,
    terms: &ListTerms,
    rows: Option<u64>,
) -> Result<Result<Enrolment, NotEnrolled>, Fault> {
    match tx.get(&ENROLMENTS, &file.to_owned())? {
        Some(known) if known.terms != *terms => return Ok(Err(NotEnrolled::OtherTerms)),
        Some(known) if rows.is_none_or(|rows| known.done < rows) => return Ok(Ok(known)),
        _ => {}
    }
    if terms.entered > tx.moment().now.date() {
        return Ok(Err(NotEnrolled::ToCome));
    }
    let version = match version_of(tx, terms)? {
        Ok(version) => version,
        Err(no) => return Ok(Err(no)),
    };
    if let Err(no) = by_version(tx, terms, version)? {
        return Ok(Err(no));
    }
    let fresh = Enrolment {
        terms: terms.clone(),
        version,
        done: 0,
        entered: 0,
        twice: 0,
        void_shares: 0,
        bad: 0,
        premium: Fen::ZERO,
    };
    tx.put(&ENROLMENTS, &file.to_owned(), &fresh)?;
    Ok(Ok(fresh))
}

pub fn of(tx: &Tx, file: &str) -> Result<Option<Enrolment>, Fault> {
    tx.get(&ENROLMENTS, &file.to_owned())
}

/// The version whose fees and days hold for a list: of those with a window open on the day of the entry the one in force
/// when that window's cover begins, since next year's file may have this year's windows still; else the earliest.
fn version_of(tx: &Tx, terms: &ListTerms) -> Result<Result<u32, NotEnrolled>, Fault> {
    let mut known = versions(tx, &terms.scheme)?;
    known.sort_by_key(|(_, header)| header.in_force.from);
    let mut found = Err(NotEnrolled::Unknown);
    for (version, _) in known {
        let Some(programme) = programme(tx, &terms.scheme, version, &terms.programme)? else { continue };
        let wrong_way = !terms.unit.is_empty() && !programme.join.how.contains(&How::Unit);
        let opens = |how: &How| join::window(&programme, terms.entry(*how));
        let no = match programme.join.how.iter().find_map(opens) {
            _ if wrong_way => NotEnrolled::WrongWay,
            None => NotEnrolled::NoWindow,
            Some(window) => {
                let begins = window.cover_from.unwrap_or(terms.entered);
                let judges = in_force(tx, &terms.scheme, begins)?;
                if judges.is_some_and(|(in_force, _)| in_force == version) {
                    return Ok(Ok(version));
                }
                found = found.or(Ok(version));
                continue;
            }
        };
        found = found.or(Err(no));
    }
    Ok(found)
}

/// What a list of these terms is entered by.
fn by_version(
    tx: &Tx,
    terms: &ListTerms,
    version: u32,
) -> Result<Result<(Programme, Premium), NotEnrolled>, Fault> {
    let Some(programme) = programme(tx, &terms.scheme, version, &terms.programme)? else {
        return Ok(Err(NotEnrolled::Unknown));
    };
    let fits = |premium: &&Premium| premium.years == terms.years && premium.class == terms.class;
    Ok(match programme.premiums.iter().find(fits).cloned() {
        Some(premium) => Ok((programme, premium)),
        None => Err(NotEnrolled::NoPremium),
    })
}

/// Enters the rows that follow what is done of a list: all but the bad ones, or none.
pub fn enrol(
    tx: &mut Tx,
    file: &str,
    first: u64,
    rows: &[Row],
    by: &str,
) -> Result<Result<Taken, NotEnrolled>, Fault> {
    let Some(mut list) = tx.get(&ENROLMENTS, &file.to_owned())? else {
        return Ok(Err(NotEnrolled::NotBegun));
    };
    if list.done != first {
        return Ok(Err(NotEnrolled::OutOfTurn(list.done)));
    }
    // To its end by the version by which it was begun.
    let (programme, premium) = match by_version(tx, &list.terms, list.version)? {
        Ok(found) => found,
        Err(no) => return Ok(Err(no)),
    };
    let mut notes = Vec::new();
    let mut premiums: BTreeMap<BookedUnder, (u32, Fen)> = BTreeMap::new();
    for row in rows {
        match enter(tx, &list.terms, &programme, &premium, row)? {
            Err(bad) => {
                notes.push((list.done, Note::Bad(bad)));
                list.bad += 1;
            }
            Ok(Entered::Twice { until }) => {
                notes.push((list.done, Note::Twice { until }));
                list.twice += 1;
            }
            Ok(Entered::New { asked, given, under, fee, unlike }) => {
                notes.extend(unlike.map(|(years, shares)| (list.done, Note::Unlike { years, shares })));
                if asked > given {
                    notes.push((list.done, Note::VoidShares { asked, given }));
                    list.void_shares += 1;
                }
                let (people, sum) = premiums.entry(under).or_default();
                (*people, *sum) = (*people + 1, sum.plus(fee));
                list.premium = list.premium.plus(fee);
                list.entered += 1;
            }
        }
        list.done += 1;
    }
    book(tx, file, first, &list.terms, premiums, by)?;
    tx.put(&ENROLMENTS, &file.to_owned(), &list)?;
    Ok(Ok((list, notes)))
}

/// What became of a row.
enum Entered {
    Twice {
        until: Date,
    },
    /// `unlike`: the term and the shares that others of the unit have.
    New {
        asked: u8,
        given: u8,
        under: BookedUnder,
        fee: Fen,
        unlike: Option<(u8, u8)>,
    },
}

fn enter(
    tx: &mut Tx,
    terms: &ListTerms,
    programme: &Programme,
    premium: &Premium,
    row: &Row,
) -> Result<Result<Entered, BadRow>, Fault> {
    let person = match check(terms, row, tx.moment().now.date()) {
        Ok(person) => person,
        Err(bad) => return Ok(Err(bad)),
    };
    let index = list::index(tx, &person.identity)?;
    if !is_called(tx, &index, &person.name)? {
        return Ok(Err(BadRow::OtherName));
    }
    let how = if person.unit.is_empty() { How::Single } else { How::Unit };
    if !programme.join.how.contains(&how) {
        return Ok(Err(NotJoined::WrongWay.into()));
    }
    let Some(window) = join::window(programme, terms.entry(how)) else {
        return Ok(Err(NotJoined::NoWindow.into()));
    };
    // As if it were the first: what the person would be covered for by this list alone.
    let alone = match join::days(programme, premium, terms.entry(how), None) {
        Ok(alone) => alone,
        Err(no) => return Ok(Err(no.into())),
    };
    let all = policies(tx, &index)?;
    let same = |key: &str| key == programme.key || programme.cover.continues.iter().any(|other| other == key);
    let of_scheme = all.iter().filter(|(key, _)| key.scheme == terms.scheme && same(&key.programme));
    // Lists come in any order: what begins after these days is neither twice the same nor what this goes on from.
    let (begun, later): (Vec<_>, Vec<_>) = of_scheme.partition(|(key, _)| key.from <= alone.until);
    let own = |key: &PolicyKey| key.programme == programme.key;
    // A window that outlasts the cover has room for its renewal.
    let in_window = |policy: &Policy| {
        (window.from..=window.until).contains(&policy.entered) && policy.until >= window.until
    };
    // Who is covered is no new name.
    let is_known = |policy: &Policy| window.new_hires && policy.until >= terms.entered;
    let counts = |(key, policy): &&&(PolicyKey, Policy)| {
        policy.until >= alone.until || own(key) && (in_window(policy) || is_known(policy))
    };
    if let Some((_, policy)) = begun.iter().find(counts) {
        return Ok(Ok(Entered::Twice { until: policy.until }));
    }
    let previous = begun.iter().map(|(_, policy)| policy.until).max();
    let mut days = match join::days(programme, premium, terms.entry(how), previous) {
        Ok(days) => days,
        Err(no) => return Ok(Err(no.into())),
    };
    let next = later.iter().min_by_key(|(key, _)| key.from);
    if let Some((key, _)) = next {
        days.until = days.until.min(key.from.yesterday().unwrap_or(key.from));
    }
    let joiner = Joiner {
        born: identity::birthday(&person.identity),
        sex: identity::sex(&person.identity),
        district: &person.district,
        how,
    };
    if let Err(no) = join::may_join(&programme.join, &joiner, days.from) {
        return Ok(Err(no.into()));
    }
    let given = person.shares.min(premium.shares_max);
    let key = (index, terms.scheme.clone(), programme.key.clone(), key_of(days.from));
    if !terms.again
        && let Some(ended) = ended_within(tx, &key, days.until)?
    {
        return Ok(Err(BadRow::Ended(ended)));
    }
    let fee = premium.fee.times(u32::from(given));
    let policy = Policy {
        until: days.until,
        shares: given,
        how,
        unit: person.unit.clone(),
        district: person.district.clone(),
        entered: terms.entered,
        first_or_broken: days.first_or_broken,
        waiting_until: days.waiting_until,
        name: Some(list::name_index(tx, &person.identity, &person.name)?),
        premium: Some(fee),
    };
    tx.put(&POLICIES, &key, &policy)?;
    go_on_from(tx, &index, (&key, &policy), &all)?;
    let year = days.from.year().unsigned_abs();
    let unlike = unlike(tx, terms, programme, (year, &person.unit), given)?;
    let under = (year, person.district, person.unit);
    Ok(Ok(Entered::New { asked: person.shares, given, under, fee, unlike }))
}

/// What was entered as a first entry and goes on from a place that a list brought later waits for nothing.
fn go_on_from(
    tx: &mut Tx,
    person: &[u8; 16],
    ((_, scheme, programme, _), before): (&Place, &Policy),
    all: &[(PolicyKey, Policy)],
) -> Result<(), Fault> {
    let later = |(key, next): &&(PolicyKey, Policy)| {
        key.scheme == *scheme && next.first_or_broken && key.from > before.until
    };
    for (key, next) in all.iter().filter(later) {
        let Some(rules) = programme_on(tx, scheme, &key.programme, key.from)? else { continue };
        let follows = key.programme == *programme || rules.cover.continues.contains(programme);
        // Whether they were a new hire isn't kept; a window for these alone is found as any.
        let entry = join::Entry { on: next.entered, how: next.how, new_hire: true };
        if follows && join::goes_on(&rules, before.until, key.from, entry) {
            let place = (*person, scheme.clone(), key.programme.clone(), key_of(key.from));
            let goes_on = Policy { first_or_broken: false, waiting_until: None, ..next.clone() };
            tx.put(&POLICIES, &place, &goes_on)?;
        }
    }
    Ok(())
}

/// When a place of the same programme was ended that covered any of these days, whichever day it began.
fn ended_within(
    tx: &Tx,
    (person, scheme, programme, from): &Place,
    until: Date,
) -> Result<Option<Date>, Fault> {
    let prefix = (*person, scheme.clone(), programme.clone());
    let ended = tx.scan(&ENDED_PLACES, &prefix, None, ENDED_MAX)?.rows;
    let overlaps = |(_, _, _, begun): &Place, ended: &Ended| {
        *begun <= key_of(until) && *from <= key_of(ended.policy.until)
    };
    Ok(ended.iter().find(|(place, ended)| overlaps(place, ended)).map(|(_, ended)| ended.at.date()))
}

/// The term and the shares with which the unit began to enrol, if the programme wants one for all of it and this is another.
fn unlike(
    tx: &mut Tx,
    terms: &ListTerms,
    programme: &Programme,
    (year, unit): (u16, &str),
    shares: u8,
) -> Result<Option<(u8, u8)>, Fault> {
    if !programme.join.same_for_unit || unit.is_empty() {
        return Ok(None);
    }
    let key = (terms.scheme.clone(), programme.key.clone(), year, unit.to_owned());
    let own = (terms.years, shares);
    match tx.get(&UNIT_TERMS, &key)? {
        Some(first) => Ok(Some(first).filter(|first| *first != own)),
        None => tx.put(&UNIT_TERMS, &key, &own).map(|()| None),
    }
}

/// A row in one form, with what the list says for all.
struct Person {
    name: String,
    identity: String,
    unit: String,
    district: String,
    shares: u8,
}

fn check(terms: &ListTerms, row: &Row, today: Date) -> Result<Person, BadRow> {
    let name = identity::name(&row.name);
    if !(1..=NAME_CHARS_MAX).contains(&name.chars().count()) {
        return Err(BadRow::Name);
    }
    let or = |own: &str, of_list: &str| {
        if own.trim().is_empty() { of_list.to_owned() } else { own.trim().to_owned() }
    };
    let (unit, district) = (or(&row.unit, &terms.unit), or(&row.district, &terms.district));
    if unit.chars().count() > WORDS_CHARS_MAX || district.chars().count() > WORDS_CHARS_MAX {
        return Err(BadRow::Unit);
    }
    let shares = row.shares.unwrap_or(terms.shares);
    if shares == 0 {
        return Err(BadRow::Shares);
    }
    let identity = identity::parse(&row.identity, today)?;
    Ok(Person { name, identity, unit, district, shares })
}

/// Does the federation's list have the person under that name, if it has them at all? Whoever isn't on it yet is taken
/// as the list says; what is kept of them finds a number and tells whether a name is theirs, and names nobody.
fn is_called(tx: &Tx, index: &[u8; 16], name: &str) -> Result<bool, Fault> {
    Ok(list::name_of(tx, index)?.is_none_or(|known| list::is_same_name(&known, name)))
}

/// How many were entered for which term, and the premiums of these rows, in the fund's books: one sum for each policy year and unit. The one place where an
/// enrolment meets the ledger.
fn book(
    tx: &mut Tx,
    file: &str,
    first: u64,
    terms: &ListTerms,
    premiums: BTreeMap<BookedUnder, (u32, Fen)>,
    by: &str,
) -> Result<(), Fault> {
    for ((year, district, union), (count, amount)) in premiums {
        let term = (terms.scheme.clone(), terms.programme.clone(), year, terms.years);
        let entered = tx.get(&ENTERED_TERMS, &term)?.unwrap_or_default() + u64::from(count);
        tx.put(&ENTERED_TERMS, &term, &entered)?;
        if amount <= Fen::ZERO {
            continue; // a programme may be free
        }
        let entry = Entry {
            at: tx.moment().now,
            book: Book { scheme: terms.scheme.clone(), programme: terms.programme.clone(), year },
            kind: Kind::Premium,
            amount,
            about: About::Enrolments { file: file.to_owned(), first },
            district,
            union,
            count,
            counters: None,
            by: by.to_owned(),
            reason: String::new(),
        };
        ledger::book(tx, &entry)?;
    }
    Ok(())
}
