//! CAP10, the one way round: actors are asked again what doors asked while a capture was made, and
//! answer as they answered then.

use std::sync::Arc;
use std::time::Duration;

use actors::bus::recording::RecordingBus;
use actors::bus::replaying::Replaying;
use actors::capture::{Recorder, answer};
use actors::serve::{self, Parts, Role};
use bus_schemas::bus::Bus;
use bus_schemas::capture::ask::{AskCapture, Next, Plan, Taken, Verb, capture};
use bus_schemas::capture::{Bodies, Record, file};
use bus_schemas::directory::{self, Find, Who};
use bus_schemas::id::{CaptureId, EdgeId, UserId};
use bus_schemas::identity::{self, OfUser};

use crate::support::house::{House, PASSWORD, key};
use crate::support::{DEADLINE, until};

const WAIT: Duration = Duration::from_secs(10);
const EDGE: EdgeId = EdgeId::from_bytes([0xed; 16]);

fn ask(verb: Verb) -> AskCapture {
    AskCapture { capture: CaptureId::from_bytes([0xca; 16]), verb }
}

/// What is recorded while somebody asks on a bus of this house.
async fn recorded(house: &House, asking: impl AsyncFnOnce(Arc<dyn Bus>)) -> Vec<(usize, Record)> {
    let recorder = Recorder::allowed(EDGE);
    let answering = answer::answer(Arc::clone(&house.bus), recorder.clone());
    let answering = actix_rt::spawn(answering);
    let (users, bodies, veil) = (Vec::new(), Bodies::Random, [0; 16]);
    let begin = ask(Verb::Begin(Plan { for_ms: 60_000, users, bodies, veil }));
    until("it records", || async { house.bus.call(&capture(), &begin, None, WAIT).await.is_ok() })
        .await;
    asking(Arc::new(RecordingBus::new(Arc::clone(&house.bus), recorder))).await;
    let (mut records, mut number) = (Vec::new(), 0);
    loop {
        let end = ask(Verb::End { taken: vec![Taken { edge: EDGE, page: number }] });
        let page = house.bus.call(&capture(), &end, None, WAIT).await.unwrap();
        number = page.number;
        records.extend(page.records.iter().map(|bytes| file::decode(bytes).unwrap()));
        if page.next == Next::Nothing {
            break;
        }
    }
    answering.abort();
    (1..).zip(records).collect()
}

/// Plays what was asked to new actors over the same store; what they answer otherwise.
async fn complaints(house: &House, records: &[(usize, Record)]) -> Vec<String> {
    let replaying = Replaying::askers(records);
    assert_eq!(replaying.questions(), 7);
    let parts = Parts { bus: replaying.bus(), ..house.parts.clone() };
    let actors = serve::start(parts, &[Role::Identity, Role::Directory]).await.unwrap();
    tokio::time::timeout(DEADLINE, replaying.until_answered()).await.expect("all are answered");
    actors.stop().await;
    replaying.complaints()
}

#[actix_rt::test]
async fn cap10_actors_answer_again_as_they_answered_while_they_were_recorded() {
    let house = House::open().await;
    let alice = house.register("Alice", PASSWORD, Some(key(1))).await.unwrap().user;
    house.register("Malice", PASSWORD, None).await.unwrap();
    let records = recorded(&house, async |bus| {
        for user in [alice, UserId::from_bytes([9; 16])] {
            drop(bus.call(&directory::me(), &Who { user }, None, WAIT).await);
            drop(bus.call(&directory::who(), &Who { user }, None, WAIT).await);
            drop(bus.call(&identity::key(), &OfUser { user }, None, WAIT).await);
        }
        let find = Find { query: "ali".to_owned(), limit: 20 };
        assert_eq!(bus.call(&directory::find(), &find, None, WAIT).await.unwrap().len(), 2);
    })
    .await;
    assert_eq!(complaints(&house, &records).await, Vec::<String>::new());

    // Somebody comes whom the capture does not know: one of the answers is another.
    house.register("Alina", PASSWORD, None).await.unwrap();
    let complaints = complaints(&house, &records).await;
    assert_eq!(complaints.len(), 1, "{complaints:?}");
    assert!(complaints[0].contains("directory.find, was answered with other bytes"));
}
