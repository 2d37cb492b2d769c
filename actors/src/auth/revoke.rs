//! Access tokens that must not be taken any more: stored first, then told to every edge.

use bus_schemas::auth::Revoked;
use bus_schemas::fault::Code;
use bus_schemas::id::{LoginId, UserId};
use bus_schemas::limit::LOGIN_REVOKED_SECONDS;

use super::Auth;
use super::telling::Ended;
use crate::metrics::{self, Tokens};

/// How long a revocation is kept at least, though its token expires sooner: a Session outlives its
/// token where that cannot be renewed, and an edge may hear of the revocation late. Long after
/// that, it has let its sockets go.
const KEPT_SECONDS_MIN: i64 = 5 * 60;

impl Auth {
    /// Revokes one access token, or ends a whole Login if none is named.
    pub(super) async fn revoke(&self, asked: Revoked) -> Result<Ended, Code> {
        if asked.token.is_none() {
            return self.end_login(asked.user, asked.login).await;
        }
        let now = self.clock.now();
        // No token lives longer, whatever an edge says: a row that is never swept would stay.
        let (least, most) =
            (now.plus_seconds(KEPT_SECONDS_MIN), now.plus_seconds(LOGIN_REVOKED_SECONDS));
        let revoked = Revoked { until: asked.until.clamp(least, most), ..asked };
        self.store.revoke(&revoked).await?;
        metrics::tokens(Tokens::AccessRevoked, 1);
        Ok(Ended::committed(vec![revoked]))
    }

    /// Ends a Login at its owner's wish. One that has ended already stays so, and is told once
    /// more: whoever ended it may still be waiting for an edge.
    pub(super) async fn end_login(&self, user: UserId, login: LoginId) -> Result<Ended, Code> {
        let now = self.clock.now();
        if let Some(revoked) = self.store.end_login(login, now).await? {
            return Ok(Self::ended(vec![revoked]));
        }
        let until = now.plus_seconds(LOGIN_REVOKED_SECONDS);
        Ok(Ended::committed(vec![Revoked { user, login, token: None, until }]))
    }

    /// Logins that a use has ended at their owner's wish.
    pub(super) fn ended(entries: Vec<Revoked>) -> Ended {
        count_ended(&entries);
        Ended::committed(entries)
    }

    /// Logins that have ended before their time, and nobody waits for their end.
    pub(super) fn tell_ended(&self, entries: Vec<Revoked>) {
        count_ended(&entries);
        self.telling.tell(entries);
    }
}

fn count_ended(entries: &[Revoked]) {
    let count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
    metrics::tokens(Tokens::RefreshRevoked, count);
    metrics::tokens(Tokens::AccessRevoked, count);
}
