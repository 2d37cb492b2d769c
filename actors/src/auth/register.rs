//! A new account, with its first Login and its identity key.

use actors_core::auth::credentials;
use bus_schemas::auth::{Admission, Register};
use bus_schemas::blob::PublicKey;
use bus_schemas::fault::Code;
use bus_schemas::id::UserId;
use uuid::Uuid;

use super::Auth;
use super::admit::{Holder, new_login, random_token};
use crate::metrics::{self, Tokens};
use crate::store::{NewUser, PASSWORD_VERSION_FIRST, StoredKey};

impl Auth {
    pub(super) async fn register(&self, asked: Register) -> Result<Admission, Code> {
        credentials::choose(asked.username.as_str(), asked.password.expose())?;
        let place = self.hasher.place()?;
        let password_hash = self.hasher.hash(place, &asked.password).await?;

        let now = self.clock.now();
        let id = UserId::new(Uuid::new_v4());
        let user = NewUser { id, username: asked.username, password_hash, made_at: now };
        let token = random_token();
        let login = new_login(id, PASSWORD_VERSION_FIRST, asked.client, token.hash(), now);
        self.store.create_user(&user, &login).await?;
        metrics::tokens(Tokens::RefreshIssued, 1);

        if let Some(key) = asked.identity_key {
            self.keep_key(id, key).await;
        }
        let holder =
            Holder { user: id, username: user.username, login: login.id, authenticated_at: now };
        let device = Some(self.new_device(id, PASSWORD_VERSION_FIRST));
        Ok(Admission { device, ..self.admit(holder, &token, login.expires_at) })
    }

    /// An account without its key is an account all the same: it can sign in and publish a key.
    async fn keep_key(&self, user: UserId, key: PublicKey) {
        let first = StoredKey { version: 1, key };
        if let Err(error) = self.store.add_key(user, &first, self.clock.now()).await {
            tracing::warn!(%error, "an account was made without its identity key");
        }
    }
}
