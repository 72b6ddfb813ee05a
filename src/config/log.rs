//! How much the service tells about itself, and in which form.

use tracing_subscriber::EnvFilter;

use super::reader::Section;
use super::value::{Raw, Setting, word};

#[derive(Debug, Clone)]
pub struct Log {
    /// Levels as `tracing` reads them: `info`, or `info,gonghui::store=debug`.
    pub filter: String,
    pub format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// One JSON object a line, for machines.
    #[default]
    Json,
    /// For people.
    Text,
}

impl Log {
    pub(super) fn read(section: &mut Section<'_>) -> Log {
        let log = Log {
            filter: section.or("filter", "info".to_owned()),
            format: section.or("format", LogFormat::default()),
        };
        if log.filter.parse::<EnvFilter>().is_err() {
            section.problem(
                "filter",
                "must be a level like \"info\", or several like \"info,gonghui::store=debug\"",
            );
        }
        log
    }
}

impl Setting for LogFormat {
    const EXPECTED: &'static str = "\"json\" or \"text\"";
    fn from_raw(raw: &Raw) -> Option<LogFormat> {
        word(raw, &[("json", LogFormat::Json), ("text", LogFormat::Text)])
    }
}
