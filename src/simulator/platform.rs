//! What WeChat does with a message: sign, post, wait, try again, read the answer.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};

use super::Simulator;
use super::api::faults::{Push, WebhookFault};
use super::phone::{Article, Exchange, Shown, Way, Wire};
use crate::wechat::event::Event;
use crate::wechat::message::{Inbound, Kind};
use crate::wechat::platform::{Post, post, read_answer};
use crate::wechat::xml::{self, Element};
use crate::wechat::{Mode, Refused};

/// WeChat sends a message three times in all.
const ATTEMPTS: usize = 3;
/// More than any answer that WeChat takes.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// How long a message waits for one to come before it, if the fault doesn't say.
const ANOTHER_COMES_WITHIN: Duration = Duration::from_secs(2);
/// What the chat shows when no attempt was answered well.
pub const OUT_OF_ORDER: &str = "该公众号提供的服务出现故障，请稍后再试";

/// Why an answer is none. What it says is for the raw view, where developers look.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("没有在时限内回答")]
    Late,
    #[error("连不上，或回答没有传完：{0}")]
    Broken(String),
    #[error("回答的状态码是 {0}")]
    Status(StatusCode),
    #[error("回答的签名或密文不对（{}）", .0.reason())]
    Sealed(Refused),
    #[error("安全模式下，回答没有加密")]
    Plain,
    #[error("回答不是 XML，也不是 success")]
    NotXml,
    #[error("回答的 ToUserName 或 FromUserName 不对")]
    Misaddressed,
    #[error("回答没有内容，或 MsgType 不认识")]
    Empty,
}

/// A good answer: what it says, and what of it is on the screen.
struct Answer {
    inner: String,
    shown: Option<Shown>,
}

impl Simulator {
    /// Posts what a follower did and shows what the service answers. `shown`: what is on the screen at once.
    pub async fn deliver(&self, openid: &str, kind: Kind, shown: Option<Shown>) {
        let (waits, now) = (waits_for_answer(&kind), self.now());
        self.with_phone(openid, |phone| phone.did(&kind, now));
        let (posted, exchange) = self.write(openid, kind);
        self.0.tape.add(openid, now, &exchange);
        if let Some(shown) = shown {
            self.show(openid, shown, Some(&exchange));
        }
        let (outer, answer) = match self.attempt(&posted).await {
            Ok(outer) => (outer.clone(), self.read(&outer, openid)),
            Err(trouble) => (String::new(), Err(trouble)),
        };
        let (inner, shown) = match answer {
            Ok(Answer { inner, shown }) => (inner, shown),
            Err(trouble) => {
                let notice = Shown::Notice { text: OUT_OF_ORDER.to_owned() };
                (trouble.to_string(), waits.then_some(notice))
            }
        };
        exchange.answered(Wire { way: Way::Answer, inner, outer });
        if let Some(shown) = shown {
            self.show(openid, shown, Some(&exchange));
        }
    }

    /// The message as WeChat would write it, signed and sealed.
    fn write(&self, openid: &str, kind: Kind) -> (Post, Arc<Exchange>) {
        let (settings, now) = (&self.0.settings, self.now());
        let mut message = Inbound::new(&settings.keys.account, openid, now.unix_s(), kind);
        if !matches!(message.kind, Kind::Event(_)) {
            message.msg_id = Some(self.next_message_id().to_string());
        }
        let inner = message.to_xml();
        let nonce = (self.0.clock.moment().seed % 10_000_000_000).to_string();
        let posted = post(&inner, &settings.keys, &nonce, now);
        let outer = format!("POST {}?{}\n\n{}", settings.webhook_path, posted.query, posted.body);
        (posted, Exchange::new(Wire { way: Way::Push, inner, outer }))
    }

    /// The same bytes up to three times; an answer that is no good is not asked for again.
    async fn attempt(&self, posted: &Post) -> Result<String, Trouble> {
        let mut trouble = Trouble::Late;
        let fault = self.faults().of_push();
        match &fault {
            Some(WebhookFault { fault: Push::Delay, ms, .. }) => {
                tokio::time::sleep(Duration::from_millis(*ms)).await;
            }
            Some(WebhookFault { fault: Push::Reorder, ms, .. }) => self.let_another_pass(*ms).await,
            _ => {}
        }
        for attempt in 0..ATTEMPTS {
            let answered = tokio::time::timeout(self.0.settings.patience, self.ask(posted)).await;
            match fault.as_ref().map(|fault| fault.fault) {
                Some(Push::DropReply) if attempt == 0 => continue,
                Some(Push::Duplicate) if attempt == 0 => drop(self.ask(posted).await),
                _ => {}
            }
            match answered.unwrap_or(Err(Trouble::Late)) {
                Ok(outer) => {
                    self.0.posted.notify_waiters();
                    return Ok(outer);
                }
                Err(again) => trouble = again,
            }
        }
        Err(trouble)
    }

    /// Until something else was posted and answered; or so long, if nothing comes.
    async fn let_another_pass(&self, ms: u64) {
        let most = if ms == 0 { ANOTHER_COMES_WITHIN } else { Duration::from_millis(ms) };
        // Late is as good as in time: the message is posted then.
        let _ = tokio::time::timeout(most, self.0.posted.notified()).await;
    }

    async fn ask(&self, posted: &Post) -> Result<String, Trouble> {
        let settings = &self.0.settings;
        let url = format!("{}{}?{}", settings.service_url, settings.webhook_path, posted.query);
        let request = Request::post(url)
            .header(header::CONTENT_TYPE, "text/xml")
            .body(Full::from(posted.body.clone()))
            .map_err(|error| Trouble::Broken(error.to_string()))?;
        let response =
            self.0.http.request(request).await.map_err(|error| Trouble::Broken(error.to_string()))?;
        if !response.status().is_success() {
            return Err(Trouble::Status(response.status()));
        }
        let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|error| Trouble::Broken(error.to_string()))?.to_bytes();
        Ok(String::from_utf8_lossy(&body).into_owned())
    }

    fn read(&self, outer: &str, openid: &str) -> Result<Answer, Trouble> {
        if outer.is_empty() || outer == "success" {
            return Ok(Answer { inner: String::new(), shown: None });
        }
        let keys = &self.0.settings.keys;
        let inner = read_answer(outer, keys).map_err(Trouble::Sealed)?;
        let reply = xml::parse(inner.as_bytes()).map_err(|_| Trouble::NotXml)?;
        if keys.mode == Mode::Safe && inner == outer {
            return Err(Trouble::Plain);
        }
        if reply.text_of("ToUserName") != openid || reply.text_of("FromUserName") != keys.account {
            return Err(Trouble::Misaddressed);
        }
        let shown = shown(&reply).ok_or(Trouble::Empty)?;
        Ok(Answer { inner, shown: Some(shown) })
    }
}

/// A passive reply on the screen; `None` for what WeChat would refuse.
fn shown(reply: &Element) -> Option<Shown> {
    let media = |name: &str| {
        let media_id = reply.child(name)?.text_of("MediaId").to_owned();
        Some(Shown::Media { what: name.to_owned(), media_id })
    };
    match reply.text_of("MsgType") {
        "text" => Some(reply.text_of("Content"))
            .filter(|text| !text.is_empty())
            .map(|text| Shown::Text { text: text.to_owned() }),
        "image" => media("Image"),
        "voice" => media("Voice"),
        "video" => media("Video"),
        "music" => reply.child("Music").map(|music| Shown::Media {
            what: "Music".to_owned(),
            media_id: music.text_of("Title").to_owned(),
        }),
        "news" => {
            let article = |item: &Element| Article {
                title: item.text_of("Title").to_owned(),
                description: item.text_of("Description").to_owned(),
                url: item.text_of("Url").to_owned(),
            };
            let articles = reply.child("Articles")?.children.iter().map(article).collect();
            Some(Shown::News { articles })
        }
        "transfer_customer_service" => Some(Shown::Notice { text: "已转接人工客服".to_owned() }),
        _ => None,
    }
}

/// Pushes that nobody waits for leave no trace on the screen when they fail.
fn waits_for_answer(kind: &Kind) -> bool {
    match kind {
        Kind::Event(event) => {
            matches!(
                event,
                Event::Click { .. }
                    | Event::Subscribe { .. }
                    | Event::Scan { .. }
                    | Event::ScanCodeWait { .. }
            )
        }
        _ => true,
    }
}
