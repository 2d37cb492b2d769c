//! What has ended: single access tokens, and whole Logins.

use std::time::{Duration, Instant};

use bus_schemas::auth::Revoked;
use bus_schemas::chat::Standing;
use bus_schemas::id::{LoginId, TokenId};
use bus_schemas::time::Timestamp;
use moka::Expiry;
use moka::future::Cache;

/// Revocations that are kept. They last at most as long as an access token; beyond this number
/// nothing is judged here, because one of them might have been forgotten.
const ENDED_MAX: u64 = 1_000_000;
/// How much longer an entry is kept than it says: a clock elsewhere may be behind.
const KEPT_LONGER_SECONDS: u64 = 60;
/// The longest that an entry is kept, whatever it says: many times the life of a token, and of any
/// difference between clocks. What came by the bus must not stay for ever.
const KEPT_SECONDS_MAX: u64 = 24 * 60 * 60;

/// One token, or all of a Login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum What {
    Token(TokenId),
    Login(LoginId),
}

/// What has ended and has not expired by itself.
pub(super) struct Ended {
    kept: Cache<What, Duration>,
}

impl Default for Ended {
    fn default() -> Self {
        let kept = Cache::builder().max_capacity(ENDED_MAX).expire_after(UntilExpiry).build();
        Self { kept }
    }
}

impl Ended {
    /// Keeps an entry; whether it is new here.
    pub(super) async fn keep(&self, entry: &Revoked, now: Timestamp) -> bool {
        let what = entry.token.map_or(What::Login(entry.login), What::Token);
        let is_new = !self.kept.contains_key(&what);
        self.kept.insert(what, lasts(entry, now)).await;
        is_new
    }

    /// Whether either of the two that a Session stands on has ended.
    pub(super) fn holds(&self, standing: Standing) -> bool {
        self.kept.contains_key(&What::Token(standing.token))
            || self.kept.contains_key(&What::Login(standing.login))
    }

    /// Whether something may have been forgotten.
    pub(super) fn is_full(&self) -> bool {
        self.kept.entry_count() >= ENDED_MAX
    }
}

/// How long an entry is kept that is learnt at this moment.
fn lasts(entry: &Revoked, Timestamp(now): Timestamp) -> Duration {
    let left = u64::try_from(entry.until.0.saturating_sub(now)).unwrap_or(0);
    Duration::from_secs(left.saturating_add(KEPT_LONGER_SECONDS).min(KEPT_SECONDS_MAX))
}

/// How long an entry is kept, from when it was learnt; a repeat may make it longer.
struct UntilExpiry;

impl Expiry<What, Duration> for UntilExpiry {
    fn expire_after_create(&self, _: &What, lasts: &Duration, _: Instant) -> Option<Duration> {
        Some(*lasts)
    }

    fn expire_after_update(
        &self,
        _: &What,
        lasts: &Duration,
        _: Instant,
        left: Option<Duration>,
    ) -> Option<Duration> {
        left.map_or(Some(*lasts), |left| Some(left.max(*lasts)))
    }
}

#[cfg(test)]
mod tests {
    use bus_schemas::id::UserId;

    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000);

    fn standing(login: u8, token: u8) -> Standing {
        Standing {
            login: LoginId::from_bytes([login; 16]),
            token: TokenId::from_bytes([token; 16]),
        }
    }

    fn revoked(login: u8, token: Option<u8>) -> Revoked {
        Revoked {
            user: UserId::from_bytes([1; 16]),
            login: LoginId::from_bytes([login; 16]),
            token: token.map(|token| TokenId::from_bytes([token; 16])),
            until: NOW.plus_seconds(900),
        }
    }

    #[tokio::test]
    async fn revoke1_a_token_ends_alone_and_a_login_with_all_of_its_tokens() {
        let ended = Ended::default();
        assert!(ended.keep(&revoked(1, Some(7)), NOW).await);
        assert!(!ended.keep(&revoked(1, Some(7)), NOW).await, "told before");
        assert!(ended.holds(standing(1, 7)));
        assert!(!ended.holds(standing(1, 8)));
        assert!(ended.keep(&revoked(1, None), NOW).await);
        assert!(ended.holds(standing(1, 8)));
        assert!(!ended.holds(standing(2, 8)));
    }

    #[tokio::test]
    async fn revoke1_an_entry_that_has_expired_by_itself_is_kept_a_little_longer() {
        let ended = Ended::default();
        assert!(ended.keep(&revoked(1, Some(7)), NOW.plus_seconds(10_000)).await);
        assert!(ended.holds(standing(1, 7)));
    }

    #[test]
    fn revoke8_an_entry_is_kept_for_a_day_at_most_whatever_it_says() {
        for (until, seconds) in [(900, 960), (i64::MAX, 24 * 60 * 60), (i64::MIN, 60)] {
            let entry = Revoked { until: Timestamp(until), ..revoked(1, None) };
            assert_eq!(lasts(&entry, Timestamp(0)), Duration::from_secs(seconds), "{until}");
        }
    }
}
