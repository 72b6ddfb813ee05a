//! Backups of a running store, its verification, and the way back.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use tokio::sync::oneshot;

use super::Store;
use super::backup_file::{BackupReader, BackupWriter, Header, Unreadable};
use super::codec::Codec;
use super::commit_row::{self, CommitRow, Tally};
use super::core::{Core, LABEL_KEY};
use super::engine::files::sync_folder;
use super::engine::{Batch, Durability, Engine, Rows};
use super::error::{OpenError, SubmitError};
use super::label::{Label, State};
use super::seal::Sealer;
use super::snapshot::{SLICES_WAITING_MAX, Slice, Snapshot};
use super::table::TableInfo;
use super::verify::{Checker, Report, compare_tally};
use crate::moment::Time;

/// Rows that `restore` writes at once: sled's memory grows with its batches.
const RESTORE_BATCH_ROWS: usize = 200;

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    pub path: PathBuf,
    pub bytes: u64,
    /// What was found on the way; a backup of rows that aren't sound is not kept.
    pub report: Report,
}

/// Why there is no backup. Nothing is left at its path.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BackupError {
    #[error(transparent)]
    Store(#[from] SubmitError),
    #[error("{0} is there already: choose another name")]
    Exists(PathBuf),
    #[error("{path} can't be written: {error}")]
    File { path: PathBuf, error: String },
    #[error("the store is not sound ({} problems; first: {}): not backed up", .0.problems_total, first(.0))]
    Unsound(Box<Report>),
}

/// Why a backup was not restored.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RestoreError {
    #[error("{path}: {reason}")]
    Unreadable { path: PathBuf, reason: String },
    #[error("{0}: its rows are not those that were backed up")]
    OtherRows(PathBuf),
    #[error("there is a store already: restore into an empty path")]
    NotEmpty,
    #[error(transparent)]
    Store(#[from] OpenError),
}

fn first(report: &Report) -> String {
    report.problems.first().map(ToString::to_string).unwrap_or_default()
}

/// All that a walk over the rows needs.
pub(super) struct Walk {
    slices: Receiver<Slice>,
    checker: Checker,
    label: Vec<u8>,
}

impl Store {
    /// Reads every row as of now, decodes it, and compares counts and hash with those of the last commit. The
    /// service goes on meanwhile.
    pub async fn verify(&self) -> Result<Report, SubmitError> {
        let walk = self.walk().await?;
        on_thread(move || walk.verify()).await?
    }

    /// Writes all rows as of now into a new file, which is there whole or not at all. The service goes on
    /// meanwhile. Sealed fields stay sealed.
    pub async fn backup(&self, path: &Path) -> Result<Backup, BackupError> {
        if path.exists() {
            return Err(BackupError::Exists(path.to_owned()));
        }
        let walk = self.walk().await?;
        let path = path.to_owned();
        on_thread(move || walk.backup(path)).await?
    }

    pub(super) async fn walk(&self) -> Result<Walk, SubmitError> {
        self.errand(start_walk).await
    }
}

fn start_walk(core: &mut Core) -> Result<Walk, SubmitError> {
    // What is found of these rows stays so: no power cut takes one back to what it was before.
    core.flush()?;
    if core.snapshot.is_some() {
        return Err(SubmitError::Occupied);
    }
    let label = core.engine.label().ok().flatten().unwrap_or_default();
    let (taker, slices) = mpsc::sync_channel(SLICES_WAITING_MAX);
    core.snapshot = Some(Snapshot::start(taker));
    Ok(Walk { slices, checker: Checker::new(core.codec.clone(), &core.catalog, core.head.clone()), label })
}

pub(super) async fn on_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, SubmitError> {
    let (sender, done) = oneshot::channel();
    thread::Builder::new()
        .name("store walk".to_owned())
        .spawn(move || _ = sender.send(work()))
        .map_err(|error| SubmitError::Unavailable(error.to_string()))?;
    done.await.map_err(|_| SubmitError::Bug("the walk over the rows panicked".to_owned()))
}

impl Walk {
    /// Is there a row that `is_such`?
    pub(super) fn any(self, is_such: impl Fn(&Codec, &[u8], &[u8]) -> bool) -> Result<bool, SubmitError> {
        let codec = self.checker.codec();
        while let Some(rows) = next_rows(&self.slices)? {
            if rows.iter().any(|(key, value)| is_such(codec, key, value)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn verify(mut self) -> Result<Report, SubmitError> {
        while let Some(rows) = next_rows(&self.slices)? {
            rows.iter().for_each(|(key, value)| self.checker.row(key, value));
        }
        Ok(self.checker.finish())
    }

    fn backup(self, path: PathBuf) -> Result<Backup, BackupError> {
        let partial = path.with_added_extension("partial");
        let written = self.write(&partial).and_then(|(report, bytes)| {
            if !report.is_sound() {
                return Err(BackupError::Unsound(Box::new(report)));
            }
            let folder = path.parent().unwrap_or(Path::new("/"));
            let kept = fs::rename(&partial, &path).and_then(|()| sync_folder(folder));
            kept.map_err(|error| file_error(&path, &error))?;
            Ok(Backup { path: path.clone(), bytes, report })
        });
        written.inspect_err(|_| _ = fs::remove_file(&partial))
    }

    fn write(mut self, partial: &Path) -> Result<(Report, u64), BackupError> {
        let file = |error: io::Error| file_error(partial, &error);
        let header = Header {
            label: Label::decode(&self.label).map_err(unavailable)?,
            head: self.checker.head().clone(),
        };
        let out = File::options()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(partial)
            .map_err(file)?;
        let mut writer = BackupWriter::start(BufWriter::new(out), &header).map_err(file)?;
        while let Some(rows) = next_rows(&self.slices)? {
            for (key, value) in &rows {
                self.checker.row(key, value);
                writer.row(key, value).map_err(file)?;
            }
        }
        let (out, _, bytes) = writer.finish().map_err(file)?;
        let out = out.into_inner().map_err(|error| file(error.into_error()))?;
        out.sync_all().map_err(file)?;
        Ok((self.checker.finish(), bytes))
    }
}

fn next_rows(slices: &Receiver<Slice>) -> Result<Option<Rows>, SubmitError> {
    match slices.recv() {
        Ok(Slice::Rows(rows)) => Ok(Some(rows)),
        Ok(Slice::End) => Ok(None),
        Ok(Slice::Interrupted(why)) => Err(SubmitError::Unavailable(why)),
        Err(_) => Err(SubmitError::Unavailable("the store closed or was opened again meanwhile".to_owned())),
    }
}

fn unavailable(error: OpenError) -> SubmitError {
    SubmitError::Unavailable(error.to_string())
}

fn file_error(path: &Path, error: &io::Error) -> BackupError {
    BackupError::File { path: path.to_owned(), error: error.to_string() }
}

/// A store that was made of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restored {
    /// The commit that the backup holds the state of.
    pub seq: u64,
    pub at: Time,
    pub rows: u64,
}

/// Makes a store of a backup, in an engine that has none yet. The whole file is read and checked before anything
/// is written. `progress` hears how many of how many rows are written. Takes as long as the store is large.
pub fn restore(
    path: &Path,
    mut engine: Box<dyn Engine>,
    sealer: &Sealer,
    mut progress: impl FnMut(u64, u64),
) -> Result<Restored, RestoreError> {
    if engine.label().map_err(OpenError::from)?.is_some() {
        return Err(RestoreError::NotEmpty);
    }
    let header = checked_header(path)?;
    let label = Label { settings: engine.settings().to_owned(), state: State::Made, ..header.label };
    label.admit(engine.settings(), sealer)?;
    let restored = write_store(path, &mut *engine, &label, &header.head, &mut progress);
    let closed = engine.close().map_err(OpenError::from);
    restored?;
    closed?;
    Ok(Restored { seq: header.head.seq, at: header.head.at, rows: header.head.rows.total() })
}

/// Whether the backup holds a row of that table, by the counts at its head.
pub fn backup_holds(path: &Path, table: &TableInfo) -> Result<bool, RestoreError> {
    let counts = open_backup(path)?.header.head.rows.counts;
    Ok(counts.get(usize::from(table.prefix)).is_some_and(|count| *count > 0))
}

/// Reads the file to its end and checks all of it.
fn checked_header(path: &Path) -> Result<Header, RestoreError> {
    let mut reader = open_backup(path)?;
    let mut found = Tally::default();
    while let Some(rows) = reader.next_rows().map_err(|reason| unreadable(path, &reason))? {
        rows.iter().for_each(|(key, value)| found.add(key, value));
    }
    if found == reader.header.head.rows {
        Ok(reader.header)
    } else {
        Err(RestoreError::OtherRows(path.to_owned()))
    }
}

fn write_store(
    path: &Path,
    engine: &mut dyn Engine,
    label: &Label,
    head: &CommitRow,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), RestoreError> {
    let restoring = Label { state: State::Restoring, ..label.clone() };
    engine.set_label(&restoring.encode()).map_err(OpenError::from)?;
    engine.open().map_err(OpenError::from)?;
    let (mut done, total) = (0, head.rows.total());
    let mut reader = open_backup(path)?;
    while let Some(rows) = reader.next_rows().map_err(|reason| unreadable(path, &reason))? {
        for part in rows.chunks(RESTORE_BATCH_ROWS) {
            let writes = part.iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect();
            let batch = Batch { seq: head.seq, writes };
            engine.commit(&batch, Durability::Relaxed).map_err(OpenError::from)?;
            done += part.len() as u64;
            progress(done, total);
        }
    }
    let writes =
        vec![(LABEL_KEY.to_vec(), Some(label.encode())), (commit_row::KEY.to_vec(), Some(head.encode()))];
    engine.commit(&Batch { seq: head.seq, writes }, Durability::Durable).map_err(OpenError::from)?;
    compare_tally(engine, &head.rows)?;
    Ok(engine.set_label(&label.encode()).map_err(OpenError::from)?)
}

fn open_backup(path: &Path) -> Result<BackupReader<BufReader<File>>, RestoreError> {
    let file = File::open(path).map_err(|error| unreadable(path, &Unreadable::Io(error)))?;
    BackupReader::start(BufReader::new(file)).map_err(|reason| unreadable(path, &reason))
}

fn unreadable(path: &Path, reason: &Unreadable) -> RestoreError {
    RestoreError::Unreadable { path: path.to_owned(), reason: reason.to_string() }
}
