//! REFUSAL: whether the bus still says that nobody is there.

use actors_core::refusals::{Refusals, Seen};
use bus_schemas::limit::{REFUSALS_AGAIN_MS, REFUSALS_EVERY_MS, REFUSALS_WAIT_MS};
use bus_schemas::time::Millis;

const START: Millis = Millis(1_000);

#[test]
fn refusal1_it_asks_at_once_and_every_30_s() {
    let mut refusals = Refusals::new(START);
    let mut now = START;
    for number in 1..5 {
        assert_eq!(refusals.due(now, 1), Some(number));
        assert_eq!(refusals.due(now, 1), None, "one question at a time");
        refusals.refused(now, number);
        assert_eq!(refusals.seen(), Seen::Heard);
        assert_eq!(refusals.deadline(), now.plus(REFUSALS_EVERY_MS));
        assert_eq!(refusals.due(now.plus(REFUSALS_EVERY_MS - 1), 1), None);
        now = now.plus(REFUSALS_EVERY_MS);
    }
}

#[test]
fn refusal2_a_question_that_is_not_refused_within_1_s_was_heard_by_somebody() {
    let mut refusals = Refusals::new(START);
    refusals.due(START, 2);
    refusals.refused(START, 1);
    let late = START.plus(REFUSALS_WAIT_MS);
    assert_eq!(refusals.deadline(), late, "one of the two is missing");
    refusals.due(Millis(late.0 - 1), 2);
    assert_eq!(refusals.seen(), Seen::Heard);
    refusals.due(late, 2);
    assert_eq!(refusals.seen(), Seen::Silenced);
}

#[test]
fn refusal3_it_asks_again_soon_and_one_answer_is_enough() {
    let mut refusals = Refusals::new(START);
    refusals.due(START, 1);
    let late = START.plus(REFUSALS_WAIT_MS);
    refusals.due(late, 1);
    refusals.refused(late, 1);
    assert_eq!(refusals.seen(), Seen::Silenced, "that came too late");
    assert_eq!(refusals.due(late.plus(REFUSALS_AGAIN_MS), 1), Some(2));
    refusals.refused(late.plus(REFUSALS_AGAIN_MS), 1);
    assert_eq!(refusals.seen(), Seen::Silenced, "that was the question before");
    refusals.refused(late.plus(REFUSALS_AGAIN_MS), 2);
    assert_eq!(refusals.seen(), Seen::Heard);
}

#[test]
fn refusal4_a_bus_that_is_away_says_nothing() {
    let mut refusals = Refusals::new(START);
    refusals.due(START, 1);
    refusals.bus_changed(START);
    let late = START.plus(REFUSALS_WAIT_MS);
    assert_eq!(refusals.due(late, 1), Some(3), "it asks anew");
    assert_eq!(refusals.seen(), Seen::Heard);
    refusals.refused(late, 1);
    assert_eq!(refusals.deadline(), late.plus(REFUSALS_WAIT_MS));
}
