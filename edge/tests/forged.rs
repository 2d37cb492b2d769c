//! Tokens that must not be accepted, before the real doors: a request, and the first frame of a
//! socket of either kind. The forgeries are those of `actors-core`.

#[path = "../../actors/core/tests/forgery/mod.rs"]
mod forgery;

use actors_core::auth::access;
use actors_core::auth::keys::Keys;
use bus_schemas::time::Timestamp;
use futures_util::StreamExt;
use reqwest::StatusCode;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde_json::{Value, json};

use super::support::socket::Socket;
use super::support::{House, binary};
use forgery::{Forger, Forgery, Tally};

const ROOT: [u8; 32] = [5; 32];
/// All classes in turn; what a door cannot carry is left out, and enough stay.
const FORGERIES: usize = 2_800;
const CARRIED_MIN: usize = 2_000;
const SEED: u64 = 5;
/// How many are tried at once: each is a connection of its own.
const AT_ONCE: usize = 16;
/// A head of a request that our server reads.
const HEADER_BYTES_MAX: usize = 8 * 1024;
/// A first frame that our server reads, with what stands around the token.
const FRAME_BYTES_MAX: usize = 3 * 1024;

/// A house, and somebody with the key of its auth who forges.
async fn house_and_forger() -> (House, Forger, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("root.key"), ROOT).unwrap();
    let data = folder.path().display().to_string();
    let house = House::open_with(&[("DHCHAT_DATA_DIR", &data)]).await;

    let keys = Keys::derive(&ROOT);
    let now = Timestamp(time::OffsetDateTime::now_utc().unix_timestamp());
    let known = keys.verifying(now);
    let mut bases = Vec::new();
    for name in ["alice", "b0b", "Zo-e_42"] {
        let token = house.person(name).await.token;
        bases.push(access::read(&known, &token, now).unwrap());
    }
    let forger = Forger::new(&keys, &known, bases, SEED);
    (house, forger, folder)
}

/// A token without an id of its own, and otherwise like one with these claims.
pub(crate) fn jti_missing(keys: &Keys, claims: access::Claims) -> String {
    let known = keys.verifying(claims.issued_at);
    let forgeries = Forger::new(keys, &known, vec![claims], SEED).forgeries(FORGERIES);
    let mut without_id = forgeries.filter(|forgery| forgery.class == "jti missing");
    without_id.next().expect("a class of that name").token
}

/// Tries all that a door carries; the names of those that were let in.
async fn tried(
    forgeries: Vec<Forgery>,
    lets_in: impl AsyncFn(usize, &Forgery) -> bool,
) -> (usize, Tally) {
    let carried = forgeries.len();
    let lets_in = &lets_in;
    let tries = forgeries.into_iter().enumerate().map(|(n, forgery)| async move {
        let is_in = lets_in(n, &forgery).await;
        (forgery.class, is_in)
    });
    let mut tries = futures_util::stream::iter(tries).buffer_unordered(AT_ONCE);
    let mut accepted = Tally::default();
    while let Some((class, is_in)) = tries.next().await {
        if is_in {
            accepted.count(class);
        }
    }
    (carried, accepted)
}

#[tokio::test]
async fn tok20_no_forged_token_is_let_in_by_a_request() {
    let (house, forger, _folder) = house_and_forger().await;
    let carried = forger.forgeries(FORGERIES).filter(|forgery| as_header(&forgery.token).is_some());
    let (carried, accepted) = tried(carried.collect(), async |_, forgery| {
        let base = house.get("/api/chat/me").bearer(&forgery.base).send().await.unwrap();
        assert_eq!(base.status(), StatusCode::OK, "{}: its base", forgery.class);
        let header = as_header(&forgery.token).unwrap();
        let request = house.get("/api/chat/me").header(AUTHORIZATION, header);
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        let refused = status == StatusCode::UNAUTHORIZED || body["code"] == "TOKEN_MISSING_JTI";
        assert!(refused || status.is_success(), "{}: {status} {body}", forgery.class);
        !refused
    })
    .await;
    assert_eq!(accepted.all(), 0, "accepted:\n{}", accepted.report());
    assert!(carried >= CARRIED_MIN, "{carried}");
}

#[tokio::test]
async fn tok20_no_forged_token_is_let_in_by_a_socket() {
    let (house, forger, _folder) = house_and_forger().await;
    // An empty one is no token, and is told so in other words.
    let carried =
        forger.forgeries(FORGERIES).filter(|f| (1..=FRAME_BYTES_MAX).contains(&f.token.len()));
    let (carried, accepted) = tried(carried.collect(), async |n, forgery| {
        if n % 2 == 0 {
            by_text(&house, forgery).await
        } else {
            by_bytes(&house, &forgery.token).await
        }
    })
    .await;
    assert_eq!(accepted.all(), 0, "accepted:\n{}", accepted.report());
    assert!(carried >= CARRIED_MIN, "{carried}");
}

/// A base is let in by the sockets too, so that what is refused is refused for its form.
#[tokio::test]
async fn tok20_what_forgeries_are_made_from_is_let_in_by_a_socket() {
    let (house, forger, _folder) = house_and_forger().await;
    for forgery in forger.forgeries(20) {
        Socket::text_as(house.doors, &forgery.base).await;
        assert!(by_bytes(&house, &forgery.base).await, "{}", forgery.class);
    }
}

async fn by_text(house: &House, forgery: &Forgery) -> bool {
    let mut socket = Socket::text(house.doors).await;
    socket.say(&json!({ "type": "auth", "payload": { "token": forgery.token } })).await;
    let answer = socket.hear().await["payload"].take();
    if answer["authenticated"] == true {
        return true;
    }
    let code = answer["code"].as_str().unwrap_or_default();
    let refused = ["INVALID_TOKEN", "TOKEN_EXPIRED", "TOKEN_MISSING_JTI"];
    assert!(refused.contains(&code), "{}: {answer}", forgery.class);
    assert_eq!(socket.hear_close().await.0, 1008, "{}", forgery.class);
    false
}

async fn by_bytes(house: &House, token: &str) -> bool {
    let mut socket = Socket::binary(house.doors).await;
    socket.say_bytes(binary::auth(token)).await;
    let answer = socket.hear_bytes().await;
    if answer.windows(14).any(|window| window == b"authenticated\xc3") {
        return true;
    }
    assert_eq!(socket.hear_close().await.0, 4401);
    false
}

/// The token in the header of a request. HTTP takes white space off the end of a header, so what
/// has some there would not arrive.
fn as_header(token: &str) -> Option<HeaderValue> {
    let bytes = format!("Bearer {token}").into_bytes();
    let arrives = !token.is_empty() && !token.ends_with([' ', '\t']);
    let fits = bytes.len() <= HEADER_BYTES_MAX;
    HeaderValue::from_maybe_shared(bytes).ok().filter(|_| arrives && fits)
}
