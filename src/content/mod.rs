//! What staff edit without a compiler: menus, keywords and texts (`menus/`).
//!
//! The code declares what it says ([`TextSpec`]) and where followers can be led ([`Target`]); the files say in
//! which words. Loading checks both against each other and tells every problem at once. Knows WeChat's menus
//! and limits; knows neither stores nor HTTP, nor what a target does.

mod keywords;
mod near;
mod normalise;
mod text;

pub use keywords::{Found, Keywords, MatchKind, Rule, RuleTarget, Suggestion};
pub use near::SUGGESTIONS_MAX;
pub use normalise::{NORMALISED_CHARS_MAX, normalise};
pub use text::{QUOTE_CHARS_MAX, Slot, SlotKind, Template, TextSpec, Texts, Value};

/// What the code provides for the files to point at, and asks of them.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Every sentence that the code says.
    pub texts: &'a [&'static TextSpec],
    pub targets: &'a [Target],
    /// Words taken before any keyword (取消, 帮助 …): links may send them, rules can't have them.
    pub commands: &'a [&'a str],
}

/// Where a menu button or a keyword may lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// `activity.list`
    pub key: &'static str,
    /// `活动报名`
    pub title: &'static str,
    /// It isn't built yet: the text `later.<key>` says what it will do and how to reach a person meanwhile.
    pub later: bool,
}
