//! Scheme files and the holidays from where the configuration has them into the store: at the start, and when they are
//! read again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::Config;
use crate::domain::calendar;
use crate::domain::calendar::file::Holidays;
use crate::domain::scheme::commands::adopt;
use crate::domain::scheme::file::{self, EMBEDDED, Problem, SchemeFile};
use crate::moment::{Clock, Moment};
use crate::store::{Store, SubmitError, Tx};

/// No scheme needs more.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Where scheme files are.
#[derive(Debug, Clone)]
pub enum Source {
    Embedded,
    Folder(PathBuf),
}

pub fn source(config: &Config) -> Source {
    config.schemes.path.clone().map_or(Source::Embedded, Source::Folder)
}

/// What the files say.
pub struct Read {
    pub schemes: Vec<SchemeFile>,
    pub holidays: Holidays,
}

/// Reads and checks all files; every problem is told at once. A folder without holidays has those built in.
pub fn read(source: &Source) -> Result<Read, Vec<Problem>> {
    let files = match source {
        Source::Embedded => {
            EMBEDDED.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect()
        }
        Source::Folder(folder) => texts(folder).map_err(|problem| vec![problem])?,
    };
    check(&files)
}

/// The same of files by their names and texts: `holidays.toml` is the calendar, any other a scheme.
pub fn check(files: &[(String, String)]) -> Result<Read, Vec<Problem>> {
    let (holidays, schemes): (Vec<_>, Vec<_>) = files.iter().partition(|(name, _)| is_holidays(name));
    let (built_in, text) = calendar::file::EMBEDDED;
    let holidays = match holidays.first() {
        Some((name, text)) => calendar::file::read(name, text),
        None => calendar::file::read(built_in, text),
    };
    let schemes = file::read_all(schemes.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    match (schemes, holidays) {
        (Ok(schemes), Ok(holidays)) => Ok(Read { schemes, holidays }),
        (schemes, holidays) => Err([schemes.err(), holidays.err()].into_iter().flatten().flatten().collect()),
    }
}

fn is_holidays(path: &str) -> bool {
    Path::new(path).file_name().is_some_and(|name| name == calendar::file::NAME)
}

fn texts(folder: &Path) -> Result<Vec<(String, String)>, Problem> {
    let unread = |path: &Path, why: &dyn std::fmt::Display| Problem {
        file: path.display().to_string(),
        line: None,
        place: String::new(),
        message: format!("can't be read: {why}"),
    };
    let entries = std::fs::read_dir(folder).map_err(|error| unread(folder, &error))?;
    let is_scheme = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "toml");
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_scheme).collect();
    paths.sort();
    let text = |path: &PathBuf| {
        let bytes = std::fs::metadata(path).map_err(|error| unread(path, &error))?.len();
        if bytes > FILE_BYTES_MAX {
            return Err(unread(path, &format!("it has {bytes} bytes; at most {FILE_BYTES_MAX} are read")));
        }
        let text = std::fs::read_to_string(path).map_err(|error| unread(path, &error))?;
        Ok((path.display().to_string(), text))
    };
    paths.iter().map(text).collect()
}

/// Adopts what is new. What clashes with an adopted version is told, and everything stays as it was.
pub async fn adopt_files(store: &Store, at: Moment, read: Read) -> Result<(), SubmitError> {
    let today = at.now.date();
    for year in read.holidays.missing(today) {
        // The next one is announced late in this one; `gonghui check` tells of both.
        if year == today.year() {
            tracing::warn!(
                year,
                "the holidays of this year aren't announced in the file: deadlines count its weekends and what is provisional"
            );
        } else {
            tracing::info!(year, "no holidays are known of the next year yet");
        }
    }
    let adopted = move |tx: &mut Tx| {
        let adopted = adopt(tx, &read.schemes)?;
        if adopted.is_ok() {
            calendar::adopt(tx, &read.holidays.calendar)?;
        }
        Ok(adopted)
    };
    match store.submit(at, adopted).await? {
        Ok(adopted) => {
            for (scheme, version) in adopted.new {
                tracing::info!(scheme, version, "scheme adopted");
            }
        }
        Err(clashes) => {
            for clash in clashes {
                tracing::error!(%clash, "scheme not adopted");
            }
        }
    }
    Ok(())
}

/// Adopts what was added to the files of a running service.
#[derive(Clone)]
pub struct SchemeReloader {
    pub source: Source,
    pub store: Store,
    pub clock: Arc<dyn Clock>,
}

impl SchemeReloader {
    /// If anything is wrong with the files, nothing is adopted.
    pub async fn reload(&self) {
        let source = self.source.clone();
        let read = tokio::task::spawn_blocking(move || read(&source)).await;
        let Ok(read) = read else { return tracing::error!("scheme files: reading them broke off") };
        match read {
            Ok(files) => {
                if let Err(error) = adopt_files(&self.store, self.clock.moment(), files).await {
                    tracing::error!(%error, "scheme files: the store didn't take them");
                }
            }
            Err(problems) => {
                for problem in problems {
                    tracing::error!(%problem, "scheme files");
                }
            }
        }
    }
}
