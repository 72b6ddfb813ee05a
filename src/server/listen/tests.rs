use super::*;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

const LIMITS: Limits =
    Limits { connections_max: 2, header_timeout: Duration::from_secs(20), drain: Duration::from_secs(8) };
const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: test\r\n\r\n";

async fn ok(_: Request<Incoming>) -> Response<Body> {
    body::answer(StatusCode::OK, body::TEXT, "ok")
}

/// One connection without a network, so that time can be held.
fn connected<H, F>(handler: H) -> (DuplexStream, watch::Sender<bool>, JoinHandle<()>)
where
    H: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let (client, server) = tokio::io::duplex(64 << 10);
    let stopping = watch::Sender::new(false);
    let task = tokio::spawn(connection(server, handler, LIMITS.header_timeout, Some(stopping.subscribe())));
    (client, stopping, task)
}

async fn status(client: &mut (impl AsyncRead + Unpin)) -> u16 {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.expect("an answer"));
    }
    let head = String::from_utf8(head).unwrap();
    let length: usize = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    client.read_exact(&mut vec![0; length]).await.unwrap();
    head.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn one_connection_takes_many_requests() {
    let (mut client, _stopping, _) = connected(ok);
    for _ in 0..3 {
        client.write_all(GET).await.unwrap();
        assert_eq!(status(&mut client).await, 200);
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_that_never_ends_and_an_idle_connection_are_closed_in_time() {
    for said in [&b"GET / HTTP/1.1\r\nhost: te"[..], b""] {
        let start = Instant::now();
        let (mut client, _stopping, _) = connected(ok);
        client.write_all(said).await.unwrap();
        let _ = client.read_to_end(&mut Vec::new()).await;
        assert_eq!(start.elapsed(), LIMITS.header_timeout);
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_over_its_limit_is_refused() {
    let (mut client, _stopping, _) = connected(ok);
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(2 * HEAD_BYTES_MAX));
    let (mut reading, mut writing) = tokio::io::split(&mut client);
    let write = async {
        let _ = writing.write_all(long.as_bytes()).await;
    };
    let (status, ()) = tokio::join!(status(&mut reading), write);
    assert!(matches!(status, 414 | 431), "{status}");
}

#[tokio::test(start_paused = true)]
async fn a_panic_costs_one_request_and_not_the_connection() {
    let (mut client, _stopping, _) =
        connected(async |request: Request<Incoming>| match request.uri().path() {
            "/panic" => panic!("a bug"),
            _ => ok(request).await,
        });
    client.write_all(b"GET /panic HTTP/1.1\r\nhost: test\r\n\r\n").await.unwrap();
    assert_eq!(status(&mut client).await, 500);
    client.write_all(GET).await.unwrap();
    assert_eq!(status(&mut client).await, 200);
}

#[tokio::test(start_paused = true)]
async fn stopping_closes_idle_connections_at_once() {
    let (mut client, stopping, task) = connected(ok);
    client.write_all(GET).await.unwrap();
    assert_eq!(status(&mut client).await, 200);
    let start = Instant::now();
    stopping.send_replace(true);
    task.await.unwrap();
    assert_eq!(start.elapsed(), Duration::ZERO);
}

struct Running {
    address: std::net::SocketAddr,
    open: Gauge,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Drained>,
}

async fn serving<H, F>(limits: Limits, handler: H) -> Running
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let open = Gauge::default();
    let gauge = open.clone();
    let ended = tokio::spawn(async move {
        let stopped = async {
            let _ = stopped.await;
        };
        serve(&listener, handler, limits, gauge, stopped).await
    });
    Running { address, open, stop, ended }
}

#[tokio::test]
async fn over_the_limit_a_connection_waits_until_another_ends() {
    let running = serving(LIMITS, ok).await;
    let mut clients = Vec::new();
    for _ in 0..LIMITS.connections_max {
        let mut client = TcpStream::connect(running.address).await.unwrap();
        client.write_all(GET).await.unwrap();
        assert_eq!(status(&mut client).await, 200);
        clients.push(client);
    }
    let mut waiting = TcpStream::connect(running.address).await.unwrap();
    waiting.write_all(GET).await.unwrap();
    let early = tokio::time::timeout(Duration::from_millis(50), status(&mut waiting)).await;
    assert!(early.is_err(), "served over the limit");
    assert_eq!(running.open.get(), 2);
    drop(clients.pop());
    assert_eq!(status(&mut waiting).await, 200);
}

#[tokio::test]
async fn stopping_finishes_what_is_in_flight_and_answers_who_comes_meanwhile_once() {
    let (arrived, mut arrivals) = tokio::sync::mpsc::channel(1);
    let go = Arc::new(Semaphore::new(0));
    let release = Arc::clone(&go);
    let running = serving(LIMITS, move |request| {
        let (arrived, go) = (arrived.clone(), Arc::clone(&go));
        async move {
            if request.uri().path() == "/ready" {
                return body::status(StatusCode::SERVICE_UNAVAILABLE);
            }
            arrived.send(()).await.unwrap();
            let _ = go.acquire().await;
            ok(request).await
        }
    })
    .await;
    let mut client = TcpStream::connect(running.address).await.unwrap();
    client.write_all(GET).await.unwrap();
    arrivals.recv().await;

    running.stop.send(()).unwrap();
    let mut late = TcpStream::connect(running.address).await.unwrap();
    let ask = b"GET /ready HTTP/1.1\r\nhost: test\r\n\r\n";
    late.write_all(ask).await.unwrap();
    assert_eq!(status(&mut late).await, 503);
    late.read_to_end(&mut Vec::new()).await.unwrap();
    release.add_permits(1);
    assert_eq!(status(&mut client).await, 200);
    assert_eq!(running.ended.await.unwrap(), Drained { cut: 0 });
    assert_eq!(running.open.get(), 0);
}

#[tokio::test]
async fn what_does_not_finish_within_the_drain_limit_is_cut() {
    let (arrived, mut arrivals) = tokio::sync::mpsc::channel(1);
    let limits = Limits { drain: Duration::from_millis(20), ..LIMITS };
    let running = serving(limits, move |_| {
        let arrived = arrived.clone();
        async move {
            arrived.send(()).await.unwrap();
            std::future::pending().await
        }
    })
    .await;
    let mut client = TcpStream::connect(running.address).await.unwrap();
    client.write_all(GET).await.unwrap();
    arrivals.recv().await;
    running.stop.send(()).unwrap();
    assert_eq!(running.ended.await.unwrap(), Drained { cut: 1 });
    assert_eq!(client.read_to_end(&mut Vec::new()).await.unwrap_or(0), 0);
}
