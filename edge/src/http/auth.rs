//! Signing in and out: register, login, refresh, logout, revoke.
//!
//! The refresh token lives in a cookie that only `/api/auth` sees; the access token is in the
//! body and lives in the page's memory.

use std::sync::Arc;

use actors_core::auth::access::Claims;
use actors_core::auth::credentials;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse, NoContent, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bus_schemas::auth::{Admission, LogIn, LogOut, Refresh, Register, Revoked, log_in, log_out};
use bus_schemas::auth::{
    refresh as refresh_call, register as register_call, revoke as revoke_call,
};
use bus_schemas::blob::PublicKey;
use bus_schemas::fault::Code;
use bus_schemas::secret::Secret;
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::Doors;
use super::api::described::Gives;
use super::api::operation::{Needed, Operation};
use super::api::schema;
use super::cookies::{
    self, AnyRefreshCookie, Cleared, DeviceCookie, REFRESH, RefreshCookie, SET_COOKIE_NAME,
};
use super::extract::{AnyBearer, Body, ClientIp, From, GoodBearer, Trace};
use super::headers::Transport;
use super::problem::Problem;

/// Name and password. A missing field is an empty one, so that its own rule names it.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Credentials {
    #[serde(default)]
    #[schemars(schema_with = "schema::username")]
    username: String,
    #[serde(default = "nothing")]
    #[schemars(schema_with = "schema::password")]
    password: Secret<String>,
}

/// Credentials and the public identity key of the browser that registers.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Registration {
    #[serde(default)]
    #[schemars(schema_with = "schema::username")]
    username: String,
    #[serde(default = "nothing")]
    #[schemars(schema_with = "schema::password")]
    password: Secret<String>,
    /// One of a wrong size is left out: it can be published later.
    #[serde(default)]
    #[schemars(regex(pattern = schema::BASE64), skip_serializing_if = "Option::is_none")]
    identity_pub_key: Option<String>,
}

/// A secret that was not given.
pub(super) fn nothing() -> Secret<String> {
    Secret::new(String::new())
}

/// The body of a successful answer.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Token<'a> {
    /// The access token.
    token: &'a str,
}

/// Signed in: the refresh token in a `cookie`, the access token in the body.
pub(super) struct Admitted {
    admission: Admission,
    transport: Transport,
}

impl Admitted {
    /// The answer with this status.
    fn with(self, status: StatusCode) -> Response {
        let Self { admission, transport } = self;
        let refresh = admission.refresh_token.expose();
        let cookie = REFRESH.until(refresh, admission.refresh_expires_at, transport);
        let device = admission.device.map(|value| cookies::device(value.expose(), transport));
        let cookies = [Some(cookie), device].into_iter().flatten();
        let cookies = AppendHeaders(cookies.map(|cookie| (SET_COOKIE, cookie)));
        let body = Json(Token { token: admission.access_token.expose() });
        (status, cookies, body).into_response()
    }

    fn described(operation: &mut Operation, status: StatusCode) {
        operation.gives(status, Some(SchemaGenerator::subschema_for::<Token<'static>>));
        operation.sends(status, SET_COOKIE_NAME, cookies::header(Needed::Yes));
    }
}

impl Gives for Admitted {
    fn describe(operation: &mut Operation) {
        Self::described(operation, StatusCode::OK);
    }
}

impl IntoResponse for Admitted {
    fn into_response(self) -> Response {
        self.with(StatusCode::OK)
    }
}

/// Signed in for the first time.
pub(super) struct Registered(Admitted);

impl Gives for Registered {
    fn describe(operation: &mut Operation) {
        Admitted::described(operation, StatusCode::CREATED);
    }
}

impl IntoResponse for Registered {
    fn into_response(self) -> Response {
        self.0.with(StatusCode::CREATED)
    }
}

/// `POST /api/auth/register`
pub(super) async fn register(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    From(client): From,
    Body(Registration { username, password, identity_pub_key }): Body<Registration>,
) -> Result<Registered, Problem> {
    let key = identity_pub_key.filter(|text| !text.is_empty());
    let key = key.map(|text| STANDARD.decode(text)).transpose();
    let key = key.map_err(|_| Problem::new(Code::InvalidIdentityPubKeyEncoding))?;
    let username = credentials::choose(&username, password.expose())?;
    // A key of a wrong size costs the key, not the account: it can be published later.
    let identity_key = key.and_then(|bytes| PublicKey::parse(bytes).ok());
    let question = Register { username, password, identity_key, client };
    let _place = doors.limits.password()?;
    let admission = doors.call(&register_call(), &question, &trace).await?;
    Ok(Registered(Admitted { admission, transport: doors.transport() }))
}

/// `POST /api/auth/login`
pub(super) async fn login(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    From(client): From,
    ClientIp(address): ClientIp,
    DeviceCookie(device): DeviceCookie,
    Body(Credentials { username, password }): Body<Credentials>,
) -> Result<Admitted, Problem> {
    let username = credentials::read(&username, password.expose())?;
    let _place = doors.limits.password()?;
    doors.limits.check_pair(address, &username)?;
    let question = LogIn { username, password, device, client };
    let admission = doors.call(&log_in(), &question, &trace).await?;
    Ok(Admitted { admission, transport: doors.transport() })
}

/// `POST /api/auth/refresh`
pub(super) async fn refresh(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    From(client): From,
    RefreshCookie(refresh_token): RefreshCookie,
) -> Result<Admitted, Problem> {
    let admission =
        doors.call_again(&refresh_call(), &Refresh { refresh_token, client }, &trace).await?;
    Ok(Admitted { admission, transport: doors.transport() })
}

/// `POST /api/auth/logout`: always done as far as the browser is concerned. What it is known by
/// stays: whoever signs in here again is not counted among strangers.
pub(super) async fn logout(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    AnyBearer(claims): AnyBearer,
    AnyRefreshCookie(refresh_token): AnyRefreshCookie,
) -> Cleared<1> {
    let access = claims.map(|claims| revoked(&claims));
    if (refresh_token.is_some() || access.is_some())
        && let Err(problem) =
            doors.call(&log_out(), &LogOut { refresh_token, access }, &trace).await
    {
        tracing::warn!(code = %problem.code, "a logout was not completed");
    }
    Cleared([REFRESH], doors.transport())
}

/// `POST /api/auth/revoke`: ends an access token, however often it is asked.
pub(super) async fn revoke(
    State(doors): State<Arc<Doors>>,
    Trace(trace): Trace,
    GoodBearer(claims): GoodBearer,
) -> Result<NoContent, Problem> {
    doors.call(&revoke_call(), &revoked(&claims), &trace).await?;
    Ok(NoContent)
}

fn revoked(claims: &Claims) -> Revoked {
    Revoked {
        user: claims.user,
        login: claims.login,
        token: Some(claims.token),
        until: claims.expires_at,
    }
}
