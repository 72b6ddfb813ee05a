//! What follows of false papers for the person: nothing is paid of what happens in the year from then on.

use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::date;

use super::draft::appeal;
use super::record::*;
use super::review::{self, Decided, Refusal, Reviewer};
use super::tests::{a_stay, covered, covered_by};
use super::{draft, judge, refuse};
use crate::domain::scheme::rules::EventKind;
use crate::store::Tx;
use crate::store::testing::Bench;

fn named(name: &str) -> Reviewer {
    Reviewer { name: name.to_owned(), member: None, levels: Vec::new() }
}

/// An accepted claim, and the day.
fn accepted(mut bench: Bench) -> (Bench, ClaimId) {
    let id = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.invoices[0].read = false;
    });
    bench.sends_all("oMei", id);
    bench.submits("oMei", id).unwrap();
    does(&mut bench, |tx| review::accept(tx, &named("wang"), id)).unwrap();
    (bench, id)
}

fn does(bench: &mut Bench, act: impl Fn(&mut Tx) -> Decided) -> Result<(), Refusal> {
    bench.run(act).unwrap()
}

fn excludes(bench: &mut Bench, id: ClaimId, reason: &str) -> Result<(), Refusal> {
    does(bench, |tx| refuse::reject(tx, &named("wang"), id, reason, "票据查验不一致", true))
}

/// Is the person excluded on that many days from today?
fn is_excluded(bench: &mut Bench, id: ClaimId, days: i64) -> bool {
    let person = bench.claim_of(id).insured.unwrap();
    let found = bench.run(|tx| {
        let day = tx.moment().now.date().saturating_add(days.days());
        judge::exclusion(tx, &person, day)
    });
    found.unwrap().is_some()
}

#[test]
fn false_papers_exclude_for_a_year_and_nothing_else_does() {
    let (mut bench, id) = accepted(covered());
    assert_eq!(excludes(&mut bench, id, "duplicate"), Err(Refusal::NoExclusion));
    excludes(&mut bench, id, "false_papers").unwrap();
    assert!(!is_excluded(&mut bench, id, -1), "what happened before is judged as ever");
    assert!(is_excluded(&mut bench, id, 0) && is_excluded(&mut bench, id, 364));
    assert!(!is_excluded(&mut bench, id, 365));

    bench.time_goes(Duration::from_secs(10 * 86_400));
    let later = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        (details.facts.admitted, details.facts.discharged) =
            (Some(date(2026, 12, 1)), Some(date(2026, 12, 4)));
    });
    assert_eq!(bench.submits("oMei", later).unwrap_err().code(), "excluded");
    let own = bench.own_of("oMei", later);
    let handed_in = bench.run(|tx| draft::submit_uncovered(tx, &own, "")).unwrap().unwrap();
    assert_eq!(
        handed_in.flags,
        [Flag::NotCovered { why: "excluded".to_owned() }],
        "people decide all the same"
    );
    let no = does(&mut bench, |tx| review::accept(tx, &named("li"), later));
    assert_eq!(no, Err(Refusal::NotCovered("excluded")));
}

#[test]
fn an_appeal_suspends_it_and_what_is_granted_ends_it() {
    let (mut bench, id) = accepted(covered());
    excludes(&mut bench, id, "false_papers").unwrap();
    let own = bench.own_of("oMei", id);
    bench.run(|tx| appeal(tx, &own, "票据是重开的")).unwrap().unwrap();
    assert!(!is_excluded(&mut bench, id, 0), "until another has looked");
    let own = bench.own_of("oMei", id);
    bench.run(|tx| draft::withdraw(tx, &own)).unwrap().unwrap();
    assert!(is_excluded(&mut bench, id, 0), "who takes the claim back is excluded as before");

    let (mut bench, id) = accepted(covered());
    excludes(&mut bench, id, "false_papers").unwrap();
    let own = bench.own_of("oMei", id);
    bench.run(|tx| appeal(tx, &own, "票据是重开的")).unwrap().unwrap();
    does(&mut bench, |tx| review::accept(tx, &named("li"), id)).unwrap();
    for who in ["li", "zhao"] {
        does(&mut bench, |tx| review::approve(tx, &named(who), id, "")).unwrap();
    }
    assert_eq!(bench.claim_of(id).excluded, None);
}

#[test]
fn a_programme_may_exclude_nobody() {
    let none = |text: &str| {
        text.replace("[programme.instant]", "[programme.times]\nexcluded_days = 0\n\n[programme.instant]")
    };
    let (mut bench, id) = accepted(covered_by(none));
    assert_eq!(excludes(&mut bench, id, "false_papers"), Err(Refusal::NoExclusion));
    assert_eq!(bench.claim_of(id).status, Status::Accepted);
}
