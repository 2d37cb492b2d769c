//! Two arbiters on one embedded bus, and clients that speak the binary door in memory.

use std::collections::HashSet;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use actix::Addr;
use actors::bus::Lane;
use actors::bus::embedded::Broker;
use actors::bus::recording::RecordingBus;
use actors::capture::Recorder;
use actors::clock::SystemClock;
use actors::runtime::Runtime;
use actors::session::outbox::{Outgoing, Written, channel};
use actors::session::{
    Count, Deps, Drain, Gate, HubConfig, Open, Received, SessionHub, Socket, TokenCheck, Told,
};
use actors_core::refusals::Seen;
use actors_core::session::{Bearer, Close};
use async_trait::async_trait;
use bus_schemas::auth::Revoked;
use bus_schemas::bus::Bus;
use bus_schemas::chat::Standing;
use bus_schemas::fault::Code;
use bus_schemas::frame::binary::{self, control};
use bus_schemas::frame::{Door, Label, Part, PeerFrame, ServerFrame};
use bus_schemas::id::{FrameId, LoginId, TokenId, UserId};
use bus_schemas::limit::FILE_BYTES_MAX;
use bus_schemas::secret::Secret;
use bus_schemas::time::{Millis, Timestamp};
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use serde::Serialize;
use tokio::sync::{broadcast, mpsc, watch};

pub(crate) const ALICE: UserId = UserId::from_bytes([0xa1; 16]);
pub(crate) const BOB: UserId = UserId::from_bytes([0xb0; 16]);
pub(crate) const CAROL: UserId = UserId::from_bytes([0xca; 16]);

/// Every wait of these tests ends after this long at the latest.
const DEADLINE: Duration = Duration::from_secs(20);
/// What may wait to be told to the Sessions.
pub(crate) const TOLD_WAITING_MAX: usize = 4;

/// The Login that [`Tokens`] gives a user.
pub(crate) fn login_of(user: UserId) -> LoginId {
    LoginId::from_bytes(*user.as_bytes())
}

pub(crate) fn id(n: u8) -> FrameId {
    FrameId::new(Bytes::copy_from_slice(&[n; 16])).unwrap()
}

pub(crate) fn frame(label: Label, peer: UserId, n: u8, body: &[u8]) -> PeerFrame {
    let part = if label.is_file() { Part { index: 0, count: 1 } } else { Part::default() };
    PeerFrame { label, attempt: 0, peer, id: id(n), part, body: Bytes::copy_from_slice(body) }
}

/// What one edge knows of tokens. A token is the id of its user in text.
pub(crate) struct Tokens {
    gate: Gate,
    ended: Mutex<HashSet<LoginId>>,
    told: broadcast::Sender<Told>,
    /// Checks wait for this while it is held.
    slow: tokio::sync::Mutex<()>,
}

impl Tokens {
    fn new() -> Arc<Self> {
        let gate = Gate::shut();
        gate.open_until(Millis(u64::MAX));
        let (told, _) = broadcast::channel(TOLD_WAITING_MAX);
        Arc::new(Self { gate, ended: Mutex::default(), told, slow: tokio::sync::Mutex::default() })
    }

    /// It is known here, and nobody is told.
    pub(crate) fn knows_the_end_of(&self, user: UserId) {
        self.ended.lock().unwrap().insert(login_of(user));
    }

    pub(crate) fn tell_the_end_of(&self, user: UserId) {
        self.knows_the_end_of(user);
        let until = Timestamp(i64::MAX);
        let revoked = Revoked { user, login: login_of(user), token: None, until };
        self.tell(Told::Ended([revoked].into()));
    }

    pub(crate) fn tell(&self, told: Told) {
        self.told.send(told).unwrap();
    }

    pub(crate) fn shut(&self) {
        self.gate.open_until(Millis(0));
    }

    pub(crate) fn open(&self) {
        self.gate.open_until(Millis(u64::MAX));
        self.tell(Told::Open);
    }

    pub(crate) fn let_go(&self) {
        self.gate.let_go();
        self.tell(Told::LetGo);
    }

    /// Checks do not end while this is held.
    pub(crate) async fn hold_checks(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.slow.lock().await
    }
}

#[async_trait]
impl TokenCheck for Tokens {
    async fn check(&self, token: &Secret<String>) -> Result<Bearer, Code> {
        let user = UserId::parse(token.expose()).ok_or(Code::InvalidToken)?;
        let token = TokenId::from_bytes(*user.as_bytes());
        drop(self.slow.lock().await);
        Ok(Bearer { user, login: login_of(user), token, expires_in_ms: 900_000 })
    }

    fn has_ended(&self, standing: Standing) -> bool {
        self.ended.lock().unwrap().contains(&standing.login)
    }

    fn gate(&self) -> Gate {
        self.gate.clone()
    }

    fn told(&self) -> BoxStream<'static, Told> {
        stream::unfold(self.told.subscribe(), async |mut told| {
            let next = match told.recv().await {
                Ok(next) => next,
                Err(broadcast::error::RecvError::Lagged(_)) => Told::Missed,
                Err(broadcast::error::RecvError::Closed) => return None,
            };
            Some((next, told))
        })
        .boxed()
    }
}

pub(crate) struct World {
    /// Each arbiter stands for an edge of its own.
    pub(crate) tokens: [Arc<Tokens>; 2],
    runtime: Runtime,
    broker: Broker,
    hubs: Vec<Addr<SessionHub>>,
    seen: watch::Receiver<usize>,
}

/// A socket that is read alone: what is to be written is taken by the test.
struct ReadHere(BoxStream<'static, Received>);

impl Stream for ReadHere {
    type Item = Received;

    fn poll_next(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<Option<Received>> {
        self.0.poll_next_unpin(ctx)
    }
}

impl Socket for ReadHere {
    fn write(self: Pin<&mut Self>, _: &mut Context<'_>) {}
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_on(Broker::new()).await
    }

    /// On a bus where others may be already.
    pub(crate) async fn start_on(broker: Broker) -> Self {
        Self::with(broker, [Recorder::off(), Recorder::off()]).await
    }

    /// Edges that are recorded, Sessions and buses.
    pub(crate) async fn recorded_by(recorders: [Recorder; 2]) -> Self {
        Self::with(Broker::new(), recorders).await
    }

    async fn with(broker: Broker, recorders: [Recorder; 2]) -> Self {
        let runtime = Runtime::start(2).unwrap();
        let mut hubs = Vec::new();
        let tokens = [Tokens::new(), Tokens::new()];
        let (silenced, seen) = watch::channel(0);
        for (arbiter, (tokens, recorder)) in tokens.iter().zip(recorders).enumerate() {
            let connect = |lane| -> Arc<dyn Bus> {
                let bus = Arc::new(broker.connect_for(lane));
                Arc::new(RecordingBus::new(bus, recorder.clone()))
            };
            let (bus, bulk) = (connect(Lane::Talk), connect(Lane::Bulk));
            let (tokens, clock) = (Arc::<Tokens>::clone(tokens), Arc::new(SystemClock));
            let deps = Deps { bus, bulk, tokens, clock, silenced: silenced.clone(), recorder };
            let config = HubConfig {
                talk_frames_per_second: 10_000,
                talk_frames_burst: 10_000,
                file_bytes_max: FILE_BYTES_MAX,
            };
            let hub = runtime.on(arbiter, move || SessionHub::start(config, deps)).await.unwrap();
            hubs.push(hub.unwrap());
        }
        Self { tokens, runtime, broker, hubs, seen }
    }

    /// Waits until the hubs see this.
    pub(crate) async fn eventually_seen(&mut self, seen: Seen) {
        let changed = self.seen.wait_for(|silenced| match seen {
            Seen::Heard => *silenced == 0,
            Seen::Silenced => *silenced == 2,
        });
        drop(
            tokio::time::timeout(DEADLINE * 2, changed).await.expect("it is seen in time").unwrap(),
        );
    }

    /// One more connection, which nobody records.
    pub(crate) fn bus(&self) -> Arc<dyn Bus> {
        Arc::new(self.broker.connect())
    }

    pub(crate) fn cut_the_bus(&self) {
        self.broker.cut();
    }

    pub(crate) fn cut_lane(&self, lane: Lane) {
        self.broker.cut_lane(lane);
    }

    pub(crate) fn mend_the_bus(&self) {
        self.broker.mend();
    }

    pub(crate) async fn connect(&self, arbiter: usize, door: Door) -> Client {
        let (outbox, outgoing) = channel(door, Arc::<Tokens>::clone(&self.tokens[arbiter]));
        let (says, said) = mpsc::channel(4_096);
        let socket = stream::unfold(said, async |mut said| said.recv().await.map(|r| (r, said)));
        let socket = Box::pin(ReadHere(socket.boxed()));
        self.hubs[arbiter].send(Open { door, socket, outbox }).await.unwrap();
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
        self.settle_counting(client, control::PONG, &mut 0).await;
    }

    /// The same; frames of this type are counted.
    pub(crate) async fn settle_counting(&self, client: &mut Client, of: u8, heard: &mut usize) {
        client.sends_bytes(&[0x92, control::PING, 0x80]);
        loop {
            let bytes = client.hears_bytes().await;
            *heard += usize::from(kind(&bytes) == of);
            if bytes == binary::encode(&ServerFrame::Pong) {
                break;
            }
        }
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

    /// Says something where the socket may be closed already, and then is not read.
    pub(crate) fn says_late(&mut self, frame: &PeerFrame) {
        let bytes = binary::encode(&ServerFrame::Peer(frame.clone()));
        drop(self.says().try_send(Received::Frame(bytes)));
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

    /// What it said and nobody has read yet.
    pub(crate) fn unread(&self) -> usize {
        self.says().max_capacity() - self.says().capacity()
    }

    /// Waits until so much is left unread, and sees that it stays so for a few turns.
    pub(crate) async fn eventually_leaves_unread(&self, count: usize) {
        self.eventually_leaves_unread_at_most(count).await;
        for _ in 0..100 {
            tokio::task::yield_now().await;
            assert_eq!(self.unread(), count);
        }
    }

    pub(crate) async fn eventually_leaves_unread_at_most(&self, count: usize) {
        let started = std::time::Instant::now();
        while self.unread() > count {
            assert!(started.elapsed() < DEADLINE, "{} unread", self.unread());
            tokio::task::yield_now().await;
        }
    }

    /// Ends the writing half of its socket; the reading half, which is given back, has not noticed.
    pub(crate) fn stop_its_writing_half(self) -> mpsc::Sender<Received> {
        self.says.unwrap()
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

    /// Speaks until the bus says that nobody is there.
    pub(crate) async fn eventually_finds_nobody(&mut self, peer: UserId) {
        let started = std::time::Instant::now();
        for n in (0..=u8::MAX).cycle() {
            assert!(started.elapsed() < DEADLINE, "every word is refused");
            self.say(&frame(Label::Message, peer, n, b"word"));
            if kind(&self.hears_bytes().await) == control::PEER_OFFLINE {
                return;
            }
        }
    }

    /// How many more frames of this type there are before the close.
    pub(crate) async fn hears_until_the_close(&mut self, expected: u8) -> usize {
        let mut heard = 0;
        while let Written::Frame(frame) = self.next().await {
            heard += usize::from(kind(&frame.whole()) == expected);
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

    pub(crate) async fn hears_bytes(&mut self) -> Bytes {
        match self.next().await {
            Written::Frame(frame) => frame.whole(),
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
pub(crate) fn kind(frame: &Bytes) -> u8 {
    frame[1]
}
