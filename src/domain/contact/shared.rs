//! Answers that many followers get: each stands once, for an hour or two, rather than in all of their rows.

use std::time::Duration;

use xxhash_rust::xxh3::xxh3_128;

use super::seen::Given;
use crate::domain::tables::SHARED_ANSWERS;
use crate::domain::timers::{self, Timer};
use crate::moment::Time;
use crate::store::{Bytes, Fault, Tx};

/// A shorter one takes no more in the row than what leads to it.
const INLINE_BYTES_MAX: usize = 64;
/// What is given in one of these is dropped after another: WeChat's retries end within 15 s.
const SPAN: Duration = Duration::from_secs(3600);
const DROPPED_PER_COMMIT: usize = 100;

/// (span since 1970, hash of the reply)
pub type SharedKey = (u32, u128);

/// The reply, as it is stored, where a retry finds it.
pub fn keep(tx: &mut Tx, reply: Vec<u8>) -> Result<Given, Fault> {
    if reply.len() <= INLINE_BYTES_MAX || !tx.keeps_writes() {
        return Ok(Given::Public(reply.into()));
    }
    let span = span_of(tx.moment().now);
    let key = (span, xxh3_128(&reply));
    match tx.get_shared(&SHARED_ANSWERS, &key)? {
        Some(same) if same.0 == reply => {}
        Some(_) => return Ok(Given::Public(reply.into())),
        None => {
            if tx.scan(&SHARED_ANSWERS, &span, None, 1)?.rows.is_empty() {
                timers::set(tx, end_of(span).plus(SPAN), Timer::DropAnswers { span })?;
            }
            tx.put(&SHARED_ANSWERS, &key, &Bytes(reply))?;
        }
    }
    Ok(Given::Shared(key))
}

/// `None` if it was dropped since.
pub fn find(tx: &Tx, key: &SharedKey) -> Result<Option<Vec<u8>>, Fault> {
    Ok(tx.get(&SHARED_ANSWERS, key)?.map(|reply| reply.0))
}

/// Drops some that were given in that span.
pub fn drop_some(tx: &mut Tx, span: u32) -> Result<(), Fault> {
    let page = tx.scan(&SHARED_ANSWERS, &span, None, DROPPED_PER_COMMIT)?;
    for (key, _) in &page.rows {
        tx.delete(&SHARED_ANSWERS, key)?;
    }
    match page.next {
        Some(_) => timers::set(tx, tx.moment().now, Timer::DropAnswers { span }),
        None => Ok(()),
    }
}

fn span_of(now: Time) -> u32 {
    u32::try_from(now.unix_s() / SPAN.as_secs() as i64).unwrap_or_default()
}

fn end_of(span: u32) -> Time {
    Time::from_unix_s((i64::from(span) + 1) * SPAN.as_secs() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tables::{CATALOG, TIMERS};
    use crate::domain::timers::fire;
    use crate::store::testing::Bench;

    const WORDS: &str = "秋季游泳班、周末健步走和周二手作课都在报名，回复数字看详情，回复更多看后面的";

    fn rows(bench: &mut Bench) -> usize {
        bench.run(|tx| Ok(tx.scan(&SHARED_ANSWERS, &(), None, 1000)?.rows.len())).unwrap()
    }

    #[test]
    fn the_same_answer_stands_once_and_is_found() {
        let mut bench = Bench::new(CATALOG);
        let given = bench.run(|tx| keep(tx, WORDS.into())).unwrap();
        assert_eq!(bench.run(|tx| keep(tx, WORDS.into())).unwrap(), given);
        assert_eq!(rows(&mut bench), 1);
        let Given::Shared(key) = given else { panic!("{given:?}") };
        assert_eq!(bench.run(|tx| find(tx, &key)).unwrap().unwrap(), WORDS.as_bytes());
        let short = bench.run(|tx| keep(tx, "好".into())).unwrap();
        assert_eq!((short, rows(&mut bench)), (Given::Public("好".into()), 1));
    }

    #[test]
    fn another_with_the_same_hash_is_kept_in_the_row() {
        let mut bench = Bench::new(CATALOG);
        let Given::Shared(key) = bench.run(|tx| keep(tx, WORDS.into())).unwrap() else { panic!() };
        bench.run(|tx| tx.put(&SHARED_ANSWERS, &key, &Bytes(b"other".to_vec()))).unwrap();
        assert_eq!(bench.run(|tx| keep(tx, WORDS.into())).unwrap(), Given::Public(WORDS.into()));
    }

    #[test]
    fn all_of_a_span_are_dropped_after_the_next() {
        let mut bench = Bench::new(CATALOG);
        for n in 0..250 {
            bench.run(|tx| keep(tx, format!("{n} {WORDS}").into())).unwrap();
        }
        let timers = bench.run(|tx| Ok(tx.scan(&TIMERS, &(), None, 10)?.rows)).unwrap();
        assert_eq!(timers.len(), 1);
        let due = timers[0].0.0;
        assert!(due.since(bench.moment.now) >= SPAN);
        bench.moment.now = due.minus(Duration::from_secs(1));
        assert!(!bench.run(fire).unwrap());
        bench.moment.now = due;
        while bench.run(fire).unwrap() {}
        assert_eq!(rows(&mut bench), 0);
    }
}
