//! What operators watch. No label ever holds what a follower sent.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Upper bounds in seconds; WeChat waits for 5, the service answers within 4.5.
const TURN_SECONDS: [f64; 14] =
    [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 4.5];
const SKEW_SECONDS: [f64; 8] = [0.0, 2.0, 5.0, 10.0, 30.0, 60.0, 600.0, 86_400.0];

/// Handles to count with; clones count together.
#[derive(Clone)]
pub struct Metrics {
    pub connections: Gauge,
    /// What waits for staff beyond its last day, and what soon will.
    pub claims: Waiting,
    pub cases: Waiting,
    /// What the latest nightly check found, by what looked for it.
    pub nightly_problems: Family<CheckLabels, Gauge>,
    /// When it began, in Unix seconds.
    pub nightly_seconds: Gauge,
    /// Sealing keys but the current one that something in the store is sealed with.
    pub earlier_keys: Gauge,
    /// What was brought from one of them under the current one.
    pub resealed: Family<SealedLabels, Counter>,
    /// Rows looked at for that.
    pub reseal_rows_seen: Gauge,
    /// How far requests' timestamps are behind our clock, and ahead of it.
    behind_seconds: Histogram,
    ahead_seconds: Histogram,
    pub api_requests: Family<ApiRequest, Counter>,
    turns: Family<TurnLabels, Counter>,
    turn_seconds: Histogram,
    late: Counter,
    refused: Family<RefusedLabels, Counter>,
    reloads: Family<ReloadLabels, Counter>,
}

/// How many of one kind press.
#[derive(Debug, Clone, Default)]
pub struct Waiting {
    pub overdue: Gauge,
    pub due_soon: Gauge,
}

impl Waiting {
    pub fn set(&self, (overdue, due_soon): (usize, usize)) {
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.overdue.set(count(overdue));
        self.due_soon.set(count(due_soon));
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TurnLabels {
    flow: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusedLabels {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReloadLabels {
    outcome: &'static str,
}

/// A staff call, by its route's pattern rather than its path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ApiRequest {
    pub route: String,
    pub status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct CheckLabels {
    /// `verify` or `audit`.
    pub check: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct SealedLabels {
    /// `rows` or `documents`.
    pub what: &'static str,
}

impl Metrics {
    pub fn register(registry: &mut Registry) -> Metrics {
        let metrics = Metrics {
            connections: Gauge::default(),
            claims: Waiting::default(),
            cases: Waiting::default(),
            nightly_problems: Family::default(),
            nightly_seconds: Gauge::default(),
            earlier_keys: Gauge::default(),
            resealed: Family::default(),
            reseal_rows_seen: Gauge::default(),
            behind_seconds: Histogram::new(SKEW_SECONDS),
            ahead_seconds: Histogram::new(SKEW_SECONDS),
            api_requests: Family::default(),
            turns: Family::default(),
            turn_seconds: Histogram::new(TURN_SECONDS),
            late: Counter::default(),
            refused: Family::default(),
            reloads: Family::default(),
        };
        let m = metrics.clone();
        registry.register("connections", "Open connections", m.connections);
        for (name, waiting) in [("claims", m.claims), ("cases", m.cases)] {
            registry.register(
                format!("{name}_overdue"),
                format!("{name} that wait for staff beyond their last day, as far as a thousand"),
                waiting.overdue,
            );
            registry.register(
                format!("{name}_due_soon"),
                format!("{name} that wait for staff with few working days left, as far as a thousand"),
                waiting.due_soon,
            );
        }
        registry.register(
            "nightly_problems",
            "What the latest nightly check found, by what looked for it",
            m.nightly_problems,
        );
        registry.register("nightly_seconds", "When that check began, Unix seconds", m.nightly_seconds);
        registry.register(
            "earlier_seal_keys",
            "Keys of keys.seal_previous that something in the store is still sealed with",
            m.earlier_keys,
        );
        registry.register("resealed", "Rows and documents sealed anew with the current key", m.resealed);
        registry.register(
            "reseal_rows_seen",
            "Rows looked at for that, of all in the store; a start with the next key counts anew",
            m.reseal_rows_seen,
        );
        registry.register("turns", "Turns by flow and outcome", m.turns);
        registry.register("turn_seconds", "From a message's arrival to its reply", m.turn_seconds);
        registry.register(
            "late_replies",
            "Turns that missed the deadline; their replies went to the outbox",
            m.late,
        );
        registry.register("refused_requests", "Webhook requests refused, by reason", m.refused);
        let behind = "Requests' timestamps that are not ahead: our time less theirs";
        registry.register("clock_behind_seconds", behind, m.behind_seconds);
        let ahead = "Requests' timestamps that are ahead: theirs less our time";
        registry.register("clock_ahead_seconds", ahead, m.ahead_seconds);
        registry.register("api_requests", "Staff calls by route and status", m.api_requests);
        registry.register("content_reloads", "Reloads of menus, keywords and texts", m.reloads);
        metrics
    }

    /// A turn that came to an end: its flow, how it ended, and how long its sender would have waited.
    pub fn turn(&self, flow: &'static str, outcome: &'static str, took: Duration) {
        self.turns.get_or_create(&TurnLabels { flow, outcome }).inc();
        self.turn_seconds.observe(took.as_secs_f64());
    }

    /// By how many seconds a request's timestamp is behind our clock; ahead of it if that is negative.
    pub fn skew(&self, seconds: i64) {
        let histogram = if seconds < 0 { &self.ahead_seconds } else { &self.behind_seconds };
        histogram.observe(seconds.unsigned_abs() as f64);
    }

    pub fn late(&self) {
        self.late.inc();
    }

    pub fn refused(&self, reason: &'static str) {
        self.refused.get_or_create(&RefusedLabels { reason }).inc();
    }

    pub fn reloaded(&self, worked: bool) {
        let outcome = if worked { "done" } else { "kept_old" };
        self.reloads.get_or_create(&ReloadLabels { outcome }).inc();
    }
}

/// The registry that every room's metrics go into.
pub fn registry() -> Registry {
    Registry::with_prefix("gonghui")
}
