//! Batches against a simple model: whatever is tried, in whatever order and how often, each claim is paid once.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::draft::{Own, tell_account};
use super::payment::{self, BankRow, BatchState, LINES_MAX};
use super::record::*;
use super::review::{self, Refusal, Reviewer};
use super::tests::{a_stay, covered, member};
use super::{money, queue};
use crate::domain::fund::ledger::standing;
use crate::domain::scheme::record::Fen;
use crate::domain::scheme::rules::EventKind;
use crate::domain::tables::PAY_LINES;
use crate::store::Tx;
use crate::store::testing::Bench;

fn named(name: &str) -> Reviewer {
    Reviewer { name: name.to_owned(), member: None, levels: Vec::new() }
}

/// Three people's claims, approved.
fn approved() -> (Bench, Vec<ClaimId>) {
    let mut bench = covered();
    member(&mut bench, "oQiang", "王强", 2);
    member(&mut bench, "oLan", "陈兰", 3);
    let mut claims = Vec::new();
    for (n, who) in ["oMei", "oQiang", "oLan"].into_iter().enumerate() {
        let id = bench.begins(who, EventKind::Inpatient, |details| {
            a_stay(details);
            details.invoices[0].read = false;
        });
        let own = bench.own_of(who, id);
        let their_own = |details: &mut Details| {
            details.invoices[0].number = format!("9{n}");
            details.account.as_mut().unwrap().holder = ["李梅", "王强", "陈兰"][n].to_owned();
        };
        bench.run(|tx| super::draft::tell(tx, &own, their_own)).unwrap().unwrap();
        bench.sends_all(who, id);
        bench.submits(who, id).unwrap();
        bench.run(|tx| review::accept(tx, &named("wang"), id)).unwrap().unwrap();
        for by in ["wang", "li"] {
            bench.run(|tx| review::approve(tx, &named(by), id, "")).unwrap().unwrap();
        }
        claims.push(id);
    }
    (bench, claims)
}

#[derive(Debug, Clone)]
enum Deed {
    Begin(usize),
    Fill,
    Release(usize),
    GiveUp,
    Empty,
    Result(usize, bool),
    Confirm(usize),
    Returned(usize),
    SendBack(usize),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        2 => (0..2_usize).prop_map(Deed::Begin),
        3 => Just(Deed::Fill),
        2 => (0..2_usize).prop_map(Deed::Release),
        1 => Just(Deed::GiveUp),
        1 => Just(Deed::Empty),
        6 => (0..3_usize, any::<bool>()).prop_map(|(n, paid)| Deed::Result(n, paid)),
        2 => (0..3_usize).prop_map(Deed::Confirm),
        1 => (0..3_usize).prop_map(Deed::Returned),
        1 => (0..3_usize).prop_map(Deed::SendBack),
    ]
}

const PAYERS: [&str; 2] = ["feng", "wei"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_claim_is_paid_once_whatever_is_tried(deeds in proptest::collection::vec(deed(), 1..60)) {
        let (mut bench, claims) = approved();
        let mut last = 0;
        // What the model knows: which claims the bank has paid and not sent back.
        let mut paid: BTreeMap<ClaimId, bool> = BTreeMap::new();
        for deed in deeds {
            let number = last;
            match deed {
                Deed::Begin(who) => {
                    if let Ok(begun) = bench.run(|tx| payment::begin(tx, &named(PAYERS[who]), "ningbo")).unwrap() {
                        last = begun;
                    }
                }
                Deed::Fill => drop(bench.run(|tx| payment::fill(tx, number, None)).unwrap()),
                Deed::Release(who) => {
                    let by = named(PAYERS[who]);
                    let made_by = bench.run(|tx| payment::get(tx, number)).unwrap().map(|batch| batch.made_by);
                    let released = bench.run(|tx| payment::release(tx, &by, number)).unwrap();
                    prop_assert!(released.is_err() || made_by.as_deref() != Some(PAYERS[who]));
                }
                Deed::GiveUp => drop(bench.run(|tx| payment::give_up(tx, number)).unwrap()),
                Deed::Empty => drop(bench.run(|tx| payment::empty(tx, &named("feng"), number)).unwrap()),
                Deed::Result(n, is_paid) => {
                    let row = BankRow { claim: claims[n], paid: is_paid, reason: "户名不符".to_owned(), amount: None };
                    let booked = bench.run(|tx| payment::record(tx, "feng", number, &row)).unwrap();
                    if booked == Ok(true) && is_paid {
                        prop_assert_eq!(paid.insert(claims[n], true), None, "paid twice");
                    }
                    // The same file once more changes nothing.
                    if booked.is_ok() {
                        let again = bench.run(|tx| payment::record(tx, "wei", number, &row)).unwrap();
                        prop_assert_eq!(again, Ok(false));
                    }
                }
                Deed::Confirm(n) => {
                    let confirm = |tx: &mut Tx| review::confirm_account(tx, &named("wang"), claims[n], "");
                    let claim = bench.claim_of(claims[n]);
                    if claim.status == Status::PayFailed && claim.account_told.is_none() {
                        prop_assert_eq!(bench.run(confirm).unwrap(), Err(Refusal::SameAccount));
                        let account = claim.details.reveal().account.clone().unwrap();
                        let own = Own { id: claims[n], before: claim };
                        bench.run(|tx| tell_account(tx, &own, &account)).unwrap().unwrap();
                    }
                    drop(bench.run(confirm).unwrap());
                }
                Deed::Returned(n) => {
                    let back = bench.run(|tx| payment::returned(tx, "feng", number, claims[n], "退票")).unwrap();
                    if back.is_ok() {
                        prop_assert_eq!(paid.remove(&claims[n]), Some(true));
                    }
                }
                Deed::SendBack(n) => {
                    drop(bench.run(|tx| review::send_back(tx, &named("zhao"), claims[n], "再核")).unwrap());
                }
            }
            let all: Vec<Claim> = claims.iter().map(|id| bench.claim_of(*id)).collect();
            let book = money::book_of(&all[0]).unwrap();
            let kept = bench.run(|tx| standing(tx, &book)).unwrap();
            prop_assert_eq!(kept.sum(), 0);
            let sum: Fen = claims.iter().zip(&all).filter(|(id, _)| paid.contains_key(id)).filter_map(|(_, claim)| claim.amount).sum();
            prop_assert_eq!(Fen(-kept.bank.0), sum, "what left the bank is what the model paid");
            for (id, claim) in claims.iter().zip(&all) {
                prop_assert_eq!(claim.status == Status::Paid, paid.contains_key(id));
                let lines = bench.run(|tx| tx.scan(&PAY_LINES, &(), None, 1_000)).unwrap().rows;
                let mut open = 0;
                for ((number, of), line) in &lines {
                    let batch = bench.run(|tx| payment::get(tx, *number)).unwrap().unwrap();
                    let under_way = !matches!(batch.state, BatchState::Closed | BatchState::Dropped);
                    open += u32::from(of == id && under_way && line.outcome.is_none());
                }
                prop_assert_eq!(open, u32::from(claim.status == Status::Paying), "one batch at a time");
            }
        }
    }
}

#[test]
fn a_batch_that_broke_off_goes_on_and_leaves_nobody_out() {
    let (mut bench, claims) = approved();
    let number = bench.run(|tx| payment::begin(tx, &named("feng"), "ningbo")).unwrap().unwrap();
    let again = bench.run(|tx| payment::begin(tx, &named("wei"), "ningbo")).unwrap().unwrap();
    assert_eq!(number, again, "the one that is being filled");
    while bench.run(|tx| payment::fill(tx, number, None)).unwrap().unwrap() {}
    let batch = bench.run(|tx| payment::get(tx, number)).unwrap().unwrap();
    assert_eq!((batch.state, batch.count, batch.skipped), (BatchState::Frozen, 3, 0));
    assert!(batch.count < LINES_MAX);
    let paying = queue::Queue::Of(Status::Paying, queue::Order::Age);
    assert_eq!(bench.run(|tx| queue::list(tx, &paying, None, 9)).unwrap().0.len(), claims.len());
}
