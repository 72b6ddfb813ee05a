//! A client that costs little: prepared bytes out, answers counted and timed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use memchr::memmem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::messages::Messages;

const WON: [&str; 2] = ["报名成功", "领到了"];
const BUSY: &str = "现在人太多";

/// What to do when all messages were sent.
#[derive(Clone, Copy, PartialEq)]
pub enum Load {
    Once,
    Cycle,
}

#[derive(Default)]
pub struct Measured {
    pub done: usize,
    /// Who got a seat or a coupon: how long they waited. Sorted.
    pub winners: Vec<Duration>,
    /// Answers that hold no words: WeChat would show nothing.
    pub silent: usize,
    /// Who was told to try again.
    pub busy: usize,
    pub took: Duration,
    /// Sorted.
    pub latencies: Vec<Duration>,
}

impl Measured {
    /// The same load, of those alone who got something.
    pub fn of_winners(&self) -> Measured {
        Measured {
            done: self.winners.len(),
            latencies: self.winners.clone(),
            took: self.took,
            ..Measured::default()
        }
    }
}

/// As fast as answers come, on so many connections.
pub async fn closed(
    at: SocketAddr,
    messages: &Messages,
    connections: usize,
    time: Duration,
    load: Load,
) -> Measured {
    let next = Arc::new(AtomicUsize::new(0));
    let count = messages.0.len();
    let take = move || {
        let n = next.fetch_add(1, Ordering::Relaxed);
        (load == Load::Cycle || n < count).then_some((n % count, Duration::ZERO))
    };
    run(at, messages, connections, time, take, false).await
}

/// At a fixed rate, whether or not answers keep up: latency counts from when a message was due.
pub async fn open(
    at: SocketAddr,
    messages: &Messages,
    connections: usize,
    rate: u64,
    time: Duration,
) -> Measured {
    let next = Arc::new(AtomicUsize::new(0));
    let count = messages.0.len();
    let take = move || {
        let n = next.fetch_add(1, Ordering::Relaxed);
        (n < count).then(|| (n, Duration::from_nanos(n as u64 * 1_000_000_000 / rate)))
    };
    run(at, messages, connections, time, take, true).await
}

async fn run(
    at: SocketAddr,
    messages: &Messages,
    connections: usize,
    time: Duration,
    take: impl Fn() -> Option<(usize, Duration)> + Clone + Send + 'static,
    paced: bool,
) -> Measured {
    let messages: Arc<Vec<Box<[u8]>>> = Arc::new(messages.0.clone());
    let mut streams = Vec::new();
    for _ in 0..connections {
        let stream = TcpStream::connect(at).await.expect("the server accepts");
        stream.set_nodelay(true).expect("a socket option");
        streams.push(stream);
    }
    let started = Instant::now();
    let mut running = JoinSet::new();
    for mut stream in streams {
        let (messages, take) = (Arc::clone(&messages), take.clone());
        running.spawn(async move {
            let mut mine = Measured::default();
            let mut buffer = Vec::with_capacity(8 << 10);
            while started.elapsed() < time
                && let Some((n, due)) = take()
            {
                if paced {
                    tokio::time::sleep_until((started + due).into()).await;
                }
                let from = if paced { started + due } else { Instant::now() };
                stream.write_all(&messages[n]).await.expect("the server reads");
                answer(&mut stream, &mut buffer).await;
                mine.latencies.push(from.elapsed());
                mine.done += 1;
                if WON.iter().any(|words| contains(&buffer, words)) {
                    mine.winners.push(from.elapsed());
                }
                mine.silent += usize::from(!contains(&buffer, "<Content>"));
                mine.busy += usize::from(contains(&buffer, BUSY));
            }
            mine
        });
    }
    let mut all = Measured::default();
    while let Some(mine) = running.join_next().await {
        let mine = mine.expect("a client task ends");
        all.done += mine.done;
        all.winners.extend(mine.winners);
        all.silent += mine.silent;
        all.busy += mine.busy;
        all.latencies.extend(mine.latencies);
    }
    all.took = started.elapsed();
    all.latencies.sort_unstable();
    all.winners.sort_unstable();
    all
}

/// Reads one whole answer; anything but 200 ends the bench.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) {
    buffer.clear();
    loop {
        let read = stream.read_buf(buffer).await.expect("the server answers");
        assert!(read > 0, "the server closed the connection");
        let Some(head) = memmem::find(buffer, b"\r\n\r\n") else { continue };
        assert!(buffer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(buffer));
        if buffer.len() >= head + 4 + content_length(&buffer[..head]) {
            return;
        }
    }
}

/// As hyper writes it.
fn content_length(head: &[u8]) -> usize {
    const NAME: &[u8] = b"content-length: ";
    let at = memmem::find(head, NAME).expect("a length") + NAME.len();
    let digits = head[at..].split(|byte| !byte.is_ascii_digit()).next();
    digits.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok()).expect("a number")
}

fn contains(bytes: &[u8], what: &str) -> bool {
    memmem::find(bytes, what.as_bytes()).is_some()
}
