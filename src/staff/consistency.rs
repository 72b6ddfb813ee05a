//! `gonghui audit`: the invariants recounted, in turns short enough for a running service.

use std::sync::Arc;

use crate::domain::activity::audit as activities;
use crate::domain::benefit::audit as welfare;
use crate::domain::case::{audit as cases, rounds};
use crate::domain::claim::audit as claims;
use crate::domain::fund::audit as fund;
use crate::domain::fund::record::Book;
use crate::domain::invariants::{self, Recount};
use crate::domain::media::commands::{self as media, KeptAs};
use crate::domain::nightly::{self, Night};
use crate::domain::question::commands as questions;
use crate::domain::timers;
use crate::moment::{Moment, Time};
use crate::store::{Fault, SealedFiles, Store, SubmitError, Tx};

/// Problems that the trail names; the commands list them all.
const NAMED_MAX: usize = 5;
const PICTURES_AT_ONCE: usize = 100;

/// What was looked at and what does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Audit {
    pub activities: usize,
    /// Broadcasts that were started.
    #[serde(default)]
    pub broadcasts: usize,
    #[serde(default)]
    pub benefits: usize,
    #[serde(default)]
    pub claims: usize,
    #[serde(default)]
    pub cases: usize,
    /// Books of the fund.
    #[serde(default)]
    pub books: usize,
    pub broken: Vec<String>,
}

/// The check of the night, if it is due in a service that began then: every row is read, everything is recounted, and
/// what came of it is on the trail. The latest there was, this one or an earlier one.
pub async fn nightly(
    store: &Store,
    files: &SealedFiles,
    at: Moment,
    began: Time,
) -> Result<Option<Night>, SubmitError> {
    if !store.read(at, move |tx| nightly::is_due(tx, began)).await? {
        return store.read(at, |tx| nightly::latest(tx)).await;
    }
    let report = store.verify().await?;
    let broken = match whole(store, files, at).await {
        Ok(found) => found.broken,
        Err(SubmitError::Closed) => return Err(SubmitError::Closed),
        // A row that can't be read is what this is for.
        Err(error) => vec![format!("not recounted to the end: {error}")],
    };
    let night = Night {
        began: at.now,
        damaged: report.problems_total,
        broken: u64::try_from(broken.len()).unwrap_or(u64::MAX),
    };
    let problems = report.problems.iter().map(ToString::to_string).chain(broken);
    let first: Vec<String> = problems.take(NAMED_MAX).collect();
    if !night.is_well() {
        let Night { damaged, broken, .. } = night;
        tracing::error!(damaged, broken, "the nightly check found what does not hold: verify, audit");
    }
    let noted = night.clone();
    store.submit(at, move |tx| nightly::note(tx, &noted, &first)).await?;
    Ok(Some(night))
}

/// Rows, and the files beside them.
pub async fn whole(store: &Store, files: &SealedFiles, at: Moment) -> Result<Audit, SubmitError> {
    let mut found = audit(store, at).await?;
    found.broken.extend(pictures(store, files, at).await?);
    Ok(found)
}

/// Pictures whose files are missing or cut short.
async fn pictures(store: &Store, files: &SealedFiles, at: Moment) -> Result<Vec<String>, SubmitError> {
    let (mut broken, mut after) = (Vec::new(), None);
    loop {
        let (page, next) = store.read(at, move |tx| media::kept(tx, after, PICTURES_AT_ONCE)).await?;
        let files = files.clone();
        let lacking = move || -> Vec<KeptAs> {
            page.into_iter().filter(|kept| !files.is_there(&kept.document, kept.bytes)).collect()
        };
        let lacking = tokio::task::spawn_blocking(lacking).await;
        for KeptAs { id, document, .. } in lacking.map_err(|panic| SubmitError::Bug(panic.to_string()))? {
            // Its time may have been over meanwhile.
            let seen = store.read(at, move |tx| media::seen(tx, id)).await?;
            if seen.is_some_and(|seen| seen.is(&document)) {
                broken.push(format!("picture {id}: its file {document} is missing or cut short"));
            }
        }
        match next {
            Some(_) => after = next,
            None => return Ok(broken),
        }
    }
}

pub async fn audit(store: &Store, at: Moment) -> Result<Audit, SubmitError> {
    let mut audit = Audit::default();
    for id in walk_keys(store, at, activities::activities).await? {
        audit.activities += 1;
        audit.broken.extend(activity(store, at, id).await?);
    }
    for id in walk_keys(store, at, invariants::broadcasts).await? {
        audit.broadcasts += 1;
        audit.broken.extend(broadcast(store, at, id).await?);
    }
    for id in walk_keys(store, at, welfare::benefits).await? {
        audit.benefits += 1;
        audit.broken.extend(benefit(store, at, id).await?);
    }
    audit.broken.extend(walk(store, at, invariants::mailboxes).await?);
    audit.broken.extend(walk(store, at, invariants::members).await?);
    audit.broken.extend(walk(store, at, invariants::bindings).await?);
    audit.broken.extend(walk(store, at, invariants::trail).await?);
    audit.broken.extend(walk(store, at, timers::failing).await?);
    audit.broken.extend(store.read(at, |tx| questions::audit(tx)).await?);
    money(store, at, &mut audit).await?;
    services(store, at, &mut audit).await?;
    Ok(audit)
}

/// What people ask of people.
async fn services(store: &Store, at: Moment, audit: &mut Audit) -> Result<(), SubmitError> {
    let (count, broken) = walk_counted(store, at, cases::page).await?;
    audit.cases += count;
    audit.broken.extend(broken);
    audit.broken.extend(walk(store, at, cases::strays).await?);
    audit.broken.extend(walk(store, at, rounds::audit).await?);
    Ok(())
}

/// Claims, payments, and the books that they are paid out of.
async fn money(store: &Store, at: Moment, audit: &mut Audit) -> Result<(), SubmitError> {
    let (count, broken) = walk_counted(store, at, claims::claims).await?;
    audit.claims += count;
    audit.broken.extend(broken);
    audit.broken.extend(walk(store, at, claims::strays).await?);
    audit.broken.extend(walk(store, at, |tx, after| claims::entries(tx, after.as_ref())).await?);
    for number in walk(store, at, claims::batches).await? {
        let mut counted = claims::Recount::default();
        while !counted.done {
            let so_far = counted.clone();
            counted = store.read(at, move |tx| claims::recount(tx, number, so_far.clone())).await?;
        }
        audit.broken.extend(store.read(at, move |tx| claims::batch(tx, number, &counted)).await?);
    }
    for name in walk_keys(store, at, |tx, after: Option<Book>| fund::books(tx, after.as_ref())).await? {
        audit.books += 1;
        audit.broken.extend(book(store, at, name).await?);
    }
    Ok(())
}

/// Goes over a table, a page in each turn of the writer, and gives all that the pages gave. A page says where the next
/// one begins.
async fn walk<C, T>(
    store: &Store,
    at: Moment,
    page: impl Fn(&Tx, Option<C>) -> Result<(Vec<T>, Option<C>), Fault> + Clone + Send + Sync + 'static,
) -> Result<Vec<T>, SubmitError>
where
    C: Clone + Send + Sync + 'static,
    T: Send + 'static,
{
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = page.clone();
        let (more, next) = store.read(at, move |tx| page(tx, after.clone())).await?;
        found.extend(more);
        if next.is_none() {
            return Ok(found);
        }
        after = next;
    }
}

/// As [`walk`] for a page of keys, the last of which is where the next begins.
async fn walk_keys<K: Clone + Send + Sync + 'static>(
    store: &Store,
    at: Moment,
    page: impl Fn(&Tx, Option<K>) -> Result<Vec<K>, Fault> + Clone + Send + Sync + 'static,
) -> Result<Vec<K>, SubmitError> {
    let keys = move |tx: &Tx, after: Option<K>| {
        let keys = page(tx, after)?;
        let last = keys.last().cloned();
        Ok((keys, last))
    };
    walk(store, at, keys).await
}

/// As [`walk`] for pages that say how many rows they looked at.
async fn walk_counted<C: Clone + Send + Sync + 'static>(
    store: &Store,
    at: Moment,
    page: impl Fn(&Tx, Option<C>) -> Result<(Vec<String>, usize, Option<C>), Fault>
    + Clone
    + Send
    + Sync
    + 'static,
) -> Result<(usize, Vec<String>), SubmitError> {
    let counted = move |tx: &Tx, after: Option<C>| {
        let (broken, count, next) = page(tx, after)?;
        Ok((vec![(count, broken)], next))
    };
    let pages = walk(store, at, counted).await?;
    let count = pages.iter().map(|(count, _)| count).sum();
    Ok((count, pages.into_iter().flat_map(|(_, broken)| broken).collect()))
}

/// A book may have a million entries, so they are counted a page at a time.
async fn book(store: &Store, at: Moment, name: Book) -> Result<Vec<String>, SubmitError> {
    let mut counted = fund::Recount::default();
    while !counted.done {
        let (so_far, name) = (counted.clone(), name.clone());
        counted = store.read(at, move |tx| fund::recount(tx, &name, so_far.clone())).await?;
    }
    store.read(at, move |tx| fund::problems(tx, &name, counted.clone())).await
}

/// There may be many sign-ups, so they are counted a page at a time.
async fn activity(store: &Store, at: Moment, id: u32) -> Result<Vec<String>, SubmitError> {
    let mut counted = activities::Recount::default();
    while !counted.is_done() {
        let so_far = counted.clone();
        counted = store.read(at, move |tx| activities::recount(tx, id, so_far.clone())).await?;
    }
    store.read(at, move |tx| activities::activity(tx, id, &counted)).await
}

/// There may be a million codes, so they are counted a page at a time.
async fn benefit(store: &Store, at: Moment, id: u32) -> Result<Vec<String>, SubmitError> {
    let mut counted = welfare::Recount::default();
    while !counted.done {
        let after = counted.after;
        counted.join(store.read(at, move |tx| welfare::recount(tx, id, after)).await?);
    }
    let counted = Arc::new(counted);
    let whole = Arc::clone(&counted);
    let mut broken = store.read(at, move |tx| welfare::benefit(tx, id, &whole)).await?;
    let limits = move |tx: &Tx, after: Option<_>| welfare::limits(tx, id, &counted, after.as_ref());
    broken.extend(walk(store, at, limits).await?);
    Ok(broken)
}

/// A ledger may have a million rows, so it is counted a page at a time.
async fn broadcast(store: &Store, at: Moment, id: u32) -> Result<Vec<String>, SubmitError> {
    let mut counted = Recount::default();
    while !counted.is_done() {
        let so_far = counted.clone();
        match store.read(at, move |tx| invariants::recount(tx, id, so_far.clone())).await? {
            Some(next) => counted = next,
            None => return Ok(Vec::new()),
        }
    }
    store.read(at, move |tx| invariants::broadcast(tx, id, &counted)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::benefit::manage::{create, publish};
    use crate::domain::benefit::record::{Benefit, BenefitState, sample_terms};
    use crate::domain::contact::record::FollowerId;
    use crate::domain::media::commands::{Fetched, settle, want};
    use crate::domain::media::record::Look;
    use crate::domain::tables::{BENEFITS, CATALOG, STOCKS, TRAIL};
    use crate::domain::trail::record::TrailEntry;
    use crate::store::engine::memory::Memory;
    use crate::store::{Options, Sealer, Table, TableInfo};

    /// Anything is a row of it.
    const ANY: Table<u32, String> = Table::durable(0x81, "stocks");

    fn at(text: &str) -> Moment {
        Moment { now: Time::parse(&format!("{text}+08:00")).unwrap(), seed: 1 }
    }

    async fn noted(store: &Store) -> Vec<TrailEntry> {
        let rows = store.read(at("2026-12-04T00:00:00"), |tx| tx.scan(&TRAIL, &(), None, 100)).await.unwrap();
        let entries = rows.rows.into_iter().map(|(_, entry)| entry);
        entries.filter(|entry| entry.act == "store.nightly").collect()
    }

    fn files() -> SealedFiles {
        SealedFiles::new("no such folder", Sealer::new(&[7; 32], &[]))
    }

    #[tokio::test]
    async fn a_picture_whose_file_did_not_come_back_is_told_of() {
        let (store, began) = (Store::in_memory(CATALOG), at("2026-12-01T12:00:00"));
        let folder = tempfile::tempdir().unwrap();
        let files = SealedFiles::new(folder.path(), Sealer::new(&[7; 32], &[]));
        let document = files.put(b"a paper").unwrap();
        let keep = |content: &str| {
            let content = content.to_owned();
            move |tx: &mut crate::store::Tx| {
                let id = want(tx, &FollowerId::new("oMei"), "m")?.unwrap_or_default();
                let (document, content_type) = (content.clone(), "image/jpeg".to_owned());
                settle(tx, id, &Fetched::Kept { document, bytes: 7, content_type, look: Look::default() })
            }
        };
        store.submit(began, keep(&document)).await.unwrap();
        assert_eq!(whole(&store, &files, began).await.unwrap().broken, [""; 0]);
        files.remove(&document).unwrap();
        let broken = whole(&store, &files, began).await.unwrap().broken;
        assert!(broken.len() == 1 && broken[0].starts_with("picture 1: "), "{broken:?}");
        let night = nightly(&store, &files, at("2026-12-02T03:30:00"), began.now).await.unwrap().unwrap();
        assert_eq!((night.damaged, night.broken), (0, 1));
    }

    #[tokio::test]
    async fn every_night_all_is_verified_and_recounted_once() {
        let (store, began) = (Store::in_memory(CATALOG), at("2026-12-01T12:00:00"));
        let publish = |tx: &mut crate::store::Tx| {
            let id = create(tx, sample_terms())?.id;
            Ok(publish(tx, id)?.is_ok())
        };
        assert!(store.submit(began, publish).await.unwrap());
        let files = files();
        let check = async |now: &str| nightly(&store, &files, at(now), began.now).await.unwrap();
        assert_eq!(check("2026-12-02T03:29:59").await, None);
        let first = check("2026-12-02T03:30:00").await.unwrap();
        assert_eq!((first.damaged, first.broken), (0, 0));
        assert_eq!(check("2026-12-02T22:00:00").await, Some(first), "the latest, and no other that day");
        assert_eq!(noted(&store).await.len(), 1);

        let spoil = |tx: &mut crate::store::Tx| {
            let mut stock = tx.get(&STOCKS, &1)?.unwrap_or_default();
            stock.pool.taken += 1;
            tx.put(&STOCKS, &1, &stock)
        };
        store.submit(at("2026-12-02T23:00:00"), spoil).await.unwrap();
        // The service stood still at half past three.
        let second = check("2026-12-03T09:00:00").await.unwrap();
        assert!(second.damaged == 0 && second.broken > 0, "{second:?}");
        let entries = noted(&store).await;
        let entry = entries.last().unwrap();
        assert!(entries.len() == 2 && !entry.done && entry.detail.contains("W1: "), "{entry:?}");
    }

    #[tokio::test]
    async fn a_row_that_cannot_be_read_is_noted_and_not_looked_at_all_night() {
        const OLDER: &[TableInfo] = &[BENEFITS.info(), ANY.info()];
        let memory = Memory::default();
        let open = |catalog| {
            let options = Options::new(Sealer::new(&[7; 32], &[]), catalog);
            Store::open(Box::new(memory.clone()), options).unwrap()
        };
        let (store, began) = (open(OLDER), at("2026-12-01T12:00:00"));
        let spoil = |tx: &mut crate::store::Tx| {
            let (id, now) = (1, tx.moment().now);
            let state = BenefitState::Published;
            let benefit = Benefit { id, state, terms: sample_terms(), created: now, changed: now };
            tx.put(&BENEFITS, &id, &benefit)?;
            tx.put(&ANY, &id, &"nonsense".to_owned())
        };
        store.submit(began, spoil).await.unwrap();
        store.close().await.unwrap();

        let store = open(CATALOG);
        let files = files();
        let check = async |now: &str| nightly(&store, &files, at(now), began.now).await.unwrap();
        let night = check("2026-12-02T03:30:00").await.unwrap();
        assert!(!night.is_well(), "{night:?}");
        assert_eq!(check("2026-12-02T03:40:00").await, Some(night));
        assert_eq!(noted(&store).await.len(), 1);
    }
}
