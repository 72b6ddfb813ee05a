//! What the store tells operators, as Prometheus metrics.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use super::error::SubmitError;

/// Handles of the store's metrics; clones share them.
#[derive(Debug, Clone)]
pub struct Stats {
    /// Commands that wait for the writer.
    pub queue_depth: Gauge,
    /// Commands in a group.
    pub group_commands: Histogram,
    /// Time of a commit with its flush, for groups that need one.
    pub flush_seconds: Histogram,
    pub commits: Counter,
    pub failures: Family<Failure, Counter>,
    /// Rows of each table.
    pub rows: Family<TableLabel, Gauge>,
    /// 1 while commands that write are taken.
    pub writable: Gauge,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Failure {
    pub kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct TableLabel {
    pub table: &'static str,
}

impl Default for Stats {
    fn default() -> Stats {
        Stats {
            queue_depth: Gauge::default(),
            group_commands: Histogram::new(exponential_buckets(1.0, 2.0, 8)),
            flush_seconds: Histogram::new(exponential_buckets(0.000_25, 2.0, 14)),
            commits: Counter::default(),
            failures: Family::default(),
            rows: Family::default(),
            writable: Gauge::default(),
        }
    }
}

impl Stats {
    /// Puts the metrics into a registry, under names that begin with `store_`.
    pub fn register(&self, registry: &mut Registry) {
        let registry = registry.sub_registry_with_prefix("store");
        registry.register("queue_depth", "Commands waiting for the writer", self.queue_depth.clone());
        registry.register("group_commands", "Commands in one commit group", self.group_commands.clone());
        registry.register("flush_seconds", "Time of a durable commit", self.flush_seconds.clone());
        registry.register("commits", "Commits", self.commits.clone());
        registry.register("failures", "Commands without a result, by kind", self.failures.clone());
        registry.register("rows", "Rows of each table", self.rows.clone());
        registry.register("writable", "1 while commands that write are taken", self.writable.clone());
    }

    pub(crate) fn count_failure(&self, error: &SubmitError) {
        let kind = match error {
            SubmitError::Busy => "busy",
            SubmitError::Full => "full",
            SubmitError::Unavailable(_) => "unavailable",
            SubmitError::Damaged(_) => "damaged",
            SubmitError::Occupied => "occupied",
            SubmitError::Closed => "closed",
            SubmitError::Fault(_) => "fault",
            SubmitError::Bug(_) => "bug",
        };
        self.failures.get_or_create(&Failure { kind }).inc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_have_their_names_and_labels() {
        let stats = Stats::default();
        let mut registry = Registry::default();
        stats.register(&mut registry);
        stats.count_failure(&SubmitError::Busy);
        stats.rows.get_or_create(&TableLabel { table: "seats" }).set(3);
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        for line in [
            "store_failures_total{kind=\"busy\"} 1",
            "store_rows{table=\"seats\"} 3",
            "store_queue_depth 0",
            "store_commits_total 0",
            "store_flush_seconds_count 0",
            "store_group_commands_count 0",
        ] {
            assert!(text.contains(line), "{line} is not in {text}");
        }
    }
}
