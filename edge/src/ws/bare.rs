//! A socket of the doors without a Session behind it: their handshake, codec and closing alone.
//!
//! What judges a codec says things that no Session would answer. Nothing in the server opens one of
//! these: the program that does is `edge/examples/echo.rs`.

use std::pin::Pin;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::OnUpgrade;

use super::close::close_code;
use super::sockudo::{self, Settings};
use super::upgrade::Handshake;
use super::wire::Wire;
use super::{Gone, Heard, Kind, Said, Socket, connection};
use actors_core::session::Close;
use bus_schemas::frame::Door;

/// A socket that is held by whoever opened it.
pub struct Bare {
    socket: Pin<Box<dyn Socket>>,
    wire: Wire,
    door: Door,
}

impl Bare {
    /// On a connection that this handshake upgrades, with the settings of its door but for the
    /// limit of a frame. `None` if the connection has ended.
    pub async fn open(
        upgraded: OnUpgrade,
        handshake: &Handshake,
        frame_bytes_max: usize,
    ) -> Option<Self> {
        let (wire, bytes) = connection(upgraded).await?;
        let door = handshake.door;
        let settings = Settings { frame_bytes_max, ..Settings::of(door) };
        // Nobody authenticates here.
        wire.allow(settings.bytes_between_max());
        let socket = sockudo::open(wire.clone(), bytes, handshake, &settings);
        Some(Self { socket, wire, door })
    }

    /// The next message. Before the end whoever broke the rules is told so, as at the doors.
    pub async fn hear(&mut self) -> Option<(Kind, Bytes)> {
        let (code, reason) = match self.socket.next().await? {
            Heard::Frame(kind, bytes) => return Some((kind, bytes)),
            Heard::Broken(code) => (code, ""),
            Heard::TooLarge => close_code(self.door, Close::FrameTooLarge),
            Heard::TooMany => close_code(self.door, Close::TooManyFrames),
            Heard::Silent | Heard::Lost => return None,
        };
        self.wire.last_word(None, code, reason).await;
        None
    }

    /// Writes a message.
    pub async fn say(&mut self, kind: Kind, bytes: Bytes) -> Result<(), Gone> {
        self.socket.send(Said::Frame(kind, bytes)).await
    }
}
