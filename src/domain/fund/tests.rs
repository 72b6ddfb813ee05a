use std::collections::BTreeMap;

use jiff::civil::date;
use proptest::prelude::*;

use super::audit::{Recount, problems, recount};
use super::ledger::{NotCountered, book, counter, standing};
use super::record::*;
use super::report::{Flow, Report, Span, books, course, outlook, totals};
use crate::domain::claim::record::ClaimId;
use crate::domain::scheme::record::Fen;
use crate::domain::tables::{CATALOG, FUND_ENTRIES};
use crate::moment::Time;
use crate::store::testing::Bench;

fn of(year: u16) -> Book {
    Book { scheme: "ningbo".to_owned(), programme: "inpatient_active".to_owned(), year }
}

fn entry(kind: Kind, amount: i64) -> Entry {
    Entry {
        at: Time::parse("2026-11-27T10:00:00+08:00").unwrap(),
        book: of(2026),
        kind,
        amount: Fen(amount),
        about: About::Claim(ClaimId(1)),
        district: "鄞州".to_owned(),
        union: "一厂工会".to_owned(),
        count: 1,
        counters: None,
        by: "service".to_owned(),
        reason: String::new(),
    }
}

fn audited(bench: &mut Bench, book: &Book) -> Vec<String> {
    let mut counted = Recount::default();
    while !counted.done {
        let so_far = counted.clone();
        counted = bench.run(|tx| recount(tx, book, so_far.clone())).unwrap();
    }
    bench.run(|tx| problems(tx, book, counted.clone())).unwrap()
}

fn reported(bench: &mut Bench) -> Report {
    let mut report = Report::default();
    for (book, _) in bench.run(|tx| books(tx, None)).unwrap() {
        let mut after = None;
        loop {
            let (rows, next) = bench.run(|tx| totals(tx, &book, after.as_ref())).unwrap();
            rows.iter().for_each(|(key, total)| report.add(key, *total));
            after = next;
            if after.is_none() {
                break;
            }
        }
    }
    report
}

#[test]
fn a_claims_way_through_the_book_leaves_the_money_where_it_is() {
    let mut bench = Bench::new(CATALOG);
    for (kind, amount) in [(Kind::Premium, 6_000), (Kind::Benefit, 2_900), (Kind::Payout, 2_900)] {
        bench.run(|tx| book(tx, &entry(kind, amount))).unwrap();
    }
    let kept = bench.run(|tx| standing(tx, &of(2026))).unwrap();
    let balance = |account| kept.balance(account).0;
    assert_eq!(Account::ALL.iter().map(|a| balance(*a)).collect::<Vec<_>>(), [3_100, -6_000, 2_900, 0]);
    assert_eq!(kept.sum(), 0);
    assert_eq!(audited(&mut bench, &of(2026)), Vec::<String>::new());
}

#[test]
fn an_entry_is_taken_back_once_and_by_one_of_its_own() {
    let mut bench = Bench::new(CATALOG);
    let id = bench.run(|tx| book(tx, &entry(Kind::Payout, 500))).unwrap();
    let back = bench.run(|tx| counter(tx, &id, "liu", "退票")).unwrap().unwrap();
    assert_eq!(bench.run(|tx| standing(tx, &of(2026))).unwrap().payable, Fen(0));
    let again = bench.run(|tx| counter(tx, &id, "liu", "退票")).unwrap();
    assert_eq!(again, Err(NotCountered::Already));
    assert_eq!(bench.run(|tx| counter(tx, &back, "liu", "x")).unwrap(), Err(NotCountered::Already));
    assert_eq!(bench.run(|tx| counter(tx, &(of(2025), 1), "liu", "x")).unwrap(), Err(NotCountered::Unknown));
    let first = bench.run(|tx| tx.get(&FUND_ENTRIES, &id)).unwrap().unwrap();
    assert_eq!(first, entry(Kind::Payout, 500), "the entry itself stays as it was");
    assert_eq!(audited(&mut bench, &of(2026)), Vec::<String>::new());
}

#[test]
fn the_audit_finds_an_entry_that_was_changed() {
    let mut bench = Bench::new(CATALOG);
    let id = bench.run(|tx| book(tx, &entry(Kind::Premium, 6_000))).unwrap();
    bench.run(|tx| tx.put(&FUND_ENTRIES, &id, &entry(Kind::Premium, 6_001))).unwrap();
    assert_eq!(audited(&mut bench, &of(2026)).len(), 2, "a balance and a sum are off");
}

#[test]
fn a_report_tells_what_came_in_and_went_out() {
    let mut bench = Bench::new(CATALOG);
    let elsewhere = Entry { district: "海曙".to_owned(), count: 100, ..entry(Kind::Premium, 600_000) };
    bench.run(|tx| book(tx, &elsewhere)).unwrap();
    bench.run(|tx| book(tx, &entry(Kind::Benefit, 290_000))).unwrap();
    let special = bench.run(|tx| book(tx, &entry(Kind::SpecialBenefit, 1_000_000))).unwrap();
    bench.run(|tx| counter(tx, &special, "liu", "error")).unwrap().unwrap();
    let report = reported(&mut bench);
    assert_eq!(report.all.premium_count, 100);
    assert_eq!((report.all.special_benefits, report.all.special_benefit_count), (0, 0));
    assert_eq!(report.all.ratio(), Some(4_833), "290,000 of 600,000");
    assert_eq!(report.districts["鄞州"].benefits, 290_000);
    assert_eq!(report.months.keys().collect::<Vec<_>>(), [&202_611, &202_612], "taken back in December");
    assert_eq!(Flow::default().ratio(), None);
}

#[test]
fn who_was_taken_out_and_entered_again_is_one_person_of_the_report() {
    let mut bench = Bench::new(CATALOG);
    let list = Entry { count: 100, ..entry(Kind::Premium, 600_000) };
    for made in [list, entry(Kind::PremiumReturned, 6_000)] {
        bench.run(|tx| book(tx, &made)).unwrap();
    }
    assert_eq!(reported(&mut bench).all.premium_count, 99);
    bench.run(|tx| book(tx, &entry(Kind::Premium, 6_000))).unwrap();
    let all = reported(&mut bench).all;
    assert_eq!((all.premium_count, all.income()), (100, 600_000));
}

#[test]
fn the_outlook_goes_by_the_course_of_the_year_before_where_there_was_one() {
    let flow = Flow { premiums: 1_000, benefits: 300, ..Flow::default() };
    let year = [Span { people: 7, from: date(2026, 5, 1), until: date(2027, 5, 1) }];
    let even = outlook(&flow, &year, date(2026, 10, 31), None).unwrap();
    assert_eq!((even.granted, even.balance), (598, 402), "183 of 365 days are gone");
    let month = |granted| Flow { benefits: granted, ..Flow::default() };
    let last_year = BTreeMap::from([(202_508, month(100)), (202_510, month(50)), (202_603, month(350))]);
    let share = course(&last_year, date(2025, 10, 31));
    assert_eq!(share, Some(3_000));
    let within = |day| course(&last_year, date(2025, 10, day));
    assert_eq!((within(1), within(15)), (Some(2_020), Some(2_480)), "no more of the month than is gone");
    let by_course = outlook(&flow, &year, date(2026, 10, 31), share).unwrap();
    assert_eq!((by_course.granted, by_course.balance, by_course.by_last_year), (1_000, 0, true));
    assert_eq!(outlook(&flow, &year, date(2026, 5, 20), None), None, "too early to tell");
    // Of one in four the cover is of four years: after the first, four sevenths of all days are gone.
    let long = Span { people: 1, from: date(2026, 5, 1), until: date(2030, 5, 1) };
    let mixed = outlook(&flow, &[Span { people: 3, ..year[0] }, long], date(2027, 5, 1), None).unwrap();
    assert_eq!((mixed.granted, mixed.balance), (525, 475), "1,461 and three times 365 days in all");
    assert_eq!(outlook(&flow, &[], date(2027, 5, 1), None), None);
}

/// Beijing's year ends sixteen hours before that of UTC's, and a policy year in the middle of the calendar's.
#[test]
fn a_book_goes_on_over_the_end_of_a_year_and_keeps_what_comes_after_its_own() {
    let mut bench = Bench::new(CATALOG);
    let mut books_at = |at: &str, year: u16, kind, amount| {
        let made = Entry { at: Time::parse(at).unwrap(), book: of(year), ..entry(kind, amount) };
        bench.run(|tx| book(tx, &made)).unwrap()
    };
    books_at("2026-12-31T23:59:59+08:00", 2026, Kind::Benefit, 700);
    let paid = books_at("2027-01-01T00:00:00+08:00", 2026, Kind::Payout, 700);
    books_at("2027-04-20T09:00:00+08:00", 2027, Kind::Premium, 6_000);
    books_at("2027-06-02T09:00:00+08:00", 2026, Kind::Recovery, 200);
    bench.moment.now = Time::parse("2027-07-01T09:00:00+08:00").unwrap();
    bench.run(|tx| counter(tx, &paid, "liu", "退票")).unwrap().unwrap();
    let report = reported(&mut bench);
    let granted = |month| report.months.get(&month).map(Flow::granted);
    assert_eq!((granted(202_612), granted(202_701), granted(202_706)), (Some(700), Some(0), Some(-200)));
    assert_eq!(report.months[&202_701].paid, 700, "the month keeps what was paid in it");
    let (old, new) = (report.books[&of(2026)], report.books[&of(2027)]);
    assert_eq!((old.granted(), old.paid, old.income()), (500, 0, 0));
    assert_eq!((new.granted(), new.income()), (0, 6_000));
    let kept = bench.run(|tx| standing(tx, &of(2026))).unwrap();
    assert_eq!((kept.bank, kept.payable, kept.sum()), (Fen(200), Fen(-700), 0), "owed again");
    for year in [2026, 2027] {
        assert_eq!(audited(&mut bench, &of(year)), Vec::<String>::new());
    }
}

#[derive(Debug, Clone)]
enum Deed {
    Book(usize, i64, bool),
    TakeBack(usize),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        (0..Kind::ALL.len(), 1..10_000_000_i64, any::<bool>()).prop_map(|(k, a, b)| Deed::Book(k, a, b)),
        (0..40_usize).prop_map(Deed::TakeBack),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever is booked and taken back: every book sums to zero and agrees with its entries, and a report with the books.
    #[test]
    fn accounts_always_sum_to_zero(deeds in proptest::collection::vec(deed(), 1..40)) {
        let mut bench = Bench::new(CATALOG);
        let mut ids = Vec::new();
        for deed in deeds {
            match deed {
                Deed::Book(kind, amount, later) => {
                    let year = if later { 2027 } else { 2026 };
                    let (district, union) = (["鄞州", "海曙", ""][amount as usize % 3], ["一厂", "二厂"][amount as usize % 2]);
                    let made = Entry {
                        book: of(year),
                        district: district.to_owned(),
                        union: union.to_owned(),
                        ..entry(Kind::ALL[kind], amount)
                    };
                    ids.push(bench.run(|tx| book(tx, &made)).unwrap());
                }
                Deed::TakeBack(index) => {
                    if let Some(id) = ids.get(index).cloned() {
                        _ = bench.run(|tx| counter(tx, &id, "liu", "error")).unwrap();
                    }
                }
            }
            for year in [2026, 2027] {
                prop_assert_eq!(bench.run(|tx| standing(tx, &of(year))).unwrap().sum(), 0);
                prop_assert_eq!(audited(&mut bench, &of(year)), Vec::<String>::new());
            }
        }
        let report = reported(&mut bench);
        for (book, flow) in &report.books {
            let kept = bench.run(|tx| standing(tx, book)).unwrap();
            prop_assert_eq!((flow.income(), flow.granted()), (-kept.premiums.0, kept.benefits.0));
            prop_assert_eq!(flow.income() - flow.paid + flow.recovered, kept.bank.0);
        }
        let sum = |flows: Vec<&Flow>| flows.into_iter().fold(Flow::default(), |mut all, flow| {
            all.join(flow);
            all
        });
        for parts in [
            report.books.values().collect(),
            report.months.values().collect(),
            report.districts.values().collect(),
            report.unions.values().collect(),
        ] {
            prop_assert_eq!(sum(parts), report.all);
        }
    }
}
