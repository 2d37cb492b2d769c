//! Passwords that change, and accounts that go.

use std::sync::Arc;

use actors::store::{
    Account, PASSWORD_VERSION_FIRST, PasswordChange, Removal, Store, StoreError, StoredKey,
};
use bus_schemas::auth::Revoked;
use bus_schemas::id::{LoginId, TokenId};
use futures_util::future::join_all;

use super::beside::Beside;
use super::{create, ended, hash, login, new_login, user};
use crate::support::NOW;
use crate::support::house::{key, secret, username};
use crate::support::world::World;

/// Alice's password, from the one every user here is made with.
fn change(keep: Option<LoginId>, to: &str) -> PasswordChange {
    PasswordChange { user: user(1), keep, was: secret("a hash"), is: secret(to), at: NOW }
}

/// The end of Alice's account, by whoever knew the password of this version.
fn removal(password_version: i64) -> Removal {
    Removal { user: user(1), password_version, at: NOW }
}

async fn alice(store: &dyn Store) -> Account {
    store.account_of(user(1)).await.unwrap().unwrap()
}

pub(crate) async fn sto21_an_account_is_found_by_its_id(world: &mut World) {
    let store = world.open().await;
    create(&*store, 1, "Alice").await;
    let account = alice(&*store).await;
    assert_eq!((account.id, account.username.as_str()), (user(1), "Alice"));
    assert_eq!(account.password_hash.expose(), "a hash");
    assert_eq!(account.password_version, PASSWORD_VERSION_FIRST);
    assert!(store.account_of(user(2)).await.unwrap().is_none());
}

pub(crate) async fn sto22_another_password_ends_every_other_login_in_one_step(world: &mut World) {
    let store = world.open().await;
    create(&*store, 1, "Alice").await;
    create(&*store, 100, "Bob").await;
    for number in 2..=4 {
        store.add_login(&new_login(1, number)).await.unwrap();
    }
    let mut told = store.set_password(&change(Some(login(3)), "another")).await.unwrap().unwrap();
    told.sort_by_key(|revoked| revoked.login);
    let others = [1, 2, 4].map(|number| ended(1, number, NOW));
    assert_eq!(told, others);
    let mut listed = store.revoked(NOW).await.unwrap();
    listed.sort_by_key(|revoked| revoked.login);
    assert_eq!(listed, others);
    for (number, lives) in [(1, false), (2, false), (3, true), (4, false), (100, true)] {
        assert_eq!(store.login_lives(login(number), None, NOW).await.unwrap(), lives, "{number}");
        assert_eq!(store.presented(hash(number), hash(9)).await.unwrap().is_some(), lives);
    }
    let account = store.account(&username("alice")).await.unwrap().unwrap();
    assert_eq!(account.password_hash.expose(), "another");
    assert_eq!(account.password_version, PASSWORD_VERSION_FIRST + 1);
    let bob = store.account(&username("bob")).await.unwrap().unwrap();
    assert_eq!(bob.password_hash.expose(), "a hash");

    assert_eq!(store.set_password(&change(None, "a third")).await.unwrap(), None, "it was another");
    let nobody = PasswordChange { user: user(9), ..change(None, "any") };
    assert_eq!(store.set_password(&nobody).await.unwrap(), None);
    assert!(store.login_lives(login(3), None, NOW).await.unwrap());
}

pub(crate) async fn sto22_of_changes_at_once_from_one_password_one_is_made(world: &mut World) {
    let stores = [world.open().await, world.open().await];
    create(&*stores[0], 1, "Alice").await;
    let attempts = (0..16).map(|i| {
        let store: Arc<dyn Store> = stores[i % 2].clone();
        let change = change(None, &format!("hash {i}"));
        tokio::spawn(async move { (i, store.set_password(&change).await.unwrap()) })
    });
    let made = join_all(attempts).await.into_iter().map(Result::unwrap);
    let made: Vec<usize> = made.filter_map(|(i, told)| told.map(|_| i)).collect();
    assert_eq!(made.len(), 1);
    assert_eq!(alice(&*stores[0]).await.password_hash.expose(), &format!("hash {}", made[0]));
}

pub(crate) async fn sto22_a_change_that_cannot_end_the_logins_changes_nothing(world: &mut World) {
    let store = world.open().await;
    create(&*store, 1, "Alice").await;
    let mut beside = Beside::of(world).await;
    beside.say("ALTER TABLE revoked RENAME TO somewhere_else").await;
    store.set_password(&change(None, "another")).await.unwrap_err();
    store.remove_user(&removal(PASSWORD_VERSION_FIRST)).await.unwrap_err();
    beside.say("ALTER TABLE somewhere_else RENAME TO revoked").await;
    assert_eq!(alice(&*store).await.password_hash.expose(), "a hash");
    assert!(store.login_lives(login(1), None, NOW).await.unwrap());
    assert_eq!(store.set_password(&change(None, "x")).await.unwrap(), Some(vec![ended(1, 1, NOW)]));
}

pub(crate) async fn sto23_a_login_that_began_with_an_older_password_is_refused(world: &mut World) {
    let stores = [world.open().await, world.open().await];
    create(&*stores[0], 1, "Alice").await;
    // Each was checked against the old password. Some come before the change, and it ends them.
    let attempts = (2..=20).map(|number| {
        let store = stores[usize::from(number % 2)].clone();
        tokio::spawn(async move { store.add_login(&new_login(1, number)).await })
    });
    let change = change(None, "another");
    let (made, changed) = tokio::join!(join_all(attempts), stores[1].set_password(&change));
    assert!(changed.unwrap().is_some());
    for made in made {
        let made = made.unwrap();
        assert!(matches!(made, Ok(_) | Err(StoreError::PasswordChanged)), "{made:?}");
    }
    assert_eq!(stores[0].logins(user(1), NOW).await.unwrap(), []);
    let late = stores[0].add_login(&new_login(1, 21)).await;
    assert!(matches!(late, Err(StoreError::PasswordChanged)), "{late:?}");
    let version = alice(&*stores[0]).await.password_version;
    let mut begun = new_login(1, 21);
    begun.password_version = version;
    stores[0].add_login(&begun).await.unwrap();
    assert!(stores[0].login_lives(login(21), None, NOW).await.unwrap());
}

pub(crate) async fn sto24_another_hash_of_the_same_password_ends_nothing(world: &mut World) {
    let store = world.open().await;
    create(&*store, 1, "Alice").await;
    store.rehash(user(1), &secret("not this"), &secret("stronger")).await.unwrap();
    store.rehash(user(9), &secret("a hash"), &secret("stronger")).await.unwrap();
    assert_eq!(alice(&*store).await.password_hash.expose(), "a hash");
    store.rehash(user(1), &secret("a hash"), &secret("stronger")).await.unwrap();
    assert_eq!(alice(&*store).await.password_hash.expose(), "stronger");
    assert!(store.login_lives(login(1), None, NOW).await.unwrap());
    assert_eq!(store.revoked(NOW).await.unwrap(), []);
    store.add_login(&new_login(1, 2)).await.unwrap();
}

pub(crate) async fn sto25_removing_a_user_leaves_only_what_was_revoked(world: &mut World) {
    let store = world.open().await;
    create(&*store, 1, "Alice").await;
    create(&*store, 100, "Bob").await;
    store.add_login(&new_login(1, 2)).await.unwrap();
    store.add_key(user(1), &StoredKey { version: 1, key: key(1) }, NOW).await.unwrap();
    let token = TokenId::from_bytes([7; 16]);
    let earlier = Revoked { token: Some(token), ..ended(1, 1, NOW) };
    store.revoke(&earlier).await.unwrap();

    let mut told = store.remove_user(&removal(PASSWORD_VERSION_FIRST)).await.unwrap();
    told.sort_by_key(|revoked| revoked.login);
    assert_eq!(told, [ended(1, 1, NOW), ended(1, 2, NOW)]);
    let mut listed = store.revoked(NOW).await.unwrap();
    listed.sort_by_key(|revoked| (revoked.login, revoked.token));
    assert_eq!(listed, [ended(1, 1, NOW), earlier, ended(1, 2, NOW)]);

    assert!(store.account(&username("alice")).await.unwrap().is_none());
    assert_eq!(store.me(user(1)).await.unwrap(), None);
    assert_eq!(store.find("ali", 20).await.unwrap(), []);
    assert_eq!(store.keys(user(1)).await.unwrap(), []);
    assert_eq!(store.owner(login(2)).await.unwrap(), None);
    assert!(store.presented(hash(1), hash(9)).await.unwrap().is_none());
    assert!(!store.login_lives(login(2), None, NOW).await.unwrap());
    let late = store.add_login(&new_login(1, 3)).await;
    assert!(matches!(late, Err(StoreError::UnknownUser)), "{late:?}");
    let again = store.remove_user(&removal(PASSWORD_VERSION_FIRST)).await;
    assert!(matches!(again, Err(StoreError::UnknownUser)), "{again:?}");
    assert!(store.login_lives(login(100), None, NOW).await.unwrap());
    create(&*store, 3, "ALICE").await;
}

pub(crate) async fn sto41_a_removal_with_an_older_password_removes_nothing(world: &mut World) {
    let store = world.open().await;
    create(&*store, 1, "Alice").await;
    store.add_key(user(1), &StoredKey { version: 1, key: key(1) }, NOW).await.unwrap();
    store.set_password(&change(Some(login(1)), "another")).await.unwrap().unwrap();
    for version in [PASSWORD_VERSION_FIRST, PASSWORD_VERSION_FIRST + 2] {
        let refused = store.remove_user(&removal(version)).await;
        assert!(matches!(refused, Err(StoreError::PasswordChanged)), "{refused:?}");
    }
    assert_eq!(alice(&*store).await.password_hash.expose(), "another");
    assert!(store.login_lives(login(1), None, NOW).await.unwrap());
    assert_eq!(store.keys(user(1)).await.unwrap().len(), 1);
    assert_eq!(store.revoked(NOW).await.unwrap(), []);

    store.rehash(user(1), &secret("another"), &secret("stronger")).await.unwrap();
    let present = alice(&*store).await.password_version;
    let told = store.remove_user(&removal(present)).await.unwrap();
    assert_eq!(told, [ended(1, 1, NOW)], "another hash of the same password refuses nobody");
}

pub(crate) async fn sto41_of_a_removal_and_a_change_at_once_the_later_is_refused(
    world: &mut World,
) {
    let stores = [world.open().await, world.open().await];
    for round in 0..10 {
        create(&*stores[0], 1, "Alice").await;
        let (checked, change) = (removal(PASSWORD_VERSION_FIRST), change(None, "another"));
        // In every other round the change has an earlier start.
        let (removed, changed) = if round % 2 == 0 {
            tokio::join!(stores[0].remove_user(&checked), stores[1].set_password(&change))
        } else {
            let (changed, removed) =
                tokio::join!(stores[1].set_password(&change), stores[0].remove_user(&checked));
            (removed, changed)
        };
        if changed.unwrap().is_some() {
            assert!(matches!(removed, Err(StoreError::PasswordChanged)), "{removed:?}");
            let present = alice(&*stores[0]).await.password_version;
            stores[0].remove_user(&removal(present)).await.unwrap();
        } else {
            assert_eq!(removed.unwrap(), [ended(1, 1, NOW)]);
        }
        assert!(stores[1].account_of(user(1)).await.unwrap().is_none());
    }
}
