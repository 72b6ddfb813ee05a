//! What staff edit without a compiler: menus, keywords and texts (`menus/`).
//!
//! The code declares what it says ([`TextSpec`]) and where followers can be led ([`Target`]); the files say in
//! which words. Loading checks both against each other and tells every problem at once. Knows WeChat's menus
//! and limits; knows neither stores nor HTTP, nor what a target does.

mod check;
mod keywords;
mod keywords_file;
mod load;
mod near;
mod normalise;
mod notice;
mod notices_file;
mod problem;
pub mod service;
mod services_file;
#[cfg(test)]
mod shipped;
mod source;
mod template;
mod text;
mod texts_file;

pub use keywords::{Found, Keywords, MatchKind, Rule, RuleTarget, Suggestion};
pub use near::SUGGESTIONS_MAX;
pub use normalise::{NORMALISED_CHARS_MAX, normalise};
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
    pub services: Services,
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
    /// Words taken before any keyword (取消, 帮助 …): links may send them, no rule sees them alone.
    pub commands: &'a [&'a str],
}

/// Where a menu button or a keyword may lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// `activity.list`
    pub key: &'static str,
    /// `活动报名`
    pub title: &'static str,
}
