//! The worker that sends what followers are told, and what else calls WeChat beside it.

use std::sync::Arc;

use prometheus_client::registry::Registry;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use super::ContentWords;
use super::service::Shared;
use crate::outbox::{FollowerSync, Outbox, Pictures, Runs};
use crate::wechat::api::Client;

/// What is sent to followers, and how to tell it to end.
pub struct Outgoing {
    stop: watch::Sender<bool>,
    ended: JoinHandle<()>,
}

/// What goes out to followers, and what is fetched for them, each with its place in the metrics.
pub fn start(shared: &Shared<'_>, client: Client, registry: &mut Registry) -> Outgoing {
    let Shared { config, store, clock, content, documents, .. } = shared;
    let settings = config.outbox.worker.clone();
    let in_flight_max = settings.in_flight_max;
    let (platform, words) = (Arc::new(client), Arc::new(ContentWords(Arc::clone(content))));
    let outbox = Outbox::new(store.clone(), platform.clone(), words.clone(), Arc::clone(clock), settings);
    outbox.stats().register(registry);
    let (lanes, stats) = (outbox.lanes().clone(), outbox.stats().clone());
    let runs = Runs {
        store: store.clone(),
        platform: platform.clone(),
        clock: Arc::clone(clock),
        words,
        lanes: lanes.clone(),
        stats: stats.clone(),
        in_flight_max,
    };
    let sync = FollowerSync {
        store: store.clone(),
        directory: platform.clone(),
        clock: Arc::clone(clock),
        lanes: lanes.clone(),
        stats: stats.clone(),
    };
    let pictures = Pictures {
        store: store.clone(),
        gallery: platform,
        files: documents.clone(),
        clock: Arc::clone(clock),
        lanes,
        stats,
        storing: Arc::default(),
    };
    let (stop, stopped) = watch::channel(false);
    let working = async move {
        tokio::join!(
            outbox.run(stopped.clone()),
            runs.run(stopped.clone()),
            pictures.run(stopped.clone()),
            sync.run(stopped),
        );
    };
    Outgoing { stop, ended: tokio::spawn(working) }
}

impl Outgoing {
    /// Calls under way finish if they do in time; the others are taken up at the next start.
    pub async fn end(mut self, deadline: Instant) {
        let _ = self.stop.send(true);
        if timeout_at(deadline, &mut self.ended).await.is_err() {
            self.ended.abort();
        }
    }
}
