//! Activities under the dates of the fixtures, and the files that say the same.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::moment::Time;
use crate::staff::activity::parse;

/// Folders above a story in which `activities` is looked for.
const UP_MAX: usize = 6;

/// Every time in it moved back.
pub fn moved(value: &Value, back_ms: i64) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(_, value)| !value.is_null());
            kept.map(|(name, value)| (name.clone(), moved(value, back_ms))).collect()
        }
        Value::Array(items) => items.iter().map(|item| moved(item, back_ms)).collect(),
        Value::String(text) => match Time::parse(text) {
            Ok(time) => Value::String(Time::from_unix_ms(time.unix_ms() - back_ms).to_string()),
            Err(_) => Value::String(text.clone()),
        },
        other => other.clone(),
    }
}

/// A file with the same activity, as a story in `folder` names it.
pub fn file(form: &Value, folder: &Path) -> Option<PathBuf> {
    let terms = parse(&form.to_string()).ok()?;
    let ups = (1..=UP_MAX).map(|ups| "../".repeat(ups) + "activities");
    // `folder` may not be there yet, so its parents are walked by name.
    let from = |relative: &str| lexical(&folder.join(relative));
    let relative = ups.into_iter().find(|relative| from(relative).is_dir())?;
    let entries = fs::read_dir(from(&relative)).ok()?;
    let mut names: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.file_name())).collect();
    names.sort();
    let says_the_same = |name: &std::ffi::OsString| {
        let text = fs::read_to_string(from(&relative).join(name)).unwrap_or_default();
        parse(&text).is_ok_and(|there| there == terms)
    };
    let name = names.into_iter().find(says_the_same)?;
    Some(Path::new(&relative).join(name))
}

fn lexical(path: &Path) -> PathBuf {
    let mut walked = PathBuf::new();
    for part in path.components() {
        let parent = part == std::path::Component::ParentDir;
        let is_named = walked.file_name().is_some();
        match parent && is_named {
            true => drop(walked.pop()),
            false => walked.push(part),
        }
    }
    if walked.as_os_str().is_empty() { PathBuf::from(".") } else { walked }
}
