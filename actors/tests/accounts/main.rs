//! Stories of the answering actors: what Alice asks over the bus, and what she is told.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "../support/mod.rs"]
mod support;

mod between;
mod directory;
mod guessing;
mod identity;
mod login;
mod password;
mod recorded;
mod refresh;
mod register;
mod revoke;
mod serve;
mod telling;
mod warnings;
