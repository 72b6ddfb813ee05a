//! What the service costs beside a bare hyper echo, measured in one go on loopback.
//!
//! `cargo bench` prints a table: throughput, latency, memory, and the ratio to the echo with the same bodies on
//! the same machine in the same run. `cargo bench -- --contacts 100000 --seconds 2` is a quick look,
//! `--connections 256` has more people click at the same time, and `--only small` (or `coupons`, `claims`, `large`)
//! measures one store beside the echo. Settings are those of an empty configuration; as for the service,
//! `GONGHUI_STORE__CACHE_MIB=64 cargo bench` sets another.
//! Server and client are two processes on the same cores, as they are for the echo.

#![expect(clippy::disallowed_methods, reason = "a bench asks the machine's clock")]

mod child;
mod claims;
mod client;
mod messages;
mod table;

use std::path::Path;
use std::time::{Duration, Instant};

use child::{Child, Used};
use client::Load;
use messages::Messages;
use table::Row;

const STORM_CONNECTIONS: usize = 512;
const CLAIMANTS: u64 = 200_000;
pub const COUPONS: u64 = 1_000;

struct Options {
    contacts: u64,
    seconds: u64,
    /// Of who clicks; the storms have their own.
    connections: usize,
    claims: u64,
    enrolments: u64,
    rate: u64,
    /// Claims a second in the coupon storm.
    storm_rate: u64,
    /// The one store to measure; all of them if it is empty.
    only: String,
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let Some(at) = args.iter().position(|arg| arg == "--child") {
        return child::run(&args[at + 1..]);
    }
    let text = |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1));
    let number = |name: &str, default: u64| text(name).and_then(|n| n.parse().ok()).unwrap_or(default);
    let options = Options {
        contacts: number("--contacts", 1_500_000),
        seconds: number("--seconds", 5),
        connections: number("--connections", 64) as usize,
        claims: number("--claims", 1_100_000),
        enrolments: number("--enrolments", 2_000_000),
        rate: number("--rate", 15_000),
        storm_rate: number("--storm-rate", 200_000),
        only: text("--only").cloned().unwrap_or_default(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(measure(&options));
}

async fn measure(options: &Options) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut rows = Vec::new();
    let time = Duration::from_secs(options.seconds);

    let echo = Child::echo();
    let clicks = Messages::clicks(options.contacts, 200_000);
    let connections = options.connections;
    let measured = client::closed(echo.address, &clicks, connections, time, Load::Cycle).await;
    rows.push(Row::new(&format!("bare hyper echo, {connections} connections"), &measured, echo.used()));
    let measured = client::closed(echo.address, &clicks, STORM_CONNECTIONS, time, Load::Cycle).await;
    rows.push(Row::new("bare hyper echo, 512 connections", &measured, echo.used()));
    drop(echo);

    let has = |store: &str| options.only.is_empty() || options.only == store;
    if has("small") {
        small(&folder.path().join("small"), options, &mut rows).await;
    }
    if has("coupons") {
        coupons(&folder.path().join("coupons"), options, &mut rows).await;
    }
    if has("claims") {
        claims::measure(&folder.path().join("claims"), options, &mut rows).await;
    }
    if has("large") {
        large(&folder.path().join("large"), &clicks, options, &mut rows).await;
    }
    table::print(&rows);
}

async fn small(folder: &Path, options: &Options, rows: &mut Vec<Row>) {
    let time = Duration::from_secs(options.seconds);
    let service = serve(folder, 1_000, rows).await;
    service.used();
    let few = Messages::clicks(1_000, 200_000);
    let measured = client::closed(service.address, &few, options.connections, time, Load::Once).await;
    rows.push(Row::new("menu click, 1,000 contacts", &measured, service.used()));
}

async fn large(folder: &Path, clicks: &Messages, options: &Options, rows: &mut Vec<Row>) {
    let (time, connections) = (Duration::from_secs(options.seconds), options.connections);
    let service = serve(folder, options.contacts, rows).await;
    service.used();
    let measured = client::closed(service.address, clicks, connections, time, Load::Once).await;
    rows.push(Row::new(&format!("menu click, {} contacts", options.contacts), &measured, service.used()));
    let again = clicks.first(measured.done.min(20_000));
    let measured = client::closed(service.address, &again, connections, time, Load::Cycle).await;
    rows.push(Row::new("the same clicks sent again", &measured, service.used()));

    // Those who come every day: what a click costs them must not hang on how many others there are.
    let regulars = Messages::clicks(1_000, 200_000);
    let name = format!("menu click, 1,000 of {} contacts", options.contacts);
    let measured = client::closed(service.address, &regulars, connections, time, Load::Once).await;
    rows.push(Row::new(&name, &measured, service.used()));

    let fresh = Messages::clicks(options.contacts, 200_000);
    let name = format!("menu click, open loop at {}/s", options.rate);
    let measured = client::open(service.address, &fresh, connections, options.rate, time).await;
    rows.push(Row::new(&name, &measured, service.used()));

    let storm = Messages::storm(30_000 * options.seconds.min(3));
    client::closed(service.address, &storm.begin, connections, Duration::MAX, Load::Once).await;
    service.used();
    let measured =
        client::closed(service.address, &storm.confirm, STORM_CONNECTIONS, Duration::MAX, Load::Once).await;
    rows.push(Row::new("durable sign-up storm, 512 connections", &measured, service.used()));
    assert_eq!(measured.winners.len(), measured.done, "every sign-up of the storm has its seat");
    drop(service);

    let started = Instant::now();
    let service = Child::serve(folder);
    rows.push(Row::time(
        &format!("start on {} contacts", options.contacts),
        started.elapsed(),
        service.used(),
    ));
}

/// Everybody taps for one of few coupons, at a rate that doesn't wait for answers: first twice what the service
/// takes, then as fast as answers come when all are gone.
async fn coupons(folder: &Path, options: &Options, rows: &mut Vec<Row>) {
    let service = serve(folder, CLAIMANTS, rows).await;
    service.used();
    let claims = Messages::claims(CLAIMANTS);
    let name = format!("coupon storm, open loop at {}/s, 512 connections", options.storm_rate);
    let rate = options.storm_rate;
    let storm = client::open(service.address, &claims, STORM_CONNECTIONS, rate, Duration::MAX).await;
    rows.push(Row::new(&name, &storm, service.used()));
    rows.push(Row::new("its winners, 512 connections", &storm.of_winners(), Used::default()));
    assert_eq!(storm.winners.len() as u64, COUPONS, "each coupon was given once");
    assert_eq!(storm.silent, 0, "nobody is left without words");
    println!("told to try again in the storm: {} of {}", storm.busy, storm.done);
    let late = Messages::claims(CLAIMANTS);
    let time = Duration::from_secs(options.seconds);
    let gone = client::closed(service.address, &late, options.connections, time, Load::Once).await;
    rows.push(Row::new("told that all are gone", &gone, service.used()));
}

/// A service on a store with so many contacts and one published activity.
async fn serve(folder: &Path, contacts: u64, rows: &mut Vec<Row>) -> Child {
    let started = Instant::now();
    Child::fill(folder, contacts);
    rows.push(Row::time(
        &format!("filling a store with {contacts} contacts"),
        started.elapsed(),
        Used::default(),
    ));
    Child::serve(folder)
}
