//! Logins, their refresh tokens, and what was revoked.

use std::sync::Arc;

use actors::store::{LeaseAsked, Rotation, Store, Swept};
use actors_core::auth::guessing::{Bucket, Guesses};
use actors_core::auth::refresh::{Found, Used};
use bus_schemas::auth::{Client, LoginShown, Revoked};
use bus_schemas::id::{EdgeId, TokenId};
use bus_schemas::limit::LOGIN_REVOKED_SECONDS;
use futures_util::future::join_all;

use super::beside::Beside;
use super::{create, ended, hash, login, new_login, rotation, user};
use crate::support::NOW;
use crate::support::house::client;
use crate::support::world::World;

pub(crate) async fn sto7_of_parallel_rotations_one_wins(world: &mut World) {
    // Two processes with connections of their own.
    let stores = [world.open().await, world.open().await];
    create(&*stores[0], 1, "Alice").await;
    for round in 0..10u8 {
        let (from, to) = (round + 1, round + 2);
        let attempts = (0..24).map(|i| {
            let store: Arc<dyn Store> = stores[i % 2].clone();
            tokio::spawn(async move { store.rotate(&rotation(from, to, NOW)).await.unwrap() })
        });
        let won = join_all(attempts).await.into_iter().filter(|won| *won.as_ref().unwrap());
        assert_eq!(won.count(), 1, "round {round}");
    }
}

pub(crate) async fn sto8_a_presented_token_is_told_with_its_use_and_its_successor(
    world: &mut World,
) {
    let store = world.open().await;
    create(&*store, 1, "Alice").await;
    let presented = store.presented(hash(1), hash(2)).await.unwrap().unwrap();
    assert_eq!(presented.login, login(1));
    assert_eq!(presented.user, user(1));
    assert_eq!(presented.username.as_str(), "Alice");
    assert_eq!(presented.authenticated_at, NOW);
    assert_eq!(presented.token, Found { expires_at: NOW.plus_seconds(100), used: None });
    assert_eq!(presented.successor_expires_at, None);

    let at = NOW.plus_seconds(10);
    assert!(store.rotate(&rotation(1, 2, at)).await.unwrap());
    let presented = store.presented(hash(1), hash(2)).await.unwrap().unwrap();
    assert_eq!(presented.authenticated_at, NOW, "a rotation is no password");
    assert_eq!(presented.token.used, Some(Used { at, successor_used: false }));
    assert_eq!(presented.successor_expires_at, Some(at.plus_seconds(100)));

    assert!(store.rotate(&rotation(2, 3, at)).await.unwrap());
    let presented = store.presented(hash(1), hash(2)).await.unwrap().unwrap();
    assert_eq!(presented.token.used, Some(Used { at, successor_used: true }));
    assert!(store.presented(hash(9), hash(2)).await.unwrap().is_none());
}

pub(crate) async fn sto9_a_token_that_ended_or_was_used_or_is_unknown_does_not_rotate(
    world: &mut World,
) {
    let store = world.open().await;
    create(&*store, 1, "Alice").await;
    assert!(!store.rotate(&rotation(9, 2, NOW)).await.unwrap(), "unknown");
    assert!(!store.rotate(&rotation(1, 2, NOW.plus_seconds(100))).await.unwrap(), "ended");
    assert!(store.presented(hash(2), hash(3)).await.unwrap().is_none(), "nothing was left");
    assert!(store.rotate(&rotation(1, 2, NOW.plus_seconds(99))).await.unwrap());
    assert!(!store.rotate(&rotation(1, 2, NOW.plus_seconds(99))).await.unwrap(), "used");
}

pub(crate) async fn sto10_a_user_has_5_logins_and_the_oldest_are_ended(world: &mut World) {
    let store = world.open().await;
    create(&*store, 1, "Alice").await;
    create(&*store, 100, "Bob").await;
    for number in 2..=5 {
        assert_eq!(store.add_login(&new_login(1, number)).await.unwrap(), []);
    }
    assert_eq!(store.add_login(&new_login(1, 6)).await.unwrap(), [ended(1, 1, NOW)]);
    assert!(!store.login_lives(login(1), None, NOW).await.unwrap());
    assert!(store.presented(hash(1), hash(9)).await.unwrap().is_none());
    for number in [2, 3, 4, 5, 6, 100] {
        assert!(store.login_lives(login(number), None, NOW).await.unwrap(), "{number}");
    }
    assert_eq!(store.revoked(NOW).await.unwrap(), [ended(1, 1, NOW)]);
}

pub(crate) async fn sto10_logins_made_at_once_are_counted_as_well(world: &mut World) {
    let store = world.open().await;
    create(&*store, 1, "Alice").await;
    let attempts = (2..=20).map(|number| {
        let store = store.clone();
        tokio::spawn(async move { store.add_login(&new_login(1, number)).await.unwrap() })
    });
    let told: usize = join_all(attempts).await.into_iter().map(|told| told.unwrap().len()).sum();
    assert_eq!(told, 15);
    let mut living = 0;
    for number in 1..=20 {
        living += usize::from(store.login_lives(login(number), None, NOW).await.unwrap());
    }
    assert_eq!(living, 5);
}

pub(crate) async fn sto11_ending_a_login_revokes_it_once(world: &mut World) {
    let store = world.open().await;
    create(&*store, 1, "Alice").await;
    store.rotate(&rotation(1, 2, NOW)).await.unwrap();
    assert_eq!(store.end_login(login(1), NOW).await.unwrap(), Some(ended(1, 1, NOW)));
    for token in [1, 2] {
        assert!(store.presented(hash(token), hash(9)).await.unwrap().is_none());
    }
    assert!(!store.rotate(&rotation(2, 3, NOW)).await.unwrap());
    assert_eq!(store.revoked(NOW).await.unwrap(), [ended(1, 1, NOW)]);
    assert_eq!(store.end_login(login(1), NOW).await.unwrap(), None);
    assert_eq!(store.end_login(login(9), NOW).await.unwrap(), None);
    assert_eq!(store.revoked(NOW).await.unwrap().len(), 1);
}

pub(crate) async fn sto12_a_login_lives_while_it_has_an_unused_token(world: &mut World) {
    let store = world.open().await;
    create(&*store, 1, "Alice").await;
    assert!(store.login_lives(login(1), None, NOW.plus_seconds(99)).await.unwrap());
    assert!(!store.login_lives(login(1), None, NOW.plus_seconds(100)).await.unwrap());
    store.rotate(&rotation(1, 2, NOW.plus_seconds(50))).await.unwrap();
    assert!(store.login_lives(login(1), None, NOW.plus_seconds(149)).await.unwrap());
    assert!(!store.login_lives(login(1), None, NOW.plus_seconds(150)).await.unwrap());
    assert!(!store.login_lives(login(9), None, NOW).await.unwrap());
}

pub(crate) async fn sto13_a_revocation_may_be_repeated_and_the_later_end_holds(world: &mut World) {
    let store = world.open().await;
    let one = |until| Revoked {
        user: user(1),
        login: login(1),
        token: Some(TokenId::from_bytes([7; 16])),
        until: NOW.plus_seconds(until),
    };
    for until in [10, 30, 20] {
        store.revoke(&one(until)).await.unwrap();
    }
    let whole = ended(1, 1, NOW);
    store.revoke(&whole).await.unwrap();
    let mut told = store.revoked(NOW.plus_seconds(29)).await.unwrap();
    told.sort_by_key(|revoked| revoked.until);
    assert_eq!(told, [one(30), whole.clone()]);
    assert_eq!(store.revoked(NOW.plus_seconds(30)).await.unwrap(), [whole]);
}

pub(crate) async fn sto14_a_sweep_removes_what_has_ended_and_nothing_else(world: &mut World) {
    let store = world.open().await;
    create(&*store, 1, "Alice").await;
    store.add_login(&new_login(1, 2)).await.unwrap();
    store.rotate(&rotation(2, 3, NOW.plus_seconds(50))).await.unwrap();
    store.revoke(&ended(1, 7, NOW.plus_seconds(-LOGIN_REVOKED_SECONDS))).await.unwrap();
    store.revoke(&ended(1, 8, NOW)).await.unwrap();

    assert_eq!(
        store.sweep(NOW.plus_seconds(99)).await.unwrap(),
        Swept { revoked: 1, ..Swept::default() }
    );
    assert_eq!(store.revoked(NOW).await.unwrap(), [ended(1, 8, NOW)]);
    let swept = store.sweep(NOW.plus_seconds(100)).await.unwrap();
    assert_eq!(swept, Swept { refresh_tokens: 2, ..Swept::default() });
    assert_eq!(store.end_login(login(1), NOW).await.unwrap(), None, "a Login without tokens goes");
    assert!(store.login_lives(login(2), None, NOW.plus_seconds(149)).await.unwrap());
    assert!(store.presented(hash(3), hash(4)).await.unwrap().is_some());
}

pub(crate) async fn sto26_the_logins_of_a_user_are_listed_the_newest_first(world: &mut World) {
    let store = world.open().await;
    create(&*store, 1, "Alice").await;
    create(&*store, 100, "Bob").await;
    store.add_login(&new_login(1, 2)).await.unwrap();
    let shown =
        |number| LoginShown { id: login(number), client: client(), made_at: NOW, used_at: NOW };
    assert_eq!(store.logins(user(1), NOW).await.unwrap(), [shown(2), shown(1)]);
    assert_eq!(store.logins(user(9), NOW).await.unwrap(), []);
    assert_eq!(store.owner(login(1)).await.unwrap(), Some(user(1)));
    assert_eq!(store.owner(login(100)).await.unwrap(), Some(user(100)));

    let elsewhere = Client { user_agent: "a phone".to_owned(), address: "2001:db8::1".to_owned() };
    let at = NOW.plus_seconds(50);
    let used = Rotation { client: elsewhere.clone(), ..rotation(1, 3, at) };
    assert!(store.rotate(&used).await.unwrap());
    let used = LoginShown { client: elsewhere, used_at: at, ..shown(1) };
    assert_eq!(store.logins(user(1), at).await.unwrap(), [shown(2), used.clone()]);
    // The second could not be refreshed any more.
    assert_eq!(store.logins(user(1), NOW.plus_seconds(100)).await.unwrap(), [used]);
    store.end_login(login(1), at).await.unwrap();
    assert_eq!(store.logins(user(1), at).await.unwrap(), [shown(2)]);
    assert_eq!(store.owner(login(1)).await.unwrap(), None);
}

pub(crate) async fn sto27_a_login_does_not_live_with_a_token_that_is_revoked(world: &mut World) {
    let store = world.open().await;
    create(&*store, 1, "Alice").await;
    create(&*store, 2, "Bob").await;
    let (one, other) = (TokenId::from_bytes([7; 16]), TokenId::from_bytes([8; 16]));
    let until = NOW.plus_seconds(50);
    store
        .revoke(&Revoked { user: user(1), login: login(1), token: Some(one), until })
        .await
        .unwrap();
    assert!(!store.login_lives(login(1), Some(one), NOW).await.unwrap());
    assert!(store.login_lives(login(1), Some(one), until).await.unwrap(), "it has expired");
    assert!(store.login_lives(login(1), Some(other), NOW).await.unwrap());
    assert!(store.login_lives(login(1), None, NOW).await.unwrap());
    assert!(store.login_lives(login(2), Some(one), NOW).await.unwrap(), "of another Login");

    store.revoke(&Revoked { user: user(1), login: login(1), token: None, until }).await.unwrap();
    for token in [None, Some(one), Some(other)] {
        assert!(!store.login_lives(login(1), token, NOW).await.unwrap(), "{token:?}");
    }
}

pub(crate) async fn sto35_a_sweep_forgets_guesses_and_edges_after_a_day_of_quiet(
    world: &mut World,
) {
    let store = world.open().await;
    let mut beside = Beside::of(world).await;
    let (quiet, paused) = (Bucket::of("name:alice"), Bucket::of("name:bob"));
    let next = |seconds| Guesses { failures: 1, next_at: NOW.plus_seconds(seconds) };
    store.guess(&quiet, None, next(0), NOW).await.unwrap();
    store.guess(&paused, None, next(10), NOW).await.unwrap();
    let asked =
        LeaseAsked { edge: EdgeId::from_bytes([1; 16]), mark: None, after: None, leaving: false };
    store.lease(&asked, NOW).await.unwrap();
    beside.age_edges(86_390).await;

    let day = NOW.plus_seconds(86_400);
    assert_eq!(store.sweep(day.plus_seconds(-1)).await.unwrap(), Swept::default());
    assert_eq!(beside.number("SELECT count(*) FROM edges").await, 1);
    assert_eq!(store.sweep(day).await.unwrap(), Swept { guesses: 1, ..Swept::default() });
    assert_eq!(store.guesses(&quiet).await.unwrap(), None);
    assert_eq!(store.guesses(&paused).await.unwrap(), Some(next(10)));
    beside.age_edges(20).await;
    let swept = store.sweep(day.plus_seconds(10)).await.unwrap();
    assert_eq!(swept, Swept { guesses: 1, ..Swept::default() });
    assert_eq!(beside.number("SELECT count(*) FROM edges").await, 0);
}

pub(crate) async fn sto35_sweeps_at_once_remove_everything_once(world: &mut World) {
    let stores = [world.open().await, world.open().await];
    for number in 1..=20 {
        create(&*stores[0], number, &format!("user{number}")).await;
    }
    let end = NOW.plus_seconds(100);
    let sweeps = (0..8).map(|i| {
        let store: Arc<dyn Store> = stores[i % 2].clone();
        tokio::spawn(async move { store.sweep(end).await.unwrap().refresh_tokens })
    });
    let swept: u64 = join_all(sweeps).await.into_iter().map(Result::unwrap).sum();
    assert_eq!(swept, 20);
}
