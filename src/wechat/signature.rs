//! The SHA-1 signatures of requests and envelopes.

use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

/// SHA-1 over the parts, sorted by their bytes and joined without a separator.
pub fn sign<const N: usize>(parts: &[&str; N]) -> [u8; 20] {
    let mut sorted = *parts;
    sorted.sort_unstable();
    let mut hash = Sha1::new();
    sorted.iter().for_each(|part| hash.update(part.as_bytes()));
    hash.finalize().into()
}

/// As [`sign`], in lower-case hex as it travels.
pub fn sign_hex<const N: usize>(parts: &[&str; N]) -> String {
    hex::encode(sign(parts))
}

/// Whether `given`, in hex, is the signature of the parts; takes as long for a wrong one as for the right one.
pub fn verify<const N: usize>(given: &str, parts: &[&str; N]) -> bool {
    let mut bytes = [0; 20];
    hex::decode_to_slice(given, &mut bytes).is_ok() && bytes.ct_eq(&sign(parts)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_signatures_of_the_url() {
        for (token, timestamp, nonce, expected) in [
            ("AAAAA", "1714036504", "1514711492", "f464b24fc39322e44b38aa78f5edd27bd1441696"),
            ("AAAAA", "1714037059", "486452656", "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
            ("Zed", "1795400000", "9", "a4cae66100f833b6bc29cff25013901e17f0b907"),
            ("_tok", "1795400000", "Abc", "d2cd87bd75d098c016d7633c9bbe6d95a77bf000"),
        ] {
            assert_eq!(sign_hex(&[token, timestamp, nonce]), expected);
            assert!(verify(expected, &[nonce, token, timestamp]));
        }
    }

    #[test]
    fn what_is_not_the_signature_is_refused() {
        let parts = ["AAAAA", "1714036504", "1514711492"];
        let right = sign_hex(&parts);
        assert!(!verify("", &parts));
        assert!(!verify(&right[..38], &parts));
        assert!(!verify(&format!("{right}00"), &parts));
        assert!(!verify(&right.replace('f', "e"), &parts));
        assert!(!verify("f464b24fc39322e44b38aa78f5edd27bd144169民", &parts));
        assert!(!verify(&right, &["AAAAB", "1714036504", "1514711492"]));
    }
}
