//! The files that we keep beside an engine's own, and what else is asked of a file system.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock, statvfs};

use super::EngineError;

/// What can be known before the engine is opened; small, written whole, checked by its reader.
pub(crate) const LABEL_FILE: &str = "gonghui.meta";

/// The last durable commit, beside the data that holds it.
const WATERMARK_FILE: &str = "gonghui.seq";

const SLOT_BYTES: usize = 16;

/// Remembers the last commit that was acknowledged as durable.
///
/// It is written after each durable commit and never waited for. So it survives the end of the process, and
/// after a power cut it may be behind the data, but never ahead: data with an older last commit have lost
/// something. Two slots are written in turn, so that a torn write leaves one.
pub(crate) struct Watermark {
    file: File,
}

impl Watermark {
    pub fn open(folder: &Path) -> io::Result<Watermark> {
        let path = folder.join(WATERMARK_FILE);
        let file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
        if file.metadata()?.len() < 2 * SLOT_BYTES as u64 {
            // Room for both slots from the start: later writes need no more of the disk.
            file.write_all_at(&[0; 2 * SLOT_BYTES], 0)?;
            file.sync_all()?;
        }
        Ok(Watermark { file })
    }

    /// 0 if nothing is known.
    pub fn read(&self) -> io::Result<u64> {
        let mut slots = [0; 2 * SLOT_BYTES];
        self.file.read_exact_at(&mut slots, 0)?;
        let (first, second) = slots.split_at(SLOT_BYTES);
        Ok([first, second].into_iter().filter_map(slot_seq).max().unwrap_or(0))
    }

    pub fn write(&self, seq: u64) -> io::Result<()> {
        let at = (seq % 2) * SLOT_BYTES as u64;
        let digits = seq.to_le_bytes();
        let sum = u64::from(crc32fast::hash(&digits)).to_le_bytes();
        self.file.write_all_at(&[digits, sum].concat(), at)
    }

    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// Whether there was a store here.
pub(crate) fn has_watermark(folder: &Path) -> bool {
    folder.join(WATERMARK_FILE).exists()
}

fn slot_seq(slot: &[u8]) -> Option<u64> {
    let (digits, sum) = slot.split_first_chunk::<8>()?;
    let written = u64::from(crc32fast::hash(digits)).to_le_bytes() == *sum;
    written.then(|| u64::from_le_bytes(*digits))
}

/// Replaces a file so that after a power cut it is the old one or the new one, whole.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = File::create(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    sync_folder(path.parent().unwrap_or(Path::new("/")))
}

/// Makes the names of a folder's files durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder)?.sync_all()
}

/// Makes the folder and the names of all folders above it that had to be made durable.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = folder.parent().unwrap_or(Path::new("/"));
    if !above.as_os_str().is_empty() {
        make_folder(above)?;
    }
    // What is in there is nobody else's business.
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => sync_folder(above),
    }
}

/// Bytes that may still be written to the file system that holds `path`.
pub(crate) fn room_bytes(path: &Path) -> io::Result<u64> {
    let room = statvfs(path)?;
    Ok(room.f_bavail.saturating_mul(room.f_frsize))
}

/// Locks the file until what is returned is dropped; nothing if there is no such file. `WouldBlock`: another instance
/// has it.
pub(crate) fn lock(path: &Path) -> io::Result<Option<File>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    Ok(Some(file))
}

/// Whether another instance has locked the file. The lock is taken for a moment to find out.
pub(crate) fn is_locked(path: &Path) -> io::Result<bool> {
    match lock(path) {
        Ok(_) => Ok(false),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(true),
        Err(error) => Err(error),
    }
}

/// Bytes in a folder's files, and in those of folders below it.
pub(crate) fn folder_bytes(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let about = entry.metadata()?;
        bytes += if about.is_dir() { folder_bytes(&entry.path())? } else { about.len() };
    }
    Ok(bytes)
}

/// Copies a folder's files and those of folders below it, except the folder `to` itself.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path == to {
            continue;
        }
        if entry.metadata()?.is_dir() {
            copy_folder(&path, &target)?;
        } else {
            fs::copy(&path, &target)?;
        }
    }
    Ok(())
}

/// A folder that goes when this is dropped.
pub(crate) struct Passing(pub PathBuf);

impl Drop for Passing {
    fn drop(&mut self) {
        // What is left over is removed before the next one is made.
        _ = fs::remove_dir_all(&self.0);
    }
}

/// What an error of the file system means for the store at `path`.
pub(crate) fn engine_error(path: &Path, error: &io::Error) -> EngineError {
    let text = format!("{}: {error}", path.display());
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            EngineError::Full(text)
        }
        ErrorKind::WouldBlock => EngineError::InUse(path.display().to_string()),
        ErrorKind::UnexpectedEof | ErrorKind::InvalidData => EngineError::Damaged(text),
        _ => EngineError::Io(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watermark_survives_a_torn_slot() {
        let folder = tempfile::tempdir().unwrap();
        let mark = Watermark::open(folder.path()).unwrap();
        assert_eq!(mark.read().unwrap(), 0);
        mark.write(7).unwrap();
        mark.write(8).unwrap();
        assert_eq!(Watermark::open(folder.path()).unwrap().read().unwrap(), 8);
        mark.file.write_all_at(b"torn", 3).unwrap();
        assert_eq!(mark.read().unwrap(), 7);
    }

    #[test]
    fn a_copy_of_a_folder_into_itself_ends() {
        let folder = tempfile::tempdir().unwrap();
        make_folder(&folder.path().join("a/b")).unwrap();
        fs::write(folder.path().join("a/b/file"), "123").unwrap();
        let copy = Passing(folder.path().join("copy"));
        copy_folder(folder.path(), &copy.0).unwrap();
        assert_eq!(folder_bytes(&copy.0).unwrap(), 3);
        let path = copy.0.clone();
        drop(copy);
        assert!(!path.exists());
    }
}
