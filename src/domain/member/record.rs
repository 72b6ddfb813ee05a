use std::fmt;

use serde::{Deserialize, Serialize};

use crate::store::Key;

/// A member's number here; it stays theirs whatever account they use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MemberId(pub u64);

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "M{:06}", self.0)
    }
}

impl Key for MemberId {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }

    fn decode(from: &mut &[u8]) -> Option<Self> {
        u64::decode(from).map(MemberId)
    }
}

/// What entitles to what: benefits may be for some of them only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Tier {
    /// 正式会员, whose unit pays its dues.
    Full,
    /// 周转库: joined without a unit, such as a gig worker.
    Interim,
    /// 会籍保留: retired.
    Retained,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Sex {
    Female,
    Male,
}
