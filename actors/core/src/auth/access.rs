//! Access tokens: issued by auth alone, read by every edge without asking anybody.
//!
//! The algorithm is fixed; what a token's header says is only compared, and it may say no more
//! than what we write: whatever else a header can ask for (keys to fetch, extensions, encodings)
//! is refused before anything looks at it. Time is an argument: the library's own clock is never
//! asked.

use std::collections::HashSet;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bus_schemas::auth::VerifyingKey;
use bus_schemas::fault::Code;
use bus_schemas::id::{LoginId, TokenId, UserId};
use bus_schemas::limit::ACCESS_TOKEN_SECONDS;
use bus_schemas::name::Username;
use bus_schemas::time::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::keys::Signer;

/// Who issues the tokens: the claim `iss`.
pub const ISSUER: &str = "dh-secure-chat/auth";
/// Whom the tokens are for: the claim `aud`.
pub const AUDIENCE: &str = "dh-secure-chat/edge";
/// How far the clock of auth may be ahead of an edge's before its tokens seem to come from the
/// future. The end of a token has no such tolerance.
pub const CLOCK_SKEW_SECONDS: i64 = 60;

/// Longest token that is looked at. Ours have about 500 bytes.
pub const TOKEN_BYTES_MAX: usize = 2 * 1024;
/// The member `typ` of every header.
const TYPE: &str = "JWT";
/// The member `alg` of every header.
const ALGORITHM: &str = "EdDSA";

/// What a token says about its bearer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The account (`sub`).
    pub user: UserId,
    /// Its name (`usr`).
    pub username: Username,
    /// The Login that the token belongs to (`sid`).
    pub login: LoginId,
    /// The token itself (`jti`).
    pub token: TokenId,
    /// When it was made (`iat`, `nbf`).
    pub issued_at: Timestamp,
    /// When it ends (`exp`).
    pub expires_at: Timestamp,
    /// When the password was last given (`auth_time`).
    pub authenticated_at: Timestamp,
}

/// The header as it stands in the token: these three, each once, and nothing else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    typ: String,
    alg: String,
    kid: String,
}

/// The claims as they stand in the token. One that nobody here knows is passed over, so that an
/// edge reads the tokens of a newer auth.
#[derive(Serialize, Deserialize)]
struct Wire {
    iss: String,
    aud: String,
    sub: String,
    usr: String,
    sid: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
    iat: i64,
    nbf: i64,
    exp: i64,
    auth_time: i64,
}

/// Signs a token with these claims.
#[must_use]
pub fn issue(signer: &Signer, claims: &Claims) -> String {
    let wire = Wire {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: claims.user.to_string(),
        usr: claims.username.as_str().to_owned(),
        sid: claims.login.to_string(),
        jti: Some(claims.token.to_string()),
        iat: claims.issued_at.0,
        nbf: claims.issued_at.0,
        exp: claims.expires_at.0,
        auth_time: claims.authenticated_at.0,
    };
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some(signer.public().id.clone());
    encode(&header, &wire, signer.key()).expect("plain claims are signed by an Ed25519 key")
}

/// Reads a token that is good at `now` under one of these keys.
pub fn read(keys: &[VerifyingKey], token: &str, now: Timestamp) -> Result<Claims, Code> {
    let id = key_id(token).ok_or(Code::InvalidToken)?;
    let key = keys.iter().find(|key| key.id == id).ok_or(Code::InvalidToken)?;
    let decoded = decode::<Wire>(token, &DecodingKey::from_ed_der(&key.key), &VALIDATION)
        .map_err(|_| Code::InvalidToken)?;
    let claims = claims(&decoded.claims)?;
    if claims.issued_at > now.plus_seconds(CLOCK_SKEW_SECONDS) {
        return Err(Code::InvalidToken);
    }
    if claims.expires_at <= now {
        return Err(Code::TokenExpired);
    }
    Ok(claims)
}

/// The key that a token names in its header; it is only a name until [`read`] has verified it.
/// `None` if the header is not one of ours, whatever it names.
#[must_use]
pub fn key_id(token: &str) -> Option<String> {
    if token.len() > TOKEN_BYTES_MAX {
        return None;
    }
    let (header, _) = token.split_once('.')?;
    let head: Head = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    (head.typ == TYPE && head.alg == ALGORITHM).then_some(head.kid)
}

/// Everything but time, which [`read`] judges by its own argument. It is the same for each token.
static VALIDATION: LazyLock<Validation> = LazyLock::new(|| {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.required_spec_claims =
        HashSet::from(["iss", "aud", "sub", "nbf", "exp"].map(str::to_owned));
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation
});

fn claims(wire: &Wire) -> Result<Claims, Code> {
    let token = wire.jti.as_ref().ok_or(Code::TokenMissingJti)?;
    let lives = wire.exp.saturating_sub(wire.iat);
    if wire.nbf != wire.iat || !(1..=ACCESS_TOKEN_SECONDS).contains(&lives) {
        return Err(Code::InvalidToken);
    }
    // Another replica, whose clock is ahead, may have been given the password a moment ago.
    let latest = wire.iat.saturating_add(CLOCK_SKEW_SECONDS);
    if !(0..=latest).contains(&wire.auth_time) {
        return Err(Code::InvalidToken);
    }
    Ok(Claims {
        user: UserId::new(id(&wire.sub)?),
        username: Username::parse(&wire.usr).map_err(|_| Code::InvalidToken)?,
        login: LoginId::new(id(&wire.sid)?),
        token: TokenId::new(id(token)?),
        issued_at: Timestamp(wire.iat),
        expires_at: Timestamp(wire.exp),
        authenticated_at: Timestamp(wire.auth_time),
    })
}

/// An id in the one spelling that we write.
fn id(text: &str) -> Result<Uuid, Code> {
    let id = Uuid::try_parse(text).map_err(|_| Code::InvalidToken)?;
    if id.hyphenated().to_string() == text { Ok(id) } else { Err(Code::InvalidToken) }
}
