use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::domain::claim::record::ClaimId;
use crate::domain::scheme::record::Fen;
use crate::moment::Time;
use crate::store::Key;

/// One set of accounts: a programme of a scheme in one policy year, named by the year in which it begins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Book {
    pub scheme: String,
    pub programme: String,
    pub year: u16,
}

impl fmt::Display for Book {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.scheme, self.programme, self.year)
    }
}

impl Key for Book {
    fn encode(&self, out: &mut Vec<u8>) {
        self.scheme.encode(out);
        self.programme.encode(out);
        self.year.encode(out);
    }

    fn decode(from: &mut &[u8]) -> Option<Self> {
        let (scheme, programme) = (String::decode(from)?, String::decode(from)?);
        Some(Book { scheme, programme, year: u16::decode(from)? })
    }
}

/// Debits count up and credits down, so that all accounts of a book sum to zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Account {
    /// 银行存款: the fund's money.
    Bank,
    /// 互助费收入
    Premiums,
    /// 互助金给付
    Benefits,
    /// 应付互助金: approved and not yet paid.
    Payable,
}

impl Account {
    pub const ALL: &'static [Account] =
        &[Account::Bank, Account::Premiums, Account::Benefits, Account::Payable];

    pub fn name(self) -> &'static str {
        match self {
            Account::Bank => "bank",
            Account::Premiums => "premiums",
            Account::Benefits => "benefits",
            Account::Payable => "payable",
        }
    }
}

/// What may be booked. There is no fee, no interest and no investment among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// 互助费
    Premium,
    /// 退互助费
    PremiumReturned,
    /// 核准给付: of a stay, an accident, a death.
    Benefit,
    /// 核准特种给付: of a disease.
    SpecialBenefit,
    /// 拨付
    Payout,
    /// 追回
    Recovery,
}

impl Kind {
    pub const ALL: &'static [Kind] = &[
        Kind::Premium,
        Kind::PremiumReturned,
        Kind::Benefit,
        Kind::SpecialBenefit,
        Kind::Payout,
        Kind::Recovery,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Premium => "premium",
            Kind::PremiumReturned => "premium_returned",
            Kind::Benefit => "benefit",
            Kind::SpecialBenefit => "special_benefit",
            Kind::Payout => "payout",
            Kind::Recovery => "recovery",
        }
    }

    /// Which account is debited, and which credited.
    pub fn accounts(self) -> (Account, Account) {
        match self {
            Kind::Premium => (Account::Bank, Account::Premiums),
            Kind::PremiumReturned => (Account::Premiums, Account::Bank),
            Kind::Benefit | Kind::SpecialBenefit => (Account::Benefits, Account::Payable),
            Kind::Payout => (Account::Payable, Account::Bank),
            Kind::Recovery => (Account::Bank, Account::Benefits),
        }
    }
}

impl Key for Kind {
    fn encode(&self, out: &mut Vec<u8>) {
        let place = Kind::ALL.iter().position(|kind| kind == self).unwrap_or_default();
        u8::try_from(place).unwrap_or(u8::MAX).encode(out);
    }

    fn decode(from: &mut &[u8]) -> Option<Self> {
        Kind::ALL.get(usize::from(u8::decode(from)?)).copied()
    }
}

/// One entry. Never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub at: Time,
    pub book: Book,
    pub kind: Kind,
    /// Above zero; a counter-entry's is taken the other way round.
    pub amount: Fen,
    pub about: About,
    /// For reports; empty where it isn't known.
    #[serde(default)]
    pub district: String,
    #[serde(default)]
    pub union: String,
    /// Person-years or claims that it stands for.
    pub count: u32,
    /// The entry of the same book that this one takes back.
    #[serde(default)]
    pub counters: Option<u64>,
    pub by: String,
    #[serde(default)]
    pub reason: String,
}

impl Entry {
    /// What it adds to each of its two accounts.
    pub fn moves(&self) -> [(Account, Fen); 2] {
        let (debit, credit) = self.kind.accounts();
        let amount = if self.counters.is_some() { Fen(-self.amount.0) } else { self.amount };
        [(debit, amount), (credit, Fen(-amount.0))]
    }

    /// What it adds to sums by kind: less than zero for a counter-entry.
    pub fn signed(&self) -> (i64, i64) {
        let sign = if self.counters.is_some() { -1 } else { 1 };
        (i64::from(self.count) * sign, self.amount.0 * sign)
    }
}

/// A book as it stands: written with each entry of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Standing {
    /// Number of its last entry.
    pub last: u64,
    pub bank: Fen,
    pub premiums: Fen,
    pub benefits: Fen,
    pub payable: Fen,
}

impl Standing {
    pub fn balance(&self, account: Account) -> Fen {
        match account {
            Account::Bank => self.bank,
            Account::Premiums => self.premiums,
            Account::Benefits => self.benefits,
            Account::Payable => self.payable,
        }
    }

    pub fn add(&mut self, entry: &Entry) {
        for (account, amount) in entry.moves() {
            let balance = match account {
                Account::Bank => &mut self.bank,
                Account::Premiums => &mut self.premiums,
                Account::Benefits => &mut self.benefits,
                Account::Payable => &mut self.payable,
            };
            *balance = Fen(balance.0.saturating_add(amount.0));
        }
    }

    /// Zero, always.
    pub fn sum(&self) -> i64 {
        Account::ALL.iter().map(|account| self.balance(*account).0).sum()
    }
}

/// What an entry is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum About {
    Claim(ClaimId),
    /// Rows of a list of enrolments.
    Enrolments {
        file: String,
        first: u64,
    },
    /// A person's place that was ended; its number among those.
    Policy {
        number: u64,
    },
}

/// Sums of one kind in one month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Total {
    pub count: i64,
    pub amount: i64,
}

impl Total {
    pub fn add(&mut self, entry: &Entry) {
        let (count, amount) = entry.signed();
        self.count = self.count.saturating_add(count);
        self.amount = self.amount.saturating_add(amount);
    }
}

/// A day's month as `202612`.
pub fn month(day: Date) -> u32 {
    u32::from(day.year().unsigned_abs()) * 100 + u32::from(day.month().unsigned_abs())
}
