//! AUTH rules of refresh tokens that many use at once, at several replicas.

use std::sync::OnceLock;

use bus_schemas::auth::Admission;
use bus_schemas::fault::Code;
use bus_schemas::limit::REFRESH_RETRY_SECONDS;
use futures_util::future::join_all;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::sync::Mutex;

use crate::on_both;
use crate::support::NOW;
use crate::support::house::PASSWORD;
use crate::world::{Replicas, number, tell};

/// Refreshes with one token at once.
const AT_ONCE: usize = 32;

/// Whoever counts counts alone: the counters belong to the whole process.
static COUNTING: Mutex<()> = Mutex::const_new(());

/// Rotations that any replica of this process was told to have won.
fn rotations() -> usize {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    let recorder = RECORDER.get_or_init(|| PrometheusBuilder::new().install_recorder().unwrap());
    let page = recorder.render();
    let line = page.lines().find_map(|line| line.strip_prefix("refresh_tokens_used_total "));
    line.map_or(0, |count| count.parse().unwrap())
}

/// What a round showed.
#[derive(Default)]
struct Seen {
    rounds: usize,
    admitted: usize,
    rotations: usize,
    families_ended: usize,
}

async fn auth11_auth13_of_32_refreshes_at_3_replicas_one_rotates_and_a_later_reuse_ends_the_login(
    replicas: &Replicas,
) {
    let _alone = COUNTING.lock().await;
    replicas.register("Alice").await;
    let mut seen = Seen::default();
    for _ in 0..number("DHCHAT_REFRESH_ROUNDS", 30) {
        let first = replicas.log_in(seen.rounds, None, "Alice", PASSWORD).await.unwrap();
        let successor = refresh_at_once(replicas, &first, &mut seen).await;
        reuse(replicas, &first, &successor, &mut seen).await;
        seen.rounds += 1;
    }
    let Seen { rounds, admitted, rotations, families_ended } = seen;
    tell(&format!(
        "{rounds} rounds of {AT_ONCE} refreshes: {admitted} admitted, {rotations} rotations, \
         {families_ended} Logins ended by a later reuse"
    ));
}

/// All at once through three edges: each is admitted with the same successor, and one rotated.
async fn refresh_at_once(replicas: &Replicas, first: &Admission, seen: &mut Seen) -> Admission {
    let before = rotations();
    let answers =
        join_all((0..AT_ONCE).map(|edge| replicas.refresh(edge, &first.refresh_token))).await;
    let mut admitted: Vec<Admission> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(rotations() - before, 1, "rotations in round {}", seen.rounds);
    seen.admitted += admitted.len();
    seen.rotations += 1;
    let successor = admitted.pop().unwrap();
    assert_ne!(successor.refresh_token, first.refresh_token);
    assert!(admitted.iter().all(|other| other.refresh_token == successor.refresh_token));
    successor
}

/// Whoever comes with the first token when no honest browser would any more ends the Login.
async fn reuse(replicas: &Replicas, first: &Admission, successor: &Admission, seen: &mut Seen) {
    let now = NOW.plus_seconds(seconds_of(seen.rounds));
    let login = replicas.login_of(successor, now);
    assert!(replicas.lives(login).await);
    replicas.advance_seconds(REFRESH_RETRY_SECONDS);
    let reused = replicas.refresh(seen.rounds, &first.refresh_token).await;
    assert_eq!(reused.err(), Some(Code::InvalidRefreshToken));
    let after = replicas.refresh(seen.rounds + 1, &successor.refresh_token).await;
    assert_eq!(after.err(), Some(Code::InvalidRefreshToken), "the successor ended as well");
    assert!(!replicas.lives(login).await, "round {}", seen.rounds);
    let told = replicas.store.revoked(now).await.unwrap();
    assert!(told.iter().any(|revoked| revoked.login == login && revoked.token.is_none()));
    seen.families_ended += 1;
}

/// How far the clocks have gone after so many rounds.
fn seconds_of(rounds: usize) -> i64 {
    REFRESH_RETRY_SECONDS * i64::try_from(rounds).unwrap()
}

on_both! {
    auth11_auth13_of_32_refreshes_at_3_replicas_one_rotates_and_a_later_reuse_ends_the_login
}
