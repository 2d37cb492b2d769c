//! Whether this process lives, and whether it should be given work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use actors::clock::{Clock, SystemClock};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use bus_schemas::bus::BusStatus;
use futures_util::stream::{BoxStream, StreamExt};
use metrics::{Unit, describe_gauge, gauge};
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use tokio::sync::watch;

use super::Doors;
use super::api::described::Gives;
use super::api::operation::Operation;
use crate::lifecycle::Lifecycle;

/// What readiness hangs on. Each part is set by whoever watches it.
#[derive(Debug)]
pub struct Health {
    lifecycle: Lifecycle,
    /// Connections to the bus that are away: each arbiter has one of its own.
    buses_away: AtomicUsize,
    store: AtomicBool,
    tokens: AtomicBool,
    refusals: AtomicBool,
}

const BUS: &str = "bus";
const OK: &str = "ok";
const READY: &str = "process_ready";
const STARTED: &str = "process_start_time_seconds";

/// Describes what every process shows of itself, and shows since when it runs.
pub fn register() {
    describe_gauge!(
        READY,
        "1: this process should be given work; 0: it waits, or is about to stop."
    );
    describe_gauge!(STARTED, Unit::Seconds, "When this process started, in seconds since 1970.");
    #[expect(clippy::cast_precision_loss, reason = "whole seconds are exact up to 2^53")]
    gauge!(STARTED).set(SystemClock.now().0 as f64);
}

/// A part that somebody looks after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// The store answers.
    Store,
    /// The keys that access tokens are read with are known.
    Tokens,
    /// The bus says when nobody is there; it does not while somebody listens to everybody.
    Refusals,
}

impl Watched {
    const ALL: [Self; 3] = [Self::Store, Self::Tokens, Self::Refusals];
}

impl Watched {
    const fn name(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Tokens => "tokens",
            Self::Refusals => "refusals",
        }
    }
}

impl Health {
    /// Everything is there, except for these parts until somebody says so.
    #[must_use]
    pub fn new(lifecycle: Lifecycle, awaited: &[Watched]) -> Self {
        let there = |part| AtomicBool::new(!awaited.contains(&part));
        Self {
            lifecycle,
            buses_away: AtomicUsize::new(0),
            store: there(Watched::Store),
            tokens: there(Watched::Tokens),
            refusals: there(Watched::Refusals),
        }
    }

    /// Counts so many connections to the bus as away, each until [`Health::follow`] finds it there.
    pub fn await_buses(&self, count: usize) {
        self.buses_away.fetch_add(count, Ordering::Relaxed);
    }

    /// Follows a connection to the bus that was awaited, until the connection is given up.
    pub async fn follow(self: Arc<Self>, mut statuses: BoxStream<'static, BusStatus>) {
        let mut known = BusStatus::Away;
        while let Some(status) = statuses.next().await {
            match (known, status) {
                (BusStatus::Up, BusStatus::Away) => {
                    self.buses_away.fetch_add(1, Ordering::Relaxed);
                }
                (BusStatus::Away, BusStatus::Up) => {
                    self.buses_away.fetch_sub(1, Ordering::Relaxed);
                }
                (BusStatus::Up, BusStatus::Up) | (BusStatus::Away, BusStatus::Away) => continue,
            }
            tracing::info!(?status, "the bus changed");
            known = status;
        }
    }

    /// Follows whether the bus still says that nobody is there.
    pub async fn follow_refusals(self: Arc<Self>, mut silenced: watch::Receiver<usize>) {
        while silenced.changed().await.is_ok() {
            let is_heard = *silenced.borrow() == 0;
            self.tell(Watched::Refusals, is_heard);
        }
    }

    /// Says whether the store, or what tokens are judged by, is there.
    pub fn tell(&self, part: Watched, is_there: bool) {
        if self.flag(part).swap(is_there, Ordering::Relaxed) != is_there {
            tracing::info!(?part, is_there, "readiness changed");
        }
    }

    const fn flag(&self, part: Watched) -> &AtomicBool {
        match part {
            Watched::Store => &self.store,
            Watched::Tokens => &self.tokens,
            Watched::Refusals => &self.refusals,
        }
    }

    /// Shows on the page of figures whether this process is ready.
    pub fn show(&self) {
        gauge!(READY).set(if self.readiness().status == OK { 1.0 } else { 0.0 });
    }

    fn readiness(&self) -> Readiness {
        let draining = self.lifecycle.is_draining();
        let mut away = Vec::new();
        if self.buses_away.load(Ordering::Relaxed) > 0 {
            away.push(BUS);
        }
        let watched = Watched::ALL.into_iter();
        let is_away = |part: &Watched| !self.flag(*part).load(Ordering::Relaxed);
        away.extend(watched.filter(is_away).map(Watched::name));
        let status = if away.is_empty() && !draining { OK } else { "unavailable" };
        Readiness { status, draining, away }
    }
}

/// The three pages on the operators' port.
pub fn routes(health: Arc<Health>) -> Router {
    Router::new()
        .route("/health", get(live))
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .with_state(health)
}

/// It lives.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Alive {
    status: &'static str,
}

/// `GET /health` and `GET /health/live`: touches nothing.
pub(super) async fn live() -> Json<Alive> {
    Json(Alive { status: OK })
}

/// Whether it should be given work, and why not.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Readiness {
    status: &'static str,
    /// Whether it is about to stop.
    draining: bool,
    /// What it waits for: `bus`, `store`, `tokens`, `refusals`.
    away: Vec<&'static str>,
}

impl Gives for Readiness {
    fn describe(operation: &mut Operation) {
        for status in [StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE] {
            operation.gives(status, Some(SchemaGenerator::subschema_for::<Self>));
        }
    }
}

impl IntoResponse for Readiness {
    fn into_response(self) -> Response {
        let status = match self.status {
            OK => StatusCode::OK,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        };
        (status, Json(self)).into_response()
    }
}

/// `GET /health/ready` on the operators' port.
async fn ready(State(health): State<Arc<Health>>) -> Readiness {
    health.readiness()
}

/// `GET /health/ready` at the doors.
pub(super) async fn ready_here(State(doors): State<Arc<Doors>>) -> Readiness {
    doors.health.readiness()
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use serde_json::{Value, json};

    use super::*;

    fn told(health: &Health) -> Value {
        serde_json::to_value(health.readiness()).unwrap()
    }

    fn away(parts: &[&str]) -> Value {
        json!({ "status": "unavailable", "draining": false, "away": parts })
    }

    #[test]
    fn what_is_awaited_is_away_until_somebody_says_so() {
        let health = Health::new(Lifecycle::default(), &[Watched::Tokens]);
        assert_eq!(told(&health), away(&["tokens"]));
        health.tell(Watched::Tokens, true);
        let ready = json!({ "status": "ok", "draining": false, "away": [] });
        assert_eq!(told(&health), ready);
        health.tell(Watched::Store, false);
        assert_eq!(told(&health), away(&["store"]));
    }

    #[tokio::test]
    async fn the_bus_is_away_as_long_as_one_connection_is() {
        use BusStatus::{Away, Up};
        let health = Arc::new(Health::new(Lifecycle::default(), &[]));
        let follow = async |statuses: &[BusStatus]| {
            health.await_buses(1);
            assert_eq!(told(&health)["away"], json!(["bus"]), "it is not there yet");
            let statuses = stream::iter(statuses.to_vec()).boxed();
            Arc::clone(&health).follow(statuses).await;
            told(&health)["away"].clone()
        };
        assert_eq!(follow(&[Up, Away, Away, Up]).await, json!([]));
        assert_eq!(follow(&[Away]).await, json!(["bus"]));
        assert_eq!(follow(&[Away, Away, Up]).await, json!(["bus"]), "the first one still is");
    }
}
