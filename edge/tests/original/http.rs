//! ORIG1 to ORIG4: the pages and routes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::StatusCode;
use reqwest::header::SET_COOKIE;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use super::P256_HEAD;
use crate::support::{House, PASSWORD, cookie, given, refused};

#[tokio::test]
async fn orig1_one_origin_has_the_page_the_routes_and_the_socket() {
    let house = House::open().await;
    for path in ["/", "/api/config"] {
        let answer = reqwest::get(format!("{}{path}", house.url())).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
    let request = format!("ws://{}/ws/", house.doors).into_client_request().unwrap();
    let (_socket, answer) = tokio_tungstenite::connect_async(request).await.unwrap();
    assert_eq!(answer.status(), 101);
    assert!(!answer.headers().contains_key("sec-websocket-protocol"));
}

#[tokio::test]
async fn orig2_accounts_begin_go_on_and_end_as_the_client_expects() {
    let house = House::open().await;
    let credentials = json!({ "username": "alice", "password": PASSWORD });
    let register = house.post("/api/auth/register").json(&credentials).send().await.unwrap();
    assert_eq!(register.status(), StatusCode::CREATED);
    let login = house.post("/api/auth/login").json(&credentials).send().await.unwrap();
    assert_eq!(login.status(), StatusCode::OK);
    let first = cookie(login.headers());
    let refresh = house.post("/api/auth/refresh").header("cookie", &first).send().await.unwrap();
    assert_eq!(refresh.status(), StatusCode::OK);
    for answer in [&register, &login, &refresh] {
        let set = answer.headers()[SET_COOKIE].to_str().unwrap();
        assert!(set.starts_with("refresh_token=") && set.contains("; Path=/api/auth;"), "{set}");
    }
    let second = cookie(refresh.headers());
    for answer in [register, login, refresh] {
        let body: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["token"]);
    }
    let logout = house.post("/api/auth/logout").header("cookie", &second).send().await.unwrap();
    assert_eq!(logout.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn orig3_refreshes_at_once_are_one_and_401_means_that_it_is_over() {
    let house = House::open().await;
    let alice = house.person("alice").await;
    let refresh = || house.post("/api/auth/refresh").header("cookie", &alice.cookie).send();
    let answers = futures_util::future::join_all((0..8).map(|_| refresh())).await;
    let successors: std::collections::BTreeSet<String> = answers
        .into_iter()
        .map(|answer| {
            let answer = answer.unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
            cookie(answer.headers())
        })
        .collect();
    let [successor] = &Vec::from_iter(successors)[..] else { panic!("one successor") };
    let logout = house.post("/api/auth/logout").header("cookie", successor).send().await.unwrap();
    assert_eq!(logout.status(), StatusCode::NO_CONTENT);
    let over = house.post("/api/auth/refresh").header("cookie", successor);
    refused(over, 401, "INVALID_REFRESH_TOKEN").await;
}

#[tokio::test]
async fn orig4_people_and_their_keys_are_found_where_the_client_looks() {
    let house = House::open().await;
    let key = STANDARD.encode([&P256_HEAD[..], &[7; 64]].concat());
    let body = json!({ "username": "alice", "password": PASSWORD, "identity_pub_key": key });
    let token = given(house.post("/api/auth/register").json(&body), 201).await;
    let token = token["token"].as_str().unwrap();
    let get = async |path: &str| given(house.get(path).bearer(token), 200).await;

    let me = get("/api/chat/me").await;
    let id = me["id"].as_str().unwrap();
    assert_eq!(me["username"], "alice");
    let found = get("/api/chat/users?username=lic&limit=10").await;
    assert_eq!(found, json!([{ "id": id, "username": "alice" }]));
    let kept = json!({ "public_key": key });
    assert_eq!(get(&format!("/api/chat/users/{id}/identity-key")).await, kept);
    let print = hex::encode(Sha256::digest(STANDARD.decode(&key).unwrap()));
    let told = get(&format!("/api/identity/users/{id}/fingerprint")).await;
    assert_eq!(told, json!({ "fingerprint": print }));

    let another = STANDARD.encode([&P256_HEAD[..], &[8; 64]].concat());
    let update = house.post("/api/identity/update-public-key").bearer(token);
    let done = given(update.json(&json!({ "public_key": another })), 200).await;
    assert_eq!(done, json!({ "success": true }));
    let kept = json!({ "public_key": another });
    assert_eq!(get(&format!("/api/chat/users/{id}/identity-key")).await, kept);
}
