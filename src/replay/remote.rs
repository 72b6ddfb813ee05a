//! A story or message posted to a running service.
//!
//! CreateTime, MsgId and ToUserName are made to fit; followers stay who they are, so a service that knows them
//! already may answer otherwise.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use regex::{Captures, Regex};

use super::story::Story;
use super::{Report, diff};
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
    /// A URL that is none, or an HTTP client that can't be made.
    pub fn new(url: &str, keys: Keys, clock: Arc<dyn Clock>) -> Result<Remote, String> {
        let parsed = reqwest::Url::parse(url).map_err(|error| format!("{url}: {error}"))?;
        if !matches!(parsed.scheme(), "http" | "https") || parsed.query().is_some() {
            return Err(format!("{url}: must be the webhook's address, like http://127.0.0.1:8080/wechat"));
        }
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(PATIENCE)
            .build();
        let http = http.map_err(|error| error.to_string())?;
        Ok(Remote { http, url: parsed.to_string(), keys, clock })
    }

    pub(super) fn conversation(&self) -> Conversation<'_> {
        Conversation { remote: self, sent: HashMap::new() }
    }
}

pub async fn tell(story: &Story, remote: &Remote, report: &mut Report) {
    let setting = &story.setting;
    if !setting.activity.is_empty() || !setting.before.is_empty() {
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

/// Messages that belong together: what is sent again goes out in the bytes of its first time.
pub(super) struct Conversation<'r> {
    remote: &'r Remote,
    sent: HashMap<String, String>,
}

impl Conversation<'_> {
    /// The answer as WeChat reads it, with the fixtures' account in place of the service's.
    pub async fn post(&mut self, message_xml: &str) -> Result<String, String> {
        let Remote { http, url, keys, clock } = self.remote;
        let moment = clock.moment();
        let fresh = match self.sent.get(message_xml) {
            Some(sent) => sent.clone(),
            None => refreshed(message_xml, &keys.account, moment.now.unix_s(), moment.seed >> 1),
        };
        self.sent.insert(message_xml.to_owned(), fresh.clone());
        let post = platform::post(&fresh, keys, &(moment.seed >> 8).to_string(), moment.now);
        let sent = http.post(format!("{url}?{}", post.query)).body(post.body).send().await;
        let response = sent.map_err(|error| without_url(error, url))?;
        if response.status() != reqwest::StatusCode::OK {
            return Ok(format!("HTTP {}", response.status().as_u16()));
        }
        let body = response.text().await.map_err(|error| without_url(error, url))?;
        let answer = platform::read_answer(&body, keys)
            .map_err(|refused| format!("WeChat could not read the answer: {}", refused.reason()))?;
        Ok(answer.replace(&keys.account, account_in(message_xml)))
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

#[expect(clippy::unwrap_used, reason = "patterns of this file, tried by its tests")]
fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap()
}

static CREATED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(<CreateTime>)[^<]*(?:<!\[CDATA\[[^<]*\]\]>)?(</CreateTime>)"));
static MSG_ID: LazyLock<Regex> = LazyLock::new(|| pattern(r"(<Msg(?:Id|ID)>)[^<]*(</Msg(?:Id|ID)>)"));
static ACCOUNT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(<ToUserName>(?:<!\[CDATA\[)?)([^<\]]*)"));

fn refreshed(message_xml: &str, account: &str, created_s: i64, msg_id: u64) -> String {
    let between = |value: &dyn Display, found: &Captures| format!("{}{value}{}", &found[1], &found[2]);
    let xml = CREATED.replace_all(message_xml, |found: &Captures| between(&created_s, found));
    let xml = MSG_ID.replace_all(&xml, |found: &Captures| between(&msg_id, found));
    ACCOUNT.replace(&xml, |found: &Captures| format!("{}{account}", &found[1])).into_owned()
}

fn account_in(message_xml: &str) -> &str {
    ACCOUNT.captures(message_xml).and_then(|found| found.get(2)).map_or("", |account| account.as_str())
}

fn without_time(answer: &str) -> String {
    CREATED.replace_all(answer, "$1$2").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = "<xml><ToUserName><![CDATA[gh_a]]></ToUserName><CreateTime>1</CreateTime>\
        <Content><![CDATA[<b>]]></Content><MsgId>2</MsgId></xml>";

    #[test]
    fn a_message_is_made_fresh_in_nothing_but_time_id_and_account() {
        let fresh = XML.replace(">1<", ">70<").replace(">2<", ">90<").replace("gh_a", "gh_b");
        assert_eq!(refreshed(XML, "gh_b", 70, 90), fresh);
        assert_eq!(account_in(XML), "gh_a");
    }

    #[test]
    fn answers_are_compared_without_their_time() {
        assert_eq!(without_time(XML), XML.replace(">1<", "><"));
        assert_eq!(without_time("success"), "success");
    }
}
