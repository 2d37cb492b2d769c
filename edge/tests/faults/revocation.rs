//! What was revoked is good nowhere: three edges, three replicas of auth, and an edge that is cut
//! off or stands still while somebody on it goes on speaking.
//!
//! A round is one person who is signed in, speaks, and is revoked in one of five ways; as soon as
//! that has returned, the token is tried on every edge, by HTTP and by socket.

mod attempt;
mod listener;
mod speaker;

use std::time::{Duration, Instant};

use bus_schemas::limit::REVOKED_WAIT_MS;
use futures_util::future::join_all;
use reqwest::{Client, Method};
use serde_json::json;

use crate::deployment::{Deployment, Lines, Plan, ROOT, variables};
use crate::provision::{PASSWORD, Provision, Resident};
use crate::{hold_to_figures, number_from, say};

use attempt::Attempts;
use listener::Listener;
use speaker::Speaker;

const EDGES: usize = 3;
/// The lowest cost: this is not about passwords.
const COST: u32 = 4;
/// Rounds without a fault, and rounds with one.
const HEALTHY: usize = 32;
const FAULTY: usize = 8;
/// Rounds that share one fault.
const PER_FAULT: usize = 4;

/// The promised times.
const RETURNS_WITHIN_P99: Duration = Duration::from_millis(50);
const CLOSES_WITHIN: Duration = Duration::from_secs(1);

/// How a person's access ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The token alone.
    Revoke,
    LogOut,
    /// From another device of theirs.
    Device,
    Password,
    Account,
}

const ENDS: [End; 5] = [End::Revoke, End::LogOut, End::Device, End::Password, End::Account];

/// What is wrong with one edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// Its line to the broker passes nothing, and says nothing.
    Stalled,
    /// Its line is reset, again and again.
    Broken,
    /// Its process stands still.
    Frozen,
}

const FAULTS: [Fault; 3] = [Fault::Stalled, Fault::Frozen, Fault::Broken];

/// Everything that runs.
struct World {
    deployment: Deployment,
    provision: Provision,
    http: Client,
    listeners: Vec<Listener>,
    next: usize,
}

/// What one round came to.
struct Round {
    end: End,
    returned: Instant,
    took: Duration,
    speaker: Speaker,
    attempts: Attempts,
}

/// What all rounds came to.
#[derive(Default)]
struct Figures {
    healthy: Vec<(End, Duration)>,
    faulty: Vec<Duration>,
    attempts: usize,
    closed: Vec<Duration>,
    heard: usize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn revoke7_what_was_revoked_is_good_nowhere_whatever_stands_still() {
    let healthy = number_from("DHCHAT_ROUNDS", HEALTHY);
    let faulty = number_from("DHCHAT_ROUNDS_WITH_FAULT", FAULTY);
    let per_fault = number_from("DHCHAT_ROUNDS_PER_FAULT", PER_FAULT);
    let mut world = World::start().await;
    let mut figures = Figures::default();
    for round in 0..healthy {
        world.healthy_round(ENDS[round % ENDS.len()], &mut figures).await;
    }
    figures.no_edge_was_silent();
    for batch in 0..faulty / per_fault {
        let (fault, edge) = (FAULTS[batch % FAULTS.len()], batch % EDGES);
        world.faulty_rounds(fault, edge, per_fault, &mut figures).await;
    }
    figures.report();
    world.deployment.nothing_was_forbidden().await;
    world.deployment.stop();
}

impl World {
    async fn start() -> Self {
        let deployment = Deployment::planned(Plan {
            edges: EDGES,
            replicas: 3,
            lines: Lines::Cuttable,
            actors: variables(&[("DHCHAT_GUESSES_FREE", "1000000")]),
            edge: variables(&[("DHCHAT_LIMIT_GENERAL_PER_SECOND", "100000")]),
            ..Plan::default()
        })
        .await;
        let url = deployment.postgres.url();
        let provision = Provision::with_passwords(&url, &ROOT, COST).await;
        let mut listeners = Vec::new();
        for edge in 0..EDGES {
            let resident = provision.resident(&format!("listener-{edge}")).await;
            listeners.push(Listener::start(&deployment.url(edge), resident).await);
        }
        Self { deployment, provision, http: Client::new(), listeners, next: 0 }
    }

    /// Somebody new who speaks at this edge to everybody who listens.
    async fn speaker(&mut self, edge: usize) -> Speaker {
        self.next += 1;
        let resident = self.provision.resident(&format!("speaker-{}", self.next)).await;
        let listeners: Vec<&Resident> = self.listeners.iter().map(Listener::resident).collect();
        Speaker::start(&self.deployment.url(edge), resident, &listeners).await
    }

    async fn healthy_round(&mut self, end: End, figures: &mut Figures) {
        let speaker = self.speaker(self.next % EDGES).await;
        self.until_heard(&speaker).await;
        let mut round = [self.end(end, self.next % EDGES, speaker).await];
        figures.healthy.push((end, round[0].took));
        self.settle(&round, None).await;
        figures.closed.push(round[0].closed().await);
        figures.attempts += round[0].none_was_accepted("all is well").await;
        self.hears_nothing_more(&round, figures);
    }

    /// Several people at once, some of them on the edge that something is wrong with.
    async fn faulty_rounds(
        &mut self,
        fault: Fault,
        edge: usize,
        rounds: usize,
        figures: &mut Figures,
    ) {
        let mut speakers = Vec::new();
        for round in 0..rounds {
            // Every third one is elsewhere.
            let at = if round % 3 == 2 { (edge + 1) % EDGES } else { edge };
            let speaker = self.speaker(at).await;
            self.until_heard(&speaker).await;
            speakers.push(speaker);
        }
        self.begin(fault, edge);
        // Words that are on their way when their speaker ends are what is hard.
        self.until_some_time_has_passed().await;
        let ended = speakers.into_iter().enumerate().map(|(round, speaker)| {
            let asked = [(edge + 1) % EDGES, (edge + 2) % EDGES][round % 2];
            self.end(ENDS[round % ENDS.len()], asked, speaker)
        });
        let mut ended = join_all(ended).await;
        self.settle(&ended, Some(edge)).await;
        self.until_some_time_has_passed().await;
        self.mend(fault, edge);
        for round in &mut ended {
            figures.faulty.push(round.took);
            let elapsed = round.closed().await;
            if !round.speaker.is_at(&self.deployment.url(edge)) {
                figures.closed.push(elapsed);
            }
            figures.attempts += round.none_was_accepted(&format!("{fault:?}")).await;
        }
        self.deployment.until_ready(edge).await;
        self.hears_nothing_more(&ended, figures);
        for listener in &mut self.listeners {
            listener.comes_back_if_gone().await;
        }
    }

    fn begin(&self, fault: Fault, edge: usize) {
        match fault {
            Fault::Stalled => self.deployment.line(edge).stall(),
            Fault::Broken => self.deployment.line(edge).break_off(),
            Fault::Frozen => self.deployment.signal_edge(edge, "-STOP"),
        }
    }

    fn mend(&self, fault: Fault, edge: usize) {
        match fault {
            Fault::Stalled | Fault::Broken => self.deployment.line(edge).mend(),
            Fault::Frozen => self.deployment.signal_edge(edge, "-CONT"),
        }
    }

    async fn until_heard(&self, speaker: &Speaker) {
        for listener in &self.listeners {
            listener.until_heard(speaker.id()).await;
        }
    }

    /// Returns when whatever was passed on before this call has been heard. Who listens at an edge
    /// that stands still can only look whether anything waits.
    async fn settle(&self, rounds: &[Round], silent: Option<usize>) {
        for (edge, listener) in self.listeners.iter().enumerate() {
            if silent == Some(edge) {
                listener.looks().await;
            } else {
                listener.asks().await;
            }
            listener.is_over_for(rounds.iter().map(|round| round.speaker.id()));
        }
    }

    /// Long enough for words to be said and for somebody careless to pass them on, short enough
    /// for the client of a stalled line not to have given it up.
    async fn until_some_time_has_passed(&self) {
        // pause: the time in which an edge is cut off is what is tested
        tokio::time::sleep(Duration::from_millis(200)).await;
    }

    /// Ends somebody's access by way of this edge.
    async fn end(&self, end: End, edge: usize, speaker: Speaker) -> Round {
        let url = |path: &str| format!("{}{path}", self.deployment.url(edge));
        let victim = speaker.resident();
        let other = match end {
            End::Revoke | End::LogOut => victim.clone(),
            End::Device | End::Password | End::Account => {
                self.provision.another_login(victim).await
            }
        };
        let request = match end {
            End::Revoke => self.http.post(url("/api/auth/revoke")).bearer_auth(&victim.token),
            End::LogOut => self.http.post(url("/api/auth/logout")).header("cookie", &victim.cookie),
            End::Device => {
                let path = format!("/api/auth/logins/{}", victim.login);
                self.http.delete(url(&path)).bearer_auth(&other.token)
            }
            End::Password => {
                let passwords =
                    json!({ "old_password": PASSWORD, "new_password": "another horse 8" });
                self.http.post(url("/api/auth/password")).bearer_auth(&other.token).json(&passwords)
            }
            End::Account => {
                let request = self.http.request(Method::DELETE, url("/api/auth/account"));
                request.bearer_auth(&other.token).json(&json!({ "password": PASSWORD }))
            }
        };
        let begun = Instant::now();
        let answer = request.send().await.unwrap();
        let returned = Instant::now();
        let attempts = Attempts::begin(&self.deployment, &speaker);
        let status = answer.status();
        assert_eq!(status, 204, "{end:?}: {}", answer.text().await.unwrap());
        Round { end, returned, took: returned - begun, speaker, attempts }
    }

    /// Nothing was said after the end that anybody heard, and nothing was heard after everybody had
    /// heard whatever was passed on by then.
    fn hears_nothing_more(&self, rounds: &[Round], figures: &mut Figures) {
        for (edge, listener) in self.listeners.iter().enumerate() {
            for round in rounds {
                let heard = listener.heard_from(&round.speaker.id());
                figures.heard += heard.len();
                for word in heard {
                    let said = round.speaker.said_at(word.n);
                    let when = format!(
                        "at edge {edge} {:?} after the end, said {:?} before: {round}",
                        word.at.saturating_duration_since(round.returned),
                        round.returned.saturating_duration_since(said),
                    );
                    assert!(said <= round.returned, "said after the end, and heard {when}");
                    assert!(!word.is_late, "passed on after the end, {when}");
                }
            }
        }
    }
}

impl Round {
    async fn none_was_accepted(&mut self, with: &str) -> usize {
        let what = format!("{self} ({with})");
        self.attempts.none_was_accepted(&what).await
    }

    /// How long after the end the socket closed; nothing if it was before.
    async fn closed(&self) -> Duration {
        self.speaker.until_closed().await.saturating_duration_since(self.returned)
    }
}

impl std::fmt::Display for Round {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} of {}", self.end, self.speaker.resident().name)
    }
}

impl Figures {
    /// Nobody waited for an edge that is there.
    fn no_edge_was_silent(&self) {
        let wait = Duration::from_millis(REVOKED_WAIT_MS);
        let waited = self.healthy.iter().filter(|(_, took)| *took >= wait).count();
        assert!(waited == 0, "{waited} of {} waited for silent edges", self.healthy.len());
    }

    fn report(&self) {
        let all: Vec<Duration> = self.healthy.iter().map(|(_, took)| *took).collect();
        for end in ENDS {
            let of = self.healthy.iter().filter(|(other, _)| *other == end);
            say(&format!("{end:?} returned after {}", spread(of.map(|(_, took)| *took).collect())));
        }
        let slowest = self.closed.iter().max().copied().unwrap_or_default();
        say(&format!(
            "revocation: {} rounds without a fault, returned after {}; {} rounds with an edge \
             away, {:?} at most; 0 of {} uses accepted; {} words heard, none of them late; sockets \
             on reachable edges closed within {slowest:?}",
            all.len(),
            spread(all),
            self.faulty.len(),
            self.faulty.iter().max().copied().unwrap_or_default(),
            self.attempts,
            self.heard,
        ));
        assert!(self.heard > 0, "somebody was heard while they were good");
        if hold_to_figures() {
            // A password is hashed first, by threads that give way to everybody.
            let hashes = |end: End| matches!(end, End::Password | End::Account);
            let quick = self.healthy.iter().filter(|(end, _)| !hashes(*end));
            assert!(part(quick.map(|(_, took)| *took).collect(), 99) <= RETURNS_WITHIN_P99);
            assert!(slowest <= CLOSES_WITHIN);
        }
    }
}

/// How long it took in the middle, and for the slowest in a hundred.
fn spread(took: Vec<Duration>) -> String {
    format!(
        "{:?} (p50), {:?} (p99), {:?} at most",
        part(took.clone(), 50),
        part(took.clone(), 99),
        part(took, 100)
    )
}

/// What so many in a hundred stay within.
fn part(mut took: Vec<Duration>, hundredths: usize) -> Duration {
    took.sort();
    let place = (took.len() * hundredths / 100).min(took.len().saturating_sub(1));
    took.get(place).copied().unwrap_or_default()
}
