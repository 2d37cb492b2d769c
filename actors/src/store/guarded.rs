//! Any store behind circuit breakers: every question has an end, a timing and a count.

use std::time::Duration;

use actors_core::auth::guessing::{Bucket, Guesses};
use actors_core::auth::refresh::RefreshHash;
use actors_core::breaker::Settings;
use async_trait::async_trait;
use bus_schemas::auth::{LoginShown, Revoked};
use bus_schemas::directory::{Me, Person};
use bus_schemas::id::{EdgeId, LoginId, TokenId, UserId};
use bus_schemas::name::Username;
use bus_schemas::secret::Secret;
use bus_schemas::time::Timestamp;

use super::circuit::Circuit;
use super::{
    Account, GuessStore, KeptKey, KeyStore, LeaseAsked, LeaseGiven, LoginStore, NewLogin, NewUser,
    PasswordChange, PoolFigures, Presented, Removal, RevokedStore, Rotation, Store, StoreError,
    StoredKey, Swept, UserStore,
};
use crate::metrics::{CircuitName, Query};

/// How soon leases are asked for again after they failed, at most. Without one an edge lets nobody
/// in, and a conversation waits no longer for its people than the pause of the other breakers
/// lasts: a database that was away for a moment would end it. One question a second is all it costs.
const LEASES_OPEN_MS: u64 = 1_000;

/// A store that is left alone for a while when it fails again and again.
pub struct Guarded<S> {
    store: S,
    database: Circuit,
    /// When somebody was last seen may wait: what fails there shuts nobody out, and what fails
    /// elsewhere is not forgotten because this went well.
    last_seen: Circuit,
    /// Leases are asked for again soon.
    leases: Circuit,
}

impl<S> Guarded<S> {
    /// Guards a store.
    pub fn new(store: S, settings: Settings) -> Self {
        Self {
            store,
            database: Circuit::new(CircuitName::Database, settings),
            last_seen: Circuit::new(CircuitName::LastSeen, settings),
            leases: Circuit::new(
                CircuitName::Leases,
                Settings { open_ms: settings.open_ms.min(LEASES_OPEN_MS), ..settings },
            ),
        }
    }
}

#[async_trait]
impl<S: Store> UserStore for Guarded<S> {
    async fn create_user(&self, user: &NewUser, login: &NewLogin) -> Result<(), StoreError> {
        self.database.ask(Query::CreateUser, self.store.create_user(user, login)).await
    }

    async fn account(&self, username: &Username) -> Result<Option<Account>, StoreError> {
        self.database.ask(Query::FindAccount, self.store.account(username)).await
    }

    async fn account_of(&self, user: UserId) -> Result<Option<Account>, StoreError> {
        self.database.ask(Query::FindAccountById, self.store.account_of(user)).await
    }

    async fn set_password(
        &self,
        change: &PasswordChange,
    ) -> Result<Option<Vec<Revoked>>, StoreError> {
        self.database.ask(Query::SetPassword, self.store.set_password(change)).await
    }

    async fn rehash(
        &self,
        user: UserId,
        was: &Secret<String>,
        is: &Secret<String>,
    ) -> Result<(), StoreError> {
        self.database.ask(Query::Rehash, self.store.rehash(user, was, is)).await
    }

    async fn remove_user(&self, removal: &Removal) -> Result<Vec<Revoked>, StoreError> {
        self.database.ask(Query::RemoveUser, self.store.remove_user(removal)).await
    }

    async fn person(&self, user: UserId) -> Result<Option<Person>, StoreError> {
        self.database.ask(Query::FindPerson, self.store.person(user)).await
    }

    async fn me(&self, user: UserId) -> Result<Option<Me>, StoreError> {
        self.database.ask(Query::FindPerson, self.store.me(user)).await
    }

    async fn find(&self, part: &str, limit: u32) -> Result<Vec<Person>, StoreError> {
        self.database.ask(Query::SearchUsers, self.store.find(part, limit)).await
    }

    async fn seen(&self, users: &[(UserId, Timestamp)]) -> Result<(), StoreError> {
        self.last_seen.ask(Query::NoteSeen, self.store.seen(users)).await
    }
}

#[async_trait]
impl<S: Store> KeyStore for Guarded<S> {
    async fn keys(&self, user: UserId) -> Result<Vec<KeptKey>, StoreError> {
        self.database.ask(Query::ListKeys, self.store.keys(user)).await
    }

    async fn key(&self, user: UserId) -> Result<Option<StoredKey>, StoreError> {
        self.database.ask(Query::FindKey, self.store.key(user)).await
    }

    async fn add_key(
        &self,
        user: UserId,
        key: &StoredKey,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.database.ask(Query::AddKey, self.store.add_key(user, key, at)).await
    }
}

#[async_trait]
impl<S: Store> LoginStore for Guarded<S> {
    async fn add_login(&self, login: &NewLogin) -> Result<Vec<Revoked>, StoreError> {
        self.database.ask(Query::AddLogin, self.store.add_login(login)).await
    }

    async fn presented(
        &self,
        token: RefreshHash,
        successor: RefreshHash,
    ) -> Result<Option<Presented>, StoreError> {
        self.database.ask(Query::FindRefreshToken, self.store.presented(token, successor)).await
    }

    async fn rotate(&self, rotation: &Rotation) -> Result<bool, StoreError> {
        self.database.ask(Query::RotateRefreshToken, self.store.rotate(rotation)).await
    }

    async fn end_login(
        &self,
        login: LoginId,
        at: Timestamp,
    ) -> Result<Option<Revoked>, StoreError> {
        self.database.ask(Query::EndLogin, self.store.end_login(login, at)).await
    }

    async fn login_lives(
        &self,
        login: LoginId,
        token: Option<TokenId>,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.database.ask(Query::CheckLogin, self.store.login_lives(login, token, at)).await
    }

    async fn logins(&self, user: UserId, at: Timestamp) -> Result<Vec<LoginShown>, StoreError> {
        self.database.ask(Query::ListLogins, self.store.logins(user, at)).await
    }

    async fn owner(&self, login: LoginId) -> Result<Option<UserId>, StoreError> {
        self.database.ask(Query::FindOwner, self.store.owner(login)).await
    }
}

#[async_trait]
impl<S: Store> GuessStore for Guarded<S> {
    async fn guesses(&self, bucket: &Bucket) -> Result<Option<Guesses>, StoreError> {
        self.database.ask(Query::FindGuesses, self.store.guesses(bucket)).await
    }

    async fn guess(
        &self,
        bucket: &Bucket,
        seen: Option<Guesses>,
        next: Guesses,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.database.ask(Query::CountGuess, self.store.guess(bucket, seen, next, at)).await
    }

    async fn forgive(&self, bucket: &Bucket) -> Result<(), StoreError> {
        self.database.ask(Query::ForgetGuesses, self.store.forgive(bucket)).await
    }
}

#[async_trait]
impl<S: Store> RevokedStore for Guarded<S> {
    async fn revoke(&self, revoked: &Revoked) -> Result<(), StoreError> {
        self.database.ask(Query::Revoke, self.store.revoke(revoked)).await
    }

    async fn revoked(&self, at: Timestamp) -> Result<Vec<Revoked>, StoreError> {
        self.database.ask(Query::ListRevoked, self.store.revoked(at)).await
    }

    async fn lease(&self, asked: &LeaseAsked, at: Timestamp) -> Result<LeaseGiven, StoreError> {
        self.leases.ask(Query::Lease, self.store.lease(asked, at)).await
    }

    async fn edges(&self, within: Duration) -> Result<Vec<EdgeId>, StoreError> {
        self.database.ask(Query::ListEdges, self.store.edges(within)).await
    }

    async fn forget_edges(&self, edges: &[EdgeId], silent: Duration) -> Result<(), StoreError> {
        self.database.ask(Query::ForgetEdges, self.store.forget_edges(edges, silent)).await
    }

    async fn sweep(&self, at: Timestamp) -> Result<Swept, StoreError> {
        self.database.ask(Query::Sweep, self.store.sweep(at)).await
    }
}

#[async_trait]
impl<S: Store> Store for Guarded<S> {
    async fn ping(&self) -> Result<(), StoreError> {
        self.database.ask(Query::Ping, self.store.ping()).await
    }

    fn pool(&self) -> PoolFigures {
        self.store.pool()
    }

    async fn close(&self) {
        self.store.close().await;
    }
}
