//! Schemes in the store: adopted once and never changed.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use jiff::civil::Date;

use super::file::SchemeFile;
use super::record::*;
use super::rules::Cover;
use crate::domain::member::list;
use crate::domain::tables::{POLICIES, PROGRAMMES, SCHEMES};
use crate::store::{Fault, Tx};

/// Of a programme's JSON in one row. A row holds few kilobytes.
const PART_BYTES: usize = 6_000;
/// Nobody has so many places, and no scheme so many versions.
const LOOKED_AT: usize = 500;

/// What an adoption did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Adopted {
    /// Versions that are new.
    pub new: Vec<(String, u32)>,
}

/// Why a version isn't adopted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Clash {
    #[error(
        "{scheme} {version}: {what} differs from what was adopted; write a new version in a file of its own"
    )]
    Changed { scheme: String, version: u32, what: String },
    #[error("{scheme} {version}: is in force from the same day as version {other}")]
    SameDay { scheme: String, version: u32, other: u32 },
    #[error(
        "{scheme} {version}: is in force from {from}, which isn't after today, so it would judge what people were told \
         otherwise of; write `backdated = true` beside it if that is meant"
    )]
    Past { scheme: String, version: u32, from: Date },
}

/// Takes the files' versions into the store. A version that is there already stays as it is, also when its file is
/// gone; one that changed is refused, and nothing is written then.
pub fn adopt(tx: &mut Tx, files: &[SchemeFile]) -> Result<Result<Adopted, Vec<Clash>>, Fault> {
    let (mut clashes, mut adopted) = (Vec::new(), Adopted::default());
    let mut fresh = Vec::new();
    for file in files {
        let key = (file.scheme.clone(), file.version);
        match tx.get(&SCHEMES, &key)? {
            Some(known) => clashes.extend(changed(tx, file, &known)?),
            None => {
                let others = versions(tx, &file.scheme)?;
                let of_files = files.iter().filter(|other| other.scheme == file.scheme);
                let mut days = others
                    .iter()
                    .map(|(version, header)| (*version, header.in_force.from))
                    .chain(of_files.map(|other| (other.version, other.in_force.from)));
                let same =
                    days.find(|(version, from)| *version != file.version && *from == file.in_force.from);
                let (scheme, version) = (file.scheme.clone(), file.version);
                let InForce { from, backdated, .. } = file.in_force;
                // Where none was adopted before, nobody was told anything.
                let past = !others.is_empty() && from <= tx.moment().now.date() && !backdated;
                clashes.extend(match same {
                    Some((other, _)) => Some(Clash::SameDay { scheme, version, other }),
                    None => past.then_some(Clash::Past { scheme, version, from }),
                });
                adopted.new.push(key);
                fresh.push(file);
            }
        }
    }
    if !clashes.is_empty() {
        return Ok(Err(clashes));
    }
    for file in fresh {
        write(tx, file)?;
    }
    Ok(Ok(adopted))
}

fn write(tx: &mut Tx, file: &SchemeFile) -> Result<(), Fault> {
    for programme in &file.programmes {
        let json = serde_json::to_string(programme)
            .map_err(|error| Fault::Unencodable { table: "programmes", detail: error.to_string() })?;
        let mut rest = json.as_str();
        for part in 0..=u8::MAX {
            let (here, there) = rest.split_at(rest.floor_char_boundary(PART_BYTES.min(rest.len())));
            let key = (file.scheme.clone(), file.version, programme.key.clone(), part);
            tx.put(&PROGRAMMES, &key, &here.to_owned())?;
            rest = there;
            if rest.is_empty() {
                break;
            }
        }
    }
    let header = header(file, tx.moment().now);
    tx.put(&SCHEMES, &(file.scheme.clone(), file.version), &header)
}

fn header(file: &SchemeFile, adopted: crate::moment::Time) -> SchemeHeader {
    let head = |programme: &Programme| ProgrammeHead {
        key: programme.key.clone(),
        title: programme.title.clone(),
        kinds: programme.kinds(),
    };
    SchemeHeader {
        title: file.title.clone(),
        in_force: file.in_force,
        assumed: file.assumed.clone(),
        programmes: file.programmes.iter().map(head).collect(),
        adopted,
    }
}

/// What of an adopted version the file has otherwise. Comments and examples may change.
fn changed(tx: &Tx, file: &SchemeFile, known: &SchemeHeader) -> Result<Vec<Clash>, Fault> {
    let clash = |what: String| Clash::Changed { scheme: file.scheme.clone(), version: file.version, what };
    let mut clashes = Vec::new();
    let wanted = header(file, known.adopted);
    if wanted != *known {
        clashes.push(clash("its title, days, assumptions or list of programmes".to_owned()));
    }
    for wanted in &file.programmes {
        let there = programme(tx, &file.scheme, file.version, &wanted.key)?;
        if there.is_some_and(|there| there != *wanted) {
            clashes.push(clash(format!("the programme `{}`", wanted.key)));
        }
    }
    Ok(clashes)
}

/// Adopted versions of a scheme, oldest number first.
pub fn versions(tx: &Tx, scheme: &str) -> Result<Vec<(u32, SchemeHeader)>, Fault> {
    let page = tx.scan(&SCHEMES, &(scheme.to_owned(),), None, LOOKED_AT)?;
    Ok(page.rows.into_iter().map(|((_, version), header)| (version, header)).collect())
}

/// Everything that was adopted.
pub fn schemes(tx: &Tx) -> Result<Vec<(String, u32, SchemeHeader)>, Fault> {
    let page = tx.scan(&SCHEMES, &(), None, LOOKED_AT)?;
    Ok(page.rows.into_iter().map(|((scheme, version), header)| (scheme, version, header)).collect())
}

/// The version that judges what happens on that day.
pub fn in_force(tx: &Tx, scheme: &str, day: Date) -> Result<Option<(u32, SchemeHeader)>, Fault> {
    let versions = versions(tx, scheme)?;
    let begun = versions.into_iter().filter(|(_, header)| header.in_force.from <= day);
    let latest = begun.max_by_key(|(_, header)| header.in_force.from);
    Ok(latest.filter(|(_, header)| header.in_force.until.is_none_or(|until| day <= until)))
}

/// The rules that hold for places of a programme on that day. A version without it takes nobody in; places that run go on
/// by the one before.
pub fn programme_on(tx: &Tx, scheme: &str, key: &str, day: Date) -> Result<Option<Programme>, Fault> {
    let has_it = |header: &SchemeHeader| header.programmes.iter().any(|head| head.key == key);
    let with_it = versions(tx, scheme)?.into_iter().filter(|(_, header)| has_it(header));
    let begun = with_it.filter(|(_, header)| header.in_force.from <= day);
    let latest = begun.max_by_key(|(_, header)| header.in_force.from);
    match latest.filter(|(_, header)| header.in_force.until.is_none_or(|until| day <= until)) {
        Some((version, _)) => programme(tx, scheme, version, key),
        None => Ok(None),
    }
}

/// Of each scheme the version with the latest rules.
pub fn latest(tx: &Tx) -> Result<Vec<(String, u32, SchemeHeader)>, Fault> {
    let mut latest: Vec<(String, u32, SchemeHeader)> = Vec::new();
    for (scheme, version, header) in schemes(tx)? {
        match latest.last_mut().filter(|(last, _, _)| *last == scheme) {
            Some(last) if last.2.in_force.from < header.in_force.from => *last = (scheme, version, header),
            Some(_) => {}
            None => latest.push((scheme, version, header)),
        }
    }
    Ok(latest)
}

/// What a programme is called, without reading the whole of it.
pub fn title(tx: &Tx, scheme: &str, version: u32, key: &str) -> Result<Option<String>, Fault> {
    let header = tx.get_shared(&SCHEMES, &(scheme.to_owned(), version))?;
    let head = header.as_ref().and_then(|header| header.programmes.iter().find(|head| head.key == key));
    Ok(head.map(|head| head.title.clone()))
}

pub fn programme(tx: &Tx, scheme: &str, version: u32, key: &str) -> Result<Option<Programme>, Fault> {
    let prefix = (scheme.to_owned(), version, key.to_owned());
    let parts = tx.scan(&PROGRAMMES, &prefix, None, usize::from(u8::MAX) + 1)?.rows;
    if parts.is_empty() {
        return Ok(None);
    }
    let json: String = parts.into_iter().map(|(_, part)| part).collect();
    let unreadable = |error: serde_json::Error| Fault::Damaged {
        table: "programmes",
        key: format!("{scheme} {version} {key}"),
        detail: error.to_string(),
    };
    serde_json::from_str(&json).map(Some).map_err(unreadable)
}

/// A person's places, by the first day within each programme.
pub fn policies(tx: &Tx, person: &[u8; 16]) -> Result<Vec<(PolicyKey, Policy)>, Fault> {
    let page = tx.scan(&POLICIES, &(*person,), None, LOOKED_AT)?;
    let named = page.rows.into_iter().filter_map(|((_, scheme, programme, from), policy)| {
        Some((PolicyKey { scheme, programme, from: day_of(from)? }, policy))
    });
    Ok(named.collect())
}

/// Is the person of an identity number called so? The federation's list says it or, of whom it doesn't have, the lists by
/// which they were enrolled; `None`: neither names them.
pub fn is_called(tx: &Tx, identity: &str, name: &str) -> Result<Option<bool>, Fault> {
    let person = list::index(tx, identity)?;
    if let Some(known) = list::name_of(tx, &person)? {
        return Ok(Some(list::is_same_name(&known, name)));
    }
    let said = list::name_index(tx, identity, name)?;
    let known: Vec<_> = policies(tx, &person)?.into_iter().filter_map(|(_, policy)| policy.name).collect();
    Ok(if known.is_empty() { None } else { Some(known.contains(&said)) })
}

/// Names one of a person's places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyKey {
    pub scheme: String,
    pub programme: ProgrammeKey,
    pub from: Date,
}

/// What a person's places give: one for each version of the rules that judges a part of a place's days.
pub fn covers(tx: &Tx, person: &[u8; 16]) -> Result<Vec<Cover>, Fault> {
    let mut covers = Vec::new();
    let mut by_scheme: BTreeMap<String, Vec<(u32, SchemeHeader)>> = BTreeMap::new();
    for (key, policy) in policies(tx, person)? {
        let versions = match by_scheme.entry(key.scheme.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unread) => {
                let mut versions = versions(tx, &key.scheme)?;
                versions.sort_by_key(|(_, header)| header.in_force.from);
                unread.insert(versions)
            }
        };
        // A version without the programme takes nobody in; places that run go on by the one before.
        let with_it: Vec<(u32, &SchemeHeader, &ProgrammeHead)> = versions
            .iter()
            .filter_map(|(version, header)| {
                let head = header.programmes.iter().find(|head| head.key == key.programme)?;
                Some((*version, header, head))
            })
            .collect();
        for (at, (version, header, head)) in with_it.iter().enumerate() {
            let next = with_it.get(at + 1).map(|(_, next, _)| next.in_force.from);
            let later = next.and_then(|next| next.yesterday().ok());
            let until = [later, header.in_force.until].into_iter().flatten().min();
            let rules_from = header.in_force.from;
            if rules_from > policy.until || until.is_some_and(|until| until < key.from) {
                continue;
            }
            covers.push(Cover {
                scheme: key.scheme.clone(),
                version: *version,
                programme: key.programme.clone(),
                kinds: head.kinds.clone(),
                shares: policy.shares,
                from: key.from,
                until: policy.until,
                rules_from,
                rules_until: until,
                first_or_broken: policy.first_or_broken,
                waiting_until: policy.waiting_until,
                unit: policy.unit.clone(),
            });
        }
    }
    Ok(covers)
}

/// A day within a key: `20240501`.
pub fn key_of(day: Date) -> u32 {
    let year = u32::from(day.year().unsigned_abs());
    year * 10_000 + u32::from(day.month().unsigned_abs()) * 100 + u32::from(day.day().unsigned_abs())
}

pub fn day_of(key: u32) -> Option<Date> {
    let part = |of: u32| i8::try_from(of % 100).ok();
    Date::new(i16::try_from(key / 10_000).ok()?, part(key / 100)?, part(key)?).ok()
}
