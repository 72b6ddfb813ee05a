//! `gonghui audit`: the invariants recounted, in turns short enough for a running service.

use crate::domain::benefit::audit as welfare;
use crate::domain::case::audit as cases;
use crate::domain::claim::audit as claims;
use crate::domain::fund::audit as fund;
use crate::domain::invariants::{self, Recount};
use crate::domain::question::commands as questions;
use crate::moment::Moment;
use crate::store::{Store, SubmitError};

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

pub async fn audit(store: &Store, at: Moment) -> Result<Audit, SubmitError> {
    let mut audit = Audit::default();
    let mut after = None;
    loop {
        let ids = store.read(at, move |tx| invariants::activities(tx, after)).await?;
        for id in &ids {
            let id = *id;
            audit.broken.extend(store.read(at, move |tx| invariants::activity(tx, id)).await?);
        }
        audit.activities += ids.len();
        after = ids.last().copied();
        if ids.is_empty() {
            break;
        }
    }
    let mut after = None;
    loop {
        let ids = store.read(at, move |tx| invariants::broadcasts(tx, after)).await?;
        for id in &ids {
            audit.broken.extend(broadcast(store, at, *id).await?);
        }
        audit.broadcasts += ids.len();
        after = ids.last().copied();
        if ids.is_empty() {
            break;
        }
    }
    let mut after = None;
    loop {
        let ids = store.read(at, move |tx| welfare::benefits(tx, after)).await?;
        for id in &ids {
            audit.broken.extend(benefit(store, at, *id).await?);
        }
        audit.benefits += ids.len();
        after = ids.last().copied();
        if ids.is_empty() {
            break;
        }
    }
    let mut cursor = None;
    loop {
        let (broken, next) = store.read(at, move |tx| invariants::mailboxes(tx, cursor.clone())).await?;
        audit.broken.extend(broken);
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    let mut cursor = None;
    loop {
        let (broken, next) = store.read(at, move |tx| invariants::members(tx, cursor)).await?;
        audit.broken.extend(broken);
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    let mut cursor = None;
    loop {
        let (broken, next) = store.read(at, move |tx| invariants::bindings(tx, cursor.clone())).await?;
        audit.broken.extend(broken);
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    let mut cursor = None;
    loop {
        let (broken, next) = store.read(at, move |tx| invariants::trail(tx, cursor)).await?;
        audit.broken.extend(broken);
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    audit.broken.extend(store.read(at, |tx| questions::audit(tx)).await?);
    money(store, at, &mut audit).await?;
    services(store, at, &mut audit).await?;
    Ok(audit)
}

/// What people ask of people.
async fn services(store: &Store, at: Moment, audit: &mut Audit) -> Result<(), SubmitError> {
    let mut after = None;
    loop {
        let (broken, count, next) = store.read(at, move |tx| cases::page(tx, after)).await?;
        audit.broken.extend(broken);
        audit.cases += count;
        after = next;
        if after.is_none() {
            break;
        }
    }
    let mut after = None;
    loop {
        let (broken, next) = store.read(at, move |tx| cases::strays(tx, after)).await?;
        audit.broken.extend(broken);
        after = next;
        if after.is_none() {
            return Ok(());
        }
    }
}

/// Claims, payments, and the books that they are paid out of.
async fn money(store: &Store, at: Moment, audit: &mut Audit) -> Result<(), SubmitError> {
    let mut after = None;
    loop {
        let (broken, count, next) = store.read(at, move |tx| claims::claims(tx, after)).await?;
        audit.broken.extend(broken);
        audit.claims += count;
        after = next;
        if after.is_none() {
            break;
        }
    }
    let mut after = None;
    loop {
        let (broken, next) = store.read(at, move |tx| claims::strays(tx, after)).await?;
        audit.broken.extend(broken);
        after = next;
        if after.is_none() {
            break;
        }
    }
    let mut after = None;
    loop {
        let (numbers, next) = store.read(at, move |tx| claims::batches(tx, after)).await?;
        for number in numbers {
            let mut counted = claims::Recount::default();
            while !counted.done {
                let so_far = counted.clone();
                counted = store.read(at, move |tx| claims::recount(tx, number, so_far.clone())).await?;
            }
            audit.broken.extend(store.read(at, move |tx| claims::batch(tx, number, &counted)).await?);
        }
        after = next;
        if after.is_none() {
            break;
        }
    }
    let mut after = None;
    loop {
        let from = after.take();
        let books = store.read(at, move |tx| fund::books(tx, from.as_ref())).await?;
        for book in &books {
            let mut counted = fund::Recount::default();
            while !counted.done {
                let (so_far, book) = (counted.clone(), book.clone());
                counted = store.read(at, move |tx| fund::recount(tx, &book, so_far.clone())).await?;
            }
            let book = book.clone();
            audit.broken.extend(store.read(at, move |tx| fund::problems(tx, &book, counted.clone())).await?);
        }
        audit.books += books.len();
        after = books.last().cloned();
        if after.is_none() {
            return Ok(());
        }
    }
}

/// There may be a million codes, so they are counted a page at a time.
async fn benefit(store: &Store, at: Moment, id: u32) -> Result<Vec<String>, SubmitError> {
    let mut counted = welfare::Recount::default();
    while !counted.done {
        let after = counted.after;
        counted.join(store.read(at, move |tx| welfare::recount(tx, id, after)).await?);
    }
    store.read(at, move |tx| welfare::benefit(tx, id, counted.clone())).await
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
