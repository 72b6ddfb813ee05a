//! What follows of false papers for the person: nothing is paid of what happens in the year from then on.

use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::date;

use super::draft::appeal;
use super::payment::BankResult;
use super::payment_tests::{bank_and_owed, released, row};
use super::record::*;
use super::review::{self, Decided, Refusal, Reviewer};
use super::tests::{a_stay, covered, covered_by};
use super::{audit, draft, exclusion, judge, moves, payment, queue, recover, refuse, rules, sample};
use crate::domain::scheme::record::Fen;
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

/// The first of three, paid and found false by two people.
fn found_false() -> (Bench, ClaimId, u64, Fen) {
    let (mut bench, claims, number) = released();
    let id = claims[0];
    bench.run(|tx| payment::record(tx, &named("feng"), number, &row(id, BankResult::Paid))).unwrap().unwrap();
    let sum = bench.claim_of(id).amount.unwrap();
    bench
        .run(|tx| recover::propose_with_exclusion(tx, &named("feng"), id, "票据系伪造", "票据系伪造"))
        .unwrap()
        .unwrap();
    bench.run(|tx| recover::confirm(tx, &named("wei"), id, sum)).unwrap().unwrap();
    (bench, id, number, sum)
}

fn appeals(bench: &mut Bench, id: ClaimId) -> Result<(), rules::Refusal> {
    let own = draft::Own { id, before: bench.claim_of(id) };
    bench.run(|tx| appeal(tx, &own, "票据是真的")).unwrap()
}

#[test]
fn who_is_found_false_after_the_payment_may_appeal_before_the_money_is_back() {
    let (mut bench, id, number, sum) = found_false();
    let asks = |bench: &mut Bench, amount| {
        let what = (Proposed::Recovery, amount);
        bench.run(|tx| recover::propose(tx, &named("feng"), id, what, "退回", "")).unwrap()
    };
    let back = bench.run(|tx| payment::returned(tx, &named("feng"), number, id, "退票")).unwrap();
    assert_eq!(back, Err(payment::Refusal::Moved), "no batch pays it again");
    assert!(matches!(asks(&mut bench, Some(Fen::yuan(500))), Err(Refusal::MayAppeal(_))));
    appeals(&mut bench, id).unwrap();
    let claim = bench.claim_of(id);
    assert!(claim.is_contested() && !is_excluded(&mut bench, id, 0), "until another has looked");
    assert_eq!(asks(&mut bench, None), Err(Refusal::Contested));
    let listed =
        |bench: &mut Bench| bench.run(|tx| queue::list(tx, &queue::Queue::Sampled, None, 9)).unwrap().0;
    assert_eq!(listed(&mut bench).len(), 1);
    let is_pressing = |bench: &mut Bench| {
        let pressing = bench.run(|tx| queue::list(tx, &queue::Queue::DueSoon, None, 9)).unwrap().0;
        pressing.iter().any(|(of, _)| *of == id)
    };
    assert!(!is_pressing(&mut bench));
    bench.time_goes(90 * moves::DAY);
    assert!(is_pressing(&mut bench), "it is promised like any decision");

    let decides = |bench: &mut Bench, by: &str, grants| {
        bench.run(|tx| exclusion::decide(tx, &named(by), id, grants, "医院查无此票")).unwrap()
    };
    assert_eq!(decides(&mut bench, "feng", true), Err(Refusal::RefusedBefore));
    assert_eq!(decides(&mut bench, "wang", true), Err(Refusal::ApprovedAlready));
    let again = bench.run(|tx| sample::look_again(tx, &named("zhao"), id, true, "无误")).unwrap();
    assert_eq!(again, Err(Refusal::Contested));
    decides(&mut bench, "zhao", false).unwrap();
    assert!(is_excluded(&mut bench, id, 0) && listed(&mut bench).is_empty());
    assert_eq!(appeals(&mut bench, id), Err(rules::Refusal::AppealedAlready));
    assert_eq!(decides(&mut bench, "qian", true), Err(Refusal::NotContested));

    // It comes back in parts now, and who found it false may book that.
    for part in [Fen::yuan(500), sum.minus(Fen::yuan(500))] {
        assert!(is_excluded(&mut bench, id, 0));
        asks(&mut bench, Some(part)).unwrap();
        bench.run(|tx| recover::confirm(tx, &named("wei"), id, part)).unwrap().unwrap();
    }
    assert_eq!((bench.claim_of(id).status, is_excluded(&mut bench, id, 0)), (Status::Reversed, true));
    assert_eq!(appeals(&mut bench, id), Err(rules::Refusal::AppealedAlready));
    let broken = bench.run(|tx| Ok((audit::claims(tx, None)?.0, audit::entries(tx, None)?.0))).unwrap();
    assert_eq!(broken, (Vec::<String>::new(), Vec::<String>::new()));
}

#[test]
fn an_appeal_that_is_granted_leaves_what_was_paid_as_it_was() {
    let (mut bench, id, _, _) = found_false();
    let before = bank_and_owed(&mut bench, id);
    appeals(&mut bench, id).unwrap();
    bench.run(|tx| exclusion::decide(tx, &named("zhao"), id, true, "医院更正了记录")).unwrap().unwrap();
    let claim = bench.claim_of(id);
    assert_eq!((claim.status, claim.excluded, claim.sampled), (Status::Paid, None, false));
    assert!(!is_excluded(&mut bench, id, 0));
    assert_eq!(bank_and_owed(&mut bench, id), before);
    assert!(
        matches!(appeals(&mut bench, id), Err(rules::Refusal::NotNow { .. })),
        "nothing to appeal against"
    );
    let broken = bench.run(|tx| Ok((audit::claims(tx, None)?.0, audit::entries(tx, None)?.0))).unwrap();
    assert_eq!(broken, (Vec::<String>::new(), Vec::<String>::new()));
}

#[test]
fn who_found_it_false_in_vain_does_not_agree_that_it_is() {
    let (mut bench, id, _, sum) = found_false();
    appeals(&mut bench, id).unwrap();
    bench.run(|tx| exclusion::decide(tx, &named("zhao"), id, true, "医院更正了记录")).unwrap().unwrap();
    let again =
        |tx: &mut Tx| recover::propose_with_exclusion(tx, &named("qian"), id, "又查到一处", "票据不实");
    bench.run(again).unwrap().unwrap();
    let agrees =
        |bench: &mut Bench, by: &str| bench.run(|tx| recover::confirm(tx, &named(by), id, sum)).unwrap();
    assert_eq!(agrees(&mut bench, "wei"), Err(Refusal::RefusedBefore));
    agrees(&mut bench, "sun").unwrap();
    assert!(is_excluded(&mut bench, id, 0));
}

#[test]
fn what_comes_back_part_by_part_opens_no_appeal_that_is_over() {
    let (mut bench, id, _, _) = found_false();
    bench.time_goes(31 * moves::DAY);
    for part in [500, 300] {
        let what = (Proposed::Recovery, Some(Fen::yuan(part)));
        bench.run(|tx| recover::propose(tx, &named("feng"), id, what, "分期退回", "")).unwrap().unwrap();
        bench.run(|tx| recover::confirm(tx, &named("wei"), id, Fen::yuan(part))).unwrap().unwrap();
        assert!(matches!(appeals(&mut bench, id), Err(rules::Refusal::AppealOver { .. })), "{part}");
    }
}
