//! What Sessions say to each other: deliveries and their bounces, presence, evictions.
//!
//! A delivery has a layout of its own (`chat/envelope.rs`), with the opaque body at its end, so that an
//! edge forwards bytes that it neither decodes nor copies.

mod envelope;

use bytes::{BufMut, Bytes, BytesMut};
use serde::{Deserialize, Serialize};

use crate::bus::Outgoing;
use crate::codec::CodecError;
use crate::fault::Code;
use crate::frame::{Door, PeerFrame};
use crate::id::{BusId, ConnId, Instance, LoginId, TokenId, UserId};
use crate::sheet::{SHEET_BYTES, Sheet};
use crate::topic::{Subject, Topic};

const PEER: &str = "chat.peer.";
const BULK: &str = "chat.bulk.";
const BOUNCE: &str = "chat.bounce.";
/// An id in a subject.
const TOKEN_BYTES: usize = 32;
/// The longest subject of a bounce: two numbers, with a dot before each.
const BOUNCE_BYTES_MAX: usize = BOUNCE.len() + TOKEN_BYTES + 2 * (1 + 16);

/// One envelope from a Session to another user's Session.
///
/// On the bus it has a layout of its own, see [`Delivery::encode`]; serde writes it in captures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delivery {
    /// A frame of a peer; its `peer` is the sender.
    Frame {
        /// Which door the sender uses.
        door: Door,
        /// What the sender's Session stands on.
        standing: Standing,
        /// The frame.
        frame: PeerFrame,
    },
    /// Is this user here? Answered with [`Bounce::Here`]; the browser sees nothing.
    Probe {
        /// Who asks.
        from: UserId,
        /// What the asking Session stands on.
        standing: Standing,
    },
}

/// What a Session stands on. It goes with each delivery, so that an edge which knows that it has
/// ended passes nothing on, however late the bytes come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Standing {
    /// The device signed in.
    pub login: LoginId,
    /// The access token in use.
    pub token: TokenId,
}

/// What comes back for a delivery. Success says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Bounce {
    /// Nobody serves that user: the empty refusal of the bus itself.
    NobodyThere,
    /// The Session of that user refused it.
    Refused(Code),
    /// The answer to a probe.
    Here,
    /// A file chunk of the text door was written to its receiver's socket: the next may come.
    Written,
}

/// Whether a user is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Presence {
    /// A Session has come.
    Here,
    /// The Session has ended.
    Gone,
    /// The same page went on over another edge; nobody is told.
    Moved,
}

/// A newer Session of the same user asks the older ones to yield.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evict {
    /// Its page.
    pub instance: Instance,
    /// Its place in the connections of that page.
    pub attach: u32,
    /// Itself.
    pub conn: ConnId,
}

/// Names a frame that a Session of this bus connection sent: it comes back with the bounce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BounceTag {
    /// The Session's place at its edge, and which use of that place it is.
    pub slot: u64,
    /// The frame in the Session's ring of unanswered ones.
    pub n: u64,
}

/// `chat.peer.<user>`: everything but file frames.
#[must_use]
pub fn peer(user: UserId) -> Subject {
    with_token(PEER, user)
}

/// `chat.bulk.<user>`: file frames.
#[must_use]
pub fn bulk(user: UserId) -> Subject {
    with_token(BULK, user)
}

/// `chat.presence.<user>`
#[must_use]
pub fn presence(user: UserId) -> Topic<Presence> {
    Topic::new(format!("chat.presence.{}", user.token()))
}

/// `chat.evict.<user>`
#[must_use]
pub fn evict(user: UserId) -> Topic<Evict> {
    Topic::new(format!("chat.evict.{}", user.token()))
}

/// `chat.bounce.<conn>.>`: every bounce for the frames of one bus connection.
#[must_use]
pub fn bounces(bus: BusId) -> Subject {
    Subject::new(format!("chat.bounce.{}.>", bus.token()))
}

/// `chat.bounce.<conn>.<slot>.<n>`
#[must_use]
pub fn bounce(bus: BusId, tag: BounceTag) -> Subject {
    let mut text = BytesMut::with_capacity(BOUNCE_BYTES_MAX);
    put_bounce(&mut text, bus, tag);
    Subject::of(text.freeze())
}

fn with_token(words: &str, user: UserId) -> Subject {
    let mut text = Vec::with_capacity(words.len() + TOKEN_BYTES);
    put_token(&mut text, words, user);
    Subject::of(text.into())
}

fn put_token(text: &mut impl BufMut, words: &str, user: UserId) {
    text.put_slice(words.as_bytes());
    user.put_token(text);
}

fn put_bounce(text: &mut BytesMut, bus: BusId, BounceTag { slot, n }: BounceTag) {
    text.put_slice(BOUNCE.as_bytes());
    bus.put_token(text);
    for number in [slot, n] {
        text.put_u8(b'.');
        put_hex(text, number);
    }
}

/// Lower-case, without zeros in front.
fn put_hex(text: &mut impl BufMut, number: u64) {
    let (mut digits, mut at, mut rest) = ([b'0'; 16], 16, number);
    while at == digits.len() || rest > 0 {
        at -= 1;
        digits[at] = b"0123456789abcdef"[usize::try_from(rest & 0xf).unwrap_or_default()];
        rest >>= 4;
    }
    text.put_slice(&digits[at..]);
}

/// The tag at the end of a bounce subject.
#[must_use]
pub fn bounce_tag(subject: &Subject) -> Option<BounceTag> {
    let mut parts = subject.as_str().rsplit('.');
    let n = u64::from_str_radix(parts.next()?, 16).ok()?;
    let slot = u64::from_str_radix(parts.next()?, 16).ok()?;
    Some(BounceTag { slot, n })
}

impl Delivery {
    /// What the Session stands on that sent it.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match self {
            Self::Frame { standing, .. } | Self::Probe { standing, .. } => *standing,
        }
    }

    /// The envelope as bytes.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let body = self.body();
        let mut out = Vec::with_capacity(envelope::head_bytes(self) + body.len());
        envelope::put_head(&mut out, self);
        out.extend_from_slice(body);
        out.into()
    }

    /// All that is said to the bus so that this reaches its user: the envelope, where it goes, and
    /// where a refusal goes. It stands on one sheet, as a word pays for every block of the heap; a
    /// body that would not fit on one stays where it is.
    #[must_use]
    pub fn outgoing(&self, to: UserId, bus: BusId, tag: BounceTag, sheet: &mut Sheet) -> Outgoing {
        let body = self.body();
        let (short, long) = if body.len() > SHEET_BYTES {
            (&[][..], body.clone())
        } else {
            (&body[..], Bytes::new())
        };
        let subjects = PEER.len().max(BULK.len()) + TOKEN_BYTES + BOUNCE_BYTES_MAX;
        sheet.write(envelope::head_bytes(self) + short.len() + subjects, |out| {
            envelope::put_head(out, self);
            out.put_slice(short);
            let payload = out.split().freeze();
            put_token(out, if self.is_of_file() { BULK } else { PEER }, to);
            let subject = Subject::of(out.split().freeze());
            put_bounce(out, bus, tag);
            let reply = Some(Subject::of(out.split().freeze()));
            Outgoing { subject, reply, trace: None, payload, body: long }
        })
    }

    /// Whether it travels with the files.
    #[must_use]
    pub fn is_of_file(&self) -> bool {
        matches!(self, Self::Frame { frame, .. } if frame.label.is_file())
    }

    fn body(&self) -> &Bytes {
        static NONE: Bytes = Bytes::new();
        match self {
            Self::Frame { frame, .. } => &frame.body,
            Self::Probe { .. } => &NONE,
        }
    }

    /// The envelope from bytes; the body shares them.
    pub fn decode(bytes: &Bytes) -> Result<Self, CodecError> {
        envelope::read(bytes).ok_or(CodecError::Malformed)
    }
}
