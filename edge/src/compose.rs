//! The only place where parts are chosen and joined.
//!
//! ```text
//!   serve    doors and actors over the embedded bus, an SQLite file
//!   edge     doors over NATS
//!   actors   actors over NATS, a database; all three or only some
//!   migrate  the database alone
//! ```

pub(crate) mod buses;
mod keys;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix::Addr;
use actors::auth::Hashing;
use actors::bus::recording::RecordingBus;
use actors::bus::{Lane, counters};
use actors::capture::{Recorder, answer};
use actors::clock::{Clock, SystemClock};
use actors::runtime::Runtime;
use actors::serve::{self, Parts};
use actors::session::{Count, Deps, Drain, HubConfig, SessionHub};
use actors::store::{self, Store};
use anyhow::Context;
use axum::Router;
use axum::middleware::from_fn_with_state;
use bus_schemas::bus::Bus;
use bus_schemas::id::EdgeId;
use tokio::net::TcpListener;
use tokio::sync::watch;

use buses::{Buses, Lanes};

use crate::config::{Capture, Command, Config};
use crate::http::headers::{Transport, secure};
use crate::http::health::{self, Health, Watched};
use crate::http::limit::Limits;
use crate::http::{self, Doors, Settings};
use crate::lifecycle::{Lifecycle, Signals};
use crate::tokens::Tokens;
use crate::ws::Sockets;
use crate::{server, telemetry};

/// The arbiter of whatever there is one of.
const FIRST: usize = 0;
/// How often the store is asked whether it answers.
const STORE_ASKED_EVERY: Duration = Duration::from_secs(5);
/// How often a draining edge counts who is still there.
const COUNT_EVERY: Duration = Duration::from_millis(100);
/// How long after the last client was told to leave it may still be there.
const LEAVE_WAIT: Duration = Duration::from_secs(2);
/// How long an edge is noted that does not say that it leaves.
const NOTED_WITHIN: Duration = Duration::from_hours(24);
/// How often quiet networks are forgotten.
const SWEEP_EVERY: Duration = Duration::from_secs(10);

/// Runs a command until a signal ends it.
pub fn run(config: Config) -> anyhow::Result<()> {
    let main = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    main.block_on(async {
        if config.command == Command::Migrate {
            return migrate(&config).await;
        }
        let mut signals = Signals::listen().context("signals cannot be heard")?;
        let running = tokio::select! {
            running = Running::start(config) => running?,
            // Whatever was begun ends with the process; nobody was let in yet.
            () = signals.next() => {
                tracing::info!("stopped before the start was over");
                return Ok(());
            }
        };
        signals.next().await;
        tracing::info!("stopping; once more to stop at once");
        tokio::select! {
            () = running.drain() => {}
            () = signals.next() => tracing::warn!("stopping at once"),
        }
        running.stop().await;
        Ok(())
    })
}

async fn migrate(config: &Config) -> anyhow::Result<()> {
    let url = config.store.url.as_ref().context("there is no database")?;
    store::migrate(url.expose()).await.context("the database cannot be migrated")?;
    tracing::info!("the database has the present schema");
    Ok(())
}

/// Everything that runs in this process.
pub struct Running {
    /// Where the doors listen; absent for `actors`.
    pub doors: Option<SocketAddr>,
    /// Where the metrics and health pages are.
    pub pages: SocketAddr,
    config: Config,
    runtime: Runtime,
    lifecycle: Lifecycle,
    hubs: Vec<Addr<SessionHub>>,
    tokens: Option<Arc<Tokens>>,
    actors: Option<serve::Handle>,
    store: Option<Arc<dyn Store>>,
    /// Records the edge while a developer asks for it.
    captures: Recorder,
}

impl Running {
    /// Starts what the configuration asks for. Returns when it can be used.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        // A second start in one process finds the provider there already, which is as good.
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let recorder = telemetry::recorder().context("metrics cannot be recorded")?;
        register_metrics(config.command);
        let runtime = Runtime::start(config.arbiters).context("no threads")?;
        let lifecycle = Lifecycle::default();
        let awaited: &[Watched] = match config.command {
            Command::Edge => &[Watched::Tokens],
            Command::Serve => &[Watched::Store, Watched::Tokens],
            Command::Actors | Command::Migrate => &[Watched::Store],
        };
        let health = Arc::new(Health::new(lifecycle.clone(), awaited));
        let captures = captures_of(&config)?;
        let mut running = Self {
            doors: None,
            pages: config.observe.pages,
            config,
            runtime,
            lifecycle,
            hubs: Vec::new(),
            tokens: None,
            actors: None,
            store: None,
            captures,
        };
        // Operators' pages first: whatever the start waits for is told there.
        let readiness = Arc::clone(&health);
        let pages = telemetry::page(recorder, move || readiness.show())
            .merge(health::routes(Arc::clone(&health)))
            .layer(from_fn_with_state(Transport::Plain, secure));
        running.start_pages(pages).await?;
        running.every(telemetry::UPKEEP_EVERY, move || recorder.run_upkeep()).await?;
        let buses = Buses::choose(&running.config);
        health.await_buses(1);
        let first = running.connect(&buses, FIRST, Lane::Talk, &health).await?;
        if running.config.store.url.is_some() {
            running.start_actors(Arc::clone(&first), &health).await?;
        }
        if matches!(running.config.command, Command::Serve | Command::Edge) {
            running.start_doors(&buses, first, &health).await?;
        }
        Ok(running)
    }

    /// Takes nobody new in, and tells everybody to go elsewhere; returns when they are gone, or
    /// have had their time.
    pub async fn drain(&self) {
        self.lifecycle.drain();
        for hub in &self.hubs {
            if hub.try_send(Drain { within: self.config.drain }).is_err() {
                tracing::warn!("a hub is too busy to tell its clients to leave");
            }
        }
        let gone = async {
            while self.open_sockets().await > 0 {
                tokio::time::sleep(COUNT_EVERY).await;
            }
        };
        if tokio::time::timeout(self.config.drain + LEAVE_WAIT, gone).await.is_err() {
            tracing::warn!("clients are still there");
        }
    }

    /// Ends everything in order.
    pub async fn stop(self) {
        if let Some(tokens) = &self.tokens {
            tokens.leave().await;
        }
        self.lifecycle.stop().await;
        if let Some(actors) = self.actors
            && self.runtime.on(FIRST, || actors.stop()).await.is_err()
        {
            tracing::warn!("the actors ended before they were told to");
        }
        if let Some(store) = self.store
            && self.runtime.on(FIRST, move || async move { store.close().await }).await.is_err()
        {
            tracing::warn!("the store was not closed");
        }
        self.runtime.stop();
        tracing::info!("stopped");
    }

    async fn open_sockets(&self) -> usize {
        let mut open = 0;
        for hub in &self.hubs {
            open += hub.send(Count).await.unwrap_or(0);
        }
        open
    }

    /// The bus connection of one arbiter for this lane, which was awaited, followed for readiness.
    /// Waits until there is a bus.
    async fn connect(
        &self,
        buses: &Buses,
        arbiter: usize,
        lane: Lane,
        health: &Arc<Health>,
    ) -> anyhow::Result<Arc<dyn Bus>> {
        let buses = buses.clone();
        let connect = move || async move { buses.connect(lane).await };
        let bus = self.runtime.on(arbiter, connect).await??;
        let bus = match self.config.capture {
            Capture::Refused => bus,
            Capture::Allowed => self.recorded(arbiter, lane, bus).await?,
        };
        self.spawn(arbiter, Arc::clone(health).follow(bus.status_changes())).await?;
        Ok(bus)
    }

    /// The bus with a recorder in front. The first one is asked to record: on the bus itself, so
    /// that no capture has its own pages.
    async fn recorded(
        &self,
        arbiter: usize,
        lane: Lane,
        bus: Arc<dyn Bus>,
    ) -> anyhow::Result<Arc<dyn Bus>> {
        if (arbiter, lane) == (FIRST, Lane::Talk) {
            tracing::warn!("developers may record this edge (DHCHAT_CAPTURE)");
            self.spawn(arbiter, answer::answer(Arc::clone(&bus), self.captures.clone())).await?;
        }
        Ok(Arc::new(RecordingBus::new(bus, self.captures.clone())))
    }

    async fn start_actors(
        &mut self,
        bus: Arc<dyn Bus>,
        health: &Arc<Health>,
    ) -> anyhow::Result<()> {
        let url = self.config.store.url.clone().context("there is no database")?;
        let keys = keys::load(&self.config)?.map(Arc::new);
        let roles = self.config.roles.clone();
        let hashing =
            Hashing { cost: self.config.auth.bcrypt_cost, threads: self.config.auth.hash_threads };
        let guessing = self.config.auth.guessing;
        let is_alone = self.config.command == Command::Serve;
        let start = move || async move {
            if is_alone {
                store::migrate(url.expose()).await.context("the database cannot be migrated")?;
            }
            // A file is there or not; a server may come.
            let store = store::open_patiently(url.expose());
            let store = store.await.context("the database cannot be opened")?;
            if is_alone {
                // An edge that is noted here is one of an earlier process that did not leave.
                let gone = store.edges(NOTED_WITHIN).await?;
                store.forget_edges(&gone, Duration::ZERO).await?;
            }
            let clock: Arc<dyn Clock> = Arc::new(SystemClock);
            let parts = Parts { bus, store: Arc::clone(&store), clock, keys, hashing, guessing };
            let handle = serve::start(parts, &roles).await?;
            anyhow::Ok((store, handle))
        };
        let (store, handle) = self.runtime.on(FIRST, start).await??;
        self.actors = Some(handle);
        self.store = Some(Arc::clone(&store));
        self.spawn(FIRST, watch_store(store, Arc::clone(health))).await
    }

    async fn start_doors(
        &mut self,
        buses: &Buses,
        first: Arc<dyn Bus>,
        health: &Arc<Health>,
    ) -> anyhow::Result<()> {
        // Before anything else is there: whoever asks must not find it ready in between.
        health.await_buses(2 * self.runtime.arbiters() - 1);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let tokens = Arc::new(Tokens::new(Arc::clone(&first), clock, Arc::clone(health)));
        self.spawn(FIRST, Arc::clone(&tokens).keep()).await?;
        self.tokens = Some(Arc::clone(&tokens));
        // Whoever comes in before there is a lease could not be judged.
        tokens.until_known().await;
        let limits = Arc::new(Limits::new(&self.config.limits));
        let sweep = Arc::clone(&limits);
        self.every(SWEEP_EVERY, move || sweep.sweep()).await?;
        let (silenced, seen) = watch::channel(0);
        self.spawn(FIRST, Arc::clone(health).follow_refusals(seen)).await?;
        let shared = Shared { tokens, limits, health: Arc::clone(health), silenced };
        let lanes = self.connect_doors(buses, first, health).await?;
        let address = self.config.http.listen;
        let listeners = server::listen(address, self.runtime.arbiters())
            .with_context(|| format!("{address} cannot be listened on"))?;
        self.doors = listeners.first().map(std::net::TcpListener::local_addr).transpose()?;
        for (arbiter, (listener, lanes)) in listeners.into_iter().zip(lanes).enumerate() {
            self.start_door(arbiter, lanes, listener, &shared).await?;
        }
        tracing::info!(address = ?self.doors, url = self.config.http.public.as_str(), "open");
        Ok(())
    }

    /// The connections of every arbiter, all of them before anybody may come in.
    async fn connect_doors(
        &self,
        buses: &Buses,
        first: Arc<dyn Bus>,
        health: &Arc<Health>,
    ) -> anyhow::Result<Vec<Lanes>> {
        let mut lanes = Vec::new();
        for arbiter in 0..self.runtime.arbiters() {
            let talk = match arbiter {
                FIRST => Arc::clone(&first),
                _ => self.connect(buses, arbiter, Lane::Talk, health).await?,
            };
            lanes.push(Lanes {
                talk,
                bulk: self.connect(buses, arbiter, Lane::Bulk, health).await?,
            });
        }
        Ok(lanes)
    }

    async fn start_door(
        &mut self,
        arbiter: usize,
        Lanes { talk, bulk }: Lanes,
        listener: std::net::TcpListener,
        shared: &Shared,
    ) -> anyhow::Result<()> {
        let config = &self.config;
        let hub_config = HubConfig {
            talk_frames_per_second: config.limits.talk_frames_per_second,
            talk_frames_burst: config.limits.talk_frames_burst,
            file_bytes_max: config.file_bytes_max,
        };
        let deps = Deps {
            bus: Arc::clone(&talk),
            bulk,
            tokens: Arc::<Tokens>::clone(&shared.tokens),
            clock: Arc::new(SystemClock),
            silenced: shared.silenced.clone(),
            recorder: self.captures.clone(),
        };
        let hub = self.runtime.on(arbiter, move || SessionHub::start(hub_config, deps)).await??;
        self.hubs.push(hub.clone());
        let router = http::router(Arc::new(Doors {
            bus: talk,
            tokens: Arc::clone(&shared.tokens),
            limits: Arc::clone(&shared.limits),
            health: Arc::clone(&shared.health),
            sockets: Sockets { hub, lifecycle: self.lifecycle.clone() },
            settings: Arc::new(Settings {
                public: config.http.public.clone(),
                trusted_proxies: config.http.trusted_proxies.clone(),
                file_bytes_max: config.file_bytes_max,
            }),
        }));
        self.serve(arbiter, listener, router).await
    }

    async fn start_pages(&mut self, router: Router) -> anyhow::Result<()> {
        let address = self.pages;
        let listener = server::listen(address, 1)
            .with_context(|| format!("{address} cannot be listened on"))?
            .pop()
            .context("no listener")?;
        self.pages = listener.local_addr()?;
        self.serve(FIRST, listener, router).await
    }

    async fn serve(
        &self,
        arbiter: usize,
        listener: std::net::TcpListener,
        router: Router,
    ) -> anyhow::Result<()> {
        let lifecycle = self.lifecycle.clone();
        let start = move || async move {
            let listener = TcpListener::from_std(listener)?;
            lifecycle.spawn_graceful(server::serve(listener, router, lifecycle.clone()));
            anyhow::Ok(())
        };
        self.runtime.on(arbiter, start).await?
    }

    async fn spawn(
        &self,
        arbiter: usize,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> anyhow::Result<()> {
        let lifecycle = self.lifecycle.clone();
        Ok(self
            .runtime
            .on(arbiter, move || async move { lifecycle.spawn_local(Box::pin(task)) })
            .await?)
    }

    async fn every(&self, pause: Duration, work: impl Fn() + Send + 'static) -> anyhow::Result<()> {
        let again = async move {
            loop {
                tokio::time::sleep(pause).await;
                work();
            }
        };
        self.spawn(FIRST, again).await
    }
}

/// What the doors of every arbiter share.
struct Shared {
    tokens: Arc<Tokens>,
    limits: Arc<Limits>,
    silenced: watch::Sender<usize>,
    health: Arc<Health>,
}

/// Every metric of this process exists before its page can be asked for: one that appears only
/// after a wait for the bus looks like a process that has lost its counters.
fn register_metrics(command: Command) {
    counters::register();
    health::register();
    if matches!(command, Command::Serve | Command::Actors) {
        actors::metrics::register();
    }
    if matches!(command, Command::Serve | Command::Edge) {
        http::metrics::register();
        actors::session::describe();
        Tokens::register_metrics();
    }
}

fn captures_of(config: &Config) -> anyhow::Result<Recorder> {
    match config.capture {
        Capture::Refused => Ok(Recorder::off()),
        Capture::Allowed => {
            let mut edge = [0; 16];
            getrandom::fill(&mut edge).context("the system has no random bytes")?;
            Ok(Recorder::allowed(EdgeId::from_bytes(edge)))
        }
    }
}

async fn watch_store(store: Arc<dyn Store>, health: Arc<Health>) {
    loop {
        health.tell(Watched::Store, store.ping().await.is_ok());
        tokio::time::sleep(STORE_ASKED_EVERY).await;
    }
}
