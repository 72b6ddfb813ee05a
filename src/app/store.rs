//! The configured store, opened.

use crate::config::{self, EngineKind, Keys};
use crate::domain::tables::CATALOG;
use crate::store::engine::Engine;
use crate::store::engine::journal::Journal;
use crate::store::engine::memory::Memory;
use crate::store::{OpenError, Options, Sealer, Store};

/// Opens the store without holding up the runtime: recovering a large one takes seconds.
pub async fn open_store(settings: &config::Store, keys: &Keys) -> Result<Store, OpenError> {
    let options = Options { queue_commands_max: settings.queue_max, ..Options::new(sealer(keys), CATALOG) };
    let engine = engine(settings);
    let opened = tokio::task::spawn_blocking(move || Store::open(engine, options)).await;
    opened.unwrap_or_else(|panic| Err(OpenError::Io(format!("opening the store panicked: {panic}"))))
}

pub fn engine(settings: &config::Store) -> Box<dyn Engine> {
    match settings.engine {
        EngineKind::Memory => Box::new(Memory::default()),
        EngineKind::Sled => Box::new(Journal::new(&settings.path, (settings.cache_mib as u64) << 20)),
    }
}

pub fn sealer(keys: &Keys) -> Sealer {
    let previous: Vec<[u8; 32]> = keys.seal_previous.iter().map(|key| *key.expose()).collect();
    Sealer::new(keys.seal.expose(), &previous)
}
