//! A password that somebody gives: counted first, in one place for all replicas, then looked at.
//!
//! Who guesses at the same name takes turns up to the count, so that of any number of guesses at
//! once only those that are counted, and one more, take a place in the pool from somebody else.

use actors_core::auth::guessing::{Bucket, Guesses, Verdict, judge};
use bus_schemas::fault::Code;
use bus_schemas::secret::Secret;
use bus_schemas::verbs::Refusal;

use tokio::sync::{Mutex, MutexGuard};

use super::Auth;
use super::hasher::Place;

/// Whoever loses the count to another replica is judged against that one. Each of them uses up a
/// free guess, so that this is enough to be either counted or told to wait.
const JUDGED_TIMES_MAX: usize = 8;
/// Queues in one replica: as many as answers under way, so that two names seldom meet. If they do,
/// one waits for the other's three questions to the store, and not for a hash.
const TURNS: usize = 64;

/// The queues of those who guess, one for a part of all names and Logins.
pub(super) struct Turns([Mutex<()>; TURNS]);

impl Default for Turns {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::default()))
    }
}

impl Turns {
    async fn take(&self, bucket: &Bucket) -> MutexGuard<'_, ()> {
        let [first, ..] = *bucket.as_bytes();
        self.0[usize::from(first) % TURNS].lock().await
    }
}

/// A guess that was not counted yet: its turn, and the place where it may be hashed.
pub(super) struct Attempt<'a> {
    turn: MutexGuard<'a, ()>,
    place: Place,
}

impl Auth {
    /// A turn at this name or Login, and a place in the pool, or a refusal at once: it comes before
    /// the store is asked anything, so that a storm costs little and a full pool no guess.
    pub(super) async fn attempt(&self, whose: &Bucket) -> Result<Attempt<'_>, Code> {
        // A turn is worth waiting for only where it may lead to a place.
        self.hasher.room()?;
        let turn = self.turns.take(whose).await;
        Ok(Attempt { turn, place: self.hasher.place()? })
    }

    /// Whether this is the password that was hashed; without a hash it is none, after the same
    /// steps.
    pub(super) async fn is_right(
        &self,
        attempt: Attempt<'_>,
        bucket: &Bucket,
        password: &Secret<String>,
        hash: Option<&Secret<String>>,
    ) -> Result<bool, Refusal> {
        let counted = self.count_guess(bucket).await?;
        let Attempt { turn, place } = attempt;
        // Nobody waits for a hash but whose it is.
        drop(turn);
        let right = self.hasher.check(place, password, hash).await?;
        if right {
            self.store.forgive(bucket).await?;
        } else {
            self.warn_if_slower(counted);
        }
        Ok(right)
    }

    /// Counts a guess as wrong before anybody looks at it, so that of any number at once only as
    /// many are looked at as may be.
    async fn count_guess(&self, bucket: &Bucket) -> Result<Guesses, Refusal> {
        for _ in 0..JUDGED_TIMES_MAX {
            let seen = self.store.guesses(bucket).await?;
            let now = self.clock.now();
            let next = match judge(seen, self.guessing, now) {
                Verdict::Evaluate(next) => next,
                Verdict::Wait { seconds } => return Err(too_early(seconds)),
            };
            if self.store.guess(bucket, seen, next, now).await? {
                return Ok(next);
            }
        }
        Err(too_early(1))
    }

    /// Somebody is guessing. Whom it concerns is not written down.
    fn warn_if_slower(&self, counted: Guesses) {
        if self.guessing.slows_down(counted.failures) {
            let pause_seconds = self.guessing.pause_seconds(counted.failures);
            tracing::warn!(
                failures = counted.failures,
                pause_seconds,
                "too many wrong passwords in a row; the next one has to wait"
            );
        }
    }
}

fn too_early(seconds: u32) -> Refusal {
    Refusal { code: Code::TooManyRequests, retry_after_seconds: Some(seconds) }
}
