//! People: oneself, somebody by id, and a search by a part of the name.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use bus_schemas::directory::{Find, Person, Who, find, me as me_call, searched, who};
use bus_schemas::fault::Code;
use bus_schemas::id::UserId;
use bus_schemas::limit::{SEARCH_CHARS_MAX, SEARCH_PAGE_DEFAULT, SEARCH_PAGE_MAX};
use bus_schemas::name::Username;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::Doors;
use super::api::schema;
use super::extract::{Bearer, Query, Trace, UserInPath};
use super::problem::Problem;

/// Oneself.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Me {
    #[schemars(schema_with = "schema::id")]
    id: UserId,
    #[schemars(schema_with = "schema::username")]
    username: Username,
    /// Whether a public key is published; without one nobody can be talked to.
    identity_key: bool,
}

/// Somebody as everybody sees them.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Person", deny_unknown_fields)]
pub(super) struct Shown {
    #[schemars(schema_with = "schema::id")]
    id: UserId,
    #[schemars(schema_with = "schema::username")]
    username: Username,
}

impl From<Person> for Shown {
    fn from(Person { id, username }: Person) -> Self {
        Self { id, username }
    }
}

/// `GET /api/chat/me`
pub(super) async fn me(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    Bearer(claims): Bearer,
) -> Result<Json<Me>, Problem> {
    let me = doors.call_again(&me_call(), &Who { user: claims.user }, &trace).await?;
    Ok(Json(Me { id: me.id, username: me.username, identity_key: me.has_identity_key }))
}

/// A search; `limit` is read by hand, because anything odd means the default.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Search {
    #[serde(default)]
    #[schemars(schema_with = "query")]
    username: String,
    #[serde(default)]
    #[schemars(schema_with = "page", skip_serializing_if = "Option::is_none")]
    limit: Option<String>,
}

fn query(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "maxLength": SEARCH_CHARS_MAX,
        "pattern": "[^ ][\\s\\S]*[^ ]",
        "description": "A part of the name, without regard to case; no character is a wildcard, \
            and spaces around it do not count.",
        "examples": ["ali"],
    })
}

fn page(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["integer", "string"],
        "description": format!(
            "How many at most, from 1 to {SEARCH_PAGE_MAX}; anything else means \
             {SEARCH_PAGE_DEFAULT}.",
        ),
        "examples": [SEARCH_PAGE_DEFAULT],
    })
}

/// `GET /api/chat/users?username=…&limit=…`
pub(super) async fn search(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    Bearer(_): Bearer,
    Query(Search { username, limit }): Query<Search>,
) -> Result<Json<Vec<Shown>>, Problem> {
    let query = searched(&username)?.to_owned();
    let limit = limit
        .and_then(|text| text.parse().ok())
        .filter(|limit| (1..=SEARCH_PAGE_MAX).contains(limit));
    let question = Find { query, limit: limit.unwrap_or(SEARCH_PAGE_DEFAULT) };
    let found = doors.call_again(&find(), &question, &trace).await?;
    Ok(Json(found.into_iter().map(Shown::from).collect()))
}

/// `GET /api/chat/users/{id}`
pub(super) async fn person(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    Bearer(_): Bearer,
    UserInPath(user): UserInPath,
) -> Result<Json<Shown>, Problem> {
    Ok(Json(doors.call_again(&who(), &Who { user }, &trace).await?.into()))
}

/// A path below nobody.
pub(super) async fn nobody(Bearer(_): Bearer) -> Problem {
    Problem::new(Code::UserIdRequired)
}

/// Any other path below a user.
pub(super) async fn nowhere(Bearer(_): Bearer) -> Problem {
    Problem::new(Code::InvalidPath)
}
