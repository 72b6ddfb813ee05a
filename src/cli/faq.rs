//! `gonghui faq`: how the questions and answers of `menus/faq.toml` are found, and what was asked in vain.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;

use super::answer::AsJson;
use super::client::{Client, ServerArgs};
use super::out::{self, Failure};
use super::{Done, block_on};
use crate::config::Environment;
use crate::content::{Asked, Content, Entry, RuleTarget, Source, Understood};
use crate::dispatch::load_content;
use crate::staff::question::{MissedList, MissedView};

/// So many entries are shown for a text.
const SHOWN_MAX: usize = 8;

/// See which question a text finds, and what was asked that none answers
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui faq ask 外地住院能报吗")]
pub(super) struct Args {
    #[command(flatten)]
    shape: AsJson,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show what a text would be answered with, and how near each question is, without a service
    #[command(after_help = "Example:\n  gonghui faq ask 外地住院能报吗 --menus menus")]
    Ask {
        /// What a follower types
        text: String,
        /// The folder of faq.toml and the other menus files; without it, those that the program was built with
        #[arg(long, value_name = "DIR")]
        menus: Option<PathBuf>,
    },
    /// List what followers asked and nothing answered, through a running service
    #[command(after_help = "Example:\n  gonghui faq missed --json")]
    Missed {
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Take questions off that list: they have an answer now, or need none
    #[command(after_help = "Example:\n  gonghui faq settle 6f1c0e9d8b7a65544332211000112233")]
    Settle {
        /// The ids that `missed` shows
        #[arg(required = true)]
        ids: Vec<String>,
        #[command(flatten)]
        server: ServerArgs,
    },
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    let as_json = args.shape.json;
    match args.command {
        Command::Ask { text, menus } => ask(&text, menus, as_json),
        Command::Missed { server } => missed(&Client::new(&server, environment)?, as_json),
        Command::Settle { ids, server } => settle(&Client::new(&server, environment)?, &ids, as_json),
    }
}

fn ask(text: &str, menus: Option<PathBuf>, as_json: bool) -> Done {
    let (content, _) = load_content(&menus.map_or(Source::Embedded, Source::Folder)).map_err(|_| {
        Failure::new("the menus files can't be used").hint("`gonghui menu check` says what is wrong")
    })?;
    let near = content.faq.rank(text).into_iter().take(SHOWN_MAX);
    let (words, answered) = (content.faq.terms(text), answered(&content, text));
    if as_json {
        let near: Vec<_> = near
            .map(|(entry, share)| json!({ "near": share, "id": entry.id, "question": entry.question }))
            .collect();
        return out::print_json(&json!({ "words": words, "questions": near, "answered": answered }));
    }
    let rows: Vec<[String; 3]> =
        near.map(|(entry, share)| [share.to_string(), entry.id.clone(), entry.question.clone()]).collect();
    let table = out::table(["NEAR", "ID", "QUESTION"], &rows);
    out::print(&format!("words: {}\n{table}{answered}\n", out::tame(&words.join(" "))))
}

/// What a follower who types it at the beginning gets.
fn answered(content: &Content, text: &str) -> String {
    let ids = |asked: &[&Entry]| asked.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>().join(", ");
    match content.understand(text) {
        Understood::Rule { target, near, .. } => {
            let rule = match target {
                RuleTarget::Flow(key) => key,
                RuleTarget::Answer(name) => name.as_str(),
            };
            let rule = match near.is_empty() {
                true => rule.to_owned(),
                false => format!("{rule}, with {} below it", ids(&near)),
            };
            match content.asked(text) {
                Asked::Sure(entry) => format!("a keyword leads to {rule}; within 常见问题: {}", entry.id),
                Asked::Maybe(near) => {
                    format!("a keyword leads to {rule}; within 常见问题 offered: {}", ids(&near))
                }
                Asked::Nothing => format!("a keyword leads to {rule}"),
            }
        }
        Understood::Question(entry) => format!("answered: {}", entry.id),
        Understood::Questions(near) => format!("offered: {}", ids(&near)),
        Understood::Nothing { .. } => {
            "not found: a person is offered, and staff see it in `faq missed`".to_owned()
        }
    }
}

fn missed(client: &Client, json: bool) -> Done {
    let answer = block_on(client.get("/faq/missed"))?;
    if json {
        return out::print_json(&answer);
    }
    let list: MissedList = serde_json::from_value(answer)
        .map_err(|error| Failure::new(format!("the service answered oddly: {error}")))?;
    let row = |question: &MissedView| {
        [question.count.to_string(), question.last.to_string(), question.text.clone(), question.id.clone()]
    };
    let rows: Vec<_> = list.questions.iter().map(row).collect();
    out::print(&out::table(["COUNT", "LAST", "QUESTION", "ID"], &rows))?;
    if list.full {
        out::say("The list is full: nothing new is kept until some are settled.");
    }
    Ok(())
}

fn settle(client: &Client, ids: &[String], as_json: bool) -> Done {
    for id in ids {
        if !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Failure::Usage(format!("{id}: no id of `gonghui faq missed`")));
        }
        block_on(client.post(&format!("/faq/missed/{id}/settle"), None))?;
    }
    if as_json { out::print_json(&json!({ "settled": ids.len() })) } else { Ok(()) }
}
