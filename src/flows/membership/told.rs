//! Of every table, what its people are told when they ask for all that is kept of them: a new one can't be forgotten.

use std::collections::BTreeSet;

use crate::domain::tables::CATALOG;

/// What comes of a table here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// Its rows, or what they count, are among the lines.
    Lines,
    /// Not among them, and the end of the lines says so and how to see it.
    OnRequest,
    /// It leads to rows that are told, counts them, or is gone within days; it holds nothing more of a person.
    Leads,
    /// Nothing of a follower.
    Nobody,
}

/// By the tables' names.
const TABLES: &[(&str, Told)] = {
    use Told::*;
    &[
        ("contacts", Lines),
        ("timers", Leads),
        ("timers_failing", Leads),
        ("members", Lines),
        ("by_identity", Leads),
        ("bindings", Leads),
        ("parted", Leads),
        ("tries", Leads),
        ("consents", Lines),
        ("consent_texts", Nobody),
        ("looks", Lines),
        ("applications", Lines),
        ("applications_open", Leads),
        ("applications_of", Leads),
        ("imports", Nobody),
        ("key_book_mark", Nobody),
        ("marks", Nobody),
        ("profiles", Lines),
        ("shared_answers", Nobody),
        ("activities", Nobody),
        ("session_counts", Nobody),
        ("registrations", Lines),
        ("places", Leads),
        ("waiting", Leads),
        ("listed", Nobody),
        ("series_places", Leads),
        ("announcements", Nobody),
        ("histories", Lines),
        ("skips", Leads),
        ("held", Leads),
        ("series_held", Leads),
        ("kits", Lines),
        ("appeals", Lines),
        ("series_rules", Nobody),
        ("series_rounds", Nobody),
        ("draws", Nobody),
        ("draw_entries", Leads),
        ("draw_tickets", Leads),
        ("draw_order", Leads),
        ("draw_given", Nobody),
        ("secrets", Nobody),
        ("outbox", OnRequest),
        ("mailboxes", Leads),
        ("outbox_pending", Leads),
        ("outbox_due", Leads),
        ("outbox_in_flight", Leads),
        ("access_tokens", Nobody),
        ("follower_sync", Nobody),
        ("tag_changes", Leads),
        ("media", Lines),
        ("media_due", Leads),
        ("media_of", Leads),
        ("media_until", Leads),
        ("documents", Leads),
        ("documents_unused", Leads),
        ("counters", Nobody),
        ("trail", OnRequest),
        ("answers", OnRequest),
        ("broadcasts", Nobody),
        ("runs", Nobody),
        ("ledger", OnRequest),
        ("queued", Leads),
        ("flights", Leads),
        ("lists", OnRequest),
        ("open_broadcasts", Nobody),
        ("chunks", Nobody),
        ("mass_jobs", Nobody),
        ("previews", Nobody),
        ("choices", Lines),
        ("benefits", Nobody),
        ("stocks", Nobody),
        ("releases", Nobody),
        ("coupons", Lines),
        ("codes", Leads),
        ("coupons_of", Leads),
        ("had", Leads),
        ("wallets", Lines),
        ("lots", Nobody),
        ("release_reminders", OnRequest),
        ("tickets", OnRequest),
        ("benefit_lists", OnRequest),
        ("code_keys", Nobody),
        ("shown_benefits", Nobody),
        ("claims", Lines),
        ("claim_moves", Leads),
        ("claim_pages", OnRequest),
        ("claim_pictures", Leads),
        ("claim_sums", Leads),
        ("claims_of", Leads),
        ("claims_for", Leads),
        ("claims_by_age", Leads),
        ("claims_by_amount", Leads),
        ("claims_assigned", Leads),
        ("claims_due", Leads),
        ("papers", Leads),
        ("papers_of", Leads),
        ("claim_notes", OnRequest),
        ("claim_news", Leads),
        ("claims_sampled", Leads),
        ("pay_batches", Nobody),
        ("pay_lines", OnRequest),
        ("pay_open", Nobody),
        ("fund_books", Nobody),
        ("fund_entries", Nobody),
        ("fund_taken_back", Nobody),
        ("fund_corrections", Nobody),
        ("fund_totals", Nobody),
        ("schemes", Nobody),
        ("programmes", Nobody),
        ("policies", Lines),
        ("refunds", OnRequest),
        ("ended_places", OnRequest),
        ("unit_terms", Nobody),
        ("entered_terms", Nobody),
        ("enrolments", Nobody),
        ("calendar", Nobody),
        ("nights", Nobody),
        ("resealing", Nobody),
        ("missed", Nobody),
        ("missed_count", Nobody),
        ("ticket_holders", Leads),
        ("quiz_tries", Lines),
        ("cases", Lines),
        ("case_answers", Lines),
        ("case_entries", Lines),
        ("cases_of", Leads),
        ("cases_by_state", Leads),
        ("cases_by_kind", Leads),
        ("cases_assigned", Leads),
        ("cases_due", Leads),
        ("case_proposals", OnRequest),
        ("case_proposed", Leads),
        ("case_rounds", Nobody),
        ("case_news", Leads),
        ("case_blocks", Leads),
    ]
};

#[test]
fn of_every_table_it_is_decided_what_its_people_are_told() {
    let told: BTreeSet<&str> = TABLES.iter().map(|(name, _)| *name).collect();
    let kept: BTreeSet<&str> = CATALOG.iter().map(|table| table.name).collect();
    assert_eq!(told, kept);
    assert_eq!(told.len(), TABLES.len(), "each once");
}

#[test]
fn what_is_said_to_be_told_is_read_where_the_lines_are_made() {
    // By the constant, or by the function of its room that reads it.
    let readers = [
        ("consents", "consent::all"),
        ("histories", "history::of"),
        ("wallets", "wallet::of"),
        ("coupons", "keep::mine"),
        ("registrations", "holder::mine"),
        ("members", "member_of"),
        ("policies", "policies("),
        ("claims", "claims::of_member"),
        ("cases", "cases::of_follower"),
        ("case_answers", "entries::answers"),
        ("case_entries", "entries::of"),
        ("media", "pictures("),
        ("choices", "reach.topics"),
    ];
    let code = include_str!("kept.rs");
    for (table, told) in TABLES.iter().filter(|(_, told)| *told == Told::Lines) {
        let reader = readers.iter().find(|(name, _)| name == table);
        let reader =
            reader.map_or_else(|| format!("&{},", table.to_uppercase()), |(_, reader)| (*reader).to_owned());
        assert!(code.contains(&reader), "{table} is {told:?}, and nothing reads it: {reader}");
    }
}
