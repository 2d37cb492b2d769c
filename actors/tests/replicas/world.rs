//! Three replicas of auth, each on a thread of its own with its own connections to one store and
//! one bus, and three edges.

use std::env;
use std::sync::Arc;
use std::time::Duration;

use actors::auth::Hashing;
use actors::bus::embedded::Broker;
use actors::bus::nats::{self, BusUser, NatsConfig};
use actors::clock::ManualClock;
use actors::runtime::Runtime;
use actors::serve::{self, Handle, Parts, Role};
use actors::store::{self, Store};
use actors_core::auth::access::{self, Claims};
use actors_core::auth::guessing;
use actors_core::auth::keys::Keys;
use bus_schemas::auth::{self as said, Admission, Refresh, Register, Verify};
use bus_schemas::bus::Bus;
use bus_schemas::fault::Code;
use bus_schemas::id::LoginId;
use bus_schemas::secret::Secret;
use bus_schemas::time::Timestamp;
use bus_schemas::topic::Call;
use bus_schemas::verbs::{CallError, Refusal};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bus_support::server::NatsServer;
use crate::support::NOW;
use crate::support::house::{PASSWORD, client, log_in_question, secret, username};
use crate::support::world::World;

/// Replicas, and edges that ask them.
pub(crate) const REPLICAS: usize = 3;
/// How long an answer may take.
const WAIT: Duration = Duration::from_secs(30);

/// A running house of three replicas.
pub(crate) struct Replicas {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) world: World,
    /// The clock of each replica. They show the same time unless a test moves one alone.
    pub(crate) clocks: [Arc<ManualClock>; REPLICAS],
    pub(crate) keys: Keys,
    edges: Vec<Arc<dyn Bus>>,
    runtime: Runtime,
    running: Vec<(Handle, Arc<dyn Store>)>,
    broker: Option<NatsServer>,
}

/// How to reach the bus.
#[derive(Clone)]
enum Line {
    Embedded(Arc<Broker>),
    Nats { port: u16 },
}

impl Line {
    /// To be called on the thread that is to carry the connection.
    async fn connect(self, user: BusUser) -> Arc<dyn Bus> {
        match self {
            Self::Embedded(broker) => Arc::new(broker.connect()),
            Self::Nats { port } => {
                let url = secret(&format!("nats://127.0.0.1:{port}"));
                let password = Some(secret(&format!("{}-password", user.name())));
                let config = NatsConfig { password, ..NatsConfig::new(url, user) };
                Arc::new(nats::connect(config).await.unwrap())
            }
        }
    }
}

impl Replicas {
    pub(crate) async fn in_one_process() -> Self {
        let line = Line::Embedded(Arc::new(Broker::new()));
        Self::start(World::sqlite().await, line, None).await
    }

    pub(crate) async fn on_nats_and_postgres() -> Self {
        let broker = NatsServer::start_with("nats.conf").await;
        let line = Line::Nats { port: broker.port() };
        Self::start(World::postgres().await, line, Some(broker)).await
    }

    async fn start(world: World, line: Line, broker: Option<NatsServer>) -> Self {
        let runtime = Runtime::start(REPLICAS).unwrap();
        let clocks = std::array::from_fn(|_| Arc::new(ManualClock::new(NOW)));
        let mut running = Vec::new();
        let mut edges = Vec::new();
        for (replica, clock) in clocks.iter().enumerate() {
            let (line, url, clock) = (line.clone(), world.url.clone(), Arc::clone(clock));
            edges.push(line.clone().connect(BusUser::Edge).await);
            running.push(runtime.on(replica, || replica_of(line, url, clock)).await.unwrap());
        }
        let store = world.open().await;
        Self { store, world, clocks, keys: keys(), edges, runtime, running, broker }
    }

    /// Lets time pass for everybody.
    pub(crate) fn advance_seconds(&self, seconds: i64) {
        for clock in &self.clocks {
            clock.advance_seconds(seconds);
        }
    }

    /// Asks through one of the edges; `edge` counts round.
    pub(crate) async fn ask<Q, R>(
        &self,
        edge: usize,
        call: &Call<Q, R>,
        question: &Q,
    ) -> Result<R, Refusal>
    where
        Q: Serialize + Sync,
        R: DeserializeOwned,
    {
        let bus = &self.edges[edge % REPLICAS];
        bus.call(call, question, None, WAIT).await.map_err(|error| match error {
            CallError::Refused(refusal) => refusal,
            CallError::Bus(_) | CallError::Codec(_) => panic!("no answer: {error}"),
        })
    }

    pub(crate) async fn register(&self, name: &str) -> Admission {
        let (username, password) = (username(name), secret(PASSWORD));
        let question = Register { username, password, identity_key: None, client: client() };
        self.ask(0, &said::register(), &question).await.unwrap()
    }

    pub(crate) async fn log_in(
        &self,
        edge: usize,
        device: Option<&Secret<String>>,
        name: &str,
        password: &str,
    ) -> Result<Admission, Refusal> {
        self.ask(edge, &said::log_in(), &log_in_question(device, name, password)).await
    }

    pub(crate) async fn refresh(
        &self,
        edge: usize,
        token: &Secret<String>,
    ) -> Result<Admission, Code> {
        let question = Refresh { refresh_token: token.clone(), client: client() };
        self.ask(edge, &said::refresh(), &question).await.map_err(|refusal| refusal.code)
    }

    pub(crate) async fn lives(&self, login: LoginId) -> bool {
        let question = Verify { login, token: None };
        self.ask(0, &said::verify(), &question).await.unwrap().alive
    }

    /// What an access token says that is good at this moment.
    pub(crate) fn claims_of(&self, admission: &Admission, now: Timestamp) -> Claims {
        let token = admission.access_token.expose();
        access::read(&self.keys.verifying(now), token, now).unwrap()
    }

    /// The Login of an admission that is good at this moment.
    pub(crate) fn login_of(&self, admission: &Admission, now: Timestamp) -> LoginId {
        self.claims_of(admission, now).login
    }

    /// Ends everything, and leaves nothing on a shared server.
    pub(crate) async fn stop(self) {
        for (replica, (handle, store)) in self.running.into_iter().enumerate() {
            let stop = move || async move {
                handle.stop().await;
                store.close().await;
            };
            self.runtime.on(replica, stop).await.unwrap();
        }
        self.store.close().await;
        self.runtime.stop();
        drop(self.broker);
        self.world.end().await;
    }
}

/// One replica, on the thread that calls.
async fn replica_of(line: Line, url: String, clock: Arc<ManualClock>) -> (Handle, Arc<dyn Store>) {
    let store = store::open(&url).await.unwrap();
    let parts = Parts {
        bus: line.connect(BusUser::Auth).await,
        store: Arc::clone(&store),
        clock,
        keys: Some(Arc::new(keys())),
        // The lowest there is: these tests are not about the cost.
        hashing: Hashing { cost: 4, threads: 1 },
        guessing: guessing::Settings::default(),
    };
    (serve::start(parts, &[Role::Auth]).await.unwrap(), store)
}

fn keys() -> Keys {
    Keys::derive(&[1; 32])
}

/// How often, or how long: a few times in the tests, and as often as it is promised in a long run.
pub(crate) fn number(variable: &str, otherwise: usize) -> usize {
    let given = env::var(variable).ok();
    given.map_or(otherwise, |text| text.parse().expect("a number"))
}

/// Tells what a long run is run for.
#[expect(clippy::print_stderr, reason = "whoever starts a long run reads its counts")]
pub(crate) fn tell(counts: &str) {
    eprintln!("{counts}");
}
