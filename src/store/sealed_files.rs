//! Documents too large for rows: files of their own, sealed, named by what they hold.
//!
//! A file is there whole or not at all, and what it holds never changes but for the key that seals it, so copying the
//! folder is a backup of it.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hmac::Mac;
use zeroize::Zeroizing;

use super::engine::files::{make_folder, sync_folder};
use super::seal::{HEAD_BYTES, SEAL_BYTES, Sealer, Unopenable, keyed};

/// The largest document, in bytes; WeChat's pictures have at most 10 MB.
pub const DOCUMENT_BYTES_MAX: usize = 16 << 20;

/// The file of what documents are named with; no document is called so.
const NAMES: &str = "names";

/// A folder of sealed documents. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SealedFiles {
    folder: PathBuf,
    sealer: Sealer,
    /// Held while a file is made, replaced or deleted: what is sealed anew must not come back after its deletion.
    changing: Arc<Mutex<()>>,
}

/// A document's name: a hash of its content that only who has the key can compute, in hex.
pub type DocumentName = String;

#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    #[error("there is no document {0}")]
    Missing(String),
    #[error("a document of {0} bytes is too large")]
    TooLarge(usize),
    #[error("document {name} can't be opened: {why}")]
    Unopenable { name: String, why: Unopenable },
    #[error("a document could not be stored or read: {0}")]
    Io(#[from] io::Error),
}

impl SealedFiles {
    /// The folder is made when the first document is stored.
    pub fn new(folder: impl Into<PathBuf>, sealer: Sealer) -> SealedFiles {
        SealedFiles { folder: folder.into(), sealer, changing: Arc::default() }
    }

    /// Stores a document; when this returns, it survives a power cut. The same content stored twice is one file.
    pub fn put(&self, content: &[u8]) -> Result<DocumentName, DocumentError> {
        if content.len() > DOCUMENT_BYTES_MAX {
            return Err(DocumentError::TooLarge(content.len()));
        }
        let _changing = self.changing();
        let name = self.name_of(content)?;
        let path = self.path(&name);
        // One that was damaged is written anew while somebody has its content.
        if path.exists() && self.get(&name).is_ok() {
            return Ok(name);
        }
        make_folder(path.parent().unwrap_or(&self.folder))?;
        self.write(&name, content)?;
        Ok(name)
    }

    /// Seals a document with the current key if an earlier one sealed it; says whether it was so. It keeps its name, by
    /// which it is known, and one that is not there needs no key.
    pub fn reseal(&self, name: &str) -> Result<bool, DocumentError> {
        let _changing = self.changing();
        if !is_name(name) || !self.begins_earlier(name)? {
            return Ok(false);
        }
        let content = self.get(name)?;
        self.write(name, &content)?;
        Ok(true)
    }

    /// The same of what documents are named with, if there are any.
    pub fn reseal_names(&self) -> Result<(), DocumentError> {
        let _changing = self.changing();
        if self.folder.exists() { self.names().map(drop) } else { Ok(()) }
    }

    pub fn get(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, DocumentError> {
        let missing = || DocumentError::Missing(name.to_owned());
        if !is_name(name) {
            return Err(missing());
        }
        let sealed = match fs::read(self.path(name)) {
            Ok(sealed) => sealed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing()),
            Err(error) => return Err(error.into()),
        };
        let unopenable = |why| DocumentError::Unopenable { name: name.to_owned(), why };
        self.sealer.open_document(name, &sealed).map_err(unopenable)
    }

    /// Is the document there, as long as its content asks for? Opens nothing, so that all can be looked at.
    pub fn is_there(&self, name: &str, bytes: u64) -> bool {
        let whole = |file: fs::Metadata| file.len() == bytes + SEAL_BYTES as u64;
        is_name(name) && fs::metadata(self.path(name)).is_ok_and(whole)
    }

    /// Deletes a document; one that is not there is deleted already.
    pub fn remove(&self, name: &str) -> Result<(), DocumentError> {
        if !is_name(name) {
            return Ok(());
        }
        let _changing = self.changing();
        let path = self.path(name);
        Ok(remove_if_there(&being_written(&path)).and(remove_if_there(&path))?)
    }

    /// Reads no more of a document than its head.
    fn begins_earlier(&self, name: &str) -> Result<bool, DocumentError> {
        let file = match File::open(self.path(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let mut head = Vec::new();
        file.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
        Ok(self.sealer.is_earlier(&head))
    }

    fn write(&self, name: &str, content: &[u8]) -> Result<(), DocumentError> {
        let path = self.path(name);
        let sealed = self.sealer.seal_document(name, content).ok_or_else(no_key)?;
        write_new(&path, &sealed)?;
        Ok(sync_folder(path.parent().unwrap_or(&self.folder))?)
    }

    fn changing(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Two characters of the name are a folder, so that none grows without bound.
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name.get(..2).unwrap_or_default()).join(name)
    }

    fn name_of(&self, content: &[u8]) -> Result<DocumentName, DocumentError> {
        let names = match self.names() {
            // No paper is lost for it; it is only not recognised for one that is there.
            Err(unopenable @ DocumentError::Unopenable { .. }) => {
                tracing::error!(%unopenable, "documents are named anew");
                self.sealer.first_names()
            }
            names => names?,
        };
        Ok(hex::encode(keyed(&names).chain_update(content).finalize().into_bytes()))
    }

    /// What documents are named with. It stands beside them and stays when keys rotate, so that one that was there before
    /// is recognised.
    fn names(&self) -> Result<[u8; 32], DocumentError> {
        let unopenable = |why| DocumentError::Unopenable { name: NAMES.to_owned(), why };
        let sealed = match fs::read(self.folder.join(NAMES)) {
            Ok(sealed) => sealed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return self.keep_names(self.sealer.first_names());
            }
            Err(error) => return Err(error.into()),
        };
        let opened = self.sealer.open_document(NAMES, &sealed).map_err(unopenable)?;
        let names = <[u8; 32]>::try_from(&opened[..]).map_err(|_| unopenable(Unopenable::Altered))?;
        if self.sealer.is_earlier(&sealed) { self.keep_names(names) } else { Ok(names) }
    }

    fn keep_names(&self, names: [u8; 32]) -> Result<[u8; 32], DocumentError> {
        make_folder(&self.folder)?;
        write_new(&self.folder.join(NAMES), &self.sealer.seal_document(NAMES, &names).ok_or_else(no_key)?)?;
        sync_folder(&self.folder)?;
        Ok(names)
    }
}

/// Complete under its name or not there: a file that is being written has another one, which doesn't stay when the disk
/// is full.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = being_written(path);
    let written = File::create(&new).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, path)
    });
    if written.is_err() {
        _ = remove_if_there(&new);
    }
    written
}

fn being_written(path: &Path) -> PathBuf {
    path.with_extension("new")
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    fs::remove_file(path).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })
}

fn no_key() -> DocumentError {
    DocumentError::Io(io::Error::other("there is no key to seal with"))
}

/// Names come back from rows and from requests: only such ones become paths.
fn is_name(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHOTO: &[u8] = b"\xff\xd8\xff an invoice";

    fn files(folder: &Path, key: u8) -> SealedFiles {
        SealedFiles::new(folder.join("media"), Sealer::new(&[key; 32], &[]))
    }

    #[test]
    fn a_document_comes_back_and_is_unreadable_on_disk() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path(), 1);
        let name = files.put(PHOTO).unwrap();
        assert_eq!(files.put(PHOTO).unwrap(), name, "the same content is one file");
        assert_eq!(&files.get(&name).unwrap()[..], PHOTO);
        let stored = fs::read(files.path(&name)).unwrap();
        assert!(!stored.windows(7).any(|window| window == b"invoice"));
        files.remove(&name).unwrap();
        files.remove(&name).unwrap();
        assert!(matches!(files.get(&name), Err(DocumentError::Missing(_))));
    }

    #[test]
    fn one_that_was_damaged_is_there_again_when_it_is_stored_again() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path(), 1);
        let name = files.put(PHOTO).unwrap();
        fs::write(files.path(&name), b"").unwrap();
        assert_eq!(files.put(PHOTO).unwrap(), name);
        assert_eq!(&files.get(&name).unwrap()[..], PHOTO);
    }

    #[test]
    fn one_that_is_missing_or_cut_short_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path(), 1);
        let (name, bytes) = (files.put(PHOTO).unwrap(), PHOTO.len() as u64);
        assert!(files.is_there(&name, bytes));
        let sealed = fs::read(files.path(&name)).unwrap();
        fs::write(files.path(&name), &sealed[..40]).unwrap();
        assert!(!files.is_there(&name, bytes));
        files.remove(&name).unwrap();
        assert!(!files.is_there(&name, bytes));
    }

    #[test]
    fn what_a_crash_left_half_written_goes_with_the_document() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path(), 1);
        let name = files.put(PHOTO).unwrap();
        let half = files.path(&name).with_extension("new");
        fs::copy(files.path(&name), &half).unwrap();
        files.remove(&name).unwrap();
        assert!(!half.exists());
    }

    #[test]
    fn another_key_another_name_or_a_flipped_bit_opens_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let own = files(folder.path(), 1);
        let (name, other) = (own.put(PHOTO).unwrap(), own.put(b"other").unwrap());
        assert!(matches!(files(folder.path(), 2).get(&name), Err(DocumentError::Unopenable { .. })));
        fs::copy(own.path(&name), own.path(&other)).unwrap();
        assert!(matches!(own.get(&other), Err(DocumentError::Unopenable { .. })));
        let mut stored = fs::read(own.path(&name)).unwrap();
        stored[40] ^= 1;
        fs::write(own.path(&name), stored).unwrap();
        assert!(matches!(own.get(&name), Err(DocumentError::Unopenable { .. })));
    }

    #[test]
    fn after_a_rotation_old_documents_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let name = files(folder.path(), 1).put(PHOTO).unwrap();
        let rotated = SealedFiles::new(folder.path().join("media"), Sealer::new(&[2; 32], &[[1; 32]]));
        assert_eq!(&rotated.get(&name).unwrap()[..], PHOTO);
    }

    #[test]
    fn after_rotations_what_was_there_before_is_recognised() {
        let folder = tempfile::tempdir().unwrap();
        let rotated = |current: u8, earlier: &[[u8; 32]]| {
            SealedFiles::new(folder.path().join("media"), Sealer::new(&[current; 32], earlier))
        };
        let name = rotated(1, &[]).put(PHOTO).unwrap();
        // As an earlier version left it.
        fs::remove_file(folder.path().join("media").join(NAMES)).unwrap();
        rotated(2, &[[1; 32]]).reseal_names().unwrap();
        assert_eq!(rotated(2, &[]).put(PHOTO).unwrap(), name, "the first key is gone");
        assert_eq!(rotated(3, &[[2; 32]]).put(PHOTO).unwrap(), name);
        assert_eq!(rotated(3, &[]).put(PHOTO).unwrap(), name);
        // Whose key is lost is stored all the same.
        assert_ne!(rotated(4, &[]).put(PHOTO).unwrap(), name);
    }

    #[test]
    fn a_document_is_sealed_anew_under_its_name_and_needs_the_new_key_alone() {
        let folder = tempfile::tempdir().unwrap();
        let before = files(folder.path(), 1);
        let [name, deleted] = [PHOTO, b"deleted"].map(|content| before.put(content).unwrap());
        let rotated = SealedFiles::new(folder.path().join("media"), Sealer::new(&[2; 32], &[[1; 32]]));
        rotated.remove(&deleted).unwrap();
        assert!(rotated.reseal(&name).unwrap());
        assert!(!rotated.reseal(&name).unwrap(), "once is enough");
        assert!(!rotated.reseal(&deleted).unwrap(), "nothing comes back");
        let after = files(folder.path(), 2);
        assert_eq!(&after.get(&name).unwrap()[..], PHOTO);
        assert!(matches!(after.get(&deleted), Err(DocumentError::Missing(_))));
        assert!(matches!(before.get(&name), Err(DocumentError::Unopenable { .. })));
    }

    #[test]
    fn a_name_is_never_a_path() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secret"), "x").unwrap();
        for name in ["../secret", "", "..", "/etc/passwd", "ABCD"] {
            assert!(matches!(files(folder.path(), 1).get(name), Err(DocumentError::Missing(_))), "{name}");
        }
    }
}
