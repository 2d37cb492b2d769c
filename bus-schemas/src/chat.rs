//! What Sessions say to each other: deliveries and their bounces, presence, evictions.
//!
//! A delivery is a MessagePack array whose last field is the opaque body, so that an edge
//! forwards bytes that it neither decodes nor copies.

use bytes::{BufMut, Bytes, BytesMut};
use serde::{Deserialize, Serialize};

use crate::codec::CodecError;
use crate::fault::Code;
use crate::frame::{Door, Label, Part, PeerFrame};
use crate::id::{BusId, ConnId, FrameId, Instance, LoginId, TokenId, UserId};
use crate::topic::{Subject, Topic};

/// The version of the delivery layout.
const VERSION: u8 = 2;
/// The label number of a probe: "is anybody there?", answered by the Session itself.
const PROBE: u8 = 64;
const ARRAY_LENGTH: u32 = 11;
const HEADER_BYTES_MAX: usize = 200;

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
    Subject::new(format!("chat.peer.{}", user.token()))
}

/// `chat.bulk.<user>`: file frames.
#[must_use]
pub fn bulk(user: UserId) -> Subject {
    Subject::new(format!("chat.bulk.{}", user.token()))
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
    Subject::new(format!("chat.bounce.{}.{:x}.{:x}", bus.token(), tag.slot, tag.n))
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
        match self {
            Self::Frame { door, standing, frame } => {
                encode(*door, frame.label.code(), *standing, frame)
            }
            Self::Probe { from, standing } => {
                let nothing = PeerFrame {
                    label: Label::Ack,
                    attempt: 0,
                    peer: *from,
                    id: FrameId::default(),
                    part: Part::default(),
                    body: Bytes::new(),
                };
                encode(Door::Binary, PROBE, *standing, &nothing)
            }
        }
    }

    /// The envelope from bytes; the body shares them.
    pub fn decode(bytes: &Bytes) -> Result<Self, CodecError> {
        decode(bytes).ok_or(CodecError::Malformed)
    }
}

fn encode(door: Door, label: u8, standing: Standing, frame: &PeerFrame) -> Bytes {
    let mut out = BytesMut::with_capacity(HEADER_BYTES_MAX + frame.body.len()).writer();
    write(&mut out, door, label, standing, frame).expect("writing into memory cannot fail");
    out.into_inner().freeze()
}

fn write<W: rmp::encode::RmpWrite>(
    out: &mut W,
    door: Door,
    label: u8,
    standing: Standing,
    frame: &PeerFrame,
) -> Result<(), rmp::encode::ValueWriteError<W::Error>> {
    rmp::encode::write_array_len(out, ARRAY_LENGTH)?;
    rmp::encode::write_uint(out, u64::from(VERSION))?;
    rmp::encode::write_uint(out, u64::from(door == Door::Binary))?;
    rmp::encode::write_uint(out, u64::from(label))?;
    rmp::encode::write_bin(out, frame.peer.as_bytes())?;
    rmp::encode::write_bin(out, standing.login.as_bytes())?;
    rmp::encode::write_bin(out, standing.token.as_bytes())?;
    rmp::encode::write_uint(out, u64::from(frame.attempt))?;
    rmp::encode::write_bin(out, frame.id.as_bytes())?;
    rmp::encode::write_uint(out, u64::from(frame.part.index))?;
    rmp::encode::write_uint(out, u64::from(frame.part.count))?;
    rmp::encode::write_bin(out, &frame.body)
}

fn decode(bytes: &Bytes) -> Option<Delivery> {
    let mut rest: &[u8] = bytes;
    if rmp::decode::read_array_len(&mut rest).ok()? != ARRAY_LENGTH {
        return None;
    }
    if rmp::decode::read_int::<u8, _>(&mut rest).ok()? != VERSION {
        return None;
    }
    let door = match rmp::decode::read_int::<u8, _>(&mut rest).ok()? {
        0 => Door::Text,
        1 => Door::Binary,
        _ => return None,
    };
    let label: u8 = rmp::decode::read_int(&mut rest).ok()?;
    let from = UserId::from_bytes(read_id(bytes, &mut rest)?);
    let login = LoginId::from_bytes(read_id(bytes, &mut rest)?);
    let standing = Standing { login, token: TokenId::from_bytes(read_id(bytes, &mut rest)?) };
    let attempt = rmp::decode::read_int(&mut rest).ok()?;
    let id = FrameId::new(read_bin(bytes, &mut rest)?)?;
    let index = rmp::decode::read_int(&mut rest).ok()?;
    let count = rmp::decode::read_int(&mut rest).ok()?;
    let body = read_bin(bytes, &mut rest)?;
    if !rest.is_empty() {
        return None;
    }
    if label == PROBE {
        return Some(Delivery::Probe { from, standing });
    }
    let label = Label::from_code(label)?;
    let part = Part { index, count };
    let frame = PeerFrame { label, attempt, peer: from, id, part, body };
    Some(Delivery::Frame { door, standing, frame })
}

fn read_id(whole: &Bytes, rest: &mut &[u8]) -> Option<[u8; 16]> {
    read_bin(whole, rest)?.as_ref().try_into().ok()
}

fn read_bin(whole: &Bytes, rest: &mut &[u8]) -> Option<Bytes> {
    let length = usize::try_from(rmp::decode::read_bin_len(rest).ok()?).ok()?;
    let (bin, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(whole.slice_ref(bin))
}
