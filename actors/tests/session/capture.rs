//! CAP rules of the recorder: two arbiters that stand for edges, asked over `dev.capture` by a test
//! that keeps what they answer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actors::bus::recording::RecordingBus;
use actors::capture::{KEPT_BYTES_MAX, Recorder, answer};
use actors_core::capture::replay::{Done, Replay};
use bus_schemas::bus::{Bus, Outgoing};
use bus_schemas::capture::ask::{
    AskCapture, CAPTURE_MS_MAX, Next, PAGE_BYTES, Page, Plan, Taken, USERS_MAX, Verb, capture,
};
use bus_schemas::capture::{Bodies, PAYLOAD_BYTES_MAX, RECORD_BYTES_MAX, Record, What, Why, file};
use bus_schemas::directory;
use bus_schemas::fault::Code;
use bus_schemas::frame::{Door, Label, PeerFrame, ServerFrame};
use bus_schemas::id::{CaptureId, EdgeId};
use bus_schemas::topic::Subject;
use bus_schemas::verbs::CallError;
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::time::timeout_at;

use super::world::{ALICE, BOB, Client, World, frame};

const DEADLINE: Duration = Duration::from_secs(20);
const EDGES: [EdgeId; 2] = [EdgeId::from_bytes([0xe1; 16]), EdgeId::from_bytes([0xe2; 16])];
const CAPTURE: CaptureId = CaptureId::from_bytes([0xca; 16]);

/// Edges that may be recorded, and whoever asks them.
struct Developer {
    world: World,
    recorders: [Recorder; 2],
    bus: Arc<dyn Bus>,
    capture: CaptureId,
    /// The last page that arrived from each edge.
    arrived: BTreeMap<EdgeId, u64>,
    records: Vec<Record>,
}

fn plan() -> Plan {
    Plan { for_ms: 600_000, users: Vec::new(), bodies: Bodies::Random, veil: [7; 16] }
}

impl Developer {
    async fn arrives() -> Self {
        let recorders = EDGES.map(Recorder::allowed);
        let world = World::recorded_by(recorders.clone()).await;
        for recorder in &recorders {
            tokio::spawn(answer::answer(world.bus(), recorder.clone()));
        }
        let (bus, arrived) = (world.bus(), BTreeMap::new());
        Self { world, recorders, bus, capture: CAPTURE, arrived, records: Vec::new() }
    }

    /// Both edges record.
    async fn begins(&mut self, plan: Plan) {
        let begun = Instant::now();
        // Until they listen they do not answer.
        while self.arrived.len() < EDGES.len() {
            assert!(begun.elapsed() < DEADLINE, "the edges answer");
            for page in self.asks(Verb::Begin(plan.clone())).await.into_iter().flatten() {
                assert_eq!((page.number, page.records.len()), (0, 0));
                self.arrived.insert(page.edge, 0);
            }
        }
    }

    /// What both edges answer.
    async fn asks(&self, verb: Verb) -> Vec<Result<Page, Code>> {
        // Whoever answers has a turn as well.
        tokio::task::yield_now().await;
        let question = AskCapture { capture: self.capture, verb };
        let mut answers = self.bus.ask_every(&capture(), &question, 8).await.unwrap();
        let (until, mut heard) = (tokio::time::Instant::now() + DEADLINE, Vec::new());
        while heard.len() < EDGES.len() {
            let Some(answer) = timeout_at(until, answers.next()).await.expect("in time") else {
                break;
            };
            heard.push(answer.unwrap().map_err(|error: CallError| error.code()));
        }
        heard
    }

    fn taken(&self) -> Vec<Taken> {
        self.arrived.iter().map(|(edge, page)| Taken { edge: *edge, page: *page }).collect()
    }

    /// Takes what is there so far.
    async fn takes(&mut self) {
        let mut is_more = true;
        while is_more {
            is_more = false;
            for page in self.asks(Verb::Take { taken: self.taken() }).await {
                is_more |= self.keeps(&page.unwrap()) == Some(Next::More);
            }
        }
    }

    /// Ends the capture and takes the rest.
    async fn ends(&mut self) {
        let mut open = EDGES.len();
        while open > 0 {
            for page in self.asks(Verb::End { taken: self.taken() }).await {
                open -= usize::from(self.keeps(&page.unwrap()) == Some(Next::Nothing));
            }
        }
    }

    /// What follows a page that is new here.
    fn keeps(&mut self, page: &Page) -> Option<Next> {
        if self.arrived[&page.edge] == page.number {
            return None;
        }
        let bytes: usize = page.records.iter().map(Bytes::len).sum();
        let last = page.records.last().map_or(0, Bytes::len);
        assert!(bytes - last < PAGE_BYTES, "a page of {bytes} bytes");
        let before = self.arrived.insert(page.edge, page.number);
        assert_eq!(before, Some(page.number - 1), "each page once");
        for bytes in &page.records {
            let record = file::decode(bytes).unwrap();
            assert_eq!(record.edge, page.edge);
            self.records.push(record);
        }
        Some(page.next)
    }

    /// Gives what was recorded to the machine.
    fn replays(&self) -> Done {
        let mut replay = Replay::default();
        for (place, record) in (1..).zip(&self.records) {
            replay.feed(place, record).unwrap();
        }
        replay.done()
    }

    fn lost(&self) -> u64 {
        self.records.iter().map(|record| record.what.lost()).sum()
    }
}

async fn a_word(from: &mut Client, to: &mut Client, n: u8) {
    from.say(&frame(Label::Message, BOB, n, b"sealed"));
    to.hears(&ServerFrame::Peer(frame(Label::Message, ALICE, n, b"sealed"))).await;
}

#[tokio::test]
async fn cap8_each_edge_answers_for_itself_and_a_page_comes_again_until_it_arrived() {
    let mut developer = Developer::arrives().await;
    developer.begins(plan()).await;
    let mut alice = developer.world.enter(0, ALICE).await;
    let mut bob = developer.world.enter(1, BOB).await;
    a_word(&mut alice, &mut bob, 1).await;

    // Page 0 has not arrived as far as the edges know; then page 1 has not.
    for number in [0, 1, 1] {
        let taken = if number == 0 { Vec::new() } else { developer.taken() };
        for page in developer.asks(Verb::Take { taken }).await {
            assert_eq!(page.unwrap().number, number);
        }
    }
    // Nobody else is served meanwhile, and nobody else is given what this capture has.
    developer.capture = CaptureId::from_bytes([0xcb; 16]);
    for (verb, code) in [
        (Verb::Begin(plan()), Code::TooManyRequests),
        (Verb::Take { taken: Vec::new() }, Code::NotFound),
        (Verb::End { taken: Vec::new() }, Code::NotFound),
    ] {
        assert_eq!(developer.asks(verb).await, [Err(code), Err(code)]);
    }
    developer.capture = CAPTURE;
    developer.ends().await;

    let done = developer.replays();
    assert_eq!((done.sessions, done.lost), (2, 0));
    assert!(done.events >= 8 && done.effects >= 10, "{done:?}");
    for edge in EDGES {
        let of_edge = developer.records.iter().filter(|record| record.edge == edge);
        let ends = of_edge
            .filter(|record| matches!(record.what, What::Ended { lost: 0, why: Why::Asked }));
        assert_eq!(ends.count(), 1);
    }
    // What is over makes room for another one, of Sessions that begin from here on.
    developer.capture = CaptureId::from_bytes([0xcc; 16]);
    developer.arrived.clear();
    developer.records.clear();
    developer.begins(plan()).await;
    a_word(&mut alice, &mut bob, 2).await;
    developer.ends().await;
    assert_eq!(developer.replays().sessions, 0);
    let published = |record: &Record| matches!(record.what, What::Published { .. });
    assert!(developer.records.iter().any(published), "the bus is recorded");
    developer.world.stop().await;
}

#[tokio::test]
async fn cap5_what_finds_no_room_is_lost_counted_and_keeps_nobody_waiting() {
    let mut developer = Developer::arrives().await;
    developer.begins(plan()).await;
    let mut alice = developer.world.enter(0, ALICE).await;
    let mut bob = developer.world.enter(0, BOB).await;
    a_word(&mut alice, &mut bob, 1).await;
    // Another connection of the same edge says so much that nothing more finds room.
    let own = RecordingBus::new(developer.world.bus(), developer.recorders[0].clone());
    let payload = Bytes::from(vec![0; PAYLOAD_BYTES_MAX]);
    let (subject, reply, trace) = (directory::seen().subject().clone(), None, None);
    let message = Outgoing { subject, reply, trace, payload, body: Bytes::new() };
    let count = 2 * KEPT_BYTES_MAX / PAYLOAD_BYTES_MAX;
    for _ in 0..count {
        own.publish(message.clone()).unwrap();
    }
    // Small records may still find room; then no step does.
    for n in 2..=u8::MAX {
        a_word(&mut alice, &mut bob, n).await;
    }
    // From here on there is room again: for the bus, and not for Sessions with a hole in them.
    developer.takes().await;
    let taken = developer.records.len();
    for n in 1..20 {
        let again = PeerFrame { attempt: 1, ..frame(Label::Message, BOB, n, b"sealed") };
        alice.say(&again);
        bob.hears_kind(Label::Message.code()).await;
    }
    developer.ends().await;
    let later = &developer.records[taken..];
    assert!(
        later.iter().any(|record| matches!(record.what, What::Gap { .. })),
        "told in its place"
    );
    assert!(later.iter().any(|record| matches!(record.what, What::Published { .. })));

    let kept = |is: fn(&What) -> bool| {
        u64::try_from(developer.records.iter().filter(|record| is(&record.what)).count()).unwrap()
    };
    let large = kept(
        |what| matches!(what, What::Published { said, .. } if said.subject.as_str() == "directory.seen"),
    );
    let told = u64::try_from(count).unwrap();
    assert!(large > told / 4 && large < told, "{large} of {told}");
    assert!(developer.lost() >= told - large, "{} of {}", developer.lost(), told - large);
    // Whatever there is of the two Sessions is as it was.
    let done = developer.replays();
    assert_eq!(done.sessions, 2);
    assert!(done.events < 2 * usize::from(u8::MAX), "no step was lost: {done:?}");
    assert_eq!(done.lost, developer.lost());
    developer.world.stop().await;
}

#[tokio::test]
async fn cap4_a_capture_ends_by_itself_when_its_time_is_over() {
    let mut developer = Developer::arrives().await;
    developer.begins(Plan { for_ms: 300, ..plan() }).await;
    let begun = Instant::now();
    let mut open = EDGES.len();
    while open > 0 {
        assert!(begun.elapsed() < DEADLINE, "it ends by itself");
        for page in developer.asks(Verb::Take { taken: developer.taken() }).await {
            open -= usize::from(developer.keeps(&page.unwrap()) == Some(Next::Nothing));
        }
    }
    let time_over =
        |record: &&Record| matches!(record.what, What::Ended { why: Why::TimeOver, .. });
    assert_eq!(developer.records.iter().filter(time_over).count(), 2);
    developer.world.stop().await;
}

#[tokio::test]
async fn cap4_a_step_too_large_for_a_record_loses_its_ciphertext_and_not_itself() {
    let mut developer = Developer::arrives().await;
    developer.begins(Plan { bodies: Bodies::Kept, ..plan() }).await;
    let mut alice = developer.world.connect(0, Door::Text).await;
    let auth = format!(r#"{{"type":"auth","payload":{{"token":"{ALICE}"}}}}"#);
    alice.sends_bytes(auth.as_bytes());
    alice.hears_bytes().await;
    for ciphertext in ["A".repeat(RECORD_BYTES_MAX * 2 / 3), "A".repeat(100)] {
        let payload = format!(r#"{{"to":"{BOB}","ciphertext":"{ciphertext}"}}"#);
        alice.sends_bytes(format!(r#"{{"type":"message","payload":{payload}}}"#).as_bytes());
        // Nobody is there.
        alice.hears_bytes().await;
    }
    developer.ends().await;

    let steps = developer.records.iter().filter_map(|record| {
        let What::Stepped { effects, .. } = &record.what else { return None };
        Some((record.bodies, effects.len()))
    });
    let covered: Vec<_> = steps.filter(|(bodies, _)| *bodies == Bodies::Random).collect();
    // The word, with a watch and a delivery for it.
    assert_eq!(covered, [(Bodies::Random, 2)]);
    assert_eq!(developer.replays().lost, 0);
    developer.world.stop().await;
}

#[tokio::test]
async fn cap4_what_asks_for_too_much_is_refused() {
    let mut developer = Developer::arrives().await;
    for plan in [
        Plan { for_ms: 0, ..plan() },
        Plan { for_ms: CAPTURE_MS_MAX + 1, ..plan() },
        Plan { users: vec![ALICE; USERS_MAX + 1], ..plan() },
    ] {
        let begun = Instant::now();
        let answers = loop {
            let answers = developer.asks(Verb::Begin(plan.clone())).await;
            if answers.len() == EDGES.len() {
                break answers;
            }
            assert!(begun.elapsed() < DEADLINE, "the edges answer");
        };
        assert_eq!(answers, [Err(Code::BadRequest), Err(Code::BadRequest)]);
    }
    developer
        .begins(Plan { users: vec![ALICE; USERS_MAX], for_ms: CAPTURE_MS_MAX, ..plan() })
        .await;
    developer.world.stop().await;
}

#[tokio::test]
async fn cap9_with_a_user_named_the_others_are_left_out() {
    let mut developer = Developer::arrives().await;
    developer.begins(Plan { users: vec![BOB], ..plan() }).await;
    let mut alice = developer.world.enter(0, ALICE).await;
    let mut bob = developer.world.enter(1, BOB).await;
    a_word(&mut alice, &mut bob, 1).await;
    bob.say(&frame(Label::Ack, ALICE, 1, b"heard"));
    alice.hears(&ServerFrame::Peer(frame(Label::Ack, BOB, 1, b"heard"))).await;
    developer.ends().await;

    assert_eq!(developer.replays().sessions, 1);
    assert!(developer.replays().events >= 4, "from its first step on");
    for record in &developer.records {
        if matches!(record.what, What::Opened { .. } | What::Stepped { .. }) {
            assert_eq!(record.edge, EDGES[1], "Bob's Session alone");
        }
        let Some(subject) = record.what.subject().map(Subject::as_str) else { continue };
        let is_said_by_bob = subject.ends_with(&ALICE.token());
        let is_alices_own =
            ["chat.evict.", "chat.presence."].iter().any(|s| subject.starts_with(s));
        assert!(subject.ends_with(&BOB.token()) || is_said_by_bob && !is_alices_own, "{subject}");
    }
    developer.world.stop().await;
}

#[tokio::test]
async fn cap7_who_did_not_allow_it_is_silent() {
    let world = World::start().await;
    let bus = world.bus();
    answer::answer(world.bus(), Recorder::off()).await;
    let question = AskCapture { capture: CAPTURE, verb: Verb::Begin(plan()) };
    let answer = bus.call(&capture(), &question, None, DEADLINE).await;
    assert!(matches!(answer, Err(CallError::Bus(bus_schemas::bus::BusError::NoResponders))));
    world.stop().await;
}
