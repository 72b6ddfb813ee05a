//! What is kept of claims, and for how long.

use std::time::Duration;

use super::draft::{own, withdraw};
use super::payment::BankResult;
use super::payment_tests::{released, row};
use super::record::*;
use super::review::Reviewer;
use super::rules::{Act, Refusal};
use super::tests::{a_stay, covered, mei};
use super::{audit, judge, moves, notes, pages, payment, queue, refuse, retain};
use crate::domain::media::commands::expire;
use crate::domain::member::erase;
use crate::domain::scheme::rules::EventKind;
use crate::domain::tables::*;
use crate::store::testing::Bench;

const DAY: Duration = moves::DAY;

fn named(name: &str) -> Reviewer {
    Reviewer { name: name.to_owned(), member: None, levels: Vec::new() }
}

/// Handed in, its invoice typed, so that staff look at it.
fn handed_in(bench: &mut Bench) -> ClaimId {
    let id = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.invoices[0].read = false;
    });
    bench.sends_all("oMei", id);
    bench.submits("oMei", id).unwrap();
    id
}

/// Is anything left of what was told and sent: facts, words, pictures, and what finds them?
fn is_whole(bench: &mut Bench, id: ClaimId) -> bool {
    bench.run(while_unused).unwrap();
    let claim = bench.claim_of(id);
    let pages = bench.run(|tx| pages::of(tx, id)).unwrap().len();
    let papers = bench.run(|tx| tx.scan(&PAPERS_OF, &(id,), None, 100)).unwrap().rows.len();
    let pictures = bench.run(|tx| tx.scan(&MEDIA, &(), None, 100)).unwrap().rows.len();
    let words = bench.run(|tx| moves::of(tx, id)).unwrap();
    let words = words.iter().any(|(_, row)| !row.words.reveal().is_empty());
    let noted = bench.run(|tx| notes::of(tx, id)).unwrap();
    let noted = noted.iter().any(|note| !note.words.reveal().is_empty());
    let told = claim.details.reveal();
    let facts = told.account.is_some() || !told.diagnosis.is_empty() || !told.facts.hospital.is_empty();
    let left = [facts, pages > 0, papers > 0, pictures > 0, words || noted];
    assert!(claim.erased || left[0] && left[1] && left[3], "whole or erased: {left:?}");
    if claim.erased {
        assert_eq!(left, [false; 5]);
        assert_eq!(claim.flags, []);
    }
    !claim.erased
}

/// As whoever forgets pictures does.
fn while_unused(tx: &mut crate::store::Tx) -> Result<(), crate::store::Fault> {
    while expire(tx, 100)?.1 {}
    Ok(())
}

fn assert_consistent(bench: &mut Bench) {
    let (broken, ..) = bench.run(|tx| audit::claims(tx, None)).unwrap();
    assert_eq!(broken, Vec::<String>::new());
    let (broken, _) = bench.run(|tx| audit::entries(tx, None)).unwrap();
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn what_was_taken_back_is_erased_after_thirty_days() {
    let mut bench = covered();
    let id = handed_in(&mut bench);
    let mine = bench.own_of("oMei", id);
    bench.run(|tx| withdraw(tx, &mine)).unwrap().unwrap();
    bench.time_goes(DAY * 29);
    assert!(is_whole(&mut bench, id));
    bench.time_goes(DAY * 2);
    assert!(!is_whole(&mut bench, id));
    let claim = bench.claim_of(id);
    assert_eq!((claim.status, claim.amount, claim.insured), (Status::Withdrawn, None, None));
    assert_eq!(claim.kind, EventKind::Inpatient, "for the figures");
    assert!(bench.run(|tx| tx.scan(&CLAIM_SUMS, &(), None, 9)).unwrap().rows.is_empty());
    assert_consistent(&mut bench);
}

#[test]
fn what_was_refused_is_kept_while_it_can_be_taken_up_and_then_cant() {
    let mut bench = covered();
    let id = handed_in(&mut bench);
    let no = |bench: &mut Bench, who: &str| {
        bench.run(|tx| refuse::decline(tx, &named(who), id, "other", "请看清")).unwrap().unwrap();
    };
    no(&mut bench, "wang");
    bench.time_goes(DAY * 29);
    bench.staff(id, Act::Reopen).unwrap();
    bench.time_goes(DAY * 90);
    assert!(is_whole(&mut bench, id), "nothing ends that is open");
    no(&mut bench, "wang");
    bench.time_goes(DAY * 59);
    assert!(is_whole(&mut bench, id), "for thirty days it could be appealed against");
    bench.time_goes(DAY * 2);
    assert!(!is_whole(&mut bench, id));
    let status = Status::NotAccepted;
    assert_eq!(bench.staff(id, Act::Reopen), Err(Refusal::NotNow { status }));
    assert_consistent(&mut bench);
}

#[test]
fn a_draft_goes_with_its_pictures() {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, a_stay);
    bench.sends_all("oMei", id);
    let mine = bench.run(|tx| own(tx, &mei(), id)).unwrap().unwrap();
    bench.run(|tx| withdraw(tx, &mine)).unwrap().unwrap();
    assert_eq!(*bench.claim_of(id).details.reveal(), Details::default(), "at once");
    bench.time_goes(DAY * 31);
    assert!(!is_whole(&mut bench, id));
}

#[test]
fn what_was_paid_is_whole_for_ten_years_and_its_figures_stay() {
    let (mut bench, claims, batch) = released();
    for id in &claims {
        let told = row(*id, BankResult::Paid);
        bench.run(|tx| payment::record(tx, &named("wei"), batch, &told)).unwrap().unwrap();
    }
    let id = claims[0];
    let before = bench.claim_of(id);
    bench.time_goes(DAY * 3_650);
    assert_eq!(bench.claim_of(id), before);
    let account = |bench: &mut Bench| {
        let line = bench.run(|tx| tx.get(&PAY_LINES, &(batch, id))).unwrap().unwrap();
        let account = line.account.into_revealed();
        format!("{}{}", account.holder, account.number)
    };
    assert!(!account(&mut bench).is_empty());
    bench.time_goes(DAY * 20);
    let after = bench.claim_of(id);
    assert!(after.erased);
    assert_eq!((after.status, after.amount, after.insured), (Status::Paid, before.amount, before.insured));
    let told = after.details.reveal();
    assert!(told.account.is_none() && told.diagnosis.is_empty() && told.facts.hospital.is_empty());
    assert!(bench.run(|tx| judge::sum(tx, id, &after)).unwrap().is_some(), "how it was counted");
    assert_eq!(account(&mut bench), "", "nor in what the bank was sent");
    assert_consistent(&mut bench);
}

#[test]
fn who_is_erased_takes_along_what_was_never_paid_and_nothing_that_was() {
    let mut bench = covered();
    let paid = handed_in(&mut bench);
    for act in [Act::Accept, Act::Approve, Act::Pay, Act::Settle] {
        bench.staff(paid, act).unwrap();
    }
    let another = |details: &mut Details| {
        a_stay(details);
        details.invoices[0].number = "77".to_owned();
        details.facts.admitted = Some(jiff::civil::date(2026, 11, 2));
        details.facts.discharged = Some(jiff::civil::date(2026, 11, 6));
    };
    let reviewed = bench.begins("oMei", EventKind::Inpatient, another);
    bench.sends_all("oMei", reviewed);
    bench.submits("oMei", reviewed).unwrap();
    for act in [Act::Accept, Act::Review] {
        bench.staff(reviewed, act).unwrap();
    }
    let draft = bench.begins("oMei", EventKind::Disease, |details| details.diagnosis = "癌".to_owned());
    let member = bench.claim_of(paid).claimant;
    assert_eq!(bench.run(|tx| retain::open(tx, member)).unwrap(), 1);
    bench.run(|tx| erase::erase(tx, &mei())).unwrap();
    bench.time_goes(Duration::from_secs(1));
    bench.run(while_unused).unwrap();
    for id in [reviewed, draft] {
        let claim = bench.claim_of(id);
        assert_eq!((claim.status, claim.erased), (Status::Withdrawn, true), "{id}");
        let told = claim.details.reveal();
        assert!(told.account.is_none() && told.diagnosis.is_empty(), "{id}");
        assert!(bench.run(|tx| pages::of(tx, id)).unwrap().is_empty(), "{id}");
    }
    assert!(is_whole(&mut bench, paid), "an account's proof");
    let pictures = bench.run(|tx| tx.scan(&MEDIA, &(), None, 100)).unwrap().rows.len();
    assert_eq!(pictures, 5, "its own");
}

#[test]
fn false_papers_are_kept_while_they_exclude_even_of_who_is_erased() {
    let mut bench = covered();
    let id = handed_in(&mut bench);
    bench.staff(id, Act::Accept).unwrap();
    let no = |tx: &mut crate::store::Tx| refuse::reject(tx, &named("wang"), id, "false_papers", "查验", true);
    bench.run(no).unwrap().unwrap();
    bench.run(|tx| erase::erase(tx, &mei())).unwrap();
    bench.time_goes(DAY * 364);
    assert!(is_whole(&mut bench, id));
    bench.time_goes(DAY * 33);
    assert!(!is_whole(&mut bench, id));
}

#[test]
fn what_ended_under_an_earlier_version_ends_too() {
    let mut bench = covered();
    let id = handed_in(&mut bench);
    let mine = bench.own_of("oMei", id);
    bench.run(|tx| withdraw(tx, &mine)).unwrap().unwrap();
    let timers = bench.run(|tx| tx.scan(&TIMERS, &(), None, 100)).unwrap().rows;
    for (timer, ()) in timers {
        bench.run(|tx| tx.delete(&TIMERS, &timer)).unwrap();
    }
    bench.time_goes(DAY * 300);
    assert!(!bench.claim_of(id).erased);
    bench.run(retain::begin_with_older).unwrap();
    bench.time_goes(Duration::from_secs(1));
    assert!(!is_whole(&mut bench, id));
    bench.run(retain::begin_with_older).unwrap();
    assert!(bench.run(|tx| tx.scan(&TIMERS, &(), None, 9)).unwrap().rows.is_empty(), "once is enough");
    assert_eq!(
        bench.run(|tx| queue::get(tx, id)).unwrap().map(|claim| claim.status),
        Some(Status::Withdrawn)
    );
}
