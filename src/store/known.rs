//! Values that many commands read and few change, decoded once.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

/// Values remembered at most; a stored value has 7 KiB at most.
const KNOWN_MAX: usize = 1024;

/// A remembered value counts only for the very bytes that it was decoded from, so there is nothing to keep in step.
#[derive(Debug, Default)]
pub(crate) struct Known {
    by_key: HashMap<Vec<u8>, Decoded>,
}

#[derive(Debug)]
struct Decoded {
    from: Vec<u8>,
    value: Arc<dyn Any + Send + Sync>,
}

impl Known {
    pub fn get<V: Send + Sync + 'static>(&self, key: &[u8], stored: &[u8]) -> Option<Arc<V>> {
        let decoded = self.by_key.get(key).filter(|decoded| decoded.from == stored)?;
        Arc::clone(&decoded.value).downcast().ok()
    }

    pub fn learn<V: Send + Sync + 'static>(&mut self, key: &[u8], stored: &[u8], value: Arc<V>) {
        if self.by_key.len() >= KNOWN_MAX && !self.by_key.contains_key(key) {
            self.by_key.clear();
        }
        self.by_key.insert(key.to_vec(), Decoded { from: stored.to_vec(), value });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_known_by_the_bytes_and_the_type_it_was_decoded_to() {
        let mut known = Known::default();
        assert_eq!(known.get::<u32>(b"key", b"seven"), None);
        known.learn(b"key", b"seven", Arc::new(7u32));
        assert_eq!(known.get(b"key", b"seven"), Some(Arc::new(7u32)));
        assert_eq!(known.get::<u32>(b"key", b"eight"), None);
        assert_eq!(known.get::<u32>(b"yek", b"seven"), None);
        assert_eq!(known.get::<u64>(b"key", b"seven"), None);
    }

    #[test]
    fn it_is_bounded() {
        let mut known = Known::default();
        for number in 0..3 * KNOWN_MAX {
            known.learn(&number.to_be_bytes(), b"", Arc::new(number));
            assert!(known.by_key.len() <= KNOWN_MAX);
        }
    }
}
