//! A password that somebody gives: counted first, in one place for all replicas, then looked at.
//!
//! Who guesses at the same bucket takes turns up to the count, so that of any number of guesses
//! at once only those that are counted take a place in the pool from somebody else.

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
/// Queues of buckets in one replica: as many as answers under way, so that two buckets seldom
/// meet. If they do, one waits for the other's two questions to the store, and not for a hash.
const TURNS: usize = 64;

/// The queues of those who guess, one for a part of all buckets.
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

impl Auth {
    /// Whether this is the password that was hashed; without a hash it is none, after the same
    /// steps.
    pub(super) async fn is_right(
        &self,
        bucket: &Bucket,
        password: &Secret<String>,
        hash: Option<&Secret<String>>,
    ) -> Result<bool, Refusal> {
        let (counted, place) = self.count_guess(bucket).await?;
        let right = self.hasher.check(place, password, hash).await?;
        if right {
            self.store.forgive(bucket).await?;
        } else {
            self.warn_if_slower(counted);
        }
        Ok(right)
    }

    /// Counts a guess as wrong before anybody looks at it, so that of any number at once only as
    /// many are looked at as may be. Before that it takes a place for the hash, so that a full
    /// pool costs no guess.
    async fn count_guess(&self, bucket: &Bucket) -> Result<(Guesses, Place), Refusal> {
        let _turn = self.turns.take(bucket).await;
        let mut taken = None;
        for _ in 0..JUDGED_TIMES_MAX {
            let seen = self.store.guesses(bucket).await?;
            let now = self.clock.now();
            let next = match judge(seen, self.guessing, now) {
                Verdict::Evaluate(next) => next,
                Verdict::Wait { seconds } => return Err(too_early(seconds)),
            };
            let place = match taken.take() {
                Some(place) => place,
                None => self.hasher.place()?,
            };
            if self.store.guess(bucket, seen, next, now).await? {
                return Ok((next, place));
            }
            taken = Some(place);
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
