//! What a follower is told they are to the union.

use super::application;
use super::binding::{member_of, midnight};
use super::record::{MemberState, Tier};
use crate::domain::contact::record::FollowerId;
use crate::domain::tables::TRIES;
use crate::moment::Time;
use crate::store::{Fault, Tx};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quality {
    /// 未认证
    Unknown,
    /// 待审核: they asked staff to be entered.
    Pending { since: Time },
    /// 信息不符: what they said today is not on the list so.
    Mismatch,
    /// 已认证
    Verified,
    /// 会籍保留
    Retained,
    /// 已转出
    Left,
    /// 停用
    Suspended,
}

pub fn quality(tx: &Tx, who: &FollowerId) -> Result<Quality, Fault> {
    if let Some((_, member)) = member_of(tx, who)? {
        return Ok(match (member.state, member.tier) {
            (MemberState::Active, Tier::Retained) => Quality::Retained,
            (MemberState::Active, _) => Quality::Verified,
            (MemberState::Left, _) => Quality::Left,
            (MemberState::Suspended, _) => Quality::Suspended,
            (MemberState::Erased { .. }, _) => Quality::Unknown,
        });
    }
    if let Some(since) = application::asks_to_join_since(tx, who)? {
        return Ok(Quality::Pending { since });
    }
    let today = midnight(tx.moment().now);
    let missed = tx.get(&TRIES, who)?.is_some_and(|tries| tries.day == today && !tries.matched);
    Ok(if missed { Quality::Mismatch } else { Quality::Unknown })
}
