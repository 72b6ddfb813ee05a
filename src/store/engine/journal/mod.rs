//! The embedded engine: commits are appended to a journal, and sled gets their rows later, on another thread.
//!
//! - A commit is one checksummed record in one write, and one `fdatasync` if it must be durable. Its rows go into
//!   a table in memory, which is read before the rest.
//! - A table or a file that has grown becomes a run, of which memory keeps the keys alone, and another file begins. Runs
//!   wait until they are many, or nothing else is to be done: then the oldest is drained into sled, but for the rows
//!   that a later one has, and its file is written to again or deleted.
//! - What is opened is sled and the journal's records above sled's mark. A record that is not whole ends its
//!   file: nobody was told of it, or the store's watermark says that it is missing.
//! - After a failed append nothing follows it in its file. [`Engine::reopen`] writes what was acknowledged from memory
//!   into a file that takes its place, so what a failed write may have left behind goes with it.
//! - A closed store is all in sled, unless that takes too long.

mod drain;
mod files;
mod gaps;
mod layers;
mod record;
mod run;
mod table;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use self::drain::Draining;
use self::files::Tail;
use self::gaps::Gaps;
use self::layers::Found;
use self::record::{FILE_HEAD, Records};
use self::run::{Run, Runs};
use self::table::Table;
use super::files::{self as beside, LABEL_FILE, Passing, Watermark, engine_error};
use super::sled::{self, DATA_FILE, SNAPSHOT, Sled};
use super::{Batch, Direction, Durability, Engine, EngineError, Range, Rows, Write};

/// What a table takes in memory before it becomes a run.
const TABLE_BYTES: usize = 10 * 1024 * 1024;

/// What a file holds at most before its rows become a run: a few rows may change without end.
const FILE_BYTES: u64 = 32 * 1024 * 1024;

/// Above one of these a run is drained, and if it grows by two tables more, commits wait for that. What a crowd writes in
/// some minutes stays below.
const RUNS_MEMORY_BYTES: usize = 80 * 1024 * 1024;
const RUNS_FILE_BYTES: u64 = 768 * 1024 * 1024;

/// Files that are kept to be written to again.
const SPARE_MAX: usize = 2;

/// Closing leaves the rest in the journal after so long: a service that stops has little time left when it closes its store.
const CLOSE_WITHIN: Duration = Duration::from_millis(500);

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
    limits: Limits,
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

#[derive(Clone, Copy)]
struct Limits {
    table_bytes: usize,
    runs_memory_bytes: usize,
    runs_file_bytes: u64,
    close_within: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            table_bytes: TABLE_BYTES,
            runs_memory_bytes: RUNS_MEMORY_BYTES,
            runs_file_bytes: RUNS_FILE_BYTES,
            close_within: CLOSE_WITHIN,
        }
    }
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
    /// The file of the active rows.
    file: Option<PathBuf>,
    runs: Runs,
    gaps: RefCell<Gaps>,
    /// Of the oldest run.
    draining: Option<Draining>,
    /// Files whose records sled has, to be written to again. A store at rest and a closed one have none.
    spare: Vec<PathBuf>,
    /// The last record that sled has surely got.
    drained: u64,
    last_record: u64,
    last_seq: u64,
    last_file: u64,
}

impl Memory {
    /// Takes a record's rows; it begins there in the file.
    fn apply(&mut self, writes: &[Write], record_at: u64) {
        self.active.apply(writes, record_at);
        self.gaps.get_mut().apply(writes);
    }
}

impl Journal {
    /// The store in `folder`, which is made when it is opened. `cache_bytes` bounds sled's page cache; what the
    /// process uses is some times that.
    pub fn new(folder: impl Into<PathBuf>, cache_bytes: u64) -> Journal {
        Journal {
            folder: folder.into(),
            cache_bytes,
            limits: Limits::default(),
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

    /// Has a table become a run when it takes so much, and runs drained when they do.
    pub fn drain_above(mut self, table_bytes: usize, runs_bytes: usize) -> Journal {
        (self.limits.table_bytes, self.limits.runs_memory_bytes) = (table_bytes, runs_bytes);
        self.limits.runs_file_bytes = runs_bytes as u64;
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
        let mut memory = Memory { is_loaded: true, drained: mark, last_record: mark, ..Memory::default() };
        for (number, path) in self.io(files::list(&self.folder))? {
            let (file, bytes) = self.io(files::read(&path))?;
            let (mut table, before) = (Table::default(), memory.last_record);
            for record in Records::of(&bytes).filter(|record| record.number > mark) {
                if record.number != memory.last_record + 1 {
                    return Err(missing(memory.last_record, record.number - 1));
                }
                memory.last_record = record.number;
                table.apply(&record.writes, record.at as u64);
            }
            memory.last_file = number;
            if memory.last_record == before {
                memory.spare.push(path);
            } else {
                memory.runs.push(self.io(Run::new(file, path, memory.last_record, table.places()))?);
            }
        }
        self.memory = memory;
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
            let at = tail.bytes();
            let appended = tail.append(&self.record);
            let synced = match durability {
                Durability::Durable => appended.and_then(|()| tail.sync()),
                Durability::Relaxed => appended,
            };
            synced.map(|()| at).inspect_err(|_| tail.spoil_last())
        });
        let at = self.io(written)?;
        self.memory.last_record = number;
        self.memory.apply(&batch.writes, at);
        Ok(())
    }

    /// As [`Engine::scan`]; also says what it passed over.
    fn look(&self, range: Range<'_>, direction: Direction, limit: usize) -> Result<Found, EngineError> {
        let (Memory { active, runs, .. }, sled) = (&self.memory, &self.disk()?.sled);
        let failed = |error: &std::io::Error| engine_error(&self.folder, error);
        layers::scan(active, runs, range, direction, limit, failed, |range, limit| {
            sled.scan(range, direction, limit)
        })
    }

    /// Makes a run of a table that has grown, and waits while there are too many.
    fn make_room(&mut self) -> Result<(), EngineError> {
        let file_bytes = self.disk()?.tail.as_ref().map_or(0, Tail::bytes);
        if self.memory.active.bytes() >= self.limits.table_bytes || file_bytes >= FILE_BYTES {
            self.freeze()?;
        }
        while self.has_runs_above(self.limits.table_bytes.saturating_mul(2)) {
            self.start_drain()?;
            self.wait_for_drain()?;
        }
        match self.has_runs_above(0) || self.memory.runs.oldest_is_spent() {
            true => self.start_drain(),
            false => Ok(()),
        }
    }

    /// Do the runs take more than they should, and so many bytes besides?
    fn has_runs_above(&self, slack: usize) -> bool {
        let (runs, limits) = (&self.memory.runs, &self.limits);
        runs.memory_bytes() > limits.runs_memory_bytes.saturating_add(slack)
            || runs.file_bytes() > limits.runs_file_bytes.saturating_add(slack as u64)
    }

    /// Hears how a drain ended.
    fn look_after_drain(&mut self) -> Result<(), EngineError> {
        self.disk()?.sled.sound()?;
        match self.memory.draining.as_ref().and_then(Draining::outcome) {
            Some(outcome) => self.drain_ended(outcome),
            None => Ok(()),
        }
    }

    fn wait_for_drain(&mut self) -> Result<(), EngineError> {
        let Some(draining) = &self.memory.draining else { return Ok(()) };
        let outcome = draining.wait(&self.disk()?.sled);
        self.drain_ended(outcome)
    }

    fn drain_ended(&mut self, outcome: Result<(), EngineError>) -> Result<(), EngineError> {
        self.memory.draining = None;
        outcome?;
        let Some(run) = self.memory.runs.pop_oldest() else { return Ok(()) };
        self.memory.drained = run.last;
        self.memory.spare.push(run.path.clone());
        self.drop_spare(SPARE_MAX)
    }

    /// Makes a run of the rows in memory. What is durable in the next file counts on all before it.
    fn freeze(&mut self) -> Result<(), EngineError> {
        self.sync_tail()?;
        let memory = &mut self.memory;
        let (Some(tail), Some(path)) =
            (self.disk.as_mut().and_then(|disk| disk.tail.take()), memory.file.clone())
        else {
            return Ok(());
        };
        let run = Run::new(tail.into_file(), path, memory.last_record, memory.active.places());
        let run = run.map_err(|error| engine_error(&self.folder, &error))?;
        (memory.active, memory.file) = (Table::default(), None);
        memory.runs.push(run);
        Ok(())
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

    /// Has the oldest run drained, if there is one and none is being drained.
    fn start_drain(&mut self) -> Result<(), EngineError> {
        if self.memory.draining.is_none()
            && let Some((run, rows)) = self.memory.runs.oldest()
        {
            self.memory.draining = Some(Draining::start(run, rows, Arc::clone(&self.disk()?.sled))?);
        }
        Ok(())
    }

    /// Has the next drain begin; false while there is something left to do.
    fn move_on(&mut self) -> Result<bool, EngineError> {
        self.look_after_drain()?;
        if self.memory.runs.is_empty() {
            self.freeze()?;
        }
        self.start_drain()?;
        if self.memory.draining.is_some() { Ok(false) } else { self.drop_spare(0).map(|()| true) }
    }

    /// Moves all runs to sled, in this thread, until then. What is left is on disk.
    fn drain_all(&mut self, until: Instant) -> Result<(), EngineError> {
        while self.drain_oldest(|| Instant::now() >= until)? {}
        self.drop_spare(0)
    }

    /// False if there is no run, or it is late.
    fn drain_oldest(&mut self, is_late: impl Fn() -> bool) -> Result<bool, EngineError> {
        let Some((run, rows)) = self.memory.runs.oldest() else { return Ok(false) };
        let drained = drain::drain(&run, &rows, &self.disk()?.sled, is_late);
        drop(run);
        match drained {
            Ok(false) => Ok(false),
            outcome => self.drain_ended(outcome.map(drop)).map(|()| true),
        }
    }

    /// Makes a run of the rows in memory by a file that takes the place of theirs, whole or not at all: after a failure
    /// nobody knows what of theirs is on disk, and what isn't must not be in sled either.
    fn rescue(&mut self) -> Result<(), EngineError> {
        let Some(path) = self.memory.file.clone() else { return Ok(()) };
        let number = self.memory.runs.iter().next().map_or(self.memory.drained, |run| run.last) + 1;
        let rows = self.memory.active.rows();
        let writes: Vec<Write> = rows.map(|(key, value)| (key.to_vec(), value.map(<[u8]>::to_vec))).collect();
        record::encode(number, &writes, &mut self.record);
        self.io(beside::write_whole(&path, &[FILE_HEAD, &self.record[..]].concat()))?;
        let mut table = Table::default();
        table.apply(&writes, FILE_HEAD.len() as u64);
        let file = self.io(fs::File::open(&path))?;
        let run = self.io(Run::new(file, path, number, table.places()))?;
        if let Some(disk) = &mut self.disk {
            disk.tail = None;
        }
        let memory = &mut self.memory;
        (memory.active, memory.file, memory.last_record) = (Table::default(), None, number);
        memory.runs.push(run);
        Ok(())
    }

    fn drain_before_closing(&mut self) -> Result<(), EngineError> {
        let until = Instant::now() + self.limits.close_within;
        let sled = Arc::clone(&self.disk()?.sled);
        if let Some(draining) = self.memory.draining.take() {
            draining.stop(&sled);
        }
        match self.failed {
            None => self.freeze()?,
            Some(_) => self.rescue()?,
        }
        self.drain_all(until)
    }

    /// Deletes all spare files but so many. One that can't be deleted stays known, and is tried again.
    fn drop_spare(&mut self, kept: usize) -> Result<(), EngineError> {
        let extra = self.memory.spare.get(kept..).unwrap_or_default();
        self.io(files::delete(&self.folder, extra))?;
        self.memory.spare.truncate(kept);
        Ok(())
    }

    /// Lets go of the files as they are.
    fn let_go(&mut self) {
        let Some(disk) = self.disk.take() else { return };
        if let Some(draining) = self.memory.draining.take() {
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
                memory.file = Some(path.clone());
                match memory.spare.pop() {
                    Some(spare) => Tail::reuse(&spare, &path)?,
                    None => Tail::create(&path)?,
                }
            }
        };
        Ok(self.tail.insert(tail))
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
        if let Some(value) = self.memory.active.get(key) {
            return Ok(value.map(<[u8]>::to_vec));
        }
        match self.memory.runs.find(key) {
            Some((run, row)) => self.io(run.value(row)),
            None => self.disk()?.sled.get(key),
        }
    }

    fn scan(&self, range: Range<'_>, direction: Direction, limit: usize) -> Result<Rows, EngineError> {
        let look = |range: Range<'_>, limit| self.look(range, direction, limit);
        match direction {
            Direction::Forward => self.memory.gaps.borrow_mut().scan(range, limit, look),
            Direction::Back => Ok(look(range, limit)?.rows),
        }
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

    fn flush(&mut self) -> Result<u64, EngineError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.sync_tail().inspect_err(|error| self.failed = Some(error.clone()))?;
        self.acknowledge(self.memory.last_seq);
        Ok(self.memory.last_seq)
    }

    fn take_back(&mut self, writes: &[Write]) {
        // The file goes with its record when the store is opened again; a process that ends before that leaves it.
        if let Some(tail) = self.disk.as_ref().and_then(|disk| disk.tail.as_ref()) {
            tail.spoil_last();
        }
        self.memory.apply(writes, 0);
        self.memory.last_seq = self.memory.last_seq.saturating_sub(1);
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
        let rows = self.memory.active.bytes() as u64 + self.memory.runs.row_bytes();
        let needed = ROOM_BYTES_MIN + 2 * (snapshots + rows);
        beside::room_bytes(&self.folder).is_ok_and(|room| room >= needed)
    }

    fn reopen(&mut self) -> Result<u64, EngineError> {
        if let Some(disk) = &self.disk {
            disk.sled.sound()?;
        }
        self.let_go();
        let acknowledged = self.attach()?;
        self.rescue()?;
        // What sled doesn't take would soon hold up the commits; all of it at once would hold up everybody now.
        self.drain_oldest(|| false)?;
        self.failed = None;
        Ok(acknowledged)
    }

    fn close(&mut self) -> Result<(), EngineError> {
        let drained = if self.disk.is_some() { self.drain_before_closing() } else { Ok(()) };
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
