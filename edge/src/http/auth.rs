//! Signing in and out: register, login, refresh, logout, revoke.
//!
//! The refresh token lives in a cookie that only `/api/auth` sees; the access token is in the
//! body and lives in the page's memory.

use std::sync::Arc;

use actors_core::auth::access::Claims;
use actors_core::auth::credentials;
use axum::Json;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bus_schemas::auth::{Admission, LogIn, LogOut, Refresh, Register, Revoked, log_in, log_out};
use bus_schemas::auth::{
    refresh as refresh_call, register as register_call, revoke as revoke_call,
};
use bus_schemas::blob::PublicKey;
use bus_schemas::fault::Code;
use bus_schemas::secret::Secret;
use serde::{Deserialize, Serialize};

use super::Doors;
use super::cookies::{self, DeviceCookie, REFRESH, RefreshCookie};
use super::extract::{Body, ClientIp, From, Trace, bearer};
use super::problem::Problem;

/// Name and password; a missing field is an empty one, so that its own rule names it.
#[derive(Deserialize)]
pub(super) struct Credentials {
    #[serde(default)]
    username: String,
    #[serde(default = "nothing")]
    password: Secret<String>,
}

/// Credentials and the public identity key of the browser that registers.
#[derive(Deserialize)]
pub(super) struct Registration {
    #[serde(flatten)]
    credentials: Credentials,
    #[serde(default)]
    identity_pub_key: Option<String>,
}

/// A secret that was not given.
pub(super) fn nothing() -> Secret<String> {
    Secret::new(String::new())
}

/// The body of a successful answer.
#[derive(Serialize)]
struct Admitted<'a> {
    token: &'a str,
}

/// `POST /api/auth/register`
pub(super) async fn register(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    From(client): From,
    Body(Registration { credentials, identity_pub_key }): Body<Registration>,
) -> Result<Response, Problem> {
    let key = identity_pub_key.filter(|text| !text.is_empty());
    let key = key.map(|text| STANDARD.decode(text)).transpose();
    let key = key.map_err(|_| Problem::new(Code::InvalidIdentityPubKeyEncoding))?;
    let Credentials { username, password } = credentials;
    let username = credentials::choose(&username, password.expose())?;
    // A key of a wrong size costs the key, not the account: it can be published later.
    let identity_key = key.and_then(|bytes| PublicKey::parse(bytes).ok());
    let question = Register { username, password, identity_key, client };
    let admission = doors.call(&register_call(), &question, &trace).await?;
    Ok(admitted(&doors, StatusCode::CREATED, &admission))
}

/// `POST /api/auth/login`
pub(super) async fn login(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    From(client): From,
    ClientIp(address): ClientIp,
    DeviceCookie(device): DeviceCookie,
    Body(Credentials { username, password }): Body<Credentials>,
) -> Result<Response, Problem> {
    let username = credentials::read(&username, password.expose())?;
    doors.limits.check_pair(address, &username)?;
    let question = LogIn { username, password, device, client };
    let admission = doors.call(&log_in(), &question, &trace).await?;
    Ok(admitted(&doors, StatusCode::OK, &admission))
}

/// `POST /api/auth/refresh`
pub(super) async fn refresh(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    From(client): From,
    RefreshCookie(token): RefreshCookie,
) -> Result<Response, Problem> {
    let refresh_token = token.ok_or(Problem::new(Code::MissingRefreshToken))?;
    let admission = doors.call(&refresh_call(), &Refresh { refresh_token, client }, &trace).await?;
    Ok(admitted(&doors, StatusCode::OK, &admission))
}

/// `POST /api/auth/logout`: always done as far as the browser is concerned. What it is known by
/// stays: whoever signs in here again is not counted among strangers.
pub(super) async fn logout(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    RefreshCookie(refresh_token): RefreshCookie,
    headers: HeaderMap,
) -> Response {
    let access = match bearer(&headers) {
        Some(token) => doors.tokens.read(&token).ok().map(|claims| revoked(&claims)),
        None => None,
    };
    if (refresh_token.is_some() || access.is_some())
        && let Err(problem) =
            doors.call(&log_out(), &LogOut { refresh_token, access }, &trace).await
    {
        tracing::warn!(code = %problem.code, "a logout was not completed");
    }
    let cookie = REFRESH.cleared(doors.transport());
    (StatusCode::NO_CONTENT, AppendHeaders([(SET_COOKIE, cookie)])).into_response()
}

/// `POST /api/auth/revoke`: ends an access token, however often it is asked.
pub(super) async fn revoke(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let token = bearer(&headers).ok_or(Problem::new(Code::MissingAuthorization))?;
    let claims = doors.tokens.read(&token)?;
    doors.call(&revoke_call(), &revoked(&claims), &trace).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn revoked(claims: &Claims) -> Revoked {
    Revoked {
        user: claims.user,
        login: claims.login,
        token: Some(claims.token),
        until: claims.expires_at,
    }
}

fn admitted(doors: &Doors, status: StatusCode, admission: &Admission) -> Response {
    let transport = doors.transport();
    let value = admission.refresh_token.expose();
    let cookie = REFRESH.until(value, admission.refresh_expires_at, transport);
    let device = admission.device.as_ref().map(|value| cookies::device(value.expose(), transport));
    let cookies = [Some(cookie), device].into_iter().flatten().map(|cookie| (SET_COOKIE, cookie));
    let body = Json(Admitted { token: admission.access_token.expose() });
    (status, AppendHeaders(cookies), body).into_response()
}
