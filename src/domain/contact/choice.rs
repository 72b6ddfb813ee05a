//! What a follower chose to hear of, written down durably: somebody who was told «已退订» gets no broadcast after a
//! power cut either. The contact's own row, which is what is asked, may lose its last half second.

use serde::{Deserialize, Serialize};

use super::reach::Reach;
use super::record::FollowerId;
use crate::domain::tables::CHOICES;
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// A follower's last word on broadcasts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub at: Time,
    pub stopped: bool,
    /// None chosen is all.
    pub topics: Vec<String>,
}

pub fn write_down(tx: &mut Tx, who: &FollowerId, reach: &Reach) -> Result<(), Fault> {
    let at = tx.moment().now;
    tx.put(&CHOICES, who, &Choice { at, stopped: reach.stopped, topics: reach.topics.clone() })
}

/// The follower left: what they chose is theirs to choose anew.
pub fn forget(tx: &mut Tx, who: &FollowerId) -> Result<(), Fault> {
    match tx.get(&CHOICES, who)? {
        Some(_) => tx.delete(&CHOICES, who),
        None => Ok(()),
    }
}
