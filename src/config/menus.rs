//! Where the words that followers read come from.

use std::path::PathBuf;

use super::reader::Section;

#[derive(Debug, Clone)]
pub struct Menus {
    /// The folder with menus, keywords and texts; `None`: the ones built in.
    pub path: Option<PathBuf>,
}

impl Menus {
    pub(super) fn read(section: &mut Section<'_>) -> Menus {
        Menus { path: section.path("path") }
    }
}
