//! The identity actor.
