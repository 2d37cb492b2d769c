//! What was revoked, and the edges that must know of it, in PostgreSQL.

use std::time::Duration;

use actors_core::auth::guessing::FORGOTTEN_AFTER_SECONDS;
use async_trait::async_trait;
use bus_schemas::auth::Revoked;
use bus_schemas::id::{EdgeId, LoginId, TokenId, UserId};
use bus_schemas::time::Timestamp;
use sqlx::postgres::PgConnection;
use sqlx::{query, query_as, query_scalar};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{PostgresStore, moment, timestamp};
use crate::store::{EDGE_KEPT, LeaseAsked, LeaseGiven, RevokedStore, StoreError, Swept, row};

#[async_trait]
impl RevokedStore for PostgresStore {
    async fn revoke(&self, revoked: &Revoked) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        insert_revoked(&mut connection, revoked).await
    }

    async fn revoked(&self, at: Timestamp) -> Result<Vec<Revoked>, StoreError> {
        let rows: Vec<RevokedRow> = query_as(
            "SELECT seq, login_id, token_id, user_id, until FROM revoked WHERE until > $1
             ORDER BY seq",
        )
        .bind(moment(at))
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|row| row.numbered().1).collect())
    }

    async fn lease(&self, asked: &LeaseAsked, at: Timestamp) -> Result<LeaseGiven, StoreError> {
        // Three statements, each committed before the next. Whoever commits a revocation before
        // the edge is noted is read below; whoever commits it later finds the edge noted.
        self.note_edge(asked).await?;
        // Every transaction below this number has ended, so the rows below it are all there. One
        // at or above it may commit later than it is looked for, and is told again next time.
        let mark: i64 =
            query_scalar("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
                .fetch_one(&self.pool)
                .await?;
        let known = asked.mark.filter(|asked| *asked <= mark);
        let rows: Vec<RevokedRow> = query_as(
            "SELECT seq, login_id, token_id, user_id, until FROM revoked
             WHERE txid >= $1 AND seq > $2 AND until > $3 ORDER BY seq LIMIT $4",
        )
        .bind(known.unwrap_or(i64::MIN))
        .bind(asked.after.unwrap_or(i64::MIN))
        .bind(moment(at))
        .bind(row::page_rows())
        .fetch_all(&self.pool)
        .await?;
        Ok(row::page(mark, rows.into_iter().map(RevokedRow::numbered).collect()))
    }

    async fn edges(&self, within: Duration) -> Result<Vec<EdgeId>, StoreError> {
        let edges: Vec<Uuid> = query_scalar(
            "SELECT id FROM edges WHERE seen_at >= clock_timestamp() - make_interval(secs => $1)
             ORDER BY id",
        )
        .bind(within.as_secs_f64())
        .fetch_all(&self.pool)
        .await?;
        Ok(edges.into_iter().map(EdgeId::new).collect())
    }

    async fn forget_edges(&self, edges: &[EdgeId], silent: Duration) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = edges.iter().map(EdgeId::as_uuid).collect();
        query(
            "DELETE FROM edges WHERE id = ANY($1)
             AND seen_at < clock_timestamp() - make_interval(secs => $2)",
        )
        .bind(ids)
        .bind(silent.as_secs_f64())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn sweep(&self, at: Timestamp) -> Result<Swept, StoreError> {
        // Each statement by itself: holding tokens while taking Logins would be the wrong order.
        // What somebody else holds is left to the next sweep, for two that take many rows each in
        // an order of its own would wait for each other.
        let refresh_tokens = self
            .sweep_by(
                "DELETE FROM refresh_tokens WHERE hash IN (
                     SELECT hash FROM refresh_tokens WHERE expires_at <= $1
                     FOR UPDATE SKIP LOCKED)",
                at,
            )
            .await?;
        query(
            "DELETE FROM logins WHERE id IN (
                 SELECT id FROM logins
                 WHERE NOT EXISTS (SELECT FROM refresh_tokens WHERE login_id = logins.id)
                 FOR UPDATE SKIP LOCKED)",
        )
        .execute(&self.pool)
        .await?;
        let revoked = self
            .sweep_by(
                "DELETE FROM revoked WHERE seq IN (
                     SELECT seq FROM revoked WHERE until <= $1 FOR UPDATE SKIP LOCKED)",
                at,
            )
            .await?;
        let guesses = self
            .sweep_by(
                "DELETE FROM guesses WHERE bucket IN (
                     SELECT bucket FROM guesses WHERE made_at <= $1 AND next_at <= $1
                     FOR UPDATE SKIP LOCKED)",
                at.plus_seconds(-FORGOTTEN_AFTER_SECONDS),
            )
            .await?;
        query(
            "DELETE FROM edges WHERE id IN (
                 SELECT id FROM edges WHERE seen_at < clock_timestamp() - make_interval(secs => $1)
                 FOR UPDATE SKIP LOCKED)",
        )
        .bind(EDGE_KEPT.as_secs_f64())
        .execute(&self.pool)
        .await?;
        Ok(Swept { refresh_tokens, revoked, guesses })
    }
}

impl PostgresStore {
    async fn note_edge(&self, asked: &LeaseAsked) -> Result<(), StoreError> {
        let noted = if asked.leaving {
            query("DELETE FROM edges WHERE id = $1")
        } else {
            query(
                "INSERT INTO edges (id, seen_at) VALUES ($1, clock_timestamp())
                 ON CONFLICT (id) DO UPDATE SET seen_at = clock_timestamp()",
            )
        };
        noted.bind(asked.edge.as_uuid()).execute(&self.pool).await?;
        Ok(())
    }

    async fn sweep_by(&self, delete: &'static str, before: Timestamp) -> Result<u64, StoreError> {
        Ok(query(delete).bind(moment(before)).execute(&self.pool).await?.rows_affected())
    }
}

#[derive(sqlx::FromRow)]
struct RevokedRow {
    seq: i64,
    login_id: Uuid,
    token_id: Option<Uuid>,
    user_id: Uuid,
    until: OffsetDateTime,
}

impl RevokedRow {
    fn numbered(self) -> (i64, Revoked) {
        let revoked = Revoked {
            user: UserId::new(self.user_id),
            login: LoginId::new(self.login_id),
            token: self.token_id.map(TokenId::new),
            until: timestamp(self.until),
        };
        (self.seq, revoked)
    }
}

pub(super) async fn insert_revoked(
    db: &mut PgConnection,
    revoked: &Revoked,
) -> Result<(), StoreError> {
    // A repeat takes the number of its transaction, or an edge that has the row would not learn
    // of its later end.
    query(
        "INSERT INTO revoked (login_id, token_id, user_id, until) VALUES ($1, $2, $3, $4)
         ON CONFLICT (login_id, coalesce(token_id, login_id))
         DO UPDATE SET until = greatest(revoked.until, excluded.until), txid = excluded.txid",
    )
    .bind(revoked.login.as_uuid())
    .bind(revoked.token.map(|token| token.as_uuid()))
    .bind(revoked.user.as_uuid())
    .bind(moment(revoked.until))
    .execute(db)
    .await?;
    Ok(())
}
