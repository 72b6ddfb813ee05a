//! Short keys (短 key) for data that is too long for a scene or a menu key.
//!
//! Source: «短 key 托管».

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::call::Call;
use super::failure::Failure;
use super::{Client, lenient};

const MAKE: Call = Call::change("/cgi-bin/shorten/gen");
const FETCH: Call = Call::ask("/cgi-bin/shorten/fetch");

const DATA_BYTES_MAX: usize = 4 << 10;
const LASTS_MAX: Duration = Duration::from_secs(2_592_000);

/// What a short key stands for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ShortKey {
    #[serde(deserialize_with = "lenient::text")]
    pub long_data: String,
    /// In seconds since 1970.
    #[serde(default, deserialize_with = "lenient::number")]
    pub create_time: i64,
    /// What is left of its life.
    #[serde(default, deserialize_with = "lenient::number")]
    pub expire_seconds: u64,
}

#[derive(Deserialize)]
struct Made {
    #[serde(deserialize_with = "lenient::text")]
    short_key: String,
}

impl Client {
    /// A key for up to 4 KB, for up to 30 days.
    pub async fn shorten(&self, data: &str, lasts: Duration) -> Result<String, Failure> {
        MAKE.not_empty("long_data", data)?;
        MAKE.at_most("long_data", "bytes", data.len(), DATA_BYTES_MAX)?;
        MAKE.at_most("the key's life", "seconds", seconds(lasts), seconds(LASTS_MAX))?;
        let body = json!({ "long_data": data, "expire_seconds": lasts.as_secs() });
        self.post::<Made>(&MAKE, &body).await.map(|made| made.short_key)
    }

    pub async fn fetch_short_key(&self, key: &str) -> Result<ShortKey, Failure> {
        self.post(&FETCH, &json!({ "short_key": key })).await
    }
}

fn seconds(span: Duration) -> usize {
    usize::try_from(span.as_secs()).unwrap_or(usize::MAX)
}
