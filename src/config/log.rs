//! How much the service tells about itself, and in which form.

use tracing_subscriber::EnvFilter;

use super::reader::Section;
use super::value::{Raw, Setting, word};
use crate::server::log::Format;

#[derive(Debug, Clone)]
pub struct Log {
    /// Levels as `tracing` reads them: `info`, or `info,gonghui::store=debug`.
    pub filter: String,
    pub format: Format,
}

impl Log {
    pub(super) fn read(section: &mut Section<'_>) -> Log {
        let log = Log {
            filter: section.or("filter", "info".to_owned()),
            format: section.or("format", Format::default()),
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

impl Setting for Format {
    const EXPECTED: &'static str = "\"json\" or \"text\"";
    fn from_raw(raw: &Raw) -> Option<Format> {
        word(raw, &[("json", Format::Json), ("text", Format::Text)])
    }
}
