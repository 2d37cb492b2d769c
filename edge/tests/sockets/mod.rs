//! What the doors take from a socket: the limits that are shipped, the rules of RFC 6455 and 7692,
//! and whoever keeps to neither.

mod deflate;
mod endings;
mod hostile;
mod limits;
pub(crate) mod memory;
pub(crate) mod pair;
mod rules;
