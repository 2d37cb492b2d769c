//! Two sockets of one person at the same moment, over two edges whose wall clocks differ by a
//! minute; and an edge that stands still while its people go elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::deployment::{Deployment, Plan, ROOT, Variables, variables};
use crate::person::{Socket, connect, document};
use crate::provision::{Provision, Resident};
use crate::servers::DEADLINE;
use crate::{number_from, say};

/// People who race at the same time as others.
const PEOPLE: usize = 24;
/// One winner in so many is looked at once more after every repeated word has been said.
const LOOKED_AT_AGAIN: u32 = 50;
/// Longer than a Session is young, and than it takes to say its word again.
const YOUTH: Duration = Duration::from_millis(2_500);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fault7_of_two_sockets_that_come_at_once_exactly_one_lives() {
    let rounds: u32 = number_from("DHCHAT_ROUNDS", 200);
    let freeze = Duration::from_secs(number_from("DHCHAT_FREEZE_SECONDS", 3));
    let deployment = Deployment::planned(plan()).await;
    let provision = Provision::open(&deployment.postgres.url(), &ROOT).await;
    let people = provision.residents("alice", PEOPLE).await;
    let witnesses = provision.residents("witness", PEOPLE).await;
    let urls = [deployment.url(0), deployment.url(1)];
    let [behind, ahead] = [clock_of(&urls[0]).await, clock_of(&urls[1]).await];
    let apart = (ahead - behind).rem_euclid(24 * 60 * 60);
    assert!((58..=75).contains(&apart), "{apart} s");

    let left = Arc::new(AtomicU32::new(rounds));
    let racing = people.iter().zip(&witnesses).map(|(alice, witness)| {
        tokio::spawn(race(urls.clone(), alice.clone(), witness.clone(), Arc::clone(&left)))
    });
    let won: Vec<[u32; 2]> = join_all(racing).await.into_iter().map(Result::unwrap).collect();
    let won = |edge: usize| won.iter().map(|won| won[edge]).sum::<u32>();
    say(&format!("{rounds} rounds, one socket lived in each: {} and {}", won(0), won(1)));
    assert_eq!(won(0) + won(1), rounds);
    assert!(won(0) > 0 && won(1) > 0, "whose clock is ahead decides nothing");

    stands_still(&deployment, &people, &witnesses, freeze).await;
    deployment.stop();
}

/// Wall clocks a minute apart; what runs by itself is the same for both.
fn plan() -> Plan {
    let library = std::env::var("DHCHAT_TEST_FAKETIME")
        .expect("DHCHAT_TEST_FAKETIME: scripts/ensure-faketime.sh finds or installs it");
    let clock = |offset: &str| -> Variables {
        variables(&[
            ("LD_PRELOAD", &library),
            ("FAKETIME", offset),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("DONT_FAKE_MONOTONIC", "1"),
        ])
    };
    let each_edge = vec![clock("-30s"), clock("+30s")];
    let edge = variables(&[("DHCHAT_LIMIT_GENERAL_PER_SECOND", "100000")]);
    Plan { edge, each_edge, ..Plan::default() }
}

/// What an edge takes the time for, in seconds.
async fn clock_of(url: &str) -> i64 {
    let answer = reqwest::get(url).await.unwrap();
    let date = answer.headers()["date"].to_str().unwrap();
    let rest = date.strip_suffix(" GMT").expect("GMT").rsplit(' ').next().unwrap();
    let parts: Vec<i64> = rest.split(':').map(|part| part.parse().unwrap()).collect();
    let (hours, minutes, seconds) = (parts[0], parts[1], parts[2]);
    (hours * 60 + minutes) * 60 + seconds
}

/// Races until no rounds are left; how often which edge's socket lived.
async fn race(
    urls: [String; 2],
    alice: Resident,
    witness: Resident,
    left: Arc<AtomicU32>,
) -> [u32; 2] {
    let mut won = [0; 2];
    let mut witness = Witness::of(&witness, &urls[1]).await;
    while let Ok(round) =
        left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1))
    {
        let sockets = urls.each_ref().map(|url| connect(url, &alice.token));
        let sockets: Vec<Socket> =
            join_all(sockets).await.into_iter().map(|socket| socket.expect("let in")).collect();
        let [one, two] = <[Socket; 2]>::try_from(sockets).expect("two");
        let (edge, mut winner) = the_one_that_lives(one, two).await;
        won[edge] += 1;
        witness.reaches(&alice, &mut winner).await;
        if round.is_multiple_of(LOOKED_AT_AGAIN) {
            // pause: whatever the two still had to say to each other has been said
            tokio::time::sleep(YOUTH).await;
            witness.reaches(&alice, &mut winner).await;
        }
        leaves(winner).await;
    }
    won
}

/// Closes, and waits until its edge has heard that: who is not gone yet is one more in the next race.
async fn leaves(mut winner: Socket) {
    winner.close(None).await.expect("an open socket");
    ends(winner).await;
}

/// Hears the rest of a socket, until its edge has ended it.
async fn ends(mut socket: Socket) {
    let ended = async { while socket.next().await.is_some_and(|message| message.is_ok()) {} };
    timeout(DEADLINE, ended).await.expect("the socket ends");
}

/// The other one is told why it ends.
async fn the_one_that_lives(mut one: Socket, mut two: Socket) -> (usize, Socket) {
    let first = async {
        tokio::select! {
            told = next(&mut one) => (1, told),
            told = next(&mut two) => (0, told),
        }
    };
    let (edge, told) = timeout(DEADLINE, first).await.expect("both live");
    assert_eq!(told["payload"]["code"], "SUPERSEDED", "{told}");
    (edge, if edge == 0 { one } else { two })
}

/// Somebody whose words show which socket of another person is the one.
struct Witness {
    id: String,
    socket: Socket,
    said: u32,
}

impl Witness {
    async fn of(resident: &Resident, url: &str) -> Self {
        let socket = connect(url, &resident.token).await.expect("let in");
        Self { id: resident.id.to_string(), socket, said: 0 }
    }

    /// A word is heard on this socket, once, and answered.
    async fn reaches(&mut self, person: &Resident, socket: &mut Socket) {
        self.said += 1;
        let word = format!("{}", self.said);
        tell(&mut self.socket, "message", &person.id.to_string(), &word).await;
        let heard = async {
            loop {
                // Presence of those who came and went is told as well.
                let frame = next(socket).await;
                if frame["type"] == "message" {
                    return frame["payload"]["message_id"].clone();
                }
                assert_eq!(frame["type"], "peer_online", "{frame}");
            }
        };
        assert_eq!(timeout(DEADLINE, heard).await.expect("heard"), word.as_str());
        tell(socket, "ack", &self.id, &word).await;
        let answered = async {
            loop {
                let frame = next(&mut self.socket).await;
                if frame["type"] == "ack" {
                    return frame["payload"]["message_id"].clone();
                }
                let kind = frame["type"].as_str().unwrap_or_default();
                assert!(["peer_online", "peer_disconnected"].contains(&kind), "{frame}");
            }
        };
        assert_eq!(timeout(DEADLINE, answered).await.expect("answered"), word.as_str());
    }
}

/// The people of an edge that stands still go to the other; when it goes on, they are still there.
async fn stands_still(
    deployment: &Deployment,
    people: &[Resident],
    witnesses: &[Resident],
    freeze: Duration,
) {
    let (frozen, other) = (deployment.url(0), deployment.url(1));
    let mut left = Vec::new();
    for person in people {
        left.push(connect(&frozen, &person.token).await.expect("let in"));
    }
    deployment.signal_edge(0, "-STOP");
    let mut moved = Vec::new();
    for (person, witness) in people.iter().zip(witnesses) {
        let socket = connect(&other, &person.token).await.expect("let in");
        moved.push((person, Witness::of(witness, &other).await, socket));
    }
    // pause: how long the edge stands still
    tokio::time::sleep(freeze).await;
    deployment.signal_edge(0, "-CONT");
    for old in left {
        ends(old).await;
    }
    // pause: whatever the edge still had to say has been said
    tokio::time::sleep(YOUTH).await;
    let count = moved.len();
    for (person, mut witness, mut socket) in moved {
        witness.reaches(person, &mut socket).await;
    }
    deployment.until_ready(0).await;
    say(&format!("an edge stood still for {freeze:?}: {count} of {count} live where they went"));
}

async fn tell(socket: &mut Socket, kind: &str, to: &str, word: &str) {
    let payload = json!({ "to": to, "message_id": word, "ciphertext": word, "nonce": "bm9uY2U=" });
    let frame = json!({ "type": kind, "payload": payload });
    socket.send(Message::text(frame.to_string())).await.unwrap();
}

/// The next document. Pings are answered by the client.
async fn next(socket: &mut Socket) -> Value {
    loop {
        let message = socket.next().await.expect("an open socket").unwrap();
        if !matches!(message, Message::Ping(_)) {
            return document(&message);
        }
    }
}
