use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::moment::Time;
use crate::store::Sealed;

/// So many questions are kept; further ones only once staff settled some, or they are old.
pub const MISSED_MAX: usize = 200;
/// A question that nobody asked for so long is forgotten.
pub const MISSED_DAYS: u16 = 90;

/// One question, however often it was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Missed {
    /// Without spaces and punctuation; none that may name somebody is kept.
    pub text: Sealed<String>,
    pub count: u32,
    pub first: Time,
    pub last: Time,
}

/// Names a question for staff, as 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissedId(pub [u8; 16]);

impl fmt::Display for MissedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for MissedId {
    type Err = hex::FromHexError;

    fn from_str(text: &str) -> Result<MissedId, hex::FromHexError> {
        let mut id = [0; 16];
        hex::decode_to_slice(text, &mut id)?;
        Ok(MissedId(id))
    }
}

/// Why a question can't be settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSettled {
    #[error("there is no such question")]
    Unknown,
}
