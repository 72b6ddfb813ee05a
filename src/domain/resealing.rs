//! Bringing every row under the current sealing key, some rows a commit: how far it is, and that it is done.

use serde::{Deserialize, Serialize};

use crate::domain::tables::{DOCUMENTS, RESEALING};
use crate::domain::trail::commands::{Note, append};
use crate::store::{Bytes, DocumentName, Fault, KeyName, Tx};

/// So many are read in a millisecond or two.
const ROWS_PER_COMMIT: usize = 100;
const DOCUMENTS_PER_PAGE: usize = 100;

const ONE: u8 = 0;

/// How far it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resealing {
    /// The key that it is for: with another one it begins anew.
    pub key: KeyName,
    /// All rows up to this one were looked at.
    pub after: Option<Bytes>,
    /// Rows looked at, and those of them that an earlier key had sealed.
    pub seen: u64,
    pub anew: u64,
    /// All were looked at.
    pub is_through: bool,
}

/// Looks at the next rows and seals anew those that an earlier key sealed; how far it is then, and how many they were.
pub fn step(tx: &mut Tx) -> Result<(Resealing, usize), Fault> {
    let key = tx.seal_key();
    let stored = tx.get(&RESEALING, &ONE)?.filter(|stored: &Resealing| stored.key == key);
    let mut now = stored.unwrap_or(Resealing { key, after: None, seen: 0, anew: 0, is_through: false });
    if now.is_through {
        return Ok((now, 0));
    }
    let done = tx.reseal(now.after.as_ref().map(|Bytes(key)| &key[..]), ROWS_PER_COMMIT)?;
    now.seen += done.looked_at as u64;
    now.anew += done.anew as u64;
    now.is_through = done.next.is_none();
    now.after = done.next.map(Bytes);
    tx.put(&RESEALING, &ONE, &now)?;
    Ok((now, done.anew))
}

/// Documents that pictures are kept as, after that one.
pub fn documents(tx: &Tx, after: Option<&DocumentName>) -> Result<Vec<DocumentName>, Fault> {
    let page = tx.scan(&DOCUMENTS, &(), after, DOCUMENTS_PER_PAGE)?;
    Ok(page.rows.into_iter().map(|(name, _)| name).collect())
}

/// The next step is the first again.
pub fn start_over(tx: &mut Tx) -> Result<(), Fault> {
    tx.delete(&RESEALING, &ONE)
}

/// Once nothing is sealed with an earlier key: says so on the trail, if rows were looked at for it.
pub fn finish(tx: &mut Tx) -> Result<(), Fault> {
    let Some(Resealing { key, seen, anew, .. }) = tx.get(&RESEALING, &ONE)? else { return Ok(()) };
    tx.delete(&RESEALING, &ONE)?;
    let detail = format!("{anew} of {seen} rows were sealed anew; keys.seal_previous is no longer needed");
    append(tx, Note { who: "service", act: "store.resealed", subject: &key, detail: &detail, done: true })
}
