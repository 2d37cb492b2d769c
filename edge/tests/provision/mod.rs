//! Accounts written straight into a store, with tokens signed by the run's own root key: load and
//! chaos need hundreds of people, and none of them has to wait for a password hash.
//!
//! Any test program of this crate takes it with `#[path]`. It knows nothing that the server does
//! not: whoever has the database and the root key can do this.

#![allow(dead_code, reason = "each test program uses a part of it")]
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::sync::Arc;

use actors::clock::{Clock, SystemClock};
use actors::store::{self, NewLogin, NewUser, Store};
use actors_core::auth::access::{self, Claims};
use actors_core::auth::keys::{KEY_BYTES, Keys};
use actors_core::auth::refresh::RefreshToken;
use bus_schemas::auth::Client;
use bus_schemas::id::{LoginId, TokenId, UserId};
use bus_schemas::limit::{ACCESS_TOKEN_SECONDS, REFRESH_TOKEN_SECONDS};
use bus_schemas::name::Username;
use bus_schemas::secret::Secret;

/// The password of everybody who was made with a hash.
pub(crate) const PASSWORD: &str = "correct horse 7";
/// No hash of anything: who has it cannot sign in, and needs no bcrypt to be made.
const NO_HASH: &str = "none";

/// Where people are made.
pub(crate) struct Provision {
    store: Arc<dyn Store>,
    keys: Keys,
    password_hash: String,
}

/// Somebody who is signed in once.
#[derive(Clone, Debug)]
pub(crate) struct Resident {
    pub(crate) id: UserId,
    pub(crate) name: String,
    pub(crate) login: LoginId,
    /// An access token, good for 15 minutes from now.
    pub(crate) token: String,
    /// `refresh_token=…`, as the browser would send it.
    pub(crate) cookie: String,
}

impl Provision {
    /// People without a usable password, on the store at this URL, whose tables are there.
    pub(crate) async fn open(database_url: &str, root: &[u8; KEY_BYTES]) -> Self {
        let store = store::open(database_url).await.unwrap();
        Self { store, keys: Keys::derive(root), password_hash: NO_HASH.to_owned() }
    }

    /// The same with [`PASSWORD`], hashed once at this cost for all of them.
    pub(crate) async fn with_passwords(
        database_url: &str,
        root: &[u8; KEY_BYTES],
        cost: u32,
    ) -> Self {
        let mut provision = Self::open(database_url, root).await;
        let peppered = provision.keys.pepper(&Secret::new(PASSWORD.to_owned()));
        provision.password_hash = bcrypt::hash(peppered.expose(), cost).unwrap();
        provision
    }

    /// Somebody of this name, with one Login.
    pub(crate) async fn resident(&self, name: &str) -> Resident {
        let now = SystemClock.now();
        let username = Username::parse(name).unwrap();
        let id = UserId::from_bytes(random());
        let refresh = RefreshToken::from_random(random());
        let user = NewUser {
            id,
            username,
            password_hash: Secret::new(self.password_hash.clone()),
            made_at: now,
        };
        let login = NewLogin {
            id: LoginId::from_bytes(random()),
            user: id,
            client: Client { user_agent: String::new(), address: "192.0.2.1".to_owned() },
            token: refresh.hash(),
            made_at: now,
            expires_at: now.plus_seconds(REFRESH_TOKEN_SECONDS),
            password_version: 1,
        };
        self.store.create_user(&user, &login).await.unwrap();
        Resident {
            id,
            name: name.to_owned(),
            login: login.id,
            token: self.token(id, name, login.id),
            cookie: format!("refresh_token={}", refresh.text().expose()),
        }
    }

    /// `count` people, called `prefix-0` and so on.
    pub(crate) async fn residents(&self, prefix: &str, count: usize) -> Vec<Resident> {
        let mut residents = Vec::with_capacity(count);
        for n in 0..count {
            residents.push(self.resident(&format!("{prefix}-{n}")).await);
        }
        residents
    }

    /// The same person on another device.
    pub(crate) async fn another_login(&self, of: &Resident) -> Resident {
        let now = SystemClock.now();
        let refresh = RefreshToken::from_random(random());
        let login = NewLogin {
            id: LoginId::from_bytes(random()),
            user: of.id,
            client: Client { user_agent: String::new(), address: "192.0.2.2".to_owned() },
            token: refresh.hash(),
            made_at: now,
            expires_at: now.plus_seconds(REFRESH_TOKEN_SECONDS),
            password_version: 1,
        };
        self.store.add_login(&login).await.unwrap();
        Resident {
            login: login.id,
            token: self.token(of.id, &of.name, login.id),
            cookie: format!("refresh_token={}", refresh.text().expose()),
            ..of.clone()
        }
    }

    /// One more access token of a Login.
    pub(crate) fn token(&self, user: UserId, name: &str, login: LoginId) -> String {
        let now = SystemClock.now();
        let claims = Claims {
            user,
            username: Username::parse(name).unwrap(),
            login,
            token: TokenId::from_bytes(random()),
            issued_at: now,
            expires_at: now.plus_seconds(ACCESS_TOKEN_SECONDS),
            authenticated_at: now,
        };
        access::issue(&self.keys.signer(now), &claims)
    }
}

fn random<const BYTES: usize>() -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).expect("the system has random bytes");
    bytes
}
