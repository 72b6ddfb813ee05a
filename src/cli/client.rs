//! Calls to a running service, as staff.

use clap::Args;
use reqwest::{Method, Response, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use super::out::{Failure, tame};
use crate::app;
use crate::config::Environment;

const DEFAULT_SERVER: &str = "http://127.0.0.1:8080";
/// How much of an answer that isn't ours is shown.
const EXCERPT_CHARS: usize = 200;

/// Where the service is; the token comes from `GONGHUI_TOKEN`.
#[derive(Debug, Args)]
pub(super) struct ServerArgs {
    /// Address of the running service [default: $GONGHUI_SERVER, else http://127.0.0.1:8080]
    #[arg(long, value_name = "URL")]
    pub(super) server: Option<String>,
}

/// What every command that asks a service takes.
#[derive(Debug, Args)]
pub(super) struct Common {
    /// Print the service's answer as JSON
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) server: ServerArgs,
}

pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    token: SecretString,
}

/// A client for one service. It follows no redirect and no proxy of the environment, which would carry a token
/// elsewhere, and asks for the machine's certificates only where it needs them: a bare machine has none.
pub(super) fn http_client(url: &str) -> Result<reqwest::Client, Failure> {
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    let builder = if url.starts_with("https://") { builder } else { builder.tls_certs_only([]) };
    builder.build().map_err(|error| {
        let cause = std::error::Error::source(&error).map_or(error.to_string(), ToString::to_string);
        Failure::new(format!("can't make an HTTPS client: {cause}"))
            .hint("does the machine have CA certificates (Debian: ca-certificates)?")
    })
}

impl Client {
    pub(super) fn new(args: &ServerArgs, environment: &Environment) -> Result<Client, Failure> {
        let server = args.server.as_ref().or_else(|| environment.get("GONGHUI_SERVER"));
        let base = server.map_or(DEFAULT_SERVER, String::as_str).trim_end_matches('/').to_owned();
        if !base.starts_with("http://") && !base.starts_with("https://") {
            return Err(Failure::Usage(format!("--server {base}: must begin with http:// or https://")));
        }
        let token = environment.get("GONGHUI_TOKEN").filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| {
            Failure::new("no token: set GONGHUI_TOKEN").hint("`gonghui staff token` makes one")
        })?;
        Ok(Client { http: http_client(&base)?, base, token: SecretString::from(token.as_str()) })
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value, Failure> {
        json(self.send(self.request(Method::GET, path)).await?).await
    }

    /// The answer as text of the given type.
    pub(super) async fn look(
        &self,
        path: &str,
        words: &[(&str, &str)],
        content_type: &str,
    ) -> Result<String, Failure> {
        let request = self.request(Method::GET, path).query(words).header(header::ACCEPT, content_type);
        self.send(request).await?.text().await.map_err(|error| self.unreachable(&error))
    }

    /// The answer as bytes of the given type.
    pub(super) async fn look_bytes(&self, path: &str, content_type: &str) -> Result<Vec<u8>, Failure> {
        let request = self.request(Method::GET, path).header(header::ACCEPT, content_type);
        let bytes = self.send(request).await?.bytes().await.map_err(|error| self.unreachable(&error))?;
        Ok(bytes.into())
    }

    /// What the service gives out as a file.
    pub(super) async fn fetch(&self, path: &str, words: &[(&str, &str)]) -> Result<Vec<u8>, Failure> {
        let request = self.request(Method::GET, path).query(words);
        let bytes = self.send(request).await?.bytes().await.map_err(|error| self.unreachable(&error))?;
        Ok(bytes.into())
    }

    /// A change. It carries a fresh idempotency key, so that a repeated attempt of the transport can't
    /// do it twice.
    pub(super) async fn post(&self, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        json(self.post_for_response(path, body).await?).await
    }

    pub(super) async fn put(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        json(self.change(Method::PUT, path, Some(body)).await?).await
    }

    /// As [`Client::post`], for an answer of a known shape.
    pub(super) async fn post_for<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        json(self.post_for_response(path, None).await?).await
    }

    /// As [`Client::post`], with the answer's body still to be read.
    pub(super) async fn post_for_response(
        &self,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Response, Failure> {
        self.change(Method::POST, path, body).await
    }

    /// A change with a text as its body, under a key that the caller names: made again it is answered as before.
    pub(super) async fn post_text(
        &self,
        path: &str,
        words: &[(&str, &str)],
        key: &str,
        text: String,
    ) -> Result<Value, Failure> {
        let request = self.request(Method::POST, path).query(words).header("Idempotency-Key", key);
        json(self.send(request.header(header::CONTENT_TYPE, "text/csv").body(text)).await?).await
    }

    async fn change(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Response, Failure> {
        let key = hex::encode(app::random::<16>()?);
        let mut request = self.request(method, path).header("Idempotency-Key", key);
        if let Some(body) = body {
            request = request.json(body);
        }
        self.send(request).await
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}/api/v1{path}", self.base);
        self.http.request(method, url).bearer_auth(self.token.expose_secret())
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Response, Failure> {
        let response = request.send().await.map_err(|error| self.unreachable(&error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let text = response.text().await.unwrap_or_default();
        Err(refused(status, &text))
    }

    pub(super) fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let cause = deepest(error);
        Failure::new(format!("can't reach the service at {}: {cause}", self.base))
            .hint("is it running, and is --server its address?")
    }
}

async fn json<T: serde::de::DeserializeOwned>(response: Response) -> Result<T, Failure> {
    response.json().await.map_err(|error| Failure::new(format!("the answer is not as expected: {error}")))
}

fn deepest(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), deepest)
}

/// RFC 9457, as far as it is shown.
#[derive(Deserialize)]
struct Problem {
    code: String,
    detail: String,
    #[serde(default)]
    errors: Vec<Field>,
}

#[derive(Deserialize)]
struct Field {
    field: String,
    message: String,
}

fn refused(status: StatusCode, text: &str) -> Failure {
    let Ok(problem) = serde_json::from_str::<Problem>(text) else {
        let excerpt: String = tame(text).chars().take(EXCERPT_CHARS).collect();
        return Failure::new(format!("the service answered {status}: {excerpt}"));
    };
    let lines: Vec<String> = match &problem.errors[..] {
        [] => vec![tame(&problem.detail)],
        errors => errors.iter().map(|e| tame(&format!("{}: {}", e.field, e.message))).collect(),
    };
    let failure = Failure::new(format!("{} ({})", lines.join("\n       "), tame(&problem.code)));
    match status {
        StatusCode::UNAUTHORIZED => failure.hint("is GONGHUI_TOKEN one whose hash is in the configuration?"),
        _ => failure,
    }
}
