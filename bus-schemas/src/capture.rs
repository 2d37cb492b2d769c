//! Captures: recorded runs that can be played again.
//!
//! A capture holds what two taps saw. The *session* tap stands where a Session is driven: each step
//! is one event with the effects it had. The *bus* tap stands around the bus: whatever is said,
//! heard, asked and answered. Frames of a browser do not touch the bus, hence two.
//!
//! What a step holds is written and read one floor up, where events and effects are known; here it
//! is opaque. The rules are CAP in `SPEC.md`.

pub mod ask;
pub mod body;
pub mod file;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::bus::{BusError, BusStatus, Incoming, Outgoing};
use crate::chat::Delivery;
use crate::frame::PeerFrame;
use crate::id::{BusId, ConnId, EdgeId, TraceId};
use crate::time::Millis;
use crate::topic::Subject;

/// The largest record. Without ciphertext one has a few hundred bytes; with it, a chunk of our
/// client fits twice, as the event and as its effect.
pub const RECORD_BYTES_MAX: usize = 1024 * 1024;
/// The largest file: an hour of a few people who talk, and small enough to be read into memory.
pub const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// The largest payload that is kept and is no delivery: a page of a search, a history of keys.
pub const PAYLOAD_BYTES_MAX: usize = 64 * 1024;

/// One thing that a tap saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Where.
    pub edge: EdgeId,
    /// When: microseconds since this edge began to record.
    pub at_us: u64,
    /// What its bodies are.
    pub bodies: Bodies,
    /// What it saw.
    pub what: What,
}

/// What the bodies of peer frames are in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bodies {
    /// Random bytes of the same length. Equal bodies of one capture are replaced by equal bytes.
    Random,
    /// What was sent: ciphertext.
    Kept,
}

/// What a tap saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A Session was made.
    Opened {
        /// Which.
        conn: ConnId,
        /// By its own clock.
        now: Millis,
        /// How it is configured.
        config: Bytes,
    },
    /// Something happened to a Session. Event and effects are one record, so that either both
    /// are in the capture or neither is.
    Stepped {
        /// To which.
        conn: ConnId,
        /// When, by its own clock.
        now: Millis,
        /// What.
        event: Bytes,
        /// What it wanted done about it, in order.
        effects: Vec<Bytes>,
    },
    /// Something was handed to the bus.
    Published {
        /// By which connection.
        bus: BusId,
        /// What.
        said: Said,
        /// Whether the bus took it.
        outcome: Result<(), BusError>,
    },
    /// Somebody began to listen.
    Subscribed {
        /// On which connection.
        bus: BusId,
        /// To what.
        subject: Subject,
        /// In which group, if in one.
        group: Option<String>,
        /// Whether the bus confirmed it.
        outcome: Result<(), BusError>,
    },
    /// A listener heard something.
    Heard {
        /// On which connection.
        bus: BusId,
        /// What; nothing where messages were lost on the way.
        said: Option<Said>,
    },
    /// A question was asked.
    Asked {
        /// By which connection.
        bus: BusId,
        /// Its number; the answer has the same.
        n: u64,
        /// The question.
        said: Said,
        /// Whom.
        whom: Whom,
    },
    /// An answer came, or none did.
    Answered {
        /// To which connection.
        bus: BusId,
        /// The number of the question.
        n: u64,
        /// What came.
        answer: Result<Payload, BusError>,
    },
    /// The bus came or went.
    Status {
        /// As this connection sees it.
        bus: BusId,
        /// Which of both.
        status: BusStatus,
    },
    /// Records are missing here: the buffer was full.
    Gap {
        /// How many.
        lost: u64,
    },
    /// This edge records no more.
    Ended {
        /// Records that are missing, and were not told by a gap before.
        lost: u64,
        /// Why.
        why: Why,
    },
}

impl What {
    /// How many records it says are missing.
    #[must_use]
    pub fn lost(&self) -> u64 {
        match self {
            Self::Gap { lost } | Self::Ended { lost, .. } => *lost,
            Self::Opened { .. }
            | Self::Stepped { .. }
            | Self::Published { .. }
            | Self::Subscribed { .. }
            | Self::Heard { .. }
            | Self::Asked { .. }
            | Self::Answered { .. }
            | Self::Status { .. } => 0,
        }
    }

    /// Which subject it is about.
    #[must_use]
    pub fn subject(&self) -> Option<&Subject> {
        match self {
            Self::Published { said, .. } | Self::Asked { said, .. } => Some(&said.subject),
            Self::Heard { said, .. } => said.as_ref().map(|said| &said.subject),
            Self::Subscribed { subject, .. } => Some(subject),
            Self::Opened { .. }
            | Self::Stepped { .. }
            | Self::Answered { .. }
            | Self::Status { .. }
            | Self::Gap { .. }
            | Self::Ended { .. } => None,
        }
    }
}

/// Of whom something is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whom {
    /// One of a group, with this much patience.
    One {
        /// In milliseconds.
        wait_ms: u64,
    },
    /// Everybody who answers.
    Everybody,
}

/// Why an edge stopped to record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Whoever began it ended it.
    Asked,
    /// The time that was asked for is over.
    TimeOver,
}

/// A message on the bus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Where.
    pub subject: Subject,
    /// Where an answer goes.
    pub reply: Option<Subject>,
    /// What travels beside it.
    pub trace: Option<TraceId>,
    /// What.
    pub payload: Payload,
    /// The bus itself speaks: nobody listens.
    pub no_responders: bool,
}

/// What was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// As it was, but for its body.
    Kept(Bytes),
    /// It may hold a credential, or nobody here knows what it holds.
    Withheld {
        /// How much it was.
        bytes: u64,
    },
}

/// Covers a body.
pub type Cover<'a> = &'a dyn Fn(&Bytes) -> Bytes;

impl Said {
    /// A message that goes out, with what may be kept of it.
    #[must_use]
    pub fn outgoing(message: &Outgoing, cover: Cover<'_>) -> Self {
        let Outgoing { subject, reply, trace, .. } = message;
        Self {
            subject: subject.clone(),
            reply: reply.clone(),
            trace: trace.clone(),
            payload: Payload::of(subject, &message.whole(), cover),
            no_responders: false,
        }
    }

    /// A message that came in, with what may be kept of it.
    #[must_use]
    pub fn incoming(message: &Incoming, cover: Cover<'_>) -> Self {
        let Incoming { subject, reply, trace, payload, no_responders } = message;
        Self {
            subject: subject.clone(),
            reply: reply.clone(),
            trace: trace.clone(),
            payload: Payload::of(subject, payload, cover),
            no_responders: *no_responders,
        }
    }
}

impl Payload {
    /// What may be kept of something that is said on a subject, or answers what was asked there.
    ///
    /// The subjects whose payloads are kept are listed: what is not known to be free of
    /// credentials is withheld. In particular whatever is asked of auth, whatever it answers, and
    /// whatever goes to an inbox, where nobody sees what it answers.
    #[must_use]
    pub fn of(subject: &Subject, payload: &Bytes, cover: Cover<'_>) -> Self {
        let withheld = Self::Withheld { bytes: u64::try_from(payload.len()).unwrap_or(u64::MAX) };
        if is_delivery(subject) {
            let Ok(delivery) = Delivery::decode(payload) else { return withheld };
            return Self::Kept(map_body(delivery, |body| cover(&body)).encode());
        }
        let is_kept = is_free_of_credentials(subject) && payload.len() <= PAYLOAD_BYTES_MAX;
        // A copy: the buffer that it came in may be much larger.
        if is_kept { Self::Kept(Bytes::copy_from_slice(payload)) } else { withheld }
    }

    /// The payload with the bytes that stand for its body, if there is one.
    #[must_use]
    pub fn expanded(self, subject: &Subject, bodies: Bodies) -> Option<Self> {
        match (self, bodies) {
            (Self::Kept(payload), Bodies::Random) if is_delivery(subject) => {
                let delivery = Delivery::decode(&payload).ok()?;
                let mut is_whole = true;
                let delivery = map_body(delivery, |body| {
                    let expanded = body::expand(&body);
                    is_whole &= expanded.is_some();
                    expanded.unwrap_or_default()
                });
                is_whole.then(|| Self::Kept(delivery.encode()))
            }
            (payload, Bodies::Random | Bodies::Kept) => Some(payload),
        }
    }
}

/// A delivery with another body.
#[must_use]
pub fn map_body(delivery: Delivery, change: impl FnOnce(Bytes) -> Bytes) -> Delivery {
    match delivery {
        Delivery::Frame { door, standing, frame } => {
            Delivery::Frame { door, standing, frame: map_frame(frame, change) }
        }
        probe @ Delivery::Probe { .. } => probe,
    }
}

/// A frame with another body.
#[must_use]
pub fn map_frame(frame: PeerFrame, change: impl FnOnce(Bytes) -> Bytes) -> PeerFrame {
    let body = change(frame.body);
    PeerFrame { body, ..frame }
}

fn is_delivery(subject: &Subject) -> bool {
    ["chat.peer.", "chat.bulk."].iter().any(|start| subject.as_str().starts_with(start))
}

fn is_free_of_credentials(subject: &Subject) -> bool {
    let mut words = subject.as_str().split('.');
    matches!(
        (words.next(), words.next()),
        (Some("chat"), Some("bounce" | "evict" | "presence"))
            | (Some("directory" | "identity"), Some(_))
    )
}
