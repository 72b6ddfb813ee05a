//! Where the data lives.

use std::path::PathBuf;

use super::reader::Section;
use super::value::{Raw, Setting, word};

/// Of 4 GiB machines; sled uses a few times its cache at its peaks.
const CACHE_MIB_MAX: usize = 65_536;
const QUEUE_MAX: usize = 1_000_000;

#[derive(Debug, Clone)]
pub struct Store {
    pub engine: EngineKind,
    /// The store's folder; unused by the memory engine.
    pub path: PathBuf,
    /// The folder of sealed documents; beside the store's if left out.
    pub documents: PathBuf,
    pub cache_mib: usize,
    /// Commands that may wait; one more is told that the service is busy.
    pub queue_max: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EngineKind {
    #[default]
    Sled,
    /// Forgets everything at the end: for trying things out.
    Memory,
}

impl Store {
    pub(super) fn read(section: &mut Section<'_>) -> Store {
        let engine = section.or("engine", EngineKind::default());
        let path = section.path("path");
        if engine == EngineKind::Sled && !section.is_given("path") {
            section.problem("path", "is missing; name a folder on a local disk, like \"data/store\"");
        }
        let path = path.unwrap_or_default();
        let beside = path.with_file_name("documents");
        let store = Store {
            engine,
            documents: section.path("documents").unwrap_or(beside),
            path,
            cache_mib: section.or("cache_mib", 24),
            queue_max: section.or("queue_max", 4_096),
        };
        if store.cache_mib > CACHE_MIB_MAX {
            section.problem("cache_mib", format!("must be at most {CACHE_MIB_MAX}"));
        }
        if store.queue_max > QUEUE_MAX {
            section.problem("queue_max", format!("must be at most {QUEUE_MAX}"));
        }
        store
    }
}

impl Setting for EngineKind {
    const EXPECTED: &'static str = "\"sled\" or \"memory\"";
    fn from_raw(raw: &Raw) -> Option<EngineKind> {
        word(raw, &[("sled", EngineKind::Sled), ("memory", EngineKind::Memory)])
    }
}
