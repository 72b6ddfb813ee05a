//! `gonghui audit`: the invariants recounted, in turns short enough for a running service.

use crate::domain::invariants;
use crate::moment::Moment;
use crate::store::{Store, SubmitError};

/// What was looked at and what does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Audit {
    pub activities: usize,
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
        let (broken, next) = store.read(at, move |tx| invariants::trail(tx, cursor)).await?;
        audit.broken.extend(broken);
        cursor = next;
        if cursor.is_none() {
            return Ok(audit);
        }
    }
}
