//! A circuit breaker around questions to a store: each has an end, a timing and a count.

use std::error::Error;
use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actors_core::breaker::{Breaker, Pass, Settings, State};

use super::StoreError;
use crate::clock::Stopwatch;
use crate::metrics::{self, CircuitName, Query};

/// Questions that are left unasked for a while when they fail again and again.
pub(super) struct Circuit {
    name: CircuitName,
    breaker: Mutex<Breaker>,
    call_time_max: Duration,
    since: Stopwatch,
}

impl Circuit {
    pub(super) fn new(name: CircuitName, settings: Settings) -> Self {
        let breaker = Breaker::new(settings);
        metrics::circuit(name, breaker.state());
        Self {
            name,
            breaker: Mutex::new(breaker),
            call_time_max: Duration::from_millis(settings.call_ms),
            since: Stopwatch::start(),
        }
    }

    pub(super) async fn ask<T>(
        &self,
        query: Query,
        answer: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let mut trial = self.admit()?;
        let took = Stopwatch::start();
        let outcome = tokio::time::timeout(self.call_time_max, answer)
            .await
            .unwrap_or(Err(StoreError::Timeout));
        metrics::query(query, took.elapsed(), outcome.as_ref().err());
        trial.end(query, outcome.as_ref().err());
        outcome
    }

    fn admit(&self) -> Result<Trial<'_>, StoreError> {
        let mut breaker = self.breaker();
        let pass = breaker.admit(self.since.millis()).map_err(|_| StoreError::CircuitOpen)?;
        metrics::circuit(self.name, breaker.state());
        Ok(Trial { of: self, pass: Some(pass) })
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, before: State, after: State) {
        metrics::circuit(self.name, after);
        let circuit = self.name.as_str();
        match after {
            State::Open if before != State::Open => {
                tracing::error!(
                    circuit,
                    "the store failed too often and is left alone for a while"
                );
            }
            State::Closed if before != State::Closed => {
                tracing::info!(circuit, "the store is back");
            }
            State::Open | State::Closed | State::HalfOpen => {}
        }
    }
}

/// A question under way. If it is dropped, whoever asked has given up.
struct Trial<'a> {
    of: &'a Circuit,
    pass: Option<Pass>,
}

impl Trial<'_> {
    fn end(&mut self, query: Query, error: Option<&StoreError>) {
        let Some(pass) = self.pass.take() else { return };
        let mut breaker = self.of.breaker();
        let before = breaker.state();
        match error {
            Some(error @ (StoreError::Away(_) | StoreError::Timeout)) => {
                log(query, error);
                metrics::circuit_failure(self.of.name);
                breaker.failed(&pass, self.of.since.millis());
            }
            Some(error @ StoreError::Broken(_)) => {
                log(query, error);
                breaker.succeeded(&pass);
            }
            _ => breaker.succeeded(&pass),
        }
        self.of.note(before, breaker.state());
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        let Some(pass) = self.pass.take() else { return };
        let mut breaker = self.of.breaker();
        breaker.abandoned(&pass, self.of.since.millis());
        metrics::circuit(self.of.name, breaker.state());
    }
}

/// Causes stay inside the house, so this is where they are told.
fn log(query: Query, error: &StoreError) {
    let cause = error.source().map(ToString::to_string);
    tracing::warn!(operation = query.operation(), cause, "{error}");
}
