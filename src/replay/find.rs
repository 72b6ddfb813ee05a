//! What there is to replay under a path.

use std::fs;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fixture {
    /// A folder with a `story.toml`.
    Story(PathBuf),
    /// One push beside what it parses to.
    Message(PathBuf),
    /// What looks like a fixture and is none.
    Stray { path: PathBuf, why: &'static str },
}

/// A path that can't be meant.
#[derive(Debug, thiserror::Error)]
#[error("{}: {why}", path.display())]
pub struct NothingFound {
    path: PathBuf,
    why: String,
}

/// Folders inside folders that are looked into; fixtures are three deep.
const DEPTH_MAX: usize = 8;

pub fn under(path: &Path) -> Result<Vec<Fixture>, NothingFound> {
    let nothing = |why: String| NothingFound { path: path.to_owned(), why };
    let mut found = Vec::new();
    let metadata = fs::metadata(path).map_err(|error| nothing(error.to_string()))?;
    match metadata.is_dir() {
        true => descend(path, 0, &mut found).map_err(|error| nothing(error.to_string()))?,
        false if is_xml(path) && path.with_file_name("story.toml").exists() => {
            return Err(nothing("is a step of a story: name its folder".to_owned()));
        }
        false if is_xml(path) => found.push(Fixture::Message(path.to_owned())),
        false => return Err(nothing("is neither a folder nor an .xml file".to_owned())),
    }
    if found.is_empty() { Err(nothing("holds neither stories nor messages".to_owned())) } else { Ok(found) }
}

fn descend(folder: &Path, depth: usize, found: &mut Vec<Fixture>) -> std::io::Result<()> {
    if folder.join("story.toml").exists() {
        found.push(Fixture::Story(folder.to_owned()));
        return Ok(());
    }
    let mut paths =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    if paths.iter().any(|path| is_step(path)) {
        let why = "has steps of a story but no story.toml";
        found.push(Fixture::Stray { path: folder.to_owned(), why });
        return Ok(());
    }
    for path in paths {
        if path.is_dir() && depth < DEPTH_MAX {
            descend(&path, depth + 1, found)?;
        } else if is_xml(&path) {
            found.push(Fixture::Message(path));
        }
    }
    Ok(())
}

fn is_xml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "xml")
}

/// `03-tap.xml`
fn is_step(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    is_xml(path) && name.split_once('-').is_some_and(|(number, _)| number.parse::<u32>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stories_messages_and_strays_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for dir in ["stories/a/one", "stories/a/two", "messages"] {
            fs::create_dir_all(root.join(dir)).unwrap();
        }
        assert!(under(root).is_err());
        fs::write(root.join("stories/a/one/story.toml"), "").unwrap();
        fs::write(root.join("stories/a/one/01-x.xml"), "").unwrap();
        fs::write(root.join("stories/a/two/01-x.xml"), "").unwrap();
        fs::write(root.join("messages/text.xml"), "").unwrap();
        fs::write(root.join("messages/text.json"), "").unwrap();
        let expected = [
            Fixture::Message(root.join("messages/text.xml")),
            Fixture::Story(root.join("stories/a/one")),
            Fixture::Stray {
                path: root.join("stories/a/two"),
                why: "has steps of a story but no story.toml",
            },
        ];
        assert_eq!(under(root).unwrap(), expected);
        assert!(under(&root.join("nowhere")).is_err());
        let step = under(&root.join("stories/a/one/01-x.xml")).unwrap_err();
        assert!(step.to_string().ends_with("is a step of a story: name its folder"), "{step}");
        assert!(under(&root.join("messages/text.json")).is_err());
    }
}
