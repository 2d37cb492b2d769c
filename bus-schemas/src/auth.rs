//! Calls to auth, and what auth tells the edges.

use serde::{Deserialize, Serialize};

use crate::blob::PublicKey;
use crate::id::{EdgeId, LoginId, TokenId, UserId};
use crate::name::Username;
use crate::secret::Secret;
use crate::time::Timestamp;
use crate::topic::Call;

/// Where a Login is used from, for the list of one's devices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// The browser's own words, cut at 256 bytes by the door.
    pub user_agent: String,
    /// The network address that the door saw.
    pub address: String,
}

/// Asks for a new account.
#[derive(Debug, Serialize, Deserialize)]
pub struct Register {
    /// The name; must be free without regard to case.
    pub username: Username,
    /// The password in the clear; never stored, never logged.
    pub password: Secret<String>,
    /// The identity key of the browser that registers.
    pub identity_key: Option<PublicKey>,
    /// Where from.
    pub client: Client,
}

/// Asks for a new Login.
#[derive(Debug, Serialize, Deserialize)]
pub struct LogIn {
    /// The name in any case.
    pub username: Username,
    /// The password in the clear; never stored, never logged.
    pub password: Secret<String>,
    /// The device cookie of a browser that signed in before: its guesses are counted apart.
    pub device: Option<Secret<String>>,
    /// Where from.
    pub client: Client,
}

/// Asks for the successor of a refresh token.
#[derive(Debug, Serialize, Deserialize)]
pub struct Refresh {
    /// The token as it stands in the cookie.
    pub refresh_token: Secret<String>,
    /// Where from.
    pub client: Client,
}

/// What a successful register, login or refresh gives.
#[derive(Debug, Serialize, Deserialize)]
pub struct Admission {
    /// The account.
    pub user: UserId,
    /// Its name as its owner wrote it.
    pub username: Username,
    /// The access token.
    pub access_token: Secret<String>,
    /// The refresh token for the cookie.
    pub refresh_token: Secret<String>,
    /// When the refresh token ends.
    pub refresh_expires_at: Timestamp,
    /// A device cookie, given with a password and not with a refresh.
    pub device: Option<Secret<String>>,
}

/// Ends what is given: the Login of a refresh token, an access token, or both.
#[derive(Debug, Serialize, Deserialize)]
pub struct LogOut {
    /// The token as it stands in the cookie.
    pub refresh_token: Option<Secret<String>>,
    /// The access token's claims, already verified by the edge.
    pub access: Option<Revoked>,
}

/// An access token that is no longer good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// Whose.
    pub user: UserId,
    /// Every access token of this Login is meant if `token` is absent.
    pub login: LoginId,
    /// This token alone.
    pub token: Option<TokenId>,
    /// When the entry may be forgotten, because the tokens have expired by themselves.
    pub until: Timestamp,
}

/// Asks whether a Login still lives.
#[derive(Debug, Serialize, Deserialize)]
pub struct Verify {
    /// The Login.
    pub login: LoginId,
    /// An access token of it that must not be revoked either, if one is named.
    pub token: Option<TokenId>,
}

/// Whether a Login still lives.
#[derive(Debug, Serialize, Deserialize)]
pub struct Verified {
    /// It has not ended, its account exists, and the token that was named is not revoked.
    pub alive: bool,
}

/// Asks for another password. Every other Login of the account ends.
#[derive(Debug, Serialize, Deserialize)]
pub struct ChangePassword {
    /// Whose, as the edge read it from the token.
    pub user: UserId,
    /// The Login that asks, and goes on.
    pub login: LoginId,
    /// The password as it is; never stored, never logged.
    pub old: Secret<String>,
    /// The password as it is to be; the door knows that it has the right form.
    pub new: Secret<String>,
}

/// Asks for the end of an account, its Logins and its keys.
#[derive(Debug, Serialize, Deserialize)]
pub struct RemoveAccount {
    /// Whose, as the edge read it from the token.
    pub user: UserId,
    /// The Login that asks.
    pub login: LoginId,
    /// The password; never stored, never logged.
    pub password: Secret<String>,
}

/// Asks for the Logins of a user, the newest first.
#[derive(Debug, Serialize, Deserialize)]
pub struct AskLogins {
    /// Whose, as the edge read it from the token.
    pub user: UserId,
}

/// One device signed in, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginShown {
    /// The Login.
    pub id: LoginId,
    /// Where it was used last.
    pub client: Client,
    /// When it began; the password was given at this moment.
    pub made_at: Timestamp,
    /// When it was used last.
    pub used_at: Timestamp,
}

/// Asks for the end of one's own Login.
#[derive(Debug, Serialize, Deserialize)]
pub struct EndLogin {
    /// Whose, as the edge read it from the token.
    pub user: UserId,
    /// The Login; refused with `LOGIN_NOT_FOUND` if it is not this user's.
    pub login: LoginId,
}

/// An edge asks for what it needs to judge tokens by itself for a while: what was revoked since it
/// asked last. By asking it also says that it is there, and whoever revokes waits for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskLease {
    /// Who asks.
    pub edge: EdgeId,
    /// How far it knows, as the last answer said; absent: it knows nothing.
    pub mark: Option<i64>,
    /// The page after the one that ended here; absent for the first.
    pub after: Option<i64>,
    /// It admits nobody any more; nobody has to wait for it from here on.
    pub leaving: bool,
}

/// What an edge needs to judge tokens by itself for a while.
#[derive(Debug, Serialize, Deserialize)]
pub struct Lease {
    /// What to ask from next time: everything that was revoked before it is known by then.
    pub mark: i64,
    /// What was revoked since the mark that was asked from, and has not yet expired. Some of it
    /// may come again.
    pub revoked: Vec<Revoked>,
    /// Where the next page begins, if there is more.
    pub next: Option<i64>,
    /// The keys that sign access tokens, or will soon, or did until a moment ago.
    pub keys: Vec<VerifyingKey>,
}

/// An edge answers that it has applied what was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// Which.
    pub edge: EdgeId,
}

/// The public half of a key that signs access tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyingKey {
    /// The `kid` in a token's header.
    pub id: String,
    /// A raw Ed25519 public key.
    #[serde(with = "serde_bytes")]
    pub key: Vec<u8>,
}

/// `auth.register`
#[must_use]
pub fn register() -> Call<Register, Admission> {
    Call::new("auth.register")
}

/// `auth.login`
#[must_use]
pub fn log_in() -> Call<LogIn, Admission> {
    Call::new("auth.login")
}

/// `auth.refresh`
#[must_use]
pub fn refresh() -> Call<Refresh, Admission> {
    Call::new("auth.refresh")
}

/// `auth.logout`
#[must_use]
pub fn log_out() -> Call<LogOut, ()> {
    Call::new("auth.logout")
}

/// `auth.revoke`
#[must_use]
pub fn revoke() -> Call<Revoked, ()> {
    Call::new("auth.revoke")
}

/// `auth.verify`
#[must_use]
pub fn verify() -> Call<Verify, Verified> {
    Call::new("auth.verify")
}

/// `auth.password`
#[must_use]
pub fn change_password() -> Call<ChangePassword, ()> {
    Call::new("auth.password")
}

/// `auth.remove`
#[must_use]
pub fn remove_account() -> Call<RemoveAccount, ()> {
    Call::new("auth.remove")
}

/// `auth.logins`
#[must_use]
pub fn logins() -> Call<AskLogins, Vec<LoginShown>> {
    Call::new("auth.logins")
}

/// `auth.end`
#[must_use]
pub fn end_login() -> Call<EndLogin, ()> {
    Call::new("auth.end")
}

/// `auth.lease`
#[must_use]
pub fn lease() -> Call<AskLease, Lease> {
    Call::new("auth.lease")
}

/// `auth.revoked`: asked of every edge, and each answers once it has applied it.
#[must_use]
pub fn revoked() -> Call<Vec<Revoked>, Heard> {
    Call::new("auth.revoked")
}
