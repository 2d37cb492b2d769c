//! Many people sign in at once while others talk: what that costs those who talk, and how soon
//! whoever finds no place is told.
//!
//! Quiet phases and storms take turns, so that both are measured on the same machine in the same
//! minutes. Each login comes from a network of its own, and no limit on logins is raised.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{sleep_until, timeout};

use crate::deployment::{Deployment, Plan, ROOT, variables};
use crate::provision::{PASSWORD, Provision, Resident};
use crate::servers::DEADLINE;
use crate::statistics::{median, milliseconds, quantile};
use crate::talk::{Exchange, Talk};
use crate::{hold_to_figures, number_from, say};

const COST: u32 = 12;
const WORD_EVERY: Duration = Duration::from_millis(200);
/// How much slower the slowest word in a hundred may be.
const RISE_MAX: f64 = 1.2;
const REFUSED_WITHIN: Duration = Duration::from_millis(100);

/// How much of it there is.
#[derive(Clone, Copy)]
struct Size {
    pairs: usize,
    logins: usize,
    rounds: u8,
    phase: Duration,
}

/// What came of a login.
struct Login {
    status: u16,
    took: Duration,
}

/// From when to when something was so.
#[derive(Clone, Copy)]
struct Phase {
    begun: Instant,
    ended: Instant,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn load2_a_storm_of_logins_is_answered_and_does_not_slow_those_who_talk() {
    let size = if hold_to_figures() {
        let rounds = number_from("DHCHAT_LOGINS_ROUNDS", 9);
        Size { pairs: 50, logins: 200, rounds, phase: Duration::from_secs(10) }
    } else {
        Size { pairs: 5, logins: 60, rounds: 1, phase: Duration::from_secs(1) }
    };
    let deployment = Deployment::planned(plan()).await;
    let url = deployment.postgres.url();
    let provision = Provision::with_passwords(&url, &ROOT, COST).await;
    let people = provision.residents("dave", size.logins).await;
    let talk = Talk::begin(&deployment, &provision, size.pairs, WORD_EVERY).await;

    let (mut logins, mut rounds) = (Vec::new(), Vec::new());
    for round in 0..size.rounds {
        let quiet = Phase::of(size.phase, async {}).await;
        let storm = async { logins.extend(storm(&deployment, &people, round).await) };
        let storm = Phase::of(size.phase, storm).await;
        rounds.push((quiet, storm));
    }
    let exchanges = talk.end().await;
    deployment.stop();
    report(&logins, &rounds, &exchanges);
    is_as_promised(&logins, &rounds, &exchanges);
}

/// Costs and limits of production, but for sockets: those who talk come from one address here.
fn plan() -> Plan {
    Plan {
        edges: 2,
        actors: variables(&[("DHCHAT_BCRYPT_COST", "12"), ("DHCHAT_HASH_THREADS", "1")]),
        edge: variables(&[("DHCHAT_LIMIT_GENERAL_PER_SECOND", "100000")]),
        ..Plan::default()
    }
}

impl Phase {
    /// Lasts this long, and for as long as `what` does; only its own time counts.
    async fn of(lasts: Duration, what: impl Future<Output = ()>) -> Self {
        let begun = Instant::now();
        let ended = begun + lasts;
        let wait_for_the_end = async {
            // pause: the length of a phase is what it is measured over
            sleep_until(ended.into()).await;
        };
        tokio::join!(what, wait_for_the_end);
        Self { begun, ended }
    }

    /// How long the words of this phase took, in milliseconds.
    fn words(&self, exchanges: &[Exchange]) -> Vec<f64> {
        let within = |e: &&Exchange| e.begun >= self.begun && e.begun < self.ended;
        exchanges.iter().filter(within).map(|e| milliseconds(e.took)).collect()
    }

    fn slowest_in_a_hundred(&self, exchanges: &[Exchange]) -> f64 {
        quantile(&self.words(exchanges), 0.99)
    }
}

/// Everybody signs in at once, each from a network of their own. They have a thread to themselves:
/// those who talk must not wait for each other's measurements.
async fn storm(deployment: &Deployment, people: &[Resident], round: u8) -> Vec<Login> {
    let (done, logins) = oneshot::channel();
    let names = people.iter().map(|person| person.name.clone());
    let edges = (0..deployment.edges()).map(|edge| deployment.address(edge)).cycle();
    let clients: Vec<(SocketAddr, String)> = edges.zip(names).collect();
    std::thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        drop(done.send(runtime.block_on(clients_log_in(clients, round))));
    });
    logins.await.expect("the thread ends by itself")
}

async fn clients_log_in(clients: Vec<(SocketAddr, String)>, round: u8) -> Vec<Login> {
    let mut under_way = JoinSet::new();
    for (n, (edge, name)) in (1_u32..).zip(clients) {
        let [.., high, low] = n.to_be_bytes();
        let from = Ipv4Addr::new(127, 10 + round, high, low);
        under_way.spawn(async move { log_in(edge, from, &name).await });
    }
    under_way.join_all().await
}

/// One request on a connection of its own, written by hand so that asking costs little.
async fn log_in(edge: SocketAddr, from: Ipv4Addr, name: &str) -> Login {
    let body = json!({ "username": name, "password": PASSWORD }).to_string();
    let request = format!(
        "POST /api/auth/login HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let begun = Instant::now();
    let ask = async {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from((from, 0)))?;
        let mut stream = socket.connect(edge).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    let answer = timeout(DEADLINE, ask).await.expect("an answer in time").unwrap();
    let took = begun.elapsed();
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.get(9..12).and_then(|digits| digits.parse().ok()).expect("a status");
    Login { status, took }
}

fn rises(rounds: &[(Phase, Phase)], exchanges: &[Exchange]) -> Vec<f64> {
    let rise = |(quiet, storm): &(Phase, Phase)| {
        storm.slowest_in_a_hundred(exchanges) / quiet.slowest_in_a_hundred(exchanges)
    };
    rounds.iter().map(rise).collect()
}

fn took(logins: &[Login], status: u16) -> Vec<f64> {
    let of = logins.iter().filter(|login| login.status == status);
    of.map(|login| milliseconds(login.took)).collect()
}

fn report(logins: &[Login], rounds: &[(Phase, Phase)], exchanges: &[Exchange]) {
    for (n, (quiet, storm)) in rounds.iter().enumerate() {
        let of = |phase: &Phase| {
            let words = phase.words(exchanges);
            let shares = [0.5, 0.9, 0.99, 1.0].map(|share| quantile(&words, share));
            let [half, nine, most, all] = shares;
            format!("{} words {half:.2} {nine:.2} {most:.2} {all:.2} ms", words.len())
        };
        say(&format!("round {n} (p50, p90, p99, max): quiet {}; storm {}", of(quiet), of(storm)));
    }
    let (admitted, refused) = (took(logins, 200), took(logins, 503));
    say(&format!(
        "p99 rises by {:.2} (median); {} signed in, the slowest after {:.0} ms; {} refused after \
         {:.1} ms (median), {:.1} ms (p99), {:.1} ms (all)",
        median(&rises(rounds, exchanges)),
        admitted.len(),
        quantile(&admitted, 1.0),
        refused.len(),
        median(&refused),
        quantile(&refused, 0.99),
        quantile(&refused, 1.0),
    ));
}

fn is_as_promised(logins: &[Login], rounds: &[(Phase, Phase)], exchanges: &[Exchange]) {
    let (admitted, refused) = (took(logins, 200), took(logins, 503));
    assert_eq!(admitted.len() + refused.len(), logins.len(), "nothing but let in or refused");
    assert!(!admitted.is_empty() && !refused.is_empty());
    assert!(median(&refused) < median(&admitted), "a refusal waits for no hash");
    if hold_to_figures() {
        let slowest = quantile(&refused, 1.0);
        assert!(slowest <= milliseconds(REFUSED_WITHIN), "refused after {slowest} ms");
        let rise = median(&rises(rounds, exchanges));
        assert!(rise <= RISE_MAX, "those who talk wait {rise} times as long");
    }
}
