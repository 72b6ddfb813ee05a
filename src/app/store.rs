//! The configured store, opened.

use std::path::PathBuf;

use super::random_into;
use crate::config::{self, EngineKind, Keys};
use crate::domain::member;
use crate::domain::tables::CATALOG;
use crate::moment::Moment;
use crate::store::engine::Engine;
use crate::store::engine::journal::Journal;
use crate::store::engine::memory::Memory;
use crate::store::{KeyBook, OpenError, Options, Sealer, Store};

/// Opens the store without holding up the runtime: recovering a large one takes seconds.
pub async fn open_store(settings: &config::Store, keys: &Keys, at: Moment) -> Result<Store, OpenError> {
    let book = key_book(settings)?;
    let options = Options {
        queue_commands_max: settings.queue_max,
        ..Options::new(sealer(keys).with_book(book), CATALOG)
    };
    let engine = engine(settings);
    let opened = tokio::task::spawn_blocking(move || Store::open(engine, options)).await;
    let store =
        opened.unwrap_or_else(|panic| Err(OpenError::Io(format!("opening the store panicked: {panic}"))))?;
    let belongs = store.submit(at, member::list::book_belongs).await;
    match belongs {
        Ok(true) => Ok(store),
        Ok(false) => {
            _ = store.close().await;
            let path = key_book_path(settings);
            Err(OpenError::Io(format!(
                "{} is not this store's key book: put the latest copy of it there (member-keys, beside the backups)",
                path.display()
            )))
        }
        Err(error) => Err(OpenError::Io(error.to_string())),
    }
}

pub fn engine(settings: &config::Store) -> Box<dyn Engine> {
    match settings.engine {
        EngineKind::Memory => Box::new(Memory::default()),
        EngineKind::Sled => Box::new(Journal::new(&settings.path, (settings.cache_mib as u64) << 20)),
    }
}

/// Where members' keys are: beside the store, since they must not be in its backups.
pub fn key_book_path(settings: &config::Store) -> PathBuf {
    settings.path.with_added_extension("keys")
}

pub fn sealer(keys: &Keys) -> Sealer {
    let previous: Vec<[u8; 32]> = keys.seal_previous.iter().map(|key| *key.expose()).collect();
    Sealer::new(keys.seal.expose(), &previous)
}

fn key_book(settings: &config::Store) -> Result<KeyBook, OpenError> {
    if settings.engine == EngineKind::Memory {
        return Ok(KeyBook::in_memory());
    }
    let path = key_book_path(settings);
    let opened = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    let opened = opened.and_then(|()| KeyBook::open(&path, random_into));
    opened.map_err(|error| OpenError::Io(format!("{}: {error}", path.display())))
}
