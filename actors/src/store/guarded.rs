//! Any store behind the circuit breaker: every question has an end, a timing and a count.

use std::error::Error;
use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actors_core::auth::guessing::{Bucket, Guesses};
use actors_core::auth::refresh::RefreshHash;
use actors_core::breaker::{Breaker, Pass, Settings, State};
use async_trait::async_trait;
use bus_schemas::auth::{LoginShown, Revoked};
use bus_schemas::directory::{Me, Person};
use bus_schemas::id::{EdgeId, LoginId, TokenId, UserId};
use bus_schemas::name::Username;
use bus_schemas::secret::Secret;
use bus_schemas::time::Timestamp;

use super::{
    Account, GuessStore, KeptKey, KeyStore, LeaseAsked, LeaseGiven, LoginStore, NewLogin, NewUser,
    PasswordChange, PoolFigures, Presented, RevokedStore, Rotation, Store, StoreError, StoredKey,
    Swept, UserStore,
};
use crate::clock::Stopwatch;
use crate::metrics::{self, Query};

/// A store that is left alone for a while when it fails again and again.
pub struct Guarded<S> {
    store: S,
    breaker: Mutex<Breaker>,
    call_time_max: Duration,
    since: Stopwatch,
}

impl<S> Guarded<S> {
    /// Guards a store.
    pub fn new(store: S, settings: Settings) -> Self {
        let breaker = Breaker::new(settings);
        metrics::circuit(breaker.state());
        Self {
            store,
            breaker: Mutex::new(breaker),
            call_time_max: Duration::from_millis(settings.call_ms),
            since: Stopwatch::start(),
        }
    }

    async fn ask<T>(
        &self,
        query: Query,
        answer: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let mut trial = self.admit()?;
        let took = Stopwatch::start();
        let outcome = tokio::time::timeout(self.call_time_max, answer)
            .await
            .unwrap_or(Err(StoreError::Timeout));
        metrics::query(query, took.elapsed(), outcome.as_ref().err());
        trial.end(query, outcome.as_ref().err());
        outcome
    }

    fn admit(&self) -> Result<Trial<'_, S>, StoreError> {
        let mut breaker = self.breaker();
        let pass = breaker.admit(self.since.millis()).map_err(|_| StoreError::CircuitOpen)?;
        metrics::circuit(breaker.state());
        Ok(Trial { of: self, pass: Some(pass) })
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A question under way. If it is dropped, whoever asked has given up.
struct Trial<'a, S> {
    of: &'a Guarded<S>,
    pass: Option<Pass>,
}

impl<S> Trial<'_, S> {
    fn end(&mut self, query: Query, error: Option<&StoreError>) {
        let Some(pass) = self.pass.take() else { return };
        let mut breaker = self.of.breaker();
        let before = breaker.state();
        match error {
            Some(error @ (StoreError::Away(_) | StoreError::Timeout)) => {
                log(query, error);
                metrics::circuit_failure();
                breaker.failed(&pass, self.of.since.millis());
            }
            Some(error @ StoreError::Broken(_)) => {
                log(query, error);
                breaker.succeeded(&pass);
            }
            _ => breaker.succeeded(&pass),
        }
        note(before, breaker.state());
    }
}

/// Causes stay inside the house, so this is where they are told.
fn log(query: Query, error: &StoreError) {
    let cause = error.source().map(ToString::to_string);
    tracing::warn!(operation = query.operation(), cause, "{error}");
}

fn note(before: State, after: State) {
    metrics::circuit(after);
    match after {
        State::Open if before != State::Open => {
            tracing::error!("the store failed too often and is left alone for a while");
        }
        State::Closed if before != State::Closed => tracing::info!("the store is back"),
        State::Open | State::Closed | State::HalfOpen => {}
    }
}

impl<S> Drop for Trial<'_, S> {
    fn drop(&mut self) {
        let Some(pass) = self.pass.take() else { return };
        let mut breaker = self.of.breaker();
        breaker.abandoned(&pass, self.of.since.millis());
        metrics::circuit(breaker.state());
    }
}

#[async_trait]
impl<S: Store> UserStore for Guarded<S> {
    async fn create_user(&self, user: &NewUser, login: &NewLogin) -> Result<(), StoreError> {
        self.ask(Query::CreateUser, self.store.create_user(user, login)).await
    }

    async fn account(&self, username: &Username) -> Result<Option<Account>, StoreError> {
        self.ask(Query::FindAccount, self.store.account(username)).await
    }

    async fn account_of(&self, user: UserId) -> Result<Option<Account>, StoreError> {
        self.ask(Query::FindAccountById, self.store.account_of(user)).await
    }

    async fn set_password(
        &self,
        change: &PasswordChange,
    ) -> Result<Option<Vec<Revoked>>, StoreError> {
        self.ask(Query::SetPassword, self.store.set_password(change)).await
    }

    async fn rehash(
        &self,
        user: UserId,
        was: &Secret<String>,
        is: &Secret<String>,
    ) -> Result<(), StoreError> {
        self.ask(Query::Rehash, self.store.rehash(user, was, is)).await
    }

    async fn remove_user(&self, user: UserId, at: Timestamp) -> Result<Vec<Revoked>, StoreError> {
        self.ask(Query::RemoveUser, self.store.remove_user(user, at)).await
    }

    async fn person(&self, user: UserId) -> Result<Option<Person>, StoreError> {
        self.ask(Query::FindPerson, self.store.person(user)).await
    }

    async fn me(&self, user: UserId) -> Result<Option<Me>, StoreError> {
        self.ask(Query::FindPerson, self.store.me(user)).await
    }

    async fn find(&self, part: &str, limit: u32) -> Result<Vec<Person>, StoreError> {
        self.ask(Query::SearchUsers, self.store.find(part, limit)).await
    }

    async fn seen(&self, users: &[(UserId, Timestamp)]) -> Result<(), StoreError> {
        self.ask(Query::NoteSeen, self.store.seen(users)).await
    }
}

#[async_trait]
impl<S: Store> KeyStore for Guarded<S> {
    async fn keys(&self, user: UserId) -> Result<Vec<KeptKey>, StoreError> {
        self.ask(Query::ListKeys, self.store.keys(user)).await
    }

    async fn key(&self, user: UserId) -> Result<Option<StoredKey>, StoreError> {
        self.ask(Query::FindKey, self.store.key(user)).await
    }

    async fn add_key(
        &self,
        user: UserId,
        key: &StoredKey,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.ask(Query::AddKey, self.store.add_key(user, key, at)).await
    }
}

#[async_trait]
impl<S: Store> LoginStore for Guarded<S> {
    async fn add_login(&self, login: &NewLogin) -> Result<Vec<Revoked>, StoreError> {
        self.ask(Query::AddLogin, self.store.add_login(login)).await
    }

    async fn presented(
        &self,
        token: RefreshHash,
        successor: RefreshHash,
    ) -> Result<Option<Presented>, StoreError> {
        self.ask(Query::FindRefreshToken, self.store.presented(token, successor)).await
    }

    async fn rotate(&self, rotation: &Rotation) -> Result<bool, StoreError> {
        self.ask(Query::RotateRefreshToken, self.store.rotate(rotation)).await
    }

    async fn end_login(
        &self,
        login: LoginId,
        at: Timestamp,
    ) -> Result<Option<Revoked>, StoreError> {
        self.ask(Query::EndLogin, self.store.end_login(login, at)).await
    }

    async fn login_lives(
        &self,
        login: LoginId,
        token: Option<TokenId>,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.ask(Query::CheckLogin, self.store.login_lives(login, token, at)).await
    }

    async fn logins(&self, user: UserId, at: Timestamp) -> Result<Vec<LoginShown>, StoreError> {
        self.ask(Query::ListLogins, self.store.logins(user, at)).await
    }

    async fn owner(&self, login: LoginId) -> Result<Option<UserId>, StoreError> {
        self.ask(Query::FindOwner, self.store.owner(login)).await
    }
}

#[async_trait]
impl<S: Store> GuessStore for Guarded<S> {
    async fn guesses(&self, bucket: &Bucket) -> Result<Option<Guesses>, StoreError> {
        self.ask(Query::FindGuesses, self.store.guesses(bucket)).await
    }

    async fn guess(
        &self,
        bucket: &Bucket,
        seen: Option<Guesses>,
        next: Guesses,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.ask(Query::CountGuess, self.store.guess(bucket, seen, next, at)).await
    }

    async fn forgive(&self, bucket: &Bucket) -> Result<(), StoreError> {
        self.ask(Query::ForgetGuesses, self.store.forgive(bucket)).await
    }
}

#[async_trait]
impl<S: Store> RevokedStore for Guarded<S> {
    async fn revoke(&self, revoked: &Revoked) -> Result<(), StoreError> {
        self.ask(Query::Revoke, self.store.revoke(revoked)).await
    }

    async fn revoked(&self, at: Timestamp) -> Result<Vec<Revoked>, StoreError> {
        self.ask(Query::ListRevoked, self.store.revoked(at)).await
    }

    async fn lease(&self, asked: &LeaseAsked, at: Timestamp) -> Result<LeaseGiven, StoreError> {
        self.ask(Query::Lease, self.store.lease(asked, at)).await
    }

    async fn edges(&self, within: Duration) -> Result<Vec<EdgeId>, StoreError> {
        self.ask(Query::ListEdges, self.store.edges(within)).await
    }

    async fn sweep(&self, at: Timestamp) -> Result<Swept, StoreError> {
        self.ask(Query::Sweep, self.store.sweep(at)).await
    }
}

#[async_trait]
impl<S: Store> Store for Guarded<S> {
    async fn ping(&self) -> Result<(), StoreError> {
        self.ask(Query::Ping, self.store.ping()).await
    }

    fn pool(&self) -> PoolFigures {
        self.store.pool()
    }

    async fn close(&self) {
        self.store.close().await;
    }
}
