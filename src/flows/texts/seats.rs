//! Draws, offers, check-in, appeals, parcels.

use crate::content::{Slot, TextSpec};

pub const SIGN_UP_APPLIED: TextSpec = TextSpec::new(
    "sign_up.applied",
    &[
        Slot::text("title"),
        Slot::text("number"),
        Slot::text("when").optional(),
        Slot::text("place").optional(),
        Slot::number("ticket"),
        Slot::time("at"),
    ],
);
pub const DRAW_LINE: TextSpec = TextSpec::new(
    "draw.line",
    &[Slot::time("at"), Slot::number("choices").optional(), Slot::text("commitment")],
);
pub const DRAW_TO_COME: TextSpec = TextSpec::new(
    "draw.to_come",
    &[
        Slot::text("title"),
        Slot::time("at"),
        Slot::text("commitment"),
        Slot::link("page"),
        Slot::number("choices").optional(),
    ],
);
pub const DRAW_PAGE: TextSpec = TextSpec::new("draw.page", &[Slot::link("link")]);
pub const DRAW_PAGE_ASK: TextSpec = TextSpec::new("draw.page_ask", &[Slot::text("code")]);
pub const DRAW_DONE: TextSpec = TextSpec::new(
    "draw.done",
    &[
        Slot::text("title"),
        Slot::number("entries"),
        Slot::text("seed"),
        Slot::text("list"),
        Slot::text("commitment"),
        Slot::link("page"),
    ],
);
pub const DRAW_PROMISED: TextSpec = TextSpec::new("draw.promised", &[Slot::time("promised")]);
pub const DRAW_MINE: TextSpec =
    TextSpec::new("draw.mine", &[Slot::number("ticket"), Slot::number("rank").optional()]);
pub const OFFER_ACCEPTED: TextSpec = TextSpec::new(
    "offer.accepted",
    &[Slot::text("title"), Slot::text("number"), Slot::text("when"), Slot::text("place").optional()],
);
pub const OFFER_DECLINED: TextSpec = TextSpec::new("offer.declined", &[Slot::text("title")]);
pub const OFFER_WHICH: TextSpec = TextSpec::new("offer.which", &[Slot::link("items")]);
pub const WAITING_NONE: TextSpec = TextSpec::new("waiting.none", &[]);
pub const WAITING_LIST: TextSpec = TextSpec::new("waiting.list", &[Slot::link("items")]);
pub const WAITING_PASSED: TextSpec = TextSpec::new(
    "waiting.passed",
    &[Slot::time("at").optional(), Slot::number("seats"), Slot::number("free")],
);
pub const CHECK_IN_ASK: TextSpec = TextSpec::new("check_in.ask", &[]);
pub const CHECK_IN_DONE: TextSpec = TextSpec::new("check_in.done", &[Slot::text("title"), Slot::time("at")]);
pub const APPEAL_ASK: TextSpec =
    TextSpec::new("appeal.ask", &[Slot::text("title"), Slot::text("when"), Slot::number("max").optional()]);
pub const APPEAL_TAKEN: TextSpec = TextSpec::new("appeal.taken", &[]);
pub const KIT_INVITE: TextSpec = TextSpec::new("kit.invite", &[Slot::text("what"), Slot::link("link")]);
pub const KIT_ASK_NAME: TextSpec = TextSpec::new("kit.ask_name", &[Slot::text("what")]);
pub const KIT_ASK_PHONE: TextSpec = TextSpec::new("kit.ask_phone", &[]);
pub const KIT_ASK_ADDRESS: TextSpec = TextSpec::new("kit.ask_address", &[]);
pub const KIT_CONFIRM: TextSpec = TextSpec::new(
    "kit.confirm",
    &[Slot::text("name"), Slot::text("phone"), Slot::text("address"), Slot::link("choices")],
);
pub const KIT_TAKEN: TextSpec = TextSpec::new("kit.taken", &[Slot::text("what"), Slot::time("erase")]);
pub const KIT_POST_BY: TextSpec = TextSpec::new("kit.post_by", &[Slot::time("post_by")]);
pub const MY_ASK_LATE_CANCEL: TextSpec = TextSpec::new(
    "my.ask_late_cancel",
    &[
        Slot::text("title"),
        Slot::text("when"),
        Slot::time("deadline"),
        Slot::text("consequence"),
        Slot::link("choices"),
    ],
);
/// What a late cancellation would come to.
pub const MY_LATE_COUNTS: TextSpec = TextSpec::new("my.late_counts", CONSEQUENCE);
pub const MY_LATE_NEARLY: TextSpec = TextSpec::new("my.late_nearly", CONSEQUENCE);
pub const MY_LATE_BARS: TextSpec = TextSpec::new("my.late_bars", CONSEQUENCE);
const CONSEQUENCE: &[Slot] = &[
    Slot::text("absences"),
    Slot::number("within").optional(),
    Slot::number("max").optional(),
    Slot::number("days").optional(),
    Slot::time("until").optional(),
];
pub const MY_ASK_CANCEL_PROMOTED: TextSpec = TextSpec::new(
    "my.ask_cancel_promoted",
    &[Slot::text("title"), Slot::text("when"), Slot::link("choices")],
);
pub const MY_ASK_WITHDRAW: TextSpec =
    TextSpec::new("my.ask_withdraw", &[Slot::text("title"), Slot::text("when"), Slot::link("choices")]);
const LATE: &[Slot] = &[
    Slot::text("title"),
    Slot::text("number"),
    Slot::text("absences"),
    Slot::number("max").optional(),
    Slot::number("days").optional(),
    Slot::number("within").optional(),
    Slot::time("until").optional(),
];
pub const MY_CANCELLED_LATE: TextSpec = TextSpec::new("my.cancelled_late", LATE);
pub const MY_CANCELLED_BARRED: TextSpec = TextSpec::new("my.cancelled_barred", LATE);
pub const MY_ASK_CANCEL_MOVED: TextSpec =
    TextSpec::new("my.ask_cancel_moved", &[Slot::text("title"), Slot::text("when"), Slot::link("choices")]);
pub const SIGN_UP_UNDER_REVIEW: TextSpec = TextSpec::new(
    "sign_up.under_review",
    &[
        Slot::text("title"),
        Slot::text("number"),
        Slot::text("when").optional(),
        Slot::text("place").optional(),
    ],
);
pub const ASK_OWN_AGE: TextSpec = TextSpec::new("sign_up.ask_own_age", RANGE);
pub const ASK_COMPANION_AGE: TextSpec = TextSpec::new(
    "sign_up.ask_companion_age",
    &[Slot::number("number"), Slot::number("min").optional(), Slot::number("max").optional()],
);
const RANGE: &[Slot] = &[Slot::number("min").optional(), Slot::number("max").optional()];
pub const ASK_OPTIONAL_CONSENT: TextSpec = TextSpec::new(
    "sign_up.ask_optional_consent",
    &[Slot::text("title"), Slot::text("text"), Slot::link("choices")],
);
pub const QUOTA_LINE: TextSpec = TextSpec::new("activity.quota_line", &[Slot::text("shares")]);
pub const QUOTA_DRAWN: TextSpec = TextSpec::new("activity.quota_drawn", &[]);
pub const QUOTA_OPENS: TextSpec = TextSpec::new("activity.quota_opens", &[Slot::time("opens")]);
pub const REVIEW_LINE: TextSpec = TextSpec::new("activity.review_line", &[]);
pub const INSURANCE_LINE: TextSpec = TextSpec::new(
    "activity.insurance_line",
    &[Slot::text("who"), Slot::text("by"), Slot::text("number").optional()],
);
pub const ATTENDANCE_LINE: TextSpec = TextSpec::new("activity.attendance_line", &[Slot::number("min")]);
pub const AGE_LINE: TextSpec =
    TextSpec::new("activity.age_line", &[Slot::number("min"), Slot::number("max")]);
pub const WAITING_KEPT: TextSpec = TextSpec::new("waiting.kept", &[Slot::time("at").optional()]);
pub const MY_ERASED: TextSpec = TextSpec::new("my.erased", &[Slot::time("at")]);
pub const MY_REFUSED: TextSpec = TextSpec::new("my.refused", &[Slot::text("reason")]);
pub const MY_ASK_WITHDRAW_REVIEW: TextSpec = TextSpec::new(
    "my.ask_withdraw_review",
    &[Slot::text("title"), Slot::text("when"), Slot::link("choices")],
);
pub const NOTICE_REVIEW_ACCEPTED: TextSpec = TextSpec::new(
    "notice.review_accepted",
    &[Slot::text("title"), Slot::text("number"), Slot::text("when"), Slot::text("place").optional()],
);
pub const NOTICE_REVIEW_REFUSED: TextSpec = TextSpec::new(
    "notice.review_refused",
    &[Slot::text("title"), Slot::text("when").optional(), Slot::text("reason")],
);
pub const NOTICE_REVIEW_UNDECIDED: TextSpec =
    TextSpec::new("notice.review_undecided", &[Slot::text("title"), Slot::text("when").optional()]);
pub const NOTICE_TAKEN_BACK: TextSpec = TextSpec::new(
    "notice.taken_back",
    &[Slot::text("title"), Slot::text("when"), Slot::text("reason"), Slot::text("number").optional()],
);
pub const MY_TAKEN_BACK: TextSpec = TextSpec::new("my.taken_back_why", &[Slot::text("reason")]);
pub const NOTICE_SEAT_OFFERED: TextSpec = TextSpec::new(
    "notice.seat_offered",
    &[
        Slot::text("title"),
        Slot::text("number").optional(),
        Slot::text("when"),
        Slot::time("until"),
        Slot::link("choices"),
    ],
);
pub const NOTICE_OFFER_LAPSED: TextSpec = TextSpec::new(
    "notice.offer_lapsed",
    &[Slot::text("title"), Slot::text("number").optional(), Slot::text("when")],
);
pub const NOTICE_DRAW_WON: TextSpec =
    TextSpec::new("notice.draw_won", &[Slot::text("title"), Slot::text("number"), Slot::text("when")]);
pub const NOTICE_DRAW_WAITS: TextSpec = TextSpec::new(
    "notice.draw_waits",
    &[
        Slot::text("title"),
        Slot::text("number").optional(),
        Slot::text("when"),
        Slot::number("position"),
        Slot::text("how"),
    ],
);
pub const NOTICE_DRAW_LOST: TextSpec = TextSpec::new(
    "notice.draw_lost",
    &[Slot::text("title"), Slot::text("number").optional(), Slot::text("when").optional()],
);
pub const NOTICE_REMINDER: TextSpec = TextSpec::new(
    "notice.reminder",
    &[
        Slot::text("title"),
        Slot::text("number").optional(),
        Slot::text("when"),
        Slot::text("place"),
        Slot::time("cancel_before").optional(),
    ],
);
pub const NOTICE_REMINDER_SOON: TextSpec = TextSpec::new(
    "notice.reminder_soon",
    &[
        Slot::text("title"),
        Slot::text("number").optional(),
        Slot::text("when"),
        Slot::text("place"),
        Slot::time("cancel_before").optional(),
    ],
);
pub const NOTICE_LESSON_LINK: TextSpec = TextSpec::new("notice.lesson_link", &[Slot::text("link")]);
pub const NOTICE_CHECK_IN: TextSpec = TextSpec::new("notice.check_in", &[]);
pub const NOTICE_ABSENT: TextSpec = TextSpec::new(
    "notice.absent",
    &[
        Slot::text("title"),
        Slot::text("when"),
        Slot::text("absences"),
        Slot::number("max"),
        Slot::number("days"),
        Slot::number("within").optional(),
    ],
);
pub const NOTICE_BARRED: TextSpec = TextSpec::new(
    "notice.barred",
    &[
        Slot::text("title"),
        Slot::text("when"),
        Slot::text("absences"),
        Slot::number("within").optional(),
        Slot::time("until"),
    ],
);
pub const NOTICE_APPEAL_LIFTED: TextSpec =
    TextSpec::new("notice.appeal_lifted", &[Slot::text("title"), Slot::text("reason").optional()]);
pub const NOTICE_APPEAL_REJECTED: TextSpec =
    TextSpec::new("notice.appeal_rejected", &[Slot::text("title"), Slot::text("reason")]);
pub const NOTICE_KIT_SENT: TextSpec = TextSpec::new(
    "notice.kit_sent",
    &[Slot::text("title"), Slot::text("what"), Slot::text("courier"), Slot::text("tracking")],
);

pub const NOTICE_KIT_RETURNED: TextSpec = TextSpec::new(
    "notice.kit_returned",
    &[
        Slot::text("title"),
        Slot::text("what"),
        Slot::text("courier"),
        Slot::text("tracking"),
        Slot::link("link"),
    ],
);

pub const ALL: &[&TextSpec] = &[
    &SIGN_UP_APPLIED,
    &DRAW_LINE,
    &DRAW_TO_COME,
    &DRAW_PAGE,
    &DRAW_PAGE_ASK,
    &DRAW_DONE,
    &DRAW_PROMISED,
    &DRAW_MINE,
    &OFFER_ACCEPTED,
    &OFFER_DECLINED,
    &OFFER_WHICH,
    &WAITING_NONE,
    &WAITING_LIST,
    &WAITING_PASSED,
    &CHECK_IN_ASK,
    &CHECK_IN_DONE,
    &APPEAL_ASK,
    &APPEAL_TAKEN,
    &KIT_INVITE,
    &KIT_ASK_NAME,
    &KIT_ASK_PHONE,
    &KIT_ASK_ADDRESS,
    &KIT_CONFIRM,
    &KIT_TAKEN,
    &KIT_POST_BY,
    &MY_ASK_LATE_CANCEL,
    &MY_LATE_COUNTS,
    &MY_LATE_NEARLY,
    &MY_LATE_BARS,
    &MY_ASK_CANCEL_MOVED,
    &MY_ASK_CANCEL_PROMOTED,
    &MY_ASK_WITHDRAW,
    &MY_CANCELLED_LATE,
    &MY_CANCELLED_BARRED,
    &SIGN_UP_UNDER_REVIEW,
    &ASK_OWN_AGE,
    &ASK_COMPANION_AGE,
    &ASK_OPTIONAL_CONSENT,
    &QUOTA_LINE,
    &QUOTA_DRAWN,
    &QUOTA_OPENS,
    &REVIEW_LINE,
    &INSURANCE_LINE,
    &ATTENDANCE_LINE,
    &AGE_LINE,
    &WAITING_KEPT,
    &MY_ERASED,
    &MY_REFUSED,
    &MY_ASK_WITHDRAW_REVIEW,
    &NOTICE_REVIEW_ACCEPTED,
    &NOTICE_REVIEW_REFUSED,
    &NOTICE_REVIEW_UNDECIDED,
    &NOTICE_TAKEN_BACK,
    &MY_TAKEN_BACK,
    &NOTICE_SEAT_OFFERED,
    &NOTICE_OFFER_LAPSED,
    &NOTICE_DRAW_WON,
    &NOTICE_DRAW_WAITS,
    &NOTICE_DRAW_LOST,
    &NOTICE_REMINDER,
    &NOTICE_REMINDER_SOON,
    &NOTICE_LESSON_LINK,
    &NOTICE_CHECK_IN,
    &NOTICE_ABSENT,
    &NOTICE_BARRED,
    &NOTICE_APPEAL_LIFTED,
    &NOTICE_APPEAL_REJECTED,
    &NOTICE_KIT_SENT,
    &NOTICE_KIT_RETURNED,
];
