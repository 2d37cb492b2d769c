//! The rules of the store; each gets a world with an empty one.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

pub(crate) mod accounts;
pub(crate) mod beside;
pub(crate) mod guesses;
pub(crate) mod leases;
pub(crate) mod logins;
pub(crate) mod outages;
pub(crate) mod search;
pub(crate) mod tables;
pub(crate) mod users;

use actors::store::{NewLogin, NewUser, PASSWORD_VERSION_FIRST, Rotation, Store};
use actors_core::auth::refresh::{RefreshHash, RefreshToken};
use bus_schemas::auth::Revoked;
use bus_schemas::id::{LoginId, UserId};
use bus_schemas::limit::LOGIN_REVOKED_SECONDS;
use bus_schemas::secret::Secret;
use bus_schemas::time::Timestamp;

use crate::support::NOW;
use crate::support::house::{client, username};

/// The end of a whole Login, as it is told.
pub(crate) fn ended(of: u8, number: u8, at: Timestamp) -> Revoked {
    let until = at.plus_seconds(LOGIN_REVOKED_SECONDS);
    Revoked { user: user(of), login: login(number), token: None, until }
}

pub(crate) fn hash(number: u8) -> RefreshHash {
    RefreshToken::from_random([number; 32]).hash()
}

pub(crate) fn user(number: u8) -> UserId {
    UserId::from_bytes([number; 16])
}

pub(crate) fn login(number: u8) -> LoginId {
    LoginId::from_bytes([number; 16])
}

/// Login `number` of a user, whose first token is `number` as well and lives for 100 s.
pub(crate) fn new_login(of: u8, number: u8) -> NewLogin {
    NewLogin {
        id: login(number),
        user: user(of),
        client: client(),
        token: hash(number),
        made_at: NOW,
        expires_at: NOW.plus_seconds(100),
        password_version: PASSWORD_VERSION_FIRST,
    }
}

pub(crate) fn new_user(number: u8, name: &str) -> NewUser {
    NewUser {
        id: user(number),
        username: username(name),
        password_hash: Secret::new("a hash".to_owned()),
        made_at: NOW,
    }
}

/// User `number` with Login `number`.
pub(crate) async fn create(store: &dyn Store, number: u8, name: &str) {
    store.create_user(&new_user(number, name), &new_login(number, number)).await.unwrap();
}

/// One token takes another's place, and lives for 100 s more.
pub(crate) fn rotation(from: u8, to: u8, at: Timestamp) -> Rotation {
    Rotation {
        presented: hash(from),
        successor: hash(to),
        at,
        expires_at: at.plus_seconds(100),
        client: client(),
    }
}
