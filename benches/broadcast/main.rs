//! A broadcast to 1.5 million followers: how fast, in how much memory, and whether each gets it exactly once though the
//! service is killed in the middle.
//!
//! `cargo bench --bench broadcast` prints a table; `-- --contacts 100000` is a quick look. The service runs in a process of
//! its own; WeChat is in that process too, but what it delivered stands in a file that outlives the kill. It knows a
//! repeated template message by its client id, as WeChat does.

#![expect(clippy::disallowed_methods, reason = "a bench asks the machine's clock")]

mod child;
mod platform;

use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use platform::Deliveries;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let Some(at) = args.iter().position(|arg| arg == "--child") {
        return child::run(&args[at + 1..]);
    }
    let at = args.iter().position(|arg| arg == "--contacts");
    let contacts = at.and_then(|at| args.get(at + 1)?.parse().ok()).unwrap_or(1_500_000);
    let folder = tempfile::tempdir().expect("a temporary folder");
    measure(folder.path(), contacts);
}

fn measure(folder: &Path, contacts: u64) {
    let started = Instant::now();
    wait(start("fill", folder, contacts));
    println!("| what | figure |\n| --- | ---: |");
    println!("| filling a store with {contacts} contacts | {:.0} s |", started.elapsed().as_secs_f64());
    let before = bytes(&folder.join("store"));

    let started = Instant::now();
    let mut first = start("run", folder, contacts);
    let deliveries = Deliveries::open(&folder.join("deliveries"), contacts);
    let mut memory = 0;
    while deliveries.total() < contacts / 2 {
        assert!(first.try_wait().expect("a child").is_none(), "it ended before it was killed");
        memory = memory.max(resident(&first));
        std::thread::sleep(Duration::from_millis(50));
    }
    first.kill().expect("a kill");
    first.wait().expect("a child");
    let killed_at = deliveries.total();
    let mut second = start("run", folder, contacts);
    while second.try_wait().expect("a child").is_none() {
        memory = memory.max(resident(&second));
        std::thread::sleep(Duration::from_millis(50));
    }
    wait(second);
    let took = started.elapsed().as_secs_f64();

    let (none, once, more) = deliveries.counts();
    let grown = bytes(&folder.join("store")).saturating_sub(before);
    println!("| recipients a second, audience fixed and kill included | {:.0} |", contacts as f64 / took);
    println!("| highest resident memory | {} MB |", memory >> 20);
    println!("| growth of the store a recipient | {} bytes |", grown / contacts);
    println!("| killed after | {killed_at} |");
    println!("| got it once / never / more than once | {once} / {none} / {more} |");
    assert_eq!((none, more), (0, 0), "each exactly once");
}

fn start(what: &str, folder: &Path, contacts: u64) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("a program has a path"));
    let folder = folder.display().to_string();
    command.args(["--child", what, &folder, &contacts.to_string()]).spawn().expect("the bench starts itself")
}

fn wait(mut child: Child) {
    assert!(child.wait().expect("a child").success(), "a child failed");
}

/// Resident memory in bytes.
fn resident(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap_or(0) << 10
}

fn bytes(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(about) if about.is_dir() => bytes(&entry.path()),
            Ok(about) => about.len(),
            Err(_) => 0,
        })
        .sum()
}
