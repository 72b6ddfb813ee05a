use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use crate::wechat::api::Reaction;

/// What operators see of calls to WeChat. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Stats {
    calls: Family<CallLabels, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    lane: &'static str,
    outcome: &'static str,
}

impl Stats {
    pub fn register(&self, registry: &mut Registry) {
        registry.register("wechat_calls", "Calls to WeChat by lane and outcome", self.calls.clone());
    }

    pub fn count(&self, lane: &'static str, failed: Option<&Reaction>) {
        let outcome = failed.map_or("done", outcome);
        self.calls.get_or_create(&CallLabels { lane, outcome }).inc();
    }
}

/// For metrics and logs.
pub fn outcome(reaction: &Reaction) -> &'static str {
    match reaction {
        Reaction::Retry => "retry",
        Reaction::Uncertain => "uncertain",
        Reaction::SlowDown(_) => "slow_down",
        Reaction::Unreachable(_) => "unreachable",
        Reaction::AlreadyDone { .. } => "already_done",
        Reaction::Permanent => "permanent",
        Reaction::Misconfigured(_) => "misconfigured",
    }
}
