//! The codec under both doors. Frames mean the same however the network cuts them, the library
//! understands what we understand, no message is larger than allowed whatever it was deflated from,
//! and what a client writes is read as written.

use bytes::{Bytes, BytesMut};
use sockudo_ws::deflate::DeflateConfig;
use sockudo_ws::protocol::{CompressedProtocol, Message, Protocol, Role};

use crate::chance::Chance;
use crate::codec::{Decoder, Event, Violation};

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
    for event in &whole.events {
        let (most, payload) = match event {
            Event::Message(_, payload) => (MESSAGE_BYTES_MAX, payload),
            Event::Ping(payload) | Event::Pong(payload) | Event::Close(payload) => (125, payload),
        };
        assert!(payload.len() <= most, "{event:?}");
    }
    assert_eq!(whole.messages(), library_reads(is_deflated, frames), "by the library");
    written(is_deflated, frames);
}

/// What was heard, and how it ended if that was a violation.
#[derive(Debug, Default, PartialEq, Eq)]
struct Heard {
    events: Vec<Event>,
    end: Option<Violation>,
}

impl Heard {
    fn messages(&self) -> Vec<Bytes> {
        let payload = |event: &Event| match event {
            Event::Message(_, payload) => Some(payload.clone()),
            Event::Ping(_) | Event::Pong(_) | Event::Close(_) => None,
        };
        self.events.iter().filter_map(payload).collect()
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

/// Nobody listens behind a close.
fn read(is_deflated: bool, frames: &[u8], step: usize) -> Heard {
    let mut decoder = Decoder::new(MESSAGE_BYTES_MAX, is_deflated);
    let mut heard = Heard::default();
    for piece in frames.chunks(step) {
        let mut piece = piece.to_vec();
        let mut input = &mut piece[..];
        loop {
            match decoder.next(&mut input) {
                Ok(None) => break,
                Ok(Some(event)) => heard.events.push(event),
                Err(violation) => heard.end = Some(violation),
            }
            if heard.end.is_some() || matches!(heard.events.last(), Some(Event::Close(_))) {
                return heard;
            }
        }
        assert!(input.is_empty(), "all of it is taken");
    }
    heard
}

/// The messages that come before a close.
fn library_reads(is_deflated: bool, frames: &[u8]) -> Vec<Bytes> {
    let (frame, message) = (MESSAGE_BYTES_MAX, MESSAGE_BYTES_MAX);
    let (mut from, mut messages) = (BytesMut::from(frames), Vec::new());
    // What it refuses we refuse as well, perhaps before the rest of it has come.
    let outcome = if is_deflated {
        CompressedProtocol::server(frame, message, agreed()).process_into(&mut from, &mut messages)
    } else {
        Protocol::new(Role::Server, frame, message).process_into(&mut from, &mut messages)
    };
    drop(outcome);
    let before = messages.into_iter().take_while(|message| !matches!(message, Message::Close(_)));
    before.filter(|message| !message.is_control()).map(Message::into_bytes).collect()
}

/// A message is read as a client of the library writes it.
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
    let heard = read(is_deflated, &wire, wire.len());
    // What does not compress may become a little larger than what is allowed.
    if heard.end.is_none() || payload.len() < MESSAGE_BYTES_MAX - 20 {
        assert_eq!((heard.messages(), heard.end), (vec![payload], None));
    }
}
