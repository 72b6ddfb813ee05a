//! Sealed fields: what nobody with the files alone may read (identity numbers, phones, bank cards).
//!
//! A record declares them as `Sealed<T>`; the store's codec encrypts them when a row is written and decrypts
//! them when it is read. Nothing else can serialize a `Sealed`, so no log or page shows one by mistake.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use serde::de::{DeserializeOwned, Error as _};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::key_book::KeyBook;

/// A field that is encrypted in the store and hidden in logs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Sealed<T>(T);

impl<T> Sealed<T> {
    pub const fn new(value: T) -> Sealed<T> {
        Sealed(value)
    }

    /// The value, for the one who has a reason to see it.
    pub const fn reveal(&self) -> &T {
        &self.0
    }

    pub fn into_revealed(self) -> T {
        self.0
    }
}

impl<T> From<T> for Sealed<T> {
    fn from(value: T) -> Sealed<T> {
        Sealed(value)
    }
}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}

/// The keys that fields are sealed with: the current one for writing, all of them for reading.
#[derive(Clone)]
pub struct Sealer {
    keys: Arc<[SealKey]>,
    book: KeyBook,
}

struct SealKey {
    fingerprint: Fingerprint,
    cipher: XChaCha20Poly1305,
    nonces: Hmac<Sha256>,
}

/// Tells keys apart without giving them away; its first four bytes are the key id in front of sealed fields.
pub(crate) type Fingerprint = [u8; 16];

/// What a key is called where people read of it: the id in front of what it sealed, in hex.
pub type KeyName = String;

pub(crate) fn key_name(fingerprint: &Fingerprint) -> KeyName {
    hex::encode(&fingerprint[..ID_BYTES])
}

/// Why a sealed field can't be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unopenable {
    #[error("sealed with the key {} that the configuration doesn't have", hex::encode(.0))]
    UnknownKey([u8; 4]),
    #[error("a sealed field was altered or belongs to another row")]
    Altered,
}

const FORMAT: u8 = 1;
const ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 24;
/// Format, key id, place of the field in its row.
pub(crate) const HEAD_BYTES: usize = 1 + ID_BYTES + 1;
/// What sealing adds.
pub(crate) const SEAL_BYTES: usize = HEAD_BYTES + NONCE_BYTES + TAG_BYTES;
const TAG_BYTES: usize = 16;

impl Sealer {
    /// `current` seals; rows sealed with one of `previous` can still be read, and are sealed with `current`
    /// when they are next written, or by [`Tx::reseal`](super::Tx::reseal).
    pub fn new(current: &[u8; 32], previous: &[[u8; 32]]) -> Sealer {
        let keys = std::iter::once(current).chain(previous).map(SealKey::new).collect();
        Sealer { keys, book: KeyBook::in_memory() }
    }

    /// The keys of persons, which otherwise are in memory alone.
    pub fn with_book(self, book: KeyBook) -> Sealer {
        Sealer { book, ..self }
    }

    pub fn book(&self) -> &KeyBook {
        &self.book
    }

    /// The names of all its keys, the current one first.
    pub fn names(&self) -> Vec<KeyName> {
        self.keys.iter().map(|key| key_name(&key.fingerprint)).collect()
    }

    pub(crate) fn current(&self) -> Option<Fingerprint> {
        self.keys.first().map(|key| key.fingerprint)
    }

    pub(crate) fn has(&self, fingerprint: &Fingerprint) -> bool {
        self.keys.iter().any(|key| bool::from(key.fingerprint.ct_eq(fingerprint)))
    }

    /// Bytes that follow from `parts` and that nobody without the current key can tell.
    pub(crate) fn unguessable(&self, parts: &[&[u8]]) -> [u8; 32] {
        let Some(key) = self.keys.first() else { return [0; 32] };
        let derived = key.nonces.clone().chain_update(b"gonghui: unguessable").finalize().into_bytes();
        let mut mac = keyed(&derived);
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// Seals a field that stands at `place` among the sealed fields of the row with this stored key.
    fn seal(&self, row_key: &[u8], place: u8, plain: &[u8]) -> Option<Vec<u8>> {
        let key = self.keys.first()?;
        let mut sealed = Vec::with_capacity(SEAL_BYTES + plain.len());
        sealed.push(FORMAT);
        sealed.extend_from_slice(&key.id());
        sealed.push(place);
        let bound = bound_to(row_key, &sealed);
        let nonce = key.nonce(&bound, plain);
        sealed.extend_from_slice(&nonce);
        sealed.extend(key.cipher.encrypt(&nonce, Payload { msg: plain, aad: &bound }).ok()?);
        Some(sealed)
    }

    /// The field's place in its row and its content.
    fn open(&self, row_key: &[u8], sealed: &[u8]) -> Result<(u8, Zeroizing<Vec<u8>>), Unopenable> {
        let (head, rest) = sealed.split_first_chunk::<HEAD_BYTES>().ok_or(Unopenable::Altered)?;
        let (nonce, cipher_text) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(Unopenable::Altered)?;
        let [format, id @ .., place] = *head;
        if format != FORMAT {
            return Err(Unopenable::Altered);
        }
        let key = self.keys.iter().find(|key| key.id() == id).ok_or(Unopenable::UnknownKey(id))?;
        let payload = Payload { msg: cipher_text, aad: &bound_to(row_key, head) };
        let plain = key.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| Unopenable::Altered)?;
        Ok((place, Zeroizing::new(plain)))
    }
}

/// For what an earlier key sealed.
impl Sealer {
    /// Whether that is how something begins that an earlier key sealed.
    pub(crate) fn is_earlier(&self, sealed: &[u8]) -> bool {
        let Some([FORMAT, id @ .., _]) = sealed.first_chunk::<HEAD_BYTES>() else { return false };
        let Some((current, earlier)) = self.keys.split_first() else { return false };
        current.id() != *id && earlier.iter().any(|key| key.id() == *id)
    }

    /// The same field, as long, under the current key; `None` if no earlier key sealed it, or not as a field of this row.
    pub(crate) fn resealed(&self, row_key: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        if !self.is_earlier(sealed) {
            return None;
        }
        let (place, plain) = self.open(row_key, sealed).ok()?;
        self.seal(row_key, place, &plain)
    }
}

/// For bytes within a row that few readers of the row need.
impl Sealer {
    pub(crate) fn seal_apart(&self, owner: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
        self.seal(&apart_key(owner), 0, plain)
    }

    pub(crate) fn open_apart(&self, owner: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unopenable> {
        self.open(&apart_key(owner), sealed).map(|(_, plain)| plain)
    }
}

/// For documents, which are files rather than fields of a row.
impl Sealer {
    pub(crate) fn seal_document(&self, name: &str, content: &[u8]) -> Option<Vec<u8>> {
        self.seal(&document_key(name), 0, content)
    }

    pub(crate) fn open_document(&self, name: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unopenable> {
        self.open(&document_key(name), sealed).map(|(_, content)| content)
    }

    /// What a folder's documents are named with from its first on, so that a name does not tell who has the content what
    /// it is. Those that are there from before a rotation were named by the earlier key.
    pub(crate) fn first_names(&self) -> [u8; 32] {
        let key = self.keys.get(1).or(self.keys.first());
        let key = key.map(|key| key.nonces.clone().chain_update(b"document names"));
        key.map(|key| key.finalize().into_bytes().into()).unwrap_or_default()
    }
}

/// No row's key begins like this: table prefixes are followed by an encoded key.
fn document_key(name: &str) -> Vec<u8> {
    [b"document ".as_slice(), name.as_bytes()].concat()
}

fn apart_key(owner: &[u8]) -> Vec<u8> {
    [b"apart ".as_slice(), owner].concat()
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer of {} keys [hidden]", self.keys.len())
    }
}

/// What a sealed field is tied to: its row, its place there, and the key that it names.
fn bound_to(row_key: &[u8], head: &[u8]) -> Vec<u8> {
    [row_key, head].concat()
}

impl SealKey {
    fn new(key: &[u8; 32]) -> SealKey {
        let derived = |what: &[u8]| keyed(key).chain_update(what).finalize().into_bytes();
        let fingerprint = derived(b"gonghui: fingerprint");
        let mut check = Fingerprint::default();
        check.copy_from_slice(&fingerprint[..16]);
        SealKey {
            fingerprint: check,
            cipher: XChaCha20Poly1305::new(&Key::from(*key)),
            nonces: keyed(&Zeroizing::new(<[u8; 32]>::from(derived(b"gonghui: nonces")))[..]),
        }
    }

    fn id(&self) -> [u8; ID_BYTES] {
        let [id @ .., _, _, _, _, _, _, _, _, _, _, _, _] = self.fingerprint;
        id
    }

    /// A nonce drawn from what is sealed and where, by a key of its own, rather than from chance: a command
    /// that is run twice writes the same bytes. It is safe because two fields have the same nonce only if
    /// row, place and content are the same, and then the sealed bytes are the same too: all that shows
    /// is that a row was rewritten with the value that it had.
    fn nonce(&self, bound: &[u8], plain: &[u8]) -> XNonce {
        let length = (bound.len() as u64).to_be_bytes();
        let mac = self.nonces.clone().chain_update(length).chain_update(bound).chain_update(plain);
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(&mac.finalize().into_bytes()[..NONCE_BYTES]);
        XNonce::from(nonce)
    }
}

pub(super) fn keyed(key: &[u8]) -> Hmac<Sha256> {
    // HMAC takes keys of any length; there is no failure to handle.
    <Hmac<Sha256> as KeyInit>::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes any key"))
}

/// The row that the codec is reading or writing on this thread. Serde has no place for it: `Serialize` sees
/// the serializer alone.
struct Row {
    sealer: Sealer,
    key: Vec<u8>,
    /// Sealed fields met so far while writing; the least place that may come next while reading.
    place: u8,
    failure: Option<Unopenable>,
}

thread_local! {
    static ROW: RefCell<Option<Row>> = const { RefCell::new(None) };
}

/// Lets `Sealed` fields be serialized and deserialized as those of the row `key` while `work` runs. The
/// second value says which sealed field could not be opened, if that is why `work` failed.
pub(crate) fn within_row<T>(
    sealer: &Sealer,
    key: &[u8],
    work: impl FnOnce() -> T,
) -> (T, Option<Unopenable>) {
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            ROW.set(None);
        }
    }
    ROW.set(Some(Row { sealer: sealer.clone(), key: key.to_vec(), place: 0, failure: None }));
    let leave = Leave;
    let done = work();
    let failure = ROW.with_borrow_mut(|row| row.as_mut().and_then(|row| row.failure.take()));
    drop(leave);
    (done, failure)
}

const OUTSIDE: &str = "a sealed field can only be written and read by the store";

impl<T: Serialize> Serialize for Sealed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let plain = Zeroizing::new(rmp_serde::to_vec_named(&self.0).map_err(S::Error::custom)?);
        let sealed = ROW.with_borrow_mut(|row| {
            let row = row.as_mut().ok_or(OUTSIDE)?;
            let place = row.place;
            row.place = place.checked_add(1).ok_or("too many sealed fields in one row")?;
            row.sealer.seal(&row.key, place, &plain).ok_or("sealing failed")
        });
        serializer.serialize_bytes(&sealed.map_err(S::Error::custom)?)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Sealed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let sealed = deserializer.deserialize_bytes(SealedBytes)?;
        let plain = ROW.with_borrow_mut(|row| row.as_mut().map(|row| row.open(&sealed)));
        let plain = plain.ok_or(OUTSIDE).map_err(D::Error::custom)?.map_err(D::Error::custom)?;
        rmp_serde::from_slice(&plain).map(Sealed).map_err(|_| D::Error::custom("not the type of the field"))
    }
}

impl Row {
    /// Opens the next sealed field. Places must rise, so that fields of one row can't be exchanged; they
    /// may leap, since a later release may have dropped a field that an older one wrote.
    fn open(&mut self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unopenable> {
        let opened = self.sealer.open(&self.key, sealed).and_then(|(place, plain)| {
            if place < self.place {
                return Err(Unopenable::Altered);
            }
            self.place = place.saturating_add(1);
            Ok(plain)
        });
        opened.inspect_err(|failure| self.failure = Some(failure.clone()))
    }
}

struct SealedBytes;

impl serde::de::Visitor<'_> for SealedBytes {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sealed bytes")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        Ok(bytes.to_vec())
    }
}
