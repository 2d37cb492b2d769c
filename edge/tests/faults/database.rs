//! The database goes away under load and comes back: what is refused, how soon, what the circuit
//! breaker shows, and that nobody who talks notices.

use std::time::{Duration, Instant};

use tokio::task::block_in_place;

use crate::calls::{Asked, Calls, KINDS};
use crate::deployment::{Deployment, Plan, ROOT, variables};
use crate::provision::Provision;
use crate::servers::{Postgres, eventually};
use crate::talk::{Exchange, Talk};
use crate::{hold_to_figures, say};

/// Everything generous: the breaker is asked here, and no limit.
fn plan() -> Plan {
    Plan {
        edges: 2,
        actors: variables(&[("DHCHAT_GUESSES_FREE", "1000000")]),
        edge: variables(&[
            ("DHCHAT_LIMIT_LOGIN_PER_SECOND", "100000"),
            ("DHCHAT_LIMIT_GENERAL_PER_SECOND", "100000"),
            ("DHCHAT_LIMIT_PAIR_PER_MINUTE", "1000000"),
        ]),
        ..Plan::default()
    }
}

const COST: u32 = 4;
const PAIRS: usize = 10;
const WORD_EVERY: Duration = Duration::from_millis(100);
/// Each of signing in, refreshing and searching.
const ASKED_EVERY: Duration = Duration::from_millis(200);

/// Failures in a row that open the breaker.
const FAILURES: u64 = 5;
/// The promised times.
const FIRST_FAIL_WITHIN: Duration = Duration::from_secs(5);
const REFUSED_WITHIN: Duration = Duration::from_millis(500);
const NORMAL_WITHIN: Duration = Duration::from_secs(31);
const OPEN_FOR: Duration = Duration::from_secs(30);
/// What a call takes besides the 5 s that the database is given.
const ON_THE_WAY: Duration = Duration::from_millis(250);
/// How long a word and its answer may take while the database is away.
const EXCHANGE_WITHIN: Duration = Duration::from_secs(1);

/// What the breaker showed, and since when.
#[derive(Clone, Copy, Debug)]
struct Shown {
    at: Instant,
    state: u64,
    failures: u64,
}

/// All that happened around one outage.
struct Outage {
    /// When the server was told to go, and when it had come back.
    gone: Instant,
    back: Instant,
    asked: Vec<Asked>,
    shown: Vec<Shown>,
    exchanges: Vec<Exchange>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fault1_fault4_a_database_that_stops_is_given_up_after_five_calls_and_tried_again() {
    let lasts = Duration::from_secs(if hold_to_figures() { 30 } else { 3 });
    let outage = suffer(lasts, Postgres::stop, Postgres::start).await;
    outage.report("stopped");
    outage.is_as_promised();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fault5_a_database_that_hangs_is_treated_like_one_that_stopped() {
    // Back just after a trial has failed, so that the next one is as far off as it can be.
    let lasts = Duration::from_secs(if hold_to_figures() { 35 } else { 3 });
    let outage = suffer(lasts, Postgres::pause, Postgres::resume).await;
    outage.report("hanging");
    outage.is_as_promised();
    if hold_to_figures() {
        assert_eq!(outage.trials_that_failed(), 1, "one trial at a time: {:?}", outage.shown);
    }
}

async fn suffer(lasts: Duration, away: fn(&Postgres), back: fn(&Postgres)) -> Outage {
    let deployment = Deployment::planned(plan()).await;
    let url = deployment.postgres.url();
    let provision = Provision::with_passwords(&url, &ROOT, COST).await;
    let talk = Talk::begin(&deployment, &provision, PAIRS, WORD_EVERY).await;
    let calls = Calls::begin(deployment.url(0), &provision, ASKED_EVERY).await;
    let mut shown = Vec::new();
    until_seen(&deployment, &mut shown, |_| calls.so_far().len() >= 30).await;

    let gone = Instant::now();
    block_in_place(|| away(&deployment.postgres));
    until_seen(&deployment, &mut shown, |_| gone.elapsed() >= lasts).await;
    block_in_place(|| back(&deployment.postgres));
    let back = Instant::now();
    until_seen(&deployment, &mut shown, |shown| shown.state == 0 && is_normal(&calls, back)).await;

    let (asked, exchanges) = (calls.end().await, talk.end().await);
    deployment.stop();
    Outage { gone, back, asked, shown, exchanges }
}

/// Looks at the breaker until something is so.
async fn until_seen(
    deployment: &Deployment,
    shown: &mut Vec<Shown>,
    is_so: impl Fn(&Shown) -> bool,
) {
    eventually("the outage goes on", async || {
        let now = Shown::read(&deployment.actors_metrics().await);
        let changed = shown
            .last()
            .is_none_or(|last| (last.state, last.failures) != (now.state, now.failures));
        if changed {
            shown.push(now);
        }
        is_so(&now).then_some(())
    })
    .await;
}

/// The last answers of two seconds were good ones.
fn is_normal(calls: &Calls, back: Instant) -> bool {
    let since = |asked: &&Asked| asked.begun >= back && asked.begun.elapsed().as_secs() < 2;
    let lately: Vec<Asked> = calls.so_far().iter().filter(since).cloned().collect();
    lately.len() >= 20 && lately.iter().all(Asked::is_good)
}

impl Shown {
    fn read(metrics: &str) -> Self {
        let value = |name: &str| {
            let series = format!("{name}{{name=\"database\"}} ");
            let line = metrics.lines().find_map(|line| line.strip_prefix(&series));
            line.expect("the breaker is shown").parse().expect("a whole number")
        };
        Self {
            at: Instant::now(),
            state: value("circuit_breaker_state"),
            failures: value("circuit_breaker_failures_total"),
        }
    }
}

impl Outage {
    /// When the breaker was first seen open.
    fn opened(&self) -> Instant {
        self.shown.iter().find(|shown| shown.state == 1).expect("it opened").at
    }

    /// When it was seen to open for the last time before this moment.
    fn opened_before(&self, moment: Instant) -> Instant {
        let mut pairs = self.shown.windows(2).rev().filter(|pair| pair[1].at < moment);
        let opening = pairs.find(|pair| pair[0].state != 1 && pair[1].state == 1);
        opening.expect("it opened")[1].at
    }

    /// When the first call was made from which on all were answered well.
    fn normal(&self) -> Instant {
        let last_bad = self.asked.iter().rposition(|asked| !asked.is_good()).expect("an outage");
        self.asked.get(last_bad + 1).expect("it came to its end").begun
    }

    /// Calls that failed while the breaker tried.
    fn trials_that_failed(&self) -> u64 {
        let opened = self.opened();
        // Whatever was under way when it opened has failed by now.
        let settled = opened + FIRST_FAIL_WITHIN + ON_THE_WAY;
        let before = self.shown.iter().rev().find(|shown| shown.at <= settled);
        let last = self.shown.last().expect("it was looked at").failures;
        last - before.expect("it was looked at").failures
    }

    fn is_as_promised(&self) {
        let opened = self.opened();
        let (normal, bad) = (self.normal(), self.asked.iter().filter(|asked| !asked.is_good()));
        for asked in bad {
            assert!(asked.is_refused(), "{asked:?}");
            assert!(asked.begun + asked.took >= self.gone, "before the outage: {asked:?}");
        }
        for shown in &self.shown {
            assert!(shown.failures >= FAILURES || shown.state == 0, "{shown:?}");
        }
        let refused = |asked: &&Asked| asked.begun >= opened && asked.begun < self.back;
        let refused: Vec<&Asked> = self.asked.iter().filter(refused).collect();
        assert!(refused.iter().all(|asked| asked.is_refused()), "while it was open");
        for kind in KINDS {
            assert!(refused.iter().any(|asked| asked.kind == kind), "{kind:?} while it was open");
        }
        if hold_to_figures() {
            self.is_in_time(opened, normal);
        }
    }

    fn is_in_time(&self, opened: Instant, normal: Instant) {
        let mut slow_after_opening = 0;
        for asked in self.asked.iter().filter(|asked| !asked.is_good()) {
            assert!(asked.took <= FIRST_FAIL_WITHIN + ON_THE_WAY, "{asked:?}");
            slow_after_opening += u64::from(asked.begun > opened && asked.took > REFUSED_WITHIN);
        }
        // Only whoever is the trial waits.
        assert!(slow_after_opening <= self.trials_that_failed(), "{slow_after_opening} waited");
        assert!(normal.saturating_duration_since(self.back) <= NORMAL_WITHIN);
        for pair in self.shown.windows(2).filter(|pair| pair[0].state == 1 && pair[1].state != 1) {
            assert!(pair[1].at - self.opened_before(pair[1].at) + ON_THE_WAY >= OPEN_FOR);
        }
        let slowest = self.slowest_exchange();
        assert!(slowest <= EXCHANGE_WITHIN, "a word took {slowest:?}");
    }

    /// Of those that began during the outage.
    fn slowest_exchange(&self) -> Duration {
        let during = self.exchanges.iter().filter(|e| e.begun >= self.gone && e.begun < self.back);
        during.map(|exchange| exchange.took).max().expect("people talked")
    }

    /// The figures of a run, for whoever writes them down.
    fn report(&self, how: &str) {
        let since = |moment: Instant| moment.saturating_duration_since(self.gone);
        let (opened, normal) = (self.opened(), self.normal());
        let bad = |from: Instant, to: Instant| {
            let of =
                self.asked.iter().filter(move |a| !a.is_good() && a.begun >= from && a.begun < to);
            let slowest = of.clone().map(|asked| asked.took).max().unwrap_or_default();
            format!("{} refused, the slowest after {slowest:?}", of.count())
        };
        say(&format!(
            "database {how}: back after {:?}; opened after {:?} (until then {}; then {}); normal \
             {:?} after its return; trials that failed {}; {} words exchanged, the slowest of the outage {:?}",
            since(self.back),
            since(opened),
            bad(self.gone, opened),
            bad(opened, normal),
            normal.saturating_duration_since(self.back),
            self.trials_that_failed(),
            self.exchanges.len(),
            self.slowest_exchange(),
        ));
    }
}
