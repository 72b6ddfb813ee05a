//! Where no rows are left. Who takes from the front of a queue again and again looks for it from the same place, and would
//! pass over more of what was deleted each time: the layers keep a deleted row until sled has forgotten it, too.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::store::engine::Write;

/// Passing over fewer is quick.
const PASSED_MIN: usize = 8;

/// Queues are few; of more ranges, the one in which least was passed over is looked through again.
const GAPS_MAX: usize = 32;

/// Ranges without rows, by where they begin.
#[derive(Debug, Default)]
pub(super) struct Gaps(BTreeMap<Vec<u8>, Gap>);

#[derive(Debug)]
struct Gap {
    /// The first key that isn't in it.
    end: Vec<u8>,
    passed: usize,
}

impl Gaps {
    /// Up to which key there are no rows from `start` on; `None`: that isn't known.
    pub fn end(&self, start: &[u8]) -> Option<&[u8]> {
        self.around(start).map(|(_, gap)| &gap.end[..])
    }

    /// From `start` up to `end`, which is not in it, so many deleted rows were passed over and nothing else.
    pub fn learn(&mut self, start: &[u8], end: &[u8], passed: usize) {
        let (mut gap, mut begin) = (Gap { end: end.to_vec(), passed }, start.to_vec());
        match self.around(start).map(|(begin, _)| begin.to_vec()) {
            Some(around) => begin = around,
            None if passed < PASSED_MIN => return,
            None => {}
        }
        // No key is in two of them: a row that is written ends one.
        let inside = (Bound::Included(&begin[..]), Bound::Excluded(end));
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Step {
        Write(Vec<u8>, Option<Vec<u8>>),
        Look(Vec<u8>),
    }

    fn step() -> impl Strategy<Value = Step> {
        let key = || prop::collection::vec(0u8..3, 0..4);
        let value = prop::option::of(Just(vec![1]));
        prop_oneof![
            (key(), value).prop_map(|(key, value)| Step::Write(key, value)),
            key().prop_map(Step::Look),
        ]
    }

    proptest! {
        #[test]
        fn no_row_is_ever_in_a_gap(steps in prop::collection::vec(step(), 0..200)) {
            let (mut rows, mut gaps) = (BTreeMap::new(), Gaps::default());
            for step in steps {
                match step {
                    Step::Write(key, value) => {
                        gaps.apply(&[(key.clone(), value.clone())]);
                        match value {
                            Some(value) => rows.insert(key, value),
                            None => rows.remove(&key),
                        };
                    }
                    Step::Look(key) => {
                        let first = rows.range(key.clone()..).next().map(|(first, _)| first.clone());
                        let first = first.unwrap_or_else(|| vec![9]);
                        if let Some(end) = gaps.end(&key) {
                            prop_assert!(end <= &first[..], "{first:?} is before {end:?}");
                        }
                        if key < first {
                            gaps.learn(&key, &first, PASSED_MIN);
                            prop_assert_eq!(gaps.end(&key), Some(&first[..]));
                        }
                    }
                }
            }
        }
    }
}
