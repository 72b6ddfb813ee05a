//! Sign-ups, cancellations, changes by staff and restarts in any order and at the same time, against a model too
//! simple to be wrong: it predicts every answer, every seat and every notice.

mod sign_up;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gonghui::domain::activity::commands::{cancel, register, waiting_position};
use gonghui::domain::activity::manage;
use gonghui::domain::activity::record::{Companions, RegistrationNumber};
use gonghui::domain::activity::waiting::{accept, decline};
use gonghui::domain::outbox::record::Notice;
use gonghui::domain::tables::{OUTBOX, REGISTRATIONS};
use gonghui::moment::Moment;
use gonghui::staff::consistency;
use gonghui::store::{Fault, Store, Tx};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use sign_up::model::{Model, Row, Said, Told};
use sign_up::place::{ACTIVITY, Place, START, Variant, application, follower, terms};

const CASES: u32 = 64;
const FOLLOWERS: u16 = 12;
/// Commands that are on their way at the same moment.
const TOGETHER_MAX: usize = 10;
/// One case in so many is on disk, with real restarts.
const ON_DISK_ONE_OF: u8 = 8;

/// What happens at the door.
#[derive(Debug, Clone, Copy)]
enum Act {
    SignUp {
        who: u16,
        session: u16,
        companions: u8,
    },
    /// Of the follower's latest sign-up for this session.
    Cancel {
        who: u16,
        session: u16,
    },
    /// 接受 or 放弃, of the follower's latest sign-up for this session.
    Answer {
        who: u16,
        session: u16,
        accept: bool,
    },
    Capacity {
        session: u16,
        seats: u32,
    },
    Close,
    Publish,
}

#[derive(Debug, Clone)]
enum Step {
    /// All at once; each command so many times, as a follower taps twice and WeChat sends again.
    Together(Vec<(Act, u8)>),
    Restart,
    /// Hours go by.
    Later(i64),
}

fn act() -> impl Strategy<Value = Act> {
    let who = || 0..FOLLOWERS;
    let session = prop_oneof![16 => 1u16..3, 1 => Just(0), 1 => Just(3)];
    prop_oneof![
        12 => (who(), session, 0u8..4)
            .prop_map(|(who, session, companions)| Act::SignUp { who, session, companions }),
        6 => (who(), 1u16..3).prop_map(|(who, session)| Act::Cancel { who, session }),
        5 => (who(), 1u16..3, prop::bool::ANY)
            .prop_map(|(who, session, accept)| Act::Answer { who, session, accept }),
        2 => (1u16..3, 0u32..12).prop_map(|(session, seats)| Act::Capacity { session, seats }),
        1 => Just(Act::Close),
        3 => Just(Act::Publish),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let act = (act(), prop_oneof![4 => Just(1u8), 1 => 2u8..4]);
    prop_oneof![
        12 => prop::collection::vec(act, 2..=TOGETHER_MAX).prop_map(Step::Together),
        2 => Just(Step::Restart),
        1 => (1i64..10).prop_map(Step::Later),
    ]
}

fn variant() -> impl Strategy<Value = Variant> {
    let seats = (1u32..8, 1u32..8).prop_map(|(first, second)| [first, second]);
    let on_disk = (0..ON_DISK_ONE_OF).prop_map(|n| n == 0);
    let series = prop::option::weighted(0.3, 1u16..3);
    (seats, 0u16..8, 0u8..4, series, on_disk, prop::bool::ANY).prop_map(
        |(capacities, waiting_max, companions_max, series_max, on_disk, offers)| Variant {
            offers,
            capacities,
            waiting_max,
            companions_max,
            series_max,
            on_disk,
        },
    )
}

fn config() -> ProptestConfig {
    let base = ProptestConfig {
        rng_seed: RngSeed::Fixed(20_261_201),
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..ProptestConfig::default()
    };
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => base,
        None => ProptestConfig { cases: CASES, ..base },
    }
}

proptest! {
    #![proptest_config(config())]
    #[test]
    fn every_answer_seat_and_notice_is_as_the_model_says(
        variant in variant(),
        steps in prop::collection::vec(step(), 8..16),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        runtime.block_on(play(variant, &steps))?;
    }
}

async fn play(variant: Variant, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut place = Place::open(variant).await;
    let mut model = Model::new(variant);
    for step in steps {
        match step {
            Step::Restart => place.restart().await,
            Step::Later(hours) => {
                place.later(*hours);
                place.fire().await;
                model.lapse(place.moment().now.since(START).as_secs() / 3600);
            }
            Step::Together(acts) => {
                let mut done = together(&place, &model, acts).await;
                done.sort_by_key(|done| done.order);
                for done in done {
                    let expected = done.command.expected(&mut model, place.moment());
                    prop_assert_eq!(&done.said, &expected, "{:?} after {:#?}", done.command, model);
                }
            }
        }
    }
    compare(&place.store, place.moment(), &model).await
}

/// An act with the number it is about, fixed when it is sent.
#[derive(Debug, Clone, Copy)]
enum Command {
    SignUp { who: u16, session: u16, companions: u8 },
    Cancel { who: u16, number: RegistrationNumber },
    Answer { who: u16, number: RegistrationNumber, accept: bool },
    Capacity { session: u16, seats: u32 },
    Close,
    Publish,
}

struct Done {
    command: Command,
    /// Its place among all that the store ran.
    order: u64,
    said: Said,
}

/// Sends all of them at once. The store may run them in any order, and tells which it was.
async fn together(place: &Place, model: &Model, acts: &[(Act, u8)]) -> Vec<Done> {
    let clock = Arc::new(AtomicU64::new(0));
    let mut running = Vec::new();
    for (act, times) in acts {
        let Some(command) = command(*act, model) else { continue };
        for _ in 0..*times {
            let (store, moment, clock) = (place.store.clone(), place.moment(), Arc::clone(&clock));
            running.push(tokio::spawn(async move {
                let run = move |tx: &mut Tx| {
                    let order = clock.fetch_add(1, Ordering::SeqCst);
                    Ok((order, command.run(tx)?))
                };
                let (order, said) = store.submit(moment, run).await.unwrap();
                Done { command, order, said }
            }));
        }
    }
    let mut done = Vec::new();
    for task in running {
        done.push(task.await.unwrap());
    }
    done
}

fn command(act: Act, model: &Model) -> Option<Command> {
    Some(match act {
        Act::SignUp { who, session, companions } => Command::SignUp { who, session, companions },
        Act::Cancel { who, session } => {
            // Somebody without a sign-up tries another's.
            let number = model.latest(who, session).or_else(|| model.first(session))?;
            Command::Cancel { who, number: RegistrationNumber { activity: ACTIVITY, session, number } }
        }
        Act::Answer { who, session, accept } => {
            let number = model.latest(who, session).or_else(|| model.first(session))?;
            let number = RegistrationNumber { activity: ACTIVITY, session, number };
            Command::Answer { who, number, accept }
        }
        Act::Capacity { session, seats } => Command::Capacity { session, seats },
        Act::Close => Command::Close,
        Act::Publish => Command::Publish,
    })
}

impl Command {
    fn run(self, tx: &mut Tx) -> Result<Said, Fault> {
        Ok(match self {
            Command::SignUp { who, session, companions } => {
                let party = Companions { companions, ..Companions::default() };
                Said::of_sign_up(register(tx, &follower(who), &application(session, party))?)
            }
            Command::Cancel { who, number } => Said::of_refusal(cancel(tx, &follower(who), number)?.err()),
            Command::Answer { who, number, accept: true } => {
                Said::of_refusal(accept(tx, &follower(who), number)?.err())
            }
            Command::Answer { who, number, accept: false } => {
                Said::of_refusal(decline(tx, &follower(who), number)?.err())
            }
            Command::Capacity { session, seats } => {
                let activity = tx.get(&gonghui::domain::tables::ACTIVITIES, &ACTIVITY)?;
                let mut terms = activity.map_or_else(|| terms(Variant::default()), |activity| activity.terms);
                terms.sessions[usize::from(session) - 1].capacity = seats;
                Said::of_staff(manage::change(tx, ACTIVITY, terms)?.err())
            }
            Command::Close => Said::of_staff(manage::close(tx, ACTIVITY)?.err()),
            Command::Publish => Said::of_staff(manage::publish(tx, ACTIVITY)?.err()),
        })
    }

    fn expected(self, model: &mut Model, moment: Moment) -> Said {
        let hour = moment.now.since(START).as_secs() / 3600;
        match self {
            Command::SignUp { who, session, companions } => model.sign_up(hour, who, session, companions),
            Command::Cancel { who, number } => model.cancel(hour, who, number.session, number.number),
            Command::Answer { who, number, accept } => {
                model.answer(hour, who, number.session, number.number, accept)
            }
            Command::Capacity { session, seats } => model.capacity(hour, session, seats),
            Command::Close => model.close(),
            Command::Publish => model.publish(hour),
        }
    }
}

/// What is in the store at the end against what the model holds.
async fn compare(store: &Store, at: Moment, model: &Model) -> Result<(), TestCaseError> {
    let rows =
        store.read(at, |tx| Ok(tx.scan(&REGISTRATIONS, &(ACTIVITY,), None, 1000)?.rows)).await.unwrap();
    let mut kept: Vec<(u16, Row)> = Vec::new();
    for ((_, session, _), row) in &rows {
        let number = row.number;
        let position = store.read(at, move |tx| waiting_position(tx, number)).await.unwrap();
        prop_assert_eq!(position, model.position(*session, number.number), "{}", number);
        kept.push((*session, Row::of(row)));
    }
    prop_assert_eq!(kept, model.rows());
    let outbox = store.read(at, |tx| Ok(tx.scan(&OUTBOX, &(), None, 1000)?.rows)).await.unwrap();
    let promoted: Vec<(Told, u16, u32)> = outbox
        .iter()
        .map(|(_, row)| match row.notice {
            Notice::Promoted { number } => (Told::Promoted, number.session, number.number),
            Notice::SeatOffered { number, .. } => (Told::Offered, number.session, number.number),
            Notice::OfferLapsed { number } => (Told::Lapsed, number.session, number.number),
            ref other => panic!("nobody should be told {other:?}"),
        })
        .collect();
    prop_assert_eq!(&promoted, &model.told);
    let told: Vec<_> = outbox.iter().map(|(_, row)| row.to.clone()).collect();
    let expected: Vec<_> =
        promoted.iter().map(|(_, session, n)| follower(model.holder(*session, *n))).collect();
    prop_assert_eq!(told, expected);
    let audit = consistency::audit(store, at).await.unwrap();
    prop_assert!(audit.activities == 1 && audit.broken.is_empty(), "{:?}", audit);
    Ok(())
}
