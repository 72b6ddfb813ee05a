//! Reading what the service answered, and what it is sent.

use std::io::Read;
use std::path::Path;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::out::Failure;

/// For every command of a group alike, so that a script need not know which of them prints a table.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct AsJson {
    /// Print JSON, as some commands do anyway
    #[arg(long, global = true)]
    pub json: bool,
}

pub(super) fn items<'a>(answer: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    answer[key].as_array().into_iter().flatten()
}

/// A value as a cell: texts without quotes, nothing for null.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A file of text, or what is piped in (`-`), without the mark that Windows' editors put in front.
pub(super) fn read_text(file: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = match file == Path::new("-") {
        true => std::io::stdin().read_to_string(&mut text),
        false => std::fs::File::open(file).and_then(|mut file| file.read_to_string(&mut text)),
    };
    read.map_err(|error| Failure::new(format!("can't read {}: {error}", file.display())))?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

pub(super) fn read_json(file: &Path) -> Result<Value, Failure> {
    serde_json::from_str(&read_text(file)?)
        .map_err(|error| Failure::new(format!("{} is not JSON: {error}", file.display())))
}

/// A list that holds nobody and nothing is not what was meant: nothing was sent.
pub(super) fn no_rows(file: &Path) -> Failure {
    Failure::new(format!("{} holds no rows", file.display()))
}

/// An id becomes part of a path, so it may hold nothing that means something there.
pub(super) fn parse_id(id: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match !id.is_empty() && id.len() <= 64 && id.chars().all(plain) {
        true => Ok(id.to_owned()),
        false => Err("an id holds letters, digits, - and _ only".to_owned()),
    }
}

/// A code as a part of a path: a provider's may hold any sign, and people type ours with blanks.
pub(super) fn parse_code(code: &str) -> Result<String, String> {
    match code.trim() {
        "" => Err("a code has letters or digits".to_owned()),
        code if code.chars().any(char::is_control) => Err("a code is one line".to_owned()),
        code => Ok(utf8_percent_encode(code, NON_ALPHANUMERIC).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_as_notepad_writes_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hike.json");
        std::fs::write(&path, "\u{feff}{\r\n\"title\": \"健步走\"}").unwrap();
        assert_eq!(read_json(&path).unwrap()["title"], "健步走");
    }
}
