use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::astray::Astray;
use crate::domain::fund::record::Book;
use crate::domain::media::record::Flaw;
use crate::domain::member::record::MemberId;
use crate::domain::number::written_number;
use crate::domain::scheme::record::Fen;
use crate::domain::scheme::rules::{EventKind, Facts};
use crate::domain::status::named_status;
use crate::moment::Time;
use crate::store::Sealed;

pub use super::counted::{Adjustment, Sum};
pub use super::exclusion::Exclusion;

written_number! {
    /// A claim's number, as people write it: `L000123`.
    ClaimId(u64), 'L', 6 digits
}

/// Where a claim stands. Stored, so a variant is never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Status {
    /// 草稿
    Draft,
    /// 已提交,待受理
    Submitted,
    /// 待补正
    NeedsMore,
    /// 不予受理
    NotAccepted,
    /// 已受理
    Accepted,
    /// 初审通过: approved by some of the chain.
    Reviewed,
    /// 已核准: by all of the chain; waits for a batch.
    Approved,
    /// 拨付中
    Paying,
    /// 退票,请核对账号
    PayFailed,
    /// 已到账
    Paid,
    /// 已追回: paid, and claimed back by an entry of its own.
    Reversed,
    /// 不予给付
    Rejected,
    /// 已撤回
    Withdrawn,
    /// 逾期关闭
    Expired,
    /// 无法拨付: granted, and nobody could be paid.
    WrittenOff,
}

named_status! {
    Status {
        Draft = "draft",
        Submitted = "submitted",
        NeedsMore = "needs_more",
        NotAccepted = "not_accepted",
        Accepted = "accepted",
        Reviewed = "reviewed",
        Approved = "approved",
        Paying = "paying",
        PayFailed = "pay_failed",
        Paid = "paid",
        Reversed = "reversed",
        Rejected = "rejected",
        Withdrawn = "withdrawn",
        Expired = "expired",
        WrittenOff = "written_off",
    }
}

impl Status {
    /// Does the claim still hold its papers, so that a second claim with them has to wait?
    pub fn holds_papers(self) -> bool {
        !matches!(
            self,
            Status::NotAccepted
                | Status::Rejected
                | Status::Withdrawn
                | Status::Expired
                | Status::Reversed
                | Status::WrittenOff
        )
    }

    /// Is its sum owed or paid, so that it counts for the person's other claims?
    pub fn is_granted(self) -> bool {
        matches!(self, Status::Approved | Status::Paying | Status::PayFailed | Status::Paid)
    }

    /// Must the claimant act? The clock stands still meanwhile.
    pub fn waits_for_claimant(self) -> bool {
        matches!(self, Status::Draft | Status::NeedsMore | Status::PayFailed)
    }

    /// May the claimant tell facts and send papers? What was granted stays as it was granted.
    pub fn takes_papers(self) -> bool {
        matches!(self, Status::Draft | Status::NeedsMore)
    }

    /// Is somebody of the staff expected to move it?
    pub fn waits_for_staff(self) -> bool {
        matches!(self, Status::Submitted | Status::Accepted | Status::Reviewed | Status::Approved)
    }

    /// Does the promised time run? Until the money is there, whoever's turn it is.
    pub fn is_timed(self) -> bool {
        self.waits_for_staff() || self == Status::Paying
    }
}

/// Whose rules decide: fixed when the event is known, whatever is adopted later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    pub scheme: String,
    pub version: u32,
    pub programme: String,
    /// The year in which the policy that covers it begins: the book that pays.
    pub year: u16,
    /// The event's day that it goes by.
    #[serde(default)]
    pub day: Option<Date>,
}

/// What a claimant's list shows of a claim; it stands where the claim is found, so that a list reads nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub kind: EventKind,
    pub status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ruling: Option<Ruling>,
}

/// What is read of a claim without opening what is sealed. It can't be written: that would lose the rest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Outline {
    pub kind: EventKind,
    pub status: Status,
    #[serde(default)]
    pub ruling: Option<Ruling>,
    #[serde(default)]
    pub excluded: Option<Exclusion>,
    #[serde(default)]
    pub sampled: bool,
}

/// One claim. What tells of the person's health or money is in [`Details`] and sealed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    pub claimant: MemberId,
    pub kind: EventKind,
    /// `None` while the event of a draft isn't known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ruling: Option<Ruling>,
    pub status: Status,
    /// When it came to that status.
    pub since: Time,
    pub created: Time,
    pub changed: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted: Option<Time>,
    pub details: Sealed<Details>,
    /// What would be paid by the facts as they are; decided when the claim is approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Fen>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// Why staff keep it back (挂起), if they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<String>,
    /// Who approved it so far, step by step of the chain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Approval>,
    /// Staff who entered or changed facts or lines: they don't approve it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entered_by: Vec<String>,
    /// What they entered, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entered: Vec<String>,
    /// Another of them has entered all of it alike.
    #[serde(default, skip_serializing_if = "is_default")]
    pub agreed: bool,
    /// Staff who refused it: an appeal goes to another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused_by: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub clock: Clock,
    /// How often more was asked for; reminders name the round that they are of.
    #[serde(default, skip_serializing_if = "is_default")]
    pub round: u16,
    /// Number of its last move.
    #[serde(default, skip_serializing_if = "is_default")]
    pub moves: u32,
    /// Number of the last way in which it was counted.
    #[serde(default, skip_serializing_if = "is_default")]
    pub sums: u32,
    /// Approved by rule (即时赔付).
    #[serde(default, skip_serializing_if = "is_default")]
    pub instant: bool,
    /// What spoke against approving it, and staff said why it is approved all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excused_for: Vec<String>,
    /// Drawn for a second look after it was approved, which nobody has had yet, or which didn't agree; or an appeal against what
    /// was found after the payment.
    #[serde(default, skip_serializing_if = "is_default")]
    pub sampled: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub appeals: u8,
    /// The batch that pays it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<u64>,
    /// The entry of its book that granted what is approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted: Option<u64>,
    /// The entry of its book that paid it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid: Option<u64>,
    /// What a bank paid of it that doesn't settle it as it stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub astray: Vec<Astray>,
    /// What came back of it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub recovered: Fen,
    /// What was paid of it and came back whole, before an appeal took it up again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undone: Vec<Undone>,
    /// What one of the staff asks for and another has yet to agree to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed: Option<Proposal>,
    /// When it was last told where the money goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_told: Option<Time>,
    /// Who of the staff entered the account after the bank refused the one before: another confirms it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_entered_by: Option<String>,
    /// Who said that it is right: they don't pay it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_confirmed_by: Option<String>,
    /// Its papers were found false: what follows for its person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded: Option<Exclusion>,
    /// By whom its person is found: see [`papers`](super::papers).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insured: Option<[u8; 16]>,
    /// What was told and sent for it was erased: see [`retain`](super::retain).
    #[serde(default, skip_serializing_if = "is_default")]
    pub erased: bool,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Claim {
    /// Does it hold its papers, also because a bank paid it for them when it had moved on?
    pub fn holds_papers(&self) -> bool {
        self.status.holds_papers() || !self.astray.is_empty()
    }

    /// As it is begun.
    pub fn draft(claimant: MemberId, kind: EventKind, now: Time) -> Claim {
        Claim {
            claimant,
            kind,
            ruling: None,
            status: Status::Draft,
            since: now,
            created: now,
            changed: now,
            submitted: None,
            details: Sealed::new(Details { facts: Facts { kind, ..Facts::default() }, ..Details::default() }),
            amount: None,
            assignee: None,
            held: None,
            approvals: Vec::new(),
            entered_by: Vec::new(),
            entered: Vec::new(),
            agreed: false,
            account_told: None,
            account_entered_by: None,
            account_confirmed_by: None,
            refused_by: Vec::new(),
            flags: Vec::new(),
            clock: Clock::default(),
            round: 0,
            moves: 0,
            sums: 0,
            instant: false,
            excused_for: Vec::new(),
            sampled: false,
            appeals: 0,
            batch: None,
            granted: None,
            paid: None,
            astray: Vec::new(),
            recovered: Fen::ZERO,
            undone: Vec::new(),
            proposed: None,
            excluded: None,
            insured: None,
            erased: false,
        }
    }

    /// Flags that the claimant and the papers have a fact otherwise.
    pub fn differs(&mut self, field: &str) {
        let flag = Flag::Differs { field: field.to_owned() };
        if !self.flags.contains(&flag) {
            self.flags.push(flag);
        }
    }

    /// Is it unknown whether who told the account is the claimant?
    pub fn is_told_after_move(&self) -> bool {
        self.flags.iter().any(|flag| matches!(flag, Flag::ToldAfterMove { .. }))
    }

    /// Somebody whom staff trust tells the account, or staff say that it is right.
    pub(super) fn forget_move(&mut self) {
        self.flags.retain(|flag| !matches!(flag, Flag::ToldAfterMove { .. }));
    }

    /// Nothing of what was approved holds, nor why it was approved all the same.
    pub fn forget_approvals(&mut self) {
        self.approvals.clear();
        self.excused_for.clear();
    }
}

/// What is told of the person; all of it sealed.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    pub facts: Facts,
    /// As the papers have it, in the claimant's or the staff's words.
    pub diagnosis: String,
    pub invoices: Vec<Invoice>,
    pub account: Option<BankAccount>,
    /// For whom, if not for oneself.
    pub relative: Option<Relative>,
    /// The programme that is to pay, where the claimant took up an offer of it (一并申请) or staff say which; empty: by
    /// the rules.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub programme: String,
    /// What the claimant was asked of the circumstances and answered, where a no looks like nothing said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answered: Vec<Circumstance>,
    /// What the claimant says besides.
    pub remark: String,
    /// Papers that were asked for and that the claimant can't get.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub out_of_reach: Vec<OutOfReach>,
}

/// What decides on the papers or the benefits and only the claimant can say. Stored, so a variant is never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Circumstance {
    /// Which disease of the programme's list it is; that they aren't sure is an answer.
    Disease,
    Operated,
    HasUnit,
    OutOfTown,
    Insured,
    /// Of an illness or an accident did they die?
    Cause,
    /// In hospital for the accident?
    Stay,
    /// Of the disability; that there is none is an answer.
    Grade,
}

impl Circumstance {
    pub fn name(self) -> &'static str {
        match self {
            Circumstance::Disease => "disease",
            Circumstance::Operated => "operated",
            Circumstance::HasUnit => "has_unit",
            Circumstance::OutOfTown => "out_of_town",
            Circumstance::Insured => "insured",
            Circumstance::Cause => "cause",
            Circumstance::Stay => "stay",
            Circumstance::Grade => "grade",
        }
    }
}

impl Details {
    pub fn answers(&mut self, what: Circumstance) {
        if !self.answered.contains(&what) {
            self.answered.push(what);
        }
    }

    /// Did the claimant say that there was a stay in hospital, where that was asked?
    pub fn stayed(&self) -> bool {
        self.answered.contains(&Circumstance::Stay) && !self.facts.no_stay
    }
}

/// Why a paper can't be had.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutOfReach {
    pub slot: String,
    pub why: String,
}

impl fmt::Debug for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Details [hidden]")
    }
}

/// A medical invoice (医疗票据).
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Invoice {
    /// 票据代码; empty on old paper.
    pub code: String,
    /// 票据号码
    pub number: String,
    /// 校验码
    #[serde(default)]
    pub check: String,
    #[serde(default)]
    pub issued: Option<Date>,
    pub amount: Fen,
    /// As the QR code of the picture has it, rather than typed.
    #[serde(default)]
    pub read: bool,
    /// Code and number as the picture has them, where the claimant says otherwise of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<(String, String)>,
    /// The claimant or staff looked at it and said that it is right.
    #[serde(default)]
    pub confirmed: bool,
}

impl Invoice {
    /// Is it what this code says, or what the claimant says instead of it?
    pub fn says(&self, read: &Invoice) -> bool {
        let was = self.corrects.as_ref().map(|(code, number)| (code.as_str(), number.as_str()));
        was.unwrap_or((&self.code, &self.number)) == (read.code.as_str(), read.number.as_str())
    }
}

/// Where the money goes.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct BankAccount {
    pub holder: String,
    pub number: String,
    pub bank: String,
}

/// A relative of the claimant (亲属), where the scheme allows it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Relative {
    /// 父亲, 母亲, 子女 …
    pub relation: String,
    pub name: String,
    /// 18 characters, checked.
    pub identity: String,
}

/// What two of the staff agree on: see [`recover`](super::recover).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    pub what: Proposed,
    pub amount: Fen,
    pub by: String,
    /// The claimant reads them.
    #[serde(default)]
    pub words: Sealed<String>,
    /// The papers were false: agreed to, it begins with that day, and no money is booked by it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub excludes: bool,
}

/// A grant and its payment that were claimed back whole: entries of a book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    pub book: Book,
    pub granted: u64,
    pub paid: u64,
}

/// Stored, so a variant is never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proposed {
    /// 追回: so much of what was paid came back.
    Recovery,
    /// Nobody can be paid: what is owed is taken back, and the claim closed.
    WriteOff,
}

impl Proposed {
    pub fn name(self) -> &'static str {
        match self {
            Proposed::Recovery => "recovery",
            Proposed::WriteOff => "write_off",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// `unit`, `district`, `city` or `extra`, as the programme's chain has it.
    pub step: String,
    pub who: String,
    pub at: Time,
}

/// What staff ought to look at. Shown to staff alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Flag {
    /// Filed after the programme's limit; never a reason to refuse by itself.
    Late {
        since: Date,
    },
    TooEarly {
        from: Date,
    },
    /// An invoice, a stay or a picture is another claim's too.
    SamePaper {
        what: Paper,
        other: ClaimId,
    },
    /// Stays overlap with another claim's of the same person.
    OverlappingStay {
        other: ClaimId,
    },
    /// What was typed and what the papers say differs: the field.
    Differs {
        field: String,
    },
    /// A disease of a policy that the person holds stands in the diagnosis (the seed's «额外»).
    Disease {
        programme: String,
        disease: String,
    },
    /// The name on the account isn't the insured person's.
    OtherHolder,
    /// The account was told just after the claimant had moved to another WeChat account, on that day: it isn't paid to until
    /// staff say that it is right.
    ToldAfterMove {
        moved: Date,
    },
    /// Originals are to be asked for.
    OnPaper,
    /// Drawn for a second look.
    Sampled,
    /// Whoever had the second look doesn't agree.
    LookedOtherwise,
    /// The claimant says that a paper which was asked for can't be had, and why: see [`Details::out_of_reach`].
    OutOfReach {
        slot: String,
    },
    /// No cover is known by which it could be judged, by the code of what says so; the claimant was told and handed it
    /// in all the same, with why in [`Details::remark`] if they said.
    NotCovered {
        why: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Paper {
    Invoice,
    Stay,
    Picture,
}

/// By when the service has to act; it stands still while the claimant must.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Clock {
    /// The last day for what comes next.
    #[serde(default)]
    pub due: Option<Time>,
    /// Working days that were left when it stopped.
    #[serde(default)]
    pub left: Option<u16>,
    /// It is the time for deciding, which begins once: a round of asking stops it and sets no other.
    #[serde(default, skip_serializing_if = "is_default")]
    pub deciding: bool,
    /// Working days within which it was promised; unknown of what was promised before that was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised: Option<u16>,
}

/// A picture of a paper.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Its number among the pictures (`domain::media`).
    pub picture: u64,
    pub added: Time,
    pub state: PageState,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PageState {
    /// Being fetched from WeChat.
    Coming,
    Kept,
    /// Could not be fetched, or is no picture: it is asked for again.
    Lost,
    /// Too small or too dark to be read: it is asked for again, and staff may take it all the same.
    Unclear {
        why: Flaw,
    },
    /// The same picture is a page of this claim already; staff may take it all the same.
    Repeated,
    Accepted {
        by: String,
    },
    /// Staff say what is wrong.
    Refused {
        by: String,
        reason: String,
    },
}

impl PageState {
    /// Does it fill its slot, for all that is known?
    pub fn counts(&self) -> bool {
        matches!(self, PageState::Coming | PageState::Kept | PageState::Accepted { .. })
    }
}

/// One move of a claim: who, when, why, and what the follower was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    pub at: Time,
    pub by: By,
    pub from: Status,
    pub to: Status,
    /// Of a list of reasons ([`rules::REASONS`](super::rules::REASONS)), or empty.
    #[serde(default)]
    pub reason: String,
    /// In words: see [`Move::has_words_for_claimant`].
    #[serde(default)]
    pub words: Sealed<String>,
    /// Papers that are asked for.
    #[serde(default)]
    pub asked: Vec<Asked>,
}

impl Move {
    /// What staff ask for, refuse, claim back or give up they explain to the claimant. A bank's words are for the staff;
    /// what the claimant wrote they know.
    pub fn has_words_for_claimant(&self) -> bool {
        let explained = matches!(
            (self.from, self.to),
            (_, Status::NeedsMore | Status::NotAccepted | Status::Rejected)
                | (Status::Paid, Status::Paid | Status::Reversed)
                // Written off; `Expired` is how that was called at first.
                | (Status::PayFailed, Status::Expired | Status::WrittenOff)
        );
        explained && self.by != By::Claimant && !self.words.reveal().is_empty()
    }
}

/// A paper that is asked for, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub slot: String,
    /// Of [`rules::REASONS`](super::rules::REASONS).
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum By {
    Claimant,
    Staff(String),
    /// A rule or the clock.
    Rule,
}

impl By {
    /// For notes, the trail and the books.
    pub fn name(&self) -> &str {
        match self {
            By::Staff(name) => name,
            By::Claimant => "claimant",
            By::Rule => "service",
        }
    }
}
