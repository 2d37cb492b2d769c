//! Frames: what a browser may say, hear and pass on. One set of types, two encodings.
//!
//! [`binary`] is the door of our client, [`text`] that of the original's. What a peer frame means
//! is inside its body, which nobody here reads.

pub mod announcement;
pub mod binary;
pub mod text;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use self::announcement::Announcement;
use crate::fault::Code;
use crate::id::{FrameId, Instance, UserId};
use crate::secret::{self, Secret};
use crate::sheet::Sheet;

/// Which encoding a socket speaks. A conversation needs the same on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Door {
    /// JSON, for the original's client and for people.
    Text,
    /// MessagePack, for our client.
    Binary,
}

/// Declares the labels once: variant, number on the binary door, name on the text door.
macro_rules! labels {
    ($($variant:ident = $code:literal, $name:literal;)*) => {
        /// The type of a peer frame, visible for metrics and budgets. It proves nothing: what a
        /// frame means is sealed, and the seal covers the label.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Label {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl Label {
            /// Every label.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The number on the binary door and on the bus.
            #[must_use]
            pub const fn code(self) -> u8 {
                match self { $(Self::$variant => $code),* }
            }

            /// The name on the text door and in metrics.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

labels! {
    EphemeralKey = 1, "ephemeral_key";
    SessionEstablished = 2, "session_established";
    Ack = 3, "ack";
    Message = 4, "message";
    MessageEdit = 5, "message_edit";
    MessageDelete = 6, "message_delete";
    MessageRead = 7, "message_read";
    Reaction = 8, "reaction";
    Typing = 9, "typing";
    FileStart = 10, "file_start";
    FileChunk = 11, "file_chunk";
    FileComplete = 12, "file_complete";
    Declined = 13, "declined";
}

impl Label {
    /// The label with this number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|label| label.code() == code)
    }

    /// The label with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|label| label.as_str() == name)
    }

    /// Files travel apart, so that they never delay a word.
    #[must_use]
    pub const fn is_file(self) -> bool {
        matches!(self, Self::FileStart | Self::FileChunk | Self::FileComplete)
    }
}

/// Which piece of a file a file frame is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Part {
    /// From 0; the count itself in `file_complete`.
    pub index: u32,
    /// How many chunks the file has.
    pub count: u32,
}

/// A frame from one browser for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerFrame {
    /// Its type.
    pub label: Label,
    /// Raised by a deliberate re-send, so that it is not taken for a repeat.
    pub attempt: u32,
    /// To whom when a client says it, from whom when a client hears it.
    pub peer: UserId,
    /// What its sender calls it.
    pub id: FrameId,
    /// Which piece; for file frames only, zero elsewhere.
    pub part: Part,
    /// Opaque.
    pub body: Bytes,
}

/// What a client says. The doors have encodings of their own; serde writes it in captures, the
/// token left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientFrame {
    /// Who it is; first of all, and again before the token expires.
    Auth {
        /// An access token.
        #[serde(with = "secret::withheld")]
        token: Secret<String>,
        /// The page that speaks; absent on the text door, where every socket is its own.
        instance: Option<Instance>,
        /// Raised by one with each connection of that page.
        attach: u32,
    },
    /// Is anybody there?
    Ping,
    /// For another person.
    Peer(PeerFrame),
    /// A `file_start` of the text door, which says in the clear what the file is.
    Announce {
        /// For another person.
        frame: PeerFrame,
        /// What it says.
        announcement: Announcement,
    },
}

/// What a client hears. The doors have encodings of their own; serde writes it in captures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServerFrame {
    /// The answer to `auth`.
    Authenticated {
        /// Who the token says it is.
        user: UserId,
        /// How long the token still lives.
        expires_in_ms: u64,
    },
    /// The other answer to `auth`; the socket closes after it.
    NotAuthenticated {
        /// Why.
        code: Code,
    },
    /// From another person.
    Peer(PeerFrame),
    /// Nobody serves that peer.
    PeerOffline {
        /// Whom the frame was for.
        peer: UserId,
        /// Which frame came back.
        id: FrameId,
    },
    /// An open peer has gone.
    PeerDisconnected {
        /// Who.
        peer: UserId,
    },
    /// An open peer has come.
    PeerOnline {
        /// Who.
        peer: UserId,
    },
    /// A frame was refused.
    Error {
        /// Why.
        code: Code,
        /// Which frame, if it had an id.
        id: FrameId,
    },
    /// Connect elsewhere within this time; then this socket closes.
    GoingAway {
        /// How long.
        after_ms: u64,
    },
    /// The chat was opened elsewhere; this socket closes.
    Superseded,
    /// The token will expire; send `auth` with a new one.
    TokenExpiring {
        /// How long it still lives.
        in_ms: u64,
    },
    /// Somebody is there.
    Pong,
}

/// Why bytes are not a frame, and which frame it was if that could be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadFrame {
    /// What the client is told.
    pub code: Code,
    /// The id, if it was legible.
    pub id: FrameId,
}

impl BadFrame {
    pub(crate) fn new(code: Code) -> Self {
        Self { code, id: FrameId::default() }
    }
}

/// Reads a frame of this door.
pub fn decode(door: Door, bytes: &Bytes) -> Result<ClientFrame, BadFrame> {
    match door {
        Door::Text => text::decode(bytes),
        Door::Binary => binary::decode(bytes),
    }
}

/// Writes a frame for this door; `None` where the door has no such frame.
#[must_use]
pub fn encode(door: Door, frame: &ServerFrame) -> Option<Bytes> {
    match door {
        Door::Text => text::encode(frame),
        Door::Binary => Some(binary::encode(frame)),
    }
}

/// A peer's frame in two pieces: a long body stays where it is if the door's encoding lets it.
#[must_use]
pub fn encode_apart(door: Door, frame: PeerFrame) -> Option<(Bytes, Bytes)> {
    match door {
        Door::Text => Some((text::encode(&ServerFrame::Peer(frame))?, Bytes::new())),
        Door::Binary => Some(binary::encode_apart(&frame)),
    }
}

/// The same as [`encode`], on a sheet where the door's encoding lets it: for what goes on at once.
#[must_use]
pub fn encode_on(sheet: &mut Sheet, door: Door, frame: &ServerFrame) -> Option<Bytes> {
    match door {
        Door::Text => text::encode(frame),
        Door::Binary => Some(binary::encode_on(sheet, frame)),
    }
}
