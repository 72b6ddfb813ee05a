//! The configuration: one TOML file, every key open to an environment variable, every problem told at once.
//!
//! A section is a struct that asks a reader for its keys; what no section asked for is unknown. Relative
//! paths start at the configuration file's folder.

mod account;
mod broadcast;
mod desk;
mod keys;
mod log;
mod menus;
mod outbox;
mod problem;
mod reader;
mod schemes;
mod server;
mod source;
mod staff;
mod store;
mod value;
mod wechat;
mod welfare;

use std::path::{Path, PathBuf};

pub use account::Account;
pub use keys::{KEY_BYTES, Keys, SealKey};
pub use log::Log;
pub use menus::Menus;
pub use outbox::Outbox;
pub use problem::{Place, Problem, Problems, in_columns};
pub use schemes::Schemes;
pub use server::Server;
pub use source::Environment;
pub use store::{EngineKind, Store};
pub use wechat::Wechat;

use crate::dispatch::memory;
use crate::server::api::Bearer;
use crate::staff::broadcast::Policy;
use reader::Reader;

/// Everything that a deployment decides. Printing it shows no secret.
#[derive(Debug, Clone)]
pub struct Config {
    pub path: PathBuf,
    pub account: Account,
    pub server: Server,
    pub store: Store,
    pub keys: Keys,
    pub menus: Menus,
    pub schemes: Schemes,
    pub wechat: Wechat,
    pub outbox: Outbox,
    pub broadcast: Policy,
    pub welfare: memory::Settings,
    /// 人工 hands a follower to WeChat's customer-service desk.
    pub desk_on: bool,
    pub log: Log,
    pub staff: Vec<Bearer>,
    /// What works and should be otherwise.
    pub warnings: Vec<Problem>,
}

impl Config {
    /// Reads the file and lays the environment over it.
    ///
    /// Errors: all that is wrong, in the order of the file, then of the environment.
    pub fn load(path: &Path, environment: &Environment) -> Result<Config, Problems> {
        match std::fs::read_to_string(path) {
            Ok(text) => Config::parse(path, &text, environment),
            Err(error) => {
                let place = Place::File { name: path.display().to_string(), line: None };
                let message = format!("can't be read: {error}");
                Err(Problems::from(Problem { place, key: String::new(), message }))
            }
        }
    }

    /// As [`Config::load`], for a text already read; `path` names it and gives relative paths their start.
    pub fn parse(path: &Path, text: &str, environment: &Environment) -> Result<Config, Problems> {
        let flat = source::flatten(&path.display().to_string(), text, environment)?;
        let mut reader = Reader::new(path, flat);
        let config = Config::read(path, &mut reader);
        match Problems::new(reader.finish()) {
            None => Ok(config),
            Some(problems) => Err(problems),
        }
    }

    fn read(path: &Path, reader: &mut Reader) -> Config {
        let outbox = Outbox::read(&mut reader.section("outbox"));
        Config {
            path: path.to_owned(),
            account: Account::read(&mut reader.section("account")),
            server: Server::read(&mut reader.section("server")),
            store: Store::read(&mut reader.section("store")),
            keys: Keys::read(&mut reader.section("keys")),
            menus: Menus::read(&mut reader.section("menus")),
            schemes: Schemes::read(&mut reader.section("schemes")),
            wechat: Wechat::read(&mut reader.section("wechat")),
            broadcast: broadcast::read(&mut reader.section("broadcast"), outbox.quotas),
            outbox,
            welfare: welfare::read(&mut reader.section("welfare")),
            desk_on: desk::read(&mut reader.section("desk")),
            log: Log::read(&mut reader.section("log")),
            staff: staff::read_all(reader),
            warnings: reader.warnings(), // when all is read
        }
    }
}

#[cfg(test)]
mod tests;
