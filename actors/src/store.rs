//! The port to the store: users, keys, Logins, guesses, and what was revoked. Nothing anybody says.
//!
//! What any store must do is numbered STO in `SPEC.md` and held by one contract suite on SQLite
//! and PostgreSQL. A store decides nothing but who comes first; verdicts are in `actors-core`.

mod circuit;
pub mod guarded;
mod opening;
mod postgres;
mod row;
mod sqlite;

use std::time::Duration;

use actors_core::auth::guessing::{Bucket, Guesses};
use actors_core::auth::refresh::{Found, RefreshHash};
use async_trait::async_trait;
use bus_schemas::auth::{Client, LoginShown, Revoked};
use bus_schemas::blob::PublicKey;
use bus_schemas::directory::{Me, Person};
use bus_schemas::fault::Code;
use bus_schemas::id::{EdgeId, LoginId, TokenId, UserId};
use bus_schemas::name::Username;
use bus_schemas::secret::Secret;
use bus_schemas::time::Timestamp;
use bus_schemas::verbs::Refusal;
pub use opening::{clock, migrate, open, open_patiently, open_with};

/// How long a user who was noted as seen is not noted again.
const SEEN_AGAIN_SECONDS: i64 = 60;
/// How long an edge is kept that asks for nothing. It counts as gone after seconds; its row only
/// takes room.
const EDGE_KEPT: Duration = Duration::from_hours(24);
/// Keys of a user that are told: whoever replaced more than that has a history nobody reads.
const KEYS_TOLD_MAX: u32 = 1_000;
/// Revocations on a page of a lease: about 0.8 MiB on the bus, well under its largest payload.
pub const LEASE_REVOKED_MAX: usize = 8_192;

/// Why a store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody has this name, in whichever case.
    #[error("this username is taken")]
    NameTaken,
    /// What was to be stored belongs to a user who does not exist.
    #[error("there is no such user")]
    UnknownUser,
    /// The password that was given was changed in the meantime.
    #[error("the password was changed in the meantime")]
    PasswordChanged,
    /// It cannot be reached, or cannot do anything at the moment.
    #[error("the store is away")]
    Away(#[source] sqlx::Error),
    /// It did not answer in time.
    #[error("the store did not answer in time")]
    Timeout,
    /// It failed so often that it is left alone for a while.
    #[error("the store failed too often and is left alone for a while")]
    CircuitOpen,
    /// It answered something that makes no sense.
    #[error("the store answered something that makes no sense")]
    Broken(#[source] sqlx::Error),
    /// Its tables could not be brought up to date.
    #[error("the tables of the store could not be brought up to date")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// Its tables are older than this program.
    #[error("the tables of the store are not up to date: run `dhchat migrate`")]
    Outdated,
    /// Not the URL of any store that we know. It is not quoted: it may hold a password.
    #[error("the URL of the store is neither sqlite:PATH nor postgres://USER@HOST/DATABASE")]
    BadUrl,
}

impl StoreError {
    /// What the outside is told.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::NameTaken => Code::UsernameTaken,
            Self::UnknownUser => Code::UserNotFound,
            Self::PasswordChanged => Code::InvalidCredentials,
            Self::Away(_) | Self::Timeout | Self::CircuitOpen => Code::ServiceUnavailable,
            Self::Broken(_) | Self::Migration(_) | Self::Outdated | Self::BadUrl => {
                Code::InternalError
            }
        }
    }
}

impl From<StoreError> for Code {
    fn from(error: StoreError) -> Self {
        error.code()
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        error.code().into()
    }
}

/// An account to be made.
#[derive(Debug)]
pub struct NewUser {
    /// Its id.
    pub id: UserId,
    /// Its name; free without regard to case, or it is not made.
    pub username: Username,
    /// What the hasher made of its password.
    pub password_hash: Secret<String>,
    /// When.
    pub made_at: Timestamp,
}

/// What checking a password needs.
#[derive(Debug)]
pub struct Account {
    /// Its id.
    pub id: UserId,
    /// Its name as its owner wrote it.
    pub username: Username,
    /// What the hasher made of its password.
    pub password_hash: Secret<String>,
    /// [`PASSWORD_VERSION_FIRST`], and one more with each change. The same password under another
    /// hash is no change.
    pub password_version: i64,
}

/// The version of the password that an account is made with.
pub const PASSWORD_VERSION_FIRST: i64 = 1;

/// The password of an account is to become another.
#[derive(Debug)]
pub struct PasswordChange {
    /// Whose.
    pub user: UserId,
    /// The Login that goes on. Every other ends.
    pub keep: Option<LoginId>,
    /// The hash that the old password was found right against.
    pub was: Secret<String>,
    /// What the hasher made of the new one.
    pub is: Secret<String>,
    /// When.
    pub at: Timestamp,
}

/// An account is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removal {
    /// Whose.
    pub user: UserId,
    /// Which password was given: [`Account::password_version`] of the account it was checked
    /// against.
    pub password_version: i64,
    /// When.
    pub at: Timestamp,
}

/// The present key of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredKey {
    /// 1 for the first, one more for each that replaced another.
    pub version: i32,
    /// The key.
    pub key: PublicKey,
}

/// A key that a user has or had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptKey {
    /// 1 for the first, one more for each that replaced another.
    pub version: i32,
    /// The key.
    pub key: PublicKey,
    /// When it was added.
    pub made_at: Timestamp,
}

/// A Login to be made, with its first refresh token.
#[derive(Debug)]
pub struct NewLogin {
    /// Its id.
    pub id: LoginId,
    /// Whose.
    pub user: UserId,
    /// Where from.
    pub client: Client,
    /// Its first refresh token.
    pub token: RefreshHash,
    /// When; the password was given at this moment.
    pub made_at: Timestamp,
    /// When the token ends.
    pub expires_at: Timestamp,
    /// Which password was given: [`Account::password_version`] of the account it was checked
    /// against.
    pub password_version: i64,
}

/// A refresh token that somebody presented, with what it belongs to.
#[derive(Debug)]
pub struct Presented {
    /// Its Login.
    pub login: LoginId,
    /// Whose.
    pub user: UserId,
    /// The name as its owner wrote it.
    pub username: Username,
    /// When the password of this Login was given.
    pub authenticated_at: Timestamp,
    /// What the verdict needs to know.
    pub token: Found,
    /// When the token that replaced it ends.
    pub successor_expires_at: Option<Timestamp>,
}

/// A refresh token is to be replaced by its successor.
#[derive(Debug)]
pub struct Rotation {
    /// The token.
    pub presented: RefreshHash,
    /// What replaces it.
    pub successor: RefreshHash,
    /// When.
    pub at: Timestamp,
    /// When the successor ends.
    pub expires_at: Timestamp,
    /// Where from.
    pub client: Client,
}

/// How much a sweep removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Refresh tokens that had ended.
    pub refresh_tokens: u64,
    /// Revocations of tokens that have expired by themselves.
    pub revoked: u64,
    /// Buckets whose guesses are forgotten.
    pub guesses: u64,
}

/// What an edge asks of the list of revocations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseAsked {
    /// Which edge.
    pub edge: EdgeId,
    /// The mark of what it has already; everything if absent. The same for all pages of one list.
    pub mark: Option<i64>,
    /// [`LeaseGiven::next`] of the page before.
    pub after: Option<i64>,
    /// It asks for the last time and is not to be waited for.
    pub leaving: bool,
}

/// One page of the list of revocations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseGiven {
    /// What the next list is to be asked from. Of several pages only the **first** one's mark
    /// holds: what was committed while the later ones were read may be on none of them.
    pub mark: i64,
    /// At most [`LEASE_REVOKED_MAX`]. Some may have been told before.
    pub revoked: Vec<Revoked>,
    /// Where the next page begins, if there is one.
    pub next: Option<i64>,
}

/// Connections of a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolFigures {
    /// Open ones.
    pub total: u32,
    /// Open ones that nobody uses.
    pub idle: u32,
    /// As many as there may be.
    pub max: u32,
}

/// Accounts, and finding them.
#[async_trait]
pub trait UserStore: Send + Sync {
    /// Makes an account and its first Login: both or neither.
    async fn create_user(&self, user: &NewUser, login: &NewLogin) -> Result<(), StoreError>;

    /// The account of this name in any case.
    async fn account(&self, username: &Username) -> Result<Option<Account>, StoreError>;

    /// The account with this id.
    async fn account_of(&self, user: UserId) -> Result<Option<Account>, StoreError>;

    /// Sets another password, ends every Login but the one to keep, and tells them, as one. `None`
    /// if the hash is not the one expected any more, or there is no such user.
    async fn set_password(
        &self,
        change: &PasswordChange,
    ) -> Result<Option<Vec<Revoked>>, StoreError>;

    /// Sets another hash of the same password. No Login ends; nothing happens if the hash is not
    /// the one expected any more.
    async fn rehash(
        &self,
        user: UserId,
        was: &Secret<String>,
        is: &Secret<String>,
    ) -> Result<(), StoreError>;

    /// Removes a user with their keys and Logins, revokes their access tokens, and tells the
    /// Logins that ended, as one. Refused if the password was changed since it was checked.
    async fn remove_user(&self, removal: &Removal) -> Result<Vec<Revoked>, StoreError>;

    /// A user as anybody may see them.
    async fn person(&self, user: UserId) -> Result<Option<Person>, StoreError>;

    /// A user as they see themselves.
    async fn me(&self, user: UserId) -> Result<Option<Me>, StoreError>;

    /// At most `limit` people whose folded name has `part` in it, ordered by folded name. No
    /// character of `part` is a wildcard.
    async fn find(&self, part: &str, limit: u32) -> Result<Vec<Person>, StoreError>;

    /// Notes when users were last seen. A user noted less than a minute before `at` is left as
    /// they are; a user who does not exist is passed over.
    async fn seen(&self, users: &[(UserId, Timestamp)]) -> Result<(), StoreError>;
}

/// Public keys, the present one and all before it.
#[async_trait]
pub trait KeyStore: Send + Sync {
    /// Every key the user has or had, the oldest first; the newest 1,000 if there are more.
    async fn keys(&self, user: UserId) -> Result<Vec<KeptKey>, StoreError>;

    /// The present key.
    async fn key(&self, user: UserId) -> Result<Option<StoredKey>, StoreError>;

    /// Appends a key. False if this version exists: somebody else was first.
    async fn add_key(
        &self,
        user: UserId,
        key: &StoredKey,
        at: Timestamp,
    ) -> Result<bool, StoreError>;
}

/// Logins and their refresh tokens.
#[async_trait]
pub trait LoginStore: Send + Sync {
    /// Makes a Login, and ends the oldest ones of its user above the limit. Refused if the
    /// password was changed since it was checked: a change ends every Login, also those that are
    /// about to be made.
    async fn add_login(&self, login: &NewLogin) -> Result<Vec<Revoked>, StoreError>;

    /// What is known about a presented refresh token; `successor` is what would replace it.
    async fn presented(
        &self,
        token: RefreshHash,
        successor: RefreshHash,
    ) -> Result<Option<Presented>, StoreError>;

    /// Replaces a fresh token by its successor. Of any number of callers with the same token one
    /// gets true; false if it was used, has ended, or is unknown.
    async fn rotate(&self, rotation: &Rotation) -> Result<bool, StoreError>;

    /// Ends a Login with all its tokens and revokes its access tokens, as one. `None` if there is
    /// no such Login.
    async fn end_login(&self, login: LoginId, at: Timestamp)
    -> Result<Option<Revoked>, StoreError>;

    /// Whether a Login could still be refreshed at this moment, and neither its tokens nor this
    /// token of it are revoked.
    async fn login_lives(
        &self,
        login: LoginId,
        token: Option<TokenId>,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// The Logins of a user that could still be refreshed at this moment, the newest first.
    async fn logins(&self, user: UserId, at: Timestamp) -> Result<Vec<LoginShown>, StoreError>;

    /// Whose a Login is. `None` if there is no such Login.
    async fn owner(&self, login: LoginId) -> Result<Option<UserId>, StoreError>;
}

/// How often passwords were guessed. Who may guess is decided in `actors-core`.
#[async_trait]
pub trait GuessStore: Send + Sync {
    /// What is known of a bucket.
    async fn guesses(&self, bucket: &Bucket) -> Result<Option<Guesses>, StoreError>;

    /// Puts `next` where `seen` is, which it differs from. Of any number of callers who saw the
    /// same one gets true; false if the bucket is not as it was seen.
    async fn guess(
        &self,
        bucket: &Bucket,
        seen: Option<Guesses>,
        next: Guesses,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Forgets the guesses of a bucket.
    async fn forgive(&self, bucket: &Bucket) -> Result<(), StoreError>;
}

/// Access tokens that must not be taken any more, and the edges that must know of them.
#[async_trait]
pub trait RevokedStore: Send + Sync {
    /// Revokes; again and again if need be.
    async fn revoke(&self, revoked: &Revoked) -> Result<(), StoreError>;

    /// Everything revoked that has not yet expired by itself.
    async fn revoked(&self, at: Timestamp) -> Result<Vec<Revoked>, StoreError>;

    /// Notes that an edge is there, or that it leaves, and then reads what was revoked since its
    /// mark and has not yet expired by itself.
    ///
    /// Nothing is missed, in whichever order transactions commit: what was committed before this
    /// was called is on the list that it begins, or was on an earlier one. An edge that is not
    /// among [`RevokedStore::edges`] when they are read after a commit finds that commit on the
    /// next list it begins. A mark from the future, as after a restored database, gives everything;
    /// whoever may have missed that moment asks without a mark.
    async fn lease(&self, asked: &LeaseAsked, at: Timestamp) -> Result<LeaseGiven, StoreError>;

    /// The edges that asked for a lease within this time by the clock of the store, and did not
    /// leave.
    async fn edges(&self, within: Duration) -> Result<Vec<EdgeId>, StoreError>;

    /// Forgets those of these edges that have not asked for a lease within this time by the clock
    /// of the store.
    async fn forget_edges(&self, edges: &[EdgeId], silent: Duration) -> Result<(), StoreError>;

    /// Removes what has ended, guesses that are forgotten, and edges long gone.
    async fn sweep(&self, at: Timestamp) -> Result<Swept, StoreError>;
}

/// A store.
#[async_trait]
pub trait Store: UserStore + KeyStore + LoginStore + GuessStore + RevokedStore + 'static {
    /// Asks whether it answers.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Its connections at this moment.
    fn pool(&self) -> PoolFigures;

    /// Ends every connection, after what is under way.
    async fn close(&self);
}
