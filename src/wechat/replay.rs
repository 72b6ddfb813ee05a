use std::collections::HashMap;
use std::mem;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sha1::{Digest, Sha1};

use super::Refused;
use crate::moment::Time;

/// What a plain-mode request was signed with, and what it said. The signature stands for timestamp and nonce,
/// of which it is a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReplayKey {
    signature: [u8; 20],
    body: [u8; 20],
}

impl ReplayKey {
    pub(super) fn new(signature: [u8; 20], body: &[u8]) -> ReplayKey {
        ReplayKey { signature, body: Sha1::digest(body).into() }
    }
}

/// Remembers which signature came with which body. In plain mode the signature covers no byte of the body:
/// whoever saw one request could put other words under it for as long as its timestamp is in the window.
///
/// Bounded: it holds two times 65,536 requests at most (about 12 MB); of more, the oldest are forgotten.
#[derive(Debug)]
pub struct ReplayGuard {
    span: Duration,
    memory: Mutex<Memory>,
}

/// Requests remembered in each of two halves.
const REMEMBERED_MAX: usize = 1 << 16;

/// Two halves: the older one is dropped whole when the younger one is full or has lasted a span.
#[derive(Debug, Default)]
struct Memory {
    since: Time,
    young: HashMap<[u8; 20], [u8; 20]>,
    old: HashMap<[u8; 20], [u8; 20]>,
}

impl ReplayGuard {
    /// `window` is that of [`Keys`](super::Keys): a timestamp may lie as far ahead as behind, so a signature is
    /// remembered for twice that.
    pub fn new(window: Duration) -> ReplayGuard {
        ReplayGuard { span: window.saturating_mul(2), memory: Mutex::default() }
    }

    /// Lets a request pass unless its signature came with another body before. The same body is a retry.
    ///
    /// # Errors
    /// [`Refused::Replay`]
    pub fn check(&self, key: &ReplayKey, now: Time) -> Result<(), Refused> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.turn_over(now, self.span);
        match memory.body_of(&key.signature) {
            Some(body) if body == key.body => Ok(()),
            Some(_) => Err(Refused::Replay),
            None => {
                memory.young.insert(key.signature, key.body);
                Ok(())
            }
        }
    }
}

impl Memory {
    fn turn_over(&mut self, now: Time, span: Duration) {
        let age = now.since(self.since);
        if age >= span || self.young.len() >= REMEMBERED_MAX {
            // Exchanged rather than made anew, for the room that they have.
            mem::swap(&mut self.old, &mut self.young);
            self.young.clear();
            self.since = now;
        }
        if age >= span.saturating_mul(2) {
            self.old.clear();
        }
    }

    fn body_of(&self, signature: &[u8; 20]) -> Option<[u8; 20]> {
        self.young.get(signature).or_else(|| self.old.get(signature)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(600);

    fn at(seconds: i64) -> Time {
        Time::from_unix_s(1_795_400_000 + seconds)
    }

    fn request(signature: u32, body: &str) -> ReplayKey {
        let mut bytes = [0; 20];
        bytes[..4].copy_from_slice(&signature.to_be_bytes());
        ReplayKey::new(bytes, body.as_bytes())
    }

    #[test]
    fn a_retry_passes_and_another_body_does_not() {
        let guard = ReplayGuard::new(WINDOW);
        assert_eq!(guard.check(&request(1, "a"), at(0)), Ok(()));
        assert_eq!(guard.check(&request(1, "a"), at(5)), Ok(()));
        assert_eq!(guard.check(&request(1, "b"), at(6)), Err(Refused::Replay));
        assert_eq!(guard.check(&request(2, "b"), at(6)), Ok(()));
    }

    #[test]
    fn a_signature_is_remembered_for_as_long_as_it_can_be_in_the_window() {
        let guard = ReplayGuard::new(WINDOW);
        assert_eq!(guard.check(&request(1, "a"), at(0)), Ok(()));
        assert_eq!(guard.check(&request(2, "a"), at(1199)), Ok(()));
        for seconds in [1200, 2000, 2398] {
            assert_eq!(guard.check(&request(2, "b"), at(seconds)), Err(Refused::Replay), "{seconds}");
        }
        assert_eq!(guard.check(&request(2, "b"), at(9999)), Ok(()));
    }

    #[test]
    fn memory_is_bounded() {
        let guard = ReplayGuard::new(WINDOW);
        for signature in 0..3 * REMEMBERED_MAX as u32 {
            assert_eq!(guard.check(&request(signature, "a"), at(0)), Ok(()));
        }
        let memory = guard.memory.lock().unwrap();
        assert!(memory.young.len() + memory.old.len() <= 2 * REMEMBERED_MAX);
        assert!(memory.young.contains_key(&request(3 * REMEMBERED_MAX as u32 - 1, "a").signature));
    }
}
