//! Fixtures replayed: stories are conversations with their answers, messages are one push of each kind.
//!
//! By default each story meets a fresh service in this process, through the same door as WeChat's posts: same
//! verification, turn, rendering and sealing; with an empty store in memory, a clock that only the story moves,
//! and the embedded menus and texts. Or the posts go to a running service (see [`Remote`]).

mod acts;
mod bless;
mod cases;
mod claims;
mod covers;
mod diff;
mod find;
#[cfg(test)]
mod forgotten;
mod gallery;
mod given;
mod message;
mod platform;
mod play;
mod prepare;
pub mod record;
mod remote;
mod service;
mod story;
mod welfare;

use std::path::{Path, PathBuf};

use serde::Serialize;

pub use find::NothingFound;
pub use remote::Remote;

use find::Fixture;

/// Where the posts go, and what is made of what differs.
#[derive(Default)]
pub struct Options {
    /// Expectations are rewritten where they differ; nothing differs then.
    pub bless: bool,
    /// `None`: a fresh service in this process for each story.
    pub remote: Option<Remote>,
}

/// What a replay came to.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    pub stories: usize,
    pub messages: usize,
    /// Posts that were answered.
    pub posts: usize,
    /// Stories that need data, acts of staff or time, which a running service is not given.
    pub skipped: Vec<String>,
    /// Expectations that were rewritten.
    pub blessed: Vec<String>,
    pub failures: Vec<Failure>,
}

/// What differs, or what is wrong with a fixture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// A fixture's path, with the step's name for a step of a story.
    pub place: String,
    /// One line or several; a diff has `-` before what was expected and `+` before what came.
    pub what: String,
}

impl Report {
    pub fn is_fine(&self) -> bool {
        self.failures.is_empty()
    }

    fn fail(&mut self, place: impl Into<String>, what: impl Into<String>) {
        self.failures.push(Failure { place: place.into(), what: what.into() });
    }
}

/// Replays everything that is found under the paths: single stories, single messages, or trees of them.
///
/// # Errors
/// A path that doesn't exist or holds no fixture. All else, a malformed story included, is in the report.
pub async fn run(paths: &[PathBuf], options: &Options) -> Result<Report, NothingFound> {
    let mut fixtures = Vec::new();
    for path in paths {
        fixtures.extend(find::under(path)?);
    }
    let mut report = Report::default();
    if options.remote.is_none()
        && let Err(problems) = service::embedded_content()
    {
        report.fail("menus", problems);
        return Ok(report);
    }
    for fixture in &fixtures {
        match fixture {
            Fixture::Story(folder) => tell(folder, options, &mut report).await,
            Fixture::Message(path) => message::replay(path, options, &mut report).await,
            Fixture::Stray { path, why } => report.fail(path.display().to_string(), *why),
        }
    }
    Ok(report)
}

async fn tell(folder: &Path, options: &Options, report: &mut Report) {
    report.stories += 1;
    let story = match story::Story::load(folder) {
        Ok(story) => story,
        Err(problems) => {
            let place = folder.display().to_string();
            return problems.into_iter().for_each(|problem| report.fail(place.as_str(), problem));
        }
    };
    match &options.remote {
        Some(remote) => remote::tell(&story, remote, report).await,
        None => play::tell(&story, options.bless, report).await,
    }
}
