//! The federation's list of members as it is entered: row by row, each once.

use super::application;
use super::identity::{self, NotAnIdentity};
use super::record::*;
use crate::domain::counters::{fresh_slot, next_number};
use crate::domain::tables::{BY_IDENTITY, COUNTERS, IMPORTS, KEY_BOOK_MARK, MEMBERS};
use crate::moment::Time;
use crate::store::{Bytes, COMMAND_WRITES_MAX, Fault, Sealed, Tx};

/// Rows entered by one command: each writes the member, what finds them, and two counters.
pub const ROWS_MAX: usize = COMMAND_WRITES_MAX / 5;

const NAME_CHARS_MAX: usize = 40;
const WORDS_CHARS_MAX: usize = 80;

/// One person as the list has them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Listed {
    pub name: String,
    pub identity: String,
    pub phone: Option<String>,
    pub district: String,
    pub union: String,
    /// As it was, if it isn't said; of who is new, `Full`.
    pub tier: Option<Tier>,
    pub state: Option<MemberState>,
    pub card: Option<ListedCard>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct ListedCard {
    pub number: String,
    pub bank: String,
    /// As that very card had it, if it isn't said; of another, in use.
    pub state: Option<CardState>,
    /// As that very card had it, if it isn't said; of another, no end.
    pub until: Option<Time>,
}

/// What is wrong with a row: its column, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRow {
    #[error("name: 1 to {NAME_CHARS_MAX} characters")]
    Name,
    #[error("identity: {0}")]
    Identity(#[from] NotAnIdentity),
    #[error("phone: a mobile number has 11 digits and begins with 1")]
    Phone,
    #[error("union: 1 to {WORDS_CHARS_MAX} characters")]
    Union,
    #[error("district: at most {WORDS_CHARS_MAX} characters")]
    District,
    #[error("tier: `full`, `interim` or `retained`")]
    Tier,
    #[error("state: `active`, `left` or `suspended`")]
    State,
    #[error("card.state: `active`, `lost` or `expired`")]
    CardState,
    #[error("card.until: a day such as 2027-12-31")]
    CardUntil,
    #[error("card: a card number has 12 to 19 digits")]
    Card,
    #[error("bank: 1 to {WORDS_CHARS_MAX} characters where there is a card")]
    Bank,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entered {
    Added(MemberId),
    Changed(MemberId),
    Unchanged(MemberId),
    /// The person had asked to be erased, and only staff enter them again, at their wish.
    Erased,
}

/// Brings a row into one form, or says what is wrong with it.
pub fn check(row: Listed, now: Time) -> Result<Listed, BadRow> {
    let name = identity::name(&row.name);
    let fits = |text: &str, max: usize| (1..=max).contains(&text.chars().count());
    if !fits(&name, NAME_CHARS_MAX) {
        return Err(BadRow::Name);
    }
    let identity = identity::parse(&row.identity, now.date())?;
    let phone = row.phone.map(|phone| phone.trim().to_owned()).filter(|phone| !phone.is_empty());
    if phone.as_ref().is_some_and(|phone| !is_mobile(phone)) {
        return Err(BadRow::Phone);
    }
    let (district, union) = (row.district.trim().to_owned(), row.union.trim().to_owned());
    if !fits(&union, WORDS_CHARS_MAX) {
        return Err(BadRow::Union);
    }
    if district.chars().count() > WORDS_CHARS_MAX {
        return Err(BadRow::District);
    }
    if let Some(card) = &row.card {
        if !(12..=19).contains(&card.number.len()) || !card.number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(BadRow::Card);
        }
        if !fits(card.bank.trim(), WORDS_CHARS_MAX) {
            return Err(BadRow::Bank);
        }
    }
    Ok(Listed { name, identity, phone, district, union, ..row })
}

pub fn is_mobile(phone: &str) -> bool {
    phone.len() == 11 && phone.starts_with('1') && phone.bytes().all(|b| b.is_ascii_digit())
}

/// Enters a checked row: a new member, or what changed of a known one. `again` enters who was erased, too.
pub fn enter(tx: &mut Tx, row: &Listed, again: bool) -> Result<Entered, Fault> {
    let index = index(tx, &row.identity)?;
    let known = match tx.get(&BY_IDENTITY, &index)? {
        Some(id) => tx.get(&MEMBERS, &id)?.map(|member| (id, member)),
        None => None,
    };
    match known {
        Some((id, member)) => match named(tx, &member)? {
            Some(known) => update(tx, id, member, &known, row),
            None if again => add(tx, id, row).map(|()| Entered::Added(id)),
            None => Ok(Entered::Erased),
        },
        None => {
            let id = MemberId(next_number(tx, "members")?);
            tx.put(&BY_IDENTITY, &index, &id)?;
            add(tx, id, row).map(|()| Entered::Added(id))
        }
    }
}

/// Whether the key book is the one that this store began with; the first is.
pub fn book_belongs(tx: &mut Tx) -> Result<bool, Fault> {
    const ONLY: u8 = 0;
    let mark = tx.index_of("key book", "")?;
    match tx.get(&KEY_BOOK_MARK, &ONLY)? {
        Some(known) => Ok(known == mark),
        None => tx.put(&KEY_BOOK_MARK, &ONLY, &mark).map(|()| true),
    }
}

/// By what an identity number is found.
pub fn index(tx: &Tx, identity: &str) -> Result<[u8; 16], Fault> {
    tx.index_of("identity", identity)
}

pub fn find(tx: &Tx, identity: &str) -> Result<Option<MemberId>, Fault> {
    find_by(tx, &index(tx, identity)?)
}

/// As [`find`], where only what finds the number is kept.
pub fn find_by(tx: &Tx, index: &[u8; 16]) -> Result<Option<MemberId>, Fault> {
    tx.get(&BY_IDENTITY, index)
}

/// The name that the list has with an identity number, by what finds it.
pub fn name_of(tx: &Tx, index: &[u8; 16]) -> Result<Option<String>, Fault> {
    let Some(id) = find_by(tx, index)? else { return Ok(None) };
    let Some(member) = tx.get(&MEMBERS, &id)? else { return Ok(None) };
    Ok(named(tx, &member)?.map(|named| named.name))
}

/// Are two names one, as people write them?
pub fn is_same_name(one: &str, other: &str) -> bool {
    letters(one) == letters(other)
}

/// By what it is known whether the person of an identity number has a name, where the name itself isn't kept: alike for names
/// that are one, and another for everybody.
pub fn name_index(tx: &Tx, identity: &str, name: &str) -> Result<[u8; 16], Fault> {
    tx.index_of("name", &format!("{identity} {}", letters(name)))
}

fn letters(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase()
}

/// What names the member; `None` if they were erased, also where an old copy of the row came back.
pub fn named(tx: &Tx, member: &Member) -> Result<Option<Named>, Fault> {
    match member.state {
        MemberState::Erased { .. } => Ok(None),
        _ => tx.open_for(member.slot, member.person.reveal()),
    }
}

/// Seals what names a person for a fresh slot.
pub fn seal_fresh(tx: &mut Tx, named: &Named) -> Result<(u64, Sealed<Bytes>), Fault> {
    let slot = fresh_slot(tx)?;
    Ok((slot, Sealed::new(tx.seal_for(slot, named)?)))
}

/// Rewrites what names a member.
pub fn rename(tx: &Tx, member: &mut Member, named: &Named) -> Result<(), Fault> {
    member.person = Sealed::new(tx.seal_for(member.slot, named)?);
    Ok(())
}

fn add(tx: &mut Tx, id: MemberId, row: &Listed) -> Result<(), Fault> {
    let (slot, person) = seal_fresh(tx, &of(row))?;
    let member = Member {
        state: row.state.unwrap_or_default(),
        tier: row.tier.unwrap_or_default(),
        district: row.district.clone(),
        union: row.union.clone(),
        slot,
        person,
        card: card(row, None),
        account: None,
        last_account: None,
        moved: None,
        moved_from: None,
        changes_union: false,
        transfer: None,
        changed: tx.moment().now,
    };
    tx.put(&MEMBERS, &id, &member)
}

/// What the list doesn't have is no news: a list without cards takes nobody's, one without their states leaves a lost one
/// lost, and the member may have told their phone here. Whom staff suspended stays so, and who left and is on the list again is back.
fn update(tx: &mut Tx, id: MemberId, before: Member, known: &Named, row: &Listed) -> Result<Entered, Fault> {
    let mut wanted = of(row);
    let same_card = before.card.as_ref().filter(|_| known.card == wanted.card);
    let listed_card = card(row, same_card);
    wanted.phone = wanted.phone.or_else(|| known.phone.clone());
    wanted.card = wanted.card.or_else(|| known.card.clone());
    let mut member = before.clone();
    member.state = match (before.state, row.state) {
        (MemberState::Suspended, None) => MemberState::Suspended,
        (_, listed) => listed.unwrap_or_default(),
    };
    member.tier = row.tier.unwrap_or(before.tier);
    member.union.clone_from(&row.union);
    if !row.district.is_empty() {
        member.district.clone_from(&row.district);
    }
    member.card = listed_card.or(member.card);
    if *known != wanted {
        rename(tx, &mut member, &wanted)?;
    }
    application::look_at_list(tx, id, &member)?;
    if member == before {
        return Ok(Entered::Unchanged(id));
    }
    member.changed = tx.moment().now;
    tx.put(&MEMBERS, &id, &member)?;
    Ok(Entered::Changed(id))
}

fn of(row: &Listed) -> Named {
    Named {
        name: row.name.clone(),
        identity: row.identity.clone(),
        phone: row.phone.clone(),
        card: row.card.as_ref().map(|card| card.number.clone()),
    }
}

/// `known`: what was known of a card with that number.
fn card(row: &Listed, known: Option<&Card>) -> Option<Card> {
    let card = row.card.as_ref()?;
    let state = card.state.or(known.map(|known| known.state)).unwrap_or_default();
    let until = card.until.or(known.and_then(|known| known.until));
    Some(Card { bank: card.bank.trim().to_owned(), state, until })
}

/// How far the import of a file is; one that never began begins.
pub fn import_of(tx: &mut Tx, file: &str) -> Result<Import, Fault> {
    match tx.get(&IMPORTS, &file.to_owned())? {
        Some(import) => Ok(import),
        None => begin_anew(tx, file),
    }
}

/// Begins to import a file of so many rows, or takes up a run that broke off. A file that was entered whole is entered
/// again, and so is one after which another began: what it had entered may be overwritten.
pub fn begin_import(tx: &mut Tx, file: &str, rows: u64) -> Result<Import, Fault> {
    let import = import_of(tx, file)?;
    let is_latest = tx.get(&COUNTERS, &RUNS.to_owned())?.is_none_or(|latest| latest == import.run);
    if import.done == 0 || (import.done < rows && is_latest) { Ok(import) } else { begin_anew(tx, file) }
}

/// Counts the runs.
const RUNS: &str = "member imports";

fn begin_anew(tx: &mut Tx, file: &str) -> Result<Import, Fault> {
    let import = Import { run: next_number(tx, RUNS)?, ..Import::default() };
    tx.put(&IMPORTS, &file.to_owned(), &import)?;
    Ok(import)
}

/// Rows that were offered out of turn: this many are done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutOfTurn(pub u64);

/// A row that could not be entered: how many rows were before it in the file, and why.
pub type Bad = (u64, BadRow);

/// Enters the rows that follow what is done of a file, all or none.
pub fn import(
    tx: &mut Tx,
    file: &str,
    first: u64,
    rows: &[Result<Listed, BadRow>],
) -> Result<Result<(Import, Vec<Bad>), OutOfTurn>, Fault> {
    let mut import = import_of(tx, file)?;
    if import.done != first {
        return Ok(Err(OutOfTurn(import.done)));
    }
    let mut bad = Vec::new();
    for row in rows {
        match row.clone().and_then(|row| check(row, tx.moment().now)) {
            Err(why) => {
                bad.push((import.done, why));
                import.bad += 1;
            }
            Ok(row) => match enter(tx, &row, false)? {
                Entered::Added(_) => import.added += 1,
                Entered::Changed(_) => import.changed += 1,
                Entered::Unchanged(_) => import.unchanged += 1,
                Entered::Erased => import.erased += 1,
            },
        }
        import.done += 1;
    }
    tx.put(&IMPORTS, &file.to_owned(), &import)?;
    Ok(Ok((import, bad)))
}
