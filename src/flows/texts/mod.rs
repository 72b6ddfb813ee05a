//! Every sentence that the flows say: its name in `menus/texts.toml` and what it is filled with.

pub mod claiming;
pub mod claims;
pub mod consult;
pub mod cover;
pub mod export;
pub mod membership;
mod refusals;
mod seats;
pub mod service;
pub mod welfare;
pub mod words;

use crate::content::{Slot, TextSpec};

pub use refusals::{ACTIVITY_REFUSALS, INELIGIBLE, RefusalTexts, refusal};
pub use seats::*;

pub const ACTIVITY_LIST: TextSpec = TextSpec::new("activity.list", &[Slot::link("items")]);
pub const ACTIVITY_NONE: TextSpec = TextSpec::new("activity.none", &[]);
pub const ACTIVITY_NONE_LIKE: TextSpec = TextSpec::new("activity.none_like", &[Slot::text("words")]);
pub const ACTIVITY_NONE_OF_KIND: TextSpec = TextSpec::new("activity.none_of_kind", &[]);
pub const ACTIVITY_NO_SUCH_NUMBER: TextSpec =
    TextSpec::new("activity.no_such_number", &[Slot::number("count")]);
pub const ACTIVITY_DETAIL: TextSpec = TextSpec::new(
    "activity.detail",
    &[
        Slot::text("title"),
        Slot::text("category").optional(),
        Slot::text("place"),
        Slot::link("sessions"),
        Slot::time("closes"),
        Slot::text("description").optional(),
    ],
);
/// Where it is, of one whose place isn't said, and of one that is online.
pub const ACTIVITY_PLACE_OPEN: TextSpec = TextSpec::new("activity.place_open", &[]);
pub const ACTIVITY_ONLINE: TextSpec = TextSpec::new("activity.online", &[]);
pub const ASK_SESSION: TextSpec = TextSpec::new("sign_up.ask_session", &[Slot::link("sessions")]);
pub const ASK_COMPANIONS: TextSpec =
    TextSpec::new("sign_up.ask_companions", &[Slot::number("max"), Slot::link("choices")]);
pub const ASK_CHILDREN: TextSpec =
    TextSpec::new("sign_up.ask_children", &[Slot::number("max"), Slot::link("choices")]);
pub const ASK_CHILD_AGE: TextSpec = TextSpec::new(
    "sign_up.ask_child_age",
    &[Slot::number("number"), Slot::number("min"), Slot::number("max")],
);
pub const ASK_QUESTION: TextSpec = TextSpec::new("sign_up.ask_question", &[Slot::text("question")]);
pub const ASK_NOTICE: TextSpec =
    TextSpec::new("sign_up.ask_notice", &[Slot::text("title"), Slot::text("text"), Slot::link("choices")]);
pub const ANSWER_TOO_LONG: TextSpec = TextSpec::new("sign_up.answer_too_long", &[Slot::number("max")]);
pub const ANSWER_NOT_A_NUMBER: TextSpec =
    TextSpec::new("sign_up.answer_not_a_number", &[Slot::text("range")]);
pub const ANSWER_NOT_A_PHONE: TextSpec = TextSpec::new("sign_up.answer_not_a_phone", &[]);
pub const ANSWER_NOT_AN_ADDRESS: TextSpec = TextSpec::new("sign_up.answer_not_an_address", &[]);
pub const ANSWER_NOT_A_CHOICE: TextSpec = TextSpec::new("sign_up.answer_not_a_choice", &[]);
pub const ANSWER_EMPTY: TextSpec = TextSpec::new("sign_up.answer_empty", &[]);
pub const COUNT_COMPANIONS: TextSpec = TextSpec::new("sign_up.count_companions", &[]);
/// For more people than may come with one follower.
pub const TOO_MANY_COMPANIONS: TextSpec = TextSpec::new("sign_up.too_many_companions", &[Slot::text("max")]);
pub const TOO_MANY_CHILDREN: TextSpec = TextSpec::new("sign_up.too_many_children", &[Slot::text("max")]);
pub const SIGN_UP_AGAIN: TextSpec = TextSpec::new("sign_up.again", &[]);
pub const SIGN_UP_OLD_LINK: TextSpec = TextSpec::new("sign_up.old_link", &[]);
/// Below a question that is asked again.
pub const WAY_OUT: TextSpec = TextSpec::new("command.way_out", &[]);
/// Where 跳过 answers what has to be told.
pub const ANSWER_NEEDED: TextSpec = TextSpec::new("command.answer_needed", &[]);
/// What was said is neither yes nor no to the words above.
pub const CONSENT_AGAIN: TextSpec = TextSpec::new("command.consent_again", &[Slot::link("choices")]);
pub const SIGN_UP_DECLINED: TextSpec = TextSpec::new("sign_up.declined", &[]);
pub const SIGN_UP_CONFIRM: TextSpec = TextSpec::new(
    "sign_up.confirm",
    &[
        Slot::text("title"),
        Slot::text("when"),
        Slot::text("place"),
        Slot::link("answers"),
        Slot::link("choices"),
    ],
);
/// Before it, if when or where changed since it was shown.
pub const SIGN_UP_CHANGED: TextSpec = TextSpec::new("sign_up.changed", &[]);
pub const SIGN_UP_CORRECT: TextSpec = TextSpec::new("sign_up.correct", &[Slot::link("items")]);
pub const SIGN_UP_WILL_WAIT: TextSpec = TextSpec::new("sign_up.will_wait", &[Slot::text("how")]);
pub const SEAT_COMES: TextSpec = TextSpec::new("sign_up.seat_comes", &[]);
pub const SEAT_IS_OFFERED: TextSpec =
    TextSpec::new("sign_up.seat_is_offered", &[Slot::number("hours"), Slot::number("last_day_hours")]);
pub const SIGN_UP_DONE: TextSpec = TextSpec::new(
    "sign_up.done",
    &[Slot::text("title"), Slot::text("number"), Slot::text("when"), Slot::text("place")],
);
pub const SIGN_UP_CANCEL: TextSpec = TextSpec::new("sign_up.cancel_until", &[Slot::time("cancel_before")]);
pub const SIGN_UP_CANCEL_THEN_LATE: TextSpec =
    TextSpec::new("sign_up.cancel_until_then_late", &[Slot::time("cancel_before")]);
pub const SIGN_UP_CANCEL_LATE: TextSpec = TextSpec::new("sign_up.cancel_late", &[]);
pub const SIGN_UP_CANCEL_FREELY: TextSpec = TextSpec::new("sign_up.cancel_freely", &[]);
pub const SIGN_UP_CANCEL_OVER: TextSpec = TextSpec::new("sign_up.cancel_over", &[]);
pub const SIGN_UP_WAITING: TextSpec = TextSpec::new(
    "sign_up.waiting",
    &[
        Slot::text("title"),
        Slot::text("number"),
        Slot::text("when").optional(),
        Slot::text("place").optional(),
        Slot::number("position"),
        Slot::text("how"),
    ],
);
pub const MY_NONE: TextSpec = TextSpec::new("my.none", &[]);
pub const MY_LIST: TextSpec = TextSpec::new("my.list", &[Slot::link("items")]);
pub const MY_DETAIL: TextSpec = TextSpec::new(
    "my.detail",
    &[
        Slot::text("title"),
        Slot::text("number"),
        Slot::text("status"),
        Slot::text("when"),
        Slot::text("place"),
        Slot::number("seats").optional(),
    ],
);
pub const MY_ASK_CANCEL: TextSpec =
    TextSpec::new("my.ask_cancel", &[Slot::text("title"), Slot::text("when"), Slot::link("choices")]);
pub const MY_KEPT: TextSpec = TextSpec::new("my.kept", &[]);
pub const MY_STANDS: TextSpec = TextSpec::new("my.stands", &[Slot::text("title")]);
pub const MY_CANCELLED: TextSpec =
    TextSpec::new("my.cancelled", &[Slot::text("title"), Slot::text("number")]);
pub const NOTICE_PICTURE_LOST: TextSpec = TextSpec::new("notice.picture_lost", &[Slot::time("when")]);
pub const NOTICE_PROMOTED: TextSpec =
    TextSpec::new("notice.promoted", &[Slot::text("title"), Slot::text("number"), Slot::text("when")]);
pub const NOTICE_ACTIVITY_CANCELLED: TextSpec =
    TextSpec::new("notice.activity_cancelled", &[Slot::text("title"), Slot::text("reason")]);
pub const NOTICE_ACTIVITY_CHANGED: TextSpec = TextSpec::new(
    "notice.activity_changed",
    &[Slot::text("title"), Slot::text("what"), Slot::text("when"), Slot::text("place")],
);
/// The same of a seat that is only offered yet.
pub const NOTICE_OFFER_CHANGED: TextSpec = TextSpec::new(
    "notice.offer_changed",
    &[
        Slot::text("title"),
        Slot::text("what"),
        Slot::text("when"),
        Slot::text("place"),
        Slot::time("until"),
        Slot::link("choices"),
    ],
);
pub const NOTICE_LINK_CHANGED: TextSpec = TextSpec::new("notice.link_changed", &[Slot::text("title")]);
pub const NOTICE_APPLICATION_APPROVED: TextSpec =
    TextSpec::new("notice.application_approved", &[Slot::text("wish").optional()]);
pub const NOTICE_APPLICATION_REFUSED: TextSpec =
    TextSpec::new("notice.application_refused", &[Slot::text("wish").optional(), Slot::text("why")]);
pub const NOTICE_ACCOUNT_MOVED: TextSpec = TextSpec::new("notice.account_moved", &[Slot::time("when")]);
pub const NOTICE_BROADCAST_PREVIEW: TextSpec =
    TextSpec::new("notice.broadcast_preview", &[Slot::text("title").optional(), Slot::link("words")]);
/// An article of a broadcast, in its preview.
pub const NOTICE_BROADCAST_ARTICLE: TextSpec = TextSpec::new("notice.broadcast_article", &[Slot::text("id")]);
pub const TOPICS_LIST: TextSpec = TextSpec::new("topics.list", &[Slot::link("items")]);
pub const TOPICS_LAST: TextSpec = TextSpec::new("topics.last", &[]);
pub const TOPICS_STOP: TextSpec = TextSpec::new("topics.stop", &[]);
pub const TOPICS_STOPPED: TextSpec = TextSpec::new("topics.stopped", &[]);
pub const TOPICS_RESUMED: TextSpec = TextSpec::new("topics.resumed", &[]);
pub const STAFF_TALK: TextSpec = TextSpec::new("staff.talk", &[]);

/// For `check`: all of the above.
pub fn all() -> Vec<&'static TextSpec> {
    let refusals = [
        ACTIVITY_REFUSALS,
        INELIGIBLE,
        membership::REFUSALS,
        welfare::REFUSALS,
        claiming::REFUSALS,
        service::REFUSALS,
    ]
    .into_iter()
    .flatten();
    let said = [
        SAID,
        consult::SAID,
        cover::SAID,
        export::ALL,
        seats::ALL,
        membership::SAID,
        welfare::ALL,
        words::ALL,
    ]
    .into_iter()
    .flatten()
    .copied();
    said.chain(claims::all())
        .chain(claiming::all())
        .chain(service::all())
        .chain(refusals.flat_map(|texts| [texts.sentence, texts.why]))
        .collect()
}

const SAID: &[&TextSpec] = &[
    &ACTIVITY_LIST,
    &ACTIVITY_NONE,
    &ACTIVITY_NONE_LIKE,
    &ACTIVITY_NONE_OF_KIND,
    &ACTIVITY_NO_SUCH_NUMBER,
    &ACTIVITY_DETAIL,
    &ACTIVITY_PLACE_OPEN,
    &ACTIVITY_ONLINE,
    &ASK_SESSION,
    &ASK_COMPANIONS,
    &ASK_CHILDREN,
    &ASK_CHILD_AGE,
    &ASK_QUESTION,
    &ASK_NOTICE,
    &ANSWER_TOO_LONG,
    &ANSWER_NOT_A_NUMBER,
    &ANSWER_NOT_A_PHONE,
    &ANSWER_NOT_AN_ADDRESS,
    &ANSWER_NOT_A_CHOICE,
    &ANSWER_EMPTY,
    &COUNT_COMPANIONS,
    &TOO_MANY_COMPANIONS,
    &TOO_MANY_CHILDREN,
    &SIGN_UP_AGAIN,
    &SIGN_UP_OLD_LINK,
    &WAY_OUT,
    &ANSWER_NEEDED,
    &CONSENT_AGAIN,
    &SIGN_UP_DECLINED,
    &SIGN_UP_CONFIRM,
    &SIGN_UP_CHANGED,
    &SIGN_UP_CORRECT,
    &SIGN_UP_WILL_WAIT,
    &SEAT_COMES,
    &SEAT_IS_OFFERED,
    &SIGN_UP_DONE,
    &SIGN_UP_CANCEL,
    &SIGN_UP_CANCEL_THEN_LATE,
    &SIGN_UP_CANCEL_LATE,
    &SIGN_UP_CANCEL_FREELY,
    &SIGN_UP_CANCEL_OVER,
    &SIGN_UP_WAITING,
    &MY_NONE,
    &MY_LIST,
    &MY_DETAIL,
    &MY_ASK_CANCEL,
    &MY_KEPT,
    &MY_STANDS,
    &MY_CANCELLED,
    &NOTICE_PICTURE_LOST,
    &NOTICE_PROMOTED,
    &NOTICE_ACTIVITY_CANCELLED,
    &NOTICE_ACTIVITY_CHANGED,
    &NOTICE_OFFER_CHANGED,
    &NOTICE_LINK_CHANGED,
    &NOTICE_APPLICATION_APPROVED,
    &NOTICE_APPLICATION_REFUSED,
    &NOTICE_ACCOUNT_MOVED,
    &NOTICE_BROADCAST_PREVIEW,
    &NOTICE_BROADCAST_ARTICLE,
    &TOPICS_LIST,
    &TOPICS_LAST,
    &TOPICS_STOP,
    &TOPICS_STOPPED,
    &TOPICS_RESUMED,
    &STAFF_TALK,
];
