//! The check that the service makes by itself every night, and its figures.

use std::sync::Arc;
use std::time::Duration;

use crate::moment::Clock;
use crate::server::metrics::{CheckLabels, Metrics};
use crate::staff::consistency::nightly;
use crate::store::{SealedFiles, Store, SubmitError};

/// How often it is looked whether it is time.
const EVERY: Duration = Duration::from_secs(600);

/// Checks once a night, until the store is closed.
pub async fn check(store: Store, files: SealedFiles, clock: Arc<dyn Clock>, metrics: Metrics) {
    let began = clock.moment().now;
    loop {
        match nightly(&store, &files, clock.moment(), began).await {
            Ok(Some(night)) => {
                metrics.nightly_seconds.set(night.began.unix_s());
                for (check, problems) in [("verify", night.damaged), ("audit", night.broken)] {
                    let problems = i64::try_from(problems).unwrap_or(i64::MAX);
                    metrics.nightly_problems.get_or_create(&CheckLabels { check }).set(problems);
                }
            }
            Ok(None) => {}
            Err(SubmitError::Closed) => return,
            Err(error) => tracing::error!(%error, "the nightly check could not be made"),
        }
        tokio::time::sleep(EVERY).await;
    }
}
