//! The access token for calls to WeChat, kept so that a restart doesn't fetch another.

use serde::{Deserialize, Serialize};

use crate::domain::tables::ACCESS_TOKENS;
use crate::moment::Time;
use crate::store::{Fault, Sealed, Tx};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccessToken {
    pub token: Sealed<String>,
    pub expires: Time,
}

pub fn token(tx: &Tx, app_id: &str) -> Result<Option<AccessToken>, Fault> {
    tx.get(&ACCESS_TOKENS, &app_id.to_owned())
}

pub fn keep(tx: &mut Tx, app_id: &str, token: &AccessToken) -> Result<(), Fault> {
    tx.put(&ACCESS_TOKENS, &app_id.to_owned(), token)
}
