use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::domain::claim::record::*;
use crate::domain::scheme::record::Fen;
use crate::domain::scheme::rules::Insurance;
use crate::staff::ActError;
use crate::staff::form::{self, Problems};

/// What staff do with a claim: `{"act": "approve"}` and what that act takes; one that takes nothing is written with braces,
/// or it would take anything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClaimAct {
    Take {},
    /// Gives it back; somebody else's with a reason.
    Release {
        #[serde(default)]
        reason: String,
    },
    Hold {
        reason: String,
    },
    Unhold {
        reason: String,
    },
    /// 受理
    Accept {},
    /// 不予受理: a reason of the list, and words that the claimant reads.
    Decline {
        reason: String,
        words: String,
    },
    /// Asks for papers, all at once.
    Ask {
        #[serde(default)]
        papers: Vec<AskedForm>,
        #[serde(default)]
        words: String,
    },
    /// Takes a page, or refuses it with a reason of the list.
    Page {
        slot: String,
        page: u16,
        #[serde(default)]
        refused: Option<String>,
    },
    /// Enters what the papers say.
    Enter(Box<FactsForm>),
    /// Adds to what the rules give, or takes off; of one line of the calculation, if it is said which.
    Adjust {
        amount: Fen,
        #[serde(default)]
        line: Option<u16>,
        reason: String,
    },
    /// With a reason where something speaks against it; `amount`: what it came to as it was seen, and no other sum is
    /// approved.
    Approve {
        #[serde(default)]
        reason: String,
        #[serde(default)]
        amount: Option<Fen>,
    },
    SendBack {
        reason: String,
    },
    /// 不予给付; `exclude`: for false papers, and the person is paid nothing of what happens in the time that the
    /// programme says.
    Reject {
        reason: String,
        words: String,
        #[serde(default)]
        exclude: bool,
    },
    Reopen {
        reason: String,
    },
    /// What was asked for came by telephone or over the counter.
    Supply {
        reason: String,
    },
    /// The corrected account is right, or the one that was told after a move to another WeChat account; with a reason where it
    /// isn't the insured person's or was told so. `ends`: the last four digits as they were seen, and no other is confirmed.
    ConfirmAccount {
        #[serde(default)]
        reason: String,
        #[serde(default)]
        ends: Option<String>,
    },
    /// The second look at a claim that was drawn: does it agree with what was approved?
    LookAgain {
        #[serde(default = "form::yes")]
        agrees: bool,
        reason: String,
    },
    /// Decides the claimant's appeal against what was found after the payment.
    DecideAppeal {
        grants: bool,
        /// The claimant reads them.
        words: String,
    },
    /// Enters an account for a claimant who can't, after the bank refused theirs; another person confirms it.
    Account {
        account: AccountForm,
        reason: String,
    },
    /// 追回, by who pays: of so much, or of all that is left. Another person agrees to it.
    Reverse {
        #[serde(default)]
        amount: Option<Fen>,
        reason: String,
        /// The claimant reads them.
        #[serde(default)]
        words: String,
        /// As of `reject`: agreed to, it begins, and no money is booked; `reverse` without it books what is back.
        #[serde(default)]
        exclude: bool,
    },
    /// Gives up what can't be paid to anybody; another person agrees to it.
    WriteOff {
        reason: String,
        #[serde(default)]
        words: String,
    },
    /// Agrees to what another asked for, naming its amount.
    ConfirmMoney {
        amount: Fen,
    },
    /// It isn't asked for any more.
    DismissMoney {},
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedForm {
    pub slot: String,
    pub reason: String,
}

/// What the papers say. What is absent stays as it is.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FactsForm {
    pub admitted: Option<Date>,
    pub discharged: Option<Date>,
    pub diagnosed: Option<Date>,
    pub happened: Option<Date>,
    pub hospital: Option<String>,
    pub diagnosis: Option<String>,
    pub disease: Option<String>,
    pub total: Option<Fen>,
    pub fund_paid: Option<Fen>,
    pub self_borne: Option<Fen>,
    pub subsidy: Option<Fen>,
    pub personal_amount: Option<Fen>,
    pub days: Option<u16>,
    pub operated: Option<bool>,
    pub insurance: Option<Insurance>,
    pub out_of_town: Option<bool>,
    pub relief: Option<bool>,
    pub grade: Option<u8>,
    pub died: Option<bool>,
    pub no_unit: Option<bool>,
    /// Of a death: it came of an illness.
    pub of_illness: Option<bool>,
    pub invoices: Option<Vec<InvoiceForm>>,
    pub account: Option<AccountForm>,
    /// Which programme is to pay, where several may; empty: by the rules.
    pub programme: Option<String>,
}

impl std::fmt::Debug for FactsForm {
    /// The names of what is given.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvoiceForm {
    #[serde(default)]
    pub code: String,
    pub number: String,
    #[serde(default)]
    pub issued: Option<Date>,
    pub amount: Fen,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountForm {
    pub holder: String,
    pub number: String,
    pub bank: String,
}

impl std::fmt::Debug for AccountForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccountForm [hidden]")
    }
}

impl FactsForm {
    /// What is given, by name.
    pub fn names(&self) -> Vec<&'static str> {
        let given = [
            ("admitted", self.admitted.is_some()),
            ("discharged", self.discharged.is_some()),
            ("diagnosed", self.diagnosed.is_some()),
            ("happened", self.happened.is_some()),
            ("hospital", self.hospital.is_some()),
            ("diagnosis", self.diagnosis.is_some()),
            ("disease", self.disease.is_some()),
            ("total", self.total.is_some()),
            ("fund_paid", self.fund_paid.is_some()),
            ("self_borne", self.self_borne.is_some()),
            ("subsidy", self.subsidy.is_some()),
            ("personal_amount", self.personal_amount.is_some()),
            ("days", self.days.is_some()),
            ("operated", self.operated.is_some()),
            ("insurance", self.insurance.is_some()),
            ("out_of_town", self.out_of_town.is_some()),
            ("relief", self.relief.is_some()),
            ("grade", self.grade.is_some()),
            ("died", self.died.is_some()),
            ("no_unit", self.no_unit.is_some()),
            ("of_illness", self.of_illness.is_some()),
            ("invoices", self.invoices.is_some()),
            ("account", self.account.is_some()),
            ("programme", self.programme.is_some()),
        ];
        given.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect()
    }

    pub fn write_into(&self, details: &mut Details) {
        fn set<T: Clone>(place: &mut T, value: Option<&T>) {
            if let Some(value) = value {
                place.clone_from(value);
            }
        }
        let facts = &mut details.facts;
        facts.admitted = self.admitted.or(facts.admitted);
        facts.discharged = self.discharged.or(facts.discharged);
        facts.diagnosed = self.diagnosed.or(facts.diagnosed);
        facts.happened = self.happened.or(facts.happened);
        facts.disease = self.disease.clone().or(facts.disease.take());
        facts.total = self.total.or(facts.total);
        facts.fund_paid = self.fund_paid.or(facts.fund_paid);
        facts.self_borne = self.self_borne.or(facts.self_borne);
        facts.subsidy = self.subsidy.or(facts.subsidy);
        facts.personal_amount = self.personal_amount.or(facts.personal_amount);
        facts.days = self.days.or(facts.days);
        facts.grade = self.grade.or(facts.grade);
        set(&mut facts.hospital, self.hospital.as_ref());
        set(&mut facts.operated, self.operated.as_ref());
        set(&mut facts.insurance, self.insurance.as_ref());
        set(&mut facts.out_of_town, self.out_of_town.as_ref());
        set(&mut facts.relief, self.relief.as_ref());
        set(&mut facts.died, self.died.as_ref());
        set(&mut facts.no_unit, self.no_unit.as_ref());
        set(&mut facts.of_illness, self.of_illness.as_ref());
        set(&mut details.diagnosis, self.diagnosis.as_ref());
        set(&mut details.programme, self.programme.as_ref());
        if let Some(invoices) = &self.invoices {
            details.invoices = invoices.iter().map(invoice).collect();
        }
        if let Some(account) = self.account.clone() {
            details.account = Some(account.into());
        }
    }
}

fn invoice(form: &InvoiceForm) -> Invoice {
    Invoice {
        code: form.code.clone(),
        number: form.number.clone(),
        check: String::new(),
        issued: form.issued,
        amount: form.amount,
        read: false,
        corrects: None,
        confirmed: true,
    }
}

const WORDS: std::ops::RangeInclusive<usize> = 2..=200;
const NAME: std::ops::RangeInclusive<usize> = 1..=100;
const ASKED_MAX: usize = 20;
const INVOICES_MAX: usize = 50;

impl ClaimAct {
    /// Is it for who pays?
    pub fn is_money(&self) -> bool {
        matches!(
            self,
            ClaimAct::Reverse { .. }
                | ClaimAct::WriteOff { .. }
                | ClaimAct::ConfirmMoney { .. }
                | ClaimAct::DismissMoney {}
        )
    }

    /// On the trail.
    pub fn name(&self) -> &'static str {
        match self {
            ClaimAct::Take {} => "claim.take",
            ClaimAct::Release { .. } => "claim.release",
            ClaimAct::Hold { .. } => "claim.hold",
            ClaimAct::Unhold { .. } => "claim.unhold",
            ClaimAct::Accept {} => "claim.accept",
            ClaimAct::Decline { .. } => "claim.decline",
            ClaimAct::Ask { .. } => "claim.ask",
            ClaimAct::Page { .. } => "claim.page",
            ClaimAct::Enter(_) => "claim.enter",
            ClaimAct::Adjust { .. } => "claim.adjust",
            ClaimAct::Approve { .. } => "claim.approve",
            ClaimAct::SendBack { .. } => "claim.send_back",
            ClaimAct::Reject { .. } => "claim.reject",
            ClaimAct::Reopen { .. } => "claim.reopen",
            ClaimAct::Supply { .. } => "claim.supply",
            ClaimAct::ConfirmAccount { .. } => "claim.confirm_account",
            ClaimAct::LookAgain { .. } => "claim.look_again",
            ClaimAct::DecideAppeal { .. } => "claim.decide_appeal",
            ClaimAct::Account { .. } => "claim.account",
            ClaimAct::Reverse { .. } => "claim.reverse",
            ClaimAct::WriteOff { .. } => "claim.write_off",
            ClaimAct::ConfirmMoney { .. } => "claim.confirm_money",
            ClaimAct::DismissMoney {} => "claim.dismiss_money",
        }
    }

    /// For the trail: codes, fields and sums. Words may tell of the person: they are sealed with the claim.
    pub fn detail(&self) -> String {
        match self {
            ClaimAct::Reject { reason, exclude: true, .. } => format!("{reason}, excluded"),
            ClaimAct::Decline { reason, .. } | ClaimAct::Reject { reason, .. } => reason.clone(),
            ClaimAct::Ask { papers, .. } => papers
                .iter()
                .map(|asked| format!("{} {}", asked.slot, asked.reason))
                .collect::<Vec<_>>()
                .join(", "),
            ClaimAct::Page { slot, page, refused } => {
                format!("{slot} {page} {}", refused.as_deref().unwrap_or("accepted"))
            }
            ClaimAct::Enter(facts) => facts.names().join(", "),
            ClaimAct::Adjust { amount, line: Some(line), .. } => format!("{amount} of line {line}"),
            ClaimAct::Adjust { amount, .. } => amount.to_string(),
            ClaimAct::Reverse { exclude: true, .. } => "excluded".to_owned(),
            ClaimAct::Reverse { amount: Some(amount), .. } | ClaimAct::ConfirmMoney { amount } => {
                amount.to_string()
            }
            ClaimAct::DecideAppeal { grants, .. } => if *grants { "granted" } else { "in vain" }.to_owned(),
            ClaimAct::LookAgain { agrees, .. } => if *agrees { "agrees" } else { "differs" }.to_owned(),
            _ => String::new(),
        }
    }

    /// Everything that is wrong with it, by field.
    pub fn check(&self) -> Result<(), ActError> {
        let mut problems = Problems::default();
        match self {
            ClaimAct::Hold { reason }
            | ClaimAct::Unhold { reason }
            | ClaimAct::SendBack { reason }
            | ClaimAct::Reopen { reason }
            | ClaimAct::Supply { reason }
            | ClaimAct::LookAgain { reason, .. }
            | ClaimAct::Adjust { reason, .. } => problems.words("reason", reason, WORDS),
            ClaimAct::Account { account, reason } => {
                problems.words("reason", reason, WORDS);
                account.check(&mut problems);
            }
            ClaimAct::Reverse { amount, reason, words, exclude: true } => {
                problems.words("reason", reason, WORDS);
                problems.words("words", words, WORDS);
                problems.unless(
                    amount.is_none(),
                    "amount",
                    "with `exclude` all that is left is to be paid back",
                );
            }
            ClaimAct::Reverse { reason, words, .. } | ClaimAct::WriteOff { reason, words } => {
                problems.words("reason", reason, WORDS);
                problems.words("words", words, 0..=*WORDS.end());
            }
            ClaimAct::Release { reason }
            | ClaimAct::Approve { reason, .. }
            | ClaimAct::ConfirmAccount { reason, ends: None }
                if !reason.is_empty() =>
            {
                problems.words("reason", reason, WORDS);
            }
            ClaimAct::ConfirmAccount { reason, ends: Some(ends) } => {
                problems.words("reason", reason, 0..=*WORDS.end());
                let four = ends.len() == 4 && ends.bytes().all(|byte| byte.is_ascii_digit());
                problems.unless(four, "ends", "is the last four digits of the account");
            }
            ClaimAct::Decline { words, .. }
            | ClaimAct::Reject { words, .. }
            | ClaimAct::DecideAppeal { words, .. } => {
                problems.words("words", words, WORDS);
            }
            ClaimAct::Ask { papers, words } => {
                problems.words("words", words, 0..=*WORDS.end());
                let some = !papers.is_empty() || !words.trim().is_empty();
                problems.unless(some, "papers", "name papers, or say in words what is missing");
                problems.unless(papers.len() <= ASKED_MAX, "papers", format!("at most {ASKED_MAX}"));
            }
            ClaimAct::Enter(facts) => facts.check(&mut problems),
            _ => {}
        }
        if problems.0.is_empty() { Ok(()) } else { Err(ActError::Invalid(problems.0)) }
    }
}

impl FactsForm {
    fn check(&self, problems: &mut Problems) {
        problems.unless(!self.names().is_empty(), "act", "enter at least one fact");
        for (name, amount) in [
            ("total", self.total),
            ("fund_paid", self.fund_paid),
            ("self_borne", self.self_borne),
            ("subsidy", self.subsidy),
            ("personal_amount", self.personal_amount),
        ] {
            problems.unless(amount.is_none_or(|amount| amount.0 >= 0), name, "is less than nothing");
        }
        if let (Some(from), Some(to)) = (self.admitted, self.discharged) {
            problems.unless(from <= to, "discharged", "is before the admission");
        }
        for (name, text) in [("hospital", &self.hospital), ("diagnosis", &self.diagnosis)] {
            if let Some(text) = text {
                problems.words(name, text, NAME);
            }
        }
        if let Some(account) = &self.account {
            account.check(problems);
        }
        for (at, invoice) in self.invoices.iter().flatten().enumerate() {
            problems.words(format!("invoices[{at}].number"), &invoice.number, 1..=40);
            problems.unless(invoice.amount.0 >= 0, format!("invoices[{at}].amount"), "is less than nothing");
        }
        let count = self.invoices.as_ref().map_or(0, Vec::len);
        problems.unless(count <= INVOICES_MAX, "invoices", format!("at most {INVOICES_MAX}"));
    }
}

impl AccountForm {
    fn check(&self, problems: &mut Problems) {
        problems.words("account.holder", &self.holder, NAME);
        problems.words("account.bank", &self.bank, NAME);
        let digits = self.number.bytes().all(|b| b.is_ascii_digit());
        let fine = digits && (8..=30).contains(&self.number.len());
        problems.unless(fine, "account.number", "has 8 to 30 digits");
    }
}

impl From<AccountForm> for BankAccount {
    fn from(AccountForm { holder, number, bank }: AccountForm) -> BankAccount {
        BankAccount { holder, number, bank }
    }
}

/// Which claims are listed: one of `assignee`, `due`, `due_soon`, `sampled`, or those of a state.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ListWords {
    /// `submitted` if nothing is said.
    pub state: Option<String>,
    /// `age` (oldest first, also if empty) or `amount` (largest first).
    pub order: Option<String>,
    /// A name of the staff.
    pub assignee: Option<String>,
    /// By the last day of what comes next.
    pub due: bool,
    /// Of what waits for staff: what is overdue, and what has few working days left.
    pub due_soon: bool,
    /// Drawn for a second look.
    pub sampled: bool,
    /// As the page before gave it.
    pub after: Option<String>,
    pub limit: Option<usize>,
}
