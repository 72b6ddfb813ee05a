//! Which programme pays, where a person is in several.

use jiff::civil::date;

use super::record::*;
use super::review::{self, Refusal, Reviewer};
use super::rules::Act;
use super::tests::{a_stay, as_relative, covered, mei, policy};
use super::{completeness, draft, rules, second};
use crate::domain::member::list::index;
use crate::domain::scheme::commands::{adopt, key_of};
use crate::domain::scheme::file::{EMBEDDED, read};
use crate::domain::scheme::record::{Disease, Fen, InForce, Policy};
use crate::domain::scheme::rules::EventKind;
use crate::domain::tables::POLICIES;
use crate::store::testing::Bench;

/// 李梅, who is in `women` as well.
fn in_women_too() -> Bench {
    let mut bench = covered();
    let identity = as_relative("李梅", 1).identity;
    let policy = policy(date(2030, 4, 30));
    bench
        .run(|tx| {
            let key =
                (index(tx, &identity)?, "ningbo".to_owned(), "women".to_owned(), key_of(date(2026, 5, 1)));
            tx.put(&POLICIES, &key, &policy)
        })
        .unwrap();
    bench
}

fn diagnosed(details: &mut Details) {
    a_stay(details);
    details.invoices.clear();
    (details.facts.admitted, details.facts.discharged, details.facts.total) = (None, None, None);
    details.facts.diagnosed = Some(date(2026, 11, 10));
    details.diagnosis = "乳腺癌".to_owned();
}

fn programme(bench: &mut Bench, id: ClaimId) -> String {
    bench.claim_of(id).ruling.map(|ruling| ruling.programme).unwrap_or_default()
}

fn sends_all_asked(bench: &mut Bench, id: ClaimId) {
    let claim = bench.claim_of(id);
    for (rule, _) in bench.run(|tx| super::completeness::checklist(tx, id, &claim)).unwrap() {
        bench.sends("oMei", id, &rule.slot, &format!("{id}-{}", rule.slot), &Default::default());
    }
}

fn clerk() -> Reviewer {
    Reviewer { name: "wang".to_owned(), member: None, levels: Vec::new() }
}

#[test]
fn one_illness_is_paid_by_each_programme_that_has_it() {
    let mut bench = in_women_too();
    let id = bench.begins("oMei", EventKind::Disease, |details| {
        diagnosed(details);
        details.facts.disease = Some("malignancy".to_owned());
    });
    assert_eq!(programme(&mut bench, id), "critical");
    sends_all_asked(&mut bench, id);
    bench.submits("oMei", id).unwrap();
    bench.staff(id, Act::Accept).unwrap();
    bench.staff(id, Act::Approve).unwrap();
    let own = bench.own_of("oMei", id);
    let other = bench.run(|tx| second::begin(tx, &mei(), &own)).unwrap().unwrap().unwrap();
    let own = bench.own_of("oMei", other);
    let day = |details: &mut Details| details.facts.diagnosed = Some(date(2026, 11, 10));
    bench.run(|tx| super::draft::tell(tx, &own, day)).unwrap().unwrap();
    assert_eq!(programme(&mut bench, other), "women", "which was offered");
    sends_all_asked(&mut bench, other);
    let claim = bench.submits("oMei", other).unwrap();
    assert_eq!((claim.held, claim.amount), (None, Some(Fen::yuan(10_000))));
    let own = bench.own_of("oMei", id);
    assert_eq!(bench.run(|tx| second::begin(tx, &mei(), &own)).unwrap(), Ok(None), "it is claimed");
}

#[test]
fn the_disease_says_which_programme_and_staff_may_say_otherwise() {
    let mut bench = in_women_too();
    let id = bench.begins("oMei", EventKind::Disease, |details| {
        diagnosed(details);
        details.diagnosis = "宫颈原位癌".to_owned();
    });
    assert_eq!(programme(&mut bench, id), "women", "no malignancy of `critical`");
    sends_all_asked(&mut bench, id);
    bench.submits("oMei", id).unwrap();
    let enter = |bench: &mut Bench, name: &'static str| {
        let edit = |details: &mut Details| details.programme = name.to_owned();
        bench.run(|tx| review::enter(tx, &clerk(), id, &["programme"], edit)).unwrap()
    };
    enter(&mut bench, "critical").unwrap();
    assert_eq!(programme(&mut bench, id), "critical");
    enter(&mut bench, "").unwrap();
    assert_eq!(programme(&mut bench, id), "women");
    let unknown = enter(&mut bench, "inpatient_retired");
    assert_eq!(unknown, Err(Refusal::UnknownProgramme("inpatient_retired".to_owned())));
}

#[test]
fn a_policy_that_was_over_pays_nothing_besides() {
    let mut bench = covered();
    let identity = as_relative("李梅", 1).identity;
    bench
        .run(|tx| {
            let person = index(tx, &identity)?;
            let key = |from| (person, "ningbo".to_owned(), "critical".to_owned(), key_of(from));
            let policy = tx.get(&POLICIES, &key(date(2026, 5, 1)))?.unwrap();
            tx.delete(&POLICIES, &key(date(2026, 5, 1)))?;
            tx.put(&POLICIES, &key(date(2024, 5, 1)), &Policy { until: date(2025, 4, 30), ..policy })
        })
        .unwrap();
    let id = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.diagnosis = "甲状腺乳头状癌".to_owned();
    });
    bench.sends_all("oMei", id);
    let flags = bench.submits("oMei", id).unwrap().flags;
    assert!(!flags.iter().any(|flag| matches!(flag, Flag::Disease { .. })), "{flags:?}");
}

#[test]
fn a_disease_that_the_rules_of_the_day_added_is_offered_to_who_was_covered_before_them() {
    let mut bench = covered();
    let identity = as_relative("李梅", 1).identity;
    let (name, text) = EMBEDDED[0];
    let mut later = read(name, text).unwrap();
    let from = date(2026, 5, 1);
    (later.version, later.in_force) = (2026, InForce { from, until: None, backdated: true });
    for programme in later.programmes.iter_mut().filter(|programme| programme.key == "critical") {
        let (code, words) = ("stroke".to_owned(), vec!["脑卒中".to_owned()]);
        let known = programme.diseases[0].clone();
        programme.diseases.push(Disease { code, words, name: "脑卒中".to_owned(), ..known });
    }
    let before = policy(date(2026, 4, 30));
    bench.run(|tx| adopt(tx, std::slice::from_ref(&later))).unwrap().unwrap();
    bench
        .run(|tx| {
            let person = index(tx, &identity)?;
            let key = (person, "ningbo".to_owned(), "critical".to_owned(), key_of(date(2025, 5, 1)));
            tx.put(&POLICIES, &key, &before)
        })
        .unwrap();
    let id = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.diagnosis = "急性脑卒中".to_owned();
    });
    bench.sends_all("oMei", id);
    let claim = bench.submits("oMei", id).unwrap();
    let offered = bench.run(|tx| Ok(second::offer(tx, id, &claim)?.map(|offer| offer.disease.code)));
    assert_eq!(offered.unwrap().as_deref(), Some("stroke"));
}

#[test]
fn what_its_papers_depend_on_is_asked_and_missed() {
    let mut bench = covered();
    let id = bench.run(|tx| draft::begin(tx, &mei(), EventKind::Disease)).unwrap().unwrap();
    let own = bench.own_of("oMei", id);
    let told = |details: &mut Details| {
        a_stay(details);
        details.facts.diagnosed = Some(date(2026, 11, 10));
    };
    bench.run(|tx| draft::tell(tx, &own, told)).unwrap().unwrap();
    let facts = ["disease", "operated", "has_unit"].map(str::to_owned);
    assert_eq!(bench.submits("oMei", id), Err(rules::Refusal::FactsMissing { facts: facts.to_vec() }));
    let own = bench.own_of("oMei", id);
    let operated = |details: &mut Details| {
        details.facts.operated = true;
        for what in [Circumstance::Disease, Circumstance::Operated, Circumstance::HasUnit] {
            details.answers(what);
        }
    };
    bench.run(|tx| draft::tell(tx, &own, operated)).unwrap().unwrap();
    let Err(rules::Refusal::PapersMissing { slots }) = bench.submits("oMei", id) else {
        panic!("papers are missing")
    };
    assert!(slots.contains(&"operation".to_owned()), "{slots:?}");
    // A stay's papers depend on none of it.
    let stay = bench.begins("oMei", EventKind::Inpatient, a_stay);
    let claim = bench.claim_of(stay);
    assert_eq!(bench.run(|tx| completeness::circumstances(tx, &claim)).unwrap(), []);
}

#[test]
fn of_two_places_that_begin_in_one_year_each_has_its_own_first_stay() {
    let mut bench = covered();
    let identity = as_relative("李梅", 1).identity;
    bench
        .run(|tx| {
            let (scheme, programme) = ("ningbo".to_owned(), "inpatient_active".to_owned());
            let key = (index(tx, &identity)?, scheme, programme, key_of(date(2026, 1, 15)));
            tx.put(&POLICIES, &key, &policy(date(2026, 4, 30)))
        })
        .unwrap();
    for month in [3, 10] {
        let id = bench.begins("oMei", EventKind::Inpatient, a_stay);
        let own = bench.own_of("oMei", id);
        let moved = |details: &mut Details| {
            details.facts.admitted = Some(date(2026, month, 2));
            details.facts.discharged = Some(date(2026, month, 9));
            details.invoices[0].number = format!("00123456{month:02}");
            details.invoices[0].confirmed = false;
        };
        bench.run(|tx| draft::tell(tx, &own, moved)).unwrap().unwrap();
        bench.sends_all("oMei", id);
        let claim = bench.submits("oMei", id).unwrap();
        assert_eq!(claim.amount, Some(Fen::yuan(1_800)), "2,000 × 80% + 200, in month {month}");
        bench.staff(id, Act::Accept).unwrap();
        bench.staff(id, Act::Approve).unwrap();
    }
}
