//! Accounts that were a member's until lately: by 解绑, or by a move to another one. Whoever has a member's name, number and
//! phone may take their place from then on, and the account that had it is where they hear of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::binding::mark_of;
use super::record::MemberId;
use crate::domain::contact::record::FollowerId;
use crate::domain::tables::{BINDINGS, MEMBERS, PARTED};
use crate::domain::timers::{self, Timer};
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// So long it is known whose the account was; as long as nobody moves a member twice (A).
pub const KEPT_FOR: Duration = Duration::from_secs(30 * 86_400);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parted {
    pub follower: FollowerId,
    pub member: MemberId,
    pub at: Time,
}

pub(super) fn note(tx: &mut Tx, who: &FollowerId, member: MemberId) -> Result<(), Fault> {
    let (account, at) = (mark_of(tx, who)?, tx.moment().now);
    timers::set(tx, at.plus(KEPT_FOR), Timer::ForgetParted { account })?;
    tx.put(&PARTED, &account, &Parted { follower: who.clone(), member, at })
}

/// The account that was the member's latest and is nobody's now.
pub(super) fn left(tx: &Tx, account: &[u8; 16], member: MemberId) -> Result<Option<FollowerId>, Fault> {
    let Some(parted) = lately(tx, account)?.filter(|parted| parted.member == member) else { return Ok(None) };
    let is_free = tx.get(&BINDINGS, &parted.follower)?.is_none();
    Ok(is_free.then_some(parted.follower))
}

/// Was the account a member's until lately who has another by now?
pub fn has_moved_away(tx: &Tx, who: &FollowerId) -> Result<bool, Fault> {
    let Some(parted) = lately(tx, &mark_of(tx, who)?)? else { return Ok(false) };
    Ok(tx.get(&MEMBERS, &parted.member)?.is_some_and(|member| member.account.is_some()))
}

fn lately(tx: &Tx, account: &[u8; 16]) -> Result<Option<Parted>, Fault> {
    Ok(tx.get(&PARTED, account)?.filter(|parted| tx.moment().now < parted.at.plus(KEPT_FOR)))
}

/// It is a member's again, it left, or it wants to be forgotten.
pub(super) fn forget(tx: &mut Tx, who: &FollowerId) -> Result<(), Fault> {
    let account = mark_of(tx, who)?;
    if tx.get(&PARTED, &account)?.is_some() {
        tx.delete(&PARTED, &account)?;
    }
    Ok(())
}

/// Its time is over, unless it was a member's once more meanwhile.
pub fn expire(tx: &mut Tx, account: [u8; 16]) -> Result<(), Fault> {
    match lately(tx, &account)? {
        None => tx.delete(&PARTED, &account),
        Some(_) => Ok(()),
    }
}
