//! `gonghui doctor`: what is wrong between the service and WeChat, and which setting to change.

mod checks;

use serde_json::{Value, json};

use super::out::{self, Failure};
use super::{ConfigArgs, Done, block_on};
use crate::config::{Config, Environment, in_columns};

/// Ask WeChat whether everything is set up
///
/// Makes calls that change nothing, one line each: what is well, or what is wrong and where to change it. The
/// configuration is checked first. Followers notice nothing; one or two of each day's calls are used up.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui doctor --config gonghui.toml")]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigArgs,
    /// Print the checks as a JSON list
    #[arg(long)]
    json: bool,
}

/// One thing that was looked at.
struct Check {
    about: String,
    state: State,
    /// What is well or wrong, in one line.
    found: String,
    /// What to do; `None` if all is well.
    advice: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Ok,
    /// Works, and deserves a look.
    Look,
    Wrong,
    /// Not tried, since something before it is wrong.
    Skipped,
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    let checks = match Config::load(&args.config.path, environment) {
        Ok(config) => block_on(async { Ok(checks::of(&config).await) })?,
        Err(problems) => problems.list().iter().map(Check::from).collect(),
    };
    match args.json {
        true => out::print_json(&checks.iter().map(Check::to_json).collect::<Vec<_>>())?,
        false => {
            let rows: Vec<[String; 3]> = checks.iter().map(Check::to_row).collect();
            out::print(&format!("{}\n", in_columns(&rows)))?;
        }
    }
    let count = |state| checks.iter().filter(|check| check.state == state).count();
    match (count(State::Wrong), count(State::Look)) {
        (0, 0) => out::say("all is well"),
        (0, looks) => out::say(format_args!("nothing is wrong; {looks} to look at")),
        (wrong, _) => out::say(format_args!("{wrong} wrong")),
    }
    if count(State::Wrong) == 0 { Ok(()) } else { Err(Failure::Told) }
}

impl State {
    fn word(self) -> &'static str {
        match self {
            State::Ok => "ok",
            State::Look => "look",
            State::Wrong => "wrong",
            State::Skipped => "skipped",
        }
    }
}

impl Check {
    fn new(about: &str, state: State, found: impl Into<String>) -> Check {
        Check { about: about.to_owned(), state, found: found.into(), advice: None }
    }

    fn ok(about: &str, found: impl Into<String>) -> Check {
        Check::new(about, State::Ok, found)
    }

    fn look(about: &str, found: impl Into<String>, advice: impl Into<String>) -> Check {
        Check { advice: Some(advice.into()), ..Check::new(about, State::Look, found) }
    }

    fn wrong(about: &str, found: impl Into<String>, advice: impl Into<String>) -> Check {
        Check { advice: Some(advice.into()), ..Check::new(about, State::Wrong, found) }
    }

    fn to_row(&self) -> [String; 3] {
        let advice = self.advice.as_ref().map(|advice| format!(": {advice}")).unwrap_or_default();
        [self.state.word().to_owned(), self.about.clone(), format!("{}{advice}", self.found)]
    }

    fn to_json(&self) -> Value {
        json!({ "check": self.about, "state": self.state.word(), "found": self.found, "advice": self.advice })
    }
}

impl From<&crate::config::Problem> for Check {
    fn from(problem: &crate::config::Problem) -> Check {
        let found = format!("{}: {}", problem.place, problem.message);
        let about = if problem.key.is_empty() { "configuration" } else { &problem.key };
        Check::new(about, State::Wrong, found)
    }
}
