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

/// The bytes of a signature in hex; `None` for what can't be one.
pub fn decode(hex: &str) -> Option<[u8; 20]> {
    let mut bytes = [0; 20];
    hex::decode_to_slice(hex, &mut bytes).ok().map(|()| bytes)
}

/// Whether `given` is the signature of the parts; takes as long for a wrong one as for the right one.
pub fn verify<const N: usize>(given: &[u8; 20], parts: &[&str; N]) -> bool {
    given.ct_eq(&sign(parts)).into()
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
            assert!(verify(&decode(expected).unwrap(), &[nonce, token, timestamp]));
        }
    }

    #[test]
    fn another_signature_is_not_accepted() {
        let right = sign(&["AAAAA", "1714036504", "1514711492"]);
        assert!(verify(&right, &["AAAAA", "1714036504", "1514711492"]));
        assert!(!verify(&right, &["AAAAB", "1714036504", "1514711492"]));
        for at in 0..20 {
            let mut wrong = right;
            wrong[at] ^= 1;
            assert!(!verify(&wrong, &["AAAAA", "1714036504", "1514711492"]));
        }
    }

    #[test]
    fn what_is_not_forty_hex_digits_is_no_signature() {
        let right = "f464b24fc39322e44b38aa78f5edd27bd1441696";
        assert!(decode(right).is_some());
        assert_eq!(decode(&right.to_uppercase()), decode(right));
        for wrong in ["", &right[..38], &format!("{right}00"), &right.replace('4', "g"), "民"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }
}
