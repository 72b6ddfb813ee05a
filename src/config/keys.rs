//! The keys that seal what is sensitive in the store. Who loses them loses those fields.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::reader::Section;

/// The length of a sealing key.
pub const KEY_BYTES: usize = 32;

#[derive(Debug, Clone)]
pub struct Keys {
    pub seal: SealKey,
    /// Still opens what it sealed, while the store is being rewritten with the current one.
    pub seal_previous: Option<SealKey>,
}

/// 32 bytes that never print.
#[derive(Clone)]
pub struct SealKey(Zeroizing<[u8; KEY_BYTES]>);

impl Keys {
    pub(super) fn read(section: &mut Section<'_>) -> Keys {
        let seal = section.required_secret("seal");
        let seal_previous = section.secret("seal_previous");
        let read = |section: &mut Section<'_>, key: &str, text: &SecretString| {
            let seal = SealKey::parse(text);
            if seal.is_none() && !text.expose_secret().is_empty() {
                section.problem(key, "must be 32 bytes in base64; `gonghui keys new` makes one");
            }
            seal
        };
        Keys {
            seal: read(section, "seal", &seal).unwrap_or(SealKey::new([0; KEY_BYTES])),
            seal_previous: seal_previous.and_then(|text| read(section, "seal_previous", &text)),
        }
    }
}

impl SealKey {
    pub fn new(bytes: [u8; KEY_BYTES]) -> SealKey {
        SealKey(Zeroizing::new(bytes))
    }

    pub fn parse(text: &SecretString) -> Option<SealKey> {
        let bytes = Zeroizing::new(STANDARD.decode(text.expose_secret().trim()).ok()?);
        <[u8; KEY_BYTES]>::try_from(bytes.as_slice()).ok().map(SealKey::new)
    }

    pub fn expose(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// As the configuration takes it.
    pub fn to_base64(&self) -> SecretString {
        SecretString::from(STANDARD.encode(self.expose()))
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}
