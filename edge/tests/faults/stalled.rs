//! Readers that stop reading among many who talk: how much memory each of them costs, whether the
//! others notice, and whether those who talk to them are left alone.
//!
//! Phases in which everybody reads and phases in which those readers do not take turns; the same is
//! sent to them in both, so that only the reading differs.

mod reader;
mod sender;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinSet;

use self::reader::{Cuts, Mode};
use self::sender::{Feed, Told};
use crate::deployment::{Deployment, Plan, ROOT, variables};
use crate::provision::Provision;
use crate::servers::{DEADLINE, eventually};
use crate::statistics::{median, milliseconds, quantile};
use crate::talk::{Exchange, Talk};
use crate::{hold_to_figures, number_from, say};

/// How much slower the slowest word in a hundred may be.
const RISE_MAX: f64 = 1.1;
/// What a reader that does not read may cost.
const HELD_KIB_MAX: f64 = 1.1 * 1024.0;
/// How many fill each reader's queue of words: one alone fills half of it.
const FILL_EACH: usize = 3;
/// The edge of those who stall.
const THEIRS: usize = 1;
/// Nobody stalls for longer than this: 10 s, and as long as it takes to fill the system's buffers.
const CUT_WITHIN: Duration = Duration::from_secs(30);

/// How much of it there is.
#[derive(Clone, Copy)]
struct Size {
    readers: usize,
    pairs: usize,
    word_every: Duration,
    beat: Duration,
    rounds: usize,
    phase: Duration,
}

/// From when to when something was so.
#[derive(Clone, Copy)]
struct Phase {
    begun: Instant,
    ended: Instant,
}

/// Those who stall, and those who talk to them.
struct Crowd {
    readers: JoinSet<Cuts>,
    senders: JoinSet<()>,
    mode: watch::Sender<Mode>,
    feed: watch::Sender<Feed>,
    told: Arc<Told>,
    cut: Arc<AtomicUsize>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sock11_readers_that_stall_cost_little_and_nobody_else_notices() {
    let size = if hold_to_figures() {
        Size {
            readers: number_from("DHCHAT_STALLED_READERS", 200),
            pairs: number_from("DHCHAT_STALLED_PAIRS", 800),
            word_every: Duration::from_secs(4),
            beat: Duration::from_secs(1),
            rounds: number_from("DHCHAT_STALLED_ROUNDS", 5),
            phase: Duration::from_secs(20),
        }
    } else {
        Size {
            readers: 20,
            pairs: 20,
            word_every: Duration::from_millis(200),
            beat: Duration::from_millis(500),
            rounds: 1,
            phase: Duration::from_secs(2),
        }
    };
    let edge = variables(&[
        ("DHCHAT_LIMIT_GENERAL_PER_SECOND", "100000"),
        ("DHCHAT_PUBLIC_URL", "http://localhost:8080"),
    ]);
    let deployment = Deployment::planned(Plan { edge, ..Plan::default() }).await;
    let provision = Provision::open(&deployment.postgres.url(), &ROOT).await;
    let crowd = Crowd::gather(&deployment, &provision, size.readers).await;
    let talk = Talk::begin(&deployment, &provision, size.pairs, size.word_every).await;

    // First of all: memory that was needed once stays with the process, and would hide the rest.
    let held = crowd.fill(&deployment, size).await;
    let mut rounds = Vec::new();
    for _ in 0..size.rounds {
        crowd.feed.send_replace(Feed::Beat(size.beat));
        crowd.mode.send_replace(Mode::Reads);
        let reading = Phase::of(size.phase).await;
        crowd.mode.send_replace(Mode::Stalls);
        rounds.push((reading, Phase::of(size.phase).await));
    }
    let cuts = crowd.until_cut_and_gone().await;
    let exchanges = talk.end().await;
    let counted = cuts_counted(&deployment).await;
    deployment.stop();

    say(&format!("{} readers that stall hold {held:.0} KiB each", size.readers));
    report(&rounds, &exchanges, &cuts);
    assert!(held <= HELD_KIB_MAX, "a reader that does not read holds {held} KiB");
    // Who comes again has been cut before, and who is cut is counted by then.
    assert!(counted >= size.readers, "{} cuts, and {counted} are counted", cuts.len());
    let slowest = cuts.iter().max().expect("somebody was cut");
    assert!(*slowest <= CUT_WITHIN, "a reader was cut only after {slowest:?}");
    if hold_to_figures() {
        let rise = median(&rises(&rounds, &exchanges));
        assert!(rise <= RISE_MAX, "those who talk wait {rise} times as long");
    }
}

impl Phase {
    async fn of(lasts: Duration) -> Self {
        let begun = Instant::now();
        // pause: the length of a phase is what it is measured over
        tokio::time::sleep(lasts).await;
        Self { begun, ended: Instant::now() }
    }

    /// How long the words of this phase took, in milliseconds.
    fn words(&self, exchanges: &[Exchange]) -> Vec<f64> {
        let within = |e: &&Exchange| e.begun >= self.begun && e.begun < self.ended;
        exchanges.iter().filter(within).map(|e| milliseconds(e.took)).collect()
    }
}

impl Crowd {
    /// Readers on one edge, a sender for each on the other. Nobody says anything yet.
    async fn gather(deployment: &Deployment, provision: &Provision, count: usize) -> Self {
        let (mode, feed) = (watch::Sender::new(Mode::Reads), watch::Sender::new(Feed::Nothing));
        let (told, cut) = (Arc::new(Told::nothing()), Arc::new(AtomicUsize::new(0)));
        let (mut readers, mut senders) = (JoinSet::new(), JoinSet::new());
        let mut ids = Vec::new();
        for n in 0..count {
            let reads = provision.resident(&format!("reader-{n}")).await;
            ids.push(reads.id.to_string());
            let address = deployment.address(THEIRS);
            readers.spawn(reader::read(address, reads, mode.subscribe(), Arc::clone(&cut)));
        }
        for n in 0..count {
            let sends = provision.resident(&format!("sender-{n}")).await;
            let to = (n..n + FILL_EACH).map(|reader| ids[reader % count].clone()).collect();
            let (told, address) = (Arc::clone(&told), deployment.address(0));
            senders.spawn(sender::send(address, sends, to, feed.subscribe(), told));
        }
        Self { readers, senders, mode, feed, told, cut }
    }

    /// Fills every reader's queues while none of them reads; how many KiB of the edge's memory each
    /// of them costs.
    async fn fill(&self, deployment: &Deployment, size: Size) -> f64 {
        let pid = deployment.edge_pid(THEIRS);
        self.feed.send_replace(Feed::Nothing);
        self.mode.send_replace(Mode::Reads);
        until_level(pid).await;
        let (before, system) = (kib(pid), system_kib());
        self.mode.send_replace(Mode::Stalls);
        self.feed.send_replace(Feed::Full);
        let mut most = before;
        let all_filled = async {
            while self.told.filled.load(Ordering::Relaxed) < size.readers {
                most = most.max(kib(pid));
                // pause: the highest of many looks is the figure
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(DEADLINE, all_filled).await.expect("every reader's queue is full");
        for _ in 0..50 {
            most = most.max(kib(pid));
            // pause: the last words are still under way
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        say(&format!(
            "the edge had {before:.0} KiB and has {most:.0}; the system's buffers of all sockets here \
             went from {system:.0} to {:.0} KiB",
            system_kib()
        ));
        (most - before) / as_f64(size.readers)
    }

    /// Waits until the readers that stall have been cut, then ends everybody.
    async fn until_cut_and_gone(self) -> Vec<Duration> {
        let (before, readers) = (self.cut.load(Ordering::Relaxed), self.readers.len());
        self.feed.send_replace(Feed::Beat(Duration::from_secs(1)));
        eventually("every reader that stalls is cut", async || {
            (self.cut.load(Ordering::Relaxed) >= before + readers).then_some(())
        })
        .await;
        self.feed.send_replace(Feed::Goes);
        self.senders.join_all().await;
        self.mode.send_replace(Mode::Goes);
        let cuts = self.readers.join_all().await;
        say(&format!(
            "senders, none of whom was closed, had {} chunks refused and heard {} times that their \
             reader was away",
            self.told.refused.load(Ordering::Relaxed),
            self.told.away.load(Ordering::Relaxed),
        ));
        cuts.into_iter().flat_map(|cuts| cuts.0).collect()
    }
}

/// How many clients the edge of the readers says that it cut because they read nothing.
async fn cuts_counted(deployment: &Deployment) -> usize {
    let page = deployment.edge_metrics(THEIRS).await;
    let name = "chat_websocket_disconnections_total{reason=\"";
    let ends: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix(name)).collect();
    say(&format!("the edge of the readers counts {ends:?}"));
    let count = ends.iter().find_map(|end| end.strip_prefix("slow_reader\"} ")).expect("a figure");
    count.parse().expect("a number")
}

/// What the system says a process has in memory.
fn kib(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a size");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// What the system's own buffers of all TCP connections take.
fn system_kib() -> f64 {
    let sockets = std::fs::read_to_string("/proc/net/sockstat").unwrap();
    let pages = sockets.split_once("TCP:").and_then(|(_, tcp)| tcp.split_once("mem "));
    let pages = pages.and_then(|(_, rest)| rest.split_whitespace().next()).expect("pages");
    4.0 * pages.parse::<f64>().expect("a number")
}

/// Returns when a process neither grows nor shrinks.
async fn until_level(pid: u32) {
    let mut last = 0.0;
    eventually("the edge has settled", async || {
        // pause: what has settled is the same after a while
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = kib(pid);
        let is_level = f64::abs(now - last) <= 0.01 * now;
        last = now;
        is_level.then_some(())
    })
    .await;
}

fn rises(rounds: &[(Phase, Phase)], exchanges: &[Exchange]) -> Vec<f64> {
    let slowest = |phase: &Phase| quantile(&phase.words(exchanges), 0.99);
    rounds.iter().map(|(reading, stalling)| slowest(stalling) / slowest(reading)).collect()
}

fn report(rounds: &[(Phase, Phase)], exchanges: &[Exchange], cuts: &[Duration]) {
    for (n, (reading, stalling)) in rounds.iter().enumerate() {
        let of = |phase: &Phase| {
            let words = phase.words(exchanges);
            let [half, most, all] = [0.5, 0.99, 1.0].map(|share| quantile(&words, share));
            format!("{} words {half:.2} {most:.2} {all:.2} ms", words.len())
        };
        let (reading, stalling) = (of(reading), of(stalling));
        say(&format!("round {n} (p50, p99, max): all read {reading}; some stall {stalling}"));
    }
    let seconds: Vec<f64> = cuts.iter().map(Duration::as_secs_f64).collect();
    let [first, last] = [0.0, 1.0].map(|share| quantile(&seconds, share));
    say(&format!(
        "p99 rises by {:.2} (median); readers were cut {} times, {first:.1} to {last:.1} s after they \
         began to stall",
        median(&rises(rounds, exchanges)),
        cuts.len(),
    ));
}

fn as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("few"))
}
