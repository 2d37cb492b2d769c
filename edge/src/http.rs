//! The HTTP doors: the table of routes, and what surrounds every one of them.

mod account;
pub mod api;
mod auth;
pub mod cookies;
mod directory;
pub mod extract;
mod features;
pub mod headers;
pub mod health;
mod identity;
pub mod limit;
pub mod metrics;
pub mod problem;
mod rfc3339;

use std::any::Any;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, HeaderName, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use bus_schemas::bus::Bus;
use bus_schemas::fault::Code;
use bus_schemas::id::TraceId;
use bus_schemas::topic::Call;
use bus_schemas::verbs::CallError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use self::extract::{BODY_BYTES_MAX, ClientIp, Peer, Trace};
use self::headers::Transport;
use self::health::Health;
use self::limit::Limits;
use self::problem::Problem;
use crate::assets;
use crate::config::{Network, PublicUrl};
use crate::tokens::Tokens;
use crate::ws::Sockets;

/// How long an answer from the bus may take: a password hash waits its turn, then takes a while.
const CALL_WAIT: Duration = Duration::from_secs(10);
/// How soon something is asked again that nobody has answered. Looking something up takes
/// milliseconds; what takes longer is most often lost.
const ASK_AGAIN: Duration = Duration::from_secs(2);

/// Whoever comes past the listener, as a test may.
const UNKNOWN: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
const TRACE_HEADER: HeaderName = HeaderName::from_static("x-trace-id");

/// What the handlers stand on.
pub struct Doors {
    /// Everything that is asked for.
    pub bus: Arc<dyn Bus>,
    /// Reads access tokens.
    pub tokens: Arc<Tokens>,
    /// How often is too often.
    pub limits: Arc<Limits>,
    /// Whether this process should be given work.
    pub health: Arc<Health>,
    /// Where an upgraded connection goes.
    pub sockets: Sockets,
    /// What was configured.
    pub settings: Arc<Settings>,
}

/// What was configured about the doors.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where browsers find this deployment.
    pub public: PublicUrl,
    /// Whose forwarded headers count.
    pub trusted_proxies: Vec<Network>,
    /// Largest file, told to the web app.
    pub file_bytes_max: u64,
}

impl Doors {
    /// How browsers come here.
    fn transport(&self) -> Transport {
        Transport::to(&self.settings.public)
    }

    /// Asks on the bus; what cannot be carried is told as a code.
    async fn call<Q: Serialize + Sync, R: DeserializeOwned>(
        &self,
        call: &Call<Q, R>,
        question: &Q,
        trace: &TraceId,
    ) -> Result<R, Problem> {
        let answer = self.bus.call(call, question, Some(trace.clone()), CALL_WAIT).await;
        told(call, answer)
    }

    /// The same for what may be asked twice without harm. Whoever took the question may have gone
    /// with it, and the bus does not say so: asked again, another one answers, or nobody is there.
    async fn call_again<Q: Serialize + Sync, R: DeserializeOwned>(
        &self,
        call: &Call<Q, R>,
        question: &Q,
        trace: &TraceId,
    ) -> Result<R, Problem> {
        let ask = || self.bus.call(call, question, Some(trace.clone()), CALL_WAIT);
        let again = async {
            tokio::time::sleep(ASK_AGAIN).await;
            ask().await
        };
        let answer = tokio::select! {
            answer = ask() => answer,
            answer = again => answer,
        };
        told(call, answer)
    }
}

/// An answer of the bus as one of the doors.
fn told<Q, R>(call: &Call<Q, R>, answer: Result<R, CallError>) -> Result<R, Problem> {
    answer.map_err(|error| match &error {
        CallError::Refused(refusal) => Problem::from(*refusal),
        CallError::Bus(_) | CallError::Codec(_) => {
            tracing::warn!(%error, subject = call.subject().as_str(), "a call has no answer");
            Problem::new(error.code())
        }
    })
}

/// The routes.
pub fn router(doors: Arc<Doors>) -> Router {
    let transport = doors.transport();
    Router::new()
        .merge(api::router())
        .merge(api::mistakes())
        .merge(assets::routes())
        .method_not_allowed_fallback(|| async { Problem::new(Code::MethodNotAllowed) })
        .layer(from_fn_with_state(Arc::clone(&doors), own_site))
        .layer(from_fn_with_state(Arc::clone(&doors), limit::limit))
        .layer(from_fn(metrics::measure))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(Arc::clone(&doors), around))
        .layer(from_fn_with_state(transport, headers::secure))
        .with_state(doors)
}

/// Gives a request its trace id and its client, and an error its body.
async fn around(State(doors): State<Arc<Doors>>, mut request: Request, next: Next) -> Response {
    let trace = trace_id(request.headers());
    let peer = request.extensions().get::<Peer>().map_or(UNKNOWN, |peer| peer.0.ip());
    let client = ClientIp::read(peer, request.headers(), &doors.settings.trusted_proxies);
    request.extensions_mut().insert(client);
    request.extensions_mut().insert(Trace(trace.clone()));
    let span =
        tracing::info_span!("request", trace_id = trace.as_str(), method = %request.method());
    let response = next.run(request).instrument(span).await;
    let mut response = problem::write(response, &trace);
    if let Ok(value) = HeaderValue::from_str(trace.as_str()) {
        response.headers_mut().insert(TRACE_HEADER, value);
    }
    response
}

/// The caller's own id if it is well formed, else a new one.
fn trace_id(headers: &HeaderMap) -> TraceId {
    let given = headers.get(&TRACE_HEADER).and_then(|value| value.to_str().ok());
    given.and_then(TraceId::parse).unwrap_or_else(|| TraceId::from_random(random()))
}

fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system has random bytes");
    bytes
}

/// Refuses what another site's page sends, and bodies that say they are too large.
async fn own_site(State(doors): State<Arc<Doors>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if length.and_then(|text| text.parse().ok()).is_some_and(|bytes: usize| bytes > BODY_BYTES_MAX)
    {
        extract::read_away(request.into_body()).await;
        return Problem::new(Code::BodyTooLarge).into_response();
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && !is_own_site(headers, &doors.settings.public) {
        return Problem::new(Code::OriginNotAllowed).into_response();
    }
    next.run(request).await
}

/// `Origin` decides when sent, else `Sec-Fetch-Site`; whoever sends neither is no browser.
fn is_own_site(headers: &HeaderMap, public: &PublicUrl) -> bool {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(origin) = text(&ORIGIN) {
        return public.is_own(origin);
    }
    let site = text(&HeaderName::from_static("sec-fetch-site"));
    site.is_none_or(|site| site == "same-origin" || site == "none")
}

/// A bug. What was said stays inside: it may quote input.
fn panicked(_said: Box<dyn Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    Problem::new(Code::InternalError).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_in_a_handler_is_an_error_with_an_envelope() {
        async fn bug() {
            panic!("a secret");
        }
        let router = Router::<()>::new()
            .route("/", axum::routing::get(bug))
            .layer(CatchPanicLayer::custom(panicked));
        let request = Request::new(axum::body::Body::empty());
        let response = tower::ServiceExt::oneshot(router, request).await.unwrap();
        let response = problem::write(response, &TraceId::from_random([0; 16]));
        assert_eq!(response.status(), 500);
        let body = axum::body::to_bytes(response.into_body(), BODY_BYTES_MAX).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains("INTERNAL_ERROR") && !body.contains("secret"), "{body}");
    }
}
