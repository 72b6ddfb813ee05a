//! What was tapped in the demo's chat page, made into a story: other people, other numbers, another week.

mod cast;
mod files;
mod mask;
mod numbers;
mod same;

use std::path::PathBuf;

use serde::Deserialize;

use super::{Options, Report, run};
use cast::Cast;
use files::{Draft, Line};
use mask::Mask;

/// What `GET /simulator/story` of a running demo answers.
#[derive(Debug, Clone, Deserialize)]
pub struct Tape {
    /// Every activity, in the order of their numbers.
    pub activities: Vec<GivenActivity>,
    pub followers: Vec<Named>,
    pub pushes: Vec<Push>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct GivenActivity {
    pub state: String,
    #[serde(with = "crate::moment::rfc3339")]
    pub created: crate::moment::Time,
    /// As staff wrote it.
    pub activity: serde_json::Value,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Named {
    pub openid: String,
    pub name: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Push {
    pub openid: String,
    pub at_ms: i64,
    /// Decrypted.
    pub message: String,
    /// Empty where the service said `success`; absent while it hadn't answered.
    pub answer: Option<String>,
}

/// What becomes of it.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub about: String,
    /// Of these followers only, by name; of all if there are none.
    pub followers: Vec<String>,
    /// The story's folder, which must not be there yet.
    pub folder: PathBuf,
}

#[derive(Debug)]
pub struct Recorded {
    pub steps: usize,
    /// Values of a person's that were replaced.
    pub masked: usize,
    /// What the service in the replay says otherwise, by file; the story has what it says.
    pub differs: Vec<String>,
    /// Of the replay after that: nothing, or the story is no good.
    pub report: Report,
}

#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    #[error("{0} is there already")]
    Exists(String),
    #[error("nobody is called {name}; there are {known}")]
    Nobody { name: String, known: String },
    #[error("nothing was tapped that a story could be made of")]
    Nothing,
    #[error("{place}: {error}")]
    File { place: String, error: std::io::Error },
    #[error("a message of the tape can't be read: {0}")]
    Message(String),
}

/// Often enough for every number that a sign-up gets to be found in the answer before.
const ROUNDS_MAX: usize = 8;

/// Writes the story, replays it and takes over what the replay answers.
///
/// # Errors
/// [`RecordError`]; what a replay of the story finds wrong is in the result.
pub async fn record(tape: &Tape, wanted: &Wanted) -> Result<Recorded, RecordError> {
    if wanted.folder.exists() {
        return Err(RecordError::Exists(wanted.folder.display().to_string()));
    }
    let cast = Cast::of(&tape.followers);
    let mut mask = Mask::default();
    let mut draft = Draft::new(tape, wanted, lines(tape, wanted, &cast, &mut mask)?);
    let (mut round, mut differs);
    round = 0;
    let blessing = Options { bless: true, remote: None };
    loop {
        draft.write(&wanted.folder)?;
        let replayed = run(std::slice::from_ref(&wanted.folder), &blessing).await;
        differs = replayed.map(|report| report.blessed).unwrap_or_default();
        round += 1;
        if round == ROUNDS_MAX || !draft.take_numbers(&wanted.folder) {
            break;
        }
    }
    let report = run(std::slice::from_ref(&wanted.folder), &Options::default()).await.unwrap_or_default();
    Ok(Recorded { steps: draft.lines.len(), masked: mask.count(), differs, report })
}

/// What was posted for whom is asked for, with other people in it.
fn lines(tape: &Tape, wanted: &Wanted, cast: &Cast, mask: &mut Mask) -> Result<Vec<Line>, RecordError> {
    let openids = wanted.followers.iter().map(|name| openid(tape, name)).collect::<Result<Vec<_>, _>>()?;
    let is_wanted = |push: &&Push| openids.is_empty() || openids.contains(&push.openid.as_str());
    let mut lines: Vec<Line> = Vec::new();
    for push in tape.pushes.iter().filter(is_wanted) {
        let before = lines.iter().rev().find(|line| line.openid == push.openid);
        let asked = before.map(|line| line.heard.clone()).unwrap_or_default();
        lines.extend(Line::of(push, &asked, cast, mask)?);
    }
    if lines.is_empty() { Err(RecordError::Nothing) } else { Ok(lines) }
}

fn openid<'t>(tape: &'t Tape, name: &str) -> Result<&'t str, RecordError> {
    let found = tape.followers.iter().find(|follower| follower.name == name);
    found.map(|follower| follower.openid.as_str()).ok_or_else(|| RecordError::Nobody {
        name: name.to_owned(),
        known: tape.followers.iter().map(|there| there.name.as_str()).collect::<Vec<_>>().join(", "),
    })
}

#[cfg(test)]
mod tests;
