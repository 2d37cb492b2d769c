//! Stories told to the real process, in process: embedded bus, SQLite file, real sockets.
//!
//! Passwords are hashed at the cheapest cost and limits are raised, except where a story is about
//! them.

mod error_table;
mod http;
mod privacy;
mod support;
mod text_door;
mod way;
