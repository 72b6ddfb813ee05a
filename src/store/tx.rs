//! What a command sees of the store: typed reads of everything before it, and writes that all happen or none.

use std::cell::RefCell;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::bytes::Bytes;
use super::codec::{self, Codec, KEY_BYTES_MAX, Undecodable};
use super::core::Ran;
use super::engine::{Direction, Engine, EngineError, Rows};
use super::error::Fault;
use super::key::Key;
use super::known::Known;
use super::overlay::{Overlay, prefix_end, prefix_range};
use super::seal::Unopenable;
use super::table::{Catalog, Durability, Table, TableInfo};
use crate::moment::Moment;

/// The most rows that one scan returns, whatever it is asked for.
pub const SCAN_LIMIT_MAX: usize = 1000;

/// The most rows that one command may write.
pub const COMMAND_WRITES_MAX: usize = 2000;

/// One command's view of the store. It reads its own writes and those of the commands before it, and nothing
/// of those after it.
pub struct Tx<'a> {
    pub(crate) moment: Moment,
    pub(crate) engine: &'a dyn Engine,
    pub(crate) codec: &'a Codec,
    pub(crate) catalog: &'a Catalog,
    /// Rows of each table in the engine, by prefix: one that has none isn't asked for.
    pub(crate) counts: &'a [u64; 256],
    /// The last commit that changed a row of each table since the store was opened, by prefix.
    pub(crate) changed: &'a [u64; 256],
    pub(crate) overlay: &'a RefCell<Overlay>,
    pub(crate) shared: &'a RefCell<Known>,
    pub(crate) may_write: bool,
    /// Off while the engine can't be trusted with what it was last given: the overlay stays as it is then.
    pub(crate) remembers: bool,
    pub(crate) writes: usize,
    /// The strictest durability of the tables written to.
    pub(crate) wrote: Option<Durability>,
    /// See [`Tx::make_optional`].
    pub(crate) is_optional: bool,
    /// The engine's own failure, kept even if the command swallows the fault.
    pub(crate) trouble: RefCell<Option<EngineError>>,
}

/// Some rows, and where to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<K, V> {
    pub rows: Vec<(K, V)>,
    /// Give this as `after` for the next page; `None` if these were the last.
    pub next: Option<K>,
}

impl Tx<'_> {
    /// The time and the seed that were fixed when the command was submitted.
    pub fn moment(&self) -> Moment {
        self.moment
    }

    /// Bytes that follow from `parts` and that nobody without the sealing key can tell: chance for a command that
    /// may run twice. After the key was exchanged they are others.
    pub fn unguessable(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.codec.sealer().unguessable(parts)
    }

    /// Seals bytes that are opened on their own, not with the row they stand in; `owner` says whose they are, and
    /// nobody else's are opened as theirs.
    pub fn seal_apart(&self, owner: &[u8], plain: &[u8]) -> Result<Vec<u8>, Fault> {
        let failed = || Fault::Key("sealing failed".to_owned());
        self.codec.sealer().seal_apart(owner, plain).ok_or_else(failed)
    }

    /// What [`Tx::seal_apart`] sealed; `None` if the configuration doesn't have the key any more.
    pub fn open_apart(&self, owner: &[u8], sealed: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        match self.codec.sealer().open_apart(owner, sealed) {
            Ok(mut plain) => Ok(Some(std::mem::take(&mut *plain))),
            Err(Unopenable::UnknownKey(_)) => Ok(None),
            Err(altered) => Err(Fault::Key(altered.to_string())),
        }
    }

    /// Seals a value for the person of that slot of the key book.
    pub fn seal_for<T: Serialize>(&self, slot: u64, value: &T) -> Result<Bytes, Fault> {
        let unencodable = |detail: String| Fault::Unencodable { table: "key book", detail };
        let plain = Zeroizing::new(rmp_serde::to_vec_named(value).map_err(|e| unencodable(e.to_string()))?);
        self.codec.book().seal(slot, &plain).map(Bytes).map_err(|error| Fault::Key(error.to_string()))
    }

    /// The value; `None` if the person's slot was destroyed.
    pub fn open_for<T: DeserializeOwned>(&self, slot: u64, sealed: &Bytes) -> Result<Option<T>, Fault> {
        let plain = self.codec.book().open_sealed(slot, &sealed.0).map_err(|e| Fault::Key(e.to_string()))?;
        let unreadable = |error: rmp_serde::decode::Error| Fault::Key(format!("slot {slot}: {error}"));
        plain.map(|plain| rmp_serde::from_slice(&plain).map_err(unreadable)).transpose()
    }

    /// Destroys a slot of the key book, at once and whatever becomes of this command: only for what was decided by
    /// an earlier commit. Doing it again does no harm.
    pub fn destroy_key(&self, slot: u64) -> Result<(), Fault> {
        self.codec.book().destroy(slot).map_err(|error| Fault::Key(error.to_string()))
    }

    /// Was the slot destroyed?
    pub fn is_destroyed(&self, slot: u64) -> Result<bool, Fault> {
        self.codec.book().is_destroyed(slot).map_err(|error| Fault::Key(error.to_string()))
    }

    /// A name by which a secret value is found, the same for the same value in this store alone.
    pub fn index_of(&self, what: &str, value: &str) -> Result<[u8; 16], Fault> {
        self.codec.book().index(what, value).map_err(|error| Fault::Key(error.to_string()))
    }

    pub fn get<K: Key, V: DeserializeOwned>(&self, table: &Table<K, V>, key: &K) -> Result<Option<V>, Fault> {
        self.read(table, key, |key, stored| self.decode(table, key, stored))
    }

    /// As [`Tx::get`], for rows that are read often and seldom changed (activities, benefits): decoded once for as
    /// long as they stay the same. Not for personal data, which would stay in memory.
    pub fn get_shared<K: Key, V: DeserializeOwned + Send + Sync + 'static>(
        &self,
        table: &Table<K, V>,
        key: &K,
    ) -> Result<Option<Arc<V>>, Fault> {
        let stored_key = table.key(key);
        let as_of = self.as_of(&stored_key);
        if let Some(value) = as_of.and_then(|changed| self.shared.borrow().as_of(&stored_key, changed)) {
            return Ok(Some(value));
        }
        self.read(table, key, |key, stored| {
            if let Some(value) = self.shared.borrow_mut().get(key, stored, as_of) {
                return Ok(value);
            }
            let value = Arc::new(self.decode(table, key, stored)?);
            self.shared.borrow_mut().learn(key, stored, as_of, Arc::clone(&value));
            Ok(value)
        })
    }

    /// As [`Tx::scan`], for pages that are read often and seldom changed: read once for as long as the table stays the
    /// same and no row lies between where that page began and where this one is to. Not for personal data.
    pub fn scan_shared<K, V, P>(
        &self,
        table: &Table<K, V>,
        prefix: &P,
        after: Option<&K>,
        limit: usize,
    ) -> Result<Arc<Page<K, V>>, Fault>
    where
        K: Key + Send + Sync + 'static,
        V: DeserializeOwned + Send + Sync + 'static,
        P: Key,
    {
        let (stored_prefix, stored_after) = (table.prefix(prefix), after.map(|key| table.key(key)));
        let as_of = self.as_of(&stored_prefix);
        let known = as_of.and_then(|changed| {
            self.shared.borrow().page(&stored_prefix, limit, stored_after.as_deref(), changed)
        });
        if let Some(page) = known {
            return Ok(page);
        }
        let page = Arc::new(self.scan(table, prefix, after, limit)?);
        if let Some(changed) = as_of {
            let first = page.rows.first().map(|(key, _)| table.key(key));
            let ends = [stored_after, first];
            self.shared.borrow_mut().learn_page(&stored_prefix, limit, ends, changed, Arc::clone(&page));
        }
        Ok(page)
    }

    /// The last commit that changed the table of what begins so; `None`: a commit that may is in the making.
    fn as_of(&self, stored: &[u8]) -> Option<u64> {
        if !self.remembers || self.overlay.borrow().changes(stored) {
            return None;
        }
        self.changed.get(usize::from(*stored.first()?)).copied()
    }

    /// Has this command answered while the disk takes no writes, if all that it writes is relaxed; that is dropped
    /// then.
    pub fn make_optional(&mut self) {
        self.is_optional = true;
    }

    /// Does the disk take what is written?
    pub fn keeps_writes(&self) -> bool {
        self.remembers
    }

    pub(crate) fn ran(&self) -> Ran {
        Ran { writes: self.writes, wrote: self.wrote, is_optional: self.is_optional }
    }

    fn read<K: Key, V, T>(
        &self,
        table: &Table<K, V>,
        key: &K,
        decode: impl FnOnce(&[u8], &[u8]) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        self.known(table.info())?;
        let key = table.key(key);
        if let Some(entry) = self.overlay.borrow().get(&key) {
            return entry.value().map(|value| decode(&key, value)).transpose();
        }
        let stored = self.asked(self.stored(&key))?;
        let value = stored.as_deref().map(|value| decode(&key, value)).transpose()?;
        if self.remembers {
            self.overlay.borrow_mut().remember(key, stored);
        }
        Ok(value)
    }

    pub fn put<K: Key, V: Serialize>(
        &mut self,
        table: &Table<K, V>,
        key: &K,
        value: &V,
    ) -> Result<(), Fault> {
        let key = table.key(key);
        let value = self.codec.encode(table.info(), &key, value)?;
        self.write(table.info(), key, Some(value))
    }

    /// Deletes a row; one that isn't there is no fault.
    pub fn delete<K: Key, V>(&mut self, table: &Table<K, V>, key: &K) -> Result<(), Fault> {
        self.write(table.info(), table.key(key), None)
    }

    /// Rows whose key begins with `prefix` (the first parts of a tuple; `()` for the whole table), in key
    /// order, after the cursor, at most `limit` and never more than [`SCAN_LIMIT_MAX`].
    pub fn scan<K: Key, V: DeserializeOwned, P: Key>(
        &self,
        table: &Table<K, V>,
        prefix: &P,
        after: Option<&K>,
        limit: usize,
    ) -> Result<Page<K, V>, Fault> {
        self.page(table, prefix, after, limit, Direction::Forward)
    }

    /// As [`Tx::scan`] from the last key to the first; `after` then is the key below which to go on.
    pub fn scan_back<K: Key, V: DeserializeOwned, P: Key>(
        &self,
        table: &Table<K, V>,
        prefix: &P,
        after: Option<&K>,
        limit: usize,
    ) -> Result<Page<K, V>, Fault> {
        self.page(table, prefix, after, limit, Direction::Back)
    }

    fn page<K: Key, V: DeserializeOwned, P: Key>(
        &self,
        table: &Table<K, V>,
        prefix: &P,
        after: Option<&K>,
        limit: usize,
        direction: Direction,
    ) -> Result<Page<K, V>, Fault> {
        self.known(table.info())?;
        let limit = limit.min(SCAN_LIMIT_MAX);
        let prefix = table.prefix(prefix);
        let (end, after) = (prefix_end(&prefix), after.map(|key| table.key(key)));
        let range = prefix_range(&prefix, &end, after.as_deref(), direction);
        let mut stored = self.asked(self.overlay.borrow().scan(self.engine, range, direction, limit + 1))?;
        let more = stored.len() > limit;
        stored.truncate(limit);
        self.decode_page(table, &stored, more)
    }

    fn decode_page<K: Key, V: DeserializeOwned>(
        &self,
        table: &Table<K, V>,
        stored: &Rows,
        more: bool,
    ) -> Result<Page<K, V>, Fault> {
        let key = |stored: &[u8]| {
            table.decode_key(stored).map_err(|problem| damaged(table.info(), stored, &problem))
        };
        let rows = stored
            .iter()
            .map(|(stored, value)| Ok((key(stored)?, self.decode(table, stored, value)?)))
            .collect::<Result<_, Fault>>()?;
        let next = stored.last().filter(|_| more).map(|(last, _)| key(last)).transpose()?;
        Ok(Page { rows, next })
    }

    pub(super) fn write(
        &mut self,
        table: TableInfo,
        key: Vec<u8>,
        value: Option<Vec<u8>>,
    ) -> Result<(), Fault> {
        self.known(table)?;
        if !self.may_write {
            return Err(Fault::ReadWrote(table.name));
        }
        if key.len() > KEY_BYTES_MAX {
            let (bytes, limit) = (key.len(), KEY_BYTES_MAX);
            return Err(Fault::KeyTooLong { table: table.name, bytes, limit });
        }
        if self.writes == COMMAND_WRITES_MAX {
            return Err(Fault::TooManyWrites(COMMAND_WRITES_MAX));
        }
        self.writes += 1;
        self.wrote = self.wrote.max(Some(table.durability));
        let written = self.overlay.borrow_mut().write(key, value, |key| self.stored(key));
        self.asked(written)
    }

    /// What the engine has.
    fn stored(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        let count = key.first().and_then(|prefix| self.counts.get(usize::from(*prefix)));
        if count == Some(&0) { Ok(None) } else { self.engine.get(key) }
    }

    fn decode<K: Key, V: DeserializeOwned>(
        &self,
        table: &Table<K, V>,
        key: &[u8],
        value: &[u8],
    ) -> Result<V, Fault> {
        let table = table.info();
        self.codec.decode(key, value).map_err(|problem| damaged(table, key, &problem))
    }

    fn known(&self, table: TableInfo) -> Result<(), Fault> {
        let known = self.catalog.table(table.prefix).is_some_and(|known| known.name == table.name);
        if known { Ok(()) } else { Err(Fault::UnknownTable(table.name)) }
    }

    pub(super) fn asked<T>(&self, answer: Result<T, EngineError>) -> Result<T, Fault> {
        answer.map_err(|error| {
            self.trouble.borrow_mut().get_or_insert_with(|| error.clone());
            error.into()
        })
    }
}

pub(super) fn damaged(table: TableInfo, key: &[u8], problem: &Undecodable) -> Fault {
    Fault::Damaged { table: table.name, key: codec::shown_key(key), detail: problem.to_string() }
}
