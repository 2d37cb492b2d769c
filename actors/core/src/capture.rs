//! A Session's part of a capture: its configuration, its events and its effects as bytes, without
//! its token and, unless asked otherwise, without ciphertext.
//!
//! [`replay`] gives recorded events to the same machine again; [`words`] tells them to people.

pub mod replay;
pub mod words;

use std::fmt;

use bus_schemas::capture::body::{self, SEED_BYTES};
use bus_schemas::capture::{Bodies, map_body, map_frame};
use bus_schemas::codec::{self, CodecError};
use bus_schemas::frame::{ClientFrame, ServerFrame};
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::session::{Config, Effect, Event};

/// Of a long body so much is looked at, at its beginning and at its end: what a step costs does
/// not depend on what is sent.
const LOOKED_AT_BYTES: usize = 1_024;

/// What becomes of ciphertext.
#[derive(Clone)]
pub enum Veil {
    /// It is replaced. Equal bodies under one key have equal replacements.
    Random([u8; SEED_BYTES]),
    /// It is kept.
    None,
}

impl fmt::Debug for Veil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Veil({:?})", self.bodies())
    }
}

impl Veil {
    /// What bodies are behind it.
    #[must_use]
    pub const fn bodies(&self) -> Bodies {
        match self {
            Self::Random(_) => Bodies::Random,
            Self::None => Bodies::Kept,
        }
    }

    /// What is written in the place of a body.
    #[must_use]
    pub fn cover(&self, body: &Bytes) -> Bytes {
        match self {
            Self::None => body.clone(),
            Self::Random(key) => {
                let mut hash = Sha256::new();
                hash.update(key);
                hash.update(body.len().to_be_bytes());
                if body.len() <= 2 * LOOKED_AT_BYTES {
                    hash.update(body);
                } else {
                    hash.update(body.slice(..LOOKED_AT_BYTES));
                    hash.update(body.slice(body.len() - LOOKED_AT_BYTES..));
                }
                let hash: [u8; 32] = hash.finalize().into();
                let seed = hash.first_chunk::<SEED_BYTES>().copied().unwrap_or_default();
                body::stand_in(body.len(), seed)
            }
        }
    }
}

/// A configuration as bytes.
pub fn write_config(config: &Config) -> Result<Bytes, CodecError> {
    codec::encode(config)
}

/// An event as bytes, behind a veil.
pub fn write_event(event: &Event, veil: &Veil) -> Result<Bytes, CodecError> {
    write(event, veil, map_event)
}

/// An effect as bytes, behind a veil.
pub fn write_effect(effect: &Effect, veil: &Veil) -> Result<Bytes, CodecError> {
    write(effect, veil, map_effect)
}

/// A configuration from bytes.
pub fn read_config(bytes: &[u8]) -> Result<Config, CodecError> {
    codec::decode(bytes)
}

/// An event from bytes, with bodies of their length.
pub fn read_event(bytes: &[u8], bodies: Bodies) -> Result<Event, CodecError> {
    read(bytes, bodies, map_event)
}

/// An effect from bytes, with bodies of their length.
pub fn read_effect(bytes: &[u8], bodies: Bodies) -> Result<Effect, CodecError> {
    read(bytes, bodies, map_effect)
}

/// Changes the body in a value, if there is one.
type Map<T> = fn(T, &mut dyn FnMut(Bytes) -> Bytes) -> T;

fn write<T: Clone + Serialize>(value: &T, veil: &Veil, map: Map<T>) -> Result<Bytes, CodecError> {
    match veil {
        Veil::None => codec::encode(value),
        Veil::Random(_) => codec::encode(&map(value.clone(), &mut |body| veil.cover(&body))),
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8], bodies: Bodies, map: Map<T>) -> Result<T, CodecError> {
    let value = codec::decode(bytes)?;
    if bodies == Bodies::Kept {
        return Ok(value);
    }
    let mut is_whole = true;
    let value = map(value, &mut |short| {
        let body = body::expand(&short);
        is_whole &= body.is_some();
        body.unwrap_or_default()
    });
    if is_whole { Ok(value) } else { Err(CodecError::Malformed) }
}

fn map_event(event: Event, change: &mut dyn FnMut(Bytes) -> Bytes) -> Event {
    match event {
        Event::Frame(ClientFrame::Peer(frame)) => {
            Event::Frame(ClientFrame::Peer(map_frame(frame, change)))
        }
        Event::Frame(ClientFrame::Announce { frame, announcement }) => {
            let frame = map_frame(frame, change);
            Event::Frame(ClientFrame::Announce { frame, announcement })
        }
        Event::Delivered { delivery, reply } => {
            Event::Delivered { delivery: map_body(delivery, change), reply }
        }
        other @ (Event::Frame(ClientFrame::Auth { .. } | ClientFrame::Ping)
        | Event::BadFrame(_)
        | Event::TokenChecked(_)
        | Event::Listening(_)
        | Event::Bounced { .. }
        | Event::PresenceTold { .. }
        | Event::EvictTold(_)
        | Event::RevokedTold(_)
        | Event::LoginChecked { .. }
        | Event::BusLost
        | Event::BusFound
        | Event::Lagged
        | Event::OutboxFull
        | Event::Draining { .. }
        | Event::SocketClosed
        | Event::Tick) => other,
    }
}

fn map_effect(effect: Effect, change: &mut dyn FnMut(Bytes) -> Bytes) -> Effect {
    match effect {
        Effect::Deliver { to, n, delivery } => {
            Effect::Deliver { to, n, delivery: map_body(delivery, change) }
        }
        Effect::Send(ServerFrame::Peer(frame)) => {
            Effect::Send(ServerFrame::Peer(map_frame(frame, change)))
        }
        Effect::SendChunk { chunk, reply } => {
            Effect::SendChunk { chunk: map_frame(chunk, change), reply }
        }
        other @ (Effect::Send(
            ServerFrame::Authenticated { .. }
            | ServerFrame::NotAuthenticated { .. }
            | ServerFrame::PeerOffline { .. }
            | ServerFrame::PeerDisconnected { .. }
            | ServerFrame::PeerOnline { .. }
            | ServerFrame::Error { .. }
            | ServerFrame::GoingAway { .. }
            | ServerFrame::Superseded
            | ServerFrame::TokenExpiring { .. }
            | ServerFrame::Pong,
        )
        | Effect::CheckToken(_)
        | Effect::CheckLogin(_)
        | Effect::Listen(_)
        | Effect::StopListening
        | Effect::Answer { .. }
        | Effect::TellPresence(_)
        | Effect::TellEvict(_)
        | Effect::Watch(_)
        | Effect::Unwatch(_)
        | Effect::TellSeen
        | Effect::CountRepeat(_)
        | Effect::CountTransfer { .. }
        | Effect::Close(_)) => other,
    }
}
