//! What a successful register, login or refresh gives: an access token and a refresh token.

use actors_core::auth::access::{self, Claims};
use actors_core::auth::device::{Device, NONCE_BYTES};
use actors_core::auth::refresh::{REFRESH_TOKEN_BYTES, RefreshHash, RefreshToken};
use bus_schemas::auth::{Admission, Client};
use bus_schemas::id::{LoginId, TokenId, UserId};
use bus_schemas::limit::{ACCESS_TOKEN_SECONDS, REFRESH_TOKEN_SECONDS};
use bus_schemas::name::Username;
use bus_schemas::secret::Secret;
use bus_schemas::time::Timestamp;
use uuid::Uuid;

use super::Auth;
use crate::metrics::{self, Tokens};
use crate::store::NewLogin;

/// For whom tokens are made.
pub(super) struct Holder {
    pub(super) user: UserId,
    pub(super) username: Username,
    pub(super) login: LoginId,
    pub(super) authenticated_at: Timestamp,
}

impl Auth {
    /// The tokens of a holder, whose refresh token is stored already.
    pub(super) fn admit(
        &self,
        holder: Holder,
        refresh_token: &RefreshToken,
        refresh_expires_at: Timestamp,
    ) -> Admission {
        let now = self.clock.now();
        let claims = Claims {
            user: holder.user,
            username: holder.username,
            login: holder.login,
            token: TokenId::new(Uuid::new_v4()),
            issued_at: now,
            expires_at: now.plus_seconds(ACCESS_TOKEN_SECONDS),
            authenticated_at: holder.authenticated_at,
        };
        let access_token = Secret::new(access::issue(&self.keys.signer(now), &claims));
        metrics::tokens(Tokens::AccessIssued, 1);
        Admission {
            user: claims.user,
            username: claims.username,
            access_token,
            refresh_token: refresh_token.text(),
            refresh_expires_at,
            device: None,
        }
    }

    /// The cookie that tells this browser from strangers when it signs in again.
    pub(super) fn new_device(&self, user: UserId, password_version: i64) -> Secret<String> {
        let mut nonce = [0; NONCE_BYTES];
        fill_random(&mut nonce);
        self.keys.device_cookie(&Device { user, nonce }, password_version)
    }
}

/// A refresh token that nobody can guess.
pub(super) fn random_token() -> RefreshToken {
    let mut bytes = [0; REFRESH_TOKEN_BYTES];
    fill_random(&mut bytes);
    RefreshToken::from_random(bytes)
}

fn fill_random(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the system has random bytes");
}

/// A Login that begins with a password of this version, given at this moment.
pub(super) fn new_login(
    user: UserId,
    password_version: i64,
    client: Client,
    token: RefreshHash,
    now: Timestamp,
) -> NewLogin {
    let expires_at = now.plus_seconds(REFRESH_TOKEN_SECONDS);
    let id = LoginId::new(Uuid::new_v4());
    NewLogin { id, user, client, token, made_at: now, expires_at, password_version }
}
