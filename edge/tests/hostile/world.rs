//! Two edges and the actors, two people who talk across the edges, and somebody who is not one of
//! them.

use std::time::Duration;

use edge::compose::Running;
use tokio::time::timeout;

use crate::cluster::{actors, edge};
use crate::sockets::pair::Door;
use crate::support::asking::OPERATIONS;
use crate::support::broker::Broker;
use crate::support::chance::Chance;
use crate::support::raw::{Frame, Raw};
use crate::support::{House, Person};

/// Longer than a question on the bus is waited for.
const ANSWER_WAIT: Duration = Duration::from_secs(15);
/// How long a word that may be lost is waited for before it is said again.
const WORD_WAIT: Duration = Duration::from_millis(500);

/// A refresh token that nobody has.
const COOKIE: &str =
    "refresh_token=00000000000000000000000000000000000000000000000000000000000000ff";

pub(super) struct World {
    pub(super) broker: Broker,
    pub(super) edges: [House; 2],
    pub(super) alice: Person,
    pub(super) bob: Person,
    pub(super) mallory: Person,
    pub(super) from_alice: Raw,
    from_bob: Raw,
    from_mallory: Option<Raw>,
    pub(super) door: Door,
    actors: Running,
    /// Removed with the world.
    _folder: tempfile::TempDir,
}

impl World {
    /// Where anybody may say anything on the bus.
    pub(super) async fn start(door: Door) -> Self {
        Self::start_on(Broker::open_to_all().await, door).await
    }

    pub(super) async fn start_on(broker: Broker, door: Door) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let actors = actors(&broker, folder.path()).await;
        let edges = [edge(&broker).await, edge(&broker).await];
        let alice = edges[0].person("alice").await;
        let bob = edges[1].person("bob").await;
        let mallory = edges[1].person("mallory").await;
        let from_alice = door.open_as(&edges[0], &alice).await;
        let from_bob = door.open_as(&edges[1], &bob).await;
        let mut world = Self {
            broker,
            edges,
            alice,
            bob,
            mallory,
            from_alice,
            from_bob,
            from_mallory: None,
            door,
            actors,
            _folder: folder,
        };
        // From here on each watches the other.
        world.people_talk(60_000).await;
        world
    }

    pub(super) async fn stop(self) {
        for edge in self.edges {
            edge.running.stop().await;
        }
        self.actors.stop().await;
    }

    /// Alice says a word and Bob hears it, after whatever he was told besides; and the other way.
    pub(super) async fn people_talk(&mut self, n: usize) {
        let bytes = 10_000 + n;
        let door = self.door;
        let word = door.message(&self.bob, bytes);
        self.from_alice.say(door.first(), &word).await.unwrap();
        hear_out(&mut self.from_bob, bytes).await;
        let word = door.message(&self.alice, bytes);
        self.from_bob.say(door.first(), &word).await.unwrap();
        hear_out(&mut self.from_alice, bytes).await;
    }

    /// The same while connections break: a word that is lost is said again, as clients do.
    pub(super) async fn people_talk_again(&mut self, n: usize) {
        let door = self.door;
        for again in 0..20 {
            let bytes = 100_000 + 100 * n + again;
            let word = door.message(&self.bob, bytes);
            self.from_alice.say(door.first(), &word).await.unwrap();
            if timeout(WORD_WAIT, hear_out(&mut self.from_bob, bytes)).await.is_ok() {
                return;
            }
        }
        panic!("Bob hears Alice no more");
    }

    /// Whoever is told to go comes again, and hears what is said to her.
    pub(super) async fn mallory_comes_again(&mut self) {
        drop(self.from_mallory.take());
        self.from_mallory = Some(self.door.open_as(&self.edges[1], &self.mallory).await);
    }

    /// Requests at the doors, whose answers come from whoever answers first. Each has one.
    pub(super) async fn asks(&self, chance: &mut Chance) {
        let asked: Vec<_> = OPERATIONS.iter().filter(|at| at.path.starts_with("/api/")).collect();
        for _ in 0..4 {
            let (house, operation) = (&self.edges[chance.below(2)], chance.pick(&asked));
            // Nobody is signed out, nothing is removed: Mallory has to come again.
            let request = match (operation.verb.as_str(), operation.path.as_str()) {
                ("DELETE", _) | (_, "/api/auth/revoke") => continue,
                (verb, path @ ("/api/auth/refresh" | "/api/auth/logout")) => {
                    house.request(verb, path).header("cookie", COOKIE)
                }
                (_, _) => operation.asked(house, &self.mallory),
            };
            let request = request.unjudged();
            let status = timeout(ANSWER_WAIT, request).await.expect("an answer");
            assert!((200..=599).contains(&status), "{status} {}", operation.path);
        }
    }
}

/// Reads until a marked word comes.
async fn hear_out(raw: &mut Raw, bytes: usize) {
    let marks = [format!("\"m-{bytes}\"").into_bytes(), bytes.to_be_bytes().to_vec()];
    let is_marked = |heard: &Frame| {
        marks.iter().any(|mark| heard.payload.windows(mark.len()).any(|part| part == mark))
    };
    while !is_marked(&raw.hear().await.expect("they stay")) {}
}

/// A subject of a person.
pub(super) fn subject(kind: &str, person: &Person) -> String {
    format!("{kind}.{}", token(&person.id))
}

/// An id as it stands in subjects.
pub(super) fn token(id: &str) -> String {
    id.replace('-', "")
}
