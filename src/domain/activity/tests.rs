//! What comes of time: seats that were had, absences, parcels, moves.

use std::time::Duration;

use super::attendance::{self, CheckedIn};
use super::commands::{Application, cancel, register};
use super::kit::{self, KEPT_FOR, Recipient, Tracked};
use super::manage::{ManageRefusal, call_off, change, create, publish};
use super::record::*;
use super::rules::{Refusal, cancel_deadline};
use super::{history, review, waiting};
use crate::domain::contact::record::FollowerId;
use crate::domain::member::standing::Person;
use crate::domain::outbox::record::Notice;
use crate::domain::tables::{
    ACTIVITIES, APPEALS, CATALOG, KITS, OUTBOX, REGISTRATIONS, SESSION_COUNTS, TRAIL,
};
use crate::domain::timers::fire;
use crate::moment::Time;
use crate::store::Sealed;
use crate::store::testing::Bench;

const HOUR: Duration = Duration::from_secs(3600);

pub(super) struct Hall {
    pub bench: Bench,
    pub terms: Terms,
    pub id: u32,
}

impl Hall {
    fn open(settings: Settings) -> Hall {
        Hall::of(Terms { settings, ..sample_terms() })
    }

    pub fn of(terms: Terms) -> Hall {
        let mut bench = Bench::new(CATALOG);
        bench.moment.now = terms.sign_up.opens;
        let id = bench.run(|tx| create(tx, terms.clone())).unwrap().id;
        bench.run(|tx| publish(tx, id)).unwrap().unwrap();
        Hall { bench, terms, id }
    }

    pub fn sign_up(&mut self, name: &str) -> RegistrationNumber {
        let (who, id) = (FollowerId::new(name), self.id);
        let (party, answers) = (Companions::default(), Vec::new());
        let application =
            Application { activity: id, session: 1, party, answers, agreed: None, consents: Vec::new() };
        self.bench.run(|tx| register(tx, &who, &application)).unwrap().unwrap();
        let held = self.bench.run(|tx| super::holder::live_registration(tx, &who, id, 1)).unwrap();
        held.unwrap().number
    }

    pub fn at(&mut self, now: Time) {
        self.bench.moment.now = now;
        while self.bench.run(fire).unwrap() {}
    }

    pub fn halves(&mut self, name: &str) -> u32 {
        let who = FollowerId::new(name);
        let (person, now) = (Person::Follower(who.clone()), self.bench.moment.now);
        self.bench.run(|tx| history::of(tx, &person, &who)).unwrap().halves(365, now)
    }

    fn count(&mut self, session: u16) -> SessionCount {
        self.bench.run(|tx| tx.get(&SESSION_COUNTS, &(self.id, session))).unwrap().unwrap_or_default()
    }

    pub fn told(&mut self) -> Vec<Notice> {
        let rows = self.bench.run(|tx| Ok(tx.scan(&OUTBOX, &(), None, 100)?.rows)).unwrap();
        rows.into_iter().map(|(_, row)| row.notice).collect()
    }

    pub fn status(&mut self, number: RegistrationNumber) -> Registration {
        self.bench.run(|tx| tx.get(&REGISTRATIONS, &number.key())).unwrap().unwrap()
    }
}

pub(super) fn by_code() -> Settings {
    Settings { absence: Some(Absence::default()), check_in: CheckIn::Code, ..Settings::default() }
}

#[test]
fn where_nobody_checked_in_nobody_is_blamed() {
    let mut hall = Hall::open(by_code());
    hall.sign_up("oMei");
    let ends = hall.terms.sessions[0].ends;
    hall.at(ends.plus(HOUR));
    assert_eq!(hall.halves("oMei"), 0, "the code was evidently not shown");
    let noted = hall.bench.run(|tx| Ok(tx.scan(&TRAIL, &(), None, 100)?.rows)).unwrap();
    let acts: Vec<_> = noted.iter().map(|(_, entry)| entry.act.as_str()).collect();
    assert_eq!(acts, ["activity.unrecorded"], "and staff read so, once");
    assert!(hall.count(1).unrecorded);
    let activity = hall.bench.run(|tx| tx.get(&ACTIVITIES, &hall.id)).unwrap().unwrap();
    hall.bench.run(|tx| attendance::rest_absent(tx, &activity, 1, None)).unwrap();
    assert_eq!((hall.halves("oMei"), hall.count(1).unrecorded), (2, false), "staff's word settles it");
}

#[test]
fn who_did_not_come_where_others_did_was_absent() {
    let mut hall = Hall::open(by_code());
    let (mei, lan, there) = (hall.sign_up("oMei"), hall.sign_up("oLan"), hall.sign_up("oBo"));
    let starts = hall.terms.sessions[0].starts;
    hall.at(starts);
    let (id, who) = (hall.id, FollowerId::new("oMei"));
    let activity = hall.bench.run(|tx| tx.get(&crate::domain::tables::ACTIVITIES, &id)).unwrap().unwrap();
    let code = hall.bench.run(|tx| attendance::code(tx, &activity, 1, starts)).unwrap().unwrap();
    for left in (0..5).rev() {
        let wrong = hall.bench.run(|tx| attendance::check_in(tx, &who, "0")).unwrap().unwrap();
        assert_eq!(wrong, CheckedIn::Wrong { left });
    }
    assert_eq!(
        hall.bench.run(|tx| attendance::check_in(tx, &who, "0")).unwrap(),
        Err(Refusal::WrongCode { left: 0 })
    );
    let guessed = hall.bench.run(|tx| attendance::check_in(tx, &who, &code)).unwrap();
    assert_eq!(guessed, Err(Refusal::WrongCode { left: 0 }), "or six digits would be guessed in time");
    assert!(hall.status(mei).attendance.is_none());
    let bo = FollowerId::new("oBo");
    let came = hall.bench.run(|tx| attendance::check_in(tx, &bo, &code)).unwrap().unwrap();
    assert!(matches!(came, CheckedIn::Present { number, .. } if number == there));
    let ends = hall.terms.sessions[0].ends;
    hall.at(ends);
    assert_eq!((hall.halves("oBo"), hall.halves("oLan")), (0, 2));
    assert!(matches!(hall.status(lan).attendance, Some(Attendance::Absent { .. })));
}

#[test]
fn late_is_half_an_absence_and_after_a_move_it_is_none() {
    let settings = Settings { late_cancel: true, ..by_code() };
    let mut hall = Hall::open(settings);
    let (mei, lan) = (hall.sign_up("oMei"), hall.sign_up("oLan"));
    let late = cancel_deadline(&hall.terms, 1);
    hall.at(late);
    hall.bench.run(|tx| cancel(tx, &FollowerId::new("oMei"), mei)).unwrap().unwrap();
    assert_eq!((hall.status(mei).status, hall.halves("oMei")), (Status::Cancelled { by: By::Late }, 1));
    let (id, mut moved) = (hall.id, hall.terms.clone());
    moved.place = Place::At("别处".to_owned());
    hall.bench.run(|tx| change(tx, id, moved.clone())).unwrap().unwrap();
    hall.at(late);
    hall.bench.run(|tx| cancel(tx, &FollowerId::new("oLan"), lan)).unwrap().unwrap();
    assert_eq!((hall.status(lan).status, hall.halves("oLan")), (Status::Cancelled { by: By::Moved }, 0));
}

fn by_staff() -> Settings {
    Settings { check_in: CheckIn::Staff, late_cancel: true, ..by_code() }
}

impl Hall {
    pub fn activity(&mut self) -> Activity {
        self.bench.run(|tx| tx.get(&ACTIVITIES, &self.id)).unwrap().unwrap()
    }

    pub fn mark(&mut self, number: RegistrationNumber, attendance: Attendance) {
        let (activity, row) = (self.activity(), self.status(number));
        self.bench.run(|tx| attendance::mark(tx, &activity, &mut row.clone(), attendance.clone())).unwrap();
    }

    fn call_off(&mut self) -> Result<(), ManageRefusal> {
        let id = self.id;
        let now = self.bench.moment.now;
        let done = self.bench.run(|tx| call_off(tx, id, "台风")).unwrap();
        self.at(now);
        done.map(drop)
    }
}

#[test]
fn what_is_called_off_after_its_end_blames_nobody_and_what_took_place_is_not_called_off() {
    let mut hall = Hall::open(by_staff());
    let (mei, lan) = (hall.sign_up("oMei"), hall.sign_up("oLan"));
    hall.at(cancel_deadline(&hall.terms, 1));
    hall.bench.run(|tx| cancel(tx, &FollowerId::new("oLan"), lan)).unwrap().unwrap();
    let ends = hall.terms.sessions[0].ends;
    hall.at(ends.plus(HOUR));
    hall.mark(mei, Attendance::Absent { at: ends });
    hall.bench.run(|tx| attendance::appeal(tx, &FollowerId::new("oMei"), mei, "没开")).unwrap().unwrap();
    assert_eq!((hall.halves("oMei"), hall.halves("oLan")), (2, 1));
    hall.call_off().unwrap();
    assert_eq!((hall.halves("oMei"), hall.halves("oLan")), (0, 0), "as the notice says");
    let appeal = hall.bench.run(|tx| tx.get(&APPEALS, &mei.key())).unwrap().unwrap();
    assert!(appeal.answer.is_some_and(|answer| answer.lifted), "and nobody has to answer it");

    let mut hall = Hall::open(by_staff());
    let mei = hall.sign_up("oMei");
    hall.at(ends);
    hall.mark(mei, Attendance::Present { at: ends });
    let over = ManageRefusal::WrongState { now: "over", wanted: "cancelled" };
    assert_eq!(hall.call_off(), Err(over), "another activity's number");
    let later = Session { starts: ends.plus(HOUR), ends: ends.plus(HOUR * 2), capacity: 1 };
    let mut terms = hall.terms.clone();
    terms.sessions.push(later);
    hall.bench.run(|tx| change(tx, hall.id, terms.clone())).unwrap().unwrap();
    hall.call_off().unwrap();
    assert_eq!((hall.status(mei).status, hall.told()), (Status::Confirmed, vec![]), "they were there");
}

#[test]
fn what_is_moved_after_its_end_begins_anew_for_everybody() {
    let mut hall = Hall::open(by_code());
    let (mei, bo) = (hall.sign_up("oMei"), hall.sign_up("oBo"));
    let starts = hall.terms.sessions[0].starts;
    hall.at(starts);
    hall.mark(bo, Attendance::Present { at: starts });
    let ends = hall.terms.sessions[0].ends;
    hall.at(ends);
    assert_eq!((hall.halves("oMei"), hall.count(1).present), (2, 1));
    let (id, mut terms) = (hall.id, hall.terms.clone());
    terms.sessions[0].starts = ends.plus(HOUR * 24);
    terms.sessions[0].ends = ends.plus(HOUR * 25);
    hall.bench.run(|tx| change(tx, id, terms.clone())).unwrap().unwrap();
    hall.at(ends);
    assert_eq!((hall.status(mei).attendance, hall.status(bo).attendance), (None, None));
    assert_eq!((hall.halves("oMei"), hall.count(1).present), (0, 0));
    hall.bench.run(|tx| cancel(tx, &FollowerId::new("oBo"), bo)).unwrap().unwrap();
    hall.at(ends.plus(HOUR * 26));
    assert_eq!(hall.status(mei).attendance, None, "nobody was there: the code was not shown");
}

#[test]
fn who_is_absent_after_all_is_so_again_with_what_comes_of_it() {
    let settings = Settings { absence: Some(Absence { count: 1, ..Absence::default() }), ..by_staff() };
    let mut hall = Hall::open(settings);
    let mei = hall.sign_up("oMei");
    let ends = hall.terms.sessions[0].ends;
    hall.at(ends);
    let barred = |hall: &mut Hall| {
        let (who, now) = (FollowerId::new("oMei"), hall.bench.moment.now);
        let history = hall.bench.run(|tx| history::of(tx, &Person::Follower(who.clone()), &who)).unwrap();
        (history.halves(365, now), history.bar(now).is_some())
    };
    for (attendance, comes_to) in [
        (Attendance::Absent { at: ends }, (2, true)),
        (Attendance::Present { at: ends }, (0, false)),
        (Attendance::Absent { at: ends }, (2, true)),
        (Attendance::Excused { reason: "发烧".to_owned() }, (0, false)),
        (Attendance::Absent { at: ends }, (2, true)),
    ] {
        hall.bench.moment.now = hall.bench.moment.now.plus(HOUR);
        hall.mark(mei, attendance.clone());
        assert_eq!(barred(&mut hall), comes_to, "{attendance:?}");
    }
    let told = hall.told().into_iter().filter(|notice| matches!(notice, Notice::Absent { .. })).count();
    assert_eq!(told, 3, "and reads so each time");
}

#[test]
fn nobody_comes_to_another_session_by_its_place_in_the_list() {
    let mut hall = Hall::open(Settings::default());
    hall.sign_up("oMei");
    let session = hall.terms.sessions[0].clone();
    let other = |hours: u32| Session {
        starts: session.starts.plus(HOUR * hours),
        ends: session.ends.plus(HOUR * hours),
        capacity: 9,
    };
    let mut become_of = |sessions: Vec<Session>| {
        let terms = Terms { sessions, ..hall.terms.clone() };
        let done = hall.bench.run(|tx| change(tx, hall.id, terms.clone())).unwrap();
        done.map(drop).map_err(|refusal| refusal.code())
    };
    assert_eq!(become_of(vec![other(24), session.clone()]), Err("in_use"), "an earlier one before it");
    assert_eq!(become_of(vec![session.clone(), other(24)]), Ok(()));
    assert_eq!(become_of(vec![session.clone(), other(48)]), Ok(()), "one without sign-ups moves");
    assert_eq!(become_of(vec![other(72), other(48)]), Ok(()), "to a time of its own");
}

#[test]
fn staff_accept_until_the_session_begins_and_then_all_others_are_told() {
    let mut hall = Hall::open(Settings::default());
    let (id, terms) = (hall.id, Terms { mode: Mode::Review, ..hall.terms.clone() });
    hall.bench.run(|tx| change(tx, id, terms.clone())).unwrap().unwrap();
    let (mei, lan) = (hall.sign_up("oMei"), hall.sign_up("oLan"));
    let may_accept =
        |hall: &mut Hall, number| hall.bench.run(|tx| review::may_decide(tx, &[number], &[])).unwrap();
    let starts = hall.terms.sessions[0].starts;
    hall.at(starts.minus(HOUR));
    assert_eq!(may_accept(&mut hall, mei), Ok(()));
    hall.bench.run(|tx| review::accept(tx, lan)).unwrap();
    hall.bench.moment.now = starts;
    assert_eq!(may_accept(&mut hall, mei), Err(ManageRefusal::SessionBegun { number: mei.to_string() }));
    hall.at(starts);
    assert_eq!(hall.status(mei).status, Status::Cancelled { by: By::Undecided });
    assert_eq!(hall.status(lan).status, Status::Confirmed);
    assert_eq!(hall.told(), [lan, mei].map(|number| Notice::Reviewed { number }));
}

#[test]
fn an_offer_is_accepted_neither_after_the_start_nor_of_what_is_called_off() {
    let settings =
        Settings { waiting: WaitingBy::Offer { hours: 12, last_day_hours: 12 }, ..Settings::default() };
    let mut hall = Hall::open(settings);
    hall.terms.sessions[0].capacity = 1;
    let (id, mut terms) = (hall.id, hall.terms.clone());
    hall.bench.run(|tx| change(tx, id, terms.clone())).unwrap().unwrap();
    let (bo, mei) = (hall.sign_up("oBo"), hall.sign_up("oMei"));
    hall.bench.run(|tx| cancel(tx, &FollowerId::new("oBo"), bo)).unwrap().unwrap();
    let offered = hall.bench.moment.now;
    assert_eq!(hall.status(mei).status, Status::Offered { until: offered.plus(HOUR * 12) });
    let accept = |hall: &mut Hall| {
        let done = hall.bench.run(|tx| waiting::accept(tx, &FollowerId::new("oMei"), mei)).unwrap();
        done.map(|registration| registration.status)
    };
    let starts = offered.plus(HOUR);
    terms.sessions[0] = Session { starts, ends: starts.plus(HOUR), capacity: 1 };
    hall.bench.run(|tx| change(tx, id, terms.clone())).unwrap().unwrap();
    hall.at(offered);
    assert_eq!(hall.status(mei).status, Status::Offered { until: starts }, "it was moved to before its end");
    hall.at(starts);
    assert_eq!(hall.status(mei).status, Status::Cancelled { by: By::Lapsed });
    assert_eq!(hall.told().last(), Some(&Notice::OfferLapsed { number: mei }));
    assert_eq!(accept(&mut hall), Err(Refusal::OfferGone { until: starts }));
    hall.bench.run(|tx| call_off(tx, id, "台风")).unwrap().unwrap();
    let off = Refusal::CalledOff { reason: "台风".to_owned() };
    assert_eq!(accept(&mut hall), Err(off), "before they are told as well");
}

#[test]
fn only_who_is_concerned_is_told_of_a_move_and_a_new_link_is_none() {
    let mut hall = Hall::open(Settings::default());
    let mei = hall.sign_up("oMei");
    let (id, mut terms) = (hall.id, hall.terms.clone());
    let now = hall.bench.moment.now;
    let changes = |hall: &mut Hall, terms: &Terms| {
        hall.bench.run(|tx| change(tx, id, terms.clone())).unwrap().unwrap();
        hall.at(now);
        let told = hall.told().into_iter().map(|notice| match notice {
            Notice::ActivityChanged { number, moved, .. } => (number, moved),
            other => panic!("{other:?}"),
        });
        (told.collect::<Vec<_>>(), hall.status(mei).moved)
    };
    let later = Session { starts: terms.sessions[0].ends, ..terms.sessions[0].clone() };
    terms.sessions.push(Session { ends: later.starts.plus(HOUR), ..later });
    assert_eq!(changes(&mut hall, &terms), (vec![], false), "one more");
    terms.sessions[1].ends = terms.sessions[1].ends.plus(HOUR);
    assert_eq!(changes(&mut hall, &terms), (vec![], false), "another session's time");
    terms.place = Place::Online { link: Some("https://a.example".to_owned()) };
    assert_eq!(changes(&mut hall, &terms), (vec![(Some(mei), Moved::Place)], true));
    let mut row = hall.status(mei);
    row.moved = false;
    hall.bench.run(|tx| tx.put(&REGISTRATIONS, &mei.key(), &row)).unwrap();
    terms.place = Place::Online { link: Some("https://b.example".to_owned()) };
    let (told, moved) = changes(&mut hall, &terms);
    assert_eq!((told.last(), moved), (Some(&(Some(mei), Moved::Link)), false));
    terms.sessions[0].ends = terms.sessions[0].ends.plus(HOUR);
    let (told, moved) = changes(&mut hall, &terms);
    assert_eq!((told.last(), moved), (Some(&(Some(mei), Moved::Time)), true));
}

#[test]
fn each_session_has_its_own_deadline_and_none_is_given_back_once_it_has_begun() {
    let mut hall = Hall::open(Settings::default());
    let now = hall.bench.moment.now;
    let hours = |hours: u64| now.plus(Duration::from_secs(hours * 3600));
    let session = |starts| Session { starts, ends: starts.plus(Duration::from_secs(3600)), capacity: 9 };
    hall.terms.sessions = vec![session(hours(2)), session(hours(480))];
    hall.terms.sign_up.cancel_before = None;
    assert_eq!(cancel_deadline(&hall.terms, 2), hours(456));
    assert!(cancel_deadline(&hall.terms, 1) < now, "a day before it was yesterday");
    hall.terms.sign_up.cancel_before = Some(hours(30));
    assert_eq!(cancel_deadline(&hall.terms, 1), hours(2), "not after the start");
    assert_eq!(cancel_deadline(&hall.terms, 2), hours(30));
    let (id, terms) = (hall.id, hall.terms.clone());
    hall.bench.run(|tx| change(tx, id, terms.clone())).unwrap().unwrap();
    let mei = hall.sign_up("oMei");
    hall.at(hours(2));
    let given_back = hall.bench.run(|tx| cancel(tx, &FollowerId::new("oMei"), mei)).unwrap();
    assert_eq!(given_back, Err(Refusal::DeadlinePassed { deadline: hours(2) }));
}

#[test]
fn nobody_is_absent_from_what_was_moved_and_late_is_in_time_where_absences_count_for_nothing() {
    let mut hall = Hall::open(Settings { check_in: CheckIn::Staff, ..by_code() });
    let (mei, bo) = (hall.sign_up("oMei"), hall.sign_up("oBo"));
    let mut row = hall.status(mei);
    row.moved = true;
    hall.bench.run(|tx| tx.put(&REGISTRATIONS, &mei.key(), &row)).unwrap();
    hall.at(hall.terms.sessions[0].starts);
    let activity = hall.bench.run(|tx| tx.get(&ACTIVITIES, &hall.id)).unwrap().unwrap();
    hall.bench.run(|tx| attendance::rest_absent(tx, &activity, 1, None)).unwrap();
    assert_eq!((hall.halves("oMei"), hall.halves("oBo")), (0, 2));
    assert!([mei, bo].map(|number| hall.status(number).attendance.is_some()).iter().all(|known| *known));

    hall.terms.settings = Settings { late_cancel: true, absence: None, ..by_code() };
    assert_eq!(cancel_deadline(&hall.terms, 1), hall.terms.sessions[0].starts);
}

fn recipient() -> Recipient {
    let sealed = |text: &str| Sealed::new(text.to_owned());
    Recipient {
        name: sealed("李梅"), phone: sealed("13812345678"), address: sealed("宁波市海曙区1号")
    }
}

#[test]
fn an_address_goes_sixty_days_after_its_parcel_or_with_the_seat() {
    let mut hall = Hall::open(Settings { kit: Some(KitTerms::default()), ..Settings::default() });
    let (mei, lan) = (hall.sign_up("oMei"), hall.sign_up("oLan"));
    for (name, number) in [("oMei", mei), ("oLan", lan)] {
        let who = FollowerId::new(name);
        hall.bench.run(|tx| kit::address(tx, &who, number, recipient())).unwrap().unwrap();
    }
    hall.bench.run(|tx| cancel(tx, &FollowerId::new("oLan"), lan)).unwrap().unwrap();
    assert_eq!(hall.bench.run(|tx| tx.get(&KITS, &lan.key())).unwrap(), None, "no seat, no address");
    let sent = hall.bench.moment.now;
    assert_eq!(hall.bench.run(|tx| kit::sent(tx, mei, "顺丰", "SF1")).unwrap(), Tracked::Told);
    assert_eq!(hall.bench.run(|tx| kit::sent(tx, mei, "顺丰", "SF1")).unwrap(), Tracked::Known);
    hall.at(sent.plus(KEPT_FOR).minus(HOUR));
    let kit = hall.bench.run(|tx| tx.get(&KITS, &mei.key())).unwrap().unwrap();
    assert!(kit.to.is_some());
    hall.at(sent.plus(KEPT_FOR));
    let kit = hall.bench.run(|tx| tx.get(&KITS, &mei.key())).unwrap().unwrap();
    assert_eq!((kit.to, kit.state.name()), (None, "sent"), "that something was sent stays");
}

#[test]
fn what_came_back_is_told_once_and_goes_out_again_to_another_address() {
    let mut hall = Hall::open(Settings { kit: Some(KitTerms::default()), ..Settings::default() });
    let (mei, who) = (hall.sign_up("oMei"), FollowerId::new("oMei"));
    let addresses = |hall: &mut Hall| hall.bench.run(|tx| kit::address(tx, &who, mei, recipient())).unwrap();
    let returned = |hall: &mut Hall, said| hall.bench.run(|tx| kit::arrived(tx, mei, said, true)).unwrap();
    addresses(&mut hall).unwrap();
    assert_eq!(returned(&mut hall, None), Tracked::Unknown, "nobody said that it was sent");
    assert_eq!(returned(&mut hall, Some(("顺丰", "SF1"))), Tracked::Told);
    assert_eq!(returned(&mut hall, None), Tracked::Known);
    assert_eq!(hall.told(), [Notice::KitReturned { number: mei }]);
    addresses(&mut hall).unwrap();
    let kit = hall.bench.run(|tx| tx.get(&KITS, &mei.key())).unwrap().unwrap();
    assert_eq!(kit.state.name(), "to_send");
    let cumulative = |hall: &mut Hall| {
        let sent = hall.bench.run(|tx| kit::sent(tx, mei, "顺丰", "SF1")).unwrap();
        [sent, returned(hall, Some(("顺丰", "SF1")))]
    };
    assert_eq!(cumulative(&mut hall), [Tracked::Known; 2], "the courier's list names all that ever went");
    let sent = hall.bench.run(|tx| kit::sent(tx, mei, "顺丰", "SF2")).unwrap();
    assert_eq!((sent, cumulative(&mut hall)), (Tracked::Told, [Tracked::Known; 2]));
    assert_eq!(hall.bench.run(|tx| kit::arrived(tx, mei, None, false)).unwrap(), Tracked::Told);
    assert!(matches!(addresses(&mut hall), Err(Refusal::KitSent { tracking }) if tracking == "SF2"));
}

#[test]
fn the_third_absence_bars_until_one_is_taken_back() {
    let mut hall = Hall::open(by_code());
    let number = hall.sign_up("oMei");
    let mut registration = hall.status(number);
    for session in 1..=3 {
        registration.number.session = session;
        let row = registration.clone();
        let struck = hall.bench.run(|tx| history::strike(tx, &row, 2, Absence::default())).unwrap().unwrap();
        assert_eq!((struck.halves, struck.barred.is_some()), (2 * u32::from(session), session == 3));
    }
    let (now, terms) = (hall.bench.moment.now, hall.terms.clone());
    let before = hall.bench.run(|tx| history::of_holder(tx, &registration)).unwrap();
    let until = now.plus(HOUR * 24 * 90);
    let barred = Refusal::Barred { until, halves: 6, days: 365 };
    assert_eq!(history::may_have_another(&before, &terms, now), Err(barred));
    assert_eq!(history::may_have_another(&before, &terms, until), Ok(()), "it ends of itself");
    hall.bench.run(|tx| history::lift(tx, &registration, "来了")).unwrap();
    let after = hall.bench.run(|tx| history::of_holder(tx, &registration)).unwrap();
    assert_eq!(history::may_have_another(&after, &terms, now), Ok(()));
}

#[test]
fn a_bar_is_told_by_its_own_rule_and_stands_while_other_absences_are_taken_back() {
    let mut hall = Hall::open(by_code());
    let number = hall.sign_up("oMei");
    let strict = Absence { count: 1, within_days: 30, bar_days: 60 };
    let mut at = |session, rule| {
        let mut row = hall.status(number);
        row.number.session = session;
        hall.bench.run(|tx| history::strike(tx, &row, 2, rule)).unwrap().unwrap();
        row
    };
    let (mild, hard) = (at(1, Absence::default()), at(2, strict));
    let (now, terms) = (hall.bench.moment.now, hall.terms.clone());
    let mut says = |row: &Registration| {
        assert!(hall.bench.run(|tx| history::lift(tx, row, "来了")).unwrap());
        let history = hall.bench.run(|tx| history::of_holder(tx, row)).unwrap();
        history::may_have_another(&history, &terms, now)
    };
    let until = now.plus(HOUR * 24 * 60);
    assert_eq!(says(&mild), Err(Refusal::Barred { until, halves: 2, days: 30 }), "it stood by another");
    assert_eq!(says(&hard), Ok(()));
}
