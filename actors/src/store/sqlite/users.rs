//! Accounts, and finding them, in SQLite.

use async_trait::async_trait;
use bus_schemas::directory::{Me, Person};
use bus_schemas::id::UserId;
use bus_schemas::name::Username;
use bus_schemas::secret::Secret;
use bus_schemas::time::Timestamp;
use sqlx::{query, query_as};
use uuid::Uuid;

use super::SqliteStore;
use super::logins::insert_login;
use crate::store::row::{self, is_repeat};
use crate::store::{Account, NewLogin, NewUser, SEEN_AGAIN_SECONDS, StoreError, UserStore};

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
        let row: Option<(Uuid, String, String)> =
            query_as("SELECT id, username, password_hash FROM users WHERE username_folded = $1")
                .bind(username.folded())
                .fetch_optional(&self.pool)
                .await?;
        let Some((id, name, hash)) = row else { return Ok(None) };
        let username = row::username(&name)?;
        Ok(Some(Account { id: UserId::new(id), username, password_hash: Secret::new(hash) }))
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
            "SELECT id, username FROM users WHERE instr(username_folded, $1) > 0
             ORDER BY username_folded LIMIT $2",
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
