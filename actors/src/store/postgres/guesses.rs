//! Guesses of passwords in PostgreSQL.

use actors_core::auth::guessing::{Bucket, Guesses};
use async_trait::async_trait;
use bus_schemas::time::Timestamp;
use sqlx::{query, query_as};
use time::OffsetDateTime;

use super::{PostgresStore, moment, timestamp};
use crate::store::{GuessStore, StoreError, row};

#[async_trait]
impl GuessStore for PostgresStore {
    async fn guesses(&self, bucket: &Bucket) -> Result<Option<Guesses>, StoreError> {
        let row: Option<(i64, OffsetDateTime)> =
            query_as("SELECT failures, next_at FROM guesses WHERE bucket = $1")
                .bind(bucket.as_bytes().as_slice())
                .fetch_optional(&self.pool)
                .await?;
        row.map(|(failures, next_at)| row::guesses((failures, timestamp(next_at)))).transpose()
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
            .bind(moment(next.next_at))
            .bind(moment(at));
        let put = match seen {
            None => put,
            Some(seen) => put.bind(i64::from(seen.failures)).bind(moment(seen.next_at)),
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
