//! The WebSocket handshake: whether a request may become a socket, and of which door.

use axum::body::Body;
use axum::http::header::{
    CONNECTION, HeaderName, ORIGIN, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS,
    SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bus_schemas::fault::Code;
use bus_schemas::frame::Door;
use bus_schemas::frame::binary::SUBPROTOCOL;
use serde_json::{Value, json};
use sockudo_ws::deflate::{DeflateConfig, DeflateNegotiation, negotiate_server_deflate};
use sockudo_ws::handshake::generate_accept_key;

use crate::config::PublicUrl;

/// Bytes of the number that a client makes up for each handshake.
const KEY_BYTES: usize = 16;
/// So many bytes in base64.
const KEY_PATTERN: &str = "^[A-Za-z0-9+/]{21}[AQgw]==$";
/// The only version there is.
const VERSION: &str = "13";
/// Smaller messages cost more to compress than they save.
const DEFLATE_BYTES_MIN: usize = 256;

/// A request that may become a socket.
#[derive(Debug)]
pub struct Handshake {
    /// Which encoding it will speak.
    pub door: Door,
    accept: String,
    pub(super) deflate: Option<DeflateNegotiation>,
}

impl Handshake {
    /// Reads a request. On the text door a missing `Origin` is fine, because the socket uses no
    /// cookie and people come with other tools than browsers; our own client is a browser.
    pub fn read(headers: &HeaderMap, public: &PublicUrl) -> Result<Self, Code> {
        let is = |name: HeaderName, wanted: &str| {
            tokens(headers, &name).any(|t| t.eq_ignore_ascii_case(wanted))
        };
        let key = text(headers, &SEC_WEBSOCKET_KEY).filter(|key| is_key(key));
        let Some(key) = key.filter(|_| {
            is(CONNECTION, "upgrade")
                && is(UPGRADE, "websocket")
                && text(headers, &SEC_WEBSOCKET_VERSION) == Some(VERSION)
        }) else {
            return Err(Code::BadRequest);
        };
        let door = door(headers)?;
        match (text(headers, &ORIGIN), door) {
            (Some(origin), _) if public.is_own(origin) => {}
            (None, Door::Text) if !headers.contains_key(ORIGIN) => {}
            (Some(_) | None, _) => return Err(Code::OriginNotAllowed),
        }
        let deflate = match door {
            Door::Text => negotiate_server_deflate(&offers(headers), &deflate()),
            Door::Binary => None,
        };
        Ok(Self { door, accept: generate_accept_key(key), deflate })
    }

    /// 101, with what was agreed.
    #[must_use]
    pub fn answer(&self) -> Response {
        let mut answer = Response::builder()
            .status(StatusCode::SWITCHING_PROTOCOLS)
            .header(UPGRADE, "websocket")
            .header(CONNECTION, "Upgrade")
            .header(SEC_WEBSOCKET_ACCEPT, &self.accept);
        if self.door == Door::Binary {
            answer = answer.header(SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL);
        }
        if let Some(deflate) = &self.deflate {
            answer = answer.header(SEC_WEBSOCKET_EXTENSIONS, deflate.to_response_header());
        }
        answer.body(Body::empty()).expect("these headers are plain text")
    }
}

/// What a handshake says, in the words of the document.
pub(super) fn parameters() -> Vec<Value> {
    let needed = |name: &str, schema: Value| json!({ "name": name, "in": "header", "required": true, "schema": schema });
    let is = |word: &str| json!({ "type": "string", "enum": [word] });
    let protocol = json!({
        "name": "Sec-WebSocket-Protocol",
        "in": "header",
        "required": false,
        "description": "The binary door, for pages of this deployment; the text door without.",
        "schema": is(SUBPROTOCOL),
    });
    vec![
        needed("Connection", is("Upgrade")),
        needed("Upgrade", is("websocket")),
        needed("Sec-WebSocket-Version", is(VERSION)),
        needed("Sec-WebSocket-Key", json!({ "type": "string", "pattern": KEY_PATTERN })),
        protocol,
    ]
}

/// No subprotocol is the text door; one that nobody here speaks is refused.
fn door(headers: &HeaderMap) -> Result<Door, Code> {
    if !headers.contains_key(SEC_WEBSOCKET_PROTOCOL) {
        return Ok(Door::Text);
    }
    let ours = tokens(headers, &SEC_WEBSOCKET_PROTOCOL).any(|offer| offer == SUBPROTOCOL);
    if ours { Ok(Door::Binary) } else { Err(Code::BadRequest) }
}

/// Nothing is kept from one message to the next: neither memory nor what a length could tell.
fn deflate() -> DeflateConfig {
    DeflateConfig {
        server_no_context_takeover: true,
        client_no_context_takeover: true,
        compression_threshold: DEFLATE_BYTES_MIN,
        ..DeflateConfig::default()
    }
}

/// What a client offers may stand in several headers.
fn offers(headers: &HeaderMap) -> String {
    let offers: Vec<&str> = tokens(headers, &SEC_WEBSOCKET_EXTENSIONS).collect();
    offers.join(",")
}

fn is_key(text: &str) -> bool {
    STANDARD.decode(text).is_ok_and(|bytes| bytes.len() == KEY_BYTES)
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn tokens<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

    fn read(changed: &[(&'static str, &str)]) -> Result<Handshake, Code> {
        let mut headers = HeaderMap::new();
        let plain = [
            ("connection", "keep-alive, Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", KEY),
        ];
        for (name, value) in plain.iter().chain(changed) {
            headers.insert(*name, value.parse().unwrap());
        }
        Handshake::read(&headers, &PublicUrl::parse("http://localhost:8080").unwrap())
    }

    /// Of the binary door.
    pub(crate) fn binary_handshake() -> Handshake {
        read(&[OWN, OURS]).unwrap()
    }

    /// Of the text door, with deflate.
    pub(crate) fn text_handshake() -> Handshake {
        read(&[DEFLATE]).unwrap()
    }

    const OWN: (&str, &str) = ("origin", "http://localhost:8080");
    const OURS: (&str, &str) = ("sec-websocket-protocol", "other, dhchat.2");
    const DEFLATE: (&str, &str) =
        ("sec-websocket-extensions", "permessage-deflate; client_max_window_bits");

    #[test]
    fn the_subprotocol_chooses_the_door() {
        assert_eq!(read(&[]).unwrap().door, Door::Text);
        assert_eq!(read(&[OWN, OURS]).unwrap().door, Door::Binary);
        let unknown = ("sec-websocket-protocol", "chat");
        assert_eq!(read(&[OWN, unknown]).unwrap_err(), Code::BadRequest);
    }

    #[test]
    fn a_foreign_origin_is_refused_and_a_missing_one_only_on_the_binary_door() {
        assert_eq!(
            read(&[("origin", "https://evil.example")]).unwrap_err(),
            Code::OriginNotAllowed
        );
        assert_eq!(read(&[OURS]).unwrap_err(), Code::OriginNotAllowed);
        assert!(read(&[OWN]).is_ok());
    }

    #[test]
    fn only_the_text_door_compresses_and_keeps_no_context() {
        let answer = read(&[DEFLATE]).unwrap().answer();
        assert_eq!(
            answer.headers()[SEC_WEBSOCKET_EXTENSIONS],
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        );
        let answer = read(&[OWN, OURS, DEFLATE]).unwrap().answer();
        assert!(!answer.headers().contains_key(SEC_WEBSOCKET_EXTENSIONS));
        assert_eq!(answer.headers()[SEC_WEBSOCKET_PROTOCOL], "dhchat.2");
    }

    #[test]
    fn what_is_no_handshake_is_a_bad_request() {
        for wrong in [
            ("connection", "keep-alive"),
            ("upgrade", "h2c"),
            ("sec-websocket-version", "8"),
            ("sec-websocket-key", "short"),
            ("sec-websocket-key", "as long as one, but none"),
        ] {
            assert_eq!(read(&[wrong]).unwrap_err(), Code::BadRequest, "{wrong:?}");
        }
        let answer = read(&[]).unwrap().answer();
        assert_eq!(answer.headers()[SEC_WEBSOCKET_ACCEPT], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
