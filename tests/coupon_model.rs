//! Claims, returns, redemptions, what providers and staff do, expiry, bindings and restarts in any order and at the same
//! time, against a model too simple to be wrong: it predicts every answer and every coupon.

mod coupon;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gonghui::domain::benefit::claim::{Account, Claimed, claim};
use gonghui::domain::benefit::import::{NewCode, Origin, import};
use gonghui::domain::benefit::keep::give_back;
use gonghui::domain::benefit::manage::{lift, top_up};
use gonghui::domain::benefit::record::{CouponNumber, CouponState};
use gonghui::domain::benefit::redeem::{Redeemer, redeem};
use gonghui::domain::benefit::reissue::void;
use gonghui::domain::benefit::rules::Refusal;
use gonghui::domain::benefit::used::{UsedCode, report};
use gonghui::domain::benefit::wallet;
use gonghui::domain::contact::record::FollowerId;
use gonghui::domain::member::binding::{attach, unbind_by_staff};
use gonghui::domain::member::record::MemberId;
use gonghui::domain::member::standing::Person;
use gonghui::domain::tables::{BINDINGS, COUPONS, MEMBERS, STOCKS};
use gonghui::staff::consistency;
use gonghui::store::{Fault, Tx};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use coupon::model::{Model, Row, Said, Whom};
use coupon::place::{self, BENEFIT, Place, Variant, follower};

const CASES: u32 = 64;
const FOLLOWERS: u16 = 10;
/// Commands that are on their way at the same moment.
const TOGETHER_MAX: usize = 10;
/// One case in so many is on disk, with real restarts.
const ON_DISK_ONE_OF: u8 = 8;

#[derive(Debug, Clone, Copy)]
enum Act {
    Claim {
        who: u16,
    },
    /// Of the coupon at this place among those given, by its owner or by somebody else.
    Return {
        nth: usize,
        other: Option<u16>,
    },
    Redeem {
        nth: usize,
    },
    /// The provider tells that it was used.
    Used {
        nth: usize,
    },
    /// Staff make it void; its owner gets another.
    Void {
        nth: usize,
        again: bool,
    },
    Bind {
        who: u16,
        member: u16,
    },
    Unbind {
        who: u16,
    },
    /// Staff: claims nothing for so many hours.
    Ban {
        whom: Whom,
        hours: u64,
    },
    Lift {
        whom: Whom,
    },
    TopUp {
        count: u32,
    },
    Load {
        count: u32,
    },
}

#[derive(Debug, Clone)]
enum Step {
    /// All at once; each command so many times, as a follower taps twice and WeChat sends again.
    Together(Vec<(Act, u8)>),
    Restart,
    /// Hours go by.
    Later(u64),
}

fn whom() -> impl Strategy<Value = Whom> {
    prop_oneof![(0..FOLLOWERS).prop_map(Whom::Follower), (0..place::MEMBERS).prop_map(Whom::Member),]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        16 => (0..FOLLOWERS).prop_map(|who| Act::Claim { who }),
        4 => (0usize..40, prop::option::weighted(0.2, 0..FOLLOWERS))
            .prop_map(|(nth, other)| Act::Return { nth, other }),
        2 => (0usize..40).prop_map(|nth| Act::Redeem { nth }),
        2 => (0usize..40).prop_map(|nth| Act::Used { nth }),
        2 => (0usize..40, any::<bool>()).prop_map(|(nth, again)| Act::Void { nth, again }),
        3 => (0..FOLLOWERS, 0..place::MEMBERS).prop_map(|(who, member)| Act::Bind { who, member }),
        1 => (0..FOLLOWERS).prop_map(|who| Act::Unbind { who }),
        1 => (whom(), 1u64..200).prop_map(|(whom, hours)| Act::Ban { whom, hours }),
        1 => whom().prop_map(|whom| Act::Lift { whom }),
        1 => (1u32..4).prop_map(|count| Act::TopUp { count }),
        2 => (1u32..5).prop_map(|count| Act::Load { count }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let act = (act(), prop_oneof![4 => Just(1u8), 1 => 2u8..4]);
    prop_oneof![
        8 => prop::collection::vec(act, 2..=TOGETHER_MAX).prop_map(Step::Together),
        1 => Just(Step::Restart),
        3 => prop_oneof![6 => 1u64..40, 1 => 100u64..900].prop_map(Step::Later),
    ]
}

fn variant() -> impl Strategy<Value = Variant> {
    let some = |max: u16| prop::option::weighted(0.3, 1..max);
    let limits = (1u16..3, prop::option::of(1u16..4), some(4), some(3), some(5), 0u16..3);
    let cool_down = prop_oneof![2 => Just(0u16), 1 => 1u16..4];
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (1u32..6, limits, cool_down, 1u16..4, 0u16..3, flags, 0..ON_DISK_ONE_OF).prop_map(
        |(stock, limits, cool_down_days, valid_days, unused, flags, on_disk)| Variant {
            imported: flags.0,
            stock,
            carry_over: flags.1,
            per_release: limits.0,
            per_month: limits.1,
            per_week: limits.2,
            per_day: limits.3,
            in_all: limits.4,
            cool_down_days,
            valid_days,
            unused,
            reported_days: limits.5,
            returned_to_stock: flags.2,
            expired_to_stock: flags.3,
            same_code: flags.4,
            on_disk: on_disk == 0,
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
    fn every_answer_and_every_coupon_is_as_the_model_says(
        variant in variant(),
        steps in prop::collection::vec(step(), 8..20),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(play(variant, &steps))?;
    }
}

async fn play(variant: Variant, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut place = Place::open(variant).await;
    let mut model = Model::new(variant);
    let mut loaded = 0;
    for step in steps {
        match step {
            Step::Restart => place.restart().await,
            Step::Later(hours) => {
                place.later(*hours).await;
                model.later(*hours);
            }
            Step::Together(acts) => {
                let mut done = together(&place, &model, acts, &mut loaded).await;
                done.sort_by_key(|done| done.order);
                for done in done {
                    let expected = done.command.expected(&mut model);
                    prop_assert_eq!(&done.said, &expected, "{:?} after {:#?}", done.command, model);
                }
            }
        }
    }
    compare(&place, &model).await
}

/// An act with what it is about, fixed when it is sent.
#[derive(Debug, Clone, Copy)]
enum Command {
    Claim {
        who: u16,
    },
    Return {
        who: u16,
        number: u32,
    },
    Redeem {
        number: u32,
    },
    Used {
        number: u32,
    },
    Void {
        number: u32,
        again: bool,
    },
    Bind {
        who: u16,
        member: u16,
    },
    Unbind {
        who: u16,
    },
    Ban {
        whom: Whom,
        hours: u64,
    },
    Lift {
        whom: Whom,
    },
    TopUp {
        count: u32,
    },
    /// Codes from this one on.
    Load {
        first: u32,
        count: u32,
    },
}

struct Done {
    command: Command,
    /// Its place among all that the store ran.
    order: u64,
    said: Said,
}

/// Sends all of them at once. The store may run them in any order, and tells which it was.
async fn together(place: &Place, model: &Model, acts: &[(Act, u8)], loaded: &mut u32) -> Vec<Done> {
    let clock = Arc::new(AtomicU64::new(0));
    let mut running = Vec::new();
    for (act, times) in acts {
        let Some(command) = command(*act, model, loaded) else { continue };
        let times = if matches!(command, Command::Load { .. }) { 1 } else { *times };
        for _ in 0..times {
            let (store, moment, clock) = (place.store.clone(), place.moment(), Arc::clone(&clock));
            let members = place.members.clone();
            running.push(tokio::spawn(async move {
                let run = move |tx: &mut Tx| {
                    let order = clock.fetch_add(1, Ordering::SeqCst);
                    Ok((order, command.run(tx, &members)?))
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

fn command(act: Act, model: &Model, loaded: &mut u32) -> Option<Command> {
    let nth = |nth: usize| Some(nth % model.rows.len().max(1)).filter(|_| !model.rows.is_empty());
    Some(match act {
        Act::Claim { who } => Command::Claim { who },
        Act::Return { nth: n, other } => {
            let index = nth(n)?;
            Command::Return { who: other.unwrap_or(model.owner(index)), number: index as u32 + 1 }
        }
        Act::Redeem { nth: n } => Command::Redeem { number: nth(n)? as u32 + 1 },
        Act::Used { nth: n } => Command::Used { number: nth(n)? as u32 + 1 },
        Act::Void { nth: n, again } => Command::Void { number: nth(n)? as u32 + 1, again },
        Act::Bind { who, member } => Command::Bind { who, member },
        Act::Unbind { who } => Command::Unbind { who },
        Act::Ban { whom, hours } => Command::Ban { whom, hours },
        Act::Lift { whom } => Command::Lift { whom },
        Act::TopUp { count } => Command::TopUp { count },
        Act::Load { count } => {
            let first = *loaded + 1;
            *loaded += count;
            Command::Load { first, count }
        }
    })
}

impl Command {
    fn run(self, tx: &mut Tx, members: &[MemberId]) -> Result<Said, Fault> {
        Ok(match self {
            Command::Claim { who } => {
                let who = follower(who);
                match claim(tx, Account { who: &who, followed: None, tags: &[] }, BENEFIT)? {
                    Ok(Claimed::Coupon(coupon)) => Said::Number(coupon.number.number),
                    Ok(other) => panic!("{other:?}"),
                    Err(Refusal::AlreadyHad { coupon, .. }) => Said::AlreadyHad(coupon.number),
                    Err(refusal) => Said::No(refusal.code()),
                }
            }
            Command::Return { who, number } => {
                let number = CouponNumber { benefit: BENEFIT, number };
                let returned = give_back(tx, &follower(who), number)?;
                returned.map_or_else(|refusal| Said::No(refusal.code()), |_| Said::Done)
            }
            Command::Redeem { number } => {
                let number = CouponNumber { benefit: BENEFIT, number };
                let code = tx.get(&COUPONS, &number.key())?.and_then(|coupon| coupon.code);
                let by = Redeemer {
                    name: "till".to_owned(),
                    provider: Some("宁波公交".to_owned()),
                    place: "1路".to_owned(),
                };
                // What came back may have been given again: then the code is another coupon's.
                let live = tx.get(&COUPONS, &number.key())?.is_some_and(|c| !c.state.is_void());
                let typed = if live { code.map(|code| code.reveal().clone()) } else { None };
                let staff = Redeemer { provider: None, ..by.clone() };
                let done = match typed {
                    Some(code) => redeem(tx, &code, &by)?,
                    None => redeem(tx, &number.to_string(), &staff)?,
                };
                done.map_or_else(|refusal| Said::No(refusal.code()), |_| Said::Done)
            }
            Command::Used { number } => used(tx, number)?,
            Command::Void { number, again } => {
                let number = CouponNumber { benefit: BENEFIT, number };
                match void(tx, &number.to_string(), "staff", "坏了", again)? {
                    Ok((_, Some(instead))) => Said::Number(instead.number.number),
                    Ok((_, None)) => Said::Done,
                    Err(refusal) => Said::No(refusal.code()),
                }
            }
            Command::Bind { who, member } => bind(tx, &follower(who), members[usize::from(member)])?,
            Command::Unbind { who } => match tx.get(&BINDINGS, &follower(who))? {
                Some(id) => unbind_by_staff(tx, id)?.map_or(Said::No("not_bound"), |()| Said::Done),
                None => Said::No("not_bound"),
            },
            Command::Ban { whom, hours } => {
                let until = tx.moment().now.plus(Duration::from_secs(3600 * hours));
                wallet::ban(tx, &person(whom, members), until, "转卖")?;
                Said::Done
            }
            Command::Lift { whom } => lift(tx, &person(whom, members))?
                .map_or_else(|refusal| Said::No(refusal.code()), |()| Said::Done),
            Command::TopUp { count } => {
                top_up(tx, BENEFIT, count)?.map_or_else(|refusal| Said::No(refusal.code()), |_| Said::Done)
            }
            Command::Load { first, count } => {
                let code = |n: u32| NewCode { line: n, code: format!("CODE-{n:06}"), until: None };
                let codes: Vec<_> = (first..first + count).map(code).collect();
                let origin =
                    Origin { lot: "lot".to_owned(), supplier: String::new(), by: "staff".to_owned() };
                match import(tx, BENEFIT, &origin, &codes)? {
                    Ok(imported) if imported.loaded == count => Said::Done,
                    Ok(imported) => panic!("{imported:?}"),
                    Err(refusal) => Said::No(refusal.code()),
                }
            }
        })
    }

    fn expected(self, model: &mut Model) -> Said {
        match self {
            Command::Claim { who } => model.claim(who),
            Command::Return { who, number } => model.give_back(who, number),
            Command::Redeem { number } => model.redeem(number),
            Command::Used { number } => model.used(number),
            Command::Void { number, again } => model.void(number, again),
            Command::Bind { who, member } => model.bind(who, member),
            Command::Unbind { who } => model.unbind(who),
            Command::Ban { whom, hours } => model.ban(whom, hours),
            Command::Lift { whom } => model.lift(whom),
            Command::TopUp { count } => model.top_up(count),
            Command::Load { count, .. } => model.load(count),
        }
    }
}

fn used(tx: &mut Tx, number: u32) -> Result<Said, Fault> {
    let coupon = tx.get(&COUPONS, &(BENEFIT, number))?.filter(|coupon| !coupon.state.is_void());
    // What came back may have been given again: then the code is another coupon's.
    let Some(code) = coupon.and_then(|coupon| coupon.code) else { return Ok(Said::No("void")) };
    let told = [UsedCode { line: 1, code: code.reveal().clone(), at: None }];
    let reported = report(tx, BENEFIT, "staff", &told)?.unwrap();
    Ok(match (reported.marked, reported.known) {
        (1, 0) => Said::Done,
        (0, 1) => Said::No("known"),
        _ => panic!("{reported:?}"),
    })
}

fn bind(tx: &mut Tx, who: &FollowerId, id: MemberId) -> Result<Said, Fault> {
    if tx.get(&BINDINGS, who)?.is_some() {
        return Ok(Said::No("bound"));
    }
    if tx.get(&MEMBERS, &id)?.is_some_and(|member| member.account.is_some()) {
        unbind_by_staff(tx, id)?.unwrap();
    }
    let member = tx.get(&MEMBERS, &id)?.unwrap();
    attach(tx, id, member, who)?;
    Ok(Said::Done)
}

fn person(whom: Whom, members: &[MemberId]) -> Person {
    match whom {
        Whom::Member(member) => Person::Member(members[usize::from(member)]),
        Whom::Follower(who) => Person::Follower(follower(who)),
    }
}

/// What is in the store at the end against what the model holds.
async fn compare(place: &Place, model: &Model) -> Result<(), TestCaseError> {
    let (store, at) = (&place.store, place.moment());
    let rows = store.read(at, |tx| Ok(tx.scan(&COUPONS, &(BENEFIT,), None, 1000)?.rows)).await.unwrap();
    let given = rows.iter().filter(|(_, coupon)| coupon.state != CouponState::Left);
    let kept: Vec<Row> = given.map(|(_, coupon)| Row::of(coupon, &place.members)).collect();
    prop_assert_eq!(&kept, &model.rows);
    let live = rows.iter().filter(|(_, coupon)| !coupon.state.is_void());
    let codes: Vec<_> = live.filter_map(|(_, coupon)| coupon.code.clone()).collect();
    prop_assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len(), "one coupon a code");
    let stock = store.read(at, |tx| tx.get(&STOCKS, &BENEFIT)).await.unwrap().unwrap_or_default();
    let counts =
        store.read(at, |tx| Ok(gonghui::domain::benefit::claim::find(tx, BENEFIT)?.map(|f| f.stock.pool)));
    let pool = counts.await.unwrap().unwrap();
    prop_assert_eq!((pool.left, stock.given), model.counts());
    prop_assert_eq!(pool.loaded, pool.left + pool.held + pool.taken + pool.void);
    let audit = consistency::audit(store, at).await.unwrap();
    prop_assert!(audit.benefits == 1 && audit.broken.is_empty(), "{:?}", audit);
    Ok(())
}
