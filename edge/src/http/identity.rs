//! Public keys: publish one's own, read and fingerprint anybody's.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bus_schemas::blob::{Fingerprint, PublicKey};
use bus_schemas::fault::Code;
use bus_schemas::identity::publish as publish_call;
use bus_schemas::identity::{
    OfUser, PastKey, Publish, fingerprint as fingerprint_call, history as history_call,
    key as key_call,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Doors;
use super::api::schema;
use super::extract::{Bearer, Body, Trace, UserInPath};
use super::problem::Problem;
use super::rfc3339::Rfc3339;

/// A key as it was stored.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Key {
    #[schemars(schema_with = "schema::stored_key")]
    public_key: String,
}

/// `GET /api/chat/users/{id}/identity-key` and `GET /api/identity/users/{id}/key`
pub(super) async fn key(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    Bearer(_): Bearer,
    UserInPath(user): UserInPath,
) -> Result<Json<Key>, Problem> {
    let key = doors.call_again(&key_call(), &OfUser { user }, &trace).await?;
    Ok(Json(Key { public_key: STANDARD.encode(key.as_bytes()) }))
}

/// The hash of a key.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Print {
    #[schemars(schema_with = "schema::fingerprint")]
    fingerprint: Fingerprint,
}

/// `GET /api/identity/users/{id}/fingerprint`
pub(super) async fn fingerprint(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    Bearer(_): Bearer,
    UserInPath(user): UserInPath,
) -> Result<Json<Print>, Problem> {
    let fingerprint = doors.call_again(&fingerprint_call(), &OfUser { user }, &trace).await?;
    Ok(Json(Print { fingerprint }))
}

/// A key that somebody has or had.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Past {
    /// 1 for the first, one more for each that replaced another.
    #[schemars(range(min = 1))]
    version: u32,
    #[schemars(schema_with = "schema::stored_key")]
    public_key: String,
    #[schemars(schema_with = "schema::fingerprint")]
    fingerprint: Fingerprint,
    /// When it was published.
    #[schemars(schema_with = "schema::moment")]
    made_at: Rfc3339,
}

impl From<PastKey> for Past {
    fn from(key: PastKey) -> Self {
        Self {
            version: key.version,
            public_key: STANDARD.encode(key.public_key.as_bytes()),
            fingerprint: key.fingerprint,
            made_at: Rfc3339(key.made_at),
        }
    }
}

/// `GET /api/identity/users/{id}/history`: every key, the first one first.
pub(super) async fn history(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    Bearer(_): Bearer,
    UserInPath(user): UserInPath,
) -> Result<Json<Vec<Past>>, Problem> {
    let keys = doors.call_again(&history_call(), &OfUser { user }, &trace).await?;
    Ok(Json(keys.into_iter().map(Past::from).collect()))
}

/// A key to be stored.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Publication {
    #[serde(default)]
    #[schemars(schema_with = "schema::new_key")]
    public_key: String,
}

/// It was stored.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Published {
    success: bool,
}

/// `POST /api/identity/update-public-key`
pub(super) async fn publish(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    Bearer(claims): Bearer,
    Body(Publication { public_key }): Body<Publication>,
) -> Result<Json<Published>, Problem> {
    if public_key.is_empty() {
        return Err(Problem::new(Code::BadRequest));
    }
    let bytes = STANDARD
        .decode(public_key)
        .map_err(|_| Problem::new(Code::InvalidIdentityPubKeyEncoding))?;
    let question = Publish {
        user: claims.user,
        public_key: PublicKey::parse(bytes)?,
        authenticated_at: claims.authenticated_at,
    };
    doors.call(&publish_call(), &question, &trace).await?;
    Ok(Json(Published { success: true }))
}
