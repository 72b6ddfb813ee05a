//! The service put together: configuration in, followers and staff answered, stopped in order.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use prometheus_client::registry::Registry;
use tokio::time::{Instant, timeout_at};

use super::listening::{Listening, listen_front, listen_ops};
use super::outgoing::{self, Outgoing};
use super::resealing::Resealer;
use super::schemes::{self, SchemeReloader};
use super::store::{open_store, sealer};
use super::{nightly, wechat};
use crate::config::{Config, EngineKind};
use crate::content::{Content, Problem, Source};
use crate::dispatch::memory::Counts;
use crate::dispatch::{Dispatch, Memory, load_content};
use crate::domain::activity::forget;
use crate::domain::tables::OUTBOX_PENDING;
use crate::domain::timers::fire_due;
use crate::domain::{case, claim, scheme};
use crate::moment::Clock;
use crate::server::api::{self, Access, Api};
use crate::server::front::{Doors, Front};
use crate::server::metrics::Waiting;
use crate::server::webhook::{Settings, Webhook};
use crate::server::{self, Metrics, Ops, metrics};
use crate::store::{OpenError, SealedFiles, Store, SubmitError, TableLabel, Tx};
use crate::wechat::api::{Client, NoClient};

/// An activity with all its sessions and questions has a few thousand bytes.
const API_BODY_BYTES_MAX: usize = 256 << 10;
/// For the store to write what it holds and let go of its files, after requests were drained.
const CLOSE_LIMIT: Duration = Duration::from_millis(1_500);
/// How late a timer may be.
const TIMERS_EVERY: Duration = Duration::from_millis(500);
/// How often what waits too long is counted, and how much of it at most.
const WAITING_EVERY: Duration = Duration::from_secs(60);
const WAITING_MAX: usize = 1_000;
/// Why a service didn't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("can't listen on {address}: {error}")]
    Listen { address: SocketAddr, error: io::Error },
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Content(Vec<Problem>),
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Schemes(Vec<scheme::file::Problem>),
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The store opened and didn't take what it was given first.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    #[error(transparent)]
    Wechat(#[from] NoClient),
}

/// A service that answers. Dropping it cuts everything; [`Service::stop`] ends it in order.
pub struct Service {
    address: SocketAddr,
    ops_address: Option<SocketAddr>,
    progress: Arc<Progress>,
    front: Arc<Front>,
    webhook: Webhook,
    content: Reloader,
    schemes: SchemeReloader,
    main: Listening,
    ops: Option<Listening>,
    outgoing: Option<Outgoing>,
    drain: Duration,
}

/// What the parts of a service are made with.
pub(super) struct Shared<'c> {
    pub config: &'c Config,
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub content: Arc<ArcSwap<Content>>,
    /// Pictures that followers sent.
    pub documents: SealedFiles,
    pub metrics: Metrics,
}

/// What readiness is asked of.
#[derive(Default)]
struct Progress {
    store: OnceLock<Store>,
    stopping: AtomicBool,
}

/// Exchanges menus, keywords and texts under a running service.
#[derive(Clone)]
pub struct Reloader {
    source: Source,
    content: Arc<ArcSwap<Content>>,
    metrics: Metrics,
}

/// A service whose store is open and that lets nobody in yet: requests wait, and it isn't ready.
pub struct Starting<'c> {
    config: &'c Config,
    clock: Arc<dyn Clock>,
    content: Content,
    scheme_source: schemes::Source,
    front: Arc<Front>,
    progress: Arc<Progress>,
    metrics: Metrics,
    registry: Registry,
    ops: Ops,
    address: SocketAddr,
    main: Listening,
    own_ops: Option<(SocketAddr, Listening)>,
    store: Store,
}

impl<'c> Starting<'c> {
    /// Listens at once, so that one can see it start, and opens the store.
    pub async fn open(config: &'c Config, clock: Arc<dyn Clock>) -> Result<Starting<'c>, StartError> {
        let (content, notes) = load_content(&content_source(config)).map_err(StartError::Content)?;
        tell(&notes);
        let scheme_source = schemes::source(config);
        let scheme_files = schemes::read(&scheme_source).map_err(StartError::Schemes)?;
        let progress = Arc::new(Progress::default());
        let asked = Arc::clone(&progress);
        let ops = Ops::new(move || asked.is_ready());

        let ops_listen = config.server.ops_listen;
        let shared_ops = ops_listen.is_none().then(|| ops.clone());
        let front = Arc::new(Front::new(config.server.path.clone(), shared_ops));
        let mut registry = metrics::registry();
        let metrics = Metrics::register(&mut registry);
        let (address, main) = listen_front(config, Arc::clone(&front), &metrics).await?;
        let own_ops = match ops_listen {
            Some(address) => Some(listen_ops(address, ops.clone()).await?),
            None => None,
        };

        let store = open_store(&config.store, &config.keys, clock.moment()).await?;
        store.stats().register(&mut registry);
        let pending = TableLabel { table: OUTBOX_PENDING.info().name };
        let depth = store.stats().rows.get_or_create_owned(&pending);
        registry.register("outbox_depth", "Messages that have not gone out yet", depth);
        schemes::adopt_files(&store, clock.moment(), scheme_files).await?;
        store.submit(clock.moment(), forget::begin_with_older).await?;
        store.submit(clock.moment(), claim::retain::begin_with_older).await?;
        let earlier_keys = store.earlier_keys().await?.len();
        metrics.earlier_keys.set(i64::try_from(earlier_keys).unwrap_or(i64::MAX));
        Ok(Starting {
            config,
            clock,
            content,
            scheme_source,
            front,
            progress,
            metrics,
            registry,
            ops,
            address,
            main,
            own_ops,
            store,
        })
    }

    /// For what has to be there before anybody is answered.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Answers. `mounted` makes what else has a path here, such as the demo's simulator, and is told where "here" is.
    pub fn serve(self, mounted: impl FnOnce(SocketAddr) -> Router) -> Result<Service, StartError> {
        let Starting { config, clock, store, metrics, mut registry, address, .. } = self;
        let client = wechat::client(config, &store, &clock)?;
        let documents = place(config, &clock, config.store.documents.clone(), "documents");
        let shared = Shared {
            config,
            store: store.clone(),
            clock: Arc::clone(&clock),
            content: Arc::new(ArcSwap::from_pointee(self.content)),
            documents: SealedFiles::new(documents, sealer(&config.keys)),
            metrics: metrics.clone(),
        };
        let outgoing = client.clone().map(|client| outgoing::start(&shared, client, &mut registry));
        let resealer = (!config.keys.seal_previous.is_empty()).then(|| Resealer {
            store: store.clone(),
            files: shared.documents.clone(),
            clock: Arc::clone(&clock),
            metrics: metrics.clone(),
        });
        let memory = Memory::new(config.welfare);
        let claims = memory.counts().clone();
        claims.register(&mut registry);
        self.ops.show(registry);
        let webhook = webhook(&shared, memory);
        let staff = api::router(api(&shared, client, claims));
        let draws = server::draws::router(store.clone(), Arc::clone(&clock));
        self.front.open(Doors { webhook: webhook.clone(), rest: mounted(address).merge(staff).merge(draws) });
        let _ = self.progress.store.set(store.clone());
        tokio::spawn(watch_waiting(
            store.clone(),
            Arc::clone(&clock),
            (metrics.claims.clone(), metrics.cases.clone()),
        ));
        tokio::spawn(nightly::check(store.clone(), shared.documents, Arc::clone(&clock), metrics.clone()));
        tokio::spawn(fire_timers(store.clone(), Arc::clone(&clock)));
        let (ops_address, ops) = self.own_ops.unzip();
        tracing::info!(%address, ops = ops_address.map(tracing::field::display), "listening");
        // What it logs comes after that line, however little there is to do.
        resealer.map(|resealer| tokio::spawn(resealer.run()));
        Ok(Service {
            address,
            ops_address,
            progress: self.progress,
            front: self.front,
            webhook,
            content: Reloader { source: content_source(config), content: shared.content, metrics },
            schemes: SchemeReloader { source: self.scheme_source, store, clock },
            main: self.main,
            ops,
            outgoing,
            drain: config.server.drain,
        })
    }
}

impl Service {
    /// See [`Starting::open`] and [`Starting::serve`].
    pub async fn start(
        config: &Config,
        clock: Arc<dyn Clock>,
        mounted: impl FnOnce(SocketAddr) -> Router,
    ) -> Result<Service, StartError> {
        Starting::open(config, clock).await?.serve(mounted)
    }

    /// Where it really listens, if the configuration said port 0.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn ops_address(&self) -> Option<SocketAddr> {
        self.ops_address
    }

    pub fn reloader(&self) -> Reloader {
        self.content.clone()
    }

    pub fn scheme_reloader(&self) -> SchemeReloader {
        self.schemes.clone()
    }

    pub fn store(&self) -> Option<&Store> {
        self.progress.store.get()
    }

    /// Lets nobody in any more, finishes what is in flight within the drain limit, and closes the store; until then it is
    /// not ready, and says so.
    ///
    /// Errors: what the store could not write.
    pub async fn stop(mut self) -> Result<(), String> {
        let deadline = Instant::now() + self.drain;
        self.progress.stopping.store(true, Ordering::Relaxed);
        self.front.close();
        tracing::info!("stopping");
        let cut = self.main.drain().await;
        if timeout_at(deadline, self.webhook.settle()).await.is_err() || cut > 0 {
            tracing::warn!(connections = cut, "cut what did not end in time");
        }
        if let Some(outgoing) = self.outgoing {
            outgoing.end(deadline).await;
        }
        let closed = match self.progress.store.get() {
            Some(store) => close(store).await,
            None => Ok(()),
        };
        drop((self.main, self.ops)); // until here they answer
        tracing::info!(whole = closed.is_ok(), "stopped");
        closed
    }
}

fn tell(problems: &[Problem]) {
    for problem in problems {
        tracing::warn!(%problem, "menus, keywords or texts");
    }
}

/// Where the words that followers read come from.
pub fn content_source(config: &Config) -> Source {
    config.menus.path.clone().map_or(Source::Embedded, Source::Folder)
}

impl Progress {
    fn is_ready(&self) -> bool {
        !self.stopping.load(Ordering::Relaxed) && self.store.get().is_some_and(Store::is_sound)
    }
}

impl Reloader {
    /// Reads the files again. If anything in them is wrong, the old ones stay.
    pub fn reload(&self) {
        let loaded = load_content(&self.source);
        let worked = loaded.is_ok();
        self.metrics.reloaded(worked);
        let problems = match loaded {
            Ok((content, notes)) => {
                self.content.store(Arc::new(content));
                notes
            }
            Err(problems) => problems,
        };
        tell(&problems);
        match worked {
            true => tracing::info!("menus, keywords and texts were read again"),
            false => tracing::error!("menus, keywords and texts stay as they were"),
        }
    }
}

fn webhook(shared: &Shared<'_>, memory: Memory) -> Webhook {
    let Shared { config, store, clock, content, metrics, .. } = shared;
    let settings = Settings {
        keys: config.account.keys.clone(),
        body_max: config.server.body_max,
        body_timeout: config.server.body_timeout,
        reply_deadline: config.server.reply_deadline,
    };
    let dispatch = Dispatch::new(store.clone(), Arc::clone(content), config.outbox.quotas)
        .with_memory(memory)
        .with_desk(config.desk_on)
        .with_public_url(config.server.public_url.as_deref());
    Webhook::new(settings, dispatch, Arc::clone(content), Arc::clone(clock), metrics.clone())
}

fn api(shared: &Shared<'_>, wechat: Option<Client>, claims: Counts) -> Api {
    let Shared { config, store, clock, content, documents, metrics } = shared;
    // Beside the store, where a copy of it has room.
    let backup = place(config, clock, config.store.path.with_added_extension("outgoing"), "outgoing");
    Api {
        store: store.clone(),
        clock: Arc::clone(clock),
        content: Arc::clone(content),
        access: Arc::new(Access::new(config.staff.clone())),
        metrics: metrics.clone(),
        limits: api::Limits { body_max: API_BODY_BYTES_MAX, body_timeout: config.server.body_timeout },
        outgoing: api::Outgoing::new(backup),
        documents: documents.clone(),
        claims,
        broadcasts: config.broadcast.clone(),
        wechat,
    }
}

/// A place on disk; of a store in memory it is in the system's folder.
fn place(config: &Config, clock: &Arc<dyn Clock>, on_disk: PathBuf, kind: &str) -> PathBuf {
    match config.store.engine {
        EngineKind::Sled => on_disk,
        EngineKind::Memory => {
            std::env::temp_dir().join(format!("gonghui-{:016x}.{kind}", clock.moment().seed))
        }
    }
}

/// Looks for what is due again and again, until the store is closed.
async fn fire_timers(store: Store, clock: Arc<dyn Clock>) {
    loop {
        match fire_due(&store, || clock.moment()).await {
            Ok(()) => {}
            Err(SubmitError::Closed) => return,
            Err(error) => tracing::error!(%error, "what is due could not be done"),
        }
        tokio::time::sleep(TIMERS_EVERY).await;
    }
}

/// Counts the claims and cases that wait too long or soon will have, until the store is closed.
async fn watch_waiting(store: Store, clock: Arc<dyn Clock>, (claims, cases): (Waiting, Waiting)) {
    let counted =
        |tx: &mut Tx| Ok((claim::queue::pressing(tx, WAITING_MAX)?, case::queue::pressing(tx, WAITING_MAX)?));
    loop {
        match store.read(clock.moment(), counted).await {
            Ok((of_claims, of_cases)) => {
                claims.set(of_claims);
                cases.set(of_cases);
            }
            Err(SubmitError::Closed) => return,
            Err(error) => tracing::error!(%error, "what waits too long could not be counted"),
        }
        tokio::time::sleep(WAITING_EVERY).await;
    }
}

async fn close(store: &Store) -> Result<(), String> {
    match tokio::time::timeout(CLOSE_LIMIT, store.close()).await {
        Ok(closed) => closed.map_err(|error| error.to_string()),
        Err(_) => Err(format!("the store did not close within {CLOSE_LIMIT:?}")),
    }
}
