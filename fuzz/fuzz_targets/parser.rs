//! Any bytes as a message: nothing panics, and what was read can be written and read again.
//!
//! `cargo +nightly fuzz run parser fuzz/corpus/parser fixtures/messages -- -max_total_time=180`
#![no_main]

use std::borrow::Cow;

use gonghui::wechat::message::Inbound;
use gonghui::wechat::xml;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|document: &[u8]| {
    let Ok(message) = Inbound::parse(document) else { return };
    let _ = (message.key(), message.kind_name());
    let written = message.to_xml();
    // What XML forbids is dropped in writing, and splitting `]]>` makes the text longer than it came.
    let is_clean = std::str::from_utf8(document).is_ok_and(|text| matches!(xml::allowed(text), Cow::Borrowed(_)));
    if is_clean && written.len() <= xml::DOCUMENT_BYTES_MAX {
        let again = Inbound::parse(written.as_bytes()).expect("what was written can be read");
        assert_eq!(again.kind, message.kind);
    }
});
