//! Identity keys: their fingerprint, and when a new one may take the old one's place.

use bus_schemas::blob::{Fingerprint, PublicKey};
use bus_schemas::fault::Code;
use bus_schemas::limit::REAUTHENTICATION_SECONDS;
use bus_schemas::time::Timestamp;
use sha2::{Digest, Sha256};

/// SHA-256 of the key as it is stored.
#[must_use]
pub fn fingerprint(key: &PublicKey) -> Fingerprint {
    Fingerprint::new(Sha256::digest(key.as_bytes()).into())
}

/// What to do with a key that its owner publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publication {
    /// Store it: it is the first, or it may replace the present one.
    Add,
    /// It is the present one; nothing changes.
    Keep,
}

/// Judges a publication. A first key needs nothing more than a token; replacing one needs the
/// password to have been given lately, so that a stolen token cannot change who somebody is.
pub fn judge(
    present: Option<&PublicKey>,
    offered: &PublicKey,
    authenticated_at: Timestamp,
    now: Timestamp,
) -> Result<Publication, Code> {
    let recent = now <= authenticated_at.plus_seconds(REAUTHENTICATION_SECONDS);
    match present {
        Some(key) if key == offered => Ok(Publication::Keep),
        Some(_) if !recent => Err(Code::ReauthenticationRequired),
        Some(_) | None => Ok(Publication::Add),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(first: u8) -> PublicKey {
        PublicKey::parse(vec![first; 44]).unwrap()
    }

    #[test]
    fn idk1_the_fingerprint_is_the_hash_of_the_stored_bytes() {
        let key = PublicKey::parse(vec![0; 32]).unwrap();
        let known = "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925";
        assert_eq!(fingerprint(&key).as_str(), known);
    }

    #[test]
    fn idk2_a_first_key_needs_no_recent_password() {
        let judged = judge(None, &key(1), Timestamp(0), Timestamp(1_000_000));
        assert_eq!(judged, Ok(Publication::Add));
    }

    #[test]
    fn idk3_the_present_key_may_be_published_again_at_any_time() {
        let judged = judge(Some(&key(1)), &key(1), Timestamp(0), Timestamp(1_000_000));
        assert_eq!(judged, Ok(Publication::Keep));
    }

    #[test]
    fn idk4_another_key_needs_a_password_given_at_most_10_minutes_ago() {
        let at = |now| judge(Some(&key(1)), &key(2), Timestamp(0), Timestamp(now));
        assert_eq!(at(600), Ok(Publication::Add));
        assert_eq!(at(601), Err(Code::ReauthenticationRequired));
    }
}
