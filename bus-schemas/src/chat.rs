//! What Sessions say to each other: deliveries and their bounces, presence, evictions.
//!
//! A delivery is a MessagePack array whose last field is the opaque body, so that an edge
//! forwards bytes that it neither decodes nor copies.

use std::fmt::Write;

use bytes::{BufMut, Bytes, BytesMut};
use serde::{Deserialize, Serialize};

use crate::bus::Outgoing;
use crate::codec::CodecError;
use crate::fault::Code;
use crate::frame::{Door, Label, Part, PeerFrame};
use crate::id::{BusId, ConnId, FrameId, Instance, LoginId, TokenId, UserId};
use crate::sheet::{SHEET_BYTES, Sheet};
use crate::topic::{Subject, Topic};

/// The version of the delivery layout.
const VERSION: u8 = 2;
/// The label number of a probe: "is anybody there?", answered by the Session itself.
const PROBE: u8 = 64;
const ARRAY_LENGTH: u32 = 11;
const HEAD_BYTES_MAX: usize = 200;
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
    write!(text, ".{slot:x}.{n:x}").expect("writing into memory cannot fail");
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
        let (head, body) = (Head::of(self), self.body());
        let mut out = Vec::with_capacity(head.bytes().len() + body.len());
        out.extend_from_slice(head.bytes());
        out.extend_from_slice(body);
        out.into()
    }

    /// All that is said to the bus so that this reaches its user: the envelope, where it goes, and
    /// where a refusal goes. It stands on one sheet, as a word pays for every block of the heap; a
    /// body that would not fit on one stays where it is.
    #[must_use]
    pub fn outgoing(&self, to: UserId, bus: BusId, tag: BounceTag, sheet: &mut Sheet) -> Outgoing {
        let (head, body) = (Head::of(self), self.body());
        let (short, long) = if body.len() > SHEET_BYTES {
            (&[][..], body.clone())
        } else {
            (&body[..], Bytes::new())
        };
        let subjects = PEER.len().max(BULK.len()) + TOKEN_BYTES + BOUNCE_BYTES_MAX;
        sheet.write(head.bytes().len() + short.len() + subjects, |out| {
            out.put_slice(head.bytes());
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
        decode(bytes).ok_or(CodecError::Malformed)
    }
}

/// What stands before the body.
struct Head {
    bytes: [u8; HEAD_BYTES_MAX],
    length: usize,
}

impl Head {
    fn of(delivery: &Delivery) -> Self {
        let mut bytes = [0; HEAD_BYTES_MAX];
        let mut rest = &mut bytes[..];
        write(&mut rest, delivery).expect("every head is shorter");
        let length = HEAD_BYTES_MAX - rest.len();
        Self { bytes, length }
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

fn write<W: rmp::encode::RmpWrite>(
    out: &mut W,
    delivery: &Delivery,
) -> Result<(), rmp::encode::ValueWriteError<W::Error>> {
    let (no_id, whole) = (FrameId::default(), Part::default());
    let (door, label, from, attempt, id, part) = match delivery {
        Delivery::Frame { door, frame, .. } => {
            (*door, frame.label.code(), frame.peer, frame.attempt, &frame.id, frame.part)
        }
        Delivery::Probe { from, .. } => (Door::Binary, PROBE, *from, 0, &no_id, whole),
    };
    let Standing { login, token } = delivery.standing();
    rmp::encode::write_array_len(out, ARRAY_LENGTH)?;
    rmp::encode::write_uint(out, u64::from(VERSION))?;
    rmp::encode::write_uint(out, u64::from(door == Door::Binary))?;
    rmp::encode::write_uint(out, u64::from(label))?;
    rmp::encode::write_bin(out, from.as_bytes())?;
    rmp::encode::write_bin(out, login.as_bytes())?;
    rmp::encode::write_bin(out, token.as_bytes())?;
    rmp::encode::write_uint(out, u64::from(attempt))?;
    rmp::encode::write_bin(out, id.as_bytes())?;
    rmp::encode::write_uint(out, u64::from(part.index))?;
    rmp::encode::write_uint(out, u64::from(part.count))?;
    let length = u32::try_from(delivery.body().len()).expect("frames are small");
    rmp::encode::write_bin_len(out, length).map(drop)
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
    let from = UserId::from_bytes(read_id(&mut rest)?);
    let login = LoginId::from_bytes(read_id(&mut rest)?);
    let standing = Standing { login, token: TokenId::from_bytes(read_id(&mut rest)?) };
    let attempt = rmp::decode::read_int(&mut rest).ok()?;
    let id = read_frame_id(bytes, &mut rest)?;
    let index = rmp::decode::read_int(&mut rest).ok()?;
    let count = rmp::decode::read_int(&mut rest).ok()?;
    let body = bytes.slice_ref(read_slice(&mut rest)?);
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

fn read_id(rest: &mut &[u8]) -> Option<[u8; 16]> {
    read_slice(rest)?.try_into().ok()
}

fn read_slice<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(rmp::decode::read_bin_len(rest).ok()?).ok()?;
    let (bin, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(bin)
}

/// A long one shares the bytes that it came in.
fn read_frame_id(whole: &Bytes, rest: &mut &[u8]) -> Option<FrameId> {
    let id = read_slice(rest)?;
    FrameId::short(id).or_else(|| FrameId::new(whole.slice_ref(id)))
}
