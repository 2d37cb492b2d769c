//! The WebSocket door: carries bytes between a socket and its Session, and understands none.
//!
//! ```text
//!   upgrade ──▶ Socket ──reading half──▶ the Session's actor
//!                  ▲                          │
//!                  └────writing half── outbox ┘        close: one table, Close → code
//! ```
//!
//! Both halves are in the task of the actor, until it ends: what is left to be written then, and the
//! farewell, has a task of its own.
//!
//! A socket that says nothing and hears nothing keeps nothing: what is read goes through memory of
//! its thread, and what is written too. Frames are ours (`ws/codec`); of the library are deflate and
//! the handshake.

pub mod bare;
pub mod close;
mod codec;
mod control;
mod heartbeat;
mod out;
mod pump;
mod reader;
pub mod upgrade;
mod wire;
mod writer;

use std::sync::Arc;

use actix::Addr;
use actors::session::outbox::channel;
use actors::session::{Open, SessionHub};
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bus_schemas::fault::Code;
use bytes::Bytes;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

pub use self::codec::Kind;
use self::pump::Halves;
use self::reader::{Reader, Settings};
use self::upgrade::Handshake;
use self::wire::Wire;
use self::writer::Writer;
use crate::http::Doors;
use crate::http::api::described::{Gives, Takes};
use crate::http::api::operation::Operation;
use crate::http::problem::Problem;
use crate::lifecycle::Lifecycle;
use crate::tokens::Tokens;

/// What comes from a socket. After anything but a frame the socket has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Heard {
    /// One whole message.
    Frame(Kind, Bytes),
    /// A message above the limit; it was not kept.
    TooLarge,
    /// Pings and pongs without measure.
    TooMany,
    /// Not what a WebSocket says; to be closed with this code.
    Broken(u16),
    /// No ping is answered any more; the client was told.
    Silent,
    /// The connection broke.
    Lost,
}

/// Nothing more can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;

/// Where an upgraded connection goes: the hub of this arbiter.
#[derive(Clone)]
pub struct Sockets {
    /// Opens Sessions.
    pub hub: Addr<SessionHub>,
    /// Knows whether anybody new is taken in.
    pub lifecycle: Lifecycle,
}

/// A request that wants to become a socket.
pub struct Knock(Request);

impl<S: Sync> FromRequest<S> for Knock {
    type Rejection = std::convert::Infallible;

    async fn from_request(request: Request, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(request))
    }
}

impl Takes for Knock {
    fn describe(operation: &mut Operation) {
        for parameter in upgrade::parameters() {
            operation.takes(parameter);
        }
    }
}

/// It becomes one.
pub struct Opened(Response);

impl Gives for Opened {
    fn describe(operation: &mut Operation) {
        operation.gives(StatusCode::SWITCHING_PROTOCOLS, None);
    }
}

impl IntoResponse for Opened {
    fn into_response(self) -> Response {
        self.0
    }
}

/// `GET /ws/`
pub async fn upgrade(
    State(doors): State<Arc<Doors>>,
    Knock(mut request): Knock,
) -> Result<Opened, Problem> {
    if doors.sockets.lifecycle.is_draining() {
        return Err(Problem::new(Code::GoingAway));
    }
    let handshake = Handshake::read(request.headers(), &doors.settings.public)?;
    let upgraded = hyper::upgrade::on(&mut request);
    let answer = handshake.answer();
    let sockets = doors.sockets.clone();
    let tokens = Arc::clone(&doors.tokens);
    let lifecycle = sockets.lifecycle.clone();
    lifecycle.spawn_local(Box::pin(begin(upgraded, handshake, sockets, tokens)));
    Ok(Opened(answer))
}

/// From the end of a handshake to an open socket, which its Session has.
async fn begin(upgraded: OnUpgrade, handshake: Handshake, sockets: Sockets, tokens: Arc<Tokens>) {
    let Some((wire, bytes)) = connection(upgraded).await else { return };
    let door = handshake.door;
    let reader = Reader::new(wire.clone(), &bytes, &handshake, &Settings::of(door));
    let writer = Writer::new(wire.clone(), &handshake);
    let (outbox, outgoing) = channel(door, tokens);
    let socket = Halves::new(reader, writer, wire, door, outgoing, sockets.lifecycle);
    if sockets.hub.try_send(Open { door, socket: Box::pin(socket), outbox }).is_err() {
        // The outbox has gone with the message, so the socket is closed as it goes too.
        tracing::warn!("the hub takes no more sockets");
    }
}

/// The connection under a socket, and what came with the handshake's last bytes.
async fn connection(upgraded: OnUpgrade) -> Option<(Wire, Bytes)> {
    let parts = match upgraded.await {
        Ok(upgraded) => upgraded.downcast::<TokioIo<TcpStream>>(),
        Err(error) => {
            tracing::debug!(%error, "a connection ended before it was a socket");
            return None;
        }
    };
    let Ok(parts) = parts else {
        tracing::error!("an upgraded connection is not of the kind that this server serves");
        return None;
    };
    Some((Wire::new(parts.io.into_inner()), parts.read_buf))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn perf3_a_socket_is_no_larger_than_is_written_here() {
        let sizes = [("halves", size_of::<Halves>(), 416), ("reader", size_of::<Reader>(), 248)];
        for (what, bytes, bytes_max) in sizes {
            assert!(bytes <= bytes_max, "{what}: {bytes} bytes; {sizes:?}");
        }
    }
}
