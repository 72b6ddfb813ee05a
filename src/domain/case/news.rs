//! What a follower is told of a case: facts for the outbox, without a word of what it is about.

use serde::{Deserialize, Serialize};

use super::queue;
use super::record::*;
use crate::domain::contact::record::FollowerId;
use crate::domain::member::record::{MemberId, MemberState};
use crate::domain::member::standing::{Person, account_of};
use crate::domain::outbox::commands::{self as outbox, enqueue};
use crate::domain::outbox::record::Notice;
use crate::domain::tables::{CASE_NEWS, CASES_OF, MEMBERS};
use crate::store::{Fault, Tx};

/// Cases of one person of which something is kept, or asked for; nobody has so many.
const KEPT_MAX: usize = 300;

/// Stored, so a variant is never renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum News {
    /// The entry of that number.
    Entry { case: CaseId, number: u32 },
    /// What was asked for is not there yet.
    StillAsked { case: CaseId },
    /// Somebody is proposed to the follower.
    Proposed { case: CaseId, proposal: u64 },
    /// What became of it.
    Answered { case: CaseId, proposal: u64 },
    /// Two that agreed are asked whether they wish to go on.
    GoesOn { case: CaseId },
}

impl News {
    pub fn name(&self) -> &'static str {
        match self {
            News::Entry { .. } => "case_entry",
            News::StillAsked { .. } => "case_still_asked",
            News::Proposed { .. } => "case_proposed",
            News::Answered { .. } => "case_answered",
            News::GoesOn { .. } => "case_goes_on",
        }
    }

    pub fn case(&self) -> CaseId {
        match self {
            News::Entry { case, .. }
            | News::StillAsked { case }
            | News::GoesOn { case }
            | News::Proposed { case, .. }
            | News::Answered { case, .. } => *case,
        }
    }
}

/// Tells the account that is theirs by now. The latest of a case is kept for a member's next one while they have none.
pub fn tell(tx: &mut Tx, whose: &Person, news: News) -> Result<(), Fault> {
    match (account_of(tx, whose)?, whose) {
        (Some(who), _) => enqueue(tx, &who, Notice::Case(news)).map(drop),
        (None, Person::Member(member)) => keep(tx, *member, news),
        (None, Person::Follower(_)) => Ok(()),
    }
}

fn keep(tx: &mut Tx, member: MemberId, news: News) -> Result<(), Fault> {
    match tx.get(&MEMBERS, &member)?.map(|member| member.state) {
        None | Some(MemberState::Erased { .. }) => Ok(()),
        Some(_) => tx.put(&CASE_NEWS, &(member, news.case()), &news),
    }
}

/// The account is the member's no more: what it wasn't told yet of their cases is for their next one. Of cases that are
/// the account's own it is told as ever.
pub fn take_back(tx: &mut Tx, member: MemberId, from: &FollowerId) -> Result<(), Fault> {
    let mut of_member = Vec::new();
    for ((_, id), ()) in tx.scan_back(&CASES_OF, &(Person::Member(member),), None, KEPT_MAX)?.rows {
        of_member.push(id);
    }
    let is_of_member =
        |notice: &Notice| matches!(notice, Notice::Case(news) if of_member.contains(&news.case()));
    for notice in outbox::take_back(tx, from, is_of_member)? {
        if let Notice::Case(news) = notice {
            keep(tx, member, news)?;
        }
    }
    Ok(())
}

/// The account is the member's from now on: tells it what was kept of what they didn't take back.
pub fn carry(tx: &mut Tx, member: MemberId, to: &FollowerId) -> Result<(), Fault> {
    for (key, news) in tx.scan(&CASE_NEWS, &(member,), None, KEPT_MAX)?.rows {
        tx.delete(&CASE_NEWS, &key)?;
        let is_there = |case: &Case| case.status != Status::Withdrawn && !case.erased;
        if queue::get(tx, news.case())?.is_some_and(|case| is_there(&case)) {
            enqueue(tx, to, Notice::Case(news))?;
        }
    }
    Ok(())
}

/// Who left and follows again is asked once more: what waited for them was given up.
pub fn ask_again(tx: &mut Tx, who: &FollowerId) -> Result<(), Fault> {
    for (case, _) in
        queue::of_follower(tx, who, KEPT_MAX)?.iter().filter(|(_, case)| case.status == Status::Asked)
    {
        enqueue(tx, who, Notice::Case(News::StillAsked { case: *case }))?;
    }
    Ok(())
}

/// The member is nobody any more.
pub fn forget(tx: &mut Tx, member: MemberId) -> Result<(), Fault> {
    for (key, _) in tx.scan(&CASE_NEWS, &(member,), None, KEPT_MAX)?.rows {
        tx.delete(&CASE_NEWS, &key)?;
    }
    Ok(())
}
