//! The measured processes: an echo, and the service on a store filled before.

use std::cell::Cell;
use std::convert::Infallible;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use gonghui::app::{self, Machine, Service};
use gonghui::config::{Config, Environment};
use gonghui::domain::contact::record::{Contact, FollowerId};
use gonghui::domain::tables::CONTACTS;
use gonghui::moment::Clock;
use gonghui::staff::{Call, Caller, Role, activity, benefit};
use gonghui::store::Store;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use sha2::{Digest, Sha256};

use super::claims;
use super::messages::{ACCOUNT, STAFF_TOKEN, TOKEN, follower};

/// A process that answers at `address`; killed when dropped.
pub struct Child {
    process: std::process::Child,
    pub address: SocketAddr,
    /// Processor time that was told before.
    told: Cell<Duration>,
}

/// What a process has, and what it used since it was asked before.
#[derive(Clone, Copy, Default)]
pub struct Used {
    pub resident_bytes: u64,
    pub processor: Duration,
}

/// Of the times in `/proc`.
const TICK: Duration = Duration::from_millis(10);

impl Child {
    pub fn echo() -> Child {
        Child::start(&["echo"])
    }

    pub fn serve(folder: &Path) -> Child {
        Child::start(&["serve", &folder.display().to_string()])
    }

    /// Fills a store and waits until it is closed.
    pub fn fill(folder: &Path, contacts: u64) {
        let args = ["fill", &folder.display().to_string(), &contacts.to_string()];
        let done = command(&args).status().expect("the bench starts itself");
        assert!(done.success(), "filling failed");
    }

    pub fn fill_claims(folder: &Path, claims: u64, enrolments: u64) {
        let args = ["claims", &folder.display().to_string(), &claims.to_string(), &enrolments.to_string()];
        let done = command(&args).status().expect("the bench starts itself");
        assert!(done.success(), "filling failed");
    }

    fn start(args: &[&str]) -> Child {
        let mut process = command(args).stdout(Stdio::piped()).spawn().expect("the bench starts itself");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("an address");
        Child { process, address: line.trim().parse().expect("an address"), told: Cell::default() }
    }

    pub fn used(&self) -> Used {
        let processor = self.processor();
        let before = self.told.replace(processor);
        Used { resident_bytes: self.resident_bytes(), processor: processor.saturating_sub(before) }
    }

    fn resident_bytes(&self) -> u64 {
        let status = self.about("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().unwrap_or(0);
        kib << 10
    }

    fn processor(&self) -> Duration {
        let stat = self.about("stat");
        // Behind the name, which may hold spaces: fields 14 and 15 of proc(5).
        let fields = stat.rsplit_once(')').map(|(_, fields)| fields).unwrap_or_default();
        let ticks: u32 =
            fields.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u32>().ok()).sum();
        TICK * ticks
    }

    fn about(&self, what: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{what}", self.process.id())).unwrap_or_default()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("a program has a path"));
    command.arg("--child").args(args);
    command
}

pub fn run(args: &[String]) {
    let runtime = app::runtime().expect("a runtime");
    match args {
        [kind] if kind == "echo" => runtime.block_on(echo()),
        [kind, folder] if kind == "serve" => runtime.block_on(serve(Path::new(folder))),
        [kind, folder, contacts] if kind == "fill" => {
            runtime.block_on(fill(Path::new(folder), contacts.parse().expect("a number")));
        }
        [kind, folder, claims, enrolments] if kind == "claims" => {
            let number = |text: &String| text.parse().expect("a number");
            runtime.block_on(claims::fill(Path::new(folder), number(claims), number(enrolments)));
        }
        other => panic!("no such child: {other:?}"),
    }
}

fn tell(address: SocketAddr) {
    println!("{address}");
    std::io::stdout().flush().expect("stdout is open");
}

async fn echo() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    tell(listener.local_addr().expect("an address"));
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        let _ = stream.set_nodelay(true);
        let answer = service_fn(|request: Request<Incoming>| async {
            let body = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::new(body)))
        });
        tokio::spawn(
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer),
        );
    }
}

fn config(folder: &Path) -> Config {
    let text = format!(
        "[account]\nid = \"{ACCOUNT}\"\ntoken = \"{TOKEN}\"\nmode = \"plain\"\n\
         [server]\nlisten = \"127.0.0.1:0\"\n[store]\nengine = \"sled\"\npath = \"store\"\n\
         [keys]\nseal = \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"\n\
         [[staff]]\nname = \"reviewer\"\nroles = [\"claim\"]\ntoken_sha256 = \"{}\"\n",
        hex::encode(Sha256::digest(STAFF_TOKEN))
    );
    let environment: Environment = std::env::vars().collect();
    Config::parse(&folder.join("gonghui.toml"), &text, &environment).expect("a configuration")
}

async fn serve(folder: &Path) {
    let config = config(folder);
    let service = Service::start(&config, Arc::new(Machine::default()), |_| axum::Router::new());
    let service = service.await.expect("a service");
    tell(service.address());
    std::future::pending::<()>().await;
}

const CONTACTS_PER_COMMAND: u64 = 100;

/// A new store, as the service will find it.
pub async fn open(folder: &Path) -> Store {
    std::fs::create_dir_all(folder).expect("a folder");
    let config = config(folder);
    app::open_store(&config.store, &config.keys, Machine::default().moment()).await.expect("a store")
}

async fn fill(folder: &Path, contacts: u64) {
    let store = open(folder).await;
    let clock = Machine::default();
    let mut running = tokio::task::JoinSet::new();
    for first in (0..contacts).step_by(CONTACTS_PER_COMMAND as usize) {
        if running.len() >= 16 {
            running.join_next().await;
        }
        let (store, moment) = (store.clone(), clock.moment());
        running.spawn(async move {
            let put = move |tx: &mut gonghui::store::Tx| {
                for n in first..(first + CONTACTS_PER_COMMAND).min(contacts) {
                    tx.put(&CONTACTS, &FollowerId::new(follower(n)), &Contact::new(moment.now))?;
                }
                Ok(())
            };
            store.submit(moment, put).await.expect("contacts are stored");
        });
    }
    while running.join_next().await.is_some() {}
    let staff = Call::new(&store, clock.moment(), Caller::new("bench", vec![Role::Activity]));
    let created = activity::create(&staff, &walk(&clock)).await.expect("an activity");
    let id = created.id.parse().expect("a code");
    activity::publish(&staff, id).await.expect("a published activity");
    let grantor = Call::new(&store, clock.moment(), Caller::new("bench", vec![Role::Benefit]));
    let made = benefit::create(&grantor, &ride(&clock)).await.expect("a benefit");
    let id = made.id.parse().expect("a code");
    benefit::publish(&grantor, id).await.expect("a published benefit");
    close_at_rest(store, folder).await;
}

/// Closes it when all its rows are where they stay: what is measured next doesn't pay for moving them.
pub async fn close_at_rest(store: Store, folder: &Path) {
    let has_journal = || {
        let files = std::fs::read_dir(folder.join("store")).expect("a store's folder");
        files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("gonghui.journal."))
    };
    while has_journal() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    store.close().await.expect("a store in order");
}

fn ride(clock: &Machine) -> String {
    let now = clock.moment().now;
    serde_json::json!({
        "title": "公交地铁一分钱", "provider": "样例公交", "way": "own", "newcomers": null,
        "eligibility": {"who": "anyone"},
        "releases": [{"at": now.minus(Duration::from_secs(60)).to_string(), "stock": super::COUPONS}],
    })
    .to_string()
}

fn walk(clock: &Machine) -> String {
    let now = clock.moment().now;
    let day = |n: u64| now.plus(Duration::from_secs(n * 86_400)).to_string();
    serde_json::json!({
        "title": "周末健步走", "place": "三江口", "waiting_list": false,
        "sessions": [{"starts": day(9), "ends": day(10), "capacity": 100_000}],
        "sign_up": {"opens": now.minus(Duration::from_secs(60)).to_string(), "closes": day(8)},
        "eligibility": {"who": "anyone"},
    })
    .to_string()
}
