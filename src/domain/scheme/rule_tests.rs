//! Terms and refusals by rules alone, at the days and sums on which they turn.

use jiff::civil::date;

use super::file;
use super::join;
use super::record::*;
use super::rules::*;

#[test]
fn a_year_from_a_leap_day_ends_with_february() {
    let ningbo = file::read("ningbo", include_str!("../../../schemes/ningbo.toml")).unwrap();
    let mut programme = ningbo.programmes.into_iter().find(|one| one.key == "women").unwrap();
    let window = programme.windows[0].clone();
    programme.windows = vec![Window { from: date(2027, 1, 1), until: date(2028, 12, 31), ..window }];
    let entry = |on| join::Entry { on, how: How::Unit, new_hire: false };
    let until = |on, premium: &Premium| join::days(&programme, premium, entry(on), None).unwrap().until;
    let [year, four] = [0, 1].map(|at| programme.premiums[at].clone());
    assert_eq!(until(date(2028, 2, 28), &year), date(2029, 2, 28));
    assert_eq!(until(date(2028, 2, 28), &four), date(2032, 2, 28));
    assert_eq!(until(date(2027, 2, 28), &year), date(2028, 2, 29));
    assert_eq!(until(date(2028, 2, 27), &year), date(2029, 2, 27));
}

#[test]
fn who_has_had_all_the_days_of_an_allowance_reads_what_they_come_to() {
    let accident = file::read("accident", include_str!("../../../schemes/accident.toml")).unwrap();
    let programme = &accident.programmes[0];
    let from = date(2026, 3, 2);
    let cover = Cover {
        scheme: "accident".to_owned(),
        version: accident.version,
        programme: programme.key.clone(),
        kinds: programme.kinds(),
        shares: 2,
        from,
        until: date(2027, 3, 1),
        rules_from: from,
        rules_until: None,
        first_or_broken: false,
        waiting_until: None,
        unit: String::new(),
    };
    let happened = Some(date(2026, 9, 1));
    let facts = Facts { kind: EventKind::Accident, happened, days: Some(10), ..Facts::default() };
    let mut before = Before::default();
    before.period.days.insert("hospital".to_owned(), 180);
    let cap = Fen::yuan(2 * 20 * 180);
    assert_eq!(benefit(programme, &cover, &facts, &before), Err(NotCovered::CapReached { cap }));
}

#[test]
fn a_limit_leaves_no_part_of_what_is_rounded_to() {
    let ningbo = file::read("ningbo", include_str!("../../../schemes/ningbo.toml")).unwrap();
    let mut programme = ningbo.programmes.into_iter().find(|one| one.key == "inpatient_active").unwrap();
    programme.rounding = RoundingRule { mode: Rounding::Down, to: Fen::yuan(1) };
    let window = programme.windows[0].clone();
    let entry = join::Entry { on: window.from, how: How::Unit, new_hire: false };
    let days = join::days(&programme, &programme.premiums[0], entry, None).unwrap();
    let cover = Cover {
        scheme: "ningbo".to_owned(),
        version: 1,
        programme: programme.key.clone(),
        kinds: programme.kinds(),
        shares: 1,
        from: days.from,
        until: days.until,
        rules_from: days.from,
        rules_until: None,
        first_or_broken: false,
        waiting_until: None,
        unit: String::new(),
    };
    let paid = |personal: Fen| {
        let (borne, discharged) = (Some(Fen(600_055)), Some(date(2024, 8, 12)));
        let facts =
            Facts { discharged, self_borne: borne, personal_amount: Some(personal), ..Facts::default() };
        benefit(&programme, &cover, &facts, &Before::default()).map(|counted| counted.total)
    };
    assert_eq!(paid(Fen(900_000)), Ok(Fen::yuan(2_900)), "2,400 + 300 + 200");
    assert_eq!(paid(Fen(250_050)), Ok(Fen::yuan(2_500)), "not 2,500.50");
    assert_eq!(paid(Fen(50)), Err(NotCovered::NothingBorne), "less than a yuan is nothing");
}
