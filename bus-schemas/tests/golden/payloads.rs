//! One example of each payload: frames of both doors, deliveries, questions and answers.

use std::fmt::Debug;

use bus_schemas::auth::{
    Admission, AskLease, AskLogins, ChangePassword, Client, EndLogin, Heard, Lease, LogIn, LogOut,
    LoginShown, Refresh, Register, RemoveAccount, Revoked, Verified, Verify, VerifyingKey,
};
use bus_schemas::blob::{Fingerprint, PublicKey};
use bus_schemas::chat::{Bounce, Delivery, Evict, Presence, Standing};
use bus_schemas::codec;
use bus_schemas::directory::{Find, Me, Person, Seen, Who};
use bus_schemas::fault::Code;
use bus_schemas::frame::{self, ClientFrame, Door, Label, Part, PeerFrame, ServerFrame};
use bus_schemas::id::{ConnId, EdgeId, FrameId, Instance, LoginId, TokenId, UserId};
use bus_schemas::identity::{OfUser, PastKey, Publish};
use bus_schemas::name::Username;
use bus_schemas::secret::Secret;
use bus_schemas::time::Timestamp;
use bus_schemas::verbs::{Refusal, Reply};
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Golden, browser};

const ALICE: UserId = UserId::from_bytes([0xa1; 16]);
const BOB: UserId = UserId::from_bytes([0xb0; 16]);
const INSTANCE: Instance = Instance::from_bytes([0x15; 16]);
const LOGIN: LoginId = LoginId::from_bytes([0x70; 16]);
const TOKEN: TokenId = TokenId::from_bytes([0x7c; 16]);
const STANDING: Standing = Standing { login: LOGIN, token: TOKEN };
const EDGE: EdgeId = EdgeId::from_bytes([0xed; 16]);
/// 2026-01-01T00:00:00Z
const NEW_YEAR: Timestamp = Timestamp(1_767_225_600);

/// Every payload.
pub(crate) fn all() -> Vec<Golden> {
    let doors = client_frames().chain(server_frames()).chain(text_frames());
    doors.chain(deliveries()).chain(auth_payloads()).chain(other_payloads()).collect()
}

fn client_frames() -> impl Iterator<Item = Golden> {
    let auth = ClientFrame::Auth { token: secret(), instance: Some(INSTANCE), attach: 2 };
    let peers = Label::ALL.iter().map(|label| (label.as_str(), ClientFrame::Peer(peer(*label))));
    [("auth", auth), ("ping", ClientFrame::Ping)].into_iter().chain(peers).map(|(name, value)| {
        let bytes = browser::write(&value);
        let read = frame::decode(Door::Binary, &bytes);
        golden(format!("binary/client/{name}"), &value, bytes, &read.expect(name))
    })
}

fn server_frames() -> impl Iterator<Item = Golden> {
    let id = FrameId::new(Bytes::from_static(&[0x1d; 16])).expect("a short id");
    let frames = [
        ("authenticated", ServerFrame::Authenticated { user: ALICE, expires_in_ms: 900_000 }),
        ("not_authenticated", ServerFrame::NotAuthenticated { code: Code::TokenExpired }),
        ("peer", ServerFrame::Peer(peer(Label::Message))),
        ("peer_chunk", ServerFrame::Peer(peer(Label::FileChunk))),
        ("peer_offline", ServerFrame::PeerOffline { peer: BOB, id: id.clone() }),
        ("peer_disconnected", ServerFrame::PeerDisconnected { peer: BOB }),
        ("peer_online", ServerFrame::PeerOnline { peer: BOB }),
        ("error", ServerFrame::Error { code: Code::FrameToSelf, id }),
        ("error_of_no_frame", error_of_no_frame()),
        ("going_away", ServerFrame::GoingAway { after_ms: 7_000 }),
        ("superseded", ServerFrame::Superseded),
        ("token_expiring", ServerFrame::TokenExpiring { in_ms: 60_000 }),
        ("pong", ServerFrame::Pong),
    ];
    frames.into_iter().map(|(name, value)| {
        let bytes = frame::encode(Door::Binary, &value).expect(name);
        let read = browser::read(&bytes);
        golden(format!("binary/server/{name}"), &value, bytes, &read)
    })
}

fn text_frames() -> impl Iterator<Item = Golden> {
    let body = Bytes::from_static(br#"{"to":"b0","message_id":"m-1","ciphertext":"AA=="}"#);
    let id = FrameId::new(Bytes::from_static(b"m-1")).expect("a short id");
    let message = PeerFrame { body, id, ..peer(Label::Message) };
    let frames = [
        ("authenticated", ServerFrame::Authenticated { user: ALICE, expires_in_ms: 900_000 }),
        ("not_authenticated", ServerFrame::NotAuthenticated { code: Code::TokenExpired }),
        ("peer", ServerFrame::Peer(message)),
        ("peer_offline", ServerFrame::PeerOffline { peer: BOB, id: FrameId::default() }),
        ("peer_disconnected", ServerFrame::PeerDisconnected { peer: BOB }),
        ("peer_online", ServerFrame::PeerOnline { peer: BOB }),
        ("error", error_of_no_frame()),
        ("going_away", ServerFrame::GoingAway { after_ms: 7_000 }),
        ("superseded", ServerFrame::Superseded),
    ];
    // JSON is its own words.
    frames.into_iter().map(|(name, value)| {
        let bytes = frame::encode(Door::Text, &value).expect(name);
        let words = String::from_utf8(bytes.to_vec()).expect(name);
        Golden { name: format!("text/server/{name}"), read: words.clone(), words, bytes }
    })
}

fn deliveries() -> impl Iterator<Item = Golden> {
    let of = |door, label| Delivery::Frame { door, standing: STANDING, frame: peer(label) };
    let deliveries = [
        ("talk", of(Door::Binary, Label::Message)),
        ("file", of(Door::Binary, Label::FileChunk)),
        ("text", of(Door::Text, Label::Typing)),
        ("probe", Delivery::Probe { from: ALICE, standing: STANDING }),
    ];
    let deliveries = deliveries.into_iter().map(|(name, value)| {
        let bytes = value.encode();
        let read = Delivery::decode(&bytes).expect(name);
        golden(format!("bus/chat/delivery_{name}"), &value, bytes, &read)
    });
    let evict = Evict { instance: INSTANCE, attach: 3, conn: ConnId::from_bytes([0xc0; 16]) };
    deliveries.chain([
        payload("chat/bounce_refused", &Bounce::Refused(Code::PeerClientDiffers)),
        payload("chat/bounce_here", &Bounce::Here),
        payload("chat/bounce_written", &Bounce::Written),
        payload("chat/presence_here", &Presence::Here),
        payload("chat/presence_gone", &Presence::Gone),
        payload("chat/presence_moved", &Presence::Moved),
        payload("chat/evict", &evict),
    ])
}

fn auth_payloads() -> impl Iterator<Item = Golden> {
    let client = Client { user_agent: "Browser/1".to_owned(), address: "192.0.2.7".to_owned() };
    let register = Register {
        username: name("Alice"),
        password: secret(),
        identity_key: Some(key()),
        client: client.clone(),
    };
    let log_in = LogIn {
        username: name("alice"),
        password: secret(),
        device: Some(secret()),
        client: client.clone(),
    };
    let admission = Admission {
        user: ALICE,
        username: name("Alice"),
        access_token: secret(),
        refresh_token: secret(),
        refresh_expires_at: NEW_YEAR,
        device: Some(secret()),
    };
    let one_token = Revoked { user: ALICE, login: LOGIN, token: Some(TOKEN), until: NEW_YEAR };
    let whole_login = Revoked { token: None, ..one_token.clone() };
    let log_out = LogOut { refresh_token: Some(secret()), access: Some(one_token.clone()) };
    let signer = VerifyingKey { id: "k1".to_owned(), key: vec![0xed; 32] };
    let later = Refusal { code: Code::TooManyRequests, retry_after_seconds: Some(12) };
    let change = ChangePassword { user: ALICE, login: LOGIN, old: secret(), new: secret() };
    let remove = RemoveAccount { user: ALICE, login: LOGIN, password: secret() };
    let shown =
        LoginShown { id: LOGIN, client: client.clone(), made_at: NEW_YEAR, used_at: NEW_YEAR };
    let ask_lease = AskLease { edge: EDGE, mark: Some(7_000), after: Some(12), leaving: false };
    let lease =
        Lease { mark: 7_001, revoked: vec![one_token.clone()], next: Some(13), keys: vec![signer] };
    [
        payload("auth/register", &register),
        payload("auth/login", &log_in),
        payload("auth/refresh", &Refresh { refresh_token: secret(), client }),
        payload("auth/admission", &Reply::Done(admission)),
        payload("auth/refused", &Reply::<Admission>::Refused(Code::InvalidCredentials.into())),
        payload("auth/refused_for_a_while", &Reply::<Admission>::Refused(later)),
        payload("auth/logout", &log_out),
        payload("auth/logged_out", &Reply::Done(())),
        payload("auth/revoked", &vec![one_token, whole_login]),
        payload("auth/heard", &Reply::Done(Heard { edge: EDGE })),
        payload("auth/verify", &Verify { login: LOGIN, token: Some(TOKEN) }),
        payload("auth/verified", &Reply::Done(Verified { alive: true })),
        payload("auth/password", &change),
        payload("auth/remove", &remove),
        payload("auth/ask_logins", &AskLogins { user: ALICE }),
        payload("auth/logins", &Reply::Done(vec![shown])),
        payload("auth/end", &EndLogin { user: ALICE, login: LOGIN }),
        payload("auth/ask_lease", &ask_lease),
        payload("auth/lease", &Reply::Done(lease)),
    ]
    .into_iter()
}

fn other_payloads() -> impl Iterator<Item = Golden> {
    let publish = Publish { user: ALICE, public_key: key(), authenticated_at: NEW_YEAR };
    let past = PastKey {
        version: 1,
        public_key: key(),
        fingerprint: Fingerprint::new([0xf1; 32]),
        made_at: NEW_YEAR,
    };
    let me = Me { id: ALICE, username: name("Alice"), has_identity_key: true };
    let people = vec![Person { id: BOB, username: name("Bob") }];
    [
        payload("identity/publish", &publish),
        payload("identity/of_user", &OfUser { user: BOB }),
        payload("identity/key", &Reply::Done(key())),
        payload("identity/fingerprint", &Reply::Done(Fingerprint::new([0xf1; 32]))),
        payload("identity/history", &Reply::Done(vec![past])),
        payload("directory/who", &Who { user: BOB }),
        payload("directory/me", &Reply::Done(me)),
        payload("directory/find", &Find { query: "bo".to_owned(), limit: 20 }),
        payload("directory/people", &Reply::Done(people)),
        payload("directory/seen", &Seen { user: ALICE, at: NEW_YEAR }),
    ]
    .into_iter()
}

pub(crate) fn payload<T: Serialize + DeserializeOwned + Debug>(name: &str, value: &T) -> Golden {
    let bytes = codec::encode(value).expect(name);
    let read: T = codec::decode(&bytes).expect(name);
    // Secrets look alike in words.
    assert_eq!(codec::encode(&read).expect(name), bytes, "{name}");
    golden(format!("bus/{name}"), value, bytes, &read)
}

fn golden<T: Debug>(name: String, value: &T, bytes: Bytes, read: &T) -> Golden {
    Golden { name, words: format!("{value:#?}"), bytes, read: format!("{read:#?}") }
}

fn peer(label: Label) -> PeerFrame {
    let part = if label.is_file() { Part { index: 3, count: 300 } } else { Part::default() };
    PeerFrame {
        label,
        attempt: 1,
        peer: BOB,
        id: FrameId::new(Bytes::from_static(&[0x1d; 16])).expect("a short id"),
        part,
        body: Bytes::from_static(b"sealed"),
    }
}

fn error_of_no_frame() -> ServerFrame {
    ServerFrame::Error { code: Code::MalformedFrame, id: FrameId::default() }
}

fn secret() -> Secret<String> {
    Secret::new("a secret of this test".to_owned())
}

fn name(text: &str) -> Username {
    Username::parse(text).expect("a username")
}

fn key() -> PublicKey {
    PublicKey::parse(vec![0x4b; 44]).expect("a key's size")
}
