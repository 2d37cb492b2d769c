//! Public keys in SQLite.

use async_trait::async_trait;
use bus_schemas::id::UserId;
use bus_schemas::time::Timestamp;
use sqlx::{query, query_as};

use super::SqliteStore;
use crate::store::row::{self, is_repeat};
use crate::store::{KEYS_TOLD_MAX, KeptKey, KeyStore, StoreError, StoredKey};

#[async_trait]
impl KeyStore for SqliteStore {
    async fn keys(&self, user: UserId) -> Result<Vec<KeptKey>, StoreError> {
        let rows: Vec<(i32, Vec<u8>, i64)> = query_as(
            "SELECT version, public_key, made_at FROM identity_keys WHERE user_id = $1
             ORDER BY version DESC LIMIT $2",
        )
        .bind(user.as_uuid())
        .bind(i64::from(KEYS_TOLD_MAX))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .rev()
            .map(|(version, key, made_at)| row::kept_key((version, key), Timestamp(made_at)))
            .collect()
    }

    async fn key(&self, user: UserId) -> Result<Option<StoredKey>, StoreError> {
        query_as(
            "SELECT version, public_key FROM identity_keys WHERE user_id = $1
             ORDER BY version DESC LIMIT 1",
        )
        .bind(user.as_uuid())
        .fetch_optional(&self.pool)
        .await?
        .map(row::key)
        .transpose()
    }

    async fn add_key(
        &self,
        user: UserId,
        key: &StoredKey,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let inserted = query(
            "INSERT INTO identity_keys (user_id, version, public_key, made_at)
             VALUES ($1, $2, $3, $4)",
        )
        .bind(user.as_uuid())
        .bind(key.version)
        .bind(key.key.as_bytes())
        .bind(at.0)
        .execute(&self.pool)
        .await;
        match inserted {
            Ok(_) => Ok(true),
            Err(error) if is_repeat(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
