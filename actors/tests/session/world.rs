//! Two arbiters on one embedded bus, and clients that speak the binary door in memory.

use std::sync::Arc;
use std::time::Duration;

use actix::Addr;
use actors::bus::embedded::Broker;
use actors::clock::SystemClock;
use actors::runtime::Runtime;
use actors::session::outbox::{Outgoing, Written, channel};
use actors::session::{Count, Deps, Drain, HubConfig, Open, Received, SessionHub, TokenCheck};
use actors_core::session::{Bearer, Close};
use async_trait::async_trait;
use bus_schemas::bus::Bus;
use bus_schemas::fault::Code;
use bus_schemas::frame::binary::{self, control};
use bus_schemas::frame::{Door, Label, Part, PeerFrame, ServerFrame};
use bus_schemas::id::{FrameId, LoginId, TokenId, UserId};
use bus_schemas::secret::Secret;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream;
use serde::Serialize;
use tokio::sync::mpsc;

pub(crate) const ALICE: UserId = UserId::from_bytes([0xa1; 16]);
pub(crate) const BOB: UserId = UserId::from_bytes([0xb0; 16]);

/// Every wait of these tests ends after this long at the latest.
const DEADLINE: Duration = Duration::from_secs(20);

/// The Login that [`Tokens`] gives a user.
pub(crate) fn login_of(user: UserId) -> LoginId {
    LoginId::from_bytes(*user.as_bytes())
}

pub(crate) fn id(n: u8) -> FrameId {
    FrameId::new(Bytes::copy_from_slice(&[n; 16])).unwrap()
}

pub(crate) fn frame(label: Label, peer: UserId, n: u8, body: &[u8]) -> PeerFrame {
    let part = Part::default();
    PeerFrame { label, attempt: 0, peer, id: id(n), part, body: Bytes::copy_from_slice(body) }
}

/// A token is the id of its user in text.
struct Tokens;

#[async_trait]
impl TokenCheck for Tokens {
    async fn check(&self, token: &Secret<String>) -> Result<Bearer, Code> {
        let user = UserId::parse(token.expose()).ok_or(Code::InvalidToken)?;
        let token = TokenId::from_bytes(*user.as_bytes());
        Ok(Bearer { user, login: login_of(user), token, expires_in_ms: 900_000 })
    }
}

pub(crate) struct World {
    runtime: Runtime,
    broker: Broker,
    hubs: Vec<Addr<SessionHub>>,
}

impl World {
    pub(crate) async fn start() -> Self {
        let runtime = Runtime::start(2).unwrap();
        let broker = Broker::new();
        let mut hubs = Vec::new();
        for arbiter in 0..2 {
            let bus: Arc<dyn Bus> = Arc::new(broker.connect());
            let deps = Deps { bus, tokens: Arc::new(Tokens), clock: Arc::new(SystemClock) };
            let config = HubConfig { talk_frames_per_second: 10_000, talk_frames_burst: 10_000 };
            let hub = runtime.on(arbiter, move || SessionHub::start(config, deps)).await.unwrap();
            hubs.push(hub.unwrap());
        }
        Self { runtime, broker, hubs }
    }

    pub(crate) fn bus(&self) -> Arc<dyn Bus> {
        Arc::new(self.broker.connect())
    }

    pub(crate) async fn connect(&self, arbiter: usize, door: Door) -> Client {
        let (outbox, outgoing) = channel(door);
        let (says, said) = mpsc::channel(4_096);
        let socket = stream::unfold(said, async |mut said| said.recv().await.map(|r| (r, said)));
        self.hubs[arbiter].send(Open { door, socket: socket.boxed(), outbox }).await.unwrap();
        Client { says: Some(says), outgoing }
    }

    /// A client that has authenticated.
    pub(crate) async fn enter(&self, arbiter: usize, user: UserId) -> Client {
        let mut client = self.connect(arbiter, Door::Binary).await;
        client.authenticates(&user.to_string());
        let answer = client.hears_bytes().await;
        assert_eq!(kind(&answer), control::AUTH);
        assert!(answer.windows(16).any(|part| part == user.as_bytes()), "who it is");
        client
    }

    /// Waits until everything that this client said before has been handled; whatever it hears
    /// meanwhile is passed over.
    pub(crate) async fn settle(&self, client: &mut Client) {
        client.sends_bytes(&[0x92, control::PING, 0x80]);
        while client.hears_bytes().await != binary::encode(&ServerFrame::Pong) {}
        // The bus hands over on the arbiters' own turns; one more turn there is enough.
        for arbiter in 0..2 {
            self.runtime.on(arbiter, tokio::task::yield_now).await.unwrap();
        }
    }

    /// Keeps an arbiter from doing anything while something else happens.
    pub(crate) async fn hold(&self, arbiter: usize, meanwhile: impl Future<Output = ()>) {
        let (release, released) = std::sync::mpsc::channel::<()>();
        let held = self.runtime.on(arbiter, move || async move {
            // The other end is dropped, never used.
            assert!(released.recv().is_err());
        });
        let meanwhile = async {
            meanwhile.await;
            drop(release);
        };
        let (held, ()) = tokio::join!(held, meanwhile);
        held.unwrap();
    }

    pub(crate) async fn drain(&self, arbiter: usize) {
        let within = Duration::from_millis(100);
        self.hubs[arbiter].send(Drain { within }).await.unwrap();
    }

    pub(crate) async fn eventually_open(&self, arbiter: usize, count: usize) {
        let poll = async {
            while self.hubs[arbiter].send(Count).await.unwrap() != count {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(DEADLINE, poll).await.expect("the number of open Sessions");
    }

    pub(crate) async fn stop(self) {
        tokio::task::spawn_blocking(|| self.runtime.stop()).await.unwrap();
    }
}

pub(crate) struct Client {
    says: Option<mpsc::Sender<Received>>,
    outgoing: Outgoing,
}

impl Client {
    pub(crate) fn authenticates(&mut self, token: &str) {
        let instance = serde_bytes::Bytes::new(&[1; 16]);
        let frame = (control::AUTH, AuthFields { token, instance, attach: 1 });
        self.sends_bytes(&rmp_serde::to_vec_named(&frame).unwrap());
    }

    pub(crate) fn say(&mut self, frame: &PeerFrame) {
        // A peer frame has the same bytes in both directions.
        self.sends_bytes(&binary::encode(&ServerFrame::Peer(frame.clone())));
    }

    pub(crate) fn sends_bytes(&mut self, bytes: &[u8]) {
        self.says().try_send(Received::Frame(Bytes::copy_from_slice(bytes))).unwrap();
    }

    pub(crate) fn sends_too_much(&mut self) {
        self.says().try_send(Received::TooLarge).unwrap();
    }

    /// The socket ends; what was said to it can still be read.
    pub(crate) fn hangs_up(&mut self) {
        self.says = None;
    }

    fn says(&self) -> &mpsc::Sender<Received> {
        self.says.as_ref().unwrap()
    }

    /// How many frames of this type come until there are `count`, or the deadline is there.
    pub(crate) async fn eventually_hears(&mut self, expected: u8, count: usize) -> usize {
        let started = std::time::Instant::now();
        let mut heard = 0;
        while heard < count && started.elapsed() < DEADLINE {
            self.sends_bytes(&[0x92, control::PING, 0x80]);
            loop {
                let bytes = self.hears_bytes().await;
                heard += usize::from(kind(&bytes) == expected);
                if kind(&bytes) == control::PONG {
                    break;
                }
            }
        }
        heard
    }

    /// How many more frames of this type there are before the close.
    pub(crate) async fn hears_until_the_close(&mut self, expected: u8) -> usize {
        let mut heard = 0;
        while let Written::Frame(bytes) = self.next().await {
            heard += usize::from(kind(&bytes) == expected);
        }
        heard
    }

    /// The next frame is this one.
    pub(crate) async fn hears(&mut self, frame: &ServerFrame) {
        assert_eq!(self.hears_bytes().await, binary::encode(frame), "expected {frame:?}");
    }

    /// The next frame is of this type.
    pub(crate) async fn hears_kind(&mut self, expected: u8) {
        assert_eq!(kind(&self.hears_bytes().await), expected);
    }

    async fn hears_bytes(&mut self) -> Bytes {
        match self.next().await {
            Written::Frame(bytes) => bytes,
            Written::Close(why) => panic!("closed: {why:?}"),
        }
    }

    /// The reason of the close, after whatever is still said.
    pub(crate) async fn closes(&mut self) -> Close {
        loop {
            if let Written::Close(why) = self.next().await {
                return why;
            }
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        !self.says().is_closed()
    }

    async fn next(&mut self) -> Written {
        let next = tokio::time::timeout(DEADLINE, self.outgoing.next()).await;
        next.expect("something is said in time").expect("the socket is open")
    }
}

#[derive(Serialize)]
struct AuthFields<'a> {
    token: &'a str,
    instance: &'a serde_bytes::Bytes,
    attach: u32,
}

/// The type of a frame stands after the head of its array.
fn kind(frame: &Bytes) -> u8 {
    frame[1]
}
