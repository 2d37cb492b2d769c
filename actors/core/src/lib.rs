//! The decisions of the house: pure state machines and verdicts.
//!
//! Nothing here has a clock, a source of chance, a socket or a thread; time and random bytes come
//! in as arguments. The rules are numbered in `SPEC.md`.

#![deny(clippy::indexing_slicing)]

pub mod auth;
pub mod breaker;
pub mod capture;
pub mod identity;
pub mod refusals;
pub mod session;
