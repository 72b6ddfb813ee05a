//! `gonghui keys`: keys for the configuration.

use clap::Subcommand;
use secrecy::ExposeSecret;
use serde_json::json;

use super::out::Failure;
use super::reach::{load, on_disk};
use super::{ConfigArgs, Done, out};
use crate::app;
use crate::config::{Environment, SealKey};
use crate::store::keys_of;

/// Make the keys that seal what is sensitive in the store, and see which are needed
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  (umask 077; gonghui keys new > /run/secrets/seal)\n  gonghui keys show --config gonghui.toml"
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print a fresh sealing key: 32 bytes in base64
    #[command(after_help = "Example:\n  (umask 077; gonghui keys new > /run/secrets/seal)")]
    New {
        /// Print a JSON object
        #[arg(long)]
        json: bool,
    },
    /// Show which of the configured keys the store needs
    ///
    /// A running service seals with keys.seal what the keys of keys.seal_previous sealed; then the store needs them no
    /// more. A backup needs the keys that the store needed when it was made. Keys are shown by a name that doesn't give
    /// them away. Works beside a running service.
    #[command(after_help = "Example:\n  gonghui keys show --config gonghui.toml")]
    Show {
        #[command(flatten)]
        config: ConfigArgs,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    match args.command {
        Command::New { json } => new(json),
        Command::Show { config, json } => show(&config, environment, json),
    }
}

fn show(config: &ConfigArgs, environment: &Environment, json: bool) -> Done {
    let config = load(&config.path, environment)?;
    let path = on_disk(&config)?;
    let needed = keys_of(&*app::engine(&config.store)).map_err(Failure::new)?;
    if needed.is_empty() {
        return Err(Failure::new(format!("there is no store at {}", path.display())));
    }
    let configured = app::sealer(&config.keys).names();
    let settings = std::iter::once("keys.seal").chain(std::iter::repeat("keys.seal_previous"));
    let mut keys: Vec<(&String, &str)> = configured.iter().zip(settings).collect();
    keys.extend(needed.iter().filter(|key| !configured.contains(key)).map(|key| (key, "")));
    if json {
        let shown = keys
            .iter()
            .map(|(key, setting)| json!({ "key": key, "setting": setting, "needed": needed.contains(key) }));
        out::print_json(&shown.collect::<Vec<_>>())?;
    } else {
        let row = |(key, setting): &(&String, &str)| {
            let setting = if setting.is_empty() { "not configured" } else { setting };
            let state = if needed.contains(key) { "needed" } else { "not needed" };
            [(*key).clone(), setting.to_owned(), state.to_owned()]
        };
        out::print(&out::table(["KEY", "SETTING", "STORE"], &keys.iter().map(row).collect::<Vec<_>>()))?;
    }
    Ok(())
}

fn new(json: bool) -> Done {
    let key = SealKey::new(app::random()?).to_base64();
    match json {
        true => out::print_json(&json!({ "seal": key.expose_secret() }))?,
        false => out::print(&format!("{}\n", key.expose_secret()))?,
    }
    out::say("Name its file as keys.seal_file, and keep a copy apart from the backups:");
    out::say("without this key, what it sealed is lost.");
    Ok(())
}
