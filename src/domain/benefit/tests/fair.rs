//! Who is held to what: strikes only for what is known to be unused, pauses for whoever one is by now.

use super::super::manage::lift;
use super::super::used::{Reported, UsedCode, report};
use super::super::wallet;
use super::*;
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
fn what_the_provider_tells_in_time_is_no_strike() {
    let mut bench = open(strict(Way::Imported, Some(7)));
    load(&mut bench, &["X", "Y", "Z"]);
    for who in ["oMei", "oBo"] {
        bench.claims(who).unwrap();
    }
    bench.goes_on(3 * DAY);
    assert_eq!(tells(&mut bench, "X"), Reported { marked: 1, ..Reported::default() }, "expired, but used");
    assert_eq!(tells(&mut bench, "X"), Reported { known: 1, ..Reported::default() });
    assert_eq!(tells(&mut bench, "Z").refused[0].why, "not_given");
    assert_eq!(tells(&mut bench, "nothing").refused[0].why, "unknown");
    bench.goes_on(7 * DAY);
    assert!(bench.claims("oMei").is_ok());
    assert!(matches!(bench.refuses("oBo"), Refusal::PausedForUnused { expired: 1, .. }));
    let told = bench.told_of_welfare();
    let paused = told.iter().filter(|(_, told)| matches!(told, Welfare::Expired { paused: Some(_), .. }));
    assert_eq!(paused.map(|(who, _)| who.as_str()).collect::<Vec<_>>(), ["oBo"], "who is paused is told so");
}

#[test]
fn a_strike_is_taken_back_when_the_provider_tells_late() {
    let mut terms = strict(Way::Imported, Some(0));
    terms.unused.expired = 2;
    let mut bench = open(terms);
    load(&mut bench, &["X", "Y"]);
    bench.claims("oMei").unwrap();
    bench.goes_on(3 * DAY);
    assert_eq!(tells(&mut bench, "X").marked, 1);
    bench.claims("oMei").unwrap();
    bench.goes_on(3 * DAY);
    assert!(!matches!(bench.claims("oMei"), Err(Refusal::PausedForUnused { .. })), "one, not two");
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
    bench.run(|tx| wallet::pause(tx, &Person::Follower(who("oMei")), far, "转卖")).unwrap();
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
