//! A provider's codes, from a CSV file.

use serde::{Deserialize, Serialize};

use super::acts::act;
use crate::domain::benefit::import::{CODES_PER_COMMIT, Imported, NewCode, Origin, RefusedLine, import};
use crate::domain::benefit::record::BenefitCode;
use crate::moment::Time;
use crate::staff::form::wrong;
use crate::staff::{Act, ActError, Call, Caller, FieldError, perform};

/// Codes in one call; a longer file goes in several.
pub const CODES_MAX: usize = 5000;
const NAME_CHARS_MAX: usize = 60;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LoadedCodes {
    pub lot: String,
    pub loaded: u32,
    /// Lines that were not taken, and why. The others were.
    pub refused: Vec<RefusedLine>,
}

/// Loads a CSV of codes at the end of the queue: a column `code`, and if the provider gave one an `until`. Codes go
/// in by the hundred, each hundred whole; with an idempotency key a repeated call goes on where the last one broke
/// off.
pub async fn load(
    call: &Call,
    id: BenefitCode,
    lot: &str,
    supplier: &str,
    csv: &str,
) -> Result<LoadedCodes, ActError> {
    let origin = origin_of(lot, supplier, &call.who)?;
    let (lines, mut refused) = read(csv, "until")?;
    let codes: Vec<NewCode> =
        lines.into_iter().map(|Line { line, code, time }| NewCode { line, code, until: time }).collect();
    if codes.len() > CODES_MAX {
        return Err(wrong("", "at most 5000 codes in one call; send the rest in another"));
    }
    refused.extend(twice_in(&codes));
    let fresh: Vec<_> =
        codes.into_iter().filter(|code| refused.iter().all(|no| no.line != code.line)).collect();
    let mut loaded = LoadedCodes { lot: origin.lot.clone(), loaded: 0, refused };
    for (index, part) in fresh.chunks(CODES_PER_COMMIT).enumerate() {
        let request = format!("{part:?}");
        let act = Act {
            detail: format!("lot {}, {} codes", origin.lot, part.len()),
            ..act("benefit.codes", id.to_string(), &request)
        };
        let (part, origin) = (part.to_vec(), origin.clone());
        let done: Imported = perform(&call.part(index), act, move |tx| {
            Ok(import(tx, id.0, &origin, &part)?.map(|imported| (id.to_string(), imported)))
        })
        .await?;
        loaded.loaded += done.loaded;
        loaded.refused.extend(done.refused);
    }
    loaded.refused.sort_by_key(|no| no.line);
    Ok(loaded)
}

fn origin_of(lot: &str, supplier: &str, who: &Caller) -> Result<Origin, ActError> {
    for (field, text) in [("lot", lot), ("supplier", supplier)] {
        let fine = text.chars().count() <= NAME_CHARS_MAX && !text.chars().any(char::is_control);
        if !fine {
            return Err(wrong(field, "at most 60 characters, on one line"));
        }
    }
    if lot.trim().is_empty() {
        return Err(wrong("lot", "name the lot, such as the file it came in"));
    }
    Ok(Origin { lot: lot.trim().to_owned(), supplier: supplier.trim().to_owned(), by: who.name.clone() })
}

/// A code in a file, perhaps with a time.
pub struct Line {
    pub line: u32,
    pub code: String,
    pub time: Option<Time>,
}

/// The codes with their lines, and the lines that can't be read. The time stands in the column of that name.
pub fn read(csv: &str, time: &'static str) -> Result<(Vec<Line>, Vec<RefusedLine>), ActError> {
    let text = csv.strip_prefix('\u{feff}').unwrap_or(csv);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let head = reader.headers().cloned().map_err(|error| unreadable(&error))?;
    let column = |name: &str| head.iter().position(|known| known.trim().eq_ignore_ascii_case(name));
    let Some(code) = column("code") else {
        return Err(wrong("code", "the first line names the columns; one of them is `code`"));
    };
    if let Some(unknown) = head.iter().map(str::trim).find(|name| *name != "code" && *name != time) {
        return Err(wrong(unknown, format!("is no column; there are `code` and `{time}`")));
    }
    let (mut codes, mut refused) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.map_err(|error| unreadable(&error))?;
        let line = record.position().map_or(0, |at| u32::try_from(at.line()).unwrap_or(u32::MAX));
        let until = column(time).and_then(|at| record.get(at)).map(str::trim).filter(|text| !text.is_empty());
        let until = match until.map(Time::parse).transpose() {
            Ok(until) => until,
            Err(error) => {
                refused.push(RefusedLine { line, why: time.to_owned(), message: error.to_string() });
                continue;
            }
        };
        codes.push(Line { line, code: record.get(code).unwrap_or_default().to_owned(), time: until });
    }
    Ok((codes, refused))
}

fn unreadable(error: &csv::Error) -> ActError {
    let message = format!("is not CSV: {error}");
    ActError::Invalid(vec![FieldError { field: String::new(), message }])
}

/// Lines whose code stands in an earlier line of the same file.
fn twice_in(codes: &[NewCode]) -> Vec<RefusedLine> {
    let mut first = std::collections::HashMap::new();
    let mut twice = Vec::new();
    for new in codes {
        let code = crate::domain::benefit::code::exact(&new.code);
        if code.is_empty() {
            continue;
        }
        match first.entry(code) {
            std::collections::hash_map::Entry::Occupied(at) => twice.push(RefusedLine {
                line: new.line,
                why: "duplicate_here".to_owned(),
                message: format!("stands in line {} already", at.get()),
            }),
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(new.line);
            }
        }
    }
    twice
}
