//! The end of a Login, at its owner's wish.

use actors_core::auth::refresh::RefreshToken;
use bus_schemas::auth::LogOut;
use bus_schemas::fault::Code;

use super::Auth;
use super::telling::Ended;

impl Auth {
    /// Ends what is given. A refresh token that is no longer good, or never was, is no error:
    /// whoever signs out is signed out.
    pub(super) async fn log_out(&self, asked: LogOut) -> Result<Ended, Code> {
        let token = asked.refresh_token.and_then(|text| RefreshToken::parse(text.expose()));
        let login = match token {
            Some(token) => self.end_login_of(&token).await?,
            None => Ended::nothing(),
        };
        let Some(access) = asked.access else { return Ok(login) };
        match self.revoke(access).await {
            Ok(access) => Ok(login.and(access)),
            Err(code) => {
                self.telling.tell(login.into_entries());
                Err(code)
            }
        }
    }

    async fn end_login_of(&self, token: &RefreshToken) -> Result<Ended, Code> {
        let successor = self.keys.successor(token);
        match self.store.presented(token.hash(), successor.hash()).await? {
            Some(presented) => self.end_login(presented.user, presented.login).await,
            None => Ok(Ended::nothing()),
        }
    }
}
