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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wechat::signature::sign_hex;

    const KEY: &str = "h7Kq2ZxVw9LmPcR4tYbN8sJdF6gHaU3eQ1oXi5BvT0d";
    const APP_ID: &str = "wx0f1e2d3c4b5a6978";

    fn key() -> AesKey {
        AesKey::parse(KEY).unwrap()
    }

    fn zero_key() -> AesKey {
        AesKey::parse(&"A".repeat(43)).unwrap()
    }

    /// Encrypts a plaintext as it is, without head or padding.
    fn encrypt_raw(plaintext: &[u8]) -> String {
        let mut buffer = plaintext.to_vec();
        let (blocks, _) = Block::<Aes256Enc>::slice_as_chunks_mut(&mut buffer);
        cbc::Encryptor::inner_iv_init(&key().0.encrypt, &key().0.iv.into()).encrypt_blocks(blocks);
        TEXT_BASE64.encode(&buffer)
    }

    #[test]
    fn the_official_push_opens() {
        let encrypted = "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcv\
             ZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3F\
             n2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSe\
             OBrebufAlr7F9mFUPAJGj04=";
        let message = open(encrypted, &zero_key(), "wxba5fad812f8e6fb9").unwrap();
        let expected = "{\"ToUserName\":\"gh_97417a04a28d\",\"FromUserName\":\"o9AgO5Kd5ggOC-bXrbNODIiE3bGY\",\
             \"CreateTime\":1714112445,\"MsgType\":\"event\",\"Event\":\"debug_demo\",\
             \"debug_str\":\"hello world\"}";
        assert_eq!(String::from_utf8(message).unwrap(), expected);
        assert_eq!(seal(expected, *b"a8eedb185eb2fecf", &zero_key(), "wxba5fad812f8e6fb9"), encrypted);
        let signed = ["AAAAA", "1714112445", "415670741", encrypted];
        assert_eq!(sign_hex(&signed), "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3");
        let url = ["AAAAA", "1714112445", "415670741"];
        assert_eq!(sign_hex(&url), "6c5c811b55cc85e0e1b54100749188c20beb3f5d");
    }

    #[test]
    fn the_official_reply_is_sealed_alike() {
        let encrypted =
            seal("{\"demo_resp\":\"good luck\"}", *b"707722b803182950", &zero_key(), "wxba5fad812f8e6fb9");
        assert_eq!(
            encrypted,
            "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
        );
        let signed = ["AAAAA", "1713424427", "415670741", &encrypted];
        assert_eq!(sign_hex(&signed), "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1");
    }

    #[test]
    fn a_reply_under_a_key_with_its_last_bits_set_is_sealed_alike() {
        let message = "<xml><ToUserName><![CDATA[oUnion0000000000000000000001]]></ToUserName>\
             <FromUserName><![CDATA[gh_0123456789ab]]></FromUserName><CreateTime>1795400001</CreateTime>\
             <MsgType><![CDATA[text]]></MsgType><Content><![CDATA[已收到]]></Content></xml>";
        let encrypted = seal(message, *b"0123456789abcdef", &key(), APP_ID);
        assert_eq!(
            encrypted,
            "aIKf3SXba9/+sxz+tQ+efzh5n+zkzTn+oy5YYdHfkuuFhUo/9fNT3rWwfZ9ugVCRBkdO7HUZpL/sledaGL98Sr3d3mqu5uN+\
             fxiVmJpnvFxjSXOU15lHGbbMdAY0HGXZbPr9YaR+HxWeAzsG5xLJwe6iKqCqrehkJSoLsan02XURMH+Jy3FWnlT1mgq7LwWj\
             pCrQCR9XkVBYYLXCX6zZHEvjS38197kUI0oXl7VoynTVzi3Ft9aM9b9CkKxa57Ezy7j94G+U94OrVGGScO4+TY0wCCY58YLn\
             jJK4l/32doOF7E2yPl+pA+3d15IDkjeFIn3NOSd6BSbszyZES2NUAgk7STm1rOFInGFU4v1CLlpJXsvU6YDyqcE2eHUzfD/g"
        );
        let signed = ["gonghui2026", "1795400001", "1357924680", &encrypted];
        assert_eq!(sign_hex(&signed), "b1c328b141e09bab81ab5fac380e8ef337211138");
        assert_eq!(open(&encrypted, &key(), APP_ID).unwrap(), message.as_bytes());
    }

    #[test]
    fn padding_of_1_16_17_and_32_bytes_is_right_both_ways() {
        for (length, expected, signature) in [
            (
                25,
                "jKz2ZFrA/DOz3fDYhPYd90LJCBcn3+nJEh5raU6ZV4kRQQ+Vi4O2LCVpiP5AWmxK6jDFz5RV1Y2wnPT4sNKVDA==",
                "9cf158cad9fdaeba0cbc0402a8667d43993053a4",
            ),
            (
                10,
                "jKz2ZFrA/DOz3fDYhPYd961/B/sTbcqdvFBVahzg014mkoXOrX3DLhBJVHfC6yb1IgSRLYYmvNDKQtY8X+9Gog==",
                "1443bf0ce710e17a77e590b4c56b5fcead5d4b25",
            ),
            (
                9,
                "jKz2ZFrA/DOz3fDYhPYd99JirWZH+TcHRHBlJnZcUB+VsrTTVHqH6ZSVmx0zVkvNMJ52KfTCupfPLZE2+BwziA==",
                "78e378ba916a2ae2b4a0841a7bb9178a05cd7b9b",
            ),
            (
                26,
                "jKz2ZFrA/DOz3fDYhPYd908YNvz3tfPCDc0wQP37cHFse7F2wqrpRUgpPLyD5WginxPujxpZyu6TvQlVy5Oje0LlICW837SL\
                 gfNvi/l7w4MMD1TMHdhuByyaX70frTq/",
                "5bdabd9e2a9ea915aed00bf4519185cb41417db7",
            ),
        ] {
            let message = "x".repeat(length);
            assert_eq!(seal(&message, [b'A'; 16], &key(), APP_ID), expected, "{length}");
            assert_eq!(open(expected, &key(), APP_ID).unwrap(), message.as_bytes(), "{length}");
            assert_eq!(sign_hex(&["gonghui2026", "1795400002", "42", expected]), signature, "{length}");
        }
    }

    #[test]
    fn every_length_opens_again() {
        for length in (0..=256).chain((257..=4096).step_by(61)).chain([4095, 4096]) {
            let message = "民".repeat(length / 3) + &"x".repeat(length % 3);
            let encrypted = seal(&message, key().derive_random(&[&message]), &key(), APP_ID);
            assert_eq!(open(&encrypted, &key(), APP_ID).unwrap(), message.as_bytes(), "{length}");
        }
    }

    #[test]
    fn a_key_is_43_characters_of_base64() {
        for wrong in ["", &KEY[..42], &format!("{KEY}="), &format!("{KEY}A"), &KEY.replace('q', "-"), "民"] {
            assert_eq!(AesKey::parse(wrong).unwrap_err(), EnvelopeError::Key, "{wrong}");
        }
        assert!(AesKey::parse(&KEY.replace("T0d", "T0c")).is_ok());
        assert_eq!(format!("{:?}", key()), "AesKey([secret])");
    }

    #[test]
    fn what_the_key_did_not_seal_is_refused() {
        let sealed = seal("x", [7; 16], &key(), APP_ID);
        assert_eq!(open(&sealed, &key(), "wx0f1e2d3c4b5a6979"), Err(EnvelopeError::AppId));
        assert_eq!(open(&sealed, &key(), ""), Err(EnvelopeError::AppId));
        assert_eq!(open("?", &key(), APP_ID), Err(EnvelopeError::Base64));
        assert!(open(&sealed, &zero_key(), APP_ID).is_err());
        for shape in ["", "AAAA", &"A".repeat(40)] {
            assert_eq!(open(shape, &key(), APP_ID), Err(EnvelopeError::Shape), "{shape:?}");
        }
    }

    #[test]
    fn wrong_padding_and_lengths_are_refused() {
        let plaintext = |length: u32, padding: u8| {
            let mut bytes = [&[7; 16][..], &length.to_be_bytes(), b"hi", APP_ID.as_bytes()].concat();
            bytes.resize(64, padding);
            encrypt_raw(&bytes)
        };
        assert_eq!(open(&plaintext(2, 24), &key(), APP_ID).unwrap(), b"hi");
        for padding in [0, 33, 64, 65, 255] {
            assert_eq!(open(&plaintext(2, padding), &key(), APP_ID), Err(EnvelopeError::Shape), "{padding}");
        }
        for length in [21, 22, 65_535, u32::MAX] {
            assert_eq!(open(&plaintext(length, 24), &key(), APP_ID), Err(EnvelopeError::Shape), "{length}");
        }
        assert_eq!(open(&plaintext(1, 24), &key(), APP_ID), Err(EnvelopeError::AppId));
        assert_eq!(open(&encrypt_raw(&[16; 16]), &key(), APP_ID), Err(EnvelopeError::Shape));
        assert_eq!(open(&encrypt_raw(&[32; 32]), &key(), APP_ID), Err(EnvelopeError::Shape));
    }

    #[test]
    fn random_heads_depend_on_every_part_and_on_the_key() {
        let head = key().derive_random(&["1", "23"]);
        assert_eq!(head, key().derive_random(&["1", "23"]));
        assert_ne!(head, key().derive_random(&["12", "3"]));
        assert_ne!(head, zero_key().derive_random(&["1", "23"]));
    }
}
