//! What 常见问题 says around the questions and answers of `menus/faq.toml`, and 职工服务 around `menus/links.toml`.

use crate::content::{Slot, TextSpec};

pub const HOME: TextSpec = TextSpec::new("consult.home", &[Slot::link("topics")]);
pub const NONE: TextSpec = TextSpec::new("consult.none", &[]);
pub const TOPIC: TextSpec = TextSpec::new("consult.topic", &[Slot::text("topic"), Slot::link("questions")]);
pub const BESIDES: TextSpec = TextSpec::new("consult.besides", &[Slot::link("questions")]);
pub const CHOICES: TextSpec = TextSpec::new("consult.choices", &[Slot::link("questions")]);
pub const ANSWER: TextSpec = TextSpec::new("consult.answer", &[Slot::link("answer")]);
pub const GONE: TextSpec = TextSpec::new("consult.gone", &[]);
pub const NO_SUCH_NUMBER: TextSpec = TextSpec::new("consult.no_such_number", &[Slot::number("count")]);

pub const LINKS: TextSpec = TextSpec::new("links.list", &[Slot::link("links")]);
pub const LINKS_NONE: TextSpec = TextSpec::new("links.none", &[]);

/// For `check`: all of the above.
pub const SAID: &[&TextSpec] =
    &[&HOME, &NONE, &TOPIC, &CHOICES, &BESIDES, &ANSWER, &GONE, &NO_SUCH_NUMBER, &LINKS, &LINKS_NONE];
