//! Judges access tokens, mostly without asking anybody: the keys and what was revoked are kept here
//! for as long as auth leases them.
//!
//! ```text
//!   auth.lease ◀── keeper ──▶ keys, what has ended, how long both hold ──▶ claims, fence, gate
//!   auth.revoked ─────┘  └──▶ what the Sessions are told
//! ```
//!
//! Fails closed: without a lease auth is asked about each token, and what nobody can judge is
//! refused with `SERVICE_UNAVAILABLE`, never admitted.

mod ended;
mod keeper;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use actors::clock::Clock;
use actors::session::{Gate, TokenCheck, Told};
use actors_core::auth::access::{self, Claims};
use actors_core::session::Bearer;
use async_trait::async_trait;
use bus_schemas::auth::{Verify, VerifyingKey, verify};
use bus_schemas::bus::Bus;
use bus_schemas::chat::Standing;
use bus_schemas::fault::Code;
use bus_schemas::id::EdgeId;
use bus_schemas::secret::Secret;
use bus_schemas::time::{Millis, Timestamp};
use futures_util::stream::{self, BoxStream, StreamExt};
use metrics::{counter, describe_counter};
use tokio::sync::{Semaphore, broadcast, mpsc, oneshot, watch};

use self::ended::Ended;
use crate::http::health::Health;

/// What may wait to be told to the Sessions of an arbiter; beyond it they look for themselves.
const TOLD_WAITING_MAX: usize = 1_024;
/// How long auth may take to say whether one token is good.
const VERIFY_WAIT: Duration = Duration::from_secs(2);
/// Tokens that auth is asked about at once, while there is no lease.
const VERIFIED_AT_ONCE_MAX: usize = 256;
/// How long auth may take to hear that nobody has to wait for this edge.
const LEAVE_WAIT: Duration = Duration::from_secs(2);

/// Dropped once auth was told that this edge leaves.
type Leaver = oneshot::Sender<()>;

/// The keys and revocations of this edge.
pub struct Tokens {
    /// This process, from its start to its end. Nobody but auth hears of it.
    edge: EdgeId,
    bus: Arc<dyn Bus>,
    clock: Arc<dyn Clock>,
    health: Arc<Health>,
    keys: RwLock<Option<Arc<[VerifyingKey]>>>,
    ended: Ended,
    /// Until when what is known here decides, by the clock of the gate.
    fresh_until: AtomicU64,
    gate: Gate,
    told: broadcast::Sender<Told>,
    /// Whether there has been a lease.
    known: watch::Sender<bool>,
    verifying: Semaphore,
    /// Who wants to know that auth was told that this edge leaves.
    leaving: mpsc::Sender<Leaver>,
    asked_to_leave: tokio::sync::Mutex<mpsc::Receiver<Leaver>>,
}

impl Tokens {
    /// Knows nothing yet; [`Tokens::keep`] fills it.
    #[must_use]
    pub fn new(bus: Arc<dyn Bus>, clock: Arc<dyn Clock>, health: Arc<Health>) -> Self {
        let mut edge = [0; 16];
        getrandom::fill(&mut edge).expect("the system has random bytes");
        let (told, _) = broadcast::channel(TOLD_WAITING_MAX);
        let (leaving, asked_to_leave) = mpsc::channel(1);
        Self {
            edge: EdgeId::from_bytes(edge),
            bus,
            clock,
            health,
            keys: RwLock::new(None),
            ended: Ended::default(),
            fresh_until: AtomicU64::new(0),
            gate: Gate::shut(),
            told,
            known: watch::Sender::new(false),
            verifying: Semaphore::new(VERIFIED_AT_ONCE_MAX),
            leaving,
            asked_to_leave: tokio::sync::Mutex::new(asked_to_leave),
        }
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
    pub fn read(&self, token: &Secret<String>) -> Result<Claims, Code> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner).clone();
        access::read(&keys.ok_or(Code::ServiceUnavailable)?, token.expose(), self.clock.now())
    }

    /// Returns when there has been a lease: from then on this edge may open its doors.
    pub async fn until_known(&self) {
        // The sender is here; it outlives this call.
        drop(self.known.subscribe().wait_for(|known| *known).await);
    }

    /// Admits nobody from here on and shuts the gate, then tells auth that nobody has to wait for
    /// this edge.
    pub async fn leave(&self) {
        let (tell, told) = oneshot::channel();
        let said = async {
            if self.leaving.send(tell).await.is_ok() {
                drop(told.await);
            }
        };
        if tokio::time::timeout(LEAVE_WAIT, said).await.is_err() {
            tracing::warn!("auth was not told that this edge leaves; it will wait for it a while");
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
        let claims = self.read(token)?;
        counter!("jwt_revoked_checks_total").increment(1);
        let is_fresh = self.is_fresh();
        let standing = Standing { login: claims.login, token: claims.token };
        if self.ended.holds(standing) {
            return Err(Code::TokenRevoked);
        }
        if !is_fresh || self.ended.is_full() {
            self.ask_auth(standing).await?;
        }
        Ok(claims)
    }

    fn is_fresh(&self) -> bool {
        let Millis(now) = self.gate.now();
        now < self.fresh_until.load(Ordering::SeqCst)
    }

    /// What is known here may be old: auth knows.
    async fn ask_auth(&self, standing: Standing) -> Result<(), Code> {
        let _place = self.verifying.try_acquire().map_err(|_| Code::ServiceUnavailable)?;
        let Standing { login, token } = standing;
        let question = Verify { login, token: Some(token) };
        match self.bus.call(&verify(), &question, None, VERIFY_WAIT).await {
            Ok(verified) if verified.alive => Ok(()),
            Ok(_) => Err(Code::TokenRevoked),
            Err(error) => {
                tracing::debug!(%error, "nobody could judge a token");
                Err(Code::ServiceUnavailable)
            }
        }
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

    fn has_ended(&self, standing: Standing) -> bool {
        // One of too many may have been forgotten.
        self.ended.holds(standing) || self.ended.is_full()
    }

    fn gate(&self) -> Gate {
        self.gate.clone()
    }

    fn told(&self) -> BoxStream<'static, Told> {
        let told = stream::unfold(self.told.subscribe(), async |mut told| {
            let next = match told.recv().await {
                Ok(next) => next,
                Err(broadcast::error::RecvError::Lagged(_)) => Told::Missed,
                Err(broadcast::error::RecvError::Closed) => return None,
            };
            Some((next, told))
        });
        told.boxed()
    }
}
