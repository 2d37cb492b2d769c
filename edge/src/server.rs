//! A listener per arbiter and its connections: accepted, served and ended on one thread.
//!
//! `axum::serve` has no timer for headers and does not know of open sockets at a stop, hence a
//! builder of our own.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

use crate::http::extract::Peer;
use crate::lifecycle::Lifecycle;

/// How long a client may take to send the head of a request, and to stay silent between two.
const HEADER_WAIT: Duration = Duration::from_secs(10);
/// Connections of one arbiter; the next one waits in the listener's queue.
const CONNECTIONS_MAX: usize = 16_384;
/// Connections that may wait to be accepted.
const BACKLOG: i32 = 1_024;
/// A pause after the system could not give another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Largest head of a request; the library's default is 400 KiB.
const HEAD_BYTES_MAX: usize = 32 * 1024;
/// What the system keeps for each connection in each direction; it counts twice as much for its own
/// needs. By itself it would go up to several MiB for a client that does not read.
const SYSTEM_BUFFER_BYTES: usize = 192 * 1024;
/// How long what was written may stay unacknowledged, or a client's window shut, before the system
/// gives the connection up. Without it a client that has gone keeps it for a quarter of an hour.
/// Linux counts from the first time that the window was shut until it was as wide as what is sent in
/// one piece: who keeps less than 48 KiB may be given up sooner. Browsers keep more.
const UNACKNOWLEDGED_WAIT: Duration = Duration::from_secs(20);

/// Listeners on one address, one for each arbiter. The kernel spreads connections over them.
pub fn listen(address: SocketAddr, count: usize) -> io::Result<Vec<StdListener>> {
    // A second process must be told that the address is taken instead of sharing it silently.
    let address = if address.port() == 0 {
        address
    } else {
        drop(bind(address, Sharing::Alone)?);
        address
    };
    let first = bind(address, Sharing::WithArbiters)?;
    let bound = first.local_addr()?;
    let mut listeners = vec![first];
    for _ in 1..count {
        listeners.push(bind(bound, Sharing::WithArbiters)?);
    }
    Ok(listeners)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sharing {
    Alone,
    WithArbiters,
}

fn bind(address: SocketAddr, sharing: Sharing) -> io::Result<StdListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    if sharing == Sharing::WithArbiters {
        socket.set_reuse_port(true)?;
    }
    socket.set_nonblocking(true)?;
    // Connections inherit these from their listener, and only so the window fits them.
    socket.set_recv_buffer_size(SYSTEM_BUFFER_BYTES)?;
    socket.set_send_buffer_size(SYSTEM_BUFFER_BYTES)?;
    // These too, and the system need not be asked for each connection. Nagle's wait costs a small
    // frame 40 ms.
    socket.set_tcp_nodelay(true)?;
    socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED_WAIT))?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Accepts connections until the process stops.
pub async fn serve(listener: TcpListener, router: Router, lifecycle: Lifecycle) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = lifecycle.stopping() => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (router, ends) = (router.clone(), lifecycle.clone());
                lifecycle.spawn_graceful(async move {
                    connection(stream, peer, router, ends, HEADER_WAIT).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    lifecycle: Lifecycle,
    header_wait: Duration,
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        router.clone().oneshot(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header_wait)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = lifecycle.stopping() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use socket2::SockRef;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::{interval, timeout};

    use super::*;

    /// Bytes of what a call gives.
    fn bytes_of<A, B, C, D, E, F>(_: impl Fn(A, B, C, D, E) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn perf3_a_connection_is_no_larger_than_is_written_here() {
        let bytes = bytes_of(connection);
        assert!(bytes <= 1_024, "{bytes} bytes");
    }

    const WAIT: Duration = Duration::from_secs(30);
    const HEADER_WAIT_HERE: Duration = Duration::from_millis(300);

    /// A connection to a server that is less patient than the shipped one.
    async fn connect() -> TcpStream {
        let listener = listen(([127, 0, 0, 1], 0).into(), 1).unwrap().pop().unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, peer) = listener.accept().await.unwrap();
        let router = Router::new().route("/", get(async || "here"));
        tokio::spawn(connection(stream, peer, router, Lifecycle::default(), HEADER_WAIT_HERE));
        client
    }

    #[tokio::test]
    async fn sock9_the_head_of_a_request_has_its_time_however_it_drips_in() {
        assert_eq!(HEADER_WAIT, Duration::from_secs(10));
        let (mut reader, mut writer) = connect().await.into_split();
        let drips = async move {
            let head = b"GET / HTTP/1.1\r\nhost: a\r\nx: ".iter().chain(b"a".iter().cycle());
            let mut again = interval(HEADER_WAIT_HERE / 10);
            for byte in head {
                again.tick().await;
                if writer.write_all(&[*byte]).await.is_err() {
                    return;
                }
            }
        };
        let mut answer = Vec::new();
        let is_cut = async { timeout(WAIT, reader.read_to_end(&mut answer)).await };
        tokio::select! {
            () = drips => {}
            ended = is_cut => drop(ended.expect("the connection ends")),
        }
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 408"), "{answer:?}");
    }

    #[tokio::test]
    async fn sock9_a_connection_that_asks_nothing_ends_and_a_quick_one_is_answered() {
        let mut silent = connect().await;
        let mut quick = connect().await;
        quick.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        for (client, answered) in [(&mut quick, "here"), (&mut silent, "")] {
            let mut answer = Vec::new();
            let ended = timeout(WAIT, client.read_to_end(&mut answer)).await;
            drop(ended.expect("the connection ends"));
            assert!(answer.ends_with(answered.as_bytes()), "{answer:?}");
        }
    }

    #[tokio::test]
    async fn sock10_the_system_keeps_little_for_a_connection_and_not_for_long() {
        let listener = listen(([127, 0, 0, 1], 0).into(), 1).unwrap().pop().unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let socket = SockRef::from(&stream);
        assert!(socket.tcp_nodelay().unwrap());
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(UNACKNOWLEDGED_WAIT));
        assert!(socket.send_buffer_size().unwrap() <= 2 * SYSTEM_BUFFER_BYTES);
        assert!(socket.recv_buffer_size().unwrap() <= 2 * SYSTEM_BUFFER_BYTES);
    }
}
