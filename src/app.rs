//! Where everything meets: the one place that asks the machine for time, chance and environment.

pub mod demo;
mod listening;
mod nightly;
mod outgoing;
mod resealing;
pub mod schemes;
mod service;
mod store;
mod wechat;
mod words;

use std::hash::{BuildHasher, RandomState};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::cli;
use crate::config::Environment;
use crate::moment::{Clock, Moment, Time};

pub use schemes::SchemeReloader;
pub use service::{Reloader, Service, StartError, Starting, content_source};
pub use store::{engine, key_book_path, open_store, sealer};
pub use words::ContentWords;

/// sled makes and drops a leaf's keys and values with every write; glibc's allocator was a fifth of a turn.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Files that a service needs beside its connections.
const OTHER_FILES: usize = 256;

/// The program.
pub fn main() -> ExitCode {
    keep_files_private();
    cli::run(std::env::args_os(), &environment())
}

/// The machine's clock. Its seeds come from a keyed hash of a counter: no two alike in a process, and
/// none can be told from those before.
#[derive(Debug, Default)]
pub struct Machine {
    keyed: RandomState,
    counter: AtomicU64,
}

impl Clock for Machine {
    fn moment(&self) -> Moment {
        let seed = self.keyed.hash_one(self.counter.fetch_add(1, Ordering::Relaxed));
        Moment { now: now(), seed }
    }
}

/// What this process writes (the store, members' keys, backups, rosters) is its user's alone.
fn keep_files_private() {
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

/// Bytes that nobody can guess, for keys and tokens.
pub fn random<const N: usize>() -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    random_into(&mut bytes)?;
    Ok(bytes)
}

fn random_into(bytes: &mut [u8]) -> std::io::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "this is where chance comes from")]
    getrandom::fill(bytes).map_err(std::io::Error::from)
}

/// The runtime that everything asynchronous runs on. Looking at new connections this often was measured
/// to halve the slowest answers at 512 connections.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().global_queue_interval(4).build()
}

/// Lets the process have as many files open as it grants connections, as far as the system allows.
pub fn raise_file_limit(connections_max: usize) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let wanted = (connections_max + OTHER_FILES) as u64;
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= wanted) {
        return;
    }
    let granted = limit.maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(granted), ..limit });
    if granted < wanted {
        tracing::warn!(granted, wanted, "fewer files may be open than connections are granted");
    }
}

fn environment() -> Environment {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(text).collect()
}

fn now() -> Time {
    #[expect(clippy::disallowed_methods, reason = "this is where time comes from")]
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Time::from_unix_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_of_today_and_their_seeds_differ() {
        let machine = Machine::default();
        let (first, second) = (machine.moment(), machine.moment());
        assert!(first.now > Time::parse("2025-01-01T00:00:00Z").unwrap());
        assert!(second.now >= first.now);
        assert_ne!(first.seed, second.seed);
    }
}
