//! Tables: a name for a kind of row, and the types of its key and its value.

use std::fmt;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use super::codec::{Codec, Undecodable};
use super::key::{self, Key};

/// When a command that wrote to a table is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Durability {
    /// Once it is applied: a power cut may take the last half second. For where a dialogue stands.
    Relaxed,
    /// Once it is on disk. For registrations, coupons, claims, money.
    Durable,
}

/// Rows of `K` to `V`, all of whose stored keys begin with one byte that no other table uses.
///
/// ```
/// # use gonghui::store::Table;
/// const SEATS: Table<(u64, String), u32> = Table::durable(0x21, "seats");
/// ```
pub struct Table<K, V> {
    info: TableInfo,
    row: PhantomData<fn() -> (K, V)>,
}

/// What the store knows of a table without its types; a catalog is a list of them.
#[derive(Clone, Copy)]
pub struct TableInfo {
    pub prefix: u8,
    pub name: &'static str,
    pub durability: Durability,
    pub(crate) check: CheckRow,
}

/// Reads a stored key and value as the table's types.
pub(crate) type CheckRow = fn(&Codec, key: &[u8], value: &[u8]) -> Result<(), Undecodable>;

/// The prefix of the store's own rows (format, commit row).
pub(crate) const OWN_PREFIX: u8 = 0;

impl<K: Key, V: DeserializeOwned> Table<K, V> {
    pub const fn durable(prefix: u8, name: &'static str) -> Self {
        Table::new(prefix, name, Durability::Durable)
    }

    pub const fn relaxed(prefix: u8, name: &'static str) -> Self {
        Table::new(prefix, name, Durability::Relaxed)
    }

    const fn new(prefix: u8, name: &'static str, durability: Durability) -> Self {
        assert!(prefix != OWN_PREFIX, "prefix 0 holds the store's own rows");
        Table { info: TableInfo { prefix, name, durability, check: check_row::<K, V> }, row: PhantomData }
    }
}

impl<K, V> Table<K, V> {
    pub const fn info(&self) -> TableInfo {
        self.info
    }
}

impl<K: Key, V> Table<K, V> {
    /// The stored form of a key.
    pub(crate) fn key(&self, key: &K) -> Vec<u8> {
        self.prefix(key)
    }

    /// What the stored forms of all keys that begin with these parts begin with.
    pub(crate) fn prefix(&self, parts: &impl Key) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(48);
        bytes.push(self.info.prefix);
        parts.encode(&mut bytes);
        bytes
    }

    /// The key that a stored form stands for.
    pub(crate) fn decode_key(&self, stored: &[u8]) -> Result<K, Undecodable> {
        decode_key(stored)
    }
}

fn decode_key<K: Key>(stored: &[u8]) -> Result<K, Undecodable> {
    stored.get(1..).and_then(key::decode_all).ok_or(Undecodable::Key)
}

/// Whether a stored row can be read as its table's types say.
fn check_row<K: Key, V: DeserializeOwned>(
    codec: &Codec,
    key: &[u8],
    value: &[u8],
) -> Result<(), Undecodable> {
    decode_key::<K>(key)?;
    codec.decode::<V>(key, value).map(drop)
}

impl fmt::Debug for TableInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:#04x}, {:?})", self.name, self.prefix, self.durability)
    }
}

/// The tables of a store by prefix.
pub(crate) struct Catalog {
    by_prefix: [Option<TableInfo>; 256],
}

/// A catalog in which two tables share a prefix or a name: rows of one would be read as the other's.
#[derive(Debug, Clone, thiserror::Error)]
#[error("tables {0} and {1} share the prefix or the name of one table")]
pub struct CatalogClash(&'static str, &'static str);

impl Catalog {
    pub fn new(tables: &[TableInfo]) -> Result<Catalog, CatalogClash> {
        let mut by_prefix = [None::<TableInfo>; 256];
        for table in tables {
            let clash = |other: &&TableInfo| other.prefix == table.prefix || other.name == table.name;
            if let Some(other) = by_prefix.iter().flatten().find(clash) {
                return Err(CatalogClash(other.name, table.name));
            }
            by_prefix[usize::from(table.prefix)] = Some(*table);
        }
        Ok(Catalog { by_prefix })
    }

    pub fn table(&self, prefix: u8) -> Option<TableInfo> {
        self.by_prefix[usize::from(prefix)]
    }

    pub fn tables(&self) -> impl Iterator<Item = TableInfo> {
        self.by_prefix.iter().flatten().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Table<u64, u64> = Table::durable(1, "a");
    const B: Table<u64, u64> = Table::relaxed(1, "b");

    #[test]
    fn a_catalog_with_a_shared_prefix_is_refused() {
        let clash = Catalog::new(&[A.info(), B.info()]).err().unwrap();
        assert_eq!(clash.to_string(), "tables a and b share the prefix or the name of one table");
        assert_eq!(Catalog::new(&[A.info()]).unwrap().tables().count(), 1);
    }
}
