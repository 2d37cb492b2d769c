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
    self as said, Admission, AskLease, AskLogins, ChangePassword, Client, Lease, LogIn, LogOut,
    LoginShown, Refresh, Register, RemoveAccount, Revoked, Verify,
};
use bus_schemas::blob::PublicKey;
use bus_schemas::bus::{Bus, Gap};
use bus_schemas::fault::Code;
use bus_schemas::id::{EdgeId, LoginId, UserId};
use bus_schemas::name::Username;
use bus_schemas::secret::Secret;
use bus_schemas::topic::Call;
use bus_schemas::verbs::{CallError, Refusal};
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
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
        Self::open_on(World::sqlite().await, |_| {}).await
    }

    /// A house over another store, or with other settings.
    pub(crate) async fn open_on(world: World, arrange: impl FnOnce(&mut Parts)) -> Self {
        let broker = Broker::new();
        let store = world.open().await;
        let clock = Arc::new(ManualClock::new(NOW));
        let mut parts = Parts {
            bus: Arc::new(broker.connect()),
            store: store.clone(),
            clock: clock.clone(),
            keys: Some(Arc::new(Keys::derive(&[1; 32]))),
            // The lowest there is: these tests are not about the cost.
            hashing: Hashing { cost: 4, threads: 1 },
            guessing: guessing::Settings::default(),
        };
        arrange(&mut parts);
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

    /// [`House::ask`], with a refusal as a whole.
    pub(crate) async fn ask_whole<Q, R>(
        &self,
        call: &Call<Q, R>,
        question: &Q,
    ) -> Result<R, Refusal>
    where
        Q: Serialize + Sync,
        R: DeserializeOwned,
    {
        self.bus.call(call, question, None, WAIT).await.map_err(|error| match error {
            CallError::Refused(refusal) => refusal,
            CallError::Bus(_) | CallError::Codec(_) => error.code().into(),
        })
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
        self.log_in_from(None, name, password).await.map_err(|refusal| refusal.code)
    }

    /// Signs in from a browser that may have a device cookie.
    pub(crate) async fn log_in_from(
        &self,
        device: Option<&Secret<String>>,
        name: &str,
        password: &str,
    ) -> Result<Admission, Refusal> {
        self.ask_whole(&said::log_in(), &log_in_question(device, name, password)).await
    }

    /// Changes the password from the Login of an admission.
    pub(crate) async fn change_password(
        &self,
        from: &Admission,
        old: &str,
        new: &str,
    ) -> Result<(), Refusal> {
        let login = self.claims(from).await.login;
        let (old, new) = (secret(old), secret(new));
        let question = ChangePassword { user: from.user, login, old, new };
        self.ask_whole(&said::change_password(), &question).await
    }

    pub(crate) async fn remove_account(
        &self,
        from: &Admission,
        password: &str,
    ) -> Result<(), Refusal> {
        let login = self.claims(from).await.login;
        let question = RemoveAccount { user: from.user, login, password: secret(password) };
        self.ask_whole(&said::remove_account(), &question).await
    }

    pub(crate) async fn logins(&self, user: UserId) -> Vec<LoginShown> {
        self.ask(&said::logins(), &AskLogins { user }).await.unwrap()
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

    /// Everything that is revoked, as told to an edge for which nobody has to wait.
    pub(crate) async fn lease(&self) -> Lease {
        self.ask(&said::lease(), &passer_by()).await.unwrap()
    }

    /// What the access token of an admission says, verified as an edge does.
    pub(crate) async fn claims(&self, admission: &Admission) -> Claims {
        let keys = self.lease().await.keys;
        let now = actors::clock::Clock::now(&*self.clock);
        access::read(&keys, admission.access_token.expose(), now).unwrap()
    }

    /// What is told to the edges, one by one.
    pub(crate) async fn hear_revoked(&self) -> BoxStream<'static, Result<Revoked, Gap>> {
        let told = self.bus.serve_each(&said::revoked(), 64).await.unwrap();
        let entries = told.map_ok(|question| stream::iter(question.body).map(Ok));
        entries.try_flatten().boxed()
    }
}

/// The next revocation that is told.
pub(crate) async fn next(told: &mut BoxStream<'static, Result<Revoked, Gap>>) -> Revoked {
    tokio::time::timeout(WAIT, told.next()).await.unwrap().unwrap().unwrap()
}

/// An edge that asks, and is not there.
pub(crate) fn passer_by() -> AskLease {
    AskLease { edge: EdgeId::from_bytes([0xed; 16]), mark: None, after: None, leaving: true }
}

pub(crate) fn log_in_question(
    device: Option<&Secret<String>>,
    name: &str,
    password: &str,
) -> LogIn {
    LogIn {
        username: username(name),
        password: secret(password),
        device: device.cloned(),
        client: client(),
    }
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
