//! Batches against a simple model: whatever is tried, in whatever order and how often, each claim is paid once.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::date;
use proptest::prelude::*;

use super::draft::{Own, tell_account, withdraw};
use super::news::News;
use super::payment::{self, BankResult, BankRow, BatchState, LINES_MAX, Recorded};
use super::record::*;
use super::review::{self, Refusal, Reviewer};
use super::rules::Act;
use super::tests::{a_stay, covered, member};
use super::{account, audit, judge, money, moves, queue, recover, sample};
use crate::domain::fund::ledger::standing;
use crate::domain::member::standing::{Person, account_of};
use crate::domain::scheme::commands::adopt;
use crate::domain::scheme::file::{EMBEDDED, read};
use crate::domain::scheme::record::{Cap, Fen, Scope};
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
    /// What the bank says of a claim; of the batch before the last, if so.
    Result(usize, BankResult, bool),
    Recall(usize),
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
        6 => (0..3_usize, result(), any::<bool>()).prop_map(|(n, told, older)| Deed::Result(n, told, older)),
        1 => (0..2_usize).prop_map(Deed::Recall),
        2 => (0..3_usize).prop_map(Deed::Confirm),
        1 => (0..3_usize).prop_map(Deed::Returned),
        1 => (0..3_usize).prop_map(Deed::SendBack),
    ]
}

fn result() -> impl Strategy<Value = BankResult> {
    prop_oneof![Just(BankResult::Paid), Just(BankResult::Failed), Just(BankResult::NotMade)]
}

fn fill(bench: &mut Bench, number: u64) -> bool {
    let Some(batch) = bench.run(|tx| payment::get(tx, number)).unwrap() else { return false };
    bench.run(|tx| payment::fill(tx, number, &named(&batch.made_by))).unwrap().unwrap()
}

const PAYERS: [&str; 2] = ["feng", "wei"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_claim_is_paid_once_whatever_is_tried(deeds in proptest::collection::vec(deed(), 1..60)) {
        let (mut bench, claims) = approved();
        let mut last = 0;
        // What the model knows: of which batches the bank has paid a claim and not sent it back.
        let mut paid: BTreeMap<ClaimId, BTreeSet<u64>> = BTreeMap::new();
        for deed in deeds {
            let number = last;
            match deed {
                Deed::Begin(who) => {
                    if let Ok(begun) = bench.run(|tx| payment::begin(tx, &named(PAYERS[who]), "ningbo")).unwrap() {
                        last = begun;
                    }
                }
                Deed::Fill => drop(fill(&mut bench, number)),
                Deed::Release(who) => {
                    let by = named(PAYERS[who]);
                    let made_by = bench.run(|tx| payment::get(tx, number)).unwrap().map(|batch| batch.made_by);
                    let released = bench.run(|tx| payment::release(tx, &by, number)).unwrap();
                    prop_assert!(released.is_err() || made_by.as_deref() != Some(PAYERS[who]));
                }
                Deed::GiveUp => drop(bench.run(|tx| payment::give_up(tx, number)).unwrap()),
                Deed::Empty => drop(bench.run(|tx| payment::empty(tx, &named("feng"), number)).unwrap()),
                Deed::Recall(who) => {
                    let by = named(PAYERS[who]);
                    if bench.run(|tx| payment::recall(tx, &by, number)).unwrap() == Ok(true) {
                        bench.run(|tx| payment::recall_some(tx, &by, number, None)).unwrap().unwrap();
                    }
                }
                Deed::Result(n, result, older) => {
                    let number = if older { number.saturating_sub(1) } else { number };
                    let reason = "户名不符".to_owned();
                    let row = BankRow { reason, batch: Some(number), ..row(claims[n], result) };
                    let booked = bench.run(|tx| payment::record(tx, &named("feng"), number, &row)).unwrap();
                    let is_new = matches!(booked, Ok(Recorded::Booked | Recorded::Astray));
                    if is_new && result == BankResult::Paid {
                        prop_assert!(paid.entry(claims[n]).or_default().insert(number), "paid twice");
                    }
                    // The same file once more changes nothing.
                    if booked.is_ok() {
                        let again = bench.run(|tx| payment::record(tx, &named("wei"), number, &row)).unwrap();
                        prop_assert_eq!(again, Ok(Recorded::Known));
                    }
                }
                Deed::Confirm(n) => {
                    let confirm = |tx: &mut Tx| account::confirm(tx, &named("wang"), claims[n], "");
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
                    let back = bench.run(|tx| payment::returned(tx, &named("feng"), number, claims[n], "退票")).unwrap();
                    if back.is_ok() {
                        prop_assert!(paid.entry(claims[n]).or_default().remove(&number));
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
            let times = |id: &ClaimId| paid.get(id).map_or(0, BTreeSet::len);
            let payments = claims.iter().zip(&all).flat_map(|(id, claim)| vec![claim.amount.unwrap_or_default(); times(id)]);
            prop_assert_eq!(Fen(-kept.bank.0), payments.sum::<Fen>(), "what left the bank is what the model paid");
            let broken = bench.run(|tx| Ok((audit::claims(tx, None)?.0, audit::entries(tx, None)?.0))).unwrap();
            prop_assert_eq!(broken, (Vec::<String>::new(), Vec::<String>::new()));
            for (id, claim) in claims.iter().zip(&all) {
                prop_assert_eq!(usize::from(claim.status == Status::Paid) + claim.astray.len(), times(id));
                let is_owed = matches!(claim.status, Status::Approved | Status::PayFailed);
                prop_assert!(claim.astray.is_empty() || !is_owed, "what it is owed was paid");
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
    let again = bench.run(|tx| payment::begin(tx, &named("feng"), "ningbo")).unwrap().unwrap();
    assert_eq!(number, again, "the one that is being filled");
    let by_another = bench.run(|tx| payment::begin(tx, &named("wei"), "ningbo")).unwrap();
    assert_eq!(by_another, Err(payment::Refusal::OneIsOpen(number)), "whose own claims were not left out");
    while fill(&mut bench, number) {}
    let batch = bench.run(|tx| payment::get(tx, number)).unwrap().unwrap();
    assert_eq!((batch.state, batch.count, batch.skipped), (BatchState::Frozen, 3, 0));
    assert!(batch.count < LINES_MAX);
    let paying = queue::Queue::Of(Status::Paying, queue::Order::Age);
    assert_eq!(bench.run(|tx| queue::list(tx, &paying, None, 9)).unwrap().0.len(), claims.len());
}

/// A batch of the three, released.
pub(super) fn released() -> (Bench, Vec<ClaimId>, u64) {
    let (mut bench, claims) = approved();
    let number = bench.run(|tx| payment::begin(tx, &named("feng"), "ningbo")).unwrap().unwrap();
    while fill(&mut bench, number) {}
    bench.run(|tx| payment::release(tx, &named("wei"), number)).unwrap().unwrap();
    (bench, claims, number)
}

pub(super) fn row(claim: ClaimId, result: BankResult) -> BankRow {
    BankRow { claim, result, arrived: false, reason: String::new(), amount: None, batch: None }
}

#[test]
fn who_approved_or_claims_neither_releases_nor_tells_what_became_of_it() {
    let (mut bench, claims) = approved();
    let number = bench.run(|tx| payment::begin(tx, &named("feng"), "ningbo")).unwrap().unwrap();
    while fill(&mut bench, number) {}
    let claimant = Reviewer { member: Some(bench.claim_of(claims[1]).claimant), ..named("wei") };
    for who in [named("wang"), claimant.clone()] {
        let released = bench.run(|tx| payment::release(tx, &who, number)).unwrap();
        assert_eq!(released, Err(payment::Refusal::OwnPart), "{}", who.name);
    }
    bench.run(|tx| payment::release(tx, &named("wei"), number)).unwrap().unwrap();
    let mut paid = |who: &Reviewer, at: usize| {
        bench.run(|tx| payment::record(tx, who, number, &row(claims[at], BankResult::Paid))).unwrap()
    };
    assert_eq!(paid(&claimant, 1), Err(payment::Refusal::OwnPart));
    assert_eq!(paid(&named("li"), 0), Err(payment::Refusal::OwnPart), "an approver");
    assert_eq!(paid(&claimant, 0), Ok(Recorded::Booked));
    let back = bench.run(|tx| payment::returned(tx, &named("wang"), number, claims[0], "退票")).unwrap();
    assert_eq!(back, Err(payment::Refusal::OwnPart));
}

#[test]
fn an_older_file_does_not_pay_again_what_came_back() {
    let (mut bench, claims, number) = released();
    let id = claims[0];
    let paid = row(id, BankResult::Paid);
    let told = |bench: &mut Bench, row: &BankRow| {
        bench.run(|tx| payment::record(tx, &named("feng"), number, row)).unwrap()
    };
    told(&mut bench, &paid).unwrap();
    bench.run(|tx| payment::returned(tx, &named("feng"), number, id, "账户已销户")).unwrap().unwrap();
    assert_eq!(told(&mut bench, &paid), Err(payment::Refusal::CameBack));
    assert_eq!(bench.claim_of(id).status, Status::PayFailed, "nobody has the money");
    let arrived = BankRow { arrived: true, ..paid };
    assert_eq!(told(&mut bench, &arrived), Ok(Recorded::Booked), "who was wrong about it says so");
    assert_eq!(bench.claim_of(id).status, Status::Paid);
}

#[test]
fn what_is_said_to_have_failed_and_was_paid_after_all_is_paid_once() {
    let (mut bench, claims, number) = released();
    let mut told = |number, at: usize, result| {
        bench.run(|tx| payment::record(tx, &named("feng"), number, &row(claims[at], result))).unwrap()
    };
    assert_eq!(told(number, 0, BankResult::Failed), Ok(Recorded::Booked));
    assert_eq!(told(number, 1, BankResult::NotMade), Ok(Recorded::Booked));
    assert_eq!(told(number, 2, BankResult::Failed), Ok(Recorded::Booked));
    assert_eq!(told(number, 0, BankResult::NotMade), Err(payment::Refusal::Changed));
    assert_eq!(told(number, 0, BankResult::Paid), Ok(Recorded::Booked));
    assert_eq!(bench.claim_of(claims[0]).status, Status::Paid);
    // The next batch has the second by now, and isn't released: it is taken out of it.
    let next = bench.run(|tx| payment::begin(tx, &named("feng"), "ningbo")).unwrap().unwrap();
    while fill(&mut bench, next) {}
    let row = row(claims[1], BankResult::Paid);
    let late = bench.run(|tx| payment::record(tx, &named("feng"), number, &row)).unwrap();
    assert_eq!(late, Ok(Recorded::Booked));
    let emptied = bench.run(|tx| payment::get(tx, next)).unwrap().unwrap();
    assert_eq!((emptied.state, emptied.count), (BatchState::Dropped, 0));
    let batch = bench.run(|tx| payment::get(tx, number)).unwrap().unwrap();
    assert_eq!((batch.paid, batch.failed, batch.not_made), (2, 1, 0));
    assert_eq!(bench.claim_of(claims[1]).status, Status::Paid);
}

/// The first of three, which the bank said it hadn't made, paid by it after all when the claim had moved on.
fn paid_astray(moved_on: impl Fn(&mut Bench, ClaimId)) -> (Bench, ClaimId, u64) {
    let (mut bench, claims, number) = released();
    let id = claims[0];
    let told = |bench: &mut Bench, result| {
        bench.run(|tx| payment::record(tx, &named("feng"), number, &row(id, result))).unwrap()
    };
    assert_eq!(told(&mut bench, BankResult::NotMade), Ok(Recorded::Booked));
    for other in &claims[1..] {
        let row = row(*other, BankResult::Paid);
        bench.run(|tx| payment::record(tx, &named("feng"), number, &row)).unwrap().unwrap();
    }
    moved_on(&mut bench, id);
    assert_eq!(told(&mut bench, BankResult::Paid), Ok(Recorded::Astray));
    (bench, id, number)
}

pub(super) fn bank_and_owed(bench: &mut Bench, id: ClaimId) -> (Fen, Fen) {
    let book = money::book_of(&bench.claim_of(id)).unwrap();
    let kept = bench.run(|tx| standing(tx, &book)).unwrap();
    (kept.bank, Fen(-kept.payable.0))
}

fn sent_back(bench: &mut Bench, id: ClaimId) {
    bench.run(|tx| review::send_back(tx, &named("zhao"), id, "再核")).unwrap().unwrap();
}

/// How many claims the next batch has, and leaves out.
fn next_batch(bench: &mut Bench) -> (u32, u32) {
    let next = bench.run(|tx| payment::begin(tx, &named("feng"), "ningbo")).unwrap().unwrap();
    while fill(bench, next) {}
    let batch = bench.run(|tx| payment::get(tx, next)).unwrap().unwrap();
    (batch.count, batch.skipped)
}

#[test]
fn a_payment_that_went_astray_is_booked_and_settles_the_claim_once_it_is_owed() {
    let (mut bench, id, number) = paid_astray(sent_back);
    let sum = bench.claim_of(id).amount.unwrap();
    assert_eq!(bank_and_owed(&mut bench, id), (Fen(-3 * sum.0), Fen(-sum.0)), "paid, and owed nothing yet");
    bench.run(|tx| review::approve(tx, &named("wang"), id, "")).unwrap().unwrap();
    bench.run(|tx| review::approve(tx, &named("li"), id, "")).unwrap().unwrap();
    let claim = bench.claim_of(id);
    assert_eq!((claim.status, claim.batch, claim.astray.len()), (Status::Paid, Some(number), 0));
    assert_eq!(bank_and_owed(&mut bench, id), (Fen(-3 * sum.0), Fen::ZERO));
    // And the bank may send it back like any other.
    bench.run(|tx| payment::returned(tx, &named("feng"), number, id, "退票")).unwrap().unwrap();
    assert_eq!(bank_and_owed(&mut bench, id), (Fen(-2 * sum.0), sum));
}

#[test]
fn a_claim_that_was_paid_astray_is_in_no_batch_until_the_money_is_back() {
    let (mut bench, id, number) = paid_astray(sent_back);
    let less = |tx: &mut Tx| review::adjust(tx, &named("sun"), id, (Fen(-100), None), "结算单更正");
    bench.run(less).unwrap().unwrap();
    for by in ["wang", "li"] {
        bench.run(|tx| review::approve(tx, &named(by), id, "")).unwrap().unwrap();
    }
    let claim = bench.claim_of(id);
    assert_eq!((claim.status, claim.astray.len()), (Status::Approved, 1), "another sum than was paid");
    assert_eq!(next_batch(&mut bench), (0, 1));
    bench.run(|tx| payment::returned(tx, &named("feng"), number, id, "已退回")).unwrap().unwrap();
    let batch = bench.run(|tx| payment::get(tx, number)).unwrap().unwrap();
    assert_eq!((batch.paid, batch.failed, batch.not_made), (2, 1, 0));
    assert_eq!(next_batch(&mut bench), (1, 0));
}

#[test]
fn who_is_paid_by_two_batches_has_one_of_them_astray() {
    let (mut bench, id, number) = paid_astray(|bench, _| {
        let next = bench.run(|tx| payment::begin(tx, &named("feng"), "ningbo")).unwrap().unwrap();
        while fill(bench, next) {}
        bench.run(|tx| payment::release(tx, &named("wei"), next)).unwrap().unwrap();
    });
    let sum = bench.claim_of(id).amount.unwrap();
    let paid = row(id, BankResult::Paid);
    let told = bench.run(|tx| payment::record(tx, &named("feng"), number + 1, &paid)).unwrap();
    assert_eq!(told, Ok(Recorded::Booked));
    let claim = bench.claim_of(id);
    assert_eq!((claim.status, claim.batch), (Status::Paid, Some(number + 1)));
    assert_eq!(
        bank_and_owed(&mut bench, id),
        (Fen(-4 * sum.0), Fen(-sum.0)),
        "too much, and the books say so"
    );
    bench.run(|tx| payment::returned(tx, &named("feng"), number, id, "已退回")).unwrap().unwrap();
    let claim = bench.claim_of(id);
    assert_eq!((claim.status, claim.batch), (Status::Paid, Some(number + 1)), "by the second");
    assert_eq!(bank_and_owed(&mut bench, id), (Fen(-3 * sum.0), Fen::ZERO));
}

#[test]
fn a_second_look_that_differs_takes_a_claim_out_of_a_batch_that_was_not_released() {
    let (mut bench, claims) = approved();
    for id in &claims {
        let before = bench.claim_of(*id);
        let drawn = Claim { sampled: true, ..before.clone() };
        bench.run(|tx| queue::save(tx, *id, Some(&before), &drawn)).unwrap();
    }
    let number = bench.run(|tx| payment::begin(tx, &named("feng"), "ningbo")).unwrap().unwrap();
    while fill(&mut bench, number) {}
    let differs = |tx: &mut Tx| sample::look_again(tx, &named("zhao"), claims[0], false, "金额对不上");
    bench.run(differs).unwrap().unwrap();
    assert_eq!(bench.claim_of(claims[0]).status, Status::Accepted);
    let batch = bench.run(|tx| payment::get(tx, number)).unwrap().unwrap();
    assert_eq!((batch.state, batch.count), (BatchState::Frozen, 2));
    let lines = bench.run(|tx| payment::lines(tx, number, None, 9)).unwrap().0;
    assert!(lines.iter().all(|(id, _)| *id != claims[0]));
    bench.run(|tx| payment::release(tx, &named("wei"), number)).unwrap().unwrap();
    let late = |tx: &mut Tx| sample::look_again(tx, &named("zhao"), claims[1], false, "金额对不上");
    bench.run(late).unwrap().unwrap();
    assert_eq!(bench.claim_of(claims[1]).status, Status::Paying, "the bank may have it");
}

#[test]
fn what_a_second_look_differs_on_is_in_no_later_batch_until_that_is_settled() {
    let (mut bench, claims, number) = released();
    let id = claims[0];
    let before = bench.claim_of(id);
    let drawn = Claim { sampled: true, flags: vec![Flag::Sampled], ..before.clone() };
    bench.run(|tx| queue::save(tx, id, Some(&before), &drawn)).unwrap();
    let looks = |bench: &mut Bench, agrees| {
        let look = |tx: &mut Tx| sample::look_again(tx, &named("zhao"), id, agrees, "金额对不上");
        bench.run(look).unwrap().unwrap();
    };
    looks(&mut bench, false);
    for (of, result) in claims.iter().zip([BankResult::NotMade, BankResult::Paid, BankResult::Paid]) {
        bench.run(|tx| payment::record(tx, &named("feng"), number, &row(*of, result))).unwrap().unwrap();
    }
    assert_eq!(bench.claim_of(id).status, Status::Approved);
    assert_eq!(next_batch(&mut bench), (0, 1), "somebody says that it isn't owed");
    looks(&mut bench, true);
    assert_eq!(next_batch(&mut bench), (1, 0));
}

#[test]
fn papers_of_what_was_paid_astray_are_no_other_claims_until_the_money_is_back() {
    let (mut bench, id, number) = paid_astray(|bench, id| {
        sent_back(bench, id);
        let own = bench.own_of("oMei", id);
        bench.run(|tx| withdraw(tx, &own)).unwrap().unwrap();
    });
    let again = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.invoices[0].number = "90".to_owned();
    });
    bench.sends_all("oMei", again);
    let claim = bench.submits("oMei", again).unwrap();
    let flag = Flag::SamePaper { what: Paper::Invoice, other: id };
    assert!(claim.held.is_some() && claim.flags.contains(&flag), "{:?}", claim.flags);
    let let_go = |bench: &mut Bench| {
        bench.run(|tx| review::unhold(tx, &named("wang"), again, "前一笔已退回")).unwrap()
    };
    assert_eq!(let_go(&mut bench), Err(Refusal::FirstOpen(id)), "it was paid for them");
    bench.run(|tx| payment::returned(tx, &named("feng"), number, id, "已退回")).unwrap().unwrap();
    let_go(&mut bench).unwrap();
}

#[test]
fn what_was_paid_too_much_comes_back_in_part_and_then_the_whole_by_two_people() {
    let (mut bench, claims, number) = released();
    let id = claims[0];
    bench.run(|tx| payment::record(tx, &named("feng"), number, &row(id, BankResult::Paid))).unwrap().unwrap();
    let sum = bench.claim_of(id).amount.unwrap();
    let mut asks = |by: &str, amount: Option<Fen>| {
        bench.run(|tx| {
            let what = (Proposed::Recovery, amount);
            recover::propose(tx, &named(by), id, what, "结算单更正", "多付部分已退回")
        })
    };
    assert_eq!(asks("wang", None).unwrap(), Err(Refusal::ApprovedAlready));
    assert_eq!(asks("feng", Some(sum.plus(Fen(1)))).unwrap(), Err(Refusal::TooMuch(sum)));
    asks("feng", Some(Fen::yuan(500))).unwrap().unwrap();
    let agrees = |bench: &mut Bench, by: &str, amount: Fen| {
        bench.run(|tx| recover::confirm(tx, &named(by), id, amount)).unwrap()
    };
    assert_eq!(agrees(&mut bench, "feng", Fen::yuan(500)), Err(Refusal::ProposedYourself));
    assert_eq!(agrees(&mut bench, "li", Fen::yuan(500)), Err(Refusal::ApprovedAlready));
    assert_eq!(agrees(&mut bench, "wei", Fen::yuan(600)), Err(Refusal::OtherAmount(Fen::yuan(500))));
    agrees(&mut bench, "wei", Fen::yuan(500)).unwrap();
    let claim = bench.claim_of(id);
    assert_eq!((claim.status, claim.recovered), (Status::Paid, Fen::yuan(500)));
    let book = money::book_of(&claim).unwrap();
    let bank = |bench: &mut Bench| bench.run(|tx| standing(tx, &book)).unwrap().bank;
    assert_eq!(bank(&mut bench), Fen::yuan(500).minus(sum));
    assert_eq!(agrees(&mut bench, "wei", Fen::yuan(500)), Err(Refusal::NotProposed), "once");
    let rest =
        |tx: &mut Tx| recover::propose(tx, &named("wei"), id, (Proposed::Recovery, None), "票据系伪造", "");
    bench.run(rest).unwrap().unwrap();
    agrees(&mut bench, "feng", sum.minus(Fen::yuan(500))).unwrap();
    assert_eq!(bank(&mut bench), Fen::ZERO);
    let claim = bench.claim_of(id);
    assert_eq!(
        (claim.status, claim.status.holds_papers()),
        (Status::Reversed, false),
        "it may be claimed anew"
    );
}

#[test]
fn who_is_claimed_back_from_for_false_papers_is_excluded_and_may_appeal_and_be_paid_anew() {
    let (mut bench, claims, number) = released();
    let id = claims[0];
    for claim in &claims {
        let paid = row(*claim, BankResult::Paid);
        bench.run(|tx| payment::record(tx, &named("feng"), number, &paid)).unwrap().unwrap();
    }
    let before = bank_and_owed(&mut bench, id);
    let (sum, person) = (bench.claim_of(id).amount.unwrap(), bench.claim_of(id).insured.unwrap());
    let excluded = |bench: &mut Bench| {
        let found = bench.run(|tx| judge::exclusion(tx, &person, tx.moment().now.date()));
        found.unwrap().map(|found| found.until)
    };
    let whole = |bench: &mut Bench| {
        bench.run(|tx| audit::claims(tx, None)).unwrap().0.is_empty()
            && bench.run(|tx| audit::entries(tx, None)).unwrap().0.is_empty()
    };

    let asks =
        |tx: &mut Tx| recover::propose_with_exclusion(tx, &named("feng"), id, "票据系伪造", "票据系伪造");
    bench.run(asks).unwrap().unwrap();
    assert_eq!(excluded(&mut bench), None, "one person alone excludes nobody");
    bench.run(|tx| recover::confirm(tx, &named("wei"), id, sum)).unwrap().unwrap();
    let until = excluded(&mut bench);
    assert!(until.is_some() && whole(&mut bench));
    assert_eq!(bank_and_owed(&mut bench, id), before, "no money is back yet");
    assert_eq!(bench.run(asks).unwrap(), Err(Refusal::FoundAlready));

    bench.time_goes(5 * moves::DAY);
    let back =
        |tx: &mut Tx| recover::propose(tx, &named("feng"), id, (Proposed::Recovery, None), "已退回", "");
    bench.run(back).unwrap().unwrap();
    bench.run(|tx| recover::confirm(tx, &named("wei"), id, sum)).unwrap().unwrap();
    assert_eq!((bench.claim_of(id).status, excluded(&mut bench)), (Status::Reversed, until));
    let own = Own { id, before: bench.claim_of(id) };
    bench.run(|tx| super::draft::appeal(tx, &own, "票据是真的")).unwrap().unwrap();
    assert_eq!((bench.claim_of(id).status, excluded(&mut bench)), (Status::Submitted, None));
    assert!(whole(&mut bench));
    for by in ["feng", "wei"] {
        let taken = bench.run(|tx| review::take(tx, &named(by), id)).unwrap();
        assert_eq!(taken, Err(Refusal::RefusedBefore), "{by} claimed it back");
    }

    // In vain, it is as it was; granted by a later look, it is paid anew.
    bench.run(|tx| review::accept(tx, &named("zhao"), id)).unwrap().unwrap();
    let no =
        |tx: &mut Tx| super::refuse::reject(tx, &named("zhao"), id, "false_papers", "医院无此票据", true);
    bench.run(no).unwrap().unwrap();
    assert_eq!(excluded(&mut bench), until, "an appeal doesn't put off its end");
    assert!(whole(&mut bench));
    bench.run(|tx| review::reopen(tx, &named("qian"), id, "医院更正")).unwrap().unwrap();
    for by in ["qian", "sun"] {
        bench.run(|tx| review::approve(tx, &named(by), id, "")).unwrap().unwrap();
    }
    assert_eq!(excluded(&mut bench), None);
    let next = bench.run(|tx| payment::begin(tx, &named("feng"), "ningbo")).unwrap().unwrap();
    while fill(&mut bench, next) {}
    bench.run(|tx| payment::release(tx, &named("wei"), next)).unwrap().unwrap();
    bench.run(|tx| payment::record(tx, &named("feng"), next, &row(id, BankResult::Paid))).unwrap().unwrap();
    assert_eq!(bench.claim_of(id).status, Status::Paid);
    assert!(whole(&mut bench));
    assert_eq!(bank_and_owed(&mut bench, id), before, "paid, claimed back, and paid anew");
}

#[test]
fn staff_enter_an_account_for_who_cannot_and_another_confirms_it_and_pays_it_not() {
    let (mut bench, claims, number) = released();
    for id in &claims {
        let failed = row(*id, BankResult::Failed);
        bench.run(|tx| payment::record(tx, &named("feng"), number, &failed)).unwrap().unwrap();
    }
    bench.time_goes(std::time::Duration::from_secs(60));
    let heirs = BankAccount {
        holder: "李小梅".to_owned(),
        number: "6222029999999999".to_owned(),
        bank: "宁波银行".to_owned(),
    };
    bench.run(|tx| account::enter(tx, &named("sun"), claims[0], &heirs, "参保人去世")).unwrap().unwrap();
    let confirm = |bench: &mut Bench, by: &str, id, why: &str| {
        bench.run(|tx| account::confirm(tx, &named(by), id, why)).unwrap()
    };
    assert_eq!(confirm(&mut bench, "sun", claims[0], "继承人"), Err(Refusal::OwnEntry));
    assert!(matches!(confirm(&mut bench, "zhao", claims[0], ""), Err(Refusal::ReasonNeeded(_))));
    confirm(&mut bench, "zhao", claims[0], "继承人").unwrap();
    assert_eq!(confirm(&mut bench, "zhao", claims[1], ""), Err(Refusal::SameAccount));
    confirm(&mut bench, "zhao", claims[1], "银行答复账号无误，系统故障").unwrap();
    let next = bench.run(|tx| payment::begin(tx, &named("zhao"), "ningbo")).unwrap().unwrap();
    while fill(&mut bench, next) {}
    let batch = bench.run(|tx| payment::get(tx, next)).unwrap().unwrap();
    assert_eq!((batch.count, batch.skipped), (0, 2), "who confirmed it doesn't pay it");
    // The third can't be paid to anybody.
    let gone = claims[2];
    let sum = bench.claim_of(gone).amount.unwrap();
    let ask = |tx: &mut Tx| {
        recover::propose(tx, &named("feng"), gone, (Proposed::WriteOff, None), "多次联系不上", "")
    };
    bench.run(ask).unwrap().unwrap();
    bench.run(|tx| recover::confirm(tx, &named("wei"), gone, sum)).unwrap().unwrap();
    let claim = bench.claim_of(gone);
    assert_eq!((claim.status, claim.granted), (Status::WrittenOff, None));
    let book = money::book_of(&claim).unwrap();
    assert_eq!(
        bench.run(|tx| standing(tx, &book)).unwrap().payable,
        Fen(-2 * sum.0),
        "the two others are owed"
    );
}

#[test]
fn who_tells_no_other_account_is_reminded_until_they_do() {
    let (mut bench, claims, number) = released();
    let failed = row(claims[0], BankResult::Failed);
    bench.run(|tx| payment::record(tx, &named("feng"), number, &failed)).unwrap().unwrap();
    let told = |bench: &mut Bench| {
        let news = bench.told();
        news.iter().filter(|news| news.claim() == claims[0] && news.name() == "claim_moved").count()
    };
    let first = told(&mut bench);
    let claimant = Person::Member(bench.claim_of(claims[0]).claimant);
    let account = bench.run(|tx| account_of(tx, &claimant)).unwrap().unwrap();
    bench.run(|tx| crate::domain::outbox::commands::take(tx, &account, 100)).unwrap();
    bench.time_goes(8 * moves::DAY);
    assert_eq!(told(&mut bench), first + 1);
    let claim = bench.claim_of(claims[0]);
    let same = claim.details.reveal().account.clone().unwrap();
    let own = Own { id: claims[0], before: claim };
    bench.run(|tx| tell_account(tx, &own, &same)).unwrap().unwrap();
    bench.time_goes(30 * moves::DAY);
    assert_eq!(told(&mut bench), first + 1, "it is for staff to confirm now");
}

#[test]
fn what_came_back_uses_up_no_cap_and_its_claimant_is_told() {
    let mut bench = covered();
    let ningbo = EMBEDDED.iter().find(|(name, _)| name.contains("ningbo")).unwrap().1;
    let mut capped = read("capped", ningbo).unwrap();
    (capped.version, capped.in_force.from, capped.in_force.backdated) = (2026, date(2026, 10, 1), true);
    let programme = capped.programmes.iter_mut().find(|one| one.key == "inpatient_active").unwrap();
    programme.benefits[0].caps = vec![Cap { per: Scope::Period, amount: Fen::yuan(2_000) }];
    bench.run(|tx| adopt(tx, std::slice::from_ref(&capped))).unwrap().unwrap();
    let first = bench.begins("oMei", EventKind::Inpatient, a_stay);
    bench.sends_all("oMei", first);
    assert_eq!(bench.submits("oMei", first).unwrap().amount, Some(Fen::yuan(1_800)));
    bench.staff(first, Act::Pay).unwrap();
    bench.staff(first, Act::Settle).unwrap();
    let second = bench.begins("oMei", EventKind::Inpatient, |details| {
        a_stay(details);
        details.facts.admitted = Some(date(2026, 11, 2));
        details.facts.discharged = Some(date(2026, 11, 6));
        details.invoices[0].number = "0012345690".to_owned();
    });
    let left = |bench: &mut Bench| {
        let claim = bench.claim_of(second);
        bench.run(|tx| judge::estimate(tx, second, &claim)).unwrap().unwrap().total
    };
    assert_eq!(left(&mut bench), Fen::yuan(200), "of the year's 2,000");
    let part = (Proposed::Recovery, Some(Fen::yuan(500)));
    bench.run(|tx| recover::propose(tx, &named("feng"), first, part, "结算单更正", "")).unwrap().unwrap();
    bench.run(|tx| recover::confirm(tx, &named("wei"), first, Fen::yuan(500))).unwrap().unwrap();
    assert_eq!(left(&mut bench), Fen::yuan(700), "500 came back");
    let number = bench.claim_of(first).moves;
    assert_eq!(bench.told().last(), Some(&News::Moved { claim: first, number }));
}

#[test]
fn a_recall_is_given_up_by_who_asked_or_another() {
    let (mut bench, _, number) = released();
    let asks = |bench: &mut Bench| bench.run(|tx| payment::recall(tx, &named("feng"), number)).unwrap();
    let forgets =
        |bench: &mut Bench, by: &str| bench.run(|tx| payment::forget_recall(tx, &named(by), number)).unwrap();
    assert_eq!(forgets(&mut bench, "feng"), Err(payment::Refusal::NotAsked));
    for by in ["feng", "wei"] {
        assert_eq!(asks(&mut bench), Ok(false));
        assert_eq!(forgets(&mut bench, "wang"), Err(payment::Refusal::OwnPart));
        forgets(&mut bench, by).unwrap();
    }
    assert_eq!(asks(&mut bench), Ok(false), "nobody said so any more");
}
