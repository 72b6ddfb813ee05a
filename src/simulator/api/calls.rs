//! What was called, and what arrived: for the side panel, and for tests that count.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::Json;
use axum::extract::State;
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};

use crate::simulator::Simulator;

/// Calls that are remembered.
const CALLS_MAX: usize = 500;

#[derive(Debug, Clone, Serialize)]
pub struct Called {
    pub at_ms: i64,
    pub path: String,
    pub openid: String,
    pub errcode: i64,
}

#[derive(Default)]
pub struct Calls(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    latest: VecDeque<Called>,
    by_path: BTreeMap<String, u64>,
    /// What counts against a quota: until it is cleared, or another day begins.
    today: (jiff::civil::Date, BTreeMap<String, u64>),
}

impl Calls {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Simulator {
    pub(super) fn note_call(&self, path: &str, openid: &str, errcode: i64) {
        let mut kept = self.0.calls.kept();
        *kept.by_path.entry(path.to_owned()).or_default() += 1;
        let date = self.now().date();
        if kept.today.0 != date {
            kept.today = (date, BTreeMap::new());
        }
        *kept.today.1.entry(path.to_owned()).or_default() += 1;
        let (at_ms, path, openid) = (self.now().unix_ms(), path.to_owned(), openid.to_owned());
        kept.latest.push_back(Called { at_ms, path, openid, errcode });
        if kept.latest.len() > CALLS_MAX {
            kept.latest.pop_front();
        }
    }

    /// Today's.
    pub(super) fn calls_of(&self, path: &str) -> u64 {
        let kept = self.0.calls.kept();
        let is_today = kept.today.0 == self.now().date();
        kept.today.1.get(path).copied().filter(|_| is_today).unwrap_or(0)
    }

    /// Of one path, or of all.
    pub(super) fn forget_counts(&self, path: Option<&str>) {
        let today = &mut self.0.calls.kept().today.1;
        match path {
            Some(path) => drop(today.remove(path)),
            None => today.clear(),
        }
    }
}

/// Whom a call is about, as far as its body says.
pub fn openid_of(body: &Bytes) -> String {
    let value: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let named = ["touser", "openid", "user_id"].iter().find_map(|name| value[name].as_str());
    named.unwrap_or_default().to_owned()
}

/// `GET /simulator/calls`: the latest calls, and how often each path was called.
pub async fn calls(State(simulator): State<Simulator>) -> Json<Value> {
    let kept = simulator.0.calls.kept();
    Json(json!({"calls": kept.latest, "counts": kept.by_path}))
}

/// `GET /simulator/deliveries`: openid → what arrived there in all this time, and how much in all.
pub async fn deliveries(State(simulator): State<Simulator>) -> Json<Value> {
    let phones = simulator.phones();
    let arrived = phones.openids.iter().filter_map(|openid| Some((openid, phones.by_openid.get(openid)?)));
    let by_openid: BTreeMap<&String, Value> = arrived
        .filter(|(_, phone)| !phone.delivered.is_empty())
        .map(|(openid, phone)| (openid, json!(phone.delivered)))
        .collect();
    let total: usize = phones.by_openid.values().map(|phone| phone.delivered.len()).sum();
    Json(json!({"total": total, "followers": by_openid}))
}
