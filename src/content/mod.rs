//! What staff edit without a compiler: menus, keywords and texts (`menus/`).
//!
//! The code declares what it says ([`TextSpec`]) and where followers can be led ([`Target`]); the files say in
//! which words. Loading checks both against each other and tells every problem at once. Knows WeChat's menus
//! and limits; knows neither stores nor HTTP, nor what a target does.

mod check;
mod faq;
mod faq_file;
mod fields;
mod keywords;
mod keywords_file;
mod links_file;
mod load;
mod near;
mod normalise;
mod notice;
mod notices_file;
mod problem;
pub mod service;
mod services_file;
mod source;
mod template;
mod text;
mod texts_file;

pub use faq::{Asked, CHOICES_MAX, Entry, Faq, Thresholds, key_of};
pub use keywords::{Found, Keywords, MatchKind, Rule, RuleTarget, Suggestion, Yields};
pub use links_file::{Link, Links};
pub use near::SUGGESTIONS_MAX;
pub use normalise::{NORMALISED_CHARS_MAX, asks, narrowed, normalise};
pub use notice::{FilledForm, FormKind, Notices, SubscriptionForm};
pub use problem::{Problem, Severity};
pub use service::Services;
pub use source::{Source, write_embedded};
pub use template::{BadTemplate, Template};
pub use text::{QUOTE_CHARS_MAX, Slot, SlotKind, TextSpec, Texts, Value};

use crate::wechat::menu::Menu;

/// Everything that staff edit, whole and checked: never changed, only replaced by another set.
#[derive(Debug)]
pub struct Content {
    pub menu: Menu,
    /// Menus for some followers (个性化菜单), by the names of their files.
    pub conditional: Vec<(String, Menu)>,
    pub keywords: Keywords,
    pub texts: Texts,
    /// How notices go to followers whose window is shut.
    pub notices: Notices,
    pub faq: Faq,
    pub links: Links,
    pub services: Services,
}

/// What a follower's words mean.
#[derive(Debug, PartialEq)]
pub enum Understood<'c> {
    Rule {
        target: &'c RuleTarget,
        /// What followed a word at the beginning of the text, as typed.
        rest: String,
        /// Questions that may have been meant besides.
        near: Vec<&'c Entry>,
    },
    Question(&'c Entry),
    /// One of these was asked, the likeliest first.
    Questions(Vec<&'c Entry>),
    Nothing {
        /// The nearest rules, at most [`SUGGESTIONS_MAX`].
        near: Vec<Suggestion<'c>>,
    },
}

impl Content {
    /// A keyword comes first; but within a longer text it yields to a question that is surely asked, since 住院 is a word
    /// of many, and has those that may be asked beside it.
    pub fn understand(&self, words: &str) -> Understood<'_> {
        match self.keywords.find(words) {
            Found::Hit { target, rest, yields: Yields::ToNone, .. } => {
                Understood::Rule { target, rest, near: Vec::new() }
            }
            Found::Hit { target, rest, yields: Yields::Beside, .. } => {
                let near = match self.faq.ask(words) {
                    Asked::Sure(entry) if asks(words) => vec![entry],
                    Asked::Maybe(near) if asks(words) => near,
                    _ => Vec::new(),
                };
                Understood::Rule { target, rest, near }
            }
            Found::Hit { target, rest, yields: Yields::ToSure, .. } => match self.faq.ask(words) {
                Asked::Sure(entry) => Understood::Question(entry),
                Asked::Maybe(near) if self.faq.terms(words).len() > 1 => {
                    Understood::Rule { target, rest, near }
                }
                Asked::Maybe(_) | Asked::Nothing => Understood::Rule { target, rest, near: Vec::new() },
            },
            Found::Nothing { near } => match self.faq.ask(words) {
                Asked::Sure(entry) => Understood::Question(entry),
                Asked::Maybe(entries) => Understood::Questions(entries),
                Asked::Nothing => Understood::Nothing { near },
            },
        }
    }

    /// The same where questions are expected: only a keyword that yields to none comes before one.
    pub fn asked(&self, words: &str) -> Asked<'_> {
        match self.keywords.find(words) {
            Found::Hit { yields: Yields::ToNone | Yields::Beside, .. } => Asked::Nothing,
            _ => self.faq.ask(words),
        }
    }
}

/// What the code provides for the files to point at, and asks of them.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Every sentence that the code says.
    pub texts: &'a [&'static TextSpec],
    /// Every notice, with what can be told in it.
    pub notices: &'a [&'static TextSpec],
    /// Those that may go as subscription notices alone.
    pub subscriptions: &'a [&'static TextSpec],
    pub targets: &'a [Target],
    /// Targets that lead to forms of `services.toml`.
    pub services: &'a [&'a str],
    /// Words taken before any keyword (取消, 帮助 …): links may send them, no rule sees them alone. With the target
    /// that one leads to, if it is one.
    pub commands: &'a [(&'a str, Option<&'a str>)],
}

/// Where a menu button or a keyword may lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// `activity.list`
    pub key: &'static str,
    /// `活动报名`
    pub title: &'static str,
}
