//! Typed reading of the flat settings. What was asked for is what is known: the rest is a mistake.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::problem::{Place, Problem};
use super::source::{Entry, Flat, variable};
use super::value::Setting;

/// How alike two names must be for one to be offered for the other, from 0 to 1.
const ALIKE_MIN: f64 = 0.6;

pub(super) struct Reader {
    file: String,
    folder: PathBuf,
    /// What nobody has asked for yet.
    entries: BTreeMap<String, Entry>,
    places: BTreeMap<String, Place>,
    tables: BTreeMap<String, Place>,
    other_variables: Vec<String>,
    known: BTreeSet<String>,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
}

/// The keys of one section, for the struct that is filled from them.
pub(super) struct Section<'a> {
    reader: &'a mut Reader,
    name: String,
}

impl Reader {
    pub(super) fn new(path: &Path, flat: Flat) -> Reader {
        let places = flat.entries.iter().map(|(key, entry)| (key.clone(), entry.place.clone())).collect();
        Reader {
            file: path.display().to_string(),
            folder: path.parent().unwrap_or(Path::new("")).to_owned(),
            entries: flat.entries,
            places,
            tables: flat.tables,
            other_variables: flat.other_variables,
            known: BTreeSet::new(),
            problems: Vec::new(),
            warnings: Vec::new(),
        }
    }

    pub(super) fn section(&mut self, name: &str) -> Section<'_> {
        Section { reader: self, name: name.to_owned() }
    }

    /// How many `[[name]]` tables there are, counting those that only the environment gives.
    pub(super) fn count(&mut self, name: &str) -> usize {
        self.known.insert(format!("{name}."));
        let given = |index: &usize| {
            let prefix = format!("{name}.{index}.");
            self.places.keys().any(|key| key.starts_with(&prefix))
        };
        (0..).take_while(given).count()
    }

    #[cfg(test)]
    pub(super) fn known(&self) -> &BTreeSet<String> {
        &self.known
    }

    /// What works and should be otherwise.
    pub(super) fn warnings(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.warnings)
    }

    /// All problems, those of unread keys included.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        self.report_unknown();
        self.problems
    }

    fn report_unknown(&mut self) {
        let sections: BTreeSet<&str> = self.known.iter().map(|key| section_of(key)).collect();
        for (table, place) in self.tables.iter().filter(|(table, _)| !table.contains('.')) {
            if !sections.contains(table.as_str()) {
                let near = closest(table, sections.iter().copied());
                self.problems.push(unknown(place, table, "section", near.map(str::to_owned)));
            }
        }
        for (key, entry) in &self.entries {
            let in_unknown_table = self.tables.contains_key(section_of(key));
            if sections.contains(section_of(key)) || !in_unknown_table {
                self.problems.push(unknown(&entry.place, key, "key", self.nearest(key)));
            }
        }
        for key in &self.known {
            let meant = variable(key);
            let with_one = meant.replace("__", "_");
            if let Some(name) = self.other_variables.iter().find(|name| **name == with_one) {
                let message = format!("is not read: two `_` stand between section and key, {meant}");
                let place = Place::Environment(name.clone());
                self.problems.push(Problem { place, key: key.clone(), message });
            }
        }
    }

    /// A known key of the same section that looks alike, else one of that name elsewhere.
    fn nearest(&self, key: &str) -> Option<String> {
        let (section, name) = split(key);
        let siblings = self.known.iter().map(|k| split(k)).filter(|(s, _)| *s == section).map(|(_, n)| n);
        let elsewhere = || {
            let alike = |known: &&String| strsim::jaro_winkler(split(known).1, name) > 0.95;
            let nearer = |a: &&String, b: &&String| likeness(key, a).total_cmp(&likeness(key, b));
            self.known.iter().filter(alike).max_by(nearer).cloned()
        };
        closest(name, siblings).map(str::to_owned).or_else(elsewhere)
    }
}

impl Section<'_> {
    /// The value of a key, if it was given and is right.
    pub(super) fn optional<T: Setting>(&mut self, key: &str) -> Option<T> {
        let entry = self.take(key)?;
        let value = T::from_raw(&entry.raw);
        if value.is_none() {
            self.problem(key, format!("must be {}", T::EXPECTED));
        }
        value
    }

    pub(super) fn or<T: Setting>(&mut self, key: &str, default: T) -> T {
        self.optional(key).unwrap_or(default)
    }

    /// The value of a key that must be there; an empty one, and a problem, if it isn't.
    pub(super) fn required<T: Setting + Default>(&mut self, key: &str) -> T {
        let value = self.optional(key);
        if !self.is_given(key) {
            self.problem(key, format!("is missing; set it here or as {}", variable(&self.full(key))));
        }
        value.unwrap_or_default()
    }

    /// A path; a relative one starts at the configuration's folder.
    pub(super) fn path(&mut self, key: &str) -> Option<PathBuf> {
        self.optional::<String>(key).map(|path| self.reader.folder.join(path))
    }

    /// A secret given as itself or, by `<key>_file`, as the content of a file. The environment's word
    /// goes before the file's, whichever of the two forms it has.
    pub(super) fn secret(&mut self, key: &str) -> Option<SecretString> {
        let file_key = format!("{key}_file");
        let (word, file) = (self.take(key), self.take(&file_key));
        let from_environment = |entry: &Entry| matches!(entry.place, Place::Environment(_));
        match (word, file) {
            (Some(word), Some(file)) if from_environment(&word) == from_environment(&file) => {
                self.problem(key, format!("is given twice: keep `{key}` or `{file_key}`"));
                None
            }
            (Some(word), Some(file)) if from_environment(&file) && !from_environment(&word) => {
                self.secret_file(&file_key, &file)
            }
            (Some(word), _) => self.secret_text(key, &word),
            (None, Some(file)) => self.secret_file(&file_key, &file),
            (None, None) => None,
        }
    }

    pub(super) fn required_secret(&mut self, key: &str) -> SecretString {
        let secret = self.secret(key);
        if !self.is_given(key) {
            let variable = variable(&self.full(key));
            self.problem(key, format!("is missing; set it here, as `{key}_file`, or as {variable}"));
        }
        secret.unwrap_or_default()
    }

    /// Whether the key, or for a secret its `_file`, was given, right or wrong.
    pub(super) fn is_given(&self, key: &str) -> bool {
        let full = self.full(key);
        self.reader.places.contains_key(&full) || self.reader.places.contains_key(&format!("{full}_file"))
    }

    /// Reports what is wrong with a key, at the place where it was given or would be expected.
    pub(super) fn problem(&mut self, key: &str, message: impl Into<String>) {
        let place = self.place(key);
        self.reader.problems.push(Problem { place, key: self.full(key), message: message.into() });
    }

    fn secret_text(&mut self, key: &str, entry: &Entry) -> Option<SecretString> {
        let text = entry.raw.text().filter(|text| !text.is_empty());
        if text.is_none() {
            self.problem(key, "must be a text in quotes, not empty");
        }
        if let Place::File { name, .. } = &entry.place {
            self.guard(key, &PathBuf::from(name));
        }
        text.map(SecretString::from)
    }

    fn secret_file(&mut self, file_key: &str, entry: &Entry) -> Option<SecretString> {
        let Some(path) = entry.raw.text() else {
            self.problem(file_key, "must be a path in quotes");
            return None;
        };
        let path = self.reader.folder.join(path);
        self.guard(file_key, &path);
        match std::fs::read_to_string(&path).map(SecretString::from) {
            Ok(text) => trimmed(text).or_else(|| {
                self.problem(file_key, format!("{} is empty", path.display()));
                None
            }),
            Err(error) => {
                self.problem(file_key, format!("{} can't be read: {error}", path.display()));
                None
            }
        }
    }

    /// Warns of a file with secrets that every user of the machine can read, once.
    fn guard(&mut self, key: &str, holds_secret: &Path) {
        let Ok(held) = std::fs::metadata(holds_secret) else { return };
        let mode = held.permissions().mode() & 0o777;
        if mode & 0o007 != 0 {
            let path = holds_secret.display();
            let message = format!(
                "{path} holds a secret and is open to everybody here (mode {mode:o}): `chmod 600 {path}`"
            );
            if self.reader.warnings.iter().all(|told| told.message != message) {
                self.reader.warnings.push(Problem { place: self.place(key), key: self.full(key), message });
            }
        }
    }

    fn take(&mut self, key: &str) -> Option<Entry> {
        let full = self.full(key);
        self.reader.known.insert(full.clone());
        self.reader.entries.remove(&full)
    }

    fn full(&self, key: &str) -> String {
        format!("{}.{key}", self.name)
    }

    fn place(&self, key: &str) -> Place {
        let full = self.full(key);
        let places = &self.reader.places;
        let given = places.get(&full).or_else(|| places.get(&format!("{full}_file")));
        let expected = given.or_else(|| self.reader.tables.get(&self.name));
        expected.cloned().unwrap_or_else(|| Place::File { name: self.reader.file.clone(), line: None })
    }
}

/// Without the line end that editors and `echo` leave, which is no part of a secret.
fn trimmed(text: SecretString) -> Option<SecretString> {
    use secrecy::ExposeSecret;
    let text = text.expose_secret();
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    (!text.is_empty()).then(|| SecretString::from(text))
}

fn unknown(place: &Place, key: &str, what: &str, near: Option<String>) -> Problem {
    let message = match near {
        Some(near) => format!("unknown {what}; did you mean `{near}`?"),
        None => format!("unknown {what}"),
    };
    Problem { place: place.clone(), key: key.to_owned(), message }
}

fn closest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = candidates.map(|c| (likeness(name, c), c)).max_by(|a, b| a.0.total_cmp(&b.0));
    near.filter(|(alike, _)| *alike >= ALIKE_MIN).map(|(_, candidate)| candidate)
}

/// From 0 to 1.
fn likeness(a: &str, b: &str) -> f64 {
    strsim::normalized_damerau_levenshtein(a, b)
}

fn section_of(key: &str) -> &str {
    key.split('.').next().unwrap_or(key)
}

fn split(key: &str) -> (&str, &str) {
    key.rsplit_once('.').unwrap_or(("", key))
}
