//! The store of a single process: one SQLite file. Writers queue by `BEGIN IMMEDIATE`.

use std::str::FromStr;
use std::time::Duration;

use actors_core::auth::refresh::{Found, RefreshHash, Used};
use async_trait::async_trait;
use bus_schemas::auth::Revoked;
use bus_schemas::directory::{Me, Person};
use bus_schemas::id::{LoginId, TokenId, UserId};
use bus_schemas::limit::{ACCESS_TOKEN_SECONDS, LOGINS_MAX};
use bus_schemas::name::Username;
use bus_schemas::secret::Secret;
use bus_schemas::time::Timestamp;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions, Sqlite, Transaction, query, query_as, query_scalar};
use uuid::Uuid;

use super::row::{self, is_repeat};
use super::{
    Account, KeyStore, LoginStore, NewLogin, NewUser, PoolFigures, Presented, RevokedStore,
    Rotation, SEEN_AGAIN_SECONDS, Store, StoreError, StoredKey, Swept, UserStore,
};

/// Readers beside the one writer; a household has few.
const CONNECTIONS_MAX: u32 = 4;
/// How long a writer waits for another, and anybody for a connection: less than the circuit
/// breaker's patience, so that the reason is known.
const WAIT: Duration = Duration::from_secs(3);

/// The tables, step by step.
static TABLES: Migrator = sqlx::migrate!("migrations/sqlite");

/// The file, through a pool of connections.
pub(super) struct SqliteStore {
    pool: SqlitePool,
}

pub(super) async fn open(url: &str) -> Result<SqliteStore, StoreError> {
    let pool = connect(options(url)?).await?;
    let newest = query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(&pool).await;
    row::check_tables(&TABLES, newest)?;
    Ok(SqliteStore { pool })
}

pub(super) async fn migrate(url: &str) -> Result<(), StoreError> {
    let pool = connect(options(url)?.create_if_missing(true)).await?;
    let done = TABLES.run(&pool).await;
    pool.close().await;
    done.map_err(StoreError::Migration)
}

fn options(url: &str) -> Result<SqliteConnectOptions, StoreError> {
    let options = SqliteConnectOptions::from_str(url).map_err(|_| StoreError::BadUrl)?;
    Ok(options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        .busy_timeout(WAIT)
        .disable_statement_logging())
}

async fn connect(options: SqliteConnectOptions) -> Result<SqlitePool, StoreError> {
    let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS_MAX).acquire_timeout(WAIT);
    Ok(pool.connect_with(options).await?)
}

impl SqliteStore {
    /// A transaction that is the only writer from its first statement on.
    async fn write(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }
}

#[async_trait]
impl UserStore for SqliteStore {
    async fn create_user(&self, user: &NewUser, login: &NewLogin) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        query(
            "INSERT INTO users (id, username, username_folded, password_hash, made_at)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(user.id.as_uuid())
        .bind(user.username.as_str())
        .bind(user.username.folded())
        .bind(user.password_hash.expose())
        .bind(user.made_at.0)
        .execute(&mut *tx)
        .await
        .map_err(|e| if is_repeat(&e) { StoreError::NameTaken } else { e.into() })?;
        insert_login(&mut tx, login).await?;
        Ok(tx.commit().await?)
    }

    async fn account(&self, username: &Username) -> Result<Option<Account>, StoreError> {
        let row: Option<(Uuid, String, String)> =
            query_as("SELECT id, username, password_hash FROM users WHERE username_folded = $1")
                .bind(username.folded())
                .fetch_optional(&self.pool)
                .await?;
        let Some((id, name, hash)) = row else { return Ok(None) };
        let username = row::username(&name)?;
        Ok(Some(Account { id: UserId::new(id), username, password_hash: Secret::new(hash) }))
    }

    async fn person(&self, user: UserId) -> Result<Option<Person>, StoreError> {
        query_as("SELECT id, username FROM users WHERE id = $1")
            .bind(user.as_uuid())
            .fetch_optional(&self.pool)
            .await?
            .map(row::person)
            .transpose()
    }

    async fn me(&self, user: UserId) -> Result<Option<Me>, StoreError> {
        let row: Option<(String, bool)> = query_as(
            "SELECT username, EXISTS (SELECT 1 FROM identity_keys WHERE user_id = users.id)
             FROM users WHERE id = $1",
        )
        .bind(user.as_uuid())
        .fetch_optional(&self.pool)
        .await?;
        let Some((name, has_identity_key)) = row else { return Ok(None) };
        Ok(Some(Me { id: user, username: row::username(&name)?, has_identity_key }))
    }

    async fn find(&self, part: &str, limit: u32) -> Result<Vec<Person>, StoreError> {
        let rows: Vec<(Uuid, String)> = query_as(
            "SELECT id, username FROM users WHERE instr(username_folded, $1) > 0
             ORDER BY username_folded LIMIT $2",
        )
        .bind(part)
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(row::person).collect()
    }

    async fn seen(&self, users: &[(UserId, Timestamp)]) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        for (user, at) in users {
            query(
                "UPDATE users SET last_seen_at = $2
                 WHERE id = $1 AND coalesce(last_seen_at <= $2 - $3, true)",
            )
            .bind(user.as_uuid())
            .bind(at.0)
            .bind(SEEN_AGAIN_SECONDS)
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }
}

#[async_trait]
impl KeyStore for SqliteStore {
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

#[async_trait]
impl LoginStore for SqliteStore {
    async fn add_login(&self, login: &NewLogin) -> Result<Vec<Revoked>, StoreError> {
        let mut tx = self.write().await?;
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

    async fn login_lives(&self, login: LoginId, at: Timestamp) -> Result<bool, StoreError> {
        Ok(query_scalar(
            "SELECT EXISTS (SELECT 1 FROM refresh_tokens
             WHERE login_id = $1 AND used_at IS NULL AND expires_at > $2)",
        )
        .bind(login.as_uuid())
        .bind(at.0)
        .fetch_one(&self.pool)
        .await?)
    }
}

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

#[async_trait]
impl Store for SqliteStore {
    async fn ping(&self) -> Result<(), StoreError> {
        query("SELECT 1 FROM users LIMIT 1").fetch_optional(&self.pool).await?;
        Ok(())
    }

    fn pool(&self) -> PoolFigures {
        let idle = u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX);
        PoolFigures { total: self.pool.size(), idle, max: CONNECTIONS_MAX }
    }

    async fn close(&self) {
        self.pool.close().await;
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

async fn insert_login(db: &mut SqliteConnection, login: &NewLogin) -> Result<(), StoreError> {
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
    let until = at.plus_seconds(ACCESS_TOKEN_SECONDS);
    let revoked = Revoked { user: UserId::new(user), login, token: None, until };
    insert_revoked(db, &revoked).await?;
    Ok(Some(revoked))
}

async fn insert_revoked(db: &mut SqliteConnection, revoked: &Revoked) -> Result<(), StoreError> {
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
