//! Several who write at once, so that commands run on top of a commit whose sync is under way: each takes the next number
//! and puts it down as its own. Who saw a commit that failed must not be told that theirs is there.

use std::collections::BTreeMap;
use std::path::Path;
use std::thread;

use gonghui::store::{Fault, Store, SubmitError, Tx};

use super::child::{Asked, NOW, ROWS, open, tell, wait_until_ready};

/// More than one commit takes: the rest runs on top of it.
const WRITERS: u64 = 200;
const STEPS_EACH: u64 = 3;
/// The row with the last number that was given.
const LAST: u64 = 0;

/// The next number, taken by whom `of` says.
fn take(of: String) -> impl Fn(&mut Tx) -> Result<u64, Fault> + Send + Sync {
    move |tx| {
        let last = tx.get(&ROWS, &LAST)?.and_then(|last| last.parse().ok()).unwrap_or(LAST);
        tx.put(&ROWS, &LAST, &(last + 1).to_string())?;
        tx.put(&ROWS, &(last + 1), &of)?;
        Ok(last + 1)
    }
}

pub fn write(folder: &Path) {
    let store = open(folder, Asked::Numbers);
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let store = &store;
            scope.spawn(move || (0..STEPS_EACH).for_each(|step| take_one(store, format!("{writer}.{step}"))));
        }
    });
    tell("end");
    // As if it were killed: nothing is written on the way out.
    std::process::exit(0);
}

/// Until it is told that the number is its own.
fn take_one(store: &Store, of: String) {
    loop {
        match store.submit_blocking(NOW, take(of.clone())) {
            Ok(number) => return tell(&format!("ack {number} {of}")),
            Err(SubmitError::Full | SubmitError::Unavailable(_)) => {
                tell(&format!("refused {of}"));
                wait_until_ready(store);
            }
            Err(other) => panic!("{other}"),
        }
    }
}

/// Whether every number belongs to whom it was given, to one alone, and none was given twice or left out.
pub fn check(folder: &Path, told: &[String]) -> Result<(), String> {
    let acknowledged: Vec<(u64, String)> = told
        .iter()
        .filter_map(|line| line.strip_prefix("ack ")?.split_once(' '))
        .map(|(number, of)| (number.parse().unwrap(), of.to_owned()))
        .collect();
    if acknowledged.len() as u64 != WRITERS * STEPS_EACH {
        return Err(format!("{} steps were acknowledged", acknowledged.len()));
    }
    let store = open(folder, Asked::Numbers);
    let rows = store
        .submit_blocking(NOW, |tx| tx.scan(&ROWS, &(), None, 1000))
        .map_err(|error| error.to_string())?;
    let mut rows: BTreeMap<u64, String> = rows.rows.into_iter().collect();
    let last = rows.remove(&LAST).unwrap_or_default();
    if !rows.keys().copied().eq(1..=acknowledged.len() as u64) || last != acknowledged.len().to_string() {
        return Err(format!("up to {last}, and the rows are {:?}", rows.keys()));
    }
    for (number, of) in acknowledged {
        match rows.remove(&number) {
            Some(there) if there == of => {}
            there => return Err(format!("{number} was given to {of}, and is {there:?} now")),
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let report = runtime.block_on(store.verify()).map_err(|error| error.to_string())?;
    if report.is_sound() { Ok(()) } else { Err(format!("{:?}", report.problems)) }
}
