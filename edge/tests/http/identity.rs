//! Public keys: kept as sent, given to whoever is signed in, replaced after a password.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::support::{BearerToken, House, PASSWORD, PUBLIC_KEY, given, refused};

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

#[tokio::test]
async fn a_key_is_given_back_exactly_as_it_was_sent() {
    let house = House::open().await;
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
    let key = STANDARD.decode(PUBLIC_KEY).unwrap();
    assert_eq!(print, json!({ "fingerprint": hex::encode(Sha256::digest(key)) }));
}

#[tokio::test]
async fn no_user_and_no_key_sound_alike() {
    let house = House::open().await;
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
        ] {
            let request = house.get(&path).bearer(&alice.token);
            refused(request, 404, "IDENTITY_KEY_NOT_FOUND").await;
        }
    }
    let path = "/api/identity/users/alice/fingerprint";
    refused(house.get(path).bearer(&alice.token), 400, "INVALID_USER_ID_FORMAT").await;
    let path = "/api/identity/users//key";
    refused(house.get(path).bearer(&alice.token), 400, "USER_ID_REQUIRED").await;
    let path = format!("/api/identity/users/{NOBODY}/nonsense");
    refused(house.get(&path).bearer(&alice.token), 400, "INVALID_PATH").await;
}

#[tokio::test]
async fn a_key_is_replaced_after_a_password_login() {
    let house = House::open().await;
    let alice = house.person("alice").await;
    let publish =
        |body| house.post("/api/identity/update-public-key").json(&body).bearer(&alice.token);
    refused(publish(json!({})), 400, "BAD_REQUEST").await;
    refused(publish(json!({ "public_key": "%" })), 400, "INVALID_IDENTITY_PUB_KEY_ENCODING").await;
    refused(publish(json!({ "public_key": "QUJD" })), 400, "INVALID_PUBLIC_KEY").await;
    let other = PUBLIC_KEY.replace("GGb9", "GGb8").replace("AyEAGb", "AyEAGc");
    let done = given(publish(json!({ "public_key": other })), 200).await;
    assert_eq!(done, json!({ "success": true }));
    let path = format!("/api/identity/users/{}/key", alice.id);
    let key = given(house.get(&path).bearer(&alice.token), 200).await;
    assert_eq!(key["public_key"], other);
}
