//! What was told for a sign-up is forgotten in time, by itself, and nothing that is counted with it.

use std::time::Duration;

use super::attendance;
use super::commands::{Application, register};
use super::forget::{self, kept_until};
use super::manage::{change, create, publish};
use super::record::*;
use crate::domain::contact::record::FollowerId;
use crate::domain::tables::{APPEALS, CATALOG, PROFILES, REGISTRATIONS, TIMERS};
use crate::domain::timers::fire;
use crate::moment::Time;
use crate::store::testing::Bench;

const DAY: Duration = Duration::from_secs(86_400);
/// More than one step looks at.
const PEOPLE: u32 = 23;

struct Town {
    bench: Bench,
    terms: Terms,
    id: u32,
}

fn who(number: u32) -> FollowerId {
    FollowerId::new(format!("oFollower{number}"))
}

fn asks(name: &str, kind: QuestionKind) -> Question {
    Question { name: name.to_owned(), ask: "?".to_owned(), kind, required: true }
}

fn terms() -> Terms {
    let sample = sample_terms();
    Terms {
        sessions: vec![Session { capacity: 100, ..sample.sessions[0].clone() }],
        party: Party { max_children: 2, child_age: Some((2, 12)), ..Party::default() },
        questions: vec![
            asks("home", QuestionKind::Address),
            asks("allergy", QuestionKind::Choice { options: vec!["花生".to_owned(), "没有".to_owned()] }),
        ],
        settings: Settings { absence: Some(Absence::default()), ..Settings::default() },
        ..sample
    }
}

impl Town {
    /// Everybody signed up; those of an even number bring a child.
    fn new() -> Town {
        let mut bench = Bench::new(CATALOG);
        let terms = terms();
        bench.moment.now = terms.sign_up.opens;
        let id = bench.run(|tx| create(tx, terms.clone())).unwrap().id;
        bench.run(|tx| publish(tx, id)).unwrap().unwrap();
        let mut town = Town { bench, terms, id };
        for number in 1..=PEOPLE {
            town.sign_up(id, number);
        }
        town
    }

    fn sign_up(&mut self, activity: u32, number: u32) {
        let children = if number.is_multiple_of(2) { vec![7] } else { Vec::new() };
        let answers = [("home", "宁波市海曙区样例路1号"), ("allergy", "花生")];
        let application = Application {
            activity,
            session: 1,
            party: Companions { children, ..Companions::default() },
            answers: answers.map(|(name, answer)| (name.to_owned(), answer.to_owned())).to_vec(),
            ..Application::default()
        };
        self.bench.run(|tx| register(tx, &who(number), &application)).unwrap().unwrap();
    }

    fn at(&mut self, now: Time) {
        self.bench.moment.now = now;
        while self.bench.run(fire).unwrap() {}
    }

    fn after(&mut self, days: u32) {
        self.at(self.terms.sessions[0].ends.plus(DAY * days));
    }

    fn row(&mut self, number: u32) -> Registration {
        let key = (self.id, 1, number);
        self.bench.run(|tx| tx.get(&REGISTRATIONS, &key)).unwrap().unwrap()
    }

    /// Those of whom something is still known that they told.
    fn told(&mut self) -> Vec<u32> {
        (1..=PEOPLE).filter(|number| forget::has_told(&self.row(*number))).collect()
    }

    fn has_profile(&mut self, number: u32) -> bool {
        self.bench.run(|tx| tx.get(&PROFILES, &who(number))).unwrap().is_some()
    }

    fn broken(&mut self) -> Vec<String> {
        let id = self.id;
        self.bench.run(|tx| super::audit::whole(tx, id)).unwrap()
    }
}

#[test]
fn what_families_told_goes_after_90_days_and_all_else_after_a_year() {
    let mut town = Town::new();
    let everybody: Vec<u32> = (1..=PEOPLE).collect();
    let odd: Vec<u32> = everybody.iter().copied().filter(|number| number % 2 == 1).collect();
    town.after(89);
    assert_eq!(town.told(), everybody);
    town.after(90);
    assert_eq!(town.told(), odd);
    let family = town.row(2);
    assert_eq!((family.party.children.as_slice(), family.party.seats()), (&[0][..], 2), "the seat was had");
    assert_eq!(family.forgotten, Some(town.bench.moment.now));
    town.after(364);
    assert_eq!(town.told(), odd);
    town.after(365);
    assert_eq!(town.told(), Vec::<u32>::new(), "choices, too: an allergy is one");
    assert_eq!(town.row(1).status, Status::Confirmed);
    assert_eq!(town.broken(), Vec::<String>::new());
    let left = town.bench.run(|tx| Ok(tx.scan(&TIMERS, &(), None, 9)?.rows)).unwrap();
    assert_eq!(left, [], "nothing more to do");
}

#[test]
fn an_activity_may_say_less_also_later_and_counts_from_the_time_to_which_it_was_moved() {
    let mut town = Town::new();
    let id = town.id;
    let mut shorter = town.terms.clone();
    shorter.settings.keep_days = 30;
    shorter.sessions[0].starts = shorter.sessions[0].starts.plus(DAY * 10);
    shorter.sessions[0].ends = shorter.sessions[0].ends.plus(DAY * 10);
    town.bench.run(|tx| change(tx, id, shorter.clone())).unwrap().unwrap();
    let until = town.terms.sessions[0].ends.plus(DAY * 40);
    let activity = Activity {
        id,
        state: ActivityState::Published,
        terms: shorter.clone(),
        created: until,
        changed: until,
    };
    assert_eq!(kept_until(&activity, &town.row(1)), until, "as its follower reads");
    town.after(39);
    assert_eq!(town.told().len() as u32, PEOPLE);
    town.after(40);
    assert_eq!(town.told(), Vec::<u32>::new());

    // Longer, once it is gone, brings nothing back and breaks nothing.
    shorter.settings.keep_days = 365;
    town.bench.run(|tx| change(tx, id, shorter.clone())).unwrap().unwrap();
    town.after(400);
    assert_eq!(town.told(), Vec::<u32>::new());
}

#[test]
fn the_address_for_the_next_time_goes_with_the_last_sign_up_that_tells_it() {
    let mut town = Town::new();
    let mut later = terms();
    later.sessions[0].starts = later.sessions[0].starts.plus(DAY * 100);
    later.sessions[0].ends = later.sessions[0].ends.plus(DAY * 100);
    let next = town.bench.run(|tx| create(tx, later.clone())).unwrap().id;
    town.bench.run(|tx| publish(tx, next)).unwrap().unwrap();
    town.sign_up(next, 1);
    town.after(365);
    assert!(town.has_profile(1), "asked no second time for the later one");
    assert!(!town.has_profile(3) && !town.has_profile(2));
    town.after(465);
    assert!(!town.has_profile(1));
}

#[test]
fn an_appeal_is_kept_as_long_after_it_was_made() {
    let mut town = Town::new();
    let (id, number) = (town.id, |number| RegistrationNumber { activity: 1, session: 1, number });
    town.after(1);
    let absent = |town: &mut Town, sign_up: u32| {
        town.bench
            .run(|tx| {
                let activity = tx.get(&crate::domain::tables::ACTIVITIES, &id)?.unwrap();
                let mut row = tx.get(&REGISTRATIONS, &number(sign_up).key())?.unwrap();
                let at = tx.moment().now;
                attendance::mark(tx, &activity, &mut row, Attendance::Absent { at })
            })
            .unwrap();
    };
    let appeals = |town: &mut Town, sign_up: u32| {
        let says = "孩子发烧，去了医院";
        town.bench.run(|tx| attendance::appeal(tx, &who(sign_up), number(sign_up), says)).unwrap().unwrap();
    };
    let kept = |town: &mut Town| {
        let rows = town.bench.run(|tx| Ok(tx.scan(&APPEALS, &(), None, 9)?.rows)).unwrap();
        rows.into_iter().map(|((_, _, number), _)| number).collect::<Vec<_>>()
    };
    (1..=3).for_each(|sign_up| absent(&mut town, sign_up));
    appeals(&mut town, 1);
    town.after(80);
    appeals(&mut town, 2);
    town.after(169);
    assert_eq!(kept(&mut town), [1, 2], "staff are still to read it");
    town.after(170);
    assert_eq!(kept(&mut town), [1]);
    town.after(366);
    assert_eq!(kept(&mut town), Vec::<u32>::new());
    appeals(&mut town, 3);
    town.after(366 + 365);
    assert_eq!(kept(&mut town), Vec::<u32>::new());
}

#[test]
fn what_an_earlier_version_kept_for_good_is_forgotten_from_the_next_start_on() {
    let mut town = Town::new();
    town.bench
        .run(|tx| {
            for (timer, ()) in tx.scan(&TIMERS, &(), None, 99)?.rows {
                tx.delete(&TIMERS, &timer)?;
            }
            Ok(())
        })
        .unwrap();
    town.after(200);
    assert_eq!(town.told().len() as u32, PEOPLE, "as it was");
    town.bench.run(forget::begin_with_older).unwrap();
    town.after(201);
    assert_eq!(town.told().len() as u32, PEOPLE.div_ceil(2));
    town.after(365);
    assert_eq!(town.told(), Vec::<u32>::new());
    // The next start looks at none of them again.
    town.bench.run(forget::begin_with_older).unwrap();
    assert!(!town.bench.run(fire).unwrap());
}
