//! XML as WeChat writes it: elements and text, nothing else.
//!
//! A document type, an entity declaration or a processing instruction is refused before it can mean
//! anything, attributes are ignored, and what a document may cost is bounded by the constants here.

mod parse;
mod write;

use std::borrow::Cow;

pub use parse::parse;
pub use write::{Writer, allowed, is_allowed};

/// The longest document read; WeChat's longest known pushes have a few kilobytes.
pub const DOCUMENT_BYTES_MAX: usize = 64 * 1024;
/// The deepest nesting read; the deepest known push (`PUBLISHJOBFINISH`) has five levels.
pub const DEPTH_MAX: usize = 8;
/// The most elements read; a mass send of eight articles has about a hundred.
pub const ELEMENTS_MAX: usize = 1024;
/// The longest element name read.
pub const NAME_BYTES_MAX: usize = 64;

/// One element of a parsed document, borrowing from it.
///
/// `text` is the element's text and CDATA joined. White space around plain text is layout and dropped;
/// inside CDATA it is content and kept. Control characters that XML forbids are not looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element<'a> {
    pub name: &'a str,
    pub text: Cow<'a, str>,
    pub children: Vec<Element<'a>>,
}

impl<'a> Element<'a> {
    /// The first child of this name.
    pub fn child(&self, name: &str) -> Option<&Element<'a>> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of this name; empty if there is none.
    pub fn text_of(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| &child.text)
    }
}

/// Why a text is not a document that we read. The messages hold nothing of the document itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    #[error("the document has more than {DOCUMENT_BYTES_MAX} bytes")]
    TooLong,
    #[error("elements are nested deeper than {DEPTH_MAX}")]
    TooDeep,
    #[error("there are more than {ELEMENTS_MAX} elements")]
    TooMany,
    #[error("the bytes are not UTF-8")]
    NotUtf8,
    #[error("a document type or a processing instruction is not accepted")]
    Forbidden,
    #[error("an entity or character reference is not known")]
    Reference,
    #[error("{0}")]
    Syntax(&'static str),
}
