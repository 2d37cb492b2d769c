//! A capture as text: a line for each thing, arrows for frames, ids shortened to what tells them
//! apart.
//!
//! `──►` is said by a client, `◄──` is heard by it; the rest is between its Session and the house,
//! or on the bus.

use bus_schemas::bus::BusError;
use bus_schemas::capture::{Payload, Record, Said, What, Whom, Why};
use bus_schemas::chat::{Bounce, Delivery};
use bus_schemas::codec;
use bus_schemas::frame::{ClientFrame, Part, PeerFrame, ServerFrame};
use bus_schemas::id::FrameId;
use bus_schemas::topic::Subject;
use bytes::Bytes;

use super::{read_config, read_effect, read_event};
use crate::session::{Effect, Event};

/// Hexadecimal digits that are left of an id.
const SHORT_DIGITS: usize = 6;
/// Hexadecimal digits from which a word in a subject is an id.
const ID_DIGITS: usize = 32;
/// Longest id of a frame that is shown as it is.
const PLAIN_ID_CHARS: usize = 24;

/// The beginning of an id.
#[must_use]
pub fn short(id: &[u8]) -> String {
    let mut digits = hex::encode(id);
    digits.truncate(SHORT_DIGITS);
    digits
}

/// A record in lines.
#[must_use]
pub fn record(record: &Record) -> Vec<String> {
    let at = format!("{:>5}.{:06}", record.at_us / 1_000_000, record.at_us % 1_000_000);
    let edge = short(record.edge.as_bytes());
    let (who, lines) = match &record.what {
        What::Opened { conn, config, .. } => {
            let door = read_config(config).map(|config| format!("{:?} door", config.door));
            let door = door.unwrap_or_else(|_| "unreadable".to_owned());
            (short(conn.as_bytes()), vec![format!("    opened, {}", door.to_lowercase())])
        }
        What::Stepped { conn, event, effects, .. } => {
            (short(conn.as_bytes()), step(record, event, effects))
        }
        What::Published { bus, .. }
        | What::Subscribed { bus, .. }
        | What::Heard { bus, .. }
        | What::Asked { bus, .. }
        | What::Answered { bus, .. }
        | What::Status { bus, .. } => {
            (format!("bus {}", short(bus.as_bytes())), vec![on_the_bus(record)])
        }
        What::Gap { lost } => (String::new(), vec![format!("{lost} records are missing here")]),
        What::Ended { lost, why } => {
            let why = match why {
                Why::Asked => "was asked to end",
                Why::TimeOver => "its time is over",
            };
            let line = format!("records no more: {why}; {lost} more records are missing");
            (String::new(), vec![line])
        }
    };
    lines.into_iter().map(|line| format!("{at}  {edge}  {who:<10}  {line}")).collect()
}

/// What a connection to the bus did or heard.
fn on_the_bus(record: &Record) -> String {
    match &record.what {
        What::Published { said, outcome, .. } => {
            format!("says  {}{}", self::said(said, record), failed(*outcome))
        }
        What::Subscribed { subject, group, outcome, .. } => {
            let group = group.as_ref().map_or_else(String::new, |name| format!(" in {name}"));
            format!("hears from here on {}{group}{}", place(subject), failed(*outcome))
        }
        What::Heard { said: Some(said), .. } => format!("hears {}", self::said(said, record)),
        What::Heard { said: None, .. } => "hears lost messages".to_owned(),
        What::Asked { n, said, whom, .. } => {
            let whom = match whom {
                Whom::One { wait_ms } => format!("waits {wait_ms} ms"),
                Whom::Everybody => "everybody".to_owned(),
            };
            format!("asks  {n}, {whom}: {}", self::said(said, record))
        }
        What::Answered { n, answer: Ok(payload), .. } => {
            format!("knows {n}: {}", self::payload(payload))
        }
        What::Answered { n, answer: Err(error), .. } => format!("knows {n}: {error}"),
        What::Status { status, .. } => format!("is {status:?}").to_lowercase(),
        What::Opened { .. } | What::Stepped { .. } | What::Gap { .. } | What::Ended { .. } => {
            String::new()
        }
    }
}

fn step(record: &Record, event: &Bytes, effects: &[Bytes]) -> Vec<String> {
    let mut lines = Vec::with_capacity(1 + effects.len());
    lines.push(match read_event(event, record.bodies) {
        Ok(event) => {
            let arrow = if is_of_client(&event) { "──►" } else { "  •" };
            format!("{arrow} {}", self::event(&event))
        }
        Err(_) => "  • unreadable".to_owned(),
    });
    for bytes in effects {
        lines.push(match read_effect(bytes, record.bodies) {
            Ok(Effect::Send(frame)) => format!("◄── {}", sent(&frame)),
            Ok(done) => format!("    {}", effect(&done)),
            Err(_) => "    unreadable".to_owned(),
        });
    }
    lines
}

fn is_of_client(event: &Event) -> bool {
    matches!(event, Event::Frame(_) | Event::BadFrame(_) | Event::SocketClosed)
}

/// What happened, in a line.
#[must_use]
pub fn event(event: &Event) -> String {
    match event {
        Event::Frame(ClientFrame::Auth { instance, attach, .. }) => {
            let page = instance.map_or_else(|| "?".to_owned(), |page| short(page.as_bytes()));
            format!("auth, page {page}, attach {attach}")
        }
        Event::Frame(ClientFrame::Ping) => "ping".to_owned(),
        Event::Frame(ClientFrame::Peer(frame) | ClientFrame::Announce { frame, .. }) => {
            peer_frame(frame, "to")
        }
        Event::BadFrame(bad) => format!("no frame: {}{}", bad.code, id(&bad.id)),
        Event::TokenChecked(Ok(bearer)) => {
            let user = short(bearer.user.as_bytes());
            format!("token of {user} is good for {} ms", bearer.expires_in_ms)
        }
        Event::TokenChecked(Err(code)) => format!("token is not good: {code}"),
        Event::Listening(Ok(())) => "listening".to_owned(),
        Event::Listening(Err(code)) => format!("not listening: {code}"),
        Event::Delivered { delivery, .. } => format!("delivered {}", delivered(delivery)),
        Event::Bounced { n, bounce } => format!("frame {n} came back: {}", bounced(*bounce)),
        Event::PresenceTold { peer, presence } => {
            format!("{} is {presence:?}", short(peer.as_bytes())).to_lowercase()
        }
        Event::EvictTold(evict) => {
            let (conn, page) = (short(evict.conn.as_bytes()), short(evict.instance.as_bytes()));
            format!("evict of {conn}, page {page}, attach {}", evict.attach)
        }
        Event::RevokedTold(revoked) => format!("revoked: {}", short(revoked.login.as_bytes())),
        Event::LoginChecked { alive } => match alive {
            Some(true) => "login lives".to_owned(),
            Some(false) => "login has ended".to_owned(),
            None => "nobody knows whether the login lives".to_owned(),
        },
        Event::BusLost => "the bus is lost".to_owned(),
        Event::BusFound => "the bus is back".to_owned(),
        Event::Lagged => "messages were lost".to_owned(),
        Event::OutboxFull => "the client does not read".to_owned(),
        Event::Draining { after_ms } => format!("the edge stops in {after_ms} ms"),
        Event::SocketClosed => "(leaves)".to_owned(),
        Event::Tick => "time".to_owned(),
    }
}

/// What is to be done, in a line.
#[must_use]
pub fn effect(effect: &Effect) -> String {
    match effect {
        Effect::CheckToken(_) => "check token".to_owned(),
        Effect::CheckLogin(login) => format!("check login {}", short(login.as_bytes())),
        Effect::Listen(user) => format!("listen as {}", short(user.as_bytes())),
        Effect::StopListening => "stop listening".to_owned(),
        Effect::Deliver { to, n, delivery } => {
            format!("deliver {n} to {}: {}", short(to.as_bytes()), delivered(delivery))
        }
        Effect::Answer { reply, bounce } => {
            format!("answer {}: {}", place(reply), bounced(*bounce))
        }
        Effect::Send(frame) => format!("send {}", sent(frame)),
        Effect::SendChunk { chunk, .. } => {
            format!("send {}, then answer", peer_frame(chunk, "from"))
        }
        Effect::TellPresence(presence) => format!("tell {presence:?}").to_lowercase(),
        Effect::TellEvict(evict) => {
            let page = short(evict.instance.as_bytes());
            format!("tell evict, page {page}, attach {}", evict.attach)
        }
        Effect::Watch(user) => format!("watch {}", short(user.as_bytes())),
        Effect::Unwatch(user) => format!("unwatch {}", short(user.as_bytes())),
        Effect::TellSeen => "tell seen".to_owned(),
        Effect::CountRepeat(label) => format!("count repeat of {}", label.as_str()),
        Effect::CountTransfer { how, ms } => format!("count transfer: {how:?} in {ms} ms"),
        Effect::Close(close) => format!("close: {close:?}"),
    }
}

/// What a client hears.
fn sent(frame: &ServerFrame) -> String {
    match frame {
        ServerFrame::Authenticated { user, expires_in_ms } => {
            format!("auth as {} for {expires_in_ms} ms", short(user.as_bytes()))
        }
        ServerFrame::NotAuthenticated { code } => format!("auth refused: {code}"),
        ServerFrame::Peer(frame) => peer_frame(frame, "from"),
        ServerFrame::PeerOffline { peer, id } => {
            format!("peer_offline {}{}", short(peer.as_bytes()), self::id(id))
        }
        ServerFrame::PeerDisconnected { peer } => {
            format!("peer_disconnected {}", short(peer.as_bytes()))
        }
        ServerFrame::PeerOnline { peer } => format!("peer_online {}", short(peer.as_bytes())),
        ServerFrame::Error { code, id } => format!("error {code}{}", self::id(id)),
        ServerFrame::GoingAway { after_ms } => format!("going_away in {after_ms} ms"),
        ServerFrame::Superseded => "superseded".to_owned(),
        ServerFrame::TokenExpiring { in_ms } => format!("token_expiring in {in_ms} ms"),
        ServerFrame::Pong => "pong".to_owned(),
    }
}

fn delivered(delivery: &Delivery) -> String {
    match delivery {
        Delivery::Frame { frame, .. } => peer_frame(frame, "from"),
        Delivery::Probe { from, .. } => format!("probe from {}", short(from.as_bytes())),
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

fn peer_frame(frame: &PeerFrame, way: &str) -> String {
    let (label, id, peer) = (frame.label.as_str(), id(&frame.id), short(frame.peer.as_bytes()));
    let part = match frame.part {
        Part { count: 0, .. } => String::new(),
        Part { index, count } => format!(" {index} of {count}"),
    };
    format!("{label}{id}{part} {way} {peer}, {} bytes", frame.body.len())
}

/// What a frame is called: as its client wrote it if that is a short word, else shortened.
fn id(id: &FrameId) -> String {
    let bytes = id.as_bytes();
    let is_plain = bytes.len() <= PLAIN_ID_CHARS && bytes.iter().all(u8::is_ascii_graphic);
    match std::str::from_utf8(bytes) {
        Ok("") => String::new(),
        Ok(text) if is_plain => format!(" #{text}"),
        Ok(_) | Err(_) => format!(" #{}", short(bytes)),
    }
}

fn said(said: &Said, of: &Record) -> String {
    let place = place(&said.subject);
    if said.no_responders {
        return format!("{place}: nobody listens");
    }
    format!("{place}: {}", content(said, of))
}

/// The payload in the words of its subject, where they are known.
fn content(said: &Said, of: &Record) -> String {
    let whole = said.payload.clone().expanded(&said.subject, of.bodies);
    let Some(Payload::Kept(bytes)) = &whole else { return payload(&said.payload) };
    let subject = said.subject.as_str();
    if let Ok(delivery) = Delivery::decode(bytes) {
        return delivered(&delivery);
    }
    if subject.starts_with("chat.bounce.")
        && let Ok(bounce) = codec::decode::<Bounce>(bytes)
    {
        return bounced(bounce);
    }
    if subject.starts_with("chat.presence.")
        && let Ok(presence) = codec::decode::<bus_schemas::chat::Presence>(bytes)
    {
        return format!("{presence:?}").to_lowercase();
    }
    payload(&said.payload)
}

fn payload(payload: &Payload) -> String {
    match payload {
        Payload::Kept(bytes) => format!("{} bytes", bytes.len()),
        Payload::Withheld { bytes } => format!("{bytes} bytes, withheld"),
    }
}

fn failed(outcome: Result<(), BusError>) -> String {
    outcome.err().map_or_else(String::new, |error| format!(" ({error})"))
}

/// A subject with its ids shortened.
#[must_use]
pub fn place(subject: &Subject) -> String {
    let words = subject.as_str().split('.').map(|word| {
        let is_id = word.len() == ID_DIGITS && word.bytes().all(|b| b.is_ascii_hexdigit());
        if is_id { word.get(..SHORT_DIGITS).unwrap_or(word) } else { word }
    });
    words.collect::<Vec<_>>().join(".")
}
