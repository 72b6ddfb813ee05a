use std::collections::BTreeMap;

use super::*;
use crate::domain::audience::Condition;
use crate::domain::broadcast::ledger::{Counts, MassEnd, Numbers};
use crate::domain::broadcast::record::{Content, Form as BroadcastForm, Plan, Policy, State, WayChoice};
use crate::domain::broadcast::{chunks, manage, preview};
use crate::domain::tables::{BROADCASTS, RUNS};

const WRITER: &str = "wang";
const APPROVER: &str = "li";

fn policy() -> Policy {
    Policy { preview_message: false, chunk_max: 4, ..Policy::default() }
}

fn plan(way: WayChoice) -> Plan {
    let form = BroadcastForm {
        template_id: "tpl".to_owned(),
        fields: BTreeMap::from([("thing1".to_owned(), "手工课".to_owned())]),
        url: None,
        mini_program: None,
    };
    Plan {
        title: "通知".to_owned(),
        audience: Condition::everyone(),
        content: Content {
            text: Some("手工课开始报名了".to_owned()),
            template: Some(form),
            ..Content::default()
        },
        way,
        topic: None,
        about: None,
        not_before: None,
        quiet: None,
        rate_per_second: 100_000,
    }
}

impl Place {
    fn runs(&self) -> Runs {
        let platform: Arc<dyn Platform> = Arc::<Script>::clone(&self.script);
        Runs {
            store: self.store.clone(),
            platform,
            clock: Arc::new(self.clock.clone()),
            words: Arc::new(Plain),
            lanes: Lanes::new(&Rates {
                custom: 100_000,
                template: 100_000,
                mass: 100_000,
                ..Rates::default()
            }),
            stats: Stats::default(),
            in_flight_max: 8,
        }
    }

    /// So many followers, all of whom have just written.
    async fn crowd(&self, count: u32) {
        self.run(move |tx| {
            let now = tx.moment().now;
            for number in 0..count {
                let mut contact = Contact::new(now);
                contact.reach.messaged(now, &Quotas::default());
                tx.put(&CONTACTS, &FollowerId::new(format!("oFollower{number:04}")), &contact)?;
            }
            Ok(())
        })
        .await;
    }

    /// Written, looked at, approved by another and started.
    async fn broadcast(&self, plan: Plan) -> u32 {
        let id = self.run(move |tx| manage::create(tx, WRITER, plan.clone())).await.unwrap().id;
        self.run(move |tx| preview::begin(tx, id, &policy())).await.unwrap();
        while self.run(move |tx| preview::step(tx, id, 100)).await {}
        self.run(move |tx| manage::approve(tx, id, APPROVER, &policy())).await.unwrap();
        self.run(move |tx| manage::start(tx, id, &policy())).await.unwrap();
        id
    }

    async fn counts(&self, id: u32) -> Counts {
        self.run(move |tx| tx.get(&RUNS, &id)).await.unwrap().counts
    }

    async fn broadcast_state(&self, id: u32) -> State {
        self.run(move |tx| tx.get(&BROADCASTS, &id)).await.unwrap().state
    }

    /// Whom each call went to, in order.
    fn reached(&self) -> Vec<String> {
        let mut reached = Vec::new();
        for call in self.script.calls.lock().unwrap().iter() {
            match call {
                Call::Mass { to, .. } => reached.extend(to.iter().cloned()),
                call => reached.push(call.to().to_owned()),
            }
        }
        reached.sort();
        reached
    }
}

fn everybody(count: u32) -> Vec<String> {
    (0..count).map(|number| format!("oFollower{number:04}")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_mass_send_that_is_marked_waits_for_a_busy_store() {
    let options = Options { queue_commands_max: 1, group_commands_max: 1, ..Options::new(sealer(), CATALOG) };
    let place = Place::on(Store::open(Box::new(Memory::default()), options).unwrap());
    place.crowd(3).await;
    let id = place.broadcast(plan(WayChoice::Mass)).await;
    let runs = place.runs();
    runs.step().await.unwrap();
    let (begun, has_begun) = std::sync::mpsc::channel();
    let (go_on, goes_on) = std::sync::mpsc::channel();
    let goes_on = Mutex::new(goes_on);
    let (store, at) = (place.store.clone(), place.clock.moment());
    let busy = tokio::spawn(async move {
        let command = move |_: &mut Tx| {
            begun.send(()).unwrap();
            goes_on.lock().unwrap().recv().unwrap();
            Ok(())
        };
        store.submit(at, command).await
    });
    tokio::task::yield_now().await;
    has_begun.recv().unwrap();
    let (store, at) = (place.store.clone(), place.clock.moment());
    let waiting = tokio::spawn(async move { store.read(at, |_| Ok(())).await });
    tokio::task::yield_now().await;
    let refused = place.store.read(at, |_| Ok(())).await;
    assert!(matches!(refused, Err(SubmitError::Busy)), "{refused:?}");
    let asking = tokio::spawn(async move { runs.members(id, 1).await });
    tokio::task::yield_now().await;
    go_on.send(()).unwrap();
    assert_eq!(asking.await.unwrap(), Some(everybody(3)));
    busy.await.unwrap().unwrap();
    waiting.await.unwrap().unwrap();
}

#[tokio::test]
async fn how_often_articles_were_read_is_asked_for_on_the_days_after() {
    let place = Place::new();
    place.crowd(3).await;
    let content = Content { article: Some("draft".to_owned()), ..Content::default() };
    let id = place.broadcast(Plan { content, ..plan(WayChoice::Mass) }).await;
    let runs = place.runs();
    runs.step().await.unwrap();
    for (days, read) in [(0, None), (1, Some(42)), (8, Some(42))] {
        place.later(Duration::from_secs(days * 24 * 3600));
        runs.ask_reads().await.unwrap();
        let told = place.run(move |tx| tx.get(&RUNS, &id)).await.unwrap().read;
        assert_eq!(told, read, "{days} days later");
    }
}

#[tokio::test]
async fn a_broadcast_reaches_each_once_and_is_done() {
    let place = Place::new();
    place.crowd(250).await;
    let id = place.broadcast(plan(WayChoice::Custom)).await;
    place.runs().step().await.unwrap();
    assert_eq!(place.reached(), everybody(250));
    assert!(matches!(place.broadcast_state(id).await, State::Done { .. }));
    assert_eq!(place.counts(id).await.sent_total(), 250);
}

#[tokio::test]
async fn a_mass_send_goes_in_chunks_with_ids_of_their_own() {
    let place = Place::new();
    place.crowd(9).await;
    let id = place.broadcast(plan(WayChoice::Mass)).await;
    place.answer((1..=3).map(|n| Ok(Some(format!("job{n}")))));
    place.runs().step().await.unwrap();
    assert_eq!(place.reached(), everybody(9));
    let mut ids = Vec::new();
    for call in place.script.calls.lock().unwrap().iter() {
        let Call::Mass { to, client_msg_id, .. } = call else { panic!("{call:?}") };
        assert!((2..=4).contains(&to.len()), "{}", to.len());
        ids.push(client_msg_id.clone());
    }
    ids.dedup();
    assert_eq!(ids.len(), 3);
    let numbers = Numbers { total: 3, filtered: 3, sent: 3, errors: 0 };
    place.run(move |tx| chunks::mass_finished(tx, "job1", MassEnd { failed: false, numbers })).await;
    let report = place.run(move |tx| chunks::report(tx, id)).await;
    assert_eq!((report.chunks, report.finished), (3, 1));
}

#[tokio::test]
async fn a_mass_send_that_wechat_already_has_counts_as_sent_and_is_not_repeated() {
    let place = Place::new();
    place.crowd(3).await;
    let id = place.broadcast(plan(WayChoice::Mass)).await;
    place.answer([Err(Reaction::Uncertain), Err(Reaction::AlreadyDone { msg_id: Some("job1".to_owned()) })]);
    for _ in 0..2 {
        place.runs().step().await.unwrap();
        place.later(Duration::from_secs(120));
    }
    assert_eq!(place.script.calls.lock().unwrap().len(), 2);
    assert_eq!(place.counts(id).await.sent_total(), 3);
}

#[tokio::test]
async fn a_platform_that_is_too_busy_delays_and_loses_nobody() {
    let place = Place::new();
    place.crowd(20).await;
    let id = place.broadcast(plan(WayChoice::Custom)).await;
    place.answer(
        (0..20)
            .map(|n| Err(if n % 2 == 0 { Reaction::Retry } else { Reaction::SlowDown(Pause::NextMinute) })),
    );
    for _ in 0..20 {
        place.runs().step().await.unwrap();
        place.later(Duration::from_secs(61));
    }
    assert!(matches!(place.broadcast_state(id).await, State::Done { .. }));
    assert_eq!(place.counts(id).await.sent_total(), 20);
}

#[tokio::test]
async fn a_wrong_setting_stops_the_broadcast_and_it_goes_on_when_resumed() {
    let place = Place::new();
    place.crowd(5).await;
    let id = place.broadcast(plan(WayChoice::Custom)).await;
    place.answer((0..5).map(|_| Err(Reaction::Misconfigured("grant the right"))));
    place.runs().step().await.unwrap();
    let State::Stopped { why } = place.broadcast_state(id).await else { panic!("not stopped") };
    assert!(why.contains("grant the right"), "{why}");
    place.run(move |tx| manage::resume(tx, id)).await.unwrap();
    place.later(Duration::from_secs(600));
    place.runs().step().await.unwrap();
    assert_eq!(place.counts(id).await.sent_total(), 5);
}

#[tokio::test]
async fn a_template_that_is_not_there_stops_the_broadcast_at_the_first_answers_and_costs_nobody_the_message()
{
    let place = Place::new();
    place.crowd(200).await;
    let id = place.broadcast(Plan { rate_per_second: 20, ..plan(WayChoice::Template) }).await;
    let refuse = |_| {
        Err(Failure {
            call: "/cgi-bin/message/template/send",
            code: Some(40037),
            message: "invalid template_id".to_owned(),
            reaction: Reaction::Permanent,
        })
    };
    place.script.answers.lock().unwrap().extend((0..200).map(refuse));
    place.runs().step().await.unwrap();
    let State::Stopped { why } = place.broadcast_state(id).await else { panic!("not stopped") };
    assert!(why.contains("invalid template_id") && why.contains("no such template"), "{why}");
    assert_eq!(place.reached().len(), 5, "those that were under way");
    let counts = place.counts(id).await;
    assert_eq!((counts.failed_total(), counts.pending), (0, 200), "nobody is given up for it");
}

#[tokio::test]
async fn what_was_in_flight_at_a_crash_is_not_sent_twice() {
    let place = Place::new();
    place.crowd(10).await;
    let id = place.broadcast(plan(WayChoice::Custom)).await;
    while place.run(move |tx| crate::domain::broadcast::build::build(tx, id, 100)).await
        != crate::domain::broadcast::build::Built::Done
    {}
    let taken = place.run(move |tx| crate::domain::broadcast::take::take(tx, id, 4, "线上")).await;
    assert_eq!(taken.len(), 4);
    let runs = place.runs();
    runs.recover().await.unwrap();
    runs.step().await.unwrap();
    assert_eq!(place.reached().len(), 6, "the four may have been sent");
    let counts = place.counts(id).await;
    assert_eq!(counts.sent_total(), 6);
}

#[tokio::test]
async fn mass_sends_that_wechat_says_nothing_of_are_asked_about() {
    let place = Place::new();
    place.crowd(3).await;
    let id = place.broadcast(plan(WayChoice::Mass)).await;
    place.answer([Ok(Some("job1".to_owned()))]);
    let runs = place.runs();
    runs.step().await.unwrap();
    assert_eq!(place.counts(id).await.sent_total(), 3);
    runs.ask().await.unwrap(); // the script says that it failed
    assert_eq!((place.counts(id).await.sent_total(), place.counts(id).await.failed_total()), (0, 3));
}
