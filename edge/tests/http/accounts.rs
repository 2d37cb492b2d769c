//! Register, sign in, refresh, sign out.

use edge::config::variables::GUESSES_FREE;
use reqwest::header::SET_COOKIE;
use serde_json::{Value, json};

use crate::support::asking::Answer;
use crate::support::mint::Mint;
use crate::support::place::Place;
use crate::support::stories::stories;
use crate::support::{PASSWORD, cookie, given, refused};

stories! {
    registering_gives_a_token_and_two_cookies => ["POST /api/auth/register 201"];
    over_https_the_cookies_are_secure => [];
    credentials_are_judged_in_the_order_of_the_original => [
        "every 400 VALIDATION_USERNAME_LENGTH",
        "every 400 VALIDATION_USERNAME_CHARS",
        "POST /api/auth/register 400 VALIDATION_PASSWORD_LENGTH",
        "POST /api/auth/register 400 VALIDATION_PASSWORD_LATIN_DIGIT",
        "POST /api/auth/register 400 VALIDATION_PASSWORD_COMMON",
        "POST /api/auth/login 400 VALIDATION_PASSWORD_LENGTH",
        "POST /api/auth/login 400 VALIDATION_PASSWORD_LATIN_DIGIT",
    ];
    a_name_is_taken_without_regard_to_case => [
        "POST /api/auth/register 409 USERNAME_TAKEN",
        "POST /api/auth/login 200",
    ];
    a_wrong_password_and_an_unknown_name_sound_alike => [
        "POST /api/auth/login 401 INVALID_CREDENTIALS",
    ];
    door8_who_guesses_has_to_wait_and_a_known_browser_has_not => [];
    a_key_that_is_no_base64_is_refused_and_one_of_a_wrong_size_is_left_out => [
        "POST /api/auth/register 400 INVALID_IDENTITY_PUB_KEY_ENCODING",
    ];
    a_refresh_gives_a_new_token_and_a_new_cookie => [
        "POST /api/auth/refresh 200",
        "POST /api/auth/refresh 401 MISSING_REFRESH_TOKEN",
        "POST /api/auth/refresh 401 INVALID_REFRESH_TOKEN",
    ];
    a_refresh_token_ends_after_a_week => ["POST /api/auth/refresh 401 REFRESH_TOKEN_EXPIRED"];
    a_logout_clears_the_cookie_and_ends_the_tokens => ["POST /api/auth/logout 204"];
    a_revoked_token_is_good_for_nothing_but_being_revoked => ["POST /api/auth/revoke 204"];
}

fn credentials(username: &str, password: &str) -> Value {
    json!({ "username": username, "password": password })
}

/// What sets each cookie.
fn cookies(answer: &Answer) -> Vec<String> {
    let lines = answer.headers().get_all(SET_COOKIE).iter();
    lines.map(|line| line.to_str().unwrap().to_owned()).collect()
}

fn is_hexadecimal(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

async fn registering_gives_a_token_and_two_cookies(place: Place) {
    let house = place.house().await;
    let body = credentials("alice", PASSWORD);
    let answer = house.post("/api/auth/register").json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let [refresh, device] = &cookies(&answer)[..] else { panic!("two cookies") };

    let (value, attributes) = refresh.split_once("; ").unwrap();
    assert!(is_hexadecimal(value.strip_prefix("refresh_token=").unwrap(), 64), "{value}");
    let attributes: Vec<&str> = attributes.split("; ").collect();
    assert_eq!(attributes[0], "Path=/api/auth");
    assert!(attributes[1].starts_with("Expires=") && attributes[1].ends_with(" GMT"));
    assert_eq!(attributes[2..], ["HttpOnly", "SameSite=Strict"]);

    let (value, attributes) = device.split_once("; ").unwrap();
    let parts: Vec<&str> = value.strip_prefix("device=").unwrap().split('.').collect();
    assert!(parts.len() == 3 && parts.iter().all(|part| is_hexadecimal(part, part.len())));
    let lasts = "Path=/api/auth/login; Max-Age=31536000; HttpOnly; SameSite=Strict";
    assert_eq!(attributes, lasts);

    let body: Value = answer.json().await.unwrap();
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["token"]);
}

async fn over_https_the_cookies_are_secure(place: Place) {
    let https = [("DHCHAT_PUBLIC_URL", "https://chat.example.org"), ("DHCHAT_BCRYPT_COST", "12")];
    let house = place.house_with(&https).await;
    let body = credentials("alice", PASSWORD);
    let answer = house.post("/api/auth/register").json(&body).send().await.unwrap();
    assert!(cookies(&answer).iter().all(|cookie| cookie.ends_with("; Secure")));
    // Half a year is what judges of pages ask for at least.
    let secure = answer.headers()["strict-transport-security"].to_str().unwrap();
    assert_eq!(secure, "max-age=31536000; includeSubDomains");
    let answer = house.post("/api/auth/logout").send().await.unwrap();
    assert!(cookies(&answer)[0].contains("; Secure"), "{:?}", cookies(&answer));
}

async fn credentials_are_judged_in_the_order_of_the_original(place: Place) {
    let house = place.house().await;
    let cases = [
        ("ab", "short", "VALIDATION_USERNAME_LENGTH"),
        ("a.b", "short", "VALIDATION_PASSWORD_LENGTH"),
        ("a.b", "long enough", "VALIDATION_USERNAME_CHARS"),
        ("-alice", PASSWORD, "VALIDATION_USERNAME_CHARS"),
        ("алиса", PASSWORD, "VALIDATION_USERNAME_CHARS"),
        ("alice", "no digits here", "VALIDATION_PASSWORD_LATIN_DIGIT"),
        ("alice", "1234567890", "VALIDATION_PASSWORD_LATIN_DIGIT"),
    ];
    let (long_name, long_password) = ("a".repeat(33), format!("{}7", "я".repeat(128)));
    let too_long = [
        (long_name.as_str(), PASSWORD, "VALIDATION_USERNAME_LENGTH"),
        ("alice", long_password.as_str(), "VALIDATION_PASSWORD_LENGTH"),
    ];
    for (username, password, code) in cases.into_iter().chain(too_long) {
        for path in ["/api/auth/register", "/api/auth/login"] {
            let body = credentials(username, password);
            refused(house.post(path).json(&body), 400, code).await;
        }
    }
    for (username, password) in [("alice", "Password1"), ("Alice-1990", "aLICE-1990")] {
        let common = credentials(username, password);
        let register = house.post("/api/auth/register").json(&common);
        refused(register, 400, "VALIDATION_PASSWORD_COMMON").await;
    }
    refused(house.post("/api/auth/register").json(&json!({})), 400, "VALIDATION_USERNAME_LENGTH")
        .await;
    for twice in [r#"{"username":"alice","username":"bob"}"#, r#"{"password":"","password":""}"#] {
        let login = house.post("/api/auth/login").header("content-type", "application/json");
        refused(login.body(twice), 400, "INVALID_JSON").await;
    }
    // As long and as strange as may be: any script, 128 characters, a zero byte among them.
    let strange = format!("{}٣\0", "ж".repeat(126));
    let body = credentials("alice", &strange);
    given(house.post("/api/auth/register").json(&body), 201).await;
    given(house.post("/api/auth/login").json(&body), 200).await;
}

async fn a_name_is_taken_without_regard_to_case(place: Place) {
    let house = place.house().await;
    house.person("Alice").await;
    let body = credentials("aLICE", PASSWORD);
    refused(house.post("/api/auth/register").json(&body), 409, "USERNAME_TAKEN").await;
    given(house.post("/api/auth/login").json(&body), 200).await;
}

async fn a_wrong_password_and_an_unknown_name_sound_alike(place: Place) {
    let house = place.house().await;
    house.person("alice").await;
    for body in [credentials("alice", "wrong password 1"), credentials("nobody", PASSWORD)] {
        refused(house.post("/api/auth/login").json(&body), 401, "INVALID_CREDENTIALS").await;
    }
}

async fn door8_who_guesses_has_to_wait_and_a_known_browser_has_not(place: Place) {
    let house = place.house_with(&[(GUESSES_FREE.name, GUESSES_FREE.default)]).await;
    let body = credentials("alice", PASSWORD);
    let answer = house.post("/api/auth/register").json(&body).send().await.unwrap();
    let device = cookies(&answer)[1].split(';').next().unwrap().to_owned();

    let wrong = credentials("ALICE", "wrong password 1");
    let login = |body: &Value| house.post("/api/auth/login").json(body);
    for _ in 0..GUESSES_FREE.default.parse().unwrap() {
        refused(login(&wrong), 401, "INVALID_CREDENTIALS").await;
    }
    // Whoever it is, and whatever the password is.
    for body in [&wrong, &body] {
        let answer = login(body).send().await.unwrap();
        assert_eq!(answer.status(), 429);
        let seconds: u32 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=12).contains(&seconds), "{seconds}");
    }
    let blocked = r#"rate_limit_blocked_total{path="/api/auth/login",limiter_type="account"} 2"#;
    assert!(house.metrics().await.contains(blocked));

    let known = login(&body).header("cookie", &device).send().await.unwrap();
    assert_eq!(known.status(), 200);
    assert_eq!(cookies(&known).len(), 1, "a browser that is known stays known by what it has");
    // A cookie that is made up helps nobody.
    let forged = device.replace('.', ".0");
    assert_eq!(login(&body).header("cookie", &forged).send().await.unwrap().status(), 429);
}

async fn a_key_that_is_no_base64_is_refused_and_one_of_a_wrong_size_is_left_out(place: Place) {
    let house = place.house().await;
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

async fn a_refresh_gives_a_new_token_and_a_new_cookie(place: Place) {
    let house = place.house().await;
    let alice = house.person("alice").await;
    refused(house.post("/api/auth/refresh"), 401, "MISSING_REFRESH_TOKEN").await;
    for unknown in ["0".repeat(64), "no token at all".to_owned()] {
        let unknown = format!("refresh_token={unknown}");
        let refresh = house.post("/api/auth/refresh").header("cookie", unknown);
        refused(refresh, 401, "INVALID_REFRESH_TOKEN").await;
    }
    let refresh = house.post("/api/auth/refresh").header("cookie", &alice.cookie);
    let answer = refresh.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(cookies(&answer).len(), 1, "no password was given, so no browser becomes known");
    let successor = cookie(answer.headers());
    assert_ne!(successor, alice.cookie);
    // Two at once are honest: both get the same successor.
    let again = house.post("/api/auth/refresh").header("cookie", &alice.cookie);
    assert_eq!(cookie(again.send().await.unwrap().headers()), successor);
}

async fn a_refresh_token_ends_after_a_week(place: Place) {
    const WEEK_SECONDS: i64 = 7 * 24 * 60 * 60;
    let house = place.house().await;
    let alice = house.person("alice").await;
    let mint = Mint::of(&house).await;
    let expired = mint.login(&alice.token, WEEK_SECONDS + 1).await;
    let refresh = house.post("/api/auth/refresh").header("cookie", expired);
    refused(refresh, 401, "REFRESH_TOKEN_EXPIRED").await;
    let good = mint.login(&alice.token, WEEK_SECONDS - 60).await;
    given(house.post("/api/auth/refresh").header("cookie", good), 200).await;
}

async fn a_logout_clears_the_cookie_and_ends_the_tokens(place: Place) {
    let house = place.house().await;
    let alice = house.person("alice").await;
    let logout = house.post("/api/auth/logout").header("cookie", &alice.cookie);
    let answer = logout.bearer(&alice.token).send().await.unwrap();
    assert_eq!(answer.status(), 204);
    assert_eq!(
        cookies(&answer),
        ["refresh_token=; Path=/api/auth; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; \
          SameSite=Strict; Max-Age=0"]
    );
    // Nothing but the cache: the identity key stays in the browser.
    assert_eq!(answer.headers()["clear-site-data"], "\"cache\"");
    let me = house.get("/api/chat/me").bearer(&alice.token);
    refused(me, 401, "TOKEN_REVOKED").await;
    let refresh = house.post("/api/auth/refresh").header("cookie", &alice.cookie);
    refused(refresh, 401, "INVALID_REFRESH_TOKEN").await;
    // Without anything to end it is done all the same, and whatever comes with it.
    assert_eq!(house.post("/api/auth/logout").send().await.unwrap().status(), 204);
    assert_eq!(house.post("/api/auth/logout").bearer("x").send().await.unwrap().status(), 204);
}

async fn a_revoked_token_is_good_for_nothing_but_being_revoked(place: Place) {
    let house = place.house().await;
    let alice = house.person("alice").await;
    for _ in 0..2 {
        let revoke = house.post("/api/auth/revoke").bearer(&alice.token);
        assert_eq!(revoke.send().await.unwrap().status(), 204);
    }
    refused(house.get("/api/chat/me").bearer(&alice.token), 401, "TOKEN_REVOKED").await;
    // Another token of the same device is as good as before.
    let another = Mint::of(&house).await.another(&alice.token);
    given(house.get("/api/chat/me").bearer(&another), 200).await;
}
