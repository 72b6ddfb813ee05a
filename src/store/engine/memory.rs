//! An engine that holds everything in memory: for tests, replays and trying things out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Batch, Direction, Durability, Engine, EngineError, Range, Rows, Write, is_empty};

/// Clones share one content, so a test can close a store and open another on a clone.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    content: Arc<Mutex<Content>>,
}

#[derive(Debug, Default)]
struct Content {
    label: Option<Vec<u8>>,
    rows: BTreeMap<Vec<u8>, Vec<u8>>,
    acknowledged: u64,
}

impl Content {
    fn apply(&mut self, writes: &[Write]) {
        for (key, value) in writes {
            match value {
                Some(value) => self.rows.insert(key.clone(), value.clone()),
                None => self.rows.remove(key),
            };
        }
    }
}

impl Memory {
    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine for Memory {
    fn settings(&self) -> &'static str {
        "memory"
    }

    fn label(&self) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.content().label.clone())
    }

    fn set_label(&mut self, label: &[u8]) -> Result<(), EngineError> {
        self.content().label = Some(label.to_vec());
        Ok(())
    }

    fn open(&mut self) -> Result<u64, EngineError> {
        Ok(self.content().acknowledged)
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.content().rows.get(key).cloned())
    }

    fn scan(&self, range: Range<'_>, direction: Direction, limit: usize) -> Result<Rows, EngineError> {
        if is_empty(range) {
            return Ok(Rows::new());
        }
        let content = self.content();
        let rows = content.rows.range::<[u8], _>(range).map(|(key, value)| (key.clone(), value.clone()));
        Ok(match direction {
            Direction::Forward => rows.take(limit).collect(),
            Direction::Back => rows.rev().take(limit).collect(),
        })
    }

    fn commit(&mut self, batch: &Batch, _: Durability) -> Result<(), EngineError> {
        let mut content = self.content();
        content.apply(&batch.writes);
        content.acknowledged = batch.seq;
        Ok(())
    }

    fn take_back(&mut self, writes: &[Write]) {
        let mut content = self.content();
        content.apply(writes);
        content.acknowledged = content.acknowledged.saturating_sub(1);
    }

    fn sync(&mut self) -> Result<Option<u64>, EngineError> {
        Ok(Some(self.content().acknowledged))
    }

    fn flush(&mut self) -> Result<u64, EngineError> {
        Ok(self.content().acknowledged)
    }

    fn reopen(&mut self) -> Result<u64, EngineError> {
        self.open()
    }

    fn close(&mut self) -> Result<(), EngineError> {
        Ok(())
    }
}
