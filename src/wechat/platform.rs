//! The other end of the wire: what WeChat does, for the simulator, replays and tests.

use secrecy::ExposeSecret;

use super::envelope;
use super::xml::{self, Writer};
use super::{Keys, Mode, Query, Refused, signature};
use crate::moment::Time;

/// One request to the webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// What stands behind `?`.
    pub query: String,
    pub body: String,
}

/// The query of a request that verifies the URL.
pub fn verification(echostr: &str, keys: &Keys, nonce: &str, now: Time) -> String {
    format!("{}&echostr={echostr}", signed(keys, nonce, &now.unix_s().to_string()))
}

/// A push of `message_xml` in the mode of `keys`, with their first token and AES key (without an AES key: as
/// in plain mode). `nonce` is digits.
pub fn post(message_xml: &str, keys: &Keys, nonce: &str, now: Time) -> Post {
    let timestamp = now.unix_s().to_string();
    let query = signed(keys, nonce, &timestamp);
    let key = match (keys.mode, keys.aes_keys.first()) {
        (Mode::Plain, _) | (_, None) => return Post { query, body: message_xml.to_owned() },
        (_, Some(key)) => key,
    };
    let random = key.derive_random(&[nonce, &timestamp, message_xml]);
    let encrypted = envelope::seal(message_xml, random, key, &keys.app_id);
    let msg_signature = signature::sign_hex(&[token(keys), timestamp.as_str(), nonce, encrypted.as_str()]);
    let body = match keys.mode {
        Mode::Compatible => beside(message_xml, &encrypted),
        _ => around(&encrypted, keys),
    };
    Post { query: format!("{query}&encrypt_type=aes&msg_signature={msg_signature}"), body }
}

/// Opens the body of an answer as WeChat would: an envelope is checked and decrypted, anything else is taken
/// as it is.
///
/// # Errors
/// As [`open`](super::open).
pub fn read_answer(body: &str, keys: &Keys) -> Result<String, Refused> {
    let Ok(outer) = xml::parse(body.as_bytes()) else { return Ok(body.to_owned()) };
    let Some(encrypted) = outer.child("Encrypt") else { return Ok(body.to_owned()) };
    let given = signature::decode(outer.text_of("MsgSignature")).ok_or(Refused::Signature)?;
    let (timestamp, nonce) = (outer.text_of("TimeStamp"), outer.text_of("Nonce"));
    let signed = |token: &str| signature::verify(&given, &[token, timestamp, nonce, &*encrypted.text]);
    if !keys.tokens.iter().any(|token| signed(token.expose_secret())) {
        return Err(Refused::Signature);
    }
    let open = |key| envelope::open(&encrypted.text, key, &keys.app_id).ok();
    let inner = keys.aes_keys.iter().find_map(open).ok_or(Refused::Envelope)?;
    String::from_utf8(inner).map_err(|_| Refused::Malformed("the answer is not UTF-8".to_owned()))
}

fn token(keys: &Keys) -> &str {
    keys.tokens.first().map_or("", |token| token.expose_secret())
}

fn signed(keys: &Keys, nonce: &str, timestamp: &str) -> String {
    let signature = signature::sign_hex(&[token(keys), timestamp, nonce]);
    format!("signature={signature}&timestamp={timestamp}&nonce={nonce}")
}

fn around(encrypted: &str, keys: &Keys) -> String {
    let mut xml = Writer::new(encrypted.len() + 128);
    xml.text("ToUserName", &keys.account);
    xml.text("Encrypt", encrypted);
    xml.finish()
}

fn beside(message_xml: &str, encrypted: &str) -> String {
    let inside = message_xml.trim_end().strip_suffix("</xml>").unwrap_or(message_xml);
    format!("{inside}<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>")
}

impl Post {
    pub fn query(&self) -> Query<'_> {
        Query::parse(&self.query)
    }
}
