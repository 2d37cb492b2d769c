//! The doors of dh-secure-chat: HTTP, WebSocket, and the process `dhchat` around them.
//!
//! The doors carry and translate; they decide nothing. Credentials, keys and names are asked for
//! on the bus, and what a frame means is decided by the Session beside the socket.
//! [`compose`] is the only place where parts are chosen.

pub mod assets;
pub mod capture;
pub mod cli;
pub mod compose;
pub mod config;
pub mod doctor;
pub mod http;
pub mod lifecycle;
pub mod replay;
pub mod server;
pub mod telemetry;
pub mod tokens;
pub mod ws;
