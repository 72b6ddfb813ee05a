//! What followers are shown, however many benefits there ever were.

use super::super::manage::{SHOWN_MAX, close, shown};
use super::*;

fn ids(bench: &mut Bench) -> Vec<u32> {
    bench.run(shown).unwrap().iter().map(|found| found.benefit.id).collect()
}

fn publishes(bench: &mut Bench, terms: &Terms) -> Result<u32, ManageRefusal> {
    let id = bench.run(|tx| create(tx, terms.clone())).unwrap().id;
    bench.run(|tx| publish(tx, id)).unwrap().map(|benefit| benefit.id)
}

#[test]
fn what_is_over_leaves_the_list_and_the_newest_is_on_it() {
    let mut bench = open(sample_terms());
    let ends = bench.moment.now.plus(DAY);
    let short = with(|terms| terms.ends = Some(ends));
    for _ in 0..50 {
        publishes(&mut bench, &short).unwrap();
    }
    assert_eq!(ids(&mut bench).len(), 51);
    bench.goes_on(DAY);
    let newest = publishes(&mut bench, &sample_terms()).unwrap();
    assert_eq!(ids(&mut bench), [newest, 1]);
    let rows = bench.run(|tx| Ok(tx.scan(&SHOWN_BENEFITS, &(), None, 100)?.rows.len())).unwrap();
    assert_eq!(rows, 2, "for good");
    bench.run(|tx| close(tx, 1)).unwrap().unwrap();
    assert_eq!(ids(&mut bench), [newest]);
}

#[test]
fn no_more_are_shown_than_anybody_looks_at() {
    let mut bench = open(sample_terms());
    for _ in 1..SHOWN_MAX {
        publishes(&mut bench, &sample_terms()).unwrap();
    }
    let full = ManageRefusal::TooManyShown { max: SHOWN_MAX };
    assert_eq!(publishes(&mut bench, &sample_terms()), Err(full));
    bench.run(|tx| close(tx, 7)).unwrap().unwrap();
    assert!(publishes(&mut bench, &sample_terms()).is_ok());
    assert!(bench.run(|tx| publish(tx, 9)).unwrap().is_ok(), "what is shown already may be said again");
}
