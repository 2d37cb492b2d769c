//! The codec under both doors. Frames mean the same however the network cuts them, no message is
//! larger than allowed whatever it was deflated from, and what a client writes is read as written.

use bytes::{Bytes, BytesMut};
use sockudo_ws::deflate::DeflateConfig;
use sockudo_ws::error::Error;
use sockudo_ws::protocol::{CompressedProtocol, Message, Protocol, Role};

use crate::chance::Chance;

/// Small, so that a short input can be too large.
const MESSAGE_BYTES_MAX: usize = 1_000;

/// The first bytes say how the others are cut, and what was agreed on.
pub fn websocket(bytes: &[u8]) {
    let mut chance = Chance::new(bytes);
    let (is_deflated, step) = (chance.one_in(2), usize::from(1 + chance.below(40)));
    let Some(frames) = bytes.get(2..) else { return };
    let whole = read(is_deflated, frames, frames.len().max(1));
    let pieces = read(is_deflated, frames, step);
    assert_eq!(whole, pieces, "cut into pieces of {step}");
    for (kind, payload) in &whole.messages {
        let most = if *kind == Kind::Data { MESSAGE_BYTES_MAX } else { 125 };
        assert!(payload.len() <= most, "{kind:?} of {} bytes", payload.len());
    }
    written(is_deflated, frames);
}

/// What was heard, and whether it ended in a violation.
#[derive(Debug, PartialEq, Eq)]
struct Heard {
    messages: Vec<(Kind, Bytes)>,
    is_broken: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Data,
    Control,
}

enum Reader {
    Plain(Protocol),
    Deflated(Box<CompressedProtocol>),
}

impl Reader {
    fn new(is_deflated: bool) -> Self {
        let (frame, message) = (MESSAGE_BYTES_MAX, MESSAGE_BYTES_MAX);
        if is_deflated {
            Self::Deflated(Box::new(CompressedProtocol::server(frame, message, agreed())))
        } else {
            Self::Plain(Protocol::new(Role::Server, frame, message))
        }
    }

    fn read(&mut self, from: &mut BytesMut, into: &mut Vec<Message>) -> Result<(), Error> {
        match self {
            Self::Plain(protocol) => protocol.process_into(from, into),
            Self::Deflated(protocol) => protocol.process_into(from, into),
        }
    }
}

/// What the text door agrees on: nothing is kept from one message to the next.
fn agreed() -> DeflateConfig {
    DeflateConfig {
        server_no_context_takeover: true,
        client_no_context_takeover: true,
        ..DeflateConfig::default()
    }
}

fn read(is_deflated: bool, frames: &[u8], step: usize) -> Heard {
    let mut reader = Reader::new(is_deflated);
    let mut heard = Heard { messages: Vec::new(), is_broken: false };
    let (mut buffer, mut messages) = (BytesMut::new(), Vec::new());
    for piece in frames.chunks(step) {
        buffer.extend_from_slice(piece);
        let outcome = reader.read(&mut buffer, &mut messages);
        heard.messages.extend(messages.drain(..).map(kept));
        if outcome.is_err() {
            heard.is_broken = true;
            break;
        }
    }
    heard
}

fn kept(message: Message) -> (Kind, Bytes) {
    let kind = if message.is_control() { Kind::Control } else { Kind::Data };
    // What a close says is the library's to keep.
    (kind, message.into_bytes())
}

/// A message is read as a client of the same library writes it.
fn written(is_deflated: bool, payload: &[u8]) {
    let payload = Bytes::copy_from_slice(&payload[..payload.len().min(MESSAGE_BYTES_MAX)]);
    let message = Message::Binary(payload.clone());
    let mut wire = BytesMut::new();
    let outcome = if is_deflated {
        let frame = 2 * MESSAGE_BYTES_MAX;
        CompressedProtocol::client(frame, frame, agreed()).encode_message(&message, &mut wire)
    } else {
        let frame = MESSAGE_BYTES_MAX;
        Protocol::new(Role::Client, frame, frame).encode_message(&message, &mut wire)
    };
    outcome.expect("it is small enough");
    let mut messages = Vec::new();
    let read = Reader::new(is_deflated).read(&mut wire, &mut messages);
    // What does not compress may become a little larger than what is allowed.
    if read.is_ok() || payload.len() < MESSAGE_BYTES_MAX - 20 {
        read.expect("what was written is read");
        let heard: Vec<_> = messages.drain(..).map(kept).collect();
        assert_eq!(heard, [(Kind::Data, payload)]);
    }
}
