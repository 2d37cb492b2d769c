//! The end of an account, its Logins and its keys, at its owner's wish.

use actors_core::auth::guessing::Bucket;
use bus_schemas::auth::RemoveAccount;
use bus_schemas::fault::Code;
use bus_schemas::verbs::Refusal;

use super::Auth;
use super::telling::Ended;
use crate::store::Removal;

impl Auth {
    pub(super) async fn remove_account(&self, asked: RemoveAccount) -> Result<Ended, Refusal> {
        let account = self.store.account_of(asked.user).await?.ok_or(Code::UserNotFound)?;
        let bucket = Bucket::of_login(asked.login);
        let attempt = self.attempt(&bucket).await?;
        let hash = Some(&account.password_hash);
        if !self.is_right(attempt, &bucket, &asked.password, hash).await? {
            return Err(Code::InvalidCredentials.into());
        }
        let removal = Removal {
            user: asked.user,
            password_version: account.password_version,
            at: self.clock.now(),
        };
        let ended = self.store.remove_user(&removal).await?;
        Ok(Self::ended(ended))
    }
}
