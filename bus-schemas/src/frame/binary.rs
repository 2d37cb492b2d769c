//! The binary door: one MessagePack array a frame, routing fields first, the body last.
//!
//! `[type, attempt, peer, id, body]`, file frames `[type, attempt, peer, id, index, count, body]`,
//! control frames `[type, {fields}]`. The body is never decoded: the few dozen bytes before it are
//! read by hand and the rest is shared with the buffer it came in.

use bytes::{BufMut, Bytes};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::codec;
use crate::fault::Code;
use crate::frame::{BadFrame, ClientFrame, Label, Part, PeerFrame, ServerFrame};
use crate::id::{FrameId, Instance, UserId};
use crate::limit::FRAME_BYTES_MAX_BINARY;
use crate::secret::Secret;
use crate::sheet::{SHEET_BYTES, Sheet};

/// The subprotocol that opens this door.
pub const SUBPROTOCOL: &str = "dhchat.2";

/// Numbers of the control frames; those of peer frames are [`Label::code`].
pub mod control {
    /// Who it is, and the answer.
    pub const AUTH: u8 = 0;
    /// Nobody serves that peer.
    pub const PEER_OFFLINE: u8 = 32;
    /// An open peer has gone.
    pub const PEER_DISCONNECTED: u8 = 33;
    /// An open peer has come.
    pub const PEER_ONLINE: u8 = 34;
    /// A frame was refused.
    pub const ERROR: u8 = 35;
    /// Connect elsewhere.
    pub const GOING_AWAY: u8 = 36;
    /// The chat was opened elsewhere.
    pub const SUPERSEDED: u8 = 37;
    /// The token will expire.
    pub const TOKEN_EXPIRING: u8 = 38;
    /// Is anybody there?
    pub const PING: u8 = 39;
    /// Somebody is there.
    pub const PONG: u8 = 40;

    /// Every control frame: its number, and what it is called.
    pub const ALL: &[(u8, &str)] = &[
        (AUTH, "auth"),
        (PEER_OFFLINE, "peer_offline"),
        (PEER_DISCONNECTED, "peer_disconnected"),
        (PEER_ONLINE, "peer_online"),
        (ERROR, "error"),
        (GOING_AWAY, "going_away"),
        (SUPERSEDED, "superseded"),
        (TOKEN_EXPIRING, "token_expiring"),
        (PING, "ping"),
        (PONG, "pong"),
    ];
}

/// Fields of a client's `auth`.
#[derive(Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AuthFields {
    /// An access token.
    #[ts(type = "string")]
    pub token: Secret<String>,
    /// 16 random bytes of this page load.
    #[ts(type = "Uint8Array")]
    pub instance: Instance,
    /// Raised by one with each connection.
    pub attach: u32,
}

/// Fields of the server's answer to `auth`.
#[derive(Serialize, Deserialize, TS)]
pub struct AuthAnswerFields {
    /// Whether the token was accepted.
    pub authenticated: bool,
    /// Why not.
    pub code: Option<Code>,
    /// How long the token still lives.
    #[ts(type = "number | null")]
    pub expires_in_ms: Option<u64>,
    /// Who the token says it is.
    #[ts(type = "Uint8Array | null")]
    pub user_id: Option<UserId>,
}

/// Fields of `peer_offline`.
#[derive(Serialize, Deserialize, TS)]
pub struct PeerOfflineFields {
    /// Whom the frame was for.
    #[ts(type = "Uint8Array")]
    pub peer_id: UserId,
    /// Which frame came back, if it had an id.
    #[ts(type = "Uint8Array | null")]
    pub id: Option<serde_bytes::ByteBuf>,
}

/// Fields of `peer_online` and `peer_disconnected`.
#[derive(Serialize, Deserialize, TS)]
pub struct PeerFields {
    /// Who.
    #[ts(type = "Uint8Array")]
    pub peer_id: UserId,
}

/// Fields of `error`.
#[derive(Serialize, Deserialize, TS)]
pub struct ErrorFields {
    /// Why.
    pub code: Code,
    /// Which frame, if it had an id.
    #[ts(type = "Uint8Array | null")]
    pub id: Option<serde_bytes::ByteBuf>,
}

/// Fields of `going_away`.
#[derive(Serialize, Deserialize, TS)]
pub struct GoingAwayFields {
    /// How long this socket still lives.
    #[ts(type = "number")]
    pub after_ms: u64,
}

/// Fields of `token_expiring`.
#[derive(Serialize, Deserialize, TS)]
pub struct TokenExpiringFields {
    /// How long the token still lives.
    #[ts(type = "number")]
    pub in_ms: u64,
}

/// Fields of a frame that says everything by its type.
#[derive(Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct NoFields {}

/// Reads a client's frame.
pub fn decode(bytes: &Bytes) -> Result<ClientFrame, BadFrame> {
    if bytes.len() > FRAME_BYTES_MAX_BINARY {
        return Err(BadFrame::new(Code::FrameTooLarge));
    }
    let mut rest: &[u8] = bytes;
    let malformed = || BadFrame::new(Code::MalformedFrame);
    let length = rmp::decode::read_array_len(&mut rest).map_err(|_| malformed())?;
    let kind: u8 = rmp::decode::read_int(&mut rest).map_err(|_| malformed())?;
    match (kind, length) {
        (control::AUTH, 2) => decode_auth(rest),
        (control::PING, 2) => fields::<NoFields>(rest).map(|_| ClientFrame::Ping),
        _ => match Label::from_code(kind) {
            Some(label) if length == array_length(label) => decode_peer(label, bytes, rest),
            Some(_) => Err(malformed()),
            None => Err(BadFrame::new(Code::UnknownMessageType)),
        },
    }
}

/// Writes a frame for a client.
#[must_use]
pub fn encode(frame: &ServerFrame) -> Bytes {
    match frame {
        ServerFrame::Peer(frame) => encode_peer(frame),
        ServerFrame::Authenticated { user, expires_in_ms } => control_frame(
            control::AUTH,
            &AuthAnswerFields {
                authenticated: true,
                code: None,
                expires_in_ms: Some(*expires_in_ms),
                user_id: Some(*user),
            },
        ),
        ServerFrame::NotAuthenticated { code } => control_frame(
            control::AUTH,
            &AuthAnswerFields {
                authenticated: false,
                code: Some(*code),
                expires_in_ms: None,
                user_id: None,
            },
        ),
        ServerFrame::PeerOffline { peer, id } => control_frame(
            control::PEER_OFFLINE,
            &PeerOfflineFields { peer_id: *peer, id: optional(id) },
        ),
        ServerFrame::PeerDisconnected { peer } => {
            control_frame(control::PEER_DISCONNECTED, &PeerFields { peer_id: *peer })
        }
        ServerFrame::PeerOnline { peer } => {
            control_frame(control::PEER_ONLINE, &PeerFields { peer_id: *peer })
        }
        ServerFrame::Error { code, id } => {
            control_frame(control::ERROR, &ErrorFields { code: *code, id: optional(id) })
        }
        ServerFrame::GoingAway { after_ms } => {
            control_frame(control::GOING_AWAY, &GoingAwayFields { after_ms: *after_ms })
        }
        ServerFrame::Superseded => control_frame(control::SUPERSEDED, &NoFields {}),
        ServerFrame::TokenExpiring { in_ms } => {
            control_frame(control::TOKEN_EXPIRING, &TokenExpiringFields { in_ms: *in_ms })
        }
        ServerFrame::Pong => control_frame(control::PONG, &NoFields {}),
    }
}

fn decode_auth(rest: &[u8]) -> Result<ClientFrame, BadFrame> {
    let AuthFields { token, instance, attach } =
        fields(rest).map_err(|_| BadFrame::new(Code::InvalidAuthPayload))?;
    Ok(ClientFrame::Auth { token, instance: Some(instance), attach })
}

fn decode_peer(label: Label, frame: &Bytes, mut rest: &[u8]) -> Result<ClientFrame, BadFrame> {
    let malformed = || BadFrame::new(Code::MalformedFrame);
    let attempt = rmp::decode::read_int(&mut rest).map_err(|_| malformed())?;
    let peer = UserId::from_bytes(read_16(&mut rest).ok_or_else(malformed)?);
    let id = read_16(&mut rest).ok_or_else(malformed)?;
    let id = FrameId::short(&id).ok_or_else(malformed)?;
    let bad = || BadFrame { code: Code::MalformedFrame, id: id.clone() };
    let part = if label.is_file() {
        let index = rmp::decode::read_int(&mut rest).map_err(|_| bad())?;
        let count = rmp::decode::read_int(&mut rest).map_err(|_| bad())?;
        Part { index, count }
    } else {
        Part::default()
    };
    let length = rmp::decode::read_bin_len(&mut rest).map_err(|_| bad())?;
    if usize::try_from(length) != Ok(rest.len()) {
        return Err(bad());
    }
    let body = frame.slice_ref(rest);
    Ok(ClientFrame::Peer(PeerFrame { label, attempt, peer, id, part, body }))
}

/// The same on a sheet, if it is a peer's: others are rare.
#[must_use]
pub fn encode_on(sheet: &mut Sheet, frame: &ServerFrame) -> Bytes {
    let ServerFrame::Peer(frame) = frame else { return encode(frame) };
    let head = Head::of(frame);
    sheet.write(head.bytes().len() + frame.body.len(), |out| {
        out.put_slice(head.bytes());
        out.put_slice(&frame.body);
        out.split().freeze()
    })
}

/// The same in two pieces, in memory of their own: it may wait. A body that would not fit on a sheet
/// stays where it is, and is the second piece.
pub fn encode_apart(frame: &PeerFrame) -> (Bytes, Bytes) {
    if frame.body.len() <= SHEET_BYTES {
        return (encode_peer(frame), Bytes::new());
    }
    (Bytes::copy_from_slice(Head::of(frame).bytes()), frame.body.clone())
}

/// As much memory as it has bytes: it may wait.
fn encode_peer(frame: &PeerFrame) -> Bytes {
    let head = Head::of(frame);
    let mut out = Vec::with_capacity(head.bytes().len() + frame.body.len());
    out.extend_from_slice(head.bytes());
    out.extend_from_slice(&frame.body);
    out.into()
}

const HEAD_BYTES_MAX: usize = 128;

/// What stands before the body.
struct Head {
    bytes: [u8; HEAD_BYTES_MAX],
    length: usize,
}

impl Head {
    fn of(frame: &PeerFrame) -> Self {
        let mut bytes = [0; HEAD_BYTES_MAX];
        let mut rest = &mut bytes[..];
        write_head(&mut rest, frame).expect("every head is shorter");
        let length = HEAD_BYTES_MAX - rest.len();
        Self { bytes, length }
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

fn write_head<W: rmp::encode::RmpWrite>(
    out: &mut W,
    frame: &PeerFrame,
) -> Result<(), rmp::encode::ValueWriteError<W::Error>> {
    rmp::encode::write_array_len(out, array_length(frame.label))?;
    rmp::encode::write_uint(out, u64::from(frame.label.code()))?;
    rmp::encode::write_uint(out, u64::from(frame.attempt))?;
    rmp::encode::write_bin(out, frame.peer.as_bytes())?;
    rmp::encode::write_bin(out, frame.id.as_bytes())?;
    if frame.label.is_file() {
        rmp::encode::write_uint(out, u64::from(frame.part.index))?;
        rmp::encode::write_uint(out, u64::from(frame.part.count))?;
    }
    let length = u32::try_from(frame.body.len()).expect("frames are small");
    rmp::encode::write_bin_len(out, length).map(drop)
}

const fn array_length(label: Label) -> u32 {
    if label.is_file() { 7 } else { 5 }
}

fn control_frame<T: Serialize>(kind: u8, fields: &T) -> Bytes {
    rmp_serde::to_vec_named(&(kind, fields)).expect("these fields are plain values").into()
}

fn fields<T: serde::de::DeserializeOwned>(rest: &[u8]) -> Result<T, BadFrame> {
    codec::whole(rest).ok_or(BadFrame::new(Code::MalformedFrame))
}

fn read_16(rest: &mut &[u8]) -> Option<[u8; 16]> {
    if rmp::decode::read_bin_len(rest).ok()? != 16 {
        return None;
    }
    let (id, after) = rest.split_first_chunk::<16>()?;
    *rest = after;
    Some(*id)
}

fn optional(id: &FrameId) -> Option<serde_bytes::ByteBuf> {
    (!id.is_empty()).then(|| serde_bytes::ByteBuf::from(id.as_bytes()))
}
