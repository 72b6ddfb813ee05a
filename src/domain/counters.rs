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
