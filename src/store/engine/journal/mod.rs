//! The embedded engine: commits are appended to a journal, and sled gets their rows later, on another thread.
//!
//! - A commit is one checksummed record in one write, and one `fdatasync` if it must be durable. Its rows go into
//!   a table in memory, which is read before sled.
//! - A table or a file that has grown is frozen, another file begins, and the frozen rows are drained into sled; when
//!   they are on disk there, their files are written to again or deleted. A row that changed often costs sled one put.
//! - What is opened is sled and the journal's records above sled's mark. A record that is not whole ends its
//!   file: nobody was told of it, or the store's watermark says that it is missing.
//! - After a failed append nothing follows it in its file. [`Engine::reopen`] moves what was acknowledged from
//!   memory into sled, so what a failed write may have left behind goes with its file.
//! - A closed store is all in sled.

mod drain;
mod files;
mod record;
mod table;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fs;
use std::iter;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use self::drain::{Draining, Frozen, Spared};
use self::files::Tail;
use self::record::Records;
use self::table::Table;
use super::files::{self as beside, LABEL_FILE, Passing, Watermark};
use super::sled::{self, DATA_FILE, SNAPSHOT, Sled};
use super::{Batch, Direction, Durability, Engine, EngineError, Range, Rows};

/// What a table takes in memory before it is frozen.
const TABLE_BYTES: usize = 10 * 1024 * 1024;

/// What a file holds at most before its rows are frozen: a few rows may change without end.
const FILE_BYTES: u64 = 32 * 1024 * 1024;

/// So many times as many, while the rows frozen before are still moving, make a commit wait for them.
const TABLES_WAITING_MAX: usize = 2;

/// Frozen tables that sled has and that are read before it all the same: who wrote a moment ago often comes
/// again, and a row in memory takes less of it than its page in sled's cache.
const TABLES_KEPT: usize = 1;

/// Stores up to this size are opened as a copy first, and only then themselves: sled writes while it opens,
/// and cuts off what follows a damaged place. A larger copy would make the start slow.
const REHEARSAL_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// Room without which a store that ran out of it isn't opened again; on top of twice what sled is to get and
/// its snapshot file, which it writes while it opens.
const ROOM_BYTES_MIN: u64 = 4 * 1024 * 1024;

/// A store in a folder of files.
pub struct Journal {
    folder: PathBuf,
    cache_bytes: u64,
    table_bytes: usize,
    rehearsal_bytes_max: u64,
    disk: Option<Disk>,
    memory: Memory,
    /// Why nothing more is appended until the store is opened again.
    failed: Option<EngineError>,
    /// The record that is being made; kept for its room.
    record: Vec<u8>,
    /// Last, so that the files outlive what uses them.
    _passing: Option<Passing>,
}

struct Disk {
    sled: Arc<Sled>,
    watermark: Watermark,
    tail: Option<Tail>,
}

/// What is not in sled yet; it stays while the files are opened again.
#[derive(Default)]
struct Memory {
    is_loaded: bool,
    active: Table,
    /// The files of the active rows.
    files: Vec<PathBuf>,
    /// The rows that are moving to sled or were the last to do so.
    frozen: Arc<Frozen>,
    /// Those frozen before, the latest first; each row as it then was.
    kept: VecDeque<Arc<Frozen>>,
    drain: Drain,
    /// Files whose records sled has, to be written to again. A store at rest and a closed one have none.
    spare: Vec<PathBuf>,
    /// The last record that sled has surely got.
    drained: u64,
    last_record: u64,
    last_seq: u64,
    last_file: u64,
}

/// How far the frozen rows are.
#[derive(Default)]
enum Drain {
    #[default]
    Done,
    Waiting,
    Running(Draining),
}

impl Journal {
    /// The store in `folder`, which is made when it is opened. `cache_bytes` bounds sled's page cache; what the
    /// process uses is some times that.
    pub fn new(folder: impl Into<PathBuf>, cache_bytes: u64) -> Journal {
        Journal {
            folder: folder.into(),
            cache_bytes,
            table_bytes: TABLE_BYTES,
            rehearsal_bytes_max: REHEARSAL_BYTES_MAX,
            disk: None,
            memory: Memory::default(),
            failed: None,
            record: Vec::new(),
            _passing: None,
        }
    }

    /// Opens larger stores, or only smaller ones, as a copy first.
    pub fn rehearse_up_to(mut self, bytes: u64) -> Journal {
        self.rehearsal_bytes_max = bytes;
        self
    }

    /// Keeps more rows in memory and in the journal before they are moved on, or fewer.
    pub fn drain_above(mut self, bytes: usize) -> Journal {
        self.table_bytes = bytes;
        self
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn io<T>(&self, done: std::io::Result<T>) -> Result<T, EngineError> {
        done.map_err(|error| beside::engine_error(&self.folder, &error))
    }

    fn disk(&self) -> Result<&Disk, EngineError> {
        let closed = || EngineError::Io(format!("{} is not open", self.folder.display()));
        self.disk.as_ref().ok_or_else(closed)
    }

    /// Opens the files. What is in the journal is read once; later it is in memory.
    fn attach(&mut self) -> Result<u64, EngineError> {
        let sled = Arc::new(Sled::open(&self.folder, self.cache_bytes)?);
        let read = self.load(&sled).and_then(|()| {
            let watermark = self.io(Watermark::open(&self.folder))?;
            let acknowledged = self.io(watermark.read())?;
            Ok((watermark, acknowledged))
        });
        match read {
            Ok((watermark, acknowledged)) => {
                self.disk = Some(Disk { sled, watermark, tail: None });
                Ok(acknowledged)
            }
            Err(error) => {
                sled.let_go();
                Err(error)
            }
        }
    }

    fn load(&mut self, sled: &Sled) -> Result<(), EngineError> {
        let mark = sled.mark()?;
        if self.memory.is_loaded {
            let drained = self.memory.drained;
            return if mark < drained { Err(missing(mark, drained)) } else { Ok(()) };
        }
        let (mut table, mut last, mut last_file, mut paths) = (Table::default(), mark, 0, Vec::new());
        for (number, path) in self.io(files::list(&self.folder))? {
            let bytes = self.io(files::read(&path))?;
            for record in Records::of(&bytes).filter(|record| record.number > mark) {
                if record.number != last + 1 {
                    return Err(missing(last, record.number - 1));
                }
                last = record.number;
                table.apply(&record.writes);
            }
            last_file = number;
            paths.push(path);
        }
        let drain = if paths.is_empty() { Drain::Done } else { Drain::Waiting };
        let frozen = Arc::new(Frozen { table, files: paths, last });
        self.memory = Memory {
            is_loaded: true,
            frozen,
            drain,
            drained: mark,
            last_record: last,
            last_file,
            ..Memory::default()
        };
        Ok(())
    }

    fn append(&mut self, batch: &Batch, durability: Durability) -> Result<(), EngineError> {
        self.look_after_drain()?;
        self.make_room()?;
        let number = self.memory.last_record + 1;
        record::encode(number, &batch.writes, &mut self.record);
        let folder = &self.folder;
        let Some(disk) = &mut self.disk else { return Ok(()) };
        let written = disk.tail(folder, &mut self.memory).and_then(|tail| {
            tail.append(&self.record)?;
            if durability == Durability::Durable { tail.sync() } else { Ok(()) }
        });
        self.io(written)?;
        self.memory.last_record = number;
        self.memory.active.apply(&batch.writes);
        Ok(())
    }

    /// Has a table that has grown moved on.
    fn make_room(&mut self) -> Result<(), EngineError> {
        let bytes = self.memory.active.bytes();
        if bytes >= self.table_bytes.saturating_mul(TABLES_WAITING_MAX) {
            self.wait_for_drain()?;
        }
        let tail = self.disk()?.tail.as_ref().map_or(0, Tail::bytes);
        let has_grown = bytes >= self.table_bytes || tail >= FILE_BYTES;
        if has_grown && matches!(self.memory.drain, Drain::Done) {
            let retired = self.freeze()?;
            self.start_drain(retired)?;
        }
        Ok(())
    }

    /// Hears how a drain ended, or begins one that waits.
    fn look_after_drain(&mut self) -> Result<(), EngineError> {
        self.disk()?.sled.sound()?;
        match &self.memory.drain {
            Drain::Done => Ok(()),
            Drain::Waiting => self.start_drain(None),
            Drain::Running(draining) => match draining.outcome() {
                None => Ok(()),
                Some(outcome) => self.memory.drain_ended(outcome),
            },
        }
    }

    fn wait_for_drain(&mut self) -> Result<(), EngineError> {
        match &self.memory.drain {
            Drain::Running(draining) => {
                let outcome = draining.wait(&self.disk()?.sled);
                self.memory.drain_ended(outcome)
            }
            Drain::Done | Drain::Waiting => Ok(()),
        }
    }

    /// The rows frozen before must be in sled. The oldest that were kept are given back: freeing them takes a
    /// while.
    fn freeze(&mut self) -> Result<Option<Arc<Frozen>>, EngineError> {
        // What is durable in the next file counts on all before it.
        self.sync_tail()?;
        let memory = &mut self.memory;
        let (table, files) = (mem::take(&mut memory.active), mem::take(&mut memory.files));
        if let Some(disk) = &mut self.disk {
            disk.tail = None;
        }
        memory.drain = Drain::Waiting;
        let before =
            mem::replace(&mut memory.frozen, Arc::new(Frozen { table, files, last: memory.last_record }));
        memory.kept.push_front(before);
        Ok(if memory.kept.len() > TABLES_KEPT { memory.kept.pop_back() } else { None })
    }

    fn sync_tail(&mut self) -> Result<(), EngineError> {
        let tail = self.disk.as_mut().and_then(|disk| disk.tail.as_mut());
        let synced = tail.map_or(Ok(()), Tail::sync);
        self.io(synced)
    }

    /// Writes down that commits up to that one are on disk.
    fn acknowledge(&self, seq: u64) {
        if let Some(Err(error)) = self.disk.as_ref().map(|disk| disk.watermark.write(seq)) {
            tracing::warn!(%error, "the last commit's number could not be written beside the data");
        }
    }

    fn start_drain(&mut self, retired: Option<Arc<Frozen>>) -> Result<(), EngineError> {
        let (frozen, sled) = (Arc::clone(&self.memory.frozen), Arc::clone(&self.disk()?.sled));
        self.memory.drain = Drain::Running(Draining::start(frozen, retired, sled, self.folder.clone())?);
        Ok(())
    }

    /// Has the next drain begin; false while one is under way.
    fn move_on(&mut self) -> Result<bool, EngineError> {
        self.look_after_drain()?;
        match self.memory.drain {
            Drain::Done if self.memory.files.is_empty() => self.drop_spare().map(|()| true),
            Drain::Done => {
                let retired = self.freeze()?;
                self.start_drain(retired).map(|()| false)
            }
            Drain::Waiting | Drain::Running(_) => Ok(false),
        }
    }

    /// Moves all that is in memory into sled, in this thread.
    fn drain_all(&mut self) -> Result<(), EngineError> {
        let waited = self.wait_for_drain();
        if let Err(error) = waited {
            tracing::warn!(%error, "the journal is drained again");
        }
        self.drain_frozen()?;
        if !self.memory.files.is_empty() {
            self.freeze()?;
            self.drain_frozen()?;
        }
        self.drop_spare()
    }

    fn drop_spare(&mut self) -> Result<(), EngineError> {
        let spare = mem::take(&mut self.memory.spare);
        self.io(files::delete(&self.folder, &spare))
    }

    fn drain_frozen(&mut self) -> Result<(), EngineError> {
        if matches!(self.memory.drain, Drain::Done) {
            return Ok(());
        }
        let (sled, stopped) = (&self.disk()?.sled, AtomicBool::new(false));
        let drained = self.memory.frozen.drain(sled, &self.folder, Spared::None, &stopped);
        self.memory.drain_ended(drained)
    }

    /// Lets go of the files as they are.
    fn let_go(&mut self) {
        let Some(disk) = self.disk.take() else { return };
        if let Drain::Running(draining) = mem::replace(&mut self.memory.drain, Drain::Waiting) {
            draining.stop(&disk.sled);
        }
        disk.sled.let_go();
    }
}

impl Disk {
    fn tail(&mut self, folder: &Path, memory: &mut Memory) -> std::io::Result<&mut Tail> {
        let tail = match self.tail.take() {
            Some(tail) => tail,
            None => {
                memory.last_file += 1;
                let path = files::path(folder, memory.last_file);
                // Even if making it fails: something may be there.
                memory.files.push(path.clone());
                match memory.spare.pop() {
                    Some(spare) => Tail::reuse(&spare, &path)?,
                    None => Tail::create(&path)?,
                }
            }
        };
        Ok(self.tail.insert(tail))
    }
}

impl Memory {
    fn get(&self, key: &[u8]) -> Option<Option<&[u8]>> {
        let frozen = iter::once(&self.frozen).chain(&self.kept);
        iter::once(&self.active).chain(frozen.map(|frozen| &frozen.table)).find_map(|table| table.get(key))
    }

    fn drain_ended(&mut self, outcome: Result<Option<PathBuf>, EngineError>) -> Result<(), EngineError> {
        self.drain = Drain::Waiting;
        self.spare.extend(outcome?);
        self.drain = Drain::Done;
        self.drained = self.frozen.last;
        Ok(())
    }
}

fn missing(last: u64, next: u64) -> EngineError {
    EngineError::Damaged(format!("the journal's records after {last} and up to {next} are missing"))
}

impl Engine for Journal {
    fn settings(&self) -> &'static str {
        sled::SETTINGS
    }

    fn label(&self) -> Result<Option<Vec<u8>>, EngineError> {
        match fs::read(self.at(LABEL_FILE)) {
            Ok(label) => Ok(Some(label)),
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => self.io(Err(error)),
            Err(_) if self.at(DATA_FILE).exists() => {
                let (folder, label) = (self.folder.display(), LABEL_FILE);
                Err(EngineError::Foreign(format!("{folder} holds data, but {label} is missing there")))
            }
            Err(_) => Ok(None),
        }
    }

    fn set_label(&mut self, label: &[u8]) -> Result<(), EngineError> {
        self.io(beside::make_folder(&self.folder))?;
        self.io(beside::write_whole(&self.at(LABEL_FILE), label))
    }

    fn rehearsal(&self) -> Result<Option<Box<dyn Engine>>, EngineError> {
        if !self.at(DATA_FILE).exists() {
            return Ok(None);
        }
        sled::wait_for_lock(&self.folder)?;
        let copy = self.at("rehearsal");
        if copy.exists() {
            self.io(fs::remove_dir_all(&copy))?;
        }
        let bytes = self.io(beside::folder_bytes(&self.folder))?;
        if bytes > self.rehearsal_bytes_max
            || self.io(beside::room_bytes(&self.folder))? < bytes + ROOM_BYTES_MIN
        {
            return Ok(None);
        }
        let passing = Passing(copy);
        self.io(beside::copy_folder(&self.folder, &passing.0))?;
        let mut engine = Journal::new(&passing.0, self.cache_bytes);
        engine._passing = Some(passing);
        Ok(Some(Box::new(engine)))
    }

    fn open(&mut self) -> Result<u64, EngineError> {
        self.io(beside::make_folder(&self.folder))?;
        let data = self.at(DATA_FILE);
        if !data.exists() && beside::has_watermark(&self.folder) {
            return Err(EngineError::Damaged(format!("{} is missing", data.display())));
        }
        self.attach()
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        match self.memory.get(key) {
            Some(value) => Ok(value.map(<[u8]>::to_vec)),
            None => self.disk()?.sled.get(key),
        }
    }

    fn scan(&self, range: Range<'_>, direction: Direction, limit: usize) -> Result<Rows, EngineError> {
        let tables = [&self.memory.active, &self.memory.frozen.table];
        let sled = &self.disk()?.sled;
        table::scan(tables, range, direction, limit, |range, limit| sled.scan(range, direction, limit))
    }

    fn commit(&mut self, batch: &Batch, durability: Durability) -> Result<(), EngineError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.append(batch, durability).inspect_err(|error| self.failed = Some(error.clone()))?;
        self.memory.last_seq = batch.seq;
        if durability == Durability::Durable {
            self.acknowledge(batch.seq);
        }
        Ok(())
    }

    fn sync(&mut self) -> Result<Option<u64>, EngineError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let last = self.memory.last_seq;
        let tail = self.disk.as_mut().and_then(|disk| disk.tail.as_mut());
        let synced = tail.map_or(Ok(Some(last)), |tail| tail.sync_aside(last));
        let synced = self.io(synced).inspect_err(|error| self.failed = Some(error.clone()))?;
        if let Some(seq) = synced {
            self.acknowledge(seq);
        }
        Ok(synced)
    }

    fn rest(&mut self) -> bool {
        if self.failed.is_some() {
            return true;
        }
        let moved = self.move_on();
        self.failed = moved.as_ref().err().cloned();
        moved.unwrap_or(true)
    }

    fn has_room(&self) -> bool {
        let snapshots = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let snapshots = snapshots.filter(|entry| entry.file_name().to_string_lossy().starts_with(SNAPSHOT));
        let snapshots: u64 =
            snapshots.filter_map(|entry| entry.metadata().ok()).map(|about| about.len()).sum();
        let rows = (self.memory.active.bytes() + self.memory.frozen.table.bytes()) as u64;
        let needed = ROOM_BYTES_MIN + 2 * (snapshots + rows);
        beside::room_bytes(&self.folder).is_ok_and(|room| room >= needed)
    }

    fn reopen(&mut self) -> Result<u64, EngineError> {
        if let Some(disk) = &self.disk {
            disk.sled.sound()?;
        }
        self.let_go();
        let acknowledged = self.attach()?;
        self.drain_all()?;
        self.failed = None;
        Ok(acknowledged)
    }

    fn close(&mut self) -> Result<(), EngineError> {
        let drained = if self.disk.is_some() { self.drain_all() } else { Ok(()) };
        if let (Ok(()), Some(disk)) = (&drained, &self.disk) {
            let seq = self.memory.last_seq;
            let marked = if seq > 0 { disk.watermark.write(seq) } else { Ok(()) };
            if let Err(error) = marked.and_then(|()| disk.watermark.sync()) {
                tracing::warn!(%error, "the last commit's number could not be written beside the data");
            }
        }
        self.let_go();
        drained
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.let_go();
    }
}
