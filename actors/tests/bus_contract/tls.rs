//! BUS22: what TLS adds. That the bus is the same under it is held by the contract.

use std::sync::Arc;

use actors::bus::nats::{BusUser, ConnectError, NatsConfig, connect};
use bus_schemas::bus::Bus;
use bus_schemas::secret::Secret;

use crate::bus_support::bare::{Client, Place};
use crate::bus_support::certificates::Authority;
use crate::bus_support::server::{HOST, NatsServer};
use crate::bus_support::{listen, next_number, number, permissions};

/// Why somebody with this configuration does not come in.
async fn refusal(config: NatsConfig) -> ConnectError {
    connect(config).await.err().expect("a refusal")
}

/// The sentence helps: it says this.
fn says(error: &ConnectError, what: &str) {
    assert!(error.to_string().contains(what), "{error}");
}

#[tokio::test]
async fn bus22_each_user_comes_in_over_tls_and_may_do_what_it_may_do_without() {
    let server = NatsServer::start_tls(Arc::new(Authority::new()), HOST).await;
    permissions::compare_with_the_table(&server.place());
    permissions::compare_with_the_limits(&server.place());
    permissions::try_to_come_in(&server.place());
    let password = permissions::password(BusUser::Edge);
    let alice = server.connect_as(BusUser::Edge, Some(&password)).await.unwrap();
    let alice: Arc<dyn Bus> = Arc::new(alice);
    let mut heard = listen(&alice, "chat.peer.a1").await;
    alice.publish(number("chat.peer.a1", 1)).unwrap();
    assert_eq!(next_number(&mut heard).await, Ok(1));
}

#[tokio::test]
async fn bus22_a_broker_that_a_stranger_vouches_for_is_refused() {
    let server = NatsServer::start_tls(Arc::new(Authority::new()), HOST).await;
    let ca_file = Some(Authority::new().file());
    let stranger = Authority::new();
    let config = server.config(BusUser::Edge);
    // The file of another authority, which goes with it; one that has gone; and the system's own.
    let error = refusal(NatsConfig { ca_file: Some(stranger.file()), ..config.clone() }).await;
    assert!(matches!(error, ConnectError::Untrusted), "{error:?}");
    says(&error, "DHCHAT_BUS_CA_FILE");
    let error = refusal(NatsConfig { ca_file, ..config.clone() }).await;
    assert!(matches!(error, ConnectError::Tls(_)), "{error:?}");
    let error = refusal(NatsConfig { ca_file: None, ..config }).await;
    assert!(matches!(error, ConnectError::Untrusted | ConnectError::Tls(_)), "{error:?}");
    assert!(!error.may_pass());
}

#[tokio::test]
async fn bus22_a_broker_certified_for_another_host_is_refused() {
    let server = NatsServer::start_tls(Arc::new(Authority::new()), "nats-1").await;
    let error = refusal(server.config(BusUser::Edge)).await;
    assert!(matches!(error, ConnectError::OtherHost), "{error:?}");
    says(&error, "not for the host in its address");
    assert!(!error.may_pass());
}

#[tokio::test]
async fn bus22_nothing_is_said_to_a_broker_without_tls_where_tls_is_wanted() {
    let server = NatsServer::start_with("nats.conf").await;
    let authority = Authority::new();
    let password = permissions::password(BusUser::Edge);
    let address = |scheme| {
        let url = format!("{scheme}://edge:{password}@{HOST}:{}", server.port());
        NatsConfig::new(Secret::new(url), BusUser::Edge)
    };
    let ca_file = Some(authority.file());
    for config in [
        NatsConfig { ca_file: ca_file.clone(), ..address("tls") },
        NatsConfig { ca_file, ..address("nats") },
    ] {
        let error = refusal(config).await;
        assert!(matches!(error, ConnectError::NoTls | ConnectError::BrokenOff), "{error:?}");
        says(&error, "speak TLS");
    }
    connect(address("nats")).await.unwrap();
}

#[tokio::test]
async fn bus22_a_broker_with_tls_hears_nobody_without() {
    let server = NatsServer::start_tls(Arc::new(Authority::new()), HOST).await;
    let plain = || Place { authority: None, ..server.place() };
    assert!(Client::open(&plain()).info.contains("\"tls_required\":true"));
    let password = permissions::password(BusUser::Edge);
    assert!(Client::connect(&plain(), "edge", &password).is_err());
    // An address that leaves it open goes over TLS, and trusts nobody the more for it.
    let url = Secret::new(format!("nats://edge:{password}@{HOST}:{}", server.port()));
    let config = NatsConfig::new(url, BusUser::Edge);
    assert!(!refusal(config.clone()).await.may_pass());
    let ca_file = server.config(BusUser::Edge).ca_file;
    connect(NatsConfig { ca_file, ..config }).await.unwrap();
}
