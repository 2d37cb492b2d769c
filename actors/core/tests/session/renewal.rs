//! RENEW: how long a Session may go on.

use actors_core::session::{Bearer, Event};
use bus_schemas::auth::Revoked;
use bus_schemas::fault::Code;
use bus_schemas::frame::Door;
use bus_schemas::id::{LoginId, TokenId};
use bus_schemas::time::Timestamp;

use super::harness::{LOGIN, Socket, TOKEN, TOKEN_MS, auth, bearer};
use super::words::user;

const REVOKED: [&str; 4] = [
    "send auth TOKEN_REVOKED",
    "stop listening",
    "tell gone",
    "close NotAuthenticated(TokenRevoked)",
];

fn revoked(name: &str, login: LoginId, token: Option<TokenId>) -> Event {
    Event::RevokedTold(Revoked { user: user(name), login, token, until: Timestamp(0) })
}

#[test]
fn renew1_the_client_is_told_60_s_before_its_token_ends() {
    let mut socket = Socket::live(Door::Binary);
    assert_eq!(socket.waits(TOKEN_MS - 60_001), ["tell evict"]);
    assert_eq!(socket.waits(1), ["send token_expiring in 60000 ms"]);
    assert_eq!(socket.waits(59_999), [""; 0]);
    assert_eq!(
        socket.waits(1),
        [
            "send auth TOKEN_EXPIRED",
            "stop listening",
            "tell gone",
            "close NotAuthenticated(TokenExpired)"
        ]
    );
}

#[test]
fn renew2_a_good_token_renews_in_band() {
    let mut socket = Socket::live(Door::Binary);
    socket.waits(TOKEN_MS - 60_000);
    assert_eq!(socket.hears(auth(0)), ["check token"]);
    assert_eq!(socket.hears(Event::TokenChecked(Ok(bearer()))), ["send auth alice for 900000 ms"]);
    assert_eq!(socket.waits(TOKEN_MS - 60_000), ["send token_expiring in 60000 ms"]);
}

#[test]
fn renew2_a_token_of_somebody_else_ends_the_session() {
    let mut socket = Socket::live(Door::Binary);
    socket.hears(auth(0));
    let bobs = Bearer { user: user("bob"), ..bearer() };
    let done = socket.hears(Event::TokenChecked(Ok(bobs)));
    assert_eq!(done[0], "send auth INVALID_TOKEN");
    assert_eq!(done[3], "close NotAuthenticated(InvalidToken)");
}

#[test]
fn renew2_a_bad_token_ends_the_session() {
    let mut socket = Socket::live(Door::Binary);
    socket.hears(auth(0));
    assert_eq!(socket.hears(Event::TokenChecked(Err(Code::TokenRevoked))), REVOKED);
}

#[test]
fn renew3_a_renewal_that_nobody_could_judge_changes_nothing() {
    let mut socket = Socket::live(Door::Binary);
    socket.hears(auth(0));
    assert_eq!(
        socket.hears(Event::TokenChecked(Err(Code::ServiceUnavailable))),
        ["send error SERVICE_UNAVAILABLE"]
    );
    assert_eq!(socket.hears(auth(0)), ["check token"]);
}

#[test]
fn renew4_one_renewal_is_checked_at_a_time() {
    let mut socket = Socket::live(Door::Binary);
    assert_eq!(socket.hears(auth(0)), ["check token"]);
    assert_eq!(socket.hears(auth(0)), ["send error TOO_MANY_REQUESTS"]);
    socket.hears(Event::TokenChecked(Ok(bearer())));
    assert_eq!(socket.hears(Event::TokenChecked(Err(Code::InvalidToken))), [""; 0]);
}

#[test]
fn renew5_a_text_session_outlives_its_token() {
    let mut socket = Socket::live(Door::Text);
    assert_eq!(socket.waits(TOKEN_MS), ["tell evict", "check login"]);
    for alive in [Some(true), None] {
        assert_eq!(socket.hears(Event::LoginChecked { alive }), [""; 0]);
        assert_eq!(socket.waits(TOKEN_MS), ["check login"]);
    }
    assert_eq!(socket.hears(Event::LoginChecked { alive: Some(false) }), REVOKED);
}

#[test]
fn renew6_a_revocation_ends_whom_it_means() {
    for door in [Door::Binary, Door::Text] {
        for token in [Some(TOKEN), None] {
            let mut socket = Socket::live(door);
            assert_eq!(socket.hears(revoked("alice", LOGIN, token)), REVOKED);
        }
    }
}

#[test]
fn renew6_a_revocation_reaches_who_is_not_live_yet() {
    let mut socket = Socket::open(Door::Binary);
    socket.hears(auth(0));
    socket.hears(Event::TokenChecked(Ok(bearer())));
    assert_eq!(
        socket.hears(revoked("alice", LOGIN, None)),
        ["send auth TOKEN_REVOKED", "close NotAuthenticated(TokenRevoked)"]
    );
}

#[test]
fn renew6_a_revocation_does_not_concern_others() {
    let (login, token) = (LoginId::from_bytes([9; 16]), TokenId::from_bytes([9; 16]));
    let mut socket = Socket::live(Door::Binary);
    let others = [
        revoked("alice", login, None),
        revoked("alice", LOGIN, Some(token)),
        revoked("bob", LOGIN, None),
        revoked("bob", LOGIN, Some(TOKEN)),
    ];
    for other in others {
        assert_eq!(socket.hears(other), [""; 0]);
    }
}
