//! Scheme files: one version of one city's rules each. Everything that is wrong with them is told at once.

mod check;
mod example;

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::record::*;

pub use example::Example;

/// The files that the program was built with: the scheme that is used where none is configured.
pub const EMBEDDED: &[(&str, &str)] =
    &[("schemes/ningbo.toml", include_str!("../../../schemes/ningbo.toml"))];

/// A file that was read and checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SchemeFile {
    pub scheme: String,
    pub version: u32,
    pub title: String,
    pub in_force: InForce,
    pub assumed: Vec<String>,
    pub programmes: Vec<Programme>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    scheme: String,
    version: u32,
    title: String,
    in_force: InForce,
    /// What no source gives: settings to be confirmed.
    #[serde(default)]
    assumed: Vec<String>,
}

/// Something to mend in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub file: String,
    pub line: Option<usize>,
    /// What in it: `critical.benefit 1`.
    pub place: String,
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if !self.place.is_empty() {
            write!(f, "  {}", self.place)?;
        }
        write!(f, "  {}", self.message)
    }
}

/// Reads a file and runs its worked examples.
pub fn read(name: &str, text: &str) -> Result<SchemeFile, Vec<Problem>> {
    let (file, broken) = read_trial(name, text)?;
    if broken.is_empty() { Ok(file) } else { Err(broken) }
}

/// Reads a file that is only tried out, and tells which of its worked examples don't hold: they may be those of the rules
/// that it changes.
pub fn read_trial(name: &str, text: &str) -> Result<(SchemeFile, Vec<Problem>), Vec<Problem>> {
    let mut report = Report { file: name, text, problems: Vec::new(), broken: Vec::new() };
    let file = parse(text, &mut report);
    let Report { mut problems, broken, .. } = report;
    match file.filter(|_| problems.is_empty()) {
        Some(file) => Ok((file, broken)),
        None => {
            problems.extend(broken);
            problems.sort_by_key(|problem| problem.line);
            problems.dedup();
            Err(problems)
        }
    }
}

/// Reads several; what one of them says of a version must not be said by another.
pub fn read_all<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Vec<SchemeFile>, Vec<Problem>> {
    let (mut read_files, mut problems): (Vec<(String, SchemeFile)>, Vec<Problem>) = Default::default();
    for (name, text) in files {
        match read(name, text) {
            Ok(file) => {
                let same = |(_, other): &&(String, SchemeFile)| {
                    other.scheme == file.scheme
                        && (other.version == file.version || other.in_force.from == file.in_force.from)
                };
                if let Some((other, _)) = read_files.iter().find(same) {
                    let message = format!("has the version or the first day of {other}; change one of them");
                    let place = format!("{} {}", file.scheme, file.version);
                    problems.push(Problem { file: name.to_owned(), line: None, place, message });
                }
                read_files.push((name.to_owned(), file));
            }
            Err(of_file) => problems.extend(of_file),
        }
    }
    if problems.is_empty() {
        Ok(read_files.into_iter().map(|(_, file)| file).collect())
    } else {
        Err(problems)
    }
}

/// Problems of one file as they are found.
struct Report<'a> {
    file: &'a str,
    text: &'a str,
    problems: Vec<Problem>,
    /// Worked examples that don't come to what they say.
    broken: Vec<Problem>,
}

impl Report<'_> {
    fn problem(&self, line: Option<usize>, place: &str, message: impl Into<String>) -> Problem {
        Problem { file: self.file.to_owned(), line, place: place.to_owned(), message: message.into() }
    }

    /// A part and the whole that it is in may find the same of a line: it is told once.
    fn add(&mut self, line: Option<usize>, place: &str, message: impl Into<String>) {
        let problem = self.problem(line, place, message);
        let same =
            |known: &Problem| line.is_some() && (known.line, &known.message) == (line, &problem.message);
        if !self.problems.iter().any(same) {
            self.problems.push(problem);
        }
    }

    fn line(&self, span: std::ops::Range<usize>) -> Option<usize> {
        let before = self.text.as_bytes().get(..span.start)?;
        Some(before.iter().filter(|byte| **byte == b'\n').count() + 1)
    }

    fn value<T: DeserializeOwned>(&mut self, value: Spanned<DeValue>, place: &str) -> Option<T> {
        let line = self.line(value.span());
        match T::deserialize(ValueDeserializer::from(value)) {
            Ok(read) => Some(read),
            Err(error) => {
                let line = error.span().and_then(|span| self.line(span)).or(line);
                self.add(line, place, error.message());
                None
            }
        }
    }
}

fn parse(text: &str, report: &mut Report) -> Option<SchemeFile> {
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let line = error.span().and_then(|span| report.line(span));
        report.add(line, "", error.message());
    }
    let span = root.span();
    let mut root = root.into_inner();
    let programmes = root.remove("programme");
    let head: Option<Head> = report.value(Spanned::new(span, DeValue::Table(root)), "");
    let tables = match programmes.map(Spanned::into_inner) {
        Some(DeValue::Array(tables)) => tables,
        Some(_) => {
            report.add(None, "programme", "is a list: write [[programme]]");
            return None;
        }
        None => {
            report.add(None, "", "names no [[programme]]");
            return None;
        }
    };
    // Of those that can't be read, too: others may name them.
    let keys: Vec<String> = (1usize..).zip(&tables).map(|(number, table)| key_of(table, number)).collect();
    let mut programmes: Vec<Programme> = Vec::new();
    for (number, table) in (1usize..).zip(tables) {
        if let Some(programme) = programme(table, number, report) {
            if programmes.iter().any(|other| other.key == programme.key) {
                report.add(None, &programme.key, "is the key of another programme, too");
            }
            programmes.push(programme);
        }
    }
    let head = head?;
    check::head(&head.scheme, head.version, &head.in_force, report);
    check::between(&programmes, &keys, report);
    Some(SchemeFile {
        scheme: head.scheme,
        version: head.version,
        title: head.title,
        in_force: head.in_force,
        assumed: head.assumed,
        programmes,
    })
}

/// Where the parts of a programme stand, for what is found wrong after they were read.
struct Places {
    key: String,
    line: Option<usize>,
    parts: Vec<(String, Option<usize>)>,
}

impl Places {
    /// Of the `index`-th (from 0) `[[programme.name]]`, or of a table of that name.
    fn of(&self, name: &str, index: usize) -> (Option<usize>, String) {
        let mut of_name = self.parts.iter().filter(|(part, _)| part == name);
        let line = of_name.nth(index).map_or(self.line, |(_, line)| *line);
        (line, format!("{}.{name} {}", self.key, index + 1))
    }
}

/// What a programme is called, or else its place among them.
fn key_of(table: &Spanned<DeValue>, number: usize) -> String {
    let key = table.get_ref().as_table().and_then(|table| table.get("key"));
    match key.map(|key| key.get_ref()) {
        Some(DeValue::String(key)) => key.to_string(),
        _ => format!("programme {number}"),
    }
}

fn programme(table: Spanned<DeValue>, number: usize, report: &mut Report) -> Option<Programme> {
    let (span, line, key) = (table.span(), report.line(table.span()), key_of(&table, number));
    let DeValue::Table(mut table) = table.into_inner() else {
        report.add(line, "programme", "is a table: write [[programme]]");
        return None;
    };
    let examples = table.remove("example");
    let mut places = Places { key, line, parts: Vec::new() };
    for (name, value) in &table {
        part(name.get_ref(), value, &mut places, report);
    }
    let programme: Option<Programme> = report.value(Spanned::new(span, DeValue::Table(table)), &places.key);
    let mut read_examples = Vec::new();
    if let Some(DeValue::Array(rows)) = examples.map(Spanned::into_inner) {
        for (index, row) in rows.into_iter().enumerate() {
            places.parts.push(("example".to_owned(), report.line(row.span())));
            let place = places.of("example", index).1;
            read_examples.extend(report.value::<Example>(row, &place));
        }
    }
    let programme = programme?;
    check::programme(&programme, &places, report);
    check::examples(&programme, &read_examples, &places, report);
    Some(programme)
}

/// Reads each part by itself, so that all that is wrong is told and not only the first.
fn part(name: &str, value: &Spanned<DeValue>, places: &mut Places, report: &mut Report) {
    let rows = match value.get_ref() {
        DeValue::Array(rows) => rows.iter().cloned().collect(),
        _ => vec![value.clone()],
    };
    for (index, row) in rows.into_iter().enumerate() {
        places.parts.push((name.to_owned(), report.line(row.span())));
        let place = places.of(name, index).1;
        match name {
            "join" => drop(report.value::<Join>(row, &place)),
            "premium" => drop(report.value::<Premium>(row, &place)),
            "window" => drop(report.value::<Window>(row, &place)),
            "cover" => drop(report.value::<CoverRule>(row, &place)),
            "rounding" => drop(report.value::<RoundingRule>(row, &place)),
            "benefit" => drop(report.value::<Benefit>(row, &place)),
            "disease" => drop(report.value::<Disease>(row, &place)),
            "document" => drop(report.value::<DocumentRule>(row, &place)),
            "filing" => drop(report.value::<Filing>(row, &place)),
            "times" => drop(report.value::<Times>(row, &place)),
            "instant" => drop(report.value::<Instant>(row, &place)),
            _ => {}
        }
    }
}
