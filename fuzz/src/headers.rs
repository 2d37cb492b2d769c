//! What the doors read from single headers: cookies, addresses that proxies wrote down, and what a
//! WebSocket is asked for with.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use axum::http::header::{
    COOKIE, HeaderName, ORIGIN, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_PROTOCOL, SET_COOKIE,
};
use axum::http::{HeaderMap, HeaderValue};
use bus_schemas::frame::Door;
use bus_schemas::time::Timestamp;
use edge::config::{Network, PublicUrl};
use edge::http::cookies::{DEVICE, REFRESH};
use edge::http::extract::ClientIp;
use edge::http::headers::Transport;
use edge::ws::upgrade::Handshake;

static PROXIES: LazyLock<Vec<Network>> = LazyLock::new(|| {
    ["10.0.0.0/8", "fd00::/8"].map(|text| Network::parse(text).expect("a network")).to_vec()
});
static PUBLIC: LazyLock<PublicUrl> =
    LazyLock::new(|| PublicUrl::parse("https://chat.example.org").expect("an origin"));
const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));

/// Lines: each is the value of the same header in turn.
pub fn headers(bytes: &[u8]) {
    let lines: Vec<HeaderValue> = bytes
        .split(|byte| *byte == b'\n')
        .filter_map(|line| HeaderValue::from_bytes(line).ok())
        .collect();
    cookies(&named(&lines, &COOKIE));
    forwarded(&named(&lines, &HeaderName::from_static("x-forwarded-for")));
    handshake(&lines);
}

fn named(lines: &[HeaderValue], name: &HeaderName) -> HeaderMap {
    lines.iter().map(|line| (name.clone(), line.clone())).collect()
}

fn cookies(headers: &HeaderMap) {
    for cookie in [REFRESH, DEVICE] {
        let Some(value) = cookie.read(headers) else { continue };
        let value = value.expose();
        assert!(!value.is_empty() && !value.contains(';'));
        assert!(value.bytes().all(|b| b == b'\t' || (0x20..0x7f).contains(&b)));
        // What is set is what comes back.
        let set = cookie.until(value, Timestamp(1_767_225_600), Transport::Tls);
        let pair = set.split(';').next().expect("a pair");
        let returned: HeaderMap =
            [(COOKIE, HeaderValue::from_str(pair).expect("it came in a header"))]
                .into_iter()
                .collect();
        assert_eq!(cookie.read(&returned).expect("a cookie").expose().trim(), value.trim());
        assert!(HeaderValue::from_str(&set).is_ok(), "{SET_COOKIE}");
    }
}

/// A client is whoever the nearest strangers' proxy says, and nobody whom a stranger names.
fn forwarded(headers: &HeaderMap) {
    let trusts = |ip: IpAddr| PROXIES.iter().any(|network| network.contains(ip));
    let ClientIp(client) = ClientIp::read(PEER, headers, &PROXIES);
    let lines: Vec<&str> = headers.values().filter_map(|value| value.to_str().ok()).collect();
    let hops: Vec<&str> = lines.iter().flat_map(|line| line.split(',')).map(str::trim).collect();
    let mut expected = PEER;
    for hop in hops.iter().rev() {
        match hop.parse::<IpAddr>() {
            Ok(before) if trusts(expected) => expected = before.to_canonical(),
            Ok(_) | Err(_) => break,
        }
    }
    assert_eq!(client, expected);
    let stranger = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));
    assert_eq!(ClientIp::read(stranger, headers, &PROXIES), ClientIp(stranger));
}

/// The first line is the origin, the second the subprotocol, the rest what is offered besides.
fn handshake(lines: &[HeaderValue]) {
    let mut headers: HeaderMap = [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ]
    .into_iter()
    .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
    .collect();
    let names = [ORIGIN, SEC_WEBSOCKET_PROTOCOL].into_iter();
    let names = names.chain(std::iter::repeat(SEC_WEBSOCKET_EXTENSIONS));
    for (name, line) in names.zip(lines).filter(|(_, line)| !line.is_empty()) {
        headers.append(name, line.clone());
    }
    let Ok(handshake) = Handshake::read(&headers, &PUBLIC) else { return };
    let origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
    match (handshake.door, origin) {
        (_, Some(origin)) => assert!(PUBLIC.is_own(origin)),
        (Door::Text, None) => assert!(!headers.contains_key(ORIGIN)),
        (Door::Binary, None) => panic!("our own client is a browser"),
    }
    let answer = handshake.answer();
    assert_eq!(answer.status(), 101);
    let agreed = answer.headers().get(SEC_WEBSOCKET_EXTENSIONS);
    if let Some(agreed) = agreed.map(|agreed| agreed.to_str().expect("plain text")) {
        assert_eq!(handshake.door, Door::Text);
        assert!(agreed.starts_with("permessage-deflate; server_no_context_takeover"), "{agreed}");
        assert!(agreed.contains("client_no_context_takeover"), "{agreed}");
    }
}
