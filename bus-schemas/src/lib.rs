//! The language of the house: what may be said on the bus and over a socket, and what it means.
//!
//! Nothing here runs: no clock, no socket, no thread. Read the modules in the order below.
//! The rules are numbered in `SPEC.md`; the bytes are pinned by `golden/`.

pub mod id;
pub mod name;

pub mod blob;
pub mod secret;
pub mod sheet;
pub mod time;

pub mod limit;

pub mod fault;

pub mod codec;
pub mod topic;

pub mod bus;
pub mod verbs;

pub mod frame;

pub mod auth;
pub mod chat;
pub mod directory;
pub mod identity;

pub mod capture;
