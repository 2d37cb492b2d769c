//! Public keys in PostgreSQL.

use async_trait::async_trait;
use bus_schemas::id::UserId;
use bus_schemas::time::Timestamp;
use sqlx::{query, query_as};
use time::OffsetDateTime;

use super::{PostgresStore, moment, timestamp};
use crate::store::{KEYS_TOLD_MAX, KeptKey, KeyStore, StoreError, StoredKey, row};

#[async_trait]
impl KeyStore for PostgresStore {
    async fn keys(&self, user: UserId) -> Result<Vec<KeptKey>, StoreError> {
        let rows: Vec<(i32, Vec<u8>, OffsetDateTime)> = query_as(
            "SELECT version, public_key, made_at FROM identity_keys WHERE user_id = $1
             ORDER BY version DESC LIMIT $2",
        )
        .bind(user.as_uuid())
        .bind(i64::from(KEYS_TOLD_MAX))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .rev()
            .map(|(version, key, made_at)| row::kept_key((version, key), timestamp(made_at)))
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
        let done = query(
            "INSERT INTO identity_keys (user_id, version, public_key, made_at)
             VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(user.as_uuid())
        .bind(key.version)
        .bind(key.key.as_bytes())
        .bind(moment(at))
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
