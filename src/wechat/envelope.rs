//! The encrypted envelope: AES-256-CBC with PKCS#7 over blocks of 32 bytes around
//! `random(16) · length(4, big endian) · message · app id`.

use std::fmt;
use std::sync::Arc;

use aes::cipher::{Block, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit as _};
use aes::{Aes256Dec, Aes256Enc};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

const RANDOM_BYTES: usize = 16;
const HEAD_BYTES: usize = RANDOM_BYTES + 4;
const CIPHER_BLOCK_BYTES: usize = 16;
const PADDED_BLOCK_BYTES: usize = 32;
const KEY_CHARACTERS: usize = 43;

/// 43 characters hold 258 bits: the last two are no part of the key, and WeChat's generator does set them.
const KEY_BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);
const TEXT_BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new());

/// An `EncodingAESKey`, ready for use. Cheap to clone; `Debug` shows nothing of it.
#[derive(Clone)]
pub struct AesKey(Arc<Schedules>);

struct Schedules {
    encrypt: Aes256Enc,
    decrypt: Aes256Dec,
    iv: [u8; CIPHER_BLOCK_BYTES],
    random: Hmac<Sha256>,
}

/// Why an envelope was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    #[error("the EncodingAESKey must be 43 letters and digits")]
    Key,
    #[error("the envelope is not base64")]
    Base64,
    #[error("the envelope's length, padding or inner length is wrong")]
    Shape,
    #[error("the envelope is addressed to another app id")]
    AppId,
}

impl AesKey {
    /// Reads the 43 characters of the account's console.
    ///
    /// # Errors
    /// [`EnvelopeError::Key`] for anything else.
    pub fn parse(encoding_aes_key: &str) -> Result<AesKey, EnvelopeError> {
        if encoding_aes_key.len() != KEY_CHARACTERS {
            return Err(EnvelopeError::Key);
        }
        let bytes = KEY_BASE64.decode(encoding_aes_key).map(Zeroizing::new);
        let bytes = bytes.map_err(|_| EnvelopeError::Key)?;
        let (iv, _) = bytes.split_first_chunk().ok_or(EnvelopeError::Key)?;
        let schedules = Schedules {
            encrypt: Aes256Enc::new_from_slice(&bytes).map_err(|_| EnvelopeError::Key)?,
            decrypt: Aes256Dec::new_from_slice(&bytes).map_err(|_| EnvelopeError::Key)?,
            iv: *iv,
            random: Hmac::new_from_slice(&bytes).map_err(|_| EnvelopeError::Key)?,
        };
        Ok(AesKey(Arc::new(schedules)))
    }

    /// Sixteen bytes for the head of an envelope that nobody without the key can foretell, and that are the
    /// same for the same parts: sealing again gives the same bytes, and no source of chance is needed.
    pub fn derive_random(&self, parts: &[&str]) -> [u8; RANDOM_BYTES] {
        let mut mac = self.0.random.clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        let bytes: [u8; 32] = mac.finalize().into_bytes().into();
        bytes.first_chunk().copied().unwrap_or_default()
    }
}

impl fmt::Debug for AesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AesKey([secret])")
    }
}

/// Decrypts the text of an `Encrypt` element and gives the message inside.
///
/// # Errors
/// [`EnvelopeError::Base64`] and [`EnvelopeError::Shape`] for what this key can't have sealed,
/// [`EnvelopeError::AppId`] for what was sealed for another account.
pub fn open(encrypted: &str, key: &AesKey, app_id: &str) -> Result<Vec<u8>, EnvelopeError> {
    let mut buffer = TEXT_BASE64.decode(encrypted).map_err(|_| EnvelopeError::Base64)?;
    decrypt(&mut buffer, key)?;
    let padded = buffer.len();
    let padding = usize::from(buffer.last().copied().unwrap_or_default());
    if !(1..=PADDED_BLOCK_BYTES).contains(&padding) || padding > padded {
        return Err(EnvelopeError::Shape);
    }
    buffer.truncate(padded - padding);
    let (head, rest) = buffer.split_first_chunk::<HEAD_BYTES>().ok_or(EnvelopeError::Shape)?;
    let (_, length) = head.split_last_chunk::<4>().ok_or(EnvelopeError::Shape)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| EnvelopeError::Shape)?;
    let (_, sealed_for) = rest.split_at_checked(length).ok_or(EnvelopeError::Shape)?;
    if sealed_for != app_id.as_bytes() {
        return Err(EnvelopeError::AppId);
    }
    buffer.truncate(HEAD_BYTES + length);
    buffer.drain(..HEAD_BYTES);
    Ok(buffer)
}

/// Encrypts a message into the text of an `Encrypt` element.
pub fn seal(message: &str, random: [u8; RANDOM_BYTES], key: &AesKey, app_id: &str) -> String {
    let length = HEAD_BYTES + message.len() + app_id.len();
    let padding = PADDED_BLOCK_BYTES - length % PADDED_BLOCK_BYTES;
    let mut buffer = Vec::with_capacity(length + padding);
    buffer.extend_from_slice(&random);
    buffer.extend_from_slice(&(message.len() as u32).to_be_bytes());
    buffer.extend_from_slice(message.as_bytes());
    buffer.extend_from_slice(app_id.as_bytes());
    buffer.resize(length + padding, padding as u8);
    let (blocks, _) = Block::<Aes256Enc>::slice_as_chunks_mut(&mut buffer);
    cbc::Encryptor::inner_iv_init(&key.0.encrypt, &key.0.iv.into()).encrypt_blocks(blocks);
    TEXT_BASE64.encode(&buffer)
}

fn decrypt(buffer: &mut [u8], key: &AesKey) -> Result<(), EnvelopeError> {
    let (blocks, rest) = Block::<Aes256Dec>::slice_as_chunks_mut(buffer);
    if blocks.is_empty() || !rest.is_empty() {
        return Err(EnvelopeError::Shape);
    }
    cbc::Decryptor::inner_iv_init(&key.0.decrypt, &key.0.iv.into()).decrypt_blocks(blocks);
    Ok(())
}
