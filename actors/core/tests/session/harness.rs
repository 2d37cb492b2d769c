//! A socket whose other side and whose bus are the test.

use actors_core::session::{Bearer, Config, Effect, Event, Kept, Session};
use bus_schemas::chat::{self, Bounce, BounceTag, Delivery, Evict, Presence, Standing};
use bus_schemas::fault::Code;
use bus_schemas::frame::announcement::Announcement;
use bus_schemas::frame::{BadFrame, ClientFrame, Door, Label, Part, PeerFrame};
use bus_schemas::id::{BusId, ConnId, FrameId, Instance, LoginId, TokenId};
use bus_schemas::limit::{FILE_BYTES_MAX, TALK_FRAMES_BURST, TALK_FRAMES_PER_SECOND};
use bus_schemas::secret::Secret;
use bus_schemas::time::Millis;
use bus_schemas::topic::Subject;
use bytes::Bytes;

use super::words::{effect, id, user};

/// The life of a token in these tests.
pub(crate) const TOKEN_MS: u64 = 900_000;

/// Alice's page, connection and tokens.
pub(crate) const PAGE: Instance = Instance::from_bytes([0x11; 16]);
pub(crate) const CONN: u8 = 0x50;
pub(crate) const LOGIN: LoginId = LoginId::from_bytes([0x21; 16]);
pub(crate) const TOKEN: TokenId = TokenId::from_bytes([0x31; 16]);

/// More ticks than any wait of a test needs.
const TICKS_MAX: u32 = 10_000;

/// A Session of Alice, driven by hand.
pub(crate) struct Socket {
    session: Session,
    now: Millis,
}

impl Socket {
    /// Opened, and silent.
    pub(crate) fn open(door: Door) -> Self {
        let now = Millis(1_000_000);
        let config = Config {
            conn: ConnId::from_bytes([CONN; 16]),
            door,
            instance: PAGE,
            talk_frames_per_second: TALK_FRAMES_PER_SECOND,
            talk_frames_burst: TALK_FRAMES_BURST,
            file_bytes_max: FILE_BYTES_MAX,
        };
        Self { session: Session::new(config, now), now }
    }

    /// Authenticated, and there for others.
    pub(crate) fn live(door: Door) -> Self {
        let mut socket = Self::open(door);
        socket.hears(auth(0));
        socket.hears(Event::TokenChecked(Ok(bearer())));
        socket.hears(Event::Listening(Ok(())));
        socket
    }

    /// Something happens at this moment; what is done about it.
    pub(crate) fn hears(&mut self, event: Event) -> Vec<String> {
        self.session.handle(self.now, event);
        std::iter::from_fn(|| self.session.next_effect()).map(|done| effect(&done)).collect()
    }

    /// The client sends something to a person.
    pub(crate) fn says(&mut self, label: Label, to: &str, n: u16) -> Vec<String> {
        self.hears(frame(label, to, n))
    }

    /// Something comes back for a frame.
    pub(crate) fn bounced(&mut self, n: u64, bounce: Bounce) -> Vec<String> {
        self.hears(Event::Bounced { n, bounce })
    }

    /// A frame of a person comes through the same door.
    pub(crate) fn gets(&mut self, door: Door, label: Label, from: &str, n: u16) -> Vec<String> {
        let frame = peer_frame(label, from, n);
        self.hears(Event::Delivered {
            delivery: Delivery::Frame { door, standing: standing(), frame },
            reply: Some(reply()),
        })
    }

    /// News of a person.
    pub(crate) fn told(&mut self, peer: &str, presence: Presence) -> Vec<String> {
        self.hears(Event::PresenceTold { peer: user(peer), presence })
    }

    /// Another Session of Alice speaks.
    pub(crate) fn evicted_by(&mut self, instance: Instance, attach: u32, conn: u8) -> Vec<String> {
        let conn = ConnId::from_bytes([conn; 16]);
        self.hears(Event::EvictTold(Evict { instance, attach, conn }))
    }

    /// Time passes and nobody comes back before its end.
    pub(crate) fn stands_still(&mut self, ms: u64) {
        self.now = self.now.plus(ms);
    }

    /// Time passes, with a tick at every deadline on the way and at the end.
    pub(crate) fn waits(&mut self, ms: u64) -> Vec<String> {
        let end = self.now.plus(ms);
        let mut done = Vec::new();
        for _ in 0..TICKS_MAX {
            let Some(at) = self.session.deadline().filter(|at| *at <= end) else {
                self.now = end;
                return done;
            };
            self.now = self.now.max(at);
            done.extend(self.hears(Event::Tick));
        }
        panic!("the Session does not come to rest: {done:?}")
    }

    /// When the Session wants to be woken, from now.
    pub(crate) fn due_in(&self) -> Option<u64> {
        self.session.deadline().map(|at| at.since(self.now))
    }

    pub(crate) fn kept(&self) -> Kept {
        self.session.kept()
    }

    /// Whether the client is not read for now.
    pub(crate) fn is_held_back(&self) -> bool {
        self.session.is_held_back()
    }

    /// Whether nobody can be reached.
    pub(crate) fn is_cut_off(&self) -> bool {
        self.session.is_cut_off()
    }

    /// The client says something to Bob; what the delivery says of its Session.
    pub(crate) fn standing_said(&mut self, n: u16) -> Standing {
        self.session.handle(self.now, frame(Label::Message, "bob", n));
        let mut standing = None;
        while let Some(done) = self.session.next_effect() {
            if let Effect::Deliver { delivery, .. } = done {
                standing = Some(delivery.standing());
            }
        }
        standing.expect("a delivery")
    }
}

/// What Alice's Session stands on.
pub(crate) fn standing() -> Standing {
    Standing { login: LOGIN, token: TOKEN }
}

/// The client says who it is.
pub(crate) fn auth(attach: u32) -> Event {
    let token = Secret::new("token".to_owned());
    Event::Frame(ClientFrame::Auth { token, instance: Some(PAGE), attach })
}

/// What Alice's token says.
pub(crate) fn bearer() -> Bearer {
    Bearer { user: user("alice"), login: LOGIN, token: TOKEN, expires_in_ms: TOKEN_MS }
}

/// A frame from the client.
pub(crate) fn frame(label: Label, to: &str, n: u16) -> Event {
    said(peer_frame(label, to, n))
}

/// What a door reads of a frame. Only the text door announces; another takes no notice of it.
pub(crate) fn said(frame: PeerFrame) -> Event {
    Event::Frame(match Announcement::of(&frame) {
        Some(announcement) => ClientFrame::Announce { frame, announcement },
        None => ClientFrame::Peer(frame),
    })
}

/// A frame of or for a person.
pub(crate) fn peer_frame(label: Label, peer: &str, n: u16) -> PeerFrame {
    PeerFrame {
        label,
        attempt: 0,
        peer: user(peer),
        id: id(n),
        part: if label.is_file() { Part { index: 0, count: 1 } } else { Part::default() },
        body: if label == Label::FileStart {
            announcement(1, 1)
        } else {
            Bytes::from_static(b"sealed")
        },
    }
}

/// What the text door says of a file of so many bytes in so many chunks.
pub(crate) fn announcement(bytes: u64, chunks: u32) -> Bytes {
    let chunk_size = bytes.div_ceil(u64::from(chunks).max(1));
    format!(
        r#"{{"mime_type":"text/plain","total_size":{bytes},"total_chunks":{chunks},"chunk_size":{chunk_size}}}"#
    )
    .into()
}

/// Bytes that are no frame.
pub(crate) fn bad(code: Code) -> Event {
    Event::BadFrame(BadFrame { code, id: FrameId::default() })
}

/// A bounce subject.
pub(crate) fn reply() -> Subject {
    chat::bounce(BusId::from_bytes([0x77; 16]), BounceTag { slot: 1, n: 2 })
}
