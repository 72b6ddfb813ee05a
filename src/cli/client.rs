//! Calls to a running service, as staff.

use clap::Args;
use reqwest::{Method, Response, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use super::answer::{items, text_of};
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
        // A file from Windows leaves a carriage return at the end.
        let token =
            environment.get("GONGHUI_TOKEN").map(|token| token.trim()).filter(|token| !token.is_empty());
        let made = "`gonghui staff token` makes one";
        let token = token.ok_or_else(|| Failure::new("no token: set GONGHUI_TOKEN").hint(made))?;
        if !token.chars().all(|c| c.is_ascii_graphic()) {
            return Err(Failure::new("GONGHUI_TOKEN holds what is part of no token").hint(made));
        }
        Ok(Client { http: http_client(&base)?, base, token: SecretString::from(token) })
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.json(self.send(self.request(Method::GET, path)).await?).await
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
        self.json(self.post_for_response(path, body).await?).await
    }

    pub(super) async fn put(
        &self,
        path: &str,
        words: &[(&str, &str)],
        body: &Value,
    ) -> Result<Value, Failure> {
        self.json(self.change(Method::PUT, path, words, Some(body)).await?).await
    }

    /// As [`Client::post`], for an answer of a known shape.
    pub(super) async fn post_for<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.json(self.post_for_response(path, None).await?).await
    }

    /// As [`Client::post`], with the answer's body still to be read.
    pub(super) async fn post_for_response(
        &self,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Response, Failure> {
        self.change(Method::POST, path, &[], body).await
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
        self.json(self.send(request.header(header::CONTENT_TYPE, "text/csv").body(text)).await?).await
    }

    async fn change(
        &self,
        method: Method,
        path: &str,
        words: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Response, Failure> {
        let key = hex::encode(app::random::<16>()?);
        let mut request = self.request(method, path).query(words).header("Idempotency-Key", key);
        if let Some(body) = body {
            request = request.json(body);
        }
        self.send(request).await
    }

    async fn json<T: serde::de::DeserializeOwned>(&self, response: Response) -> Result<T, Failure> {
        let text = response.text().await.map_err(|error| self.unreachable(&error))?;
        serde_json::from_str(&text)
            .map_err(|error| Failure::new(format!("the answer is not as expected: {error}")))
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}/api/v1{path}", self.base);
        self.http.request(method, url).bearer_auth(self.token.expose_secret())
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Response, Failure> {
        let request = request.build().map_err(|error| {
            Failure::new(format!("--server {} is no address: {}", self.base, deepest(&error)))
        })?;
        let response = self.http.execute(request).await.map_err(|error| self.unreachable(&error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let text = response.text().await.unwrap_or_default();
        Err(refused(status, &text))
    }

    pub(super) fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let (base, cause) = (&self.base, deepest(error));
        match error.is_connect() {
            true => Failure::new(format!("can't reach the service at {base}: {cause}"))
                .hint("is it running, and is --server its address?"),
            false => Failure::new(format!("the service at {base} gave no whole answer: {cause}"))
                .hint("a change may have been made: look before you ask for it again"),
        }
    }

    /// The rows of every page of a list.
    pub(super) async fn all(&self, path: &str, rows: &str) -> Result<Vec<Value>, Failure> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.get(&format!("{path}{after}")).await?;
            all.extend(items(&page, rows).cloned());
            match &page["next"] {
                Value::Null => return Ok(all),
                next => after = format!("?after={}", text_of(next)),
            }
        }
    }
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
        StatusCode::UNAUTHORIZED => {
            failure.hint("is GONGHUI_TOKEN one whose hash is in the configuration, and has it not expired?")
        }
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use std::future::IntoFuture;

    use axum::Router;
    use axum::extract::RawQuery;
    use axum::routing::get;
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;

    use super::*;

    fn client(base: &str, token: &str) -> Result<Client, Failure> {
        let environment = Environment::from([("GONGHUI_TOKEN".to_owned(), token.to_owned())]);
        Client::new(&ServerArgs { server: Some(base.to_owned()) }, &environment)
    }

    fn told<T>(answer: Result<T, Failure>) -> (String, String) {
        match answer.err() {
            Some(Failure::Failed { what, hint }) => (what, hint.unwrap_or_default()),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn who_heard_no_answer_is_told_that_a_change_may_have_been_made() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let called = client(&base, "token").unwrap();
        let cut = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            _ = stream.read(&mut [0; 1024]).await;
        };
        let (answer, ()) = tokio::join!(called.post("/benefits/W1/top_up", None), cut);
        let (what, hint) = told(answer);
        assert!(what.contains("gave no whole answer"), "{what}");
        assert!(hint.contains("a change may have been made"), "{hint}");
        drop(listener);
        let (what, hint) = told(called.get("/benefits").await);
        assert!(what.contains("can't reach the service") && hint.contains("is it running"), "{what} {hint}");
    }

    #[tokio::test]
    async fn a_wrong_token_or_address_is_called_that() {
        assert_eq!(client("http://127.0.0.1:1", "token\r\n").unwrap().token.expose_secret(), "token");
        let (what, _) = told(client("http://127.0.0.1:1", "to\nken"));
        assert!(what.contains("GONGHUI_TOKEN"), "{what}");
        let (what, _) = told(client("http://exa mple", "token").unwrap().get("/claims").await);
        assert!(what.contains("--server http://exa mple is no address"), "{what}");
    }

    #[tokio::test]
    async fn a_list_is_read_to_its_last_page() {
        let page = async |RawQuery(query): RawQuery| match query.as_deref() {
            None => r#"{"batches": [3, 2], "next": 2}"#,
            Some("after=2") => r#"{"batches": [1]}"#,
            other => panic!("{other:?}"),
        };
        let router = Router::new().route("/api/v1/payments", get(page));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, router).into_future());
        let all = client(&base, "token").unwrap().all("/payments", "batches").await.unwrap();
        assert_eq!(all, [3, 2, 1]);
    }
}
