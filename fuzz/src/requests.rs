//! Requests to the routes, as they come off the wire: a line, headers, a body. Each has an answer
//! with every header that all answers have, and an error says which; none is a failure of ours.
//!
//! Behind the doors stands a bus on which auth gives leases and nobody answers anything else, so
//! whatever comes past the doors is refused with `SERVICE_UNAVAILABLE`.

use std::sync::Arc;

use actors::bus::Lane;
use actors::bus::embedded::Broker;
use actors::clock::{Clock, ManualClock};
use actors::session::{Deps, HubConfig, SessionHub};
use actors_core::auth::access::{self, Claims};
use actors_core::auth::keys::Keys;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use bus_schemas::auth::{Lease, lease};
use bus_schemas::bus::{Bus, Group};
use bus_schemas::fault::Code;
use bus_schemas::id::{LoginId, TokenId, UserId};
use bus_schemas::limit::{FILE_BYTES_MAX, TALK_FRAMES_BURST, TALK_FRAMES_PER_SECOND};
use bus_schemas::name::Username;
use bus_schemas::time::Timestamp;
use bus_schemas::verbs::Reply;
use edge::config::{self, PublicUrl};
use edge::http::health::Health;
use edge::http::limit::Limits;
use edge::http::{Doors, Settings, router};
use edge::lifecycle::Lifecycle;
use edge::tokens::Tokens;
use edge::ws::Sockets;
use futures_util::StreamExt;
use tower::ServiceExt;

const NOW: Timestamp = Timestamp(1_767_225_600);
/// Stands for a token that is good.
const TOKEN: &str = "TOKEN";
/// So many a second pass that nothing is refused for coming too often.
const UNLIMITED: u32 = 1_000_000;
/// A page of the web app is the largest answer.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;
const ON_EVERY_ANSWER: [&str; 5] = [
    "content-security-policy",
    "x-content-type-options",
    "x-frame-options",
    "cache-control",
    "x-trace-id",
];

thread_local! {
    /// Never closed: its actors would look for what a thread that ends has no more.
    static HOUSE: &'static House = Box::leak(Box::new(House::open()));
}

/// `METHOD PATH`, then headers, an empty line and a body.
pub fn request(bytes: &[u8]) {
    HOUSE.with(|house| {
        let Some(request) = house.read(bytes) else { return };
        let method = request.method().clone();
        let told = format!("{method} {}", request.uri());
        let (status, body) = house.answer(request);
        let is_error = status.is_client_error() || status.is_server_error();
        assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR, "{told}");
        // Readiness says in words of its own what is missing.
        if is_error && method != Method::HEAD && !told.contains("/health/ready") {
            names_a_code(&told, status, &body);
        }
    });
}

fn names_a_code(told: &str, status: StatusCode, body: &[u8]) {
    let document: serde_json::Value = serde_json::from_slice(body).unwrap_or_else(|error| {
        panic!("{told} {status}: {error} {}", String::from_utf8_lossy(body))
    });
    let code = document["code"].as_str().expect("a code");
    let code = Code::ALL.iter().find(|known| known.as_str() == code);
    let code = *code.unwrap_or_else(|| panic!("{told}: {document}"));
    assert_eq!(edge::http::problem::status(code), status, "{told}: {document}");
    assert!(document["trace_id"].as_str().is_some_and(|trace| trace.len() >= 8));
}

/// The doors, and a runtime to open them in.
struct House {
    runtime: tokio::runtime::Runtime,
    local: tokio::task::LocalSet,
    router: Router,
    token: String,
}

impl House {
    fn open() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let local = tokio::task::LocalSet::new();
        let keys = Keys::derive(&[7; 32]);
        let token = access::issue(&keys.signer(NOW), &claims());
        let router = local.block_on(&runtime, doors(keys));
        Self { runtime, local, router, token }
    }

    fn read(&self, bytes: &[u8]) -> Option<Request<Body>> {
        let end = bytes.windows(2).position(|two| two == b"\n\n").unwrap_or(bytes.len());
        let (head, body) = bytes.split_at(end);
        let body = body.get(2..).unwrap_or_default();
        let mut lines = head.split(|byte| *byte == b'\n');
        let line = std::str::from_utf8(lines.next()?).ok()?;
        let (method, path) = line.split_once(' ')?;
        let mut request = Request::new(Body::from(body.to_vec()));
        *request.method_mut() = Method::from_bytes(method.as_bytes()).ok()?;
        *request.uri_mut() = path.parse::<Uri>().ok()?;
        for line in lines {
            let place = line.iter().position(|byte| *byte == b':')?;
            let (name, value) = (&line[..place], line[place + 1..].trim_ascii());
            let value = String::from_utf8_lossy(value).replace(TOKEN, &self.token);
            let name = HeaderName::from_bytes(name).ok()?;
            request.headers_mut().append(name, HeaderValue::from_bytes(value.as_bytes()).ok()?);
        }
        Some(request)
    }

    fn answer(&self, request: Request<Body>) -> (StatusCode, Vec<u8>) {
        self.local.block_on(&self.runtime, async {
            let answer = self.router.clone().oneshot(request).await;
            let answer = answer.expect("a router cannot fail");
            for name in ON_EVERY_ANSWER {
                assert!(answer.headers().contains_key(name), "{name} is missing");
            }
            let status = answer.status();
            let body = axum::body::to_bytes(answer.into_body(), ANSWER_BYTES_MAX).await;
            (status, body.expect("an answer of some size").to_vec())
        })
    }
}

fn claims() -> Claims {
    Claims {
        user: UserId::from_bytes([0xa1; 16]),
        username: Username::parse("alice").expect("a name"),
        login: LoginId::from_bytes([0x21; 16]),
        token: TokenId::from_bytes([0x31; 16]),
        issued_at: NOW,
        expires_at: NOW.plus_seconds(900),
        authenticated_at: NOW,
    }
}

async fn doors(keys: Keys) -> Router {
    let broker = Broker::new();
    let bus: Arc<dyn Bus> = Arc::new(broker.connect());
    tokio::task::spawn_local(give_leases(Arc::new(broker.connect()), keys));
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(NOW));
    let lifecycle = Lifecycle::default();
    let health = Arc::new(Health::new(lifecycle.clone(), &[]));
    let tokens = Arc::new(Tokens::new(Arc::clone(&bus), Arc::clone(&clock), Arc::clone(&health)));
    tokio::task::spawn_local(Arc::clone(&tokens).keep());
    tokens.until_known().await;
    let config = HubConfig {
        talk_frames_per_second: TALK_FRAMES_PER_SECOND,
        talk_frames_burst: TALK_FRAMES_BURST,
        file_bytes_max: FILE_BYTES_MAX,
    };
    let deps = Deps {
        bus: Arc::clone(&bus),
        bulk: Arc::new(broker.connect_for(Lane::Bulk)),
        tokens: Arc::<Tokens>::clone(&tokens),
        clock,
        silenced: tokio::sync::watch::Sender::new(0),
        recorder: actors::capture::Recorder::off(),
    };
    let hub = SessionHub::start(config, deps).await.expect("the bus is here");
    let settings = Settings {
        public: PublicUrl::parse("http://localhost:8080").expect("an origin"),
        trusted_proxies: Vec::new(),
        file_bytes_max: FILE_BYTES_MAX,
    };
    router(Arc::new(Doors {
        bus,
        tokens,
        limits: Arc::new(Limits::new(&limits())),
        health,
        sockets: Sockets { hub, lifecycle },
        settings: Arc::new(settings),
    }))
}

fn limits() -> config::Limits {
    config::Limits {
        login: UNLIMITED,
        register: UNLIMITED,
        general: UNLIMITED,
        pair_per_minute: UNLIMITED,
        passwords_at_once: 32,
        talk_frames_per_second: TALK_FRAMES_PER_SECOND,
        talk_frames_burst: TALK_FRAMES_BURST,
    }
}

/// What auth does for an edge.
async fn give_leases(bus: Arc<dyn Bus>, keys: Keys) {
    let mut asked = bus.serve(&lease(), Group("auth"), 64).await.expect("the bus is here");
    while let Some(question) = asked.next().await {
        let Ok(question) = question else { continue };
        let keys = keys.verifying(NOW);
        let given = Lease { mark: 0, revoked: Vec::new(), next: None, keys };
        bus.answer(question.reply, &Reply::Done(given)).expect("a small answer");
    }
}
