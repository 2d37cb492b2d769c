//! Real processes on a real broker and a real database: servers that stop and come back, what
//! people are told meanwhile, and what goes on; and what shows under load.

#![expect(clippy::unwrap_used, reason = "a panic is the failure of a test")]

#[path = "../support/binary.rs"]
mod binary;
mod burst;
mod calls;
mod capture;
#[path = "../../../actors/core/tests/sim/chance.rs"]
mod chance;
mod database;
mod deployment;
mod line;
mod logins;
mod person;
#[path = "../provision/mod.rs"]
mod provision;
mod race;
#[path = "../support/raw.rs"]
mod raw;
mod revocation;
mod servers;
mod stalled;
mod statistics;
mod talk;
mod timing;
mod waiting;

use std::time::Duration;

use deployment::Deployment;
use person::Person;
use servers::DEADLINE;

/// How soon a client must be told that the bus is away. A machine that is busy with other things
/// may take longer, so only `make long-faults` holds to the figure.
fn told_within() -> Duration {
    if hold_to_figures() { Duration::from_secs(5) } else { DEADLINE }
}

/// Whether this run shows the promised times, and not only the outcomes.
fn hold_to_figures() -> bool {
    std::env::var_os("DHCHAT_HOLD_TO_FIGURES").is_some()
}

/// A number that whoever runs a long test may choose.
fn number_from<N: std::str::FromStr>(variable: &str, default: N) -> N {
    let given = std::env::var(variable).ok();
    given.map_or(Ok(default), |text| text.parse()).unwrap_or_else(|_| panic!("{variable}"))
}

/// Tells a figure to whoever runs a long test.
fn say(figure: &str) {
    use std::io::Write;
    // Not being able to tell it is no failure.
    drop(writeln!(std::io::stderr(), "{figure}"));
}

#[tokio::test]
async fn fault2_when_the_broker_stops_clients_are_told_and_come_back_by_themselves() {
    let mut deployment = Deployment::start().await;
    let (mut alice, bob) = two_people_who_talk(&deployment).await;

    deployment.nats.stop();
    let told = alice.told_that_the_bus_is_away(&bob);
    tokio::time::timeout(told_within(), told).await.expect("told in time");
    assert_eq!(alice.closed().await, 1013);

    deployment.nats.start().await;
    let (mut alice, mut bob) = (alice.comes_back().await, bob.comes_back().await);
    alice.says(&bob, "1").await;
    bob.hears(&alice, "1").await;
    deployment.stop();
}

#[tokio::test]
async fn fault3_a_broker_that_hangs_is_noticed_and_refused_like_one_that_stopped() {
    let deployment = Deployment::start().await;
    let (mut alice, bob) = two_people_who_talk(&deployment).await;

    deployment.nats.pause();
    let told = alice.told_that_the_bus_is_away(&bob);
    tokio::time::timeout(told_within(), told).await.expect("told in time");
    assert_eq!(alice.closed().await, 1013);

    deployment.nats.resume();
    let (mut alice, mut bob) = (alice.comes_back().await, bob.comes_back().await);
    alice.says(&bob, "1").await;
    bob.hears(&alice, "1").await;
    deployment.stop();
}

/// Alice and Bob, each on an edge of their own, after a word each way.
async fn two_people_who_talk(deployment: &Deployment) -> (Person, Person) {
    let mut alice = Person::arrives(deployment, 0, "alice").await;
    let mut bob = Person::arrives(deployment, 1, "bob").await;
    alice.says(&bob, "hello").await;
    bob.hears(&alice, "hello").await;
    bob.says(&alice, "hello yourself").await;
    alice.hears(&bob, "hello yourself").await;
    (alice, bob)
}
