//! What is said of applying for the mutual aid, of papers and of what became of a claim.

use super::RefusalTexts;
use crate::content::{Slot, TextSpec};

pub const HOME: TextSpec = TextSpec::new("claim.home", &[Slot::link("choices")]);
pub const HEALTH_CONSENT: TextSpec = TextSpec::new("claim.health_consent", &[]);
pub const BANK_CONSENT: TextSpec = TextSpec::new("claim.bank_consent", &[]);
pub const CONSENT: TextSpec = TextSpec::new("claim.consent", &[Slot::link("choices")]);
pub const NOT_AGREED: TextSpec = TextSpec::new("claim.not_agreed", &[]);
pub const NO_ACCOUNT_YET: TextSpec = TextSpec::new("claim.no_account_yet", &[]);
pub const RESUME: TextSpec = TextSpec::new(
    "claim.resume",
    &[Slot::text("number"), Slot::text("kind"), Slot::time("since"), Slot::link("choices")],
);
/// Of a claim that was handed in, when its dialogue is left.
pub const STANDS: TextSpec =
    TextSpec::new("claim.stands", &[Slot::text("number"), Slot::text("status"), Slot::link("link")]);
/// Of a list of claims, the same.
pub const LIST_AGAIN: TextSpec = TextSpec::new("claim.list_again", &[]);
pub const ASK_WHOM: TextSpec = TextSpec::new("claim.ask_whom", &[Slot::link("choices")]);
pub const ASK_RELATION: TextSpec = TextSpec::new("claim.ask_relation", &[Slot::link("choices")]);
pub const ASK_RELATIVE_NAME: TextSpec = TextSpec::new("claim.ask_relative_name", &[]);
pub const ASK_RELATIVE_IDENTITY: TextSpec = TextSpec::new("claim.ask_relative_identity", &[]);
pub const RELATIVE_NOT_FOUND: TextSpec = TextSpec::new("claim.relative_not_found", &[]);
pub const ASK_KIND: TextSpec = TextSpec::new("claim.ask_kind", &[Slot::link("choices")]);
pub const ASK_OTHER_KIND: TextSpec = TextSpec::new("claim.ask_other_kind", &[Slot::link("choices")]);
pub const ASK_HOSPITAL: TextSpec = TextSpec::new("claim.ask_hospital", &[]);
pub const ASK_ADMITTED: TextSpec = TextSpec::new("claim.ask_admitted", &[]);
pub const ASK_DISCHARGED: TextSpec = TextSpec::new("claim.ask_discharged", &[]);
pub const ASK_DIAGNOSED: TextSpec = TextSpec::new("claim.ask_diagnosed", &[]);
pub const ASK_HAPPENED: TextSpec = TextSpec::new("claim.ask_happened", &[]);
pub const ASK_DIED: TextSpec = TextSpec::new("claim.ask_died", &[]);
pub const ASK_DIAGNOSIS: TextSpec = TextSpec::new("claim.ask_diagnosis", &[]);
pub const ASK_DISEASE: TextSpec = TextSpec::new("claim.ask_disease", &[Slot::link("choices")]);
pub const ASK_OPERATED: TextSpec = TextSpec::new("claim.ask_operated", &[Slot::link("choices")]);
pub const ASK_CAUSE: TextSpec = TextSpec::new("claim.ask_cause", &[Slot::link("choices")]);
pub const ASK_STAY: TextSpec = TextSpec::new("claim.ask_stay", &[Slot::link("choices")]);
pub const ASK_GRADE: TextSpec = TextSpec::new("claim.ask_grade", &[Slot::link("choices")]);
pub const ASK_UNIT: TextSpec = TextSpec::new("claim.ask_unit", &[Slot::link("choices")]);
pub const ASK_OUT_OF_TOWN: TextSpec = TextSpec::new("claim.ask_out_of_town", &[Slot::link("choices")]);
pub const ASK_INSURANCE: TextSpec = TextSpec::new("claim.ask_insurance", &[Slot::link("choices")]);
pub const ASK_WHICH_FIELD: TextSpec = TextSpec::new("claim.ask_which_field", &[Slot::link("choices")]);
pub const ASK_INVOICE_AMOUNT: TextSpec = TextSpec::new("claim.ask_invoice_amount", &[Slot::link("choices")]);
pub const ASK_INVOICE_NUMBER: TextSpec = TextSpec::new("claim.ask_invoice_number", &[Slot::link("choices")]);
pub const ASK_INVOICE_CODE: TextSpec = TextSpec::new("claim.ask_invoice_code", &[Slot::link("choices")]);
pub const ASK_INVOICE_DATE: TextSpec = TextSpec::new("claim.ask_invoice_date", &[Slot::link("choices")]);
pub const STANDS_SO: TextSpec = TextSpec::new(
    "claim.stands_so",
    &[
        Slot::text("number"),
        Slot::text("status"),
        Slot::text("what"),
        Slot::text("to_do"),
        Slot::link("next").optional(),
    ],
);
pub const CORRECTED: TextSpec = TextSpec::new("claim.corrected", &[]);
/// Other facts ask for another paper.
pub const CORRECTED_WANTS_MORE: TextSpec = TextSpec::new("claim.corrected_wants_more", &[]);
/// It would take away the cover that there is.
pub const NOT_CORRECTED: TextSpec = TextSpec::new("claim.not_corrected", &[Slot::text("no")]);
pub const ASK_WORDS: TextSpec = TextSpec::new("claim.ask_words", &[Slot::text("number")]);
pub const WORDS_NOTED: TextSpec = TextSpec::new("claim.words_noted", &[]);
/// By when it is filed; and that it is late, which refuses nothing.
pub const FILE_BY: TextSpec = TextSpec::new("claim.file_by", &[Slot::text("until")]);
pub const LATE: TextSpec = TextSpec::new("claim.late", &[Slot::text("until")]);
/// The same of one that was handed in.
pub const LATE_SAY_WHY: TextSpec = TextSpec::new("claim.late_say_why", &[Slot::text("until")]);
pub const TOO_EARLY: TextSpec = TextSpec::new("claim.too_early", &[Slot::text("from")]);
pub const SUBMITTED_LATE: TextSpec = TextSpec::new("claim.submitted_late", &[Slot::link("link")]);
pub const WRONG_WORDS: TextSpec = TextSpec::new("claim.wrong_words", &[Slot::number("max")]);
/// A day, a number or a 谢谢, where a name is asked for.
pub const NO_HOSPITAL: TextSpec = TextSpec::new("claim.no_hospital", &[]);
pub const NO_DIAGNOSIS: TextSpec = TextSpec::new("claim.no_diagnosis", &[]);
pub const WRONG_DAY: TextSpec = TextSpec::new("claim.wrong_day", &[Slot::text("paper")]);
/// Whoever is in hospital still.
pub const NOT_OUT_YET: TextSpec = TextSpec::new("claim.not_out_yet", &[]);
/// What was understood of words that left something open.
pub const DAY_TAKEN: TextSpec = TextSpec::new("claim.day_taken", &[Slot::text("day")]);
pub const STAY_TAKEN: TextSpec =
    TextSpec::new("claim.stay_taken", &[Slot::text("admitted"), Slot::text("discharged")]);
pub const DAYS_OUT_OF_ORDER: TextSpec = TextSpec::new("claim.days_out_of_order", &[Slot::text("other")]);
pub const DAY_AGAIN: TextSpec = TextSpec::new("claim.day_again", &[Slot::text("day"), Slot::link("choices")]);
pub const ASK_HOLDER: TextSpec = TextSpec::new("claim.ask_holder", &[Slot::link("choices")]);
pub const ASK_ACCOUNT: TextSpec = TextSpec::new("claim.ask_account", &[]);
pub const WRONG_ACCOUNT: TextSpec = TextSpec::new("claim.wrong_account", &[]);
pub const ASK_BANK: TextSpec = TextSpec::new("claim.ask_bank", &[Slot::link("choices")]);
pub const ACCOUNT_CORRECTED: TextSpec = TextSpec::new("claim.account_corrected", &[]);
pub const PAPERS: TextSpec = TextSpec::new(
    "claim.papers",
    &[Slot::number("there"), Slot::number("needed"), Slot::link("items"), Slot::text("ask")],
);
pub const SEND_PAPER: TextSpec = TextSpec::new("claim.send_paper", &[Slot::text("paper"), Slot::text("how")]);
pub const ALL_THERE: TextSpec = TextSpec::new("claim.all_there", &[]);
pub const NO_PAPERS: TextSpec = TextSpec::new("claim.no_papers", &[]);
pub const NO_COVER_PAPERS: TextSpec = TextSpec::new("claim.no_cover_papers", &[]);
pub const PAPER_ASKED: TextSpec = TextSpec::new("claim.paper_asked", &[]);
pub const NOTHING_MORE: TextSpec = TextSpec::new("claim.nothing_more", &[]);
pub const PAPER_OUT_OF_REACH: TextSpec = TextSpec::new("claim.paper_out_of_reach", &[]);
pub const ASK_WHY_NOT: TextSpec = TextSpec::new("claim.ask_why_not", &[Slot::text("paper")]);
pub const NOTED_WHY_NOT: TextSpec = TextSpec::new("claim.noted_why_not", &[Slot::text("paper")]);
pub const PAPER_PAGES: TextSpec = TextSpec::new("claim.paper_pages", &[Slot::number("count")]);
pub const GOT_PAGE: TextSpec = TextSpec::new("claim.got_page", &[Slot::text("paper"), Slot::number("page")]);
pub const ONE_MORE_PAGE: TextSpec = TextSpec::new("claim.one_more_page", &[Slot::text("paper")]);
pub const SLOT: TextSpec = TextSpec::new(
    "claim.slot",
    &[Slot::text("paper"), Slot::text("how"), Slot::text("pages").optional(), Slot::link("choices")],
);
pub const PAGE: TextSpec =
    TextSpec::new("claim.page", &[Slot::number("page"), Slot::time("when"), Slot::text("state")]);
pub const PAGE_COMING: TextSpec = TextSpec::new("claim.page_coming", &[]);
pub const PAGE_KEPT: TextSpec = TextSpec::new("claim.page_kept", &[]);
pub const PAGE_LOST: TextSpec = TextSpec::new("claim.page_lost", &[]);
pub const PAGE_UNCLEAR: TextSpec = TextSpec::new("claim.page_unclear", &[Slot::text("why")]);
pub const PAGE_REPEATED: TextSpec = TextSpec::new("claim.page_repeated", &[]);
pub const PAGE_ACCEPTED: TextSpec = TextSpec::new("claim.page_accepted", &[]);
pub const PAGE_REFUSED: TextSpec = TextSpec::new("claim.page_refused", &[Slot::text("why")]);
pub const REMOVED: TextSpec = TextSpec::new("claim.removed", &[]);
pub const WHICH_CLAIM: TextSpec =
    TextSpec::new("claim.which_claim", &[Slot::number("count"), Slot::link("choices")]);
pub const WHICH_PAPER: TextSpec = TextSpec::new(
    "claim.which_paper",
    &[
        Slot::text("number"),
        Slot::number("count"),
        Slot::time("when"),
        Slot::text("which"),
        Slot::link("choices"),
    ],
);
pub const THIS_PHOTO: TextSpec = TextSpec::new("claim.this_photo", &[]);
pub const NTH_PHOTO: TextSpec =
    TextSpec::new("claim.nth_photo", &[Slot::number("nth"), Slot::number("count")]);
pub const KEPT_UNSORTED: TextSpec = TextSpec::new("claim.kept_unsorted", &[Slot::number("count")]);
pub const REVIEW: TextSpec = TextSpec::new(
    "claim.review",
    &[
        Slot::text("number"),
        Slot::text("kind"),
        Slot::text("facts"),
        Slot::number("there"),
        Slot::number("needed"),
        Slot::text("limit").optional(),
        Slot::text("estimate"),
        Slot::link("missing"),
        Slot::link("choices"),
    ],
);
pub const ESTIMATE: TextSpec = TextSpec::new("claim.estimate", &[Slot::text("lines"), Slot::text("total")]);
pub const ESTIMATE_AT_MOST: TextSpec =
    TextSpec::new("claim.estimate_at_most", &[Slot::text("lines"), Slot::text("total")]);
pub const NO_ESTIMATE_YET: TextSpec =
    TextSpec::new("claim.no_estimate_yet", &[Slot::text("unknown").optional()]);
/// No cover is known, so nothing can be counted.
pub const NO_ESTIMATE: TextSpec = TextSpec::new("claim.no_estimate", &[Slot::text("no")]);
pub const UNCOVERED: TextSpec = TextSpec::new("claim.uncovered", &[Slot::text("no"), Slot::link("choices")]);
pub const MISSING: TextSpec = TextSpec::new("claim.missing", &[Slot::link("items")]);
pub const ASK_WHAT: TextSpec =
    TextSpec::new("claim.ask_what", &[Slot::text("facts").optional(), Slot::link("choices")]);
pub const SUBMITTED: TextSpec = TextSpec::new("claim.submitted", &[Slot::text("number"), Slot::time("due")]);
pub const SUBMITTED_UNCOVERED: TextSpec =
    TextSpec::new("claim.submitted_uncovered", &[Slot::text("number"), Slot::time("due")]);
pub const SETTLED: TextSpec = TextSpec::new("claim.settled", &[Slot::text("number"), Slot::time("due")]);
pub const HELD: TextSpec = TextSpec::new("claim.held", &[Slot::text("number"), Slot::time("due")]);
pub const EXTRA: TextSpec =
    TextSpec::new("claim.extra", &[Slot::text("programme"), Slot::text("disease"), Slot::link("link")]);
pub const SECOND_BEGUN: TextSpec = TextSpec::new("claim.second_begun", &[Slot::text("number")]);
pub const NONE: TextSpec = TextSpec::new("claim.none", &[Slot::link("choices")]);
pub const LIST: TextSpec = TextSpec::new("claim.list", &[Slot::link("items")]);
pub const NO_SUCH_NUMBER: TextSpec = TextSpec::new("claim.no_such_number", &[Slot::number("count")]);
/// No claim takes what was typed.
pub const NONE_FOR_IT: TextSpec = TextSpec::new("claim.none_for_it", &[Slot::text("what")]);
pub const NOTHING_TO_WITHDRAW: TextSpec = TextSpec::new("claim.nothing_to_withdraw", &[]);
pub const STATUS: TextSpec = TextSpec::new(
    "claim.status",
    &[
        Slot::text("number"),
        Slot::text("kind"),
        Slot::text("status"),
        Slot::text("timeline"),
        Slot::text("erased").optional(),
        Slot::text("excluded").optional(),
        Slot::text("pay_back").optional(),
        Slot::link("next").optional(),
        Slot::text("late").optional(),
        Slot::link("asked"),
        Slot::link("extra"),
        Slot::link("choices"),
    ],
);
/// What was told and sent for it is kept no longer.
pub const ERASED: TextSpec = TextSpec::new("claim.erased", &[]);
/// Its papers were false, and what follows.
pub const EXCLUDED: TextSpec = TextSpec::new("claim.excluded", &[Slot::text("until")]);
/// They were found false after it was paid.
pub const PAY_BACK: TextSpec = TextSpec::new("claim.pay_back", &[Slot::text("amount")]);
pub const BEGUN: TextSpec = TextSpec::new("claim.begun", &[]);
pub const APPEALED_THEN: TextSpec = TextSpec::new("claim.appealed_then", &[]);
pub const SENT_BACK: TextSpec = TextSpec::new("claim.sent_back", &[]);
pub const TAKEN_UP_AGAIN: TextSpec = TextSpec::new("claim.taken_up_again", &[]);
pub const SUM: TextSpec = TextSpec::new("claim.sum", &[Slot::text("lines"), Slot::text("total")]);
pub const ADJUSTED: TextSpec = TextSpec::new("claim.adjusted", &[Slot::text("amount")]);
pub const ADJUSTED_LINE: TextSpec =
    TextSpec::new("claim.adjusted_line", &[Slot::text("line"), Slot::text("amount")]);
pub const ASK_WITHDRAW: TextSpec =
    TextSpec::new("claim.ask_withdraw", &[Slot::text("number"), Slot::link("choices")]);
pub const WITHDRAWN: TextSpec = TextSpec::new("claim.withdrawn", &[Slot::text("number")]);
pub const ASK_APPEAL: TextSpec = TextSpec::new("claim.ask_appeal", &[Slot::text("number")]);
pub const APPEALED: TextSpec = TextSpec::new("claim.appealed", &[Slot::text("number")]);

const OF_A_LINE: &[Slot] = &[
    Slot::text("base").optional(),
    Slot::text("rate").optional(),
    Slot::number("count").optional(),
    Slot::text("amount").optional(),
];

/// Steps of how it was counted, by [`What::name`](crate::domain::scheme::rules::What::name).
/// In the place of `self_borne` while only the invoice is known.
pub const LINE_OF_INVOICE: TextSpec = TextSpec::new("claim_line.of_invoice", OF_A_LINE);
pub const LINES: &[(&str, &TextSpec)] = &[
    ("self_borne", &TextSpec::new("claim_line.self_borne", OF_A_LINE)),
    ("deductible", &TextSpec::new("claim_line.deductible", OF_A_LINE)),
    ("tier", &TextSpec::new("claim_line.tier", OF_A_LINE)),
    ("first_stay", &TextSpec::new("claim_line.first_stay", OF_A_LINE)),
    ("days", &TextSpec::new("claim_line.days", OF_A_LINE)),
    ("lump", &TextSpec::new("claim_line.lump", OF_A_LINE)),
    ("condolence", &TextSpec::new("claim_line.condolence", OF_A_LINE)),
    ("grade", &TextSpec::new("claim_line.grade", OF_A_LINE)),
    ("within_personal", &TextSpec::new("claim_line.within_personal", OF_A_LINE)),
    ("cap_stay", &TextSpec::new("claim_line.cap_stay", OF_A_LINE)),
    ("cap_period", &TextSpec::new("claim_line.cap_period", OF_A_LINE)),
    ("cap_life", &TextSpec::new("claim_line.cap_life", OF_A_LINE)),
    ("minimum", &TextSpec::new("claim_line.minimum", OF_A_LINE)),
    ("only_largest", &TextSpec::new("claim_line.only_largest", OF_A_LINE)),
];

const WITH_DUE: &[Slot] = &[Slot::text("due").optional(), Slot::number("days").optional()];

/// After a payment failed: the new account is there, and staff have yet to look at it.
pub const NEXT_ACCOUNT_TOLD: TextSpec = TextSpec::new("claim_next.account_told", WITH_DUE);

/// The account was told just after a move to another WeChat account, and staff have yet to look at it.
pub const TOLD_AFTER_MOVE: TextSpec = TextSpec::new("claim_next.told_after_move", &[Slot::number("days")]);
/// Somebody else looks at what was found false after the payment.
pub const NEXT_CONTESTED: TextSpec = TextSpec::new("claim_next.contested", WITH_DUE);

/// What was promised by then hasn't come.
pub const NEXT_OVERDUE: TextSpec = TextSpec::new("claim_next.overdue", WITH_DUE);

/// What comes next, by the status; some end it.
pub const NEXT: &[(&str, &TextSpec)] = &[
    ("draft", &TextSpec::new("claim_next.draft", WITH_DUE)),
    ("submitted", &TextSpec::new("claim_next.submitted", WITH_DUE)),
    ("needs_more", &TextSpec::new("claim_next.needs_more", WITH_DUE)),
    ("accepted", &TextSpec::new("claim_next.accepted", WITH_DUE)),
    ("reviewed", &TextSpec::new("claim_next.reviewed", WITH_DUE)),
    ("approved", &TextSpec::new("claim_next.approved", WITH_DUE)),
    ("paying", &TextSpec::new("claim_next.paying", WITH_DUE)),
    ("pay_failed", &TextSpec::new("claim_next.pay_failed", WITH_DUE)),
    ("rejected", &TextSpec::new("claim_next.rejected", WITH_DUE)),
    ("not_accepted", &TextSpec::new("claim_next.not_accepted", WITH_DUE)),
    ("expired", &TextSpec::new("claim_next.expired", WITH_DUE)),
    ("reversed", &TextSpec::new("claim_next.reversed", WITH_DUE)),
    ("written_off", &TextSpec::new("claim_next.written_off", WITH_DUE)),
];

/// Why a rule says no: of claims, and of covers under a scheme.
pub const REFUSALS: &[RefusalTexts] = &[
    RefusalTexts {
        code: "not_member",
        sentence: &TextSpec::new("claim_refusal.not_member", &[]),
        why: &TextSpec::new("claim_why.not_member", &[]),
    },
    RefusalTexts {
        code: "moved_away",
        sentence: &TextSpec::new("claim_refusal.moved_away", &[]),
        why: &TextSpec::new("claim_why.moved_away", &[]),
    },
    RefusalTexts {
        code: "no_scheme",
        sentence: &TextSpec::new("claim_refusal.no_scheme", &[]),
        why: &TextSpec::new("claim_why.no_scheme", &[]),
    },
    RefusalTexts {
        code: "unknown_claim",
        sentence: &TextSpec::new("claim_refusal.unknown_claim", &[]),
        why: &TextSpec::new("claim_why.unknown_claim", &[]),
    },
    RefusalTexts {
        code: "not_now",
        sentence: &TextSpec::new("claim_refusal.not_now", &[]),
        why: &TextSpec::new("claim_why.not_now", &[]),
    },
    RefusalTexts {
        code: "papers_missing",
        sentence: &TextSpec::new("claim_refusal.papers_missing", &[]),
        why: &TextSpec::new("claim_why.papers_missing", &[]),
    },
    RefusalTexts {
        code: "facts_missing",
        sentence: &TextSpec::new("claim_refusal.facts_missing", &[Slot::text("facts").optional()]),
        why: &TextSpec::new("claim_why.facts_missing", &[Slot::text("facts").optional()]),
    },
    RefusalTexts {
        code: "bank_not_allowed",
        sentence: &TextSpec::new("claim_refusal.bank_not_allowed", &[Slot::text("banks").optional()]),
        why: &TextSpec::new("claim_why.bank_not_allowed", &[Slot::text("banks").optional()]),
    },
    RefusalTexts {
        code: "appeal_over",
        sentence: &TextSpec::new("claim_refusal.appeal_over", &[Slot::time("until").optional()]),
        why: &TextSpec::new("claim_why.appeal_over", &[Slot::time("until").optional()]),
    },
    RefusalTexts {
        code: "appealed_already",
        sentence: &TextSpec::new("claim_refusal.appealed_already", &[]),
        why: &TextSpec::new("claim_why.appealed_already", &[]),
    },
    RefusalTexts {
        code: "nothing_to_pay",
        sentence: &TextSpec::new("claim_refusal.nothing_to_pay", &[]),
        why: &TextSpec::new("claim_why.nothing_to_pay", &[]),
    },
    RefusalTexts {
        code: "held",
        sentence: &TextSpec::new("claim_refusal.held", &[]),
        why: &TextSpec::new("claim_why.held", &[]),
    },
    RefusalTexts {
        code: "too_many_pages",
        sentence: &TextSpec::new("claim_refusal.too_many_pages", &[Slot::number("max").optional()]),
        why: &TextSpec::new("claim_why.too_many_pages", &[Slot::number("max").optional()]),
    },
    RefusalTexts {
        code: "too_many_open",
        sentence: &TextSpec::new("claim_refusal.too_many_open", &[Slot::number("max").optional()]),
        why: &TextSpec::new("claim_why.too_many_open", &[Slot::number("max").optional()]),
    },
    RefusalTexts {
        code: "no_cover",
        sentence: &TextSpec::new("claim_refusal.no_cover", &[]),
        why: &TextSpec::new("claim_why.no_cover", &[]),
    },
    RefusalTexts {
        code: "no_relatives",
        sentence: &TextSpec::new("claim_refusal.no_relatives", &[]),
        why: &TextSpec::new("claim_why.no_relatives", &[]),
    },
    RefusalTexts {
        code: "kind_not_covered",
        sentence: &TextSpec::new("claim_refusal.kind_not_covered", &[Slot::text("kind").optional()]),
        why: &TextSpec::new("claim_why.kind_not_covered", &[Slot::text("kind").optional()]),
    },
    RefusalTexts {
        code: "outside_cover",
        sentence: &TextSpec::new(
            "claim_refusal.outside_cover",
            &[Slot::text("from").optional(), Slot::text("until").optional()],
        ),
        why: &TextSpec::new(
            "claim_why.outside_cover",
            &[Slot::text("from").optional(), Slot::text("until").optional()],
        ),
    },
    RefusalTexts {
        code: "waiting",
        sentence: &TextSpec::new("claim_refusal.waiting", &[Slot::text("until").optional()]),
        why: &TextSpec::new("claim_why.waiting", &[Slot::text("until").optional()]),
    },
    RefusalTexts {
        code: "excluded",
        sentence: &TextSpec::new("claim_refusal.excluded", &[Slot::text("until").optional()]),
        why: &TextSpec::new("claim_why.excluded", &[Slot::text("until").optional()]),
    },
    RefusalTexts {
        code: "day_unknown",
        sentence: &TextSpec::new("claim_refusal.day_unknown", &[]),
        why: &TextSpec::new("claim_why.day_unknown", &[]),
    },
    RefusalTexts {
        code: "amount_unknown",
        sentence: &TextSpec::new("claim_refusal.amount_unknown", &[]),
        why: &TextSpec::new("claim_why.amount_unknown", &[]),
    },
    RefusalTexts {
        code: "days_unknown",
        sentence: &TextSpec::new("claim_refusal.days_unknown", &[]),
        why: &TextSpec::new("claim_why.days_unknown", &[]),
    },
    RefusalTexts {
        code: "disease_unknown",
        sentence: &TextSpec::new("claim_refusal.disease_unknown", &[]),
        why: &TextSpec::new("claim_why.disease_unknown", &[]),
    },
    RefusalTexts {
        code: "disease_not_listed",
        sentence: &TextSpec::new("claim_refusal.disease_not_listed", &[]),
        why: &TextSpec::new("claim_why.disease_not_listed", &[]),
    },
    RefusalTexts {
        code: "grade_unknown",
        sentence: &TextSpec::new("claim_refusal.grade_unknown", &[]),
        why: &TextSpec::new("claim_why.grade_unknown", &[]),
    },
    RefusalTexts {
        code: "grade_not_listed",
        sentence: &TextSpec::new("claim_refusal.grade_not_listed", &[Slot::number("grade").optional()]),
        why: &TextSpec::new("claim_why.grade_not_listed", &[Slot::number("grade").optional()]),
    },
    RefusalTexts {
        code: "circumstances",
        sentence: &TextSpec::new("claim_refusal.circumstances", &[]),
        why: &TextSpec::new("claim_why.circumstances", &[]),
    },
    RefusalTexts {
        code: "below_deductible",
        sentence: &TextSpec::new("claim_refusal.below_deductible", &[Slot::text("deductible").optional()]),
        why: &TextSpec::new("claim_why.below_deductible", &[Slot::text("deductible").optional()]),
    },
    RefusalTexts {
        code: "nothing_borne",
        sentence: &TextSpec::new("claim_refusal.nothing_borne", &[]),
        why: &TextSpec::new("claim_why.nothing_borne", &[]),
    },
    RefusalTexts {
        code: "too_few_days",
        sentence: &TextSpec::new("claim_refusal.too_few_days", &[Slot::number("from_day").optional()]),
        why: &TextSpec::new("claim_why.too_few_days", &[Slot::number("from_day").optional()]),
    },
    RefusalTexts {
        code: "cap_reached",
        sentence: &TextSpec::new("claim_refusal.cap_reached", &[Slot::text("cap").optional()]),
        why: &TextSpec::new("claim_why.cap_reached", &[Slot::text("cap").optional()]),
    },
    RefusalTexts {
        code: "paid_before",
        sentence: &TextSpec::new("claim_refusal.paid_before", &[]),
        why: &TextSpec::new("claim_why.paid_before", &[]),
    },
    RefusalTexts {
        code: "ended_by_payment",
        sentence: &TextSpec::new("claim_refusal.ended_by_payment", &[]),
        why: &TextSpec::new("claim_why.ended_by_payment", &[]),
    },
];

const SAID: &[&TextSpec] = &[
    &HOME,
    &HEALTH_CONSENT,
    &BANK_CONSENT,
    &CONSENT,
    &NOT_AGREED,
    &NO_ACCOUNT_YET,
    &RESUME,
    &STANDS,
    &LIST_AGAIN,
    &ASK_WHOM,
    &ASK_RELATION,
    &ASK_RELATIVE_NAME,
    &ASK_RELATIVE_IDENTITY,
    &RELATIVE_NOT_FOUND,
    &ASK_KIND,
    &ASK_OTHER_KIND,
    &ASK_HOSPITAL,
    &ASK_ADMITTED,
    &ASK_DISCHARGED,
    &ASK_DIAGNOSED,
    &ASK_HAPPENED,
    &ASK_DIED,
    &ASK_DIAGNOSIS,
    &ASK_DISEASE,
    &ASK_OPERATED,
    &ASK_CAUSE,
    &ASK_STAY,
    &ASK_GRADE,
    &ASK_UNIT,
    &ASK_OUT_OF_TOWN,
    &ASK_INSURANCE,
    &ASK_WHICH_FIELD,
    &ASK_INVOICE_AMOUNT,
    &ASK_INVOICE_NUMBER,
    &ASK_INVOICE_CODE,
    &ASK_INVOICE_DATE,
    &STANDS_SO,
    &CORRECTED,
    &CORRECTED_WANTS_MORE,
    &NOT_CORRECTED,
    &ASK_WORDS,
    &WORDS_NOTED,
    &FILE_BY,
    &LATE,
    &LATE_SAY_WHY,
    &TOO_EARLY,
    &SUBMITTED_LATE,
    &NEXT_ACCOUNT_TOLD,
    &TOLD_AFTER_MOVE,
    &PAY_BACK,
    &NEXT_CONTESTED,
    &NEXT_OVERDUE,
    &WRONG_WORDS,
    &NO_HOSPITAL,
    &NO_DIAGNOSIS,
    &WRONG_DAY,
    &DAY_TAKEN,
    &STAY_TAKEN,
    &NOT_OUT_YET,
    &DAYS_OUT_OF_ORDER,
    &DAY_AGAIN,
    &ASK_HOLDER,
    &ASK_ACCOUNT,
    &WRONG_ACCOUNT,
    &ASK_BANK,
    &ACCOUNT_CORRECTED,
    &PAPERS,
    &SEND_PAPER,
    &ALL_THERE,
    &NO_PAPERS,
    &NO_COVER_PAPERS,
    &PAPER_ASKED,
    &NOTHING_MORE,
    &PAPER_OUT_OF_REACH,
    &ASK_WHY_NOT,
    &NOTED_WHY_NOT,
    &PAPER_PAGES,
    &GOT_PAGE,
    &ONE_MORE_PAGE,
    &SLOT,
    &PAGE,
    &PAGE_COMING,
    &PAGE_KEPT,
    &PAGE_LOST,
    &PAGE_UNCLEAR,
    &PAGE_REPEATED,
    &PAGE_ACCEPTED,
    &PAGE_REFUSED,
    &REMOVED,
    &WHICH_CLAIM,
    &WHICH_PAPER,
    &THIS_PHOTO,
    &NTH_PHOTO,
    &KEPT_UNSORTED,
    &REVIEW,
    &ESTIMATE,
    &ESTIMATE_AT_MOST,
    &NO_ESTIMATE_YET,
    &NO_ESTIMATE,
    &UNCOVERED,
    &MISSING,
    &ASK_WHAT,
    &SUBMITTED,
    &SUBMITTED_UNCOVERED,
    &SETTLED,
    &HELD,
    &EXTRA,
    &SECOND_BEGUN,
    &NONE,
    &LIST,
    &NO_SUCH_NUMBER,
    &NONE_FOR_IT,
    &NOTHING_TO_WITHDRAW,
    &STATUS,
    &ERASED,
    &EXCLUDED,
    &BEGUN,
    &APPEALED_THEN,
    &SENT_BACK,
    &TAKEN_UP_AGAIN,
    &SUM,
    &LINE_OF_INVOICE,
    &ADJUSTED,
    &ADJUSTED_LINE,
    &ASK_WITHDRAW,
    &WITHDRAWN,
    &ASK_APPEAL,
    &APPEALED,
];

/// For `check`: all of the above but the refusals.
pub fn all() -> impl Iterator<Item = &'static TextSpec> {
    let named = [LINES, NEXT].into_iter().flatten().map(|(_, spec)| *spec);
    SAID.iter().copied().chain(named)
}
