//! What was revoked, in SQLite.

use async_trait::async_trait;
use bus_schemas::auth::Revoked;
use bus_schemas::id::{LoginId, TokenId, UserId};
use bus_schemas::time::Timestamp;
use sqlx::sqlite::SqliteConnection;
use sqlx::{query, query_as};
use uuid::Uuid;

use super::SqliteStore;
use crate::store::{RevokedStore, StoreError, Swept};

#[async_trait]
impl RevokedStore for SqliteStore {
    async fn revoke(&self, revoked: &Revoked) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        insert_revoked(&mut connection, revoked).await
    }

    async fn revoked(&self, at: Timestamp) -> Result<Vec<Revoked>, StoreError> {
        let rows: Vec<(Uuid, Option<Uuid>, Uuid, i64)> =
            query_as("SELECT login_id, token_id, user_id, until FROM revoked WHERE until > $1")
                .bind(at.0)
                .fetch_all(&self.pool)
                .await?;
        let revoked = |(login, token, user, until): (Uuid, Option<Uuid>, Uuid, i64)| Revoked {
            user: UserId::new(user),
            login: LoginId::new(login),
            token: token.map(TokenId::new),
            until: Timestamp(until),
        };
        Ok(rows.into_iter().map(revoked).collect())
    }

    async fn sweep(&self, at: Timestamp) -> Result<Swept, StoreError> {
        let mut tx = self.write().await?;
        let tokens = query("DELETE FROM refresh_tokens WHERE expires_at <= $1")
            .bind(at.0)
            .execute(&mut *tx)
            .await?;
        query("DELETE FROM logins WHERE id NOT IN (SELECT login_id FROM refresh_tokens)")
            .execute(&mut *tx)
            .await?;
        let revoked =
            query("DELETE FROM revoked WHERE until <= $1").bind(at.0).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(Swept { refresh_tokens: tokens.rows_affected(), revoked: revoked.rows_affected() })
    }
}

pub(super) async fn insert_revoked(
    db: &mut SqliteConnection,
    revoked: &Revoked,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO revoked (login_id, token_id, user_id, until) VALUES ($1, $2, $3, $4)
         ON CONFLICT (login_id, coalesce(token_id, login_id))
         DO UPDATE SET until = max(until, excluded.until)",
    )
    .bind(revoked.login.as_uuid())
    .bind(revoked.token.map(|token| token.as_uuid()))
    .bind(revoked.user.as_uuid())
    .bind(revoked.until.0)
    .execute(db)
    .await?;
    Ok(())
}
