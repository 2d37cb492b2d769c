//! The store of many processes: PostgreSQL. Whoever locks, locks user, Login, token in this order.

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
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, query, query_as, query_scalar};
use time::OffsetDateTime;
use uuid::Uuid;

use super::row::{self, is_repeat};
use super::{
    Account, KeyStore, LoginStore, NewLogin, NewUser, PoolFigures, Presented, RevokedStore,
    Rotation, SEEN_AGAIN_SECONDS, Store, StoreError, StoredKey, Swept, UserStore,
};

/// Connections of one process: its uses are few and short, and a server has about a hundred.
const CONNECTIONS_MAX: u32 = 16;
/// How long somebody waits for a connection: less than the circuit breaker's patience, so that
/// the reason is known.
const WAIT: Duration = Duration::from_secs(2);

/// The tables, step by step.
static TABLES: Migrator = sqlx::migrate!("migrations/postgres");

/// The database, through a pool of connections.
pub(super) struct PostgresStore {
    pool: PgPool,
}

pub(super) async fn open(url: &str) -> Result<PostgresStore, StoreError> {
    let pool = connect(url).await?;
    let newest = query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(&pool).await;
    row::check_tables(&TABLES, newest)?;
    Ok(PostgresStore { pool })
}

pub(super) async fn migrate(url: &str) -> Result<(), StoreError> {
    let pool = connect(url).await?;
    let done = TABLES.run(&pool).await;
    pool.close().await;
    done.map_err(StoreError::Migration)
}

async fn connect(url: &str) -> Result<PgPool, StoreError> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|_| StoreError::BadUrl)?
        .application_name("dhchat")
        .disable_statement_logging();
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS_MAX).acquire_timeout(WAIT);
    Ok(pool.connect_with(options).await?)
}

#[async_trait]
impl UserStore for PostgresStore {
    async fn create_user(&self, user: &NewUser, login: &NewLogin) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        query(
            "INSERT INTO users (id, username, username_folded, password_hash, made_at)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(user.id.as_uuid())
        .bind(user.username.as_str())
        .bind(user.username.folded())
        .bind(user.password_hash.expose())
        .bind(moment(user.made_at))
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
            "SELECT username, EXISTS (SELECT FROM identity_keys WHERE user_id = users.id)
             FROM users WHERE id = $1",
        )
        .bind(user.as_uuid())
        .fetch_optional(&self.pool)
        .await?;
        let Some((name, has_identity_key)) = row else { return Ok(None) };
        Ok(Some(Me { id: user, username: row::username(&name)?, has_identity_key }))
    }

    async fn find(&self, part: &str, limit: u32) -> Result<Vec<Person>, StoreError> {
        // PostgreSQL takes no NUL in a text, and no name has one.
        if part.contains('\0') {
            return Ok(Vec::new());
        }
        let rows: Vec<(Uuid, String)> = query_as(
            "SELECT id, username FROM users WHERE username_folded LIKE $1
             ORDER BY username_folded LIMIT $2",
        )
        .bind(containing(part))
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(row::person).collect()
    }

    async fn seen(&self, users: &[(UserId, Timestamp)]) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = users.iter().map(|(user, _)| user.as_uuid()).collect();
        let moments: Vec<OffsetDateTime> = users.iter().map(|(_, at)| moment(*at)).collect();
        query(
            "UPDATE users SET last_seen_at = seen.at
             FROM (SELECT id, max(at) AS at FROM unnest($1, $2) AS told (id, at) GROUP BY id) AS seen
             WHERE users.id = seen.id
               AND coalesce(users.last_seen_at <= seen.at - make_interval(secs => $3::bigint), true)",
        )
        .bind(ids)
        .bind(moments)
        .bind(SEEN_AGAIN_SECONDS)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

#[async_trait]
impl KeyStore for PostgresStore {
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

#[async_trait]
impl LoginStore for PostgresStore {
    async fn add_login(&self, login: &NewLogin) -> Result<Vec<Revoked>, StoreError> {
        let mut tx = self.pool.begin().await?;
        // One Login of a user after another, or two at once would each count the other out.
        query("SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE")
            .bind(login.user.as_uuid())
            .execute(&mut *tx)
            .await?;
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

    async fn login_lives(&self, login: LoginId, at: Timestamp) -> Result<bool, StoreError> {
        Ok(query_scalar(
            "SELECT EXISTS (SELECT FROM refresh_tokens
             WHERE login_id = $1 AND used_at IS NULL AND expires_at > $2)",
        )
        .bind(login.as_uuid())
        .bind(moment(at))
        .fetch_one(&self.pool)
        .await?)
    }
}

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

#[async_trait]
impl Store for PostgresStore {
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

async fn insert_login(db: &mut PgConnection, login: &NewLogin) -> Result<(), StoreError> {
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
    let until = at.plus_seconds(ACCESS_TOKEN_SECONDS);
    let revoked = Revoked { user: UserId::new(user), login, token: None, until };
    insert_revoked(db, &revoked).await?;
    Ok(Some(revoked))
}

async fn insert_revoked(db: &mut PgConnection, revoked: &Revoked) -> Result<(), StoreError> {
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

/// A pattern for whatever has `part` in it, literally.
fn containing(part: &str) -> String {
    let mut pattern = String::with_capacity(part.len() + 2);
    pattern.push('%');
    for character in part.chars() {
        if matches!(character, '\\' | '%' | '_') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

/// The database's word for a moment; the end of its calendar for one beyond it.
fn moment(at: Timestamp) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.0)
        .unwrap_or(time::macros::datetime!(9999-12-31 23:59:59 UTC))
}

fn timestamp(moment: OffsetDateTime) -> Timestamp {
    Timestamp(moment.unix_timestamp())
}
