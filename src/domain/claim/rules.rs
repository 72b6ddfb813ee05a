//! Pure decisions about claims: which moves there are, and what a rule says no to.

use super::record::*;
use crate::domain::scheme::rules::NotCovered;
use crate::moment::Time;

/// Something that happens to a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// The claimant hands the draft in.
    Submit,
    /// A draft is dropped, by its claimant or by time.
    Drop,
    /// Staff ask for papers (一次性告知).
    Ask,
    /// What was asked for is there, from the claimant or by staff.
    Supply,
    /// What was asked for did not come in time.
    Lapse,
    /// 不予受理
    Decline,
    /// 受理
    Accept,
    /// One step of the chain agrees.
    Review,
    /// The last step agrees, or the rule of instant settlement.
    Approve,
    /// A later step sends it back to the first.
    SendBack,
    /// 不予给付
    Reject,
    /// 撤回
    Withdraw,
    /// 申诉
    Appeal,
    /// Staff take it up again.
    Reopen,
    /// The batch that pays it went to the bank.
    Pay,
    /// The bank paid.
    Settle,
    /// The bank could not pay.
    Bounce,
    /// The account was corrected, and staff say it is right: the next batch pays it.
    Correct,
    /// Taken out of a batch that was not sent, or that the bank did nothing with.
    Unbatch,
    /// 追回 of a part
    Recover,
    /// 追回 of the whole
    Reverse,
    /// Papers of what was paid are found false.
    Find,
    /// The appeal against that is decided.
    Decide,
    /// What can't be paid to anybody is given up.
    WriteOff,
}

/// Every move there is.
pub const MOVES: &[(Status, Act, Status)] = {
    use Act::*;
    use Status::*;
    &[
        (Draft, Submit, Submitted),
        (Draft, Drop, Withdrawn),
        (Submitted, Ask, NeedsMore),
        (Submitted, Decline, NotAccepted),
        (Submitted, Accept, Accepted),
        (Submitted, Withdraw, Withdrawn),
        (NeedsMore, Supply, Submitted),
        (NeedsMore, Lapse, Expired),
        (NeedsMore, Withdraw, Withdrawn),
        (Accepted, Ask, NeedsMore),
        (Accepted, Review, Reviewed),
        (Accepted, Approve, Approved),
        (Accepted, Reject, Rejected),
        (Accepted, Withdraw, Withdrawn),
        (Reviewed, Review, Reviewed),
        (Reviewed, Approve, Approved),
        (Reviewed, SendBack, Accepted),
        (Reviewed, Reject, Rejected),
        (Approved, SendBack, Accepted),
        (Approved, Pay, Paying),
        (Paying, Settle, Paid),
        (Paying, Bounce, PayFailed),
        (Paying, Unbatch, Approved),
        (PayFailed, Correct, Approved),
        (Paid, Recover, Paid),
        (Paid, Reverse, Reversed),
        (Paid, Find, Paid),
        (Paid, Appeal, Paid),
        (Paid, Decide, Paid),
        (PayFailed, WriteOff, WrittenOff),
        // The bank may send back what it first said was paid (退票).
        (Paid, Bounce, PayFailed),
        // And it may have paid what it first said had failed, or wasn't made.
        (PayFailed, Settle, Paid),
        (Approved, Settle, Paid),
        (Rejected, Appeal, Submitted),
        (NotAccepted, Appeal, Submitted),
        (Reversed, Appeal, Submitted),
        (Rejected, Reopen, Accepted),
        (NotAccepted, Reopen, Submitted),
        (Expired, Reopen, NeedsMore),
        // Somebody turned up who can be paid: heirs, an account.
        (WrittenOff, Reopen, Accepted),
    ]
};

/// Where an act leads; `None`: not from there.
pub fn leads(from: Status, act: Act) -> Option<Status> {
    MOVES.iter().find(|(status, known, _)| *status == from && *known == act).map(|(_, _, to)| *to)
}

/// Reasons that staff give when they ask, decline or reject. Stable; the words are in `menus/texts.toml` under
/// `[claim_reason]`, and what to do under `[claim_reason_do]`.
pub const REASONS: &[&str] = &[
    // for a page
    "missing",
    "unreadable",
    "incomplete",
    "no_seal",
    "wrong_person",
    "wrong_paper",
    "wrong_stay",
    "expired_paper",
    "original_needed",
    // for a claim
    "not_insured",
    "outside_cover",
    "waiting_period",
    "not_in_scheme",
    "nothing_self_borne",
    "duplicate",
    "before_diagnosis_known",
    "false_papers",
    // for an account that the bank can't pay to
    "not_paid",
    "account_wrong",
    "holder_differs",
    "account_closed",
    "account_blocked",
    "other",
];

/// Words in what banks write of a payment that they couldn't make, each with its reason; the first that is found counts.
const BANK_WORDS: &[(&str, &str)] = &[
    ("户名", "holder_differs"),
    ("姓名", "holder_differs"),
    ("销户", "account_closed"),
    ("注销", "account_closed"),
    ("冻结", "account_blocked"),
    ("止付", "account_blocked"),
    ("挂失", "account_blocked"),
    ("久悬", "account_blocked"),
    ("不动户", "account_blocked"),
    ("状态", "account_blocked"),
    ("账号", "account_wrong"),
    ("帐号", "account_wrong"),
    ("卡号", "account_wrong"),
    ("不存在", "account_wrong"),
];

/// What a bank's own words come to. They may hold a name and an account number, so that followers are told this; of words
/// that say nothing of the account, that it wasn't paid, and no more.
pub fn bank_reason(words: &str) -> &'static str {
    BANK_WORDS.iter().find(|(word, _)| words.contains(word)).map_or("not_paid", |(_, reason)| reason)
}

/// Those of the reasons with which the scheme's own rules say no, rather than the papers or the people.
pub const BY_THE_RULES: &[&str] =
    &["not_insured", "outside_cover", "waiting_period", "not_in_scheme", "nothing_self_borne"];

/// Why a rule says no. `code()` is stable: texts, API and metrics use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Only who is recognised (会员认证) can claim.
    NotMember,
    /// The member who could goes by another account by now.
    MovedAway,
    /// No scheme is adopted.
    NoScheme,
    NotCovered(NotCovered),
    UnknownClaim,
    /// The claim's status allows it no more.
    NotNow {
        status: Status,
    },
    /// Slots of papers that nothing fills.
    PapersMissing {
        slots: Vec<String>,
    },
    /// Facts that are not known yet.
    FactsMissing {
        facts: Vec<String>,
    },
    /// The bank is none of those that money goes to.
    BankNotAllowed {
        banks: Vec<String>,
    },
    AppealOver {
        until: Time,
    },
    AppealedAlready,
    /// By the rules there is nothing to pay.
    NothingToPay,
    /// Staff keep it back until they have looked at it.
    Held,
    /// No more than so many pages in a slot.
    TooManyPages {
        max: u16,
    },
    /// So many claims of one person at once are too many.
    TooManyOpen {
        max: u16,
    },
}

impl Refusal {
    /// Every code, for the test that finds a sentence for each.
    pub const CODES: &'static [&'static str] = &[
        "not_member",
        "moved_away",
        "no_scheme",
        "unknown_claim",
        "not_now",
        "papers_missing",
        "facts_missing",
        "bank_not_allowed",
        "appeal_over",
        "appealed_already",
        "nothing_to_pay",
        "held",
        "too_many_pages",
        "too_many_open",
    ];

    pub fn code(&self) -> &'static str {
        match self {
            Refusal::NotMember => "not_member",
            Refusal::MovedAway => "moved_away",
            Refusal::NoScheme => "no_scheme",
            Refusal::NotCovered(why) => why.code(),
            Refusal::UnknownClaim => "unknown_claim",
            Refusal::NotNow { .. } => "not_now",
            Refusal::PapersMissing { .. } => "papers_missing",
            Refusal::FactsMissing { .. } => "facts_missing",
            Refusal::BankNotAllowed { .. } => "bank_not_allowed",
            Refusal::AppealOver { .. } => "appeal_over",
            Refusal::AppealedAlready => "appealed_already",
            Refusal::NothingToPay => "nothing_to_pay",
            Refusal::Held => "held",
            Refusal::TooManyPages { .. } => "too_many_pages",
            Refusal::TooManyOpen { .. } => "too_many_open",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_status_is_reached_and_those_that_wait_have_a_way_out() {
        let mut reached = BTreeSet::from([Status::Draft]);
        for _ in Status::ALL {
            let next: Vec<_> =
                MOVES.iter().filter(|(from, ..)| reached.contains(from)).map(|(_, _, to)| *to).collect();
            reached.extend(next);
        }
        assert_eq!(reached.len(), Status::ALL.len());
        let ends: Vec<_> =
            Status::ALL.iter().filter(|status| MOVES.iter().all(|(from, ..)| from != *status)).collect();
        assert_eq!(ends, [&Status::Withdrawn]);
    }

    #[test]
    fn money_goes_only_to_what_the_whole_chain_approved() {
        let into = |status| MOVES.iter().filter(move |(_, _, to)| *to == status).map(|(from, ..)| *from);
        assert_eq!(into(Status::Paying).collect::<Vec<_>>(), [Status::Approved]);
        let to_paid: BTreeSet<_> = into(Status::Paid).collect();
        let from = [Status::Approved, Status::Paying, Status::PayFailed, Status::Paid];
        assert_eq!(to_paid, BTreeSet::from(from));
        let to_approved: BTreeSet<_> = into(Status::Approved).collect();
        assert_eq!(
            to_approved,
            BTreeSet::from([Status::Accepted, Status::Reviewed, Status::Paying, Status::PayFailed])
        );
    }

    #[test]
    fn what_a_bank_writes_comes_to_a_reason_of_the_list() {
        for (words, reason) in [
            ("户名与账号不符", "holder_differs"),
            ("收款人账户已销户", "account_closed"),
            ("账户冻结", "account_blocked"),
            ("账号不存在", "account_wrong"),
            ("收款账号有误", "account_wrong"),
            ("系统错误", "not_paid"),
            ("", "not_paid"),
        ] {
            assert_eq!(bank_reason(words), reason, "{words}");
        }
        assert!(BANK_WORDS.iter().all(|(_, reason)| REASONS.contains(reason)));
    }

    #[test]
    fn an_act_leads_to_one_status() {
        for (from, act, to) in MOVES {
            assert_eq!(leads(*from, *act), Some(*to));
        }
        assert_eq!(leads(Status::Paid, Act::Pay), None);
        assert_eq!(leads(Status::Draft, Act::Approve), None);
    }
}
