//! Where a draw's seed comes from: a pool that every act on an activity stirs with its own chance.

use sha2::{Digest, Sha256};

use crate::domain::tables::SECRETS;
use crate::store::{Fault, Sealed, Tx};

const POOL: &str = "draw";

/// Mixes this moment's chance into the pool: one moment has 64 bits of it, a seed is of several.
pub fn stir(tx: &mut Tx) -> Result<String, Fault> {
    let moment = tx.moment();
    let pool = tx.get(&SECRETS, &POOL.to_owned())?;
    let mixed = Sha256::new()
        .chain_update(b"gonghui pool")
        .chain_update(pool.as_ref().map_or("", |pool: &Sealed<String>| pool.reveal()).as_bytes())
        .chain_update(moment.seed.to_be_bytes())
        .chain_update(moment.now.unix_ms().to_be_bytes())
        .finalize();
    let mixed = hex::encode(mixed);
    tx.put(&SECRETS, &POOL.to_owned(), &Sealed::new(mixed.clone()))?;
    Ok(mixed)
}

/// 32 bytes that nobody knows and that tell nothing of the pool.
pub fn fresh(tx: &mut Tx, purpose: &str) -> Result<[u8; 32], Fault> {
    let pool = stir(tx)?;
    let parts = Sha256::new().chain_update(b"gonghui secret").chain_update(purpose.as_bytes());
    Ok(parts.chain_update(pool.as_bytes()).finalize().into())
}
