//! The answering actors on an embedded bus and an SQLite file, and what Alice asks of them.

use std::sync::Arc;
use std::time::Duration;

use actors::auth::Hashing;
use actors::bus::embedded::Broker;
use actors::clock::ManualClock;
use actors::serve::{self, Handle, Parts, Role};
use actors::store::Store;
use actors_core::auth::access::{self, Claims};
use actors_core::auth::guessing;
use actors_core::auth::keys::Keys;
use bus_schemas::auth::{
    self as said, Admission, AskSnapshot, Client, LogIn, LogOut, Refresh, Register, Revoked,
    Snapshot, Verify,
};
use bus_schemas::blob::PublicKey;
use bus_schemas::bus::{Bus, Gap};
use bus_schemas::fault::Code;
use bus_schemas::id::LoginId;
use bus_schemas::name::Username;
use bus_schemas::secret::Secret;
use bus_schemas::topic::Call;
use futures_util::stream::{BoxStream, StreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::NOW;
use super::world::World;

/// What everybody chooses here.
pub(crate) const PASSWORD: &str = "tr0ub4dor and 3";
const WAIT: Duration = Duration::from_secs(10);

/// A running house.
pub(crate) struct House {
    pub(crate) world: World,
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) parts: Parts,
    pub(crate) handle: Handle,
}

impl House {
    pub(crate) async fn open() -> Self {
        let world = World::sqlite().await;
        let broker = Broker::new();
        let store = world.open().await;
        let clock = Arc::new(ManualClock::new(NOW));
        let parts = Parts {
            bus: Arc::new(broker.connect()),
            store: store.clone(),
            clock: clock.clone(),
            keys: Arc::new(Keys::derive(&[1; 32])),
            // The lowest there is: these tests are not about the cost.
            hashing: Hashing { cost: 4, threads: 1 },
            guessing: guessing::Settings::default(),
        };
        let handle = serve::start(parts.clone(), Role::ALL).await.unwrap();
        Self { world, bus: Arc::new(broker.connect()), store, clock, parts, handle }
    }

    pub(crate) async fn ask<Q, R>(&self, call: &Call<Q, R>, question: &Q) -> Result<R, Code>
    where
        Q: Serialize + Sync,
        R: DeserializeOwned,
    {
        self.bus.call(call, question, None, WAIT).await.map_err(|error| error.code())
    }

    pub(crate) async fn register(
        &self,
        name: &str,
        password: &str,
        identity_key: Option<PublicKey>,
    ) -> Result<Admission, Code> {
        let question = Register {
            username: username(name),
            password: secret(password),
            identity_key,
            client: client(),
        };
        self.ask(&said::register(), &question).await
    }

    /// Alice's account and first Login.
    pub(crate) async fn alice(&self) -> Admission {
        self.register("Alice", PASSWORD, None).await.unwrap()
    }

    pub(crate) async fn log_in(&self, name: &str, password: &str) -> Result<Admission, Code> {
        let question = LogIn {
            username: username(name),
            password: secret(password),
            device: None,
            client: client(),
        };
        self.ask(&said::log_in(), &question).await
    }

    pub(crate) async fn refresh(&self, token: &Secret<String>) -> Result<Admission, Code> {
        let question = Refresh { refresh_token: token.clone(), client: client() };
        self.ask(&said::refresh(), &question).await
    }

    pub(crate) async fn log_out(
        &self,
        refresh_token: Option<&Secret<String>>,
        access: Option<Revoked>,
    ) -> Result<(), Code> {
        let question = LogOut { refresh_token: refresh_token.cloned(), access };
        self.ask(&said::log_out(), &question).await
    }

    pub(crate) async fn lives(&self, login: LoginId) -> bool {
        self.ask(&said::verify(), &Verify { login, token: None }).await.unwrap().alive
    }

    pub(crate) async fn snapshot(&self) -> Snapshot {
        self.ask(&said::snapshot(), &AskSnapshot {}).await.unwrap()
    }

    /// What the access token of an admission says, verified as an edge does.
    pub(crate) async fn claims(&self, admission: &Admission) -> Claims {
        let keys = self.snapshot().await.keys;
        let now = actors::clock::Clock::now(&*self.clock);
        access::read(&keys, admission.access_token.expose(), now).unwrap()
    }

    pub(crate) async fn hear_revoked(&self) -> BoxStream<'static, Result<Revoked, Gap>> {
        self.bus.hear(&said::revoked(), None, 64).await.unwrap()
    }
}

/// The next revocation that is told.
pub(crate) async fn next(told: &mut BoxStream<'static, Result<Revoked, Gap>>) -> Revoked {
    tokio::time::timeout(WAIT, told.next()).await.unwrap().unwrap().unwrap()
}

pub(crate) fn username(name: &str) -> Username {
    Username::parse(name).unwrap()
}

pub(crate) fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

pub(crate) fn client() -> Client {
    Client { user_agent: "a browser".to_owned(), address: "192.0.2.1".to_owned() }
}

pub(crate) fn key(first: u8) -> PublicKey {
    PublicKey::parse(vec![first; 44]).unwrap()
}
