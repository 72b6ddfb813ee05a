//! Every table of the service, in one list. A prefix is never used again for something else.

use crate::domain::access::AccessToken;
use crate::domain::activity::attendance::Appeal;
use crate::domain::activity::draw::{Draw, Entry as DrawEntry};
use crate::domain::activity::history::History;
use crate::domain::activity::kit::Kit;
use crate::domain::activity::manage::Announcement;
use crate::domain::activity::record::{Activity, Profile, Registration, SessionCount, Waiter};
use crate::domain::activity::waiting::Skip;
use crate::domain::benefit::code::CodeHash;
use crate::domain::benefit::record::{Benefit, Coupon, Had, Lot, QuizTries, Release, Stock, Try};
use crate::domain::benefit::wallet::Wallet;
use crate::domain::broadcast::ledger::{Chunk, Entry, Flight, MassJob, Queued, Run};
use crate::domain::broadcast::preview::Preview;
use crate::domain::broadcast::record::Broadcast;
use crate::domain::case::news::News as CaseNews;
use crate::domain::case::record::{
    Answer as CaseAnswer, Case, CaseId, Entry as CaseEntry, Proposal, Status as CaseStatus,
};
use crate::domain::case::rounds::RoundKey;
use crate::domain::claim::news::News;
use crate::domain::claim::notes::Note;
use crate::domain::claim::papers::PaperKey;
use crate::domain::claim::payment::{Batch, Line as PayLine};
use crate::domain::claim::record::{
    Claim, ClaimId, Move, Outline, Page, Status as ClaimStatus, Sum, Summary,
};
use crate::domain::contact::choice::Choice;
use crate::domain::contact::record::{Contact, FollowerId};
use crate::domain::contact::shared::SharedKey;
use crate::domain::followers::Pull;
use crate::domain::fund::correct::Correction;
use crate::domain::fund::record::{
    Book, Entry as FundEntry, Kind as FundKind, Standing as BookStanding, Total,
};
use crate::domain::media::record::Media;
use crate::domain::member::parted::Parted;
use crate::domain::member::record::{Application, Consent, Import, Look, Member, MemberId, Tries};
use crate::domain::member::standing::Person;
use crate::domain::nightly::Night;
use crate::domain::outbox::record::Outgoing;
use crate::domain::question::record::Missed;
use crate::domain::resealing::Resealing;
use crate::domain::scheme::enrol::Enrolment;
use crate::domain::scheme::record::{Policy, SchemeHeader};
use crate::domain::scheme::refund::{Ended, Place, Refund};
use crate::domain::series::record::Recurrence;
use crate::domain::timers::Timer;
use crate::domain::trail::record::{StoredAnswer, TrailEntry};
use crate::moment::Time;
use crate::moment::calendar::Calendar;
use crate::store::{Bytes, Sealed, Table, TableInfo};

/// Follower → what the account knows of them, with the running dialogue and the answers just given.
pub const CONTACTS: Table<FollowerId, Contact> = Table::relaxed(0x10, "contacts");
/// (span of time, hash) → an answer that many were given.
pub const SHARED_ANSWERS: Table<SharedKey, Bytes> = Table::relaxed(0x12, "shared_answers");
/// Follower → answers to ask no second time (sealed).
pub const PROFILES: Table<FollowerId, Profile> = Table::durable(0x11, "profiles");

pub const ACTIVITIES: Table<u32, Activity> = Table::durable(0x20, "activities");
/// (activity, session) → seats taken, people waiting, next number.
pub const SESSION_COUNTS: Table<(u32, u16), SessionCount> = Table::durable(0x21, "session_counts");
/// (activity, session, number) → one sign-up.
pub const REGISTRATIONS: Table<(u32, u16, u32), Registration> = Table::durable(0x22, "registrations");
/// (follower, activity, session) → the number of the follower's latest sign-up there.
pub const PLACES: Table<(FollowerId, u32, u16), u32> = Table::durable(0x23, "places");
/// (activity, session, place) → who waits there: the place is the sign-up's number, but after a draw.
pub const WAITING: Table<(u32, u16, u32), Waiter> = Table::durable(0x24, "waiting");
/// (end of sign-up, activity): what followers are shown, what closes first coming first.
pub const LISTED: Table<(Time, u32), ()> = Table::durable(0x25, "listed");
/// (series, follower) → live sign-ups in this series of who wasn't known as a member.
pub const SERIES_PLACES: Table<(String, FollowerId), u16> = Table::durable(0x26, "series_places");
/// Activity → a telling of its people that is under way.
pub const ANNOUNCEMENTS: Table<u32, Announcement> = Table::durable(0x27, "announcements");

/// Person → absences, lost draws, seats in series.
pub const HISTORIES: Table<Person, History> = Table::durable(0x28, "histories");
/// (activity, session, number, kind of reason) → why a waiting sign-up was passed over.
pub const SKIPS: Table<(u32, u16, u32, u8), Skip> = Table::durable(0x29, "skips");
/// (member, activity, session) → the number of the member's latest sign-up there, by whatever account.
pub const HELD: Table<(MemberId, u32, u16), u32> = Table::durable(0x2a, "held");
/// (series, member) → live sign-ups in this series.
pub const SERIES_HELD: Table<(String, MemberId), u16> = Table::durable(0x2b, "series_held");
/// (activity, session, number) → what is posted to this sign-up.
pub const KITS: Table<(u32, u16, u32), Kit> = Table::durable(0x2c, "kits");
/// (activity, session, number) → what its follower says to an absence.
pub const APPEALS: Table<(u32, u16, u32), Appeal> = Table::durable(0x2d, "appeals");

/// A rule that makes sign-ups.
pub const SERIES_RULES: Table<u32, Recurrence> = Table::durable(0x90, "series_rules");
/// (series, round) → its activity.
pub const SERIES_ROUNDS: Table<(u32, u32), u32> = Table::durable(0x91, "series_rounds");
/// Activity → its draw.
pub const DRAWS: Table<u32, Draw> = Table::durable(0x92, "draws");
/// (activity, ticket) → all that one person applied for.
pub const DRAW_ENTRIES: Table<(u32, u32), DrawEntry> = Table::durable(0x93, "draw_entries");
/// (activity, person) → their ticket.
pub const DRAW_TICKETS: Table<(u32, Person), u32> = Table::durable(0x94, "draw_tickets");
/// (activity, class, place) → ticket: the order of a draw.
pub const DRAW_ORDER: Table<(u32, u8, [u8; 32]), u32> = Table::durable(0x95, "draw_order");
/// (activity, session) → seats that the draw gave, and people it made wait.
pub const DRAW_GIVEN: Table<(u32, u16), (u32, u32)> = Table::durable(0x96, "draw_given");
/// Name → a secret of our own.
pub const SECRETS: Table<String, Sealed<String>> = Table::durable(0x97, "secrets");

pub const OUTBOX: Table<u64, Outgoing> = Table::durable(0x30, "outbox");
/// Follower → outbox rows that wait for their next tap.
pub const MAILBOXES: Table<FollowerId, Vec<u64>> = Table::durable(0x31, "mailboxes");
/// Outbox row → whom it is for, as long as it is pending: its count is the outbox's depth.
pub const OUTBOX_PENDING: Table<u64, FollowerId> = Table::durable(0x33, "outbox_pending");
/// (when it may be tried, outbox row): what the worker takes.
pub const OUTBOX_DUE: Table<(Time, u64), ()> = Table::durable(0x34, "outbox_due");
/// Outbox rows whose call was begun.
pub const OUTBOX_IN_FLIGHT: Table<u64, ()> = Table::durable(0x35, "outbox_in_flight");
/// AppID → the access token in use (sealed).
pub const ACCESS_TOKENS: Table<String, AccessToken> = Table::durable(0x36, "access_tokens");
/// One picture that a follower sent.
pub const MEDIA: Table<u64, Media> = Table::durable(0x38, "media");
/// (when to fetch it, picture)
pub const MEDIA_DUE: Table<(Time, u64), ()> = Table::durable(0x39, "media_due");
/// (follower, picture)
pub const MEDIA_OF: Table<(FollowerId, u64), ()> = Table::durable(0x3a, "media_of");
/// (when it is deleted, picture)
pub const MEDIA_UNTIL: Table<(Time, u64), ()> = Table::durable(0x3b, "media_until");
/// Sealed document → pictures that are it.
pub const DOCUMENTS: Table<String, u32> = Table::durable(0x3c, "documents");
/// Sealed document that no picture is any more, until its file is gone.
pub const DOCUMENTS_UNUSED: Table<String, ()> = Table::durable(0x3d, "documents_unused");
/// The one pull of the account's followers.
pub const FOLLOWER_SYNC: Table<u8, Pull> = Table::durable(0x48, "follower_sync");
/// (tag, to be put on or taken off, follower): what WeChat is still to be told.
pub const TAG_CHANGES: Table<(u32, bool, FollowerId), ()> = Table::durable(0x49, "tag_changes");
/// Name → last number given.
pub const COUNTERS: Table<String, u64> = Table::durable(0x32, "counters");

pub const TRAIL: Table<u64, TrailEntry> = Table::durable(0x40, "trail");
/// (staff name, Idempotency-Key) → the answer that was given.
pub const ANSWERS: Table<(String, String), StoredAnswer> = Table::durable(0x41, "answers");

pub const BROADCASTS: Table<u32, Broadcast> = Table::durable(0x50, "broadcasts");
/// Broadcast → where it stands; written with every step, so it is small.
pub const RUNS: Table<u32, Run> = Table::durable(0x51, "runs");
/// (broadcast, recipient) → what became of them.
pub const LEDGER: Table<(u32, FollowerId), Entry> = Table::durable(0x52, "ledger");
/// (broadcast, not before, recipient) → to be tried again.
pub const QUEUED: Table<(u32, Time, FollowerId), Queued> = Table::durable(0x53, "queued");
/// (broadcast, recipient) → an attempt that was begun and not settled.
pub const FLIGHTS: Table<(u32, FollowerId), Flight> = Table::durable(0x54, "flights");
/// (broadcast, follower): the list that its condition `listed` asks for.
pub const LISTS: Table<(u32, FollowerId), ()> = Table::durable(0x55, "lists");
/// Broadcasts that still ask for work, if only for their clean-up → not before then.
pub const OPEN_BROADCASTS: Table<u32, Time> = Table::durable(0x56, "open_broadcasts");
/// (broadcast, number) → one mass send of it.
pub const CHUNKS: Table<(u32, u32), Chunk> = Table::durable(0x57, "chunks");
/// WeChat's id of a mass send → whose it is.
pub const MASS_JOBS: Table<String, MassJob> = Table::durable(0x58, "mass_jobs");
/// Broadcast → whom it would reach, as far as that was counted.
pub const PREVIEWS: Table<u32, Preview> = Table::durable(0x59, "previews");

/// Follower → what they last said they want to hear of.
pub const CHOICES: Table<FollowerId, Choice> = Table::durable(0x5a, "choices");

/// One person of the federation's list.
pub const MEMBERS: Table<MemberId, Member> = Table::durable(0x70, "members");
/// What an identity number is found by → whose it is.
pub const BY_IDENTITY: Table<[u8; 16], MemberId> = Table::durable(0x71, "by_identity");
/// Follower → the member whose account it is.
pub const BINDINGS: Table<FollowerId, MemberId> = Table::durable(0x72, "bindings");
/// What an account is told by → that it was a member's until lately.
pub const PARTED: Table<[u8; 16], Parted> = Table::durable(0x7f, "parted");
/// Follower → wrong guesses of the day.
pub const TRIES: Table<FollowerId, Tries> = Table::durable(0x73, "tries");
/// Follower → what they agreed to, oldest first.
pub const CONSENTS: Table<FollowerId, Vec<Consent>> = Table::durable(0x74, "consents");
/// Name of a text → the words that were agreed to.
pub const CONSENT_TEXTS: Table<String, String> = Table::durable(0x75, "consent_texts");
/// (member, number): who looked at what names them.
pub const LOOKS: Table<(MemberId, u64), Look> = Table::durable(0x76, "looks");
pub const APPLICATIONS: Table<u64, Application> = Table::durable(0x77, "applications");
/// Applications that staff have not decided.
pub const APPLICATIONS_OPEN: Table<u64, ()> = Table::durable(0x78, "applications_open");
/// (follower, application)
pub const APPLICATIONS_OF: Table<(FollowerId, u64), ()> = Table::durable(0x79, "applications_of");
/// The latest nightly check, under one key.
pub const NIGHTS: Table<u8, Night> = Table::durable(0x7c, "nights");
/// How far rows are sealed with the current key, while earlier ones are still needed. What a power cut takes of it is
/// looked at once more.
pub const RESEALING: Table<u8, Resealing> = Table::relaxed(0x7d, "resealing");
/// What is done once to a store that an earlier version wrote → when it was.
pub const MARKS: Table<String, Time> = Table::durable(0x7e, "marks");
/// Tells the key book that this store began with.
pub const KEY_BOOK_MARK: Table<u8, [u8; 16]> = Table::durable(0x7b, "key_book_mark");
/// What names a file → how far its import is.
pub const IMPORTS: Table<String, Import> = Table::durable(0x7a, "imports");

/// (when, what for): see [`timers`](crate::domain::timers).
pub const TIMERS: Table<(Time, Timer), ()> = Table::durable(0x60, "timers");
/// What is tried again and again → since when it can't be done.
pub const TIMERS_FAILING: Table<Timer, Time> = Table::durable(0x61, "timers_failing");

pub const BENEFITS: Table<u32, Benefit> = Table::durable(0x80, "benefits");
/// Benefit → what is left of it, and the release that is on.
pub const STOCKS: Table<u32, Stock> = Table::durable(0x81, "stocks");
/// (benefit, when it began) → a release that is over.
pub const RELEASES: Table<(u32, Time), Release> = Table::durable(0x82, "releases");
/// (benefit, number) → a coupon, or an imported code that waits to be one.
pub const COUPONS: Table<(u32, u32), Coupon> = Table::durable(0x83, "coupons");
/// Keyed hash of a code → (benefit, number) of the coupon that has it: every code that there ever was.
pub const CODES: Table<CodeHash, (u32, u32)> = Table::durable(0x84, "codes");
/// (person, when, benefit, number): whose coupons are whose.
pub const COUPONS_OF: Table<(Person, Time, u32, u32), ()> = Table::durable(0x85, "coupons_of");
/// (person, benefit) → what limits count.
pub const HAD: Table<(Person, u32), Had> = Table::durable(0x86, "had");
/// Person → what expired unused, and a pause for it.
pub const WALLETS: Table<Person, Wallet> = Table::durable(0x87, "wallets");
/// (benefit, lot) → codes that were imported together.
pub const LOTS: Table<(u32, String), Lot> = Table::durable(0x88, "lots");
/// (benefit, release, follower): who is told before it begins.
pub const RELEASE_REMINDERS: Table<(u32, Time, FollowerId), ()> = Table::durable(0x89, "release_reminders");
/// (benefit, release, ticket) → who takes part in its draw.
pub const TICKETS: Table<(u32, Time, [u8; 16]), Try> = Table::durable(0x8a, "tickets");
/// (benefit, person): whom it is for, if it is for a list.
pub const BENEFIT_LISTS: Table<(u32, Person), ()> = Table::durable(0x8b, "benefit_lists");
/// 0 → what codes are hashed with (sealed).
pub const CODE_KEYS: Table<u8, Sealed<[u8; 32]>> = Table::durable(0x8c, "code_keys");
/// (benefit, release, person): who takes part in its draw.
pub const TICKET_HOLDERS: Table<(u32, Time, Person), ()> = Table::durable(0x8e, "ticket_holders");
/// (person, benefit) → how they fared with its quiz.
pub const QUIZ_TRIES: Table<(Person, u32), QuizTries> = Table::durable(0x8f, "quiz_tries");
/// What followers are shown: a benefit that is over leaves it.
pub const SHOWN_BENEFITS: Table<u32, ()> = Table::durable(0x8d, "shown_benefits");

pub const CLAIMS: Table<ClaimId, Claim> = Table::durable(0xa8, "claims");
/// The same rows, of which only that is read.
pub const CLAIM_OUTLINES: Table<ClaimId, Outline> = Table::durable(0xa8, "claims");
/// (claim, number) → one move of it.
pub const CLAIM_MOVES: Table<(ClaimId, u32), Move> = Table::durable(0xa9, "claim_moves");
/// (claim, slot, page) → a picture of a paper.
pub const CLAIM_PAGES: Table<(ClaimId, String, u16), Page> = Table::durable(0xaa, "claim_pages");
/// Picture → where it lies.
pub const CLAIM_PICTURES: Table<u64, (ClaimId, String, u16)> = Table::durable(0xab, "claim_pictures");
/// (claim, number) → how it was counted.
pub const CLAIM_SUMS: Table<(ClaimId, u32), Sum> = Table::durable(0xac, "claim_sums");
/// (member, claim) → what lists show of it; nothing yet of what an earlier version wrote.
pub const CLAIMS_OF: Table<(MemberId, ClaimId), Option<Summary>> = Table::durable(0xad, "claims_of");
/// (keyed hash of the identity number of whom it is for, claim)
pub const CLAIMS_FOR: Table<([u8; 16], ClaimId), ()> = Table::durable(0xb4, "claims_for");
/// (status, since when, claim)
pub const CLAIMS_BY_AGE: Table<(ClaimStatus, Time, ClaimId), ()> = Table::durable(0xae, "claims_by_age");
/// (status, what is left of the largest number when the amount is taken from it, claim)
pub const CLAIMS_BY_AMOUNT: Table<(ClaimStatus, u64, ClaimId), ()> = Table::durable(0xaf, "claims_by_amount");
/// (who, since when, claim): what staff took.
pub const CLAIMS_ASSIGNED: Table<(String, Time, ClaimId), ()> = Table::durable(0xb0, "claims_assigned");
/// (last day of what comes next, claim)
pub const CLAIMS_DUE: Table<(Time, ClaimId), ()> = Table::durable(0xb1, "claims_due");
/// (kind of paper, keyed hash of what names it, claim) → since when it has it; an early row doesn't say.
pub const PAPERS: Table<(u8, PaperKey, ClaimId), Option<Time>> = Table::durable(0xb2, "papers");
/// (claim, kind of paper, what names it): the same the other way round.
pub const PAPERS_OF: Table<(ClaimId, u8, PaperKey), ()> = Table::durable(0xb3, "papers_of");

/// (claim, number) → what staff wrote down of it for each other.
pub const CLAIM_NOTES: Table<(ClaimId, u32), Note> = Table::durable(0xbc, "claim_notes");
/// (member, claim) → where it stands, which its claimant is told by their next account.
pub const CLAIM_NEWS: Table<(MemberId, ClaimId), News> = Table::durable(0xb5, "claim_news");
/// Drawn for a second look that nobody has had yet.
pub const CLAIMS_SAMPLED: Table<ClaimId, ()> = Table::durable(0xbd, "claims_sampled");

/// Batches of payments (拨付批次).
pub const PAY_BATCHES: Table<u64, Batch> = Table::durable(0xbe, "pay_batches");
/// (batch, claim) → what is paid to whom, and what came of it.
pub const PAY_LINES: Table<(u64, ClaimId), PayLine> = Table::durable(0xbf, "pay_lines");
/// Scheme → the batch that is under way.
pub const PAY_OPEN: Table<String, u64> = Table::durable(0xe0, "pay_open");

pub const CASES: Table<CaseId, Case> = Table::durable(0xc0, "cases");
/// (case, question) → what was answered.
pub const CASE_ANSWERS: Table<(CaseId, String), CaseAnswer> = Table::durable(0xc1, "case_answers");
/// (case, number) → what happened to it, or was said in it.
pub const CASE_ENTRIES: Table<(CaseId, u32), CaseEntry> = Table::durable(0xc2, "case_entries");
/// (person, case)
pub const CASES_OF: Table<(Person, CaseId), ()> = Table::durable(0xc3, "cases_of");
/// (status, 0 for what can't wait, since when, case)
pub const CASES_BY_STATE: Table<(CaseStatus, u8, Time, CaseId), ()> = Table::durable(0xc4, "cases_by_state");
/// (kind, status, 0 for what can't wait, since when, case)
pub const CASES_BY_KIND: Table<(String, CaseStatus, u8, Time, CaseId), ()> =
    Table::durable(0xc5, "cases_by_kind");
/// (who, since when, case): what staff took.
pub const CASES_ASSIGNED: Table<(String, Time, CaseId), ()> = Table::durable(0xc6, "cases_assigned");
/// (last moment for what comes next, case)
pub const CASES_DUE: Table<(Time, CaseId), ()> = Table::durable(0xc7, "cases_due");
/// Two cases that were proposed to each other.
pub const CASE_PROPOSALS: Table<u64, Proposal> = Table::durable(0xc8, "case_proposals");
/// (case, proposal)
pub const CASE_PROPOSED: Table<(CaseId, u64), ()> = Table::durable(0xc9, "case_proposed");
/// (case, case): not to be proposed to each other again.
pub const CASE_BLOCKS: Table<(CaseId, CaseId), ()> = Table::durable(0xca, "case_blocks");
/// (kind, when its round opens) → places that are held.
pub const CASE_ROUNDS: Table<RoundKey, u32> = Table::durable(0xcb, "case_rounds");
/// (member, case) → what they are told of it by their next account.
pub const CASE_NEWS: Table<(MemberId, CaseId), CaseNews> = Table::durable(0xcc, "case_news");

/// A book of the fund → its balances.
pub const FUND_BOOKS: Table<Book, BookStanding> = Table::durable(0xb8, "fund_books");
/// (book, number) → an entry, which is never changed.
pub const FUND_ENTRIES: Table<(Book, u64), FundEntry> = Table::durable(0xb9, "fund_entries");
/// (book, number) → the entry that took it back.
pub const FUND_TAKEN_BACK: Table<(Book, u64), u64> = Table::durable(0xba, "fund_taken_back");
/// (book, number) → who wants it taken back, and why.
pub const FUND_CORRECTIONS: Table<(Book, u64), Correction> = Table::durable(0xe1, "fund_corrections");
/// (book, month, kind, district, union) → their sum.
pub const FUND_TOTALS: Table<(Book, u32, FundKind, String, String), Total> =
    Table::durable(0xbb, "fund_totals");
/// (scheme, version) → what is said of it in short.
pub const SCHEMES: Table<(String, u32), SchemeHeader> = Table::durable(0xa0, "schemes");
/// (scheme, version, programme, part) → a piece of the programme, as JSON: longer ones have several.
pub const PROGRAMMES: Table<(String, u32, String, u8), String> = Table::durable(0xa1, "programmes");
/// (person by the identity index, scheme, programme, first day as 20240501) → a place in the programme.
pub const POLICIES: Table<([u8; 16], String, String, u32), Policy> = Table::durable(0xa2, "policies");
/// A place in a programme → who wants it ended, and why.
pub const REFUNDS: Table<Place, Refund> = Table::durable(0xa5, "refunds");
/// A place in a programme → how it was ended.
pub const ENDED_PLACES: Table<Place, Ended> = Table::durable(0xa6, "ended_places");
/// (scheme, programme, policy year, unit) → the term and the shares with which it began to enrol its people.
pub const UNIT_TERMS: Table<(String, String, u16, String), (u8, u8)> = Table::durable(0xa7, "unit_terms");
/// (scheme, programme, policy year, years) → how many people were entered for a term of so many years.
pub const ENTERED_TERMS: Table<(String, String, u16, u8), u64> = Table::durable(0x9f, "entered_terms");
/// What names a list → how far its enrolment is.
pub const ENROLMENTS: Table<String, Enrolment> = Table::durable(0xa3, "enrolments");
/// 0 → the days that are worked.
pub const CALENDAR: Table<u8, Calendar> = Table::durable(0xa4, "calendar");

/// Keyed hash of a question that nobody answered → the question.
pub const MISSED: Table<[u8; 16], Missed> = Table::relaxed(0xd0, "missed");
/// 0 → how many there are.
pub const MISSED_COUNT: Table<u8, u16> = Table::relaxed(0xd1, "missed_count");

/// What `Store::open` is told.
pub const CATALOG: &[TableInfo] = &[
    CONTACTS.info(),
    TIMERS.info(),
    TIMERS_FAILING.info(),
    MEMBERS.info(),
    BY_IDENTITY.info(),
    BINDINGS.info(),
    PARTED.info(),
    TRIES.info(),
    CONSENTS.info(),
    CONSENT_TEXTS.info(),
    LOOKS.info(),
    APPLICATIONS.info(),
    APPLICATIONS_OPEN.info(),
    APPLICATIONS_OF.info(),
    IMPORTS.info(),
    KEY_BOOK_MARK.info(),
    MARKS.info(),
    NIGHTS.info(),
    RESEALING.info(),
    SHARED_ANSWERS.info(),
    PROFILES.info(),
    ACTIVITIES.info(),
    SESSION_COUNTS.info(),
    REGISTRATIONS.info(),
    PLACES.info(),
    WAITING.info(),
    LISTED.info(),
    SERIES_PLACES.info(),
    ANNOUNCEMENTS.info(),
    HISTORIES.info(),
    SKIPS.info(),
    HELD.info(),
    SERIES_HELD.info(),
    KITS.info(),
    APPEALS.info(),
    SERIES_RULES.info(),
    SERIES_ROUNDS.info(),
    DRAWS.info(),
    DRAW_ENTRIES.info(),
    DRAW_TICKETS.info(),
    DRAW_ORDER.info(),
    DRAW_GIVEN.info(),
    SECRETS.info(),
    OUTBOX.info(),
    MAILBOXES.info(),
    OUTBOX_PENDING.info(),
    OUTBOX_DUE.info(),
    OUTBOX_IN_FLIGHT.info(),
    ACCESS_TOKENS.info(),
    FOLLOWER_SYNC.info(),
    TAG_CHANGES.info(),
    MEDIA.info(),
    MEDIA_DUE.info(),
    MEDIA_OF.info(),
    MEDIA_UNTIL.info(),
    DOCUMENTS.info(),
    DOCUMENTS_UNUSED.info(),
    COUNTERS.info(),
    TRAIL.info(),
    ANSWERS.info(),
    BROADCASTS.info(),
    RUNS.info(),
    LEDGER.info(),
    QUEUED.info(),
    FLIGHTS.info(),
    LISTS.info(),
    OPEN_BROADCASTS.info(),
    CHUNKS.info(),
    MASS_JOBS.info(),
    PREVIEWS.info(),
    CHOICES.info(),
    BENEFITS.info(),
    STOCKS.info(),
    RELEASES.info(),
    COUPONS.info(),
    CODES.info(),
    COUPONS_OF.info(),
    HAD.info(),
    WALLETS.info(),
    LOTS.info(),
    RELEASE_REMINDERS.info(),
    TICKETS.info(),
    BENEFIT_LISTS.info(),
    CODE_KEYS.info(),
    SHOWN_BENEFITS.info(),
    CLAIMS.info(),
    CLAIM_MOVES.info(),
    CLAIM_PAGES.info(),
    CLAIM_PICTURES.info(),
    CLAIM_SUMS.info(),
    CLAIMS_OF.info(),
    CLAIMS_FOR.info(),
    CLAIMS_BY_AGE.info(),
    CLAIMS_BY_AMOUNT.info(),
    CLAIMS_ASSIGNED.info(),
    CLAIMS_DUE.info(),
    PAPERS.info(),
    PAPERS_OF.info(),
    CLAIM_NOTES.info(),
    CLAIM_NEWS.info(),
    CLAIMS_SAMPLED.info(),
    PAY_BATCHES.info(),
    PAY_LINES.info(),
    PAY_OPEN.info(),
    FUND_BOOKS.info(),
    FUND_ENTRIES.info(),
    FUND_TAKEN_BACK.info(),
    FUND_CORRECTIONS.info(),
    FUND_TOTALS.info(),
    SCHEMES.info(),
    PROGRAMMES.info(),
    POLICIES.info(),
    REFUNDS.info(),
    ENDED_PLACES.info(),
    UNIT_TERMS.info(),
    ENTERED_TERMS.info(),
    ENROLMENTS.info(),
    CALENDAR.info(),
    MISSED.info(),
    MISSED_COUNT.info(),
    TICKET_HOLDERS.info(),
    QUIZ_TRIES.info(),
    CASES.info(),
    CASE_ANSWERS.info(),
    CASE_ENTRIES.info(),
    CASES_OF.info(),
    CASES_BY_STATE.info(),
    CASES_BY_KIND.info(),
    CASES_ASSIGNED.info(),
    CASES_DUE.info(),
    CASE_PROPOSALS.info(),
    CASE_PROPOSED.info(),
    CASE_BLOCKS.info(),
    CASE_ROUNDS.info(),
    CASE_NEWS.info(),
];
