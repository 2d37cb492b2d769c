//! CAP rules of what a step holds: every event and effect as bytes and back, without tokens and
//! behind a veil.

#![expect(clippy::unwrap_used, reason = "a panic is the failure of a test")]

use actors_core::capture::{
    Veil, read_config, read_effect, read_event, words, write_config, write_effect, write_event,
};
use actors_core::session::{Bearer, Close, Config, Effect, Event, Transferred, Why};
use bus_schemas::auth::Revoked;
use bus_schemas::capture::{Bodies, Record, What};
use bus_schemas::chat::{self, Bounce, BounceTag, Delivery, Evict, Presence, Standing};
use bus_schemas::fault::Code;
use bus_schemas::frame::announcement::Announcement;
use bus_schemas::frame::{BadFrame, ClientFrame, Door, Label, Part, PeerFrame, ServerFrame};
use bus_schemas::id::{BusId, ConnId, EdgeId, FrameId, Instance, LoginId, TokenId, UserId};
use bus_schemas::secret::Secret;
use bus_schemas::time::{Millis, Timestamp};
use bus_schemas::topic::Subject;
use bytes::Bytes;

const ALICE: UserId = UserId::from_bytes([0xa1; 16]);
const BOB: UserId = UserId::from_bytes([0xb0; 16]);
const LOGIN: LoginId = LoginId::from_bytes([0x70; 16]);
const TOKEN: TokenId = TokenId::from_bytes([0x7c; 16]);
const PAGE: Instance = Instance::from_bytes([0x15; 16]);
const CONN: ConnId = ConnId::from_bytes([0xc0; 16]);
const STANDING: Standing = Standing { login: LOGIN, token: TOKEN };
const SECRET: &str = "a token that nobody may see";
const BODY: &[u8] = b"sealed, and rather longer than what stands for it in a capture";
const VEIL: Veil = Veil::Random([0x7e; 16]);

fn id() -> FrameId {
    FrameId::new(Bytes::from_static(&[0x1d; 16])).unwrap()
}

fn frame() -> PeerFrame {
    PeerFrame {
        label: Label::Message,
        attempt: 0,
        peer: BOB,
        id: id(),
        part: Part::default(),
        body: Bytes::from_static(BODY),
    }
}

fn delivery() -> Delivery {
    Delivery::Frame { door: Door::Binary, standing: STANDING, frame: frame() }
}

fn reply() -> Subject {
    chat::bounce(BusId::from_bytes([0xb5; 16]), BounceTag { slot: 1, n: 2 })
}

fn evict() -> Evict {
    Evict { instance: PAGE, attach: 3, conn: CONN }
}

fn bearer() -> Bearer {
    Bearer { user: ALICE, login: LOGIN, token: TOKEN, expires_in_ms: 900_000 }
}

fn revoked() -> Revoked {
    Revoked { user: ALICE, login: LOGIN, token: Some(TOKEN), until: Timestamp(1_767_225_600) }
}

fn auth() -> Event {
    let token = Secret::new(SECRET.to_owned());
    Event::Frame(ClientFrame::Auth { token, instance: Some(PAGE), attach: 3 })
}

fn announcement() -> Announcement {
    Announcement {
        mime_type: "text/plain".to_owned(),
        total_size: 5,
        total_chunks: 1,
        chunk_size: 5,
        access_mode: String::new(),
    }
}

/// An example of each event; where an arm has more than one shape, of each.
fn events() -> Vec<Event> {
    vec![
        auth(),
        Event::Frame(ClientFrame::Ping),
        Event::Frame(ClientFrame::Peer(frame())),
        Event::BadFrame(BadFrame { code: Code::MalformedFrame, id: id() }),
        Event::TokenChecked(Ok(bearer())),
        Event::TokenChecked(Err(Code::TokenExpired)),
        Event::Listening(Ok(())),
        Event::Listening(Err(Code::BusAway)),
        Event::Delivered { delivery: delivery(), reply: Some(reply()) },
        Event::Delivered {
            delivery: Delivery::Probe { from: BOB, standing: STANDING },
            reply: None,
        },
        Event::Bounced { n: 7, bounce: Bounce::NobodyThere },
        Event::PresenceTold { peer: BOB, presence: Presence::Gone },
        Event::EvictTold(evict()),
        Event::RevokedTold(revoked()),
        Event::LoginChecked { alive: Some(false) },
        Event::LoginChecked { alive: None },
        Event::BusLost,
        Event::BusFound,
        Event::Lagged,
        Event::OutboxFull,
        Event::Draining { after_ms: 700 },
        Event::SocketClosed,
        Event::Tick,
        Event::Frame(ClientFrame::Announce { frame: frame(), announcement: announcement() }),
    ]
}

/// Which arm an event is: a new one does not compile before it has a number, and an example.
fn arm_of_event(event: &Event) -> usize {
    match event {
        Event::Frame(ClientFrame::Auth { .. }) => 0,
        Event::Frame(ClientFrame::Ping) => 1,
        Event::Frame(ClientFrame::Peer(_)) => 2,
        Event::BadFrame(_) => 3,
        Event::TokenChecked(_) => 4,
        Event::Listening(_) => 5,
        Event::Delivered { .. } => 6,
        Event::Bounced { .. } => 7,
        Event::PresenceTold { .. } => 8,
        Event::EvictTold(_) => 9,
        Event::RevokedTold(_) => 10,
        Event::LoginChecked { .. } => 11,
        Event::BusLost => 12,
        Event::BusFound => 13,
        Event::Lagged => 14,
        Event::OutboxFull => 15,
        Event::Draining { .. } => 16,
        Event::SocketClosed => 17,
        Event::Tick => 18,
        Event::Frame(ClientFrame::Announce { .. }) => 19,
    }
}

fn effects() -> Vec<Effect> {
    let frames = [
        ServerFrame::Authenticated { user: ALICE, expires_in_ms: 900_000 },
        ServerFrame::NotAuthenticated { code: Code::TokenExpired },
        ServerFrame::Peer(frame()),
        ServerFrame::PeerOffline { peer: BOB, id: id() },
        ServerFrame::PeerDisconnected { peer: BOB },
        ServerFrame::PeerOnline { peer: BOB },
        ServerFrame::Error { code: Code::FrameToSelf, id: id() },
        ServerFrame::GoingAway { after_ms: 700 },
        ServerFrame::Superseded,
        ServerFrame::TokenExpiring { in_ms: 60_000 },
        ServerFrame::Pong,
    ];
    let mut effects: Vec<Effect> = frames.into_iter().map(Effect::Send).collect();
    effects.extend([
        Effect::CheckToken(Secret::new(SECRET.to_owned())),
        Effect::CheckLogin(LOGIN),
        Effect::Listen(ALICE),
        Effect::StopListening,
        Effect::Deliver { to: BOB, n: 7, delivery: delivery() },
        Effect::Answer { reply: reply(), bounce: Bounce::Refused(Code::SlowReader) },
        Effect::TellPresence(Presence::Here),
        Effect::TellEvict(evict()),
        Effect::Watch(BOB),
        Effect::Unwatch(BOB),
        Effect::TellSeen,
        Effect::CountRepeat(Label::Message),
        Effect::SendChunk { chunk: frame(), reply: reply() },
        Effect::CountTransfer { how: Transferred::Whole, ms: 700 },
        Effect::CountTransfer { how: Transferred::Failed(Why::Completing), ms: 700 },
    ]);
    effects.extend(Close::ALL.iter().copied().map(Effect::Close));
    effects
}

fn arm_of_effect(effect: &Effect) -> usize {
    match effect {
        Effect::Send(frame) => match frame {
            ServerFrame::Authenticated { .. } => 0,
            ServerFrame::NotAuthenticated { .. } => 1,
            ServerFrame::Peer(_) => 2,
            ServerFrame::PeerOffline { .. } => 3,
            ServerFrame::PeerDisconnected { .. } => 4,
            ServerFrame::PeerOnline { .. } => 5,
            ServerFrame::Error { .. } => 6,
            ServerFrame::GoingAway { .. } => 7,
            ServerFrame::Superseded => 8,
            ServerFrame::TokenExpiring { .. } => 9,
            ServerFrame::Pong => 10,
        },
        Effect::CheckToken(_) => 11,
        Effect::CheckLogin(_) => 12,
        Effect::Listen(_) => 13,
        Effect::StopListening => 14,
        Effect::Deliver { .. } => 15,
        Effect::Answer { .. } => 16,
        Effect::TellPresence(_) => 17,
        Effect::TellEvict(_) => 18,
        Effect::Watch(_) => 19,
        Effect::Unwatch(_) => 20,
        Effect::TellSeen => 21,
        Effect::CountRepeat(_) => 22,
        Effect::Close(_) => 23,
        Effect::SendChunk { .. } => 24,
        Effect::CountTransfer { .. } => 25,
    }
}

/// Every arm has an example.
fn assert_complete(arms: impl Iterator<Item = usize>, count: usize) {
    let arms: std::collections::BTreeSet<usize> = arms.collect();
    assert_eq!(arms, (0..count).collect());
}

fn without_token(event: Event) -> Event {
    if let Event::Frame(ClientFrame::Auth { instance, attach, .. }) = event {
        let token = Secret::new(String::new());
        return Event::Frame(ClientFrame::Auth { token, instance, attach });
    }
    event
}

#[test]
fn cap11_every_event_and_effect_is_read_back_as_it_was_but_for_tokens() {
    assert_complete(events().iter().map(arm_of_event), 20);
    assert_complete(effects().iter().map(arm_of_effect), 26);
    let mut lines = Vec::new();
    for event in events() {
        let bytes = write_event(&event, &Veil::None).unwrap();
        lines.push(format!("{}\n  {}", words::event(&event), hex::encode(&bytes)));
        assert_eq!(read_event(&bytes, Bodies::Kept).unwrap(), without_token(event));
    }
    for effect in effects() {
        let bytes = write_effect(&effect, &Veil::None).unwrap();
        lines.push(format!("{}\n  {}", words::effect(&effect), hex::encode(&bytes)));
        let is_token = matches!(effect, Effect::CheckToken(_));
        let empty = || Effect::CheckToken(Secret::new(String::new()));
        let expected = if is_token { empty() } else { effect };
        assert_eq!(read_effect(&bytes, Bodies::Kept).unwrap(), expected);
    }
    let config = Config {
        conn: CONN,
        door: Door::Text,
        instance: PAGE,
        talk_frames_per_second: 200,
        talk_frames_burst: 1_000,
        file_bytes_max: 52_428_800,
    };
    let bytes = write_config(&config).unwrap();
    lines.push(format!("configuration\n  {}", hex::encode(&bytes)));
    assert_eq!(read_config(&bytes).unwrap(), config);
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn cap1_no_token_is_among_the_bytes_of_any_step() {
    let events = events().into_iter().map(|event| write_event(&event, &Veil::None).unwrap());
    let effects = effects().into_iter().map(|effect| write_effect(&effect, &Veil::None).unwrap());
    let mut bodies = 0;
    for bytes in events.chain(effects) {
        let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        assert!(!has(SECRET.as_bytes()));
        bodies += usize::from(has(BODY));
    }
    assert_eq!(bodies, 6, "the search finds what is there");
}

#[test]
fn cap3_behind_a_veil_a_body_keeps_its_length_and_its_likeness_alone() {
    let event = Event::Delivered { delivery: delivery(), reply: None };
    let effect = Effect::Send(ServerFrame::Peer(frame()));
    let written = [
        write_event(&Event::Frame(ClientFrame::Peer(frame())), &VEIL).unwrap(),
        write_event(&event, &VEIL).unwrap(),
        write_effect(&effect, &VEIL).unwrap(),
        write_effect(&Effect::Deliver { to: BOB, n: 7, delivery: delivery() }, &VEIL).unwrap(),
    ];
    for bytes in &written {
        assert!(!bytes.windows(8).any(|part| part == &BODY[..8]), "ciphertext");
    }
    let Event::Delivered { delivery: Delivery::Frame { frame: heard, .. }, .. } =
        read_event(&written[1], Bodies::Random).unwrap()
    else {
        panic!("a delivery")
    };
    let Effect::Send(ServerFrame::Peer(sent)) = read_effect(&written[2], Bodies::Random).unwrap()
    else {
        panic!("a frame")
    };
    assert_eq!(heard.body.len(), BODY.len());
    assert_eq!(heard.body, sent.body);
    assert_ne!(heard.body, BODY);

    let cover = |body: &[u8]| VEIL.cover(&Bytes::copy_from_slice(body));
    assert_ne!(cover(b"one"), cover(b"two"));
    assert_ne!(cover(b"one"), Veil::Random([0x7f; 16]).cover(&Bytes::from_static(b"one")));
    let mut long = vec![1; 100_000];
    let before = cover(&long);
    for at in [0, 99_999] {
        long[at] = 2;
        assert_ne!(cover(&long), before, "byte {at}");
        long[at] = 1;
    }
    assert_eq!(cover(&long), before);
    assert_eq!(VEIL.cover(&Bytes::new()).len(), before.len(), "however long it was");
}

#[test]
fn cap2_a_step_that_makes_no_sense_is_refused_without_a_panic() {
    for bytes in [&b""[..], b"\xc1", b"\xc4\xff", &[0x81; 64]] {
        assert!(read_event(bytes, Bodies::Random).is_err());
        assert!(read_effect(bytes, Bodies::Kept).is_err());
        assert!(read_config(bytes).is_err());
    }
    // Kept as they were, its bodies stand for nothing.
    let frame = Event::Frame(ClientFrame::Peer(frame()));
    let bytes = write_event(&frame, &Veil::None).unwrap();
    assert!(read_event(&bytes, Bodies::Random).is_err());
}

#[test]
fn cap13_a_step_is_shown_with_arrows_and_short_ids() {
    let record = |what| Record {
        edge: EdgeId::from_bytes([0xed; 16]),
        at_us: 12_003_004,
        bodies: Bodies::Random,
        what,
    };
    let effects = [
        Effect::Deliver { to: BOB, n: 7, delivery: delivery() },
        Effect::Send(ServerFrame::PeerOffline { peer: BOB, id: id() }),
    ];
    let stepped = What::Stepped {
        conn: CONN,
        now: Millis(12),
        event: write_event(&Event::Frame(ClientFrame::Peer(frame())), &VEIL).unwrap(),
        effects: effects.iter().map(|effect| write_effect(effect, &VEIL).unwrap()).collect(),
    };
    let gap = What::Gap { lost: 3 };
    let lines: Vec<String> =
        [stepped, gap].into_iter().flat_map(|what| words::record(&record(what))).collect();
    insta::assert_snapshot!(lines.join("\n"));
}
