//! Expectations rewritten to what came.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use toml::de::DeTable;

use super::story::{AskedInVain, Called, Telling};
use crate::wechat::reply::SUCCESS;

pub const OUTBOX: &str = "expect_outbox";
pub const CALLS: &str = "expect_calls";
pub const MISSED: &str = "expect_missed";

/// The answer's file; none for `success`.
pub fn reply(file: &Path, answer: &str) -> Result<(), String> {
    let written = match answer {
        SUCCESS => match fs::remove_file(file) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        },
        answer => fs::write(file, format!("{answer}\n")),
    };
    written.map_err(|error| format!("{}: {error}", file.display()))
}

/// A list of a `story.toml`, such as `expect_outbox`; everything else in it stays as it was written.
pub fn list(file: &Path, name: &str, rows: &[String]) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", file.display());
    let toml = fs::read_to_string(file).map_err(failed)?;
    fs::write(file, with_list(&toml, name, rows)).map_err(failed)
}

/// A row as it stands in `expect_outbox`.
pub fn telling(row: &Telling) -> String {
    let Telling { follower, notice, state } = row;
    format!("{{ follower = {follower:?}, notice = {notice:?}, state = {state:?} }}")
}

/// A question as it stands in `expect_missed`.
pub fn missed(asked: &AskedInVain) -> String {
    format!("{{ text = {:?}, count = {} }}", asked.text, asked.count)
}

/// A call as it stands in `expect_calls`.
pub fn call(call: &Called) -> String {
    let Called { by, to, says, code } = call;
    let code = if *code == 0 { String::new() } else { format!(", code = {code}") };
    format!("{{ by = {by:?}, to = {to:?}, says = {}{code} }}", toml::Value::from(says.as_str()))
}

fn with_list(toml: &str, name: &str, rows: &[String]) -> String {
    let rows: String = rows.iter().map(|row| format!("  {row},\n")).collect();
    let block = format!("{name} = [\n{rows}]");
    match (rows.is_empty(), place(toml, name)) {
        (true, None) => toml.to_owned(),
        (true, Some((before, after))) => format!("{before}{}", after.strip_prefix('\n').unwrap_or(after)),
        (false, Some((before, after))) => format!("{before}{block}{after}"),
        (false, None) => match toml.match_indices('[').find(|(at, _)| toml[..*at].ends_with('\n')) {
            Some((at, _)) => format!("{}{block}\n\n{}", &toml[..at], &toml[at..]),
            None => format!("{}\n{block}\n", toml.trim_end_matches('\n')),
        },
    }
}

/// What stands before a list and behind it.
fn place<'t>(toml: &'t str, name: &str) -> Option<(&'t str, &'t str)> {
    let root = DeTable::parse(toml).ok()?;
    let (key, list) = root.get_ref().iter().find(|(key, _)| key.get_ref() == name)?;
    Some((toml.get(..key.span().start)?, toml.get(list.span().end..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> String {
        telling(&Telling {
            follower: "o1".to_owned(),
            notice: "promoted".to_owned(),
            state: "told".to_owned(),
        })
    }

    const BLOCK: &str =
        "expect_outbox = [\n  { follower = \"o1\", notice = \"promoted\", state = \"told\" },\n]";

    #[test]
    fn the_rest_of_the_file_stays() {
        let bare = "about = \"x\" # why\n\n[[activity]]\nfile = \"a\"\n";
        let blessed = with_list(bare, OUTBOX, &[row()]);
        assert_eq!(blessed, format!("about = \"x\" # why\n\n{BLOCK}\n\n[[activity]]\nfile = \"a\"\n"));
        assert_eq!(with_list(&blessed, OUTBOX, &[row()]), blessed);
        assert_eq!(with_list("expect_outbox = []\na = 1\n", OUTBOX, &[row()]), format!("{BLOCK}\na = 1\n"));
        assert_eq!(with_list(&format!("a = 1\n{BLOCK}\n"), OUTBOX, &[]), "a = 1\n");
    }

    #[test]
    fn words_behind_a_list_and_in_it_end_nothing() {
        let after = "\n[[activity]]\nfile = \"a\"\n";
        let toml = format!("expect_outbox = [] # [none] yet\n{after}");
        assert_eq!(with_list(&toml, OUTBOX, &[row()]), format!("{BLOCK} # [none] yet\n{after}"));
        let toml = format!("expect_outbox = [\n  {}, # [he waited]\n  {},\n]\n{after}", row(), row());
        assert_eq!(with_list(&toml, OUTBOX, &[row()]), format!("{BLOCK}\n{after}"));
    }

    #[test]
    fn an_answer_of_nothing_has_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("01-a.reply.xml");
        reply(&file, "<xml/>").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "<xml/>\n");
        reply(&file, SUCCESS).unwrap();
        reply(&file, SUCCESS).unwrap();
        assert!(!file.exists());
    }
}
