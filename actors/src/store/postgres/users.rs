//! Accounts, and finding them, in PostgreSQL.

use async_trait::async_trait;
use bus_schemas::auth::Revoked;
use bus_schemas::directory::{Me, Person};
use bus_schemas::id::UserId;
use bus_schemas::name::Username;
use bus_schemas::secret::Secret;
use bus_schemas::time::Timestamp;
use sqlx::{query, query_as, query_scalar};
use time::OffsetDateTime;
use uuid::Uuid;

use super::logins::{end_logins, insert_login};
use super::{PostgresStore, moment};
use crate::store::row::{self, is_repeat};
use crate::store::{
    Account, NewLogin, NewUser, PasswordChange, Removal, SEEN_AGAIN_SECONDS, StoreError, UserStore,
};

/// Names that are read in order before the index of pairs is asked. A part that is in every
/// hundredth name fills a page among them; one that is not is in few names out of 100,000.
const NEAR_NAMES: u32 = 2_000;

/// Two ways, each where it is short, without asking the planner what it believes.
///
/// A common part: the first names in order have enough of it, and reading all that have it would be
/// much more. A rare part: the names that have all its pairs of characters. With `OFFSET` these are
/// found before they are ordered; without it the planner reads all names in order where it takes
/// the part for a common one.
const FIND: &str = "
    WITH near AS MATERIALIZED (
        SELECT id, username, username_folded FROM (
            SELECT id, username, username_folded FROM users ORDER BY username_folded LIMIT $3
        ) AS first
        WHERE strpos(username_folded, $1) > 0 ORDER BY username_folded LIMIT $2
    ), found AS (
        SELECT * FROM near WHERE (SELECT count(*) FROM near) >= $2
        UNION ALL
        SELECT * FROM (
            SELECT id, username, username_folded FROM users
            WHERE (SELECT count(*) FROM near) < $2
              AND pairs_of(username_folded) @> pairs_of($1) AND strpos(username_folded, $1) > 0
            OFFSET 0
        ) AS every
    )
    SELECT id, username FROM found ORDER BY username_folded LIMIT $2";

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
        query_as(
            "SELECT id, username, password_hash, password_version FROM users
             WHERE username_folded = $1",
        )
        .bind(username.folded())
        .fetch_optional(&self.pool)
        .await?
        .map(row::account)
        .transpose()
    }

    async fn account_of(&self, user: UserId) -> Result<Option<Account>, StoreError> {
        query_as("SELECT id, username, password_hash, password_version FROM users WHERE id = $1")
            .bind(user.as_uuid())
            .fetch_optional(&self.pool)
            .await?
            .map(row::account)
            .transpose()
    }

    async fn set_password(
        &self,
        change: &PasswordChange,
    ) -> Result<Option<Vec<Revoked>>, StoreError> {
        let mut tx = self.pool.begin().await?;
        let set = query(
            "UPDATE users SET password_hash = $3, password_version = password_version + 1
             WHERE id = $1 AND password_hash = $2",
        )
        .bind(change.user.as_uuid())
        .bind(change.was.expose())
        .bind(change.is.expose())
        .execute(&mut *tx)
        .await?;
        if set.rows_affected() == 0 {
            return Ok(None);
        }
        let ended = end_logins(&mut tx, change.user, change.keep, change.at).await?;
        tx.commit().await?;
        Ok(Some(ended))
    }

    async fn rehash(
        &self,
        user: UserId,
        was: &Secret<String>,
        is: &Secret<String>,
    ) -> Result<(), StoreError> {
        query("UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2")
            .bind(user.as_uuid())
            .bind(was.expose())
            .bind(is.expose())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn remove_user(&self, removal: &Removal) -> Result<Vec<Revoked>, StoreError> {
        let mut tx = self.pool.begin().await?;
        // Locked before its Logins, as whoever makes one does.
        let user = removal.user.as_uuid();
        let version = query_scalar("SELECT password_version FROM users WHERE id = $1 FOR UPDATE")
            .bind(user)
            .fetch_optional(&mut *tx)
            .await?;
        row::check_password(version, removal.password_version)?;
        let ended = end_logins(&mut tx, removal.user, None, removal.at).await?;
        query("DELETE FROM users WHERE id = $1").bind(user).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(ended)
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
        let rows: Vec<(Uuid, String)> = query_as(FIND)
            .bind(part)
            .bind(i64::from(limit))
            .bind(i64::from(NEAR_NAMES))
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
