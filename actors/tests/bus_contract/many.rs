//! BUS23: several brokers are one bus, without TLS and with it.

#![expect(clippy::unwrap_used, reason = "a panic is the failure of a test")]

use std::sync::Arc;
use std::time::Duration;

use actors::bus::nats::{BusUser, NatsConfig, connect};
use bus_schemas::bus::{Bus, BusError, BusStatus};
use bus_schemas::secret::Secret;
use bus_schemas::topic::Subject;
use futures_util::StreamExt;

use crate::bus_support::bare::{Client, Place, is_welcome_as_a_broker};
use crate::bus_support::certificates::Authority;
use crate::bus_support::server::NatsServer;
use crate::bus_support::{DEADLINE, World as _, listen, next, next_number, number, permissions};

type Three = [NatsServer; 3];

/// Once brokers have found each other.
async fn cluster(config: &str, authority: Option<Authority>) -> Three {
    let servers = NatsServer::start_cluster(config, authority.map(Arc::new)).await;
    for (one, other) in [(0, 1), (1, 2), (2, 0)] {
        let (one, other) = (edge(&servers[one]).await, edge(&servers[other]).await);
        let _heard = listen(&one, "chat.peer.b1").await;
        eventually_responds(&other, "chat.peer.b1").await;
    }
    servers
}

async fn with_tls() -> Three {
    cluster("cluster-tls.conf", Some(Authority::new())).await
}

async fn user(server: &NatsServer, user: BusUser) -> Arc<dyn Bus> {
    let password = permissions::password(user);
    Arc::new(server.connect_as(user, Some(&password)).await.expect("a connection"))
}

async fn edge(server: &NatsServer) -> Arc<dyn Bus> {
    user(server, BusUser::Edge).await
}

/// One broker tells the others who listens; that takes a moment.
async fn eventually_responds(bus: &Arc<dyn Bus>, subject: &str) {
    let ask = || bus.request(number(subject, 0), Duration::from_millis(50));
    let start = std::time::Instant::now();
    while ask().await == Err(BusError::NoResponders) {
        assert!(start.elapsed() < DEADLINE, "nobody is heard on {subject}");
    }
}

async fn eventually_nobody_is_there(bus: &Arc<dyn Bus>, subject: &str) {
    let ask = || bus.request(number(subject, 0), Duration::from_millis(50));
    let start = std::time::Instant::now();
    while ask().await != Err(BusError::NoResponders) {
        assert!(start.elapsed() < DEADLINE, "somebody is heard on {subject}");
    }
}

fn may_do_as_with_one(servers: &Three) {
    for server in servers {
        permissions::compare_with_the_table(&server.place());
        permissions::compare_with_the_limits(&server.place());
        permissions::try_to_come_in(&server.place());
    }
}

#[tokio::test]
async fn bus17_at_each_broker_of_several_the_users_are_the_same() {
    may_do_as_with_one(&cluster("cluster.conf", None).await);
}

#[tokio::test]
async fn bus17_at_each_broker_of_several_with_tls_the_users_are_the_same() {
    may_do_as_with_one(&with_tls().await);
}

/// Words, questions, and that nobody is there go from one broker to the other.
async fn is_one_bus(servers: &Three) {
    let (alice, bob) = (edge(&servers[0]).await, edge(&servers[1]).await);
    let mut heard = listen(&bob, "chat.peer.b2").await;
    eventually_responds(&alice, "chat.peer.b2").await;
    alice.publish(number("chat.peer.b2", 7)).unwrap();
    while next_number(&mut heard).await != Ok(7) {}
    drop(heard);
    eventually_nobody_is_there(&alice, "chat.peer.b2").await;

    let auth = user(&servers[2], BusUser::Auth).await;
    let mut questions = listen(&auth, "auth.login").await;
    eventually_responds(&alice, "auth.login").await;
    let answering = async {
        // Those that nobody waits for any more are among them.
        loop {
            let question = next(&mut questions).await.unwrap();
            auth.publish(number(question.reply.unwrap().as_str(), 2)).unwrap();
        }
    };
    let answer = tokio::select! {
        answer = alice.request(number("auth.login", 1), DEADLINE) => answer,
        () = answering => unreachable!("it ends with the answer"),
    };
    assert_eq!(answer.unwrap().as_ref(), 2u32.to_be_bytes());
}

#[tokio::test]
async fn bus23_several_brokers_are_one_bus() {
    is_one_bus(&cluster("cluster.conf", None).await).await;
}

#[tokio::test]
async fn bus23_several_brokers_are_one_bus_over_tls() {
    is_one_bus(&with_tls().await).await;
}

#[tokio::test]
async fn bus23_whoever_loses_a_broker_is_heard_at_another() {
    let mut servers = with_tls().await;
    let bob = edge(&servers[2]).await;
    let addresses = [0, 1].map(|n: usize| servers[n].config(BusUser::Edge).url.expose().clone());
    let password = Some(Secret::new(permissions::password(BusUser::Edge)));
    let url = Secret::new(addresses.join(","));
    let config = NatsConfig { url, password, ..servers[0].config(BusUser::Edge) };
    let alice: Arc<dyn Bus> = Arc::new(connect(config).await.unwrap());
    let mut heard =
        alice.subscribe(&Subject::received("chat.peer.a1"), None, 10_000).await.unwrap();
    let changes = alice.status_changes().take(3).collect::<Vec<_>>();
    servers[0].cut();
    let told = tokio::time::timeout(DEADLINE, changes).await.expect("in time");
    assert_eq!(told, [BusStatus::Up, BusStatus::Away, BusStatus::Up]);
    eventually_responds(&bob, "chat.peer.a1").await;
    bob.publish(number("chat.peer.a1", 7)).unwrap();
    while next_number(&mut heard).await != Ok(7) {}
}

#[tokio::test]
async fn bus23_over_tls_nobody_poses_as_a_broker() {
    let servers = with_tls().await;
    let authority = servers[0].authority();
    let (stranger, own) = (Authority::new(), authority.certify("another"));
    let strangers = stranger.certify("another");
    for server in &servers {
        let place = server.route_place();
        assert!(is_welcome_as_a_broker(&place, Some(&own)));
        assert!(!is_welcome_as_a_broker(&place, Some(&strangers)));
        assert!(!is_welcome_as_a_broker(&place, None));
        let plain = Place { authority: None, ..place };
        assert!(Client::connect(&plain, "route", "route-password").is_err());
    }
}
