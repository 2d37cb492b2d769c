//! Judges access tokens without asking anybody: the keys and what was revoked are kept here.
//!
//! Fails closed: before auth has told its keys, and while revocations may have been missed, no
//! token is good. What cannot be told apart is refused with `SERVICE_UNAVAILABLE`, never admitted.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use actors::clock::Clock;
use actors::session::TokenCheck;
use actors_core::auth::access::{self, Claims};
use actors_core::session::Bearer;
use async_trait::async_trait;
use bus_schemas::auth::{AskSnapshot, Revoked, Snapshot, VerifyingKey, revoked, snapshot};
use bus_schemas::bus::{Bus, BusStatus};
use bus_schemas::fault::Code;
use bus_schemas::id::{LoginId, TokenId};
use bus_schemas::secret::Secret;
use bus_schemas::time::Timestamp;
use bus_schemas::verbs::CallError;
use futures_util::StreamExt;
use metrics::{counter, describe_counter};
use moka::Expiry;
use moka::future::Cache;
use tokio::sync::Mutex;

use crate::http::health::{Health, Watched};

/// Revocations that are kept. They last at most as long as an access token; beyond this number
/// nothing is admitted, because one of them might have been forgotten.
const REVOKED_MAX: u64 = 1_000_000;
/// Revocations that may wait while the last one is kept.
const REVOKED_WAITING_MAX: usize = 1_024;
/// How long auth may take to answer.
const SNAPSHOT_WAIT: Duration = Duration::from_secs(3);
/// How soon auth is asked again after it gave no answer.
const SNAPSHOT_AGAIN: Duration = Duration::from_millis(500);
/// How often an unknown key name may make us ask auth: names are free to invent.
const UNKNOWN_KEY_EVERY: Duration = Duration::from_secs(1);

/// What was ended: one token, or all of a Login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Ended {
    Token(TokenId),
    Login(LoginId),
}

/// How long a revocation is remembered, in seconds from when it was learnt.
struct UntilExpiry;

impl Expiry<Ended, Duration> for UntilExpiry {
    fn expire_after_create(&self, _: &Ended, lasts: &Duration, _: Instant) -> Option<Duration> {
        Some(*lasts)
    }
}

/// The keys and revocations of this edge.
pub struct Tokens {
    bus: Arc<dyn Bus>,
    clock: Arc<dyn Clock>,
    health: Arc<Health>,
    /// Absent while tokens cannot be judged.
    keys: RwLock<Option<Arc<[VerifyingKey]>>>,
    ended: Cache<Ended, Duration>,
    /// When auth was last asked because of a key that nobody here knows.
    asked: Mutex<Option<Instant>>,
}

impl Tokens {
    /// Knows nothing yet; [`Tokens::keep`] fills it.
    #[must_use]
    pub fn new(bus: Arc<dyn Bus>, clock: Arc<dyn Clock>, health: Arc<Health>) -> Self {
        let ended = Cache::builder().max_capacity(REVOKED_MAX).expire_after(UntilExpiry).build();
        Self { bus, clock, health, keys: RwLock::new(None), ended, asked: Mutex::new(None) }
    }

    /// The claims of a good token that was not revoked.
    pub async fn claims(&self, token: &Secret<String>) -> Result<Claims, Code> {
        counter!("jwt_validations_total").increment(1);
        let verdict = self.judge(token).await;
        if verdict.is_err() {
            counter!("jwt_validations_failed_total").increment(1);
        }
        verdict
    }

    /// The claims of a good token, revoked or not: for whoever wants to revoke it.
    pub async fn read(&self, token: &Secret<String>) -> Result<Claims, Code> {
        let now = self.clock.now();
        let keys = self.keys().ok_or(Code::ServiceUnavailable)?;
        let named = access::key_id(token.expose()).ok_or(Code::InvalidToken)?;
        if keys.iter().any(|key| key.id == named) {
            return access::read(&keys, token.expose(), now);
        }
        self.ask_for(&named).await;
        let keys = self.keys().ok_or(Code::ServiceUnavailable)?;
        access::read(&keys, token.expose(), now)
    }

    /// Keeps keys and revocations for as long as the process runs: listens first, then asks for
    /// the whole, so that nothing falls between; and anew whenever something may have been missed.
    pub async fn keep(self: Arc<Self>) {
        loop {
            if let Err(error) = self.follow().await {
                tracing::warn!(%error, "auth does not tell its keys");
            }
            self.forget_keys();
            tokio::time::sleep(SNAPSHOT_AGAIN).await;
        }
    }

    /// Describes the metrics and lets them begin at 0.
    pub fn register_metrics() {
        describe_counter!("jwt_validations_total", "Access tokens judged.");
        describe_counter!("jwt_validations_failed_total", "Access tokens refused.");
        describe_counter!("jwt_revoked_checks_total", "Access tokens looked up as revoked.");
        for name in
            ["jwt_validations_total", "jwt_validations_failed_total", "jwt_revoked_checks_total"]
        {
            counter!(name).absolute(0);
        }
    }

    async fn judge(&self, token: &Secret<String>) -> Result<Claims, Code> {
        let claims = self.read(token).await?;
        counter!("jwt_revoked_checks_total").increment(1);
        if self.ended.entry_count() >= REVOKED_MAX {
            return Err(Code::ServiceUnavailable);
        }
        let ended = self.ended.contains_key(&Ended::Token(claims.token))
            || self.ended.contains_key(&Ended::Login(claims.login));
        if ended { Err(Code::TokenRevoked) } else { Ok(claims) }
    }

    /// Returns when something may have been missed.
    async fn follow(&self) -> Result<(), CallError> {
        let mut statuses = self.bus.status_changes();
        let mut told = self.bus.hear(&revoked(), None, REVOKED_WAITING_MAX).await?;
        self.load().await?;
        loop {
            tokio::select! {
                status = statuses.next() => match status {
                    Some(BusStatus::Up) => {}
                    Some(BusStatus::Away) | None => return Ok(()),
                },
                entry = told.next() => match entry {
                    Some(Ok(entry)) => self.end(&entry).await,
                    Some(Err(_)) | None => return Ok(()),
                },
            }
        }
    }

    async fn load(&self) -> Result<(), CallError> {
        let Snapshot { keys, revoked } =
            self.bus.call(&snapshot(), &AskSnapshot {}, None, SNAPSHOT_WAIT).await?;
        for entry in &revoked {
            self.end(entry).await;
        }
        self.set_keys(Some(keys.into()));
        Ok(())
    }

    async fn end(&self, entry: &Revoked) {
        let Timestamp(now) = self.clock.now();
        let lasts = u64::try_from(entry.until.0.saturating_sub(now)).unwrap_or(0);
        let ended = entry.token.map_or(Ended::Login(entry.login), Ended::Token);
        self.ended.insert(ended, Duration::from_secs(lasts.saturating_add(1))).await;
    }

    /// Asks auth about a key nobody here knows, one question at a time and not too often.
    async fn ask_for(&self, named: &str) {
        let mut asked = self.asked.lock().await;
        let known = self.keys().is_some_and(|keys| keys.iter().any(|key| key.id == named));
        let lately = asked.is_some_and(|at| at.elapsed() < UNKNOWN_KEY_EVERY);
        if known || lately {
            return;
        }
        *asked = Some(Instant::now());
        if let Err(error) = self.load().await {
            tracing::warn!(%error, "auth does not tell its keys");
        }
    }

    fn keys(&self) -> Option<Arc<[VerifyingKey]>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn forget_keys(&self) {
        self.set_keys(None);
    }

    fn set_keys(&self, keys: Option<Arc<[VerifyingKey]>>) {
        self.health.tell(Watched::Tokens, keys.is_some());
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }
}

#[async_trait]
impl TokenCheck for Tokens {
    async fn check(&self, token: &Secret<String>) -> Result<Bearer, Code> {
        let claims = self.claims(token).await?;
        let Timestamp(now) = self.clock.now();
        let seconds = u64::try_from(claims.expires_at.0.saturating_sub(now)).unwrap_or(0);
        Ok(Bearer {
            user: claims.user,
            login: claims.login,
            token: claims.token,
            expires_in_ms: seconds.saturating_mul(1_000),
        })
    }
}
