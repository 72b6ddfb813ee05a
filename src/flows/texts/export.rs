//! All that is kept of a follower, line by line.

use crate::content::{Slot, TextSpec};

pub const PAGE: TextSpec = TextSpec::new("export.page", &[Slot::text("data")]);
pub const MORE: TextSpec = TextSpec::new("export.more", &[Slot::link("choices")]);
pub const CUT: TextSpec = TextSpec::new("export.cut", &[Slot::number("max")]);
pub const END: TextSpec = TextSpec::new("export.end", &[]);
pub const NOTHING: TextSpec = TextSpec::new("export.nothing", &[]);
pub const MEMBER: TextSpec = TextSpec::new(
    "export.member",
    &[
        Slot::text("number"),
        Slot::text("name"),
        Slot::text("identity"),
        Slot::text("phone"),
        Slot::text("union"),
        Slot::text("district"),
        Slot::text("tier"),
        Slot::text("state"),
        Slot::text("card"),
        Slot::text("card_number"),
        Slot::text("changed"),
    ],
);
pub const LOOK: TextSpec =
    TextSpec::new("export.look", &[Slot::text("at"), Slot::text("by"), Slot::text("why")]);
pub const COVER: TextSpec = TextSpec::new(
    "export.cover",
    &[Slot::text("programme"), Slot::text("days"), Slot::number("shares"), Slot::text("unit")],
);
pub const CLAIM: TextSpec = TextSpec::new(
    "export.claim",
    &[
        Slot::text("number"),
        Slot::text("kind"),
        Slot::text("status"),
        Slot::text("created"),
        Slot::text("since"),
        Slot::text("amount"),
    ],
);
pub const CLAIM_REMARK: TextSpec = TextSpec::new("export.claim_remark", &[Slot::text("words")]);
pub const CONTACT: TextSpec =
    TextSpec::new("export.contact", &[Slot::text("first"), Slot::text("last"), Slot::text("topics")]);
pub const CONSENT: TextSpec = TextSpec::new("export.consent", &[Slot::text("consent")]);
pub const APPLICATION: TextSpec = TextSpec::new(
    "export.application",
    &[Slot::text("wish"), Slot::text("state"), Slot::text("at"), Slot::text("named")],
);
pub const PROFILE: TextSpec = TextSpec::new("export.profile", &[Slot::text("kind"), Slot::text("value")]);
pub const PHOTOS: TextSpec = TextSpec::new("export.photos", &[Slot::number("count")]);
pub const SIGN_UP: TextSpec = TextSpec::new(
    "export.sign_up",
    &[
        Slot::text("number"),
        Slot::text("title"),
        Slot::text("when"),
        Slot::text("status"),
        Slot::text("created"),
    ],
);
pub const PARTY: TextSpec =
    TextSpec::new("export.party", &[Slot::number("companions"), Slot::number("children")]);
pub const AGES: TextSpec = TextSpec::new("export.ages", &[Slot::text("ages")]);
pub const ANSWER: TextSpec = TextSpec::new("export.answer", &[Slot::text("asked"), Slot::text("value")]);
/// What was told for a sign-up is kept until then, or was erased.
pub const KEPT_UNTIL: TextSpec = TextSpec::new("export.kept_until", &[Slot::text("until")]);
pub const ERASED: TextSpec = TextSpec::new("export.erased", &[Slot::text("at")]);
pub const NOTICE: TextSpec = TextSpec::new("export.notice", &[Slot::number("version"), Slot::text("at")]);
pub const CONSENTED: TextSpec = TextSpec::new(
    "export.consented",
    &[Slot::text("consent"), Slot::text("given"), Slot::number("version"), Slot::text("at")],
);
pub const REASON: TextSpec = TextSpec::new("export.reason", &[Slot::text("reason")]);
pub const KIT: TextSpec = TextSpec::new("export.kit", &[Slot::text("to"), Slot::text("parcel")]);
pub const APPEAL: TextSpec = TextSpec::new("export.appeal", &[Slot::text("says"), Slot::text("at")]);
pub const STRIKE: TextSpec =
    TextSpec::new("export.strike", &[Slot::text("number"), Slot::text("absences"), Slot::text("at")]);
pub const LIFTED: TextSpec = TextSpec::new("export.lifted", &[Slot::text("reason")]);
pub const BAR: TextSpec = TextSpec::new("export.bar", &[Slot::text("until")]);
pub const LOST: TextSpec = TextSpec::new("export.lost", &[Slot::text("at")]);
pub const WIN: TextSpec =
    TextSpec::new("export.win", &[Slot::text("series"), Slot::text("number"), Slot::text("at")]);
pub const TURN: TextSpec = TextSpec::new(
    "export.turn",
    &[Slot::text("series"), Slot::number("round"), Slot::text("number"), Slot::text("came")],
);
pub const COUPON: TextSpec = TextSpec::new(
    "export.coupon",
    &[
        Slot::text("number"),
        Slot::text("title"),
        Slot::text("state"),
        Slot::text("given"),
        Slot::text("code"),
    ],
);
pub const UNUSED: TextSpec = TextSpec::new("export.unused", &[Slot::text("at")]);
pub const PAUSE: TextSpec = TextSpec::new("export.pause", &[Slot::text("until"), Slot::number("expired")]);
pub const BAN: TextSpec = TextSpec::new("export.ban", &[Slot::text("until"), Slot::text("why")]);
pub const QUIZ: TextSpec =
    TextSpec::new("export.quiz", &[Slot::text("title"), Slot::number("tries"), Slot::text("passed")]);
pub const CASE: TextSpec = TextSpec::new(
    "export.case",
    &[Slot::text("number"), Slot::text("title"), Slot::text("status"), Slot::text("created")],
);

pub const ALL: &[&TextSpec] = &[
    &PAGE,
    &MORE,
    &CUT,
    &END,
    &NOTHING,
    &MEMBER,
    &LOOK,
    &COVER,
    &CLAIM,
    &CLAIM_REMARK,
    &CONTACT,
    &CONSENT,
    &APPLICATION,
    &PROFILE,
    &PHOTOS,
    &SIGN_UP,
    &PARTY,
    &AGES,
    &ANSWER,
    &KEPT_UNTIL,
    &ERASED,
    &NOTICE,
    &CONSENTED,
    &REASON,
    &KIT,
    &APPEAL,
    &STRIKE,
    &LIFTED,
    &BAR,
    &LOST,
    &WIN,
    &TURN,
    &COUPON,
    &UNUSED,
    &PAUSE,
    &BAN,
    &QUIZ,
    &CASE,
];
