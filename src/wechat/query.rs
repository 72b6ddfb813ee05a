use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// What stands in the query of WeChat's requests. Of a repeated parameter the first counts; others than these
/// are ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query<'a> {
    pub signature: Option<Cow<'a, str>>,
    pub timestamp: Option<Cow<'a, str>>,
    pub nonce: Option<Cow<'a, str>>,
    /// To be sent back by the answer to a verification.
    pub echostr: Option<Cow<'a, str>>,
    /// `aes` when the body is encrypted.
    pub encrypt_type: Option<Cow<'a, str>>,
    pub msg_signature: Option<Cow<'a, str>>,
    /// May be missing in genuine requests, and is not signed: use the message's own.
    pub openid: Option<Cow<'a, str>>,
}

impl<'a> Query<'a> {
    /// Reads a raw query string (what stands behind `?`). What can't be read is left out, so that its absence
    /// is what gets refused.
    pub fn parse(raw: &'a str) -> Query<'a> {
        let mut query = Query::default();
        for pair in raw.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let slot = match name {
                "signature" => &mut query.signature,
                "timestamp" => &mut query.timestamp,
                "nonce" => &mut query.nonce,
                "echostr" => &mut query.echostr,
                "encrypt_type" => &mut query.encrypt_type,
                "msg_signature" => &mut query.msg_signature,
                "openid" => &mut query.openid,
                _ => continue,
            };
            if slot.is_none() {
                *slot = decode(value);
            }
        }
        query
    }
}

/// As forms are encoded: `+` is a space. `None` for what is not UTF-8.
fn decode(value: &str) -> Option<Cow<'_, str>> {
    if !value.bytes().any(|byte| matches!(byte, b'+' | b'%')) {
        return Some(Cow::Borrowed(value));
    }
    if !value.contains('+') {
        return percent_decode_str(value).decode_utf8().ok();
    }
    let spaced = value.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(Cow::Owned(decoded.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_query_is_read_as_it_was_meant() {
        let query = Query::parse("signature=ab&timestamp=1&nonce=2&echostr=a%2Bb+c%E6%B0%91&x=1&openid");
        assert_eq!(query.signature.as_deref(), Some("ab"));
        assert_eq!(query.echostr.as_deref(), Some("a+b c民"));
        assert_eq!(query.openid.as_deref(), Some(""));
        assert_eq!(query.msg_signature, None);
    }

    #[test]
    fn the_first_of_a_repeated_parameter_counts() {
        assert_eq!(Query::parse("nonce=1&nonce=2").nonce.as_deref(), Some("1"));
    }

    #[test]
    fn what_is_no_text_is_left_out() {
        assert_eq!(Query::parse("nonce=%ff").nonce, None);
        assert_eq!(Query::parse("nonce=%zz").nonce.as_deref(), Some("%zz"));
    }

    proptest! {
        #[test]
        fn garbage_never_panics(raw in "\\PC{0,80}") {
            let _ = Query::parse(&raw);
        }
    }
}
