//! Where a setting stands that somebody wrote in another place, or by another name.

use crate::staff::form;

/// Settings that are looked for under another name, or in another place: those of the domain rules among them.
pub const ELSEWHERE: &[form::Elsewhere] = &[form::ELIGIBILITY, NAMED];

const NAMED: form::Elsewhere = &[
    ("opens", "sign_up.opens"),
    ("opens_at", "sign_up.opens"),
    ("closes", "sign_up.closes"),
    ("closes_at", "sign_up.closes"),
    ("cancel_before", "sign_up.cancel_before"),
    ("cancel_until", "sign_up.cancel_before"),
    ("late_cancel", "sign_up.late_cancel"),
    ("starts", "sessions.starts"),
    ("ends", "sessions.ends"),
    ("capacity", "sessions.capacity"),
    ("quota", "sessions.capacity"),
    ("sex", "eligibility.sex"),
    ("min_bind_age", "eligibility.bound_days"),
    ("waitlist", "waiting_list"),
    ("checkin", "check_in"),
    ("per_period", "series.per_period"),
    ("max_per_person", "series.max_per_person"),
    ("cool_down_rounds", "series.cool_down_rounds"),
    ("seats_by", "party.seats_by"),
    ("max_companions", "party.max_companions"),
    ("max_children", "party.max_children"),
    ("child_age", "party.child_age"),
    ("lesson", "online.link"),
    ("link", "online.link"),
    ("location", "place"),
];
