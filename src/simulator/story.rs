//! What was said since the start, for whoever makes a story of it.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::Simulator;
use super::phone::{Exchange, Way};
use crate::moment::Time;

/// The latest are kept.
const PUSHES_MAX: usize = 2_000;

/// What the story starts from, in JSON: the stand-in hands it on and knows nothing of it.
pub type Setting = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Value> + Send>> + Send + Sync>;

/// All that was posted to the service, in order.
#[derive(Default)]
pub struct Tape {
    setting: OnceLock<Setting>,
    pushes: Mutex<VecDeque<Push>>,
}

struct Push {
    openid: String,
    at: Time,
    exchange: Arc<Exchange>,
}

impl Tape {
    pub fn starts_from(&self, setting: Setting) {
        let _ = self.setting.set(setting); // the first holds
    }

    pub fn add(&self, openid: &str, at: Time, exchange: &Arc<Exchange>) {
        let mut pushes = self.pushes.lock().unwrap_or_else(PoisonError::into_inner);
        pushes.push_back(Push { openid: openid.to_owned(), at, exchange: Arc::clone(exchange) });
        if pushes.len() > PUSHES_MAX {
            pushes.pop_front();
        }
    }
}

/// Messages with their answers, and who is who.
pub async fn story(State(simulator): State<Simulator>) -> Json<Value> {
    let activities = match simulator.0.tape.setting.get() {
        Some(setting) => setting().await,
        None => Value::Array(Vec::new()),
    };
    let followers: Vec<Value> = {
        let phones = simulator.phones();
        let named = |openid: &String| {
            let phone = phones.by_openid.get(openid)?;
            Some(json!({"openid": openid, "name": phone.name}))
        };
        phones.openids.iter().filter_map(named).collect()
    };
    let pushes = simulator.0.tape.pushes.lock().unwrap_or_else(PoisonError::into_inner);
    let pushes: Vec<Value> = pushes.iter().map(Push::shown).collect();
    Json(json!({"activities": activities, "followers": followers, "pushes": pushes}))
}

impl Push {
    fn shown(&self) -> Value {
        let wires = self.exchange.wires();
        let inner = |way: Way| wires.iter().find(|wire| wire.way == way).map(|wire| wire.inner.as_str());
        json!({
            "openid": self.openid,
            "at_ms": self.at.unix_ms(),
            "message": inner(Way::Push),
            "answer": inner(Way::Answer),
        })
    }
}
