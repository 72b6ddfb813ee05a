use std::borrow::Cow;
use std::fmt::{Display, Write as _};

/// Builds XML as WeChat reads it. The result is well-formed whatever the values are: `]]>` inside of a
/// value is split over two CDATA sections, and characters that XML 1.0 forbids are dropped.
///
/// Element names are the caller's and not checked.
#[derive(Debug)]
pub struct Writer {
    out: String,
}

impl Writer {
    /// Begins `<xml>`.
    pub fn new(capacity: usize) -> Writer {
        let mut out = String::with_capacity(capacity);
        out.push_str("<xml>");
        Writer { out }
    }

    /// Ends `</xml>`.
    pub fn finish(mut self) -> String {
        self.out.push_str("</xml>");
        self.out
    }

    /// `<name><![CDATA[value]]></name>`
    pub fn text(&mut self, name: &str, value: &str) {
        self.open(name);
        self.cdata(value);
        self.close(name);
    }

    /// As [`text`](Self::text), or nothing.
    pub fn optional(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// `<name>value</name>`; the value is a number, which needs no CDATA.
    pub fn number(&mut self, name: &str, value: impl Display) {
        self.open(name);
        let _ = write!(self.out, "{value}"); // writing to a string can't fail
        self.close(name);
    }

    /// As [`number`](Self::number), or nothing.
    pub fn optional_number(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.number(name, value);
        }
    }

    /// `<name>` … `</name>` around what `inside` writes.
    pub fn group(&mut self, name: &str, inside: impl FnOnce(&mut Writer)) {
        self.open(name);
        inside(self);
        self.close(name);
    }

    /// Text of the element that is open, without a tag.
    pub fn cdata(&mut self, value: &str) {
        let value = allowed(value);
        self.out.push_str("<![CDATA[");
        if value.contains("]]>") {
            self.out.push_str(&value.replace("]]>", "]]]]><![CDATA[>"));
        } else {
            self.out.push_str(&value);
        }
        self.out.push_str("]]>");
    }

    fn open(&mut self, name: &str) {
        self.out.push('<');
        self.out.push_str(name);
        self.out.push('>');
    }

    fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }
}

/// The value without the characters that XML 1.0 forbids: U+0000–0008, 000B, 000C, 000E–001F, FFFE, FFFF.
pub fn allowed(value: &str) -> Cow<'_, str> {
    if is_allowed_throughout(value.as_bytes()) {
        Cow::Borrowed(value)
    } else {
        Cow::Owned(value.chars().filter(|&c| is_allowed(c)).collect())
    }
}

/// Looks at bytes without leaving early, which compilers turn into wide instructions: replies are long, and
/// characters to drop are rare. U+FFFE and U+FFFF are `EF BF BE` and `EF BF BF`.
fn is_allowed_throughout(bytes: &[u8]) -> bool {
    let control =
        bytes.iter().fold(false, |found, &b| found | ((b < b' ') & !matches!(b, b'\t' | b'\n' | b'\r')));
    let (second, third) = (bytes.get(1..).unwrap_or_default(), bytes.get(2..).unwrap_or_default());
    let triples = bytes.iter().zip(second).zip(third);
    let outside =
        triples.fold(false, |found, ((&a, &b), &c)| found | ((a == 0xef) & (b == 0xbf) & (c >= 0xbe)));
    !control & !outside
}

/// Whether XML 1.0 allows a character.
pub fn is_allowed(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => true,
        '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use proptest::prelude::*;

    fn written(value: &str) -> String {
        let mut xml = Writer::new(0);
        xml.text("a", value);
        xml.finish()
    }

    #[test]
    fn the_end_of_a_section_is_split() {
        assert_eq!(written("a]]>b"), "<xml><a><![CDATA[a]]]]><![CDATA[>b]]></a></xml>");
        assert_eq!(written("]]]]>>"), "<xml><a><![CDATA[]]]]]]><![CDATA[>>]]></a></xml>");
    }

    #[test]
    fn an_end_made_by_dropping_is_split_too() {
        assert_eq!(written("]]\u{1}>"), "<xml><a><![CDATA[]]]]><![CDATA[>]]></a></xml>");
    }

    #[test]
    fn forbidden_characters_are_dropped_and_others_kept() {
        assert_eq!(
            allowed("\0\u{8}\t\n\u{b}\u{c}\r\u{e}\u{1f} \u{7f}\u{fffd}\u{fffe}\u{ffff}😀"),
            "\t\n\r \u{7f}\u{fffd}😀"
        );
    }

    proptest! {
        #[test]
        fn any_value_reads_back(value in "(\\PC|[\\x00-\\x1f<>&\\]]){0,40}") {
            let document = written(&value);
            let root = parse(document.as_bytes()).unwrap();
            prop_assert_eq!(root.text_of("a"), &*allowed(&value));
        }
    }
}
