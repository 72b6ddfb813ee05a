//! Where no rows are left. Who takes from a queue again and again, or steps through a table from which much was deleted,
//! would pass over the same deleted rows each time: the layers keep them until sled has forgotten them, too.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::layers::Found;
use crate::store::engine::{EngineError, Range, Rows, Write};

/// Passing over fewer is quick; tests have few rows.
const PASSED_MIN: usize = if cfg!(test) { 2 } else { 32 };

/// Of more ranges, the one in which least was passed over is looked through again.
const GAPS_MAX: usize = 32;

/// Ranges without rows, by where they begin. No key is in two of them.
#[derive(Debug, Default)]
pub(super) struct Gaps(BTreeMap<Vec<u8>, Gap>);

#[derive(Debug)]
struct Gap {
    /// The first key that isn't in it.
    end: Vec<u8>,
    passed: usize,
}

impl Gaps {
    /// The first `limit` rows of a range by what `look` finds in the parts of it that aren't known to be empty; what was
    /// passed over there is learnt.
    pub fn scan(
        &mut self,
        range: Range<'_>,
        limit: usize,
        look: impl Fn(Range<'_>, usize) -> Result<Found, EngineError>,
    ) -> Result<Rows, EngineError> {
        let first = match range.0 {
            Bound::Included(start) => start.to_vec(),
            Bound::Excluded(start) => after(start),
            Bound::Unbounded => Vec::new(),
        };
        // Behind the last row, or where it all begins, there was none.
        let since = |rows: &Rows| rows.last().map_or_else(|| first.clone(), |(key, _)| after(key));
        let (mut rows, mut next) = (Rows::new(), Some(first.clone()));
        while let Some(start) = next.take_if(|_| rows.len() < limit) {
            let from = self.end(&start).map_or(start.clone(), <[u8]>::to_vec);
            let gap = self.first_after(&from).filter(|gap| is_before_end(gap, range.1)).map(<[u8]>::to_vec);
            let end = gap.as_deref().map_or(range.1, Bound::Excluded);
            let found = look((Bound::Included(&from), end), limit - rows.len())?;
            let mut passed = found.passed.into_iter().peekable();
            for (n, (key, value)) in found.rows.into_iter().enumerate() {
                if let Some((_, passed)) = passed.next_if(|(before, _)| *before == n) {
                    self.learn(&since(&rows), &key, passed);
                }
                rows.push((key, value));
            }
            // Behind the last row only if all of the part was looked through.
            if let Some((_, passed)) = passed.next() {
                match end {
                    Bound::Excluded(end) => self.learn(&since(&rows), end, passed),
                    Bound::Included(end) => self.learn(&since(&rows), &after(end), passed),
                    Bound::Unbounded => {}
                }
            }
            next = gap;
        }
        Ok(rows)
    }

    /// Up to which key there are no rows from `start` on; `None`: that isn't known.
    fn end(&self, start: &[u8]) -> Option<&[u8]> {
        self.around(start).map(|(_, gap)| &gap.end[..])
    }

    /// Where the first gap behind `key` begins.
    fn first_after(&self, key: &[u8]) -> Option<&[u8]> {
        let behind = (Bound::Excluded(key), Bound::Unbounded);
        self.0.range::<[u8], _>(behind).next().map(|(begin, _)| &begin[..])
    }

    /// From `start` up to `end`, which is not in it, so many deleted rows were passed over and nothing else.
    fn learn(&mut self, start: &[u8], end: &[u8], passed: usize) {
        let (mut gap, mut begin) = (Gap { end: end.to_vec(), passed }, start.to_vec());
        match self.around(start).map(|(begin, _)| begin.to_vec()) {
            Some(around) => begin = around,
            None if passed < PASSED_MIN => return,
            None => {}
        }
        // What lies in it, and what begins where it ends, is one with it.
        let inside = (Bound::Included(&begin[..]), Bound::Included(end));
        let inside: Vec<Vec<u8>> = self.0.range::<[u8], _>(inside).map(|(begin, _)| begin.clone()).collect();
        for known in inside.iter().filter_map(|begin| self.0.remove(begin)) {
            gap.passed += known.passed;
            gap.end = gap.end.max(known.end);
        }
        if self.0.len() == GAPS_MAX {
            let least = self.0.iter().min_by_key(|(_, gap)| gap.passed).map(|(begin, _)| begin.clone());
            least.and_then(|begin| self.0.remove(&begin));
        }
        self.0.insert(begin, gap);
    }

    /// These rows were written.
    pub fn apply(&mut self, writes: &[Write]) {
        if self.0.is_empty() {
            return;
        }
        for (key, _) in writes.iter().filter(|(_, value)| value.is_some()) {
            let Some(begin) = self.around(key).map(|(begin, _)| begin.to_vec()) else { continue };
            match self.0.get_mut(&begin) {
                Some(gap) if begin < *key => gap.end.clone_from(key),
                _ => _ = self.0.remove(&begin),
            }
        }
    }

    /// The one that holds a key.
    fn around(&self, key: &[u8]) -> Option<(&[u8], &Gap)> {
        let (begin, gap) = self.0.range::<[u8], _>((Bound::Unbounded, Bound::Included(key))).next_back()?;
        (key < &gap.end[..]).then_some((begin, gap))
    }
}

/// The least key behind it.
fn after(key: &[u8]) -> Vec<u8> {
    [key, &[0]].concat()
}

fn is_before_end(key: &[u8], end: Bound<&[u8]>) -> bool {
    match end {
        Bound::Excluded(end) => key < end,
        Bound::Included(end) => key <= end,
        Bound::Unbounded => true,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::store::engine::is_empty;

    /// Rows, and those that were deleted.
    type Table = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

    #[derive(Debug, Clone)]
    enum Step {
        Write(Vec<u8>, Option<Vec<u8>>),
        Scan(Bound<Vec<u8>>, Bound<Vec<u8>>, usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        let key = || prop::collection::vec(0u8..3, 0..4);
        let bound = move || {
            prop_oneof![
                2 => key().prop_map(Bound::Included),
                1 => key().prop_map(Bound::Excluded),
                1 => Just(Bound::Unbounded)
            ]
        };
        let value = prop::option::of(Just(vec![1]));
        prop_oneof![
            (key(), value).prop_map(|(key, value)| Step::Write(key, value)),
            (bound(), bound(), 0usize..6).prop_map(|(start, end, limit)| Step::Scan(start, end, limit)),
        ]
    }

    fn look(table: &Table, range: Range<'_>, limit: usize) -> Found {
        let mut found = Found::default();
        if is_empty(range) || limit == 0 {
            return found;
        }
        let mut passed = 0;
        for (key, value) in table.range::<[u8], _>(range) {
            match value {
                None => passed += 1,
                Some(value) => {
                    found.push(key.clone(), value.clone(), &mut passed);
                    if found.rows.len() == limit {
                        return found;
                    }
                }
            }
        }
        found.end(passed);
        found
    }

    proptest! {
        #[test]
        fn a_scan_finds_what_is_there(steps in prop::collection::vec(step(), 0..200)) {
            let (mut table, mut gaps) = (Table::new(), Gaps::default());
            for step in steps {
                match step {
                    Step::Write(key, value) => {
                        gaps.apply(&[(key.clone(), value.clone())]);
                        table.insert(key, value);
                    }
                    Step::Scan(start, end, limit) => {
                        let range = (start.as_ref().map(Vec::as_slice), end.as_ref().map(Vec::as_slice));
                        let rows = gaps.scan(range, limit, |range, limit| Ok(look(&table, range, limit))).unwrap();
                        prop_assert_eq!(rows, look(&table, range, limit).rows);
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_is_passed_over_again_and_again() {
        let key = |n: u32| n.to_be_bytes().to_vec();
        // Every hundredth row is left.
        let mut table: Table = (0..10_000).map(|n| (key(n), (n % 100 == 99).then(|| vec![1]))).collect();
        let (mut gaps, passed, end) = (Gaps::default(), Cell::new(0), key(10_000));
        let pages = |gaps: &mut Gaps, table: &Table| {
            passed.set(0);
            let (mut start, mut count) = (Bound::Unbounded, 0);
            loop {
                let range = (start.as_ref().map(|key: &Vec<u8>| &key[..]), Bound::Excluded(&end[..]));
                let rows = gaps.scan(range, 7, |range, limit| {
                    let found = look(table, range, limit);
                    passed.set(passed.get() + found.passed.iter().map(|(_, passed)| passed).sum::<usize>());
                    Ok(found)
                });
                let rows = rows.unwrap();
                count += rows.len();
                let Some((last, _)) = rows.last() else { return (count, passed.get()) };
                start = Bound::Excluded(last.clone());
            }
        };
        assert_eq!(pages(&mut gaps, &table), (100, 9_900));
        let (count, again) = pages(&mut gaps, &table);
        assert_eq!(count, 100);
        assert!(again <= 9_900 - GAPS_MAX / 2 * 99, "{again}");
        // Taken from behind the first three, which stay.
        for n in (399..10_000).step_by(100) {
            table.insert(key(n), None);
            pages(&mut gaps, &table);
        }
        let (count, again) = pages(&mut gaps, &table);
        assert!(count == 3 && again == 0, "{count} {again}");
    }
}
