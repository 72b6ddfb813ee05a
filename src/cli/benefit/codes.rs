//! A file of codes in calls that the service takes, each with a key of its own: what breaks off goes on.

use std::borrow::Cow;
use std::fmt::Display;
use std::path::Path;

use encoding_rs::GB18030;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::super::answer::{items, no_rows, text_of};
use super::super::client::Client;
use super::super::out::{self, Failure};
use super::super::{Done, block_on, progress};
use crate::app;

/// Lines in one call.
const LINES_A_CALL: usize = 1000;
/// Refused lines shown one by one; `--json` has them all.
const SHOWN_MAX: usize = 50;

pub(in super::super) fn load(
    client: &Client,
    id: &str,
    file: &Path,
    supplier: &str,
    lot: Option<&str>,
    as_json: bool,
) -> Done {
    let text = read(file)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let lot = lot.map_or_else(|| name.chars().take(60).collect(), str::to_owned);
    let (head, rows) = lines(file, &text)?;
    let mark = hex::encode(&Sha256::digest(format!("{id} {lot} {supplier} {text}"))[..12]);
    let bar = progress::rows("codes");
    bar.set_length(rows.len() as u64);
    let (mut loaded, mut refused) = (0, Vec::new());
    for (index, part) in rows.chunks(LINES_A_CALL).enumerate() {
        let csv = format!("{head}\n{}\n", part.join("\n"));
        let words = [("lot", lot.as_str()), ("supplier", supplier)];
        let key = format!("codes-{mark}-{index}");
        let done = block_on(client.post_text(&format!("/benefits/{id}/codes"), &words, &key, csv))?;
        loaded += done["loaded"].as_u64().unwrap_or(0);
        let before = (index * LINES_A_CALL) as u64;
        refused.extend(items(&done, "refused").map(|line| in_file(line, before)));
        bar.inc(part.len() as u64);
    }
    bar.finish_and_clear();
    tell(&lot, loaded, &refused, as_json)
}

/// The provider's codes that were used.
pub(in super::super) fn used(client: &Client, id: &str, file: &Path, as_json: bool) -> Done {
    let text = read(file)?;
    let (head, rows) = lines(file, &text)?;
    let run = hex::encode(app::random::<12>()?); // the same file may be told again later
    let bar = progress::rows("used");
    bar.set_length(rows.len() as u64);
    let (mut marked, mut known, mut refused) = (0, 0, Vec::new());
    for (index, part) in rows.chunks(LINES_A_CALL).enumerate() {
        let csv = format!("{head}\n{}\n", part.join("\n"));
        let key = format!("used-{run}-{index}");
        let done = block_on(client.post_text(&format!("/benefits/{id}/used"), &[], &key, csv))?;
        marked += done["marked"].as_u64().unwrap_or(0);
        known += done["known"].as_u64().unwrap_or(0);
        refused.extend(items(&done, "refused").map(|line| in_file(line, (index * LINES_A_CALL) as u64)));
        bar.inc(part.len() as u64);
    }
    bar.finish_and_clear();
    if as_json {
        out::print_json(&json!({ "marked": marked, "known": known, "refused": refused }))?;
    } else {
        print_refused(&refused)?;
        out::say(format_args!(
            "{marked} codes marked as used, {known} were known to be, {} lines refused",
            refused.len()
        ));
    }
    if refused.is_empty() { Ok(()) } else { Err(Failure::Told) }
}

/// In UTF-8, or in what Excel saves on a Chinese Windows.
fn read(file: &Path) -> Result<String, Failure> {
    let unreadable = |why: &dyn Display| Failure::new(format!("can't read {}: {why}", file.display()));
    let bytes = std::fs::read(file).map_err(|error| unreadable(&error))?;
    String::from_utf8(bytes).or_else(|error| {
        let text = GB18030.decode_without_bom_handling_and_without_replacement(error.as_bytes());
        text.map(Cow::into_owned).ok_or_else(|| unreadable(&"it is neither UTF-8 nor GBK"))
    })
}

/// The head and what stands below it, line by line. A file without any is the wrong one.
fn lines<'t>(file: &Path, text: &'t str) -> Result<(&'t str, Vec<&'t str>), Failure> {
    let (head, rows) = text.split_once('\n').unwrap_or((text, ""));
    let head = head.trim_end_matches('\r');
    match rows.trim().is_empty() {
        true => Err(no_rows(file)),
        false => Ok((head, rows.lines().collect())),
    }
}

/// A refused line with its number in the whole file.
fn in_file(line: &Value, before: u64) -> Value {
    let mut line = line.clone();
    line["line"] = json!(line["line"].as_u64().unwrap_or(0) + before);
    line
}

fn tell(lot: &str, loaded: u64, refused: &[Value], as_json: bool) -> Done {
    if as_json {
        out::print_json(&json!({ "lot": lot, "loaded": loaded, "refused": refused }))?;
    } else {
        print_refused(refused)?;
        out::say(format_args!("{loaded} codes loaded as lot {lot}, {} lines refused", refused.len()));
    }
    if refused.is_empty() { Ok(()) } else { Err(Failure::Told) }
}

fn print_refused(refused: &[Value]) -> Done {
    for line in refused.iter().take(SHOWN_MAX) {
        let told = format!("line {}: {}", text_of(&line["line"]), text_of(&line["message"]));
        out::print(&out::tame(&told))?;
        out::print("\n")?;
    }
    Ok(())
}
