//! The browser's half of the binary door, written apart from the server's: what one writes, the
//! other must read.

use bus_schemas::frame::binary::{
    AuthAnswerFields, AuthFields, ErrorFields, GoingAwayFields, NoFields, PeerFields,
    PeerOfflineFields, TokenExpiringFields, control,
};
use bus_schemas::frame::{ClientFrame, Label, Part, PeerFrame, ServerFrame};
use bus_schemas::id::{FrameId, UserId};
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_bytes::{ByteBuf, Bytes as Bin};

/// `[type, attempt, peer, id, body]`
type Talk = (u8, u32, ByteBuf, ByteBuf, ByteBuf);
/// `[type, attempt, peer, id, index, count, body]`
type File = (u8, u32, ByteBuf, ByteBuf, u32, u32, ByteBuf);

/// Writes a client's frame.
pub(crate) fn write(frame: &ClientFrame) -> Bytes {
    match frame {
        ClientFrame::Auth { token, instance, attach } => {
            let instance = instance.expect("a page of the binary door names itself");
            pack(&(control::AUTH, AuthFields { token: token.clone(), instance, attach: *attach }))
        }
        ClientFrame::Ping => pack(&(control::PING, NoFields {})),
        ClientFrame::Peer(PeerFrame { label, attempt, peer, id, part, body })
        | ClientFrame::Announce {
            frame: PeerFrame { label, attempt, peer, id, part, body }, ..
        } => {
            let (code, peer, id) = (label.code(), Bin::new(peer.as_bytes()), id.as_bytes());
            let (id, body) = (Bin::new(id), Bin::new(body));
            if label.is_file() {
                pack(&(code, attempt, peer, id, part.index, part.count, body))
            } else {
                pack(&(code, attempt, peer, id, body))
            }
        }
    }
}

/// Reads a server's frame.
pub(crate) fn read(bytes: &[u8]) -> ServerFrame {
    let kind = rmp::decode::read_int(&mut &bytes[1..]).expect("a type stands first");
    match kind {
        control::AUTH => authenticated(&fields(bytes)),
        control::PEER_OFFLINE => {
            let PeerOfflineFields { peer_id, id } = fields(bytes);
            ServerFrame::PeerOffline { peer: peer_id, id: frame_id(id) }
        }
        control::PEER_DISCONNECTED => {
            ServerFrame::PeerDisconnected { peer: fields::<PeerFields>(bytes).peer_id }
        }
        control::PEER_ONLINE => {
            ServerFrame::PeerOnline { peer: fields::<PeerFields>(bytes).peer_id }
        }
        control::ERROR => {
            let ErrorFields { code, id } = fields(bytes);
            ServerFrame::Error { code, id: frame_id(id) }
        }
        control::GOING_AWAY => {
            ServerFrame::GoingAway { after_ms: fields::<GoingAwayFields>(bytes).after_ms }
        }
        control::SUPERSEDED => {
            let NoFields {} = fields(bytes);
            ServerFrame::Superseded
        }
        control::TOKEN_EXPIRING => {
            ServerFrame::TokenExpiring { in_ms: fields::<TokenExpiringFields>(bytes).in_ms }
        }
        control::PONG => {
            let NoFields {} = fields(bytes);
            ServerFrame::Pong
        }
        label => ServerFrame::Peer(peer(Label::from_code(label).expect("a label"), bytes)),
    }
}

fn authenticated(answer: &AuthAnswerFields) -> ServerFrame {
    match *answer {
        AuthAnswerFields {
            authenticated: true,
            code: None,
            expires_in_ms: Some(expires_in_ms),
            user_id: Some(user),
        } => ServerFrame::Authenticated { user, expires_in_ms },
        AuthAnswerFields {
            authenticated: false,
            code: Some(code),
            expires_in_ms: None,
            user_id: None,
        } => ServerFrame::NotAuthenticated { code },
        AuthAnswerFields { .. } => panic!("an answer to auth says either who or why not"),
    }
}

fn peer(label: Label, bytes: &[u8]) -> PeerFrame {
    let (attempt, peer, id, part, body) = if label.is_file() {
        let (_, attempt, peer, id, index, count, body): File = unpack(bytes);
        (attempt, peer, id, Part { index, count }, body)
    } else {
        let (_, attempt, peer, id, body): Talk = unpack(bytes);
        (attempt, peer, id, Part::default(), body)
    };
    let peer = UserId::from_bytes(peer.into_vec().try_into().expect("16 bytes"));
    let body = Bytes::from(body.into_vec());
    PeerFrame { label, attempt, peer, id: frame_id(Some(id)), part, body }
}

fn frame_id(id: Option<ByteBuf>) -> FrameId {
    id.map_or_else(FrameId::default, |id| {
        FrameId::new(Bytes::from(id.into_vec())).expect("a short id")
    })
}

fn fields<T: DeserializeOwned>(bytes: &[u8]) -> T {
    unpack::<(u8, T)>(bytes).1
}

fn pack<T: Serialize>(value: &T) -> Bytes {
    rmp_serde::to_vec_named(value).expect("plain values").into()
}

fn unpack<T: DeserializeOwned>(bytes: &[u8]) -> T {
    rmp_serde::from_slice(bytes).expect("what the server wrote can be read")
}
