//! From the draft to the start, and what staff may do when.

use super::help::*;
use crate::domain::activity::manage as activities;
use crate::domain::activity::record::sample_terms;
use crate::domain::broadcast::manage::{self, Listed};
use crate::domain::broadcast::preview;
use crate::domain::broadcast::record::*;
use crate::domain::broadcast::rules::Refusal;
use crate::domain::outbox::record::Notice;
use crate::domain::tables::*;
use crate::store::testing::Bench;

fn draft(bench: &mut Bench, plan: &Plan) -> u32 {
    bench.run(|tx| manage::create(tx, "wang", plan.clone())).unwrap().unwrap().id
}

fn previewed(bench: &mut Bench, id: u32) {
    bench.run(|tx| preview::begin(tx, id, &Policy::default())).unwrap().unwrap();
    while bench.run(|tx| preview::step(tx, id, 2)).unwrap() {}
}

#[test]
fn whoever_wrote_it_may_not_approve_it() {
    let mut bench = account(3);
    let id = draft(&mut bench, &plan(WayChoice::Custom));
    bench.run(|tx| manage::change(tx, id, "zhao", plan(WayChoice::Best))).unwrap().unwrap();
    previewed(&mut bench, id);
    bench.run(|tx| manage::show(tx, id, &who(0))).unwrap().unwrap();
    let policy = Policy::default();
    for author in ["wang", "zhao"] {
        let refused = bench.run(|tx| manage::approve(tx, id, author, &policy)).unwrap();
        assert_eq!(refused.unwrap_err(), Refusal::OwnBroadcast, "{author}");
    }
    let approved = bench.run(|tx| manage::approve(tx, id, "li", &policy)).unwrap().unwrap();
    assert_eq!((approved.state, approved.approved.unwrap().by), (State::Approved, "li".to_owned()));
}

#[test]
fn a_small_union_may_do_without_the_second_person() {
    let mut bench = account(1);
    let id = draft(&mut bench, &plan(WayChoice::Custom));
    previewed(&mut bench, id);
    let alone = Policy { two_persons: false, ..Policy::default() };
    let refused = bench.run(|tx| manage::approve(tx, id, "wang", &alone)).unwrap();
    assert_eq!(refused.unwrap_err(), Refusal::NotShown, "nobody has seen it on a phone");
    bench.run(|tx| manage::show(tx, id, &who(0))).unwrap().unwrap();
    assert!(bench.run(|tx| manage::approve(tx, id, "wang", &alone)).unwrap().is_ok());
}

#[test]
fn a_preview_goes_to_one_follower_as_an_outbox_row() {
    let mut bench = account(1);
    let id = draft(&mut bench, &plan(WayChoice::Custom));
    let stranger = bench.run(|tx| manage::show(tx, id, &who(7))).unwrap();
    assert_eq!(stranger.unwrap_err(), Refusal::UnknownFollower);
    bench.run(|tx| manage::show(tx, id, &who(0))).unwrap().unwrap();
    let rows = bench.run(|tx| tx.scan(&OUTBOX, &(), None, 10)).unwrap().rows;
    assert_eq!(rows.len(), 1);
    assert_eq!((&rows[0].1.to, &rows[0].1.notice), (&who(0), &Notice::BroadcastPreview { broadcast: id }));
}

#[test]
fn what_was_changed_has_to_be_previewed_and_shown_again() {
    let mut bench = account(2);
    let id = draft(&mut bench, &plan(WayChoice::Custom));
    previewed(&mut bench, id);
    bench.run(|tx| manage::show(tx, id, &who(0))).unwrap().unwrap();
    assert_eq!(state(&mut bench, id), State::Previewed);
    let changed = bench.run(|tx| manage::change(tx, id, "wang", plan(WayChoice::Best))).unwrap().unwrap();
    assert_eq!((changed.state, changed.shown), (State::Draft, false));
    assert!(bench.run(|tx| tx.get(&PREVIEWS, &id)).unwrap().is_none());
    let refused = bench.run(|tx| manage::approve(tx, id, "li", &lenient())).unwrap();
    assert_eq!(refused.unwrap_err(), Refusal::WrongState { now: "draft", wanted: "approved" });
}

#[test]
fn an_approved_broadcast_stays_as_it_was_approved() {
    let mut bench = account(2);
    let id = draft(&mut bench, &plan(WayChoice::Custom));
    previewed(&mut bench, id);
    bench.run(|tx| manage::approve(tx, id, "li", &lenient())).unwrap().unwrap();
    let refused = bench.run(|tx| manage::change(tx, id, "wang", plan(WayChoice::Best))).unwrap();
    assert_eq!(refused.unwrap_err(), Refusal::WrongState { now: "approved", wanted: "changed" });
    let refused = bench.run(|tx| manage::add_to_list(tx, id, "wang", &[who(0)])).unwrap();
    assert_eq!(refused.unwrap_err(), Refusal::WrongState { now: "approved", wanted: "changed" });
    let refused = bench.run(|tx| manage::pause(tx, id)).unwrap();
    assert_eq!(refused.unwrap_err(), Refusal::WrongState { now: "approved", wanted: "paused" });
}

#[test]
fn a_preview_counts_everybody_by_way_and_reason_in_small_steps() {
    let mut bench = account(12);
    edit(&mut bench, 0, |contact| contact.subscribed = false);
    edit(&mut bench, 1, |contact| contact.reach.stopped = true);
    edit(&mut bench, 2, |contact| contact.reach.topics = vec!["福利".to_owned()]);
    edit(&mut bench, 3, |contact| contact.reach.shut_custom());
    edit(&mut bench, 4, |contact| {
        contact.reach.shut_custom();
        contact.reach.consent("sub");
    });
    let now = bench.moment.now;
    edit(&mut bench, 5, |contact| (0..4).for_each(|_| contact.reach.count_notice(now)));
    edit(&mut bench, 6, |contact| contact.reach.count_mass(now));
    let best = Plan { topic: Some("活动".to_owned()), ..plan(WayChoice::Best) };
    let id = draft(&mut bench, &best);
    bench.run(|tx| preview::begin(tx, id, &Policy::default())).unwrap().unwrap();
    let mut steps = 0;
    while bench.run(|tx| preview::step(tx, id, 5)).unwrap() {
        steps += 1;
        assert_eq!(state(&mut bench, id), State::Draft, "not previewed before everybody was counted");
    }
    assert_eq!(steps, 2);
    let preview = bench.run(|tx| tx.get(&PREVIEWS, &id)).unwrap().unwrap();
    assert_eq!((preview.looked_at, preview.matched, preview.reachable()), (12, 11, 8));
    let ways: Vec<_> = preview.ways.clone().into_iter().collect();
    assert_eq!(ways, [(Way::Custom, 6), (Way::Subscription, 1), (Way::Template, 1)]);
    let skipped: Vec<_> = preview.skipped.iter().map(|(why, count)| (why.as_str(), *count)).collect();
    assert_eq!(skipped, [("capped", 1), ("stopped", 1), ("topic", 1)]);
    assert_eq!(preview.mass_left, [0, 0, 0, 1, 10]);
    assert_eq!(preview.sample.len(), 5);
    let slow = Plan { rate_per_second: 2, ..best };
    assert_eq!(preview.sending(&slow).as_secs(), 4);
    assert_eq!(preview.left(&slow, 3u32).as_secs(), 2, "what is left goes at the same rate");
    let mut mass = preview;
    mass.ways = [(Way::Mass, 30_000), (Way::Custom, 10)].into();
    assert_eq!(mass.sending(&slow).as_secs(), 8, "three chunks, a second each");
    assert_eq!(mass.left(&slow, 10_000u32).as_secs(), 3);
    assert_eq!(state(&mut bench, id), State::Previewed);
}

#[test]
fn activities_that_are_named_must_exist() {
    let mut bench = account(1);
    let about = Plan { about: Some(1), ..plan(WayChoice::Custom) };
    let refused = bench.run(|tx| manage::create(tx, "wang", about.clone())).unwrap();
    assert_eq!(refused.unwrap_err(), Refusal::UnknownActivity { id: 1 });
    let asking = Plan { audience: "not signed_up:A1".parse().unwrap(), ..plan(WayChoice::Custom) };
    let refused = bench.run(|tx| manage::create(tx, "wang", asking.clone())).unwrap();
    assert_eq!(refused.unwrap_err(), Refusal::UnknownActivity { id: 1 });
    bench.run(|tx| activities::create(tx, sample_terms())).unwrap();
    assert!(bench.run(|tx| manage::create(tx, "wang", about.clone())).unwrap().is_ok());
    assert!(bench.run(|tx| manage::create(tx, "wang", asking.clone())).unwrap().is_ok());
}

#[test]
fn a_list_takes_known_followers_once() {
    let mut bench = account(4);
    let listed = Plan { audience: "listed".parse().unwrap(), ..plan(WayChoice::Custom) };
    let id = draft(&mut bench, &listed);
    let refused = bench.run(|tx| preview::begin(tx, id, &Policy::default())).unwrap();
    assert_eq!(refused.unwrap_err(), Refusal::EmptyList);
    let list = [who(2), who(0), who(2), who(99)];
    let added = bench.run(|tx| manage::add_to_list(tx, id, "wang", &list)).unwrap().unwrap();
    assert_eq!(added, Listed { added: 2, known: 1, unknown: 1, total: 2 });
    let again = bench.run(|tx| manage::add_to_list(tx, id, "wang", &[who(0), who(1)])).unwrap().unwrap();
    assert_eq!(again, Listed { added: 1, known: 1, unknown: 0, total: 3 });
    previewed(&mut bench, id);
    let preview = bench.run(|tx| tx.get(&PREVIEWS, &id)).unwrap().unwrap();
    assert_eq!((preview.looked_at, preview.matched), (3, 3), "nobody else is even looked at");
}

#[test]
fn a_cancelled_draft_leaves_no_list_behind() {
    let mut bench = account(3);
    let listed = Plan { audience: "listed".parse().unwrap(), ..plan(WayChoice::Custom) };
    let id = draft(&mut bench, &listed);
    bench.run(|tx| manage::add_to_list(tx, id, "wang", &[who(0), who(1)])).unwrap().unwrap();
    bench.run(|tx| manage::cancel(tx, id, "写错了")).unwrap().unwrap();
    let again = bench.run(|tx| manage::cancel(tx, id, "写错了")).unwrap();
    assert_eq!(again.unwrap_err(), Refusal::WrongState { now: "cancelled", wanted: "cancelled" });
    while bench.run(|tx| crate::domain::broadcast::tidy::tidy(tx, id, 1)).unwrap() {}
    assert!(bench.run(|tx| tx.scan(&LISTS, &(id,), None, 10)).unwrap().rows.is_empty());
    assert!(bench.run(|tx| tx.get(&OPEN_BROADCASTS, &id)).unwrap().is_none());
}
