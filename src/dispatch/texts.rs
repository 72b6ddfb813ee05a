//! What is said by no flow in particular.

use crate::content::{Slot, TextSpec};

pub const WELCOME: TextSpec = TextSpec::new("welcome.follow", &[]);
pub const WELCOME_SCANNED: TextSpec = TextSpec::new("welcome.scan", &[]);
pub const SCANNED: TextSpec = TextSpec::new("welcome.scan_again", &[]);
pub const SCANNED_FOR_US: TextSpec = TextSpec::new("kind.scan_code", &[]);

pub const MISSED: TextSpec = TextSpec::new("fallback.plain", &[Slot::text("words")]);
pub const MISSED_NEAR: TextSpec =
    TextSpec::new("fallback.near", &[Slot::text("words"), Slot::link("choices")]);
pub const MISSED_AGAIN: TextSpec = TextSpec::new("fallback.again", &[]);
pub const MISSED_AGAIN_NEAR: TextSpec = TextSpec::new("fallback.again_near", &[Slot::link("choices")]);
pub const HELP: TextSpec = TextSpec::new("help.menu", &[]);

pub const CANCELLED: TextSpec = TextSpec::new("command.cancelled", &[]);
/// The same where something is handed in already.
pub const STOPPED: TextSpec = TextSpec::new("command.stopped", &[]);
pub const NOTHING_TO_CANCEL: TextSpec = TextSpec::new("command.nothing_to_cancel", &[]);
pub const NOTHING_TO_GO_BACK: TextSpec = TextSpec::new("command.nothing_to_go_back", &[]);
pub const LEFT_DRAFT: TextSpec = TextSpec::new("dialogue.left", &[]);
pub const SERVICE_NAMED: TextSpec =
    TextSpec::new("dialogue.service_named", &[Slot::text("words"), Slot::link("go")]);
pub const KEPT_DRAFT: TextSpec = TextSpec::new("dialogue.kept", &[]);
pub const DIALOGUE_EXPIRED: TextSpec = TextSpec::new("dialogue.expired", &[]);
/// The same where something is handed in already.
pub const DIALOGUE_OVER: TextSpec = TextSpec::new("dialogue.over", &[]);
pub const DIALOGUE_OUTLIVED: TextSpec = TextSpec::new("dialogue.updated", &[]);
pub const DIALOGUE_TOO_LONG: TextSpec = TextSpec::new("dialogue.too_long", &[]);

/// Said by the webhook when the commit queue is full; nothing was done.
pub const BUSY: TextSpec = TextSpec::new("error.busy", &[]);
/// The store takes no writes now; nothing was done.
pub const UNAVAILABLE: TextSpec = TextSpec::new("error.unavailable", &[]);
/// A bug cost this turn; nothing was done.
pub const TROUBLE: TextSpec = TextSpec::new("error.trouble", &[]);

pub const MORE: TextSpec = TextSpec::new("reply.more", &[Slot::link("more")]);
/// Links below an answer.
pub const LINK_MORE: TextSpec = TextSpec::new("link.more", &[]);
pub const LINK_SIGN_UP_AGAIN: TextSpec = TextSpec::new("link.sign_up_again", &[]);
pub const LINK_VERIFY_AGAIN: TextSpec = TextSpec::new("link.verify_again", &[]);
pub const LINK_CLAIM_ON: TextSpec = TextSpec::new("link.claim_on", &[]);
pub const LINK_MY_CASES: TextSpec = TextSpec::new("link.my_cases", &[]);
pub const NO_MORE: TextSpec = TextSpec::new("reply.no_more", &[]);
pub const REST_GONE: TextSpec = TextSpec::new("reply.rest_gone", &[]);

pub const PICTURE: TextSpec = TextSpec::new("kind.image", &[Slot::number("days").optional()]);
pub const PICTURES_TOO_MANY: TextSpec = TextSpec::new("kind.images_too_many", &[]);
pub const VOICE: TextSpec = TextSpec::new("kind.voice", &[]);
pub const VIDEO: TextSpec = TextSpec::new("kind.video", &[]);
pub const PLACE: TextSpec = TextSpec::new("kind.location", &[]);
pub const LINK: TextSpec = TextSpec::new("kind.link", &[]);
pub const MINI_PROGRAM: TextSpec = TextSpec::new("kind.mini_program", &[]);
pub const FILE: TextSpec = TextSpec::new("kind.file", &[]);
pub const STICKER: TextSpec = TextSpec::new("kind.sticker", &[]);
pub const UNKNOWN_KIND: TextSpec = TextSpec::new("kind.unknown", &[]);

/// For `check`: all of the above.
pub const ALL: &[&TextSpec] = &[
    &WELCOME,
    &WELCOME_SCANNED,
    &SCANNED,
    &SCANNED_FOR_US,
    &MISSED,
    &MISSED_NEAR,
    &MISSED_AGAIN,
    &MISSED_AGAIN_NEAR,
    &HELP,
    &CANCELLED,
    &STOPPED,
    &NOTHING_TO_CANCEL,
    &NOTHING_TO_GO_BACK,
    &LEFT_DRAFT,
    &SERVICE_NAMED,
    &KEPT_DRAFT,
    &DIALOGUE_EXPIRED,
    &DIALOGUE_OVER,
    &DIALOGUE_OUTLIVED,
    &DIALOGUE_TOO_LONG,
    &BUSY,
    &UNAVAILABLE,
    &TROUBLE,
    &MORE,
    &LINK_MORE,
    &LINK_SIGN_UP_AGAIN,
    &LINK_VERIFY_AGAIN,
    &LINK_CLAIM_ON,
    &LINK_MY_CASES,
    &NO_MORE,
    &REST_GONE,
    &PICTURE,
    &PICTURES_TOO_MANY,
    &VOICE,
    &VIDEO,
    &PLACE,
    &LINK,
    &MINI_PROGRAM,
    &FILE,
    &STICKER,
    &UNKNOWN_KIND,
];
