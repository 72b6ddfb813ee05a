//! What followers post, made before the clock runs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use gonghui::wechat::signature::sign_hex;

pub const ACCOUNT: &str = "gh_3c884a361561";
pub const TOKEN: &str = "benchtoken";
pub const STAFF_TOKEN: &str = "bench-token-of-somebody-who-reviews-claims";

/// Requests, ready to be written to a socket.
pub struct Messages(pub Vec<Box<[u8]>>);

/// A sign-up is two messages: the tap on an activity's link, and the confirmation.
pub struct Storm {
    pub begin: Messages,
    pub confirm: Messages,
}

/// Distinct openids of WeChat's length.
pub fn follower(n: u64) -> String {
    // Spread over the key space as real ones are, by an odd multiplier that repeats nothing.
    format!("oB{:016x}{n:010}", n.wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

impl Messages {
    /// Menu clicks of followers out of `contacts`; who clicks again does so a second later, or it would be taken
    /// for the same click.
    pub fn clicks(contacts: u64, count: u64) -> Messages {
        Messages::events("activity.list", contacts, count)
    }

    /// Clicks on the menu item with this key.
    pub fn events(key: &str, contacts: u64, count: u64) -> Messages {
        let event = format!(
            "<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[CLICK]]></Event>\
             <EventKey><![CDATA[{key}]]></EventKey>"
        );
        let click = |n: u64| {
            let who = follower(n.wrapping_mul(7919) % contacts);
            let seconds_ago = (count - n) / contacts;
            request(&who, seconds_ago, &event)
        };
        Messages((0..count).map(click).collect())
    }

    /// What staff ask for when they look at the queues of claims.
    pub fn queue_pages(order: &str) -> Messages {
        let page = |state: &str| {
            let head = format!(
                "GET /api/v1/claims?state={state}&order={order}&limit=50 HTTP/1.1\r\nHost: localhost\r\n\
                 Authorization: Bearer {STAFF_TOKEN}\r\n\r\n"
            );
            head.into_bytes().into_boxed_slice()
        };
        Messages(["submitted", "accepted", "needs_more", "paid"].map(page).into())
    }

    /// `people` new followers who sign up for the first activity.
    pub fn storm(people: u64) -> Storm {
        Storm { begin: taps(people, "报名", "apply-1"), confirm: taps(people, "确认", "answer-1-0") }
    }

    /// The first `people` of the contacts tap to claim the first benefit.
    pub fn claims(people: u64) -> Messages {
        let tap = |n: u64| request(&follower(n), 0, &tapped("领取", "claim-1"));
        Messages((0..people).map(tap).collect())
    }

    pub fn first(&self, count: usize) -> Messages {
        Messages(self.0.iter().take(count).cloned().collect())
    }
}

/// Everybody taps the same link.
fn taps(people: u64, words: &str, id: &str) -> Messages {
    let tap = |n: u64| request(&follower(10_000_000 + n), 0, &tapped(words, id));
    Messages((0..people).map(tap).collect())
}

fn tapped(words: &str, id: &str) -> String {
    format!(
        "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{words}]]></Content>\
         <MsgId>{}</MsgId><bizmsgmenuid>{id}</bizmsgmenuid>",
        next_number() + 7_300_000_000_000_000_000
    )
}

fn next_number() -> u64 {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    NUMBER.fetch_add(1, Ordering::Relaxed)
}

fn request(from: &str, seconds_ago: u64, inner: &str) -> Box<[u8]> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let (timestamp, created) = (now.to_string(), now - seconds_ago);
    let nonce = next_number().to_string();
    let signature = sign_hex(&[TOKEN, &timestamp, &nonce]);
    let body = format!(
        "<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><FromUserName><![CDATA[{from}]]></FromUserName>\
         <CreateTime>{created}</CreateTime>{inner}</xml>"
    );
    let head = format!(
        "POST /wechat?signature={signature}&timestamp={timestamp}&nonce={nonce} HTTP/1.1\r\nHost: localhost\r\n\
         Content-Type: text/xml\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    (head + &body).into_bytes().into_boxed_slice()
}
