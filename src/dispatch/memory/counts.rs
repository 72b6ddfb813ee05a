use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use serde::Serialize;

/// How claims ended, by benefit. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    claims: Family<Labels, Counter>,
    left: Family<BenefitLabel, Gauge>,
    /// Those that the store knows: a number that a follower made up becomes no label.
    known: Arc<RwLock<HashSet<u32>>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    benefit: u32,
    answer: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BenefitLabel {
    benefit: u32,
}

/// Of one benefit, since the service started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ClaimCounts {
    pub claims: u64,
    pub given: u64,
    /// Told by the store.
    pub gone: u64,
    pub gone_from_memory: u64,
    /// Tried more often in a minute than is allowed.
    pub too_fast: u64,
    /// Accounts that had just begun to follow, beyond their share.
    pub too_new: u64,
    /// Any other refusal.
    pub refused: u64,
}

/// No benefit has this number.
const UNKNOWN: u32 = 0;
const REFUSED: &[&str] = &["refused", "already_had", "limit_reached", "not_eligible", "not_yet"];

impl Counts {
    pub fn register(&self, registry: &mut Registry) {
        registry.register("claims", "Claims by benefit and answer", self.claims.clone());
        registry.register("benefit_left", "Coupons left, when last one was given", self.left.clone());
    }

    /// What the store answered.
    pub fn count(&self, benefit: u32, answer: &'static str) {
        if answer == "unknown_benefit" {
            return;
        }
        if !self.is_known(benefit) {
            self.known.write().unwrap_or_else(PoisonError::into_inner).insert(benefit);
        }
        self.claims.get_or_create(&Labels { benefit, answer }).inc();
    }

    /// What was answered without the store.
    pub fn count_from_memory(&self, benefit: u32, answer: &'static str) {
        let benefit = if self.is_known(benefit) { benefit } else { UNKNOWN };
        self.claims.get_or_create(&Labels { benefit, answer }).inc();
    }

    fn is_known(&self, benefit: u32) -> bool {
        self.known.read().unwrap_or_else(PoisonError::into_inner).contains(&benefit)
    }

    pub fn left(&self, benefit: u32, left: u32) {
        self.left.get_or_create(&BenefitLabel { benefit }).set(i64::from(left));
    }

    pub fn of(&self, benefit: u32) -> ClaimCounts {
        let count = |answer| self.claims.get(&Labels { benefit, answer }).map_or(0, |counter| counter.get());
        let mut counts = ClaimCounts {
            claims: 0,
            given: count("given"),
            gone: count("gone"),
            gone_from_memory: count("gone_from_memory"),
            too_fast: count("too_fast"),
            too_new: count("too_new"),
            refused: REFUSED.iter().map(|answer| count(answer)).sum(),
        };
        counts.claims = counts.given
            + counts.gone
            + counts.gone_from_memory
            + counts.too_fast
            + counts.too_new
            + counts.refused;
        counts
    }
}
