//! Where the operators' commands find a store: through a running service, or in the files of a stopped one.

use std::path::{Path, PathBuf};

use clap::Args;

use super::client::{Client, ServerArgs};
use super::out::Failure;
use crate::app;
use crate::config::{Config, EngineKind, Environment};
use crate::moment::Clock;
use crate::store::Store;

#[derive(Debug, Args)]
pub(super) struct ReachArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// Open the store of a stopped service, by its configuration
    #[arg(long = "config", value_name = "FILE", conflicts_with = "server")]
    config: Option<PathBuf>,
}

pub(super) enum Reach {
    Running(Client),
    Stopped(Store),
}

impl ReachArgs {
    /// To be called on the runtime.
    pub(super) async fn reach(&self, environment: &Environment) -> Result<Reach, Failure> {
        match &self.config {
            None => Client::new(&self.server, environment).map(Reach::Running),
            Some(path) => Ok(Reach::Stopped(open_existing(&load(path, environment)?).await?)),
        }
    }
}

pub(super) fn load(path: &Path, environment: &Environment) -> Result<Config, Failure> {
    Config::load(path, environment)
        .map_err(|problems| Failure::new(format!("the configuration is wrong:\n{problems}")))
}

/// The configuration's store on disk.
pub(super) fn on_disk(config: &Config) -> Result<&Path, Failure> {
    match config.store.engine {
        EngineKind::Sled => Ok(&config.store.path),
        EngineKind::Memory => Err(Failure::new("store.engine = \"memory\" leaves nothing on disk")),
    }
}

/// Opening would make a store where there is none, and a wrong path would look like lost data.
async fn open_existing(config: &Config) -> Result<Store, Failure> {
    let path = on_disk(config)?;
    if app::engine(&config.store).label().map_err(Failure::new)?.is_none() {
        return Err(Failure::new(format!("there is no store at {}", path.display())));
    }
    app::open_store(&config.store, &config.keys, app::Machine::default().moment()).await.map_err(|error| {
        let in_use = matches!(error, crate::store::OpenError::InUse(_));
        let failure = Failure::new(error);
        if in_use { failure.hint("ask the running service: leave out --config, or stop it") } else { failure }
    })
}
