//! Logins and their refresh tokens in PostgreSQL.

use actors_core::auth::refresh::{Found, RefreshHash, Used};
use async_trait::async_trait;
use bus_schemas::auth::{Client, LoginShown, Revoked};
use bus_schemas::id::{LoginId, TokenId, UserId};
use bus_schemas::limit::{LOGIN_REVOKED_SECONDS, LOGINS_MAX};
use bus_schemas::time::Timestamp;
use sqlx::postgres::PgConnection;
use sqlx::{query, query_as, query_scalar};
use time::OffsetDateTime;
use uuid::Uuid;

use super::revoked::insert_revoked;
use super::{PostgresStore, moment, timestamp};
use crate::store::{LoginStore, NewLogin, Presented, Rotation, StoreError, row};

#[async_trait]
impl LoginStore for PostgresStore {
    async fn add_login(&self, login: &NewLogin) -> Result<Vec<Revoked>, StoreError> {
        let mut tx = self.pool.begin().await?;
        // One Login of a user after another, or two at once would each count the other out.
        let version =
            query_scalar("SELECT password_version FROM users WHERE id = $1 FOR NO KEY UPDATE")
                .bind(login.user.as_uuid())
                .fetch_optional(&mut *tx)
                .await?;
        row::check_password(version, login.password_version)?;
        insert_login(&mut tx, login).await?;
        let above: Vec<Uuid> =
            query_scalar("SELECT id FROM logins WHERE user_id = $1 ORDER BY seq DESC OFFSET $2")
                .bind(login.user.as_uuid())
                .bind(i64::try_from(LOGINS_MAX).unwrap_or(i64::MAX))
                .fetch_all(&mut *tx)
                .await?;
        let mut ended = Vec::with_capacity(above.len());
        for id in above {
            ended.extend(end_login(&mut tx, LoginId::new(id), login.made_at).await?);
        }
        tx.commit().await?;
        Ok(ended)
    }

    async fn presented(
        &self,
        token: RefreshHash,
        successor: RefreshHash,
    ) -> Result<Option<Presented>, StoreError> {
        let row: Option<PresentedRow> = query_as(
            "SELECT login.id AS login, login.user_id AS user_id, users.username AS username,
                    login.made_at AS authenticated_at, token.expires_at AS expires_at,
                    token.used_at AS used_at, next.expires_at AS next_expires_at,
                    next.used_at IS NOT NULL AS next_used
             FROM refresh_tokens AS token
             JOIN logins AS login ON login.id = token.login_id
             JOIN users ON users.id = login.user_id
             LEFT JOIN refresh_tokens AS next ON next.hash = $2 AND next.login_id = login.id
             WHERE token.hash = $1",
        )
        .bind(token.as_bytes().as_slice())
        .bind(successor.as_bytes().as_slice())
        .fetch_optional(&self.pool)
        .await?;
        row.map(Presented::try_from).transpose()
    }

    async fn rotate(&self, rotation: &Rotation) -> Result<bool, StoreError> {
        // The Login is locked first. Whoever waited for it finds the token used, and wins nothing.
        let done = query(
            "WITH login AS (
                 UPDATE logins SET used_at = $3, user_agent = $5, address = $6
                 FROM refresh_tokens AS token
                 WHERE token.hash = $1 AND token.used_at IS NULL AND token.expires_at > $3
                   AND logins.id = token.login_id
                 RETURNING logins.id
             ), won AS (
                 UPDATE refresh_tokens SET used_at = $3
                 WHERE hash = $1 AND used_at IS NULL AND login_id IN (SELECT id FROM login)
                 RETURNING login_id
             )
             INSERT INTO refresh_tokens (hash, login_id, expires_at)
             SELECT $2, login_id, $4 FROM won",
        )
        .bind(rotation.presented.as_bytes().as_slice())
        .bind(rotation.successor.as_bytes().as_slice())
        .bind(moment(rotation.at))
        .bind(moment(rotation.expires_at))
        .bind(&rotation.client.user_agent)
        .bind(&rotation.client.address)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn end_login(
        &self,
        login: LoginId,
        at: Timestamp,
    ) -> Result<Option<Revoked>, StoreError> {
        let mut tx = self.pool.begin().await?;
        let ended = end_login(&mut tx, login, at).await?;
        tx.commit().await?;
        Ok(ended)
    }

    async fn login_lives(
        &self,
        login: LoginId,
        token: Option<TokenId>,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(query_scalar(
            "SELECT EXISTS (SELECT FROM refresh_tokens
                            WHERE login_id = $1 AND used_at IS NULL AND expires_at > $3)
                AND NOT EXISTS (SELECT FROM revoked
                                WHERE login_id = $1 AND (token_id IS NULL OR token_id = $2)
                                  AND until > $3)",
        )
        .bind(login.as_uuid())
        .bind(token.map(|token| token.as_uuid()))
        .bind(moment(at))
        .fetch_one(&self.pool)
        .await?)
    }

    async fn logins(&self, user: UserId, at: Timestamp) -> Result<Vec<LoginShown>, StoreError> {
        let rows: Vec<LoginRow> = query_as(
            "SELECT id, user_agent, address, made_at, used_at FROM logins
             WHERE user_id = $1
               AND EXISTS (SELECT FROM refresh_tokens AS token
                           WHERE token.login_id = logins.id AND token.used_at IS NULL
                             AND token.expires_at > $2)
             ORDER BY seq DESC",
        )
        .bind(user.as_uuid())
        .bind(moment(at))
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(LoginShown::from).collect())
    }

    async fn owner(&self, login: LoginId) -> Result<Option<UserId>, StoreError> {
        let user: Option<Uuid> = query_scalar("SELECT user_id FROM logins WHERE id = $1")
            .bind(login.as_uuid())
            .fetch_optional(&self.pool)
            .await?;
        Ok(user.map(UserId::new))
    }
}

#[derive(sqlx::FromRow)]
struct LoginRow {
    id: Uuid,
    user_agent: String,
    address: String,
    made_at: OffsetDateTime,
    used_at: OffsetDateTime,
}

impl From<LoginRow> for LoginShown {
    fn from(row: LoginRow) -> Self {
        Self {
            id: LoginId::new(row.id),
            client: Client { user_agent: row.user_agent, address: row.address },
            made_at: timestamp(row.made_at),
            used_at: timestamp(row.used_at),
        }
    }
}

#[derive(sqlx::FromRow)]
struct PresentedRow {
    login: Uuid,
    user_id: Uuid,
    username: String,
    authenticated_at: OffsetDateTime,
    expires_at: OffsetDateTime,
    used_at: Option<OffsetDateTime>,
    next_expires_at: Option<OffsetDateTime>,
    next_used: bool,
}

impl TryFrom<PresentedRow> for Presented {
    type Error = StoreError;

    fn try_from(row: PresentedRow) -> Result<Self, StoreError> {
        let used = row.used_at.map(|at| Used { at: timestamp(at), successor_used: row.next_used });
        Ok(Self {
            login: LoginId::new(row.login),
            user: UserId::new(row.user_id),
            username: row::username(&row.username)?,
            authenticated_at: timestamp(row.authenticated_at),
            token: Found { expires_at: timestamp(row.expires_at), used },
            successor_expires_at: row.next_expires_at.map(timestamp),
        })
    }
}

pub(super) async fn insert_login(
    db: &mut PgConnection,
    login: &NewLogin,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO logins (id, user_id, user_agent, address, made_at, used_at)
         VALUES ($1, $2, $3, $4, $5, $5)",
    )
    .bind(login.id.as_uuid())
    .bind(login.user.as_uuid())
    .bind(&login.client.user_agent)
    .bind(&login.client.address)
    .bind(moment(login.made_at))
    .execute(&mut *db)
    .await?;
    query("INSERT INTO refresh_tokens (hash, login_id, expires_at) VALUES ($1, $2, $3)")
        .bind(login.token.as_bytes().as_slice())
        .bind(login.id.as_uuid())
        .bind(moment(login.expires_at))
        .execute(db)
        .await?;
    Ok(())
}

async fn end_login(
    db: &mut PgConnection,
    login: LoginId,
    at: Timestamp,
) -> Result<Option<Revoked>, StoreError> {
    let user: Option<Uuid> = query_scalar("DELETE FROM logins WHERE id = $1 RETURNING user_id")
        .bind(login.as_uuid())
        .fetch_optional(&mut *db)
        .await?;
    let Some(user) = user else { return Ok(None) };
    Ok(Some(revoke_login(db, UserId::new(user), login, at).await?))
}

/// Ends every Login of a user but one.
pub(super) async fn end_logins(
    db: &mut PgConnection,
    user: UserId,
    keep: Option<LoginId>,
    at: Timestamp,
) -> Result<Vec<Revoked>, StoreError> {
    let logins: Vec<Uuid> = query_scalar(
        "DELETE FROM logins WHERE user_id = $1 AND id IS DISTINCT FROM $2 RETURNING id",
    )
    .bind(user.as_uuid())
    .bind(keep.map(|login| login.as_uuid()))
    .fetch_all(&mut *db)
    .await?;
    let mut ended = Vec::with_capacity(logins.len());
    for login in logins {
        ended.push(revoke_login(db, user, LoginId::new(login), at).await?);
    }
    Ok(ended)
}

/// Revokes whatever access tokens a Login that has just ended may have.
async fn revoke_login(
    db: &mut PgConnection,
    user: UserId,
    login: LoginId,
    at: Timestamp,
) -> Result<Revoked, StoreError> {
    let until = at.plus_seconds(LOGIN_REVOKED_SECONDS);
    let revoked = Revoked { user, login, token: None, until };
    insert_revoked(db, &revoked).await?;
    Ok(revoked)
}
