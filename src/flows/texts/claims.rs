use crate::content::{Slot, TextSpec};

pub const NOTICE_MOVED: TextSpec = TextSpec::new(
    "notice_claim.moved",
    &[
        Slot::text("number"),
        Slot::text("status"),
        Slot::text("why").optional(),
        Slot::link("link").optional(),
    ],
);
pub const NOTICE_ASKED: TextSpec = TextSpec::new(
    "notice_claim.asked",
    &[
        Slot::text("number"),
        Slot::link("items"),
        Slot::time("until"),
        Slot::text("why").optional(),
        Slot::link("link").optional(),
    ],
);
pub const NOTICE_STILL_MISSING: TextSpec = TextSpec::new(
    "notice_claim.still_missing",
    &[
        Slot::text("number"),
        Slot::link("items"),
        Slot::time("until"),
        Slot::text("why").optional(),
        Slot::link("link").optional(),
    ],
);
/// Staff wrote something besides, which is shown with the claim.
pub const NOTICE_HAS_WORDS: TextSpec = TextSpec::new("notice_claim.has_words", &[]);
pub const NOTICE_PAID: TextSpec =
    TextSpec::new("notice_claim.paid", &[Slot::text("number"), Slot::link("link").optional()]);
/// All of what was paid was claimed back, or is to be.
pub const NOTICE_CLAIMED_BACK: TextSpec =
    TextSpec::new("notice_claim.claimed_back", &[Slot::text("number"), Slot::link("link").optional()]);
/// A part of it was; or all of it, and there is no appeal any more.
pub const NOTICE_CHANGED: TextSpec =
    TextSpec::new("notice_claim.changed", &[Slot::text("number"), Slot::link("link").optional()]);
/// A part of what was paid came back, in the claim's course.
pub const PART_RECOVERED: TextSpec = TextSpec::new("claim_status.part_recovered", &[]);
/// Papers of what was paid were found false.
pub const FOUND_FALSE: TextSpec = TextSpec::new("claim_status.found_false", &[]);
/// An appeal against that is decided.
pub const UPHELD: TextSpec = TextSpec::new("claim_status.upheld", &[]);
pub const CLEARED: TextSpec = TextSpec::new("claim_status.cleared", &[]);
pub const NOTICE_PAGE_UNCLEAR: TextSpec =
    TextSpec::new("notice_claim.page_unclear", &[Slot::text("paper"), Slot::text("why")]);
pub const NOTICE_PAGE_REPEATED: TextSpec =
    TextSpec::new("notice_claim.page_repeated", &[Slot::text("paper")]);
pub const NOTICE_INVOICE_READ: TextSpec =
    TextSpec::new("notice_claim.invoice_read", &[Slot::text("number"), Slot::link("link").optional()]);
pub const NOTICE_DRAFT_ENDS: TextSpec = TextSpec::new(
    "notice_claim.draft_ends",
    &[Slot::text("number"), Slot::time("until"), Slot::link("link").optional()],
);
/// Nobody took it back: nobody went on with it.
pub const DRAFT_DROPPED: TextSpec = TextSpec::new("claim_status.draft_dropped", &[]);
pub const NOTICE_PAPER_USED: TextSpec = TextSpec::new("notice_claim.paper_used", &[Slot::text("paper")]);

/// A status as followers read it, by its name.
pub const STATUSES: &[(&str, &TextSpec)] = &[
    ("draft", &TextSpec::new("claim_status.draft", &[])),
    ("submitted", &TextSpec::new("claim_status.submitted", &[])),
    ("needs_more", &TextSpec::new("claim_status.needs_more", &[])),
    ("not_accepted", &TextSpec::new("claim_status.not_accepted", &[])),
    ("accepted", &TextSpec::new("claim_status.accepted", &[])),
    ("reviewed", &TextSpec::new("claim_status.reviewed", &[])),
    ("approved", &TextSpec::new("claim_status.approved", &[])),
    ("paying", &TextSpec::new("claim_status.paying", &[])),
    ("pay_failed", &TextSpec::new("claim_status.pay_failed", &[])),
    ("paid", &TextSpec::new("claim_status.paid", &[])),
    ("reversed", &TextSpec::new("claim_status.reversed", &[])),
    ("rejected", &TextSpec::new("claim_status.rejected", &[])),
    ("withdrawn", &TextSpec::new("claim_status.withdrawn", &[])),
    ("expired", &TextSpec::new("claim_status.expired", &[])),
    ("written_off", &TextSpec::new("claim_status.written_off", &[])),
];

/// What is wrong, and what to do about it: a row for each of [`REASONS`](crate::domain::claim::rules::REASONS).
pub const REASONS: &[(&str, &TextSpec, &TextSpec)] = &[
    ("missing", &TextSpec::new("claim_reason.missing", &[]), &TextSpec::new("claim_reason_do.missing", &[])),
    (
        "unreadable",
        &TextSpec::new("claim_reason.unreadable", &[]),
        &TextSpec::new("claim_reason_do.unreadable", &[]),
    ),
    (
        "incomplete",
        &TextSpec::new("claim_reason.incomplete", &[]),
        &TextSpec::new("claim_reason_do.incomplete", &[]),
    ),
    ("no_seal", &TextSpec::new("claim_reason.no_seal", &[]), &TextSpec::new("claim_reason_do.no_seal", &[])),
    (
        "wrong_person",
        &TextSpec::new("claim_reason.wrong_person", &[]),
        &TextSpec::new("claim_reason_do.wrong_person", &[]),
    ),
    (
        "wrong_paper",
        &TextSpec::new("claim_reason.wrong_paper", &[]),
        &TextSpec::new("claim_reason_do.wrong_paper", &[]),
    ),
    (
        "wrong_stay",
        &TextSpec::new("claim_reason.wrong_stay", &[]),
        &TextSpec::new("claim_reason_do.wrong_stay", &[]),
    ),
    (
        "expired_paper",
        &TextSpec::new("claim_reason.expired_paper", &[]),
        &TextSpec::new("claim_reason_do.expired_paper", &[]),
    ),
    (
        "original_needed",
        &TextSpec::new("claim_reason.original_needed", &[]),
        &TextSpec::new("claim_reason_do.original_needed", &[]),
    ),
    (
        "not_insured",
        &TextSpec::new("claim_reason.not_insured", &[]),
        &TextSpec::new("claim_reason_do.not_insured", &[]),
    ),
    (
        "outside_cover",
        &TextSpec::new("claim_reason.outside_cover", &[]),
        &TextSpec::new("claim_reason_do.outside_cover", &[]),
    ),
    (
        "waiting_period",
        &TextSpec::new("claim_reason.waiting_period", &[]),
        &TextSpec::new("claim_reason_do.waiting_period", &[]),
    ),
    (
        "not_in_scheme",
        &TextSpec::new("claim_reason.not_in_scheme", &[]),
        &TextSpec::new("claim_reason_do.not_in_scheme", &[]),
    ),
    (
        "nothing_self_borne",
        &TextSpec::new("claim_reason.nothing_self_borne", &[]),
        &TextSpec::new("claim_reason_do.nothing_self_borne", &[]),
    ),
    (
        "duplicate",
        &TextSpec::new("claim_reason.duplicate", &[]),
        &TextSpec::new("claim_reason_do.duplicate", &[]),
    ),
    (
        "before_diagnosis_known",
        &TextSpec::new("claim_reason.before_diagnosis_known", &[]),
        &TextSpec::new("claim_reason_do.before_diagnosis_known", &[]),
    ),
    (
        "false_papers",
        &TextSpec::new("claim_reason.false_papers", &[]),
        &TextSpec::new("claim_reason_do.false_papers", &[]),
    ),
    (
        "not_paid",
        &TextSpec::new("claim_reason.not_paid", &[]),
        &TextSpec::new("claim_reason_do.not_paid", &[]),
    ),
    (
        "account_wrong",
        &TextSpec::new("claim_reason.account_wrong", &[]),
        &TextSpec::new("claim_reason_do.account_wrong", &[]),
    ),
    (
        "holder_differs",
        &TextSpec::new("claim_reason.holder_differs", &[]),
        &TextSpec::new("claim_reason_do.holder_differs", &[]),
    ),
    (
        "account_closed",
        &TextSpec::new("claim_reason.account_closed", &[]),
        &TextSpec::new("claim_reason_do.account_closed", &[]),
    ),
    (
        "account_blocked",
        &TextSpec::new("claim_reason.account_blocked", &[]),
        &TextSpec::new("claim_reason_do.account_blocked", &[]),
    ),
    ("other", &TextSpec::new("claim_reason.other", &[]), &TextSpec::new("claim_reason_do.other", &[])),
];

pub const SAID: &[&TextSpec] = &[
    &NOTICE_MOVED,
    &NOTICE_ASKED,
    &NOTICE_STILL_MISSING,
    &NOTICE_HAS_WORDS,
    &NOTICE_PAID,
    &NOTICE_CLAIMED_BACK,
    &NOTICE_CHANGED,
    &PART_RECOVERED,
    &FOUND_FALSE,
    &UPHELD,
    &CLEARED,
    &NOTICE_PAGE_UNCLEAR,
    &NOTICE_PAGE_REPEATED,
    &NOTICE_INVOICE_READ,
    &NOTICE_PAPER_USED,
    &NOTICE_DRAFT_ENDS,
    &DRAFT_DROPPED,
];

/// All of the above, for `check`.
pub fn all() -> impl Iterator<Item = &'static TextSpec> {
    let reasons = REASONS.iter().flat_map(|(_, what, to_do)| [*what, *to_do]);
    SAID.iter().copied().chain(STATUSES.iter().map(|(_, spec)| *spec)).chain(reasons)
}

pub fn status(name: &str) -> Option<&'static TextSpec> {
    STATUSES.iter().find(|(known, _)| *known == name).map(|(_, spec)| *spec)
}

/// What is wrong, and what to do.
pub fn reason(code: &str) -> Option<(&'static TextSpec, &'static TextSpec)> {
    REASONS.iter().find(|(known, ..)| *known == code).map(|(_, what, to_do)| (*what, *to_do))
}
