//! A story or message posted to a running service.
//!
//! CreateTime and MsgId are made fresh, and so are followers, for the service remembers those it has met; the
//! fixtures' account becomes the service's. Answers are compared as if nothing had been exchanged.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::story::{Setting, Story};
use super::{Report, diff, service};
use crate::moment::Clock;
use crate::wechat::{Keys, platform};

/// WeChat gives up after five seconds; a loaded machine may take longer.
const PATIENCE: Duration = Duration::from_secs(15);

/// A running service and what it shares with WeChat.
pub struct Remote {
    http: reqwest::Client,
    url: String,
    keys: Keys,
    clock: Arc<dyn Clock>,
}

impl Remote {
    /// `url` is the webhook's; `keys` sign and, unless their mode is plain, seal.
    ///
    /// # Errors
    /// A URL that is none.
    pub fn new(
        http: reqwest::Client,
        url: &str,
        keys: Keys,
        clock: Arc<dyn Clock>,
    ) -> Result<Remote, String> {
        let parsed = reqwest::Url::parse(url).map_err(|error| format!("{url}: {error}"))?;
        if !matches!(parsed.scheme(), "http" | "https") || parsed.query().is_some() {
            return Err(format!("{url}: must be the webhook's address, like http://127.0.0.1:8080/wechat"));
        }
        Ok(Remote { http, url: parsed.to_string(), keys, clock })
    }

    pub(super) fn conversation(&self) -> Conversation<'_> {
        let seed = self.clock.moment().seed;
        Conversation { remote: self, seed, followers: Vec::new(), sent: HashMap::new(), last_s: 0 }
    }
}

pub async fn tell(story: &Story, remote: &Remote, report: &mut Report) {
    if needs_own_store(&story.setting) {
        report.skipped.push(story.place());
        return;
    }
    let mut conversation = remote.conversation();
    for step in &story.steps {
        let place = format!("{}, step {}", story.place(), step.name);
        match conversation.post(&step.message).await {
            Ok(answer) => {
                report.posts += 1;
                let expected = without_time(&step.expected);
                if let Some(differs) = diff::lines(&expected, &without_time(&answer)) {
                    report.fail(place, differs);
                }
            }
            Err(error) => return report.fail(place, error),
        }
    }
}

/// Does the story ask for more than a running service has anyway?
fn needs_own_store(setting: &Setting) -> bool {
    let Setting { about, starts, prepared, mode, pace, .. } = setting;
    let bare = Setting {
        about: about.clone(),
        starts: *starts,
        prepared: *prepared,
        mode: *mode,
        pace: *pace,
        schemes: Vec::new(),
        activity: Vec::new(),
        member: Vec::new(),
        cover: Vec::new(),
        district_desk: Vec::new(),
        benefit: Vec::new(),
        sign_up: Vec::new(),
        before: Vec::new(),
        desk: false,
        public_url: None,
        deliver: false,
        wechat_says: Vec::new(),
        expect_calls: Vec::new(),
        expect_outbox: Vec::new(),
        expect_missed: None,
        own_store: false,
    };
    *setting != bare
}

/// Messages that belong together: what is sent again goes out in the bytes of its first time.
pub(super) struct Conversation<'r> {
    remote: &'r Remote,
    seed: u64,
    /// The story's, with who they are for the service.
    followers: Vec<(String, String)>,
    sent: HashMap<String, String>,
    /// CreateTime of the latest.
    last_s: i64,
}

impl Conversation<'_> {
    /// The answer as WeChat reads it, told of the fixtures' account and follower.
    pub async fn post(&mut self, message_xml: &str) -> Result<String, String> {
        let remote = self.remote;
        let fresh = self.fresh(message_xml);
        let answer = remote.post(&fresh).await?;
        let known = answer.replace(&remote.keys.account, service::ACCOUNT);
        let restored = |answer: String, (told, fresh): &(String, String)| answer.replace(fresh, told);
        Ok(self.followers.iter().fold(known, restored))
    }

    fn fresh(&mut self, message_xml: &str) -> String {
        if let Some(sent) = self.sent.get(message_xml) {
            return sent.clone();
        }
        let moment = self.remote.clock.moment();
        // Two taps of one button within a second are one to WeChat and to the service.
        self.last_s = moment.now.unix_s().max(self.last_s + 1);
        let mut xml = refreshed(message_xml, self.last_s, moment.seed >> 1);
        xml = xml.replace(service::ACCOUNT, &self.remote.keys.account);
        if let Some(told) = follower_in(message_xml) {
            xml = xml.replace(told, &self.stand_in(told));
        }
        self.sent.insert(message_xml.to_owned(), xml.clone());
        xml
    }

    /// 28 characters, as OpenIDs have.
    fn stand_in(&mut self, told: &str) -> String {
        if let Some((_, fresh)) = self.followers.iter().find(|(known, _)| known == told) {
            return fresh.clone();
        }
        let fresh = format!("o{:016x}{:011}", self.seed, self.followers.len());
        self.followers.push((told.to_owned(), fresh.clone()));
        fresh
    }
}

impl Remote {
    async fn post(&self, message_xml: &str) -> Result<String, String> {
        let Remote { http, url, keys, clock } = self;
        let moment = clock.moment();
        let post = platform::post(message_xml, keys, &(moment.seed >> 8).to_string(), moment.now);
        let sent = http.post(format!("{url}?{}", post.query)).timeout(PATIENCE).body(post.body).send().await;
        let response = sent.map_err(|error| without_url(error, url))?;
        if response.status() != reqwest::StatusCode::OK {
            return Ok(format!("HTTP {}", response.status().as_u16()));
        }
        let body = response.text().await.map_err(|error| without_url(error, url))?;
        platform::read_answer(&body, keys)
            .map_err(|refused| format!("WeChat could not read the answer: {}", refused.reason()))
    }
}

/// The query carries signatures: it is left out of what is said.
fn without_url(error: reqwest::Error, url: &str) -> String {
    let error = error.without_url();
    match std::error::Error::source(&error) {
        Some(cause) => format!("{url}: {error}: {cause}"),
        None => format!("{url}: {error}"),
    }
}

fn refreshed(message_xml: &str, created_s: i64, msg_id: u64) -> String {
    let xml = with_text(message_xml, "CreateTime", &created_s.to_string());
    ["MsgId", "MsgID"].iter().fold(xml, |xml, name| with_text(&xml, name, &msg_id.to_string()))
}

fn without_time(answer: &str) -> String {
    with_text(answer, "CreateTime", "")
}

/// The document with another text in the first element of this name; as it is, if there is none.
fn with_text(xml: &str, name: &str, text: &str) -> String {
    match inside(xml, name) {
        Some((start, end)) => format!("{}{text}{}", &xml[..start], &xml[end..]),
        None => xml.to_owned(),
    }
}

fn follower_in(xml: &str) -> Option<&str> {
    let (start, end) = inside(xml, "FromUserName")?;
    let text = xml[start..end].trim();
    let text = text.strip_prefix("<![CDATA[").and_then(|text| text.strip_suffix("]]>")).unwrap_or(text);
    Some(text).filter(|text| !text.is_empty())
}

/// Where the text between the first such tag and its end stands. By hand, so that no other byte changes.
fn inside(xml: &str, name: &str) -> Option<(usize, usize)> {
    let open = format!("<{name}>");
    let start = xml.find(&open)? + open.len();
    let end = start + xml[start..].find(&format!("</{name}>"))?;
    Some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::service::{StoryClock, fixture_keys};
    use crate::wechat::Mode;

    const XML: &str = "<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName>\
        <FromUserName><![CDATA[oMei]]></FromUserName><CreateTime>1</CreateTime>\
        <Content><![CDATA[<b>]]></Content><MsgId>2</MsgId></xml>";

    fn remote() -> Remote {
        let keys = Keys { account: "gh_other".to_owned(), ..fixture_keys(Mode::Safe) };
        let clock = Arc::new(StoryClock::at(crate::moment::Time::from_unix_s(70)));
        Remote::new(reqwest::Client::new(), "http://127.0.0.1:9/wechat", keys, clock).unwrap()
    }

    #[test]
    fn a_message_is_made_fresh_and_a_retry_stays_the_same() {
        let remote = remote();
        let mut conversation = remote.conversation();
        let fresh = conversation.fresh(XML);
        let stand_in = conversation.stand_in("oMei");
        assert_eq!(stand_in.len(), 28);
        let expected =
            XML.replace(">1<", ">70<").replace(">2<", ">0<").replace("gh_0123456789ab", "gh_other");
        assert_eq!(fresh, expected.replace("oMei", &stand_in));
        assert_eq!(conversation.fresh(XML), fresh);
        let later = conversation.fresh(&XML.replace(">1<", ">11<"));
        assert!(
            later.contains("<CreateTime>71</CreateTime>"),
            "a second tap is no retry of the first: {later}"
        );
        assert_ne!(conversation.stand_in("oLan"), stand_in);
    }

    #[test]
    fn answers_are_compared_without_their_time() {
        assert_eq!(without_time(XML), XML.replace(">1<", "><"));
        assert_eq!(without_time("success"), "success");
    }

    #[test]
    fn addresses_that_can_not_be_meant_are_refused() {
        let keys = || fixture_keys(Mode::Plain);
        let clock = || Arc::new(StoryClock::at(crate::moment::Time::from_unix_s(70)));
        for url in ["wechat", "ftp://host/wechat", "http://host/wechat?token=1"] {
            assert!(Remote::new(reqwest::Client::new(), url, keys(), clock()).is_err(), "{url}");
        }
    }
}
