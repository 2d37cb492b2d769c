//! The auth actor.
