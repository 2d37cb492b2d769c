//! The pieces of the hot path, each as something that can be done again and again: what happens to
//! a frame between the socket of whoever says it and that of whoever hears it.
//!
//! No sockets, no clock and no bus are here. What those cost is held by `edge/tests/gates` and
//! measured by `infra/bench`.

// The codec of the doors, without the HTTP around it: this package builds in a minute, the edge in ten.
#[path = "../../src/ws/codec/mod.rs"]
#[expect(unreachable_pub, reason = "the doors make a part of it public")]
#[cfg_attr(not(test), expect(dead_code, unused_imports, reason = "what reads is counted alone"))]
mod codec;
mod session;
mod socket;

use bus_schemas::chat::{BounceTag, Delivery};
use bus_schemas::frame::{self, Door, Label, Part, PeerFrame, ServerFrame};
use bus_schemas::id::{BusId, FrameId, UserId};
use bus_schemas::sheet::Sheet;
use bytes::Bytes;

use session::{Hearing, Saying, Sending};
use socket::Socket;

/// Who says and who hears.
const ALICE: UserId = UserId::from_bytes([0xa1; 16]);
const BOB: UserId = UserId::from_bytes([0xb0; 16]);
const BUS: BusId = BusId::from_bytes([0x77; 16]);

/// Declares the pieces once: variant and name.
macro_rules! pieces {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)*) => {
        /// A piece of the hot path.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Piece {
            $($(#[$doc])* $variant,)*
        }

        impl Piece {
            /// Every piece.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name, in the table of what is allowed as well.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

pieces! {
    /// A masked frame of 256 bytes is read, unmasked and given out.
    Socket256 = "socket-read-256";
    /// The same with 1 KiB.
    Socket1K = "socket-read-1k";
    /// The same with 16 KiB.
    Socket16K = "socket-read-16k";
    /// The routing fields of a client's frame are read; its body is 256 bytes, as below.
    FrameDecode = "frame-decode";
    /// A Session decides what becomes of its client's frame.
    SessionSays = "session-says";
    /// The envelope for the bus is written, with where it goes and where a refusal goes.
    DeliveryEncode = "delivery-encode";
    /// The envelope is read.
    DeliveryDecode = "delivery-decode";
    /// A Session decides what becomes of a delivery.
    SessionHears = "session-hears";
    /// The frame for the client is written.
    FrameEncode = "frame-encode";
    /// A chunk of the text door is handed on, and the word that it was written lets the next come.
    Credit = "chunk-and-its-credit";
}

impl Piece {
    /// The piece with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|piece| piece.name() == name)
    }

    /// Something that does it once for each call, with all that it needs made before. It can be
    /// done a thousand times at most.
    #[must_use]
    pub fn work(self) -> Box<dyn FnMut()> {
        match self {
            Self::Socket256 => reading(256),
            Self::Socket1K => reading(1024),
            Self::Socket16K => reading(16 * 1024),
            Self::FrameDecode => {
                let bytes = shared(frame::binary::encode(&ServerFrame::Peer(word(0))));
                Box::new(move || drop(frame::decode(Door::Binary, &bytes)))
            }
            Self::SessionSays => {
                let mut saying = Saying::begin();
                Box::new(move || saying.say())
            }
            Self::DeliveryEncode => {
                let (delivery, mut sheet) = (delivery(0), Sheet::new());
                let tag = BounceTag { slot: 0x1_0000_0007, n: 0x1234 };
                Box::new(move || drop(delivery.outgoing(BOB, BUS, tag, &mut sheet)))
            }
            Self::DeliveryDecode => {
                let bytes = shared(delivery(0).encode());
                Box::new(move || drop(Delivery::decode(&bytes)))
            }
            Self::SessionHears => {
                let mut hearing = Hearing::begin();
                Box::new(move || hearing.hear())
            }
            Self::FrameEncode => {
                let (frame, mut sheet) = (ServerFrame::Peer(word(0)), Sheet::new());
                Box::new(move || drop(frame::encode_on(&mut sheet, Door::Binary, &frame)))
            }
            Self::Credit => {
                let mut sending = Sending::begin();
                Box::new(move || sending.chunk())
            }
        }
    }
}

fn reading(bytes: usize) -> Box<dyn FnMut()> {
    let mut socket = Socket::of_frames(bytes);
    Box::new(move || socket.read())
}

/// A word of Alice for Bob, with a number instead of a random id.
fn word(n: u64) -> PeerFrame {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&n.to_be_bytes());
    let id = FrameId::new(Bytes::copy_from_slice(&id)).expect("16 bytes");
    let body = Bytes::from(vec![7; 256]);
    PeerFrame { label: Label::Message, attempt: 0, peer: BOB, id, part: Part::default(), body }
}

fn delivery(n: u64) -> Delivery {
    let frame = PeerFrame { peer: ALICE, ..word(n) };
    Delivery::Frame { door: Door::Binary, standing: session::standing(), frame }
}

/// As bytes that others hold too: so a buffer of a socket gives them out.
fn shared(bytes: Bytes) -> Bytes {
    drop(bytes.clone());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = include_str!("../instructions.tsv");

    #[test]
    fn perf5_every_piece_has_its_instructions_and_a_limit_above_them() {
        let rows: Vec<Vec<&str>> = TABLE
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split('\t').collect())
            .collect();
        let names: Vec<&str> = rows.iter().map(|row| row[0]).collect();
        let pieces: Vec<&str> = Piece::ALL.iter().map(|piece| piece.name()).collect();
        assert_eq!(names, pieces);
        for row in rows {
            let (written, limit): (u32, u32) = (row[1].parse().unwrap(), row[2].parse().unwrap());
            assert!(0 < written && written <= limit, "{row:?}");
        }
    }

    #[test]
    fn perf5_every_piece_can_be_done_as_often_as_it_is_counted() {
        for piece in Piece::ALL {
            let mut work = piece.work();
            for _ in 0..1_000 {
                work();
            }
        }
    }
}
