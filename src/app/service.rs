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
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use super::nightly;
use super::resealing::Resealer;
use super::schemes::{self, SchemeReloader};
use super::store::{open_store, sealer};
use super::{ContentWords, wechat};
use crate::config::{self, Config, EngineKind};
use crate::content::{Content, Problem, Source};
use crate::dispatch::memory::Counts;
use crate::dispatch::{Dispatch, Memory, load_content};
use crate::domain::activity::forget;
use crate::domain::tables::OUTBOX_PENDING;
use crate::domain::timers::fire_due;
use crate::domain::{case, claim, scheme};
use crate::moment::Clock;
use crate::outbox::{FollowerSync, Outbox, Pictures, Runs};
use crate::server::api::{self, Access, Api};
use crate::server::front::{Doors, Front};
use crate::server::metrics::Waiting;
use crate::server::webhook::{Settings, Webhook};
use crate::server::{self, Drained, Metrics, Ops, metrics};
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
/// Probes and scrapers need few connections, and little time to ask.
const OPS_LIMITS: server::Limits =
    server::Limits { connections_max: 64, header_timeout: Duration::from_secs(10), drain: Duration::ZERO };

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

/// A listener's task, and how to tell it to stop. It answers until this is dropped.
struct Listening {
    /// Dropped to stop.
    stop: Option<oneshot::Sender<()>>,
    drained: oneshot::Receiver<Drained>,
    task: JoinHandle<()>,
}

/// What is sent to followers, and how to tell it to end.
struct Outgoing {
    stop: watch::Sender<bool>,
    ended: JoinHandle<()>,
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
        let content = Arc::new(ArcSwap::from_pointee(self.content));
        let client = wechat::client(config, &store, &clock)?;
        let documents = SealedFiles::new(documents_path(config, &clock), sealer(&config.keys));
        let nights_files = documents.clone();
        let outgoing = client.clone().map(|client| {
            let words = Arc::new(ContentWords(Arc::clone(&content)));
            outgoing(config, client, words, &store, &clock, &documents, &mut registry)
        });
        let resealer = (!config.keys.seal_previous.is_empty()).then(|| Resealer {
            store: store.clone(),
            files: documents.clone(),
            clock: Arc::clone(&clock),
            metrics: metrics.clone(),
        });
        let memory = Memory::new(config.welfare);
        let claims = memory.counts().clone();
        claims.register(&mut registry);
        self.ops.show(registry);
        let webhook = webhook(config, &store, &content, &clock, &metrics, memory);
        let api =
            Api { wechat: client, ..api(config, &store, (&content, &clock), &metrics, documents, claims) };
        let draws = server::draws::router(store.clone(), Arc::clone(&clock));
        self.front.open(Doors {
            webhook: webhook.clone(),
            rest: mounted(address).merge(api::router(api)).merge(draws),
        });
        let _ = self.progress.store.set(store.clone());
        tokio::spawn(watch_waiting(
            store.clone(),
            Arc::clone(&clock),
            (metrics.claims.clone(), metrics.cases.clone()),
        ));
        tokio::spawn(nightly::check(store.clone(), nights_files, Arc::clone(&clock), metrics.clone()));
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
            content: Reloader { source: content_source(config), content, metrics },
            schemes: SchemeReloader { source: self.scheme_source, store, clock },
            main: self.main,
            ops,
            outgoing,
            drain: config.server.drain,
        })
    }
}

/// What goes out to followers, and what is fetched for them, each with its place in the metrics.
fn outgoing(
    config: &Config,
    client: Client,
    words: Arc<ContentWords>,
    store: &Store,
    clock: &Arc<dyn Clock>,
    documents: &SealedFiles,
    registry: &mut Registry,
) -> Outgoing {
    let settings = config.outbox.worker.clone();
    let in_flight_max = settings.in_flight_max;
    let platform = Arc::new(client);
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
    Outgoing::start(outbox, runs, pictures, sync)
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

async fn listen_front(
    config: &Config,
    front: Arc<Front>,
    metrics: &Metrics,
) -> Result<(SocketAddr, Listening), StartError> {
    let limits = server::Limits {
        connections_max: config.server.connections_max,
        header_timeout: config.server.header_timeout,
        drain: config.server.drain,
    };
    let answer = move |request| Arc::clone(&front).answer(request);
    listen(config.server.listen, limits, metrics.connections.clone(), answer).await
}

async fn listen_ops(address: SocketAddr, ops: Ops) -> Result<(SocketAddr, Listening), StartError> {
    let answer = move |request: hyper::Request<hyper::body::Incoming>| {
        let answer = ops.answer(&request);
        std::future::ready(answer.unwrap_or_else(|| server::body::status(hyper::StatusCode::NOT_FOUND)))
    };
    listen(address, OPS_LIMITS, prometheus_client::metrics::gauge::Gauge::default(), answer).await
}

async fn listen<H, F>(
    address: SocketAddr,
    limits: server::Limits,
    open: prometheus_client::metrics::gauge::Gauge,
    answer: H,
) -> Result<(SocketAddr, Listening), StartError>
where
    H: Fn(hyper::Request<hyper::body::Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = hyper::Response<server::body::Body>> + Send + 'static,
{
    let failed = |error| StartError::Listen { address, error };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let real = listener.local_addr().map_err(failed)?;
    let (stop, stopped) = oneshot::channel();
    let (tell, drained) = oneshot::channel();
    let task = tokio::spawn(async move {
        let stopped = async {
            let _ = stopped.await; // a dropped sender stops as well
        };
        let _ = tell.send(server::serve(&listener, answer.clone(), limits, open, stopped).await);
        match server::answer_late(&listener, answer, limits).await {}
    });
    Ok((real, Listening { stop: Some(stop), drained, task }))
}

impl Listening {
    /// How many connections had to be cut.
    async fn drain(&mut self) -> usize {
        self.stop = None;
        (&mut self.drained).await.map_or(0, |drained| drained.cut)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Outgoing {
    fn start(outbox: Outbox, runs: Runs, pictures: Pictures, sync: FollowerSync) -> Outgoing {
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

    /// Calls under way finish if they do in time; the others are taken up at the next start.
    async fn end(mut self, deadline: Instant) {
        let _ = self.stop.send(true);
        if timeout_at(deadline, &mut self.ended).await.is_err() {
            self.ended.abort();
        }
    }
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

fn webhook(
    config: &Config,
    store: &Store,
    content: &Arc<ArcSwap<Content>>,
    clock: &Arc<dyn Clock>,
    metrics: &Metrics,
    memory: Memory,
) -> Webhook {
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

fn api(
    config: &Config,
    store: &Store,
    (content, clock): (&Arc<ArcSwap<Content>>, &Arc<dyn Clock>),
    metrics: &Metrics,
    documents: SealedFiles,
    claims: Counts,
) -> Api {
    let mark = clock.moment().seed;
    Api {
        store: store.clone(),
        clock: Arc::clone(clock),
        content: Arc::clone(content),
        access: Arc::new(Access::new(config.staff.clone())),
        metrics: metrics.clone(),
        limits: api::Limits { body_max: API_BODY_BYTES_MAX, body_timeout: config.server.body_timeout },
        outgoing: api::Outgoing::new(outgoing_path(&config.store, mark)),
        documents,
        claims,
        broadcasts: config.broadcast.clone(),
        wechat: None,
    }
}

/// The configured folder; a store in memory has its documents in the system's.
fn documents_path(config: &Config, clock: &Arc<dyn Clock>) -> PathBuf {
    match config.store.engine {
        EngineKind::Sled => config.store.documents.clone(),
        EngineKind::Memory => {
            std::env::temp_dir().join(format!("gonghui-{:016x}.documents", clock.moment().seed))
        }
    }
}

/// Beside the store, where a copy of it has room; in the system's folder if there is no such place.
fn outgoing_path(store: &config::Store, mark: u64) -> PathBuf {
    match store.engine {
        EngineKind::Sled => store.path.with_added_extension("outgoing"),
        EngineKind::Memory => std::env::temp_dir().join(format!("gonghui-{mark:016x}.outgoing")),
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
