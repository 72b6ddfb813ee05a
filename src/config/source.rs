//! The file and the environment, laid flat: one entry a key, wherever it came from.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::problem::{Place, Problem, Problems};
use super::value::Raw;

/// Variables named so, with a `__` between section and key, are settings.
const PREFIX: &str = "GONGHUI_";

/// The process's environment as a value; only `app.rs` reads the real one.
pub type Environment = BTreeMap<String, String>;

#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub raw: Raw,
    pub place: Place,
}

/// Dotted keys (`account.token`, `staff.0.name`) to what was given for them.
#[derive(Debug, Default)]
pub(super) struct Flat {
    pub entries: BTreeMap<String, Entry>,
    /// The file's tables (`account`, `staff`, `staff.0`), also the empty ones.
    pub tables: BTreeMap<String, Place>,
    /// Variables that begin as settings do and name no key.
    pub other_variables: Vec<String>,
}

/// Lays the file flat, the environment over it. Errors: every syntax error of the file.
pub(super) fn flatten(name: &str, text: &str, environment: &Environment) -> Result<Flat, Problems> {
    let lines = Lines { name, text };
    let (document, errors) = DeTable::parse_recoverable(text);
    if let Some(problems) = Problems::new(errors.iter().map(|e| syntax_problem(&lines, e)).collect()) {
        return Err(problems);
    }
    let mut flat = Flat::default();
    flat.table(&lines, "", document.get_ref());
    flat.environment(environment);
    Ok(flat)
}

/// The variable that overrides a key.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_uppercase())
}

impl Flat {
    fn table(&mut self, lines: &Lines<'_>, prefix: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let path = match prefix {
                "" => key.get_ref().to_string(),
                _ => format!("{prefix}.{}", key.get_ref()),
            };
            self.value(lines, path, lines.place(key.span().start), value.get_ref());
        }
    }

    fn value(&mut self, lines: &Lines<'_>, path: String, place: Place, value: &DeValue<'_>) {
        let raw = match value {
            DeValue::Table(table) => {
                self.table(lines, &path, table);
                self.tables.insert(path, place);
                return;
            }
            DeValue::Array(array) if array.iter().any(|item| item.get_ref().is_table()) => {
                for (index, item) in array.iter().enumerate() {
                    let place = lines.place(item.span().start);
                    self.value(lines, format!("{path}.{index}"), place, item.get_ref());
                }
                self.tables.insert(path, place);
                return;
            }
            DeValue::Array(array) => list(array),
            DeValue::String(text) => Raw::Text(text.to_string()),
            DeValue::Integer(number) if number.radix() == 10 => Raw::Number(number.as_str().to_owned()),
            DeValue::Boolean(yes) => Raw::YesNo(*yes),
            _ => Raw::Other,
        };
        self.entries.insert(path, Entry { raw, place });
    }

    fn environment(&mut self, environment: &Environment) {
        for (name, value) in environment {
            let Some(key) = name.strip_prefix(PREFIX) else { continue };
            if !key.contains("__") {
                self.other_variables.push(name.clone());
                continue;
            }
            let path = key.replace("__", ".").to_lowercase();
            let place = Place::Environment(name.clone());
            self.entries.insert(path, Entry { raw: Raw::Environment(value.clone()), place });
        }
    }
}

fn list(array: &toml::de::DeArray<'_>) -> Raw {
    let texts: Option<Vec<String>> =
        array.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect();
    texts.map_or(Raw::Other, Raw::List)
}

fn syntax_problem(lines: &Lines<'_>, error: &toml::de::Error) -> Problem {
    let place = error.span().map_or(lines.whole(), |span| lines.place(span.start));
    Problem { place, key: String::new(), message: error.message().replace('\n', "; ") }
}

struct Lines<'a> {
    name: &'a str,
    text: &'a str,
}

impl Lines<'_> {
    fn place(&self, offset: usize) -> Place {
        let before = self.text.as_bytes().iter().take(offset);
        let line = 1 + before.filter(|byte| **byte == b'\n').count();
        Place::File { name: self.name.to_owned(), line: Some(line) }
    }

    fn whole(&self) -> Place {
        Place::File { name: self.name.to_owned(), line: None }
    }
}
