//! A new Login for whoever knows the password.

use bus_schemas::auth::{Admission, LogIn};
use bus_schemas::fault::Code;

use super::Auth;
use super::admit::{Holder, new_login, random_token};
use crate::metrics::{self, Tokens};

impl Auth {
    /// An unknown name and a wrong password get the same answer, after the same time.
    pub(super) async fn log_in(&self, asked: LogIn) -> Result<Admission, Code> {
        let account = self.store.account(&asked.username).await?;
        let hash = account.as_ref().map(|account| &account.password_hash);
        let right = self.hasher.check(&asked.password, hash).await?;
        let account = account.filter(|_| right).ok_or(Code::InvalidCredentials)?;

        let now = self.clock.now();
        let token = random_token();
        let login =
            new_login(account.id, account.password_version, asked.client, token.hash(), now);
        let ended = self.store.add_login(&login).await?;
        metrics::tokens(Tokens::RefreshIssued, 1);
        for revoked in &ended {
            self.tell_ended(revoked);
        }
        let holder = Holder {
            user: account.id,
            username: account.username,
            login: login.id,
            authenticated_at: now,
        };
        Ok(self.admit(holder, &token, login.expires_at))
    }
}
