//! BUS24 and BUS25: what happens to a connection is counted for its lane, and whoever does not read
//! is cut off alone. The figures belong to the process, and each test is one.

#![expect(clippy::unwrap_used, reason = "a panic is the failure of a test")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, mpsc};
use std::thread;

use actors::bus::Lane;
use actors::bus::counters;
use actors::bus::nats::{BusUser, NatsConfig, connect};
use bus_schemas::bus::{Bus, BusError, BusStatus, Group, Incoming};
use bus_schemas::secret::Secret;
use bus_schemas::topic::Subject;
use bytes::Bytes;
use futures_util::StreamExt;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::sync::oneshot;

use crate::bus_support::server::{HOST, NatsServer};
use crate::bus_support::{
    DEADLINE, World as _, eventually, eventually_is, listen, message, next, next_number, number,
    number_in, permissions,
};

fn figures() -> PrometheusHandle {
    let figures = PrometheusBuilder::new().install_recorder().expect("the first recorder");
    counters::register();
    figures
}

/// The figure of this series.
fn figure(figures: &PrometheusHandle, series: &str) -> u64 {
    let page = figures.render();
    let line = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{series} in {page}")).parse().expect("a number")
}

async fn lane(server: &NatsServer, user: BusUser, lane: Lane) -> Arc<dyn Bus> {
    let password = Some(Secret::new(permissions::password(user)));
    let config = NatsConfig { password, lane, ..server.config(user) };
    Arc::new(connect(config).await.expect("a connection"))
}

#[tokio::test]
async fn bus24_every_figure_is_there_for_each_lane_from_the_start() {
    let figures = figures();
    for lane in ["talk", "bulk"] {
        for name in ["bus_messages_lost_total", "bus_slow_consumers_total", "bus_disconnects_total"]
        {
            assert_eq!(figure(&figures, &format!("{name}{{lane=\"{lane}\"}}")), 0);
        }
        for kind in ["permission", "other"] {
            let labels = format!("{{lane=\"{lane}\",kind=\"{kind}\"}}");
            assert_eq!(figure(&figures, &format!("bus_broker_complaints_total{labels}")), 0);
        }
    }
}

#[tokio::test]
async fn bus24_what_a_role_may_not_do_is_counted_for_its_lane() {
    let figures = figures();
    let server = NatsServer::start_with("nats.conf").await;
    let talk = lane(&server, BusUser::Directory, Lane::Talk).await;
    let bulk = lane(&server, BusUser::Directory, Lane::Bulk).await;
    talk.publish(number("auth.login", 1)).unwrap();
    let refused = talk.subscribe(&Subject::received("auth.login"), None, 1).await;
    assert_eq!(refused.err(), Some(BusError::Forbidden));
    let group = Some(Group("auth"));
    let refused = talk.subscribe(&Subject::received("auth.refresh"), group, 1).await;
    assert_eq!(refused.err(), Some(BusError::Forbidden));
    let allowed = talk.subscribe(&Subject::received("directory.me"), None, 1).await;
    assert_eq!(allowed.err(), None);
    bulk.publish(number("chat.bulk.a1", 1)).unwrap();
    let complaints =
        |lane: &str| format!("bus_broker_complaints_total{{lane=\"{lane}\",kind=\"permission\"}}");
    for (lane, count) in [("talk", 3), ("bulk", 1)] {
        eventually(lane, || figure(&figures, &complaints(lane)) == count).await;
    }
    let others = "bus_broker_complaints_total{lane=\"talk\",kind=\"other\"}";
    assert_eq!(figure(&figures, others), 0);
}

#[tokio::test]
async fn bus24_a_lost_connection_is_counted_for_its_lane() {
    let figures = figures();
    let (one, mut other) =
        (NatsServer::start_with("nats.conf").await, NatsServer::start_with("nats.conf").await);
    let _talk = lane(&one, BusUser::Edge, Lane::Talk).await;
    let bulk = lane(&other, BusUser::Edge, Lane::Bulk).await;
    other.cut();
    eventually_is(&bulk, BusStatus::Away).await;
    let lost = |lane: &str| figure(&figures, &format!("bus_disconnects_total{{lane=\"{lane}\"}}"));
    eventually("it is counted", || lost("bulk") == 1).await;
    assert_eq!(lost("talk"), 0);
}

#[tokio::test]
async fn bus24_what_finds_no_room_is_counted_for_its_lane() {
    let figures = figures();
    let server = NatsServer::start().await;
    let config = NatsConfig { lane: Lane::Bulk, ..server.config(BusUser::Edge) };
    let bulk: Arc<dyn Bus> = Arc::new(connect(config).await.unwrap());
    let _small = bulk.subscribe(&Subject::received("a.b"), None, 4).await.unwrap();
    let mut marker = listen(&bulk, "marker").await;
    for n in 0..10 {
        bulk.publish(number("a.b", n)).unwrap();
    }
    bulk.publish(number("marker", 0)).unwrap();
    next(&mut marker).await.unwrap();
    assert_eq!(figure(&figures, "bus_messages_lost_total{lane=\"bulk\"}"), 6);
    assert_eq!(figure(&figures, "bus_messages_lost_total{lane=\"talk\"}"), 0);
}

#[tokio::test]
async fn bus25_whoever_does_not_read_is_cut_off_alone_and_comes_back() {
    let figures = figures();
    let server = NatsServer::start().await;
    let (alice, carol) = (server.connect().await, server.connect().await);
    let mut heard = listen(&carol, "c.d").await;
    let bob = Bob::listens_and_stands_still(server.config(BusUser::Edge)).await;

    // Everything that the broker keeps for somebody is far less than this.
    let large = Bytes::from(vec![0; 64 * 1024]);
    let mut n = 0;
    while slow_consumers(&server) == 0 {
        // What there is no room for now is said in the next round.
        for _ in 0..16 {
            if alice.publish(message("bob", large.clone())).is_err() {
                break;
            }
        }
        alice.publish(number("c.d", n)).unwrap();
        assert_eq!(next_number(&mut heard).await, Ok(n));
        n += 1;
    }
    assert_eq!((alice.status(), carol.status()), (BusStatus::Up, BusStatus::Up));

    let mut bob = bob.goes_on();
    while bob.is_waiting() {
        alice.publish(number("bob", Bob::WORD)).unwrap();
        alice.publish(number("c.d", n)).unwrap();
        assert_eq!(next_number(&mut heard).await, Ok(n));
        n += 1;
    }
    bob.ended();
    assert_eq!(figure(&figures, "bus_disconnects_total{lane=\"bulk\"}"), 1);
    assert_eq!(figure(&figures, "bus_disconnects_total{lane=\"talk\"}"), 0);
}

/// Somebody whose thread stands still, with everything that it should read.
struct Bob {
    release: mpsc::SyncSender<()>,
    thread: thread::JoinHandle<()>,
}

impl Bob {
    const WORD: u32 = 7;

    async fn listens_and_stands_still(config: NatsConfig) -> Self {
        let (release, released) = mpsc::sync_channel(1);
        let (listens, listening) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let thread = thread::spawn(move || {
            runtime.block_on(async move {
                let config = NatsConfig { lane: Lane::Bulk, ..config };
                let bus: Arc<dyn Bus> = Arc::new(connect(config).await.unwrap());
                let mut changes = bus.status_changes().take(3);
                let mut heard = listen(&bus, "bob").await;
                listens.send(()).unwrap();
                released.recv().unwrap();
                // A link that broke, and no silence: told to whoever listens.
                let mut told = Vec::new();
                while let Some(status) = changes.next().await {
                    told.push(status);
                }
                assert_eq!(told, [BusStatus::Up, BusStatus::Away, BusStatus::Up]);
                while !matches!(next(&mut heard).await, Ok(word) if is_word(&word)) {}
            });
        });
        listening.await.expect("he listens");
        Self { release, thread }
    }

    fn goes_on(self) -> Self {
        self.release.send(()).expect("he waits for it");
        self
    }

    fn is_waiting(&mut self) -> bool {
        !self.thread.is_finished()
    }

    fn ended(self) {
        self.thread.join().expect("he came back and heard a word");
    }
}

fn is_word(message: &Incoming) -> bool {
    message.payload.len() == 4 && number_in(message) == Bob::WORD
}

/// How many clients the broker has cut off because they did not read.
fn slow_consumers(server: &NatsServer) -> u64 {
    let page = page(server.monitoring_port(), "/varz");
    let (_, after) = page.split_once("\"slow_consumers\":").expect("a figure");
    let digits: String = after.trim_start().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().expect("a number")
}

fn page(port: u16, path: &str) -> String {
    let mut socket = TcpStream::connect((HOST, port)).expect("a socket");
    socket.set_read_timeout(Some(DEADLINE)).expect("a time-out");
    write!(socket, "GET {path} HTTP/1.0\r\n\r\n").expect("it is asked");
    let mut page = String::new();
    socket.read_to_string(&mut page).expect("a page");
    page
}
