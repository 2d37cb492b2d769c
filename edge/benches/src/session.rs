//! The machine of a Session, driven without anything around it.

use actors_core::session::{Bearer, Config, Effect, Event, Session};
use bus_schemas::chat::{Bounce, Standing};
use bus_schemas::frame::announcement::Announcement;
use bus_schemas::frame::{ClientFrame, Door, Label, Part, PeerFrame};
use bus_schemas::id::{ConnId, FrameId, Instance, LoginId, TokenId, UserId};
use bus_schemas::limit::{FILE_BYTES_MAX, REPEAT_WINDOW, TALK_FRAMES_BURST};
use bus_schemas::secret::Secret;
use bus_schemas::time::Millis;
use bytes::Bytes;

use crate::{ALICE, BOB, delivery, word};

/// From one event to the next: so fast a client may speak for ever.
const BETWEEN_MS: u64 = 10;
/// More than any ring or window of a Session holds, so that nothing grows any more.
const WARM: u64 = 2 * REPEAT_WINDOW as u64;
/// As many as can be done.
const WORDS: u64 = 1_000;
const CHUNKS: u32 = 1_000;
const CHUNK_BYTES: usize = 1024;
const PAGE: Instance = Instance::from_bytes([2; 16]);

/// What Alice's Session stands on.
pub(crate) const fn standing() -> Standing {
    Standing { login: LoginId::from_bytes([3; 16]), token: TokenId::from_bytes([4; 16]) }
}

/// A Session that is there for others.
struct Live {
    session: Session,
    now: Millis,
}

impl Live {
    fn of(user: UserId, door: Door) -> Self {
        let now = Millis(1_000_000);
        let config = Config {
            conn: ConnId::from_bytes([1; 16]),
            door,
            instance: PAGE,
            talk_frames_per_second: 200,
            talk_frames_burst: TALK_FRAMES_BURST,
            file_bytes_max: FILE_BYTES_MAX,
        };
        let mut live = Self { session: Session::new(config, now), now };
        let Standing { login, token } = standing();
        let secret = Secret::new(String::new());
        let auth = ClientFrame::Auth { token: secret, instance: Some(PAGE), attach: 1 };
        live.happens(Event::Frame(auth));
        let bearer = Bearer { user, login, token, expires_in_ms: u64::from(u32::MAX) };
        live.happens(Event::TokenChecked(Ok(bearer)));
        live.happens(Event::Listening(Ok(())));
        live
    }

    /// One event in, every effect out; whether the last one was a delivery or a frame, and the
    /// number of a delivery.
    fn happens(&mut self, event: Event) -> Option<u64> {
        self.now = self.now.plus(BETWEEN_MS);
        self.session.handle(self.now, event);
        let mut passed_on = None;
        while let Some(effect) = self.session.next_effect() {
            if let Effect::Deliver { n, .. } = effect {
                passed_on = Some(n);
            } else if let Effect::Send(_) = effect {
                passed_on = Some(0);
            }
        }
        passed_on
    }
}

/// Alice says words.
pub(crate) struct Saying {
    alice: Live,
    said: std::vec::IntoIter<Event>,
}

impl Saying {
    pub(crate) fn begin() -> Self {
        let event = |n| Event::Frame(ClientFrame::Peer(word(n)));
        let mut alice = Live::of(ALICE, Door::Binary);
        for n in 0..WARM {
            alice.happens(event(n));
        }
        let said: Vec<Event> = (WARM..WARM + WORDS).map(event).collect();
        Self { alice, said: said.into_iter() }
    }

    pub(crate) fn say(&mut self) {
        let said = self.said.next().expect("a word is left");
        assert!(self.alice.happens(said).is_some(), "it is passed on");
    }
}

/// Bob hears them.
pub(crate) struct Hearing {
    bob: Live,
    heard: std::vec::IntoIter<Event>,
}

impl Hearing {
    pub(crate) fn begin() -> Self {
        let event = |n| Event::Delivered { delivery: delivery(n), reply: None };
        let mut bob = Live::of(BOB, Door::Binary);
        for n in 0..WARM {
            bob.happens(event(n));
        }
        let heard: Vec<Event> = (0..WORDS).map(event).collect();
        Self { bob, heard: heard.into_iter() }
    }

    pub(crate) fn hear(&mut self) {
        let heard = self.heard.next().expect("a word is left");
        assert!(self.bob.happens(heard).is_some(), "it is passed on");
    }
}

/// Alice sends a file through the text door.
pub(crate) struct Sending {
    alice: Live,
    chunks: std::vec::IntoIter<Event>,
}

impl Sending {
    pub(crate) fn begin() -> Self {
        let mut alice = Live::of(ALICE, Door::Text);
        let bytes = CHUNKS as usize * CHUNK_BYTES;
        let announced = format!(
            r#"{{"mime_type":"text/plain","total_size":{bytes},"total_chunks":{CHUNKS},"chunk_size":{CHUNK_BYTES}}}"#
        );
        let frame = of_file(Label::FileStart, 0, announced.into());
        let announcement = Announcement::of(&frame).expect("an announcement");
        let started = Event::Frame(ClientFrame::Announce { frame, announcement });
        assert!(alice.happens(started).is_some(), "the file is taken");
        let chunk = |index| {
            let frame = of_file(Label::FileChunk, index, Bytes::from(vec![7; CHUNK_BYTES]));
            Event::Frame(ClientFrame::Peer(frame))
        };
        let chunks: Vec<Event> = (0..CHUNKS).map(chunk).collect();
        Self { alice, chunks: chunks.into_iter() }
    }

    /// A chunk goes, and is said to have been written.
    pub(crate) fn chunk(&mut self) {
        let chunk = self.chunks.next().expect("a chunk is left");
        let n = self.alice.happens(chunk).expect("it is passed on");
        self.alice.happens(Event::Bounced { n, bounce: Bounce::Written });
    }
}

fn of_file(label: Label, index: u32, body: Bytes) -> PeerFrame {
    let id = FrameId::new(Bytes::from_static(b"file")).expect("a short id");
    let part = Part { index, count: CHUNKS };
    PeerFrame { label, attempt: 0, peer: BOB, id, part, body }
}
