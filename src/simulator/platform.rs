//! What WeChat does with a message: sign, post, wait, try again, read the answer.

use axum::http::{Request, header};
use http_body_util::{BodyExt, Full, Limited};

use super::Simulator;
use super::phone::{Article, Bubble, Shown, Wire};
use crate::wechat::message::{Inbound, Kind};
use crate::wechat::platform::{post, read_answer};
use crate::wechat::xml::{self, Element};

/// WeChat sends a message three times in all.
const ATTEMPTS: usize = 3;
/// More than any answer that WeChat takes.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// What the chat shows when no attempt was answered well.
pub const OUT_OF_ORDER: &str = "该公众号提供的服务出现故障，请稍后再试";

/// What came of the attempts.
enum Answer {
    /// `success`, or nothing.
    Nothing,
    Shown(Shown, Wire),
    Failed,
}

impl Simulator {
    /// Posts what a follower did and shows what the service answers. `mine`: what the follower's side shows.
    pub async fn deliver(&self, openid: &str, kind: Kind, mine: Option<String>) {
        let (settings, now) = (&self.0.settings, self.now());
        let waits = waits_for_answer(&kind);
        let mut message = Inbound::new(&settings.keys.account, openid, now.unix_s(), kind);
        if !matches!(message.kind, Kind::Event(_)) {
            message.msg_id = Some(self.next_message_id().to_string());
        }
        let inner = message.to_xml();
        let nonce = (self.0.clock.moment().seed % 10_000_000_000).to_string();
        let posted = post(&inner, &settings.keys, &nonce, now);
        let sent = Wire {
            way: "去",
            inner,
            outer: format!("POST {}?{}\n\n{}", settings.webhook_path, posted.query, posted.body),
        };
        let shown = mine.map(|text| Shown::Mine { text });
        let silent = shown.is_none();
        if let Some(shown) = shown {
            self.show(openid, Bubble::new(shown, now, vec![sent.clone()]));
        }
        let url = format!("{}{}?{}", settings.service_url, settings.webhook_path, posted.query);
        let answer = self.attempt(&url, &posted.body, openid).await;
        let bubble = match answer {
            Answer::Shown(shown, wire) => {
                let wires = if silent { vec![sent, wire] } else { vec![wire] };
                Some(Bubble::new(shown, self.now(), wires))
            }
            Answer::Failed if waits => {
                Some(Bubble::new(Shown::Notice { text: OUT_OF_ORDER.to_owned() }, self.now(), vec![sent]))
            }
            Answer::Failed | Answer::Nothing => None,
        };
        if let Some(bubble) = bubble {
            self.show(openid, bubble);
        }
    }

    /// The same bytes up to three times; an answer that is no good is not asked for again.
    async fn attempt(&self, url: &str, body: &str, openid: &str) -> Answer {
        for _ in 0..ATTEMPTS {
            let answered = tokio::time::timeout(self.0.settings.patience, self.ask(url, body));
            if let Ok(Some(text)) = answered.await {
                return self.read(&text, openid);
            }
        }
        Answer::Failed
    }

    /// `None` for whatever is no answer: no connection, a status that isn't good, a body without end.
    async fn ask(&self, url: &str, body: &str) -> Option<String> {
        let request = Request::post(url).header(header::CONTENT_TYPE, "text/xml");
        let request = request.body(Full::from(body.to_owned())).ok()?;
        let response = self.0.http.request(request).await.ok().filter(|r| r.status().is_success())?;
        let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await.ok()?;
        String::from_utf8(body.to_bytes().into()).ok()
    }

    fn read(&self, outer: &str, openid: &str) -> Answer {
        if outer.is_empty() || outer == "success" {
            return Answer::Nothing;
        }
        let keys = &self.0.settings.keys;
        let Ok(inner) = read_answer(outer, keys) else { return Answer::Failed };
        let shown = xml::parse(inner.as_bytes()).ok().and_then(|reply| {
            let swapped =
                reply.text_of("ToUserName") == openid && reply.text_of("FromUserName") == keys.account;
            if swapped { shown(&reply) } else { None }
        });
        match shown {
            Some(shown) => Answer::Shown(shown, Wire { way: "回", inner, outer: outer.to_owned() }),
            None => Answer::Failed,
        }
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
    use crate::wechat::event::Event;
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
