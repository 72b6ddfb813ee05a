//! What staff change while people sign up, wait, give back or are told.

use std::time::Duration;

use super::attendance;
use super::commands::{Application, Registered, cancel, register};
use super::manage::{ManageRefusal, call_off, change, close};
use super::record::*;
use super::rules::{Refusal, cancel_deadline};
use super::take_back::take_back;
use super::tests::{Hall, by_code};
use crate::domain::contact::record::FollowerId;
use crate::domain::outbox::record::Notice;

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn a_draw_that_is_put_off_after_the_sign_up_was_closed_takes_place() {
    let drawn_at = |at| Mode::Draw(DrawTerms { at, choices_max: 1, lost_first: true, absent_last: true });
    let closes = sample_terms().sign_up.closes;
    let mut hall = Hall::of(Terms { mode: drawn_at(closes), ..sample_terms() });
    let (mei, id) = (hall.sign_up("oMei"), hall.id);
    hall.bench.run(|tx| close(tx, id)).unwrap().unwrap();
    let later = closes.plus(HOUR);
    let put_off = Terms { mode: drawn_at(later), ..hall.terms.clone() };
    hall.bench.run(|tx| change(tx, id, put_off.clone())).unwrap().unwrap();
    hall.at(closes);
    assert_eq!(hall.status(mei).status, Status::Applied);
    hall.at(later);
    assert_eq!(hall.status(mei).status, Status::Confirmed);
}

#[test]
fn where_staff_take_the_roll_after_all_nobody_is_absent_unless_they_say_so() {
    let mut hall = Hall::of(Terms { settings: by_code(), ..sample_terms() });
    let (mei, lan, id) = (hall.sign_up("oMei"), hall.sign_up("oLan"), hall.id);
    let Session { starts, ends, .. } = hall.terms.sessions[0].clone();
    hall.at(starts);
    let mut by_hand = hall.terms.clone();
    by_hand.settings.check_in = CheckIn::Staff;
    hall.bench.run(|tx| change(tx, id, by_hand.clone())).unwrap().unwrap();
    hall.mark(mei, Attendance::Present { at: starts });
    hall.at(ends);
    assert_eq!((hall.status(lan).attendance, hall.halves("oLan")), (None, 0));
    let activity = hall.activity();
    hall.bench.run(|tx| attendance::rest_absent(tx, &activity, 1, None)).unwrap();
    assert_eq!(hall.halves("oLan"), 2);
}

#[test]
fn what_is_called_off_is_not_given_back_late() {
    let settings = Settings { late_cancel: true, ..by_code() };
    let mut hall = Hall::of(Terms { settings, ..sample_terms() });
    let (mei, id) = (hall.sign_up("oMei"), hall.id);
    let late = cancel_deadline(&hall.terms, 1);
    hall.at(late);
    hall.bench.run(|tx| call_off(tx, id, "台风")).unwrap().unwrap();
    let said = hall.bench.run(|tx| cancel(tx, &FollowerId::new("oMei"), mei)).unwrap();
    assert_eq!(said, Err(Refusal::CalledOff { reason: "台风".to_owned() }), "before they are told");
    hall.at(late);
    assert_eq!((hall.status(mei).status, hall.halves("oMei")), (Status::Cancelled { by: By::Activity }, 0));
    assert!(matches!(hall.told()[..], [Notice::ActivityCancelled { .. }]));
}

#[test]
fn a_seat_that_is_sat_on_is_not_given_back() {
    let settings = Settings { late_cancel: true, absence: None, ..by_code() };
    let mut hall = Hall::of(Terms { settings, ..sample_terms() });
    let mei = hall.sign_up("oMei");
    let soon = hall.terms.sessions[0].starts.minus(attendance::CHECK_IN_AROUND);
    hall.at(soon);
    hall.mark(mei, Attendance::Present { at: soon });
    let said = hall.bench.run(|tx| cancel(tx, &FollowerId::new("oMei"), mei)).unwrap();
    assert_eq!((said, hall.status(mei).status), (Err(Refusal::CheckedIn), Status::Confirmed));
}

#[test]
fn what_staff_give_back_for_their_follower_goes_to_who_waits_and_is_no_absence() {
    let mut terms = Terms { settings: by_code(), ..sample_terms() };
    terms.sessions[0].capacity = 1;
    terms.settings.waiting = WaitingBy::Automatic;
    let mut hall = Hall::of(terms);
    let (mei, lan) = (hall.sign_up("oMei"), hall.sign_up("oLan"));
    assert_eq!(hall.status(lan).status, Status::Waiting);
    let late = cancel_deadline(&hall.terms, 1);
    hall.at(late);
    let by_staff =
        |hall: &mut Hall, number| hall.bench.run(|tx| take_back(tx, number, "来电说来不了")).unwrap();
    assert_eq!((by_staff(&mut hall, mei), by_staff(&mut hall, mei)), (Ok(()), Ok(())), "said twice");
    assert_eq!((hall.status(mei).status, hall.halves("oMei")), (Status::Cancelled { by: By::Staff }, 0));
    assert_eq!(hall.status(lan).status, Status::Confirmed);
    assert_eq!(hall.told(), [Notice::TakenBack { number: mei }, Notice::Promoted { number: lan }]);

    let begun = hall.terms.sessions[0].starts;
    hall.at(begun);
    assert_eq!(by_staff(&mut hall, lan), Err(ManageRefusal::SessionBegun { number: lan.to_string() }));
    hall.mark(lan, Attendance::Present { at: begun });
    assert_eq!(by_staff(&mut hall, lan), Err(ManageRefusal::NotHeld { number: lan.to_string() }));
}

#[test]
fn who_waited_in_vain_for_one_session_may_have_another() {
    let mut terms = sample_terms();
    terms.settings.per_person = 1;
    let first = Session { capacity: 1, ..terms.sessions[0].clone() };
    let later = |time: crate::moment::Time| time.plus(HOUR * 24);
    let second = Session { starts: later(first.starts), ends: later(first.ends), capacity: 9 };
    terms.sign_up.closes = first.ends;
    terms.sessions = vec![first.clone(), second];
    let mut hall = Hall::of(terms);
    for name in ["oBo", "oMei"] {
        hall.sign_up(name);
    }
    let other = |hall: &mut Hall, name: &str| {
        let application = Application { activity: hall.id, session: 2, ..Application::default() };
        hall.bench.run(|tx| register(tx, &FollowerId::new(name), &application)).unwrap()
    };
    assert_eq!(other(&mut hall, "oMei"), Err(Refusal::PersonLimit { max: 1 }), "they may come to a seat yet");
    hall.at(first.starts);
    assert!(matches!(other(&mut hall, "oMei"), Ok(Registered::Confirmed { .. })));
    assert_eq!(other(&mut hall, "oBo"), Err(Refusal::PersonLimit { max: 1 }));
}

#[test]
fn who_signs_up_after_a_change_is_not_told_of_it() {
    let mut hall = Hall::of(sample_terms());
    let (mei, id) = (hall.sign_up("oMei"), hall.id);
    let moved = Terms { place: Place::At("别处".to_owned()), ..hall.terms.clone() };
    hall.bench.run(|tx| change(tx, id, moved.clone())).unwrap().unwrap();
    // The change is told in small steps; somebody comes in between.
    hall.bench.moment.now = hall.bench.moment.now.plus(Duration::from_secs(1));
    let lan = hall.sign_up("oLan");
    let now = hall.bench.moment.now;
    hall.at(now);
    assert!(hall.status(mei).moved && !hall.status(lan).moved);
    let told = hall.told();
    assert!(
        matches!(told[..], [Notice::ActivityChanged { number: Some(number), .. }] if number == mei),
        "{told:?}"
    );
}
