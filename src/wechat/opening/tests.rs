use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::wechat::envelope::AesKey;
use crate::wechat::message::Kind;
use crate::wechat::platform::{self, Post};

const KEY: &str = "h7Kq2ZxVw9LmPcR4tYbN8sJdF6gHaU3eQ1oXi5BvT0d";
const OTHER_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const NOW: Time = Time::from_unix_s(1_795_400_007);

fn keys(mode: Mode) -> Keys {
    Keys {
        account: "gh_0123456789ab".into(),
        app_id: "wx0f1e2d3c4b5a6978".into(),
        tokens: vec!["gonghui2026".into()],
        aes_keys: vec![AesKey::parse(KEY).unwrap()],
        mode,
        window: None,
    }
}

fn message(content: &str) -> String {
    let kind = Kind::Text { content: content.into(), menu_id: None };
    let mut message = Inbound::new("gh_0123456789ab", "oUnion0000000000000000000001", 1_795_400_000, kind);
    message.msg_id = Some("7312345678901234567".into());
    message.to_xml()
}

fn posted(content: &str, keys: &Keys) -> Post {
    platform::post(&message(content), keys, "1357924680", NOW)
}

fn opened(post: &Post, keys: &Keys) -> Result<Opened, Refused> {
    open(&post.query(), post.body.as_bytes(), keys, NOW)
}

fn content(opened: &Opened) -> &str {
    match &opened.message.kind {
        Kind::Text { content, .. } => content,
        kind => panic!("{kind:?}"),
    }
}

/// A push sealed elsewhere, with a key whose last bits are set.
fn known_push() -> Post {
    Post {
        query: "signature=a687f1737a2ec815e7381ffc8a3933d304587ce8&timestamp=1795400000&nonce=1357924680\
                &openid=oUnion0000000000000000000001&encrypt_type=aes\
                &msg_signature=11643e03f38d62d862ea4603088a6c4bd193b8a5"
            .into(),
        body: format!(
            "<xml>\n<ToUserName><![CDATA[gh_0123456789ab]]></ToUserName>\n<Encrypt><![CDATA[{}]]></Encrypt>\n</xml>",
            "3rQUYHRdkJS7H31WThqHYEgYiETQp2Aye8fOaz8zjKCFJUwAC8WEVZoJ0VQBue2ZPE3lyvWDQ4SZjM9MuLwUNYJ4syqP8BfJ\
             QBAGl6tH4pqQJO/pd67YJejVzY380j+HunslMGpAAsvvI5y67t4wj1RgipAVDc52xABqP1hAW9Nuv/OHS3uRmNhATADOGfYk\
             xgDWLi4/dk5hcTGzn2jZPP3NDlQGtPh8sTVgCSdit3+gPdI3AMTpzON7FOUd1uNy+hKkJy/LIT5eyyPgn78lHNawJSHPGDMa\
             R5LNC+5U0lIVQqWcU4WlPTjXN32cIIFQRKmcQvwSyI5iqMC8Htw9bf6gMjOycWL/n55EJ6hu4I3rOTVsXy05Ve91PGMOsDH5\
             W6Us8V+CgthEMfs5vudRpws3kioY1QCju8XxoPirv1c="
        ),
    }
}

#[test]
fn the_known_push_opens() {
    let opened = opened(&known_push(), &keys(Mode::Safe)).unwrap();
    assert_eq!(content(&opened), "报名");
    assert_eq!(opened.message.from, "oUnion0000000000000000000001");
    assert_eq!(opened.message.msg_id.as_deref(), Some("7312345678901234567"));
    assert_eq!(opened.skew, 7);
    assert_eq!(opened.replay, None);
    assert_eq!(opened.sealing, Sealing::Sealed { token: 0, key: 0, nonce: "1357924680".into() });
}

#[test]
fn any_change_of_the_known_envelope_is_refused() {
    let known = known_push();
    let sealed = known.body.find("3rQU").unwrap()..known.body.find("]]></Encrypt>").unwrap();
    for at in sealed.step_by(5) {
        let mut body = known.body.clone().into_bytes();
        body[at] ^= 1;
        let refused = open(&known.query(), &body, &keys(Mode::Safe), NOW).unwrap_err();
        assert_eq!(refused, Refused::Signature, "byte {at}");
    }
}

#[test]
fn verification_gives_the_echo_back() {
    let keys = keys(Mode::Safe);
    let query = platform::verification("5421780291739482%2B", &keys, "9", NOW);
    assert_eq!(verify_url(&Query::parse(&query), &keys), Ok("5421780291739482+".into()));

    let wrong = query.replace("nonce=9", "nonce=8");
    assert_eq!(verify_url(&Query::parse(&wrong), &keys), Err(Refused::Signature));
    assert_eq!(verify_url(&Query::parse(""), &keys), Err(Refused::Signature));
    for echo in ["", &"1".repeat(1025)] {
        let query = platform::verification(echo, &keys, "9", NOW);
        let refused = verify_url(&Query::parse(&query), &keys).unwrap_err();
        assert_eq!(refused.status(), 400);
    }
}

#[test]
fn every_mode_opens_what_it_is_sent() {
    for mode in [Mode::Plain, Mode::Compatible, Mode::Safe] {
        let keys = keys(mode);
        let opened = opened(&posted("我要报名 😀 ]]> <a>", &keys), &keys).unwrap();
        assert_eq!(content(&opened), "我要报名 😀 ]]> <a>", "{mode:?}");
        assert_eq!(opened.replay.is_some(), mode == Mode::Plain);
    }
}

#[test]
fn a_plain_post_is_a_downgrade_whatever_its_query_says() {
    let plain = posted("x", &keys(Mode::Plain));
    for mode in [Mode::Safe, Mode::Compatible] {
        let ours = keys(mode);
        for addition in ["", "&encrypt_type=raw", "&encrypt_type=AES", "&encrypt_type=aes", "&encrypt_type="]
        {
            let post = Post { query: format!("{}{addition}", plain.query), ..plain.clone() };
            assert_eq!(opened(&post, &ours), Err(Refused::Mode), "{mode:?} {addition}");
        }
        let with_signature = format!(
            "{}&encrypt_type=aes&msg_signature=11643e03f38d62d862ea4603088a6c4bd193b8a5",
            plain.query
        );
        assert_eq!(opened(&Post { query: with_signature, ..plain.clone() }, &ours), Err(Refused::Mode));
    }
}

#[test]
fn a_sealed_post_to_a_plain_account_names_the_mode() {
    let safe = posted("x", &keys(Mode::Safe));
    assert_eq!(opened(&safe, &keys(Mode::Plain)), Err(Refused::Mode));
}

#[test]
fn plain_fields_beside_an_envelope_count_for_nothing() {
    let keys = keys(Mode::Compatible);
    let mut post = posted("真", &keys);
    post.body = post.body.replace("真", "假").replace("oUnion0000000000000000000001", "oSomebodyElse");
    let opened = opened(&post, &keys).unwrap();
    assert_eq!((content(&opened), &*opened.message.from), ("真", "oUnion0000000000000000000001"));
}

#[test]
fn both_signatures_are_needed() {
    let keys = keys(Mode::Safe);
    let post = posted("x", &keys);
    for name in ["signature=", "timestamp=", "nonce=", "msg_signature="] {
        let without =
            post.query.split('&').filter(|pair| !pair.starts_with(name)).collect::<Vec<_>>().join("&");
        assert_eq!(
            opened(&Post { query: without, ..post.clone() }, &keys),
            Err(Refused::Signature),
            "{name}"
        );
        let wrong = post.query.replace(&format!("&{name}"), &format!("&{name}0"));
        let wrong = wrong.strip_prefix(name).map_or(wrong.clone(), |rest| format!("{name}0{rest}"));
        assert_eq!(opened(&Post { query: wrong, ..post.clone() }, &keys), Err(Refused::Signature), "{name}");
    }
    let other = posted("y", &keys);
    let mixed = Post { query: post.query, body: other.body };
    assert_eq!(opened(&mixed, &keys), Err(Refused::Signature));
}

#[test]
fn the_previous_token_and_key_still_open_and_seal_their_answer() {
    let previous = keys(Mode::Safe);
    let mut rotated = keys(Mode::Safe);
    rotated.tokens.insert(0, "nextToken".into());
    rotated.aes_keys.insert(0, AesKey::parse(OTHER_KEY).unwrap());

    let opened = opened(&posted("x", &previous), &rotated).unwrap();
    assert_eq!(opened.sealing, Sealing::Sealed { token: 1, key: 1, nonce: "1357924680".into() });
    let answer = opened.answer("<xml>好</xml>", &rotated, NOW);
    assert_eq!(platform::read_answer(&answer, &previous).as_deref(), Ok("<xml>好</xml>"));

    let next = self::opened(&posted("x", &rotated), &rotated).unwrap();
    assert_eq!(next.sealing, Sealing::Sealed { token: 0, key: 0, nonce: "1357924680".into() });
    assert_eq!(self::opened(&posted("x", &rotated), &previous), Err(Refused::Signature));
}

#[test]
fn a_key_or_account_that_is_not_ours_is_refused() {
    let ours = keys(Mode::Safe);
    let other_key = Keys { aes_keys: vec![AesKey::parse(OTHER_KEY).unwrap()], ..ours.clone() };
    assert_eq!(opened(&posted("x", &other_key), &ours), Err(Refused::Envelope));
    let no_key = Keys { aes_keys: vec![], ..ours.clone() };
    assert_eq!(opened(&posted("x", &ours), &no_key), Err(Refused::Envelope));
    let other_app = Keys { app_id: "wx0000000000000000".into(), ..ours.clone() };
    assert_eq!(opened(&posted("x", &other_app), &ours), Err(Refused::Account));
    let other_outside = Keys { account: "gh_other".into(), ..ours.clone() };
    assert_eq!(opened(&posted("x", &other_outside), &ours), Err(Refused::Account));

    let other_inside = message("x").replace("gh_0123456789ab", "gh_other");
    for mode in [Mode::Plain, Mode::Safe] {
        let keys = keys(mode);
        let post = platform::post(&other_inside, &keys, "1", NOW);
        assert_eq!(opened(&post, &keys), Err(Refused::Account), "{mode:?}");
    }
}

#[test]
fn the_window_holds_both_ways_where_it_is_set() {
    let keys = Keys { window: Some(Duration::from_secs(600)), ..keys(Mode::Plain) };
    let post = posted("x", &keys);
    for (seconds, passes) in [(-601, false), (-600, true), (0, true), (600, true), (601, false)] {
        let now = Time::from_unix_s(NOW.unix_s() + seconds);
        let result = open(&post.query(), post.body.as_bytes(), &keys, now);
        assert_eq!(result.as_ref().map(|opened| opened.skew).ok(), passes.then_some(seconds));
        assert!(passes || result == Err(Refused::Replay));
    }
    let anytime = Keys { window: None, ..keys };
    assert_eq!(opened(&post, &anytime).unwrap().skew, 0);
}

#[test]
fn the_replay_key_tells_bodies_apart() {
    let keys = keys(Mode::Plain);
    let key = |content| opened(&posted(content, &keys), &keys).unwrap().replay.unwrap();
    assert_eq!(key("x"), key("x"));
    assert_ne!(key("x"), key("y"));
}

#[test]
fn what_is_signed_but_no_message_is_malformed() {
    for mode in [Mode::Plain, Mode::Safe] {
        let keys = keys(mode);
        for inner in ["", "x", "<xml></xml>", "{\"ToUserName\":\"gh_0123456789ab\"}", "<!DOCTYPE x><xml/>"] {
            let refused = opened(&platform::post(inner, &keys, "1", NOW), &keys).unwrap_err();
            assert_eq!((refused.status(), refused.reason()), (400, "malformed"), "{inner}");
        }
    }
    let keys = keys(Mode::Plain);
    let signature = signature::sign_hex(&["gonghui2026", "soon", "1"]);
    let query = format!("signature={signature}&timestamp=soon&nonce=1");
    let post = Post { query, body: message("x") };
    assert_eq!(opened(&post, &keys).unwrap_err().reason(), "malformed");
}

#[test]
fn a_body_over_the_limit_is_not_looked_at() {
    let body = vec![b' '; BODY_BYTES_MAX + 1];
    let refused = open(&Query::default(), &body, &keys(Mode::Safe), NOW).unwrap_err();
    assert_eq!((refused.status(), refused.reason()), (413, "too_large"));
}

#[test]
fn answers_are_repeatable_and_success_travels_bare() {
    let keys = keys(Mode::Safe);
    let opened = opened(&posted("x", &keys), &keys).unwrap();
    let answer = opened.answer("<xml>1</xml>", &keys, NOW);
    assert_eq!(answer, opened.answer("<xml>1</xml>", &keys, NOW));
    assert_ne!(answer, opened.answer("<xml>2</xml>", &keys, NOW));
    assert!(answer.contains("<TimeStamp>1795400007</TimeStamp><Nonce><![CDATA[1357924680]]></Nonce></xml>"));
    assert_eq!(opened.answer("success", &keys, NOW), "success");
    assert_eq!(opened.answer("", &keys, NOW), "");
    assert_eq!(Sealing::Plain.answer("<xml/>", &keys, NOW), "<xml/>");
}

#[test]
fn an_answer_is_never_in_the_clear_when_the_keys_are_gone() {
    let keys = keys(Mode::Safe);
    let opened = opened(&posted("x", &keys), &keys).unwrap();
    let emptied = Keys { aes_keys: vec![], ..keys };
    assert_eq!(opened.answer("<xml>1</xml>", &emptied, NOW), "success");
}

#[test]
fn secrets_stay_out_of_debug() {
    let shown = format!("{:?}", keys(Mode::Safe));
    assert!(!shown.contains("gonghui2026") && !shown.contains(KEY), "{shown}");
}

proptest! {
    #[test]
    fn garbage_never_panics(query in "\\PC{0,120}", body in proptest::collection::vec(any::<u8>(), 0..300)) {
        for mode in [Mode::Plain, Mode::Compatible, Mode::Safe] {
            prop_assert!(open(&Query::parse(&query), &body, &keys(mode), NOW).is_err());
        }
    }

    #[test]
    fn signed_garbage_never_panics(inner in "(\\PC|[<>&;/!\\[\\]]|<xml>|</xml>){0,120}", nonce in "[0-9]{1,10}") {
        for mode in [Mode::Plain, Mode::Compatible, Mode::Safe] {
            let keys = keys(mode);
            let post = platform::post(&inner, &keys, &nonce, NOW);
            prop_assert!(opened(&post, &keys).is_err());
        }
    }

    #[test]
    fn any_text_passes_through_every_mode_and_back(content in "\\PC{0,300}", nonce in "[0-9]{1,10}") {
        for mode in [Mode::Plain, Mode::Compatible, Mode::Safe] {
            let keys = keys(mode);
            let post = platform::post(&message(&content), &keys, &nonce, NOW);
            let opened = opened(&post, &keys).unwrap();
            prop_assert_eq!(self::content(&opened), &content);
            let answer = opened.answer(&content, &keys, NOW);
            prop_assert_eq!(platform::read_answer(&answer, &keys).unwrap(), content.clone());
        }
    }
}
