//! The Session: one WebSocket connection as a pure state machine.
//!
//! Mutate, then drain: after each [`Session::handle`], take every [`Session::next_effect`] before
//! the next `handle`. [`Session::deadline`] says when to come back with [`Event::Tick`].

mod event;

pub use event::{Bearer, Close, Config, Effect, Event, ReplyTo};
