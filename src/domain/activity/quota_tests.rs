//! Shares of the seats against what must hold whoever comes in whatever order.

use std::time::Duration;

use proptest::prelude::*;

use super::commands::{Application, Registered, cancel, register};
use super::manage::{ManageRefusal, create, publish};
use super::record::*;
use super::review::{accept, may_decide};
use super::{audit, quota, rules};
use crate::domain::contact::record::FollowerId;
use crate::domain::member::binding::attach;
use crate::domain::member::identity;
use crate::domain::member::list::{Entered, Listed, enter};
use crate::domain::member::record::Tier;
use crate::domain::tables::{CATALOG, MEMBERS, REGISTRATIONS, SESSION_COUNTS, WAITING};
use crate::domain::timers::fire;
use crate::store::testing::Bench;

const CAPACITY: u32 = 7;
const PEOPLE: u8 = 9;

#[derive(Debug, Clone)]
enum Act {
    SignUp { who: u8, companions: u8 },
    Cancel { who: u8 },
}

/// A third are gig workers, a third of 鄞州, the rest nobody in particular.
fn enlist(bench: &mut Bench, n: u8) {
    let body = format!("33029919900101{n:03}");
    let row = Listed {
        name: format!("样例{n}"),
        identity: format!("{body}{}", char::from(identity::check(body.as_bytes()))),
        union: "样例厂工会".to_owned(),
        district: if n % 3 == 1 { "鄞州" } else { "海曙" }.to_owned(),
        tier: Some(if n.is_multiple_of(3) { Tier::Interim } else { Tier::Full }),
        ..Listed::default()
    };
    let entered = bench.run(|tx| enter(tx, &row, false)).unwrap();
    let Entered::Added(id) = entered else { panic!("{entered:?}") };
    bench
        .run(|tx| {
            let member = tx.get(&MEMBERS, &id)?.unwrap();
            attach(tx, id, member, &who(n)).map(drop)
        })
        .unwrap();
}

fn who(n: u8) -> FollowerId {
    FollowerId::new(format!("oFollower{n}"))
}

fn terms() -> Terms {
    let mut terms =
        Terms { party: Party { max_companions: 2, ..Party::default() }, waiting_max: 20, ..sample_terms() };
    terms.sessions[0].capacity = CAPACITY;
    let share = |name: &str, seats, who| Share { name: name.to_owned(), seats, who, new_within_days: 0 };
    let gig = Eligibility { tiers: vec![Tier::Interim], ..Eligibility::default() };
    let district = Eligibility { districts: vec!["鄞州".to_owned()], ..Eligibility::default() };
    let opens = Some(terms.sign_up.opens.plus(Duration::from_secs(3600)));
    terms.settings.quota =
        Some(Quota { shares: vec![share("新就业", 3, gig), share("鄞州", 2, district)], opens });
    terms
}

/// What is kept for others is still there, and nobody waits who could be seated.
fn holds(bench: &mut Bench, id: u32) -> Result<(), TestCaseError> {
    let terms = terms();
    let now = bench.moment.now;
    let count = bench.run(|tx| tx.get(&SESSION_COUNTS, &(id, 1))).unwrap().unwrap_or_default();
    let free = rules::seats_free(CAPACITY, &count);
    let kept = quota::kept_for_others(terms.settings.quota.as_ref(), &count, None, now);
    prop_assert!(free >= kept, "{count:?}");
    let rows = bench.run(|tx| tx.scan(&REGISTRATIONS, &(id, 1u16), None, 500)).unwrap().rows;
    let taken = |share: Option<u8>| -> u32 {
        let of = rows.iter().filter(|(_, row)| row.status.holds_seats() && row.share == share);
        of.map(|(_, row)| u32::from(row.party.seats())).sum()
    };
    prop_assert_eq!([taken(Some(0)), taken(Some(1))], [count.shares[0], count.shares[1]]);
    for (_, waiter) in bench.run(|tx| tx.scan(&WAITING, &(id, 1u16), None, 500)).unwrap().rows {
        let kept = quota::kept_for_others(terms.settings.quota.as_ref(), &count, waiter.share, now);
        prop_assert!(
            u32::from(waiter.seats) > free.saturating_sub(kept),
            "{waiter:?} could be seated: {count:?}"
        );
    }
    let broken = bench.run(|tx| audit::whole(tx, id)).unwrap();
    prop_assert!(broken.is_empty(), "{broken:?}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn what_is_for_others_is_kept_until_it_opens_and_then_goes_to_who_waits(
        acts in prop::collection::vec(prop_oneof![
            3 => (0..PEOPLE, 0u8..=2).prop_map(|(who, companions)| Act::SignUp { who, companions }),
            1 => (0..PEOPLE).prop_map(|who| Act::Cancel { who }),
        ], 1..24)
    ) {
        let mut bench = Bench::new(CATALOG);
        bench.moment.now = terms().sign_up.opens;
        for n in 0..PEOPLE {
            enlist(&mut bench, n);
        }
        let id = bench.run(|tx| create(tx, terms())).unwrap().id;
        bench.run(|tx| publish(tx, id)).unwrap().unwrap();
        for act in acts {
            match act {
                Act::SignUp { who: n, companions } => {
                    let party = Companions { companions, ..Companions::default() };
                    let application = Application { activity: id, session: 1, party, ..Application::default() };
                    _ = bench.run(|tx| register(tx, &who(n), &application)).unwrap();
                }
                Act::Cancel { who: n } => {
                    let held = bench.run(|tx| super::holder::live_registration(tx, &who(n), id, 1)).unwrap();
                    if let Some(held) = held {
                        bench.run(|tx| cancel(tx, &who(n), held.number)).unwrap().unwrap();
                    }
                }
            }
            holds(&mut bench, id)?;
        }
        bench.moment.now = terms().settings.quota.unwrap().opens.unwrap();
        while bench.run(fire).unwrap() {}
        holds(&mut bench, id)?;
    }
}

#[test]
fn who_comes_while_opened_seats_settle_has_what_those_who_waited_left() {
    let mut bench = Bench::new(CATALOG);
    bench.moment.now = terms().sign_up.opens;
    let id = bench.run(|tx| create(tx, terms())).unwrap().id;
    bench.run(|tx| publish(tx, id)).unwrap().unwrap();
    let sign_up = |bench: &mut Bench, n: u8, companions: u8| {
        let party = Companions { companions, ..Companions::default() };
        let application = Application { activity: id, session: 1, party, ..Application::default() };
        bench.run(|tx| register(tx, &who(n), &application)).unwrap().unwrap()
    };
    for n in 0..PEOPLE {
        enlist(&mut bench, n);
    }
    for (n, companions) in [(0, 2), (1, 0), (2, 1), (5, 2)] {
        sign_up(&mut bench, n, companions);
    }
    // One seat is free and kept for 鄞州; the party of three that waits is too large for it.
    bench.moment.now = terms().settings.quota.unwrap().opens.unwrap();
    while bench.run(fire).unwrap() {}
    bench.moment.now = bench.moment.now.plus(Duration::from_secs(30));
    let said = sign_up(&mut bench, 8, 0);
    assert!(matches!(said, Registered::Waiting { position: 2, .. }), "{said:?}");
    bench.moment.now = bench.moment.now.plus(Duration::from_secs(30));
    while bench.run(fire).unwrap() {}
    let held = bench.run(|tx| super::holder::live_registration(tx, &who(8), id, 1)).unwrap().unwrap();
    assert_eq!(held.status, Status::Confirmed, "or the seat would stay empty, or go to who comes later");
    holds(&mut bench, id).unwrap();
}

#[test]
fn staff_accept_within_the_shares_until_they_open() {
    let mut bench = Bench::new(CATALOG);
    let terms = Terms { mode: Mode::Review, ..terms() };
    bench.moment.now = terms.sign_up.opens;
    let opens = terms.settings.quota.as_ref().unwrap().opens.unwrap();
    let id = bench.run(|tx| create(tx, terms.clone())).unwrap().id;
    bench.run(|tx| publish(tx, id)).unwrap().unwrap();
    for n in 0..PEOPLE {
        enlist(&mut bench, n);
        let application = Application { activity: id, session: 1, ..Application::default() };
        bench.run(|tx| register(tx, &who(n), &application)).unwrap().unwrap();
    }
    let number = |n: u8| RegistrationNumber { activity: id, session: 1, number: u32::from(n) + 1 };
    let may = |bench: &mut Bench, people: &[u8]| {
        let accept: Vec<_> = people.iter().map(|n| number(*n)).collect();
        bench.run(|tx| may_decide(tx, &accept, &[])).unwrap()
    };
    // Two seats are in no share; 2, 5 and 8 count in none.
    let no_room = ManageRefusal::NoRoom { number: number(8).to_string(), seats: 1, left: 0, kept: 5 };
    assert_eq!(may(&mut bench, &[2, 5, 8]), Err(no_room));
    assert_eq!(may(&mut bench, &[2, 5, 0, 3, 6, 1, 4]), Ok(()));
    for n in [0, 2, 5] {
        bench.run(|tx| accept(tx, number(n))).unwrap();
    }
    let no_room = ManageRefusal::NoRoom { number: number(8).to_string(), seats: 1, left: 0, kept: 4 };
    assert_eq!(may(&mut bench, &[8]), Err(no_room), "a share keeps what it has not used");
    assert_eq!(may(&mut bench, &[3, 6, 1, 4]), Ok(()));
    bench.moment.now = opens;
    assert_eq!(may(&mut bench, &[8, 3, 6, 1]), Ok(()));
}
