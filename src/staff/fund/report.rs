use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;

use super::view::{self, Named, ReportView};
use crate::domain::fund::record::Book;
use crate::domain::fund::report::{self as fund, Flow, Outlook, Report, Span};
use crate::domain::scheme::commands::{programme, versions};
use crate::domain::scheme::record::{Programme, Window};
use crate::domain::tables::ENTERED_TERMS;
use crate::staff::act as door;
use crate::staff::{Act, ActError, Call, Role};
use crate::store::{Fault, Tx};

/// Of the unions, those with the most.
const UNIONS_MAX: usize = 200;

/// Income and benefits by book, month, district and union. `scheme` and `year`: of those alone.
pub async fn report(call: &Call, scheme: Option<String>, year: Option<u16>) -> Result<ReportView, ActError> {
    if let Some(scheme) = scheme.clone()
        && call.read(move |tx| versions(tx, &scheme)).await?.is_empty()
    {
        return Err(ActError::NotFound("such scheme".to_owned()));
    }
    let act = Act::plain("fund.report", String::new(), Role::Payment);
    let mut books = door::look(call, act, |tx| fund::books(tx, None)).await?;
    while let Some((last, _)) = books.last().cloned() {
        let more = call.read(move |tx| fund::books(tx, Some(&last))).await?;
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
        let of = read(call, book).await?;
        months.insert(book.clone(), of.months.clone());
        if wanted(book) {
            add(&mut report, of);
        }
    }
    let mut shown = Vec::new();
    for (book, standing) in books.iter().filter(|(book, _)| wanted(book)) {
        let flow = report.books.get(book).copied().unwrap_or_default();
        let outlook = ahead(call, book, &flow, &months).await?;
        shown.push(view::book(book, standing, &flow, outlook));
    }
    Ok(render(&report, shown))
}

/// All sums of one book, a page at a time.
async fn read(call: &Call, book: &Book) -> Result<Report, ActError> {
    let mut report = Report::default();
    let mut after = None;
    loop {
        let (of, from) = (book.clone(), after.take());
        let (rows, next) = call.read(move |tx| fund::totals(tx, &of, from.as_ref())).await?;
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

/// What the book will have come to, where the days of its covers are known.
async fn ahead(
    call: &Call,
    book: &Book,
    flow: &Flow,
    months: &BTreeMap<Book, BTreeMap<u32, Flow>>,
) -> Result<Option<Outlook>, ActError> {
    let of = book.clone();
    let people = u64::try_from(flow.premium_count).unwrap_or(0);
    let terms = call.read(move |tx| spans_of(tx, &of, people)).await?;
    // Covers of years go on beyond the year before, whose course is then not known either.
    let of_a_year = terms.iter().all(|(years, _)| *years == 1);
    let spans: Vec<Span> = terms.into_iter().map(|(_, span)| span).collect();
    let before = Book { year: book.year.saturating_sub(1), ..book.clone() };
    let today = call.at.now.date();
    let a_year_ago = today.saturating_sub(1.year());
    let course = months.get(&before).filter(|_| of_a_year);
    let course = course.and_then(|months| fund::course(months, a_year_ago));
    Ok(fund::outlook(flow, &spans, today, course))
}

/// The covers of a book with the years of their terms, by the windows of its programme and the terms for which people were
/// entered. None, where the programme has several and nothing tells which of them people were entered for: early books kept
/// none.
fn spans_of(tx: &Tx, book: &Book, people: u64) -> Result<Vec<(u8, Span)>, Fault> {
    let mut newest_first = Vec::new();
    for (version, _) in versions(tx, &book.scheme)?.into_iter().rev() {
        newest_first.extend(programme(tx, &book.scheme, version, &book.programme)?);
    }
    // Next year's file may have other days and none of this year's.
    let of_year = newest_first.iter().find_map(|known| Some((known, first_days(known, book.year)?)));
    let newest =
        || newest_first.first().and_then(|known| Some((known, as_in_another_year(known, book.year)?)));
    let Some((programme, (first, last))) = of_year.or_else(newest) else { return Ok(Vec::new()) };
    let prefix = (book.scheme.clone(), book.programme.clone(), book.year);
    let kept = tx.scan(&ENTERED_TERMS, &prefix, None, usize::from(u8::MAX))?.rows;
    let mut terms: Vec<(u8, u64)> = kept.into_iter().map(|((.., years), people)| (years, people)).collect();
    let unkept = people.saturating_sub(terms.iter().map(|(_, people)| people).sum());
    let offered: BTreeSet<u8> = programme.premiums.iter().map(|premium| premium.years).collect();
    match offered.first() {
        Some(only) if offered.len() == 1 => terms.push((*only, unkept)),
        _ if unkept > 0 => return Ok(Vec::new()),
        _ => {}
    }
    let span = |(years, people): (u8, u64)| {
        let until = last.saturating_add(i64::from(years).years());
        (years, Span { people, from: first, until })
    };
    Ok(terms.into_iter().filter(|(_, people)| *people > 0).map(span).collect())
}

/// The earliest and the latest day on which cover of that policy year begins for whoever joins in the programme's windows.
/// Late entries and new hires are few.
fn first_days(programme: &Programme, year: u16) -> Option<(Date, Date)> {
    let year = i16::try_from(year).ok()?;
    let (begins, ends) = (Date::new(year, 1, 1).ok()?, Date::new(year, 12, 31).ok()?);
    let within = usual_days(programme).map(|(first, last)| (first.max(begins), last.min(ends)));
    let of_year = within.filter(|(first, last)| first <= last);
    of_year.reduce(|(first, last), (other, later)| (first.min(other), last.max(later)))
}

/// The same days where windows name other years alone.
fn as_in_another_year(programme: &Programme, year: u16) -> Option<(Date, Date)> {
    let (first, last) = usual_days(programme).next()?;
    let years = i64::from(i16::try_from(year).ok()? - first.year()).years();
    Some((first.saturating_add(years), last.saturating_add(years)))
}

/// On which cover begins by each window that is neither late nor for new hires alone.
fn usual_days(programme: &Programme) -> impl Iterator<Item = (Date, Date)> {
    let of = |window: &Window| match window.cover_from {
        Some(day) => (day, day),
        None => (window.from.saturating_add(1.day()), window.until.saturating_add(1.day())),
    };
    programme.windows.iter().filter(|window| !window.late && !window.new_hires).map(of)
}

fn render(report: &Report, books: Vec<view::BookView>) -> ReportView {
    let named = |name: String, flow: &Flow| Named { name, flow: view::flow(flow) };
    let month = |(month, flow): (&u32, &Flow)| named(format!("{}-{:02}", month / 100, month % 100), flow);
    let mut unions: Vec<(&String, &Flow)> = report.unions.iter().collect();
    unions.sort_by_key(|(name, flow)| (std::cmp::Reverse(flow.granted()), *name));
    let left_out = unions.split_off(UNIONS_MAX.min(unions.len()));
    let mut others = Flow::default();
    left_out.iter().for_each(|(_, flow)| others.join(flow));
    ReportView {
        all: view::flow(&report.all),
        books,
        months: report.months.iter().map(month).collect(),
        districts: report.districts.iter().map(|(name, flow)| named(name.clone(), flow)).collect(),
        unions: unions.into_iter().map(|(name, flow)| named(name.clone(), flow)).collect(),
        unions_left_out: left_out.len(),
        unions_others: (!left_out.is_empty()).then(|| view::flow(&others)),
    }
}
