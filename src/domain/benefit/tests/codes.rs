//! Partner codes that differ in case alone, and codes that ran out.

use super::super::audit;
use super::*;

fn loads(bench: &mut Bench, id: u32, lot: &str, codes: &[&str]) -> Vec<String> {
    let origin = Origin { lot: lot.to_owned(), supplier: "影城".to_owned(), by: "staff".to_owned() };
    let codes: Vec<_> =
        codes.iter().map(|code| NewCode { line: 2, code: (*code).to_owned(), until: None }).collect();
    let imported = bench.run(|tx| import(tx, id, &origin, &codes)).unwrap().unwrap();
    imported.refused.into_iter().map(|no| no.why).collect()
}

pub fn audited(bench: &mut Bench) -> Vec<String> {
    let mut counted = bench.run(|tx| audit::recount(tx, 1, None)).unwrap();
    while !counted.done {
        let next = bench.run(|tx| audit::recount(tx, 1, counted.after)).unwrap();
        counted.join(next);
    }
    let (people, _) = bench.run(|tx| audit::limits(tx, 1, &counted, None)).unwrap();
    [bench.run(|tx| audit::benefit(tx, 1, &counted)).unwrap(), people].concat()
}

#[test]
fn codes_that_differ_in_case_alone_are_two_unless_the_provider_says_otherwise() {
    let imported = |ignore: bool| {
        with(move |terms| {
            terms.way = Way::Imported;
            terms.codes_ignore_case = ignore;
        })
    };
    let mut bench = open(imported(false));
    assert_eq!(loads(&mut bench, 1, "a", &["abC-1", "ABC-1", "abc1", "abC 1"]), ["duplicate_here"]);
    assert_eq!(loads(&mut bench, 1, "b", &["ABC1", "aBC1"]), ["duplicate"]);
    let owners = ["oMei", "oBo", "oLi"].map(|name| bench.claims(name).unwrap().number);
    let till = till("宁波公交");
    for (typed, number) in [("ABC-1", Some(owners[1])), ("abC1", Some(owners[0])), ("AbC1", None)] {
        let taken = bench.run(|tx| redeem(tx, typed, &till)).unwrap().map(|(_, coupon)| coupon.number);
        assert_eq!(taken.ok(), number, "{typed}");
    }
    assert_eq!(audited(&mut bench), [] as [String; 0]);

    let other = bench.run(|tx| create(tx, imported(true))).unwrap().id;
    assert_eq!(loads(&mut bench, other, "c", &["AbC1", "Film-1", "FILM1"]), ["duplicate", "duplicate_here"]);
    assert_eq!(loads(&mut bench, 1, "c", &["film1"]), ["duplicate"], "the other's in any case");
}

#[test]
fn what_a_spreadsheet_made_of_codes_is_none() {
    let mut bench = open(with(|terms| terms.way = Way::Imported));
    let codes = ["1.23457E+15", "1E+15", "Q\n1", "Q1E5", "E+5", "1.2", "123456789012345"];
    assert_eq!(loads(&mut bench, 1, "a", &codes), ["not_a_code"; 3]);
}

#[test]
fn a_code_loaded_before_case_mattered_is_found_as_it_was_written() {
    let mut bench = open(with(|terms| {
        terms.way = Way::Imported;
        terms.codes_ignore_case = true;
    }));
    loads(&mut bench, 1, "a", &["Abc"]);
    bench
        .run(|tx| {
            let mut benefit = tx.get(&BENEFITS, &1)?.unwrap();
            benefit.terms.codes_ignore_case = false;
            tx.put(&BENEFITS, &1, &benefit)
        })
        .unwrap();
    assert_eq!(loads(&mut bench, 1, "b", &["Abc"]), ["duplicate"]);
    assert_eq!(loads(&mut bench, 1, "b", &["ABC"]), [] as [String; 0]);
    bench.claims("oMei").unwrap();
    let till = till("宁波公交");
    let takes = |bench: &mut Bench, typed: &str| bench.run(|tx| redeem(tx, typed, &till)).unwrap().map(drop);
    assert_eq!(takes(&mut bench, "abc"), Err(RedeemRefusal::Unknown));
    assert_eq!(takes(&mut bench, "ABC"), Err(RedeemRefusal::NotGiven));
    assert_eq!(takes(&mut bench, "Abc"), Ok(()));
    assert_eq!(audited(&mut bench), [] as [String; 0]);
}

#[test]
fn a_code_that_is_given_again_leads_to_its_new_owner() {
    let mut bench = open(with(|terms| {
        terms.way = Way::Imported;
        terms.back = Back { same_code: true, ..terms.back };
    }));
    loads(&mut bench, 1, "a", &["aX"]);
    let first = bench.claims("oMei").unwrap();
    bench.run(|tx| give_back(tx, &who("oMei"), first.number)).unwrap().unwrap();
    let second = bench.claims("oBo").unwrap();
    assert_eq!(code(&second), "aX");
    assert_eq!(audited(&mut bench), [] as [String; 0], "one code, though two rows");
    let till = till("宁波公交");
    assert_eq!(bench.run(|tx| redeem(tx, "aX", &till)).unwrap().unwrap().1.number, second.number);
}

#[test]
fn a_lot_that_lost_a_code_is_found() {
    let mut bench = open(with(|terms| terms.way = Way::Imported));
    loads(&mut bench, 1, "a", &["X", "Y"]);
    loads(&mut bench, 1, "b", &["Z"]);
    assert_eq!(audited(&mut bench), [] as [String; 0]);
    bench
        .run(|tx| {
            let mut coupon = tx.get(&COUPONS, &(1, 2))?.unwrap();
            coupon.lot = Some("b".to_owned());
            tx.put(&COUPONS, &(1, 2), &coupon)
        })
        .unwrap();
    let broken = audited(&mut bench);
    assert_eq!(
        broken,
        ["W1 lot a: 2 codes were loaded, rows say 1", "W1 lot b: 1 codes were loaded, rows say 2"]
    );
}

#[test]
fn gone_names_as_many_as_there_were() {
    let mut bench = open(with(|terms| terms.way = Way::Imported));
    assert!(matches!(bench.refuses("oMei"), Refusal::NoCodes { next: Some(_) }), "none was loaded");
    loads(&mut bench, 1, "a", &["X", "Y"]);
    for name in ["oMei", "oBo"] {
        bench.claims(name).unwrap();
    }
    assert!(matches!(bench.refuses("oLi"), Refusal::Gone { offered: 2, .. }), "ten were to come");
}

#[test]
fn one_that_came_back_is_counted_once() {
    let mut bench = open(with(|terms| terms.releases[0].stock = 1));
    let first = bench.claims("oMei").unwrap();
    bench.run(|tx| give_back(tx, &who("oMei"), first.number)).unwrap().unwrap();
    bench.claims("oBo").unwrap();
    assert!(matches!(bench.refuses("oLi"), Refusal::Gone { offered: 1, drawn: false, .. }));
    assert_eq!(audited(&mut bench), [] as [String; 0]);
}

#[test]
fn a_coupon_keeps_what_it_costs_and_until_when_a_payment_would_hold_it() {
    let priced = |fen| with(move |terms| terms.price = Some(Price { fen, hold_minutes: 30 }));
    let mut bench = open(priced(1));
    let hold_until = bench.moment.now.plus(Duration::from_secs(1800));
    let coupon = bench.claims("oMei").unwrap();
    assert_eq!(coupon.owner.unwrap().due, Some(Due { fen: 1, hold_until }));
    bench.run(|tx| change(tx, 1, priced(100))).unwrap().unwrap();
    let (_, kept) = bench.run(|tx| own(tx, &who("oMei"), coupon.number)).unwrap().unwrap();
    assert_eq!(kept.owner.unwrap().due, Some(Due { fen: 1, hold_until }));
}

/// So many codes with an end of their own, before two without.
fn with_an_end(count: usize, until: Time) -> Bench {
    let mut bench = open(with(|terms| terms.way = Way::Imported));
    let origin = Origin { lot: "a".to_owned(), supplier: String::new(), by: "staff".to_owned() };
    let codes: Vec<_> =
        (0..count).map(|n| NewCode { line: 2, code: format!("E{n}"), until: Some(until) }).collect();
    for codes in codes.chunks(crate::domain::benefit::import::CODES_PER_COMMIT) {
        assert_eq!(bench.run(|tx| import(tx, 1, &origin, codes)).unwrap().unwrap().refused, []);
    }
    assert_eq!(loads(&mut bench, 1, "b", &["X", "Y"]), [] as [String; 0]);
    bench
}

#[test]
fn a_code_behind_many_that_ended_is_still_given() {
    let mut bench = open(sample_terms());
    let until = Time::from_unix_s((bench.moment.now.unix_s() / 3600 + 1) * 3600);
    bench = with_an_end(450, until);
    bench.moment.now = until; // before any timer fires
    assert!(matches!(bench.refuses("oMei"), Refusal::NoCodes { .. }), "too many to pass over at once");
    assert!(matches!(bench.refuses("oMei"), Refusal::NoCodes { .. }));
    assert_eq!(code(&bench.claims("oMei").unwrap()), "X");
    assert_eq!(audited(&mut bench), [] as [String; 0]);
}

#[test]
fn codes_that_end_are_not_said_to_be_left() {
    let mut bench = open(sample_terms());
    let until = Time::from_unix_s((bench.moment.now.unix_s() / 3600 + 1) * 3600);
    bench = with_an_end(450, until);
    let first = bench.claims("oMei").unwrap();
    let left = |bench: &mut Bench| bench.run(|tx| tx.get(&STOCKS, &1)).unwrap().unwrap().pool;
    assert_eq!((code(&first), left(&mut bench).left), ("E0".to_owned(), 451));
    bench.goes_on(Duration::from_secs(3600));
    let Counts { loaded, left: good, taken, void, .. } = left(&mut bench);
    assert_eq!((loaded, good, taken, void), (452, 2, 1, 449));
    assert_eq!(audited(&mut bench), [] as [String; 0]);
}

#[test]
fn a_code_that_nobody_has_can_be_made_void() {
    let mut bench = open(with(|terms| terms.way = Way::Imported));
    loads(&mut bench, 1, "a", &["V", "W", "X", "Y"]);
    let voids = |bench: &mut Bench, typed: &str, again| {
        let done = bench.run(|tx| void(tx, typed, "wu", "影城收回", again)).unwrap();
        done.map(|(_, instead)| instead.map(|coupon| code(&coupon)))
    };
    let first = bench.claims("oMei").unwrap();
    assert_eq!(voids(&mut bench, "W", true), Err(ManageRefusal::Nobodys));
    assert_eq!(voids(&mut bench, "W", false), Ok(None));
    let till = till("宁波公交");
    let taken = bench.run(|tx| redeem(tx, "W", &till)).unwrap().map(drop);
    assert!(matches!(taken, Err(RedeemRefusal::Void { .. })), "{taken:?}");
    assert!(bench.told_of_welfare().is_empty(), "it was nobody's");
    assert_eq!(voids(&mut bench, &code(&first), true), Ok(Some("X".to_owned())), "not one that is void");
    assert_eq!(voids(&mut bench, "W", false), Err(ManageRefusal::CouponState { now: "void" }));
    assert_eq!(audited(&mut bench), [] as [String; 0]);
    assert_eq!(voids(&mut bench, "Y", false), Ok(None));
    assert_eq!(voids(&mut bench, "X", true), Err(ManageRefusal::NothingLeft));
    assert_eq!(audited(&mut bench), [] as [String; 0]);
}

#[test]
fn a_benefit_that_goes_another_way_gives_nothing_that_is_not_there() {
    let mut bench = open(with(|terms| terms.back.returns = false));
    let imported = with(|terms| terms.way = Way::Imported);
    bench.run(|tx| change(tx, 1, imported.clone())).unwrap().unwrap();
    assert!(matches!(bench.refuses("oMei"), Refusal::NoCodes { .. }), "none was loaded");
    loads(&mut bench, 1, "a", &["X"]);
    assert_eq!(code(&bench.claims("oMei").unwrap()), "X");
    assert!(matches!(bench.refuses("oBo"), Refusal::Gone { offered: 1, .. }), "not one without a code");
    assert_eq!(audited(&mut bench), [] as [String; 0]);

    let mut bench = open(imported);
    assert!(matches!(bench.refuses("oMei"), Refusal::NoCodes { .. }));
    bench.run(|tx| change(tx, 1, sample_terms())).unwrap().unwrap();
    assert!(bench.claims("oMei").is_ok(), "of ours there are ten at once");
    bench.goes_on(DAY);
    assert!(bench.claims("oMei").is_ok());
    assert_eq!(audited(&mut bench), [] as [String; 0]);
}

#[test]
fn a_code_that_ends_before_coupons_are_good_is_refused() {
    let from = Time::parse("2026-12-10T00:00:00+08:00").unwrap();
    let mut bench = open(with(|terms| {
        terms.way = Way::Imported;
        terms.validity.not_before = Some(from);
    }));
    let origin = Origin { lot: "a".to_owned(), supplier: String::new(), by: "staff".to_owned() };
    let codes = [("X", from), ("Y", from.plus(DAY))].map(|(code, until)| NewCode {
        line: 2,
        code: code.to_owned(),
        until: Some(until),
    });
    let imported = bench.run(|tx| import(tx, 1, &origin, &codes)).unwrap().unwrap();
    let refused: Vec<_> = imported.refused.iter().map(|no| (no.why.as_str(), no.message.as_str())).collect();
    let message = "ends before coupons are good (`valid.not_before`): at 2026-12-10T00:00:00+08:00";
    assert_eq!((imported.loaded, refused), (1, vec![("expired", message)]));
    assert_eq!(code(&bench.claims("oMei").unwrap()), "Y");
}

#[test]
fn a_code_that_ended_at_its_provider_is_not_given_again() {
    let until = Time::parse("2026-12-01T18:00:00+08:00").unwrap();
    let mut bench = open(with(|terms| {
        terms.way = Way::Imported;
        terms.back = Back { expired_to_stock: true, same_code: true, ..terms.back };
    }));
    let origin = Origin { lot: "a".to_owned(), supplier: String::new(), by: "staff".to_owned() };
    let new = NewCode { line: 2, code: "X".to_owned(), until: Some(until) };
    bench.run(|tx| import(tx, 1, &origin, std::slice::from_ref(&new))).unwrap().unwrap();
    bench.claims("oMei").unwrap();
    bench.goes_on(Duration::from_secs(9 * 3600));
    let stock = bench.run(|tx| tx.get(&STOCKS, &1)).unwrap().unwrap();
    assert_eq!(stock.pool.left, 0, "nobody could use it");
    assert_eq!(audited(&mut bench), [] as [String; 0]);
}

#[test]
fn who_has_one_already_is_shown_the_one_that_staff_gave_for_it() {
    let mut bench = open(sample_terms());
    let mut last = bench.claims("oMei").unwrap();
    for _ in 0..2 {
        let given = bench.run(|tx| void(tx, &code(&last), "staff", "坏了", true)).unwrap().unwrap();
        last = given.1.unwrap();
        let refused = bench.refuses("oMei");
        assert!(
            matches!(refused, Refusal::AlreadyHad { coupon, .. } if coupon == last.number),
            "{refused:?}"
        );
    }
}

#[test]
fn the_reminder_comes_in_the_morning_at_whatever_hour_a_code_ends() {
    let mut bench = open(with(|terms| terms.way = Way::Imported));
    let origin = Origin { lot: "a".to_owned(), supplier: String::new(), by: "staff".to_owned() };
    let until = Some(Time::parse("2026-12-10T18:00:00+08:00").unwrap());
    let new = NewCode { line: 2, code: "X".to_owned(), until };
    bench.run(|tx| import(tx, 1, &origin, std::slice::from_ref(&new))).unwrap().unwrap();
    let coupon = bench.claims("oMei").unwrap().number;
    for (time, told) in [("2026-12-07T08:59:00", 0), ("2026-12-07T09:00:00", 1)] {
        bench.comes_to(time);
        bench.goes_on(Duration::ZERO);
        assert_eq!(
            bench.told_of_welfare(),
            vec![("oMei".to_owned(), Welfare::Expiring { coupon }); told],
            "{time}"
        );
    }
}
