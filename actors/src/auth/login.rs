//! A new Login for whoever knows the password.

use actors_core::auth::device::Device;
use actors_core::auth::guessing::Bucket;
use bus_schemas::auth::{Admission, LogIn};
use bus_schemas::fault::Code;
use bus_schemas::secret::Secret;
use bus_schemas::verbs::Refusal;

use super::Auth;
use super::admit::{Holder, new_login, random_token};
use super::rehash::Outdated;
use crate::metrics::{self, Tokens};
use crate::store::{Account, StoreError};

impl Auth {
    /// An unknown name and a wrong password get the same answer, after the same steps.
    ///
    /// What is outdated about the account is left to be done after the answer.
    pub(super) async fn log_in(
        &self,
        asked: LogIn,
        outdated: &Outdated,
    ) -> Result<Admission, Refusal> {
        let attempt = self.attempt(&Bucket::of_name(&asked.username)).await?;
        let account = self.store.account(&asked.username).await?;
        let device = self.known_device(asked.device.as_ref(), account.as_ref());
        let bucket =
            device.as_ref().map_or_else(|| Bucket::of_name(&asked.username), Bucket::of_device);
        let hash = account.as_ref().map(|account| &account.password_hash);
        let right = self.is_right(attempt, &bucket, &asked.password, hash).await?;
        let account = account.filter(|_| right).ok_or(Code::InvalidCredentials)?;

        let now = self.clock.now();
        let token = random_token();
        let version = account.password_version;
        let login = new_login(account.id, version, asked.client, token.hash(), now);
        let ended = self.store.add_login(&login).await.map_err(removed)?;
        metrics::tokens(Tokens::RefreshIssued, 1);
        self.tell_ended(ended);
        let device = device.is_none().then(|| self.new_device(account.id, version));
        let holder = Holder {
            user: account.id,
            username: account.username,
            login: login.id,
            authenticated_at: now,
        };
        outdated.note(account.id, asked.password, account.password_hash);
        Ok(Admission { device, ..self.admit(holder, &token, login.expires_at) })
    }

    /// The browser that this cookie was given to, if that was for this account and its present
    /// password.
    fn known_device(
        &self,
        cookie: Option<&Secret<String>>,
        account: Option<&Account>,
    ) -> Option<Device> {
        let password_version = account.map(|account| account.password_version);
        let device = self.keys.device(cookie?.expose(), password_version)?;
        account.is_some_and(|account| account.id == device.user).then_some(device)
    }
}

/// An account that was removed since it was read is one that does not exist.
fn removed(error: StoreError) -> Refusal {
    if matches!(error, StoreError::UnknownUser) {
        return Code::InvalidCredentials.into();
    }
    error.into()
}
