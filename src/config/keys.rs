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
    /// Still open what they sealed before `seal` took their place, the latest first. The running service seals that anew,
    /// and says when the store needs them no more; a backup made before needs them for as long as it is kept.
    pub seal_previous: Vec<SealKey>,
}

/// 32 bytes that never print.
#[derive(Clone)]
pub struct SealKey(Zeroizing<[u8; KEY_BYTES]>);

impl Keys {
    pub(super) fn read(section: &mut Section<'_>) -> Keys {
        let seal = section.required_secret("seal");
        let seal_previous = section.secret("seal_previous");
        let mut read = |key: &str, text: &str| {
            let seal = SealKey::parse(text);
            if seal.is_none() && !text.is_empty() {
                section.problem(key, "must be 32 bytes in base64; `gonghui keys new` makes one");
            }
            seal
        };
        let seal = read("seal", seal.expose_secret()).unwrap_or(SealKey::new([0; KEY_BYTES]));
        let previous = seal_previous.iter().flat_map(|text| text.expose_secret().split_whitespace());
        Keys { seal, seal_previous: previous.filter_map(|text| read("seal_previous", text)).collect() }
    }
}

impl SealKey {
    pub fn new(bytes: [u8; KEY_BYTES]) -> SealKey {
        SealKey(Zeroizing::new(bytes))
    }

    pub fn parse(text: &str) -> Option<SealKey> {
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).ok()?);
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
