//! What each call sends, to the letter, and what it makes of the answer.

mod messages;
mod people;
mod things;

use serde_json::{Value, json};

pub(super) use super::super::*;
pub(super) use super::stub::{Asked, Stub, Told};

/// What was asked last: method, path, and the body or the query without the token.
fn last(stub: &Stub) -> (String, String, Value) {
    let Asked { method, path, mut query, body, .. } = stub.last();
    assert_eq!(query.remove("access_token").as_deref(), Some("TOKEN-1"), "{path}");
    let text = String::from_utf8(body.to_vec()).unwrap();
    assert!(!text.contains("\\u"), "{text}");
    let sent = if method == "POST" { serde_json::from_str(&text).unwrap() } else { json!(query) };
    (method, path, sent)
}

#[track_caller]
fn sent(stub: &Stub, method: &str, path: &str, expected: Value) {
    assert_eq!(last(stub), (method.to_owned(), path.to_owned(), expected));
}

fn text(content: &str) -> CustomMessage {
    CustomMessage::text(content)
}

fn s(text: &str) -> String {
    text.to_owned()
}
