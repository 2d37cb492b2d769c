//! The port to the store.
