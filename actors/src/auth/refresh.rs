//! The successor of a refresh token, and a fresh access token with it.

use actors_core::auth::refresh::{RefreshToken, Verdict, judge};
use bus_schemas::auth::{Admission, Refresh};
use bus_schemas::fault::Code;
use bus_schemas::id::LoginId;
use bus_schemas::limit::REFRESH_TOKEN_SECONDS;

use super::Auth;
use super::admit::Holder;
use crate::metrics::{self, Tokens};
use crate::store::{Presented, Rotation};

/// A caller who loses the rotation to another finds the token used, and is judged once more.
const JUDGED_TIMES_MAX: usize = 2;

impl Auth {
    pub(super) async fn refresh(&self, asked: Refresh) -> Result<Admission, Code> {
        let token =
            RefreshToken::parse(asked.refresh_token.expose()).ok_or(Code::InvalidRefreshToken)?;
        let successor = self.keys.successor(&token);
        for _ in 0..JUDGED_TIMES_MAX {
            let presented = self
                .store
                .presented(token.hash(), successor.hash())
                .await?
                .ok_or(Code::InvalidRefreshToken)?;
            let now = self.clock.now();
            match judge(&presented.token, now) {
                Verdict::Rotate => {
                    let rotation = Rotation {
                        presented: token.hash(),
                        successor: successor.hash(),
                        at: now,
                        expires_at: now.plus_seconds(REFRESH_TOKEN_SECONDS),
                        client: asked.client.clone(),
                    };
                    if self.store.rotate(&rotation).await? {
                        metrics::tokens(Tokens::RefreshUsed, 1);
                        metrics::tokens(Tokens::RefreshIssued, 1);
                        return Ok(self.admit(presented.into(), &successor, rotation.expires_at));
                    }
                }
                Verdict::Repeat => {
                    let expires_at =
                        presented.successor_expires_at.ok_or(Code::InvalidRefreshToken)?;
                    return Ok(self.admit(presented.into(), &successor, expires_at));
                }
                Verdict::Expired => {
                    metrics::tokens(Tokens::RefreshExpired, 1);
                    return Err(Code::RefreshTokenExpired);
                }
                Verdict::Reuse => return Err(self.end_reused(presented.login).await),
            }
        }
        Err(Code::InvalidRefreshToken)
    }

    /// Two parties hold one token, and nobody can tell which of them is the thief.
    async fn end_reused(&self, login: LoginId) -> Code {
        match self.store.end_login(login, self.clock.now()).await {
            // Of several reuses at once, the one that ends the Login tells it.
            Ok(Some(ended)) => {
                tracing::warn!("a refresh token was used again; its Login is ended");
                self.tell_ended(vec![ended]);
                Code::InvalidRefreshToken
            }
            Ok(None) => Code::InvalidRefreshToken,
            Err(error) => error.code(),
        }
    }
}

impl From<Presented> for Holder {
    fn from(presented: Presented) -> Self {
        Self {
            user: presented.user,
            username: presented.username,
            login: presented.login,
            authenticated_at: presented.authenticated_at,
        }
    }
}
