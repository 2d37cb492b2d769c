//! Accounts, finding them, and their keys.

use actors::store::{KeptKey, Store, StoreError, StoredKey};
use bus_schemas::directory::{Me, Person};

use super::beside::{Beside, words};
use super::{create, hash, login, new_login, new_user, user};
use crate::support::NOW;
use crate::support::house::{key, username};
use crate::support::world::World;

pub(crate) async fn sto1_an_account_is_found_by_its_name_in_any_case(world: &mut World) {
    let store = world.open().await;
    create(&*store, 1, "Alice").await;
    for name in ["Alice", "alice", "ALICE"] {
        let account = store.account(&username(name)).await.unwrap().unwrap();
        assert_eq!(account.id, user(1));
        assert_eq!(account.username.as_str(), "Alice");
        assert_eq!(account.password_hash.expose(), "a hash");
    }
    assert!(store.account(&username("alic")).await.unwrap().is_none());
}

pub(crate) async fn sto2_a_name_is_taken_in_any_case_and_nothing_of_the_second_account_stays(
    world: &mut World,
) {
    let store = world.open().await;
    create(&*store, 1, "Alice").await;
    let second = store.create_user(&new_user(2, "aLICE"), &new_login(2, 2)).await;
    assert!(matches!(second, Err(StoreError::NameTaken)));
    assert_eq!(store.person(user(2)).await.unwrap(), None);
    assert!(store.presented(hash(2), hash(9)).await.unwrap().is_none());
    assert!(!store.login_lives(login(2), None, NOW).await.unwrap());
}

async fn found(store: &dyn Store, part: &str, limit: u32) -> Vec<String> {
    let people = store.find(part, limit).await.unwrap();
    people.into_iter().map(|person| person.username.as_str().to_owned()).collect()
}

pub(crate) async fn sto3_a_part_of_a_name_is_found_and_no_character_is_a_wildcard(
    world: &mut World,
) {
    let store = world.open().await;
    let names = ["Malice", "alice", "Bob", "a_c", "aXc", "Ali-2", "zALi", "ali_2"];
    for (number, name) in (1..).zip(names) {
        create(&*store, number, name).await;
    }
    let ordered = ["ali-2", "ali_2", "alice", "malice", "zali"];
    let folded: Vec<String> =
        found(&*store, "ali", 20).await.iter().map(|name| name.to_lowercase()).collect();
    assert_eq!(folded, ordered);
    assert_eq!(found(&*store, "ali", 2).await, ["Ali-2", "ali_2"]);
    assert_eq!(found(&*store, "a_c", 20).await, ["a_c"]);
    for nothing in ["%", "a%e", "__", "\\", "'", "кот", "al\0i"] {
        assert_eq!(found(&*store, nothing, 20).await, Vec::<String>::new(), "{nothing}");
    }
}

pub(crate) async fn sto4_others_see_a_name_and_oneself_also_whether_one_has_a_key(
    world: &mut World,
) {
    let store = world.open().await;
    create(&*store, 1, "Alice").await;
    let alice = username("Alice");
    let person = Person { id: user(1), username: alice.clone() };
    assert_eq!(store.person(user(1)).await.unwrap(), Some(person));
    let me = |has_identity_key| Me { id: user(1), username: alice.clone(), has_identity_key };
    assert_eq!(store.me(user(1)).await.unwrap(), Some(me(false)));
    store.add_key(user(1), &StoredKey { version: 1, key: key(1) }, NOW).await.unwrap();
    assert_eq!(store.me(user(1)).await.unwrap(), Some(me(true)));
    assert_eq!(store.person(user(2)).await.unwrap(), None);
    assert_eq!(store.me(user(2)).await.unwrap(), None);
}

pub(crate) async fn sto5_keys_are_appended_and_of_two_at_once_one_was_late(world: &mut World) {
    let store = world.open().await;
    create(&*store, 1, "Alice").await;
    assert_eq!(store.key(user(1)).await.unwrap(), None);
    let (first, late) =
        (StoredKey { version: 1, key: key(1) }, StoredKey { version: 1, key: key(2) });
    assert!(store.add_key(user(1), &first, NOW).await.unwrap());
    assert!(!store.add_key(user(1), &late, NOW).await.unwrap());
    assert_eq!(store.key(user(1)).await.unwrap(), Some(first));
    let second = StoredKey { version: 2, key: key(3) };
    assert!(store.add_key(user(1), &second, NOW).await.unwrap());
    assert_eq!(store.key(user(1)).await.unwrap(), Some(second));
}

pub(crate) async fn sto6_a_key_or_a_login_of_nobody_is_refused(world: &mut World) {
    let store = world.open().await;
    let refused = store.add_key(user(1), &StoredKey { version: 1, key: key(1) }, NOW).await;
    assert!(matches!(refused, Err(StoreError::UnknownUser)));
    let refused = store.add_login(&new_login(1, 1)).await;
    assert!(matches!(refused, Err(StoreError::UnknownUser)));
}

pub(crate) async fn sto15_a_user_is_noted_as_seen_once_a_minute(world: &mut World) {
    let store = world.open().await;
    create(&*store, 1, "Alice").await;
    create(&*store, 2, "Bob").await;
    store.seen(&[]).await.unwrap();
    assert_eq!(world.last_seen(user(1)).await, None);
    store.seen(&[(user(1), NOW), (user(9), NOW)]).await.unwrap();
    assert_eq!(world.last_seen(user(1)).await, Some(NOW.0));
    assert_eq!(world.last_seen(user(2)).await, None);
    let (soon, later) = (NOW.plus_seconds(59), NOW.plus_seconds(60));
    store.seen(&[(user(1), soon), (user(2), soon)]).await.unwrap();
    assert_eq!(world.last_seen(user(1)).await, Some(NOW.0));
    assert_eq!(world.last_seen(user(2)).await, Some(soon.0));
    store.seen(&[(user(1), later)]).await.unwrap();
    assert_eq!(world.last_seen(user(1)).await, Some(later.0));
}

pub(crate) async fn sto28_every_key_is_told_the_oldest_first(world: &mut World) {
    let store = world.open().await;
    create(&*store, 1, "Alice").await;
    create(&*store, 2, "Bob").await;
    assert_eq!(store.keys(user(1)).await.unwrap(), []);
    let kept = |version, first| KeptKey {
        version,
        key: key(first),
        made_at: NOW.plus_seconds(i64::from(version)),
    };
    for kept in [kept(1, 11), kept(2, 12), kept(3, 13)] {
        let stored = StoredKey { version: kept.version, key: kept.key };
        store.add_key(user(1), &stored, kept.made_at).await.unwrap();
    }
    store.add_key(user(2), &StoredKey { version: 1, key: key(21) }, NOW).await.unwrap();
    let told = store.keys(user(1)).await.unwrap();
    assert_eq!(told, [kept(1, 11), kept(2, 12), kept(3, 13)]);

    // Of a longer history the newest are told, so that the last is the present one.
    Beside::of(world)
        .await
        .say(words(
            "WITH RECURSIVE n (i) AS (SELECT 4 UNION ALL SELECT i + 1 FROM n WHERE i < 1002)
             INSERT INTO identity_keys SELECT user_id, i, public_key, made_at
             FROM n, identity_keys WHERE version = 3",
            "INSERT INTO identity_keys SELECT user_id, i, public_key, made_at
             FROM generate_series(4, 1002) AS n (i), identity_keys WHERE version = 3",
        ))
        .await;
    let told = store.keys(user(1)).await.unwrap();
    assert_eq!((told.len(), told[0].version, told[999].version), (1_000, 3, 1_002));
}
