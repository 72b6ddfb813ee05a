//! A key for each person, kept apart from the store: destroying one makes all that was sealed with it unreadable,
//! in every old segment and every backup.
//!
//! The book is a file of slots of 32 bytes beside the store. Slot 0 keys the index of identity numbers; a person's
//! slot is given once and never again. A destroyed slot is zeros. The file grows in blocks of random slots that are
//! on disk before the first of them is used, so that a key is never made twice.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::engine::files::{sync_folder, write_whole};
use super::seal::keyed;

const SLOT_BYTES: usize = 32;
const BLOCK_SLOTS: u64 = 4096;
const INDEX_SLOT: u64 = 0;
const NONCE_BYTES: usize = 24;

/// Where a book's fresh slots come from.
pub type Chance = fn(&mut [u8]) -> io::Result<()>;

/// Cheap to clone; clones share the book.
#[derive(Clone)]
pub struct KeyBook {
    pages: Arc<Mutex<Pages>>,
}

enum Pages {
    Memory(Vec<u8>),
    File { file: File, path: PathBuf, bytes: u64, chance: Chance },
}

/// Why a key can't be had.
#[derive(Debug, thiserror::Error)]
pub enum NoKey {
    #[error(
        "the key book lacks slot {0}: it is not this store's, or was cut; put the latest copy in its place"
    )]
    Missing(u64),
    #[error("the key book can't be read or written: {0}")]
    Io(#[from] io::Error),
    #[error("what was sealed with slot {0} was altered, or the key book is another store's")]
    Altered(u64),
}

impl KeyBook {
    /// A book for stores in memory: its keys are the slots' numbers, its secrets are none.
    pub fn in_memory() -> KeyBook {
        KeyBook { pages: Arc::new(Mutex::new(Pages::Memory(Vec::new()))) }
    }

    /// Opens the book, or makes one.
    pub fn open(path: &Path, chance: Chance) -> io::Result<KeyBook> {
        let options =
            File::options().read(true).write(true).create(true).truncate(false).mode(0o600).to_owned();
        let file = options.open(path)?;
        let bytes = file.metadata()?.len();
        let pages = Pages::File { file, path: path.to_owned(), bytes, chance };
        let book = KeyBook { pages: Arc::new(Mutex::new(pages)) };
        if bytes == 0 {
            book.pages().grow()?;
            sync_folder(path.parent().unwrap_or(Path::new("/")))?;
        }
        Ok(book)
    }

    /// Seals bytes for the person of that slot. The same bytes come out sealed the same.
    pub fn seal(&self, slot: u64, plain: &[u8]) -> Result<Vec<u8>, NoKey> {
        let key = self.pages().key(slot, true)?.ok_or(NoKey::Missing(slot))?;
        let mac = keyed(&key[..]).chain_update(b"nonce").chain_update(plain);
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(&mac.finalize().into_bytes()[..NONCE_BYTES]);
        let payload = Payload { msg: plain, aad: &slot.to_be_bytes() };
        let sealed = cipher(&key).encrypt(&XNonce::from(nonce), payload);
        Ok([nonce.to_vec(), sealed.map_err(|_| NoKey::Altered(slot))?].concat())
    }

    /// `None`: the slot was destroyed, and nobody will ever read it again.
    pub fn open_sealed(&self, slot: u64, sealed: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, NoKey> {
        let Some(key) = self.pages().key(slot, false)? else { return Ok(None) };
        let altered = || NoKey::Altered(slot);
        let (nonce, text) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or_else(altered)?;
        let payload = Payload { msg: text, aad: &slot.to_be_bytes() };
        let plain = cipher(&key).decrypt(&XNonce::from(*nonce), payload).map_err(|_| altered())?;
        Ok(Some(Zeroizing::new(plain)))
    }

    /// A name for a secret value, by which it is found, and which tells nothing to who has not the book.
    pub fn index(&self, what: &str, value: &str) -> Result<[u8; 16], NoKey> {
        let key = self.pages().key(INDEX_SLOT, true)?.ok_or(NoKey::Missing(INDEX_SLOT))?;
        let mac = keyed(&key[..]).chain_update(what).chain_update([0]).chain_update(value);
        let mut index = [0; 16];
        index.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        Ok(index)
    }

    /// Overwrites the slot, on disk before this returns.
    pub fn destroy(&self, slot: u64) -> io::Result<()> {
        self.pages().destroy(slot)
    }

    /// A slot beyond the book's end was not given yet.
    pub fn is_destroyed(&self, slot: u64) -> Result<bool, NoKey> {
        match self.pages().key(slot, false) {
            Ok(key) => Ok(key.is_none()),
            Err(NoKey::Missing(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The whole book as it is now.
    pub fn bytes(&self) -> io::Result<Vec<u8>> {
        match &*self.pages() {
            Pages::Memory(destroyed) => Ok(destroyed.clone()),
            Pages::File { path, .. } => std::fs::read(path),
        }
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts a book's copy in place, whole or not at all.
pub fn replace(path: &Path, book: &[u8]) -> io::Result<()> {
    write_whole(path, book)
}

/// What two copies of one book know together: a slot that was destroyed in either is. `None`: they are of two books.
pub fn merged(one: &[u8], other: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (longer, shorter) = if one.len() < other.len() { (other, one) } else { (one, other) };
    let mut book = Zeroizing::new(longer.to_vec());
    for (slot, known) in book.chunks_exact_mut(SLOT_BYTES).zip(shorter.chunks_exact(SLOT_BYTES)) {
        match [&*slot, known].map(|slot| slot.iter().all(|byte| *byte == 0)) {
            [true, _] => {}
            [_, true] => slot.fill(0),
            _ if slot != known => return None,
            _ => {}
        }
    }
    Some(book)
}

impl Pages {
    /// `None` for a destroyed slot. `fresh`: the next block may be made for it.
    fn key(&mut self, slot: u64, fresh: bool) -> Result<Option<Zeroizing<[u8; SLOT_BYTES]>>, NoKey> {
        let mut key = Zeroizing::new([0; SLOT_BYTES]);
        match self {
            Pages::Memory(destroyed) => {
                let is_gone = destroyed.chunks_exact(8).any(|gone| gone == slot.to_be_bytes());
                key[..8].copy_from_slice(&(slot + 1).to_be_bytes());
                return Ok((!is_gone).then_some(key));
            }
            Pages::File { bytes, .. } if fresh && *bytes == offset(slot) => self.grow()?,
            Pages::File { .. } => {}
        }
        if let Pages::File { file, bytes, .. } = self {
            if *bytes < offset(slot + 1) {
                return Err(NoKey::Missing(slot));
            }
            file.read_exact_at(&mut key[..], offset(slot))?;
        }
        Ok(key.iter().any(|byte| *byte != 0).then_some(key))
    }

    fn grow(&mut self) -> io::Result<()> {
        if let Pages::File { file, bytes, chance, .. } = self {
            let mut block = Zeroizing::new(vec![0; BLOCK_SLOTS as usize * SLOT_BYTES]);
            chance(&mut block)?;
            file.write_all_at(&block, *bytes)?;
            file.sync_data()?;
            *bytes += block.len() as u64;
        }
        Ok(())
    }

    fn destroy(&mut self, slot: u64) -> io::Result<()> {
        match self {
            Pages::Memory(destroyed) => destroyed.extend(slot.to_be_bytes()),
            Pages::File { file, bytes, .. } if offset(slot + 1) <= *bytes => {
                file.write_all_at(&[0; SLOT_BYTES], offset(slot))?;
                file.sync_data()?;
            }
            Pages::File { .. } => {}
        }
        Ok(())
    }
}

fn offset(slot: u64) -> u64 {
    slot.saturating_mul(SLOT_BYTES as u64)
}

fn cipher(key: &[u8; SLOT_BYTES]) -> XChaCha20Poly1305 {
    let derived: [u8; 32] = <Hmac<Sha256>>::finalize(keyed(key).chain_update(b"cipher")).into_bytes().into();
    XChaCha20Poly1305::new(&Key::from(derived))
}

impl fmt::Debug for KeyBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyBook [hidden]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Differs from block to block, which is all that these tests need.
    fn chance(bytes: &mut [u8]) -> io::Result<()> {
        use std::sync::atomic::{AtomicU8, Ordering};
        static NEXT: AtomicU8 = AtomicU8::new(1);
        let start = NEXT.fetch_add(1, Ordering::Relaxed);
        bytes.iter_mut().enumerate().for_each(|(n, byte)| *byte = start ^ (n / 32) as u8 | 1);
        Ok(())
    }

    #[test]
    fn what_a_destroyed_slot_sealed_stays_shut_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book");
        let book = KeyBook::open(&path, chance).unwrap();
        let [mei, qiang] = [1, BLOCK_SLOTS].map(|slot| book.seal(slot, b"330299199001011234").unwrap());
        assert_ne!(mei, qiang);
        assert_eq!(book.seal(1, b"330299199001011234").unwrap(), mei, "the same command writes the same");
        assert!(matches!(book.open_sealed(2, &mei), Err(NoKey::Altered(2))));
        book.destroy(1).unwrap();
        drop(book);
        let book = KeyBook::open(&path, chance).unwrap();
        assert_eq!(book.open_sealed(1, &mei).unwrap(), None);
        assert_eq!(book.open_sealed(BLOCK_SLOTS, &qiang).unwrap().unwrap().as_slice(), b"330299199001011234");
        assert!(matches!(book.seal(1, b"x"), Err(NoKey::Missing(1))), "a slot is given once");
    }

    #[test]
    fn copies_of_a_book_know_together_who_was_destroyed_in_either() {
        let folder = tempfile::tempdir().unwrap();
        let [path, later] = ["book", "later"].map(|name| folder.path().join(name));
        let book = KeyBook::open(&path, chance).unwrap();
        let sealed = book.seal(1, b"x").unwrap();
        let copy = book.bytes().unwrap();
        book.destroy(1).unwrap();
        let far = book.seal(BLOCK_SLOTS, b"y").unwrap();
        let bytes = book.bytes().unwrap();
        for [one, other] in [[&copy, &bytes], [&bytes, &copy]] {
            replace(&later, &merged(one, other).unwrap()).unwrap();
            let book = KeyBook::open(&later, chance).unwrap();
            assert_eq!(book.open_sealed(1, &sealed).unwrap(), None);
            assert_eq!(book.open_sealed(BLOCK_SLOTS, &far).unwrap().unwrap().as_slice(), b"y");
        }
        let stranger = KeyBook::open(&folder.path().join("stranger"), chance).unwrap().bytes().unwrap();
        assert_eq!(merged(&stranger, &bytes), None);
    }

    #[test]
    fn a_book_that_was_cut_says_so_rather_than_making_keys_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book");
        let sealed = KeyBook::open(&path, chance).unwrap().seal(BLOCK_SLOTS, b"x").unwrap();
        File::options().write(true).open(&path).unwrap().set_len(64).unwrap();
        let book = KeyBook::open(&path, chance).unwrap();
        assert!(matches!(book.open_sealed(BLOCK_SLOTS, &sealed), Err(NoKey::Missing(BLOCK_SLOTS))));
        assert!(matches!(book.seal(BLOCK_SLOTS + 1, b"x"), Err(NoKey::Missing(_))));
    }
}
