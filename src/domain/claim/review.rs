//! What staff do with a claim. Each act is on the trail; what is for the staff alone is a note beside the moves.

use jiff::civil::Date;

use super::moves::{self, Why};
use super::notes::{self, NoteKind};
use super::record::*;
use super::rules::{self, Act, REASONS};
use super::{completeness, draft, flags, instant, judge, pages, papers, queue, sample};
use crate::domain::answer::or_refused;
use crate::domain::assignee;
use crate::domain::member::record::MemberId;
use crate::domain::scheme::record::{Fen, Level, Programme};
use crate::store::{Fault, Sealed, Tx};

/// The step that follows the chain for large amounts.
pub const EXTRA: &str = "extra";

/// Who of the staff acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewer {
    pub name: String,
    /// The member that they are: nobody handles their own claim.
    pub member: Option<MemberId>,
    /// Where in the chain they approve; empty is anywhere.
    pub levels: Vec<Level>,
}

/// Why staff are told no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no such claim")]
    Unknown,
    #[error("there is no such page")]
    UnknownPage,
    #[error("the claim is `{}`: it allows this no more, or not yet", .0.name())]
    NotNow(Status),
    #[error("this is your own claim: somebody else handles it")]
    OwnClaim,
    #[error("you entered or changed what is approved: somebody else approves it")]
    OwnEntry,
    #[error("you approved an earlier step: another person approves this one")]
    ApprovedAlready,
    #[error("you refused it: another person looks at the appeal")]
    RefusedBefore,
    #[error("the next step is `{0}`, which isn't yours")]
    NotYourStep(String),
    #[error("{0} has it")]
    TakenBy(String),
    #[error("it is held: {0}")]
    Held(String),
    #[error("the same paper is in {0}, which is open or paid")]
    FirstOpen(ClaimId),
    #[error("say why it is approved all the same: {0}")]
    ReasonNeeded(String),
    #[error("papers are missing: {}", .0.join(", "))]
    PapersMissing(Vec<String>),
    #[error("this isn't known yet: {}", .0.join(", "))]
    FactsMissing(Vec<String>),
    #[error("the rules give nothing: {0}")]
    NotCovered(&'static str),
    #[error("there is nothing to pay")]
    NothingToPay,
    #[error(
        "it came to {was} yuan when it was counted, and comes to {now} now: it goes to the first step with the new sum"
    )]
    Recounted { was: Fen, now: Fen },
    #[error("the programme has no paper `{0}`")]
    UnknownSlot(String),
    #[error("there is no reason `{0}`")]
    UnknownReason(String),
    #[error("it wasn't drawn for a second look")]
    NotSampled,
    #[error("it has no account to pay to")]
    NoAccount,
    #[error(
        "the account wasn't told again since the bank refused it: the claimant corrects it, or say why it is right"
    )]
    SameAccount,
    #[error("no more than {0} yuan of it is left")]
    TooMuch(Fen),
    #[error("nobody asked for it")]
    NotProposed,
    #[error("you asked for it: another person agrees")]
    ProposedYourself,
    #[error("{0} yuan is what was asked for")]
    OtherAmount(Fen),
    #[error("the account is {0} by now: look at the claim again")]
    OtherAccount(String),
    #[error("the calculation has no line {0}")]
    UnknownLine(u16),
    #[error("no more can be taken off than it comes to")]
    BelowZero,
    #[error("this can't be: {0}")]
    Contradiction(&'static str),
    #[error("the person isn't covered by `{0}`")]
    UnknownProgramme(String),
    #[error("it comes to {0} yuan by now: look at it again")]
    OtherSum(Fen),
    #[error("the bill and the caps allow no more than {0} yuan for this benefit")]
    AboveCap(Fen),
    #[error("only for `false_papers` somebody is excluded, and where the programme's rules say for how long")]
    NoExclusion,
    #[error("its papers were found false already")]
    FoundAlready,
    #[error("the claimant appealed against what was found: that is decided first")]
    Contested,
    #[error(
        "until {0} the claimant may appeal against what was found: a part is booked after that day, the whole at once"
    )]
    MayAppeal(Date),
    #[error("there is no appeal against what was found after the payment")]
    NotContested,
}

impl Refusal {
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Unknown => "unknown_claim",
            Refusal::UnknownPage => "unknown_page",
            Refusal::NotNow(_) => "not_now",
            Refusal::OwnClaim => "own_claim",
            Refusal::OwnEntry => "own_entry",
            Refusal::ApprovedAlready => "approved_already",
            Refusal::RefusedBefore => "refused_before",
            Refusal::NotYourStep(_) => "not_your_step",
            Refusal::TakenBy(_) => "taken",
            Refusal::Held(_) => "held",
            Refusal::FirstOpen(_) => "first_open",
            Refusal::ReasonNeeded(_) => "reason_needed",
            Refusal::PapersMissing(_) => "papers_missing",
            Refusal::FactsMissing(_) => "facts_missing",
            Refusal::NotCovered(_) => "not_covered",
            Refusal::NothingToPay => "nothing_to_pay",
            Refusal::Recounted { .. } => "recounted",
            Refusal::UnknownSlot(_) => "unknown_slot",
            Refusal::UnknownReason(_) => "unknown_reason",
            Refusal::NotSampled => "not_sampled",
            Refusal::NoAccount => "no_account",
            Refusal::SameAccount => "same_account",
            Refusal::TooMuch(_) => "too_much",
            Refusal::NotProposed => "not_asked",
            Refusal::ProposedYourself => "same_person",
            Refusal::OtherAmount(_) => "other_amount",
            Refusal::OtherAccount(_) => "other_account",
            Refusal::UnknownLine(_) => "unknown_line",
            Refusal::BelowZero => "below_zero",
            Refusal::Contradiction(_) => "contradiction",
            Refusal::UnknownProgramme(_) => "unknown_programme",
            Refusal::OtherSum(_) => "other_sum",
            Refusal::AboveCap(_) => "above_cap",
            Refusal::NoExclusion => "no_exclusion",
            Refusal::FoundAlready => "found_already",
            Refusal::Contested => "contested",
            Refusal::MayAppeal(_) => "may_appeal",
            Refusal::NotContested => "not_contested",
        }
    }
}

impl From<rules::Refusal> for Refusal {
    fn from(refusal: rules::Refusal) -> Refusal {
        match refusal {
            rules::Refusal::NotNow { status } => Refusal::NotNow(status),
            rules::Refusal::Held => Refusal::Held("look at its flags".to_owned()),
            rules::Refusal::NothingToPay => Refusal::NothingToPay,
            rules::Refusal::PapersMissing { slots } => Refusal::PapersMissing(slots),
            rules::Refusal::FactsMissing { facts } => Refusal::FactsMissing(facts),
            rules::Refusal::UnknownClaim => Refusal::Unknown,
            other => Refusal::NotCovered(other.code()),
        }
    }
}

pub type Decided = Result<Result<(), Refusal>, Fault>;

/// A claim that is being changed.
pub(super) struct Desk {
    id: ClaimId,
    before: Claim,
    pub(super) claim: Claim,
}

impl Desk {
    pub(super) fn save(&mut self, tx: &mut Tx) -> Decided {
        self.claim.changed = tx.moment().now;
        queue::save(tx, self.id, Some(&self.before), &self.claim)?;
        Ok(Ok(()))
    }

    /// Nothing of what was approved holds.
    pub(super) fn back_to_first(&mut self, tx: &mut Tx, who: &Reviewer, note: (NoteKind, &str)) -> Decided {
        self.claim.forget_approvals();
        (self.claim.instant, self.claim.assignee) = (false, None);
        self.go_noting(tx, who, Act::SendBack, note)
    }

    /// Nobody approves what the rules give no more: it is written down anew and looked at from the first step. The one
    /// act that is refused and leaves something.
    fn counted_anew(&mut self, tx: &mut Tx, who: &Reviewer, was: Option<Fen>) -> Decided {
        let (was, now) = (was.unwrap_or_default(), self.claim.amount.unwrap_or_default());
        flags::raise(tx, self.id, &mut self.claim)?;
        let note = (NoteKind::Recounted, format!("{was} → {now}"));
        let kept = if self.claim.status == Status::Accepted {
            notes::write(tx, self.id, &who.name, note.0, &note.1)?;
            self.save(tx)?
        } else {
            self.back_to_first(tx, who, (note.0, &note.1))?
        };
        Ok(kept.and(Err(Refusal::Recounted { was, now })))
    }

    pub(super) fn go(&mut self, tx: &mut Tx, act: Act, why: Why) -> Decided {
        Ok(moves::go(tx, self.id, &self.before, &mut self.claim, act, why)?.map_err(Refusal::from))
    }

    /// Moves it, and notes why for the staff; words that are empty are no note. What is refused leaves none.
    fn go_noting(
        &mut self,
        tx: &mut Tx,
        who: &Reviewer,
        act: Act,
        (kind, words): (NoteKind, &str),
    ) -> Decided {
        let gone = self.go(tx, act, Why::none(by(who)))?;
        if gone.is_ok() && !words.is_empty() {
            notes::write(tx, self.id, &who.name, kind, words)?;
        }
        Ok(gone)
    }
}

/// The claim, for somebody who may handle it: an appeal is for others than who refused it.
pub(super) fn open(tx: &Tx, who: &Reviewer, id: ClaimId) -> Result<Result<Desk, Refusal>, Fault> {
    let desk = or_refused!(open_for_money(tx, who, id));
    Ok(if refused_before(who, &desk.before) { Err(Refusal::RefusedBefore) } else { Ok(desk) })
}

/// Did they decide what was appealed against?
pub(super) fn refused_before(who: &Reviewer, claim: &Claim) -> bool {
    claim.appeals > 0 && claim.refused_by.contains(&who.name)
}

/// The claim, for somebody who books what was decided.
pub(super) fn open_for_money(tx: &Tx, who: &Reviewer, id: ClaimId) -> Result<Result<Desk, Refusal>, Fault> {
    let Some(before) = queue::get(tx, id)?.filter(|claim| claim.status != Status::Draft) else {
        return Ok(Err(Refusal::Unknown));
    };
    if judge::concerns(tx, &before, who.member)? {
        return Ok(Err(Refusal::OwnClaim));
    }
    Ok(Ok(Desk { id, claim: before.clone(), before }))
}

pub(super) fn by(who: &Reviewer) -> By {
    By::Staff(who.name.clone())
}

/// A claim that nobody has is theirs from now on.
pub fn take(tx: &mut Tx, who: &Reviewer, id: ClaimId) -> Decided {
    let mut desk = or_refused!(open(tx, who, id));
    if !desk.claim.status.waits_for_staff() && !desk.claim.status.waits_for_claimant() {
        return Ok(Err(Refusal::NotNow(desk.claim.status)));
    }
    match assignee::take(&mut desk.claim.assignee, &who.name) {
        Err(other) => return Ok(Err(Refusal::TakenBy(other))),
        Ok(false) => return Ok(Ok(())),
        Ok(true) => notes::write(tx, id, &who.name, NoteKind::Taken, "")?,
    }
    desk.save(tx)
}

/// Gives it back; the reason is noted.
pub fn release(tx: &mut Tx, who: &Reviewer, id: ClaimId, words: &str) -> Decided {
    let mut desk = or_refused!(open(tx, who, id));
    match assignee::release(&mut desk.claim.assignee, &who.name, words) {
        Err(other) => return Ok(Err(Refusal::TakenBy(other))),
        Ok(false) => return Ok(Ok(())),
        Ok(true) => notes::write(tx, id, &who.name, NoteKind::Released, words)?,
    }
    desk.save(tx)
}

/// Keeps it back. Its clock goes on: the claimant waits all the same.
pub fn hold(tx: &mut Tx, who: &Reviewer, id: ClaimId, words: &str) -> Decided {
    let mut desk = or_refused!(open(tx, who, id));
    if !desk.claim.status.waits_for_staff() {
        return Ok(Err(Refusal::NotNow(desk.claim.status)));
    }
    desk.claim.held = Some(HELD_BY_STAFF.to_owned());
    notes::write(tx, id, &who.name, NoteKind::Held, words)?;
    desk.save(tx)
}

/// What a held claim is marked with; the reason is a sealed note.
const HELD_BY_STAFF: &str = "staff";

/// Lets it go on. One that has another claim's paper only when that one is over.
pub fn unhold(tx: &mut Tx, who: &Reviewer, id: ClaimId, words: &str) -> Decided {
    let mut desk = or_refused!(open(tx, who, id));
    if let Some(first) = first_open(tx, id, &desk.claim)? {
        return Ok(Err(Refusal::FirstOpen(first)));
    }
    if desk.claim.held.take().is_none() {
        return Ok(Ok(()));
    }
    draft::look_at_papers(tx, id, &mut desk.claim)?;
    notes::write(tx, id, &who.name, NoteKind::LetGo, words)?;
    desk.save(tx)
}

/// The claim that had the same paper before, while it holds it: asked anew, whatever the flags say.
fn first_open(tx: &Tx, id: ClaimId, claim: &Claim) -> Result<Option<ClaimId>, Fault> {
    Ok(papers::taken_before(tx, id, claim)?.first().map(|(_, other)| *other))
}

/// 受理, once it is known by whose rules it is judged: a list may have come since it was handed in.
pub fn accept(tx: &mut Tx, who: &Reviewer, id: ClaimId) -> Decided {
    let mut desk = or_refused!(open(tx, who, id));
    if desk.claim.ruling.is_none() && desk.claim.status == Status::Submitted {
        if let Err(refusal) = judge::find_ruling(tx, &mut desk.claim)? {
            return Ok(Err(refusal.into()));
        }
        draft::take_papers(tx, id, &mut desk.claim)?;
        _ = judge::count(tx, id, &mut desk.claim, by(who))?;
        flags::raise(tx, id, &mut desk.claim)?;
    }
    desk.claim.assignee.get_or_insert_with(|| who.name.clone());
    desk.go(tx, Act::Accept, Why::none(by(who)))
}

/// Reasons with which the pages that are there don't count any more.
const VOID: &[&str] =
    &["unreadable", "no_seal", "wrong_person", "wrong_paper", "wrong_stay", "expired_paper"];

/// Asks for papers, all at once (一次性告知).
pub fn ask(tx: &mut Tx, who: &Reviewer, id: ClaimId, asked: &[Asked], words: &str) -> Decided {
    let mut desk = or_refused!(open(tx, who, id));
    let known = judge::papers_by(tx, &desk.claim)?;
    for Asked { slot, reason } in asked {
        if !REASONS.contains(&reason.as_str()) {
            return Ok(Err(Refusal::UnknownReason(reason.clone())));
        }
        if !known.as_ref().is_some_and(|known| known.documents.iter().any(|rule| rule.slot == *slot)) {
            return Ok(Err(Refusal::UnknownSlot(slot.clone())));
        }
    }
    let why = Why { by: by(who), reason: String::new(), words: words.to_owned(), asked: asked.to_vec() };
    forget_reasons(&mut desk.claim, asked);
    desk.claim.assignee.get_or_insert_with(|| who.name.clone());
    if let Err(refusal) = desk.go(tx, Act::Ask, why)? {
        return Ok(Err(refusal));
    }
    for Asked { slot, reason } in asked.iter().filter(|asked| VOID.contains(&asked.reason.as_str())) {
        let all = pages::of(tx, id)?;
        for (slot, number, page) in all.into_iter().filter(|(of, _, page)| of == slot && page.state.counts())
        {
            let state = PageState::Refused { by: who.name.clone(), reason: reason.clone() };
            pages::judge(tx, id, &slot, number, Page { state, ..page })?;
        }
    }
    Ok(Ok(()))
}

/// What is asked for again is to be answered again.
fn forget_reasons(claim: &mut Claim, asked: &[Asked]) {
    let again = |slot: &str| asked.iter().any(|asked| asked.slot == slot);
    let mut details = claim.details.reveal().clone();
    details.out_of_reach.retain(|known| !again(&known.slot));
    claim.details = Sealed::new(details);
    claim.flags.retain(|flag| !matches!(flag, Flag::OutOfReach { slot } if again(slot)));
}

/// Takes a page as it is, or says what is wrong with it; `ask` then asks for another.
pub fn judge_page(
    tx: &mut Tx,
    who: &Reviewer,
    id: ClaimId,
    (slot, number): (&str, u16),
    refused: Option<&str>,
) -> Decided {
    if let Some(reason) = refused.filter(|reason| !REASONS.contains(reason)) {
        return Ok(Err(Refusal::UnknownReason(reason.to_owned())));
    }
    let desk = or_refused!(open(tx, who, id));
    if !matches!(desk.claim.status, Status::Submitted | Status::NeedsMore | Status::Accepted) {
        return Ok(Err(Refusal::NotNow(desk.claim.status)));
    }
    let all = pages::of(tx, id)?;
    let Some((.., page)) = all.into_iter().find(|(of, at, _)| of == slot && *at == number) else {
        return Ok(Err(Refusal::UnknownPage));
    };
    let by = who.name.clone();
    let state = match refused {
        None if matches!(page.state, PageState::Lost | PageState::Coming) => {
            return Ok(Err(Refusal::UnknownPage));
        }
        None => PageState::Accepted { by },
        Some(reason) => PageState::Refused { by, reason: reason.to_owned() },
    };
    pages::judge(tx, id, slot, number, Page { state, ..page })?;
    Ok(Ok(()))
}

/// Enters what the papers say, and counts anew. What the claimant had otherwise is flagged.
pub fn enter(
    tx: &mut Tx,
    who: &Reviewer,
    id: ClaimId,
    names: &[&str],
    edit: impl Fn(&mut Details),
) -> Decided {
    let mut desk = or_refused!(open(tx, who, id));
    if !matches!(desk.claim.status, Status::Submitted | Status::NeedsMore | Status::Accepted) {
        return Ok(Err(Refusal::NotNow(desk.claim.status)));
    }
    let told = desk.claim.details.reveal().clone();
    let mut details = told.clone();
    edit(&mut details);
    if let Some(what) = details.facts.contradiction(tx.moment().now.date()) {
        return Ok(Err(Refusal::Contradiction(what)));
    }
    let claim = &mut desk.claim;
    if !judge::may_be(tx, claim, &details.programme)? {
        return Ok(Err(Refusal::UnknownProgramme(details.programme.clone())));
    }
    if told.programme != details.programme && details.programme.is_empty() {
        // By the rules again, rather than by what was named before.
        claim.ruling = None;
    }
    (details.facts.kind, details.facts.relative) = (claim.kind, details.relative.is_some());
    for field in judge::differing(&told, &details) {
        if claim.entered_by.is_empty() {
            claim.differs(field);
        }
    }
    agree(claim, who, names, told != details);
    claim.details = Sealed::new(details);
    entered(claim, who);
    notes::write(tx, id, &who.name, NoteKind::Entered, &names.join(", "))?;
    // What isn't covered, or can't be counted yet, has no amount: it can't be approved so.
    _ = judge::settle_ruling(tx, claim)?;
    draft::take_papers(tx, id, claim)?;
    _ = judge::count(tx, id, claim, by(who))?;
    flags::raise(tx, id, claim)?;
    if let Err(refusal) = desk.save(tx)? {
        return Ok(Err(refusal));
    }
    // Where that is all that was still wanted, nobody has to decide.
    instant::settle(tx, id)?;
    Ok(Ok(()))
}

/// Two people read the same from the papers: another than all who entered something enters all of it alike.
fn agree(claim: &mut Claim, who: &Reviewer, names: &[&str], changed: bool) {
    let known = |name: &String| names.contains(&name.as_str());
    if changed || claim.entered_by.is_empty() {
        claim.agreed = false;
        let fresh = names.iter().map(|name| (*name).to_owned()).filter(|name| !claim.entered.contains(name));
        let fresh: Vec<String> = fresh.collect();
        claim.entered.extend(fresh);
    } else if !claim.entered_by.contains(&who.name) && !claim.entered.is_empty() {
        claim.agreed = claim.agreed || claim.entered.iter().all(known);
    }
}

fn entered(claim: &mut Claim, who: &Reviewer) {
    if !claim.entered_by.contains(&who.name) {
        claim.entered_by.push(who.name.clone());
    }
}

/// Adds to what the rules give, or takes from it, with a reason.
/// `line`: which step of the calculation it is about, the first being 1; none: the whole.
pub fn adjust(
    tx: &mut Tx,
    who: &Reviewer,
    id: ClaimId,
    (amount, line): (Fen, Option<u16>),
    reason: &str,
) -> Decided {
    let mut desk = or_refused!(open(tx, who, id));
    if desk.claim.status != Status::Accepted {
        return Ok(Err(Refusal::NotNow(desk.claim.status)));
    }
    let lines = judge::sum(tx, id, &desk.claim)?.map(|sum| sum.lines.into_revealed()).unwrap_or_default();
    let named = |number: u16| usize::from(number).checked_sub(1).and_then(|at| lines.get(at)).cloned();
    let of = line.and_then(named);
    if let (Some(number), None) = (line, &of) {
        return Ok(Err(Refusal::UnknownLine(number)));
    }
    let adjustment = Adjustment { amount, line: of, reason: reason.to_owned(), by: who.name.clone() };
    match judge::adjust(tx, id, &mut desk.claim, by(who), adjustment)? {
        Ok(()) => {}
        Err(judge::NotAdjusted::BelowZero) => return Ok(Err(Refusal::BelowZero)),
        Err(judge::NotAdjusted::AboveCap(most)) => return Ok(Err(Refusal::AboveCap(most))),
    }
    entered(&mut desk.claim, who);
    notes::write(tx, id, &who.name, NoteKind::Adjusted, reason)?;
    desk.save(tx)
}

/// The steps that the claim takes, in their order.
pub fn steps(programme: &Programme, amount: Option<Fen>) -> Vec<String> {
    let mut steps: Vec<String> = programme.review_chain.iter().map(|level| level.name().to_owned()).collect();
    let over = programme.extra_approval_above.zip(amount).is_some_and(|(above, amount)| amount > above);
    if over || steps.is_empty() {
        steps.push(EXTRA.to_owned());
    }
    steps
}

/// One step of the chain agrees; the last grants what it comes to. `words`: why, where something speaks against it.
pub fn approve(tx: &mut Tx, who: &Reviewer, id: ClaimId, words: &str) -> Decided {
    let mut desk = or_refused!(open(tx, who, id));
    if !matches!(desk.claim.status, Status::Accepted | Status::Reviewed) {
        return Ok(Err(Refusal::NotNow(desk.claim.status)));
    }
    _ = judge::find_ruling(tx, &mut desk.claim)?;
    let Some(programme) = judge::ruled_by(tx, &desk.claim)? else {
        return Ok(Err(judge::estimate(tx, id, &desk.claim)?
            .err()
            .map_or(Refusal::NothingToPay, Into::into)));
    };
    let steps = steps(&programme, desk.claim.amount);
    let Some(step) = steps.get(desk.claim.approvals.len()).cloned() else {
        return Ok(Err(Refusal::NotNow(desk.claim.status)));
    };
    if let Err(refusal) = may_approve(tx, who, &desk, &step)? {
        return Ok(Err(refusal));
    }
    let was = desk.claim.amount;
    if judge::recount(tx, id, &mut desk.claim, by(who))? {
        return desk.counted_anew(tx, who, was);
    }
    // What another claim spoke against may be over by now.
    flags::raise(tx, id, &mut desk.claim)?;
    let mut against = or_refused!(is_sound(tx, &desk));
    against.retain(|(off, _)| !desk.claim.excused_for.contains(off));
    if let Some((_, refusal)) = against.first().filter(|_| words.is_empty()) {
        return Ok(Err(refusal.clone()));
    }
    desk.claim.excused_for.extend(against.into_iter().map(|(off, _)| off));
    let last = desk.claim.approvals.len() + 1 == steps.len();
    desk.claim.approvals.push(Approval { step, who: who.name.clone(), at: tx.moment().now });
    if last {
        desk.claim.excluded = None;
        sample::draw(tx, id, &mut desk.claim, programme.second_look);
    }
    let act = if last { Act::Approve } else { Act::Review };
    desk.go_noting(tx, who, act, (NoteKind::Excused, words))
}

/// Is it what somebody saw? What they approve is no other sum.
pub fn comes_to(tx: &Tx, who: &Reviewer, id: ClaimId, seen: Fen) -> Decided {
    let desk = or_refused!(open(tx, who, id));
    let now = desk.claim.amount.unwrap_or_default();
    Ok(if now == seen { Ok(()) } else { Err(Refusal::OtherSum(now)) })
}

fn may_approve(tx: &Tx, who: &Reviewer, desk: &Desk, step: &str) -> Decided {
    let claim = &desk.claim;
    let levels = &who.levels;
    let city = step == EXTRA && levels.contains(&Level::City);
    let mine = city || levels.is_empty() || levels.iter().any(|level| level.name() == step);
    Ok(if claim.entered_by.contains(&who.name) {
        Err(Refusal::OwnEntry)
    } else if claim.approvals.iter().any(|approval| approval.who == who.name) {
        Err(Refusal::ApprovedAlready)
    } else if !mine {
        Err(Refusal::NotYourStep(step.to_owned()))
    } else if let Some(first) = first_open(tx, desk.id, claim)? {
        Err(Refusal::FirstOpen(first))
    } else if let Some(held) = &claim.held {
        Err(Refusal::Held(held.clone()))
    } else {
        Ok(())
    })
}

/// There is something to pay, and the settlement says how much. What speaks against it besides: each with what an
/// approver without a reason is told.
fn is_sound(tx: &Tx, desk: &Desk) -> Result<Result<Vec<(String, Refusal)>, Refusal>, Fault> {
    let claim = &desk.claim;
    let computed = match judge::estimate(tx, desk.id, claim)? {
        Ok(computed) => computed,
        Err(no) => return Ok(Err(no.into())),
    };
    if claim.amount.is_none_or(|amount| amount.0 <= 0) {
        return Ok(Err(Refusal::NothingToPay));
    }
    let unknown = judge::unsettled(tx, claim, &computed)?;
    if !unknown.is_empty() {
        return Ok(Err(Refusal::FactsMissing(unknown)));
    }
    let mut against: Vec<(String, Refusal)> = Vec::new();
    for off in claim.flags.iter().filter_map(speaks_against) {
        against.push((off.clone(), Refusal::ReasonNeeded(off)));
    }
    let (what, refusal) = match completeness::is_whole(tx, desk.id, claim)? {
        Err(rules::Refusal::PapersMissing { slots }) => (slots.clone(), Refusal::PapersMissing(slots)),
        Err(rules::Refusal::FactsMissing { facts }) => (facts.clone(), Refusal::FactsMissing(facts)),
        _ => return Ok(Ok(against)),
    };
    against.extend(what.into_iter().map(|what| (format!("no {what}"), refusal.clone())));
    Ok(Ok(against))
}

/// What takes a reason to be approved all the same.
fn speaks_against(flag: &Flag) -> Option<String> {
    Some(match flag {
        Flag::Late { since } => format!("late since {since}"),
        Flag::TooEarly { from } => format!("too early before {from}"),
        Flag::OutOfReach { slot } => format!("the claimant can't get {slot}"),
        Flag::OtherHolder => "the account isn't the insured person's".to_owned(),
        Flag::OverlappingStay { other } => format!("the stay overlaps with that of {other}"),
        Flag::Differs { field } => format!("the claimant and the papers differ in {field}"),
        Flag::SamePaper { .. }
        | Flag::Disease { .. }
        | Flag::OnPaper
        | Flag::Sampled
        | Flag::LookedOtherwise
        // It takes a word of its own before it is paid, whoever approved it.
        | Flag::ToldAfterMove { .. }
        // Without a ruling it isn't approved at all.
        | Flag::NotCovered { .. } => return None,
    })
}

/// Back to the first step, with what is to be looked at again.
pub fn send_back(tx: &mut Tx, who: &Reviewer, id: ClaimId, words: &str) -> Decided {
    let mut desk = or_refused!(open(tx, who, id));
    sample::put_back(&mut desk.claim);
    desk.back_to_first(tx, who, (NoteKind::SentBack, words))
}

/// Takes up again what was refused or has lapsed.
pub fn reopen(tx: &mut Tx, who: &Reviewer, id: ClaimId, words: &str) -> Decided {
    let mut desk = or_refused!(open(tx, who, id));
    if rules::leads(desk.claim.status, Act::Reopen).is_none() {
        return Ok(Err(Refusal::NotNow(desk.claim.status)));
    }
    desk.claim.forget_approvals();
    let mut why = Why::none(by(who));
    if desk.claim.status == Status::Expired {
        let moves = moves::of(tx, id)?;
        let asked = moves.into_iter().rev().find(|(_, row)| !row.asked.is_empty());
        why.asked = asked.map(|(_, row)| row.asked).unwrap_or_default();
        desk.claim.round += 1;
    }
    draft::take_papers(tx, id, &mut desk.claim)?;
    judge::recount(tx, id, &mut desk.claim, by(who))?;
    flags::raise(tx, id, &mut desk.claim)?;
    notes::write(tx, id, &who.name, NoteKind::Reopened, words)?;
    desk.go(tx, Act::Reopen, why)
}

/// What was asked for came by another way, such as the telephone: staff have entered it.
pub fn supply(tx: &mut Tx, who: &Reviewer, id: ClaimId, words: &str) -> Decided {
    let mut desk = or_refused!(open(tx, who, id));
    desk.go_noting(tx, who, Act::Supply, (NoteKind::Supplied, words))
}
