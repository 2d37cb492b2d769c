//! BUS27 to BUS29 and what else only a broker shows that says what it is told to: when things are
//! written, how they are cut, and what becomes of a line whose broker falls silent or talks nonsense.

use std::sync::Arc;

use actors::bus::Lane;
use actors::bus::nats::{BusUser, ConnectError, NatsConfig, connect};
use bus_schemas::bus::{Bus, BusError, BusStatus};
use bus_schemas::secret::Secret;
use bytes::Bytes;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::bus_support::server::HOST;
use crate::bus_support::{DEADLINE, eventually_is, listen, message, next, next_number, number};

const INFO: &str = r#"INFO {"max_payload":2097152,"headers":true}"#;

/// A broker that says what it is told to.
struct Scripted(TcpListener);

/// Its end of a connection.
struct Peer(BufReader<TcpStream>);

impl Scripted {
    async fn start() -> Self {
        Self(TcpListener::bind((HOST, 0)).await.expect("a port"))
    }

    fn config(&self, lane: Lane) -> NatsConfig {
        let port = self.0.local_addr().expect("an address").port();
        let url = Secret::new(format!("nats://{HOST}:{port}"));
        NatsConfig { lane, ..NatsConfig::new(url, BusUser::Edge) }
    }

    async fn accept(&self) -> Peer {
        Peer(BufReader::new(self.0.accept().await.expect("a connection").0))
    }

    /// Lets somebody in, with this first line.
    async fn let_in(&self, info: &str) -> Peer {
        let mut peer = self.accept().await;
        peer.say(&format!("{info}\r\n")).await;
        let introduction = peer.line().await;
        assert!(introduction.starts_with("CONNECT {\"name\":\"dhchat "), "{introduction}");
        for told in ["\"verbose\":false", "\"headers\":true", "\"no_responders\":true"] {
            assert!(introduction.contains(told), "{introduction}");
        }
        peer.hears_ping().await;
        assert!(peer.line().await.starts_with("SUB _INBOX.edge."));
        peer.hears_ping().await;
        peer
    }

    /// A connection and the broker's end of it.
    async fn connected(&self, lane: Lane) -> (Arc<dyn Bus>, Peer) {
        let (bus, peer) = tokio::join!(connect(self.config(lane)), self.let_in(INFO));
        (Arc::new(bus.expect("it is let in")), peer)
    }
}

impl Peer {
    async fn say(&mut self, words: &str) {
        self.say_bytes(words.as_bytes()).await;
    }

    async fn say_bytes(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).await.expect("it is there");
    }

    /// The next line.
    async fn line(&mut self) -> String {
        let mut line = String::new();
        let read = tokio::time::timeout(DEADLINE, self.0.read_line(&mut line)).await;
        read.expect("a line in time").expect("a line of text");
        line.trim_end().to_owned()
    }

    async fn hears_ping(&mut self) {
        assert_eq!(self.line().await, "PING");
        self.say("PONG\r\n").await;
    }
}

#[tokio::test]
async fn bus27_a_welcome_may_be_long_and_come_in_pieces() {
    let broker = Scripted::start().await;
    let others: Vec<String> =
        (0..200).map(|n| format!("\"broker-{n}.example.org:4222\"")).collect();
    let others = others.join(",");
    let info = format!(r#"INFO {{"max_payload":2097152,"connect_urls":[{others}]}}"#);
    let accepted = async {
        let mut peer = broker.accept().await;
        for piece in info.as_bytes().chunks(1_000) {
            peer.say_bytes(piece).await;
            tokio::task::yield_now().await;
        }
        // The first answer comes with what follows it.
        peer.say("\r\nPONG\r\nPING\r\n").await;
        peer
    };
    let (bus, mut peer) = tokio::join!(connect(broker.config(Lane::Talk)), async {
        let mut peer = accepted.await;
        for begins in ["CONNECT ", "PING", "SUB ", "PONG", "PING"] {
            let line = peer.line().await;
            assert!(line.starts_with(begins), "{line}");
        }
        peer.say("PONG\r\n").await;
        peer
    });
    let bus: Arc<dyn Bus> = Arc::new(bus.unwrap());
    bus.publish(number("a.b", 1)).unwrap();
    assert_eq!(peer.line().await, "PUB a.b 4");
}

#[tokio::test]
async fn bus27_messages_are_heard_however_they_are_cut() {
    for lane in [Lane::Talk, Lane::Bulk] {
        hears_however_it_is_cut(lane).await;
    }
}

async fn hears_however_it_is_cut(lane: Lane) {
    let broker = Scripted::start().await;
    let (bus, mut peer) = broker.connected(lane).await;
    let (mut heard, ()) = tokio::join!(listen(&bus, "a.b"), async {
        assert_eq!(peer.line().await, "SUB a.b 2");
        peer.hears_ping().await;
    });
    // Short ones, and some that are read into memory of their own.
    let lengths = [0, 1, 300, 4_000, 9_000, 70_000, 20_000, 70_000, 3];
    let mut said = Vec::new();
    for length in lengths {
        said.extend(format!("MSG a.b 2 {length}\r\n").into_bytes());
        said.extend(std::iter::repeat_n(b'x', length));
        said.extend(b"\r\n");
    }
    for step in [1_003, 4_096, 20_000, usize::MAX] {
        for piece in said.chunks(step.min(said.len())) {
            peer.say_bytes(piece).await;
            tokio::task::yield_now().await;
        }
        for length in lengths {
            let message = next(&mut heard).await.expect("no gap");
            assert_eq!(message.subject.as_str(), "a.b");
            assert!(message.payload == vec![b'x'; length], "{length} in steps of {step}");
        }
    }
    // Somebody wrote a subject that is no text, and nobody is harmed by it.
    peer.say_bytes(b"MSG a.\xff 2 1\r\nx\r\nMSG a.b 2 4\r\n\0\0\0\x07\r\n").await;
    assert_eq!(next_number(&mut heard).await, Ok(7));
}

#[tokio::test]
async fn bus27_what_is_none_of_its_language_ends_the_connection() {
    for nonsense in ["HELLO\r\n", "MSG a.b 2 2097153\r\n", "HTTP/1.1 400 Bad Request\r\n"] {
        let broker = Scripted::start().await;
        let (bus, mut peer) = broker.connected(Lane::Talk).await;
        peer.say(nonsense).await;
        eventually_is(&bus, BusStatus::Away).await;
        assert_eq!(bus.publish(number("a.b", 1)), Err(BusError::Away));
    }
}

#[tokio::test]
async fn bus13_a_ping_of_the_broker_is_answered_though_nothing_is_said() {
    let broker = Scripted::start().await;
    let (_bus, mut peer) = broker.connected(Lane::Talk).await;
    peer.say("PING\r\n").await;
    assert_eq!(peer.line().await, "PONG");
}

#[tokio::test]
async fn bus13_a_broker_that_answers_no_ping_has_gone() {
    let broker = Scripted::start().await;
    let (bus, mut peer) = broker.connected(Lane::Talk).await;
    // It reads, but for that it stands still.
    let reading = tokio::spawn(async move {
        let mut pings = 0;
        while peer.line().await == "PING" {
            pings += 1;
        }
        pings
    });
    eventually_is(&bus, BusStatus::Away).await;
    assert_eq!(reading.await.unwrap(), 2);
}

#[tokio::test]
async fn bus3_the_broker_hears_of_an_end_before_whatever_is_said_next() {
    let broker = Scripted::start().await;
    let (bus, mut peer) = broker.connected(Lane::Talk).await;
    let (heard, ()) = tokio::join!(listen(&bus, "a.b"), async {
        assert_eq!(peer.line().await, "SUB a.b 2");
        peer.hears_ping().await;
    });
    bus.publish(number("a.b", 1)).unwrap();
    drop(heard);
    bus.publish(number("a.c", 1)).unwrap();
    for line in ["PUB a.b 4", "\0\0\0\u{1}", "UNSUB 2", "PUB a.c 4"] {
        assert_eq!(peer.line().await, line);
    }
}

#[tokio::test]
async fn bus28_what_is_opened_together_is_confirmed_together() {
    let broker = Scripted::start().await;
    let (bus, mut peer) = broker.connected(Lane::Talk).await;
    let (_one, _two, _three, ()) =
        tokio::join!(listen(&bus, "a.1"), listen(&bus, "a.2"), listen(&bus, "a.3"), async {
            for line in ["SUB a.1 2", "SUB a.2 3", "SUB a.3 4"] {
                assert_eq!(peer.line().await, line);
            }
            peer.hears_ping().await;
        });
}

#[tokio::test]
async fn bus29_what_waits_for_the_broker_is_bounded_in_number_and_bytes() {
    const CHUNK: usize = 64 * 1024;
    const MIB: usize = 1024 * 1024;
    for (lane, bytes_max) in [(Lane::Talk, 4 * MIB), (Lane::Bulk, 16 * MIB)] {
        let broker = Scripted::start().await;
        let (bus, mut peer) = broker.connected(lane).await;
        let chunk = Bytes::from(vec![0; CHUNK]);
        // Nothing is written until the task of the socket has its turn.
        let taken = (0..1_000).filter(|_| bus.publish(message("a", chunk.clone())).is_ok()).count();
        assert_eq!(taken, bytes_max / CHUNK - 1, "{lane:?}: with the lines in front of them");
        assert_eq!(bus.publish(message("a", chunk.clone())), Err(BusError::Full));
        for _ in 0..taken {
            assert_eq!(peer.line().await, format!("PUB a {CHUNK}"));
            assert_eq!(peer.line().await.len(), CHUNK);
        }
        let taken = (0..10_000).filter(|n| bus.publish(number("a", *n)).is_ok()).count();
        assert_eq!(taken, 2_048, "{lane:?}");
    }
}

#[tokio::test]
async fn bus22_whatever_is_said_before_tls_begins_does_not_count() {
    let broker = Scripted::start().await;
    let (refused, _peer) = tokio::join!(connect(broker.config(Lane::Talk)), async {
        let mut peer = broker.accept().await;
        peer.say("INFO {\"max_payload\":1,\"tls_required\":true}\r\nPONG\r\n").await;
        peer
    });
    assert!(matches!(refused.err(), Some(ConnectError::Tls(_))));
}

#[tokio::test]
async fn bus21_a_broker_that_says_nothing_is_not_waited_for_long() {
    let broker = Scripted::start().await;
    let connecting = tokio::time::timeout(DEADLINE, connect(broker.config(Lane::Talk)));
    let refused = connecting.await.expect("in time").err();
    let says = refused.map(|error| error.to_string());
    assert_eq!(says.as_deref(), Some("the broker cannot be reached: timed out"));
}
