//! Register, sign in, refresh, sign out.

use reqwest::header::SET_COOKIE;
use serde_json::{Value, json};

use crate::support::{BearerToken, House, PASSWORD, cookie, given, refused};

fn credentials(username: &str, password: &str) -> Value {
    json!({ "username": username, "password": password })
}

#[tokio::test]
async fn registering_gives_a_token_and_a_cookie() {
    let house = House::open().await;
    let body = credentials("alice", PASSWORD);
    let answer = house.post("/api/auth/register").json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let set = answer.headers()[SET_COOKIE].to_str().unwrap().to_owned();
    let mut parts = set.split("; ");
    let value = parts.next().unwrap().strip_prefix("refresh_token=").unwrap();
    assert!(value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit()), "{value}");
    let attributes: Vec<&str> = parts.collect();
    assert_eq!(attributes[0], "Path=/api/auth");
    assert!(attributes[1].starts_with("Expires=") && attributes[1].ends_with(" GMT"));
    assert_eq!(attributes[2..], ["HttpOnly", "SameSite=Strict"]);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["token"]);
}

#[tokio::test]
async fn over_https_the_cookie_is_secure() {
    let https = [("DHCHAT_PUBLIC_URL", "https://chat.example.org"), ("DHCHAT_BCRYPT_COST", "12")];
    let house = House::open_with(&https).await;
    let body = credentials("alice", PASSWORD);
    let answer = house.post("/api/auth/register").json(&body).send().await.unwrap();
    assert!(answer.headers()[SET_COOKIE].to_str().unwrap().ends_with("; Secure"));
    assert!(answer.headers().contains_key("strict-transport-security"));
}

#[tokio::test]
async fn credentials_are_judged_in_the_order_of_the_original() {
    let house = House::open().await;
    let cases = [
        ("ab", "short", "VALIDATION_USERNAME_LENGTH"),
        ("a.b", "short", "VALIDATION_PASSWORD_LENGTH"),
        ("a.b", "long enough", "VALIDATION_USERNAME_CHARS"),
        ("alice", "no digits here", "VALIDATION_PASSWORD_LATIN_DIGIT"),
    ];
    for (username, password, code) in cases {
        for path in ["/api/auth/register", "/api/auth/login"] {
            let body = credentials(username, password);
            refused(house.post(path).json(&body), 400, code).await;
        }
    }
    let common = credentials("alice", "password1");
    refused(house.post("/api/auth/register").json(&common), 400, "VALIDATION_PASSWORD_COMMON")
        .await;
    refused(house.post("/api/auth/register").json(&json!({})), 400, "VALIDATION_USERNAME_LENGTH")
        .await;
}

#[tokio::test]
async fn a_name_is_taken_without_regard_to_case() {
    let house = House::open().await;
    house.person("Alice").await;
    let body = credentials("aLICE", PASSWORD);
    refused(house.post("/api/auth/register").json(&body), 409, "USERNAME_TAKEN").await;
    given(house.post("/api/auth/login").json(&body), 200).await;
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_sound_alike() {
    let house = House::open().await;
    house.person("alice").await;
    for body in [credentials("alice", "wrong password 1"), credentials("nobody", PASSWORD)] {
        refused(house.post("/api/auth/login").json(&body), 401, "INVALID_CREDENTIALS").await;
    }
}

#[tokio::test]
async fn a_key_that_is_no_base64_is_refused_and_one_of_a_wrong_size_is_left_out() {
    let house = House::open().await;
    let body = |username: &str, key: &str| json!({ "username": username, "password": PASSWORD, "identity_pub_key": key });
    let register = house.post("/api/auth/register").json(&body("alice", "%%%"));
    refused(register, 400, "INVALID_IDENTITY_PUB_KEY_ENCODING").await;
    for (username, key) in [("alice", "QUJD"), ("bobby", "")] {
        let register = house.post("/api/auth/register").json(&body(username, key));
        let token = given(register, 201).await["token"].as_str().unwrap().to_owned();
        let me = given(house.get("/api/chat/me").bearer(&token), 200).await;
        assert_eq!(me["identity_key"], false);
    }
}

#[tokio::test]
async fn a_refresh_gives_a_new_token_and_a_new_cookie() {
    let house = House::open().await;
    let alice = house.person("alice").await;
    refused(house.post("/api/auth/refresh"), 401, "MISSING_REFRESH_TOKEN").await;
    let unknown = format!("refresh_token={}", "0".repeat(64));
    let refresh = house.post("/api/auth/refresh").header("cookie", unknown);
    refused(refresh, 401, "INVALID_REFRESH_TOKEN").await;
    let refresh = house.post("/api/auth/refresh").header("cookie", &alice.cookie);
    let answer = refresh.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let successor = cookie(answer.headers());
    assert_ne!(successor, alice.cookie);
    // Two at once are honest: both get the same successor.
    let again = house.post("/api/auth/refresh").header("cookie", &alice.cookie);
    assert_eq!(cookie(again.send().await.unwrap().headers()), successor);
}

#[tokio::test]
async fn a_logout_clears_the_cookie_and_ends_the_tokens() {
    let house = House::open().await;
    let alice = house.person("alice").await;
    let logout = house.post("/api/auth/logout").header("cookie", &alice.cookie);
    let answer = logout.bearer(&alice.token).send().await.unwrap();
    assert_eq!(answer.status(), 204);
    assert_eq!(
        answer.headers()[SET_COOKIE],
        "refresh_token=; Path=/api/auth; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; \
         SameSite=Strict; Max-Age=0"
    );
    let me = house.get("/api/chat/me").bearer(&alice.token);
    refused(me, 401, "TOKEN_REVOKED").await;
    let refresh = house.post("/api/auth/refresh").header("cookie", &alice.cookie);
    refused(refresh, 401, "INVALID_REFRESH_TOKEN").await;
    // Without anything to end it is done all the same.
    assert_eq!(house.post("/api/auth/logout").send().await.unwrap().status(), 204);
}

#[tokio::test]
async fn a_revoked_token_is_good_for_nothing_but_being_revoked() {
    let house = House::open().await;
    let alice = house.person("alice").await;
    refused(house.post("/api/auth/revoke"), 401, "MISSING_AUTHORIZATION").await;
    refused(house.post("/api/auth/revoke").bearer("x"), 401, "INVALID_TOKEN").await;
    for _ in 0..2 {
        let revoke = house.post("/api/auth/revoke").bearer(&alice.token);
        assert_eq!(revoke.send().await.unwrap().status(), 204);
    }
    refused(house.get("/api/chat/me").bearer(&alice.token), 401, "TOKEN_REVOKED").await;
}
