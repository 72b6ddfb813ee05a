//! Pictures in a story: a media id such as `specimen:invoice` is fetched and looked at between the steps, as the
//! service would; `specimen:nothing` is one that WeChat has lost. Others are never fetched.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use sha2::{Digest, Sha256};

use super::service::Service;
use crate::domain::media::commands::{Fetched, due, settle};
use crate::outbox::look;
use crate::specimens;

const PREFIX: &str = "specimen:";
const AT_ONCE: usize = 50;

pub async fn fetch(service: &Service) -> Result<(), String> {
    let moment = service.moment();
    let wanted =
        service.store.read(moment, |tx| due(tx, AT_ONCE)).await.map_err(|error| error.to_string())?;
    for (id, media) in wanted {
        let Some(key) = media.media_id.reveal().strip_prefix(PREFIX) else { continue };
        let fetched = fetched(key);
        let settled = service.store.submit(moment, move |tx| settle(tx, id, &fetched));
        settled.await.map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Drawn and looked at once, however many stories send it.
fn fetched(key: &str) -> Fetched {
    static SEEN: OnceLock<Mutex<HashMap<String, Fetched>>> = OnceLock::new();
    let mut seen = SEEN.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    seen.entry(key.to_owned()).or_insert_with(|| fetch_one(key)).clone()
}

fn fetch_one(key: &str) -> Fetched {
    let gone = |why: &str| Fetched::Gone { why: why.to_owned() };
    let Some(content) = specimens::jpeg(key, specimens::USUAL_DAY) else { return gone("no such specimen") };
    match look(&content) {
        Ok(look) => Fetched::Kept {
            document: hex::encode(Sha256::digest(&content)),
            bytes: content.len() as u64,
            content_type: "image/jpeg".to_owned(),
            look,
        },
        Err(error) => gone(&error.to_string()),
    }
}
