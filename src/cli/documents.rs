//! What staff write as JSON documents and see as rows of a list: activities, series, benefits, broadcasts.

use std::path::Path;

use serde_json::{Value, json};

use super::answer::{parse_id, read_json, text_of};
use super::client::{Client, Common};
use super::out::{self, Failure};
use super::{Done, block_on};

/// Which one, at which service.
#[derive(Debug, clap::Args)]
pub(super) struct One {
    /// Its id, as `create` and `list` show it
    #[arg(value_parser = parse_id)]
    pub(super) id: String,
    #[command(flatten)]
    pub(super) common: Common,
}

/// What is acted on is what was seen.
#[derive(Debug, clap::Args)]
pub(super) struct Seen {
    /// When it was changed last, as `show --json` tells it; refused if somebody changed it since
    #[arg(long, value_name = "TIME")]
    pub(super) changed: Option<String>,
}

/// Documents of one kind, each shown as a row of `N` cells.
pub(super) struct Documents<const N: usize> {
    /// As the API's address and its lists call them: `activities`.
    pub plural: &'static str,
    pub head: [&'static str; N],
    pub row: fn(&Value) -> [String; N],
}

impl<const N: usize> Documents<N> {
    pub(super) fn create(&self, client: &Client, common: &Common, file: &Path) -> Done {
        let created = block_on(client.post(&format!("/{}", self.plural), Some(&read_json(file)?)))?;
        self.print(common, &created)
    }

    pub(super) fn list(&self, client: &Client, common: &Common) -> Done {
        let all = block_on(self.all(client))?;
        if common.json {
            return out::print_json(&json!({ self.plural: all }));
        }
        let rows: Vec<[String; N]> = all.iter().map(self.row).collect();
        out::print(&out::table(self.head, &rows))
    }

    /// Those of every page.
    pub(super) async fn all(&self, client: &Client) -> Result<Vec<Value>, Failure> {
        client.all(&format!("/{}", self.plural), self.plural).await
    }

    pub(super) fn get(&self, client: &Client, one: &One) -> Result<Value, Failure> {
        block_on(client.get(&self.path(one)))
    }

    pub(super) fn change(&self, client: &Client, one: &One, file: &Path, seen: &Seen) -> Done {
        let words: Vec<(&str, &str)> = seen.changed.iter().map(|at| ("changed", at.as_str())).collect();
        let changed = block_on(client.put(&self.path(one), &words, &read_json(file)?))?;
        self.print(&one.common, &changed)
    }

    /// Does `/{plural}/{id}/{act}`.
    pub(super) fn act(&self, client: &Client, one: &One, act: &str, body: Option<Value>) -> Done {
        let done = block_on(client.post(&format!("{}/{act}", self.path(one)), body.as_ref()))?;
        self.print(&one.common, &done)
    }

    /// As a table of one row, with why it stands so where the answer says; or as it was answered.
    pub(super) fn print(&self, common: &Common, one: &Value) -> Done {
        if common.json {
            return out::print_json(one);
        }
        out::print(&out::table(self.head, &[(self.row)(one)]))?;
        if let Some(why) = one["why"].as_str() {
            out::say(format_args!("{}: {}", text_of(&one["state"]), out::tame(why)));
        }
        Ok(())
    }

    fn path(&self, one: &One) -> String {
        format!("/{}/{}", self.plural, one.id)
    }
}
