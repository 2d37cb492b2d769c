//! HOST rules: somebody has the password of a role, or a broker lets anybody say anything. What
//! crosses the bus is malformed, cut, deep, of the wrong kind, too large, of another version; so
//! are the answers to what an edge asks. The seed of a run is printed where it fails;
//! `DHCHAT_HOSTILE_SEED` repeats it.

mod answerer;
mod payloads;
mod speaker;
mod world;

use crate::sockets::memory::kilobytes;
use crate::sockets::pair::{DOORS, Door};
use crate::support::broker::Broker;
use crate::support::chance::{Chance, count_panics, from_environment, panics, seed};
use crate::support::nats::Nats;
use crate::support::series::{judge, possible};
use crate::support::until;

use self::answerer::answer_all;
use self::payloads::Payloads;
use self::speaker::Speaker;
use self::world::{World, subject};

/// Messages of a run unless `DHCHAT_HOSTILE_FRAMES` says otherwise.
const MESSAGES: usize = 20_000;
/// Messages between two words of people who talk beside it.
const MESSAGES_A_ROUND: usize = 200;
/// Rounds between two of whatever takes long: a socket that is opened again, requests.
const ROUNDS_A_VISIT: usize = 5;

#[tokio::test]
async fn host1_hostile_messages_and_answers_break_nothing_and_leave_nothing() {
    count_panics();
    let messages = from_environment("DHCHAT_HOSTILE_FRAMES", MESSAGES);
    let seed = seed();
    let mut chance = Chance::of_this_run();
    for door in DOORS {
        hostile_run(door, messages / DOORS.len() / MESSAGES_A_ROUND, &mut chance).await;
    }
    assert_eq!(panics(), 0, "seed {seed}");
}

async fn hostile_run(door: Door, rounds: usize, chance: &mut Chance) {
    let seed = seed();
    let mut world = World::start(door).await;
    let possible = possible(&world.edges[0].metrics().await);
    let mut speaker = Speaker::listen(&mut world).await;
    let answers = tokio::spawn(answer_all(world.broker.url("actors")));
    let mut level = 0;
    for n in 0..rounds {
        for _ in 0..MESSAGES_A_ROUND {
            speaker.say(chance);
        }
        speaker.flush().await;
        world.people_talk(n).await;
        if n % ROUNDS_A_VISIT == 0 {
            world.mallory_comes_again().await;
            world.asks(chance).await;
        }
        if n == rounds / 4 {
            level = kilobytes("VmRSS");
        }
    }
    assert!(!answers.is_finished(), "nobody answers any more");
    answers.abort();
    world.people_talk(rounds).await;
    until("whatever cannot be read is counted", async || {
        let page = world.edges[0].metrics().await;
        let counted = figure(&page, "bus_messages_unreadable_total");
        // What finds a queue full is never read, and counted as lost.
        counted + figure(&page, "bus_messages_lost_total") >= speaker.surely_unreadable
    })
    .await;
    assert!(speaker.surely_unreadable > rounds, "{}", speaker.surely_unreadable);
    let after = kilobytes("VmRSS");
    assert!(after * 4 <= level * 5, "seed {seed}: {level} kB became {after} kB");
    judge(&possible, &world.edges[0].metrics().await);
    world.stop().await;
}

/// A counter, for all of its labels together.
fn figure(page: &str, name: &str) -> usize {
    let values = page.lines().filter_map(|line| {
        let rest = line.strip_prefix(name)?;
        rest.starts_with([' ', '{']).then(|| rest.rsplit(' ').next())?
    });
    let counted: Vec<usize> = values.map(|value| value.parse().unwrap()).collect();
    assert!(!counted.is_empty(), "no {name}");
    counted.iter().sum()
}

/// Headers that are none, to a client that reads headers.
const HEADERS: [&[u8]; 5] = [
    b"NATS/2.0\r\n\r\n",
    b"NATS/1.0 no number\r\n\r\n",
    b"NATS/1.0\r\nno colon\r\n\r\n",
    b"NATS/1.0\r\n\x01: a\r\n\r\n",
    b"NATS/1.0\r\nX-Trace-ID: \xff\xfe\r\n\r\n",
];

#[tokio::test]
async fn host2_headers_that_are_none_cost_a_connection_which_comes_back() {
    count_panics();
    let mut world = World::start(Door::Binary).await;
    let bob = subject("chat.peer", &world.bob);
    let mut hostile = Nats::open(&world.broker.url("edge")).await;
    for (n, headers) in HEADERS.into_iter().enumerate() {
        hostile.say_with_headers(&bob, headers, b"\xc1");
        hostile.flush().await;
        world.people_talk_again(n).await;
    }
    // And headers that say who nobody is: a refusal that the broker never gave.
    hostile.say_with_headers(&bob, b"NATS/1.0 503\r\n\r\n", b"");
    hostile.say_with_headers(&bob, b"NATS/1.0\r\nX-Trace-ID: short\r\n\r\n", b"\xc1");
    hostile.flush().await;
    world.people_talk_again(HEADERS.len()).await;
    assert_eq!(panics(), 0);
    world.stop().await;
}

/// Under the permissions of `nats/users.conf`, of which nothing here needs more than an edge has.
#[tokio::test]
async fn host1_somebody_with_the_password_of_an_edge_breaks_nothing_either() {
    count_panics();
    let broker = Broker::start().await;
    let mut world = World::start_on(broker, Door::Binary).await;
    let mut chance = Chance::of_this_run();
    let payloads = Payloads::read();
    let mut hostile = Nats::open(&world.broker.url("edge")).await;
    let subjects = ["chat.peer", "chat.bulk"];
    for n in 0..10 {
        for _ in 0..MESSAGES_A_ROUND / 2 {
            let subject = subject(chance.pick(&subjects), &world.bob);
            hostile.say(&subject, None, &payloads.any(&mut chance));
            hostile.say("auth.login", Some("_INBOX.edge.nobody"), &payloads.any(&mut chance));
        }
        hostile.flush().await;
        world.people_talk(n).await;
    }
    assert_eq!(panics(), 0);
    world.stop().await;
}
