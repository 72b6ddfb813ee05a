use secrecy::{ExposeSecret, SecretString};

use super::envelope::{self, AesKey};
use super::reply::SUCCESS;
use super::xml::Writer;
use super::{Keys, signature};
use crate::moment::Time;

/// How an answer must travel: with the token and key that the request came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sealing {
    Plain,
    /// Places in [`Keys`]' lists, and the request's nonce.
    Sealed {
        token: usize,
        key: usize,
        nonce: String,
    },
}

impl Sealing {
    /// The HTTP body for a rendered reply: itself, or an envelope around it. The same arguments give the same
    /// bytes. `success` and the empty answer travel as they are in every mode.
    pub fn answer(&self, reply_xml: impl Into<String>, keys: &Keys, now: Time) -> String {
        let reply_xml = reply_xml.into();
        match self {
            _ if reply_xml.is_empty() || reply_xml == SUCCESS => reply_xml,
            Sealing::Plain => reply_xml,
            Sealing::Sealed { token, key, nonce } => {
                // Keys may have been exchanged since the request came; the current ones do as well.
                let token = keys.tokens.get(*token).or(keys.tokens.first());
                let key = keys.aes_keys.get(*key).or(keys.aes_keys.first());
                match (token, key) {
                    (Some(token), Some(key)) => seal_reply(&reply_xml, token, key, keys, nonce, now),
                    _ => SUCCESS.to_owned(), // never in the clear what came sealed
                }
            }
        }
    }
}

fn seal_reply(
    reply_xml: &str,
    token: &SecretString,
    key: &AesKey,
    keys: &Keys,
    nonce: &str,
    now: Time,
) -> String {
    let timestamp = now.unix_s().to_string();
    let random = key.derive_random(&[nonce, &timestamp, reply_xml]);
    let encrypted = envelope::seal(reply_xml, random, key, &keys.app_id);
    let parts = [token.expose_secret(), timestamp.as_str(), nonce, encrypted.as_str()];
    let mut xml = Writer::new(encrypted.len() + 256);
    xml.text("Encrypt", &encrypted);
    xml.text("MsgSignature", &signature::sign_hex(&parts));
    xml.number("TimeStamp", &timestamp);
    xml.text("Nonce", nonce);
    xml.finish()
}
