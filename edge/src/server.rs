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
                    connection(stream, peer, router, ends).await;
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

async fn connection(stream: TcpStream, peer: SocketAddr, router: Router, lifecycle: Lifecycle) {
    // Nagle's wait costs a small frame 40 ms; without the option the frame still arrives.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps Nagle's algorithm");
    }
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        router.clone().oneshot(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_WAIT)
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
