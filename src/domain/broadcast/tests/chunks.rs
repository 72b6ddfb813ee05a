//! Mass sends.

use super::help::*;
use crate::domain::broadcast::agenda::{Agenda, open};
use crate::domain::broadcast::chunks::*;
use crate::domain::broadcast::ledger::*;
use crate::domain::broadcast::record::*;
use crate::domain::broadcast::settle::interrupted;
use crate::domain::broadcast::timeline::Standing;
use crate::domain::broadcast::{manage, tidy};
use crate::domain::contact::record::{FollowerId, Quotas};
use crate::domain::tables::*;
use crate::store::testing::Bench;

fn fives() -> Policy {
    Policy { chunk_max: 5, ..lenient() }
}

fn cut(bench: &mut Bench, id: u32) {
    while next(bench, id) == Agenda::Take {
        assert!(taken(bench, id, 3).is_empty());
    }
}

fn call(bench: &mut Bench, id: u32) -> ChunkCall {
    bench.run(|tx| take_chunk(tx, id)).unwrap().expect("no chunk is due")
}

fn members_of(bench: &mut Bench, id: u32, number: u32) -> Vec<FollowerId> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let (page, next) = bench.run(|tx| members(tx, id, number, after.clone(), 2)).unwrap();
        all.extend(page);
        match next {
            Some(next) => after = Some(next),
            None => return all,
        }
    }
}

/// Sends all, and says who was in each call.
fn send_all(bench: &mut Bench, id: u32) -> Vec<Vec<FollowerId>> {
    let mut calls = Vec::new();
    loop {
        match next(bench, id) {
            Agenda::Take => drop(taken(bench, id, 3)),
            Agenda::Chunk => {
                let call = call(bench, id);
                let members = members_of(bench, id, call.number);
                assert_eq!(members.len(), call.count as usize);
                let started = run_of(bench, id).started.unix_s();
                assert_eq!(call.client_id, format!("b{id}-{started}-{}", call.number));
                calls.push(members);
                let outcome = Outcome::Sent { msg_id: Some(format!("90{}", call.number)) };
                bench.run(|tx| settle_chunk(tx, id, call.number, &outcome)).unwrap();
            }
            _ => return calls,
        }
    }
}

#[test]
fn everybody_is_in_one_call_and_no_call_is_too_large_or_too_small() {
    for count in 2..=23 {
        let mut bench = account(count);
        let id = running(&mut bench, &plan(WayChoice::Mass), &fives());
        let calls = send_all(&mut bench, id);
        assert!(calls.iter().all(|call| (2..=5).contains(&call.len())), "{count}: {calls:?}");
        let mut reached: Vec<_> = calls.concat();
        reached.sort();
        assert_eq!(reached, (0..count).map(who).collect::<Vec<_>>());
        assert!(matches!(state(&mut bench, id), State::Done { .. }), "{count}");
        assert_eq!(counts(&mut bench, id).sent[&Way::Mass], count);
        assert_eq!(audited(&mut bench, id), Vec::<String>::new());
        assert_eq!(contact(&mut bench, 0).reach.mass_left(bench.moment.now, &Quotas::default()), 3);
    }
}

#[test]
fn one_recipient_alone_can_have_no_mass_send() {
    let mut bench = account(1);
    let id = running(&mut bench, &plan(WayChoice::Mass), &fives());
    assert!(send_all(&mut bench, id).is_empty());
    assert_eq!(standing_of(&mut bench, id, 0), Some(Standing::Failed(Reason::Alone)));
    assert_eq!(contact(&mut bench, 0).reach.mass_left(bench.moment.now, &Quotas::default()), 4);
    assert!(matches!(state(&mut bench, id), State::Done { .. }));
    assert_eq!(audited(&mut bench, id), Vec::<String>::new());
}

#[test]
fn a_mass_send_is_the_text_or_the_article_for_all() {
    let mut bench = account(2);
    let id = running(&mut bench, &plan(WayChoice::Mass), &fives());
    cut(&mut bench, id);
    assert_eq!(call(&mut bench, id).content, MassContent::Text("周末健步走，欢迎报名".to_owned()));
    let mut article = plan(WayChoice::Mass);
    article.content.article = Some("media".to_owned());
    let id = running(&mut bench, &article, &fives());
    cut(&mut bench, id);
    assert_eq!(call(&mut bench, id).content, MassContent::Article("media".to_owned()));
}

#[test]
fn who_used_up_the_month_is_skipped() {
    let mut bench = account(4);
    let now = bench.moment.now;
    edit(&mut bench, 1, |contact| (0..4).for_each(|_| contact.reach.count_mass(now)));
    let id = running(&mut bench, &plan(WayChoice::Mass), &fives());
    assert_eq!(send_all(&mut bench, id), [[who(0), who(2), who(3)]]);
    assert_eq!(standing_of(&mut bench, id, 1), Some(Standing::Skipped(Skip::NoWay)));
}

#[test]
fn after_a_crash_a_chunk_goes_out_again_under_its_own_id() {
    let mut bench = account(4);
    let id = running(&mut bench, &plan(WayChoice::Mass), &fives());
    cut(&mut bench, id);
    let before = call(&mut bench, id);
    bench.run(|tx| interrupted(tx, id, 10)).unwrap();
    assert!(bench.run(|tx| take_chunk(tx, id)).unwrap().is_none(), "the same id is refused within a minute");
    let first = bench.moment.now;
    pass(&mut bench, 61);
    let again = call(&mut bench, id);
    assert!(
        before.not_after.is_none()
            && again.not_after.is_some_and(|until| until.since(first).as_secs() < 24 * 3600)
    );
    assert_eq!(ChunkCall { not_after: None, ..again }, before);
    let done = Outcome::Sent { msg_id: Some("9".to_owned()) };
    bench.run(|tx| settle_chunk(tx, id, before.number, &done)).unwrap();
    bench.run(|tx| settle_chunk(tx, id, before.number, &done)).unwrap();
    assert_eq!(counts(&mut bench, id).sent[&Way::Mass], 4);
}

#[test]
fn after_a_day_nobody_can_tell_and_it_is_not_repeated() {
    let mut bench = account(4);
    let id = running(&mut bench, &plan(WayChoice::Mass), &fives());
    cut(&mut bench, id);
    let first = call(&mut bench, id);
    bench.run(|tx| settle_chunk(tx, id, first.number, &Outcome::Uncertain)).unwrap();
    pass(&mut bench, 24 * 3600);
    assert!(bench.run(|tx| take_chunk(tx, id)).unwrap().is_none());
    assert_eq!(standing_of(&mut bench, id, 0), Some(Standing::MaybeSent { way: Way::Mass }));
    assert!(matches!(state(&mut bench, id), State::Done { .. }));
    assert_eq!(audited(&mut bench, id), Vec::<String>::new());
}

#[test]
fn wechats_numbers_are_kept_whenever_they_come() {
    let mut bench = account(10);
    let id = running(&mut bench, &plan(WayChoice::Mass), &fives());
    cut(&mut bench, id);
    let first = call(&mut bench, id);
    let numbers = Numbers { total: 4, filtered: 3, sent: 3, errors: 0 };
    let end = MassEnd { failed: false, numbers };
    assert!(bench.run(|tx| mass_finished(tx, "901", end)).unwrap(), "it came before the answer");
    let sent = |msg_id: &str| Outcome::Sent { msg_id: Some(msg_id.to_owned()) };
    bench.run(|tx| settle_chunk(tx, id, first.number, &sent("901"))).unwrap();
    send_all(&mut bench, id);
    assert_eq!(bench.run(|tx| unfinished(tx, id)).unwrap(), ["902", "903"]);
    assert!(bench.run(|tx| mass_finished(tx, "902", end)).unwrap());
    assert!(bench.run(|tx| mass_finished(tx, "902", end)).unwrap());
    assert!(!bench.run(|tx| mass_finished(tx, "from the console", end)).unwrap());
    let report = bench.run(|tx| report(tx, id)).unwrap();
    assert_eq!((report.chunks, report.finished, report.numbers.sent), (3, 2, 6));
}

#[test]
fn a_chunk_that_was_not_sent_costs_its_recipients_nothing() {
    let mut bench = account(8);
    let id = running(&mut bench, &plan(WayChoice::Mass), &fives());
    cut(&mut bench, id);
    let first = call(&mut bench, id);
    bench.run(|tx| settle_chunk(tx, id, first.number, &Outcome::Rejected { code: 40007 })).unwrap();
    send_all(&mut bench, id);
    assert!(matches!(state(&mut bench, id), State::Done { .. }));
    let refused = MassEnd { failed: true, numbers: Numbers::default() };
    assert!(bench.run(|tx| mass_finished(tx, "902", refused)).unwrap());
    let counts = counts(&mut bench, id);
    assert_eq!(
        (counts.failed["rejected_40007"], counts.failed["undelivered"], counts.sent_total()),
        (4, 4, 0)
    );
    assert_eq!(bench.run(|tx| open(tx)).unwrap(), [id]);
    while next(&mut bench, id) == Agenda::Tidy {
        bench.run(|tx| tidy::tidy(tx, id, 3)).unwrap();
    }
    for number in 0..8 {
        let reach = contact(&mut bench, number).reach;
        let now = bench.moment.now;
        assert_eq!(
            (reach.mass_left(now, &Quotas::default()), reach.notices_this_month(now)),
            (4, 0),
            "{number}"
        );
    }
    assert_eq!(audited(&mut bench, id), Vec::<String>::new());
}

#[test]
fn who_stops_while_a_chunk_waits_comes_out_of_it() {
    let mut bench = account(4);
    let mut topical = plan(WayChoice::Mass);
    topical.topic = Some("活动".to_owned());
    let id = running(&mut bench, &topical, &Policy { chunk_max: 10, ..lenient() });
    cut(&mut bench, id);
    bench.run(|tx| manage::pause(tx, id)).unwrap().unwrap();
    for (number, topics) in [(0, Vec::new()), (2, vec!["福利".to_owned()]), (3, vec!["活动".to_owned()])]
    {
        let mut reach = contact(&mut bench, number).reach;
        (reach.stopped, reach.topics) = (number == 0, topics);
        let changed = bench
            .run(|tx| {
                let mut reach = reach.clone();
                withdraw(tx, &who(number), &mut reach)?;
                Ok(reach)
            })
            .unwrap();
        edit(&mut bench, number, |contact| contact.reach = changed.clone());
    }
    assert_eq!(audited(&mut bench, id), Vec::<String>::new());
    bench.run(|tx| manage::resume(tx, id)).unwrap().unwrap();
    assert_eq!(send_all(&mut bench, id), [vec![who(1), who(3)]]);
    assert!(matches!(state(&mut bench, id), State::Done { .. }));
    assert_eq!(standing_of(&mut bench, id, 0), Some(Standing::Skipped(Skip::Stopped)));
    assert_eq!(standing_of(&mut bench, id, 2), Some(Standing::Skipped(Skip::Topic)));
    let now = bench.moment.now;
    let counted = [0, 1, 2, 3].map(|number| contact(&mut bench, number).reach.notices_this_month(now));
    assert_eq!(counted, [0, 1, 0, 1]);
    assert_eq!(audited(&mut bench, id), Vec::<String>::new());
}

#[test]
fn who_stops_while_a_chunk_is_filled_comes_out_of_it() {
    for stops in [vec![0], vec![1], vec![0, 1], vec![2], vec![0, 1, 2]] {
        let mut bench = account(6);
        let id = running(&mut bench, &plan(WayChoice::Mass), &Policy { chunk_max: 10, ..lenient() });
        assert!(taken(&mut bench, id, 3).is_empty());
        for number in stops.clone() {
            let mut reach = contact(&mut bench, number).reach;
            reach.stopped = true;
            let changed = bench
                .run(|tx| {
                    let mut reach = reach.clone();
                    withdraw(tx, &who(number), &mut reach)?;
                    Ok(reach)
                })
                .unwrap();
            edit(&mut bench, number, |contact| contact.reach = changed.clone());
        }
        assert_eq!(audited(&mut bench, id), Vec::<String>::new(), "{stops:?}");
        let others: Vec<_> = (0..6).filter(|number| !stops.contains(number)).map(who).collect();
        assert_eq!(send_all(&mut bench, id), [others], "{stops:?}");
        for number in stops.clone() {
            assert_eq!(standing_of(&mut bench, id, number), Some(Standing::Skipped(Skip::Stopped)));
        }
        assert!(matches!(state(&mut bench, id), State::Done { .. }));
        assert_eq!(audited(&mut bench, id), Vec::<String>::new(), "{stops:?}");
    }
}

#[test]
fn one_left_over_of_a_chunk_that_was_filled_goes_into_the_one_before_if_that_still_waits() {
    for (filled_to, last) in
        [(4, Standing::Sent { way: Way::Mass, delivered: false }), (5, Standing::Failed(Reason::Alone))]
    {
        let mut bench = account(8);
        let id = running(&mut bench, &plan(WayChoice::Mass), &fives());
        while run_of(&mut bench, id).taken_to != Some(who(filled_to)) {
            assert!(taken(&mut bench, id, 1).is_empty());
        }
        for number in [4, 6, 7] {
            let mut reach = contact(&mut bench, number).reach;
            reach.stopped = true;
            bench.run(|tx| withdraw(tx, &who(number), &mut reach.clone())).unwrap();
            edit(&mut bench, number, |contact| contact.reach.stopped = true);
        }
        let reached = send_all(&mut bench, id).concat();
        assert_eq!(reached[..4], [who(0), who(1), who(2), who(3)]);
        assert_eq!(standing_of(&mut bench, id, 5), Some(last), "{filled_to}");
        assert!(matches!(state(&mut bench, id), State::Done { .. }));
    }
}

#[test]
fn a_chunk_that_everybody_left_is_not_sent() {
    let mut bench = account(2);
    let id = running(&mut bench, &plan(WayChoice::Mass), &Policy { chunk_max: 10, ..lenient() });
    cut(&mut bench, id);
    for number in 0..2 {
        let mut reach = contact(&mut bench, number).reach;
        reach.stopped = true;
        bench.run(|tx| withdraw(tx, &who(number), &mut reach.clone())).unwrap();
    }
    assert!(send_all(&mut bench, id).is_empty());
    assert!(matches!(state(&mut bench, id), State::Done { .. }));
    assert_eq!(audited(&mut bench, id), Vec::<String>::new());
}

#[test]
fn a_cancelled_one_drops_the_chunks_that_were_not_sent() {
    let mut bench = account(8);
    let id = running(&mut bench, &plan(WayChoice::Mass), &fives());
    cut(&mut bench, id);
    let first = call(&mut bench, id);
    bench
        .run(|tx| settle_chunk(tx, id, first.number, &Outcome::Sent { msg_id: Some("1".to_owned()) }))
        .unwrap();
    bench.run(|tx| manage::cancel(tx, id, "改期")).unwrap().unwrap();
    assert!(bench.run(|tx| take_chunk(tx, id)).unwrap().is_none());
    while next(&mut bench, id) == Agenda::Tidy {
        bench.run(|tx| tidy::tidy(tx, id, 3)).unwrap();
    }
    let names: Vec<_> = (0..8).map(|n| standing_of(&mut bench, id, n).unwrap().name()).collect();
    assert_eq!(names, ["sent", "sent", "sent", "sent", "cancelled", "cancelled", "cancelled", "cancelled"]);
    assert_eq!(contact(&mut bench, 7).reach.mass_left(bench.moment.now, &Quotas::default()), 4);
    assert_eq!(contact(&mut bench, 0).reach.mass_left(bench.moment.now, &Quotas::default()), 3);
    assert_eq!(audited(&mut bench, id), Vec::<String>::new());
}

#[test]
fn who_is_out_of_reach_otherwise_gets_the_mass_send() {
    let mut bench = account(6);
    for number in [0, 3, 5] {
        edit(&mut bench, number, |contact| contact.reach.shut_custom());
    }
    let mut best = plan(WayChoice::Best);
    (best.content.template, best.content.subscription) = (None, None);
    let id = running(&mut bench, &best, &fives());
    let recipients = taken(&mut bench, id, 6);
    assert_eq!(recipients.len(), 3);
    settled(&mut bench, id, &recipients[..1], &Outcome::Shut(Reason::WindowShut));
    settled(&mut bench, id, &recipients[1..], &sent());
    let calls = send_all(&mut bench, id);
    let mut reached = calls.concat();
    reached.sort();
    assert_eq!(reached, [who(0), who(1), who(3), who(5)]);
    let counts = counts(&mut bench, id);
    assert_eq!((counts.sent[&Way::Custom], counts.sent[&Way::Mass]), (2, 4));
    assert_eq!(audited(&mut bench, id), Vec::<String>::new());
    assert!(bench.run(|tx| tx.scan(&QUEUED, &(id,), None, 1)).unwrap().rows.is_empty());
}
