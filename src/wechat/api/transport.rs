//! One HTTP exchange, and the one repetition that a stale token asks for.

use std::io;

use bytes::Bytes;
use reqwest::{StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};

use super::call::Call;
use super::download::{self, Download};
use super::failure::{Failure, Reaction};
use super::form::Form;
use super::{Client, NoClient, Settings, answer};

/// More than any JSON that WeChat answers with: a page of articles has at most 20 times 1 MB.
pub(super) const ANSWER_BYTES_MAX: usize = 32 << 20;

/// Parameters whose values are secret.
const SECRET_KEYS: &[&str] = &["access_token", "appsecret", "code", "refresh_token", "secret"];

const NOT_WECHAT: &str =
    "what answers at wechat.api_base is not WeChat's API: set it to \"https://api.weixin.qq.com\"";

pub(super) struct Request<'a> {
    pub call: &'static Call,
    pub query: &'a [(&'a str, &'a str)],
    pub body: Body<'a>,
}

pub(super) enum Body<'a> {
    Empty,
    Json(Bytes),
    Form(&'a Form<'a>),
}

/// What a call is expected to bring.
#[derive(Clone, Copy, PartialEq)]
enum Wants {
    Json,
    File,
}

pub(super) enum Answer {
    Json(Value),
    File(Download),
}

/// Asks for the machine's certificates only where HTTPS needs them. No redirect is followed and no proxy of the
/// environment used: either would carry a token elsewhere.
pub(super) fn http(settings: &Settings) -> Result<reqwest::Client, NoClient> {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("gonghui/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(settings.connect_timeout);
    let is_plain = settings.base.starts_with("http://");
    let builder = if is_plain { builder.tls_certs_only([]) } else { builder };
    builder.build().map_err(|error| NoClient(deepest(&error)))
}

impl Client {
    /// A GET with the account's token.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        call: &'static Call,
        query: &[(&str, &str)],
    ) -> Result<T, Failure> {
        self.json(&Request { call, query, body: Body::Empty }).await
    }

    /// A POST of JSON with the account's token.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        call: &'static Call,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        self.json(&Request { call, query: &[], body: Body::json(call, body)? }).await
    }

    pub(super) async fn json<T: DeserializeOwned>(&self, request: &Request<'_>) -> Result<T, Failure> {
        match self.authorised(request, Wants::Json).await? {
            Answer::Json(value) => answer::typed(request.call, value),
            Answer::File(_) => Err(Failure::unanswered(request.call, "the answer is no JSON")),
        }
    }

    /// For an answer that is a file, or JSON in place of one.
    pub(super) async fn file(&self, request: &Request<'_>) -> Result<Answer, Failure> {
        self.authorised(request, Wants::File).await
    }

    /// A call without the account's token.
    pub(super) async fn open<T: DeserializeOwned>(&self, request: &Request<'_>) -> Result<T, Failure> {
        match self.exchange(request, None, Wants::Json).await? {
            Answer::Json(value) => answer::typed(request.call, value),
            Answer::File(_) => Err(Failure::unanswered(request.call, "the answer is no JSON")),
        }
    }

    /// With the account's token; once more with a fresh one if WeChat refuses it, and never a third time.
    async fn authorised(&self, request: &Request<'_>, wants: Wants) -> Result<Answer, Failure> {
        let token = self.token().await?;
        match self.exchange(request, Some(&token), wants).await {
            Err(failure) if failure.is_token_refused() => {
                let fresh = self.renewed(&token).await?;
                self.exchange(request, Some(&fresh), wants).await
            }
            done => done,
        }
    }

    async fn exchange(
        &self,
        request: &Request<'_>,
        token: Option<&SecretString>,
        wants: Wants,
    ) -> Result<Answer, Failure> {
        let done = self.attempt(request, token, wants).await;
        done.map_err(|failure| self.without_secrets(failure, request, token))
    }

    /// Should WeChat, or what stands between, quote a secret in its message, it goes no further.
    fn without_secrets(
        &self,
        mut failure: Failure,
        request: &Request<'_>,
        token: Option<&SecretString>,
    ) -> Failure {
        let in_query =
            request.query.iter().filter(|(key, _)| SECRET_KEYS.contains(key)).map(|(_, value)| *value);
        let ours = [Some(&self.0.settings.app_secret), token].into_iter().flatten();
        for secret in
            ours.map(ExposeSecret::expose_secret).chain(in_query).filter(|secret| !secret.is_empty())
        {
            failure.message = failure.message.replace(secret, "…");
        }
        failure.shorten();
        failure
    }

    async fn attempt(
        &self,
        request: &Request<'_>,
        token: Option<&SecretString>,
        wants: Wants,
    ) -> Result<Answer, Failure> {
        let call = request.call;
        let settings = &self.0.settings;
        let moves_files = wants == Wants::File || matches!(request.body, Body::Form(_));
        let limit = if moves_files { settings.media_timeout } else { settings.timeout };
        let url = format!("{}{}", settings.base, call.path);
        let mut builder = self.0.http.request(call.method(), url).timeout(limit);
        if let Some(token) = token {
            builder = builder.query(&[("access_token", token.expose_secret())]);
        }
        if !request.query.is_empty() {
            builder = builder.query(request.query);
        }
        let builder = match &request.body {
            Body::Empty => builder,
            Body::Json(json) => builder.header(header::CONTENT_TYPE, "application/json").body(json.clone()),
            Body::Form(form) => form.attach(call, builder).await?,
        };
        let response = builder.send().await.map_err(|error| broken(call, error))?;
        check_status(call, response.status())?;
        match wants {
            Wants::Json => read_json(call, response).await.map(Answer::Json),
            Wants::File => download::read(call, response).await,
        }
    }
}

impl Body<'_> {
    /// In raw UTF-8: WeChat doesn't read `\u` escapes.
    pub(super) fn json(call: &Call, value: &impl Serialize) -> Result<Body<'static>, Failure> {
        let mut json = Vec::new();
        let written = value.serialize(&mut serde_json::Serializer::with_formatter(&mut json, WithoutEscapes));
        written.map_err(|error| Failure::refused(call, error.to_string()))?;
        Ok(Body::Json(Bytes::from(json)))
    }
}

/// Characters that JSON could only say by a `\u` escape are left out, as they are in the XML of a reply: a text copied
/// from a word processor has them.
struct WithoutEscapes;

impl Formatter for WithoutEscapes {
    fn write_char_escape<W: ?Sized + io::Write>(&mut self, to: &mut W, escape: CharEscape) -> io::Result<()> {
        match escape {
            CharEscape::AsciiControl(_) => Ok(()),
            other => CompactFormatter.write_char_escape(to, other),
        }
    }
}

/// WeChat's truth is in the body and its status always 200; anything else comes from something on the way.
pub(super) fn check_status(call: &Call, status: StatusCode) -> Result<(), Failure> {
    if status.is_success() {
        return Ok(());
    }
    let message = format!("answered with the HTTP status {status}");
    if status.is_server_error() {
        return Err(Failure::unanswered(call, message));
    }
    let reaction = match status {
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => Reaction::Retry,
        StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::URI_TOO_LONG => {
            Reaction::Permanent
        }
        _ => Reaction::Misconfigured(NOT_WECHAT),
    };
    Err(Failure { call: call.path, code: None, message, reaction })
}

async fn read_json(call: &Call, mut response: reqwest::Response) -> Result<Value, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| broken(call, error))? {
        if bytes.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(Failure::unanswered(call, format!("the answer has over {ANSWER_BYTES_MAX} bytes")));
        }
        bytes.extend_from_slice(&chunk);
    }
    let value = answer::object(&bytes).ok_or_else(|| Failure::unanswered(call, "the answer is no JSON"))?;
    answer::failure(call, &value).map_or(Ok(value), Err)
}

/// What the transport says, without the address: it holds the token.
pub(super) fn broken(call: &Call, error: reqwest::Error) -> Failure {
    let error = error.without_url();
    if error.is_connect() {
        return Failure::not_done(call, format!("can't connect: {}", deepest(&error)));
    }
    if error.is_timeout() {
        return Failure::unanswered(call, "no answer in time");
    }
    Failure::unanswered(call, format!("the connection broke: {}", deepest(&error)))
}

fn deepest(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), deepest)
}
