//! Named sequences.

use crate::domain::tables::COUNTERS;
use crate::store::{Fault, Tx};

/// The next number of a named sequence, from 1.
pub fn next_number(tx: &mut Tx, name: &str) -> Result<u64, Fault> {
    let name = name.to_owned();
    let next = tx.get(&COUNTERS, &name)?.unwrap_or(0) + 1;
    tx.put(&COUNTERS, &name, &next)?;
    Ok(next)
}

/// A slot of the key book that nobody had. After an old backup came back with the latest keys, the store counts slots
/// again that were given since; those of them that were destroyed are passed over.
pub fn fresh_slot(tx: &mut Tx) -> Result<u64, Fault> {
    let name = "key_slots".to_owned();
    let mut slot = tx.get(&COUNTERS, &name)?.unwrap_or(0) + 1;
    while tx.is_destroyed(slot)? {
        slot += 1;
    }
    tx.put(&COUNTERS, &name, &slot)?;
    Ok(slot)
}
