use super::RefusalTexts;
use crate::content::{Slot, TextSpec};

pub const CONSENT: TextSpec = TextSpec::new("membership.consent", &[Slot::link("choices")]);
pub const CONSENT_WORDS: TextSpec = TextSpec::new("membership.consent_words", &[]);
pub const NOT_AGREED: TextSpec = TextSpec::new("membership.not_agreed", &[]);
pub const ASK_NAME: TextSpec = TextSpec::new("membership.ask_name", &[]);
pub const ASK_IDENTITY: TextSpec = TextSpec::new("membership.ask_identity", &[]);
pub const ASK_PHONE: TextSpec = TextSpec::new("membership.ask_phone", &[]);
pub const ASK_UNION: TextSpec = TextSpec::new("membership.ask_union", &[Slot::link("choices")]);
pub const NO_UNION: TextSpec = TextSpec::new("membership.no_union", &[]);
pub const WRONG_NAME: TextSpec = TextSpec::new("membership.wrong_name", &[]);
pub const WRONG_LENGTH: TextSpec = TextSpec::new("membership.wrong_length", &[]);
pub const WRONG_GENERATION: TextSpec = TextSpec::new("membership.wrong_generation", &[]);
pub const WRONG_IDENTITY: TextSpec = TextSpec::new("membership.wrong_identity", &[]);
pub const WRONG_PHONE: TextSpec = TextSpec::new("membership.wrong_phone", &[]);
pub const CONFIRM: TextSpec = TextSpec::new(
    "membership.confirm",
    &[
        Slot::text("name"),
        Slot::text("identity"),
        Slot::text("phone"),
        Slot::text("union"),
        Slot::link("choices"),
    ],
);
pub const DONE: TextSpec = TextSpec::new(
    "membership.done",
    &[Slot::text("name"), Slot::text("number"), Slot::text("union"), Slot::text("card").optional()],
);
pub const NOT_FOUND: TextSpec = TextSpec::new("membership.not_found", &[Slot::link("choices")]);
pub const TAKEN_MOVE: TextSpec = TextSpec::new("membership.taken_move", &[Slot::link("choices")]);
pub const ASK_JOIN_UNION: TextSpec = TextSpec::new("membership.ask_join_union", &[]);
pub const ASK_PHOTO: TextSpec = TextSpec::new("membership.ask_photo", &[]);
pub const ASK_PHOTO_AGAIN: TextSpec = TextSpec::new("membership.ask_photo_again", &[]);
pub const PHOTO_KEPT: TextSpec =
    TextSpec::new("membership.photo_kept", &[Slot::number("count"), Slot::link("choices")]);
pub const APPLIED: TextSpec = TextSpec::new("membership.applied", &[]);
pub const APPLICATION_OPEN: TextSpec = TextSpec::new("membership.application_open", &[Slot::time("since")]);
pub const HOME: TextSpec = TextSpec::new(
    "membership.home",
    &[
        Slot::text("number"),
        Slot::text("name"),
        Slot::text("state").optional(),
        Slot::text("union"),
        Slot::text("card"),
        Slot::link("choices"),
    ],
);
pub const NOT_IN: TextSpec = TextSpec::new("membership.not_in", &[Slot::text("state")]);
pub const HOME_PENDING: TextSpec =
    TextSpec::new("membership.home_pending", &[Slot::time("since"), Slot::link("choices")]);
pub const HOME_MISMATCH: TextSpec = TextSpec::new("membership.home_mismatch", &[]);
pub const NO_CONSENT: TextSpec = TextSpec::new("membership.no_consent", &[]);
pub const ASK_WITHDRAW: TextSpec =
    TextSpec::new("membership.ask_withdraw", &[Slot::link("coupons"), Slot::link("choices")]);
/// What becomes of coupons that can still be used.
pub const COUPONS_STAY: TextSpec = TextSpec::new("membership.coupons_stay", &[Slot::number("count")]);
pub const COUPONS_GO: TextSpec = TextSpec::new("membership.coupons_go", &[Slot::number("count")]);
pub const WITHDRAWN: TextSpec = TextSpec::new("membership.withdrawn", &[]);
pub const ASK_LEAVE: TextSpec = TextSpec::new("membership.ask_leave", &[Slot::link("choices")]);
pub const LEAVE_ASKED: TextSpec = TextSpec::new("membership.leave_asked", &[]);
pub const HOME_STRANGER: TextSpec = TextSpec::new("membership.home_stranger", &[]);
pub const DATA: TextSpec = TextSpec::new(
    "membership.data",
    &[
        Slot::text("number"),
        Slot::text("name"),
        Slot::text("identity"),
        Slot::text("phone"),
        Slot::text("union"),
        Slot::text("district"),
        Slot::text("tier"),
        Slot::text("state").optional(),
        Slot::text("card"),
        Slot::time("since"),
        Slot::text("consents"),
        Slot::text("sign_ups"),
        Slot::text("looks"),
        Slot::link("choices"),
    ],
);
pub const ASK_WHICH_CONSENT: TextSpec =
    TextSpec::new("membership.ask_which_consent", &[Slot::link("choices")]);
pub const ASK_WITHDRAW_ONE: TextSpec =
    TextSpec::new("membership.ask_withdraw_one", &[Slot::text("what"), Slot::link("choices")]);
pub const CLAIM_CONSENT_WITHDRAWN: TextSpec = TextSpec::new("membership.claim_consent_withdrawn", &[]);
pub const SERVICE_CONSENT_WITHDRAWN: TextSpec = TextSpec::new("membership.service_consent_withdrawn", &[]);
pub const CONSENTS_NONE: TextSpec = TextSpec::new("membership.consents_none", &[]);
pub const LOOKS_NONE: TextSpec = TextSpec::new("membership.looks_none", &[]);
pub const ACCOUNT_DATA: TextSpec = TextSpec::new(
    "membership.account_data",
    &[
        Slot::text("phone"),
        Slot::text("address"),
        Slot::number("sign_ups"),
        Slot::number("photos"),
        Slot::text("consents"),
        Slot::text("sign_ups_kept"),
        Slot::link("choices"),
    ],
);
/// How long what was told for sign-ups is kept.
pub const SIGN_UPS_KEPT: TextSpec = TextSpec::new(
    "membership.sign_ups_kept",
    &[Slot::number("days"), Slot::number("children_days"), Slot::number("kit_days")],
);
pub const ASK_ERASE_ACCOUNT: TextSpec =
    TextSpec::new("membership.ask_erase_account", &[Slot::link("choices")]);
pub const NONE_KEPT: TextSpec = TextSpec::new("membership.none_kept", &[]);
pub const ACCOUNT_ERASED: TextSpec = TextSpec::new("membership.account_erased", &[]);
pub const ASK_UNBIND: TextSpec = TextSpec::new("membership.ask_unbind", &[Slot::link("choices")]);
pub const UNBOUND: TextSpec = TextSpec::new("membership.unbound", &[Slot::number("days")]);
pub const ASK_ERASE: TextSpec = TextSpec::new(
    "membership.ask_erase",
    &[Slot::link("coupons"), Slot::link("claims"), Slot::link("choices")],
);
/// Part of what is asked before 注销: claims that it takes back.
pub const CLAIMS_GO: TextSpec = TextSpec::new("membership.claims_go", &[Slot::number("count")]);
pub const ERASED: TextSpec = TextSpec::new("membership.erased", &[]);
pub const KEPT: TextSpec = TextSpec::new("membership.kept", &[]);
pub const JOIN: TextSpec = TextSpec::new("membership.join", &[Slot::link("choices")]);
pub const ASK_TRANSFER: TextSpec = TextSpec::new("membership.ask_transfer", &[Slot::text("union")]);
pub const TRANSFER_ASKED: TextSpec = TextSpec::new("membership.transfer_asked", &[Slot::text("union")]);

/// For `check`.
pub const SAID: &[&TextSpec] = &[
    &CONSENT,
    &CONSENT_WORDS,
    &NOT_AGREED,
    &ASK_NAME,
    &ASK_IDENTITY,
    &ASK_PHONE,
    &ASK_UNION,
    &NO_UNION,
    &WRONG_NAME,
    &WRONG_LENGTH,
    &WRONG_GENERATION,
    &WRONG_IDENTITY,
    &WRONG_PHONE,
    &CONFIRM,
    &DONE,
    &NOT_FOUND,
    &TAKEN_MOVE,
    &ASK_JOIN_UNION,
    &ASK_PHOTO,
    &ASK_PHOTO_AGAIN,
    &PHOTO_KEPT,
    &APPLIED,
    &APPLICATION_OPEN,
    &HOME,
    &HOME_STRANGER,
    &HOME_PENDING,
    &HOME_MISMATCH,
    &NOT_IN,
    &NO_CONSENT,
    &ASK_WITHDRAW,
    &COUPONS_STAY,
    &COUPONS_GO,
    &CLAIMS_GO,
    &WITHDRAWN,
    &ASK_LEAVE,
    &LEAVE_ASKED,
    &DATA,
    &ASK_WHICH_CONSENT,
    &ASK_WITHDRAW_ONE,
    &CLAIM_CONSENT_WITHDRAWN,
    &SERVICE_CONSENT_WITHDRAWN,
    &CONSENTS_NONE,
    &LOOKS_NONE,
    &ACCOUNT_DATA,
    &SIGN_UPS_KEPT,
    &NONE_KEPT,
    &ASK_ERASE_ACCOUNT,
    &ACCOUNT_ERASED,
    &ASK_UNBIND,
    &UNBOUND,
    &ASK_ERASE,
    &ERASED,
    &KEPT,
    &JOIN,
    &ASK_TRANSFER,
    &TRANSFER_ASKED,
];

pub const REFUSALS: &[RefusalTexts] = &[
    RefusalTexts {
        code: "no_match",
        sentence: &TextSpec::new("membership_refusal.no_match", &[Slot::number("left").optional()]),
        why: &TextSpec::new("membership_why.no_match", &[Slot::number("left").optional()]),
    },
    RefusalTexts {
        code: "tries_over",
        sentence: &TextSpec::new("membership_refusal.tries_over", &[Slot::time("from").optional()]),
        why: &TextSpec::new("membership_why.tries_over", &[Slot::time("from").optional()]),
    },
    RefusalTexts {
        code: "bound",
        sentence: &TextSpec::new("membership_refusal.bound", &[Slot::text("member").optional()]),
        why: &TextSpec::new("membership_why.bound", &[Slot::text("member").optional()]),
    },
    RefusalTexts {
        code: "taken",
        sentence: &TextSpec::new("membership_refusal.taken", &[]),
        why: &TextSpec::new("membership_why.taken", &[]),
    },
    RefusalTexts {
        code: "moved_lately",
        sentence: &TextSpec::new("membership_refusal.moved_lately", &[Slot::time("from").optional()]),
        why: &TextSpec::new("membership_why.moved_lately", &[Slot::time("from").optional()]),
    },
    RefusalTexts {
        code: "not_active",
        sentence: &TextSpec::new("membership_refusal.not_active", &[Slot::text("state").optional()]),
        why: &TextSpec::new("membership_why.not_active", &[Slot::text("state").optional()]),
    },
    RefusalTexts {
        code: "not_bound",
        sentence: &TextSpec::new("membership_refusal.not_bound", &[]),
        why: &TextSpec::new("membership_why.not_bound", &[]),
    },
];
