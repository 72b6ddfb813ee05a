//! Who is held to what: strikes only for what is known to be unused, pauses for whoever one is by now.

use super::super::manage::lift;
use super::super::used::{Reported, UsedCode, report};
use super::super::wallet;
use super::*;
use crate::domain::member::erase::{erase, withdraw};
use crate::domain::member::standing::Person;

/// One unused is one too many.
fn strict(way: Way, reported: Option<u16>) -> Terms {
    with(|terms| {
        terms.way = way.clone();
        terms.use_reported_days = reported;
        terms.validity.days = 1;
        terms.unused = Unused { expired: 1, within_days: 365, pause_days: 30 };
    })
}

fn load(bench: &mut Bench, codes: &[&str]) {
    let origin = Origin { lot: "a".to_owned(), supplier: String::new(), by: "staff".to_owned() };
    let codes: Vec<_> =
        codes.iter().map(|code| NewCode { line: 2, code: (*code).to_owned(), until: None }).collect();
    bench.run(|tx| import(tx, 1, &origin, &codes)).unwrap().unwrap();
}

fn tells(bench: &mut Bench, code: &str) -> Reported {
    let used = [UsedCode { line: 2, code: code.to_owned(), at: None }];
    bench.run(|tx| report(tx, 1, "staff", &used)).unwrap().unwrap()
}

#[test]
fn only_what_is_known_to_be_unused_is_held_against_its_owner() {
    let link = Way::Link { address: "https://film.example/{token}".to_owned() };
    let known = [
        (Way::Own, None, true),
        (Way::Imported, None, false),
        (link.clone(), None, false),
        (Way::Grant, None, false),
        (Way::Imported, Some(0), true),
        (link, Some(0), true),
    ];
    for (way, reported, paused) in known {
        let mut bench = open(strict(way.clone(), reported));
        if way == Way::Imported {
            load(&mut bench, &["X", "Y"]);
        }
        bench.claims("oMei").unwrap();
        bench.goes_on(3 * DAY);
        let refused = matches!(bench.claims("oMei"), Err(Refusal::PausedForUnused { .. }));
        assert_eq!(refused, paused, "{way:?} {reported:?}");
    }
}

#[test]
fn what_was_used_before_it_was_given_was_not_used_by_its_owner() {
    let mut bench = open(strict(Way::Imported, Some(7)));
    load(&mut bench, &["X", "Y", "Z"]);
    bench.goes_on(DAY);
    let given = ["oMei", "oBo", "oLi"].map(|name| bench.claims(name).unwrap().number);
    let at = bench.moment.now;
    let told = [("X", at.minus(DAY)), ("Y", at.minus(Duration::from_secs(120))), ("Z", at)];
    let used = [0, 1, 2].map(|n: usize| UsedCode {
        line: n as u32 + 2,
        code: told[n].0.to_owned(),
        at: Some(told[n].1),
    });
    let reported = bench.run(|tx| report(tx, 1, "staff", &used)).unwrap().unwrap();
    assert_eq!(reported.marked, 2, "clocks differ a little");
    let refused: Vec<_> = reported.refused.iter().map(|no| (no.line, no.why.as_str())).collect();
    assert_eq!(refused, [(2, "before")]);
    let state = bench.run(|tx| tx.get(&COUPONS, &given[0].key())).unwrap().unwrap().state;
    assert_eq!(state, CouponState::Given);
}

#[test]
fn what_the_provider_tells_in_time_is_no_strike() {
    let mut bench = open(strict(Way::Imported, Some(7)));
    load(&mut bench, &["X", "Y", "Z"]);
    for who in ["oMei", "oBo"] {
        bench.claims(who).unwrap();
    }
    bench.goes_on(3 * DAY);
    assert_eq!(tells(&mut bench, "X"), Reported { marked: 1, ..Reported::default() }, "expired, but used");
    assert_eq!(tells(&mut bench, "X"), Reported { known: 1, ..Reported::default() });
    let refused = &tells(&mut bench, "Z").refused[0];
    assert!(refused.why == "not_given" && refused.message.contains("make it void"), "{refused:?}");
    assert_eq!(tells(&mut bench, "nothing").refused[0].why, "unknown");
    bench.goes_on(7 * DAY);
    assert!(bench.claims("oMei").is_ok());
    assert!(matches!(bench.refuses("oBo"), Refusal::PausedForUnused { expired: 1, .. }));
    let told = bench.told_of_welfare();
    let paused = told.iter().filter(|(_, told)| matches!(told, Welfare::Expired { paused: Some(_), .. }));
    assert_eq!(paused.map(|(who, _)| who.as_str()).collect::<Vec<_>>(), ["oBo"], "who is paused is told so");
}

#[test]
fn a_strike_and_what_it_led_to_go_whenever_the_coupon_turns_out_to_be_used_or_is_made_void() {
    type TakenBack = fn(&mut Bench, &str);
    let used: TakenBack = |bench, code| assert_eq!(tells(bench, code).marked, 1);
    let made_void: TakenBack = |bench, code| {
        bench.run(|tx| void(tx, code, "staff", "店关了", false)).unwrap().unwrap();
    };
    let ways = [used, made_void];
    for (days, taken_back) in [0, 1, 7].into_iter().flat_map(|days| ways.map(|way| (days, way))) {
        // One too many, and a month later still.
        let mut bench = open(strict(Way::Imported, Some(days)));
        load(&mut bench, &["X", "Y"]);
        bench.claims("oMei").unwrap();
        bench.goes_on(20 * DAY);
        assert!(matches!(bench.refuses("oMei"), Refusal::PausedForUnused { expired: 1, .. }), "{days}");
        taken_back(&mut bench, "X");
        assert!(bench.claims("oMei").is_ok(), "{days}");

        // Of two that led to a pause, the other one still counts.
        let mut terms = strict(Way::Imported, Some(days));
        terms.unused.expired = 2;
        terms.per_person.month = None;
        let mut bench = open(terms);
        load(&mut bench, &["X", "Y", "Z"]);
        for _ in 0..2 {
            bench.claims("oMei").unwrap();
            bench.goes_on(DAY);
        }
        bench.goes_on(15 * DAY);
        assert!(matches!(bench.refuses("oMei"), Refusal::PausedForUnused { expired: 2, .. }), "{days}");
        taken_back(&mut bench, "X");
        bench.claims("oMei").unwrap();
        bench.goes_on(15 * DAY);
        assert!(matches!(bench.refuses("oMei"), Refusal::PausedForUnused { expired: 2, .. }), "{days}");
    }
}

#[test]
fn a_strike_is_taken_back_from_whatever_account_the_member_uses_by_then() {
    let mut bench = open(strict(Way::Imported, Some(1)));
    load(&mut bench, &["X", "Y", "Z"]);
    bench.enlists(1, None);
    bench.claims("oMei").unwrap(); // as an account
    bench.recognises("oMei", 1, false);
    bench.goes_on(10 * DAY);
    bench.recognises("oNewPhone", 1, true);
    for name in ["oMei", "oNewPhone"] {
        assert!(matches!(bench.refuses(name), Refusal::PausedForUnused { .. }), "{name}");
    }
    assert_eq!(tells(&mut bench, "X").marked, 1);
    for name in ["oMei", "oNewPhone"] {
        assert!(bench.claims(name).is_ok(), "{name}");
    }
}

/// Another benefit, that asks nothing of who let coupons expire.
fn lenient(bench: &mut Bench) -> u32 {
    let terms = with(|terms| terms.unused.expired = 0);
    let id = bench.run(|tx| create(tx, terms.clone())).unwrap().id;
    bench.run(|tx| publish(tx, id)).unwrap().unwrap();
    id
}

#[test]
fn a_ban_and_a_pause_for_unused_coupons_stand_beside_each_other() {
    let terms = || {
        let mut terms = strict(Way::Own, None);
        terms.unused.pause_days = 60;
        terms
    };
    let mei = || Person::Follower(who("oMei"));
    let claims = |bench: &mut Bench, id: u32| {
        let tried = bench.run(|tx| claim(tx, Account { who: &who("oMei"), followed: None, tags: &[] }, id));
        tried.unwrap().map(drop)
    };

    // Banned for 30 days, then a coupon expires.
    let mut bench = open(terms());
    let other = lenient(&mut bench);
    bench.claims("oMei").unwrap();
    let banned = bench.moment.now.plus(30 * DAY);
    bench.run(|tx| wallet::ban(tx, &mei(), banned, "转卖")).unwrap();
    bench.goes_on(3 * DAY);
    let by_staff = Refusal::PausedByStaff { reason: "转卖".to_owned(), until: banned };
    assert_eq!(claims(&mut bench, other), Err(by_staff), "the ban holds for every benefit");
    let unused = Refusal::PausedForUnused {
        expired: 1,
        until: Time::parse("2026-12-03T00:00:00+08:00").unwrap().plus(60 * DAY),
    };
    assert_eq!(claims(&mut bench, 1), Err(unused.clone()), "which ends last");
    bench.moment.now = banned;
    assert_eq!(claims(&mut bench, other), Ok(()));
    assert_eq!(claims(&mut bench, 1), Err(unused));

    // The other way round: a short ban shortens nothing, and lifting ends both.
    let mut bench = open(terms());
    bench.claims("oMei").unwrap();
    bench.goes_on(3 * DAY);
    let tomorrow = bench.moment.now.plus(DAY);
    bench.run(|tx| wallet::ban(tx, &mei(), tomorrow, "核对")).unwrap();
    bench.goes_on(2 * DAY);
    assert!(matches!(bench.refuses("oMei"), Refusal::PausedForUnused { expired: 1, .. }));
    let later = bench.moment.now.plus(90 * DAY);
    bench.run(|tx| wallet::ban(tx, &mei(), later, "核对")).unwrap();
    assert!(matches!(bench.refuses("oMei"), Refusal::PausedByStaff { until, .. } if until == later));
    bench.run(|tx| lift(tx, &mei())).unwrap().unwrap();
    assert!(bench.claims("oMei").is_ok());
    assert_eq!(bench.run(|tx| lift(tx, &mei())).unwrap(), Err(ManageRefusal::NotPaused));
}

#[test]
fn what_expired_before_a_pause_was_lifted_is_forgiven_however_late_it_is_known() {
    let mut bench = open(strict(Way::Imported, Some(7)));
    load(&mut bench, &["X", "Y"]);
    bench.claims("oMei").unwrap();
    bench.goes_on(3 * DAY); // it has expired, and the provider may still tell that it was used
    let mei = Person::Follower(who("oMei"));
    let later = bench.moment.now.plus(20 * DAY);
    bench.run(|tx| wallet::ban(tx, &mei, later, "核对")).unwrap();
    bench.run(|tx| lift(tx, &mei)).unwrap().unwrap();
    bench.goes_on(10 * DAY);
    assert!(bench.claims("oMei").is_ok());
}

#[test]
fn binding_anew_sheds_no_strike_and_no_pause() {
    let anybody = with(|terms| {
        terms.per_person.release = None;
        terms.per_person.month = None;
        terms.validity.days = 1;
    });
    let mut bench = open(anybody.clone());
    bench.enlists(1, None);
    bench.claims("oMei").unwrap(); // as an account
    bench.goes_on(3 * DAY);
    bench.recognises("oMei", 1, false);
    bench.claims("oMei").unwrap(); // as a member
    bench.goes_on(3 * DAY);
    assert!(matches!(bench.refuses("oMei"), Refusal::PausedForUnused { expired: 2, .. }));
    bench.run(|tx| unbind(tx, &who("oMei"))).unwrap().unwrap();
    assert!(matches!(bench.refuses("oMei"), Refusal::PausedForUnused { .. }), "as an account again");

    let mut bench = open(anybody);
    let id = bench.enlists(1, None);
    let far = bench.moment.now.plus(90 * DAY);
    bench.run(|tx| wallet::ban(tx, &Person::Follower(who("oMei")), far, "转卖")).unwrap();
    bench.recognises("oMei", 1, false);
    assert!(matches!(bench.refuses("oMei"), Refusal::PausedByStaff { .. }));
    bench.goes_on(31 * DAY);
    bench.recognises("oNewPhone", 1, true);
    assert!(matches!(bench.refuses("oNewPhone"), Refusal::PausedByStaff { .. }));
    assert!(matches!(bench.refuses("oMei"), Refusal::PausedByStaff { .. }));
    bench.run(|tx| lift(tx, &Person::Member(id))).unwrap().unwrap();
    assert!(bench.claims("oNewPhone").is_ok());
    bench.goes_on(31 * DAY);
    bench.recognises("oMei", 1, true);
    assert!(bench.claims("oMei").is_ok(), "what was lifted does not come back with an older account");
}

#[test]
fn withdrawing_the_consent_leaves_an_unused_coupon_in_hand_and_erasing_does_not() {
    for (goes, stays) in [(false, true), (true, false)] {
        let mut bench = open(sample_terms());
        bench.enlists(1, None);
        bench.recognises("oMei", 1, false);
        let coupon = bench.claims("oMei").unwrap();
        match goes {
            false => bench.run(|tx| withdraw(tx, &who("oMei"))).unwrap(),
            true => _ = bench.run(|tx| erase(tx, &who("oMei"))).unwrap(),
        }
        let held = bench.run(|tx| mine(tx, &who("oMei"), 9)).unwrap();
        let found = bench.run(|tx| own(tx, &who("oMei"), coupon.number)).unwrap();
        assert_eq!((held.len(), found.is_some()), (usize::from(stays), stays));
        if stays {
            bench.recognises("oMei", 1, false);
            assert_eq!(bench.run(|tx| mine(tx, &who("oMei"), 9)).unwrap().len(), 1, "not twice");
            bench.run(|tx| give_back(tx, &who("oMei"), coupon.number)).unwrap().unwrap();
        }
    }
}
