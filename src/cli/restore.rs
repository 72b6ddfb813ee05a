//! `gonghui restore`: a store made of a backup.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::backup::{book_beside, with_those_at};
use super::out::{self, Failure};
use super::reach::{load, on_disk};
use super::{ConfigArgs, Done, block_on, progress};
use crate::app;
use crate::config::{Config, Environment};
use crate::domain::member::erase;
use crate::domain::tables::KEY_BOOK_MARK;
use crate::moment::Clock;
use crate::store::{OpenError, RestoreError, backup_holds, replace_key_book, restore};

/// Make a store of a backup
///
/// The configuration's store.path must hold no store yet, and its sealing key must be the one that the backup
/// was made with. Members' keys are taken from `member-keys` beside it, which must be there; who was
/// erased (注销) after the backup was made is erased again, also by the store's own keys where these are still in their place.
/// The whole file is checked before anything is written.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui restore backups/2026-12-01.gonghui --config gonghui.toml")]
pub(super) struct Args {
    /// The backup
    file: PathBuf,
    #[command(flatten)]
    config: ConfigArgs,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

/// Who was erased after the backup was made is in it, and can't be read with the latest keys: the rest goes, too.
async fn erase_again(config: &Config) -> Result<u64, Failure> {
    let at = app::Machine::default().moment();
    let store = app::open_store(&config.store, &config.keys, at).await.map_err(Failure::new)?;
    let (mut erased, mut after) = (0, None);
    loop {
        let from = after;
        let (count, next) =
            store.submit(at, move |tx| erase::finish(tx, from)).await.map_err(Failure::new)?;
        (erased, after) = (erased + count, next);
        if after.is_none() {
            break;
        }
    }
    store.close().await.map_err(Failure::new)?;
    Ok(erased)
}

/// The members' keys beside a backup; none, if its store never had any. Without those that it had, no service would start on what is
/// restored.
fn book_of(backup: &Path) -> Result<Option<Vec<u8>>, Failure> {
    let keys = book_beside(backup)?;
    match std::fs::read(&keys) {
        Ok(book) => Ok(Some(book)),
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(Failure::new(format!("{}: {error}", keys.display())))
        }
        Err(_) if backup_holds(backup, &KEY_BOOK_MARK.info()).map_err(Failure::new)? => {
            let missing =
                Failure::new(format!("{} is missing: nothing is restored without it", keys.display()));
            Err(missing
                .hint("put the latest copy of member-keys, which `gonghui backup` writes, beside the backup"))
        }
        Err(_) => Ok(None),
    }
}

const WITH_ITS_STORE: &str = "move it away, to where that store is: without it, its members can't be read";

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    let config = load(&args.config.path, environment)?;
    let path = on_disk(&config)?;
    let keys = app::key_book_path(&config.store);
    // Beside a store that was moved away they know who was erased since the last backup.
    let book = book_of(&args.file)?.map(|book| with_those_at(&keys, &book, WITH_ITS_STORE)).transpose()?;
    let bar = progress::rows("restoring");
    let restored =
        restore(&args.file, app::engine(&config.store), &app::sealer(&config.keys), |done, total| {
            bar.set_length(total);
            bar.set_position(done);
        });
    bar.finish_and_clear();
    let restored = restored.map_err(|error| {
        let hint = match &error {
            RestoreError::NotEmpty => Some("set another store.path, or move the old store away"),
            RestoreError::Store(OpenError::WrongKey(_)) => Some("give the backup's key as keys.seal_file"),
            _ => None,
        };
        let failure = Failure::new(error);
        hint.into_iter().fold(failure, Failure::hint)
    })?;
    if let Some(book) = book {
        replace_key_book(&keys, &book)?;
        match block_on(async { erase_again(&config).await })? {
            0 => {}
            count => out::say(format_args!("{count} members asked to be erased since, and are erased again")),
        }
    }
    let at = restored.at.to_string();
    match args.json {
        true => {
            out::print_json(&json!({ "commit": restored.seq, "at": at, "rows": restored.rows, "path": path }))
        }
        false => {
            let (rows, path) = (restored.rows, path.display());
            out::print(&format!("{path}  {rows} rows, as of {at} (commit {})\n", restored.seq))
        }
    }
}
