use super::*;

use std::io::{Read, Seek};

use http_body_util::{BodyExt, Full};
use secrecy::SecretString;

use crate::content::Source;
use crate::dispatch::load_content;
use crate::domain::contact::record::{FollowerId, Quotas};
use crate::domain::tables::{CATALOG, CONTACTS, OUTBOX};
use crate::moment::Time;
use crate::server::metrics;
use crate::store::engine::memory::Memory;
use crate::store::testing::{Faulty, Switches, sealer};
use crate::store::{Options, Store};
use crate::wechat::Mode;
use crate::wechat::envelope::AesKey;
use crate::wechat::platform::{Post, post, read_answer, verification};

const NOW: Time = Time::from_unix_s(1_796_090_400);

struct Standing;

impl Clock for Standing {
    fn moment(&self) -> Moment {
        Moment { now: NOW, seed: 1 }
    }
}

struct Door {
    webhook: Webhook,
    store: Store,
    switches: Switches,
    keys: Keys,
}

fn keys(mode: Mode) -> Keys {
    Keys {
        account: "gh_3c884a361561".to_owned(),
        app_id: "wx5823bf96d3bd56c7".to_owned(),
        tokens: vec![SecretString::from("QDG6eK")],
        aes_keys: AesKey::parse("jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C").into_iter().collect(),
        mode,
        window: (mode == Mode::Plain).then_some(Duration::from_secs(600)),
    }
}

fn door(mode: Mode) -> Door {
    door_with(mode, 100)
}

fn door_with(mode: Mode, queue_commands_max: usize) -> Door {
    let (engine, switches) = Faulty::new(Memory::default());
    let options = Options { queue_commands_max, ..Options::new(sealer(), CATALOG) };
    let store = Store::open(Box::new(engine), options).unwrap();
    let (content, _) = load_content(&Source::Embedded).unwrap();
    let content = Arc::new(ArcSwap::from_pointee(content));
    let settings = Settings {
        keys: keys(mode),
        body_max: 64 << 10,
        body_timeout: Duration::from_secs(5),
        reply_deadline: Duration::from_millis(4_500),
    };
    let dispatch = Dispatch::new(store.clone(), Arc::clone(&content), Quotas::default());
    let metrics = Metrics::register(&mut metrics::registry());
    let webhook = Webhook::new(settings, dispatch, content, Arc::new(Standing), metrics);
    Door { webhook, store, switches, keys: keys(mode) }
}

struct Answer {
    status: u16,
    content_type: String,
    nosniff: bool,
    body: String,
}

impl Door {
    async fn get(&self, query: &str) -> Answer {
        self.send(Method::GET, query, String::new()).await
    }

    async fn post(&self, post: &Post) -> Answer {
        self.send(Method::POST, &post.query, post.body.clone()).await
    }

    /// What WeChat posts when somebody follows the account.
    fn follow(&self, follower: &str) -> Post {
        self.event(follower, "subscribe", "")
    }

    fn event(&self, follower: &str, event: &str, key: &str) -> Post {
        let xml = format!(
            "<xml><ToUserName>gh_3c884a361561</ToUserName><FromUserName>{follower}</FromUserName>\
             <CreateTime>{}</CreateTime><MsgType>event</MsgType><Event>{event}</Event>\
             <EventKey>{key}</EventKey></xml>",
            NOW.unix_s()
        );
        post(&xml, &self.keys, follower.trim_start_matches("oUnion"), NOW)
    }

    async fn send(&self, method: Method, query: &str, body: String) -> Answer {
        let request = Request::builder().method(method).uri(format!("/wechat?{query}"));
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        let (head, body) = self.webhook.answer(request, Instant::now()).await.into_parts();
        let header = |name: header::HeaderName| {
            head.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
        };
        let (content_type, nosniff) = (header(header::CONTENT_TYPE), header(header::X_CONTENT_TYPE_OPTIONS));
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: head.status.as_u16(),
            content_type,
            nosniff: nosniff == "nosniff",
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// Rows waiting in the outbox.
    async fn outbox(&self) -> usize {
        let at = Standing.moment();
        self.store.read(at, |tx| Ok(tx.scan(&OUTBOX, &(), None, 10)?.rows.len())).await.unwrap()
    }

    async fn knows(&self, follower: &str) -> bool {
        let who = FollowerId::new(follower);
        self.store.read(Standing.moment(), move |tx| Ok(tx.get(&CONTACTS, &who)?.is_some())).await.unwrap()
    }
}

#[tokio::test]
async fn the_url_is_verified_by_its_echo_alone() {
    let door = door(Mode::Safe);
    let query = verification("8765%3Cb%3E", &door.keys, "42", NOW);
    let answer = door.get(&query).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "8765<b>"));
    assert!(answer.content_type.starts_with("text/plain") && answer.nosniff);
    assert_eq!(door.get(&query.replace("nonce=42", "nonce=43")).await.status, 403);
    assert_eq!(door.get("").await.status, 403);
}

#[tokio::test]
async fn a_message_is_answered_and_a_retry_gets_the_same_bytes() {
    let door = door(Mode::Plain);
    let post = door.follow("oUnion01");
    let first = door.post(&post).await;
    assert_eq!(first.status, 200);
    assert!(first.body.contains("<ToUserName><![CDATA[oUnion01]]></ToUserName>"), "{}", first.body);
    assert!(first.content_type.starts_with("text/xml"));
    assert_eq!(door.post(&post).await.body, first.body);
}

#[tokio::test]
async fn in_safe_mode_answers_are_sealed_and_plain_posts_refused() {
    let door = door(Mode::Safe);
    let answer = door.post(&door.follow("oUnion01")).await;
    assert!(answer.body.contains("<Encrypt>") && !answer.body.contains("oUnion01"));
    assert!(read_answer(&answer.body, &door.keys).unwrap().contains("oUnion01"));

    let plain = Door { keys: keys(Mode::Plain), ..door_with(Mode::Safe, 100) };
    assert_eq!(plain.post(&plain.follow("oUnion01")).await.status, 403);
}

#[tokio::test]
async fn what_is_not_wechats_word_is_refused_by_its_kind() {
    let door = door(Mode::Plain);
    let good = door.follow("oUnion01");
    let unsigned = Post { query: good.query.replace("signature=", "signature=0"), ..good.clone() };
    let garbage = post("<xml><a></xml>", &door.keys, "7", NOW);
    let long = post(&"x".repeat((64 << 10) + 1), &door.keys, "8", NOW);
    let old = post(&good.body, &door.keys, "9", NOW.minus(Duration::from_secs(601)));
    let queried = Post { query: format!("{}&x={}", good.query, "y".repeat(QUERY_BYTES_MAX)), ..good.clone() };
    for (post, status) in [(&unsigned, 403), (&garbage, 400), (&long, 413), (&old, 403), (&queried, 400)] {
        assert_eq!(door.post(post).await.status, status, "{}", post.query);
    }
    assert_eq!(door.send(Method::PUT, &good.query, String::new()).await.status, 405);
    assert!(!door.knows("oUnion01").await);
}

#[tokio::test]
async fn the_log_says_why_a_request_was_refused_and_nothing_that_it_held() {
    let mut log = tempfile::tempfile().unwrap();
    let subscriber = tracing_subscriber::fmt().with_writer(log.try_clone().unwrap()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let door = door(Mode::Safe);
    let json = post("{\"FromUserName\":\"oUnion01\"}", &door.keys, "7", NOW);
    assert_eq!(door.post(&json).await.status, 400);
    let mut told = String::new();
    log.rewind().unwrap();
    log.read_to_string(&mut told).unwrap();
    assert!(told.contains("the account must be set to XML"), "{told}");
    assert!(!told.contains("oUnion01"), "{told}");
}

#[tokio::test]
async fn a_signature_seen_before_carries_no_other_body() {
    let door = door(Mode::Plain);
    let post = door.follow("oUnion01");
    assert_eq!(door.post(&post).await.status, 200);
    let other = Post { body: post.body.replace("oUnion01", "oUnion02"), ..post };
    assert_eq!(door.post(&other).await.status, 403);
    assert!(!door.knows("oUnion02").await);
}

#[tokio::test(start_paused = true)]
async fn a_stalled_commit_answers_success_in_time_and_its_reply_follows_by_the_outbox() {
    let door = door(Mode::Plain);
    door.switches.stall(true);
    let start = Instant::now();
    let answer = door.post(&door.follow("oUnion01")).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "success"));
    assert_eq!(start.elapsed(), Duration::from_millis(4_500));

    tokio::time::resume();
    door.switches.stall(false);
    door.webhook.settle().await;
    assert!(door.knows("oUnion01").await);
    assert_eq!(door.outbox().await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_stalled_message_that_wechat_sends_again_is_answered_once_by_the_outbox() {
    let door = door(Mode::Plain);
    door.switches.stall(true);
    let post = door.follow("oUnion01");
    let (first, second) = tokio::join!(door.post(&post), door.post(&post));
    assert_eq!((first.body.as_str(), second.body.as_str()), ("success", "success"));

    tokio::time::resume();
    door.switches.stall(false);
    door.webhook.settle().await;
    assert_eq!(door.outbox().await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_retry_is_not_told_that_all_is_busy_while_its_first_try_is_under_way() {
    let door = door_with(Mode::Plain, 1);
    door.switches.stall(true);
    let post = door.follow("oUnion01");
    assert_eq!(door.post(&post).await.body, "success");
    let busy = door.webhook.0.content.load().texts.render(&texts::BUSY, &[]);
    let mut others = 0;
    while !door.post(&door.follow(&format!("oUnion1{others}"))).await.body.contains(&busy) {
        others += 1;
        assert!(others < 10, "the queue holds one");
    }
    assert_eq!(door.post(&post).await.body, "success");
    tokio::time::resume();
    door.switches.stall(false);
    door.webhook.settle().await;
    assert_eq!(door.outbox().await, 1 + others);
}

#[tokio::test]
async fn a_full_queue_is_told_at_once_and_leaves_nothing() {
    let door = Arc::new(door_with(Mode::Plain, 1));
    door.switches.stall(true);
    let (told, mut answers) = tokio::sync::mpsc::unbounded_channel();
    for n in 0..5 {
        let (door, told) = (Arc::clone(&door), told.clone());
        tokio::spawn(async move {
            let follower = format!("oUnion{n}");
            let answer = door.post(&door.follow(&follower)).await;
            let _ = told.send((follower, answer));
        });
    }
    let busy = door.webhook.0.content.load().texts.render(&texts::BUSY, &[]);
    let (follower, answer) = answers.recv().await.unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains(&busy), "{}", answer.body);
    // Who leaves waits for no words: WeChat is to say it again.
    let left = door.post(&door.event("oUnion9", "unsubscribe", "")).await;
    assert_eq!((left.status, left.body.contains(&busy)), (503, false));
    door.switches.stall(false);
    drop(told);
    while answers.recv().await.is_some() {}
    assert!(!door.knows(&follower).await);
}

#[tokio::test]
async fn a_full_disk_is_said_and_a_later_message_works_again() {
    let door = door(Mode::Plain);
    door.switches.full(true);
    let sorry = door.webhook.0.content.load().texts.render(&texts::UNAVAILABLE, &[]);
    let answer = door.post(&door.follow("oUnion01")).await;
    assert!(answer.body.contains(&sorry), "{}", answer.body);

    // What needs no write is answered, and who leaves is heard of again.
    let help = door.post(&door.event("oUnion02", "CLICK", "activity.list")).await;
    assert!(help.status == 200 && !help.body.contains(&sorry), "{}", help.body);
    assert_eq!(door.post(&door.event("oUnion03", "unsubscribe", "")).await.status, 503);
    assert!(!door.knows("oUnion02").await, "nothing was kept");
    door.switches.full(false);
    while !door.store.is_ready() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let again = door.post(&door.follow("oUnion01")).await;
    assert!(again.status == 200 && !again.body.contains(&sorry));
}
