//! One's own account: the devices signed in, the password, and the end of it.

use edge::config::variables::GUESSES_FREE;
use reqwest::header::SET_COOKIE;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::support::asking::Request;
use crate::support::mint::Mint;
use crate::support::place::Place;
use crate::support::stories::stories;
use crate::support::{House, PASSWORD, Person, cookie, given, refused, text};

stories! {
    one_sees_one_s_devices_and_which_of_them_asks => ["GET /api/auth/logins 200"];
    a_device_is_signed_out_from_another => [
        "DELETE /api/auth/logins/{id} 204",
        "DELETE /api/auth/logins/{id} 404 LOGIN_NOT_FOUND",
        "DELETE /api/auth/logins/{id} 400 INVALID_LOGIN_ID_FORMAT",
    ];
    who_signs_the_own_device_out_loses_its_cookie => [];
    door5_a_new_password_signs_every_other_device_out => ["POST /api/auth/password 204"];
    door4_a_new_password_keeps_the_rules_and_the_old_one_must_be_right => [
        "POST /api/auth/password 400 VALIDATION_PASSWORD_LENGTH",
        "POST /api/auth/password 400 VALIDATION_PASSWORD_LATIN_DIGIT",
        "POST /api/auth/password 400 VALIDATION_PASSWORD_COMMON",
        "POST /api/auth/password 401 INVALID_CREDENTIALS",
    ];
    door8_who_guesses_with_a_stolen_token_has_to_wait_too => [];
    door5_an_account_is_removed_with_everything_it_had => [
        "DELETE /api/auth/account 204",
        "DELETE /api/auth/account 401 INVALID_CREDENTIALS",
    ];
    nobody_is_left_to_be_asked_about => [
        "GET /api/chat/me 404 USER_NOT_FOUND",
        "POST /api/auth/password 404 USER_NOT_FOUND",
        "DELETE /api/auth/account 404 USER_NOT_FOUND",
        "POST /api/identity/update-public-key 404 USER_NOT_FOUND",
    ];
}

const NEW: &str = "tr0ub4dor and three";

/// Signs in once more, as another browser would.
async fn signs_in(house: &House, name: &str, user_agent: &str, password: &str) -> Person {
    let body = json!({ "username": name, "password": password });
    let login = house.post("/api/auth/login").header("user-agent", user_agent).json(&body);
    let answer = login.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let cookie = cookie(answer.headers());
    Person { id: String::new(), token: text(&answer.json().await.unwrap(), "token"), cookie }
}

async fn devices(house: &House, person: &Person) -> Vec<Value> {
    let logins = given(house.get("/api/auth/logins").bearer(&person.token), 200).await;
    logins.as_array().unwrap().clone()
}

fn passwords(old: &str, new: &str) -> Value {
    json!({ "old_password": old, "new_password": new })
}

fn moment(login: &Value, field: &str) -> OffsetDateTime {
    OffsetDateTime::parse(login[field].as_str().unwrap(), &Rfc3339).unwrap()
}

async fn one_sees_one_s_devices_and_which_of_them_asks(place: Place) {
    let house = place.house_with(&[("DHCHAT_TRUSTED_PROXIES", "127.0.0.1")]).await;
    let alice = house.person("alice").await;
    house.person("bob").await;
    let body = json!({ "username": "alice", "password": PASSWORD });
    let phone = house.post("/api/auth/login").header("user-agent", "a phone").json(&body);
    let phone = given(phone.header("x-forwarded-for", "2001:db8::7"), 200).await;

    let logins = given(house.get("/api/auth/logins").bearer(&text(&phone, "token")), 200).await;
    let [newest, oldest] = &logins.as_array().unwrap()[..] else { panic!("two of {logins}") };
    let mut fields: Vec<&str> = newest.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["address", "current", "id", "made_at", "used_at", "user_agent"]);
    assert_eq!(
        (&newest["user_agent"], &newest["address"]),
        (&json!("a phone"), &json!("2001:db8::7"))
    );
    assert_eq!((&newest["current"], &oldest["current"]), (&json!(true), &json!(false)));
    assert_eq!(oldest["address"], "127.0.0.1");
    assert!(moment(newest, "made_at") <= moment(newest, "used_at"));
    let asked = devices(&house, &alice).await;
    assert!(asked[0]["current"] == false && asked[1]["current"] == true, "{asked:?}");
}

async fn a_device_is_signed_out_from_another(place: Place) {
    let house = place.house().await;
    let (alice, bob) = (house.person("alice").await, house.person("bob").await);
    let phone = signs_in(&house, "alice", "a phone", PASSWORD).await;
    let id = text(&devices(&house, &phone).await[0], "id");
    let end = |id: &str, token: &str| house.delete(&format!("/api/auth/logins/{id}")).bearer(token);
    // Somebody else's device is none.
    refused(end(&id, &bob.token), 404, "LOGIN_NOT_FOUND").await;
    refused(end(&alice.id, &alice.token), 404, "LOGIN_NOT_FOUND").await;
    refused(end("the-phone", &alice.token), 400, "INVALID_LOGIN_ID_FORMAT").await;

    let ended = end(&id.to_uppercase(), &alice.token).send().await.unwrap();
    assert_eq!(ended.status(), 204);
    assert!(!ended.headers().contains_key(SET_COOKIE));
    refused(house.get("/api/chat/me").bearer(&phone.token), 401, "TOKEN_REVOKED").await;
    let refresh = house.post("/api/auth/refresh").header("cookie", &phone.cookie);
    refused(refresh, 401, "INVALID_REFRESH_TOKEN").await;
    refused(end(&id, &alice.token), 404, "LOGIN_NOT_FOUND").await;
    assert_eq!(devices(&house, &alice).await.len(), 1);
}

async fn who_signs_the_own_device_out_loses_its_cookie(place: Place) {
    let house = place.house().await;
    let alice = house.person("alice").await;
    let id = text(&devices(&house, &alice).await[0], "id");
    let end = house.delete(&format!("/api/auth/logins/{id}")).bearer(&alice.token);
    let ended = end.send().await.unwrap();
    assert_eq!(ended.status(), 204);
    assert_eq!(cookie(ended.headers()), "refresh_token=");
    refused(house.get("/api/chat/me").bearer(&alice.token), 401, "TOKEN_REVOKED").await;
}

async fn door5_a_new_password_signs_every_other_device_out(place: Place) {
    let house = place.house().await;
    let alice = house.person("alice").await;
    let phone = signs_in(&house, "alice", "a phone", PASSWORD).await;
    let change = house.post("/api/auth/password").bearer(&alice.token);
    let changed = change.json(&passwords(PASSWORD, NEW)).send().await.unwrap();
    assert_eq!(changed.status(), 204);
    assert!(!changed.headers().contains_key(SET_COOKIE), "the cookie goes on as it is");

    refused(house.get("/api/chat/me").bearer(&phone.token), 401, "TOKEN_REVOKED").await;
    let refresh = |cookie: &str| house.post("/api/auth/refresh").header("cookie", cookie);
    refused(refresh(&phone.cookie), 401, "INVALID_REFRESH_TOKEN").await;
    given(house.get("/api/chat/me").bearer(&alice.token), 200).await;
    given(refresh(&alice.cookie), 200).await;

    let old = json!({ "username": "alice", "password": PASSWORD });
    refused(house.post("/api/auth/login").json(&old), 401, "INVALID_CREDENTIALS").await;
    signs_in(&house, "alice", "a phone", NEW).await;
}

async fn door4_a_new_password_keeps_the_rules_and_the_old_one_must_be_right(place: Place) {
    let house = place.house().await;
    let alice = house.person("alice-1990").await;
    let change = |old: &str, new: &str| {
        house.post("/api/auth/password").bearer(&alice.token).json(&passwords(old, new))
    };
    for (new, code) in [
        ("short 1", "VALIDATION_PASSWORD_LENGTH"),
        ("no digits here", "VALIDATION_PASSWORD_LATIN_DIGIT"),
        ("Password1", "VALIDATION_PASSWORD_COMMON"),
        ("Alice-1990", "VALIDATION_PASSWORD_COMMON"),
    ] {
        refused(change(PASSWORD, new), 400, code).await;
    }
    let empty = house.post("/api/auth/password").bearer(&alice.token).json(&json!({}));
    refused(empty, 400, "VALIDATION_PASSWORD_LENGTH").await;
    for old in ["wrong password 1", "", "x"] {
        refused(change(old, NEW), 401, "INVALID_CREDENTIALS").await;
    }
    // The token is as good as before: there is nothing to refresh.
    given(house.get("/api/chat/me").bearer(&alice.token), 200).await;
    assert_eq!(change(PASSWORD, NEW).send().await.unwrap().status(), 204);
}

async fn door8_who_guesses_with_a_stolen_token_has_to_wait_too(place: Place) {
    let house = place.house_with(&[(GUESSES_FREE.name, GUESSES_FREE.default)]).await;
    let alice = house.person("alice").await;
    let farewell = |password: &str| {
        let body = json!({ "password": password });
        house.delete("/api/auth/account").bearer(&alice.token).json(&body)
    };
    let change = || {
        let body = passwords("wrong password 1", NEW);
        house.post("/api/auth/password").bearer(&alice.token).json(&body)
    };
    let free: usize = GUESSES_FREE.default.parse().unwrap();
    for n in 0..free {
        let guess = if n % 2 == 0 { farewell("wrong password 1") } else { change() };
        refused(guess, 401, "INVALID_CREDENTIALS").await;
    }
    let waits = async |request: Request| {
        let answer = request.send().await.unwrap();
        assert!(answer.status() == 429 && answer.headers().contains_key("retry-after"));
    };
    waits(farewell(PASSWORD)).await;
    waits(change()).await;
    let page = house.metrics().await;
    for path in ["/api/auth/account", "/api/auth/password"] {
        let blocked =
            format!("rate_limit_blocked_total{{path=\"{path}\",limiter_type=\"account\"}} 1");
        assert!(page.contains(&blocked), "{blocked} in\n{page}");
    }
    // The owner, who has no part in it, signs in as ever.
    signs_in(&house, "alice", "a phone", PASSWORD).await;
}

async fn door5_an_account_is_removed_with_everything_it_had(place: Place) {
    let house = place.house().await;
    let (alice, bob) = (house.person("alice").await, house.person("bob").await);
    let phone = signs_in(&house, "alice", "a phone", PASSWORD).await;
    let remove = |body: &Value| house.delete("/api/auth/account").bearer(&alice.token).json(body);
    for wrong in [json!({ "password": "wrong password 1" }), json!({})] {
        refused(remove(&wrong), 401, "INVALID_CREDENTIALS").await;
    }
    let removed = remove(&json!({ "password": PASSWORD })).send().await.unwrap();
    assert_eq!(removed.status(), 204);
    let cookies: Vec<&str> =
        removed.headers().get_all(SET_COOKIE).iter().map(|line| line.to_str().unwrap()).collect();
    let [refresh, device] = cookies[..] else { panic!("two of {cookies:?}") };
    assert!(refresh.starts_with("refresh_token=; Path=/api/auth;"), "{refresh}");
    assert!(device.starts_with("device=; Path=/api/auth/login;"), "{device}");
    assert!(cookies.iter().all(|line| line.ends_with("; Max-Age=0")));

    for token in [&alice.token, &phone.token] {
        refused(house.get("/api/chat/me").bearer(token), 401, "TOKEN_REVOKED").await;
    }
    let who = house.get(&format!("/api/chat/users/{}", alice.id)).bearer(&bob.token);
    refused(who, 404, "USER_NOT_FOUND").await;
    let history = house.get(&format!("/api/identity/users/{}/history", alice.id));
    refused(history.bearer(&bob.token), 404, "IDENTITY_KEY_NOT_FOUND").await;
    let login = json!({ "username": "alice", "password": PASSWORD });
    refused(house.post("/api/auth/login").json(&login), 401, "INVALID_CREDENTIALS").await;
    // The name is free again, and whoever takes it is somebody else.
    assert_ne!(house.person("Alice").await.id, alice.id);
}

async fn nobody_is_left_to_be_asked_about(place: Place) {
    let house = place.house().await;
    let alice = house.person("alice").await;
    let token = Mint::of(&house).await.of_nobody(&alice.token);
    let change = house.post("/api/auth/password").json(&passwords(PASSWORD, NEW));
    let remove = house.delete("/api/auth/account").json(&json!({ "password": PASSWORD }));
    let key = json!({ "public_key": crate::support::PUBLIC_KEY });
    let publish = house.post("/api/identity/update-public-key").json(&key);
    for request in [house.get("/api/chat/me"), change, remove, publish] {
        refused(request.bearer(&token), 404, "USER_NOT_FOUND").await;
    }
    assert!(given(house.get("/api/auth/logins").bearer(&token), 200).await == json!([]));
}
