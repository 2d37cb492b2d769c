//! Oneself, somebody, and a search.

use serde_json::json;

use crate::support::{BearerToken, House, given, refused};

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

#[tokio::test]
async fn oneself_has_an_id_a_name_and_a_key() {
    let house = House::open().await;
    let alice = house.person("Alice").await;
    let me = given(house.get("/api/chat/me").bearer(&alice.token), 200).await;
    assert_eq!(me, json!({ "id": alice.id, "username": "Alice", "identity_key": true }));
}

#[tokio::test]
async fn a_search_finds_parts_of_names_and_no_wildcards() {
    let house = House::open().await;
    let alice = house.person("alice").await;
    house.person("al_x").await;
    house.person("bob").await;
    let search = async |query: &str| {
        let path = format!("/api/chat/users?{query}");
        let found = given(house.get(&path).bearer(&alice.token), 200).await;
        let names = found.as_array().unwrap().iter();
        names.map(|person| person["username"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(search("username=AL").await, ["al_x", "alice"]);
    assert_eq!(search("username=%20al%20&limit=1").await, ["al_x"]);
    assert_eq!(search("username=al&limit=0").await.len(), 2);
    assert_eq!(search("username=al&limit=many").await.len(), 2);
    assert_eq!(search("username=l_").await, ["al_x"]);
    assert!(search("username=%25%25").await.is_empty());
    let refuse = async |query: &str, code: &str| {
        let path = format!("/api/chat/users?{query}");
        refused(house.get(&path).bearer(&alice.token), 400, code).await;
    };
    refuse("", "EMPTY_QUERY").await;
    refuse("username=%20", "EMPTY_QUERY").await;
    refuse("username=a", "QUERY_TOO_SHORT").await;
    refuse(&format!("username={}", "a".repeat(101)), "QUERY_TOO_LONG").await;
}

#[tokio::test]
async fn somebody_is_found_by_any_spelling_of_the_id() {
    let house = House::open().await;
    let alice = house.person("alice").await;
    let expected = json!({ "id": alice.id, "username": "alice" });
    for id in [alice.id.clone(), alice.id.to_uppercase(), alice.id.replace('-', "")] {
        let person = house.get(&format!("/api/chat/users/{id}")).bearer(&alice.token);
        assert_eq!(given(person, 200).await, expected);
    }
    let refuse = async |path: &str, status, code| {
        refused(house.get(path).bearer(&alice.token), status, code).await;
    };
    refuse(&format!("/api/chat/users/{NOBODY}"), 404, "USER_NOT_FOUND").await;
    refuse("/api/chat/users/alice", 400, "INVALID_USER_ID_FORMAT").await;
    refuse("/api/chat/users/", 400, "USER_ID_REQUIRED").await;
    refuse("/api/chat/users//identity-key", 400, "USER_ID_REQUIRED").await;
    refuse(&format!("/api/chat/users/{NOBODY}/nonsense"), 400, "INVALID_PATH").await;
}

#[tokio::test]
async fn without_a_token_nobody_is_told_anything() {
    let house = House::open().await;
    for path in [
        "/api/chat/me",
        "/api/chat/users?username=al",
        "/api/chat/users/alice",
        "/api/chat/users/alice/identity-key",
        "/api/identity/users/alice/key",
        "/api/identity/users/alice/fingerprint",
    ] {
        refused(house.get(path), 401, "MISSING_AUTHORIZATION").await;
        refused(house.get(path).bearer("x"), 401, "INVALID_TOKEN").await;
        let lower = house.get(path).header("authorization", "bearer x");
        refused(lower, 401, "MISSING_AUTHORIZATION").await;
    }
}
