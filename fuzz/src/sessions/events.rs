//! What may happen to a Session, decided byte by byte. A few people, pages and frames, so that what
//! happens has to do with what happened before.

use actors_core::session::{Bearer, Event};
use bus_schemas::auth::Revoked;
use bus_schemas::chat::{self, Bounce, BounceTag, Delivery, Evict, Presence, Standing};
use bus_schemas::fault::Code;
use bus_schemas::frame::announcement::Announcement;
use bus_schemas::frame::{BadFrame, ClientFrame, Door, Label, Part, PeerFrame};
use bus_schemas::id::{BusId, ConnId, FrameId, Instance, LoginId, TokenId, UserId};
use bus_schemas::secret::Secret;
use bus_schemas::time::Timestamp;
use bytes::Bytes;

use crate::chance::Chance;

/// The events of a run.
pub(super) struct Events {
    door: Door,
    /// What leads to a live Session, unless the run is to begin in another way.
    first: Vec<Event>,
}

impl Events {
    pub(super) fn new(door: Door, begins_anyhow: bool) -> Self {
        let first = if begins_anyhow {
            Vec::new()
        } else {
            vec![Event::Listening(Ok(())), Event::TokenChecked(Ok(bearer(0))), auth(door, 1, 0)]
        };
        Self { door, first }
    }

    /// How much later what happens; `None` at the end.
    pub(super) fn next(&mut self, chance: &mut Chance<'_>) -> Option<(u64, Event)> {
        if let Some(event) = self.first.pop() {
            return Some((1, event));
        }
        if chance.is_over() {
            return None;
        }
        let later_ms = match chance.below(8) {
            0..=4 => 0,
            5 => u64::from(chance.byte()),
            6 => u64::from(u16::from_be_bytes(chance.bytes())),
            // A process that stood still, for fifty days at most.
            _ => u64::from(u32::from_be_bytes(chance.bytes())),
        };
        Some((later_ms, self.event(chance)))
    }

    fn event(&self, chance: &mut Chance<'_>) -> Event {
        match chance.below(24) {
            0..=7 => said(self.door, chance),
            8..=10 => self.delivered(chance),
            11..=13 => Event::Bounced { n: chance.number(), bounce: bounce(chance) },
            14 => Event::PresenceTold {
                peer: user(chance),
                presence: chance.pick(&[Presence::Here, Presence::Gone, Presence::Moved]),
            },
            15 => Event::EvictTold(Evict {
                instance: instance(chance.below(3)),
                attach: u32::from(chance.byte()),
                conn: ConnId::from_bytes([chance.byte(); 16]),
            }),
            16 => auth(self.door, chance.below(3), u32::from(chance.byte())),
            17 => Event::TokenChecked(checked(chance)),
            18 => Event::Listening(chance.pick(&[Ok(()), Err(Code::BusAway)])),
            19 => revoked(chance),
            20 => Event::LoginChecked { alive: chance.pick(&[Some(true), Some(false), None]) },
            21 => chance.pick(&[LinkEvent::Lost, LinkEvent::Found]).event(),
            22 => rare(chance),
            _ => Event::Tick,
        }
    }

    fn delivered(&self, chance: &mut Chance<'_>) -> Event {
        let standing = standing(chance.below(4));
        let delivery = if chance.one_in(4) {
            Delivery::Probe { from: user(chance), standing }
        } else {
            let door = if chance.one_in(8) { Door::Text } else { self.door };
            Delivery::Frame { door, standing, frame: frame(chance) }
        };
        let tag = BounceTag { slot: 1, n: u64::from(chance.byte()) };
        let reply = chat::bounce(BusId::from_bytes([0x77; 16]), tag);
        Event::Delivered { delivery, reply: (!chance.one_in(8)).then_some(reply) }
    }
}

/// So that a pick has no value that cannot be copied.
#[derive(Clone, Copy)]
enum LinkEvent {
    Lost,
    Found,
}

impl LinkEvent {
    fn event(self) -> Event {
        match self {
            Self::Lost => Event::BusLost,
            Self::Found => Event::BusFound,
        }
    }
}

/// What ends most runs.
fn rare(chance: &mut Chance<'_>) -> Event {
    match chance.below(16) {
        0 => Event::Lagged,
        1 => Event::OutboxFull,
        2 => Event::SocketClosed,
        3..=8 => Event::Draining { after_ms: chance.number() },
        _ => Event::BadFrame(BadFrame {
            code: chance.pick(&[
                Code::MalformedFrame,
                Code::UnknownMessageType,
                Code::FrameTooLarge,
                Code::InvalidPayload,
                Code::InvalidAuthPayload,
            ]),
            id: id(chance),
        }),
    }
}

fn said(door: Door, chance: &mut Chance<'_>) -> Event {
    if chance.one_in(16) && door == Door::Binary {
        return Event::Frame(ClientFrame::Ping);
    }
    let frame = frame(chance);
    // Only the text door announces; there every file is announced.
    let announcement = (door == Door::Text && frame.label == Label::FileStart).then(|| {
        let size = i64::from(u16::from_be_bytes(chance.bytes()));
        Announcement {
            mime_type: chance.pick(&["text/plain", "audio/webm;codecs=opus", "text/html"]).into(),
            total_size: size,
            total_chunks: i64::from(frame.part.count),
            chunk_size: i64::from(u16::from_be_bytes(chance.bytes())),
            access_mode: String::new(),
        }
    });
    Event::Frame(match announcement {
        Some(announcement) => ClientFrame::Announce { frame, announcement },
        None => ClientFrame::Peer(frame),
    })
}

fn frame(chance: &mut Chance<'_>) -> PeerFrame {
    let label = chance.pick(Label::ALL);
    let part = if label.is_file() {
        Part { index: u32::from(chance.below(6)), count: u32::from(chance.below(6)) }
    } else {
        Part::default()
    };
    PeerFrame {
        label,
        attempt: u32::from(chance.below(3)),
        peer: user(chance),
        id: id(chance),
        part,
        body: Bytes::copy_from_slice(chance.some(16)),
    }
}

fn id(chance: &mut Chance<'_>) -> FrameId {
    let bytes = [chance.below(8); 16];
    FrameId::new(Bytes::copy_from_slice(&bytes)).expect("16 bytes are few enough")
}

/// Alice, who is connected, is the first; there are more than a Session may talk to.
fn user(chance: &mut Chance<'_>) -> UserId {
    let most = if chance.one_in(4) { 64 } else { 4 };
    UserId::from_bytes([0xa0 + chance.below(most); 16])
}

fn instance(number: u8) -> Instance {
    Instance::from_bytes([0x10 + number; 16])
}

fn standing(number: u8) -> Standing {
    Standing {
        login: LoginId::from_bytes([0x20 + number; 16]),
        token: TokenId::from_bytes([0x30 + number; 16]),
    }
}

fn bearer(number: u8) -> Bearer {
    let Standing { login, token } = standing(number);
    Bearer { user: UserId::from_bytes([0xa0; 16]), login, token, expires_in_ms: 900_000 }
}

fn auth(door: Door, page: u8, attach: u32) -> Event {
    let (instance, attach) = match door {
        Door::Binary => (Some(instance(page)), attach),
        Door::Text => (None, 0),
    };
    Event::Frame(ClientFrame::Auth { token: Secret::new("token".to_owned()), instance, attach })
}

fn checked(chance: &mut Chance<'_>) -> Result<Bearer, Code> {
    match chance.below(4) {
        0 => Err(chance.pick(&[
            Code::InvalidToken,
            Code::TokenExpired,
            Code::TokenRevoked,
            Code::ServiceUnavailable,
        ])),
        1 => Ok(Bearer { user: user(chance), expires_in_ms: chance.number(), ..bearer(1) }),
        _ => Ok(Bearer { expires_in_ms: chance.number(), ..bearer(chance.below(3)) }),
    }
}

fn revoked(chance: &mut Chance<'_>) -> Event {
    let Standing { login, token } = standing(chance.below(4));
    let token = (!chance.one_in(3)).then_some(token);
    Event::RevokedTold(Revoked { user: user(chance), login, token, until: Timestamp(0) })
}

fn bounce(chance: &mut Chance<'_>) -> Bounce {
    match chance.below(4) {
        0 => Bounce::NobodyThere,
        1 => Bounce::Refused(chance.pick(Code::ALL)),
        2 => Bounce::Here,
        _ => Bounce::Written,
    }
}
