//! Accounts, and finding them, in SQLite.

use async_trait::async_trait;
use bus_schemas::auth::Revoked;
use bus_schemas::directory::{Me, Person};
use bus_schemas::id::UserId;
use bus_schemas::name::Username;
use bus_schemas::secret::Secret;
use bus_schemas::time::Timestamp;
use sqlx::{query, query_as, query_scalar};
use uuid::Uuid;

use super::SqliteStore;
use super::logins::{end_logins, insert_login};
use crate::store::row::{self, is_repeat};
use crate::store::{
    Account, NewLogin, NewUser, PasswordChange, Removal, SEEN_AGAIN_SECONDS, StoreError, UserStore,
};

#[async_trait]
impl UserStore for SqliteStore {
    async fn create_user(&self, user: &NewUser, login: &NewLogin) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        query(
            "INSERT INTO users (id, username, username_folded, password_hash, made_at)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(user.id.as_uuid())
        .bind(user.username.as_str())
        .bind(user.username.folded())
        .bind(user.password_hash.expose())
        .bind(user.made_at.0)
        .execute(&mut *tx)
        .await
        .map_err(|e| if is_repeat(&e) { StoreError::NameTaken } else { e.into() })?;
        insert_login(&mut tx, login).await?;
        Ok(tx.commit().await?)
    }

    async fn account(&self, username: &Username) -> Result<Option<Account>, StoreError> {
        query_as(
            "SELECT id, username, password_hash, password_version FROM users
             WHERE username_folded = $1",
        )
        .bind(username.folded())
        .fetch_optional(&self.pool)
        .await?
        .map(row::account)
        .transpose()
    }

    async fn account_of(&self, user: UserId) -> Result<Option<Account>, StoreError> {
        query_as("SELECT id, username, password_hash, password_version FROM users WHERE id = $1")
            .bind(user.as_uuid())
            .fetch_optional(&self.pool)
            .await?
            .map(row::account)
            .transpose()
    }

    async fn set_password(
        &self,
        change: &PasswordChange,
    ) -> Result<Option<Vec<Revoked>>, StoreError> {
        let mut tx = self.write().await?;
        let set = query(
            "UPDATE users SET password_hash = $3, password_version = password_version + 1
             WHERE id = $1 AND password_hash = $2",
        )
        .bind(change.user.as_uuid())
        .bind(change.was.expose())
        .bind(change.is.expose())
        .execute(&mut *tx)
        .await?;
        if set.rows_affected() == 0 {
            return Ok(None);
        }
        let ended = end_logins(&mut tx, change.user, change.keep, change.at).await?;
        tx.commit().await?;
        Ok(Some(ended))
    }

    async fn rehash(
        &self,
        user: UserId,
        was: &Secret<String>,
        is: &Secret<String>,
    ) -> Result<(), StoreError> {
        query("UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2")
            .bind(user.as_uuid())
            .bind(was.expose())
            .bind(is.expose())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn remove_user(&self, removal: &Removal) -> Result<Vec<Revoked>, StoreError> {
        let mut tx = self.write().await?;
        let user = removal.user.as_uuid();
        let version = query_scalar("SELECT password_version FROM users WHERE id = $1")
            .bind(user)
            .fetch_optional(&mut *tx)
            .await?;
        row::check_password(version, removal.password_version)?;
        let ended = end_logins(&mut tx, removal.user, None, removal.at).await?;
        query("DELETE FROM users WHERE id = $1").bind(user).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(ended)
    }

    async fn person(&self, user: UserId) -> Result<Option<Person>, StoreError> {
        query_as("SELECT id, username FROM users WHERE id = $1")
            .bind(user.as_uuid())
            .fetch_optional(&self.pool)
            .await?
            .map(row::person)
            .transpose()
    }

    async fn me(&self, user: UserId) -> Result<Option<Me>, StoreError> {
        let row: Option<(String, bool)> = query_as(
            "SELECT username, EXISTS (SELECT 1 FROM identity_keys WHERE user_id = users.id)
             FROM users WHERE id = $1",
        )
        .bind(user.as_uuid())
        .fetch_optional(&self.pool)
        .await?;
        let Some((name, has_identity_key)) = row else { return Ok(None) };
        Ok(Some(Me { id: user, username: row::username(&name)?, has_identity_key }))
    }

    async fn find(&self, part: &str, limit: u32) -> Result<Vec<Person>, StoreError> {
        let rows: Vec<(Uuid, String)> = query_as(
            // The index of folded names has all that is looked at; a row is read only when found.
            "SELECT id, username FROM users WHERE username_folded IN (
                 SELECT username_folded FROM users WHERE instr(username_folded, $1) > 0
                 ORDER BY username_folded LIMIT $2)
             ORDER BY username_folded",
        )
        .bind(part)
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(row::person).collect()
    }

    async fn seen(&self, users: &[(UserId, Timestamp)]) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        for (user, at) in users {
            query(
                "UPDATE users SET last_seen_at = $2
                 WHERE id = $1 AND coalesce(last_seen_at <= $2 - $3, true)",
            )
            .bind(user.as_uuid())
            .bind(at.0)
            .bind(SEEN_AGAIN_SECONDS)
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }
}
