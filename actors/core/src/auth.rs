//! Verdicts on credentials, access tokens and refresh tokens.
//!
//! Nothing here loads or stores: the uses in `actors::auth` load, ask for a verdict, and store.

pub mod access;
pub mod credentials;
pub mod device;
pub mod guessing;
pub mod keys;
pub mod lease;
pub mod refresh;
pub mod telling;
