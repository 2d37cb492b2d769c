//! Access tokens. What is read as one has one signature and one spelling of it, lives as long as
//! tokens live, and says what it would say if it were issued again.
//!
//! The first byte says what the others are: a token, or a header and claims that are to be signed.
//! Without that the fuzzer would never come past a signature.

use std::sync::LazyLock;

use actors_core::auth::access::{self, CLOCK_SKEW_SECONDS, TOKEN_BYTES_MAX};
use actors_core::auth::keys::Keys;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bus_schemas::limit::ACCESS_TOKEN_SECONDS;
use bus_schemas::time::Timestamp;

static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys::derive(&[3; 32]));
/// 2026-01-01T00:00:00Z
const NOW: Timestamp = Timestamp(1_767_225_600);
/// Stands in a header for the name of the key of [`NOW`].
const KEY: &str = "KEY";

/// A token, or what one is made of.
pub fn token(bytes: &[u8]) {
    let Some((mode, rest)) = bytes.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let token = match (mode % 2, text.split_once('\n')) {
        (0, Some((header, claims))) => signed(header, claims),
        _ => text.to_owned(),
    };
    read(&token);
}

fn signed(header: &str, claims: &str) -> String {
    let signer = KEYS.signer(NOW);
    let header = header.replace(KEY, &signer.public().id);
    let said = [header.as_str(), claims].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
    let signature = signer.sign(&said);
    format!("{said}.{signature}")
}

fn read(token: &str) {
    let keys = KEYS.verifying(NOW);
    let Ok(claims) = access::read(&keys, token, NOW) else { return };
    assert!(token.len() <= TOKEN_BYTES_MAX);
    let (said, signature) = token.rsplit_once('.').expect("three parts");
    let signer = KEYS.signer(NOW);
    let key = access::key_id(token).expect("a header of ours");
    assert!(keys.iter().any(|known| known.id == key));
    if key == signer.public().id {
        assert_eq!(signer.sign(said), signature, "a signature has one spelling");
    }
    let lives = claims.expires_at.0 - claims.issued_at.0;
    assert!((1..=ACCESS_TOKEN_SECONDS).contains(&lives));
    assert!(claims.expires_at > NOW, "it has expired");
    assert!(claims.issued_at <= NOW.plus_seconds(CLOCK_SKEW_SECONDS), "it is from the future");
    assert!(claims.authenticated_at <= claims.issued_at.plus_seconds(CLOCK_SKEW_SECONDS));
    let again = access::issue(&signer, &claims);
    assert_eq!(access::read(&keys, &again, NOW), Ok(claims));
}
