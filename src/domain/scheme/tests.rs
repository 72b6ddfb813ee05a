//! Schemes as the store has them, with the people in them.

use jiff::civil::date;

use super::commands::*;
use super::file::{self, EMBEDDED, SchemeFile};
use super::record::*;
use super::rules::*;
use crate::domain::tables::*;
use crate::moment::calendar::Calendar;
use crate::store::testing::Bench;

fn ningbo() -> SchemeFile {
    file::read_all(EMBEDDED.iter().copied()).unwrap().remove(0)
}

/// Another version of it, from that day on, changed so.
fn later(version: u32, from: jiff::civil::Date, edit: impl Fn(&mut Programme)) -> SchemeFile {
    let mut file = ningbo();
    file.version = version;
    file.in_force.from = from;
    file.programmes.iter_mut().for_each(edit);
    file
}

fn policy(until: jiff::civil::Date) -> Policy {
    Policy {
        until,
        shares: 1,
        how: How::Unit,
        unit: "样例厂工会".to_owned(),
        entered: date(2024, 4, 10),
        first_or_broken: true,
        waiting_until: None,
    }
}

#[test]
fn the_shipped_scheme_has_no_problem_and_is_adopted_as_it_is() {
    let mut bench = Bench::new(CATALOG);
    let file = ningbo();
    let adopted = bench.run(|tx| adopt(tx, &[ningbo()])).unwrap().unwrap();
    assert_eq!(adopted.new, [("ningbo".to_owned(), 2024)]);
    for programme in &file.programmes {
        let stored = bench.run(|tx| super::commands::programme(tx, "ningbo", 2024, &programme.key)).unwrap();
        assert_eq!(stored.as_ref(), Some(programme));
    }
    assert_eq!(bench.run(|tx| adopt(tx, &[ningbo()])).unwrap(), Ok(Adopted::default()));
}

#[test]
fn what_was_adopted_is_never_changed_and_outlives_its_file() {
    let mut bench = Bench::new(CATALOG);
    bench.run(|tx| adopt(tx, &[ningbo()])).unwrap().unwrap();
    let mut edited = ningbo();
    edited.programmes[1].premiums[0].fee = Fen::yuan(140);
    let clashes = bench.run(|tx| adopt(tx, &[edited.clone()])).unwrap().unwrap_err();
    assert_eq!(
        clashes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "ningbo 2024: the programme `inpatient_retired` differs from what was adopted; write a new version in a file of its own"
        ]
    );
    let same_day = later(2025, date(2024, 5, 1), |_| {});
    let clashes = bench.run(|tx| adopt(tx, &[same_day.clone()])).unwrap().unwrap_err();
    let (scheme, other) = ("ningbo".to_owned(), 2024);
    assert_eq!(clashes, [Clash::SameDay { scheme, version: 2025, other }]);

    let new = later(2025, date(2025, 5, 1), |programme| programme.premiums[0].fee = Fen::yuan(1));
    bench.run(|tx| adopt(tx, &[new.clone()])).unwrap().unwrap();
    let judged_by = |bench: &mut Bench, day| bench.run(|tx| in_force(tx, "ningbo", day)).unwrap().unwrap().0;
    assert_eq!(judged_by(&mut bench, date(2025, 4, 30)), 2024);
    assert_eq!(judged_by(&mut bench, date(2025, 5, 1)), 2025);
    let old = bench.run(|tx| programme(tx, "ningbo", 2024, "inpatient_active")).unwrap().unwrap();
    assert_eq!(old.premiums[0].fee, Fen::yuan(60));
}

#[test]
fn an_event_is_judged_by_the_version_in_force_on_its_day() {
    let mut bench = Bench::new(CATALOG);
    let new = later(2025, date(2025, 1, 1), |programme| programme.excludes.clear());
    bench.run(|tx| adopt(tx, &[ningbo(), new.clone()])).unwrap().unwrap();
    let key = ([7; 16], "ningbo".to_owned(), "inpatient_active".to_owned(), key_of(date(2024, 5, 1)));
    bench.run(|tx| tx.put(&POLICIES, &key, &policy(date(2025, 4, 30)))).unwrap();
    let covers = bench.run(|tx| covers(tx, &[7; 16])).unwrap();
    let version = |day| choose(&covers, EventKind::Inpatient, day).map(|cover| cover.version);
    assert_eq!(version(date(2024, 12, 31)), Ok(2024));
    assert_eq!(version(date(2025, 1, 1)), Ok(2025));
    let (from, until) = (date(2024, 5, 1), date(2025, 4, 30));
    assert_eq!(version(date(2025, 5, 1)), Err(NotCovered::OutsideCover { from, until }));
    assert_eq!(version(date(2024, 4, 30)), Err(NotCovered::OutsideCover { from, until }));
    let kind = EventKind::Disease;
    assert_eq!(choose(&covers, kind, from), Err(NotCovered::KindNotCovered { kind }));
    assert_eq!(choose(&[], kind, from), Err(NotCovered::NoCover));
}

fn ningbo_programme(key: &str) -> Programme {
    ningbo().programmes.into_iter().find(|programme| programme.key == key).unwrap()
}

#[test]
fn papers_follow_the_circumstances() {
    let slots = |programme: &str, facts: &Facts| -> Vec<String> {
        let programme = ningbo_programme(programme);
        required_documents(&programme, facts).into_iter().map(|rule| rule.slot.clone()).collect()
    };
    let stay = Facts { kind: EventKind::Inpatient, ..Facts::default() };
    assert_eq!(
        slots("inpatient_active", &stay),
        ["invoice", "settlement", "discharge", "id_card", "bank_card"]
    );
    let for_relative = slots("inpatient_active", &Facts { relative: true, ..stay });
    assert!(for_relative.contains(&"kinship".to_owned()), "{for_relative:?}");
    let disease = Facts { kind: EventKind::Disease, ..Facts::default() };
    assert!(!slots("critical", &disease).contains(&"operation".to_owned()));
    let operated = Facts { operated: true, no_unit: true, ..disease };
    let asked = slots("critical", &operated);
    assert!(asked.contains(&"operation".to_owned()));
    assert_eq!(asked.iter().filter(|slot| *slot == "report").count(), 1, "{asked:?}");
}

#[test]
fn a_diagnosis_hints_at_diseases_and_not_at_what_only_sounds_so() {
    let hinted = |programme: &str, diagnosis: &str| -> Vec<String> {
        let programme = ningbo_programme(programme);
        hints(&programme, diagnosis).into_iter().map(|disease| disease.code.clone()).collect()
    };
    assert_eq!(hinted("critical", "右肺上叶 乳头状癌"), ["malignancy"]);
    assert_eq!(hinted("critical", "慢性肾脏病5期（CKD5）"), ["uremia"]);
    assert_eq!(hinted("women", "左乳导管原位癌"), ["in_situ"]);
    assert_eq!(hinted("women", "宫颈癌 IB期"), ["cervix"]);
    assert!(hinted("critical", "急性阑尾炎").is_empty());
    assert!(hinted("critical", "癌胚抗原升高").is_empty());
}

#[test]
fn filing_late_is_told_and_filing_early_too() {
    let mut programme = ningbo_programme("critical");
    let cover = Cover {
        scheme: "ningbo".to_owned(),
        version: 2024,
        programme: "critical".to_owned(),
        kinds: programme.kinds(),
        shares: 1,
        from: date(2024, 5, 1),
        until: date(2025, 4, 30),
        rules_from: date(2024, 5, 1),
        rules_until: None,
        first_or_broken: true,
        waiting_until: Some(date(2024, 7, 29)),
        unit: String::new(),
    };
    let calendar = Calendar::new([], []);
    let facts = Facts { kind: EventKind::Disease, diagnosed: Some(date(2024, 8, 31)), ..Facts::default() };
    let on = |programme: &Programme, day| filing(programme, &cover, &facts, day, &calendar).unwrap();
    let until = Some(date(2024, 9, 30));
    assert_eq!(on(&programme, date(2024, 9, 30)), Timeliness::InTime { until });
    assert_eq!(on(&programme, date(2024, 10, 20)), Timeliness::Late { since: date(2024, 10, 1) });
    assert_eq!(on(&programme, date(2024, 5, 20)), Timeliness::TooEarly { from: date(2024, 5, 30) });
    programme.filing.within = Some(Within::WorkingDays(30));
    assert_eq!(on(&programme, date(2024, 9, 1)), Timeliness::InTime { until: Some(date(2024, 10, 11)) });
    programme.filing =
        Filing { within: Some(Within::Years(2)), after: After::CoverEnd, not_before_day: None };
    assert_eq!(on(&programme, date(2027, 4, 30)), Timeliness::InTime { until: Some(date(2027, 4, 30)) });
    assert_eq!(on(&programme, date(2027, 5, 1)), Timeliness::Late { since: date(2027, 5, 1) });
    programme.cover.claims_open_from = Some(date(2024, 9, 1));
    assert_eq!(on(&programme, date(2024, 8, 31)), Timeliness::TooEarly { from: date(2024, 9, 1) });
}
