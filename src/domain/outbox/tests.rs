use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::commands::*;
use super::record::{Delivery, Notice, Way};
use super::rules::{GIVE_UP_AFTER, MENDED_WITHIN};
use crate::domain::activity::record::Moved;
use crate::domain::contact::record::FollowerId;
use crate::domain::invariants;
use crate::domain::tables::*;
use crate::store::testing::Bench;
use crate::store::{Sealed, Table};

fn mei() -> FollowerId {
    FollowerId::new("oMei")
}

fn notice(n: u32) -> Notice {
    Notice::ActivityChanged { activity: n, number: None, moved: Moved::Time }
}

fn said(text: &str) -> Notice {
    Notice::Said { text: Sealed::new(text.to_owned()) }
}

impl Bench {
    fn due_ids(&mut self) -> Vec<u64> {
        self.run(|tx| due(tx, 100)).unwrap().rows.into_iter().map(|(id, _)| id).collect()
    }

    fn begin_first(&mut self, way: Way) -> u64 {
        let (id, row) = self.run(|tx| due(tx, 1)).unwrap().rows.remove(0);
        self.run(|tx| begin(tx, id, row.clone(), way)).unwrap();
        id
    }

    fn state(&mut self, id: u64) -> Delivery {
        self.run(|tx| tx.get(&OUTBOX, &id)).unwrap().unwrap().state
    }

    fn later(&mut self, span: Duration) {
        self.moment.now = self.moment.now.plus(span);
    }

    fn holds(&mut self) {
        let (broken, _) = self.run(|tx| invariants::mailboxes(tx, None)).unwrap();
        assert_eq!(broken, Vec::<String>::new());
    }
}

#[test]
fn one_follower_s_notices_go_one_after_another() {
    let mut bench = Bench::new(CATALOG);
    for n in 1..=3 {
        bench.run(|tx| enqueue(tx, &mei(), notice(n))).unwrap();
    }
    bench.run(|tx| enqueue(tx, &FollowerId::new("oOther"), notice(9))).unwrap();
    assert_eq!(bench.due_ids(), [1, 4], "the first of each follower");
    assert_eq!(bench.begin_first(Way::Custom), 1);
    assert_eq!(bench.due_ids(), [4]);
    bench.run(|tx| settle(tx, 1, &Outcome::Sent { msg_id: None })).unwrap();
    assert_eq!(bench.due_ids(), [2, 4]);
    bench.holds();
}

#[test]
fn what_has_no_way_waits_for_the_next_message_and_holds_nothing_up() {
    let mut bench = Bench::new(CATALOG);
    bench.run(|tx| enqueue(tx, &mei(), notice(1))).unwrap();
    let (id, row) = bench.run(|tx| due(tx, 1)).unwrap().rows.remove(0);
    bench.run(|tx| wait(tx, id, row.clone())).unwrap();
    bench.run(|tx| enqueue(tx, &mei(), notice(2))).unwrap();
    assert_eq!((bench.due_ids(), bench.state(1)), (vec![2], Delivery::Waiting));
    bench.holds();
    assert_eq!(bench.run(|tx| take(tx, &mei(), 1)).unwrap(), [notice(1)]);
    assert_eq!(bench.run(|tx| take(tx, &mei(), 9)).unwrap(), [notice(2)]);
    assert!(bench.due_ids().is_empty());
    bench.holds();
}

#[test]
fn what_is_in_flight_is_not_told_a_second_time() {
    let mut bench = Bench::new(CATALOG);
    for n in 1..=2 {
        bench.run(|tx| enqueue(tx, &mei(), notice(n))).unwrap();
    }
    bench.begin_first(Way::Custom);
    assert!(bench.run(|tx| take(tx, &mei(), 9)).unwrap().is_empty());
    bench.run(|tx| settle(tx, 1, &Outcome::Sent { msg_id: None })).unwrap();
    assert_eq!(bench.run(|tx| take(tx, &mei(), 9)).unwrap(), [notice(2)]);
    bench.holds();
}

#[test]
fn what_was_surely_not_done_is_tried_again_and_after_days_waits_for_the_follower() {
    let mut bench = Bench::new(CATALOG);
    bench.run(|tx| enqueue(tx, &mei(), notice(1))).unwrap();
    bench.begin_first(Way::Custom);
    bench.run(|tx| settle(tx, 1, &Outcome::Again { at: None })).unwrap();
    assert!(bench.due_ids().is_empty(), "not at once");
    bench.later(Duration::from_secs(10));
    assert_eq!(bench.due_ids(), [1]);
    bench.begin_first(Way::Custom);
    bench.later(GIVE_UP_AFTER);
    bench.run(|tx| settle(tx, 1, &Outcome::Again { at: None })).unwrap();
    assert_eq!(bench.state(1), Delivery::Waiting);
    bench.holds();
}

#[test]
fn after_a_crash_facts_are_told_again_and_staff_s_words_are_asked_about() {
    let mut bench = Bench::new(CATALOG);
    bench.run(|tx| enqueue(tx, &mei(), notice(1))).unwrap();
    bench.run(|tx| enqueue(tx, &FollowerId::new("oOther"), said("您好"))).unwrap();
    bench.begin_first(Way::Custom);
    bench.begin_first(Way::Custom);
    assert_eq!(bench.run(|tx| recover(tx, 10)).unwrap(), 2);
    assert_eq!(bench.run(|tx| recover(tx, 10)).unwrap(), 0);
    bench.later(Duration::from_secs(10));
    assert_eq!(bench.due_ids(), [1]);
    assert!(matches!(bench.state(2), Delivery::MaybeSent { .. }));
    assert!(bench.run(|tx| retry(tx, 2)).unwrap(), "staff may send it again");
    assert_eq!(bench.due_ids(), [1, 2]);
    bench.holds();
}

#[test]
fn staff_take_out_what_was_not_sent_and_old_rows_go() {
    let mut bench = Bench::new(CATALOG);
    for n in 1..=3 {
        bench.run(|tx| enqueue(tx, &mei(), notice(n))).unwrap();
    }
    assert!(bench.run(|tx| drop_row(tx, 1)).unwrap());
    assert!(!bench.run(|tx| drop_row(tx, 1)).unwrap());
    assert_eq!(bench.due_ids(), [2]);
    bench.later(Duration::from_secs(60));
    let before = bench.moment.now;
    bench.run(|tx| sweep(tx, before, None, 100)).unwrap();
    assert_eq!(bench.run(|tx| tx.get(&OUTBOX, &1)).unwrap(), None);
    assert!(bench.run(|tx| tx.get(&OUTBOX, &2)).unwrap().is_some(), "what is open stays");
    bench.holds();
}

#[test]
fn who_left_is_told_nothing() {
    let mut bench = Bench::new(CATALOG);
    for n in 1..=2 {
        bench.run(|tx| enqueue(tx, &mei(), notice(n))).unwrap();
    }
    bench.begin_first(Way::Custom);
    bench.run(|tx| give_up(tx, &mei())).unwrap();
    bench.run(|tx| settle(tx, 1, &Outcome::Sent { msg_id: None })).unwrap();
    assert!(bench.due_ids().is_empty());
    assert!(matches!(bench.state(2), Delivery::Unreachable { .. }));
    assert!(bench.run(|tx| tx.scan(&OUTBOX_IN_FLIGHT, &(), None, 9)).unwrap().rows.is_empty());
    bench.holds();
}

#[derive(Debug, Clone)]
enum Act {
    Enqueue(u8),
    Begin,
    Settle(u8),
    Wait,
    Take(u8, usize),
    Leave(u8),
    Crash,
    Later,
    Drop(u8),
    Retry(u8),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => (0..3u8).prop_map(Act::Enqueue),
        4 => Just(Act::Begin),
        4 => (0..5u8).prop_map(Act::Settle),
        1 => Just(Act::Wait),
        2 => (0..3u8, 1..4usize).prop_map(|(who, limit)| Act::Take(who, limit)),
        1 => (0..3u8).prop_map(Act::Leave),
        1 => Just(Act::Crash),
        2 => Just(Act::Later),
        1 => (0..20u8).prop_map(Act::Drop),
        1 => (0..20u8).prop_map(Act::Retry),
    ];
    prop::collection::vec(act, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever happens: the rows agree with their lists, and what was told by an answer is not sent as well.
    #[test]
    fn rows_and_lists_agree(acts in acts()) {
        let mut bench = Bench::new(CATALOG);
        let who = |n: u8| FollowerId::new(format!("oFollower{n}"));
        let mut told: BTreeMap<u32, usize> = BTreeMap::new();
        let mut next = 0;
        for act in acts {
            match act {
                Act::Enqueue(n) => {
                    next += 1;
                    bench.run(|tx| enqueue(tx, &who(n), notice(next))).unwrap();
                }
                Act::Begin => {
                    if let Some((id, row)) = bench.run(|tx| due(tx, 1)).unwrap().rows.pop() {
                        bench.run(|tx| begin(tx, id, row.clone(), Way::Custom)).unwrap();
                    }
                }
                Act::Wait => {
                    if let Some((id, row)) = bench.run(|tx| due(tx, 1)).unwrap().rows.pop() {
                        bench.run(|tx| wait(tx, id, row.clone())).unwrap();
                    }
                }
                Act::Settle(kind) => {
                    let flying = bench.run(|tx| tx.scan(&OUTBOX_IN_FLIGHT, &(), None, 1)).unwrap().rows;
                    let outcome = match kind {
                        0 | 1 => Outcome::Sent { msg_id: None },
                        2 => Outcome::Again { at: None },
                        3 => Outcome::Shut,
                        _ => Outcome::Doubtful,
                    };
                    for (id, ()) in flying {
                        bench.run(|tx| settle(tx, id, &outcome)).unwrap();
                    }
                }
                Act::Take(n, limit) => {
                    for notice in bench.run(|tx| take(tx, &who(n), limit)).unwrap() {
                        let Notice::ActivityChanged { activity, .. } = notice else { unreachable!() };
                        *told.entry(activity).or_default() += 1;
                    }
                }
                Act::Leave(n) => bench.run(|tx| give_up(tx, &who(n))).unwrap(),
                Act::Crash => _ = bench.run(|tx| recover(tx, 100)).unwrap(),
                Act::Later => bench.later(Duration::from_secs(40)),
                Act::Drop(id) => _ = bench.run(|tx| drop_row(tx, u64::from(id))).unwrap(),
                Act::Retry(id) => _ = bench.run(|tx| retry(tx, u64::from(id))).unwrap(),
            }
            bench.holds();
        }
        prop_assert!(told.values().all(|times| *times == 1));
        // Nothing is forgotten: every open row is due, in flight, waiting, or behind one that moves.
        let mailboxes = bench.run(|tx| tx.scan(&MAILBOXES, &(), None, 100)).unwrap().rows;
        for (_, ids) in mailboxes {
            let states: Vec<_> = ids.iter().map(|id| bench.run(|tx| tx.get(&OUTBOX, id)).unwrap().unwrap()).collect();
            let moves = states.iter().any(|row| row.due.is_some() || matches!(row.state, Delivery::InFlight { .. }));
            let waits = states.iter().all(|row| row.state == Delivery::Waiting);
            prop_assert!(moves || waits, "{states:?}");
        }
    }
}

#[test]
fn that_a_message_did_not_arrive_may_be_heard_before_its_call_is_answered() {
    let mut bench = Bench::new(CATALOG);
    for (n, number) in [(1, "77"), (2, "another")] {
        let id = bench.run(|tx| enqueue(tx, &mei(), notice(n))).unwrap();
        bench.begin_first(Way::Template);
        bench.run(|tx| fail_early(tx, &mei(), number, "user block")).unwrap();
        bench.run(|tx| settle(tx, id, &Outcome::Sent { msg_id: Some("77".to_owned()) })).unwrap();
        bench.holds();
    }
    assert_eq!(bench.state(1), Delivery::Waiting);
    assert!(matches!(bench.state(2), Delivery::Sent { .. }), "the word was on another message");
}

#[test]
fn what_did_not_arrive_is_told_by_the_next_answer() {
    let mut bench = Bench::new(CATALOG);
    let id = bench.run(|tx| enqueue(tx, &mei(), notice(1))).unwrap();
    bench.begin_first(Way::Template);
    let sent = Outcome::Sent { msg_id: Some("77".to_owned()) };
    bench.run(|tx| settle(tx, id, &sent)).unwrap();
    bench.run(|tx| fail(tx, id, "failed:system failed")).unwrap();
    bench.holds();
    assert_eq!(bench.state(id), Delivery::Waiting);
    assert_eq!(bench.run(|tx| take(tx, &mei(), 5)).unwrap(), [notice(1)]);
    // WeChat tells it twice.
    bench.run(|tx| fail(tx, id, "failed:system failed")).unwrap();
    assert!(matches!(bench.state(id), Delivery::WithReply { .. }));
    bench.holds();
}

#[test]
fn a_row_that_can_t_be_read_holds_up_nobody_and_goes_out_once_when_it_is_mended() {
    const AS_WORDS: Table<u64, String> = Table::durable(OUTBOX.info().prefix, "outbox");
    for begun in [false, true] {
        let mut bench = Bench::new(CATALOG);
        let other = FollowerId::new("oOther");
        bench.run(|tx| enqueue(tx, &mei(), notice(1))).unwrap();
        if begun {
            bench.begin_first(Way::Custom);
        }
        let whole = bench.run(|tx| tx.get(&OUTBOX, &1)).unwrap().unwrap();
        bench.run(|tx| tx.put(&AS_WORDS, &1, &"damaged".to_owned())).unwrap();
        bench.run(|tx| enqueue(tx, &mei(), notice(2))).unwrap();
        bench.run(|tx| enqueue(tx, &other, notice(3))).unwrap();
        assert_eq!(bench.run(|tx| recover(tx, 9)).unwrap(), usize::from(begun));
        let found = bench.run(|tx| due(tx, 9)).unwrap();
        assert_eq!(found.unreadable.len(), usize::from(!begun), "one that was begun is looked at later");
        assert_eq!(bench.due_ids(), [2, 3], "the follower's next, and others'");
        assert_eq!(bench.run(|tx| take(tx, &mei(), 9)).unwrap(), [notice(2)]);

        bench.run(|tx| tx.put(&OUTBOX, &1, &whole)).unwrap();
        bench.later(MENDED_WITHIN);
        assert_eq!(bench.due_ids(), if begun { vec![3] } else { vec![3, 1] });
        bench.later(Duration::from_secs(10)); // the pause after a call of which nobody knows
        assert_eq!(bench.due_ids(), [3, 1]);
        assert_eq!(bench.run(|tx| take(tx, &mei(), 9)).unwrap(), [notice(1)]);
        assert_eq!(bench.due_ids(), [3]);
        bench.holds();
    }
}
