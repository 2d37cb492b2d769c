//! People: oneself, somebody by id, and a search by a part of the name.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use bus_schemas::directory::{Find, Person, Who, find, me as me_call, who};
use bus_schemas::fault::Code;
use bus_schemas::id::UserId;
use bus_schemas::limit::{
    SEARCH_BYTES_MAX, SEARCH_CHARS_MIN, SEARCH_PAGE_DEFAULT, SEARCH_PAGE_MAX,
};
use bus_schemas::name::Username;
use serde::{Deserialize, Serialize};

use super::Doors;
use super::extract::{Bearer, Trace};
use super::problem::Problem;

/// Oneself.
#[derive(Serialize)]
pub(super) struct Me {
    id: UserId,
    username: Username,
    identity_key: bool,
}

/// `GET /api/chat/me`
pub(super) async fn me(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    Bearer(claims): Bearer,
) -> Result<Json<Me>, Problem> {
    let me = doors.call(&me_call(), &Who { user: claims.user }, &trace).await?;
    Ok(Json(Me { id: me.id, username: me.username, identity_key: me.has_identity_key }))
}

/// A search; `limit` is read by hand, because anything odd means the default.
#[derive(Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    username: String,
    #[serde(default)]
    limit: String,
}

/// `GET /api/chat/users?username=…&limit=…`
pub(super) async fn search(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    Bearer(_): Bearer,
    Query(Search { username, limit }): Query<Search>,
) -> Result<Json<Vec<Person>>, Problem> {
    let query = username.trim();
    if query.is_empty() {
        return Err(Problem::new(Code::EmptyQuery));
    }
    if query.len() > SEARCH_BYTES_MAX {
        return Err(Problem::new(Code::QueryTooLong));
    }
    if query.chars().count() < SEARCH_CHARS_MIN {
        return Err(Problem::new(Code::QueryTooShort));
    }
    let limit = limit.parse().ok().filter(|limit| (1..=SEARCH_PAGE_MAX).contains(limit));
    let question = Find { query: query.to_owned(), limit: limit.unwrap_or(SEARCH_PAGE_DEFAULT) };
    Ok(Json(doors.call(&find(), &question, &trace).await?))
}

/// `GET /api/chat/users/{id}`
pub(super) async fn person(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    Bearer(_): Bearer,
    Path(id): Path<String>,
) -> Result<Json<Person>, Problem> {
    let user = user_id(&id)?;
    Ok(Json(doors.call(&who(), &Who { user }, &trace).await?))
}

/// A path below nobody.
pub(super) async fn nobody(Bearer(_): Bearer) -> Problem {
    Problem::new(Code::UserIdRequired)
}

/// Any other path below a user.
pub(super) async fn nowhere(Bearer(_): Bearer) -> Problem {
    Problem::new(Code::InvalidPath)
}

/// The id in a path, in any spelling of a UUID.
pub(super) fn user_id(text: &str) -> Result<UserId, Problem> {
    if text.is_empty() {
        return Err(Problem::new(Code::UserIdRequired));
    }
    UserId::parse(text).ok_or(Problem::new(Code::InvalidUserIdFormat))
}
