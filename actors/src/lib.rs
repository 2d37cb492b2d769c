//! The actors: thin actix shells around the decisions of `actors-core`, and the adapters of bus
//! and store. Only this crate names actix and sqlx, and speaks to the broker.

pub mod alarm;
pub mod clock;
pub mod metrics;
pub mod runtime;

pub mod bus;
pub mod store;

pub mod auth;
pub mod directory;
pub mod identity;
pub mod serve;

pub mod capture;
pub mod session;

mod attempts;
mod spare;
