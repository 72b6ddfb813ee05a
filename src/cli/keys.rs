//! `gonghui keys`: keys for the configuration.

use clap::Subcommand;
use secrecy::ExposeSecret;
use serde_json::json;

use super::{Done, out};
use crate::app;
use crate::config::SealKey;

/// Make the keys that seal what is sensitive in the store
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  (umask 077; gonghui keys new > /run/secrets/seal)")]
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
}

pub(super) fn run(args: Args) -> Done {
    let Command::New { json } = args.command;
    let key = SealKey::new(app::random()?).to_base64();
    match json {
        true => out::print_json(&json!({ "seal": key.expose_secret() }))?,
        false => out::print(&format!("{}\n", key.expose_secret()))?,
    }
    out::say("Name its file as keys.seal_file, and keep a copy apart from the backups:");
    out::say("without this key, what it sealed is lost.");
    Ok(())
}
