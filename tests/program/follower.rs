//! A follower with a phone: taps menus and links, types, and sends again what was not answered.

use std::sync::atomic::{AtomicU64, Ordering};

use gonghui::wechat::platform::{self, Post};

use crate::site::{ACCOUNT, http, keys, now};

static SERIAL: AtomicU64 = AtomicU64::new(1);

pub struct Follower {
    pub openid: String,
    http: reqwest::Client,
}

/// The same bytes as often as it is sent.
#[derive(Debug, Clone)]
pub struct Message {
    post: Post,
    /// For a failure's words.
    pub what: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// As it came over the wire.
    pub body: String,
    /// As it was in the envelope.
    pub xml: String,
    /// What the follower reads, with its links.
    pub text: String,
}

/// A link in an answer that sends `content` when it is tapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub content: String,
    pub id: String,
}

impl Follower {
    pub fn new(number: u64) -> Follower {
        Follower::named(&format!("oFollower{number:019}"))
    }

    pub fn named(openid: &str) -> Follower {
        Follower { openid: openid.to_owned(), http: http() }
    }

    pub fn subscribe(&self) -> Message {
        self.message("following", "<MsgType>event</MsgType><Event>subscribe</Event>")
    }

    pub fn click(&self, key: &str) -> Message {
        let event = format!("<MsgType>event</MsgType><Event>CLICK</Event><EventKey>{key}</EventKey>");
        self.message(&format!("the menu's {key}"), &event)
    }

    pub fn say(&self, words: &str) -> Message {
        self.text(words, "")
    }

    pub fn tap(&self, link: &Link) -> Message {
        self.text(&link.content, &format!("<bizmsgmenuid>{}</bizmsgmenuid>", link.id))
    }

    fn text(&self, words: &str, menu: &str) -> Message {
        let id = 7_000_000_000_000_000 + SERIAL.fetch_add(1, Ordering::Relaxed);
        let words = words.replace('&', "&amp;").replace('<', "&lt;");
        let text = format!("<MsgType>text</MsgType><Content>{words}</Content><MsgId>{id}</MsgId>{menu}");
        self.message(&words, &text)
    }

    fn message(&self, what: &str, fields: &str) -> Message {
        let now = now();
        let xml = format!(
            "<xml><ToUserName>{ACCOUNT}</ToUserName><FromUserName>{}</FromUserName>\
             <CreateTime>{}</CreateTime>{fields}</xml>",
            self.openid,
            now.unix_s(),
        );
        let nonce = SERIAL.fetch_add(1, Ordering::Relaxed).to_string();
        Message { post: platform::post(&xml, &keys(), &nonce, now), what: what.to_owned() }
    }

    /// Errors: no whole answer came.
    pub async fn send(&self, base: &str, message: &Message) -> Result<Answer, reqwest::Error> {
        let url = format!("{base}/wechat?{}", message.post.query);
        let response = self.http.post(url).body(message.post.body.clone()).send().await?;
        let status = response.status();
        let body = response.text().await?;
        assert_eq!(status, 200, "{} got {body}", message.what);
        let xml = platform::read_answer(&body, &keys()).unwrap();
        let text = gonghui::wechat::xml::parse(xml.as_bytes())
            .map(|element| element.text_of("Content").to_owned())
            .unwrap_or_default();
        Ok(Answer { body, xml, text })
    }
}

impl Follower {
    /// From the link 报名 of activity `A…` to the last answer, saying `answers` to what is asked.
    pub async fn sign_up(&self, base: &str, activity: &str, answers: &[&str]) -> Answer {
        let id = format!("apply-{}", activity.trim_start_matches('A'));
        let mut read = self.send(base, &self.tap(&Link { content: "报名".to_owned(), id })).await.unwrap();
        for answer in answers {
            read = self.send(base, &self.say(answer)).await.unwrap();
        }
        let confirm = read.link("answer-").unwrap_or_else(|| panic!("no way to confirm in {}", read.text));
        self.send(base, &self.tap(&confirm)).await.unwrap()
    }
}

impl Answer {
    pub fn links(&self) -> Vec<Link> {
        let parts = self.text.split("weixin://bizmsgmenu?msgmenucontent=").skip(1);
        let link = |part: &str| {
            let (content, rest) = part.split_once("&msgmenuid=")?;
            let (id, _) = rest.split_once('"')?;
            let decode = |text| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
            Some(Link { content: decode(content), id: decode(id) })
        };
        parts.filter_map(link).collect()
    }

    /// The first link whose id begins so.
    pub fn link(&self, id: &str) -> Option<Link> {
        self.links().into_iter().find(|link| link.id.starts_with(id))
    }

    /// The registration number (`A1-1-0001`) behind 报名号.
    pub fn number(&self) -> Option<String> {
        let (_, rest) = self.text.split_once("报名号：")?;
        rest.lines().next().map(str::to_owned)
    }
}
