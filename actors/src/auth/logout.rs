//! The end of a Login, at its owner's wish.

use actors_core::auth::refresh::RefreshToken;
use bus_schemas::auth::LogOut;
use bus_schemas::fault::Code;

use super::Auth;

impl Auth {
    /// Ends what is given. A refresh token that is no longer good, or never was, is no error:
    /// whoever signs out is signed out.
    pub(super) async fn log_out(&self, asked: LogOut) -> Result<(), Code> {
        if let Some(access) = asked.access {
            self.revoke(access).await?;
        }
        let token = asked.refresh_token.and_then(|text| RefreshToken::parse(text.expose()));
        let Some(token) = token else { return Ok(()) };
        let successor = self.keys.successor(&token);
        match self.store.presented(token.hash(), successor.hash()).await? {
            Some(presented) => self.end_login(presented.login).await,
            None => Ok(()),
        }
    }
}
