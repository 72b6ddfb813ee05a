//! Who takes a member's place in WeChat doesn't take their money.

use super::account::{self, AFTER_MOVE};
use super::draft::tell_account;
use super::moves::DAY;
use super::record::*;
use super::review::{self, Refusal, Reviewer};
use super::tests::{a_stay, binds, covered};
use super::{payment, second};
use crate::domain::contact::record::FollowerId;
use crate::domain::member::binding::take_back;
use crate::domain::scheme::rules::EventKind;
use crate::store::testing::Bench;

fn named(name: &str) -> Reviewer {
    Reviewer { name: name.to_owned(), member: None, levels: Vec::new() }
}

fn account(number: &str) -> BankAccount {
    BankAccount { holder: "李梅".to_owned(), number: number.to_owned(), bank: "宁波银行".to_owned() }
}

fn tells(bench: &mut Bench, who: &str, id: ClaimId, number: &str) -> bool {
    let own = bench.own_of(who, id);
    bench.run(|tx| tell_account(tx, &own, &account(number))).unwrap().unwrap();
    bench.claim_of(id).is_told_after_move()
}

/// A stay that rules would approve if it were handed in.
fn ready() -> (Bench, ClaimId) {
    let mut bench = covered();
    let id = bench.begins("oMei", EventKind::Inpatient, a_stay);
    bench.sends_all("oMei", id);
    bench.time_goes(DAY);
    (bench, id)
}

fn batched(bench: &mut Bench) -> (u32, u32) {
    let number = bench.run(|tx| payment::begin(tx, &named("feng"), "ningbo")).unwrap().unwrap();
    while bench.run(|tx| payment::fill(tx, number, &named("feng"))).unwrap().unwrap() {}
    let batch = bench.run(|tx| payment::get(tx, number)).unwrap().unwrap();
    (batch.count, batch.skipped)
}

#[test]
fn an_account_that_is_told_after_a_move_is_paid_to_once_staff_say_that_it_is_right() {
    let (mut bench, id) = ready();
    binds(&mut bench, "oThief", "李梅", 1);
    let moved = bench.moment.now.date();
    bench.time_goes(DAY);
    assert!(tells(&mut bench, "oThief", id, "6222029999999999"));
    let claim = bench.submits("oThief", id).unwrap();
    assert_eq!((claim.status, claim.flags), (Status::Submitted, vec![Flag::ToldAfterMove { moved }]));
    bench.run(|tx| review::accept(tx, &named("wang"), id)).unwrap().unwrap();
    for by in ["wang", "li"] {
        bench.run(|tx| review::approve(tx, &named(by), id, "")).unwrap().unwrap();
    }
    assert_eq!(bench.claim_of(id).status, Status::Approved);
    assert_eq!(batched(&mut bench), (0, 1));
    bench.time_goes(AFTER_MOVE);
    assert_eq!(batched(&mut bench), (0, 1), "time alone says nothing");
    let confirm = |bench: &mut Bench, by: &str, why: &str| {
        bench.run(|tx| account::confirm(tx, &named(by), id, why)).unwrap()
    };
    assert!(matches!(confirm(&mut bench, "sun", ""), Err(Refusal::ReasonNeeded(_))));
    confirm(&mut bench, "sun", "电话核实是本人").unwrap();
    let claim = bench.claim_of(id);
    assert_eq!((claim.account_confirmed_by.as_deref(), claim.is_told_after_move()), (Some("sun"), false));
    assert_eq!(confirm(&mut bench, "sun", "再说一遍"), Err(Refusal::NotNow(Status::Approved)));
    assert_eq!(batched(&mut bench), (1, 0));
}

#[test]
fn what_is_confirmed_before_it_is_decided_goes_on_by_rule() {
    let (mut bench, id) = ready();
    binds(&mut bench, "oNew", "李梅", 1);
    assert!(tells(&mut bench, "oNew", id, "6222029999999999"));
    bench.submits("oNew", id).unwrap();
    bench.run(|tx| account::confirm(tx, &named("sun"), id, "电话核实是本人")).unwrap().unwrap();
    let claim = bench.claim_of(id);
    assert_eq!((claim.status, claim.instant), (Status::Approved, true));
}

#[test]
fn only_another_account_and_only_for_some_days() {
    let (mut bench, id) = ready();
    assert!(!tells(&mut bench, "oMei", id, "6222020000000001"), "nobody moved");
    binds(&mut bench, "oNew", "李梅", 1);
    assert!(!tells(&mut bench, "oNew", id, "6222020000000001"), "the same account");
    assert!(tells(&mut bench, "oNew", id, "6222029999999999"));
    bench.run(|tx| crate::domain::member::binding::unbind(tx, &FollowerId::new("oNew"))).unwrap().unwrap();
    bench.time_goes(DAY);
    binds(&mut bench, "oNew", "李梅", 1);
    assert!(
        tells(&mut bench, "oNew", id, "6222028888888888"),
        "whoever parts and comes back has moved all the same"
    );
    bench.time_goes(AFTER_MOVE);
    assert!(tells(&mut bench, "oNew", id, "6222027777777777"), "what was marked stays so");

    let (mut bench, id) = ready();
    binds(&mut bench, "oNew", "李梅", 1);
    bench.time_goes(AFTER_MOVE);
    assert!(!tells(&mut bench, "oNew", id, "6222029999999999"), "long after");

    let (mut bench, _) = ready();
    binds(&mut bench, "oNew", "李梅", 1);
    bench.time_goes(AFTER_MOVE);
    let later = bench.begins("oNew", EventKind::Inpatient, a_stay);
    assert!(!bench.claim_of(later).is_told_after_move(), "begun long after");
}

#[test]
fn a_claim_that_is_begun_just_after_a_move_is_paid_once_staff_say_so_as_well() {
    let mut bench = covered();
    binds(&mut bench, "oThief", "李梅", 1);
    let moved = bench.moment.now.date();
    bench.time_goes(DAY);
    let id = bench.begins("oThief", EventKind::Inpatient, a_stay);
    bench.sends_all("oThief", id);
    let claim = bench.submits("oThief", id).unwrap();
    assert_eq!((claim.status, claim.flags), (Status::Submitted, vec![Flag::ToldAfterMove { moved }]));
    bench.time_goes(AFTER_MOVE);
    assert!(bench.claim_of(id).is_told_after_move(), "time alone says nothing");
    bench.run(|tx| account::confirm(tx, &named("sun"), id, "电话核实是本人")).unwrap().unwrap();
    let claim = bench.claim_of(id);
    assert_eq!((claim.status, claim.is_told_after_move()), (Status::Approved, false));
}

#[test]
fn a_second_claim_for_the_same_illness_has_the_mark_that_its_account_has_in_the_first() {
    let ill: fn(&mut Details) = |details| {
        a_stay(details);
        details.diagnosis = "甲状腺乳头状癌".to_owned();
    };
    let second = |bench: &mut Bench, who: &str, first: ClaimId| {
        let own = bench.own_of(who, first);
        bench.run(|tx| second::begin(tx, &FollowerId::new(who), &own)).unwrap().unwrap().unwrap()
    };
    let mut bench = covered();
    binds(&mut bench, "oThief", "李梅", 1);
    let first = bench.begins("oThief", EventKind::Inpatient, ill);
    bench.sends_all("oThief", first);
    bench.submits("oThief", first).unwrap();
    bench.time_goes(AFTER_MOVE);
    let id = second(&mut bench, "oThief", first);
    assert!(bench.claim_of(id).is_told_after_move(), "long after, and the account is the one that is marked");

    let mut bench = covered();
    let first = bench.begins("oMei", EventKind::Inpatient, ill);
    bench.sends_all("oMei", first);
    bench.submits("oMei", first).unwrap();
    bench.time_goes(DAY);
    binds(&mut bench, "oNew", "李梅", 1);
    let id = second(&mut bench, "oNew", first);
    assert!(!bench.claim_of(id).is_told_after_move(), "it was told before");
    assert!(tells(&mut bench, "oNew", id, "6222028888888888"), "and another after the move");
}

#[test]
fn who_gets_their_place_back_tells_their_own_account_and_nobody_has_to_confirm_it() {
    let (mut bench, id) = ready();
    binds(&mut bench, "oThief", "李梅", 1);
    assert!(tells(&mut bench, "oThief", id, "6222029999999999"));
    let mei = bench.claim_of(id).claimant;
    bench.run(|tx| take_back(tx, mei)).unwrap().unwrap();
    binds(&mut bench, "oMei", "李梅", 1);
    assert!(bench.claim_of(id).is_told_after_move(), "the account is the thief's still");
    assert!(!tells(&mut bench, "oMei", id, "6222020000000001"));
}

#[test]
fn who_entered_the_account_does_not_say_that_it_is_right() {
    let (mut bench, id) = ready();
    binds(&mut bench, "oThief", "李梅", 1);
    assert!(tells(&mut bench, "oThief", id, "6222029999999999"));
    bench.submits("oThief", id).unwrap();
    let enter = |details: &mut Details| details.account = Some(account("6222020000000001"));
    bench.run(|tx| review::enter(tx, &named("wang"), id, &["account"], enter)).unwrap().unwrap();
    let confirm = |bench: &mut Bench, by: &str| {
        bench.run(|tx| account::confirm(tx, &named(by), id, "银行卡原件")).unwrap()
    };
    assert_eq!(confirm(&mut bench, "wang"), Err(Refusal::OwnEntry));
    confirm(&mut bench, "sun").unwrap();
    assert!(!bench.claim_of(id).is_told_after_move());
}
