//! Logins and their refresh tokens in SQLite.

use actors_core::auth::refresh::{Found, RefreshHash, Used};
use async_trait::async_trait;
use bus_schemas::auth::{Client, LoginShown, Revoked};
use bus_schemas::id::{LoginId, TokenId, UserId};
use bus_schemas::limit::{LOGIN_REVOKED_SECONDS, LOGINS_MAX};
use bus_schemas::time::Timestamp;
use sqlx::sqlite::SqliteConnection;
use sqlx::{query, query_as, query_scalar};
use uuid::Uuid;

use super::SqliteStore;
use super::revoked::insert_revoked;
use crate::store::{LoginStore, NewLogin, Presented, Rotation, StoreError, row};

#[async_trait]
impl LoginStore for SqliteStore {
    async fn add_login(&self, login: &NewLogin) -> Result<Vec<Revoked>, StoreError> {
        let mut tx = self.write().await?;
        let version = query_scalar("SELECT password_version FROM users WHERE id = $1")
            .bind(login.user.as_uuid())
            .fetch_optional(&mut *tx)
            .await?;
        row::check_password(version, login.password_version)?;
        insert_login(&mut tx, login).await?;
        let above: Vec<Uuid> = query_scalar(
            "SELECT id FROM logins WHERE user_id = $1 ORDER BY seq DESC LIMIT -1 OFFSET $2",
        )
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
            "SELECT login.id AS login, login.user_id AS user, users.username AS username,
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
        let mut tx = self.write().await?;
        // The statement that decides: it finds the token unused for one caller only.
        let won: Option<Uuid> = query_scalar(
            "UPDATE refresh_tokens SET used_at = $2
             WHERE hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING login_id",
        )
        .bind(rotation.presented.as_bytes().as_slice())
        .bind(rotation.at.0)
        .fetch_optional(&mut *tx)
        .await?;
        let Some(login) = won else { return Ok(false) };
        insert_token(&mut tx, &rotation.successor, LoginId::new(login), rotation.expires_at)
            .await?;
        query("UPDATE logins SET used_at = $2, user_agent = $3, address = $4 WHERE id = $1")
            .bind(login)
            .bind(rotation.at.0)
            .bind(&rotation.client.user_agent)
            .bind(&rotation.client.address)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn end_login(
        &self,
        login: LoginId,
        at: Timestamp,
    ) -> Result<Option<Revoked>, StoreError> {
        let mut tx = self.write().await?;
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
            "SELECT EXISTS (SELECT 1 FROM refresh_tokens
                            WHERE login_id = $1 AND used_at IS NULL AND expires_at > $3)
                AND NOT EXISTS (SELECT 1 FROM revoked
                                WHERE login_id = $1 AND (token_id IS NULL OR token_id = $2)
                                  AND until > $3)",
        )
        .bind(login.as_uuid())
        .bind(token.map(|token| token.as_uuid()))
        .bind(at.0)
        .fetch_one(&self.pool)
        .await?)
    }

    async fn logins(&self, user: UserId, at: Timestamp) -> Result<Vec<LoginShown>, StoreError> {
        let rows: Vec<LoginRow> = query_as(
            "SELECT id, user_agent, address, made_at, used_at FROM logins
             WHERE user_id = $1
               AND EXISTS (SELECT 1 FROM refresh_tokens AS token
                           WHERE token.login_id = logins.id AND token.used_at IS NULL
                             AND token.expires_at > $2)
             ORDER BY seq DESC",
        )
        .bind(user.as_uuid())
        .bind(at.0)
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
    made_at: i64,
    used_at: i64,
}

impl From<LoginRow> for LoginShown {
    fn from(row: LoginRow) -> Self {
        Self {
            id: LoginId::new(row.id),
            client: Client { user_agent: row.user_agent, address: row.address },
            made_at: Timestamp(row.made_at),
            used_at: Timestamp(row.used_at),
        }
    }
}

#[derive(sqlx::FromRow)]
struct PresentedRow {
    login: Uuid,
    user: Uuid,
    username: String,
    authenticated_at: i64,
    expires_at: i64,
    used_at: Option<i64>,
    next_expires_at: Option<i64>,
    next_used: bool,
}

impl TryFrom<PresentedRow> for Presented {
    type Error = StoreError;

    fn try_from(row: PresentedRow) -> Result<Self, StoreError> {
        let used = row.used_at.map(|at| Used { at: Timestamp(at), successor_used: row.next_used });
        Ok(Self {
            login: LoginId::new(row.login),
            user: UserId::new(row.user),
            username: row::username(&row.username)?,
            authenticated_at: Timestamp(row.authenticated_at),
            token: Found { expires_at: Timestamp(row.expires_at), used },
            successor_expires_at: row.next_expires_at.map(Timestamp),
        })
    }
}

pub(super) async fn insert_login(
    db: &mut SqliteConnection,
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
    .bind(login.made_at.0)
    .execute(&mut *db)
    .await?;
    insert_token(db, &login.token, login.id, login.expires_at).await
}

async fn insert_token(
    db: &mut SqliteConnection,
    token: &RefreshHash,
    login: LoginId,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    query("INSERT INTO refresh_tokens (hash, login_id, expires_at) VALUES ($1, $2, $3)")
        .bind(token.as_bytes().as_slice())
        .bind(login.as_uuid())
        .bind(expires_at.0)
        .execute(db)
        .await?;
    Ok(())
}

async fn end_login(
    db: &mut SqliteConnection,
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
    db: &mut SqliteConnection,
    user: UserId,
    keep: Option<LoginId>,
    at: Timestamp,
) -> Result<Vec<Revoked>, StoreError> {
    let logins: Vec<Uuid> =
        query_scalar("DELETE FROM logins WHERE user_id = $1 AND id IS NOT $2 RETURNING id")
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
    db: &mut SqliteConnection,
    user: UserId,
    login: LoginId,
    at: Timestamp,
) -> Result<Revoked, StoreError> {
    let until = at.plus_seconds(LOGIN_REVOKED_SECONDS);
    let revoked = Revoked { user, login, token: None, until };
    insert_revoked(db, &revoked).await?;
    Ok(revoked)
}
