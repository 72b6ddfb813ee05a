//! The service's account of itself, on stderr: JSON for machines, text for people.
//!
//! A turn must not wait for whoever reads the log, so lines go to a bounded buffer that one thread
//! empties. When its reader stalls, lines are dropped and counted rather than kept without end.

use std::io::{self, Write};
use std::panic::PanicHookInfo;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Lines that may wait, in bytes.
const BUFFER_BYTES_MAX: usize = 4 << 20;
/// How long a line may wait for others to be written with it.
const GATHER: Duration = Duration::from_millis(50);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// One JSON object a line.
    #[default]
    Json,
    Text,
}

/// Keeps the log flowing; dropping it writes what waits.
#[must_use]
pub struct Log {
    buffer: Buffer,
    writer: Option<JoinHandle<()>>,
}

/// Starts the process's log and tells panics to it. `filter` is `tracing`'s: `info`, or
/// `info,gonghui::store=debug`. A second call changes nothing, as in tests.
pub fn start(filter: EnvFilter, format: Format) -> Log {
    let log = Log::to(io::stderr());
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(log.buffer.clone()).with_ansi(false);
    let started = match format {
        Format::Json => subscriber.json().flatten_event(true).with_current_span(false).try_init(),
        Format::Text => subscriber.with_target(false).try_init(),
    };
    if started.is_ok() {
        std::panic::set_hook(Box::new(tell_panic));
    }
    log
}

/// A panic's words may quote what a follower sent, so only its place is told outside of debugging.
fn tell_panic(info: &PanicHookInfo<'_>) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or_default();
    tracing::error!(place, thread, "a bug: panicked");
    tracing::debug!(place, words = info.payload_as_str().unwrap_or_default(), "what the panic said");
}

impl Log {
    fn to(sink: impl Write + Send + 'static) -> Log {
        let buffer = Buffer::default();
        let waiting = buffer.clone();
        let writer = std::thread::Builder::new().name("log".to_owned()).spawn(move || waiting.write_to(sink));
        Log { buffer, writer: writer.ok() }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.buffer.change(|waiting| waiting.ended = true);
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

#[derive(Clone, Default)]
struct Buffer(Arc<(Mutex<Waiting>, Condvar)>);

#[derive(Default)]
struct Waiting {
    lines: Vec<u8>,
    dropped: u64,
    ended: bool,
}

impl Buffer {
    fn change(&self, change: impl FnOnce(&mut Waiting)) {
        let (waiting, changed) = &*self.0;
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let was_empty = waiting.lines.is_empty();
        change(&mut waiting);
        if was_empty || waiting.ended {
            changed.notify_one();
        }
    }

    /// Writes what gathers until the log ends. A sink that fails (a closed pipe) loses its lines.
    fn write_to(&self, mut sink: impl Write) {
        loop {
            let (lines, dropped, ended) = self.take();
            let _ = sink.write_all(&lines);
            if dropped > 0 {
                let _ = writeln!(
                    sink,
                    "{{\"level\":\"WARN\",\"message\":\"log lines dropped\",\"count\":{dropped}}}"
                );
            }
            let _ = sink.flush();
            if ended {
                return;
            }
            self.gather();
        }
    }

    fn take(&self) -> (Vec<u8>, u64, bool) {
        let (waiting, changed) = &*self.0;
        let waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut waiting = changed
            .wait_while(waiting, |waiting| waiting.lines.is_empty() && !waiting.ended)
            .unwrap_or_else(PoisonError::into_inner);
        let lines = std::mem::take(&mut waiting.lines);
        (lines, std::mem::take(&mut waiting.dropped), waiting.ended)
    }

    fn gather(&self) {
        let (waiting, changed) = &*self.0;
        let waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        drop(changed.wait_timeout_while(waiting, GATHER, |waiting| !waiting.ended));
    }
}

/// One event's bytes come in one call.
impl Write for Buffer {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.change(|waiting| match waiting.lines.len() + line.len() <= BUFFER_BYTES_MAX {
            true => waiting.lines.extend_from_slice(line),
            false => waiting.dropped += 1,
        });
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Buffer {
    type Writer = Buffer;

    fn make_writer(&self) -> Buffer {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    struct Sink {
        written: Arc<Mutex<Vec<u8>>>,
        /// Blocks each write until told to go on.
        go: Option<mpsc::Receiver<()>>,
    }

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if let Some(go) = &self.go {
                let _ = go.recv();
            }
            self.written.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_waits_is_written_before_the_log_ends() {
        let written = Arc::new(Mutex::new(Vec::new()));
        let log = Log::to(Sink { written: Arc::clone(&written), go: None });
        let mut buffer = log.buffer.clone();
        for n in 0..1_000 {
            writeln!(buffer, "line {n}").unwrap();
        }
        drop(log);
        let written = String::from_utf8(written.lock().unwrap().clone()).unwrap();
        assert_eq!(written.lines().count(), 1_000);
        assert!(written.ends_with("line 999\n"));
    }

    #[test]
    fn a_stalled_reader_costs_lines_and_not_memory() {
        let (go, stalled) = mpsc::channel();
        let written = Arc::new(Mutex::new(Vec::new()));
        let log = Log::to(Sink { written: Arc::clone(&written), go: Some(stalled) });
        let mut buffer = log.buffer.clone();
        let line = [b'x'; 1024];
        for _ in 0..3 * BUFFER_BYTES_MAX / line.len() {
            buffer.write_all(&line).unwrap();
        }
        drop(go);
        drop(log);
        let written = written.lock().unwrap();
        assert!(written.len() <= 2 * BUFFER_BYTES_MAX + 1024, "{}", written.len());
        assert!(String::from_utf8_lossy(&written).contains("log lines dropped"));
    }
}
