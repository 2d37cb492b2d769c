//! Stories told to the real process, in process: embedded bus, SQLite file, real sockets; and a
//! few to several processes around a real broker.
//!
//! Passwords are hashed at the cheapest cost and limits are raised, except where a story is about
//! them.

mod cluster;
mod error_table;
mod http;
mod privacy;
mod process;
mod support;
mod text_door;
mod way;
