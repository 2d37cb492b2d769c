//! A password that somebody gives: counted first, in one place for all replicas, then looked at.

use actors_core::auth::guessing::{Bucket, Guesses, Verdict, judge};
use bus_schemas::fault::Code;
use bus_schemas::secret::Secret;
use bus_schemas::verbs::Refusal;

use super::Auth;

/// Whoever loses the count to another is judged against that one. Each of them uses up a free
/// guess, so that this is enough to be either counted or told to wait.
const JUDGED_TIMES_MAX: usize = 8;

impl Auth {
    /// Whether this is the password that was hashed; without a hash it is none, after the same
    /// steps.
    ///
    /// A place for the hash is taken before the guess is counted, so that a full pool costs no
    /// guess; the guess is counted before the password is looked at, so that of any number of
    /// callers at once only as many are answered as may be.
    pub(super) async fn is_right(
        &self,
        bucket: &Bucket,
        password: &Secret<String>,
        hash: Option<&Secret<String>>,
    ) -> Result<bool, Refusal> {
        let mut place = None;
        for _ in 0..JUDGED_TIMES_MAX {
            let seen = self.store.guesses(bucket).await?;
            let now = self.clock.now();
            let next = match judge(seen, self.guessing, now) {
                Verdict::Evaluate(next) => next,
                Verdict::Wait { seconds } => return Err(too_early(seconds)),
            };
            let taken = match place.take() {
                Some(taken) => taken,
                None => self.hasher.place()?,
            };
            if !self.store.guess(bucket, seen, next, now).await? {
                place = Some(taken);
                continue;
            }
            let right = self.hasher.check(taken, password, hash).await?;
            if right {
                self.store.forgive(bucket).await?;
            } else {
                self.warn_if_slower(next);
            }
            return Ok(right);
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
