use crate::content::{Slot, TextSpec};

/// What is said when a rule says no, and what «为什么» answers then.
#[derive(Clone, Copy)]
pub struct RefusalTexts {
    pub code: &'static str,
    pub sentence: &'static TextSpec,
    pub why: &'static TextSpec,
}

/// Those of a code. A test walks every code; the first row is only the last resort.
pub fn refusal(all: &[RefusalTexts], code: &str) -> RefusalTexts {
    *all.iter().find(|texts| texts.code == code).unwrap_or(&all[0])
}

pub const ACTIVITY_REFUSALS: &[RefusalTexts] = &[
    RefusalTexts {
        code: "unknown_activity",
        sentence: &TextSpec::new("refusal.unknown_activity", &[]),
        why: &TextSpec::new("why.unknown_activity", &[]),
    },
    RefusalTexts {
        code: "called_off",
        sentence: &TextSpec::new("refusal.called_off", &[Slot::text("reason").optional()]),
        why: &TextSpec::new("why.called_off", &[Slot::text("reason").optional()]),
    },
    RefusalTexts {
        code: "not_yet_open",
        sentence: &TextSpec::new("refusal.not_yet_open", &[Slot::time("opens").optional()]),
        why: &TextSpec::new("why.not_yet_open", &[Slot::time("opens").optional()]),
    },
    RefusalTexts {
        code: "closed",
        sentence: &TextSpec::new("refusal.closed", &[Slot::time("closed").optional()]),
        why: &TextSpec::new("why.closed", &[Slot::time("closed").optional()]),
    },
    RefusalTexts {
        code: "unknown_session",
        sentence: &TextSpec::new("refusal.unknown_session", &[]),
        why: &TextSpec::new("why.unknown_session", &[]),
    },
    RefusalTexts {
        code: "session_started",
        sentence: &TextSpec::new("refusal.session_started", &[Slot::time("started").optional()]),
        why: &TextSpec::new("why.session_started", &[Slot::time("started").optional()]),
    },
    RefusalTexts {
        code: "already_holds",
        sentence: &TextSpec::new(
            "refusal.already_holds",
            &[Slot::text("number").optional(), Slot::text("state").optional()],
        ),
        why: &TextSpec::new(
            "why.already_holds",
            &[Slot::text("number").optional(), Slot::text("state").optional()],
        ),
    },
    RefusalTexts {
        code: "held_elsewhere",
        sentence: &TextSpec::new("refusal.held_elsewhere", &[]),
        why: &TextSpec::new("why.held_elsewhere", &[]),
    },
    RefusalTexts {
        code: "kept_for_others",
        sentence: &TextSpec::new(
            "refusal.kept_for_others",
            &[
                Slot::number("needed").optional(),
                Slot::number("left").optional(),
                Slot::time("opens").optional(),
            ],
        ),
        why: &TextSpec::new(
            "why.kept_for_others",
            &[
                Slot::number("needed").optional(),
                Slot::number("left").optional(),
                Slot::time("opens").optional(),
            ],
        ),
    },
    RefusalTexts {
        code: "kept_for_good",
        sentence: &TextSpec::new(
            "refusal.kept_for_good",
            &[Slot::number("needed").optional(), Slot::number("left").optional()],
        ),
        why: &TextSpec::new(
            "why.kept_for_good",
            &[Slot::number("needed").optional(), Slot::number("left").optional()],
        ),
    },
    RefusalTexts {
        code: "person_limit",
        sentence: &TextSpec::new("refusal.person_limit", &[Slot::number("max").optional()]),
        why: &TextSpec::new("why.person_limit", &[Slot::number("max").optional()]),
    },
    RefusalTexts {
        code: "not_tagged",
        sentence: &TextSpec::new("refusal.not_tagged", &[]),
        why: &TextSpec::new("why.not_tagged", &[]),
    },
    RefusalTexts {
        code: "wrong_adult_age",
        sentence: &TextSpec::new(
            "refusal.wrong_adult_age",
            &[Slot::number("min").optional(), Slot::number("max").optional()],
        ),
        why: &TextSpec::new(
            "why.wrong_adult_age",
            &[Slot::number("min").optional(), Slot::number("max").optional()],
        ),
    },
    RefusalTexts {
        code: "consent_missing",
        sentence: &TextSpec::new("refusal.consent_missing", &[Slot::text("consent").optional()]),
        why: &TextSpec::new("why.consent_missing", &[Slot::text("consent").optional()]),
    },
    RefusalTexts {
        code: "attended_too_little",
        sentence: &TextSpec::new(
            "refusal.attended_too_little",
            &[
                Slot::text("series").optional(),
                Slot::number("came").optional(),
                Slot::number("of").optional(),
                Slot::number("min").optional(),
            ],
        ),
        why: &TextSpec::new(
            "why.attended_too_little",
            &[
                Slot::text("series").optional(),
                Slot::number("came").optional(),
                Slot::number("of").optional(),
                Slot::number("min").optional(),
            ],
        ),
    },
    RefusalTexts {
        code: "full",
        sentence: &TextSpec::new(
            "refusal.full",
            &[Slot::number("needed").optional(), Slot::number("left").optional()],
        ),
        why: &TextSpec::new(
            "why.full",
            &[Slot::number("needed").optional(), Slot::number("left").optional()],
        ),
    },
    RefusalTexts {
        code: "waiting_list_full",
        sentence: &TextSpec::new("refusal.waiting_list_full", &[Slot::number("waiting").optional()]),
        why: &TextSpec::new("why.waiting_list_full", &[Slot::number("waiting").optional()]),
    },
    RefusalTexts {
        code: "series_limit",
        sentence: &TextSpec::new(
            "refusal.series_limit",
            &[Slot::text("series").optional(), Slot::number("max").optional()],
        ),
        why: &TextSpec::new(
            "why.series_limit",
            &[Slot::text("series").optional(), Slot::number("max").optional()],
        ),
    },
    RefusalTexts {
        code: "party_too_large",
        sentence: &TextSpec::new(
            "refusal.party_too_large",
            &[Slot::number("companions").optional(), Slot::number("children").optional()],
        ),
        why: &TextSpec::new(
            "why.party_too_large",
            &[Slot::number("companions").optional(), Slot::number("children").optional()],
        ),
    },
    RefusalTexts {
        code: "too_few_children",
        sentence: &TextSpec::new("refusal.too_few_children", &[Slot::number("min").optional()]),
        why: &TextSpec::new("why.too_few_children", &[Slot::number("min").optional()]),
    },
    RefusalTexts {
        code: "wrong_child_age",
        sentence: &TextSpec::new(
            "refusal.wrong_child_age",
            &[Slot::number("min").optional(), Slot::number("max").optional()],
        ),
        why: &TextSpec::new(
            "why.wrong_child_age",
            &[Slot::number("min").optional(), Slot::number("max").optional()],
        ),
    },
    RefusalTexts {
        code: "answer_missing",
        sentence: &TextSpec::new("refusal.answer_missing", &[]),
        why: &TextSpec::new("why.answer_missing", &[]),
    },
    RefusalTexts {
        code: "answer_wrong",
        sentence: &TextSpec::new("refusal.answer_wrong", &[]),
        why: &TextSpec::new("why.answer_wrong", &[]),
    },
    RefusalTexts {
        code: "notice_not_agreed",
        sentence: &TextSpec::new("refusal.notice_not_agreed", &[]),
        why: &TextSpec::new("why.notice_not_agreed", &[]),
    },
    RefusalTexts {
        code: "not_signed_up",
        sentence: &TextSpec::new("refusal.not_signed_up", &[]),
        why: &TextSpec::new("why.not_signed_up", &[]),
    },
    RefusalTexts {
        code: "deadline_passed",
        sentence: &TextSpec::new("refusal.deadline_passed", &[Slot::time("deadline").optional()]),
        why: &TextSpec::new("why.deadline_passed", &[Slot::time("deadline").optional()]),
    },
    RefusalTexts {
        code: "too_many_choices",
        sentence: &TextSpec::new("refusal.too_many_choices", &[Slot::number("max").optional()]),
        why: &TextSpec::new("why.too_many_choices", &[Slot::number("max").optional()]),
    },
    RefusalTexts {
        code: "draw_running",
        sentence: &TextSpec::new("refusal.draw_running", &[]),
        why: &TextSpec::new("why.draw_running", &[]),
    },
    RefusalTexts {
        code: "offer_gone",
        sentence: &TextSpec::new("refusal.offer_gone", &[Slot::time("until").optional()]),
        why: &TextSpec::new("why.offer_gone", &[Slot::time("until").optional()]),
    },
    RefusalTexts {
        code: "no_offer",
        sentence: &TextSpec::new("refusal.no_offer", &[]),
        why: &TextSpec::new("why.no_offer", &[]),
    },
    RefusalTexts {
        code: "barred",
        sentence: &TextSpec::new(
            "refusal.barred",
            &[
                Slot::time("until").optional(),
                Slot::text("absences").optional(),
                Slot::number("days").optional(),
            ],
        ),
        why: &TextSpec::new(
            "why.barred",
            &[
                Slot::time("until").optional(),
                Slot::text("absences").optional(),
                Slot::number("days").optional(),
            ],
        ),
    },
    RefusalTexts {
        code: "period_limit",
        sentence: &TextSpec::new(
            "refusal.period_limit",
            &[
                Slot::text("series").optional(),
                Slot::number("max").optional(),
                Slot::text("period").optional(),
            ],
        ),
        why: &TextSpec::new(
            "why.period_limit",
            &[
                Slot::text("series").optional(),
                Slot::number("max").optional(),
                Slot::text("period").optional(),
            ],
        ),
    },
    RefusalTexts {
        code: "cooling_down",
        sentence: &TextSpec::new(
            "refusal.cooling_down",
            &[
                Slot::text("series").optional(),
                Slot::number("days").optional(),
                Slot::time("from").optional(),
            ],
        ),
        why: &TextSpec::new(
            "why.cooling_down",
            &[
                Slot::text("series").optional(),
                Slot::number("days").optional(),
                Slot::time("from").optional(),
            ],
        ),
    },
    RefusalTexts {
        code: "rounds_to_wait",
        sentence: &TextSpec::new(
            "refusal.rounds_to_wait",
            &[
                Slot::text("series").optional(),
                Slot::number("rounds").optional(),
                Slot::number("left").optional(),
            ],
        ),
        why: &TextSpec::new(
            "why.rounds_to_wait",
            &[
                Slot::text("series").optional(),
                Slot::number("rounds").optional(),
                Slot::number("left").optional(),
            ],
        ),
    },
    RefusalTexts {
        code: "nothing_to_check_in",
        sentence: &TextSpec::new("refusal.nothing_to_check_in", &[]),
        why: &TextSpec::new("why.nothing_to_check_in", &[]),
    },
    RefusalTexts {
        code: "check_in_not_yet",
        sentence: &TextSpec::new("refusal.check_in_not_yet", &[Slot::time("from").optional()]),
        why: &TextSpec::new("why.check_in_not_yet", &[Slot::time("from").optional()]),
    },
    RefusalTexts {
        code: "check_in_over",
        sentence: &TextSpec::new("refusal.check_in_over", &[Slot::time("until").optional()]),
        why: &TextSpec::new("why.check_in_over", &[Slot::time("until").optional()]),
    },
    RefusalTexts {
        code: "wrong_code",
        sentence: &TextSpec::new("refusal.wrong_code", &[Slot::number("left").optional()]),
        why: &TextSpec::new("why.wrong_code", &[Slot::number("left").optional()]),
    },
    RefusalTexts {
        code: "checked_in",
        sentence: &TextSpec::new("refusal.checked_in", &[]),
        why: &TextSpec::new("why.checked_in", &[]),
    },
    RefusalTexts {
        code: "no_kit",
        sentence: &TextSpec::new("refusal.no_kit", &[]),
        why: &TextSpec::new("why.no_kit", &[]),
    },
    RefusalTexts {
        code: "kit_sent",
        sentence: &TextSpec::new("refusal.kit_sent", &[Slot::text("tracking").optional()]),
        why: &TextSpec::new("why.kit_sent", &[Slot::text("tracking").optional()]),
    },
    RefusalTexts {
        code: "nothing_to_appeal",
        sentence: &TextSpec::new("refusal.nothing_to_appeal", &[]),
        why: &TextSpec::new("why.nothing_to_appeal", &[]),
    },
    RefusalTexts {
        code: "already_appealed",
        sentence: &TextSpec::new("refusal.already_appealed", &[]),
        why: &TextSpec::new("why.already_appealed", &[]),
    },
];

pub const INELIGIBLE: &[RefusalTexts] = &[
    RefusalTexts {
        code: "members_only",
        sentence: &TextSpec::new("ineligible.members_only", &[]),
        why: &TextSpec::new("ineligible_why.members_only", &[]),
    },
    RefusalTexts {
        code: "not_in_union",
        sentence: &TextSpec::new("ineligible.not_in_union", &[Slot::text("state").optional()]),
        why: &TextSpec::new("ineligible_why.not_in_union", &[Slot::text("state").optional()]),
    },
    RefusalTexts {
        code: "card_holders_only",
        sentence: &TextSpec::new("ineligible.card_holders_only", &[]),
        why: &TextSpec::new("ineligible_why.card_holders_only", &[]),
    },
    RefusalTexts {
        code: "card_expired",
        sentence: &TextSpec::new("ineligible.card_expired", &[]),
        why: &TextSpec::new("ineligible_why.card_expired", &[]),
    },
    RefusalTexts {
        code: "card_lost",
        sentence: &TextSpec::new("ineligible.card_lost", &[]),
        why: &TextSpec::new("ineligible_why.card_lost", &[]),
    },
    RefusalTexts {
        code: "wrong_tier",
        sentence: &TextSpec::new("ineligible.wrong_tier", &[Slot::text("tiers").optional()]),
        why: &TextSpec::new("ineligible_why.wrong_tier", &[Slot::text("tiers").optional()]),
    },
    RefusalTexts {
        code: "wrong_district",
        sentence: &TextSpec::new("ineligible.wrong_district", &[Slot::text("districts").optional()]),
        why: &TextSpec::new("ineligible_why.wrong_district", &[Slot::text("districts").optional()]),
    },
    RefusalTexts {
        code: "wrong_union",
        sentence: &TextSpec::new("ineligible.wrong_union", &[Slot::text("unions").optional()]),
        why: &TextSpec::new("ineligible_why.wrong_union", &[Slot::text("unions").optional()]),
    },
    RefusalTexts {
        code: "changes_union",
        sentence: &TextSpec::new("ineligible.changes_union", &[]),
        why: &TextSpec::new("ineligible_why.changes_union", &[]),
    },
    RefusalTexts {
        code: "wrong_age",
        sentence: &TextSpec::new(
            "ineligible.wrong_age",
            &[Slot::number("min").optional(), Slot::number("max").optional()],
        ),
        why: &TextSpec::new(
            "ineligible_why.wrong_age",
            &[Slot::number("min").optional(), Slot::number("max").optional()],
        ),
    },
    RefusalTexts {
        code: "wrong_sex",
        sentence: &TextSpec::new("ineligible.wrong_sex", &[Slot::text("sex").optional()]),
        why: &TextSpec::new("ineligible_why.wrong_sex", &[Slot::text("sex").optional()]),
    },
    RefusalTexts {
        code: "bound_too_lately",
        sentence: &TextSpec::new(
            "ineligible.bound_too_lately",
            &[Slot::number("days").optional(), Slot::time("from").optional()],
        ),
        why: &TextSpec::new(
            "ineligible_why.bound_too_lately",
            &[Slot::number("days").optional(), Slot::time("from").optional()],
        ),
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::activity::rules::Refusal;
    use crate::domain::eligibility::Ineligible;
    use crate::domain::scheme::rules::NotCovered;

    #[test]
    fn every_refusal_has_its_sentence() {
        let of_claims = [crate::domain::claim::rules::Refusal::CODES, NotCovered::CODES].concat();
        let rooms = [
            (super::super::claiming::REFUSALS, of_claims.as_slice()),
            (ACTIVITY_REFUSALS, Refusal::CODES),
            (INELIGIBLE, Ineligible::CODES),
            (super::super::welfare::REFUSALS, crate::domain::benefit::rules::Refusal::CODES),
        ];
        for (texts, codes) in rooms {
            let named: Vec<&str> = texts.iter().map(|texts| texts.code).collect();
            assert_eq!(named, codes);
        }
    }
}
