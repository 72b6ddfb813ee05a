//! What is said of benefits and coupons.

use super::RefusalTexts;
use crate::content::{Slot, TextSpec};

pub const LIST: TextSpec = TextSpec::new("welfare.list", &[Slot::link("items")]);
pub const NONE: TextSpec = TextSpec::new("welfare.none", &[]);
pub const DETAIL: TextSpec = TextSpec::new(
    "welfare.detail",
    &[
        Slot::text("title"),
        Slot::text("provider"),
        Slot::text("state"),
        Slot::text("for_whom").optional(),
        Slot::text("limits").optional(),
        Slot::text("good_for").optional(),
    ],
);
pub const CLAIMED: TextSpec =
    TextSpec::new("welfare.claimed", &[Slot::text("title"), Slot::link("coupon"), Slot::link("links")]);
pub const COUPON: TextSpec =
    TextSpec::new("welfare.coupon", &[Slot::text("title"), Slot::text("status"), Slot::link("coupon")]);
pub const ENTERED: TextSpec = TextSpec::new("welfare.entered", &[Slot::text("title"), Slot::text("draws")]);
pub const ENTERED_LATE: TextSpec = TextSpec::new("welfare.entered_late", &[Slot::text("title")]);
pub const WILL_REMIND: TextSpec =
    TextSpec::new("welfare.will_remind", &[Slot::text("title"), Slot::text("next")]);
pub const WILL_REMIND_IF: TextSpec =
    TextSpec::new("welfare.will_remind_if", &[Slot::text("title"), Slot::text("next")]);
pub const MINE: TextSpec = TextSpec::new("welfare.mine", &[Slot::link("items")]);
pub const MINE_NONE: TextSpec = TextSpec::new("welfare.mine_none", &[]);
pub const NO_SUCH_NUMBER: TextSpec = TextSpec::new("welfare.no_such_number", &[Slot::number("count")]);
pub const PICTURE: TextSpec = TextSpec::new("welfare.picture", &[]);
pub const ASK_RETURN: TextSpec =
    TextSpec::new("welfare.ask_return", &[Slot::text("title"), Slot::link("choices")]);
pub const RETURNED: TextSpec = TextSpec::new("welfare.returned", &[Slot::text("title")]);
pub const KEPT: TextSpec = TextSpec::new("welfare.kept", &[]);
pub const QUIZ_BEGIN: TextSpec = TextSpec::new(
    "welfare.quiz_begin",
    &[Slot::text("title"), Slot::number("questions"), Slot::number("needed")],
);
pub const QUIZ_QUESTION: TextSpec = TextSpec::new(
    "welfare.quiz_question",
    &[Slot::number("number"), Slot::number("questions"), Slot::text("question"), Slot::link("choices")],
);
pub const QUIZ_CHOOSE: TextSpec = TextSpec::new("welfare.quiz_choose", &[Slot::number("count")]);
pub const QUIZ_PASSED: TextSpec = TextSpec::new("welfare.quiz_passed", &[]);
pub const QUIZ_NOT_COUNTED: TextSpec = TextSpec::new("welfare.quiz_not_counted", &[]);
pub const QUIZ_RIGHT: TextSpec =
    TextSpec::new("welfare.quiz_right", &[Slot::number("right"), Slot::number("needed")]);
pub const QUIZ_AGAIN: TextSpec =
    TextSpec::new("welfare.quiz_again", &[Slot::number("left"), Slot::link("again")]);
pub const TOO_FAST: TextSpec = TextSpec::new("welfare.too_fast", &[]);
pub const TOO_FAST_WHY: TextSpec = TextSpec::new("welfare.too_fast_why", &[Slot::number("max")]);

pub const NOTICE_WON: TextSpec = TextSpec::new("notice.coupon_won", &[Slot::text("title")]);
pub const NOTICE_NOT_DRAWN: TextSpec =
    TextSpec::new("notice.not_drawn", &[Slot::text("title"), Slot::text("after")]);
pub const NOTICE_DRAW_OFF: TextSpec =
    TextSpec::new("notice.draw_off", &[Slot::text("title"), Slot::text("release")]);
pub const NOTICE_EXPIRING: TextSpec =
    TextSpec::new("notice.coupon_expiring", &[Slot::text("title"), Slot::text("until")]);
pub const NOTICE_EXPIRED: TextSpec = TextSpec::new("notice.coupon_expired", &[Slot::text("title")]);
pub const NOTICE_EXPIRED_PAUSED: TextSpec =
    TextSpec::new("notice.coupon_expired_paused", &[Slot::text("title"), Slot::time("until")]);
pub const NOTICE_REPLACED: TextSpec = TextSpec::new("notice.coupon_replaced", &[Slot::text("title")]);
pub const NOTICE_VOIDED: TextSpec = TextSpec::new("notice.coupon_voided", &[Slot::text("title")]);
pub const NOTICE_SOON: TextSpec =
    TextSpec::new("notice.release_soon", &[Slot::text("title"), Slot::text("release")]);
pub const NOTICE_BEGUN: TextSpec =
    TextSpec::new("notice.release_begun", &[Slot::text("title"), Slot::text("release")]);
pub const NOTICE_MOVED: TextSpec =
    TextSpec::new("notice.release_moved", &[Slot::text("title"), Slot::text("release"), Slot::text("next")]);
pub const NOTICE_WITHHELD: TextSpec = TextSpec::new(
    "notice.release_withheld",
    &[Slot::text("title"), Slot::text("release"), Slot::text("reason").optional()],
);
pub const NOTICE_OFF: TextSpec =
    TextSpec::new("notice.release_off", &[Slot::text("title"), Slot::text("release")]);

pub const ALL: &[&TextSpec] = &[
    &LIST,
    &NONE,
    &DETAIL,
    &CLAIMED,
    &COUPON,
    &ENTERED,
    &ENTERED_LATE,
    &WILL_REMIND,
    &WILL_REMIND_IF,
    &MINE,
    &MINE_NONE,
    &NO_SUCH_NUMBER,
    &PICTURE,
    &ASK_RETURN,
    &RETURNED,
    &KEPT,
    &QUIZ_BEGIN,
    &QUIZ_QUESTION,
    &QUIZ_CHOOSE,
    &QUIZ_PASSED,
    &QUIZ_NOT_COUNTED,
    &QUIZ_RIGHT,
    &QUIZ_AGAIN,
    &TOO_FAST,
    &TOO_FAST_WHY,
    &NOTICE_WON,
    &NOTICE_NOT_DRAWN,
    &NOTICE_DRAW_OFF,
    &NOTICE_EXPIRING,
    &NOTICE_EXPIRED,
    &NOTICE_EXPIRED_PAUSED,
    &NOTICE_REPLACED,
    &NOTICE_VOIDED,
    &NOTICE_SOON,
    &NOTICE_BEGUN,
    &NOTICE_MOVED,
    &NOTICE_WITHHELD,
    &NOTICE_OFF,
];

macro_rules! refusals {
    ($($code:literal [$($slot:expr),*])*) => {
        &[$(RefusalTexts {
            code: $code,
            sentence: &TextSpec::new(concat!("welfare_refusal.", $code), &[$($slot.optional()),*]),
            why: &TextSpec::new(concat!("welfare_why.", $code), &[$($slot.optional()),*]),
        }),*]
    };
}

/// Refusals of benefits, in the order of their codes.
pub const REFUSALS: &[RefusalTexts] = refusals! {
    "unknown_benefit" []
    "suspended" [Slot::text("reason")]
    "draw_waits" [Slot::text("reason")]
    "draw_lacks_codes" []
    "ended" []
    "not_yet" [Slot::text("next"), Slot::number("stock")]
    "gone" [Slot::text("release"), Slot::number("offered"), Slot::text("after")]
    "gone_by_draw" [Slot::text("release"), Slot::number("offered"), Slot::text("after")]
    "no_codes" [Slot::text("after")]
    "already_had" [Slot::text("number"), Slot::text("after")]
    "limit_reached" [Slot::text("period"), Slot::number("max"), Slot::text("after")]
    "not_listed" []
    "not_tagged" []
    "paused_for_unused" [Slot::number("expired"), Slot::time("until")]
    "paused_by_staff" [Slot::text("reason"), Slot::time("until")]
    "cooling_down" [Slot::number("days"), Slot::time("until")]
    "too_new" [Slot::number("minutes"), Slot::number("percent"), Slot::text("after")]
    "answer_first" [Slot::number("questions"), Slot::number("needed")]
    "quiz_failed" [Slot::number("tries"), Slot::text("after")]
    "already_entered" [Slot::text("draws")]
    "unknown_coupon" []
    "not_returnable" []
    "no_longer_yours" [Slot::text("state")]
};
