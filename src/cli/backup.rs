//! `gonghui backup`: the whole store as one file.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde_json::json;
use zeroize::Zeroizing;

use super::client::Client;
use super::out::{self, Failure};
use super::reach::{Reach, ReachArgs};
use super::{Done, block_on, progress};
use crate::config::Environment;
use crate::store::{Store, merged_key_books, replace_key_book};

/// Write all data as of now into a file
///
/// The service goes on meanwhile. Sealed fields stay sealed, so the file is of use only with the sealing key.
/// Members' keys go into `member-keys` beside it, over those of the backup before: keep no older copy, or who was
/// erased can be read again. Needs a token with the role `admin`, or a stopped service.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui backup backups/2026-12-01.gonghui")]
pub(super) struct Args {
    /// The new file; one that exists is not overwritten
    file: PathBuf,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reach: ReachArgs,
}

const APART: &str = "keep each store's backups in a folder of their own";

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    if args.file.exists() {
        return Err(
            Failure::new(format!("{} exists already", args.file.display())).hint("choose another name")
        );
    }
    let keys = book_beside(&args.file)?;
    let (bytes, book) = block_on(async {
        match args.reach.reach(environment).await? {
            Reach::Running(client) => {
                with_those_at(&keys, &key_book(&client).await?, APART)?;
                let bytes = download(&client, &args.file).await?;
                Ok::<_, Failure>((bytes, key_book(&client).await?))
            }
            Reach::Stopped(store) => {
                let book = store.key_book().bytes()?;
                with_those_at(&keys, &book, APART)?;
                Ok((copy(&store, &args.file).await?, book))
            }
        }
    })?;
    let book = with_those_at(&keys, &book, APART)?;
    replace_key_book(&keys, &book).map_err(|error| cannot_write(&keys, &error))?;
    match args.json {
        true => out::print_json(&json!({ "file": args.file, "bytes": bytes })),
        false => out::print(&format!("{}  {bytes} bytes\n", args.file.display())),
    }
}

/// Where the members' keys are kept: one file for all backups of a folder.
pub(super) fn book_beside(backup: &Path) -> std::io::Result<PathBuf> {
    Ok(std::path::absolute(backup)?.with_file_name("member-keys"))
}

async fn key_book(client: &Client) -> Result<Vec<u8>, Failure> {
    let book = client.post_for_response("/store/key-book", None).await?;
    Ok(book.bytes().await.map_err(|error| client.unreachable(&error))?.into())
}

/// The keys with what those know that are at that place: what was destroyed stays so. Another store's keys there are not
/// overwritten, or its members could not be read any more.
pub(super) fn with_those_at(keys: &Path, book: &[u8], hint: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    match std::fs::read(keys).map(Zeroizing::new) {
        Ok(there) => merged_key_books(book, &there).ok_or_else(|| {
            Failure::new(format!("{} holds the members' keys of another store", keys.display())).hint(hint)
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Zeroizing::new(book.to_vec())),
        Err(error) => Err(Failure::new(format!("{}: {error}", keys.display()))),
    }
}

async fn copy(store: &Store, file: &Path) -> Result<u64, Failure> {
    let spinner = progress::spinner("backing up");
    let backup = store.backup(&std::path::absolute(file)?).await;
    spinner.finish_and_clear();
    store.close().await.map_err(Failure::new)?;
    Ok(backup.map_err(Failure::new)?.bytes)
}

/// Under another name until it is whole and on disk.
async fn download(client: &Client, file: &Path) -> Result<u64, Failure> {
    let partial = file.with_added_extension("partial");
    let written = receive(client, &partial).await.and_then(|bytes| {
        std::fs::rename(&partial, file).map_err(|error| cannot_write(file, &error))?;
        let folder = std::path::absolute(file)?;
        let folder = folder.parent().unwrap_or(Path::new("/"));
        std::fs::File::open(folder)?.sync_all()?;
        Ok(bytes)
    });
    written.inspect_err(|_| _ = std::fs::remove_file(&partial))
}

async fn receive(client: &Client, partial: &Path) -> Result<u64, Failure> {
    let spinner = progress::spinner("the service gathers its data");
    let response = client.post_for_response("/store/backup", None).await;
    spinner.finish_and_clear();
    let mut response = response?;
    let mut out = create(partial).map_err(|error| cannot_write(partial, &error))?;
    let total = response.content_length();
    let bar = progress::bytes("receiving", total.unwrap_or(0));
    let mut bytes = 0;
    while let Some(chunk) = response.chunk().await.map_err(|error| client.unreachable(&error))? {
        out.write_all(&chunk).map_err(|error| cannot_write(partial, &error))?;
        bytes += chunk.len() as u64;
        bar.set_position(bytes);
    }
    bar.finish_and_clear();
    if total != Some(bytes) {
        return Err(Failure::new("the backup broke off"));
    }
    out.sync_all().map_err(|error| cannot_write(partial, &error))?;
    Ok(bytes)
}

/// Readable by its owner alone: what is not sealed in it is still personal.
pub(super) fn create(path: &Path) -> std::io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::File::options().write(true).create(true).truncate(true).mode(0o600).open(path)
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("can't write {}: {error}", path.display()))
}
