//! One's own account: the devices signed in, the password, and the end of it.
//!
//! A wrong password here is `INVALID_CREDENTIALS` with 401, as at login. It says nothing about the
//! access token, which stays good: whoever reads it asks for the password again and has nothing to
//! refresh.

use std::sync::Arc;

use actors_core::auth::credentials;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse, Response};
use bus_schemas::auth::{
    AskLogins, ChangePassword, EndLogin, LoginShown, RemoveAccount, change_password, end_login,
    logins as logins_call, remove_account,
};
use bus_schemas::fault::Code;
use bus_schemas::id::LoginId;
use bus_schemas::secret::Secret;
use serde::{Deserialize, Serialize};

use super::Doors;
use super::auth::nothing;
use super::cookies::{DEVICE, REFRESH};
use super::extract::{Bearer, Body, Trace};
use super::problem::Problem;
use super::rfc3339::Rfc3339;

/// A device signed in.
#[derive(Serialize)]
pub(super) struct Login {
    id: LoginId,
    /// The browser's own words, where it was used last.
    user_agent: String,
    /// The network address from which it was used last.
    address: String,
    /// When it signed in.
    made_at: Rfc3339,
    /// When it was used last.
    used_at: Rfc3339,
    /// Whether it is the one that asks.
    current: bool,
}

impl Login {
    fn show(shown: LoginShown, asks: LoginId) -> Self {
        let LoginShown { id, client, made_at, used_at } = shown;
        Self {
            id,
            user_agent: client.user_agent,
            address: client.address,
            made_at: Rfc3339(made_at),
            used_at: Rfc3339(used_at),
            current: id == asks,
        }
    }
}

/// `GET /api/auth/logins`: one's own devices, the newest first.
pub(super) async fn logins(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    Bearer(claims): Bearer,
) -> Result<Json<Vec<Login>>, Problem> {
    let question = AskLogins { user: claims.user };
    let shown = doors.call(&logins_call(), &question, &trace).await?;
    Ok(Json(shown.into_iter().map(|login| Login::show(login, claims.login)).collect()))
}

/// `DELETE /api/auth/logins/{id}`: ends one of one's own devices; the own cookie goes with the
/// device that asks.
pub(super) async fn end(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    Bearer(claims): Bearer,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let login = LoginId::parse(&id).ok_or(Problem::new(Code::InvalidLoginIdFormat))?;
    doors.call(&end_login(), &EndLogin { user: claims.user, login }, &trace).await?;
    let own = (login == claims.login).then(|| (SET_COOKIE, REFRESH.cleared(doors.transport())));
    Ok((StatusCode::NO_CONTENT, AppendHeaders(own)).into_response())
}

/// Two passwords; a missing one is an empty one, so that its own rule names it.
#[derive(Deserialize)]
pub(super) struct Passwords {
    #[serde(default = "nothing")]
    old_password: Secret<String>,
    #[serde(default = "nothing")]
    new_password: Secret<String>,
}

/// `POST /api/auth/password`: the device that asks stays signed in, every other one does not.
pub(super) async fn password(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    Bearer(claims): Bearer,
    Body(Passwords { old_password: old, new_password: new }): Body<Passwords>,
) -> Result<StatusCode, Problem> {
    credentials::choose(claims.username.as_str(), new.expose())?;
    let question = ChangePassword { user: claims.user, login: claims.login, old, new };
    doors.call(&change_password(), &question, &trace).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The password once more.
#[derive(Deserialize)]
pub(super) struct Farewell {
    #[serde(default = "nothing")]
    password: Secret<String>,
}

/// `DELETE /api/auth/account`: nothing of it stays, not even in the browser that asks.
pub(super) async fn remove(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    Bearer(claims): Bearer,
    Body(Farewell { password }): Body<Farewell>,
) -> Result<Response, Problem> {
    let question = RemoveAccount { user: claims.user, login: claims.login, password };
    doors.call(&remove_account(), &question, &trace).await?;
    let cookies = [REFRESH, DEVICE].map(|cookie| (SET_COOKIE, cookie.cleared(doors.transport())));
    Ok((StatusCode::NO_CONTENT, AppendHeaders(cookies)).into_response())
}
