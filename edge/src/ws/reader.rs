//! The reading half of a socket: bytes of a connection become messages. It answers pings and closes,
//! and pings a silent client.
//!
//! What comes is read into memory that all sockets of a thread share. A socket that has nothing to
//! read has no memory to read into.

use std::cell::RefCell;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actors_core::session::Close;
use bus_schemas::frame::Door;
use bus_schemas::limit::{
    FRAME_BYTES_MAX_BINARY, FRAME_BYTES_MAX_TEXT, PING_EVERY_MS, PONG_WAIT_MS,
};
use bytes::BufMut;
use futures_util::Stream;
use tokio::time::Instant;

use super::close::close_code;
use super::codec::{Decoder, Event, Input, Opcode, Violation};
use super::control::ControlBudget;
use super::heartbeat::{Beat, Heartbeat};
use super::upgrade::Handshake;
use super::wire::Wire;
use super::{Gone, Heard};

/// Bytes that are read at once: as much as the system keeps for a connection, more or less.
const READ_BYTES: usize = 128 * 1024;
/// Bytes that may come beside a message that never ends.
const BESIDE_BYTES_MAX: usize = 128 * 1024;
/// The longest control frame.
const CONTROL_FRAME_BYTES_MAX: usize = 2 + 4 + 125;

/// How a socket is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) frame_bytes_max: usize,
    /// Silence after which the client is pinged.
    pub(super) ping_after: Duration,
    /// How long its answer may take.
    pub(super) answer_within: Duration,
}

impl Settings {
    pub(super) fn of(door: Door) -> Self {
        let frame_bytes_max = match door {
            Door::Text => FRAME_BYTES_MAX_TEXT,
            Door::Binary => FRAME_BYTES_MAX_BINARY,
        };
        Self {
            frame_bytes_max,
            ping_after: Duration::from_millis(PING_EVERY_MS),
            answer_within: Duration::from_millis(PONG_WAIT_MS),
        }
    }

    /// Bytes that may come from one whole message to the next. Fragments that have nothing in them
    /// could come for ever without this.
    pub(super) fn bytes_between_max(&self) -> usize {
        2 * self.frame_bytes_max + BESIDE_BYTES_MAX
    }
}

/// What comes of some bytes. After the end, and after whatever is heard but a frame, there is nothing.
#[derive(Debug)]
enum Step {
    Heard(Heard),
    /// The client closed, or has gone.
    End,
}

/// The reading half.
pub(super) struct Reader {
    wire: Wire,
    door: Door,
    decoder: Decoder,
    bytes_between_max: usize,
    control: ControlBudget,
    heartbeat: Heartbeat,
    has_said: bool,
    has_ended: bool,
    /// What came behind the last message: most often nothing, and every open socket would have room
    /// for it.
    behind: Option<Box<Behind>>,
}

/// What came behind a message in one read.
#[derive(Debug)]
struct Behind {
    /// What was understood of it already.
    ahead: Option<Step>,
    /// What was not looked at, from a place on.
    bytes: Vec<u8>,
    at: usize,
}

impl Behind {
    fn of(ahead: Option<Step>, bytes: &[u8]) -> Option<Box<Self>> {
        let is_nothing = ahead.is_none() && bytes.is_empty();
        (!is_nothing).then(|| Box::new(Self { ahead, bytes: bytes.to_vec(), at: 0 }))
    }
}

thread_local! {
    static READ: RefCell<Vec<u8>> = RefCell::new(Vec::with_capacity(READ_BYTES));
}

impl Reader {
    /// Reads this connection; `bytes` came with the handshake's last bytes.
    pub(super) fn new(
        wire: Wire,
        bytes: &[u8],
        handshake: &Handshake,
        settings: &Settings,
    ) -> Self {
        Self {
            wire,
            door: handshake.door,
            decoder: Decoder::new(settings.frame_bytes_max, handshake.deflate.is_some()),
            bytes_between_max: settings.bytes_between_max(),
            control: ControlBudget::full(),
            heartbeat: Heartbeat::new(settings.ping_after, settings.answer_within),
            has_said: false,
            has_ended: false,
            behind: Behind::of(None, bytes),
        }
    }

    /// The connection under it, and the door it came by.
    pub(super) const fn under(&self) -> (&Wire, Door) {
        (&self.wire, self.door)
    }

    /// What was heard next, or the end, as soon as enough has come.
    fn poll_step(&mut self, ctx: &mut Context<'_>) -> Poll<Step> {
        loop {
            let step = match self.behind.take() {
                None => ready!(self.poll_read(ctx)),
                Some(behind) => self.step_behind(behind),
            };
            if let Some(step) = step {
                return Poll::Ready(step);
            }
        }
    }

    /// Reads once, and understands what came.
    fn poll_read(&mut self, ctx: &mut Context<'_>) -> Poll<Option<Step>> {
        READ.with_borrow_mut(|bytes| {
            bytes.clear();
            let read = ready!(self.wire.poll_read(ctx, &mut (&mut *bytes).limit(READ_BYTES)));
            match read {
                Ok(0) => return Poll::Ready(Some(Step::End)),
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
                    return Poll::Ready(Some(Step::Heard(Heard::TooLarge)));
                }
                Err(error) => {
                    tracing::debug!(%error, "a connection broke");
                    return Poll::Ready(Some(Step::Heard(Heard::Lost)));
                }
            }
            let mut input = &mut bytes[..];
            let step = self.step(&mut input);
            if let Some(Step::Heard(Heard::Frame(..))) = step
                && !input.is_empty()
            {
                // Most often this is the beginning of the next message, and all of it is taken.
                let ahead = self.step(&mut input);
                self.behind = Behind::of(ahead, input);
            }
            Poll::Ready(step)
        })
    }

    /// What was understood before, or what is understood of the bytes that were not looked at.
    fn step_behind(&mut self, mut behind: Box<Behind>) -> Option<Step> {
        let step = behind.ahead.take().or_else(|| {
            let mut input = behind.bytes.get_mut(behind.at..).unwrap_or_default();
            let step = self.step(&mut input);
            let left = input.len();
            behind.at = behind.bytes.len().saturating_sub(left);
            step
        });
        if behind.at < behind.bytes.len() {
            self.behind = Some(behind);
        }
        step
    }

    /// What these bytes say next; without it all of them are taken.
    fn step(&mut self, input: &mut Input<'_>) -> Option<Step> {
        let step = loop {
            match self.decoder.next(input) {
                Ok(None) => break None,
                Ok(Some(event)) => {
                    if let Some(step) = self.happened(event) {
                        break Some(step);
                    }
                }
                Err(Violation::TooLarge) => break Some(Step::Heard(Heard::TooLarge)),
                Err(Violation::Broken(code)) => break Some(Step::Heard(Heard::Broken(code))),
            }
        };
        if self.decoder.take_has_frame() {
            self.heartbeat.heard();
        }
        step
    }

    fn happened(&mut self, event: Event) -> Option<Step> {
        match event {
            Event::Message(kind, bytes) => {
                self.has_said = true;
                // The bytes of the next message are counted anew.
                self.wire.allow(self.bytes_between_max);
                Some(Step::Heard(Heard::Frame(kind, bytes)))
            }
            Event::Ping(payload) => {
                if !self.pay_for_control() {
                    return Some(Step::Heard(Heard::TooMany));
                }
                // Whoever has been told to close needs no answer.
                let _: Result<(), Gone> = self.wire.say_control(Opcode::Pong, &payload);
                None
            }
            Event::Pong(payload) => {
                if !self.pay_for_control() {
                    return Some(Step::Heard(Heard::TooMany));
                }
                self.heartbeat.answered(&payload);
                None
            }
            Event::Close(payload) => {
                // Unless it answers ours.
                let _: Result<(), Gone> = self.wire.say_close(&payload);
                Some(Step::End)
            }
        }
    }

    /// A client that only answers pings may do so for ever, once it has said who it is.
    fn pay_for_control(&mut self) -> bool {
        let may = self.control.take(Instant::now());
        if may && self.has_said {
            self.wire.allow_more(CONTROL_FRAME_BYTES_MAX, self.bytes_between_max);
        }
        may
    }

    /// Pings the client, if that can be said.
    fn ping(&mut self, with: [u8; 8]) {
        if self.wire.has_left() {
            self.heartbeat.postpone();
        } else {
            // Whoever has been told to close is not waited for much longer.
            let _: Result<(), Gone> = self.wire.say_control(Opcode::Ping, &with);
        }
    }

    /// The client does not answer: it is told so.
    fn give_up(&self) {
        let (code, reason) = close_code(self.door, Close::SlowReader);
        let _: Result<(), Gone> = self.wire.say_why(code, reason);
    }

    fn ends_with(&mut self, step: Step) -> Option<Heard> {
        let Step::Heard(heard) = step else {
            self.has_ended = true;
            return None;
        };
        match &heard {
            Heard::Frame(..) => {}
            Heard::TooLarge | Heard::TooMany | Heard::Broken(_) => {
                self.has_ended = true;
                self.wire.note_deaf();
            }
            Heard::Silent | Heard::Lost => self.has_ended = true,
        }
        Some(heard)
    }
}

impl Stream for Reader {
    type Item = Heard;

    fn poll_next(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<Option<Heard>> {
        loop {
            if self.has_ended {
                return Poll::Ready(None);
            }
            if let Poll::Ready(step) = self.poll_step(ctx) {
                return Poll::Ready(self.ends_with(step));
            }
            match ready!(self.heartbeat.poll(ctx)) {
                Beat::Ping(with) => self.ping(with),
                Beat::Silent => {
                    self.give_up();
                    return Poll::Ready(self.ends_with(Step::Heard(Heard::Silent)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::time::timeout;

    use super::super::upgrade::tests::{binary_handshake, text_handshake};
    use super::*;

    const WAIT: Duration = Duration::from_secs(30);
    const SECOND: Duration = Duration::from_secs(1);

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
            assert_eq!(shipped.ping_after, 10 * SECOND);
            assert!(shipped.ping_after + shipped.answer_within < 25 * SECOND);
        }
    }

    #[tokio::test]
    async fn sock8_orig16_a_silent_client_is_pinged_and_closed_once_it_does_not_answer() {
        for (door, code) in [(Door::Text, 1008_u16), (Door::Binary, 4408)] {
            let (mut client, server) = pair().await;
            let settings =
                Settings { ping_after: SECOND, answer_within: SECOND, ..Settings::of(door) };
            let mut socket = Reader::new(Wire::new(server), &[], &handshake(door), &settings);
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

    /// A frame as a client writes it, with a mask that changes nothing.
    fn frame(bytes: usize) -> Vec<u8> {
        let length = u16::try_from(bytes).unwrap().to_be_bytes();
        [&[0x82, 0xfe][..], &length, &[0; 4], &vec![7; bytes]].concat()
    }

    #[tokio::test]
    async fn sock14_a_socket_with_nothing_to_read_keeps_nothing_and_loses_nothing() {
        let (mut client, server) = pair().await;
        let settings = Settings::of(Door::Binary);
        let mut socket = Reader::new(Wire::new(server), &[], &binary_handshake(), &settings);
        socket.wire.allow(usize::MAX);
        let said: Vec<usize> = (0..200).map(|n| 126 + n * 97 % 20_000).collect();
        let all: Vec<u8> = said.iter().flat_map(|bytes| frame(*bytes)).collect();
        let says = async {
            for part in all.chunks(9_973) {
                client.write_all(part).await.unwrap();
                tokio::task::yield_now().await;
            }
        };
        let hears = async {
            for bytes in &said {
                let heard = timeout(WAIT, socket.next()).await.expect("it comes");
                let Some(Heard::Frame(_, frame)) = heard else { panic!("{heard:?}") };
                assert_eq!(frame.len(), *bytes);
            }
        };
        tokio::join!(says, hears);
        assert!(futures_util::poll!(socket.next()).is_pending());
        assert!(socket.behind.is_none());
        assert_eq!(socket.decoder.bytes_kept(), 0);
    }
}
