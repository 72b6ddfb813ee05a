//! What the services say: the forms' own words are in `menus/services.toml`.

use super::RefusalTexts;
use crate::content::{Slot, TextSpec};

pub const LIST: TextSpec = TextSpec::new("service.list", &[Slot::link("choices")]);
pub const NONE: TextSpec = TextSpec::new("service.none", &[]);
pub const GONE: TextSpec = TextSpec::new("service.gone", &[]);
pub const ABOUT: TextSpec = TextSpec::new("service.about", &[Slot::text("title"), Slot::text("about")]);
/// When it may be applied for, and by how many.
pub const ROUND: TextSpec = TextSpec::new(
    "service.round",
    &[Slot::text("opens"), Slot::text("closes"), Slot::text("places").optional()],
);
pub const PLACES: TextSpec = TextSpec::new("service.places", &[Slot::number("quota")]);
pub const PROMISE: TextSpec = TextSpec::new(
    "service.promise",
    &[Slot::text("handled_by"), Slot::text("promise"), Slot::link("more").optional()],
);
pub const ELSEWHERE: TextSpec =
    TextSpec::new("service.elsewhere", &[Slot::text("title"), Slot::text("about"), Slot::link("link")]);
pub const SELF_TEST: TextSpec = TextSpec::new("service.self_test", &[]);
pub const CONSENT: TextSpec = TextSpec::new("service.consent", &[Slot::text("words"), Slot::link("choices")]);
pub const NOT_AGREED: TextSpec = TextSpec::new("service.not_agreed", &[]);
pub const RESUME: TextSpec =
    TextSpec::new("service.resume", &[Slot::text("title"), Slot::time("since"), Slot::link("choices")]);
pub const QUESTION: TextSpec = TextSpec::new(
    "service.question",
    &[Slot::number("number"), Slot::number("count"), Slot::text("ask"), Slot::link("choices").optional()],
);
pub const ONLY_QUESTION: TextSpec = TextSpec::new(
    "service.only_question",
    &[
        Slot::number("number").optional(),
        Slot::number("count").optional(),
        Slot::text("ask"),
        Slot::link("choices").optional(),
    ],
);
pub const KEEP: TextSpec = TextSpec::new("service.keep", &[Slot::text("answer"), Slot::link("keep")]);
pub const GOT_PHOTO: TextSpec =
    TextSpec::new("service.got_photo", &[Slot::number("count"), Slot::link("choices")]);
pub const WRONG_TEXT: TextSpec = TextSpec::new("service.wrong_text", &[Slot::number("max")]);
pub const WRONG_CHOICE: TextSpec = TextSpec::new("service.wrong_choice", &[]);
pub const RULED_OUT: TextSpec = TextSpec::new("service.ruled_out", &[Slot::text("why")]);
pub const WRONG_NUMBER: TextSpec = TextSpec::new("service.wrong_number", &[Slot::text("range")]);
pub const WRONG_PHONE: TextSpec = TextSpec::new("service.wrong_phone", &[]);
pub const WRONG_DAY: TextSpec = TextSpec::new("service.wrong_day", &[]);
pub const WRONG_PHOTO: TextSpec = TextSpec::new("service.wrong_photo", &[]);
pub const REVIEW: TextSpec = TextSpec::new(
    "service.review",
    &[Slot::text("title"), Slot::text("answers"), Slot::text("near").optional(), Slot::link("choices")],
);
pub const NEAR: TextSpec =
    TextSpec::new("service.near", &[Slot::text("what"), Slot::text("day"), Slot::number("days")]);
pub const PAST: TextSpec = TextSpec::new("service.past", &[Slot::text("what"), Slot::text("day")]);
pub const CORRECT: TextSpec = TextSpec::new("service.correct", &[Slot::link("items")]);
pub const KEPT: TextSpec = TextSpec::new("service.kept", &[]);
pub const SUBMITTED: TextSpec = TextSpec::new(
    "service.submitted",
    &[
        Slot::text("title"),
        Slot::text("number"),
        Slot::text("handled_by"),
        Slot::text("first"),
        Slot::text("promised"),
        Slot::text("urgent").optional(),
    ],
);
pub const SUBMITTED_URGENT: TextSpec = TextSpec::new("service.submitted_urgent", &[]);
pub const MINE: TextSpec = TextSpec::new("service.mine", &[Slot::link("items")]);
pub const MINE_NONE: TextSpec = TextSpec::new("service.mine_none", &[]);
pub const NO_SUCH_NUMBER: TextSpec = TextSpec::new("service.no_such_number", &[Slot::number("count")]);
pub const DETAIL: TextSpec = TextSpec::new(
    "service.detail",
    &[
        Slot::text("title"),
        Slot::text("number"),
        Slot::text("status"),
        Slot::text("timeline"),
        Slot::text("next").optional(),
        Slot::link("extra").optional(),
        Slot::link("choices"),
    ],
);
pub const ERASED: TextSpec = TextSpec::new("service.erased", &[]);
pub const MESSAGE_OF_STAFF: TextSpec = TextSpec::new("service.message_of_staff", &[Slot::text("words")]);
pub const MESSAGE_OF_YOURS: TextSpec = TextSpec::new("service.message_of_yours", &[Slot::text("words")]);
pub const PICTURE: TextSpec = TextSpec::new("service.picture", &[]);
pub const RATED: TextSpec = TextSpec::new("service.rated", &[Slot::number("stars")]);
pub const ASK_SAY: TextSpec = TextSpec::new("service.ask_say", &[Slot::text("number")]);
pub const SAID_ON: TextSpec = TextSpec::new("service.said", &[Slot::text("number")]);
pub const WRONG_SAY: TextSpec = TextSpec::new("service.wrong_say", &[Slot::number("max")]);
pub const ASK_WITHDRAW: TextSpec =
    TextSpec::new("service.ask_withdraw", &[Slot::text("number"), Slot::link("choices")]);
pub const WITHDRAWN: TextSpec = TextSpec::new("service.withdrawn", &[Slot::text("number")]);
pub const WITHDRAWN_ERASED: TextSpec = TextSpec::new("service.withdrawn_erased", &[Slot::text("number")]);
pub const MAY_APPEAL: TextSpec = TextSpec::new("service.may_appeal", &[Slot::text("until")]);
pub const ASK_APPEAL: TextSpec = TextSpec::new("service.ask_appeal", &[]);
pub const APPEALED: TextSpec = TextSpec::new("service.appealed", &[Slot::text("number")]);
pub const ASK_STARS: TextSpec = TextSpec::new("service.ask_stars", &[Slot::link("choices")]);
pub const THANKS: TextSpec = TextSpec::new("service.thanks", &[Slot::number("stars")]);
pub const SORRY: TextSpec =
    TextSpec::new("service.sorry", &[Slot::number("stars"), Slot::link("link").optional()]);
pub const PROPOSED: TextSpec =
    TextSpec::new("service.proposed", &[Slot::text("words"), Slot::link("choices")]);
pub const PAIR_YES: TextSpec = TextSpec::new("service.pair_yes", &[]);
pub const PAIR_NO: TextSpec = TextSpec::new("service.pair_no", &[]);
pub const PAIRED: TextSpec = TextSpec::new("service.paired", &[Slot::text("contact")]);
pub const ASK_REPORT: TextSpec = TextSpec::new("service.ask_report", &[]);
pub const REPORTED: TextSpec = TextSpec::new("service.reported", &[]);
pub const TEST_DISTRICT: TextSpec = TextSpec::new("self_test.district", &[Slot::link("choices")]);
pub const TEST_NUMBERS: TextSpec = TextSpec::new("self_test.numbers", &[Slot::text("district")]);
pub const TEST_WRONG: TextSpec = TextSpec::new("self_test.wrong", &[]);
pub const TEST_NONE: TextSpec = TextSpec::new("self_test.none", &[]);
pub const TEST_DEEP: TextSpec = TextSpec::new("self_test.deep", TESTED);
pub const TEST_RELATIVE: TextSpec = TextSpec::new("self_test.relative", TESTED);
pub const TEST_ACCIDENT: TextSpec = TextSpec::new("self_test.accident", TESTED);
pub const TEST_NOT: TextSpec = TextSpec::new("self_test.not", TESTED);
const TESTED: &[Slot] = &[Slot::number("line").optional(), Slot::text("district").optional()];
pub const DESK_WAITS: TextSpec = TextSpec::new("desk.waits", &[]);
pub const DESK_TAKES_OVER: TextSpec = TextSpec::new("desk.takes_over", &[]);
pub const DESK_BACK: TextSpec = TextSpec::new("desk.back", &[]);
/// As [`DESK_BACK`], before what was asked when a person was asked for.
pub const DESK_RESUMES: TextSpec = TextSpec::new("desk.resumes", &[]);
/// The same where the desk ended the talk.
pub const DESK_ENDED: TextSpec = TextSpec::new("desk.ended", &[]);
/// What was said could not be handed on in time.
pub const DESK_UNHEARD: TextSpec = TextSpec::new("desk.unheard", &[]);
pub const DESK_CASE: TextSpec = TextSpec::new("desk.case", &[]);
pub const NOTICE_MOVED: TextSpec = TextSpec::new(
    "notice_case.moved",
    &[Slot::text("number"), Slot::text("status"), Slot::link("link").optional()],
);
pub const NOTICE_SAID: TextSpec =
    TextSpec::new("notice_case.said", &[Slot::text("number"), Slot::link("link").optional()]);
pub const NOTICE_ASKED: TextSpec = TextSpec::new(
    "notice_case.asked",
    &[Slot::text("number"), Slot::time("until"), Slot::link("link").optional()],
);
pub const NOTICE_STILL_ASKED: TextSpec = TextSpec::new(
    "notice_case.still_asked",
    &[Slot::text("number"), Slot::time("until"), Slot::link("link").optional()],
);
pub const NOTICE_GOES_ON: TextSpec =
    TextSpec::new("notice_case.goes_on", &[Slot::text("number"), Slot::link("link").optional()]);
pub const NOTICE_PROPOSED: TextSpec =
    TextSpec::new("notice_case.proposed", &[Slot::text("number"), Slot::link("link").optional()]);

const SAID: &[&TextSpec] = &[
    &LIST,
    &NONE,
    &GONE,
    &ABOUT,
    &ROUND,
    &PLACES,
    &PROMISE,
    &ELSEWHERE,
    &SELF_TEST,
    &CONSENT,
    &NOT_AGREED,
    &RESUME,
    &QUESTION,
    &ONLY_QUESTION,
    &KEEP,
    &GOT_PHOTO,
    &WRONG_TEXT,
    &WRONG_CHOICE,
    &RULED_OUT,
    &WRONG_NUMBER,
    &WRONG_PHONE,
    &WRONG_DAY,
    &WRONG_PHOTO,
    &REVIEW,
    &NEAR,
    &PAST,
    &CORRECT,
    &KEPT,
    &SUBMITTED,
    &SUBMITTED_URGENT,
    &MINE,
    &MINE_NONE,
    &NEXT_OVERDUE,
    &NO_SUCH_NUMBER,
    &DETAIL,
    &ERASED,
    &MESSAGE_OF_STAFF,
    &MESSAGE_OF_YOURS,
    &PICTURE,
    &RATED,
    &ASK_SAY,
    &SAID_ON,
    &WRONG_SAY,
    &ASK_WITHDRAW,
    &WITHDRAWN,
    &WITHDRAWN_ERASED,
    &MAY_APPEAL,
    &ASK_APPEAL,
    &APPEALED,
    &ASK_STARS,
    &THANKS,
    &SORRY,
    &PROPOSED,
    &PAIR_YES,
    &PAIR_NO,
    &PAIRED,
    &ASK_REPORT,
    &REPORTED,
    &TEST_DISTRICT,
    &TEST_NUMBERS,
    &TEST_WRONG,
    &TEST_NONE,
    &TEST_DEEP,
    &TEST_RELATIVE,
    &TEST_ACCIDENT,
    &TEST_NOT,
    &DESK_WAITS,
    &DESK_TAKES_OVER,
    &DESK_BACK,
    &DESK_RESUMES,
    &DESK_ENDED,
    &DESK_UNHEARD,
    &DESK_CASE,
    &NOTICE_MOVED,
    &NOTICE_SAID,
    &NOTICE_ASKED,
    &NOTICE_STILL_ASKED,
    &NOTICE_PROPOSED,
    &NOTICE_GOES_ON,
];

const WITH_DUE: &[Slot] = &[Slot::text("due").optional()];

/// What was promised by then hasn't come.
pub const NEXT_OVERDUE: TextSpec = TextSpec::new("case_next.overdue", WITH_DUE);

/// A status as followers read it, and what comes next, by its name.
pub const STATUSES: &[(&str, &TextSpec, &TextSpec)] = &[
    ("draft", &TextSpec::new("case_status.draft", &[]), &TextSpec::new("case_next.draft", WITH_DUE)),
    ("open", &TextSpec::new("case_status.open", &[]), &TextSpec::new("case_next.open", WITH_DUE)),
    ("asked", &TextSpec::new("case_status.asked", &[]), &TextSpec::new("case_next.asked", WITH_DUE)),
    ("closed", &TextSpec::new("case_status.closed", &[]), &TextSpec::new("case_next.closed", WITH_DUE)),
    ("refused", &TextSpec::new("case_status.refused", &[]), &TextSpec::new("case_next.refused", WITH_DUE)),
    (
        "withdrawn",
        &TextSpec::new("case_status.withdrawn", &[]),
        &TextSpec::new("case_next.withdrawn", WITH_DUE),
    ),
    ("lapsed", &TextSpec::new("case_status.lapsed", &[]), &TextSpec::new("case_next.lapsed", WITH_DUE)),
];

/// Why staff refuse, and what came of a case: a row for each of [`REASONS`](crate::domain::case::rules::REASONS) and
/// [`OUTCOMES`](crate::domain::case::rules::OUTCOMES).
pub const REASONS: &[(&str, &TextSpec)] = &[
    ("not_eligible", &TextSpec::new("case_reason.not_eligible", &[])),
    ("not_ours", &TextSpec::new("case_reason.not_ours", &[])),
    ("not_enough", &TextSpec::new("case_reason.not_enough", &[])),
    ("duplicate", &TextSpec::new("case_reason.duplicate", &[])),
    ("limit_passed", &TextSpec::new("case_reason.limit_passed", &[])),
    ("against_law", &TextSpec::new("case_reason.against_law", &[])),
    ("other", &TextSpec::new("case_reason.other", &[])),
    ("solved", &TextSpec::new("case_outcome.solved", &[])),
    ("partly", &TextSpec::new("case_outcome.partly", &[])),
    ("answered", &TextSpec::new("case_outcome.answered", &[])),
    ("passed_on", &TextSpec::new("case_outcome.passed_on", &[])),
    ("not_solved", &TextSpec::new("case_outcome.not_solved", &[])),
];

pub fn status(name: &str) -> Option<(&'static TextSpec, &'static TextSpec)> {
    STATUSES.iter().find(|(known, ..)| *known == name).map(|(_, status, next)| (*status, *next))
}

pub fn reason(name: &str) -> Option<&'static TextSpec> {
    REASONS.iter().find(|(known, _)| *known == name).map(|(_, spec)| *spec)
}

/// Why a rule says no.
pub const REFUSALS: &[RefusalTexts] = &[
    RefusalTexts {
        code: "unknown_case",
        sentence: &TextSpec::new("case_refusal.unknown_case", &[]),
        why: &TextSpec::new("case_why.unknown_case", &[]),
    },
    RefusalTexts {
        code: "not_now",
        sentence: &TextSpec::new("case_refusal.not_now", &[]),
        why: &TextSpec::new("case_why.not_now", &[]),
    },
    RefusalTexts {
        code: "too_many_open",
        sentence: &TextSpec::new("case_refusal.too_many_open", MAX),
        why: &TextSpec::new("case_why.too_many_open", MAX),
    },
    RefusalTexts {
        code: "open_already",
        sentence: &TextSpec::new("case_refusal.open_already", CASE),
        why: &TextSpec::new("case_why.open_already", CASE),
    },
    RefusalTexts {
        code: "too_many_messages",
        sentence: &TextSpec::new("case_refusal.too_many_messages", MAX),
        why: &TextSpec::new("case_why.too_many_messages", MAX),
    },
    RefusalTexts {
        code: "too_many_pictures",
        sentence: &TextSpec::new("case_refusal.too_many_pictures", MAX),
        why: &TextSpec::new("case_why.too_many_pictures", MAX),
    },
    RefusalTexts {
        code: "appeal_over",
        sentence: &TextSpec::new("case_refusal.appeal_over", UNTIL),
        why: &TextSpec::new("case_why.appeal_over", UNTIL),
    },
    RefusalTexts {
        code: "appealed_already",
        sentence: &TextSpec::new("case_refusal.appealed_already", &[]),
        why: &TextSpec::new("case_why.appealed_already", &[]),
    },
    RefusalTexts {
        code: "not_to_be_rated",
        sentence: &TextSpec::new("case_refusal.not_to_be_rated", &[]),
        why: &TextSpec::new("case_why.not_to_be_rated", &[]),
    },
    RefusalTexts {
        code: "no_proposal",
        sentence: &TextSpec::new("case_refusal.no_proposal", &[]),
        why: &TextSpec::new("case_why.no_proposal", &[]),
    },
    RefusalTexts {
        code: "round_to_come",
        sentence: &TextSpec::new("case_refusal.round_to_come", WHEN),
        why: &TextSpec::new("case_why.round_to_come", WHEN),
    },
    RefusalTexts {
        code: "round_over",
        sentence: &TextSpec::new("case_refusal.round_over", WHEN),
        why: &TextSpec::new("case_why.round_over", WHEN),
    },
    RefusalTexts {
        code: "round_full",
        sentence: &TextSpec::new("case_refusal.round_full", QUOTA),
        why: &TextSpec::new("case_why.round_full", QUOTA),
    },
    RefusalTexts {
        code: "once_per_round",
        sentence: &TextSpec::new("case_refusal.once_per_round", CASE),
        why: &TextSpec::new("case_why.once_per_round", CASE),
    },
];

const MAX: &[Slot] = &[Slot::number("max").optional()];
const CASE: &[Slot] = &[Slot::text("case").optional()];
const UNTIL: &[Slot] = &[Slot::time("until").optional()];
const WHEN: &[Slot] = &[Slot::text("opens").optional(), Slot::text("closes").optional()];
const QUOTA: &[Slot] = &[Slot::number("quota").optional()];

/// For `check`: all of the above but the refusals.
pub fn all() -> impl Iterator<Item = &'static TextSpec> {
    let statuses = STATUSES.iter().flat_map(|(_, status, next)| [*status, *next]);
    SAID.iter().copied().chain(statuses).chain(REASONS.iter().map(|(_, spec)| *spec))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::record::Status;
    use crate::domain::case::rules::{OUTCOMES, REASONS as REFUSED, Refusal};

    #[test]
    fn every_status_reason_and_refusal_has_its_words() {
        for known in Status::ALL {
            assert!(status(known.name()).is_some(), "{known:?}");
        }
        for name in OUTCOMES.iter().chain(REFUSED) {
            assert!(reason(name).is_some(), "{name}");
        }
        let codes: Vec<_> = REFUSALS.iter().map(|texts| texts.code).collect();
        assert_eq!(codes, Refusal::CODES);
    }
}
