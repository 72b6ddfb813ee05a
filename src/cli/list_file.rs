//! A list of people in a file, row by row: CSV is streamed, a spreadsheet is read as a whole by its library.

use std::fs::File;
use std::path::Path;

use calamine::{Data, Reader, Xlsx, open_workbook};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::cli::out::Failure;

/// What the columns of a list are called, and what the API calls them.
pub struct Layout {
    /// (names in the file, field of the API); a field `card.bank` is a field of an object `card`.
    pub columns: &'static [(&'static [&'static str], &'static str)],
    /// Fields that every list has.
    pub must: &'static [&'static str],
    /// (field, how a cell begins, what that means)
    pub words: &'static [(&'static str, &'static str, &'static str)],
    /// Columns that are passed over.
    pub ignored: &'static [&'static str],
}

/// The rows of a file, as the API takes them.
pub struct Rows {
    source: Source,
    layout: &'static Layout,
    columns: Vec<Option<&'static str>>,
}

enum Source {
    Csv { reader: Box<csv::Reader<File>>, record: csv::StringRecord },
    Sheet { rows: std::vec::IntoIter<Vec<String>> },
}

impl Rows {
    pub fn open(path: &Path, layout: &'static Layout) -> Result<Rows, Failure> {
        let is_sheet = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("xlsx"));
        if is_sheet { Rows::sheet(path, layout) } else { Rows::csv(path, layout) }
    }

    fn csv(path: &Path, layout: &'static Layout) -> Result<Rows, Failure> {
        let reader = csv::ReaderBuilder::new().flexible(true).from_path(path);
        let mut reader = Box::new(reader.map_err(|error| wrong(path, &error))?);
        let head = reader.headers().map_err(|error| wrong(path, &error))?.clone();
        let columns = columns(layout, head.iter()).map_err(|why| wrong(path, &why))?;
        Ok(Rows { source: Source::Csv { reader, record: csv::StringRecord::new() }, layout, columns })
    }

    fn sheet(path: &Path, layout: &'static Layout) -> Result<Rows, Failure> {
        let mut book: Xlsx<_> =
            open_workbook(path).map_err(|error: calamine::XlsxError| wrong(path, &error))?;
        let first = book.worksheet_range_at(0).ok_or_else(|| wrong(path, &"it has no sheet"))?;
        let range = first.map_err(|error| wrong(path, &error))?;
        let mut rows: Vec<Vec<String>> = range.rows().map(|row| row.iter().map(cell).collect()).collect();
        let head = if rows.is_empty() { Vec::new() } else { rows.remove(0) };
        let columns = columns(layout, head.iter().map(String::as_str)).map_err(|why| wrong(path, &why))?;
        Ok(Rows { source: Source::Sheet { rows: rows.into_iter() }, layout, columns })
    }
}

impl Iterator for Rows {
    type Item = Result<Value, String>;

    fn next(&mut self) -> Option<Self::Item> {
        let (layout, columns) = (self.layout, &self.columns);
        match &mut self.source {
            Source::Csv { reader, record } => match reader.read_record(record) {
                Ok(false) => None,
                Ok(true) => Some(Ok(row(layout, columns, record.iter()))),
                Err(error) => Some(Err(error.to_string())),
            },
            Source::Sheet { rows } => {
                rows.next().map(|cells| Ok(row(layout, columns, cells.iter().map(String::as_str))))
            }
        }
    }
}

/// Names the file's content.
pub fn digest(path: &Path) -> Result<String, Failure> {
    let mut sha = Sha256::new();
    let mut file = File::open(path).map_err(|error| wrong(path, &error))?;
    let mut chunk = vec![0; 1 << 16];
    loop {
        let read = std::io::Read::read(&mut file, &mut chunk).map_err(|error| wrong(path, &error))?;
        if read == 0 {
            return Ok(hex::encode(sha.finalize()));
        }
        sha.update(chunk.get(..read).unwrap_or_default());
    }
}

fn columns<'a>(
    layout: &'static Layout,
    head: impl Iterator<Item = &'a str>,
) -> Result<Vec<Option<&'static str>>, String> {
    let mut found = Vec::new();
    for name in head {
        let name = name.trim().trim_start_matches('\u{feff}');
        let column = layout
            .columns
            .iter()
            .find(|(names, _)| names.iter().any(|known| known.eq_ignore_ascii_case(name)));
        match column {
            Some((_, field)) => found.push(Some(*field)),
            None if name.is_empty() || layout.ignored.contains(&name) => found.push(None),
            None => {
                let known: Vec<&str> = layout.columns.iter().map(|(names, _)| names[0]).collect();
                return Err(format!("unknown column {name:?}; known are {}", known.join(", ")));
            }
        }
    }
    match layout.must.iter().find(|must| !found.contains(&Some(**must))) {
        Some(missing) => Err(format!("the first row names no column for `{missing}`")),
        None => Ok(found),
    }
}

fn row<'a>(layout: &Layout, columns: &[Option<&'static str>], cells: impl Iterator<Item = &'a str>) -> Value {
    let (mut row, mut card) = (Map::new(), Map::new());
    for (column, cell) in columns.iter().zip(cells) {
        let (Some(field), cell) = (column, cell.trim()) else { continue };
        if cell.is_empty() && !layout.must.contains(field) {
            continue;
        }
        let word = layout.words.iter().find(|(of, chinese, _)| of == field && cell.starts_with(chinese));
        let value = json!(word.map_or(cell, |(_, _, word)| word));
        match field.strip_prefix("card.") {
            Some(field) => card.insert(field.to_owned(), value),
            None => row.insert((*field).to_owned(), value),
        };
    }
    if card.contains_key("number") {
        row.insert("card".to_owned(), Value::Object(card));
    }
    Value::Object(row)
}

/// Numbers that a spreadsheet took for numbers are written out; whoever stored an identity number so has lost its
/// last digits, which its check character tells.
fn cell(cell: &Data) -> String {
    match cell {
        Data::Float(number) if number.fract() == 0.0 => format!("{number:.0}"),
        other => other.to_string(),
    }
}

fn wrong(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::new(format!("{}: {error}", path.display()))
}
