//! The journal's files: numbered, written to while they are the last, and written to again or deleted when sled has what
//! is in them.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::thread;

use super::record::{FILE_HEAD, HEAD_BYTES};
use crate::store::engine::files::sync_folder;

const NAME: &str = "gonghui.journal.";

/// The file that commits are appended to.
pub(super) struct Tail {
    file: File,
    bytes: u64,
    /// Where the last record begins.
    last: u64,
    is_synced: bool,
    syncing: Option<Syncing>,
}

/// A sync on another thread.
struct Syncing {
    /// The commit up to which it goes, and where its record ends.
    up_to: u64,
    bytes: u64,
    done: Receiver<io::Result<()>>,
}

impl Tail {
    /// A new file, whose name is there after a power cut.
    pub fn create(path: &Path) -> io::Result<Tail> {
        Tail::begin(File::options().read(true).write(true).create_new(true).open(path)?, path)
    }

    /// A file whose records sled has, under a new name and from its beginning. It has its place on the disk and its
    /// pages in the kernel, so writing takes a third of the time and a sync half of it. What is still in it behind
    /// the new records has lower numbers.
    pub fn reuse(spare: &Path, path: &Path) -> io::Result<Tail> {
        fs::rename(spare, path)?;
        Tail::begin(File::options().read(true).write(true).open(path)?, path)
    }

    fn begin(mut file: File, path: &Path) -> io::Result<Tail> {
        file.write_all(FILE_HEAD)?;
        sync_folder(path.parent().unwrap_or(Path::new("/")))?;
        let bytes = FILE_HEAD.len() as u64;
        Ok(Tail { file, bytes, last: bytes, is_synced: false, syncing: None })
    }

    /// The file, to read what was written.
    pub fn into_file(self) -> File {
        self.file
    }

    /// Where the next record begins.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// After an error the file may end in a part of the record: nothing may follow it.
    pub fn append(&mut self, record: &[u8]) -> io::Result<()> {
        self.is_synced = false;
        self.last = self.bytes;
        self.bytes += record.len() as u64;
        self.file.write_all(record)
    }

    /// Makes the last record none, which nobody was told of and nobody is to read after a restart. A disk that refuses
    /// that, too, can't be helped.
    pub fn spoil_last(&self) {
        _ = self.file.write_all_at(&[0; HEAD_BYTES], self.last);
    }

    pub fn sync(&mut self) -> io::Result<()> {
        // First: its error is told once, to whoever syncs then.
        if let Some(Syncing { bytes, done, .. }) = self.syncing.take() {
            done.recv().unwrap_or_else(|_| Err(lost()))?;
            self.is_synced |= bytes == self.bytes;
        }
        if !self.is_synced {
            self.file.sync_data()?;
            self.is_synced = true;
        }
        Ok(())
    }

    /// As [`Tail::sync`], on another thread, for what was appended up to that commit. The commit up to which one
    /// has ended; `None` as long as it runs.
    pub fn sync_aside(&mut self, up_to: u64) -> io::Result<Option<u64>> {
        if self.is_synced {
            return Ok(Some(up_to));
        }
        let Some(syncing) = &self.syncing else {
            let (told, done) = mpsc::channel();
            let begun = self.file.try_clone().and_then(|file| {
                let work = move || _ = told.send(file.sync_data());
                thread::Builder::new().name("store sync".to_owned()).spawn(work)
            });
            if begun.is_err() {
                // No more handles or threads are to be had, which is nothing about the disk.
                return self.sync().map(|()| Some(up_to));
            }
            self.syncing = Some(Syncing { up_to, bytes: self.bytes, done });
            return Ok(None);
        };
        let (up_to, bytes, ended) = (syncing.up_to, syncing.bytes, syncing.done.try_recv());
        match ended {
            Err(TryRecvError::Empty) => return Ok(None),
            Err(TryRecvError::Disconnected) => Err(lost()),
            Ok(synced) => synced,
        }?;
        self.syncing = None;
        self.is_synced = bytes == self.bytes;
        Ok(Some(up_to))
    }
}

fn lost() -> io::Error {
    io::Error::other("the thread that synced the journal is gone")
}

pub(super) fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{NAME}{number:010}"))
}

/// The journal's files in a folder by their numbers.
pub(super) fn list(folder: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(NAME)?.parse().ok());
        found.extend(number.map(|number| (number, entry.path())));
    }
    found.sort();
    Ok(found)
}

/// Reads a file and makes sure that what was read stays: it may be in the kernel alone.
pub(super) fn read(path: &Path) -> io::Result<(File, Vec<u8>)> {
    let (mut file, mut bytes) = (File::open(path)?, Vec::new());
    file.read_to_end(&mut bytes)?;
    file.sync_data()?;
    Ok((file, bytes))
}

/// Deletes files; those that are gone already too.
pub(super) fn delete(folder: &Path, files: &[PathBuf]) -> io::Result<()> {
    for file in files {
        match fs::remove_file(file) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    if files.is_empty() { Ok(()) } else { sync_folder(folder) }
}
