//! 注销: what names the member goes, for good.

use std::time::Duration;

use super::application::forget_of;
use super::binding::{Refusal, member_of, unbind};
use super::consent;
use super::record::*;
use crate::domain::activity::forget;
use crate::domain::contact::record::FollowerId;
use crate::domain::tables::{LOOKS, MEMBERS, PROFILES};
use crate::domain::timers::{self, Timer};
use crate::store::{Fault, Sealed, Tx};

/// Longer than a commit takes: the key is destroyed only when it is on disk that it should be.
pub(super) const DESTROYED_AFTER: Duration = Duration::from_secs(60);
const LOOKS_FORGOTTEN: usize = 500;

/// Erases the member whose account this is. Their number stays, with nothing that tells whose it was, so that what
/// they had still counts.
pub fn erase(tx: &mut Tx, who: &FollowerId) -> Result<Result<MemberId, Refusal>, Fault> {
    let Some((id, member)) = member_of(tx, who)? else { return Ok(Err(Refusal::NotBound)) };
    _ = unbind(tx, who)?;
    consent::withdraw(tx, who)?;
    forget_of(tx, who)?;
    tx.delete(&PROFILES, who)?;
    forget::begin(tx, who, id)?;
    for (key, _) in tx.scan(&LOOKS, &(id,), None, LOOKS_FORGOTTEN)?.rows {
        tx.delete(&LOOKS, &key)?;
    }
    let now = tx.moment().now;
    let nothing = Member {
        state: MemberState::Erased { at: now },
        tier: Tier::default(),
        district: String::new(),
        union: String::new(),
        slot: 0,
        person: Sealed::new(Vec::new()),
        card: None,
        account: None,
        last_bound: None,
        changed: now,
    };
    tx.put(&MEMBERS, &id, &nothing)?;
    timers::set(tx, now.plus(DESTROYED_AFTER), Timer::DestroyKey { slot: member.slot })?;
    Ok(Ok(id))
}
