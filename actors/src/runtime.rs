//! One actix System on its own thread, and the arbiters.
