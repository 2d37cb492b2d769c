//! The text door: one JSON document `{type, payload}` a frame, for the original's client.
//!
//! Known payloads are written anew from a table of their fields: unknown fields go, missing ones
//! appear as `""`, `0` or `false`, optional ones stay away. `ack` and `session_established` pass
//! with whatever they hold. `from` is never taken from a client; [`encode`] sets it.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::fault::Code;
use crate::frame::announcement::Announcement;
use crate::frame::{BadFrame, ClientFrame, Label, Part, PeerFrame, ServerFrame};
use crate::id::{FrameId, UserId};
use crate::limit::FRAME_BYTES_MAX_TEXT;
use crate::secret::Secret;

/// What a field holds, and what stands in its place when it is missing.
#[derive(Clone, Copy)]
enum Field {
    Text,
    Number,
    Flag,
    /// Text that is left out when empty or missing.
    OptionalText,
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    payload: Value,
}

/// Reads a client's frame. The `sequence` of the original's client is ignored.
pub fn decode(bytes: &Bytes) -> Result<ClientFrame, BadFrame> {
    if bytes.len() > FRAME_BYTES_MAX_TEXT {
        return Err(BadFrame::new(Code::FrameTooLarge));
    }
    let Document { kind, payload } =
        serde_json::from_slice(bytes).map_err(|_| BadFrame::new(Code::MalformedFrame))?;
    if kind == "auth" {
        return decode_auth(&payload);
    }
    let Some(label) = Label::from_name(&kind).filter(|label| *label != Label::Declined) else {
        return Err(BadFrame::new(Code::UnknownMessageType));
    };
    let Value::Object(payload) = payload else {
        return Err(BadFrame::new(Code::InvalidPayload));
    };
    let frame = decode_peer(label, payload)?;
    if label != Label::FileStart {
        return Ok(ClientFrame::Peer(frame));
    }
    let announcement = Announcement::of(&frame).ok_or(BadFrame::new(Code::InvalidPayload))?;
    Ok(ClientFrame::Announce { frame, announcement })
}

/// Writes a frame for a client; `None` for what the original's client does not know.
#[must_use]
pub fn encode(frame: &ServerFrame) -> Option<Bytes> {
    let document = match frame {
        ServerFrame::Peer(frame) => return encode_peer(frame),
        ServerFrame::Authenticated { .. } => {
            json!({ "type": "auth", "payload": { "authenticated": true } })
        }
        ServerFrame::NotAuthenticated { code } => refused(*code),
        ServerFrame::Superseded => refused(Code::Superseded),
        ServerFrame::PeerOffline { peer, .. } => {
            json!({ "type": "peer_offline", "payload": { "peer_id": peer } })
        }
        ServerFrame::PeerDisconnected { peer } => {
            json!({ "type": "peer_disconnected", "payload": { "peer_id": peer } })
        }
        ServerFrame::PeerOnline { peer } => {
            json!({ "type": "peer_online", "payload": { "peer_id": peer } })
        }
        ServerFrame::Error { code, .. } => {
            let payload = json!({ "code": code, "message": code.sentence() });
            json!({ "type": "error", "payload": payload })
        }
        ServerFrame::GoingAway { after_ms } => {
            json!({ "type": "going_away", "payload": { "after_ms": after_ms } })
        }
        ServerFrame::TokenExpiring { .. } | ServerFrame::Pong => return None,
    };
    Some(document.to_string().into())
}

fn refused(code: Code) -> Value {
    let payload = json!({ "authenticated": false, "code": code, "message": code.sentence() });
    json!({ "type": "auth", "payload": payload })
}

fn decode_auth(payload: &Value) -> Result<ClientFrame, BadFrame> {
    match payload.get("token").and_then(Value::as_str) {
        Some(token) if !token.is_empty() => Ok(ClientFrame::Auth {
            token: Secret::new(token.to_owned()),
            instance: None,
            attach: 0,
        }),
        _ => Err(BadFrame::new(Code::InvalidAuthPayload)),
    }
}

fn decode_peer(label: Label, mut given: Map<String, Value>) -> Result<PeerFrame, BadFrame> {
    let invalid = || BadFrame::new(Code::InvalidPayload);
    given.remove("from");
    let to = given.get("to").and_then(Value::as_str).ok_or_else(invalid)?;
    let peer = UserId::parse(to).ok_or_else(invalid)?;
    let payload = match fields_of(label) {
        Some(fields) => rewrite(fields, &given).ok_or_else(invalid)?,
        None => given,
    };
    let id = id_field(label).map_or("", |field| text_of(&payload, field));
    let id = FrameId::new(Bytes::copy_from_slice(id.as_bytes())).ok_or_else(invalid)?;
    let index = number_of(&payload, "chunk_index").ok_or_else(invalid)?;
    let count = match (number_of(&payload, "total_chunks"), label) {
        (Some(count), _) => count,
        // Whoever announces a file of less than no chunks is told so in these words.
        (None, Label::FileStart) => 0,
        (None, _) => return Err(invalid()),
    };
    let part = Part { index, count };
    let body = Value::Object(payload).to_string().into();
    Ok(PeerFrame { label, attempt: 0, peer, id, part, body })
}

/// The body as it came, `from` put in front, the envelope around it.
fn encode_peer(frame: &PeerFrame) -> Option<Bytes> {
    let body = std::str::from_utf8(&frame.body).ok()?;
    let fields = body.strip_prefix('{')?;
    let comma = if fields.starts_with('}') { "" } else { "," };
    let (kind, from) = (frame.label.as_str(), frame.peer);
    Some(format!(r#"{{"type":"{kind}","payload":{{"from":"{from}"{comma}{fields}}}"#).into())
}

/// The fields of a payload that is written anew; `None` for those that pass as they are.
const fn fields_of(label: Label) -> Option<&'static [(&'static str, Field)]> {
    use Field::{Flag, Number, OptionalText, Text};
    match label {
        Label::Ack | Label::SessionEstablished | Label::Declined => None,
        Label::EphemeralKey => Some(&[
            ("to", Text),
            ("public_key", Text),
            ("signature", Text),
            ("message_id", Text),
            ("requires_ack", Flag),
        ]),
        Label::Message => Some(&[
            ("to", Text),
            ("message_id", Text),
            ("ciphertext", Text),
            ("nonce", Text),
            ("reply_to_message_id", OptionalText),
        ]),
        Label::MessageEdit => {
            Some(&[("to", Text), ("message_id", Text), ("ciphertext", Text), ("nonce", Text)])
        }
        Label::MessageDelete => {
            Some(&[("to", Text), ("message_id", Text), ("scope", OptionalText)])
        }
        Label::MessageRead => Some(&[("to", Text), ("message_id", Text)]),
        Label::Reaction => {
            Some(&[("to", Text), ("message_id", Text), ("emoji", Text), ("action", Text)])
        }
        Label::Typing => Some(&[("to", Text), ("is_typing", Flag), ("activity", OptionalText)]),
        Label::FileStart => Some(&[
            ("to", Text),
            ("file_id", Text),
            ("filename", Text),
            ("mime_type", Text),
            ("total_size", Number),
            ("total_chunks", Number),
            ("chunk_size", Number),
            ("access_mode", OptionalText),
        ]),
        Label::FileChunk => Some(&[
            ("to", Text),
            ("file_id", Text),
            ("chunk_index", Number),
            ("total_chunks", Number),
            ("ciphertext", Text),
            ("nonce", Text),
        ]),
        Label::FileComplete => Some(&[("to", Text), ("file_id", Text)]),
    }
}

const fn id_field(label: Label) -> Option<&'static str> {
    match label {
        Label::EphemeralKey
        | Label::Ack
        | Label::Message
        | Label::MessageEdit
        | Label::MessageDelete
        | Label::MessageRead
        | Label::Reaction => Some("message_id"),
        Label::FileStart | Label::FileChunk | Label::FileComplete => Some("file_id"),
        Label::SessionEstablished | Label::Typing | Label::Declined => None,
    }
}

fn rewrite(fields: &[(&str, Field)], given: &Map<String, Value>) -> Option<Map<String, Value>> {
    let mut payload = Map::new();
    for (name, field) in fields {
        match field_value(*field, given.get(*name).unwrap_or(&Value::Null))? {
            Passed::As(value) => drop(payload.insert((*name).to_owned(), value)),
            Passed::LeftOut => {}
        }
    }
    Some(payload)
}

/// What becomes of a field that was given.
enum Passed {
    As(Value),
    LeftOut,
}

/// The value as it is passed on; `None` for a value of another type.
fn field_value(field: Field, given: &Value) -> Option<Passed> {
    match (field, given) {
        (Field::Text, Value::Null) => Some(Passed::As(json!(""))),
        (Field::Number, Value::Null) => Some(Passed::As(json!(0))),
        (Field::Flag, Value::Null) => Some(Passed::As(json!(false))),
        (Field::OptionalText, Value::Null) => Some(Passed::LeftOut),
        (Field::OptionalText, Value::String(text)) if text.is_empty() => Some(Passed::LeftOut),
        (Field::Text | Field::OptionalText, Value::String(_)) | (Field::Flag, Value::Bool(_)) => {
            Some(Passed::As(given.clone()))
        }
        (Field::Number, Value::Number(number)) if number.is_i64() => {
            Some(Passed::As(given.clone()))
        }
        (Field::Text | Field::Number | Field::Flag | Field::OptionalText, _) => None,
    }
}

fn text_of<'a>(payload: &'a Map<String, Value>, field: &str) -> &'a str {
    payload.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn number_of(payload: &Map<String, Value>, field: &str) -> Option<u32> {
    match payload.get(field) {
        None => Some(0),
        Some(value) => value.as_u64().and_then(|number| u32::try_from(number).ok()),
    }
}
