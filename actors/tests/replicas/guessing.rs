//! AUTH rules of a password that a thousand addresses guess at, at several replicas.

use std::collections::BTreeMap;

use actors_core::auth::guessing::{Bucket, Guesses};
use bus_schemas::auth::{self as said, Admission, Client};
use bus_schemas::fault::Code;
use bus_schemas::verbs::Refusal;
use futures_util::future::join;
use futures_util::stream::{self, StreamExt};

use crate::on_both;
use crate::support::house::{PASSWORD, log_in_question, username};
use crate::world::{Replicas, number, tell};

/// How long the attack lasts, by the clocks of the replicas.
const ATTACK_SECONDS: usize = 10 * 60;
/// What ten minutes give strangers at most (GUESS1); a hundred would still be few enough.
const EVALUATED_MAX: usize = 60;
/// Guesses under way at once: more than the three replicas answer at once.
const AT_ONCE: usize = 256;

/// Addresses that take part.
const ADDRESSES: usize = 1_000;

/// How often the addresses try.
struct Attack {
    step_seconds: usize,
    tries: usize,
}

impl Attack {
    /// A few thousand guesses in the tests; every address every second in a long run.
    fn configured() -> Self {
        Self {
            step_seconds: number("DHCHAT_GUESSING_STEP_SECONDS", 4),
            tries: number("DHCHAT_GUESSING_TRIES", 40),
        }
    }
}

/// How often which code was the answer.
#[derive(Default)]
struct Answers(BTreeMap<&'static str, usize>);

impl Answers {
    fn count(&mut self, code: Code) {
        *self.0.entry(code.as_str()).or_default() += 1;
    }

    fn of(&self, code: Code) -> usize {
        self.0.get(code.as_str()).copied().unwrap_or_default()
    }
}

/// One guess at Alice's password, from an address of its own.
async fn guess(replicas: &Replicas, edge: usize, address: usize) -> Code {
    let mut question = log_in_question(None, "Alice", "tr0ub4dor and 4");
    question.client = Client {
        user_agent: "a browser".to_owned(),
        address: format!("10.0.{}.{}", address / 256, address % 256),
    };
    let answer: Result<Admission, Refusal> = replicas.ask(edge, &said::log_in(), &question).await;
    answer.unwrap_err().code
}

/// So many addresses in turn try once, through all edges.
async fn all_guess(replicas: &Replicas, tries: std::ops::Range<usize>, answers: &mut Answers) {
    let guesses = tries.map(|number| guess(replicas, number, number % ADDRESSES));
    let mut guesses = stream::iter(guesses).buffer_unordered(AT_ONCE);
    while let Some(code) = guesses.next().await {
        answers.count(code);
    }
}

async fn auth20_auth24_ten_minutes_of_guessing_from_a_thousand_addresses(replicas: &Replicas) {
    let attack = Attack::configured();
    let alice = replicas.register("Alice").await;
    replicas.register("Bob").await;
    let mut answers = Answers::default();
    let steps = ATTACK_SECONDS / attack.step_seconds;
    for step in 0..steps {
        // In the middle of it Alice signs in from her own browser, and Bob from a new one.
        let people = join(
            replicas.log_in(step, alice.device.as_ref(), "Alice", PASSWORD),
            replicas.log_in(step + 1, None, "Bob", PASSWORD),
        );
        let tries = step * attack.tries..(step + 1) * attack.tries;
        let (people, ()) = join(people, all_guess(replicas, tries, &mut answers)).await;
        assert!(people.0.is_ok(), "the owner at step {step}: {:?}", people.0);
        assert!(people.1.is_ok(), "somebody else at step {step}: {:?}", people.1);
        replicas.advance_seconds(attack.step_seconds.try_into().unwrap());
    }
    let (evaluated, early) =
        (answers.of(Code::InvalidCredentials), answers.of(Code::TooManyRequests));
    tell(&format!(
        "{} guesses from {ADDRESSES} addresses in {ATTACK_SECONDS} s: {evaluated} evaluated, \
         {early} refused; {steps} logins of the owner and {steps} of somebody else, all admitted",
        evaluated + early
    ));
    assert_eq!(evaluated + early, attack.tries * steps, "{:?}", answers.0);
    assert!((5..=EVALUATED_MAX).contains(&evaluated), "{evaluated}");
    let kept = replicas.store.guesses(&Bucket::of_name(&username("Alice"))).await.unwrap();
    let failures = kept.map(|Guesses { failures, .. }| failures);
    assert_eq!(failures, Some(u32::try_from(evaluated).unwrap()), "each was counted once");
}

async fn auth20_of_guesses_at_once_at_all_replicas_as_many_are_looked_at_as_may_be(
    replicas: &Replicas,
) {
    replicas.register("Alice").await;
    for (round, expected) in [5, 1, 1].into_iter().enumerate() {
        let mut answers = Answers::default();
        all_guess(replicas, 0..100, &mut answers).await;
        assert_eq!(answers.of(Code::InvalidCredentials), expected, "round {round}");
        assert_eq!(answers.of(Code::TooManyRequests), 100 - expected, "round {round}");
        replicas.advance_seconds(12);
    }
}

on_both! {
    auth20_auth24_ten_minutes_of_guessing_from_a_thousand_addresses
    auth20_of_guesses_at_once_at_all_replicas_as_many_are_looked_at_as_may_be
}
