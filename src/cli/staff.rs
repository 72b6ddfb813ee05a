//! `gonghui staff`: tokens for those who work on the service.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Subcommand;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Done, out};
use crate::app;

/// Make access for staff
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui staff token")]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print a fresh token, and the hash that the configuration's [[staff]] takes
    ///
    /// The token is for its bearer alone; the service keeps only the hash.
    #[command(after_help = "Example:\n  gonghui staff token")]
    Token {
        /// Print a JSON object
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(args: Args) -> Done {
    let Command::Token { json } = args.command;
    let token = URL_SAFE_NO_PAD.encode(app::random::<32>()?);
    let hash = hex::encode(Sha256::digest(&token));
    match json {
        true => out::print_json(&json!({ "token": token, "token_sha256": hash })),
        false => out::print(&format!("token         {token}\ntoken_sha256  {hash}\n")),
    }
}
