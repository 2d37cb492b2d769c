//! Whether this process lives, and whether it should be given work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use crate::lifecycle::Lifecycle;

/// What readiness hangs on. Each part is set by whoever watches it.
#[derive(Debug)]
pub struct Health {
    lifecycle: Lifecycle,
    bus: AtomicBool,
    store: AtomicBool,
    tokens: AtomicBool,
}

/// A part that can be away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The bus can be reached.
    Bus,
    /// The store answers.
    Store,
    /// The keys that access tokens are read with are known.
    Tokens,
}

impl Health {
    /// Everything is there, except for these parts until somebody says so.
    #[must_use]
    pub fn new(lifecycle: Lifecycle, awaited: &[Part]) -> Self {
        let there = |part| AtomicBool::new(!awaited.contains(&part));
        Self {
            lifecycle,
            bus: there(Part::Bus),
            store: there(Part::Store),
            tokens: there(Part::Tokens),
        }
    }

    /// Says whether a part is there.
    pub fn tell(&self, part: Part, is_there: bool) {
        if self.flag(part).swap(is_there, Ordering::Relaxed) != is_there {
            tracing::info!(?part, is_there, "readiness changed");
        }
    }

    const fn flag(&self, part: Part) -> &AtomicBool {
        match part {
            Part::Bus => &self.bus,
            Part::Store => &self.store,
            Part::Tokens => &self.tokens,
        }
    }

    fn readiness(&self) -> Readiness {
        let draining = self.lifecycle.is_draining();
        let parts = [Part::Bus, Part::Store, Part::Tokens];
        let is_away = |part: &Part| !self.flag(*part).load(Ordering::Relaxed);
        let away: Vec<Part> = parts.into_iter().filter(is_away).collect();
        let status = if away.is_empty() && !draining { "ok" } else { "unavailable" };
        Readiness { status, draining, away }
    }
}

/// The three pages, for the doors and for the operators' port alike.
pub fn routes<S: Clone + Send + Sync + 'static>(health: Arc<Health>) -> Router<S> {
    Router::new()
        .route("/health", get(live))
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .with_state(health)
}

/// It lives.
#[derive(Serialize)]
struct Alive {
    status: &'static str,
}

/// `GET /health` and `GET /health/live`: touches nothing.
async fn live() -> Json<Alive> {
    Json(Alive { status: "ok" })
}

/// Whether it should be given work, and why not.
#[derive(Serialize)]
struct Readiness {
    status: &'static str,
    draining: bool,
    away: Vec<Part>,
}

/// `GET /health/ready`
async fn ready(State(health): State<Arc<Health>>) -> (StatusCode, Json<Readiness>) {
    let readiness = health.readiness();
    let status = match readiness.status {
        "ok" => StatusCode::OK,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(readiness))
}
