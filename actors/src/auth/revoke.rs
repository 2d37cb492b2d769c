//! Access tokens that must not be taken any more: stored first, then told to every edge.

use bus_schemas::auth::{self as said, Revoked};
use bus_schemas::fault::Code;
use bus_schemas::id::LoginId;

use super::Auth;
use crate::metrics::{self, Tokens};

impl Auth {
    /// Revokes one access token, or ends a whole Login if none is named.
    pub(super) async fn revoke(&self, asked: Revoked) -> Result<(), Code> {
        if asked.token.is_none() {
            return self.end_login(asked.login).await;
        }
        self.store.revoke(&asked).await?;
        self.tell(&asked);
        Ok(())
    }

    /// Ends a Login; one that has ended already stays so.
    pub(super) async fn end_login(&self, login: LoginId) -> Result<(), Code> {
        if let Some(revoked) = self.store.end_login(login, self.clock.now()).await? {
            self.tell_ended(&revoked);
        }
        Ok(())
    }

    /// A Login has ended before its time.
    pub(super) fn tell_ended(&self, revoked: &Revoked) {
        metrics::tokens(Tokens::RefreshRevoked, 1);
        self.tell(revoked);
    }

    /// An edge that does not hear it finds it in its next snapshot.
    fn tell(&self, revoked: &Revoked) {
        metrics::tokens(Tokens::AccessRevoked, 1);
        if let Err(error) = self.bus.tell(&said::revoked(), revoked) {
            tracing::error!(%error, "a revocation was stored and could not be told to the edges");
        }
    }
}
