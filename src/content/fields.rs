//! One table of a file, field by field: each reader reports what is wrong and gives none.

use std::borrow::Cow;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::problem::{Report, hint};

pub(super) struct Fields<'a, 'r, 'f> {
    pub table: &'a DeTable<'a>,
    /// Its name for problems: `rule 3 (报名)`.
    pub place: String,
    pub line: Option<usize>,
    pub report: &'r mut Report<'f>,
}

impl<'a> Fields<'a, '_, '_> {
    pub fn refuse_unknown(&mut self, known: &[&str]) {
        for key in self.table.keys() {
            let name: &Cow<str> = key.get_ref();
            if !known.contains(&name.as_ref()) {
                self.error(key.span(), format!("unknown key `{name}`{}", hint(name, known.iter().copied())));
            }
        }
    }

    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub fn string(&mut self, key: &str) -> Option<(&'a str, Range<usize>)> {
        self.get(key, "a string", DeValue::as_str)
    }

    pub fn boolean(&mut self, key: &str) -> Option<bool> {
        self.get(key, "true or false", DeValue::as_bool).map(|(value, _)| value)
    }

    pub fn integer(&mut self, key: &str) -> Option<i64> {
        let read = |value: &'a DeValue<'a>| {
            let integer = value.as_integer()?;
            i64::from_str_radix(integer.as_str(), integer.radix()).ok()
        };
        self.get(key, "a whole number", read).map(|(value, _)| value)
    }

    pub fn get<T>(
        &mut self,
        key: &str,
        wanted: &str,
        read: impl Fn(&'a DeValue<'a>) -> Option<T>,
    ) -> Option<(T, Range<usize>)> {
        let value = self.table.get(key)?;
        let found = read(value.get_ref());
        if found.is_none() {
            self.error(
                value.span(),
                format!("`{key}` is {wanted}, not of type {}", value.get_ref().type_str()),
            );
        }
        found.map(|found| (found, value.span()))
    }

    pub fn error(&mut self, span: Range<usize>, message: impl Into<String>) {
        let line = self.report.line(span);
        self.report.error(line, &self.place, message);
    }

    /// Of the table itself.
    pub fn lacks(&mut self, message: impl Into<String>) {
        self.report.error(self.line, &self.place, message);
    }
}
