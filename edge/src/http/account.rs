//! One's own account: the devices signed in, the password, and the end of it.
//!
//! A wrong password here is `INVALID_CREDENTIALS` with 401, as at login. It says nothing about the
//! access token, which stays good: whoever reads it asks for the password again and has nothing to
//! refresh.

use std::sync::Arc;

use actors_core::auth::credentials;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse, NoContent, Response};
use bus_schemas::auth::{
    AskLogins, ChangePassword, EndLogin, LoginShown, RemoveAccount, change_password, end_login,
    logins as logins_call, remove_account,
};
use bus_schemas::id::LoginId;
use bus_schemas::secret::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Doors;
use super::api::described::Gives;
use super::api::operation::{Needed, Operation};
use super::api::schema;
use super::auth::nothing;
use super::cookies::{self, Cleared, DEVICE, REFRESH, SET_COOKIE_NAME};
use super::extract::{Bearer, Body, LoginInPath, Trace};
use super::problem::Problem;
use super::rfc3339::Rfc3339;

/// A device signed in.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Login {
    #[schemars(schema_with = "schema::id")]
    id: LoginId,
    /// The browser's own words, where it was used last.
    user_agent: String,
    /// The network address from which it was used last.
    address: String,
    /// When it signed in.
    #[schemars(schema_with = "schema::moment")]
    made_at: Rfc3339,
    /// When it was used last.
    #[schemars(schema_with = "schema::moment")]
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
    let shown = doors.call_again(&logins_call(), &question, &trace).await?;
    Ok(Json(shown.into_iter().map(|login| Login::show(login, claims.login)).collect()))
}

/// Signed out: one's own cookie goes with the device that asks.
pub(super) struct Ended(Option<String>);

impl Gives for Ended {
    fn describe(operation: &mut Operation) {
        operation.gives(StatusCode::NO_CONTENT, None);
        operation.sends(StatusCode::NO_CONTENT, SET_COOKIE_NAME, cookies::header(Needed::No));
    }
}

impl IntoResponse for Ended {
    fn into_response(self) -> Response {
        let cookie = self.0.map(|cookie| (SET_COOKIE, cookie));
        (StatusCode::NO_CONTENT, AppendHeaders(cookie)).into_response()
    }
}

/// `DELETE /api/auth/logins/{id}`: ends one of one's own devices.
pub(super) async fn end(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    Bearer(claims): Bearer,
    LoginInPath(login): LoginInPath,
) -> Result<Ended, Problem> {
    doors.call(&end_login(), &EndLogin { user: claims.user, login }, &trace).await?;
    let own = (login == claims.login).then(|| REFRESH.cleared(doors.transport()));
    Ok(Ended(own))
}

/// Two passwords; a missing one is an empty one, so that its own rule names it.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Passwords {
    #[serde(default = "nothing")]
    #[schemars(schema_with = "schema::present_password")]
    old_password: Secret<String>,
    #[serde(default = "nothing")]
    #[schemars(schema_with = "schema::password")]
    new_password: Secret<String>,
}

/// `POST /api/auth/password`: the device that asks stays signed in, every other one does not.
pub(super) async fn password(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    Bearer(claims): Bearer,
    Body(Passwords { old_password: old, new_password: new }): Body<Passwords>,
) -> Result<NoContent, Problem> {
    credentials::choose(claims.username.as_str(), new.expose())?;
    let question = ChangePassword { user: claims.user, login: claims.login, old, new };
    let _place = doors.limits.password()?;
    doors.call(&change_password(), &question, &trace).await?;
    Ok(NoContent)
}

/// The password once more.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Farewell {
    #[serde(default = "nothing")]
    #[schemars(schema_with = "schema::present_password")]
    password: Secret<String>,
}

/// `DELETE /api/auth/account`: nothing of it stays, not even in the browser that asks.
pub(super) async fn remove(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    Bearer(claims): Bearer,
    Body(Farewell { password }): Body<Farewell>,
) -> Result<Cleared<2>, Problem> {
    let question = RemoveAccount { user: claims.user, login: claims.login, password };
    let _place = doors.limits.password()?;
    doors.call(&remove_account(), &question, &trace).await?;
    Ok(Cleared([REFRESH, DEVICE], doors.transport()))
}
