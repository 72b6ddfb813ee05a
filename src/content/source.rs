//! Where the files come from: a folder that staff edit, or the copies in the program.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::problem::{Problem, Report};

/// No file of `menus/` needs more.
pub const FILE_BYTES_MAX: u64 = 1 << 20;

const MENU: &str = "default.json";
const KEYWORDS: &str = "keywords.toml";
const TEXTS: &str = "texts.toml";
/// May be missing: then every notice waits for the follower's next message.
const NOTICES: &str = "notices.toml";
/// May be missing: then no question has an answer.
const FAQ: &str = "faq.toml";
/// May be missing: then followers are led nowhere outside.
const LINKS: &str = "links.toml";
/// May be missing: then nothing is asked of a person here.
const SERVICES: &str = "services.toml";
const EMBEDDED: [(&str, &str); 7] = [
    (MENU, include_str!("../../menus/default.json")),
    (KEYWORDS, include_str!("../../menus/keywords.toml")),
    (TEXTS, include_str!("../../menus/texts.toml")),
    (NOTICES, include_str!("../../menus/notices.toml")),
    (FAQ, include_str!("../../menus/faq.toml")),
    (LINKS, include_str!("../../menus/links.toml")),
    (SERVICES, include_str!("../../menus/services.toml")),
];

/// Where to load from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The files that the program was built with.
    Embedded,
    Folder(PathBuf),
}

/// A file's name as problems give it, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    pub name: String,
    pub text: String,
}

#[derive(Debug)]
pub(super) struct Files {
    pub menu: File,
    pub keywords: File,
    pub texts: File,
    pub notices: File,
    pub faq: File,
    pub links: File,
    pub services: File,
    /// Conditional menus by name (`<name>.json`), in the order of their names.
    pub conditional: Vec<(String, File)>,
}

/// Writes the embedded files into a folder, which is made if need be. What is there already stays as it is.
pub fn write_embedded(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for (name, text) in EMBEDDED {
        match fs::File::create_new(folder.join(name)) {
            Ok(mut file) => io::Write::write_all(&mut file, text.as_bytes())?,
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

impl Source {
    /// A file that can't be read is a problem and reads as empty.
    pub(super) fn read(&self, problems: &mut Vec<Problem>) -> Files {
        let mut file = |name: &str| match self {
            Source::Embedded => embedded(name),
            Source::Folder(folder) => read_file(&folder.join(name), problems),
        };
        let (menu, keywords, texts) = (file(MENU), file(KEYWORDS), file(TEXTS));
        let mut file_if_any = |name: &str| match self {
            Source::Folder(folder) if !folder.join(name).exists() => {
                File { name: folder.join(name).display().to_string(), text: String::new() }
            }
            _ => file(name),
        };
        let (notices, faq) = (file_if_any(NOTICES), file_if_any(FAQ));
        let (links, services) = (file_if_any(LINKS), file_if_any(SERVICES));
        let conditional = match self {
            Source::Embedded => Vec::new(),
            Source::Folder(folder) => conditional_in(folder, problems),
        };
        Files { menu, keywords, texts, notices, faq, links, services, conditional }
    }
}

fn embedded(name: &str) -> File {
    let text = EMBEDDED.iter().find(|(embedded, _)| *embedded == name).map_or("", |(_, text)| text);
    File { name: format!("menus/{name}"), text: text.to_owned() }
}

fn read_file(path: &Path, problems: &mut Vec<Problem>) -> File {
    let name = path.display().to_string();
    let text = bounded(path).unwrap_or_else(|why| {
        Report::new(&name, "", problems).error(None, "", why);
        String::new()
    });
    File { name, text }
}

fn bounded(path: &Path) -> Result<String, String> {
    let bytes = fs::metadata(path).map_err(|e| format!("can't be read: {e}"))?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(format!("has {bytes} bytes; at most {FILE_BYTES_MAX} are read"));
    }
    let text = fs::read_to_string(path).map_err(|e| format!("can't be read: {e}"))?;
    Ok(without_windows_marks(&text))
}

/// Editors on Windows put a mark in front, which JSON doesn't take, and end lines in two characters, of which followers
/// would be sent both.
fn without_windows_marks(text: &str) -> String {
    text.trim_start_matches('\u{feff}').replace("\r\n", "\n")
}

fn conditional_in(folder: &Path, problems: &mut Vec<Problem>) -> Vec<(String, File)> {
    let mut paths: Vec<PathBuf> = match fs::read_dir(folder) {
        Ok(entries) => {
            entries.flatten().map(|entry| entry.path()).filter(|path| is_conditional(path)).collect()
        }
        Err(_) => Vec::new(), // the three files have told already
    };
    paths.sort();
    let name = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), read_file(path, problems))).collect()
}

fn is_conditional(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "json")
        && path.file_name().is_some_and(|name| name != MENU)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_out_reads_as_the_embedded_files_and_edits_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("menus");
        write_embedded(&path).unwrap();
        let mut problems = Vec::new();
        let (inside, outside) = (Source::Embedded, Source::Folder(path.clone()));
        let (inside, outside) = (inside.read(&mut problems), outside.read(&mut problems));
        assert_eq!(problems, []);
        assert_eq!(inside.texts.text, outside.texts.text);
        assert_eq!(inside.menu.text, outside.menu.text);

        fs::write(path.join(KEYWORDS), "# mine").unwrap();
        write_embedded(&path).unwrap();
        assert_eq!(Source::Folder(path).read(&mut problems).keywords.text, "# mine");
    }

    #[test]
    fn what_was_saved_on_windows_reads_the_same() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in EMBEDDED {
            let saved = format!("\u{feff}{}", text.replace('\n', "\r\n"));
            fs::write(folder.path().join(name), saved).unwrap();
        }
        let mut problems = Vec::new();
        let saved = Source::Folder(folder.path().to_owned()).read(&mut problems);
        let embedded = Source::Embedded.read(&mut problems);
        assert_eq!(problems, []);
        assert_eq!(saved.menu.text, embedded.menu.text);
        assert_eq!(saved.texts.text, embedded.texts.text);
    }

    #[test]
    fn files_that_are_missing_or_huge_are_told() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(TEXTS), vec![b'#'; FILE_BYTES_MAX as usize + 1]).unwrap();
        fs::write(folder.path().join(MENU), [0xff]).unwrap();
        fs::write(folder.path().join("drivers.json"), "{}").unwrap();
        let mut problems = Vec::new();
        let files = Source::Folder(folder.path().to_owned()).read(&mut problems);
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert_eq!(files.conditional[0].0, "drivers");
    }
}
