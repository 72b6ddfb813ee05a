use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::domain::calendar::{self, Calendar};
use crate::domain::claim::astray::Astray;
use crate::domain::claim::record::*;
use crate::domain::claim::{judge, moves, notes, queue, review, slots};
use crate::domain::member::list::named;
use crate::domain::scheme::record::Fen;
use crate::domain::scheme::rules::Line;
use crate::domain::tables::MEMBERS;
use crate::moment::{Time, rfc3339};
use crate::privacy::{mask_card, mask_name, mask_numbers};
use crate::store::{Fault, Tx};

/// A claim in a list, masked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimBrief {
    pub id: String,
    pub status: String,
    #[serde(with = "rfc3339")]
    pub since: Time,
    pub kind: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub programme: String,
    pub member: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub district: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Fen>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub due: Option<Time>,
    /// The last day is over, and it isn't paid or refused.
    #[serde(default)]
    pub overdue: bool,
    /// The same, and few working days are left.
    #[serde(default)]
    pub due_soon: bool,
    #[serde(default)]
    pub held: bool,
    #[serde(default)]
    pub instant: bool,
    /// Drawn for a second look that nobody has had yet, or that didn't agree.
    #[serde(default)]
    pub sampled: bool,
    /// A bank paid what doesn't settle it as it stands.
    #[serde(default)]
    pub astray: bool,
    pub flags: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimList {
    pub claims: Vec<ClaimBrief>,
    /// For `after`, if there is more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A claim, masked: where it stands, what was done, what is missing, how it was counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimView {
    #[serde(flatten)]
    pub brief: ClaimBrief,
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub submitted: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<String>,
    pub account: Option<String>,
    /// Whose it is: `insured` or `other`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    pub for_relative: bool,
    pub appeals: u8,
    pub flags: Vec<FlagView>,
    pub papers: Vec<PaperView>,
    /// How it was last counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<SumView>,
    /// The steps of approval that it takes, in their order.
    pub steps: Vec<StepView>,
    pub entered_by: Vec<String>,
    pub timeline: Vec<EventView>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<u64>,
    /// What a bank paid that doesn't settle it as it stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payments_astray: Vec<AstrayView>,
    /// What came back of what was paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovered: Option<Fen>,
    /// What one person asks for and another has yet to agree to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed: Option<ProposalView>,
    /// The last day for which the person is excluded by this claim's false papers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded_until: Option<Date>,
    /// That was found after the payment, and the claimant appealed: `decide_appeal`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub contested: bool,
    /// What was told and sent for it was erased: its time was over, or its person left.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub erased: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AstrayView {
    pub batch: u64,
    pub amount: Fen,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalView {
    /// `recovery` or `write_off`.
    pub what: String,
    pub amount: Fen,
    pub by: String,
    /// The person is to be excluded for false papers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub excludes: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlagView {
    pub flag: String,
    /// Another claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperView {
    pub slot: String,
    pub title: String,
    pub optional: bool,
    pub pages: Vec<PageView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageView {
    pub page: u16,
    pub state: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SumView {
    #[serde(with = "rfc3339")]
    pub at: Time,
    pub by: String,
    pub lines: Vec<LineView>,
    pub adjustments: Vec<AdjustmentView>,
    pub total: Fen,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineView {
    pub benefit: String,
    pub what: String,
    pub rule: String,
    pub base: Fen,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u16>,
    pub amount: Fen,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdjustmentView {
    pub amount: Fen,
    /// The step that it is about, as it was then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<LineView>,
    pub reason: String,
    pub by: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepView {
    pub step: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventView {
    #[serde(with = "rfc3339")]
    pub at: Time,
    pub by: String,
    /// The status that it came to, or what staff noted.
    pub what: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<super::AskedForm>,
}

/// What a claim tells of the person.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimFull {
    pub id: String,
    pub member: String,
    pub name: String,
    pub identity: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    pub union: String,
    pub district: String,
    pub details: Details,
    /// With the claimant's own words.
    pub timeline: Vec<EventView>,
}

pub fn brief(tx: &Tx, id: ClaimId, claim: &Claim, calendar: &Calendar) -> Result<ClaimBrief, Fault> {
    let member = tx.get(&MEMBERS, &claim.claimant)?;
    let name = match &member {
        Some(member) => named(tx, member)?.map(|named| mask_name(&named.name)).unwrap_or_default(),
        None => String::new(),
    };
    let now = tx.moment().now;
    let pressing = queue::is_pressing(claim, now, calendar);
    let over = claim.clock.due.is_some_and(|due| due < now);
    Ok(ClaimBrief {
        id: id.to_string(),
        status: claim.status.name().to_owned(),
        since: claim.since,
        kind: claim.kind.name().to_owned(),
        programme: claim.ruling.as_ref().map(|ruling| ruling.programme.clone()).unwrap_or_default(),
        member: claim.claimant.to_string(),
        name,
        district: member.map(|member| member.district).unwrap_or_default(),
        amount: claim.amount,
        assignee: claim.assignee.clone(),
        due: claim.clock.due,
        overdue: pressing && over,
        due_soon: pressing && !over,
        held: claim.held.is_some(),
        instant: claim.instant,
        sampled: claim.sampled,
        astray: !claim.astray.is_empty(),
        flags: claim.flags.len(),
    })
}

pub fn shown(tx: &Tx, id: ClaimId, claim: &Claim) -> Result<ClaimView, Fault> {
    let details = claim.details.reveal();
    let programme = judge::ruled_by(tx, claim)?;
    let steps = programme.map(|programme| review::steps(&programme, claim.amount)).unwrap_or_default();
    let approved = |(at, step): (usize, String)| {
        let approval = claim.approvals.get(at);
        StepView { step, who: approval.map(|row| row.who.clone()), at: approval.map(|row| row.at) }
    };
    let papers = slots::papers(tx, id, claim)?;
    let rules = claim.ruling.as_ref();
    Ok(ClaimView {
        brief: brief(tx, id, claim, &calendar::of(tx)?)?,
        submitted: claim.submitted,
        rules: rules.map(|r| format!("{} {} {} {}", r.scheme, r.version, r.programme, r.year)),
        account: details.account.as_ref().map(|a| format!("{} {}", a.bank, mask_card(&a.number))),
        holder: details.account.as_ref().map(|_| holder(claim).to_owned()),
        for_relative: details.relative.is_some(),
        appeals: claim.appeals,
        flags: claim.flags.iter().map(flag).collect(),
        papers: papers.into_iter().map(|(slot, pages)| paper(slot, pages)).collect(),
        sum: judge::sum(tx, id, claim)?.map(sum),
        steps: steps.into_iter().enumerate().map(approved).collect(),
        entered_by: claim.entered_by.clone(),
        timeline: timeline(tx, id, false)?,
        batch: claim.batch,
        payments_astray: claim.astray.iter().map(astray).collect(),
        recovered: Some(claim.recovered).filter(|recovered| *recovered > Fen::ZERO),
        proposed: claim.proposed.as_ref().map(proposal),
        excluded_until: claim.exclusion().map(|found| found.until),
        contested: claim.is_contested(),
        erased: claim.erased,
    })
}

fn astray(one: &Astray) -> AstrayView {
    AstrayView { batch: one.batch, amount: one.amount }
}

fn proposal(proposal: &Proposal) -> ProposalView {
    let (what, by) = (proposal.what.name().to_owned(), proposal.by.clone());
    ProposalView { what, amount: proposal.amount, by, excludes: proposal.excludes }
}

fn holder(claim: &Claim) -> &'static str {
    if claim.flags.contains(&Flag::OtherHolder) { "other" } else { "insured" }
}

/// Moves and notes together, oldest first. What the claimant wrote (an appeal names illnesses) is for who looks in full, and
/// so is what a bank wrote of an account.
fn timeline(tx: &Tx, id: ClaimId, in_full: bool) -> Result<Vec<EventView>, Fault> {
    let mut events: Vec<EventView> = Vec::new();
    for (_, row) in moves::of(tx, id)? {
        let asked = |asked: Asked| super::AskedForm { slot: asked.slot, reason: asked.reason };
        events.push(EventView {
            at: row.at,
            words: match (in_full, row.by == By::Claimant, row.to) {
                (true, ..) => row.words.into_revealed(),
                (false, true, _) => String::new(),
                (false, false, Status::PayFailed) => mask_numbers(row.words.reveal()),
                (false, false, _) => row.words.into_revealed(),
            },
            by: who(&row.by),
            what: row.to.name().to_owned(),
            reason: row.reason,
            asked: row.asked.into_iter().map(asked).collect(),
        });
    }
    for note in notes::of(tx, id)? {
        events.push(EventView {
            at: note.at,
            by: note.by,
            what: note.kind.name().to_owned(),
            reason: String::new(),
            words: if in_full || note.kind != notes::NoteKind::Said {
                note.words.into_revealed()
            } else {
                String::new()
            },
            asked: Vec::new(),
        });
    }
    events.sort_by_key(|event| event.at);
    Ok(events)
}

pub fn full(tx: &Tx, id: ClaimId, claim: &Claim) -> Result<ClaimFull, Fault> {
    let member = tx.get(&MEMBERS, &claim.claimant)?;
    let person = match &member {
        Some(member) => named(tx, member)?,
        None => None,
    };
    let (name, identity, phone) =
        person.map(|person| (person.name, person.identity, person.phone)).unwrap_or_default();
    let (union, district) = member.map(|member| (member.union, member.district)).unwrap_or_default();
    Ok(ClaimFull {
        id: id.to_string(),
        member: claim.claimant.to_string(),
        name,
        identity,
        phone,
        union,
        district,
        details: claim.details.reveal().clone(),
        timeline: timeline(tx, id, true)?,
    })
}

fn who(by: &By) -> String {
    match by {
        By::Claimant => "claimant".to_owned(),
        By::Staff(name) => name.clone(),
        By::Rule => "rule".to_owned(),
    }
}

fn flag(flag: &Flag) -> FlagView {
    let (name, claim, detail) = match flag {
        Flag::Late { since } => ("late", None, since.to_string()),
        Flag::TooEarly { from } => ("too_early", None, from.to_string()),
        Flag::SamePaper { what, other } => {
            let what = match what {
                Paper::Invoice => "invoice",
                Paper::Stay => "stay",
                Paper::Picture => "picture",
            };
            ("same_paper", Some(*other), what.to_owned())
        }
        Flag::OverlappingStay { other } => ("overlapping_stay", Some(*other), String::new()),
        Flag::Differs { field } => ("differs", None, field.clone()),
        Flag::Disease { programme, .. } => ("other_programme", None, programme.clone()),
        Flag::OtherHolder => ("other_holder", None, String::new()),
        Flag::ToldAfterMove { moved } => ("told_after_move", None, moved.to_string()),
        Flag::OnPaper => ("on_paper", None, String::new()),
        Flag::Sampled => ("sampled", None, String::new()),
        Flag::LookedOtherwise => ("looked_otherwise", None, String::new()),
        Flag::OutOfReach { slot } => ("out_of_reach", None, slot.clone()),
        Flag::NotCovered { why } => ("not_covered", None, why.clone()),
    };
    FlagView { flag: name.to_owned(), claim: claim.map(|claim| claim.to_string()), detail }
}

fn paper(slot: slots::PaperSlot, pages: Vec<(String, u16, Page)>) -> PaperView {
    let pages = pages.into_iter().map(|(_, page, row)| {
        let (state, reason) = match row.state {
            PageState::Coming => ("coming", String::new()),
            PageState::Kept => ("kept", String::new()),
            PageState::Lost => ("lost", String::new()),
            PageState::Unclear { why } => ("unclear", format!("{why:?}")),
            PageState::Repeated => ("repeated", String::new()),
            PageState::Accepted { .. } => ("accepted", String::new()),
            PageState::Refused { reason, .. } => ("refused", reason),
        };
        PageView { page, state: state.to_owned(), reason }
    });
    PaperView { slot: slot.slot, title: slot.title, optional: slot.optional, pages: pages.collect() }
}

fn line(line: Line) -> LineView {
    LineView {
        benefit: line.benefit,
        what: line.what.name().to_owned(),
        rule: line.rule,
        base: line.base,
        rate: line.rate.map(|rate| rate.to_string()),
        count: line.count,
        amount: line.amount,
    }
}

fn sum(sum: Sum) -> SumView {
    let adjustment = |adjustment: Adjustment| AdjustmentView {
        amount: adjustment.amount,
        line: adjustment.line.map(line),
        reason: adjustment.reason,
        by: adjustment.by,
    };
    SumView {
        at: sum.at,
        by: who(&sum.by),
        lines: sum.lines.into_revealed().into_iter().map(line).collect(),
        adjustments: sum.adjustments.into_revealed().into_iter().map(adjustment).collect(),
        total: sum.total,
    }
}
