//! A socket of the doors without a Session behind it: their handshake, codec and closing alone.
//!
//! What judges a codec says things that no Session would answer. Nothing in the server opens one of
//! these: the program that does is `edge/examples/echo.rs`.

use std::future::poll_fn;

use actors_core::session::Close;
use bus_schemas::frame::Door;
use bytes::Bytes;
use futures_util::StreamExt;
use hyper::upgrade::OnUpgrade;

use super::close::close_code;
use super::codec::Kind;
use super::reader::{Reader, Settings};
use super::upgrade::Handshake;
use super::wire::Wire;
use super::writer::Writer;
use super::{Gone, Heard, connection};

/// A socket that is held by whoever opened it.
pub struct Bare {
    reader: Reader,
    writer: Writer,
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
        let reader = Reader::new(wire.clone(), &bytes, handshake, &settings);
        let writer = Writer::new(wire.clone(), handshake);
        Some(Self { reader, writer, wire, door })
    }

    /// The next message. Before the end whoever broke the rules is told so, as at the doors.
    pub async fn hear(&mut self) -> Option<(Kind, Bytes)> {
        let (code, reason) = match self.next().await? {
            Heard::Frame(kind, bytes) => return Some((kind, bytes)),
            Heard::Broken(code) => (code, ""),
            Heard::TooLarge => close_code(self.door, Close::FrameTooLarge),
            Heard::TooMany => close_code(self.door, Close::TooManyFrames),
            Heard::Silent | Heard::Lost => return None,
        };
        self.wire.say_why(code, reason).ok()?;
        self.wire.written().await.ok()?;
        self.wire.see_off().await;
        None
    }

    /// Writes a message.
    pub async fn say(&self, kind: Kind, bytes: Bytes) -> Result<(), Gone> {
        self.writer.say(kind, bytes.into(), || None)?;
        self.wire.written().await
    }

    /// What is heard next; answers to pings are written meanwhile.
    async fn next(&mut self) -> Option<Heard> {
        loop {
            let wire = &self.wire;
            let heard = tokio::select! {
                biased;
                () = poll_fn(|ctx| wire.poll_left(ctx)) => None,
                heard = self.reader.next() => Some(heard),
            };
            match heard {
                Some(heard) => return heard,
                None => wire.written().await.ok()?,
            }
        }
    }
}
