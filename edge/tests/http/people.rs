//! Oneself, somebody, and a search.

use serde_json::json;

use crate::support::place::Place;
use crate::support::stories::stories;
use crate::support::{given, refused};

stories! {
    oneself_has_an_id_a_name_and_a_key => ["GET /api/chat/me 200"];
    a_search_finds_parts_of_names_and_no_wildcards => ["GET /api/chat/users 200"];
    a_search_has_a_length => [
        "GET /api/chat/users 400 EMPTY_QUERY",
        "GET /api/chat/users 400 QUERY_TOO_SHORT",
        "GET /api/chat/users 400 QUERY_TOO_LONG",
    ];
    somebody_is_found_by_any_spelling_of_the_id => [
        "GET /api/chat/users/{id} 200",
        "GET /api/chat/users/{id} 404 USER_NOT_FOUND",
        "elsewhere 400 INVALID_PATH",
    ];
}

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

async fn oneself_has_an_id_a_name_and_a_key(place: Place) {
    let house = place.house().await;
    let alice = house.person("Alice").await;
    let me = given(house.get("/api/chat/me").bearer(&alice.token), 200).await;
    assert_eq!(me, json!({ "id": alice.id, "username": "Alice", "identity_key": true }));
}

async fn a_search_finds_parts_of_names_and_no_wildcards(place: Place) {
    let house = place.house().await;
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
    assert_eq!(search("username=al&limit=101").await.len(), 2);
    assert_eq!(search("username=al&limit=many").await.len(), 2);
    assert_eq!(search("username=al&limit=").await.len(), 2);
    assert_eq!(search("username=al&more=1").await.len(), 2);
    assert_eq!(search("username=l_").await, ["al_x"]);
    // Nobody is called by these, and no store stumbles over them.
    for nothing in ["%25%25", "a%00l", "%FF%FE", "a%0Al", "%F0%9F%98%80%F0%9F%98%80", "%5C%5C"] {
        assert!(search(&format!("username={nothing}")).await.is_empty(), "{nothing}");
    }
}

async fn a_search_has_a_length(place: Place) {
    let house = place.house().await;
    let alice = house.person("alice").await;
    let search = |query: &str| house.get(&format!("/api/chat/users?{query}")).bearer(&alice.token);
    for empty in ["", "username=", "username=%20%20"] {
        refused(search(empty), 400, "EMPTY_QUERY").await;
    }
    for short in ["username=a", "username=%20a%20", "username=%D1%8F"] {
        refused(search(short), 400, "QUERY_TOO_SHORT").await;
    }
    for long in ["a".repeat(101), format!("al{}", "%20".repeat(99)), "%D1%8F".repeat(101)] {
        refused(search(&format!("username={long}")), 400, "QUERY_TOO_LONG").await;
    }
    given(search(&format!("username={}", "%D1%8F".repeat(100))), 200).await;
}

async fn somebody_is_found_by_any_spelling_of_the_id(place: Place) {
    let house = place.house().await;
    let alice = house.person("alice").await;
    let expected = json!({ "id": alice.id, "username": "alice" });
    let spellings = [
        alice.id.clone(),
        alice.id.to_uppercase(),
        alice.id.replace('-', ""),
        format!("%7B{}%7D", alice.id),
        format!("urn:uuid:{}", alice.id),
    ];
    for id in spellings {
        let person = house.get(&format!("/api/chat/users/{id}")).bearer(&alice.token);
        assert_eq!(given(person, 200).await, expected);
    }
    let refuse = async |path: &str, status, code| {
        refused(house.get(path).bearer(&alice.token), status, code).await;
    };
    refuse(&format!("/api/chat/users/{NOBODY}"), 404, "USER_NOT_FOUND").await;
    for path in [
        format!("/api/chat/users/{NOBODY}/nonsense"),
        format!("/api/chat/users/{NOBODY}/identity-key/more"),
        format!("/api/identity/users/{NOBODY}"),
        format!("/api/identity/users/{NOBODY}/nonsense"),
    ] {
        refuse(&path, 400, "INVALID_PATH").await;
    }
}
