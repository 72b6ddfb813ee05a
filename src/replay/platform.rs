//! WeChat's API in a story: writes down what is called, and answers as the story says.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;

use super::service::Service;
use super::story::Called;
use crate::app::ContentWords;
use crate::outbox::{Call, Outbox, Platform, Rates, Runs, Settings, Taken};
use crate::wechat::api::{ArticleReads, Boxed, CustomMessage, Failure, MassContent, MassStatus, reaction};

/// The outbox and the broadcasts of a story, which work between its steps.
pub struct Deliveries {
    outbox: Outbox,
    runs: Runs,
    script: Arc<Script>,
}

/// Answers with the story's codes, then with 0.
struct Script {
    codes: Mutex<VecDeque<i64>>,
    calls: Mutex<Vec<Called>>,
}

impl Deliveries {
    pub fn new(service: &Service, codes: &[i64]) -> Deliveries {
        let script = Script { codes: Mutex::new(codes.iter().copied().collect()), calls: Mutex::default() };
        let script = Arc::new(script);
        let platform: Arc<dyn Platform> = Arc::<Script>::clone(&script);
        let fast = 1_000_000; // a story's time is its own
        let rates =
            Rates { custom: fast, subscription: fast, template: fast, mass: fast, media: fast, lookup: fast };
        let settings = Settings { rates, in_flight_max: 1, ..Settings::default() };
        let words = Arc::new(ContentWords(Arc::clone(&service.content)));
        let clock = service.clock();
        let outbox = Outbox::new(
            service.store.clone(),
            Arc::clone(&platform),
            words.clone(),
            Arc::clone(&clock),
            settings,
        );
        let runs = Runs {
            store: service.store.clone(),
            platform,
            words,
            clock,
            lanes: outbox.lanes().clone(),
            stats: outbox.stats().clone(),
            in_flight_max: 1,
        };
        Deliveries { outbox, runs, script }
    }

    /// Everything that is due at this moment.
    pub async fn work(&self) -> Result<(), String> {
        while self.outbox.step().await.map_err(|error| error.to_string())? {}
        self.runs.step().await.map_err(|error| error.to_string())
    }

    /// Every call so far.
    pub fn calls(&self) -> Vec<Called> {
        self.script.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Platform for Script {
    fn send<'a>(&'a self, call: &'a Call) -> Boxed<'a, Result<Taken, Failure>> {
        let code = self.codes.lock().unwrap_or_else(PoisonError::into_inner).pop_front().unwrap_or(0);
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.push(Called { by: call.lane().name().to_owned(), to: to(call), says: says(call), code });
        let msg_id = (!matches!(call, Call::Custom { .. } | Call::Picture { .. } | Call::Preview { .. }))
            .then(|| format!("{}", 1000 + calls.len()));
        let failure = || Failure {
            call: "the story's WeChat",
            code: Some(code),
            message: String::new(),
            reaction: reaction(code),
        };
        Box::pin(std::future::ready(if code == 0 { Ok(Taken::as_message(msg_id)) } else { Err(failure()) }))
    }

    fn mass_status<'a>(&'a self, _: &'a str) -> Boxed<'a, Result<MassStatus, Failure>> {
        Box::pin(std::future::ready(Ok(MassStatus::Sending)))
    }

    fn article_reads(&self, _: Date) -> Boxed<'_, Result<Vec<ArticleReads>, Failure>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }
}

fn to(call: &Call) -> String {
    match call {
        Call::Mass { to, .. } => to.join(" "),
        call => call.to().to_owned(),
    }
}

/// What a follower would read, on one line.
fn says(call: &Call) -> String {
    let fields = |fields: &std::collections::BTreeMap<String, String>| {
        fields.iter().map(|(key, value)| format!("{key}: {value}")).collect::<Vec<_>>().join("; ")
    };
    let said = match call {
        Call::Custom { message: CustomMessage::Text { content }, .. } => content.clone(),
        Call::Picture { code, .. } => format!("[二维码 {code}]"),
        Call::Custom { message, .. } => serde_json::to_string(message).unwrap_or_default(),
        Call::Template(message) => format!("{} ({})", fields(&message.data), message.template_id),
        Call::Subscription(message) => format!("{} ({})", fields(&message.data), message.template_id),
        Call::Preview { content, .. } | Call::Mass { content: MassContent::Text { content }, .. } => {
            content.clone()
        }
        Call::Mass { content, .. } => format!("{content:?}"),
    };
    said.lines().collect::<Vec<_>>().join(" / ")
}
