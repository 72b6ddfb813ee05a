use std::borrow::Cow;

use quick_xml::events::{BytesRef, Event};
use quick_xml::reader::Reader;

use super::{DEPTH_MAX, DOCUMENT_BYTES_MAX, ELEMENTS_MAX, Element, NAME_BYTES_MAX, XmlError, is_allowed};

/// Reads one document and gives its root element.
///
/// # Errors
/// [`XmlError`] for what is not well-formed, not UTF-8, forbidden, or over a limit of this module.
pub fn parse(document: &[u8]) -> Result<Element<'_>, XmlError> {
    if document.len() > DOCUMENT_BYTES_MAX {
        return Err(XmlError::TooLong);
    }
    let source = std::str::from_utf8(document).map_err(|_| XmlError::NotUtf8)?;
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    if source.starts_with('{') {
        return Err(XmlError::Syntax("this is JSON; the account must be set to XML (消息推送格式)"));
    }
    Parser::new(source).document()
}

struct Parser<'a> {
    source: &'a str,
    reader: Reader<&'a [u8]>,
    elements_left: usize,
}

/// What the reader found, reduced to what matters here.
enum Piece<'a> {
    Open(&'a str),
    Empty(&'a str),
    /// The end tag of the element that is open.
    Close,
    Text(&'a str),
    CData(Cow<'a, str>),
    Char(char),
    Declaration,
    Nothing,
    End,
}

impl<'a> Parser<'a> {
    fn new(source: &'a str) -> Self {
        let mut reader = Reader::from_str(source);
        // Names are compared in `element`, which has them anyway.
        reader.config_mut().check_end_names = false;
        reader.config_mut().allow_unmatched_ends = true;
        Parser { source, reader, elements_left: ELEMENTS_MAX }
    }

    fn document(mut self) -> Result<Element<'a>, XmlError> {
        let mut root = None;
        let mut at_start = true;
        loop {
            match self.next("")? {
                Piece::Open(name) if root.is_none() => root = Some(self.element(name, 1)?),
                Piece::Empty(name) if root.is_none() => root = Some(leaf(name)),
                Piece::Declaration if at_start => {}
                Piece::Text(text) if is_blank(text) => {}
                Piece::Nothing => {}
                Piece::End => return root.ok_or(XmlError::Syntax("there is no element")),
                Piece::Declaration => return Err(XmlError::Forbidden),
                _ => return Err(XmlError::Syntax("there is something outside of the root element")),
            }
            at_start = false;
        }
    }

    /// Reads to the end of the element just opened.
    fn element(&mut self, name: &'a str, depth: usize) -> Result<Element<'a>, XmlError> {
        let mut children = Vec::new();
        let mut text = Text::default();
        loop {
            match self.next(name)? {
                Piece::Open(_) if depth == DEPTH_MAX => return Err(XmlError::TooDeep),
                Piece::Open(child) => {
                    let child = self.element(child, depth + 1)?;
                    push(&mut children, child, depth);
                }
                Piece::Empty(child) => push(&mut children, leaf(child), depth),
                Piece::Close => return Ok(Element { name, text: text.done, children }),
                Piece::Text(plain) => text.plain(plain),
                Piece::CData(data) => text.append(data),
                Piece::Char(c) => text.append(Cow::Owned(c.to_string())),
                Piece::Declaration => return Err(XmlError::Forbidden),
                Piece::Nothing => {}
                Piece::End => return Err(XmlError::Syntax("the document ends inside of an element")),
            }
        }
    }

    /// Reads on inside of the element named `open`.
    #[inline]
    fn next(&mut self, open: &str) -> Result<Piece<'a>, XmlError> {
        let start = self.position();
        let event = self.reader.read_event().map_err(|error| explain(&error))?;
        Ok(match event {
            Event::Start(_) => Piece::Open(self.name(start)?),
            Event::Empty(_) => Piece::Empty(self.name(start)?),
            Event::End(end) if end.trim_ascii() == open => Piece::Close,
            Event::End(_) => return Err(XmlError::Syntax("an end tag does not match")),
            Event::Text(text) => match text.into_inner() {
                Cow::Borrowed(text) => Piece::Text(text),
                Cow::Owned(text) => Piece::CData(Cow::Owned(text)),
            },
            Event::CData(data) => Piece::CData(data.into_inner()),
            Event::GeneralRef(reference) => Piece::Char(resolve(&reference)?),
            Event::Comment(_) => Piece::Nothing,
            Event::Decl(_) => Piece::Declaration,
            Event::PI(_) | Event::DocType(_) => return Err(XmlError::Forbidden),
            Event::Eof => Piece::End,
        })
    }

    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    /// The name in the start tag that begins at `start` and was just read. Taken from the source, because
    /// events lend their text for too short a time.
    fn name(&mut self, start: usize) -> Result<&'a str, XmlError> {
        self.elements_left = self.elements_left.checked_sub(1).ok_or(XmlError::TooMany)?;
        let tag = self.source.get(start + 1..self.position()).unwrap_or_default().trim_ascii_start();
        let end = tag.bytes().position(|b| !is_name_byte(b)).unwrap_or(tag.len());
        let (name, rest) = tag.split_at(end);
        let ends_well = matches!(rest.as_bytes().first(), Some(b' ' | b'\t' | b'\r' | b'\n' | b'>' | b'/'));
        if name.is_empty() || name.len() > NAME_BYTES_MAX || !ends_well {
            return Err(XmlError::Syntax("an element's name is empty, too long or not a name"));
        }
        Ok(name)
    }
}

/// Text in the making. White space that may turn out to be layout is held back until something follows.
#[derive(Default)]
struct Text<'a> {
    done: Cow<'a, str>,
    held: &'a str,
    begun: bool,
}

impl<'a> Text<'a> {
    fn plain(&mut self, text: &'a str) {
        let body = if self.begun { text } else { text.trim_ascii_start() };
        let kept = body.trim_ascii_end();
        if kept.is_empty() {
            if self.begun && self.held.is_empty() {
                self.held = body;
            }
            return;
        }
        self.append(Cow::Borrowed(kept));
        self.held = body.get(kept.len()..).unwrap_or_default();
    }

    fn append(&mut self, text: Cow<'a, str>) {
        if !self.held.is_empty() {
            self.done.to_mut().push_str(self.held);
            self.held = "";
        }
        if self.done.is_empty() {
            self.done = text;
        } else {
            self.done.to_mut().push_str(&text);
        }
        self.begun = true;
    }
}

/// Messages have about eight fields: one allocation for the root's, small ones below.
fn push<'a>(children: &mut Vec<Element<'a>>, child: Element<'a>, depth: usize) {
    if children.capacity() == 0 {
        children.reserve(if depth == 1 { 10 } else { 2 });
    }
    children.push(child);
}

fn leaf(name: &str) -> Element<'_> {
    Element { name, ..Element::default() }
}

fn is_blank(text: &str) -> bool {
    text.trim_ascii_start().is_empty()
}

fn is_name_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':') || !b.is_ascii()
}

/// The five predefined entities and character references; others would need a declaration.
fn resolve(reference: &BytesRef) -> Result<char, XmlError> {
    let name: &str = reference;
    match name {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => {
            reference.resolve_char_ref().ok().flatten().filter(|&c| is_allowed(c)).ok_or(XmlError::Reference)
        }
    }
}

fn explain(error: &quick_xml::Error) -> XmlError {
    XmlError::Syntax(match error {
        quick_xml::Error::Syntax(_) => "a tag, comment or CDATA section is not closed",
        quick_xml::Error::IllFormed(_) => "the document is not well-formed",
        _ => "the document can't be read",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(document: &str) -> String {
        parse(document.as_bytes()).unwrap().text_of("a").to_owned()
    }

    fn refused(document: &str) -> XmlError {
        parse(document.as_bytes()).unwrap_err()
    }

    #[test]
    fn text_and_cdata_give_the_same() {
        assert_eq!(text("<xml><a>报名</a></xml>"), "报名");
        assert_eq!(text("<xml><a><![CDATA[报名]]></a></xml>"), "报名");
        assert_eq!(text("<xml><a/></xml>"), "");
        assert_eq!(text("<xml><a></a></xml>"), "");
        assert_eq!(text("<xml></xml>"), "");
    }

    #[test]
    fn layout_is_dropped_and_content_kept() {
        assert_eq!(text("<xml>\n <a>\n  x y \n</a>\n</xml>"), "x y");
        assert_eq!(text("<xml><a>\n<![CDATA[ x ]]>\n</a></xml>"), " x ");
        assert_eq!(text("<xml><a>1 <![CDATA[2]]> 3</a></xml>"), "1 2 3");
        assert_eq!(text("<xml><a>&#32;x&#32;</a></xml>"), " x ");
        assert_eq!(text("<xml><a>x<!-- no -->y</a></xml>"), "xy");
        assert_eq!(text("<xml><a> x <!-- no -->y </a></xml>"), "x y");
    }

    #[test]
    fn references_and_split_cdata_are_joined() {
        assert_eq!(text("<xml><a>1 &lt; 2 &amp;&#38;&#x6c11; &quot;&apos;&gt;</a></xml>"), "1 < 2 &&民 \"'>");
        assert_eq!(text("<xml><a><![CDATA[a]]]]><![CDATA[>b]]></a></xml>"), "a]]>b");
        assert_eq!(text("<xml><a><![CDATA[<b>&amp;</b>]]></a></xml>"), "<b>&amp;</b>");
    }

    #[test]
    fn names_are_trimmed_and_attributes_ignored() {
        assert_eq!(text("<xml>< a x='>' >1</a ></xml>"), "1");
        assert_eq!(text("\u{feff}<?xml version=\"1.0\"?>\n<xml><a >1</a></xml>\n"), "1");
    }

    #[test]
    fn repeated_elements_stay_in_order() {
        let root = parse(b"<xml><i>1</i><i>2</i><j><i>3</i></j></xml>").unwrap();
        let texts: Vec<_> = root.children.iter().map(|child| child.text.as_ref()).collect();
        assert_eq!(texts, ["1", "2", ""]);
        assert_eq!(root.child("j").unwrap().text_of("i"), "3");
    }

    #[test]
    fn documents_that_could_do_harm_are_refused() {
        assert_eq!(refused("<!DOCTYPE xml [<!ENTITY a 'b'>]><xml><a>&a;</a></xml>"), XmlError::Forbidden);
        assert_eq!(refused("<!doctype xml><xml/>"), XmlError::Forbidden);
        assert_eq!(refused("<xml><!DOCTYPE xml><a/></xml>"), XmlError::Forbidden);
        assert_eq!(refused("<?php x ?><xml/>"), XmlError::Forbidden);
        assert_eq!(refused("<xml/><?xml version='1.0'?>"), XmlError::Forbidden);
        assert_eq!(refused("<xml><a>&file;</a></xml>"), XmlError::Reference);
        assert_eq!(refused("<xml><a>&#xD800;</a></xml>"), XmlError::Reference);
        assert_eq!(refused("<xml><a>&#0;</a></xml>"), XmlError::Reference);
        assert_eq!(refused("<xml><a>&#x1f;</a></xml>"), XmlError::Reference);
        assert!(parse(b"<xml><!ENTITY a 'b'></xml>").is_err());
    }

    #[test]
    fn limits_hold() {
        let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert!(parse(nested(DEPTH_MAX).as_bytes()).is_ok());
        assert_eq!(refused(&nested(DEPTH_MAX + 1)), XmlError::TooDeep);
        assert_eq!(refused(&"<a>".repeat(20_000)), XmlError::TooDeep);
        let many = |count: usize| format!("<xml>{}</xml>", "<a/>".repeat(count));
        assert!(parse(many(ELEMENTS_MAX - 1).as_bytes()).is_ok());
        assert_eq!(refused(&many(ELEMENTS_MAX)), XmlError::TooMany);
        assert_eq!(refused(&" ".repeat(DOCUMENT_BYTES_MAX + 1)), XmlError::TooLong);
        assert!(matches!(refused(&format!("<{}/>", "a".repeat(NAME_BYTES_MAX + 1))), XmlError::Syntax(_)));
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        assert_eq!(parse(b"<xml><a>\xff</a></xml>"), Err(XmlError::NotUtf8));
        for document in [
            "",
            "  ",
            "x",
            "<",
            "<>",
            "</>",
            "</a>",
            "<a>",
            "<a></b>",
            "<a><b></a></b>",
            "<a/><b/>",
            "<a/>x",
            "x<a/>",
            "<a>&</a>",
            "<a>&amp</a>",
            "<a><![CDATA[</a>",
            "<a><!-- </a>",
            "<a<b>",
            "<a=/>",
            "<!>",
            "{\"ToUserName\":1}",
            "<a",
            "<a x='></a>",
        ] {
            assert!(parse(document.as_bytes()).is_err(), "{document:?}");
        }
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn markup_soup_never_panics(pieces in proptest::collection::vec(proptest::sample::select(vec![
            "<", ">", "/", "<a>", "</a>", "<a/>", "<![CDATA[", "]]>", "&", ";", "&#x41;", "&amp;", "<!--", "-->",
            "<?xml ?>", "<!DOCTYPE", "[", "]", "'", "\"", " ", "\n", "民", "<xml>", "</xml>", "=", "\u{feff}",
        ]), 0..40)) {
            let _ = parse(pieces.concat().as_bytes());
        }
    }
}
