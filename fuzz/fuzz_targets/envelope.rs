//! Any bytes as an envelope, as what stands inside of one, and as a whole request: nothing panics, and what
//! was sealed opens again.
//!
//! `cargo +nightly fuzz run envelope fuzz/corpus/envelope -- -max_total_time=180`
#![no_main]

use std::sync::LazyLock;

use gonghui::moment::Time;
use gonghui::wechat::envelope::{self, AesKey};
use gonghui::wechat::{Keys, Mode, Query, open, platform};
use libfuzzer_sys::fuzz_target;

const NOW: Time = Time::from_unix_s(1_795_400_000);

static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys {
    account: "gh_0123456789ab".into(),
    app_id: "wx0f1e2d3c4b5a6978".into(),
    tokens: vec!["gonghui2026".into()],
    aes_keys: AesKey::parse("h7Kq2ZxVw9LmPcR4tYbN8sJdF6gHaU3eQ1oXi5BvT0d").into_iter().collect(),
    mode: Mode::Safe,
    window: None,
});

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let key = &KEYS.aes_keys[0];
    let _ = envelope::open(&text, key, &KEYS.app_id);

    let sealed = envelope::seal(&text, key.derive_random(&[&text]), key, &KEYS.app_id);
    let opened = envelope::open(&sealed, key, &KEYS.app_id).expect("what was sealed opens");
    assert_eq!(opened, text.as_bytes());

    let (query, body) = text.split_once('\n').unwrap_or((&text, ""));
    let _ = open(&Query::parse(query), body.as_bytes(), &KEYS, NOW);

    let post = platform::post(&text, &KEYS, "1357924680", NOW);
    if let Ok(opened) = open(&post.query(), post.body.as_bytes(), &KEYS, NOW) {
        let answer = opened.answer(&*text, &KEYS, NOW);
        assert_eq!(platform::read_answer(&answer, &KEYS).as_deref(), Ok(&*text));
    }
});
