//! The stand-in for api.weixin.qq.com: WeChat's own paths, limits and error codes, on an account that lives in memory.
//!
//! Every call goes the same way: faults, token, endpoint, the list of calls. An endpoint is a plain function; what happens
//! later (results as events) is started by it.

mod basics;
pub mod calls;
mod custom;
mod desk;
mod draft;
pub mod faults;
mod mass;
mod media;
mod menu;
mod qr;
mod subscription;
mod tags;
pub mod template;
mod token;
mod users;
mod web;

use std::collections::HashMap;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Value, json};

use super::Simulator;
use super::account::Account;
use crate::moment::Time;

/// What an endpoint is given.
pub struct Request<'a> {
    pub simulator: &'a Simulator,
    pub query: HashMap<String, String>,
    pub body: Bytes,
    pub parts: Vec<Part>,
    pub now: Time,
}

/// One part of an upload.
pub struct Part {
    pub name: String,
    pub file_name: Option<String>,
    pub content: Bytes,
}

/// WeChat says no: its code and words, and sometimes more.
#[derive(Debug, Clone)]
pub struct Refused {
    pub code: i64,
    pub message: String,
    pub more: Value,
}

pub enum Answer {
    Json(Value),
    File {
        content: Bytes,
        content_type: &'static str,
        name: String,
    },
    /// Of a page, not a call.
    NotFound,
}

pub type Answered = Result<Answer, Refused>;

/// Does a call need the access token?
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    Token,
    Nothing,
}

pub struct Endpoint {
    method: Method,
    path: &'static str,
    needs: Needs,
    answer: fn(&Request) -> Answered,
}

const fn get(path: &'static str, answer: fn(&Request) -> Answered) -> Endpoint {
    Endpoint { method: Method::GET, path, needs: Needs::Token, answer }
}

const fn post(path: &'static str, answer: fn(&Request) -> Answered) -> Endpoint {
    Endpoint { method: Method::POST, path, needs: Needs::Token, answer }
}

const fn open_get(path: &'static str, answer: fn(&Request) -> Answered) -> Endpoint {
    Endpoint { method: Method::GET, path, needs: Needs::Nothing, answer }
}

const fn open_post(path: &'static str, answer: fn(&Request) -> Answered) -> Endpoint {
    Endpoint { method: Method::POST, path, needs: Needs::Nothing, answer }
}

pub use media::film;
pub use subscription::READY as NOTICES;

const FAMILIES: &[&[Endpoint]] = &[
    token::ENDPOINTS,
    basics::ENDPOINTS,
    custom::ENDPOINTS,
    template::ENDPOINTS,
    subscription::ENDPOINTS,
    mass::ENDPOINTS,
    media::ENDPOINTS,
    draft::ENDPOINTS,
    users::ENDPOINTS,
    tags::ENDPOINTS,
    menu::ENDPOINTS,
    qr::ENDPOINTS,
    desk::ENDPOINTS,
    web::ENDPOINTS,
];

/// Under `/simulator/api`.
const MOUNTED: &str = "/simulator/api";

/// Every call of the API.
pub async fn call(
    State(simulator): State<Simulator>,
    method: Method,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path().strip_prefix(MOUNTED).unwrap_or_default().to_owned();
    let fault = simulator.faults().of_call(&path, simulator.now());
    if let Some(response) = faults::before(fault.as_ref()).await {
        simulator.note_call(&path, "", faults::code(fault.as_ref()));
        return response;
    }
    let request = Request {
        simulator: &simulator,
        query: query_of(&query.unwrap_or_default()),
        parts: media::parts(&headers, &body).await,
        body,
        now: simulator.now(),
    };
    let answered = answer(&method, &path, &request);
    let code = answered.as_ref().map_or_else(|refused| refused.code, |_| 0);
    simulator.note_call(&path, &calls::openid_of(&request.body), code);
    let response = match answered {
        Ok(Answer::Json(value)) => json_response(&value),
        Ok(Answer::File { content, content_type, name }) => {
            let disposition = format!("attachment; filename=\"{name}\"");
            let headers =
                [(header::CONTENT_TYPE, content_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
            (headers, content).into_response()
        }
        Ok(Answer::NotFound) => not_json(StatusCode::NOT_FOUND),
        // Where a file was asked for, the refusal says it is text.
        Err(refused) if path.starts_with("/cgi-bin/media/get") => {
            ([(header::CONTENT_TYPE, "text/plain")], refused.json().to_string()).into_response()
        }
        Err(refused) => json_response(&refused.json()),
    };
    faults::after(fault.as_ref(), response).await
}

fn answer(method: &Method, path: &str, request: &Request) -> Answered {
    let mut known =
        FAMILIES.iter().flat_map(|family| family.iter()).filter(|endpoint| endpoint.path == path).peekable();
    if known.peek().is_none() {
        return Err(refused(-1, "no such path"));
    }
    let Some(endpoint) = known.find(|endpoint| endpoint.method == *method) else {
        return Err(match *method {
            Method::GET => refused(43002, "require POST method"),
            _ => refused(43001, "require GET method"),
        });
    };
    if endpoint.needs == Needs::Token {
        token::check(request)?;
    }
    (endpoint.answer)(request)
}

pub fn is_known(path: &str) -> bool {
    FAMILIES.iter().flat_map(|family| family.iter()).any(|endpoint| endpoint.path == path)
}

/// WeChat's answers are JSON whatever they say they are.
fn json_response(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json; encoding=utf-8")], value.to_string()).into_response()
}

pub fn refused(code: i64, message: &str) -> Refused {
    Refused { code, message: message.to_owned(), more: Value::Null }
}

pub fn ok() -> Answered {
    Ok(Answer::Json(json!({"errcode": 0, "errmsg": "ok"})))
}

pub fn done(mut value: Value) -> Answered {
    if let Some(object) = value.as_object_mut() {
        object.insert("errcode".to_owned(), json!(0));
        object.insert("errmsg".to_owned(), json!("ok"));
    }
    Ok(Answer::Json(value))
}

/// Calls that read answer without an errcode.
pub fn told(value: Value) -> Answered {
    Ok(Answer::Json(value))
}

impl Refused {
    fn json(&self) -> Value {
        let mut value = json!({"errcode": self.code, "errmsg": format!("{} rid: simulated", self.message)});
        if let (Some(object), Some(more)) = (value.as_object_mut(), self.more.as_object()) {
            object.extend(more.clone());
        }
        value
    }
}

impl Request<'_> {
    /// The body as JSON, whatever its content type says. WeChat takes no `\u` escapes for words.
    pub fn json(&self) -> Result<Value, Refused> {
        if self.body.is_empty() {
            return Err(refused(44002, "empty post data"));
        }
        let text = std::str::from_utf8(&self.body).map_err(|_| refused(65318, "must use utf-8 charset"))?;
        if has_escaped_words(text) {
            return Err(refused(
                40033,
                "invalid charset. please check your request, if include \\uxxxx will create fail!",
            ));
        }
        serde_json::from_str(text).map_err(|_| refused(47001, "data format error"))
    }

    pub fn query(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }

    pub fn with_account<T>(&self, act: impl FnOnce(&mut Account) -> T) -> T {
        act(&mut self.simulator.account())
    }
}

/// `\u4e2d`, not `\\u4e2d` and not an escaped control character.
fn has_escaped_words(text: &str) -> bool {
    text.match_indices("\\u").any(|(at, _)| {
        let slashes = text[..at].bytes().rev().take_while(|byte| *byte == b'\\').count();
        let number = text.get(at + 2..at + 6).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        slashes % 2 == 0 && number.is_some_and(|number| number > 0x7f)
    })
}

pub fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

/// Numbers come as texts now and then.
pub fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

pub fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn query_of(query: &str) -> HashMap<String, String> {
    let decode = |text: &str| {
        percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
    };
    query.split('&').filter_map(|pair| pair.split_once('=')).map(|(k, v)| (decode(k), decode(v))).collect()
}

/// For paths that are none of the API's.
pub fn not_json(status: StatusCode) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html")], "<html><body>nginx</body></html>").into_response()
}
