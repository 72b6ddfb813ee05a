//! `gonghui export`: what the service holds, as JSON lines.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde_json::{Value, json};

use super::answer::{items, text_of};
use super::client::{Client, ServerArgs};
use super::out::Failure;
use super::{Done, block_on, progress};
use crate::config::Environment;
use crate::domain::{case, claim};

/// Write what the service holds, one JSON object a line
///
/// Everything of one kind, page by page, as the API shows it: what is personal stays masked, and each page is on the audit
/// trail; drafts that nobody handed in are left out. What changes meanwhile may be missed or come twice. Needs a token
/// whose role may see that kind. For a copy to restore, see `gonghui backup`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gonghui export activities > activities.jsonl\n  gonghui export sign-ups --out sign-ups.jsonl"
)]
pub(super) struct Args {
    /// What to write
    #[arg(value_enum)]
    kind: Kind,
    /// The file to write, which appears once it is whole [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Activities,
    /// Of all activities
    SignUps,
    Series,
    Benefits,
    Broadcasts,
    Claims,
    Payments,
    Cases,
    /// What is to be told to followers, and was
    Outbox,
}

/// A list of the API.
struct List {
    path: String,
    /// Where its rows stand in an answer.
    rows: &'static str,
    query: Vec<(&'static str, String)>,
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    let client = Client::new(&args.server, environment)?;
    let bar = progress::spinner("writing");
    let mut count = 0;
    let mut written = |into: &mut dyn Write, row: &Value| {
        count += 1;
        bar.set_message(format!("{count} rows"));
        writeln!(into, "{row}").map_err(Failure::new)
    };
    match &args.out {
        Some(path) => whole(path, |into| export(&client, args.kind, |row| written(into, row)))?,
        None => {
            let mut into = io::stdout().lock();
            export(&client, args.kind, |row| written(&mut into, row))?;
        }
    }
    bar.finish_and_clear();
    Ok(())
}

/// A file that has its name only once all of it is there.
fn whole(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> Done) -> Done {
    let part = path.with_added_extension("part");
    let cant = |error: io::Error| Failure::new(format!("can't write {}: {error}", path.display()));
    let mut into = BufWriter::new(File::create(&part).map_err(cant)?);
    write(&mut into)?;
    into.into_inner().map_err(|error| cant(error.into_error()))?.sync_all().map_err(cant)?;
    fs::rename(&part, path).map_err(cant)
}

fn export(client: &Client, kind: Kind, mut each: impl FnMut(&Value) -> Done) -> Done {
    let list = |path: &str, rows| List { path: path.to_owned(), rows, query: Vec::new() };
    let of_state =
        |path: &str, rows, state: &str| List { query: vec![("state", state.to_owned())], ..list(path, rows) };
    match kind {
        Kind::Activities => pages(client, &list("/activities", "activities"), each),
        Kind::Series => pages(client, &list("/series", "series"), each),
        Kind::Benefits => pages(client, &list("/benefits", "benefits"), each),
        Kind::Broadcasts => pages(client, &list("/broadcasts", "broadcasts"), each),
        Kind::Payments => pages(client, &list("/payments", "batches"), each),
        Kind::Outbox => pages(client, &list("/outbox", "rows"), each),
        Kind::Claims => claim::record::Status::ALL
            .iter()
            .filter(|status| **status != claim::record::Status::Draft)
            .try_for_each(|status| pages(client, &of_state("/claims", "claims", status.name()), &mut each)),
        Kind::Cases => case::record::Status::ALL
            .iter()
            .filter(|status| **status != case::record::Status::Draft)
            .try_for_each(|status| pages(client, &of_state("/cases", "cases", status.name()), &mut each)),
        Kind::SignUps => pages(client, &list("/activities", "activities"), |activity| {
            let id = text_of(&activity["id"]);
            pages(client, &list(&format!("/activities/{id}/roster"), "registrations"), |row| {
                let mut row = row.clone();
                row["activity"] = json!(id);
                each(&row)
            })
        }),
    }
}

fn pages(client: &Client, list: &List, mut each: impl FnMut(&Value) -> Done) -> Done {
    let mut after = None;
    loop {
        let words = list.query.iter().map(|(name, value)| (*name, &value[..]));
        let words: Vec<_> = words.chain(after.as_deref().map(|after| ("after", after))).collect();
        let text = block_on(async { client.look(&list.path, &words, "application/json").await })?;
        let answer: Value = serde_json::from_str(&text).map_err(Failure::new)?;
        items(&answer, list.rows).try_for_each(&mut each)?;
        match &answer["next"] {
            Value::Null => return Ok(()),
            next => after = Some(text_of(next)),
        }
    }
}
