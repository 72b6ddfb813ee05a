//! 会员认证: which account is whose. One member, one account, and the other way round.

use std::time::Duration;

use super::list::{find, named, rename};
use super::record::*;
use super::{application, parted};
use crate::domain::activity::{holder, places};
use crate::domain::benefit::{keep, wallet};
use crate::domain::case::news as case_news;
use crate::domain::claim::news;
use crate::domain::contact::record::FollowerId;
use crate::domain::outbox;
use crate::domain::outbox::record::Notice;
use crate::domain::tables::{BINDINGS, MEMBERS, TRIES};
use crate::domain::trail::commands::{Note, append};
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// Wrong guesses of one follower a day.
pub const TRIES_A_DAY: u8 = 5;
/// A member goes from one account to another by themselves at most this often; the first is no move, nor is coming
/// back to the latest.
pub const REBOUND_EVERY: Duration = Duration::from_secs(30 * 86_400);

/// What a follower says of themselves, in one form ([`identity`](super::identity)).
#[derive(Clone, PartialEq)]
pub struct Claim {
    pub name: String,
    pub identity: String,
    pub phone: String,
    /// Employer or union, in their own words; empty if they passed it over.
    pub union: String,
}

impl Claim {
    /// Name and phone as the list has them; a phone that it lacks is told here for the first time. Of the union it is
    /// enough that it can be the same: nobody writes it like the list does.
    fn fits(&self, known: &Named, union: &str) -> bool {
        known.name == self.name
            && known.phone.as_ref().is_none_or(|phone| *phone == self.phone)
            && may_be_one(&self.union, union)
    }
}

/// Can two names be one union's? One within the other, or one of them says nothing.
pub(super) fn may_be_one(a: &str, b: &str) -> bool {
    let (a, b) = (core(a), core(b));
    a.contains(&b) || b.contains(&a)
}

/// Did the list bring the union that was wished for, rather than write the one before in another way?
pub(super) fn is_brought(wished: &str, before: &str, listed: &str) -> bool {
    let says_something = !core(wished).is_empty() && !core(listed).is_empty();
    let fits = core(wished) == core(listed) || may_be_one(wished, listed) && !may_be_one(before, listed);
    listed != before && says_something && fits
}

/// What tells unions apart: without spaces, signs, and what most of their names end with.
fn core(union: &str) -> String {
    let plain: String = union.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    NOT_TOLD_APART_BY.iter().fold(plain, |name, word| name.replace(word, ""))
}

const NOT_TOLD_APART_BY: &[&str] =
    &["工会委员会", "工会联合会", "联合工会", "工会", "有限责任公司", "股份有限公司", "有限公司", "公司"];

/// Why a rule says no. `code()` is stable: texts, API and metrics use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Name, number, phone and union are not on the list together; which of them is wrong is never told.
    NoMatch {
        left: u8,
    },
    TriesOver {
        from: Time,
    },
    /// This account is a member's already.
    Bound {
        member: MemberId,
    },
    /// The member has another account. `provable`: it can be moved here, since the list has a phone, the one said.
    Taken {
        provable: bool,
    },
    MovedLately {
        from: Time,
    },
    /// On the list, but 已转出 or 停用.
    NotActive {
        state: MemberState,
    },
    NotBound,
}

impl Refusal {
    /// Every code, for the test that finds a sentence for each.
    pub const CODES: &'static [&'static str] =
        &["no_match", "tries_over", "bound", "taken", "moved_lately", "not_active", "not_bound"];

    pub fn code(&self) -> &'static str {
        match self {
            Refusal::NoMatch { .. } => "no_match",
            Refusal::TriesOver { .. } => "tries_over",
            Refusal::Bound { .. } => "bound",
            Refusal::Taken { .. } => "taken",
            Refusal::MovedLately { .. } => "moved_lately",
            Refusal::NotActive { .. } => "not_active",
            Refusal::NotBound => "not_bound",
        }
    }
}

/// Who the member is whose account this is.
pub fn id_of(tx: &Tx, who: &FollowerId) -> Result<Option<MemberId>, Fault> {
    tx.get(&BINDINGS, who)
}

/// The member whose account this is.
pub fn member_of(tx: &Tx, who: &FollowerId) -> Result<Option<(MemberId, Member)>, Fault> {
    let Some(id) = id_of(tx, who)? else { return Ok(None) };
    Ok(tx.get(&MEMBERS, &id)?.map(|member| (id, member)))
}

/// May this follower try, and how often yet today?
pub fn may_try(tx: &Tx, who: &FollowerId) -> Result<Result<u8, Refusal>, Fault> {
    if let Some(member) = tx.get(&BINDINGS, who)? {
        return Ok(Err(Refusal::Bound { member }));
    }
    tries_left(tx, who)
}

/// How often this follower may yet say today who somebody is: themselves, or the relative for whom they ask.
pub fn tries_left(tx: &Tx, who: &FollowerId) -> Result<Result<u8, Refusal>, Fault> {
    let today = midnight(tx.moment().now);
    let tries = tx.get(&TRIES, who)?.filter(|tries| tries.day == today).map_or(0, |tries| tries.count);
    match TRIES_A_DAY.saturating_sub(tries) {
        0 => Ok(Err(Refusal::TriesOver { from: today.plus(Duration::from_secs(86_400)) })),
        left => Ok(Ok(left)),
    }
}

/// Recognises the follower as the member that they say they are. `move_here`: takes the account from another of
/// theirs, which needs the phone number that we know.
pub fn bind(
    tx: &mut Tx,
    who: &FollowerId,
    claim: &Claim,
    move_here: bool,
) -> Result<Result<(MemberId, Member), Refusal>, Fault> {
    let left = match may_try(tx, who)? {
        Ok(left) => left,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let found = match find(tx, &claim.identity)? {
        Some(id) => tx.get(&MEMBERS, &id)?.map(|member| (id, member)),
        None => None,
    };
    let known = match &found {
        Some((_, member)) => named(tx, member)?.filter(|known| claim.fits(known, &member.union)),
        None => None,
    };
    let (Some((id, mut member)), Some(mut known)) = (found, known) else {
        count_try(tx, who)?;
        return Ok(Err(Refusal::NoMatch { left: left - 1 }));
    };
    if member.state != MemberState::Active {
        return Ok(Err(Refusal::NotActive { state: member.state }));
    }
    let now = tx.moment().now;
    if member.account.is_some() {
        let provable = known.phone.is_some(); // and it is the one that was said
        if !(move_here && provable) {
            return Ok(Err(Refusal::Taken { provable }));
        }
    }
    if is_move(tx, &member, who)? {
        let from = member.moved.map(|moved| moved.plus(REBOUND_EVERY)).filter(|from| now < *from);
        if let Some(from) = from {
            return Ok(Err(Refusal::MovedLately { from }));
        }
        member.moved = Some(now);
        member.moved_from = member.last_account;
    }
    let account = member.account.take();
    if let Some(account) = &account {
        tx.delete(&BINDINGS, &account.follower)?;
        news::take_back(tx, id, &account.follower)?;
        case_news::take_back(tx, id, &account.follower)?;
        member.moved_from = Some(mark_of(tx, &account.follower)?);
        parted::note(tx, &account.follower, id)?;
        tell_of_move(tx, id, &account.follower)?;
    }
    if known.phone.is_none() {
        known.phone = Some(claim.phone.clone());
        rename(tx, &mut member, &known)?;
    }
    if let Some(tries) = tx.get(&TRIES, who)? {
        tx.put(&TRIES, who, &Tries { matched: true, ..tries })?;
    }
    let member = attach(tx, id, member, who)?;
    if let Some(account) = account {
        holder::hand_over(tx, id, &account.follower)?;
    }
    Ok(Ok((id, member)))
}

/// Name, number and phone stand on a unit's lists, so that it may not have been the member who moved: the account that
/// lost them is told at once, and the trail has it.
fn tell_of_move(tx: &mut Tx, id: MemberId, from: &FollowerId) -> Result<(), Fault> {
    let subject = id.to_string();
    append(tx, Note { who: "service", act: "member.moved", subject: &subject, detail: "", done: true })?;
    let at = tx.moment().now;
    outbox::commands::enqueue(tx, from, Notice::AccountMoved { at }).map(drop)
}

/// Whether this account is another than the member's latest.
fn is_move(tx: &Tx, member: &Member, who: &FollowerId) -> Result<bool, Fault> {
    match (&member.account, member.last_account) {
        (Some(account), _) => Ok(account.follower != *who),
        (None, Some(last)) => Ok(mark_of(tx, who)? != last),
        (None, None) => Ok(false),
    }
}

/// Tells accounts apart without naming one.
pub(super) fn mark_of(tx: &Tx, who: &FollowerId) -> Result<[u8; 16], Fault> {
    tx.index_of("account", who.as_str())
}

/// Makes the account the member's; nobody else may have it, nor the member another.
pub fn attach(tx: &mut Tx, id: MemberId, mut member: Member, who: &FollowerId) -> Result<Member, Fault> {
    let now = tx.moment().now;
    parted::forget(tx, who)?;
    let earlier = member.last_account.take().map(|last| parted::left(tx, &last, id)).transpose()?.flatten();
    if let Some(from) = &earlier {
        tell_of_move(tx, id, from)?;
    }
    member.account = Some(Account { follower: who.clone(), since: now });
    tx.put(&BINDINGS, who, &id)?;
    tx.put(&MEMBERS, &id, &member)?;
    places::adopt(tx, who, id)?;
    keep::adopt(tx, who, id)?;
    wallet::carry(tx, id, who)?;
    news::carry(tx, id, who)?;
    case_news::carry(tx, id, who)?;
    if let Some(from) = earlier {
        holder::hand_over(tx, id, &from)?;
    }
    Ok(member)
}

/// 解绑: the account is nobody's, and hears if somebody else takes its place. What belongs to the member stays theirs.
pub fn unbind(tx: &mut Tx, who: &FollowerId) -> Result<Result<MemberId, Refusal>, Fault> {
    let unbound = detach(tx, who)?;
    if let Ok(id) = &unbound {
        parted::note(tx, who, *id)?;
    }
    Ok(unbound)
}

/// The account is nobody's, and nothing tells whose it was.
pub fn let_go(tx: &mut Tx, who: &FollowerId) -> Result<(), Fault> {
    _ = detach(tx, who)?;
    parted::forget(tx, who)
}

fn detach(tx: &mut Tx, who: &FollowerId) -> Result<Result<MemberId, Refusal>, Fault> {
    let Some((id, mut member)) = member_of(tx, who)? else { return Ok(Err(Refusal::NotBound)) };
    member.account = None;
    member.last_account = Some(mark_of(tx, who)?);
    tx.delete(&BINDINGS, who)?;
    tx.put(&MEMBERS, &id, &member)?;
    news::take_back(tx, id, who)?;
    case_news::take_back(tx, id, who)?;
    Ok(Ok(id))
}

/// Staff part them: what the member may do by themselves begins anew.
pub fn unbind_by_staff(tx: &mut Tx, id: MemberId) -> Result<Result<(), Refusal>, Fault> {
    Ok(part(tx, id, |member| (member.last_account, member.moved) = (None, None))?.map(drop))
}

/// Staff part them because it was somebody else who moved the member here: for [`REBOUND_EVERY`] only the account that they
/// moved away from may have the member. What the other one asked for is taken back, too.
pub fn take_back(tx: &mut Tx, id: MemberId) -> Result<Result<(), Refusal>, Fault> {
    let now = tx.moment().now;
    match part(tx, id, |member| (member.last_account, member.moved) = (member.moved_from, Some(now)))? {
        Ok(Some(who)) => application::forget_of(tx, &who).map(Ok),
        parted => Ok(parted.map(drop)),
    }
}

/// Whose the account was, as far as that is known. Who moved may have let go of it since, and holds the member up still.
fn part(
    tx: &mut Tx,
    id: MemberId,
    then: impl Fn(&mut Member),
) -> Result<Result<Option<FollowerId>, Refusal>, Fault> {
    let Some(before) = tx.get(&MEMBERS, &id)? else { return Ok(Err(Refusal::NotBound)) };
    let who = match (before.account, before.last_account) {
        (Some(account), _) => Some(account.follower),
        (None, _) if before.moved.is_none() => return Ok(Err(Refusal::NotBound)),
        (None, last) => last.map(|last| parted::left(tx, &last, id)).transpose()?.flatten(),
    };
    if let Some(who) = &who {
        _ = detach(tx, who)?;
        parted::forget(tx, who)?;
    }
    let Some(mut member) = tx.get(&MEMBERS, &id)? else { return Ok(Err(Refusal::NotBound)) };
    then(&mut member);
    member.moved_from = None;
    tx.put(&MEMBERS, &id, &member)?;
    Ok(Ok(who))
}

/// A name and a number that were not known together.
pub fn count_try(tx: &mut Tx, who: &FollowerId) -> Result<(), Fault> {
    let day = midnight(tx.moment().now);
    let before = tx.get(&TRIES, who)?.filter(|tries| tries.day == day).unwrap_or_default();
    tx.put(&TRIES, who, &Tries { day, count: before.count.saturating_add(1), matched: false })
}

pub(super) fn midnight(now: Time) -> Time {
    Time::at(now.date(), 0, 0).unwrap_or_default()
}
