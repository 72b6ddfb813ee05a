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
    Policy { first_or_broken: true, ..Policy::of_unit("样例厂工会", date(2024, 4, 10), until) }
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
fn amounts_below_zero_and_days_out_of_order_are_told_once_and_nothing_that_follows_of_it() {
    let shipped = EMBEDDED.iter().find(|(name, _)| name.contains("ningbo")).unwrap().1;
    for (says, instead, told) in [
        ("limit = 3000", "limit = -3000", &["`instant.limit` is negative"][..]),
        (
            "extra_approval_above = 20000",
            "extra_approval_above = -1",
            &["`extra_approval_above` is negative"],
        ),
        (
            "second_look = 0.02",
            "second_look = 2",
            &["a rate is 0 to 1 with at most four decimals, such as 0.8"],
        ),
        (
            "cover_until = \"2025-04-30\"",
            "cover_until = \"2024-03-31\"",
            &["`cover_until` is before the cover begins"],
        ),
    ] {
        let problems = file::read("ningbo", &shipped.replacen(says, instead, 1)).unwrap_err();
        let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        let of_rules: Vec<&str> = messages.into_iter().filter(|message| !message.starts_with('«')).collect();
        assert_eq!(of_rules, told, "{instead}");
    }
}

#[test]
fn what_was_adopted_is_never_changed_and_outlives_its_file() {
    let mut bench = Bench::new(CATALOG);
    bench.run(|tx| adopt(tx, &[ningbo()])).unwrap().unwrap();
    let mut edited = ningbo();
    edited.programmes[1].premiums[0].fee = Fen::yuan(140);
    let clashes = bench.run(|tx| adopt(tx, std::slice::from_ref(&edited))).unwrap().unwrap_err();
    assert_eq!(
        clashes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "ningbo 2024: the programme `inpatient_retired` differs from what was adopted; write a new version in a file of its own"
        ]
    );
    let same_day = later(2025, date(2024, 5, 1), |_| {});
    let clashes = bench.run(|tx| adopt(tx, std::slice::from_ref(&same_day))).unwrap().unwrap_err();
    let (scheme, other) = ("ningbo".to_owned(), 2024);
    assert_eq!(clashes, [Clash::SameDay { scheme, version: 2025, other }]);

    let mut new = later(2025, date(2025, 5, 1), |programme| programme.premiums[0].fee = Fen::yuan(1));
    let clashes = bench.run(|tx| adopt(tx, std::slice::from_ref(&new))).unwrap().unwrap_err();
    let from = date(2025, 5, 1);
    assert_eq!(clashes, [Clash::Past { scheme: "ningbo".to_owned(), version: 2025, from }]);
    new.in_force.backdated = true;
    bench.run(|tx| adopt(tx, std::slice::from_ref(&new))).unwrap().unwrap();
    let today = bench.moment.now.date();
    let next = later(2026, today.tomorrow().unwrap(), |_| {});
    bench.run(|tx| adopt(tx, std::slice::from_ref(&next))).unwrap().unwrap();
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
    let version = |day| choices(&covers, EventKind::Inpatient, day).map(|all| all[0].version);
    assert_eq!(version(date(2024, 12, 31)), Ok(2024));
    assert_eq!(version(date(2025, 1, 1)), Ok(2025));
    let (from, until) = (date(2024, 5, 1), date(2025, 4, 30));
    assert_eq!(version(date(2025, 5, 1)), Err(NotCovered::OutsideCover { from, until }));
    assert_eq!(version(date(2024, 4, 30)), Err(NotCovered::OutsideCover { from, until }));
    let kind = EventKind::Disease;
    assert_eq!(choices(&covers, kind, from), Err(NotCovered::KindNotCovered { kind }));
    assert_eq!(choices(&[], kind, from), Err(NotCovered::NoCover));
}

#[test]
fn places_go_on_under_a_version_that_has_their_programme_no_more() {
    let mut bench = Bench::new(CATALOG);
    let mut new = later(2025, date(2025, 1, 1), |_| {});
    new.programmes.retain(|programme| programme.key != "critical");
    bench.run(|tx| adopt(tx, &[ningbo(), new.clone()])).unwrap().unwrap();
    let key = ([7; 16], "ningbo".to_owned(), "critical".to_owned(), key_of(date(2024, 5, 1)));
    bench.run(|tx| tx.put(&POLICIES, &key, &policy(date(2027, 4, 30)))).unwrap();
    let covers = bench.run(|tx| covers(tx, &[7; 16])).unwrap();
    let of = |day| choices(&covers, EventKind::Disease, day).map(|all| (all[0].version, all[0].until));
    assert_eq!(of(date(2026, 3, 1)), Ok((2024, date(2027, 4, 30))));
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
    let fees =
        ningbo_programme("inpatient_active").documents.into_iter().find(|rule| rule.slot == "fee_list");
    assert!(fees.is_some_and(|rule| rule.optional), "on demand");
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
    // What excludes a disease does so where it stands, and of what it is said of.
    for both in [
        "结肠癌，癌胚抗原升高",
        "癌胚抗原升高；结肠癌",
        "结肠癌伴癌胚抗原升高",
        "结肠癌 癌胚抗原升高",
        "1.宫颈原位癌 2.肺癌",
    ] {
        assert_eq!(hinted("critical", both), ["malignancy"], "{both}");
    }
    assert!(hinted("critical", "宫颈癌（原位癌）").is_empty());
    assert_eq!(hinted("critical", "慢性肾脏病，CKD 5"), ["uremia"]);
    assert_eq!(hinted("women", "左乳导管原位癌，右乳浸润性导管癌"), ["breast", "in_situ"]);
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

#[test]
fn a_slip_in_a_file_that_followers_would_meet_is_told() {
    let text = EMBEDDED.iter().find(|(name, _)| name.contains("ningbo")).unwrap().1;
    for (was, slip, told) in [
        ("words = [\"尿毒症\",", "words = [\"\", \"尿毒症\",", "is empty"),
        ("title = \"医保结算单\"", "title = \"住院收费票据\"", "has the title of `invoice`"),
        ("title = \"医保结算单\"", "title = \"<a href='x'>\"", "without < and >"),
        ("slot = \"settlement\"", "slot = \"other\"", "is a name that the service has"),
        ("within = { days = 180 }", "within = { days = 0 }", "gives no day"),
        ("unless_words = [\"原位癌\", \"癌前\"", "unless_words = [\"\", \"癌前\"", "`unless_words` is empty"),
        ("districts_out = [\"余姚\",", "districts_out = [\" \",", "nobody of any district"),
        ("max_female = 55", "max_female = 5", "is below `min`"),
        ("fee = 60\nyears = 3", "fee = 60\nyears = 1", "the same `years` and `class`"),
        (
            "late = true\ncover_until = \"2025-04-30\"",
            "late = true\ncover_until = \"2024-05-20\"",
            "whoever enters last",
        ),
        ("review_chain = [\"district\", \"city\"]", "review_chain = [\"city\", \"city\"]", "a level twice"),
    ] {
        assert!(text.contains(was), "{was}");
        let problems = file::read("slip", &text.replacen(was, slip, 1)).unwrap_err();
        let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(all.iter().any(|problem| problem.contains(told)), "{told}: {all:?}");
    }
}

mod lists {
    //! Enrolment lists, and the fund's books with them.

    use super::*;
    use crate::domain::fund::ledger::standing;
    use crate::domain::fund::record::Book;
    use crate::domain::member::identity;
    use crate::domain::member::list::{Listed, enter, index};
    use crate::domain::scheme::enrol::*;
    use crate::domain::scheme::join::NotJoined;
    use crate::domain::scheme::refund;
    use proptest::prelude::*;

    /// A man born in 1990 (odd numbers) or a woman (even ones).
    fn number(n: u32) -> String {
        let body = format!("33029919900101{n:03}");
        format!("{body}{}", char::from(identity::check(body.as_bytes())))
    }

    fn row(n: u32) -> Row {
        Row { name: format!("样例{n}"), identity: number(n), ..Row::default() }
    }

    fn terms(programme: &str) -> ListTerms {
        ListTerms {
            scheme: "ningbo".to_owned(),
            programme: programme.to_owned(),
            unit: "样例厂工会".to_owned(),
            district: "鄞州".to_owned(),
            entered: date(2026, 4, 10),
            years: 1,
            shares: 1,
            class: None,
            people: None,
            again: false,
            new_hires: false,
        }
    }

    fn open() -> Bench {
        let mut bench = Bench::new(CATALOG);
        bench.run(|tx| adopt(tx, &[ningbo()])).unwrap().unwrap();
        bench
    }

    impl Bench {
        fn opens_list(&mut self, file: &str, terms: &ListTerms) -> Result<Enrolment, NotEnrolled> {
            self.run(|tx| begin(tx, file, terms, None)).unwrap()
        }

        fn enrols(&mut self, file: &str, first: u64, rows: &[Row]) -> Result<Taken, NotEnrolled> {
            self.run(|tx| enrol(tx, file, first, rows, "staff")).unwrap()
        }

        fn covered(&mut self, n: u32) -> Vec<(PolicyKey, Policy)> {
            self.run(|tx| policies(tx, &index(tx, &number(n))?)).unwrap()
        }

        fn premiums(&mut self, programme: &str, year: u16) -> i64 {
            let book = Book { scheme: "ningbo".to_owned(), programme: programme.to_owned(), year };
            let standing = self.run(|tx| standing(tx, &book)).unwrap();
            assert_eq!(standing.sum(), 0);
            standing.bank.0
        }
    }

    #[test]
    fn a_list_covers_its_people_and_its_premiums_are_in_the_book() {
        let mut bench = open();
        bench.opens_list("a", &terms("inpatient_active")).unwrap();
        let bad = Row { identity: "330299199001010018".to_owned(), ..row(1) };
        let (list, notes) = bench.enrols("a", 0, &[row(1), bad, row(3)]).unwrap();
        assert_eq!((list.done, list.entered, list.bad, list.premium), (3, 2, 1, Fen::yuan(120)));
        assert!(matches!(notes.as_slice(), [(1, Note::Bad(BadRow::Identity(_)))]), "{notes:?}");
        let (key, policy) = bench.covered(1).remove(0);
        assert_eq!((key.from, policy.until), (date(2026, 5, 1), date(2027, 4, 30)));
        assert_eq!(bench.premiums("inpatient_active", 2026), 12_000);
    }

    #[test]
    fn a_list_that_broke_off_goes_on_where_it_was_and_is_entered_once() {
        let mut bench = open();
        bench.opens_list("a", &terms("inpatient_active")).unwrap();
        bench.enrols("a", 0, &[row(1)]).unwrap();
        assert_eq!(bench.enrols("a", 0, &[row(1)]), Err(NotEnrolled::OutOfTurn(1)));
        assert_eq!(bench.opens_list("a", &terms("inpatient_active")).unwrap().done, 1);
        assert_eq!(bench.opens_list("a", &terms("women")), Err(NotEnrolled::OtherTerms));
        bench.enrols("a", 1, &[row(2)]).unwrap();
        assert_eq!(bench.premiums("inpatient_active", 2026), 12_000);
        assert_eq!(bench.enrols("b", 0, &[row(1)]), Err(NotEnrolled::NotBegun));
    }

    #[test]
    fn of_two_lists_with_the_same_person_one_counts() {
        let mut bench = open();
        for (file, counts) in [("a", 0), ("b", 1)] {
            let unit = format!("{file}工会");
            bench.opens_list(file, &ListTerms { unit, ..terms("critical") }).unwrap();
            let (list, notes) = bench.enrols(file, 0, &[row(1)]).unwrap();
            assert_eq!(list.twice, counts);
            assert_eq!(notes.len() as u64, counts);
        }
        assert_eq!(bench.covered(1).len(), 1);
        assert_eq!(bench.premiums("critical", 2026), 2_000);
    }

    #[test]
    fn in_a_window_of_years_a_yearly_cover_is_renewed() {
        let mut bench = Bench::new(CATALOG);
        let accident = file::read("accident", include_str!("../../../schemes/accident.toml")).unwrap();
        bench.run(|tx| adopt(tx, std::slice::from_ref(&accident))).unwrap().unwrap();
        let of = |entered| ListTerms {
            scheme: "accident".to_owned(),
            class: Some("一类工种".to_owned()),
            entered,
            ..terms("accident")
        };
        for (file, entered, counts) in
            [("a", date(2025, 3, 1), 1), ("b", date(2026, 2, 20), 1), ("c", date(2026, 2, 20), 0)]
        {
            bench.opens_list(file, &of(entered)).unwrap();
            assert_eq!(bench.enrols(file, 0, &[row(1)]).unwrap().0.entered, counts, "{file}");
        }
        let days: Vec<_> =
            bench.covered(1).into_iter().map(|(key, policy)| (key.from, policy.until)).collect();
        let years = [(date(2025, 3, 2), date(2026, 3, 1)), (date(2026, 3, 2), date(2027, 3, 1))];
        assert_eq!(days, years, "the second goes on from the first");
    }

    #[test]
    fn between_windows_new_hires_alone_are_new_names() {
        let mut bench = open();
        bench.opens_list("april", &terms("women")).unwrap();
        bench.enrols("april", 0, &[row(2)]).unwrap();
        let later = ListTerms { entered: date(2026, 5, 10), ..terms("women") };
        assert_eq!(bench.opens_list("names", &later), Err(NotEnrolled::NoWindow));
        let hired = ListTerms { new_hires: true, ..later };
        bench.opens_list("hired", &hired).unwrap();
        let (list, notes) = bench.enrols("hired", 0, &[row(2), row(4)]).unwrap();
        assert_eq!((list.twice, list.entered), (1, 1), "{notes:?}");
        let policy = bench.covered(4).remove(0);
        assert_eq!((policy.0.from, policy.1.waiting_until), (date(2026, 5, 11), Some(date(2026, 8, 8))));
        let active = ListTerms { programme: "inpatient_active".to_owned(), ..hired };
        assert_eq!(bench.opens_list("active", &active), Err(NotEnrolled::NoWindow));
    }

    #[test]
    fn extra_shares_are_void_and_told() {
        let mut bench = open();
        bench.opens_list("a", &terms("critical")).unwrap();
        let (list, notes) = bench.enrols("a", 0, &[Row { shares: Some(5), ..row(1) }]).unwrap();
        assert_eq!(notes, [(0, Note::VoidShares { asked: 5, given: 3 })]);
        assert_eq!(list.premium, Fen::yuan(60));
        assert_eq!(bench.covered(1)[0].1.shares, 3);
    }

    #[test]
    fn whom_a_programme_is_not_for_is_left_out_by_name_of_the_rule() {
        let mut bench = open();
        let told = |bench: &mut Bench, file: &str, terms: &ListTerms, row: Row| {
            bench.opens_list(file, terms).unwrap();
            match bench.enrols(file, 0, &[row]).unwrap().1.remove(0).1 {
                Note::Bad(BadRow::NotJoined(no)) => no,
                note => panic!("{note:?}"),
            }
        };
        assert_eq!(told(&mut bench, "men", &terms("women"), row(1)), NotJoined::WrongSex);
        let singly = ListTerms { unit: String::new(), ..terms("inpatient_active") };
        assert_eq!(told(&mut bench, "alone", &singly, row(1)), NotJoined::WrongWay);
        let retired =
            ListTerms { unit: String::new(), district: "余姚市".to_owned(), ..terms("inpatient_retired") };
        assert_eq!(told(&mut bench, "far", &retired, row(1)), NotJoined::WrongDistrict);
        let body = "33029919500101001";
        let old = format!("{body}{}", char::from(identity::check(body.as_bytes())));
        assert_eq!(
            told(&mut bench, "old", &terms("critical"), Row { identity: old, ..row(1) }),
            NotJoined::WrongAge
        );
        let unit = terms("inpatient_retired");
        assert_eq!(bench.opens_list("unit", &unit), Err(NotEnrolled::WrongWay));
        let shut = ListTerms { entered: date(2026, 7, 1), ..terms("inpatient_active") };
        assert_eq!(bench.opens_list("shut", &shut), Err(NotEnrolled::NoWindow));
        let long = ListTerms { years: 9, ..terms("critical") };
        assert_eq!(bench.opens_list("long", &long), Err(NotEnrolled::NoPremium));
    }

    #[test]
    fn a_member_of_another_name_is_a_bad_row_and_who_is_no_member_is_taken() {
        let mut bench = open();
        let listed = Listed {
            name: "林 样例".to_owned(),
            identity: number(1),
            union: "样例厂工会".to_owned(),
            ..Listed::default()
        };
        bench.run(|tx| enter(tx, &listed, false)).unwrap();
        bench.opens_list("a", &terms("inpatient_active")).unwrap();
        let named = |name: &str| Row { name: name.to_owned(), ..row(1) };
        let rows = [named("王样例"), named("林样例"), row(2)];
        let (list, notes) = bench.enrols("a", 0, &rows).unwrap();
        assert_eq!(notes, [(0, Note::Bad(BadRow::OtherName))]);
        assert_eq!(list.entered, 2);
    }

    #[test]
    fn a_renewal_goes_on_without_waiting_and_a_late_one_waits_again() {
        let mut bench = open();
        bench.opens_list("2024", &ListTerms { entered: date(2024, 4, 20), ..terms("women") }).unwrap();
        bench.enrols("2024", 0, &[row(2), row(4)]).unwrap();
        let first = bench.covered(2).remove(0);
        assert_eq!((first.0.from, first.1.waiting_until), (date(2024, 4, 21), Some(date(2024, 7, 19))));
        bench.opens_list("2025", &ListTerms { entered: date(2025, 4, 10), ..terms("women") }).unwrap();
        bench.enrols("2025", 0, &[row(2)]).unwrap();
        let renewed = bench.covered(2).remove(1);
        assert_eq!((renewed.0.from, renewed.1.waiting_until), (date(2025, 4, 21), None));
        assert!(!renewed.1.first_or_broken);
        bench.opens_list("2026", &ListTerms { entered: date(2026, 4, 10), ..terms("women") }).unwrap();
        bench.enrols("2026", 0, &[row(4)]).unwrap();
        let broken = bench.covered(4).remove(1);
        assert_eq!((broken.0.from, broken.1.waiting_until), (date(2026, 4, 11), Some(date(2026, 7, 9))));
    }

    #[test]
    fn a_late_renewal_covers_from_its_very_day_and_a_late_first_entry_from_the_next_after_waiting() {
        let mut bench = open();
        let retired = |entered| ListTerms { unit: String::new(), entered, ..terms("inpatient_retired") };
        bench
            .opens_list("active", &ListTerms { entered: date(2025, 4, 10), ..terms("inpatient_active") })
            .unwrap();
        bench.enrols("active", 0, &[row(1)]).unwrap();
        bench.opens_list("late", &retired(date(2026, 5, 10))).unwrap();
        bench.enrols("late", 0, &[row(1), row(3)]).unwrap();
        let goes_on =
            bench.covered(1).into_iter().find(|(key, _)| key.programme == "inpatient_retired").unwrap();
        assert_eq!((goes_on.1.first_or_broken, goes_on.1.waiting_until), (false, None));
        assert_eq!(goes_on.0.from, date(2026, 5, 10));
        let first = bench.covered(3).remove(0);
        assert_eq!((first.0.from, first.1.until), (date(2026, 5, 11), date(2027, 4, 30)));
        assert_eq!(first.1.waiting_until, Some(date(2026, 7, 9)));
    }

    #[test]
    fn lists_of_earlier_years_may_come_later() {
        let mut bench = open();
        for programme in ["inpatient_active", "critical"] {
            for year in [2026, 2025] {
                let file = format!("{programme}-{year}");
                let terms = ListTerms { entered: date(year, 4, 10), ..terms(programme) };
                bench.opens_list(&file, &terms).unwrap();
                assert_eq!(bench.enrols(&file, 0, &[row(1)]).unwrap().0.entered, 1, "{file}");
            }
        }
        let places: Vec<_> = bench
            .covered(1)
            .into_iter()
            .map(|(key, policy)| {
                (key.programme, key.from, policy.until, policy.first_or_broken, policy.waiting_until)
            })
            .collect();
        let place = |programme: &str, from, until, first, waiting| {
            (programme.to_owned(), from, until, first, waiting)
        };
        let waits = Some(date(2025, 7, 29));
        let expected = [
            place("critical", date(2025, 5, 1), date(2026, 4, 30), true, waits),
            place("critical", date(2026, 5, 1), date(2027, 4, 30), false, None),
            place("inpatient_active", date(2025, 5, 1), date(2026, 4, 30), true, None),
            place("inpatient_active", date(2026, 5, 1), date(2027, 4, 30), false, None),
        ];
        assert_eq!(places, expected);
        assert_eq!(bench.premiums("inpatient_active", 2025), 6_000);
    }

    #[test]
    fn what_goes_on_from_a_list_that_came_later_is_no_first_entry_whatever_the_programme_and_the_day() {
        let retired = |entered| {
            let unit = String::new();
            ListTerms { unit, entered, ..terms("inpatient_retired") }
        };
        let active = ListTerms { entered: date(2025, 4, 10), ..terms("inpatient_active") };
        for (earlier, on, no_break) in [
            (active, date(2026, 4, 20), true),
            (retired(date(2025, 4, 10)), date(2026, 5, 30), true),
            (retired(date(2025, 4, 10)), date(2026, 5, 31), false),
        ] {
            let mut bench = open();
            bench.opens_list("later", &retired(on)).unwrap();
            bench.enrols("later", 0, &[row(1)]).unwrap();
            bench.opens_list("earlier", &earlier).unwrap();
            assert_eq!(bench.enrols("earlier", 0, &[row(1)]).unwrap().0.entered, 1);
            let place = bench.covered(1).into_iter().max_by_key(|(key, _)| key.from).unwrap();
            let waits = place.1.waiting_until.is_some();
            assert_eq!(
                (!place.1.first_or_broken, !waits),
                (no_break, no_break),
                "{} {on}",
                earlier.programme
            );
        }
    }

    #[test]
    fn who_is_in_what_a_programme_continues_pays_once_for_the_same_days() {
        let mut bench = open();
        let retired = |year| {
            let (unit, entered) = (String::new(), date(year, 4, 20));
            ListTerms { unit, entered, ..terms("inpatient_retired") }
        };
        bench.opens_list("active", &terms("inpatient_active")).unwrap();
        bench.enrols("active", 0, &[row(1)]).unwrap();
        bench.opens_list("retired", &retired(2026)).unwrap();
        let (list, notes) = bench.enrols("retired", 0, &[row(1)]).unwrap();
        assert_eq!((list.twice, list.premium), (1, Fen::ZERO));
        assert_eq!(notes, [(0, Note::Twice { until: date(2027, 4, 30) })]);
        assert_eq!(bench.covered(1).len(), 1);
    }

    #[test]
    fn a_list_costs_what_the_rules_ask_that_hold_when_its_cover_begins() {
        let mut bench = open();
        bench.opens_list("before", &terms("inpatient_active")).unwrap();
        bench.enrols("before", 0, &[row(1)]).unwrap();
        let dearer = later(2027, date(2027, 5, 1), |programme| programme.premiums[0].fee = Fen::yuan(100));
        bench.run(|tx| adopt(tx, std::slice::from_ref(&dearer))).unwrap().unwrap();
        assert_eq!(
            bench.enrols("before", 1, &[row(3)]).unwrap().0.premium,
            Fen::yuan(120),
            "as it was begun"
        );
        bench.opens_list("after", &terms("inpatient_active")).unwrap();
        assert_eq!(bench.enrols("after", 0, &[row(5)]).unwrap().0.premium, Fen::yuan(60), "cover of 2026");
    }

    #[test]
    fn nobody_is_entered_on_a_day_to_come() {
        let mut bench = open();
        let today = bench.moment.now.date();
        let ahead = ListTerms { entered: today.tomorrow().unwrap(), ..terms("inpatient_active") };
        assert_eq!(bench.opens_list("ahead", &ahead), Err(NotEnrolled::ToCome));
    }

    #[test]
    fn a_place_that_was_ended_does_not_come_back_by_a_list_that_covers_from_another_day() {
        let mut bench = open();
        let retired = |entered, again| {
            let unit = String::new();
            ListTerms { unit, entered, again, ..terms("inpatient_retired") }
        };
        for (file, n, entered) in [("a", 1, date(2026, 4, 10)), ("b", 3, date(2025, 4, 10))] {
            bench.opens_list(file, &retired(entered, false)).unwrap();
            bench.enrols(file, 0, &[row(n)]).unwrap();
            let key = bench.covered(n).remove(0).0;
            let ended = bench.run(|tx| {
                let person = index(tx, &number(n))?;
                let place = (person, key.scheme.clone(), key.programme.clone(), key_of(key.from));
                refund::ask(tx, &place, Fen::yuan(100), "不是职工医保", ("wu", None))?.unwrap();
                refund::confirm(tx, &place, Fen::yuan(100), ("zhou", None))
            });
            ended.unwrap().unwrap();
        }
        bench.opens_list("may", &retired(date(2026, 5, 10), false)).unwrap();
        let (list, notes) = bench.enrols("may", 0, &[row(1), row(3)]).unwrap();
        assert_eq!((list.entered, list.bad), (1, 1), "an ended place of another year keeps nobody out");
        assert!(matches!(notes.as_slice(), [(0, Note::Bad(BadRow::Ended(_)))]), "{notes:?}");
        bench.opens_list("again", &retired(date(2026, 5, 10), true)).unwrap();
        assert_eq!(bench.enrols("again", 0, &[row(1)]).unwrap().0.entered, 1, "where that is meant");
    }

    #[test]
    fn a_renewal_that_was_entered_years_ahead_by_mistake_is_returned() {
        let mut bench = open();
        for (file, year) in [("first", 2024), ("again", 2025)] {
            // Each list comes in its own window.
            let entered = date(year, 4, 10);
            bench.moment.now = crate::moment::Time::at(entered, 9, 0).unwrap();
            bench.opens_list(file, &ListTerms { entered, years: 3, ..terms("critical") }).unwrap();
            bench.enrols(file, 0, &[row(1)]).unwrap();
        }
        let ended = bench.run(|tx| {
            let from = key_of(date(2027, 5, 1));
            let place = (index(tx, &number(1))?, "ningbo".to_owned(), "critical".to_owned(), from);
            if let Err(no) = refund::ask(tx, &place, Fen::yuan(60), "多报了一期", ("wu", None))? {
                return Ok(Err(no));
            }
            refund::confirm(tx, &place, Fen::yuan(60), ("zhou", None))
        });
        assert_eq!(ended.unwrap().map(|done| done.amount), Ok(Fen::yuan(60)));
        assert_eq!(bench.premiums("critical", 2027), 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
        /// However lists overlap and are cut, nobody is in a programme twice on one day, and the book has each premium.
        #[test]
        fn nobody_is_covered_twice_and_each_premium_is_booked_once(
            lists in prop::collection::vec(
                (2024i16..2027, prop::bool::ANY, 1u32..4, prop::collection::vec(1u32..9, 1..12)), 1..6,
            ),
        ) {
            let mut bench = open();
            let mut expected = 0;
            for (at, (year, is_long, shares, people)) in lists.iter().enumerate() {
                let file = format!("list{at}");
                let (entered, years) = (date(*year, 4, 10), if *is_long { 3 } else { 1 });
                let terms = ListTerms { entered, years, shares: *shares as u8, ..terms("critical") };
                bench.opens_list(&file, &terms).unwrap();
                let rows: Vec<Row> = people.iter().map(|n| row(n * 2)).collect();
                let (first, rest) = rows.split_at(rows.len() / 2);
                bench.enrols(&file, 0, first).unwrap();
                let (list, _) = bench.enrols(&file, first.len() as u64, rest).unwrap();
                expected += list.premium.0;
            }
            for n in 1..9 {
                let mut spans: Vec<_> =
                    bench.covered(n * 2).into_iter().map(|(key, policy)| (key.from, policy.until)).collect();
                spans.sort();
                prop_assert!(spans.windows(2).all(|pair| pair[0].1 < pair[1].0), "{spans:?}");
            }
            let booked: i64 = (2024..2030).map(|year| bench.premiums("critical", year)).sum();
            prop_assert_eq!(booked, expected);
        }
    }
}
