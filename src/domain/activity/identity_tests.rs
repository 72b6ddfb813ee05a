//! A person is one person by whatever account: bars, limits, seats and tickets outlive binding anew.

use std::time::Duration;

use super::commands::{Application, Registered, cancel, register};
use super::history;
use super::kit::{self, Recipient};
use super::manage::{call_off, create, publish};
use super::record::*;
use super::rules::Refusal;
use crate::domain::contact::record::FollowerId;
use crate::domain::member::binding::{attach, unbind};
use crate::domain::member::list::{Entered, Listed, enter};
use crate::domain::member::record::MemberId;
use crate::domain::outbox::commands::take;
use crate::domain::outbox::record::Notice;
use crate::domain::tables::{CATALOG, DRAW_ENTRIES, KITS, MEMBERS, PROFILES, REGISTRATIONS};
use crate::domain::timers::fire;
use crate::store::Sealed;
use crate::store::testing::Bench;

const DAY: Duration = Duration::from_secs(86_400);

struct Town {
    bench: Bench,
    member: MemberId,
}

fn who(name: &str) -> FollowerId {
    FollowerId::new(name)
}

impl Town {
    /// One member on the list, recognised nowhere yet.
    fn new() -> Town {
        let mut bench = Bench::new(CATALOG);
        bench.moment.now = sample_terms().sign_up.opens;
        let row = Listed {
            name: "林样例".to_owned(),
            identity: "330299199001010017".to_owned(),
            union: "样例厂工会".to_owned(),
            ..Listed::default()
        };
        match bench.run(|tx| enter(tx, &row, false)).unwrap() {
            Entered::Added(member) => Town { bench, member },
            other => panic!("{other:?}"),
        }
    }

    fn binds(&mut self, name: &str) {
        let id = self.member;
        self.bench
            .run(|tx| {
                let member = tx.get(&MEMBERS, &id)?.unwrap();
                if let Some(account) = &member.account {
                    _ = unbind(tx, &account.follower)?;
                }
                let member = tx.get(&MEMBERS, &id)?.unwrap();
                attach(tx, id, member, &who(name)).map(drop)
            })
            .unwrap();
    }

    fn unbinds(&mut self, name: &str) {
        self.bench.run(|tx| unbind(tx, &who(name))).unwrap().unwrap();
    }

    fn opens(&mut self, terms: Terms) -> u32 {
        let id = self.bench.run(|tx| create(tx, terms.clone())).unwrap().id;
        self.bench.run(|tx| publish(tx, id)).unwrap().unwrap();
        id
    }

    fn applies(&mut self, name: &str, activity: u32, session: u16) -> Result<Registered, Refusal> {
        let (party, answers) = (Companions::default(), Vec::new());
        let application =
            Application { activity, session, party, answers, agreed: None, consents: Vec::new() };
        self.bench.run(|tx| register(tx, &who(name), &application)).unwrap()
    }

    fn seat(&mut self, name: &str, activity: u32) -> RegistrationNumber {
        match self.applies(name, activity, 1).unwrap() {
            Registered::Confirmed { number } => number,
            other => panic!("{other:?}"),
        }
    }

    fn is_absent(&mut self, number: RegistrationNumber, rule: Absence) {
        let row = self.bench.run(|tx| tx.get(&REGISTRATIONS, &number.key())).unwrap().unwrap();
        self.bench.run(|tx| history::strike(tx, &row, 2, rule)).unwrap().unwrap();
    }

    fn is_barred(&mut self, name: &str, activity: u32) -> bool {
        matches!(self.applies(name, activity, 1), Err(Refusal::Barred { .. }))
    }
}

fn once() -> Absence {
    Absence { count: 1, ..Absence::default() }
}

fn strict() -> Terms {
    Terms { settings: Settings { absence: Some(once()), ..Settings::default() }, ..sample_terms() }
}

#[test]
fn a_bar_outlives_every_change_of_account() {
    let mut town = Town::new();
    let (first, next) = (town.opens(strict()), town.opens(strict()));
    let number = town.seat("oOld", first);
    town.is_absent(number, once());
    assert!(town.is_barred("oOld", next));
    town.binds("oOld");
    assert!(town.is_barred("oOld", next), "recognised since");
    town.binds("oNew");
    assert!(town.is_barred("oNew", next), "with another account");
    assert!(town.is_barred("oOld", next), "the account is nobody's now and still counts");
    let row = town.bench.run(|tx| tx.get(&REGISTRATIONS, &number.key())).unwrap().unwrap();
    assert!(town.bench.run(|tx| history::lift(tx, &row, "来了")).unwrap());
    assert!(!town.is_barred("oNew", next), "taken back once, it is taken back for all");
    assert!(!town.is_barred("oOld", next));
}

#[test]
fn an_absence_as_a_member_bars_the_account_that_was_unbound() {
    let mut town = Town::new();
    let (first, next) = (town.opens(strict()), town.opens(strict()));
    town.binds("oOld");
    let number = town.seat("oOld", first);
    town.is_absent(number, once());
    town.unbinds("oOld");
    assert!(town.is_barred("oOld", next));
}

#[test]
fn a_seat_that_was_got_before_being_recognised_is_the_members() {
    let mut town = Town::new();
    let id = town.opens(sample_terms());
    town.seat("oOld", id);
    town.binds("oOld");
    town.binds("oNew");
    let again = town.applies("oNew", id, 1);
    assert!(matches!(again, Err(Refusal::AlreadyHolds { .. })), "{again:?}");
}

#[test]
fn what_the_earlier_account_was_not_told_yet_is_told_to_the_one_that_has_the_seat() {
    let mut town = Town::new();
    let settings =
        Settings { waiting: WaitingBy::Offer { hours: 12, last_day_hours: 2 }, ..Settings::default() };
    let mut terms = Terms { settings, ..sample_terms() };
    terms.sessions[0].capacity = 1;
    let (id, other) = (town.opens(terms.clone()), town.opens(terms));
    let seat = town.seat("oBo", id);
    town.binds("oOld");
    town.applies("oOld", id, 1).unwrap();
    town.seat("oOld", other);
    town.bench.run(|tx| cancel(tx, &who("oBo"), seat)).unwrap().unwrap();
    town.bench.run(|tx| call_off(tx, other, "台风")).unwrap().unwrap();
    while town.bench.run(fire).unwrap() {}
    town.binds("oNew");
    let mut told = |name: &str| {
        let told = town.bench.run(|tx| take(tx, &who(name), 9)).unwrap();
        told.iter().map(Notice::name).collect::<Vec<_>>()
    };
    assert_eq!(told("oNew"), ["seat_offered", "activity_cancelled"]);
    assert_eq!(told("oOld"), ["account_moved"]);
}

#[test]
fn a_series_counts_for_member_and_account() {
    let mut town = Town::new();
    let series = Some(Series { name: "手工".to_owned(), max_per_person: 1, ..Series::default() });
    let terms = Terms { series, ..sample_terms() };
    let (first, next) = (town.opens(terms.clone()), town.opens(terms));
    town.binds("oOld");
    let number = town.seat("oOld", first);
    town.unbinds("oOld");
    assert!(matches!(town.applies("oOld", next, 1), Err(Refusal::SeriesLimit { .. })));
    town.binds("oNew");
    assert!(matches!(town.applies("oNew", next, 1), Err(Refusal::SeriesLimit { .. })));
    let not_theirs = town.bench.run(|tx| cancel(tx, &who("oOld"), number)).unwrap();
    assert_eq!(not_theirs, Err(Refusal::NotSignedUp), "it went with the member");
    town.bench.run(|tx| cancel(tx, &who("oNew"), number)).unwrap().unwrap();
    assert!(town.applies("oNew", next, 1).is_ok(), "what was given back counts no more");
}

#[test]
fn a_draw_gives_one_person_one_ticket() {
    let mut town = Town::new();
    let mut terms = sample_terms();
    terms.sessions.push(Session {
        starts: terms.sessions[0].starts.plus(DAY),
        ends: terms.sessions[0].ends.plus(DAY),
        capacity: 1,
    });
    terms.sessions.push(Session {
        starts: terms.sessions[0].starts.plus(DAY * 2),
        ends: terms.sessions[0].ends.plus(DAY * 2),
        capacity: 1,
    });
    let at = terms.sign_up.closes;
    terms.mode = Mode::Draw(DrawTerms { at, choices_max: 2, lost_first: true, absent_last: true });
    let id = town.opens(terms);
    let ticket = |applied: Result<Registered, Refusal>| match applied.unwrap() {
        Registered::Applied { ticket, .. } => ticket,
        other => panic!("{other:?}"),
    };
    assert_eq!(ticket(town.applies("oOld", id, 1)), 1);
    town.binds("oOld");
    assert_eq!(ticket(town.applies("oOld", id, 2)), 1, "recognised since");
    town.binds("oNew");
    let third = town.applies("oNew", id, 3);
    assert_eq!(third, Err(Refusal::TooManyChoices { max: 2 }), "both choices are theirs");
    let entries = town.bench.run(|tx| tx.scan(&DRAW_ENTRIES, &(id,), None, 10)).unwrap().rows;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].1.choices.len(), 2);
}

#[test]
fn two_tickets_become_one_when_the_account_is_recognised() {
    let mut town = Town::new();
    let mut terms = sample_terms();
    terms.sessions.push(Session {
        starts: terms.sessions[0].starts.plus(DAY),
        ends: terms.sessions[0].ends.plus(DAY),
        capacity: 1,
    });
    let at = terms.sign_up.closes;
    terms.mode = Mode::Draw(DrawTerms { at, choices_max: 2, lost_first: true, absent_last: true });
    let id = town.opens(terms);
    town.binds("oOld");
    town.applies("oOld", id, 1).unwrap();
    town.applies("oStranger", id, 2).unwrap();
    let count =
        |town: &mut Town| town.bench.run(|tx| tx.scan(&DRAW_ENTRIES, &(id,), None, 10)).unwrap().rows.len();
    assert_eq!(count(&mut town), 2, "nobody can know yet that they are one");
    town.binds("oStranger");
    assert_eq!(count(&mut town), 1);
    let broken = town.bench.run(|tx| super::audit::whole(tx, id)).unwrap();
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn what_was_told_goes_with_the_member_and_what_is_to_come_keeps_its_seat_until_it_is_over() {
    let mut town = Town::new();
    town.binds("oMei");
    let kit = KitTerms { keep_days: 30, ..KitTerms::default() };
    let questions = ["phone", "size"].map(|name| Question {
        name: name.to_owned(),
        ask: "?".to_owned(),
        kind: if name == "phone" { QuestionKind::Phone } else { QuestionKind::Number { min: 0, max: 9 } },
        required: true,
    });
    let terms = Terms {
        questions: questions.to_vec(),
        settings: Settings { kit: Some(kit), ..Settings::default() },
        ..sample_terms()
    };
    let ends = terms.sessions[0].ends;
    let mut numbers = Vec::new();
    for _ in 0..12 {
        let activity = town.opens(terms.clone());
        let answers =
            vec![("phone".to_owned(), "13900000001".to_owned()), ("size".to_owned(), "4".to_owned())];
        let party = Companions::default();
        let application =
            Application { activity, session: 1, party, answers, agreed: None, consents: Vec::new() };
        let done = town.bench.run(|tx| register(tx, &who("oMei"), &application)).unwrap().unwrap();
        let Registered::Confirmed { number } = done else { panic!("{done:?}") };
        let sealed = |text: &str| Sealed::new(text.to_owned());
        town.bench
            .run(|tx| {
                let to = Recipient {
                    name: sealed("李梅"),
                    phone: sealed("13812345678"),
                    address: sealed("宁波市海曙区1号"),
                };
                kit::address(tx, &who("oMei"), number, to)
            })
            .unwrap()
            .unwrap();
        numbers.push(number);
    }
    let profile = town.bench.run(|tx| tx.get(&PROFILES, &who("oMei"))).unwrap().unwrap();
    assert!(!profile.answers.contains_key("address"), "a parcel's address is for that parcel");
    town.bench.run(|tx| cancel(tx, &who("oMei"), numbers[0])).unwrap().unwrap();
    town.bench.run(|tx| kit::sent(tx, numbers[1], "顺丰", "SF1")).unwrap();
    town.bench.run(|tx| crate::domain::member::erase::erase(tx, &who("oMei"))).unwrap().unwrap();
    while town.bench.run(fire).unwrap() {}
    let kept = |town: &mut Town, n: usize| {
        let key = numbers[n].key();
        let row = town.bench.run(|tx| tx.get(&REGISTRATIONS, &key)).unwrap().unwrap();
        let kit = town.bench.run(|tx| tx.get(&KITS, &key)).unwrap();
        let names: Vec<String> = row.answers.into_iter().map(|answer| answer.name).collect();
        (names, kit.and_then(|kit| kit.to).is_some())
    };
    let all = (vec!["phone".to_owned(), "size".to_owned()], true);
    let rest = (Vec::new(), false);
    assert_eq!(kept(&mut town, 0), rest, "it was given back");
    assert_eq!(kept(&mut town, 11), all, "the seat is still to be taken");
    town.bench.moment.now = ends;
    while town.bench.run(fire).unwrap() {}
    for n in 0..12 {
        assert_eq!(kept(&mut town, n), rest, "{n}");
    }
    assert!(
        town.bench.run(|tx| tx.get(&KITS, &numbers[1].key())).unwrap().is_some(),
        "that one was posted stays"
    );
}
