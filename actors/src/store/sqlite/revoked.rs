//! What was revoked, and the edges that must know of it, in SQLite.

use std::time::Duration;

use actors_core::auth::guessing::FORGOTTEN_AFTER_SECONDS;
use async_trait::async_trait;
use bus_schemas::auth::Revoked;
use bus_schemas::id::{EdgeId, LoginId, TokenId, UserId};
use bus_schemas::time::Timestamp;
use sqlx::sqlite::SqliteConnection;
use sqlx::{query, query_as, query_scalar};
use uuid::Uuid;

use super::SqliteStore;
use crate::store::{EDGE_KEPT, LeaseAsked, LeaseGiven, RevokedStore, StoreError, Swept, row};

#[async_trait]
impl RevokedStore for SqliteStore {
    async fn revoke(&self, revoked: &Revoked) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        insert_revoked(&mut connection, revoked).await
    }

    async fn revoked(&self, at: Timestamp) -> Result<Vec<Revoked>, StoreError> {
        let rows: Vec<RevokedRow> = query_as(
            "SELECT seq, login_id, token_id, user_id, until FROM revoked WHERE until > $1
             ORDER BY seq",
        )
        .bind(at.0)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|row| row.numbered().1).collect())
    }

    async fn lease(&self, asked: &LeaseAsked, at: Timestamp) -> Result<LeaseGiven, StoreError> {
        // Three statements, each committed before the next. Whoever commits a revocation before
        // the edge is noted is read below; whoever commits it later finds the edge noted.
        self.note_edge(asked).await?;
        // The last number given, which a sweep of the rows does not take back.
        let given: Option<i64> =
            query_scalar("SELECT seq FROM sqlite_sequence WHERE name = 'revoked'")
                .fetch_optional(&self.pool)
                .await?;
        let mark = given.unwrap_or_default();
        let known = asked.mark.filter(|asked| *asked <= mark);
        let rows: Vec<RevokedRow> = query_as(
            "SELECT seq, login_id, token_id, user_id, until FROM revoked
             WHERE seq > max($1, $2) AND until > $3 ORDER BY seq LIMIT $4",
        )
        .bind(known.unwrap_or(i64::MIN))
        .bind(asked.after.unwrap_or(i64::MIN))
        .bind(at.0)
        .bind(row::page_rows())
        .fetch_all(&self.pool)
        .await?;
        Ok(row::page(mark, rows.into_iter().map(RevokedRow::numbered).collect()))
    }

    async fn edges(&self, within: Duration) -> Result<Vec<EdgeId>, StoreError> {
        let edges: Vec<Uuid> = query_scalar(
            "SELECT id FROM edges WHERE seen_at >= unixepoch('subsec') * 1000 - $1 ORDER BY id",
        )
        .bind(millis(within))
        .fetch_all(&self.pool)
        .await?;
        Ok(edges.into_iter().map(EdgeId::new).collect())
    }

    async fn forget_edges(&self, edges: &[EdgeId], silent: Duration) -> Result<(), StoreError> {
        for edge in edges {
            query("DELETE FROM edges WHERE id = $1 AND seen_at < unixepoch('subsec') * 1000 - $2")
                .bind(edge.as_uuid())
                .bind(millis(silent))
                .execute(&self.pool)
                .await?;
        }
        Ok(())
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
        let guesses = query("DELETE FROM guesses WHERE made_at <= $1 AND next_at <= $1")
            .bind(at.plus_seconds(-FORGOTTEN_AFTER_SECONDS).0)
            .execute(&mut *tx)
            .await?;
        query("DELETE FROM edges WHERE seen_at < unixepoch('subsec') * 1000 - $1")
            .bind(millis(EDGE_KEPT))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Swept {
            refresh_tokens: tokens.rows_affected(),
            revoked: revoked.rows_affected(),
            guesses: guesses.rows_affected(),
        })
    }
}

impl SqliteStore {
    async fn note_edge(&self, asked: &LeaseAsked) -> Result<(), StoreError> {
        let noted = if asked.leaving {
            query("DELETE FROM edges WHERE id = $1")
        } else {
            query(
                "INSERT INTO edges (id, seen_at)
                 VALUES ($1, CAST(unixepoch('subsec') * 1000 AS INTEGER))
                 ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at",
            )
        };
        noted.bind(asked.edge.as_uuid()).execute(&self.pool).await?;
        Ok(())
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[derive(sqlx::FromRow)]
struct RevokedRow {
    seq: i64,
    login_id: Uuid,
    token_id: Option<Uuid>,
    user_id: Uuid,
    until: i64,
}

impl RevokedRow {
    fn numbered(self) -> (i64, Revoked) {
        let revoked = Revoked {
            user: UserId::new(self.user_id),
            login: LoginId::new(self.login_id),
            token: self.token_id.map(TokenId::new),
            until: Timestamp(self.until),
        };
        (self.seq, revoked)
    }
}

pub(super) async fn insert_revoked(
    db: &mut SqliteConnection,
    revoked: &Revoked,
) -> Result<(), StoreError> {
    // A repeat becomes a row with a number of its own, or an edge that has the first would not
    // learn of its later end.
    query(
        "INSERT OR REPLACE INTO revoked (login_id, token_id, user_id, until)
         VALUES ($1, $2, $3, max($4, coalesce(
             (SELECT until FROM revoked WHERE login_id = $1 AND token_id IS $2), $4)))",
    )
    .bind(revoked.login.as_uuid())
    .bind(revoked.token.map(|token| token.as_uuid()))
    .bind(revoked.user.as_uuid())
    .bind(revoked.until.0)
    .execute(db)
    .await?;
    Ok(())
}
