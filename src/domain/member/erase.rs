//! 注销: what names the member goes, for good.

use std::time::Duration;

use super::application::{erase_of, forget_of};
use super::binding::{let_go, member_of};
use super::consent;
use super::record::*;
use crate::domain::activity::forget;
use crate::domain::benefit::keep::leave_in_hands;
use crate::domain::benefit::remind;
use crate::domain::claim::{news, retain};
use crate::domain::contact::record::FollowerId;
use crate::domain::tables::{CONTACTS, LOOKS, MEMBERS, PARTED, PROFILES};
use crate::domain::tags;
use crate::domain::timers::{self, Timer};
use crate::domain::{case, media, outbox};
use crate::store::{Bytes, Fault, Sealed, Tx};

/// Longer than a commit takes: the key is destroyed only when it is on disk that it should be.
const DESTROYED_AFTER: Duration = Duration::from_secs(60);
const LOOKS_FORGOTTEN: usize = 500;
/// Members looked at by one command of [`finish`]: one that has to be erased again takes a good many writes.
const LOOKED_AT: usize = 200;

/// Erases what the account holds, and the member whose account it is, if it is one's. Their number stays, with nothing
/// that tells whose it was, so that what they had still counts.
pub fn erase(tx: &mut Tx, who: &FollowerId) -> Result<Option<MemberId>, Fault> {
    let member = member_of(tx, who)?;
    forget_account(tx, who, member.as_ref().map(|(id, _)| *id))?;
    let Some((id, member)) = member else { return Ok(None) };
    forget_member(tx, id, &member)?;
    Ok(Some(id))
}

/// Withdraws the consent, and with it all that rests on it but the list itself: the account is nobody's, and what the
/// follower told or sent for their application goes. What was done before stays done: coupons can still be used.
pub fn withdraw(tx: &mut Tx, who: &FollowerId) -> Result<(), Fault> {
    leave_in_hands(tx, who)?;
    case::erase::of_leaver(tx, who)?;
    part(tx, who)
}

fn part(tx: &mut Tx, who: &FollowerId) -> Result<(), Fault> {
    let_go(tx, who)?;
    consent::withdraw(tx, who)?;
    forget_of(tx, who)?;
    media::commands::forget_unasked(tx, who)
}

fn forget_account(tx: &mut Tx, who: &FollowerId, member: Option<MemberId>) -> Result<(), Fault> {
    case::erase::of_person(tx, who, member)?;
    if let Some(member) = member {
        retain::leave(tx, member)?;
    }
    part(tx, who)?;
    erase_of(tx, who)?;
    forget::begin(tx, who, member)?;
    remind::forget(tx, who)?;
    outbox::commands::forget_words(tx, who)?;
    let tags = tx.get(&CONTACTS, who)?.map(|contact| contact.reach.tags).unwrap_or_default();
    for tag in tags {
        tags::want(tx, who, tag, false)?; // what staff call them at WeChat goes, too
    }
    tx.delete(&PROFILES, who)
}

fn forget_member(tx: &mut Tx, id: MemberId, member: &Member) -> Result<(), Fault> {
    for (key, _) in tx.scan(&LOOKS, &(id,), None, LOOKS_FORGOTTEN)?.rows {
        tx.delete(&LOOKS, &key)?;
    }
    news::forget(tx, id)?;
    case::news::forget(tx, id)?;
    for account in [member.last_account, member.moved_from].into_iter().flatten() {
        tx.delete(&PARTED, &account)?;
    }
    let now = tx.moment().now;
    let nothing = Member {
        state: MemberState::Erased { at: now },
        tier: Tier::default(),
        district: String::new(),
        union: String::new(),
        slot: 0,
        person: Sealed::new(Bytes::default()),
        card: None,
        account: None,
        last_account: None,
        moved: None,
        moved_from: None,
        changes_union: false,
        transfer: None,
        changed: now,
    };
    tx.put(&MEMBERS, &id, &nothing)?;
    destroy_later(tx, member.slot)
}

/// The slot's key is destroyed when what says so is on disk.
pub fn destroy_later(tx: &mut Tx, slot: u64) -> Result<(), Fault> {
    timers::set(tx, tx.moment().now.plus(DESTROYED_AFTER), Timer::DestroyKey { slot })
}

/// After an old backup came back with the latest keys: erases those again who had been since. Returns how many of the
/// members looked at, and where to go on.
pub fn finish(tx: &mut Tx, after: Option<MemberId>) -> Result<(u64, Option<MemberId>), Fault> {
    let page = tx.scan(&MEMBERS, &(), after.as_ref(), LOOKED_AT)?;
    for (at, (id, member)) in page.rows.iter().enumerate() {
        let is_erased = matches!(member.state, MemberState::Erased { .. });
        if is_erased || !tx.is_destroyed(member.slot)? {
            continue;
        }
        if let Some(account) = &member.account {
            forget_account(tx, &account.follower, Some(*id))?;
        }
        forget_member(tx, *id, member)?;
        // One a command: it may have many writes.
        let more = at + 1 < page.rows.len() || page.next.is_some();
        return Ok((1, more.then_some(*id)));
    }
    Ok((0, page.next))
}
