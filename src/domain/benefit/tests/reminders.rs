//! 提醒我: whoever asked is told before the release, or what became of it.

use super::super::manage::{close, pause};
use super::super::remind::{AHEAD, want};
use super::*;
use crate::domain::member::erase::erase;

fn wants(bench: &mut Bench, name: &str) -> Time {
    bench.run(|tx| want(tx, &who(name), 1)).unwrap().unwrap()
}

/// Daily at so many o'clock.
fn at_hour(to: i8) -> Terms {
    with(|terms| match &mut terms.releases[0].when {
        When::Weekly { hour, .. } => *hour = to,
        When::At(_) => {}
    })
}

fn changes(bench: &mut Bench, terms: &Terms) {
    bench.run(|tx| change(tx, 1, terms.clone())).unwrap().unwrap();
    bench.goes_on(Duration::ZERO);
}

fn told(bench: &mut Bench) -> Vec<Welfare> {
    bench.told_of_welfare().into_iter().map(|(_, told)| told).collect()
}

#[test]
fn who_asked_twice_is_told_once_and_on_time() {
    let mut bench = open(sample_terms());
    let release = wants(&mut bench, "oMei");
    assert_eq!(release, bench.moment.now.plus(DAY));
    wants(&mut bench, "oMei");
    changes(&mut bench, &with(|terms| terms.releases[0].stock = 20));
    assert_eq!(told(&mut bench), [], "it comes as before");
    bench.goes_on(DAY - AHEAD);
    assert_eq!(told(&mut bench), [Welfare::ReleaseSoon { benefit: 1, release }]);
}

#[test]
fn who_had_themselves_erased_is_told_nothing_more() {
    let mut bench = open(sample_terms());
    wants(&mut bench, "oMei");
    let release = wants(&mut bench, "oBo");
    bench.run(|tx| erase(tx, &who("oMei"))).unwrap();
    bench.goes_on(DAY);
    assert_eq!(bench.told_of_welfare(), [("oBo".to_owned(), Welfare::ReleaseSoon { benefit: 1, release })]);
}

#[test]
fn a_release_that_staff_move_takes_those_who_wait_for_it_along() {
    for to in [8, 12] {
        let mut bench = open(sample_terms());
        let release = wants(&mut bench, "oMei");
        changes(&mut bench, &at_hour(to));
        let today = Time::at(bench.moment.now.date(), to, 0).unwrap();
        let next = if to == 12 { today } else { today.plus(DAY) };
        let moved = Welfare::ReleaseMoved { benefit: 1, release, next };
        assert_eq!(told(&mut bench), std::slice::from_ref(&moved), "at once");
        bench.moment.now = next.minus(AHEAD);
        bench.goes_on(Duration::ZERO);
        assert_eq!(told(&mut bench), [moved, Welfare::ReleaseSoon { benefit: 1, release: next }]);
        bench.goes_on(2 * DAY);
        assert_eq!(told(&mut bench).len(), 2);
    }
}

#[test]
fn however_many_wait_each_is_told() {
    let mut bench = open(sample_terms());
    for number in 0..45 {
        wants(&mut bench, &format!("oFollower{number}"));
    }
    changes(&mut bench, &at_hour(12));
    changes(&mut bench, &at_hour(14));
    bench.goes_on(DAY);
    let (names, notices): (BTreeSet<_>, Vec<_>) = bench.told_of_welfare().into_iter().unzip();
    let soon = notices.iter().filter(|told| matches!(told, Welfare::ReleaseSoon { .. })).count();
    assert_eq!((names.len(), soon, notices.len()), (45, 45, 3 * 45), "two moves, and the release");
}

#[test]
fn of_a_release_that_does_not_come_it_is_told_that_it_does_not() {
    let off = |release| [Welfare::ReleaseOff { benefit: 1, release }];

    let mut bench = open(sample_terms());
    let release = wants(&mut bench, "oMei");
    let ends = bench.moment.now.plus(DAY);
    changes(&mut bench, &with(|terms| terms.ends = Some(ends)));
    assert_eq!(told(&mut bench), off(release), "taken away, and no other comes");

    let mut bench = open(sample_terms());
    wants(&mut bench, "oMei");
    bench.run(|tx| close(tx, 1)).unwrap().unwrap();
    bench.goes_on(Duration::ZERO);
    assert_eq!(told(&mut bench), off(release), "closed");

    // Staff may go on before it is time.
    let mut bench = open(sample_terms());
    for name in ["oMei", "oBo"] {
        wants(&mut bench, name);
        bench.run(|tx| pause(tx, 1, "核对库存")).unwrap().unwrap();
        bench.goes_on(Duration::ZERO);
        assert_eq!(told(&mut bench), []);
        bench.run(|tx| publish(tx, 1)).unwrap().unwrap();
    }
    bench.run(|tx| pause(tx, 1, "核对库存")).unwrap().unwrap();
    bench.goes_on(DAY - AHEAD);
    assert_eq!(told(&mut bench), [off(release), off(release)].concat());
}
