//! `gonghui activity series`: rules that make the next round's sign-up.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::Value;

use super::{Common, Documents, Done, One, Seen, text_of};
use crate::cli::answer::items;
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
        #[command(flatten)]
        seen: Seen,
    },
    /// Make no more rounds
    #[command(after_help = "Example:\n  gonghui activity series stop S3")]
    Stop {
        #[command(flatten)]
        one: One,
    },
}

impl Series {
    pub(super) fn common(&self) -> &Common {
        match self {
            Series::Create { common, .. } | Series::List { common } => common,
            Series::Show { one } | Series::Change { one, .. } | Series::Stop { one } => &one.common,
        }
    }
}

const SERIES: Documents<5> =
    Documents { plural: "series", head: ["ID", "STATE", "NEXT", "MADE AT", "TITLE"], row };

pub(super) fn run(client: &Client, series: &Series) -> Done {
    let common = series.common();
    match series {
        Series::Create { file, .. } => SERIES.create(client, common, file),
        Series::List { .. } => SERIES.list(client, common),
        Series::Show { one } => {
            let shown = SERIES.get(client, one)?;
            if common.json {
                return out::print_json(&shown);
            }
            out::print_json(&shown["series"])?;
            for round in items(&shown, "rounds") {
                out::say(format_args!("round {}: {}", text_of(&round["round"]), text_of(&round["activity"])));
            }
            Ok(())
        }
        Series::Change { one, file, seen } => SERIES.change(client, one, file, seen),
        Series::Stop { one } => SERIES.act(client, one, "stop", None),
    }
}

fn row(series: &Value) -> [String; 5] {
    ["id", "state", "next", "next_made", "title"].map(|key| text_of(&series[key]))
}
