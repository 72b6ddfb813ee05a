//! `gonghui activity series`: rules that make the next round's sign-up.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::{Value, json};

use super::{Common, Done, text_of};
use crate::cli::answer::{items, parse_id, read_json};
use crate::cli::block_on;
use crate::cli::client::Client;
use crate::cli::out;

#[derive(Debug, Subcommand)]
pub(super) enum Series {
    /// Make a series from a JSON file: its first round, and how it goes on
    #[command(after_help = "Example:\n  gonghui activity series create fixtures/series/tuesday-craft.json")]
    Create {
        /// The series; `-` reads it from stdin
        file: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// List series by number
    #[command(after_help = "Example:\n  gonghui activity series list")]
    List {
        #[command(flatten)]
        common: Common,
    },
    /// Show a series' rule, in the shape that `change` takes, and its latest rounds
    #[command(after_help = "Example:\n  gonghui activity series show S3 --json")]
    Show {
        #[command(flatten)]
        one: One,
    },
    /// Give the rounds that are still to be made another rule
    #[command(after_help = "Example:\n  gonghui activity series change S3 craft.json")]
    Change {
        #[command(flatten)]
        one: One,
        /// The whole series; `-` reads it from stdin
        file: PathBuf,
    },
    /// Make no more rounds
    #[command(after_help = "Example:\n  gonghui activity series stop S3")]
    Stop {
        #[command(flatten)]
        one: One,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct One {
    /// The series' id, as `create` and `list` show it
    #[arg(value_parser = parse_id)]
    id: String,
    #[command(flatten)]
    common: Common,
}

impl Series {
    pub(super) fn common(&self) -> &Common {
        match self {
            Series::Create { common, .. } | Series::List { common } => common,
            Series::Show { one } | Series::Change { one, .. } | Series::Stop { one } => &one.common,
        }
    }
}

const HEAD: [&str; 5] = ["ID", "STATE", "NEXT", "MADE AT", "TITLE"];

pub(super) fn run(client: &Client, series: &Series) -> Done {
    let common = series.common();
    match series {
        Series::Create { file, .. } => {
            show_one(common, &block_on(client.post("/series", Some(&read_json(file)?)))?)
        }
        Series::List { .. } => list(client, common),
        Series::Show { one } => {
            let shown = block_on(client.get(&format!("/series/{}", one.id)))?;
            if common.json {
                return out::print_json(&shown);
            }
            out::print_json(&shown["series"])?;
            for round in items(&shown, "rounds") {
                out::say(format_args!("round {}: {}", text_of(&round["round"]), text_of(&round["activity"])));
            }
            Ok(())
        }
        Series::Change { one, file } => {
            show_one(common, &block_on(client.put(&format!("/series/{}", one.id), &read_json(file)?))?)
        }
        Series::Stop { one } => {
            show_one(common, &block_on(client.post(&format!("/series/{}/stop", one.id), None))?)
        }
    }
}

fn list(client: &Client, common: &Common) -> Done {
    let (mut all, mut path) = (Vec::new(), "/series".to_owned());
    loop {
        let page = block_on(client.get(&path))?;
        all.extend(items(&page, "series").cloned());
        match page["next"].as_str() {
            Some(next) => path = format!("/series?after={next}"),
            None => break,
        }
    }
    if common.json {
        return out::print_json(&json!({ "series": all }));
    }
    out::print(&out::table(HEAD, &all.iter().map(row).collect::<Vec<_>>()))
}

fn row(series: &Value) -> [String; 5] {
    ["id", "state", "next", "next_made", "title"].map(|key| text_of(&series[key]))
}

fn show_one(common: &Common, series: &Value) -> Done {
    match common.json {
        true => out::print_json(series),
        false => out::print(&out::table(HEAD, &[row(series)])),
    }
}
