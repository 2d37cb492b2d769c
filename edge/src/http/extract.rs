//! What handlers take from a request, each in one type.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use actors_core::auth::access::Claims;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use bus_schemas::auth::Client;
use bus_schemas::fault::Code;
use bus_schemas::id::{LoginId, TraceId, UserId};
use bus_schemas::secret::Secret;
use futures_util::StreamExt;
use schemars::{JsonSchema, SchemaGenerator};
use serde::de::DeserializeOwned;

use super::Doors;
use super::api::described::Takes;
use super::api::operation::{Credential, Needed, Operation};
use super::api::schema;
use super::problem::Problem;
use crate::config::Network;

/// Largest body of a request.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// How long a client may take to send a body.
const BODY_WAIT: Duration = Duration::from_secs(10);
/// What is still read of a body that is refused for its size, and for how long. Whoever is still
/// sending would otherwise find a broken pipe and never read why.
const REFUSED_BODY_BYTES_MAX: usize = 8 * BODY_BYTES_MAX;
const REFUSED_BODY_WAIT: Duration = Duration::from_secs(2);
/// What is kept of a browser's own words.
const USER_AGENT_BYTES_MAX: usize = 256;

/// The other end of the TCP connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// The address of the client, as far as a trusted proxy or the connection itself tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

impl ClientIp {
    /// Reads `X-Forwarded-For` from the right, for as long as the one who wrote is trusted.
    #[must_use]
    pub fn read(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> Self {
        let is_trusted = |ip: IpAddr| trusted.iter().any(|network| network.contains(ip));
        let values: Vec<&str> =
            headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok()).collect();
        let mut client = peer.to_canonical();
        for hop in values.iter().rev().flat_map(|value| value.rsplit(',')) {
            if !is_trusted(client) {
                break;
            }
            let Ok(before) = hop.trim().parse::<IpAddr>() else { break };
            client = before.to_canonical();
        }
        Self(client)
    }
}

impl<S: Sync> FromRequestParts<S> for ClientIp {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        from_extensions(&parts.extensions)
    }
}

impl Takes for ClientIp {
    fn describe(_: &mut Operation) {}
}

/// The id that follows a request through logs and across the bus.
#[derive(Clone, Debug)]
pub struct Trace(pub TraceId);

impl<S: Sync> FromRequestParts<S> for Trace {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        from_extensions(&parts.extensions)
    }
}

impl Takes for Trace {
    fn describe(_: &mut Operation) {}
}

/// Put there by [`super::around`], for every route.
fn from_extensions<T: Clone + Send + Sync + 'static>(from: &Extensions) -> Result<T, Problem> {
    from.get::<T>().cloned().ok_or(Problem::new(Code::InternalError))
}

/// The claims of an access token that is good and not revoked.
#[derive(Clone, Debug)]
pub struct Bearer(pub Claims);

impl FromRequestParts<Arc<Doors>> for Bearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, doors: &Arc<Doors>) -> Result<Self, Problem> {
        let token = bearer(&parts.headers).ok_or(Problem::new(Code::MissingAuthorization))?;
        Ok(Self(doors.tokens.claims(&token).await?))
    }
}

impl Takes for Bearer {
    fn describe(operation: &mut Operation) {
        GoodBearer::describe(operation);
        operation.refuses(&[Code::TokenRevoked]);
    }
}

/// The claims of an access token that is good, revoked or not.
#[derive(Clone, Debug)]
pub struct GoodBearer(pub Claims);

impl FromRequestParts<Arc<Doors>> for GoodBearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, doors: &Arc<Doors>) -> Result<Self, Problem> {
        let token = bearer(&parts.headers).ok_or(Problem::new(Code::MissingAuthorization))?;
        Ok(Self(doors.tokens.read(&token)?))
    }
}

impl Takes for GoodBearer {
    fn describe(operation: &mut Operation) {
        operation.asks_for(Credential::Bearer, Needed::Yes);
        operation.refuses(&[
            Code::MissingAuthorization,
            Code::InvalidToken,
            Code::TokenExpired,
            Code::TokenMissingJti,
            Code::ServiceUnavailable,
        ]);
    }
}

/// The claims of an access token, if one was sent and is good, revoked or not.
#[derive(Clone, Debug)]
pub struct AnyBearer(pub Option<Claims>);

impl FromRequestParts<Arc<Doors>> for AnyBearer {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        doors: &Arc<Doors>,
    ) -> Result<Self, Self::Rejection> {
        Ok(Self(GoodBearer::from_request_parts(parts, doors).await.ok().map(|good| good.0)))
    }
}

impl Takes for AnyBearer {
    fn describe(operation: &mut Operation) {
        operation.asks_for(Credential::Bearer, Needed::No);
    }
}

/// The access token in `Authorization`, whatever it is worth.
fn bearer(headers: &HeaderMap) -> Option<Secret<String>> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").map(|token| Secret::new(token.to_owned()))
}

/// Where a Login is used from.
#[derive(Debug)]
pub struct From(pub Client);

impl<S: Sync> FromRequestParts<S> for From {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let ClientIp(address) = from_extensions(&parts.extensions)?;
        let words = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
        let mut user_agent = words.unwrap_or_default().to_owned();
        // A header that can be read as text is ASCII, so any byte is the start of a character.
        user_agent.truncate(USER_AGENT_BYTES_MAX);
        Ok(Self(Client { user_agent, address: address.to_string() }))
    }
}

impl Takes for From {
    fn describe(_: &mut Operation) {}
}

/// The user that a path names, in any spelling of a UUID.
#[derive(Clone, Copy, Debug)]
pub struct UserInPath(pub UserId);

impl<S: Send + Sync> FromRequestParts<S> for UserInPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = path_id(parts, state).await?;
        if text.is_empty() {
            return Err(Problem::new(Code::UserIdRequired));
        }
        UserId::parse(&text).map(Self).ok_or(Problem::new(Code::InvalidUserIdFormat))
    }
}

impl Takes for UserInPath {
    fn describe(operation: &mut Operation) {
        operation.takes(schema::id_parameter());
        operation.refuses(&[Code::UserIdRequired, Code::InvalidUserIdFormat]);
    }
}

/// The Login that a path names, in any spelling of a UUID.
#[derive(Clone, Copy, Debug)]
pub struct LoginInPath(pub LoginId);

impl<S: Send + Sync> FromRequestParts<S> for LoginInPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = path_id(parts, state).await?;
        LoginId::parse(&text).map(Self).ok_or(Problem::new(Code::InvalidLoginIdFormat))
    }
}

impl Takes for LoginInPath {
    fn describe(operation: &mut Operation) {
        operation.takes(schema::id_parameter());
        operation.refuses(&[Code::InvalidLoginIdFormat]);
    }
}

/// A path that is no text has no id either.
async fn path_id<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<String, Problem> {
    let path = Path::<String>::from_request_parts(parts, state).await;
    Ok(path.map_or_else(|_| String::from("?"), |Path(text)| text))
}

/// The keys of a query.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = axum::extract::Query::from_request_parts(parts, state).await;
        query.map(|axum::extract::Query(keys)| Self(keys)).map_err(|_| Code::BadRequest.into())
    }
}

impl<T: JsonSchema> Takes for Query<T> {
    fn describe(operation: &mut Operation) {
        operation.takes_query(T::json_schema);
        operation.refuses(&[Code::BadRequest]);
    }
}

/// Reads on without keeping anything, for a while.
pub(super) async fn read_away(body: axum::body::Body) {
    let read = async {
        let mut chunks = body.into_data_stream();
        let mut left = REFUSED_BODY_BYTES_MAX;
        while let Some(Ok(chunk)) = chunks.next().await {
            left = left.saturating_sub(chunk.len());
            if left == 0 {
                break;
            }
        }
    };
    if tokio::time::timeout(REFUSED_BODY_WAIT, read).await.is_err() {
        tracing::debug!("a body that was refused is still being sent");
    }
}

/// A body of JSON: the right type, not too large, not too slow.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            return Err(Problem::new(Code::UnsupportedMediaType));
        }
        let read = tokio::time::timeout(BODY_WAIT, whole(request.into_body()));
        let bytes = read.await.unwrap_or(Err(Code::BadRequest))?;
        // A list of the right values is no object, though serde would take it for one.
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return Err(Problem::new(Code::InvalidJson));
        }
        serde_json::from_slice(&bytes).map(Self).map_err(|_| Problem::new(Code::InvalidJson))
    }
}

impl<T: JsonSchema> Takes for Body<T> {
    fn describe(operation: &mut Operation) {
        operation.takes_body(SchemaGenerator::subschema_for::<T>);
        operation.refuses(&[Code::InvalidJson, Code::BadRequest, Code::UnsupportedMediaType]);
    }
}

/// All of a body, within the limit; one that breaks off is no request.
async fn whole(body: axum::body::Body) -> Result<Vec<u8>, Code> {
    let mut chunks = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Code::BadRequest)?;
        if bytes.len() + chunk.len() > BODY_BYTES_MAX {
            return Err(Code::BodyTooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let trusted: Vec<Network> = trusted.iter().map(|n| Network::parse(n).unwrap()).collect();
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        ClientIp::read(peer.parse().unwrap(), &headers, &trusted).0.to_string()
    }

    #[test]
    fn a_forwarded_header_counts_only_from_a_trusted_proxy() {
        assert_eq!(client("203.0.113.9", &["198.51.100.1"], &[]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["198.51.100.1"], &["10.0.0.0/8"]), "198.51.100.1");
    }

    #[test]
    fn what_stands_left_of_the_first_stranger_is_not_believed() {
        let forged = ["1.2.3.4, 198.51.100.1, 10.0.0.2"];
        assert_eq!(client("10.0.0.1", &forged, &["10.0.0.0/8"]), "198.51.100.1");
        let lines = ["1.2.3.4", "198.51.100.1"];
        assert_eq!(client("10.0.0.1", &lines, &["10.0.0.0/8"]), "198.51.100.1");
    }

    #[test]
    fn a_line_that_names_no_address_ends_the_reading() {
        assert_eq!(client("10.0.0.1", &["1.2.3.4, unknown"], &["10.0.0.0/8"]), "10.0.0.1");
        assert_eq!(client("::ffff:10.0.0.1", &["::ffff:1.2.3.4"], &["10.0.0.0/8"]), "1.2.3.4");
    }
}
