//! Another password for an account whose owner knows the present one.

use actors_core::auth::credentials;
use actors_core::auth::guessing::Bucket;
use bus_schemas::auth::ChangePassword;
use bus_schemas::fault::Code;
use bus_schemas::verbs::Refusal;

use super::Auth;
use super::telling::Ended;
use crate::store::PasswordChange;

/// Whoever loses to another change is judged against the password of that one.
const JUDGED_TIMES_MAX: usize = 2;

impl Auth {
    /// Every other Login ends; the one that asks goes on.
    pub(super) async fn change_password(&self, asked: ChangePassword) -> Result<Ended, Refusal> {
        let bucket = Bucket::of_login(asked.login);
        for _ in 0..JUDGED_TIMES_MAX {
            let account = self.store.account_of(asked.user).await?.ok_or(Code::UserNotFound)?;
            credentials::choose(account.username.as_str(), asked.new.expose())?;
            // For the new password: whoever gets no place for it has spent no guess either.
            let place = self.hasher.place()?;
            let attempt = self.attempt(&bucket).await?;
            let hash = Some(&account.password_hash);
            if !self.is_right(attempt, &bucket, &asked.old, hash).await? {
                return Err(Code::InvalidCredentials.into());
            }
            let change = PasswordChange {
                user: asked.user,
                keep: Some(asked.login),
                was: account.password_hash,
                is: self.hasher.hash(place, &asked.new).await?,
                at: self.clock.now(),
            };
            if let Some(ended) = self.store.set_password(&change).await? {
                return Ok(Self::ended(ended));
            }
        }
        Err(Code::ServiceUnavailable.into())
    }
}
