//! BRK rules of the circuit breaker.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use actors_core::breaker::{Breaker, Pass, Settings, State};
use bus_schemas::time::Millis;

const START: Millis = Millis(1_000);

fn breaker() -> Breaker {
    Breaker::new(Settings::default())
}

fn fail(breaker: &mut Breaker, times: usize, now: Millis) {
    for _ in 0..times {
        let pass = breaker.admit(now).unwrap();
        breaker.failed(&pass, now);
    }
}

/// A breaker that opened at [`START`].
fn opened() -> Breaker {
    let mut breaker = breaker();
    fail(&mut breaker, 5, START);
    breaker
}

fn trial(breaker: &mut Breaker, now: Millis) -> Pass {
    let pass = breaker.admit(now).unwrap();
    assert_eq!(breaker.state(), State::HalfOpen);
    pass
}

#[test]
fn brk1_five_failures_in_a_row_open_it() {
    let mut breaker = breaker();
    fail(&mut breaker, 4, START);
    assert_eq!(breaker.state(), State::Closed);
    fail(&mut breaker, 1, START);
    assert_eq!(breaker.state(), State::Open);
}

#[test]
fn brk1_a_success_starts_the_count_again() {
    let mut breaker = breaker();
    fail(&mut breaker, 4, START);
    let pass = breaker.admit(START).unwrap();
    breaker.succeeded(&pass);
    fail(&mut breaker, 4, START);
    assert_eq!(breaker.state(), State::Closed);
}

#[test]
fn brk2_while_open_every_call_is_refused_for_30_s() {
    let mut breaker = opened();
    assert!(breaker.admit(START).is_err());
    assert!(breaker.admit(START.plus(29_999)).is_err());
    assert!(breaker.admit(START.plus(30_000)).is_ok());
}

#[test]
fn brk3_one_call_is_tried_at_a_time() {
    let mut breaker = opened();
    let later = START.plus(30_000);
    let pass = trial(&mut breaker, later);
    assert!(breaker.admit(later).is_err());
    assert!(breaker.admit(later.plus(1_000_000)).is_err());
    breaker.succeeded(&pass);
    assert!(breaker.admit(later).is_ok());
}

#[test]
fn brk4_a_trial_that_succeeds_closes_it() {
    let mut breaker = opened();
    let pass = trial(&mut breaker, START.plus(30_000));
    breaker.succeeded(&pass);
    assert_eq!(breaker.state(), State::Closed);
    fail(&mut breaker, 4, START.plus(30_000));
    assert_eq!(breaker.state(), State::Closed, "the count starts at nothing");
}

#[test]
fn brk4_a_trial_that_fails_opens_it_again() {
    let mut breaker = opened();
    let again = START.plus(31_000);
    let pass = trial(&mut breaker, again);
    breaker.failed(&pass, again);
    assert_eq!(breaker.state(), State::Open);
    assert!(breaker.admit(again.plus(29_999)).is_err());
    assert!(breaker.admit(again.plus(30_000)).is_ok());
}

#[test]
fn brk5_outcomes_of_an_earlier_period_change_nothing() {
    let mut breaker = breaker();
    let slow_success = breaker.admit(START).unwrap();
    let slow_failure = breaker.admit(START).unwrap();
    fail(&mut breaker, 5, START);
    breaker.succeeded(&slow_success);
    assert_eq!(breaker.state(), State::Open);

    let later = START.plus(30_000);
    let pass = trial(&mut breaker, later);
    breaker.failed(&slow_failure, later);
    assert_eq!(breaker.state(), State::HalfOpen);
    breaker.succeeded(&pass);
    assert_eq!(breaker.state(), State::Closed);
}

#[test]
fn brk6_a_trial_given_up_leaves_the_next_call_to_be_the_trial() {
    let mut breaker = opened();
    let later = START.plus(30_000);
    let given_up = trial(&mut breaker, later);
    breaker.abandoned(&given_up, later);
    assert_eq!(breaker.state(), State::Open);
    let pass = trial(&mut breaker, later);
    breaker.succeeded(&pass);
    assert_eq!(breaker.state(), State::Closed);
}

#[test]
fn brk6_a_call_given_up_while_closed_counts_for_nothing() {
    let mut breaker = breaker();
    fail(&mut breaker, 4, START);
    let given_up = breaker.admit(START).unwrap();
    breaker.abandoned(&given_up, START);
    assert_eq!(breaker.state(), State::Closed);
    fail(&mut breaker, 1, START);
    assert_eq!(breaker.state(), State::Open);
}
