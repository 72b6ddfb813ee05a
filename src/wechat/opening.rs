use secrecy::ExposeSecret;

use super::envelope::{self, EnvelopeError};
use super::message::{Inbound, Malformed};
use super::xml::{self, DOCUMENT_BYTES_MAX, Element, XmlError};
use super::{Keys, Mode, Query, Refused, ReplayKey, Sealing, signature};
use crate::moment::Time;

/// The longest body that is looked at. Nothing that WeChat is known to send comes near it.
pub const BODY_BYTES_MAX: usize = DOCUMENT_BYTES_MAX;

/// The longest `echostr` that is sent back; in practice about 20 digits.
const ECHOSTR_BYTES_MAX: usize = 1024;

/// A message that is WeChat's word, and how to answer it.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    pub message: Inbound,
    /// Our clock minus the request's timestamp, seconds.
    pub skew: i64,
    pub sealing: Sealing,
    /// In plain mode only: to be put before the [`ReplayGuard`](super::ReplayGuard).
    pub replay: Option<ReplayKey>,
}

/// Checks the request by which WeChat verifies the URL, and gives the text to answer with: exactly it, as
/// `text/plain`, since anybody who saw one signature could put any text there.
///
/// # Errors
/// [`Refused::Signature`], or [`Refused::Malformed`] when there is no `echostr` of a sensible length.
pub fn verify_url(query: &Query, keys: &Keys) -> Result<String, Refused> {
    Signed::check(query, keys)?;
    match query.echostr.as_deref() {
        Some(text) if !text.is_empty() && text.len() <= ECHOSTR_BYTES_MAX => Ok(text.to_owned()),
        _ => Err(Refused::Malformed("echostr is missing or too long".to_owned())),
    }
}

/// The whole inbound protocol: verifies, decrypts and parses one push.
///
/// A message's age is not judged here (see [`Inbound::age`]), and a plain one must still pass the
/// [`ReplayGuard`](super::ReplayGuard).
///
/// # Errors
/// Each [`Refused`] is a request that must have no effect.
pub fn open(query: &Query, body: &[u8], keys: &Keys, now: Time) -> Result<Opened, Refused> {
    if body.len() > BODY_BYTES_MAX {
        return Err(Refused::TooLarge);
    }
    let signed = Signed::check(query, keys)?;
    let skew = signed.skew(keys, now)?;
    let (message, sealing, replay) = match keys.mode {
        Mode::Plain => {
            let message = plain(query, body)?;
            (message, Sealing::Plain, Some(ReplayKey::new(signed.signature, body)))
        }
        Mode::Compatible | Mode::Safe => {
            let (message, sealing) = sealed(query, body, keys, &signed)?;
            (message, sealing, None)
        }
    };
    if message.to != keys.account {
        return Err(Refused::Account);
    }
    Ok(Opened { message, skew, sealing, replay })
}

/// A request whose URL was signed with one of our tokens.
struct Signed<'q> {
    token: usize,
    timestamp: &'q str,
    nonce: &'q str,
    signature: [u8; 20],
}

impl<'q> Signed<'q> {
    fn check(query: &'q Query, keys: &Keys) -> Result<Signed<'q>, Refused> {
        let (Some(given), Some(timestamp), Some(nonce)) = (&query.signature, &query.timestamp, &query.nonce)
        else {
            return Err(Refused::Signature);
        };
        let signature = signature::decode(given).ok_or(Refused::Signature)?;
        let signed_with = |token: &str| signature::verify(&signature, &[token, timestamp, nonce]);
        let token = keys.tokens.iter().position(|token| signed_with(token.expose_secret()));
        let token = token.ok_or(Refused::Signature)?;
        Ok(Signed { token, timestamp, nonce, signature })
    }

    /// How far our clock is ahead of the timestamp, seconds.
    fn skew(&self, keys: &Keys, now: Time) -> Result<i64, Refused> {
        let timestamp: i64 = self
            .timestamp
            .parse()
            .map_err(|_| Refused::Malformed("timestamp is not a number of seconds".to_owned()))?;
        let skew = now.unix_s().saturating_sub(timestamp);
        match keys.window {
            Some(window) if skew.unsigned_abs() > window.as_secs() => Err(Refused::Replay),
            _ => Ok(skew),
        }
    }
}

fn plain(query: &Query, body: &[u8]) -> Result<Inbound, Refused> {
    Inbound::parse(body).map_err(|malformed| match malformed {
        // The account was switched to safe mode, and we were not told.
        Malformed::Missing(_) if is_encrypted(query) => Refused::Mode,
        other => refuse(other),
    })
}

fn sealed(query: &Query, body: &[u8], keys: &Keys, signed: &Signed) -> Result<(Inbound, Sealing), Refused> {
    if !is_encrypted(query) {
        return Err(Refused::Mode);
    }
    let outer = xml::parse(body).map_err(|error| refuse(error.into()))?;
    let encrypted = outer.child("Encrypt").ok_or(Refused::Mode)?.text.trim();
    let token = keys.tokens.get(signed.token).ok_or(Refused::Signature)?.expose_secret();
    let given = query.msg_signature.as_deref().and_then(signature::decode).ok_or(Refused::Signature)?;
    if !signature::verify(&given, &[token, signed.timestamp, signed.nonce, encrypted]) {
        return Err(Refused::Signature);
    }
    if is_for_another(&outer, keys) {
        return Err(Refused::Account);
    }
    let (key, inner) = unseal(encrypted, keys)?;
    let message = Inbound::parse(&inner).map_err(refuse)?;
    Ok((message, Sealing::Sealed { token: signed.token, key, nonce: signed.nonce.to_owned() }))
}

/// Tries the current key, then the previous one; gives the place of the one that fits.
fn unseal(encrypted: &str, keys: &Keys) -> Result<(usize, Vec<u8>), Refused> {
    let mut refused = Refused::Envelope;
    for (place, key) in keys.aes_keys.iter().enumerate() {
        match envelope::open(encrypted, key, &keys.app_id) {
            Ok(inner) => return Ok((place, inner)),
            Err(EnvelopeError::AppId) => refused = Refused::Account,
            Err(_) => {}
        }
    }
    Err(refused)
}

fn is_encrypted(query: &Query) -> bool {
    query.encrypt_type.as_deref() == Some("aes")
}

/// The name outside of the envelope is signed by nobody; it may be absent, but not another's.
fn is_for_another(outer: &Element, keys: &Keys) -> bool {
    outer.child("ToUserName").is_some_and(|name| name.text.trim() != keys.account)
}

fn refuse(malformed: Malformed) -> Refused {
    match malformed {
        Malformed::Xml(XmlError::TooLong) => Refused::TooLarge,
        other => Refused::Malformed(other.to_string()),
    }
}

impl Opened {
    /// See [`Sealing::answer`].
    pub fn answer(&self, reply_xml: impl Into<String>, keys: &Keys, now: Time) -> String {
        self.sealing.answer(reply_xml, keys, now)
    }
}

#[cfg(test)]
mod tests;
