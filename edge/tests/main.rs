//! Stories told to the real process, in process: embedded bus, SQLite file, real sockets; and a
//! few to several processes around a real broker.
//!
//! Passwords are hashed at the cheapest cost and limits are raised, except where a story is about
//! them.

// `cfg(test)` tells clippy that helpers are tests as well and may unwrap.
#[cfg(test)]
mod cluster;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod document;
#[cfg(test)]
mod error_table;
#[cfg(test)]
mod figures;
#[cfg(test)]
mod forged;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod http;
#[cfg(test)]
mod leases;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod original;
#[cfg(test)]
mod privacy;
#[cfg(test)]
mod process;
#[cfg(test)]
mod recorded;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod settings_page;
#[cfg(test)]
mod sockets;
#[cfg(test)]
mod support;
#[cfg(test)]
mod text_door;
#[cfg(test)]
mod way;
