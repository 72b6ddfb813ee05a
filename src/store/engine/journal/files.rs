//! The journal's files: numbered, written to while they are the last, and written to again or deleted when sled has what
//! is in them.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::record::FILE_HEAD;
use crate::store::engine::files::sync_folder;

const NAME: &str = "gonghui.journal.";

/// The file that commits are appended to.
pub(super) struct Tail {
    file: File,
    bytes: u64,
    is_synced: bool,
}

impl Tail {
    /// A new file, whose name is there after a power cut.
    pub fn create(path: &Path) -> io::Result<Tail> {
        let mut file = File::options().write(true).create_new(true).open(path)?;
        file.write_all(FILE_HEAD)?;
        sync_folder(path.parent().unwrap_or(Path::new("/")))?;
        Ok(Tail { file, bytes: FILE_HEAD.len() as u64, is_synced: false })
    }

    /// A file whose records sled has, under a new name and from its beginning. It has its place on the disk and its
    /// pages in the kernel, so writing takes a third of the time and a sync half of it. What is still in it behind
    /// the new records has lower numbers.
    pub fn reuse(spare: &Path, path: &Path) -> io::Result<Tail> {
        fs::rename(spare, path)?;
        sync_folder(path.parent().unwrap_or(Path::new("/")))?;
        let mut file = File::options().write(true).open(path)?;
        let bytes = file.seek(SeekFrom::Start(FILE_HEAD.len() as u64))?;
        Ok(Tail { file, bytes, is_synced: false })
    }

    /// Where the next record begins.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// After an error the file may end in a part of the record: nothing may follow it.
    pub fn append(&mut self, record: &[u8]) -> io::Result<()> {
        self.is_synced = false;
        self.bytes += record.len() as u64;
        self.file.write_all(record)
    }

    pub fn sync(&mut self) -> io::Result<()> {
        if !self.is_synced {
            self.file.sync_data()?;
            self.is_synced = true;
        }
        Ok(())
    }
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
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let bytes = fs::read(path)?;
    File::open(path)?.sync_data()?;
    Ok(bytes)
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
