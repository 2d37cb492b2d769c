//! How long a Session may go on: its token's life, or its Login's.
//!
//! The binary door renews its token in band. The text door cannot, so an open Session outlives
//! its token there as long as its Login lives, which is asked from time to time.

use bus_schemas::auth::Revoked;
use bus_schemas::frame::Door;
use bus_schemas::id::LoginId;
use bus_schemas::limit::{LOGIN_CHECK_EVERY_MS, TOKEN_EXPIRING_MS};
use bus_schemas::time::Millis;

use super::event::Bearer;

/// What the Session stands on.
#[derive(Debug)]
pub(super) struct Renewal {
    bearer: Bearer,
    ends_at: Millis,
    next: Next,
}

/// What comes next, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// Telling the client that its token expires.
    Tell(Millis),
    /// Closing, unless a new token is good by then.
    End(Millis),
    /// Asking whether the Login still lives.
    Check(Millis),
}

/// What time brings.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// The client should send a new token within this time.
    Tell {
        /// How long the token still lives.
        in_ms: u64,
    },
    /// The token has expired.
    End,
    /// Ask auth about this Login.
    Check(LoginId),
}

impl Renewal {
    /// From a token that was found good.
    pub(super) fn new(door: Door, bearer: Bearer, now: Millis) -> Self {
        let ends_at = now.plus(bearer.expires_in_ms);
        let next = match door {
            Door::Binary => Next::Tell(Millis(ends_at.0.saturating_sub(TOKEN_EXPIRING_MS))),
            Door::Text => Next::Check(now.plus(LOGIN_CHECK_EVERY_MS)),
        };
        Self { bearer, ends_at, next }
    }

    /// Whose Session it is.
    pub(super) fn bearer(&self) -> &Bearer {
        &self.bearer
    }

    /// How long the token still lives.
    pub(super) fn expires_in_ms(&self, now: Millis) -> u64 {
        self.ends_at.since(now)
    }

    /// What time has brought, if anything.
    pub(super) fn due(&mut self, now: Millis) -> Option<Due> {
        if self.deadline() > now {
            return None;
        }
        match self.next {
            Next::Tell(_) => {
                self.next = Next::End(self.ends_at);
                Some(Due::Tell { in_ms: self.ends_at.since(now) })
            }
            Next::End(_) => Some(Due::End),
            Next::Check(_) => {
                self.next = Next::Check(now.plus(LOGIN_CHECK_EVERY_MS));
                Some(Due::Check(self.bearer.login))
            }
        }
    }

    /// When time brings the next thing.
    pub(super) fn deadline(&self) -> Millis {
        match self.next {
            Next::Tell(at) | Next::End(at) | Next::Check(at) => at,
        }
    }

    /// Whether this revocation means the token or the Login that the Session stands on.
    pub(super) fn is_meant_by(&self, revoked: &Revoked) -> bool {
        revoked.user == self.bearer.user
            && match revoked.token {
                Some(token) => token == self.bearer.token,
                None => revoked.login == self.bearer.login,
            }
    }
}
