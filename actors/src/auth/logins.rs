//! One's devices that are signed in: seeing them and ending one.

use bus_schemas::auth::{AskLogins, EndLogin, LoginShown};
use bus_schemas::fault::Code;

use super::Auth;
use super::telling::Ended;

impl Auth {
    pub(super) async fn logins(&self, asked: AskLogins) -> Result<Vec<LoginShown>, Code> {
        Ok(self.store.logins(asked.user, self.clock.now()).await?)
    }

    /// A Login of somebody else is none, and none is told from the other.
    pub(super) async fn end_own_login(&self, asked: EndLogin) -> Result<Ended, Code> {
        match self.store.owner(asked.login).await? {
            Some(user) if user == asked.user => self.end_login(user, asked.login).await,
            Some(_) | None => Err(Code::LoginNotFound),
        }
    }
}
