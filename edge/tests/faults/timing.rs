//! Whether time tells a name that somebody has from one that nobody has: wrong passwords for both
//! in one random order, and Welch's t of how long the answers took.
//!
//! Two controls say what the figure is worth. Known names against known names must be within
//! noise, or the noise is not even; and accounts whose hash costs one step more than is configured
//! must stand out, or the tool is blind.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::chance::Chance;
use crate::deployment::{Deployment, Plan, ROOT, variables};
use crate::provision::Provision;
use crate::statistics::{Moments, median, milliseconds, quantile, welch};
use crate::{hold_to_figures, number_from, say};

/// What two samples may differ by, in standard errors.
const T_MAX: f64 = 4.5;
/// As many logins at once.
const AT_ONCE: [usize; 2] = [1, 8];
/// Of each kind; a name is asked for twice, so that its first and later guesses count alike.
const ASKED_PER_NAME: usize = 2;
/// Slower answers than this share are left out of the second figure: one stall of the machine
/// would hide what most answers say.
const CROPPED_AT: f64 = 0.9;
const WRONG: &str = "wrong horse 8";
const SEED: u64 = 10;

/// How a name is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Known,
    Unknown,
    /// Known, with a hash that costs more than is configured.
    Dear,
}

/// How long the answers took, in milliseconds, in the order in which they were asked for.
#[derive(Default)]
struct Times {
    known: Vec<f64>,
    unknown: Vec<f64>,
    dear: Vec<f64>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn load1_an_unknown_name_takes_as_long_as_a_wrong_password() {
    let (cost, logins) = if hold_to_figures() { (12, 2_000) } else { (8, 40) };
    let cost = number_from("DHCHAT_TIMING_COST", cost);
    let logins = number_from("DHCHAT_TIMING_LOGINS", logins);
    let deployment = Deployment::planned(plan(cost)).await;
    people(&deployment, cost, logins).await;
    let mut chance = Chance::new(SEED);
    let only = number_from("DHCHAT_TIMING_AT_ONCE", 0);
    for at_once in AT_ONCE.into_iter().filter(|at_once| [0, *at_once].contains(&only)) {
        let names = mixed(&mut chance, logins, 0);
        let times = ask(&deployment, names, at_once).await;
        times.judge(&mut chance, &format!("cost {cost}, {at_once} at once"));
    }
    if hold_to_figures() {
        let names = mixed(&mut chance, logins / 4, logins / 4);
        let times = ask(&deployment, names, 1).await;
        let t = welch(&times.known, &times.dear);
        say(&format!("control, hashes of cost {}: t = {t:.1}", cost + 1));
        assert!(t.abs() > T_MAX, "the tool is blind: {t}");
    }
    deployment.stop();
}

/// One hashing thread, as on a small machine, whatever this one is. The limits are not asked here.
fn plan(cost: u32) -> Plan {
    let mut actors = variables(&[("DHCHAT_GUESSES_FREE", "1000000"), ("DHCHAT_HASH_THREADS", "1")]);
    actors.push(("DHCHAT_BCRYPT_COST", cost.to_string()));
    let edge = variables(&[
        ("DHCHAT_LIMIT_LOGIN_PER_SECOND", "100000"),
        ("DHCHAT_LIMIT_PAIR_PER_MINUTE", "1000000"),
        ("DHCHAT_LIMIT_GENERAL_PER_SECOND", "100000"),
    ]);
    Plan { edges: 1, actors, edge, ..Plan::default() }
}

async fn people(deployment: &Deployment, cost: u32, logins: usize) {
    let url = deployment.postgres.url();
    let usual = Provision::with_passwords(&url, &ROOT, cost).await;
    let dear = Provision::with_passwords(&url, &ROOT, cost + 1).await;
    for n in 0..logins.div_ceil(ASKED_PER_NAME) {
        usual.resident(&name(Kind::Known, n)).await;
    }
    for n in 0..(logins / 4).div_ceil(ASKED_PER_NAME) {
        dear.resident(&name(Kind::Dear, n)).await;
    }
}

/// Names of one length, so that nothing but being known makes a difference.
fn name(kind: Kind, n: usize) -> String {
    let letter = match kind {
        Kind::Known => 'k',
        Kind::Unknown => 'u',
        Kind::Dear => 'd',
    };
    format!("{letter}-{n:06}")
}

/// Names in random order: so many known ones, and as many of others.
fn mixed(chance: &mut Chance, count: usize, dear: usize) -> Vec<(Kind, String)> {
    let other = if dear > 0 { Kind::Dear } else { Kind::Unknown };
    let of = |kind| (0..count).map(move |n| (kind, name(kind, n / ASKED_PER_NAME)));
    let mut names: Vec<_> = of(Kind::Known).chain(of(other)).collect();
    for last in (1..names.len()).rev() {
        let place = usize::try_from(chance.below(last as u64 + 1)).expect("small");
        names.swap(last, place);
    }
    names
}

/// Asks for all of them, so many at once.
async fn ask(deployment: &Deployment, names: Vec<(Kind, String)>, at_once: usize) -> Times {
    let names = Arc::new(Mutex::new(names.into_iter()));
    let url = format!("{}/api/auth/login", deployment.url(0));
    let mut workers = JoinSet::new();
    for _ in 0..at_once {
        let (names, url) = (Arc::clone(&names), url.clone());
        workers.spawn(async move {
            // A connection of its own, so that no answer waits behind another's.
            let http = Client::new();
            let mut took = Vec::new();
            while let Some((kind, name)) = next(&names) {
                took.push((kind, log_in(&http, &url, &name).await));
            }
            took
        });
    }
    let mut times = Times::default();
    for (kind, took) in workers.join_all().await.into_iter().flatten() {
        match kind {
            Kind::Known => times.known.push(took),
            Kind::Unknown => times.unknown.push(took),
            Kind::Dear => times.dear.push(took),
        }
    }
    times
}

fn next(names: &Mutex<std::vec::IntoIter<(Kind, String)>>) -> Option<(Kind, String)> {
    names.lock().unwrap().next()
}

/// A wrong password; how long the refusal took.
async fn log_in(http: &Client, url: &str, name: &str) -> f64 {
    let body = json!({ "username": name, "password": WRONG });
    let request = http.post(url).json(&body);
    let begun = Instant::now();
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.bytes().await.unwrap();
    let took = milliseconds(begun.elapsed());
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((status, body["code"].as_str()), (401, Some("INVALID_CREDENTIALS")));
    took
}

impl Times {
    fn judge(&self, chance: &mut Chance, how: &str) {
        let t = welch(&self.known, &self.unknown);
        let cropped = welch(&cropped(self, &self.known), &cropped(self, &self.unknown));
        let (one, other): (Vec<f64>, Vec<f64>) = self.known.iter().partition(|_| chance.one_in(2));
        let control = welch(&one, &other);
        let (known, unknown) = (Moments::of(&self.known), Moments::of(&self.unknown));
        let error = (known.variance / known.count + unknown.variance / unknown.count).sqrt();
        say(&format!(
            "{how}: {} known {:.3} ms, {} unknown {:.3} ms (medians {:.3} and {:.3}); t = {t:.2}, \
             of the fastest nine in ten {cropped:.2}; known against known {control:.2}; a \
             difference of {:.3} ms would show",
            known.count,
            known.mean,
            unknown.count,
            unknown.mean,
            median(&self.known),
            median(&self.unknown),
            T_MAX * error,
        ));
        if hold_to_figures() {
            assert!(control.abs() <= T_MAX, "the noise is not even: {control}");
            assert!(t.abs() <= T_MAX, "{t}");
            assert!(cropped.abs() <= T_MAX, "{cropped}");
        } else {
            // However busy the machine is, an answer without a hash would come ten times sooner.
            let ratio = median(&self.unknown) / median(&self.known);
            assert!((0.33..=3.0).contains(&ratio), "{ratio}");
        }
    }
}

/// What is below one limit for both kinds, taken from all of them.
fn cropped(of: &Times, sample: &[f64]) -> Vec<f64> {
    let all = [of.known.as_slice(), &of.unknown].concat();
    let limit = quantile(&all, CROPPED_AT);
    sample.iter().copied().filter(|time| *time <= limit).collect()
}
