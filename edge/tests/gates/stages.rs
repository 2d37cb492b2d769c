//! Blocks of the heap stage by stage: what each step of the relay asks for by itself.

use actors_core::session::{Bearer, Config, Effect, Event, Session};
use bus_schemas::chat::{BounceTag, Delivery};
use bus_schemas::frame::{self, ClientFrame, Door, Label, Part, PeerFrame, ServerFrame};
use bus_schemas::id::{BusId, ConnId, FrameId, Instance, LoginId, TokenId, UserId};
use bus_schemas::limit::FILE_BYTES_MAX;
use bus_schemas::secret::Secret;
use bus_schemas::sheet::Sheet;
use bus_schemas::time::Millis;
use bytes::Bytes;
use serde_json::json;

use crate::figure::PerFrame;

const ALICE: UserId = UserId::from_bytes([0xa1; 16]);
const BOB: UserId = UserId::from_bytes([0xb0; 16]);
const BUS: BusId = BusId::from_bytes([0x77; 16]);
/// More than any ring or window of a Session holds.
const WARM: u64 = 4_000;
const FRAMES: u64 = 4_000;
/// From one frame to the next: no client may say more for long.
const BETWEEN_MS: u64 = 10;

/// A frame as it stands in a buffer that others share, which is how a socket gives it out.
fn received(n: u64) -> Bytes {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&n.to_be_bytes());
    let id = FrameId::new(Bytes::copy_from_slice(&id)).unwrap();
    let body = Bytes::from(vec![7; 256]);
    let (label, part) = (Label::Message, Part::default());
    let frame = PeerFrame { label, attempt: 0, peer: BOB, id, part, body };
    let bytes = frame::binary::encode(&ServerFrame::Peer(frame));
    // From the second holder on a buffer is shared.
    drop(bytes.clone());
    bytes
}

/// A Session that is there for others.
struct Live {
    session: Session,
    now: Millis,
}

impl Live {
    fn of(user: UserId) -> Self {
        let now = Millis(1_000_000);
        let config = Config {
            conn: ConnId::from_bytes([1; 16]),
            door: Door::Binary,
            instance: Instance::from_bytes([2; 16]),
            talk_frames_per_second: 200,
            talk_frames_burst: 1_000,
            file_bytes_max: FILE_BYTES_MAX,
        };
        let mut live = Self { session: Session::new(config, now), now };
        let (login, token) = (LoginId::from_bytes([3; 16]), TokenId::from_bytes([4; 16]));
        let instance = Some(Instance::from_bytes([2; 16]));
        let auth = ClientFrame::Auth { token: Secret::new(String::new()), instance, attach: 1 };
        live.happens(Event::Frame(auth), |_| {});
        let bearer = Bearer { user, login, token, expires_in_ms: u64::from(u32::MAX) };
        live.happens(Event::TokenChecked(Ok(bearer)), |_| {});
        live.happens(Event::Listening(Ok(())), |_| {});
        live
    }

    fn happens(&mut self, event: Event, mut each: impl FnMut(Effect)) {
        self.now = self.now.plus(BETWEEN_MS);
        self.session.handle(self.now, event);
        while let Some(effect) = self.session.next_effect() {
            each(effect);
        }
    }
}

/// Blocks that are asked for inside of the second call of each pair, all frames together. The first
/// makes what the second takes, and is not counted.
fn blocks<T>(mut prepare: impl FnMut(u64) -> T, mut work: impl FnMut(T)) -> u64 {
    for n in 0..WARM {
        work(prepare(n));
    }
    let _profiler = dhat::Profiler::builder().testing().build();
    let mut blocks = 0;
    for n in WARM..WARM + FRAMES {
        let taken = prepare(n);
        let before = dhat::HeapStats::get().total_blocks;
        work(taken);
        blocks += dhat::HeapStats::get().total_blocks - before;
    }
    blocks
}

fn decoded(n: u64) -> ClientFrame {
    frame::decode(Door::Binary, &received(n)).unwrap()
}

/// What the machine makes of Alice's frames.
fn deliveries() -> impl FnMut(u64) -> Delivery {
    let mut alice = Live::of(ALICE);
    move |n| {
        let mut made = None;
        alice.happens(Event::Frame(decoded(n)), |effect| {
            if let Effect::Deliver { delivery, .. } = effect {
                made = Some(delivery);
            }
        });
        made.expect("a delivery")
    }
}

fn hold(stage: &'static str, hundredths_max: u64, count: u64) {
    let unit = "blocks";
    PerFrame { measure: stage, unit, count, frames: FRAMES, hundredths_max }.hold(&json!({}));
}

#[test]
fn perf2_each_stage_of_the_relay_asks_for_as_many_blocks_as_is_written_here() {
    hold(
        "stage-frame-decode",
        0,
        blocks(received, |bytes| {
            drop(frame::decode(Door::Binary, &bytes).unwrap());
        }),
    );

    let mut alice = Live::of(ALICE);
    hold(
        "stage-session-says",
        0,
        blocks(decoded, |frame| {
            alice.happens(Event::Frame(frame), drop);
        }),
    );

    let mut sheet = Sheet::new();
    hold(
        "stage-outgoing",
        0,
        blocks(deliveries(), |delivery| {
            drop(delivery.outgoing(BOB, BUS, BounceTag { slot: 1 << 32, n: 7 }, &mut sheet));
        }),
    );

    let mut made = deliveries();
    hold(
        "stage-delivery-decode",
        0,
        blocks(
            |n| made(n).outgoing(BOB, BUS, BounceTag { slot: 1, n }, &mut sheet).payload,
            |bytes| {
                drop(Delivery::decode(&bytes).unwrap());
            },
        ),
    );

    let (made, mut bob) = (deliveries(), Live::of(BOB));
    hold(
        "stage-session-hears",
        0,
        blocks(made, |delivery| {
            bob.happens(Event::Delivered { delivery, reply: None }, drop);
        }),
    );

    let mut made = deliveries();
    let heard = move |n| match made(n) {
        Delivery::Frame { frame, .. } => ServerFrame::Peer(frame),
        Delivery::Probe { .. } => unreachable!("a word is no probe"),
    };
    hold(
        "stage-frame-encode",
        0,
        blocks(heard, |frame| {
            drop(frame::encode_on(&mut sheet, Door::Binary, &frame));
        }),
    );
}
