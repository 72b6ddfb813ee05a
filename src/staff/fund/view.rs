use serde::{Deserialize, Serialize};

use crate::domain::fund::correct::{Correction, Waiting};
use crate::domain::fund::record::{About, Book, Entry, Standing};
use crate::domain::fund::report::{Flow, Outlook};
use crate::domain::scheme::record::Fen;
use crate::moment::{Time, rfc3339};

/// What came in and went out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FlowView {
    pub premiums: Fen,
    pub premium_count: i64,
    pub premiums_returned: Fen,
    pub benefits: Fen,
    pub benefit_count: i64,
    pub special_benefits: Fen,
    pub special_benefit_count: i64,
    pub paid: Fen,
    pub recovered: Fen,
    /// Benefits to premiums, such as `0.4833`; nothing without income.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<String>,
}

/// Sums of a month, a district or a union.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    pub name: String,
    #[serde(flatten)]
    pub flow: FlowView,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookView {
    pub scheme: String,
    pub programme: String,
    pub year: u16,
    pub bank: Fen,
    /// Approved and not yet paid: a reserve.
    pub owed: Fen,
    pub entries: u64,
    #[serde(flatten)]
    pub flow: FlowView,
    /// What the year will have come to, once enough of it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlook: Option<OutlookView>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutlookView {
    pub granted: Fen,
    pub balance: Fen,
    /// By the course of the year before, rather than evenly.
    pub by_last_year: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportView {
    pub all: FlowView,
    pub books: Vec<BookView>,
    /// `2026-12`, in their order.
    pub months: Vec<Named>,
    pub districts: Vec<Named>,
    /// Those to which most was granted.
    pub unions: Vec<Named>,
    pub unions_left_out: usize,
    /// What those come to together, so that the unions add up to all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unions_others: Option<FlowView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryView {
    pub number: u64,
    #[serde(with = "rfc3339")]
    pub at: Time,
    pub kind: String,
    pub amount: Fen,
    pub debit: String,
    pub credit: String,
    pub about: String,
    pub count: u32,
    pub district: String,
    pub union: String,
    pub by: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The entry that it takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes_back: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryList {
    pub entries: Vec<EntryView>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// Entries that somebody wants to be taken back, book by book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectionList {
    pub corrections: Vec<CorrectionView>,
    /// For `after`, if there is more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectionView {
    pub scheme: String,
    pub programme: String,
    pub year: u16,
    pub entry: EntryView,
    pub asked_by: String,
    #[serde(with = "rfc3339")]
    pub asked: Time,
    pub reason: String,
}

pub fn correction(((book, number), of, asked): Waiting) -> CorrectionView {
    let Book { scheme, programme, year } = book;
    let entry = entry(number, of);
    let Correction { by, at, reason } = asked;
    CorrectionView { scheme, programme, year, entry, asked_by: by, asked: at, reason }
}

pub fn flow(flow: &Flow) -> FlowView {
    FlowView {
        premiums: Fen(flow.premiums),
        premium_count: flow.premium_count,
        premiums_returned: Fen(flow.premiums_returned),
        benefits: Fen(flow.benefits),
        benefit_count: flow.benefit_count,
        special_benefits: Fen(flow.special_benefits),
        special_benefit_count: flow.special_benefit_count,
        paid: Fen(flow.paid),
        recovered: Fen(flow.recovered),
        ratio: flow.ratio().map(decimal),
    }
}

/// Ten-thousandths: `0.4833`, or `-0.0500` where more came back than was granted.
fn decimal(ratio: i64) -> String {
    let (sign, ratio) = (if ratio < 0 { "-" } else { "" }, ratio.unsigned_abs());
    format!("{sign}{}.{:04}", ratio / 10_000, ratio % 10_000)
}

pub fn book(book: &Book, standing: &Standing, of: &Flow, outlook: Option<Outlook>) -> BookView {
    BookView {
        scheme: book.scheme.clone(),
        programme: book.programme.clone(),
        year: book.year,
        bank: standing.bank,
        owed: Fen(-standing.payable.0),
        entries: standing.last,
        flow: flow(of),
        outlook: outlook.map(|outlook| OutlookView {
            granted: Fen(outlook.granted),
            balance: Fen(outlook.balance),
            by_last_year: outlook.by_last_year,
        }),
    }
}

pub fn entry(number: u64, entry: Entry) -> EntryView {
    let (debit, credit) = entry.kind.accounts();
    let (debit, credit) = if entry.counters.is_some() { (credit, debit) } else { (debit, credit) };
    EntryView {
        number,
        at: entry.at,
        kind: entry.kind.name().to_owned(),
        amount: entry.amount,
        debit: debit.name().to_owned(),
        credit: credit.name().to_owned(),
        about: match entry.about {
            About::Claim(id) => id.to_string(),
            About::Enrolments { first, .. } => format!("enrolments from row {first}"),
            About::Policy { number } => format!("policy {number}"),
        },
        count: entry.count,
        district: entry.district,
        union: entry.union,
        by: entry.by,
        reason: entry.reason,
        takes_back: entry.counters,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_in_which_more_came_back_than_was_granted_has_a_ratio_below_zero() {
        for (ratio, told) in [(0, "0.0000"), (4_833, "0.4833"), (-500, "-0.0500"), (-12_345, "-1.2345")] {
            assert_eq!(decimal(ratio), told);
        }
    }
}
