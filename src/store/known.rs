//! Values and pages that many commands read and few change, decoded once.
//!
//! What was read is known as long as no commit changes its table. A value is known beyond that if its bytes are still
//! those that it was decoded from.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

/// Values remembered at most; a stored value has 7 KiB at most.
const KNOWN_MAX: usize = 1024;
/// Pages remembered at most.
const PAGES_MAX: usize = 64;

type Shared = Arc<dyn Any + Send + Sync>;

#[derive(Debug, Default)]
pub(crate) struct Known {
    by_key: HashMap<Vec<u8>, Decoded, RandomState>,
    pages: HashMap<(Vec<u8>, usize), Paged, RandomState>,
}

#[derive(Debug)]
struct Decoded {
    from: Vec<u8>,
    /// The last commit that had changed the table when the engine said so; `None`: it isn't committed yet.
    as_of: Option<u64>,
    value: Shared,
}

#[derive(Debug)]
struct Paged {
    /// Where the page was asked to begin, and its first row: between them there is none.
    after: Option<Vec<u8>>,
    first: Option<Vec<u8>>,
    as_of: u64,
    page: Shared,
}

impl Known {
    /// A value whose table no commit has changed since.
    pub fn as_of<V: Send + Sync + 'static>(&self, key: &[u8], changed: u64) -> Option<Arc<V>> {
        let decoded = self.by_key.get(key).filter(|decoded| decoded.as_of == Some(changed))?;
        Arc::clone(&decoded.value).downcast().ok()
    }

    /// A value that was decoded from these very bytes.
    pub fn get<V: Send + Sync + 'static>(
        &mut self,
        key: &[u8],
        stored: &[u8],
        as_of: Option<u64>,
    ) -> Option<Arc<V>> {
        let decoded = self.by_key.get_mut(key).filter(|decoded| decoded.from == stored)?;
        decoded.as_of = as_of;
        Arc::clone(&decoded.value).downcast().ok()
    }

    pub fn learn<V: Send + Sync + 'static>(
        &mut self,
        key: &[u8],
        stored: &[u8],
        as_of: Option<u64>,
        value: Arc<V>,
    ) {
        if self.by_key.len() >= KNOWN_MAX && !self.by_key.contains_key(key) {
            self.by_key.clear();
        }
        self.by_key.insert(key.to_vec(), Decoded { from: stored.to_vec(), as_of, value });
    }

    /// The page of so many rows of that prefix, if it began at or before `after` and no row lies between.
    pub fn page<P: Send + Sync + 'static>(
        &self,
        prefix: &[u8],
        limit: usize,
        after: Option<&[u8]>,
        changed: u64,
    ) -> Option<Arc<P>> {
        let paged = self.pages.get(&(prefix.to_vec(), limit)).filter(|paged| paged.as_of == changed)?;
        let is_in = paged.after.as_deref() <= after
            && (paged.after.as_deref() == after
                || paged.first.as_deref().is_none_or(|first| after < Some(first)));
        if is_in { Arc::clone(&paged.page).downcast().ok() } else { None }
    }

    pub fn learn_page<P: Send + Sync + 'static>(
        &mut self,
        prefix: &[u8],
        limit: usize,
        [after, first]: [Option<Vec<u8>>; 2],
        as_of: u64,
        page: Arc<P>,
    ) {
        if self.pages.len() >= PAGES_MAX {
            self.pages.clear();
        }
        self.pages.insert((prefix.to_vec(), limit), Paged { after, first, as_of, page });
    }

    pub fn forget(&mut self) {
        self.by_key.clear();
        self.pages.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_known_by_the_bytes_and_the_type_it_was_decoded_to() {
        let mut known = Known::default();
        assert_eq!(known.get::<u32>(b"key", b"seven", None), None);
        known.learn(b"key", b"seven", None, Arc::new(7u32));
        assert_eq!(known.get(b"key", b"seven", None), Some(Arc::new(7u32)));
        assert_eq!(known.get::<u32>(b"key", b"eight", None), None);
        assert_eq!(known.get::<u32>(b"yek", b"seven", None), None);
        assert_eq!(known.get::<u64>(b"key", b"seven", None), None);
    }

    #[test]
    fn a_value_is_known_without_its_bytes_until_its_table_changes() {
        let mut known = Known::default();
        known.learn(b"key", b"seven", None, Arc::new(7u32));
        assert_eq!(known.as_of::<u32>(b"key", 0), None, "not committed");
        known.learn(b"key", b"seven", Some(3), Arc::new(7u32));
        assert_eq!(known.as_of(b"key", 3), Some(Arc::new(7u32)));
        assert_eq!(known.as_of::<u32>(b"key", 4), None);
        assert_eq!(known.get(b"key", b"seven", Some(4)), Some(Arc::new(7u32)));
        assert_eq!(known.as_of(b"key", 4), Some(Arc::new(7u32)));
    }

    #[test]
    fn a_page_is_known_from_where_it_was_asked_for_to_its_first_row() {
        let mut known = Known::default();
        let ends = || [Some(b"c".to_vec()), Some(b"f".to_vec())];
        known.learn_page(b"", 9, ends(), 3, Arc::new('p'));
        let page = |known: &Known, after: &[u8], changed| known.page::<char>(b"", 9, Some(after), changed);
        for (after, is_known) in [(b"b", false), (b"c", true), (b"e", true), (b"f", false), (b"g", false)] {
            assert_eq!(page(&known, after, 3).is_some(), is_known, "{after:?}");
        }
        assert_eq!(page(&known, b"c", 4), None);
        assert_eq!(known.page::<char>(b"", 8, Some(b"c"), 3), None);
        known.learn_page(b"", 9, [Some(b"c".to_vec()), None], 3, Arc::new('p'));
        assert!(page(&known, b"z", 3).is_some(), "no row at all behind c");
    }

    #[test]
    fn it_is_bounded() {
        let mut known = Known::default();
        for number in 0..3 * KNOWN_MAX {
            known.learn(&number.to_be_bytes(), b"", None, Arc::new(number));
            known.learn_page(&number.to_be_bytes(), 1, [None, None], 0, Arc::new(number));
            assert!(known.by_key.len() <= KNOWN_MAX && known.pages.len() <= PAGES_MAX);
        }
    }
}
