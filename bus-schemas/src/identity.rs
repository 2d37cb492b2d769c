//! Calls to identity: the public keys of users.

use serde::{Deserialize, Serialize};

use crate::blob::{Fingerprint, PublicKey};
use crate::id::UserId;
use crate::time::Timestamp;
use crate::topic::Call;

/// Asks to store a user's public key.
#[derive(Debug, Serialize, Deserialize)]
pub struct Publish {
    /// Whose, as the edge read it from the token.
    pub user: UserId,
    /// The key, kept exactly as sent.
    pub public_key: PublicKey,
    /// When the user last gave the password; replacing a key needs it to be recent.
    pub authenticated_at: Timestamp,
}

/// Asks for something about a user's key.
#[derive(Debug, Serialize, Deserialize)]
pub struct OfUser {
    /// Whose.
    pub user: UserId,
}

/// A key that a user has or had. The last of a history is the present one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastKey {
    /// 1 for the first, one more for each that replaced another.
    pub version: u32,
    /// The key, exactly as it was published.
    pub public_key: PublicKey,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// When it was published.
    pub made_at: Timestamp,
}

/// `identity.publish`
#[must_use]
pub fn publish() -> Call<Publish, ()> {
    Call::new("identity.publish")
}

/// `identity.key`; refused with `IDENTITY_KEY_NOT_FOUND` for no user and for no key alike.
#[must_use]
pub fn key() -> Call<OfUser, PublicKey> {
    Call::new("identity.key")
}

/// `identity.fingerprint`; refused like [`key`].
#[must_use]
pub fn fingerprint() -> Call<OfUser, Fingerprint> {
    Call::new("identity.fingerprint")
}

/// `identity.history`: every key a user ever had, the first one first; refused like [`key`].
#[must_use]
pub fn history() -> Call<OfUser, Vec<PastKey>> {
    Call::new("identity.history")
}
