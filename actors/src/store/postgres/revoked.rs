//! What was revoked, in PostgreSQL.

use async_trait::async_trait;
use bus_schemas::auth::Revoked;
use bus_schemas::id::{LoginId, TokenId, UserId};
use bus_schemas::time::Timestamp;
use sqlx::postgres::PgConnection;
use sqlx::{query, query_as};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{PostgresStore, moment, timestamp};
use crate::store::{RevokedStore, StoreError, Swept};

#[async_trait]
impl RevokedStore for PostgresStore {
    async fn revoke(&self, revoked: &Revoked) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        insert_revoked(&mut connection, revoked).await
    }

    async fn revoked(&self, at: Timestamp) -> Result<Vec<Revoked>, StoreError> {
        let rows: Vec<(Uuid, Option<Uuid>, Uuid, OffsetDateTime)> =
            query_as("SELECT login_id, token_id, user_id, until FROM revoked WHERE until > $1")
                .bind(moment(at))
                .fetch_all(&self.pool)
                .await?;
        let revoked =
            |(login, token, user, until): (Uuid, Option<Uuid>, Uuid, OffsetDateTime)| Revoked {
                user: UserId::new(user),
                login: LoginId::new(login),
                token: token.map(TokenId::new),
                until: timestamp(until),
            };
        Ok(rows.into_iter().map(revoked).collect())
    }

    async fn sweep(&self, at: Timestamp) -> Result<Swept, StoreError> {
        // Each statement by itself: holding tokens while taking Logins would be the wrong order.
        let tokens = query("DELETE FROM refresh_tokens WHERE expires_at <= $1")
            .bind(moment(at))
            .execute(&self.pool)
            .await?;
        query(
            "DELETE FROM logins
             WHERE NOT EXISTS (SELECT FROM refresh_tokens WHERE login_id = logins.id)",
        )
        .execute(&self.pool)
        .await?;
        let revoked = query("DELETE FROM revoked WHERE until <= $1")
            .bind(moment(at))
            .execute(&self.pool)
            .await?;
        Ok(Swept { refresh_tokens: tokens.rows_affected(), revoked: revoked.rows_affected() })
    }
}

pub(super) async fn insert_revoked(
    db: &mut PgConnection,
    revoked: &Revoked,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO revoked (login_id, token_id, user_id, until) VALUES ($1, $2, $3, $4)
         ON CONFLICT (login_id, coalesce(token_id, login_id))
         DO UPDATE SET until = greatest(revoked.until, excluded.until)",
    )
    .bind(revoked.login.as_uuid())
    .bind(revoked.token.map(|token| token.as_uuid()))
    .bind(revoked.user.as_uuid())
    .bind(moment(revoked.until))
    .execute(db)
    .await?;
    Ok(())
}
