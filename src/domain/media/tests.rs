use std::time::Duration;

use super::commands::*;
use super::record::*;
use crate::domain::contact::record::FollowerId;
use crate::domain::outbox::record::Notice;
use crate::domain::tables::{CATALOG, MEDIA, OUTBOX};
use crate::store::testing::Bench;

fn mei() -> FollowerId {
    FollowerId::new("oMei")
}

fn kept(document: &str) -> Fetched {
    let (document, content_type) = (document.to_owned(), "image/jpeg".to_owned());
    Fetched::Kept { document, bytes: 9, content_type, look: Look::default() }
}

#[test]
fn a_picture_is_fetched_once_and_listed_for_its_follower() {
    let mut bench = Bench::new(CATALOG);
    let id = bench.run(|tx| want(tx, &mei(), "m1")).unwrap().unwrap();
    assert_eq!(bench.run(|tx| due(tx, 9)).unwrap().len(), 1);
    bench.run(|tx| settle(tx, id, &kept("a"))).unwrap();
    assert!(bench.run(|tx| due(tx, 9)).unwrap().is_empty());
    let listed = bench.run(|tx| of_follower(tx, &mei(), 9)).unwrap();
    assert_eq!(listed[0].1.state.name(), "kept");
    assert!(bench.run(|tx| of_follower(tx, &FollowerId::new("oMe"), 9)).unwrap().is_empty());
}

#[test]
fn one_that_wechat_has_dropped_is_asked_for_again() {
    let mut bench = Bench::new(CATALOG);
    let id = bench.run(|tx| want(tx, &mei(), "m1")).unwrap().unwrap();
    let received = bench.moment.now;
    let soon = received.plus(Duration::from_secs(60));
    bench.run(|tx| settle(tx, id, &Fetched::Again { at: soon })).unwrap();
    assert!(bench.run(|tx| due(tx, 9)).unwrap().is_empty());
    bench.moment.now = soon;
    assert_eq!(bench.run(|tx| due(tx, 9)).unwrap()[0].1.attempts, 1);
    let too_late = received.plus(WECHAT_KEEPS);
    bench.run(|tx| settle(tx, id, &Fetched::Again { at: too_late })).unwrap();
    assert_eq!(bench.run(|tx| tx.get(&MEDIA, &id)).unwrap().unwrap().state.name(), "lost");
    let told = bench.run(|tx| tx.get(&OUTBOX, &1)).unwrap().unwrap();
    assert_eq!((told.to, told.notice), (mei(), Notice::PictureLost { received }));
}

#[test]
fn a_document_goes_with_the_last_picture_that_is_it() {
    let mut bench = Bench::new(CATALOG);
    for n in 0..3 {
        let id = bench.run(|tx| want(tx, &mei(), &format!("m{n}"))).unwrap().unwrap();
        bench.run(|tx| settle(tx, id, &kept(if n < 2 { "same" } else { "other" }))).unwrap();
        bench.moment.now = bench.moment.now.plus(Duration::from_secs(60));
    }
    assert_eq!(bench.run(|tx| expire(tx, 9)).unwrap(), (vec![], false), "not yet");
    bench.moment.now = bench.moment.now.plus(Duration::from_secs(u64::from(UNASKED_DAYS) * 86_400));
    assert_eq!(bench.run(|tx| expire(tx, 1)).unwrap(), (vec![], true));
    assert_eq!(bench.run(|tx| expire(tx, 9)).unwrap(), (vec!["same".to_owned(), "other".to_owned()], false));
    assert!(bench.run(|tx| of_follower(tx, &mei(), 9)).unwrap().is_empty());
}

#[test]
fn nobody_fills_the_disk() {
    let mut bench = Bench::new(CATALOG);
    for n in 0..OF_ONE_FOLLOWER_MAX {
        assert!(bench.run(|tx| want(tx, &mei(), &n.to_string())).unwrap().is_some());
    }
    assert_eq!(bench.run(|tx| want(tx, &mei(), "more")).unwrap(), None);
    assert!(bench.run(|tx| want(tx, &FollowerId::new("oOther"), "m")).unwrap().is_some());
}

#[test]
fn a_paper_of_something_is_kept_as_long_as_that_and_leaves_room_for_more() {
    let mut bench = Bench::new(CATALOG);
    let id = bench.run(|tx| want(tx, &mei(), "m1")).unwrap().unwrap();
    bench.run(|tx| settle(tx, id, &kept("a"))).unwrap();
    let until = bench.moment.now.plus(Duration::from_secs(400 * 86_400));
    bench.run(|tx| own_until(tx, id, until)).unwrap();
    assert!(bench.run(|tx| of_follower(tx, &mei(), 9)).unwrap().is_empty(), "it is shown where it belongs");
    bench.moment.now = until.minus(Duration::from_secs(1));
    assert_eq!(bench.run(|tx| expire(tx, 9)).unwrap(), (vec![], false));
    let seen = bench.run(|tx| seen(tx, id)).unwrap();
    assert_eq!(seen, Some(Seen::Kept { document: "a".to_owned(), look: Look::default() }));
    bench.moment.now = until;
    assert_eq!(bench.run(|tx| expire(tx, 9)).unwrap(), (vec!["a".to_owned()], false));
}

#[test]
fn what_was_taken_out_again_is_neither_fetched_nor_asked_for() {
    let mut bench = Bench::new(CATALOG);
    let [out, erased, back] = ["m1", "m2", "m3"].map(|name| {
        let who = FollowerId::new(if name == "m2" { "oBo" } else { "oMei" });
        bench.run(|tx| want(tx, &who, name)).unwrap().unwrap()
    });
    let under_way = bench.run(|tx| due(tx, 9)).unwrap();
    assert_eq!(under_way.len(), 3);
    let (now, later) = (bench.moment.now, bench.moment.now.plus(WECHAT_KEEPS));
    bench.run(|tx| own_until(tx, out, now)).unwrap();
    bench.run(|tx| forget_unasked(tx, &FollowerId::new("oBo"))).unwrap();
    bench.run(|tx| own_until(tx, back, now)).unwrap();
    bench.run(|tx| own_until(tx, back, later)).unwrap();
    let left: Vec<u64> = bench.run(|tx| due(tx, 9)).unwrap().into_iter().map(|(id, _)| id).collect();
    assert_eq!(left, [back], "what goes on after all is fetched");
    for id in [out, erased] {
        bench.run(|tx| settle(tx, id, &Fetched::Gone { why: "40007".to_owned() })).unwrap();
    }
    assert!(bench.run(|tx| tx.scan(&OUTBOX, &(), None, 9)).unwrap().rows.is_empty(), "nobody waits for it");
}

#[test]
fn a_file_is_known_until_it_is_gone_whatever_happens_in_between() {
    let mut bench = Bench::new(CATALOG);
    let id = bench.run(|tx| want(tx, &mei(), "m1")).unwrap().unwrap();
    bench.run(|tx| settle(tx, id, &kept("a"))).unwrap();
    bench.moment.now = bench.moment.now.plus(Duration::from_secs(u64::from(UNASKED_DAYS) * 86_400));
    bench.run(|tx| expire(tx, 9)).unwrap();
    assert_eq!(bench.run(|tx| unused(tx, 9)).unwrap(), ["a"], "also after a crash");
    let again = bench.run(|tx| want(tx, &mei(), "m2")).unwrap().unwrap();
    bench.run(|tx| settle(tx, again, &kept("a"))).unwrap();
    assert!(bench.run(|tx| unused(tx, 9)).unwrap().is_empty(), "it was sent again");
    bench.run(|tx| settle(tx, 99, &kept("a"))).unwrap();
    bench.run(|tx| settle(tx, 99, &kept("b"))).unwrap();
    assert_eq!(bench.run(|tx| unused(tx, 9)).unwrap(), ["b"], "forgotten while it was fetched");
    bench.run(|tx| removed(tx, &["b".to_owned()])).unwrap();
    assert!(bench.run(|tx| unused(tx, 9)).unwrap().is_empty());
}
