//! Where the rules of the medical mutual aid come from.

use std::path::PathBuf;

use super::reader::Section;

#[derive(Debug, Clone)]
pub struct Schemes {
    /// The folder whose `*.toml` are scheme files; `None`: the scheme built in.
    pub path: Option<PathBuf>,
}

impl Schemes {
    pub(super) fn read(section: &mut Section<'_>) -> Schemes {
        Schemes { path: section.path("path") }
    }
}
