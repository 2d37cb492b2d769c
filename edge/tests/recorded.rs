//! CAP10, the other way round: doors whose identity and directory are a capture. It was made by
//! real processes; see `actors/core/tests/captures/README.md`.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use actors::bus::embedded::Broker;
use actors::bus::replaying::Replaying;
use actors::capture::Recorder;
use actors::clock::{Clock, SystemClock};
use actors::runtime::Runtime;
use actors::session::{Deps, HubConfig, SessionHub};
use actors_core::auth::access::{self, Claims};
use actors_core::auth::keys::Keys;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use bus_schemas::auth::{Lease, lease};
use bus_schemas::bus::{Bus, Group};
use bus_schemas::capture::file::Reader;
use bus_schemas::capture::{Payload, Record, What};
use bus_schemas::codec;
use bus_schemas::directory::Who;
use bus_schemas::id::{LoginId, TokenId, UserId};
use bus_schemas::limit::FILE_BYTES_MAX;
use bus_schemas::name::Username;
use bus_schemas::verbs::Reply;
use edge::config::Command;
use edge::http::health::Health;
use edge::http::limit::Limits;
use edge::http::{Doors, Settings, router};
use edge::lifecycle::Lifecycle;
use edge::tokens::Tokens;
use edge::ws::Sockets;
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::sync::watch;
use tower::ServiceExt;

use super::support::{PUBLIC_KEY, generous};

fn conversation() -> Vec<(usize, Record)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../actors/core/tests/captures/conversation.cap");
    Reader::open(BufReader::new(File::open(path).unwrap())).unwrap().read_all().unwrap()
}

/// The first person who asked who they are.
fn alice(records: &[(usize, Record)]) -> UserId {
    let kept = records.iter().find_map(|(_, record)| {
        let What::Asked { said, .. } = &record.what else { return None };
        let Payload::Kept(question) = &said.payload else { return None };
        (said.subject.as_str() == "directory.me").then_some(question)
    });
    codec::decode::<Who>(kept.unwrap()).unwrap().user
}

/// Doors over this bus, and an auth beside them that leases them a key.
struct House {
    doors: Router,
    runtime: Runtime,
    token: String,
}

impl House {
    async fn open(bus: Arc<dyn Bus>, auth: Arc<dyn Bus>, user: UserId) -> Self {
        let keys = Keys::derive(&[3; 32]);
        let now = SystemClock.now();
        let claims = Claims {
            user,
            username: Username::parse("alice").unwrap(),
            login: LoginId::from_bytes([1; 16]),
            token: TokenId::from_bytes([1; 16]),
            issued_at: now,
            expires_at: now.plus_seconds(900),
            authenticated_at: now,
        };
        let token = access::issue(&keys.signer(now), &claims);
        let mut questions = auth.serve(&lease(), Group("auth"), 64).await.unwrap();
        tokio::spawn(async move {
            while let Some(Ok(question)) = questions.next().await {
                let keys = keys.verifying(SystemClock.now());
                let lease = Lease { mark: 1, revoked: Vec::new(), next: None, keys };
                auth.answer(question.reply, &Reply::Done(lease)).unwrap();
            }
        });
        let config = generous(Command::Serve, &[]);
        let lifecycle = Lifecycle::default();
        let health = Arc::new(Health::new(lifecycle.clone(), &[]));
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let tokens =
            Arc::new(Tokens::new(Arc::clone(&bus), Arc::clone(&clock), Arc::clone(&health)));
        tokio::spawn(Arc::clone(&tokens).keep());
        tokens.until_known().await;
        let runtime = Runtime::start(1).unwrap();
        let deps = Deps {
            bus: Arc::clone(&bus),
            bulk: Arc::clone(&bus),
            tokens: Arc::<Tokens>::clone(&tokens),
            clock,
            recorder: Recorder::off(),
            silenced: watch::Sender::new(0),
        };
        let hub_config = HubConfig {
            talk_frames_per_second: 200,
            talk_frames_burst: 1_000,
            file_bytes_max: FILE_BYTES_MAX,
        };
        let hub = runtime.on(0, move || SessionHub::start(hub_config, deps)).await.unwrap();
        let doors = router(Arc::new(Doors {
            bus,
            tokens,
            limits: Arc::new(Limits::new(&config.limits)),
            health,
            sockets: Sockets { hub: hub.unwrap(), lifecycle },
            settings: Arc::new(Settings {
                public: config.http.public.clone(),
                trusted_proxies: Vec::new(),
                file_bytes_max: config.file_bytes_max,
            }),
        }));
        Self { doors, runtime, token }
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        let request = Request::get(path).header("authorization", format!("Bearer {}", self.token));
        let answer =
            self.doors.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }
}

#[tokio::test]
async fn cap10_doors_answer_from_recorded_actors_and_whatever_was_not_asked_is_named() {
    let records = conversation();
    let alice = alice(&records);
    let broker = Broker::new();
    let replaying = Replaying::answerers(&records).beside(Arc::new(broker.connect()));
    let house = House::open(replaying.bus(), Arc::new(broker.connect()), alice).await;

    let person = json!({ "id": alice, "username": "alice" });
    let (status, me) = house.get("/api/chat/me").await;
    assert_eq!((status, &me["username"]), (StatusCode::OK, &person["username"]), "{me}");
    let found = house.get("/api/chat/users?username=ali").await;
    assert_eq!(found, (StatusCode::OK, json!([person])));
    assert_eq!(house.get(&format!("/api/chat/users/{alice}")).await, (StatusCode::OK, person));
    let key = house.get(&format!("/api/identity/users/{alice}/key")).await;
    assert_eq!(key, (StatusCode::OK, json!({ "public_key": PUBLIC_KEY })));
    assert_eq!(replaying.complaints(), Vec::<String>::new());

    let (status, _) = house.get("/api/chat/users?username=nobody-asked").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    let complaints = replaying.complaints();
    assert_eq!(complaints.len(), 1, "{complaints:?}");
    assert!(complaints[0].starts_with("nobody asked directory.find with these"), "{complaints:?}");
    drop(house.doors);
    tokio::task::spawn_blocking(|| house.runtime.stop()).await.unwrap();
}

#[test]
#[should_panic(expected = "nobody asked directory.who with these")]
fn cap10_a_test_that_asks_what_was_never_asked_fails_with_a_sentence() {
    let main = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let replaying = Replaying::answerers(&conversation());
    let nobody = Who { user: UserId::from_bytes([9; 16]) };
    let wait = std::time::Duration::from_secs(1);
    let bus = replaying.bus();
    let answer = main.block_on(bus.call(&bus_schemas::directory::who(), &nobody, None, wait));
    assert!(answer.is_err());
    drop(replaying);
}
