//! Guesses of passwords in SQLite.

use actors_core::auth::guessing::{Bucket, Guesses};
use async_trait::async_trait;
use bus_schemas::time::Timestamp;
use sqlx::{query, query_as};

use super::SqliteStore;
use crate::store::{GuessStore, StoreError, row};

#[async_trait]
impl GuessStore for SqliteStore {
    async fn guesses(&self, bucket: &Bucket) -> Result<Option<Guesses>, StoreError> {
        let row: Option<(i64, i64)> =
            query_as("SELECT failures, next_at FROM guesses WHERE bucket = $1")
                .bind(bucket.as_bytes().as_slice())
                .fetch_optional(&self.pool)
                .await?;
        row.map(|(failures, next_at)| row::guesses((failures, Timestamp(next_at)))).transpose()
    }

    async fn guess(
        &self,
        bucket: &Bucket,
        seen: Option<Guesses>,
        next: Guesses,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        // Either statement finds what was seen for one caller only.
        let put = match seen {
            None => query(
                "INSERT INTO guesses (bucket, failures, next_at, made_at) VALUES ($1, $2, $3, $4)
                 ON CONFLICT DO NOTHING",
            ),
            Some(_) => query(
                "UPDATE guesses SET failures = $2, next_at = $3, made_at = $4
                 WHERE bucket = $1 AND failures = $5 AND next_at = $6",
            ),
        };
        let put = put
            .bind(bucket.as_bytes().as_slice())
            .bind(i64::from(next.failures))
            .bind(next.next_at.0)
            .bind(at.0);
        let put = match seen {
            None => put,
            Some(seen) => put.bind(i64::from(seen.failures)).bind(seen.next_at.0),
        };
        Ok(put.execute(&self.pool).await?.rows_affected() == 1)
    }

    async fn forgive(&self, bucket: &Bucket) -> Result<(), StoreError> {
        query("DELETE FROM guesses WHERE bucket = $1")
            .bind(bucket.as_bytes().as_slice())
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
