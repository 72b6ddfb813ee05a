use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use super::view::{self, Named, ReportView};
use crate::domain::fund::record::{Book, month_of};
use crate::domain::fund::report::{self as fund, Flow, Outlook, Report};
use crate::domain::scheme::commands::{programme, versions};
use crate::domain::scheme::record::Programme;
use crate::moment::Moment;
use crate::staff::act as door;
use crate::staff::{Act, ActError, Caller, Role};
use crate::store::{Fault, Store, Tx};

/// Of the unions, those with the most.
const UNIONS_MAX: usize = 200;

/// Income and benefits by book, month, district and union. `scheme` and `year`: of those alone.
pub async fn report(
    store: &Store,
    at: Moment,
    who: &Caller,
    scheme: Option<String>,
    year: Option<u16>,
) -> Result<ReportView, ActError> {
    let act = Act {
        name: "fund.report",
        subject: String::new(),
        role: Role::Payment,
        detail: String::new(),
        key: None,
        request: String::new(),
    };
    let mut books = door::look(store, at, who, act, |tx| fund::books(tx, None)).await?;
    while let Some((last, _)) = books.last().cloned() {
        let more = store.read(at, move |tx| fund::books(tx, Some(&last))).await?;
        if more.is_empty() {
            break;
        }
        books.extend(more);
    }
    let wanted = |book: &Book| {
        scheme.as_ref().is_none_or(|scheme| *scheme == book.scheme)
            && year.is_none_or(|year| year == book.year)
    };
    let mut report = Report::default();
    let mut months: BTreeMap<Book, BTreeMap<u32, Flow>> = BTreeMap::new();
    for (book, _) in &books {
        let of = read(store, at, book).await?;
        months.insert(book.clone(), of.months.clone());
        if wanted(book) {
            add(&mut report, of);
        }
    }
    let mut shown = Vec::new();
    for (book, standing) in books.iter().filter(|(book, _)| wanted(book)) {
        let flow = report.books.get(book).copied().unwrap_or_default();
        let outlook = ahead(store, at, book, &flow, &months).await?;
        shown.push(view::book(book, standing, &flow, outlook));
    }
    Ok(render(&report, shown))
}

/// All sums of one book, a page at a time.
async fn read(store: &Store, at: Moment, book: &Book) -> Result<Report, ActError> {
    let mut report = Report::default();
    let mut after = None;
    loop {
        let (of, from) = (book.clone(), after.take());
        let (rows, next) = store.read(at, move |tx| fund::totals(tx, &of, from.as_ref())).await?;
        for (key, total) in &rows {
            report.add(key, *total);
        }
        after = next;
        if after.is_none() {
            return Ok(report);
        }
    }
}

fn add(all: &mut Report, more: Report) {
    fn into<K: Ord>(sums: &mut BTreeMap<K, Flow>, more: BTreeMap<K, Flow>) {
        for (key, flow) in more {
            sums.entry(key).or_default().join(&flow);
        }
    }
    into(&mut all.books, more.books);
    into(&mut all.months, more.months);
    into(&mut all.districts, more.districts);
    into(&mut all.unions, more.unions);
    all.all.join(&more.all);
}

/// What the book's year will have come to, where its days are known.
async fn ahead(
    store: &Store,
    at: Moment,
    book: &Book,
    flow: &Flow,
    months: &BTreeMap<Book, BTreeMap<u32, Flow>>,
) -> Result<Option<Outlook>, ActError> {
    let of = book.clone();
    let Some((from, until)) = store.read(at, move |tx| days_of(tx, &of)).await? else { return Ok(None) };
    let before = Book { year: book.year.saturating_sub(1), ..book.clone() };
    let same_month = month_of(at.now).saturating_sub(100);
    let course = months.get(&before).and_then(|months| fund::course(months, same_month));
    Ok(fund::outlook(flow, from, until, at.now.date(), course))
}

/// The policy year of a book, by the windows of its programme.
fn days_of(tx: &Tx, book: &Book) -> Result<Option<(Date, Date)>, Fault> {
    let Some((version, _)) = versions(tx, &book.scheme)?.pop() else { return Ok(None) };
    let programme = programme(tx, &book.scheme, version, &book.programme)?;
    Ok(programme.and_then(|programme| year_of(&programme, book.year)))
}

fn year_of(programme: &Programme, year: u16) -> Option<(Date, Date)> {
    let begins = programme.windows.iter().find_map(|window| window.cover_from)?;
    let from = Date::new(i16::try_from(year).ok()?, begins.month(), begins.day()).ok()?;
    Some((from, from.saturating_add(1.year())))
}

fn render(report: &Report, books: Vec<view::BookView>) -> ReportView {
    let named = |name: String, flow: &Flow| Named { name, flow: view::flow(flow) };
    let month = |(month, flow): (&u32, &Flow)| named(format!("{}-{:02}", month / 100, month % 100), flow);
    let mut unions: Vec<(&String, &Flow)> = report.unions.iter().collect();
    unions.sort_by_key(|(name, flow)| (std::cmp::Reverse(flow.granted()), *name));
    ReportView {
        all: view::flow(&report.all),
        books,
        months: report.months.iter().map(month).collect(),
        districts: report.districts.iter().map(|(name, flow)| named(name.clone(), flow)).collect(),
        unions_left_out: unions.len().saturating_sub(UNIONS_MAX),
        unions: unions.into_iter().take(UNIONS_MAX).map(|(name, flow)| named(name.clone(), flow)).collect(),
    }
}
