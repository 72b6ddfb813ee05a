//! 相亲: staff propose two to each other; who they are is told when both agreed, and to nobody else.

use super::draft::Own;
use super::moves::DAY;
use super::news::{self, News};
use super::record::*;
use super::rules;
use super::work::{self, Decided, Desk, Refusal, Worker, by};
use super::{entries, queue};
use crate::domain::counters::next_number;
use crate::domain::tables::{CASE_BLOCKS, CASE_PROPOSALS, CASE_PROPOSED};
use crate::domain::timers::{self, Timer};
use crate::store::{Fault, Sealed, Tx};

/// Days in which both answer.
const DAYS: u32 = 7;
const LOOKED_AT: usize = 100;
/// Days after both agreed on which they are asked how it goes: three days, three weeks, three months (`domain.md` 6).
const ASKED_AFTER: [u32; 3] = [3, 21, 90];

/// Proposes two to each other. `words`: what is said to each of the other, first to the first.
pub fn propose(tx: &mut Tx, who: &Worker, id: CaseId, other: CaseId, words: [&str; 2]) -> Decided {
    let desks = match (work::open(tx, who, id)?, work::open(tx, who, other)?) {
        (Ok(one), Ok(other)) => [one, other],
        (Err(refusal), _) | (_, Err(refusal)) => return Ok(Err(refusal)),
    };
    if let Some(refusal) = unfit(tx, &desks)? {
        return Ok(Err(refusal));
    }
    let (number, now) = (next_number(tx, "proposals")?, tx.moment().now);
    let proposal = Proposal {
        sides: [id, other],
        words: words.map(|words| Sealed::new(words.to_owned())),
        answers: [None, None],
        at: now,
        until: now.plus(DAY * DAYS),
        by: who.name.clone(),
        over: false,
    };
    tx.put(&CASE_PROPOSALS, &number, &proposal)?;
    timers::set(tx, proposal.until, Timer::CaseProposal { proposal: number })?;
    for mut desk in desks {
        tx.put(&CASE_PROPOSED, &(desk.id, number), &())?;
        entries::write(tx, desk.id, &mut desk.case, by(who), What::Proposed { proposal: number }, "")?;
        if let Err(refusal) = desk.save(tx)? {
            return Ok(Err(refusal));
        }
        news::tell(tx, &desk.case.whose, News::Proposed { case: desk.id, proposal: number })?;
    }
    Ok(Ok(()))
}

fn unfit(tx: &Tx, [one, other]: &[Desk; 2]) -> Result<Option<Refusal>, Fault> {
    if !one.case.plan.pairs || one.case.kind != other.case.kind {
        return Ok(Some(Refusal::NoPairs));
    }
    if one.case.whose == other.case.whose {
        return Ok(Some(Refusal::NotToBeProposed(other.id, "it is the same person")));
    }
    if tx.get(&CASE_BLOCKS, &(one.id, other.id))?.is_some() {
        return Ok(Some(Refusal::NotToBeProposed(other.id, "they were proposed to each other before")));
    }
    for desk in [one, other] {
        let why = if desk.case.status != Status::Open {
            "it isn't open"
        } else if desk.case.reported {
            "it was reported, and nobody has looked"
        } else if current(tx, desk.id)?.is_some() {
            "it waits for an answer to a proposal"
        } else {
            continue;
        };
        return Ok(Some(Refusal::NotToBeProposed(desk.id, why)));
    }
    Ok(None)
}

/// The proposals of a case, the latest first.
pub fn of(tx: &Tx, id: CaseId) -> Result<Vec<(u64, Proposal)>, Fault> {
    let mut found = Vec::new();
    for ((_, number), ()) in tx.scan_back(&CASE_PROPOSED, &(id,), None, LOOKED_AT)?.rows {
        found.extend(tx.get(&CASE_PROPOSALS, &number)?.map(|proposal| (number, proposal)));
    }
    Ok(found)
}

/// The one that still waits for an answer, of either side.
pub fn current(tx: &Tx, id: CaseId) -> Result<Option<(u64, Proposal)>, Fault> {
    Ok(of(tx, id)?.into_iter().find(|(_, proposal)| !proposal.over))
}

/// One side says yes or no. A no is told to nobody: for the other it is as if it had lapsed.
pub fn answer(
    tx: &mut Tx,
    own: &Own,
    number: u64,
    yes: bool,
) -> Result<Result<Proposal, rules::Refusal>, Fault> {
    let Some(mut proposal) = tx.get(&CASE_PROPOSALS, &number)? else {
        return Ok(Err(rules::Refusal::NoProposal));
    };
    let Some(side) = proposal.side(own.id).filter(|side| proposal.answers.get(*side) == Some(&None)) else {
        return Ok(Err(rules::Refusal::NoProposal));
    };
    if proposal.over || proposal.until <= tx.moment().now {
        return Ok(Err(rules::Refusal::NoProposal));
    }
    if let Some(answer) = proposal.answers.get_mut(side) {
        *answer = Some(yes);
    }
    if yes && !proposal.agreed() {
        tx.put(&CASE_PROPOSALS, &number, &proposal)?;
        return Ok(Ok(proposal));
    }
    end(tx, number, &mut proposal)?;
    if proposal.agreed() {
        for id in proposal.sides {
            let Some(before) = queue::get(tx, id)? else { continue };
            let mut case = before.clone();
            entries::write(tx, id, &mut case, By::Follower, What::Paired { proposal: number }, "")?;
            queue::save(tx, id, Some(&before), &case)?;
        }
        for id in proposal.sides.into_iter().filter(|id| *id != own.id) {
            tell(tx, id, number)?;
        }
        let now = tx.moment().now;
        for days in ASKED_AFTER {
            timers::set(tx, now.plus(DAY * days), Timer::CasePair { proposal: number })?;
        }
    }
    Ok(Ok(proposal))
}

/// The time to answer is over. Whoever said yes hears that nothing came of it.
pub fn lapse(tx: &mut Tx, number: u64) -> Result<(), Fault> {
    let Some(mut proposal) = tx.get(&CASE_PROPOSALS, &number)? else { return Ok(()) };
    let waited = proposal.answers;
    if !proposal.over {
        end(tx, number, &mut proposal)?;
    }
    if proposal.agreed() {
        return Ok(());
    }
    for (id, answer) in proposal.sides.into_iter().zip(waited) {
        if answer == Some(true) {
            tell(tx, id, number)?;
        }
    }
    Ok(())
}

/// Asks both whether they wish to go on. Who left, was reported or agreed with somebody else since isn't asked.
pub fn follow_up(tx: &mut Tx, number: u64) -> Result<(), Fault> {
    let Some(proposal) = tx.get(&CASE_PROPOSALS, &number)?.filter(Proposal::agreed) else { return Ok(()) };
    let mut cases = Vec::new();
    for id in proposal.sides {
        let is_latest = of(tx, id)?.first().is_some_and(|(latest, _)| *latest == number);
        cases.extend(queue::get(tx, id)?.filter(|case| is_latest && case.status.is_live() && !case.reported));
    }
    if let [one, other] = cases.as_slice() {
        for (id, case) in proposal.sides.into_iter().zip([one, other]) {
            news::tell(tx, &case.whose, News::GoesOn { case: id })?;
        }
    }
    Ok(())
}

fn tell(tx: &mut Tx, id: CaseId, proposal: u64) -> Result<(), Fault> {
    match queue::get(tx, id)?.filter(|case| case.status.is_live()) {
        Some(case) => news::tell(tx, &case.whose, News::Answered { case: id, proposal }),
        None => Ok(()),
    }
}

/// Nobody is proposed to the same person twice.
fn end(tx: &mut Tx, number: u64, proposal: &mut Proposal) -> Result<(), Fault> {
    proposal.over = true;
    let [one, other] = proposal.sides;
    tx.put(&CASE_BLOCKS, &(one, other), &())?;
    tx.put(&CASE_BLOCKS, &(other, one), &())?;
    tx.put(&CASE_PROPOSALS, &number, proposal)
}

/// What the other side told that is for who agreed: title and answer.
pub fn contact(tx: &Tx, own: CaseId, proposal: &Proposal) -> Result<Vec<(String, String)>, Fault> {
    let Some(other) = proposal.sides.into_iter().find(|id| *id != own).filter(|_| proposal.agreed()) else {
        return Ok(Vec::new());
    };
    let all = entries::answers(tx, other)?.into_iter().map(|(_, answer)| answer);
    Ok(all
        .filter(|answer| answer.shared)
        .map(|answer| (answer.title, answer.value.into_revealed()))
        .collect())
}

/// 举报: the other side of a proposal is proposed to nobody until staff have looked, and to this one never again.
pub fn report(tx: &mut Tx, own: &Own, number: u64, words: &str) -> Result<Result<(), rules::Refusal>, Fault> {
    let Some(mut proposal) = tx.get(&CASE_PROPOSALS, &number)? else {
        return Ok(Err(rules::Refusal::NoProposal));
    };
    let Some(side) = proposal.side(own.id) else { return Ok(Err(rules::Refusal::NoProposal)) };
    if !proposal.over {
        end(tx, number, &mut proposal)?;
    }
    let Some(other) = proposal.sides.get(1 - side).copied() else {
        return Ok(Err(rules::Refusal::NoProposal));
    };
    if let Some(before) = queue::get(tx, other)?.filter(|case| !case.erased) {
        let mut case = Case { reported: true, ..before.clone() };
        // By whom is for the staff to find: the words may tell, and are theirs alone.
        entries::write(tx, other, &mut case, By::Rule, What::Reported, words)?;
        queue::save(tx, other, Some(&before), &case)?;
    }
    Ok(Ok(()))
}

/// A case that was erased proposes nobody any more.
pub(super) fn forget(tx: &mut Tx, id: CaseId) -> Result<(), Fault> {
    for (number, mut proposal) in of(tx, id)? {
        proposal.words = Default::default();
        end(tx, number, &mut proposal)?;
    }
    Ok(())
}
