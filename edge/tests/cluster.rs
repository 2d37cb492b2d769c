//! Two edges and the actors around a real broker, each under the permissions of its role.

use std::path::Path;

use actors::bus::nats::{self, BusUser, NatsConfig};
use bus_schemas::bus::Bus;
use bus_schemas::secret::Secret;
use bus_schemas::topic::Subject;
use edge::compose::Running;
use edge::config::Command;
use serde_json::json;

use crate::support::broker::Broker;
use crate::support::socket::Socket;
use crate::support::{House, PASSWORD, generous, refused, until};

/// Everything that runs, and the folder of its store.
struct Cluster {
    actors: Running,
    edges: [House; 2],
    broker: Broker,
    _folder: tempfile::TempDir,
}

impl Cluster {
    async fn start() -> Self {
        Self::start_on(Broker::start().await).await
    }

    async fn start_on(broker: Broker) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let actors = actors(&broker, folder.path()).await;
        let edges = [edge(&broker).await, edge(&broker).await];
        Self { actors, edges, broker, _folder: folder }
    }
}

/// The actors, in this process.
pub(crate) async fn actors(broker: &Broker, folder: &Path) -> Running {
    let key = folder.join("root.key");
    std::fs::write(&key, [7; 32]).unwrap();
    let database = format!("sqlite:{}", folder.join("dhchat.db").display());
    actors::store::migrate(&database).await.unwrap();
    let given = [
        ("DHCHAT_BUS_URL", broker.url("actors")),
        ("DHCHAT_BUS_CA_FILE", broker.ca_file()),
        ("DHCHAT_DATABASE_URL", database),
        ("DHCHAT_ROOT_KEY_FILE", key.display().to_string()),
    ];
    let given = given.each_ref().map(|(name, value)| (*name, value.as_str()));
    Running::start(generous(Command::Actors, &given)).await.unwrap()
}

/// An edge, in this process.
pub(crate) async fn edge(broker: &Broker) -> House {
    let (url, ca_file) = (broker.url("edge"), broker.ca_file());
    let given = [("DHCHAT_BUS_URL", url.as_str()), ("DHCHAT_BUS_CA_FILE", ca_file.as_str())];
    let config = generous(Command::Edge, &given);
    House::start(config, tempfile::tempdir().unwrap()).await
}

fn message(to: &str, n: u32) -> serde_json::Value {
    json!({ "type": "message", "payload": { "to": to, "message_id": format!("msg-{n}") } })
}

#[tokio::test]
async fn a_message_goes_from_one_edge_to_the_other_and_its_ack_comes_back() {
    two_talk_and_one_leaves(&Cluster::start().await).await;
}

#[tokio::test]
async fn bus22_edges_and_actors_that_trust_the_authority_of_the_broker_talk_over_tls() {
    two_talk_and_one_leaves(&Cluster::start_on(Broker::start_tls().await).await).await;
}

async fn two_talk_and_one_leaves(cluster: &Cluster) {
    let [one, two] = &cluster.edges;
    let (alice, bob) = (one.person("alice").await, two.person("bob").await);
    let mut from_alice = Socket::text_as(one.doors, &alice.token).await;
    let mut from_bob = Socket::text_as(two.doors, &bob.token).await;
    from_alice.say(&message(&bob.id, 1)).await;
    assert_eq!(from_bob.hear().await["payload"]["message_id"], "msg-1");
    let ack = json!({ "type": "ack", "payload": { "to": alice.id, "message_id": "msg-1" } });
    from_bob.say(&ack).await;
    assert_eq!(from_alice.hear().await["type"], "ack");
    from_bob.close().await;
    assert_eq!(from_alice.hear().await["type"], "peer_disconnected");
    from_alice.say(&message(&bob.id, 2)).await;
    assert_eq!(from_alice.hear().await["type"], "peer_offline");
}

#[tokio::test]
async fn shell21_files_have_connections_of_their_own() {
    /// More than everything else that is said here.
    const CHUNK: usize = 500_000;
    let cluster = Cluster::start().await;
    let [one, two] = &cluster.edges;
    let (alice, bob) = (one.person("alice").await, two.person("bob").await);
    let mut from_alice = Socket::text_as(one.doors, &alice.token).await;
    let mut from_bob = Socket::text_as(two.doors, &bob.token).await;
    let file = json!({
        "to": bob.id, "file_id": "f", "filename": "n", "mime_type": "text/plain",
        "total_size": CHUNK / 2, "total_chunks": 1, "chunk_size": CHUNK / 2,
    });
    from_alice.say(&json!({ "type": "file_start", "payload": file })).await;
    assert_eq!(from_bob.hear().await["type"], "file_start");
    let chunk = json!({
        "to": bob.id, "file_id": "f", "chunk_index": 0, "total_chunks": 1,
        "ciphertext": "A".repeat(CHUNK / 3 * 2), "nonce": "AAAAAAAAAAAAAAAA",
    });
    from_alice.say(&json!({ "type": "file_chunk", "payload": chunk })).await;
    assert_eq!(from_bob.hear().await["type"], "file_chunk");

    let page = cluster.broker.page("/connz?subs=1").await;
    let lane = |name: &str| lane_of(&page, name);
    let (talk, bulk) = (lane("dhchat talk"), lane("dhchat bulk"));
    // Two arbiters of two edges, and one connection of the actors.
    assert_eq!((talk.connections, bulk.connections), (5, 4), "{page}");
    assert!(talk.subjects.iter().any(|subject| subject.starts_with("chat.peer.")));
    assert!(talk.subjects.iter().all(|subject| !subject.starts_with("chat.bulk.")));
    assert_eq!(bulk.subjects.iter().filter(|it| it.starts_with("chat.bulk.")).count(), 2);
    let others = ["chat.bulk.", "chat.bounce.", "_INBOX."];
    assert!(bulk.subjects.iter().all(|it| others.iter().any(|other| it.starts_with(other))));
    let least = u64::try_from(CHUNK / 3 * 2).unwrap();
    assert!(bulk.said_bytes > least && talk.said_bytes < least, "{page}");
}

/// What the broker knows of connections with this name.
struct LaneSeen {
    connections: usize,
    subjects: Vec<String>,
    said_bytes: u64,
}

fn lane_of(page: &serde_json::Value, name: &str) -> LaneSeen {
    let all = page["connections"].as_array().unwrap().iter();
    let of_lane: Vec<_> = all.filter(|connection| connection["name"] == name).collect();
    let subjects = of_lane.iter().flat_map(|connection| {
        let subjects = connection["subscriptions_list"].as_array().unwrap();
        subjects.iter().map(|subject| subject.as_str().unwrap().to_owned())
    });
    LaneSeen {
        connections: of_lane.len(),
        subjects: subjects.collect(),
        said_bytes: of_lane.iter().map(|it| it["in_bytes"].as_u64().unwrap()).sum(),
    }
}

#[tokio::test]
async fn revoke6_without_the_actors_chats_go_on_and_nobody_new_comes_in() {
    let cluster = Cluster::start().await;
    let [one, two] = &cluster.edges;
    let (alice, bob) = (one.person("alice").await, two.person("bob").await);
    let mut from_alice = Socket::text_as(one.doors, &alice.token).await;
    let mut from_bob = Socket::text_as(two.doors, &bob.token).await;
    cluster.actors.stop().await;
    let credentials = json!({ "username": "alice", "password": PASSWORD });
    let login = one.post("/api/auth/login").json(&credentials);
    let answer = login.try_clone().unwrap().send().await.unwrap();
    let seconds: u32 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((5..=10).contains(&seconds), "{seconds}");
    refused(login, 503, "SERVICE_UNAVAILABLE").await;
    from_alice.say(&message(&bob.id, 1)).await;
    assert_eq!(from_bob.hear().await["payload"]["message_id"], "msg-1");

    // The leases are over: nobody can be judged any more, and who is in stays in.
    for edge in [one, two] {
        until("the edge is not ready", async || {
            let ready = edge.get("/health/ready").send().await.unwrap();
            ready.status() == 503 && ready.text().await.unwrap().contains("tokens")
        })
        .await;
    }
    refused(one.get("/api/chat/me").bearer(&alice.token), 503, "SERVICE_UNAVAILABLE").await;
    let mut nobody = Socket::text(two.doors).await;
    let auth = json!({ "type": "auth", "payload": { "token": alice.token } });
    nobody.say(&auth).await;
    assert_eq!(nobody.hear_close().await.0, 1013);
    for n in 2..5 {
        from_alice.say(&message(&bob.id, n)).await;
        let id = format!("msg-{n}");
        assert_eq!(from_bob.hear().await["payload"]["message_id"], id.as_str());
    }
}

#[tokio::test]
async fn fault6_an_edge_is_not_ready_while_somebody_listens_to_everybody() {
    let broker = Broker::start().await;
    let config = NatsConfig::new(Secret::new(broker.url("edge")), BusUser::Edge);
    let stranger = nats::connect(config).await.unwrap();
    let everybody = Subject::received("chat.peer.*");
    let listening = stranger.subscribe(&everybody, None, 64).await.unwrap();
    let cluster = Cluster::start_on(broker).await;
    for edge in &cluster.edges {
        until("an edge is not ready", async || !is_ready(edge).await).await;
        until("it is shown", async || !shows_nobody(edge).await).await;
    }
    drop(listening);
    for edge in &cluster.edges {
        until("an edge is ready", async || is_ready(edge).await).await;
        until("it is shown no more", async || shows_nobody(edge).await).await;
    }
}

/// Whether the page says that nobody listens to all chats.
async fn shows_nobody(edge: &House) -> bool {
    edge.metrics().await.contains("\nchat_bus_refusals_silenced 0\n")
}

/// Whether an edge should be given work; if not, because of this.
async fn is_ready(edge: &House) -> bool {
    let answer = edge.get("/health/ready").send().await.unwrap();
    let status = answer.status();
    let readiness: serde_json::Value = answer.json().await.unwrap();
    let is_heard = readiness["away"] == json!([]);
    assert!(is_heard || readiness["away"] == json!(["refusals"]), "{readiness}");
    assert_eq!(status == 200, is_heard);
    is_heard
}
