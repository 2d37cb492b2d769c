//! What only auth and time can make: tokens that are old, Logins that have ended.

use std::sync::Arc;

use actors::clock::{Clock, SystemClock};
use actors::store::{self, NewLogin, PASSWORD_VERSION_FIRST, Store};
use actors_core::auth::access::{self, Claims};
use actors_core::auth::keys::Keys;
use actors_core::auth::refresh::RefreshToken;
use bus_schemas::auth::Client;
use bus_schemas::id::{LoginId, TokenId, UserId};
use bus_schemas::limit::{ACCESS_TOKEN_SECONDS, REFRESH_TOKEN_SECONDS};
use bus_schemas::name::Username;
use bus_schemas::time::Timestamp;

use super::House;

/// Has the keys of a house, and its store.
pub(crate) struct Mint {
    pub(crate) keys: Keys,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) now: Timestamp,
}

impl Mint {
    pub(crate) async fn of(house: &House) -> Self {
        let store = store::open(house.database_url()).await.unwrap();
        Self { keys: Keys::derive(&house.root_key()), store, now: SystemClock.now() }
    }

    /// What a token of the house says.
    pub(crate) fn claims(&self, token: &str) -> Claims {
        access::read(&self.keys.verifying(self.now), token, self.now).unwrap()
    }

    pub(crate) fn sign(&self, claims: &Claims) -> String {
        access::issue(&self.keys.signer(claims.issued_at), claims)
    }

    /// A token that ended a minute ago.
    pub(crate) fn expired(&self, token: &str) -> String {
        let issued_at = self.now.plus_seconds(-ACCESS_TOKEN_SECONDS - 60);
        let expires_at = issued_at.plus_seconds(ACCESS_TOKEN_SECONDS);
        let authenticated_at = issued_at;
        self.sign(&Claims { issued_at, expires_at, authenticated_at, ..self.claims(token) })
    }

    /// A token of somebody who does not exist.
    pub(crate) fn of_nobody(&self, token: &str) -> String {
        let claims = self.claims(token);
        let username = Username::parse("nobody").unwrap();
        self.sign(&Claims { user: UserId::from_bytes(random()), username, ..claims })
    }

    /// A second token of the same Login.
    pub(crate) fn another(&self, token: &str) -> String {
        self.sign(&Claims { token: TokenId::from_bytes(random()), ..self.claims(token) })
    }

    /// The cookie of a Login that was made so many seconds ago.
    pub(crate) async fn login(&self, token: &str, seconds_ago: i64) -> String {
        let refresh = RefreshToken::from_random(random());
        let made_at = self.now.plus_seconds(-seconds_ago);
        let login = NewLogin {
            id: LoginId::from_bytes(random()),
            user: self.claims(token).user,
            client: Client { user_agent: String::new(), address: "192.0.2.1".to_owned() },
            token: refresh.hash(),
            made_at,
            expires_at: made_at.plus_seconds(REFRESH_TOKEN_SECONDS),
            password_version: PASSWORD_VERSION_FIRST,
        };
        self.store.add_login(&login).await.unwrap();
        format!("refresh_token={}", refresh.text().expose())
    }
}

fn random<const BYTES: usize>() -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}
