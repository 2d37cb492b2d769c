//! The WebSocket library, behind [`Socket`].

use std::pin::Pin;
use std::task::{Context, Poll};

use bus_schemas::frame::Door;
use bus_schemas::limit::{
    FRAME_BYTES_MAX_BINARY, FRAME_BYTES_MAX_TEXT, PING_EVERY_MS, PING_MISSES_MAX,
};
use bytes::Bytes;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use sockudo_ws::error::{CloseReason, ErrorKind};
use sockudo_ws::{CompressedWebSocketStream, Config, Error, Message, Role, WebSocketStream};

use super::upgrade::Handshake;
use super::wire::Wire;
use super::{Gone, Heard, Said, Socket};

/// Frames are small; a large one grows the buffer for as long as it lasts.
const WRITE_BUFFER_BYTES: usize = 4 * 1024;
/// How long a client may take to answer a close.
const CLOSE_WAIT_SECONDS: u32 = 2;

/// A socket on this connection; `bytes` came with the handshake's last bytes.
pub(super) fn open(wire: Wire, bytes: Bytes, handshake: &Handshake) -> Pin<Box<dyn Socket>> {
    let config = config(handshake.door);
    let text = handshake.door == Door::Text;
    match &handshake.deflate {
        Some(deflate) => Box::pin(Sockudo {
            inner: CompressedWebSocketStream::server_with_leftover(
                wire,
                config,
                deflate.config.clone(),
                leftover(bytes),
            ),
            text,
        }),
        None => Box::pin(Sockudo {
            inner: WebSocketStream::from_raw_with_leftover(
                wire,
                Role::Server,
                config,
                leftover(bytes),
            ),
            text,
        }),
    }
}

fn leftover(bytes: Bytes) -> Option<Bytes> {
    (!bytes.is_empty()).then_some(bytes)
}

fn config(door: Door) -> Config {
    let bytes_max = match door {
        Door::Text => FRAME_BYTES_MAX_TEXT,
        Door::Binary => FRAME_BYTES_MAX_BINARY,
    };
    let ping_seconds = u32::try_from(PING_EVERY_MS / 1_000).unwrap_or(u32::MAX);
    Config::builder()
        .max_payload_length(bytes_max)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .idle_timeout(0)
        .ping_interval(ping_seconds)
        .pong_timeout(ping_seconds * PING_MISSES_MAX)
        .close_timeout(CLOSE_WAIT_SECONDS)
        .build()
}

/// A stream of the library, plain or deflated.
struct Sockudo<W> {
    inner: W,
    /// Whether frames are written as text.
    text: bool,
}

impl<W> Stream for Sockudo<W>
where
    W: Stream<Item = Result<Message, Error>> + Unpin,
{
    type Item = Heard;

    fn poll_next(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<Option<Heard>> {
        loop {
            let heard = match std::task::ready!(self.inner.poll_next_unpin(ctx)) {
                Some(Ok(Message::Text(bytes) | Message::Binary(bytes))) => Heard::Frame(bytes),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Ok(Message::Close(_))) | None => return Poll::Ready(None),
                Some(Err(error)) => match violation(&error) {
                    Some(heard) => heard,
                    None => return Poll::Ready(None),
                },
            };
            return Poll::Ready(Some(heard));
        }
    }
}

/// What the client did wrong; `None` where only the connection ended.
fn violation(error: &Error) -> Option<Heard> {
    match (error, error.kind()) {
        (Error::InvalidUtf8, _) | (_, ErrorKind::Compression) => {
            Some(Heard::Broken(CloseReason::INVALID_PAYLOAD))
        }
        (Error::Io(io), _) if io.kind() == std::io::ErrorKind::FileTooLarge => {
            Some(Heard::TooLarge)
        }
        (_, ErrorKind::Capacity) => Some(Heard::TooLarge),
        (_, ErrorKind::Protocol | ErrorKind::Validation) => {
            Some(Heard::Broken(CloseReason::PROTOCOL_ERROR))
        }
        (
            _,
            ErrorKind::Io | ErrorKind::Handshake | ErrorKind::Connection | ErrorKind::Transport,
        ) => None,
    }
}

impl<W> Sink<Said> for Sockudo<W>
where
    W: Sink<Message, Error = Error> + Unpin,
{
    type Error = Gone;

    fn poll_ready(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        self.inner.poll_ready_unpin(ctx).map_err(|_| Gone)
    }

    fn start_send(mut self: Pin<&mut Self>, said: Said) -> Result<(), Gone> {
        let message = match said {
            Said::Frame(bytes) if self.text => Message::Text(bytes),
            Said::Frame(bytes) => Message::Binary(bytes),
            Said::Close(code, reason) => Message::Close(Some(CloseReason::new(code, reason))),
        };
        self.inner.start_send_unpin(message).map_err(|_| Gone)
    }

    fn poll_flush(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        self.inner.poll_flush_unpin(ctx).map_err(|_| Gone)
    }

    fn poll_close(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        self.inner.poll_close_unpin(ctx).map_err(|_| Gone)
    }
}
