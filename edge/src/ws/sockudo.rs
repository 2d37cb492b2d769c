//! The WebSocket library, behind [`Socket`].

use std::pin::Pin;
use std::task::{Context, Poll};

use actors_core::session::Close;
use bus_schemas::frame::Door;
use bus_schemas::limit::{
    FRAME_BYTES_MAX_BINARY, FRAME_BYTES_MAX_TEXT, PING_EVERY_MS, PONG_WAIT_MS,
};
use bytes::Bytes;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use sockudo_ws::error::{CloseReason, ErrorKind};
use sockudo_ws::{CompressedWebSocketStream, Config, Error, Message, Role, WebSocketStream};
use tokio::time::Instant;

use super::close::close_code;
use super::control::ControlBudget;
use super::upgrade::Handshake;
use super::wire::Wire;
use super::{Gone, Heard, Kind, Said, Socket};

/// Frames are small; a large one grows the buffer for as long as it lasts.
const WRITE_BUFFER_BYTES: usize = 4 * 1024;
/// How long a client may take to answer a close.
const CLOSE_WAIT_SECONDS: u32 = 2;
/// What the library reads at once, and so perhaps ahead.
const READ_AHEAD_BYTES: usize = 64 * 1024;
/// The longest control frame.
const CONTROL_FRAME_BYTES_MAX: usize = 2 + 4 + 125;

/// How a socket is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) frame_bytes_max: usize,
    /// Silence after which the client is pinged.
    pub(super) ping_after_seconds: u32,
    /// How long its answer may take.
    pub(super) answer_within_seconds: u32,
}

impl Settings {
    pub(super) fn of(door: Door) -> Self {
        let frame_bytes_max = match door {
            Door::Text => FRAME_BYTES_MAX_TEXT,
            Door::Binary => FRAME_BYTES_MAX_BINARY,
        };
        let seconds = |ms: u64| u32::try_from(ms / 1_000).unwrap_or(u32::MAX);
        Self {
            frame_bytes_max,
            ping_after_seconds: seconds(PING_EVERY_MS),
            answer_within_seconds: seconds(PONG_WAIT_MS),
        }
    }

    /// Bytes that may come from one whole message to the next. The library joins fragments and
    /// tells nobody: without this, somebody could send empty ones for ever.
    pub(super) fn bytes_between_max(&self) -> usize {
        2 * self.frame_bytes_max + 2 * READ_AHEAD_BYTES
    }
}

/// A socket on this connection; `bytes` came with the handshake's last bytes.
pub(super) fn open(
    wire: Wire,
    bytes: Bytes,
    handshake: &Handshake,
    settings: &Settings,
) -> Pin<Box<dyn Socket>> {
    let config = config(handshake.door, settings);
    let (tcp, leftover) = (wire.clone(), (!bytes.is_empty()).then_some(bytes));
    if let Some(agreed) = &handshake.deflate {
        let agreed = agreed.config.clone();
        let inner = CompressedWebSocketStream::server_with_leftover(tcp, config, agreed, leftover);
        Box::pin(Sockudo::new(inner, wire, settings))
    } else {
        let inner = WebSocketStream::from_raw_with_leftover(tcp, Role::Server, config, leftover);
        Box::pin(Sockudo::new(inner, wire, settings))
    }
}

fn config(door: Door, settings: &Settings) -> Config {
    let mut config = Config::builder()
        .max_payload_length(settings.frame_bytes_max)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .idle_timeout(0)
        .ping_interval(settings.ping_after_seconds)
        .pong_timeout(settings.answer_within_seconds)
        .close_timeout(CLOSE_WAIT_SECONDS)
        .build();
    let (code, reason) = close_code(door, Close::SlowReader);
    config.pong_timeout_close_code = code;
    reason.clone_into(&mut config.pong_timeout_close_reason);
    config
}

/// A stream of the library, plain or deflated.
struct Sockudo<W> {
    inner: W,
    wire: Wire,
    bytes_between_max: usize,
    has_said: bool,
    control: ControlBudget,
}

impl<W> Stream for Sockudo<W>
where
    W: Stream<Item = Result<Message, Error>> + Unpin,
{
    type Item = Heard;

    fn poll_next(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<Option<Heard>> {
        loop {
            let heard = match std::task::ready!(self.inner.poll_next_unpin(ctx)) {
                Some(Ok(Message::Text(bytes))) => self.whole(Kind::Text, bytes),
                Some(Ok(Message::Binary(bytes))) => self.whole(Kind::Binary, bytes),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                    if self.control.take(Instant::now()) {
                        self.pay_for_control();
                        continue;
                    }
                    Heard::TooMany
                }
                Some(Ok(Message::Close(_))) | None => return Poll::Ready(None),
                Some(Err(error)) => match end(&error) {
                    Some(heard) => heard,
                    None => return Poll::Ready(None),
                },
            };
            return Poll::Ready(Some(heard));
        }
    }
}

impl<W> Sockudo<W> {
    fn new(inner: W, wire: Wire, settings: &Settings) -> Self {
        let bytes_between_max = settings.bytes_between_max();
        Self { inner, wire, bytes_between_max, has_said: false, control: ControlBudget::full() }
    }

    /// The bytes of the next message are counted anew.
    fn whole(&mut self, kind: Kind, bytes: Bytes) -> Heard {
        self.has_said = true;
        self.wire.allow(self.bytes_between_max);
        Heard::Frame(kind, bytes)
    }

    /// A client that only answers pings may do so for ever, once it has said who it is.
    fn pay_for_control(&self) {
        if self.has_said {
            self.wire.allow_more(CONTROL_FRAME_BYTES_MAX, self.bytes_between_max);
        }
    }
}

/// What the client did wrong or what happened to the connection; `None` where it was only closed.
fn end(error: &Error) -> Option<Heard> {
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
        (Error::HeartbeatTimeout, _) => Some(Heard::Silent),
        (Error::ConnectionReset, _) | (_, ErrorKind::Io | ErrorKind::Transport) => {
            Some(Heard::Lost)
        }
        (_, ErrorKind::Handshake | ErrorKind::Connection) => None,
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
            Said::Frame(Kind::Text, bytes) => Message::Text(bytes),
            Said::Frame(Kind::Binary, bytes) => Message::Binary(bytes),
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

/// Bytes of a socket's codec without deflate, its buffers left out.
#[cfg(test)]
pub(super) const fn bytes_plain() -> usize {
    size_of::<Sockudo<WebSocketStream<Wire>>>()
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::time::timeout;

    use super::super::upgrade::tests::{binary_handshake, text_handshake};
    use super::*;

    const WAIT: std::time::Duration = std::time::Duration::from_secs(30);

    async fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (client, listener.accept().await.unwrap().0)
    }

    fn handshake(door: Door) -> Handshake {
        match door {
            Door::Binary => binary_handshake(),
            Door::Text => text_handshake(),
        }
    }

    /// A short frame of the server.
    async fn hear(client: &mut TcpStream) -> (u8, Vec<u8>) {
        let mut header = [0; 2];
        timeout(WAIT, client.read_exact(&mut header)).await.expect("something comes").unwrap();
        let mut payload = vec![0; usize::from(header[1])];
        client.read_exact(&mut payload).await.unwrap();
        (header[0], payload)
    }

    #[test]
    fn sock8_a_client_that_has_gone_is_noticed_within_25_seconds() {
        for door in [Door::Text, Door::Binary] {
            let shipped = Settings::of(door);
            assert_eq!(shipped.ping_after_seconds, 10);
            assert!(shipped.ping_after_seconds + shipped.answer_within_seconds < 25);
        }
    }

    #[tokio::test]
    async fn sock8_orig16_a_silent_client_is_pinged_and_closed_once_it_does_not_answer() {
        for (door, code) in [(Door::Text, 1008_u16), (Door::Binary, 4408)] {
            let (mut client, server) = pair().await;
            let settings =
                Settings { ping_after_seconds: 1, answer_within_seconds: 1, ..Settings::of(door) };
            let mut socket = open(Wire::new(server), Bytes::new(), &handshake(door), &settings);
            let until_the_end = async move { socket.next().await };
            let is_pinged = async move {
                let (first, nonce) = hear(&mut client).await;
                assert_eq!((first, nonce.len()), (0x89, 8), "a ping");
                // A mask of zeros changes nothing.
                let answer = [&[0x8a, 0x88, 0, 0, 0, 0][..], &nonce].concat();
                client.write_all(&answer).await.unwrap();
                let (first, _) = hear(&mut client).await;
                assert_eq!(first, 0x89, "another ping");
                let (first, payload) = hear(&mut client).await;
                assert_eq!((first, &payload[..2]), (0x88, &code.to_be_bytes()[..]), "a close");
            };
            let (heard, ()) = tokio::join!(until_the_end, is_pinged);
            assert_eq!(heard, Some(Heard::Silent), "the socket has ended, and why is known");
        }
    }
}
