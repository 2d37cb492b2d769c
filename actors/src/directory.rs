//! The directory actor.
