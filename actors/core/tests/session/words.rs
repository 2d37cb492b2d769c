//! Effects in words, and people by name, so that a test reads as what it says.

use actors_core::session::Effect;
use bus_schemas::chat::{Bounce, Delivery};
use bus_schemas::frame::{PeerFrame, ServerFrame};
use bus_schemas::id::{FrameId, UserId};
use bytes::Bytes;

const NAMES: [&str; 4] = ["alice", "bob", "carol", "dave"];

/// The id of somebody known by name; anybody else is a stranger called by a number.
pub(crate) fn user(name: &str) -> UserId {
    let known = (0xA0..).zip(NAMES).find(|(_, known)| *known == name);
    let number = match known {
        Some((number, _)) => number,
        None => name.parse().expect("a stranger is called by a number below 160"),
    };
    UserId::from_bytes([number; 16])
}

/// The name behind an id.
pub(crate) fn name(user: UserId) -> String {
    let number = user.as_bytes()[0];
    let known = number.checked_sub(0xA0).and_then(|place| NAMES.get(usize::from(place)));
    known.map_or_else(|| number.to_string(), |name| (*name).to_owned())
}

/// A frame's id from a number, of 16 bytes as on the binary door.
pub(crate) fn id(n: u16) -> FrameId {
    let mut bytes = [0; 16];
    bytes[..2].copy_from_slice(&n.to_be_bytes());
    FrameId::new(Bytes::copy_from_slice(&bytes)).expect("16 bytes are few enough")
}

/// What is done, in a line.
pub(crate) fn effect(effect: &Effect) -> String {
    match effect {
        Effect::CheckToken(_) => "check token".to_owned(),
        Effect::CheckLogin(_) => "check login".to_owned(),
        Effect::Listen(user) => format!("listen as {}", name(*user)),
        Effect::StopListening => "stop listening".to_owned(),
        Effect::Deliver { to, n, delivery } => {
            format!("deliver {n} to {}: {}", name(*to), delivered(delivery))
        }
        Effect::Answer { bounce, .. } => format!("answer {}", bounced(*bounce)),
        Effect::Send(frame) => format!("send {}", sent(frame)),
        Effect::SendChunk { chunk, .. } => format!("send {}, then answer", peer_frame(chunk)),
        Effect::TellPresence(presence) => format!("tell {presence:?}").to_lowercase(),
        Effect::TellEvict(_) => "tell evict".to_owned(),
        Effect::Watch(user) => format!("watch {}", name(*user)),
        Effect::Unwatch(user) => format!("unwatch {}", name(*user)),
        Effect::TellSeen => "tell seen".to_owned(),
        Effect::CountRepeat(label) => format!("count repeat of {}", label.as_str()),
        Effect::CountTransfer { how, ms } => format!("count transfer: {how:?} in {ms} ms"),
        Effect::Close(close) => format!("close {close:?}"),
    }
}

/// What a client hears.
pub(crate) fn sent(frame: &ServerFrame) -> String {
    match frame {
        ServerFrame::Authenticated { user, expires_in_ms } => {
            format!("auth {} for {expires_in_ms} ms", name(*user))
        }
        ServerFrame::NotAuthenticated { code } => format!("auth {code}"),
        ServerFrame::Peer(frame) => peer_frame(frame),
        ServerFrame::PeerOffline { peer, id } => {
            format!("peer_offline {}{}", name(*peer), number(id))
        }
        ServerFrame::PeerDisconnected { peer } => format!("peer_disconnected {}", name(*peer)),
        ServerFrame::PeerOnline { peer } => format!("peer_online {}", name(*peer)),
        ServerFrame::Error { code, id } => format!("error {code}{}", number(id)),
        ServerFrame::GoingAway { after_ms } => format!("going_away in {after_ms} ms"),
        ServerFrame::Superseded => "superseded".to_owned(),
        ServerFrame::TokenExpiring { in_ms } => format!("token_expiring in {in_ms} ms"),
        ServerFrame::Pong => "pong".to_owned(),
    }
}

fn delivered(delivery: &Delivery) -> String {
    match delivery {
        Delivery::Frame { frame, .. } => peer_frame(frame),
        Delivery::Probe { from, .. } => format!("probe from {}", name(*from)),
    }
}

fn bounced(bounce: Bounce) -> String {
    match bounce {
        Bounce::NobodyThere => "nobody there".to_owned(),
        Bounce::Refused(code) => code.to_string(),
        Bounce::Here => "here".to_owned(),
        Bounce::Written => "written".to_owned(),
    }
}

fn peer_frame(frame: &PeerFrame) -> String {
    format!("{}{} from {}", frame.label.as_str(), number(&frame.id), name(frame.peer))
}

fn number(id: &FrameId) -> String {
    match id.as_bytes() {
        [high, low, ..] => format!(" #{}", u16::from_be_bytes([*high, *low])),
        _ => String::new(),
    }
}
