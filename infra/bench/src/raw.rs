//! What the machine can do at most: a TCP echo and a broker without anything before it, in programs
//! as plain as they can be.

pub(crate) mod echo;
pub(crate) mod nats;
