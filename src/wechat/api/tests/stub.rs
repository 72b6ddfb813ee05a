//! A stand-in for WeChat over real HTTP: it writes down what it is asked and answers what a test wants.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response};
use bytes::Bytes;
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::super::*;
use crate::moment::{Clock, Moment, Time};

pub const SECRET: &str = "the-app-secret";
pub const STARTS: Time = Time::from_unix_s(1_795_400_000);

#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub query: HashMap<String, String>,
    pub headers: axum::http::HeaderMap,
    pub body: Bytes,
}

impl Asked {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

#[derive(Clone)]
pub struct Told {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
    pub after: Duration,
}

impl Told {
    pub fn json(value: Value) -> Told {
        Told::raw("application/json", value.to_string())
    }

    pub fn raw(content_type: &str, body: impl Into<Bytes>) -> Told {
        let headers = vec![("content-type", content_type.to_owned())];
        Told { status: 200, headers, body: body.into(), after: Duration::ZERO }
    }

    pub fn error(code: i64, message: &str) -> Told {
        Told::json(json!({ "errcode": code, "errmsg": message }))
    }
}

type Answer = dyn Fn(&Asked) -> Option<Told> + Send + Sync;

/// The stub, a clock moved by hand, and what a client of it needs.
pub struct Stub {
    pub address: SocketAddr,
    pub clock: Arc<Hand>,
    shared: Arc<Shared>,
}

struct Shared {
    asked: Mutex<Vec<Asked>>,
    answer: Mutex<Box<Answer>>,
    tokens: AtomicUsize,
}

pub struct Hand(AtomicI64);

impl Hand {
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::Relaxed);
    }
}

impl Clock for Hand {
    fn moment(&self) -> Moment {
        Moment { now: Time::from_unix_ms(self.0.load(Ordering::Relaxed)), seed: 7 }
    }
}

impl Stub {
    /// Grants the tokens `TOKEN-1`, `TOKEN-2`… for two hours, and says ok to everything else.
    pub async fn start() -> Stub {
        let shared = Arc::new(Shared {
            asked: Mutex::default(),
            answer: Mutex::new(Box::new(|_| None)),
            tokens: AtomicUsize::new(0),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let served = Arc::clone(&shared);
        let app =
            axum::Router::new().fallback(move |request: Request<Body>| answer(Arc::clone(&served), request));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Stub { address, clock: Arc::new(Hand(AtomicI64::new(STARTS.unix_ms()))), shared }
    }

    /// Answers by this from now on; `None`: as at the start.
    pub fn answers(&self, answer: impl Fn(&Asked) -> Option<Told> + Send + Sync + 'static) {
        *self.shared.answer.lock().unwrap() = Box::new(answer);
    }

    /// One answer to everything that fetches no token.
    pub fn says(&self, told: Told) {
        self.answers(move |asked| (!asked.path.contains("token")).then(|| told.clone()));
    }

    pub fn settings(&self) -> Settings {
        Settings::new(&format!("http://{}", self.address), "wx5823bf96d3bd56c7", SECRET.into())
    }

    pub fn client(&self) -> Client {
        self.client_with(self.settings(), Arc::new(NotKept))
    }

    pub fn client_with(&self, settings: Settings, tokens: Arc<dyn Tokens>) -> Client {
        Client::new(settings, tokens, self.clock.clone()).unwrap()
    }

    /// What was asked on a path.
    pub fn asked(&self, path: &str) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().iter().filter(|asked| asked.path == path).cloned().collect()
    }

    /// The last thing asked.
    pub fn last(&self) -> Asked {
        self.shared.asked.lock().unwrap().last().unwrap().clone()
    }

    pub fn fetches(&self) -> usize {
        self.asked("/cgi-bin/stable_token").len() + self.asked("/cgi-bin/token").len()
    }
}

async fn answer(shared: Arc<Shared>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    let decoded = |text: &str| {
        percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8().unwrap().into_owned()
    };
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let asked = Asked {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: pairs.map(|(key, value)| (decoded(key), decoded(value))).collect(),
        headers: parts.headers,
        body: body.collect().await.unwrap().to_bytes(),
    };
    let told = shared.answer.lock().unwrap()(&asked);
    let told = told.unwrap_or_else(|| shared.ordinary(&asked));
    shared.asked.lock().unwrap().push(asked);
    tokio::time::sleep(told.after).await;
    let mut response = Response::builder().status(told.status);
    for (name, value) in &told.headers {
        response = response.header(*name, value);
    }
    response.body(Body::from(told.body)).unwrap()
}

impl Shared {
    fn ordinary(&self, asked: &Asked) -> Told {
        match asked.path.as_str() {
            "/cgi-bin/stable_token" | "/cgi-bin/token" => {
                let number = self.tokens.fetch_add(1, Ordering::Relaxed) + 1;
                Told::json(json!({ "access_token": format!("TOKEN-{number}"), "expires_in": 7200 }))
            }
            _ => Told::json(json!({ "errcode": 0, "errmsg": "ok" })),
        }
    }
}
