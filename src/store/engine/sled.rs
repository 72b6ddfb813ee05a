//! The embedded engine: sled 0.34, used with open eyes.
//!
//! - One tree, and one `Batch` a commit: only batches of one tree are recovered all or none.
//! - sled's `flush` does not survive a power cut: it writes with `sync_file_range`, which neither empties the
//!   disk's cache nor records the file's size. So `sync_data` on our own handle of the file follows.
//! - The flusher stays on: only it collects garbage.
//! - A panic in sled means damaged files. After one, sled is not touched again, not even to drop it.

use std::cell::RefCell;
use std::fs::{self, File};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::containment::{background_panics, contain, install};
use super::files::{self, LABEL_FILE, Passing, Watermark};
use super::sled_watch::Watch;
use super::{Batch, Direction, Durability, Engine, EngineError, Range, Rows, is_empty};

/// Fixed for a store's life.
const SEGMENT_BYTES: usize = 512 * 1024;
const SETTINGS: &str = "sled 0.34 segment 524288";

const FLUSH_EVERY_MS: u64 = 500;

/// Stores up to this size are opened as a copy first, and only then themselves: sled writes while it opens,
/// and cuts off what follows a damaged place. A larger copy would make the start slow.
const REHEARSAL_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// Room without which a store that ran out of it isn't opened again; on top of twice sled's snapshot file,
/// which it writes while it opens.
const ROOM_BYTES_MIN: u64 = 4 * 1024 * 1024;

/// How long another instance's lock is waited for: this process may just have let go of it.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(25);

/// sled's threads get so long to end.
const CLOSE_PATIENCE: Duration = Duration::from_secs(5);

/// A store in a folder of files.
pub struct Sled {
    folder: PathBuf,
    cache_bytes: u64,
    rehearsal_bytes_max: u64,
    open: Option<Open>,
    /// Why sled is not touched any more.
    broken: RefCell<Option<String>>,
    /// Last, so that the files outlive what uses them.
    _passing: Option<Passing>,
}

struct Open {
    /// Before the database: it holds it too.
    watch: Watch,
    db: sled::Db,
    data: File,
    watermark: Watermark,
    last_seq: u64,
    panics_before: u64,
}

impl Sled {
    /// The store in `folder`, which is made when it is opened. `cache_bytes` bounds sled's page cache; what the
    /// process uses is some times that.
    pub fn new(folder: impl Into<PathBuf>, cache_bytes: u64) -> Sled {
        Sled {
            folder: folder.into(),
            cache_bytes,
            rehearsal_bytes_max: REHEARSAL_BYTES_MAX,
            open: None,
            broken: RefCell::default(),
            _passing: None,
        }
    }

    /// Opens larger stores, or only smaller ones, as a copy first.
    pub fn rehearse_up_to(mut self, bytes: u64) -> Sled {
        self.rehearsal_bytes_max = bytes;
        self
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn sound(&self) -> Result<(), EngineError> {
        match &*self.broken.borrow() {
            Some(why) => Err(EngineError::Damaged(why.clone())),
            None => Ok(()),
        }
    }

    fn opened(&self) -> Result<&Open, EngineError> {
        self.sound()?;
        let open = self.open.as_ref();
        let open = open.ok_or_else(|| EngineError::Io(format!("{} is not open", self.folder.display())))?;
        if background_panics() > open.panics_before {
            return Err(EngineError::Damaged("a thread of sled panicked".to_owned()));
        }
        Ok(open)
    }

    /// Asks sled, turning panics and errors into ours.
    fn ask<T>(&self, work: impl FnOnce(&Open) -> sled::Result<T>) -> Result<T, EngineError> {
        let open = self.opened()?;
        let answer = match contain(|| work(open)) {
            Ok(answer) => answer.map_err(|error| self.explain(&error)),
            Err(panic) => Err(EngineError::Damaged(format!("sled panicked: {panic}"))),
        };
        answer.inspect_err(|error| {
            if let EngineError::Damaged(why) = error {
                self.broken.replace(Some(why.clone()));
            }
        })
    }

    fn explain(&self, error: &sled::Error) -> EngineError {
        match error {
            sled::Error::Io(error) if error.to_string().contains("could not acquire lock") => {
                EngineError::InUse(self.folder.display().to_string())
            }
            sled::Error::Io(error) => files::engine_error(&self.folder, error),
            sled::Error::Unsupported(text) => EngineError::Foreign(text.clone()),
            other => EngineError::Damaged(other.to_string()),
        }
    }

    fn io<T>(&self, done: std::io::Result<T>) -> Result<T, EngineError> {
        done.map_err(|error| files::engine_error(&self.folder, &error))
    }

    fn start(&self) -> Result<sled::Db, EngineError> {
        let config = sled::Config::new()
            .path(&self.folder)
            .cache_capacity(self.cache_bytes)
            .segment_size(SEGMENT_BYTES)
            .flush_every_ms(Some(FLUSH_EVERY_MS));
        match contain(|| config.open()) {
            Ok(opened) => opened.map_err(|error| self.explain(&error)),
            Err(panic) => Err(EngineError::Damaged(format!("sled panicked while it opened: {panic}"))),
        }
    }

    fn wait_for_lock(&self, data: &Path) -> Result<(), EngineError> {
        for _ in 0..LOCK_TRIES {
            if !self.io(files::is_locked(data))? {
                return Ok(());
            }
            thread::sleep(LOCK_PAUSE);
        }
        Err(EngineError::InUse(self.folder.display().to_string()))
    }

    fn start_patiently(&self) -> Result<sled::Db, EngineError> {
        for _ in 0..LOCK_TRIES {
            match self.start() {
                Err(EngineError::InUse(_)) => thread::sleep(LOCK_PAUSE),
                other => return other,
            }
        }
        self.start()
    }

    /// What sled made by opening is there after a power cut.
    fn sync_names(&self) -> std::io::Result<()> {
        File::open(self.at("conf"))?.sync_all()?;
        File::open(self.at("db"))?.sync_all()?;
        files::sync_folder(&self.folder)
    }

    /// Lets go of sled, whose threads may hang if one of them panicked. Whatever isn't over in time is left
    /// behind.
    fn let_go(&mut self) {
        let Some(open) = self.open.take() else { return };
        if self.sound().is_err() || background_panics() > open.panics_before {
            std::mem::forget(open);
            return;
        }
        let (done, on_done) = mpsc::channel();
        let closer = move || {
            _ = contain(|| drop(open));
            _ = done.send(());
        };
        if thread::Builder::new().name("store closer".to_owned()).spawn(closer).is_ok() {
            _ = on_done.recv_timeout(CLOSE_PATIENCE);
        }
    }

    fn apply(&self, batch: &Batch) -> Result<(), EngineError> {
        let mut writes = sled::Batch::default();
        for (key, value) in &batch.writes {
            match value {
                Some(value) => writes.insert(&key[..], &value[..]),
                None => writes.remove(&key[..]),
            }
        }
        self.ask(|open| {
            let _wait = open.watch.wait();
            open.db.apply_batch(writes)
        })
    }

    fn flush(&self) -> Result<(), EngineError> {
        self.ask(|open| {
            let wait = open.watch.wait();
            open.db.flush()?;
            drop(wait);
            Ok(open.data.sync_data()?)
        })
    }
}

impl Engine for Sled {
    fn settings(&self) -> &'static str {
        SETTINGS
    }

    fn label(&self) -> Result<Option<Vec<u8>>, EngineError> {
        match fs::read(self.at(LABEL_FILE)) {
            Ok(label) => Ok(Some(label)),
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => self.io(Err(error)),
            Err(_) if self.at("db").exists() => {
                let (folder, label) = (self.folder.display(), LABEL_FILE);
                Err(EngineError::Foreign(format!("{folder} holds data, but {label} is missing there")))
            }
            Err(_) => Ok(None),
        }
    }

    fn set_label(&mut self, label: &[u8]) -> Result<(), EngineError> {
        self.io(files::make_folder(&self.folder))?;
        self.io(files::write_whole(&self.at(LABEL_FILE), label))
    }

    fn rehearsal(&self) -> Result<Option<Box<dyn Engine>>, EngineError> {
        let data = self.at("db");
        if !data.exists() {
            return Ok(None);
        }
        self.wait_for_lock(&data)?;
        let copy = self.at("rehearsal");
        if copy.exists() {
            self.io(fs::remove_dir_all(&copy))?;
        }
        let bytes = self.io(files::folder_bytes(&self.folder))?;
        if bytes > self.rehearsal_bytes_max
            || self.io(files::room_bytes(&self.folder))? < bytes + ROOM_BYTES_MIN
        {
            return Ok(None);
        }
        let passing = Passing(copy);
        self.io(files::copy_folder(&self.folder, &passing.0))?;
        let mut engine = Sled::new(&passing.0, self.cache_bytes);
        engine._passing = Some(passing);
        Ok(Some(Box::new(engine)))
    }

    fn open(&mut self) -> Result<u64, EngineError> {
        install();
        self.io(files::make_folder(&self.folder))?;
        let is_new = !self.at("db").exists();
        if is_new && files::has_watermark(&self.folder) {
            return Err(EngineError::Damaged(format!("{} is missing", self.at("db").display())));
        }
        let panics_before = background_panics();
        let db = self.start_patiently()?;
        let watermark = self.io(Watermark::open(&self.folder))?;
        if is_new {
            self.io(self.sync_names())?;
        }
        let data = self.io(File::open(self.at("db")))?;
        let last_seq = self.io(watermark.read())?;
        let watch = self.io(Watch::start(db.clone()))?;
        self.open = Some(Open { watch, db, data, watermark, last_seq, panics_before });
        Ok(last_seq)
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        self.ask(|open| Ok(open.db.get(key)?.map(|value| value.to_vec())))
    }

    fn scan(&self, range: Range<'_>, direction: Direction, limit: usize) -> Result<Rows, EngineError> {
        if is_empty(range) {
            return Ok(Rows::new());
        }
        self.ask(|open| {
            let rows = open.db.range::<&[u8], (Bound<&[u8]>, Bound<&[u8]>)>(range);
            let row =
                |row: sled::Result<(sled::IVec, sled::IVec)>| row.map(|(k, v)| (k.to_vec(), v.to_vec()));
            match direction {
                Direction::Forward => rows.take(limit).map(row).collect(),
                Direction::Back => rows.rev().take(limit).map(row).collect(),
            }
        })
    }

    fn commit(&mut self, batch: &Batch, durability: Durability) -> Result<(), EngineError> {
        self.apply(batch)?;
        if durability == Durability::Durable {
            self.flush()?;
        }
        if let Some(open) = &mut self.open {
            open.last_seq = batch.seq;
            if durability == Durability::Durable
                && let Err(error) = open.watermark.write(batch.seq)
            {
                tracing::warn!(%error, "the last commit's number could not be written beside the data");
            }
        }
        Ok(())
    }

    fn has_room(&self) -> bool {
        let snapshots = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let snapshots = snapshots.filter(|entry| entry.file_name().to_string_lossy().starts_with("snap."));
        let bytes: u64 = snapshots.filter_map(|entry| entry.metadata().ok()).map(|about| about.len()).sum();
        files::room_bytes(&self.folder).is_ok_and(|room| room >= ROOM_BYTES_MIN + 2 * bytes)
    }

    fn reopen(&mut self) -> Result<u64, EngineError> {
        self.sound()?;
        self.let_go();
        self.open()
    }

    fn close(&mut self) -> Result<(), EngineError> {
        let flushed = if self.open.is_some() { self.flush() } else { Ok(()) };
        if let (Ok(()), Some(open)) = (&flushed, &self.open) {
            let marked = open.watermark.write(open.last_seq).and_then(|()| open.watermark.sync());
            if let Err(error) = marked {
                tracing::warn!(%error, "the last commit's number could not be written beside the data");
            }
        }
        self.let_go();
        flushed
    }
}

impl Drop for Sled {
    fn drop(&mut self) {
        self.let_go();
    }
}
