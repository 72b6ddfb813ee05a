//! The map on disk: sled 0.34, used with open eyes.
//!
//! - What was put is there after a crash only when [`Sled::flush`] has returned; the journal covers what wasn't.
//! - sled's `flush` does not survive a power cut: it writes with `sync_file_range`, which neither empties the
//!   disk's cache nor records the file's size. So `sync_data` on our own handle of the file follows.
//! - The flusher stays on: only it collects garbage.
//! - A panic in sled means damaged files. After one, sled is not touched again, not even to drop it.

use std::fs::File;
use std::io::ErrorKind;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use super::containment::{background_panics, contain, install};
use super::files;
use super::sled_watch::{Waiter, Watch};
use super::{Direction, EngineError, Range, Rows};

/// Fixed for a store's life.
const SEGMENT_BYTES: usize = 512 * 1024;
pub(crate) const SETTINGS: &str = "sled 0.34 segment 524288";

/// sled's own file of data.
pub(crate) const DATA_FILE: &str = "db";

/// How sled's files begin that say where its pages are, and how one ends that isn't whole yet.
pub(crate) const SNAPSHOT: &str = "snap.";
const UNFINISHED: &str = ".generating";

/// How often garbage is collected; what was put is durable by our own flushes.
const FLUSH_EVERY_MS: u64 = 2000;

/// How long another instance's lock is waited for: this process may just have let go of it.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(25);

/// sled's threads get so long to end.
const CLOSE_PATIENCE: Duration = Duration::from_secs(5);

/// Beside the rows: up to which record of the journal they are all there.
const MARKS_TREE: &[u8] = b"journal";
const MARK_KEY: &[u8] = b"drained";

/// An open sled. Threads share it: one writes, another reads.
pub(crate) struct Sled {
    /// Before the database: it holds it too.
    watch: Watch,
    folder: PathBuf,
    db: sled::Db,
    data: File,
    /// Why sled is not touched any more.
    broken: OnceLock<String>,
    panics_before: u64,
}

impl Sled {
    /// Opens the files in `folder`, which is there, or makes them. `cache_bytes` bounds sled's page cache; what
    /// the process uses is some times that.
    pub fn open(folder: &Path, cache_bytes: u64) -> Result<Sled, EngineError> {
        install();
        let is_new = !folder.join(DATA_FILE).exists();
        let panics_before = background_panics();
        let db = start_patiently(folder, cache_bytes)?;
        let opened = |db: sled::Db| {
            if is_new {
                sync_names(folder)?;
            }
            let data = File::open(folder.join(DATA_FILE))?;
            let watch = Watch::start(db.clone())?;
            let folder = folder.to_owned();
            Ok(Sled { watch, folder, db, data, broken: OnceLock::new(), panics_before })
        };
        opened(db).map_err(|error| files::engine_error(folder, &error))
    }

    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        self.ask(Waiter::Reader, || Ok(self.db.get(key)?.map(|value| value.to_vec())))
    }

    /// A range that isn't empty.
    pub fn scan(&self, range: Range<'_>, direction: Direction, limit: usize) -> Result<Rows, EngineError> {
        self.ask(Waiter::Reader, || {
            let rows = self.db.range::<&[u8], (Bound<&[u8]>, Bound<&[u8]>)>(range);
            let row =
                |row: sled::Result<(sled::IVec, sled::IVec)>| row.map(|(k, v)| (k.to_vec(), v.to_vec()));
            match direction {
                Direction::Forward => rows.take(limit).map(row).collect(),
                Direction::Back => rows.rev().take(limit).map(row).collect(),
            }
        })
    }

    /// Puts rows, and deletes those without a value, one by one: a batch would hold up who reads meanwhile.
    pub fn put<'a>(
        &self,
        rows: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)>,
    ) -> Result<(), EngineError> {
        self.ask(Waiter::Writer, || {
            for (key, value) in rows {
                match value {
                    Some(value) => self.db.insert(key, value)?,
                    None => self.db.remove(key)?,
                };
            }
            Ok(())
        })
    }

    /// The journal's record up to which all rows were put; 0 if nobody ever said.
    pub fn mark(&self) -> Result<u64, EngineError> {
        let mark = self.ask(Waiter::Reader, || {
            // Asking for a tree makes it.
            if !self.db.tree_names().iter().any(|name| name == MARKS_TREE) {
                return Ok(None);
            }
            self.db.open_tree(MARKS_TREE)?.get(MARK_KEY)
        })?;
        let Some(mark) = mark else { return Ok(0) };
        let digits = <[u8; 8]>::try_from(&mark[..]);
        let damaged = |_| EngineError::Damaged("sled's mark of the journal can't be read".to_owned());
        digits.map(u64::from_be_bytes).map_err(damaged)
    }

    /// Says that all rows up to the journal's record `number` were put. What sled's recovery loses is an end of
    /// its log, so where this is found they are too.
    pub fn set_mark(&self, number: u64) -> Result<(), EngineError> {
        self.ask(Waiter::Writer, || {
            self.db.open_tree(MARKS_TREE)?.insert(MARK_KEY, &number.to_be_bytes()).map(drop)
        })
    }

    /// Makes durable what was put.
    pub fn flush(&self) -> Result<(), EngineError> {
        self.ask(Waiter::Writer, || {
            self.db.flush()?;
            Ok(self.data.sync_data()?)
        })
    }

    /// Says so if sled may not be touched any more.
    pub fn sound(&self) -> Result<(), EngineError> {
        if let Some(why) = self.broken.get() {
            return Err(EngineError::Damaged(why.clone()));
        }
        if background_panics() > self.panics_before {
            return Err(EngineError::Damaged("a thread of sled panicked".to_owned()));
        }
        Ok(())
    }

    /// Lets go of sled, whose threads may hang if one of them panicked. Whatever isn't over in time is left
    /// behind.
    pub fn let_go(self: Arc<Sled>) {
        if self.sound().is_err() {
            std::mem::forget(self);
            return;
        }
        let (done, on_done) = mpsc::channel();
        let closer = move || {
            _ = contain(|| drop(self));
            _ = done.send(());
        };
        if thread::Builder::new().name("store closer".to_owned()).spawn(closer).is_ok() {
            _ = on_done.recv_timeout(CLOSE_PATIENCE);
        }
    }

    /// Asks sled, turning panics and errors into ours.
    fn ask<T>(&self, waiter: Waiter, work: impl FnOnce() -> sled::Result<T>) -> Result<T, EngineError> {
        self.sound()?;
        let wait = self.watch.wait(waiter);
        let answer = match contain(work) {
            Ok(answer) => answer.map_err(|error| explain(&self.folder, &error)),
            Err(panic) => Err(EngineError::Damaged(format!("sled panicked: {panic}"))),
        };
        drop(wait);
        if let Err(EngineError::Damaged(why)) = &answer {
            _ = self.broken.set(why.clone());
        }
        answer
    }
}

fn start_patiently(folder: &Path, cache_bytes: u64) -> Result<sled::Db, EngineError> {
    for _ in 0..LOCK_TRIES {
        match start(folder, cache_bytes) {
            Err(EngineError::InUse(_)) => thread::sleep(LOCK_PAUSE),
            other => return other,
        }
    }
    start(folder, cache_bytes)
}

fn start(folder: &Path, cache_bytes: u64) -> Result<sled::Db, EngineError> {
    clear_unfinished(folder)?;
    let config = sled::Config::new()
        .path(folder)
        .cache_capacity(cache_bytes)
        .segment_size(SEGMENT_BYTES)
        .flush_every_ms(Some(FLUSH_EVERY_MS));
    match contain(|| config.open()) {
        Ok(opened) => opened.map_err(|error| explain(folder, &error)),
        Err(panic) => Err(EngineError::Damaged(format!("sled panicked while it opened: {panic}"))),
    }
}

/// Deletes what a start that was cut off (killed, disk full) left of the snapshot that sled writes while it opens:
/// sled would take it for the latest one, and the store for damaged. Nobody else may be at it meanwhile.
fn clear_unfinished(folder: &Path) -> Result<(), EngineError> {
    let cleared = || {
        let Some(_lock) = files::lock(&folder.join(DATA_FILE))? else { return Ok(()) };
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(SNAPSHOT) && name.ends_with(UNFINISHED) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    };
    cleared().map_err(|error: std::io::Error| match error.kind() {
        ErrorKind::WouldBlock => EngineError::InUse(folder.display().to_string()),
        _ => files::engine_error(folder, &error),
    })
}

/// Waits until no other instance has the files.
pub(crate) fn wait_for_lock(folder: &Path) -> Result<(), EngineError> {
    let data = folder.join(DATA_FILE);
    for _ in 0..LOCK_TRIES {
        if !files::is_locked(&data).map_err(|error| files::engine_error(folder, &error))? {
            return Ok(());
        }
        thread::sleep(LOCK_PAUSE);
    }
    Err(EngineError::InUse(folder.display().to_string()))
}

/// What sled made by opening is there after a power cut.
fn sync_names(folder: &Path) -> std::io::Result<()> {
    File::open(folder.join("conf"))?.sync_all()?;
    File::open(folder.join(DATA_FILE))?.sync_all()?;
    files::sync_folder(folder)
}

fn explain(folder: &Path, error: &sled::Error) -> EngineError {
    match error {
        sled::Error::Io(error) if error.to_string().contains("could not acquire lock") => {
            EngineError::InUse(folder.display().to_string())
        }
        sled::Error::Io(error) => files::engine_error(folder, error),
        sled::Error::Unsupported(text) => EngineError::Foreign(text.clone()),
        other => EngineError::Damaged(other.to_string()),
    }
}
