//! What holds for every route of its kind: who asks, from where, how often, in which form. The
//! routes are those of the document, so a new one is asked as well.

use reqwest::StatusCode;

use crate::forged::jti_missing;
use crate::support::asking::{OPERATIONS, Operation, every, note};
use crate::support::mint::Mint;
use crate::support::place::Place;
use crate::support::stories::stories;
use crate::support::{House, Person, refused};

stories! {
    who_does_not_say_who_it_is_is_told_nothing => [
        "every 401 MISSING_AUTHORIZATION",
        "every 401 INVALID_TOKEN",
        "every 401 TOKEN_EXPIRED",
        "every 401 TOKEN_REVOKED",
        "every 400 TOKEN_MISSING_JTI",
    ];
    another_sites_page_changes_nothing_and_opens_nothing => ["every 403 ORIGIN_NOT_ALLOWED"];
    a_body_that_is_not_as_it_should_be_is_refused => [
        "every 400 INVALID_JSON",
        "every 400 BAD_REQUEST",
        "every 413 BODY_TOO_LARGE",
        "every 415 UNSUPPORTED_MEDIA_TYPE",
    ];
    an_id_that_is_none_is_refused => [
        "every 400 USER_ID_REQUIRED",
        "every 400 INVALID_USER_ID_FORMAT",
        "every 400 INVALID_LOGIN_ID_FORMAT",
    ];
    what_comes_too_often_is_refused => ["every 429 TOO_MANY_REQUESTS"];
}

/// Above the largest body.
const TOO_MANY_BYTES: usize = 1_100_000;

async fn who_does_not_say_who_it_is_is_told_nothing(place: Place) {
    let house = place.house().await;
    let (alice, bob) = (house.person("alice").await, house.person("bob").await);
    let mint = Mint::of(&house).await;
    let revoke = house.post("/api/auth/revoke").bearer(&bob.token).send().await.unwrap();
    assert_eq!(revoke.status(), StatusCode::NO_CONTENT);
    let plain = |operation: &Operation| house.request(&operation.verb, &operation.somewhere());

    for operation in every("401 MISSING_AUTHORIZATION") {
        refused(plain(operation), 401, "MISSING_AUTHORIZATION").await;
        for other in ["bearer x", "Basic YWxpY2U6eA==", "Bearer", ""] {
            let request = plain(operation).header("authorization", other);
            refused(request, 401, "MISSING_AUTHORIZATION").await;
        }
    }
    let without_id = jti_missing(&mint.keys, mint.claims(&alice.token));
    let expired = mint.expired(&alice.token);
    for (token, status, code) in [
        ("x", 401, "INVALID_TOKEN"),
        (&expired, 401, "TOKEN_EXPIRED"),
        (&bob.token, 401, "TOKEN_REVOKED"),
        (&without_id, 400, "TOKEN_MISSING_JTI"),
    ] {
        for operation in every(&format!("{status} {code}")) {
            refused(plain(operation).bearer(token), status, code).await;
        }
    }
}

async fn another_sites_page_changes_nothing_and_opens_nothing(place: Place) {
    let house = place.house().await;
    let alice = house.person("alice").await;
    let foreign = [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ];
    for operation in every("403 ORIGIN_NOT_ALLOWED") {
        // A socket is opened without a cookie, so that only its origin counts.
        let headers = if operation.path == "/ws/" { &foreign[..2] } else { &foreign[..] };
        for (header, value) in headers {
            let request = operation.asked(&house, &alice).header(*header, *value);
            refused(request, 403, "ORIGIN_NOT_ALLOWED").await;
        }
    }
    let revoke = || house.post("/api/auth/revoke").bearer(&alice.token);
    for own in ["http://localhost:8080", "http://127.0.0.1:8080"] {
        let answer = revoke().header("origin", own).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NO_CONTENT, "{own}");
    }
    // Whoever has typed the address, or is no browser, comes from nowhere.
    let typed = revoke().header("sec-fetch-site", "none").send().await.unwrap();
    assert_eq!(typed.status(), StatusCode::NO_CONTENT);
}

async fn a_body_that_is_not_as_it_should_be_is_refused(place: Place) {
    let house = place.house().await;
    let alice = house.person("alice").await;
    for operation in OPERATIONS.iter() {
        let large = operation.asked(&house, &alice).body("x".repeat(TOO_MANY_BYTES));
        let answer = large.try_clone().unwrap().send().await.unwrap();
        assert_eq!(answer.headers()["connection"], "close");
        refused(large, 413, "BODY_TOO_LARGE").await;
    }
    for operation in OPERATIONS.iter().filter(|operation| operation.takes_a_body()) {
        let asked = || house.request(&operation.verb, &operation.path).bearer(&alice.token);
        let json = |body: &'static [u8]| {
            asked().header("content-type", "application/json; charset=utf-8").body(body)
        };
        for broken in [&b""[..], b"{", b"[]", b"\"x\"", b"{}{}", b"{\"a\":1,}", b"{\"\xFF\":1}"] {
            refused(json(broken), 400, "INVALID_JSON").await;
        }
        for other in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
            let request = asked().header("content-type", other).body("{}");
            refused(request, 415, "UNSUPPORTED_MEDIA_TYPE").await;
        }
        refused(asked().body("{}"), 415, "UNSUPPORTED_MEDIA_TYPE").await;
        broken_off(&house, operation, &alice).await;
    }
    let twice = house.get("/api/chat/users?username=al&username=al").bearer(&alice.token);
    refused(twice, 400, "BAD_REQUEST").await;
    refused(house.get("/ws/"), 400, "BAD_REQUEST").await;
}

/// A body in pieces, the first of which has no length.
async fn broken_off(house: &House, operation: &Operation, person: &Person) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let head = format!(
        "{} {} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nno length\r\n",
        operation.verb, operation.path, person.token,
    );
    let mut stream = tokio::net::TcpStream::connect(house.doors).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 400 "), "{answer}");
    note(&operation.verb, &operation.path, StatusCode::BAD_REQUEST, body.as_bytes());
}

async fn an_id_that_is_none_is_refused(place: Place) {
    let house = place.house().await;
    let alice = house.person("alice").await;
    let asked = |operation: &Operation, id: &str| {
        house.request(&operation.verb, &operation.with_id(id)).bearer(&alice.token)
    };
    for operation in every("400 USER_ID_REQUIRED") {
        refused(asked(operation, ""), 400, "USER_ID_REQUIRED").await;
    }
    let none = [
        "alice",
        "00000000-0000-4000-8000-00000000000",
        "00000000-0000-4000-8000-00000000000g",
        "%00",
        "%FF",
        "%D0%B0%D0%BB%D0%B8%D1%81%D0%B0",
        "*",
        "..%2Fme",
    ];
    for code in ["INVALID_USER_ID_FORMAT", "INVALID_LOGIN_ID_FORMAT"] {
        for operation in every(&format!("400 {code}")) {
            for id in none {
                refused(asked(operation, id), 400, code).await;
            }
        }
    }
}

async fn what_comes_too_often_is_refused(place: Place) {
    let few = [
        ("DHCHAT_LIMIT_LOGIN_PER_SECOND", "1"),
        ("DHCHAT_LIMIT_REGISTER_PER_SECOND", "1"),
        ("DHCHAT_LIMIT_GENERAL_PER_SECOND", "1"),
    ];
    let house = place.house_with(&few).await;
    for operation in every("429 TOO_MANY_REQUESTS") {
        let request = || house.request(&operation.verb, &operation.somewhere());
        while request().send().await.unwrap().status() != StatusCode::TOO_MANY_REQUESTS {}
        let answer = request().send().await.unwrap();
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(answer.headers()["retry-after"], "1", "{}", operation.path);
        }
    }
}
