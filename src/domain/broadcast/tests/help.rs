use std::time::Duration;

use crate::domain::broadcast::agenda::{Agenda, agenda};
use crate::domain::broadcast::build::{Built, build};
use crate::domain::broadcast::ledger::*;
use crate::domain::broadcast::record::*;
use crate::domain::broadcast::settle::settle;
use crate::domain::broadcast::take::take;
use crate::domain::broadcast::timeline::{Standing, standing};
use crate::domain::broadcast::{manage, preview};
use crate::domain::contact::record::{Contact, FollowerId, Quotas};
use crate::domain::invariants;
use crate::domain::tables::*;
use crate::store::testing::Bench;

pub fn who(number: u32) -> FollowerId {
    FollowerId::new(format!("oFollower{number:05}"))
}

/// An account with so many followers, all of whom may be written to by customer-service message.
pub fn account(followers: u32) -> Bench {
    let mut bench = Bench::new(CATALOG);
    for number in 0..followers {
        bench
            .run(|tx| {
                let mut contact = Contact::new(tx.moment().now);
                contact.reach.messaged(tx.moment().now, &Quotas::default());
                tx.put(&CONTACTS, &who(number), &contact)
            })
            .unwrap();
    }
    bench
}

pub fn edit(bench: &mut Bench, number: u32, change: impl Fn(&mut Contact)) {
    bench
        .run(|tx| {
            let mut contact = tx.get(&CONTACTS, &who(number))?.unwrap();
            change(&mut contact);
            tx.put(&CONTACTS, &who(number), &contact)
        })
        .unwrap();
}

pub fn contact(bench: &mut Bench, number: u32) -> Contact {
    bench.run(|tx| tx.get(&CONTACTS, &who(number))).unwrap().unwrap()
}

pub fn form(template_id: &str) -> Form {
    let fields = [("thing1".to_owned(), "健步走报名".to_owned())].into();
    Form { template_id: template_id.to_owned(), fields, url: None, mini_program: None }
}

/// Text and template, whatever the way.
pub fn plan(way: WayChoice) -> Plan {
    let content = Content {
        text: Some("周末健步走，欢迎报名".to_owned()),
        template: Some(form("tpl")),
        subscription: Some(form("sub")),
        ..Content::default()
    };
    Plan {
        title: "健步走报名".to_owned(),
        audience: "everyone".parse().unwrap(),
        content,
        way,
        topic: None,
        about: None,
        not_before: None,
        quiet: None,
        rate_per_second: 50,
    }
}

pub fn lenient() -> Policy {
    Policy { two_persons: false, preview_message: false, ..Policy::default() }
}

/// Written, previewed, approved and started; its audience is not fixed yet.
pub fn started(bench: &mut Bench, plan: &Plan, policy: &Policy) -> u32 {
    let id = bench.run(|tx| manage::create(tx, "wang", plan.clone())).unwrap().unwrap().id;
    bench.run(|tx| preview::begin(tx, id, policy)).unwrap().unwrap();
    while bench.run(|tx| preview::step(tx, id, 100)).unwrap() {}
    bench.run(|tx| manage::approve(tx, id, "li", policy)).unwrap().unwrap();
    bench.run(|tx| manage::start(tx, id, policy)).unwrap().unwrap();
    id
}

pub fn running(bench: &mut Bench, plan: &Plan, policy: &Policy) -> u32 {
    let id = started(bench, plan, policy);
    while bench.run(|tx| build(tx, id, 7)).unwrap() == Built::More {}
    id
}

pub fn taken(bench: &mut Bench, id: u32, limit: usize) -> Vec<Recipient> {
    bench.run(|tx| take(tx, id, limit, "线上")).unwrap()
}

pub fn settled(bench: &mut Bench, id: u32, recipients: &[Recipient], outcome: &Outcome) {
    let outcomes: Vec<_> = recipients.iter().map(|to| (to.clone(), outcome.clone())).collect();
    bench.run(|tx| settle(tx, id, &outcomes)).unwrap();
}

pub fn sent() -> Outcome {
    Outcome::Sent { msg_id: None }
}

pub fn state(bench: &mut Bench, id: u32) -> State {
    bench.run(|tx| tx.get(&BROADCASTS, &id)).unwrap().unwrap().state
}

pub fn run_of(bench: &mut Bench, id: u32) -> Run {
    bench.run(|tx| tx.get(&RUNS, &id)).unwrap().unwrap()
}

pub fn counts(bench: &mut Bench, id: u32) -> Counts {
    run_of(bench, id).counts
}

pub fn next(bench: &mut Bench, id: u32) -> Agenda {
    bench.run(|tx| agenda(tx, id)).unwrap()
}

pub fn standing_of(bench: &mut Bench, id: u32, number: u32) -> Option<Standing> {
    bench
        .run(|tx| {
            let broadcast = tx.get(&BROADCASTS, &id)?.unwrap();
            standing(tx, &broadcast, &who(number))
        })
        .unwrap()
}

pub fn pass(bench: &mut Bench, seconds: u64) {
    bench.moment.now = bench.moment.now.plus(Duration::from_secs(seconds));
}

/// What `gonghui audit` says of this broadcast.
pub fn audited(bench: &mut Bench, id: u32) -> Vec<String> {
    let mut recount = invariants::Recount::default();
    while let Some(next) = bench.run(|tx| invariants::recount(tx, id, recount.clone())).unwrap() {
        recount = next;
        if recount.is_done() {
            break;
        }
    }
    bench.run(|tx| invariants::broadcast(tx, id, &recount)).unwrap()
}
