//! Public keys: kept as sent, given to whoever is signed in, replaced after a password.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::support::mint::Mint;
use crate::support::place::Place;
use crate::support::stories::stories;
use crate::support::{PASSWORD, PUBLIC_KEY, given, refused};

stories! {
    a_key_is_given_back_exactly_as_it_was_sent => [
        "GET /api/chat/users/{id}/identity-key 200",
        "GET /api/identity/users/{id}/key 200",
        "GET /api/identity/users/{id}/fingerprint 200",
    ];
    no_user_and_no_key_sound_alike => ["every 404 IDENTITY_KEY_NOT_FOUND"];
    a_key_is_replaced_and_stays_in_the_history => [
        "POST /api/identity/update-public-key 200",
        "GET /api/identity/users/{id}/history 200",
    ];
    a_key_that_is_none_is_refused => [
        "POST /api/identity/update-public-key 400 BAD_REQUEST",
        "POST /api/identity/update-public-key 400 INVALID_IDENTITY_PUB_KEY_ENCODING",
        "POST /api/identity/update-public-key 400 INVALID_PUBLIC_KEY",
    ];
    a_key_is_replaced_only_after_a_password => [
        "POST /api/identity/update-public-key 403 REAUTHENTICATION_REQUIRED",
    ];
}

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

fn fingerprint(key: &str) -> String {
    hex::encode(Sha256::digest(STANDARD.decode(key).unwrap()))
}

/// Another key of the same kind.
fn other_key() -> String {
    PUBLIC_KEY.replace("AyEAGb", "AyEAGc")
}

async fn a_key_is_given_back_exactly_as_it_was_sent(place: Place) {
    let house = place.house().await;
    let alice = house.person("alice").await;
    let paths = [
        format!("/api/chat/users/{}/identity-key", alice.id),
        format!("/api/identity/users/{}/key", alice.id),
    ];
    for path in paths {
        let key = given(house.get(&path).bearer(&alice.token), 200).await;
        assert_eq!(key, json!({ "public_key": PUBLIC_KEY }));
    }
    let path = format!("/api/identity/users/{}/fingerprint", alice.id);
    let print = given(house.get(&path).bearer(&alice.token), 200).await;
    assert_eq!(print, json!({ "fingerprint": fingerprint(PUBLIC_KEY) }));
}

async fn no_user_and_no_key_sound_alike(place: Place) {
    let house = place.house().await;
    let alice = house.person("alice").await;
    let body = json!({ "username": "keyless", "password": PASSWORD });
    let token = given(house.post("/api/auth/register").json(&body), 201).await;
    let token = token["token"].as_str().unwrap();
    let me = given(house.get("/api/chat/me").bearer(token), 200).await;
    for id in [NOBODY, me["id"].as_str().unwrap()] {
        for path in [
            format!("/api/chat/users/{id}/identity-key"),
            format!("/api/identity/users/{id}/key"),
            format!("/api/identity/users/{id}/fingerprint"),
            format!("/api/identity/users/{id}/history"),
        ] {
            let request = house.get(&path).bearer(&alice.token);
            refused(request, 404, "IDENTITY_KEY_NOT_FOUND").await;
        }
    }
}

async fn a_key_is_replaced_and_stays_in_the_history(place: Place) {
    let house = place.house().await;
    let (alice, bob) = (house.person("alice").await, house.person("bob").await);
    let publish = |key: &str| {
        let request = house.post("/api/identity/update-public-key").bearer(&alice.token);
        request.json(&json!({ "public_key": key }))
    };
    // The same key again is no other key.
    for key in [PUBLIC_KEY, &other_key(), &other_key()] {
        assert_eq!(given(publish(key), 200).await, json!({ "success": true }));
    }
    let path = format!("/api/identity/users/{}/key", alice.id);
    let key = given(house.get(&path).bearer(&bob.token), 200).await;
    assert_eq!(key["public_key"], other_key());

    let path = format!("/api/identity/users/{}/history", alice.id);
    let history = given(house.get(&path).bearer(&bob.token), 200).await;
    let [first, second] = &history.as_array().unwrap()[..] else { panic!("two of {history}") };
    let shown = |past: &Value| {
        OffsetDateTime::parse(past["made_at"].as_str().unwrap(), &Rfc3339).unwrap();
        (past["version"].clone(), past["public_key"].clone(), past["fingerprint"].clone())
    };
    let (one, two) = (fingerprint(PUBLIC_KEY), fingerprint(&other_key()));
    assert_eq!(shown(first), (json!(1), json!(PUBLIC_KEY), json!(one)));
    assert_eq!(shown(second), (json!(2), json!(other_key()), json!(two)));
    assert_eq!(first.as_object().unwrap().len(), 4, "{first}");
}

async fn a_key_that_is_none_is_refused(place: Place) {
    let house = place.house().await;
    let alice = house.person("alice").await;
    let publish = |body: &Value| {
        house.post("/api/identity/update-public-key").bearer(&alice.token).json(body)
    };
    let key = |bytes: usize| json!({ "public_key": STANDARD.encode(vec![7; bytes]) });
    for missing in [json!({}), json!({ "public_key": "" })] {
        refused(publish(&missing), 400, "BAD_REQUEST").await;
    }
    // No padding, the other alphabet, bits that belong to no byte.
    for no_base64 in ["%", &PUBLIC_KEY[..59], "-_-_", "QUJ="] {
        let body = json!({ "public_key": no_base64 });
        refused(publish(&body), 400, "INVALID_IDENTITY_PUB_KEY_ENCODING").await;
    }
    for bytes in [1, 31, 4_097] {
        refused(publish(&key(bytes)), 400, "INVALID_PUBLIC_KEY").await;
    }
    for bytes in [32, 4_096] {
        given(publish(&key(bytes)), 200).await;
    }
}

async fn a_key_is_replaced_only_after_a_password(place: Place) {
    const MINUTE_SECONDS: i64 = 60;
    let house = place.house().await;
    let alice = house.person("alice").await;
    let mint = Mint::of(&house).await;
    let body = json!({ "public_key": other_key() });
    let publish = async |minutes_ago: i64| {
        let cookie = mint.login(&alice.token, minutes_ago * MINUTE_SECONDS).await;
        let refresh = given(house.post("/api/auth/refresh").header("cookie", cookie), 200).await;
        let token = refresh["token"].as_str().unwrap().to_owned();
        house.post("/api/identity/update-public-key").bearer(&token).json(&body)
    };
    refused(publish(11).await, 403, "REAUTHENTICATION_REQUIRED").await;
    given(publish(9).await, 200).await;
}
