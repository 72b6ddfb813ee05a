//! What a claimant does with a claim: begins it, tells the facts, sends papers, hands it in, and what may follow.

use super::moves::{self, DRAFT_WARNED, Why};
use super::news::{self, News};
use super::notes::{self, NoteKind};
use super::record::*;
use super::rules::{Act, Refusal, leads};
use super::{account, completeness, flags, instant, invoice_code, judge, pages, papers, queue, sample};
use crate::domain::contact::record::FollowerId;
use crate::domain::counters::next_number;
use crate::domain::media::commands::{self as media, Seen};
use crate::domain::member::binding::member_of;
use crate::domain::member::parted::has_moved_away;
use crate::domain::member::record::MemberId;
use crate::domain::scheme::rules::EventKind;
use crate::domain::timers::{self, Timer};
use crate::moment::Time;
use crate::store::{Fault, Sealed, Tx};

/// Claims of one member that are neither settled nor closed.
pub const OPEN_MAX: u16 = 20;
const LOOKED_AT: usize = 100;

/// A claim as it was read, to be changed and written.
pub struct Own {
    pub id: ClaimId,
    pub before: Claim,
}

/// The member's claim; one of somebody else is as good as none. A draft goes by the rules that it would be handed in by
/// today: lists and rules may have come since it was told of.
pub fn own(tx: &Tx, who: &FollowerId, id: ClaimId) -> Result<Result<Own, Refusal>, Fault> {
    let Some((member, _)) = member_of(tx, who)? else { return no_member(tx, who).map(Err) };
    let Some(mut before) = queue::get(tx, id)?.filter(|claim| claim.claimant == member) else {
        return Ok(Err(Refusal::UnknownClaim));
    };
    if before.status == Status::Draft {
        before.ruling = judge::ruling(tx, &before)?.unwrap_or_default();
    }
    Ok(Ok(Own { id, before }))
}

/// Why this account claims nothing.
pub fn no_member(tx: &Tx, who: &FollowerId) -> Result<Refusal, Fault> {
    Ok(if has_moved_away(tx, who)? { Refusal::MovedAway } else { Refusal::NotMember })
}

/// The draft that the member has, if there is one.
pub fn of(tx: &Tx, member: MemberId) -> Result<Option<(ClaimId, Claim)>, Fault> {
    let all = queue::of_member(tx, member, LOOKED_AT)?;
    Ok(all.into_iter().find(|(_, claim)| claim.status == Status::Draft))
}

/// Begins a claim.
pub fn begin(tx: &mut Tx, who: &FollowerId, kind: EventKind) -> Result<Result<ClaimId, Refusal>, Fault> {
    let Some((claimant, _)) = member_of(tx, who)? else { return no_member(tx, who).map(Err) };
    let open = |claim: &Claim| claim.status.waits_for_staff() || claim.status.waits_for_claimant();
    let all = queue::of_member(tx, claimant, LOOKED_AT)?;
    if all.iter().filter(|(_, claim)| open(claim)).count() >= usize::from(OPEN_MAX) {
        return Ok(Err(Refusal::TooManyOpen { max: OPEN_MAX }));
    }
    let id = ClaimId(next_number(tx, "claims")?);
    let now = tx.moment().now;
    let claim = Claim::draft(claimant, kind, now);
    queue::save(tx, id, None, &claim)?;
    timers::set(tx, now.plus(DRAFT_WARNED), Timer::ClaimDraft { claim: id })?;
    Ok(Ok(id))
}

/// May the claimant change what they told? A draft's, a claim's of which more was asked, and one's that was handed in and
/// that nobody of the staff has looked at.
pub fn may_tell(claim: &Claim) -> bool {
    let untouched = claim.assignee.is_none() && claim.entered_by.is_empty() && claim.appeals == 0;
    claim.status.takes_papers() || claim.status == Status::Submitted && untouched
}

/// Changes what the claimant told.
pub fn tell(tx: &mut Tx, own: &Own, edit: impl Fn(&mut Details)) -> Result<Result<Claim, Refusal>, Fault> {
    match own.before.status {
        _ if !may_tell(&own.before) => Ok(Err(Refusal::NotNow { status: own.before.status })),
        Status::Submitted => correct(tx, own, edit),
        _ => told(tx, own, edit, own.before.account_told).map(Ok),
    }
}

/// Of a claim that was handed in: its rules, papers and sum are looked at anew, and staff see that it changed. Where
/// other facts ask for another paper, it is asked for.
fn correct(tx: &mut Tx, own: &Own, edit: impl Fn(&mut Details)) -> Result<Result<Claim, Refusal>, Fault> {
    let (id, mut claim) = (own.id, edited(own, edit));
    let ruled = judge::settle_ruling(tx, &mut claim)?;
    // What was handed in without a cover stays so; no slip takes one away.
    if let (Err(refusal), Some(_)) = (ruled, &own.before.ruling) {
        return Ok(Err(refusal));
    }
    claim.changed = tx.moment().now;
    take_papers(tx, id, &mut claim)?;
    _ = judge::count(tx, id, &mut claim, By::Claimant)?;
    flags::raise(tx, id, &mut claim)?;
    let what = changed(own.before.details.reveal(), claim.details.reveal()).join(", ");
    notes::write(tx, id, CLAIMANT, NoteKind::Corrected, &what)?;
    if let Err(Refusal::PapersMissing { slots }) = is_complete(tx, id, &claim, &By::Claimant)? {
        let missing = |slot| Asked { slot, reason: "missing".to_owned() };
        let asked = slots.into_iter().map(missing).collect();
        let why = Why { asked, ..Why::none(By::Claimant) };
        let moved = moves::go(tx, id, &own.before, &mut claim, Act::Ask, why)?;
        return Ok(moved.map(|()| claim));
    }
    queue::save(tx, id, Some(&own.before), &claim)?;
    instant::settle(tx, id)?;
    Ok(Ok(claim))
}

/// By whom notes of the claimant's are.
const CLAIMANT: &str = "claimant";
/// More messages on one claim are for a person to hear.
const SAID_MAX: usize = 20;

/// Names of what is told otherwise.
fn changed(before: &Details, after: &Details) -> Vec<&'static str> {
    let (b, a) = (&before.facts, &after.facts);
    let all = [
        ("hospital", b.hospital != a.hospital),
        ("admitted", b.admitted != a.admitted),
        ("discharged", b.discharged != a.discharged),
        ("diagnosed", b.diagnosed != a.diagnosed),
        ("happened", b.happened != a.happened),
        ("diagnosis", before.diagnosis != after.diagnosis),
        ("disease", b.disease != a.disease),
        ("operated", b.operated != a.operated),
        ("has_unit", b.no_unit != a.no_unit),
        ("out_of_town", b.out_of_town != a.out_of_town),
        ("insured", b.insurance != a.insurance),
        ("cause", b.of_illness != a.of_illness),
        ("stay", b.no_stay != a.no_stay),
        ("grade", b.grade != a.grade),
        ("invoices", before.invoices != after.invoices),
    ];
    all.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

/// May the claimant leave words for the staff? Of what was handed in, until it is over.
pub fn may_say(claim: &Claim) -> bool {
    claim.status.waits_for_staff() || matches!(claim.status, Status::NeedsMore | Status::PayFailed)
}

/// Words for the staff, such as why it is late.
pub fn say(tx: &mut Tx, own: &Own, words: &str) -> Result<Result<(), Refusal>, Fault> {
    let said = notes::of(tx, own.id)?.iter().filter(|note| note.kind == NoteKind::Said).count();
    if !may_say(&own.before) || said >= SAID_MAX {
        return Ok(Err(Refusal::NotNow { status: own.before.status }));
    }
    notes::write(tx, own.id, CLAIMANT, NoteKind::Said, words).map(Ok)
}

/// Where the money goes, also if it is the same account once more: the bank may have been wrong. All that is told of a
/// claim once its sum is granted.
pub fn tell_account(tx: &mut Tx, own: &Own, account: &BankAccount) -> Result<Result<Claim, Refusal>, Fault> {
    if !own.before.status.waits_for_claimant() && !may_tell(&own.before) {
        return Ok(Err(Refusal::NotNow { status: own.before.status }));
    }
    let now = tx.moment().now;
    if own.before.status == Status::Submitted {
        notes::write(tx, own.id, CLAIMANT, NoteKind::Corrected, "account")?;
    }
    let claim = told(tx, own, |details| details.account = Some(account.clone()), Some(now))?;
    // Somebody else's account may have been all that it needed people for.
    instant::settle(tx, own.id)?;
    Ok(Ok(claim))
}

fn told(
    tx: &mut Tx,
    own: &Own,
    edit: impl Fn(&mut Details),
    account_told: Option<Time>,
) -> Result<Claim, Fault> {
    let mut claim = edited(own, edit);
    if claim.account_told != account_told {
        // Another than staff entered or agreed to.
        (claim.account_entered_by, claim.account_confirmed_by) = (None, None);
    }
    (claim.changed, claim.account_told) = (tx.moment().now, account_told);
    flags::look_at_holder(tx, &mut claim)?;
    if claim.details.reveal().account != own.before.details.reveal().account {
        account::look_at_move(tx, &mut claim)?;
    }
    if claim.status.takes_papers() {
        // Why no rules decide is said when it is handed in.
        _ = judge::settle_ruling(tx, &mut claim)?;
    }
    queue::save(tx, own.id, Some(&own.before), &claim)?;
    Ok(claim)
}

/// The claim with what is told now.
fn edited(own: &Own, edit: impl Fn(&mut Details)) -> Claim {
    let mut claim = own.before.clone();
    let mut details = claim.details.reveal().clone();
    edit(&mut details);
    (details.facts.kind, details.facts.relative) = (claim.kind, details.relative.is_some());
    // What staff read from the papers, and the claimant tells otherwise, is looked at again.
    for field in judge::differing(own.before.details.reveal(), &details) {
        if claim.entered.iter().any(|entered| entered == field) {
            claim.agreed = false;
            claim.differs(field);
        }
    }
    if details.invoices.iter().any(|invoice| invoice.corrects.is_some()) {
        claim.differs("invoice");
    }
    claim.details = Sealed::new(details);
    claim
}

/// Hands in a draft, or what was asked for. Everything that is missing is said at once; and that no cover is known,
/// before it is handed in so.
pub fn submit(tx: &mut Tx, own: &Own) -> Result<Result<Claim, Refusal>, Fault> {
    // Who was told so once isn't asked again.
    let knows = own.before.flags.iter().any(|flag| matches!(flag, Flag::NotCovered { .. }));
    hand_in(tx, own.id, &own.before, (By::Claimant, knows))
}

/// The same of a claim for which no cover is known: staff decide, in writing, and it can be appealed against. `why`: why
/// the claimant thinks that there is one, or nothing.
pub fn submit_uncovered(tx: &mut Tx, own: &Own, why: &str) -> Result<Result<Claim, Refusal>, Fault> {
    let mut before = own.before.clone();
    if !why.is_empty() {
        let mut details = before.details.into_revealed();
        details.remark = why.to_owned();
        before.details = Sealed::new(details);
    }
    hand_in(tx, own.id, &before, (By::Claimant, true))
}

/// What was asked for is there, and nobody said so: it is handed in all the same. False if it isn't there, or nothing
/// was sent.
pub(super) fn goes_on(tx: &mut Tx, id: ClaimId, before: &Claim) -> Result<bool, Fault> {
    let pages = pages::of(tx, id)?;
    let sent = pages.iter().any(|(slot, ..)| completeness::has_fresh(before, slot, &pages))
        || !before.details.reveal().out_of_reach.is_empty();
    Ok(sent && hand_in(tx, id, before, (By::Rule, true))?.is_ok())
}

/// `uncovered`: also if no cover is known.
fn hand_in(
    tx: &mut Tx,
    id: ClaimId,
    before: &Claim,
    (by, uncovered): (By, bool),
) -> Result<Result<Claim, Refusal>, Fault> {
    let act = match before.status {
        Status::Draft => Act::Submit,
        Status::NeedsMore => Act::Supply,
        status => return Ok(Err(Refusal::NotNow { status })),
    };
    let mut claim = before.clone();
    let ruled = judge::settle_ruling(tx, &mut claim)?;
    let decided_by_people = uncovered && matches!(ruled, Err(Refusal::NotCovered(_)));
    if let Err(refusal) = ruled
        && !decided_by_people
    {
        return Ok(Err(refusal));
    }
    // By the rules by which it was told what is missing; what a list that came since asks for besides is for staff.
    if let Err(refusal) = is_complete(tx, id, before, &by)? {
        return Ok(Err(refusal));
    }
    flag_out_of_reach(tx, id, &mut claim)?;
    take_papers(tx, id, &mut claim)?;
    // What can't be counted yet is for staff: they enter what the papers say.
    _ = judge::count(tx, id, &mut claim, By::Rule)?;
    flags::raise(tx, id, &mut claim)?;
    if let Err(refusal) = moves::go(tx, id, before, &mut claim, act, Why::none(by))? {
        return Ok(Err(refusal));
    }
    instant::settle(tx, id)?;
    Ok(Ok(queue::get(tx, id)?.unwrap_or(claim)))
}

/// Everything is there, and what staff asked for is answered: by a page, or by why there can be none. The clock looks only
/// for what was asked: who sent that loses nothing.
fn is_complete(tx: &Tx, id: ClaimId, claim: &Claim, by: &By) -> Result<Result<(), Refusal>, Fault> {
    let whole = if *by == By::Rule { Ok(()) } else { completeness::is_whole(tx, id, claim)? };
    let mut slots = match whole {
        Ok(()) => Vec::new(),
        Err(Refusal::PapersMissing { slots }) => slots,
        no => return Ok(no),
    };
    slots.retain(|slot| !completeness::is_out_of_reach(claim, slot));
    for slot in completeness::unanswered(tx, id, claim)? {
        if !slots.contains(&slot) {
            slots.push(slot);
        }
    }
    Ok(if slots.is_empty() { Ok(()) } else { Err(Refusal::PapersMissing { slots }) })
}

/// A claim without a paper is for staff to decide. A paper that came after all is there.
fn flag_out_of_reach(tx: &Tx, id: ClaimId, claim: &mut Claim) -> Result<(), Fault> {
    let pages = pages::of(tx, id)?;
    let mut details = claim.details.reveal().clone();
    details.out_of_reach.retain(|known| !completeness::has_fresh(claim, &known.slot, &pages));
    claim.flags.retain(|flag| !matches!(flag, Flag::OutOfReach { .. }));
    let slots = details.out_of_reach.iter().map(|known| known.slot.clone());
    claim.flags.extend(slots.map(|slot| Flag::OutOfReach { slot }));
    claim.details = Sealed::new(details);
    Ok(())
}

/// Says why a paper that staff asked for can't be had; it is decided without it, or asked for again.
pub fn out_of_reach(tx: &mut Tx, own: &Own, slot: &str, why: &str) -> Result<Result<Claim, Refusal>, Fault> {
    if !moves::asked(tx, own.id, &own.before)?.0.iter().any(|asked| asked.slot == slot) {
        return Ok(Err(Refusal::NotNow { status: own.before.status }));
    }
    tell(tx, own, |details| {
        details.out_of_reach.retain(|known| known.slot != slot);
        details.out_of_reach.push(OutOfReach { slot: slot.to_owned(), why: why.to_owned() });
    })
}

/// Notes the invoices, the stay and the pictures as this claim's, as far as it has them still. What another claim had
/// before keeps this one back, until staff have looked; which claim that is only they see (`domain.md` 1.9).
pub(super) fn take_papers(tx: &mut Tx, id: ClaimId, claim: &mut Claim) -> Result<(), Fault> {
    let details = claim.details.reveal().clone();
    let pictures = pages::of_one_event(tx, id, claim)?;
    let mut taken: Vec<_> = pictures.into_iter().map(|key| (Paper::Picture, key)).collect();
    // Of one that was typed without its number nothing can be found.
    for invoice in details.invoices.iter().filter(|invoice| !invoice.number.is_empty()) {
        for key in papers::invoice(tx, &invoice.code, &invoice.number)? {
            taken.push((Paper::Invoice, key));
        }
    }
    if let (EventKind::Inpatient, Some(admitted)) = (claim.kind, details.facts.admitted)
        && let Some(identity) = judge::insured(tx, claim)?
    {
        taken.push((Paper::Stay, papers::stay(tx, &identity, &details.facts.hospital, admitted)?));
    }
    let held = matches!(claim.status, Status::Submitted | Status::NeedsMore | Status::Accepted);
    papers::take(tx, id, &taken, !held)?;
    look_at_papers(tx, id, claim)
}

/// What a claim is marked with that has another's paper.
const DUPLICATE: &str = "duplicate";

/// Flags the claims that had one of its papers before, as they are now, and keeps it back while there are any.
pub(super) fn look_at_papers(tx: &Tx, id: ClaimId, claim: &mut Claim) -> Result<(), Fault> {
    let before = papers::taken_before(tx, id, claim)?;
    claim.flags.retain(|flag| !matches!(flag, Flag::SamePaper { .. }));
    claim.flags.extend(before.iter().map(|(what, other)| Flag::SamePaper { what: *what, other: *other }));
    if !before.is_empty() {
        claim.held.get_or_insert_with(|| DUPLICATE.to_owned());
    } else if claim.held.as_deref() == Some(DUPLICATE) {
        claim.held = None;
    }
    Ok(())
}

/// Takes it back: possible until it is decided.
pub fn withdraw(tx: &mut Tx, own: &Own) -> Result<Result<(), Refusal>, Fault> {
    let act = if own.before.status == Status::Draft { Act::Drop } else { Act::Withdraw };
    let mut claim = own.before.clone();
    if act == Act::Drop {
        // As when time drops it: nothing of it was handed in.
        claim.details = Sealed::default();
    }
    moves::go(tx, own.id, &own.before, &mut claim, act, Why::none(By::Claimant))
}

/// Once, and within the programme's time.
pub fn may_appeal(tx: &Tx, claim: &Claim) -> Result<Result<(), Refusal>, Fault> {
    let status = claim.status;
    // Of what was paid only that its papers were found false.
    if leads(status, Act::Appeal).is_none() || status == Status::Paid && claim.exclusion().is_none() {
        return Ok(Err(Refusal::NotNow { status }));
    }
    if claim.appeals > 0 {
        return Ok(Err(Refusal::AppealedAlready));
    }
    let until = judge::appeal_ends(tx, claim)?;
    Ok(if tx.moment().now > until { Err(Refusal::AppealOver { until }) } else { Ok(()) })
}

/// 申诉: another member of staff looks at it.
pub fn appeal(tx: &mut Tx, own: &Own, words: &str) -> Result<Result<(), Refusal>, Fault> {
    if let Err(refusal) = may_appeal(tx, &own.before)? {
        return Ok(Err(refusal));
    }
    let mut claim = own.before.clone();
    claim.appeals += 1;
    claim.assignee = None;
    if claim.status == Status::Paid {
        sample::list(&mut claim);
    } else {
        claim.forget_approvals();
        // What it freed when it was refused may be another claim's by now, and other claims may have been granted.
        take_papers(tx, own.id, &mut claim)?;
        judge::recount(tx, own.id, &mut claim, By::Claimant)?;
        flags::raise(tx, own.id, &mut claim)?;
    }
    moves::go(tx, own.id, &own.before, &mut claim, Act::Appeal, Why::because(By::Claimant, "", words))
}

/// What a QR code of a digital medical invoice (医疗电子票据) says: noted as the claim's, to be confirmed. A code
/// that says something else is none of ours.
pub fn read_invoice(tx: &mut Tx, id: ClaimId, code: &str) -> Result<(), Fault> {
    let Some(invoice) = invoice_code::parse(code) else { return Ok(()) };
    let Some(before) = queue::get(tx, id)? else { return Ok(()) };
    let known = |known: &Invoice| known.says(&invoice);
    if !before.status.takes_papers() || before.details.reveal().invoices.iter().any(known) {
        return Ok(());
    }
    let mut claim = before.clone();
    let mut details = claim.details.into_revealed();
    details.invoices.push(invoice);
    claim.details = Sealed::new(details);
    claim.changed = tx.moment().now;
    queue::save(tx, id, Some(&before), &claim)?;
    news::tell(tx, claim.claimant, News::InvoiceRead { claim: id })
}

/// What the invoices that are still there say: after a page was taken out, what only it said is the claim's no more.
pub fn read_again(tx: &mut Tx, id: ClaimId) -> Result<(), Fault> {
    let Some(before) = queue::get(tx, id)?.filter(|claim| claim.status.takes_papers()) else {
        return Ok(());
    };
    let known = before.details.reveal().invoices.clone();
    let mut invoices: Vec<Invoice> = known.iter().filter(|invoice| !invoice.read).cloned().collect();
    // A page that is asked for again says nothing, as when it came.
    let says = |page: &Page| !matches!(page.state, PageState::Unclear { .. } | PageState::Repeated);
    let pages = pages::of(tx, id)?.into_iter();
    for (_, _, page) in pages.filter(|(slot, _, page)| slot == pages::INVOICE && says(page)) {
        let Some(Seen::Kept { look, .. }) = media::seen(tx, page.picture)? else { continue };
        let Some(read) = look.code.and_then(|code| invoice_code::parse(code.reveal())) else { continue };
        let same = |other: &&Invoice| other.says(&read);
        if invoices.iter().all(|other| !same(&other)) {
            invoices.push(known.iter().find(same).cloned().unwrap_or(read));
        }
    }
    if invoices == known {
        return Ok(());
    }
    let mut claim = before.clone();
    let mut details = claim.details.into_revealed();
    (details.invoices, details.facts.total) = (invoices, None);
    claim.details = Sealed::new(details);
    claim.changed = tx.moment().now;
    queue::save(tx, id, Some(&before), &claim)
}
