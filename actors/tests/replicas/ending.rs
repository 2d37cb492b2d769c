//! AUTH rules of Logins that end while they are used, at several replicas.

use actors_core::auth::access::CLOCK_SKEW_SECONDS;
use bus_schemas::auth::{self as said, EndLogin};

use crate::on_both;
use crate::support::NOW;
use crate::support::house::PASSWORD;
use crate::world::Replicas;

/// Enough that a token of the replica that is ahead is ended by another one.
const ROUNDS: usize = 30;

async fn auth37_the_end_of_a_login_outlives_every_token_of_it(replicas: &Replicas) {
    replicas.register("Alice").await;
    replicas.clocks[0].advance_seconds(CLOCK_SKEW_SECONDS);
    let mut ahead = 0;
    for round in 0..ROUNDS {
        let alice = replicas.log_in(round, None, "Alice", PASSWORD).await.unwrap();
        let claims = replicas.claims_of(&alice, NOW.plus_seconds(CLOCK_SKEW_SECONDS));
        ahead += usize::from(claims.issued_at > NOW);
        let question = EndLogin { user: alice.user, login: claims.login };
        replicas.ask(round + 1, &said::end_login(), &question).await.unwrap();
        let revoked = replicas.store.revoked(NOW).await.unwrap();
        let ended = revoked.iter().find(|revoked| revoked.login == claims.login).unwrap();
        assert!(
            ended.until >= claims.expires_at,
            "{} s too early",
            claims.expires_at.0 - ended.until.0
        );
    }
    assert!(ahead > 0, "the replica that is ahead gave no token");
}

on_both! {
    auth37_the_end_of_a_login_outlives_every_token_of_it
}
