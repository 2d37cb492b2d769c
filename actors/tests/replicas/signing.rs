//! AUTH rules of the keys that sign, at several replicas.

use actors_core::auth::access;
use actors_core::auth::keys::SIGNING_PERIOD_SECONDS;
use bus_schemas::auth::Admission;
use bus_schemas::fault::Code;
use bus_schemas::limit::ACCESS_TOKEN_SECONDS;
use bus_schemas::time::Timestamp;

use crate::on_both;
use crate::support::NOW;
use crate::support::house::PASSWORD;
use crate::world::{REPLICAS, Replicas};

/// How far the clock of the first replica is ahead of the others, as clocks in the field are.
const AHEAD_SECONDS: i64 = 20;

/// The key that a token was signed with.
fn key_of(admission: &Admission) -> String {
    access::key_id(admission.access_token.expose()).unwrap()
}

async fn auth32_tokens_are_good_across_the_change_of_the_key(replicas: &Replicas) {
    replicas.register("Alice").await;
    let midnight = Timestamp((NOW.0 / SIGNING_PERIOD_SECONDS + 1) * SIGNING_PERIOD_SECONDS);
    // Ten seconds before midnight for two replicas, ten seconds after it for the first.
    replicas.advance_seconds(midnight.0 - NOW.0 - AHEAD_SECONDS / 2);
    replicas.clocks[0].advance_seconds(AHEAD_SECONDS);
    let now = midnight.plus_seconds(-AHEAD_SECONDS / 2);

    let mut tokens = Vec::new();
    while !both_signed(replicas, &tokens, midnight) {
        assert!(tokens.len() < 1_000, "one replica gives all answers");
        tokens.push(replicas.log_in(tokens.len(), None, "Alice", PASSWORD).await.unwrap());
    }
    // Whichever replica an edge heard its keys from, and whenever it did.
    for heard in
        [now, now.plus_seconds(AHEAD_SECONDS), midnight.plus_seconds(-SIGNING_PERIOD_SECONDS)]
    {
        let known = replicas.keys.verifying(heard);
        for token in &tokens {
            let text = token.access_token.expose();
            let read = |at| access::read(&known, text, at).map(|claims| claims.user);
            assert_eq!(read(now), Ok(token.user));
            assert_eq!(read(now.plus_seconds(ACCESS_TOKEN_SECONDS - 1)), Ok(token.user));
            let ended = now.plus_seconds(AHEAD_SECONDS + ACCESS_TOKEN_SECONDS);
            assert_eq!(read(ended), Err(Code::TokenExpired));
        }
    }
}

/// Whether the key of either day was used.
fn both_signed(replicas: &Replicas, tokens: &[Admission], midnight: Timestamp) -> bool {
    let used = |at| {
        let key = replicas.keys.signer(at).public().id.clone();
        tokens.iter().any(|token| key_of(token) == key)
    };
    used(midnight.plus_seconds(-1)) && used(midnight)
}

async fn auth32_replicas_with_one_root_sign_alike(replicas: &Replicas) {
    replicas.register("Alice").await;
    let mut keys = Vec::new();
    for edge in 0..4 * REPLICAS {
        keys.push(key_of(&replicas.log_in(edge, None, "Alice", PASSWORD).await.unwrap()));
    }
    keys.dedup();
    assert_eq!(keys, [replicas.keys.signer(NOW).public().id.clone()]);
}

on_both! {
    auth32_tokens_are_good_across_the_change_of_the_key
    auth32_replicas_with_one_root_sign_alike
}
