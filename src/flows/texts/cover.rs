//! What 我的保障 says.

use crate::content::{Slot, TextSpec};

pub const LIST: TextSpec = TextSpec::new("cover.list", &[Slot::link("items")]);
/// Before it, where papers were false.
pub const EXCLUDED: TextSpec = TextSpec::new("cover.excluded", &[Slot::text("until")]);
pub const NO_SUCH_NUMBER: TextSpec = TextSpec::new("cover.no_such_number", &[Slot::number("count")]);
pub const NONE: TextSpec = TextSpec::new("cover.none", &[]);
pub const LAPSED: TextSpec = TextSpec::new("cover.lapsed", &[Slot::text("title"), Slot::text("until")]);
pub const DETAIL: TextSpec = TextSpec::new(
    "cover.detail",
    &[
        Slot::text("title"),
        Slot::number("shares"),
        Slot::text("from"),
        Slot::text("until"),
        Slot::text("waiting").optional(),
        Slot::text("unit").optional(),
        Slot::text("pays"),
        Slot::text("excludes").optional(),
    ],
);
pub const WAITING: TextSpec = TextSpec::new("cover.waiting", &[Slot::text("until")]);
/// In its place, where a payment ended the cover.
pub const ENDED: TextSpec = TextSpec::new("cover.ended_by_payment", &[]);
pub const UNIT: TextSpec = TextSpec::new("cover.unit", &[Slot::text("unit")]);
pub const LATE: TextSpec = TextSpec::new("cover.late", &[Slot::number("days")]);
pub const RETIRED_OPEN: TextSpec = TextSpec::new(
    "cover.retired_open",
    &[
        Slot::text("title"),
        Slot::text("who"),
        Slot::text("fee"),
        Slot::text("from").optional(),
        Slot::text("until"),
        Slot::text("late").optional(),
    ],
);
pub const RETIRED_LATER: TextSpec = TextSpec::new(
    "cover.retired_later",
    &[
        Slot::text("title"),
        Slot::text("who"),
        Slot::text("fee"),
        Slot::text("from"),
        Slot::text("until"),
        Slot::text("late").optional(),
    ],
);
pub const RETIRED_SHUT: TextSpec =
    TextSpec::new("cover.retired_shut", &[Slot::text("title"), Slot::text("who"), Slot::text("fee")]);
pub const RETIRED_NONE: TextSpec = TextSpec::new("cover.retired_none", &[]);

pub const SAID: &[&TextSpec] = &[
    &LIST,
    &EXCLUDED,
    &NO_SUCH_NUMBER,
    &NONE,
    &LAPSED,
    &DETAIL,
    &WAITING,
    &ENDED,
    &UNIT,
    &LATE,
    &RETIRED_OPEN,
    &RETIRED_LATER,
    &RETIRED_SHUT,
    &RETIRED_NONE,
];
