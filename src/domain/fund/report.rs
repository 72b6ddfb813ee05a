//! What came in and went out of the fund: sums of sums, so that no report reads an entry.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::record::*;
use crate::domain::tables::{FUND_BOOKS, FUND_TOTALS};
use crate::store::{Fault, Tx};

const PAGE: usize = 500;

/// (book, month, kind, district, union)
pub type TotalKey = (Book, u32, Kind, String, String);

/// Money in fen, and how many person-years or claims it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Flow {
    pub premiums: i64,
    pub premium_count: i64,
    pub premiums_returned: i64,
    pub benefits: i64,
    pub benefit_count: i64,
    pub special_benefits: i64,
    pub special_benefit_count: i64,
    pub paid: i64,
    pub recovered: i64,
}

impl Flow {
    pub fn add(&mut self, kind: Kind, total: Total) {
        match kind {
            Kind::Premium => {
                self.premiums += total.amount;
                self.premium_count += total.count;
            }
            // Who was taken out isn't among those who are in.
            Kind::PremiumReturned => {
                self.premiums_returned += total.amount;
                self.premium_count -= total.count;
            }
            Kind::Benefit => {
                self.benefits += total.amount;
                self.benefit_count += total.count;
            }
            Kind::SpecialBenefit => {
                self.special_benefits += total.amount;
                self.special_benefit_count += total.count;
            }
            Kind::Payout => self.paid += total.amount,
            Kind::Recovery => self.recovered += total.amount,
        }
    }

    /// Adds another's sums.
    pub fn join(&mut self, more: &Flow) {
        self.premiums += more.premiums;
        self.premium_count += more.premium_count;
        self.premiums_returned += more.premiums_returned;
        self.benefits += more.benefits;
        self.benefit_count += more.benefit_count;
        self.special_benefits += more.special_benefits;
        self.special_benefit_count += more.special_benefit_count;
        self.paid += more.paid;
        self.recovered += more.recovered;
    }

    /// What was granted, less what came back.
    pub fn granted(&self) -> i64 {
        self.benefits + self.special_benefits - self.recovered
    }

    pub fn income(&self) -> i64 {
        self.premiums - self.premiums_returned
    }

    /// Benefits to premiums in ten-thousandths; `None` without income.
    pub fn ratio(&self) -> Option<i64> {
        (self.income() > 0).then(|| self.granted().saturating_mul(10_000) / self.income())
    }
}

/// A report as far as it was read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Report {
    pub books: BTreeMap<Book, Flow>,
    pub months: BTreeMap<u32, Flow>,
    pub districts: BTreeMap<String, Flow>,
    pub unions: BTreeMap<String, Flow>,
    pub all: Flow,
}

impl Report {
    pub fn add(&mut self, key: &TotalKey, total: Total) {
        let (book, month, kind, district, union) = key;
        self.books.entry(book.clone()).or_default().add(*kind, total);
        self.months.entry(*month).or_default().add(*kind, total);
        self.districts.entry(district.clone()).or_default().add(*kind, total);
        self.unions.entry(union.clone()).or_default().add(*kind, total);
        self.all.add(*kind, total);
    }
}

/// The books there are, with their balances.
pub fn books(tx: &Tx, after: Option<&Book>) -> Result<Vec<(Book, Standing)>, Fault> {
    Ok(tx.scan(&FUND_BOOKS, &(), after, PAGE)?.rows)
}

/// A page of sums, and where to go on.
pub type Totals = (Vec<(TotalKey, Total)>, Option<TotalKey>);

/// A page of a book's sums.
pub fn totals(tx: &Tx, book: &Book, after: Option<&TotalKey>) -> Result<Totals, Fault> {
    let page = tx.scan(&FUND_TOTALS, &(book.clone(),), after, PAGE)?;
    Ok((page.rows, page.next))
}

/// Cover that a book pays for: of so many people, from the first of their days to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub people: u64,
    pub from: Date,
    pub until: Date,
}

/// What a book will have come to when the last of its cover is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outlook {
    pub granted: i64,
    pub balance: i64,
    /// Reckoned by the course of the year before, rather than evenly.
    pub by_last_year: bool,
}

/// Too little of a cover says nothing of the rest.
const DAYS_MIN: i32 = 30;

/// Evenly over the days of its people's covers, of one year or several. `course`: what share (in ten-thousandths) the year
/// before had granted by the same day, if it is known.
pub fn outlook(flow: &Flow, spans: &[Span], today: Date, course: Option<i64>) -> Option<Outlook> {
    let days = |a: Date, b: Date| a.until(b).map_or(0, |span| span.get_days().max(0));
    let gone = |span: &Span| days(span.from, today.min(span.until));
    if spans.iter().map(gone).max()? < DAYS_MIN {
        return None;
    }
    let sum = |of: &dyn Fn(&Span) -> i32| -> i128 {
        spans.iter().map(|span| i128::from(of(span)) * i128::from(span.people)).sum()
    };
    let (gone, all) = (sum(&gone), sum(&|span| days(span.from, span.until)));
    let granted = match course.filter(|share| *share > 0) {
        Some(share) => flow.granted().saturating_mul(10_000) / share,
        None => i64::try_from((i128::from(flow.granted()) * all).checked_div(gone)?).ok()?,
    };
    Some(Outlook { granted, balance: flow.income() - granted, by_last_year: course.is_some_and(|s| s > 0) })
}

/// The share (in ten-thousandths) of a year that was granted up to and with that day of it; evenly within its month.
pub fn course(months: &BTreeMap<u32, Flow>, day: Date) -> Option<i64> {
    let all: i64 = months.values().map(Flow::granted).sum();
    let month = month(day);
    let before: i64 = months.range(..month).map(|(_, flow)| flow.granted()).sum();
    let within = months.get(&month).map_or(0, Flow::granted);
    let gone = before + within.saturating_mul(i64::from(day.day())) / i64::from(day.days_in_month());
    (all > 0).then(|| gone.saturating_mul(10_000) / all)
}
