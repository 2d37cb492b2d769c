//! LEASE rules of the machine on an edge, and of telling the edges.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use actors_core::auth::lease::{Effect, Event, Lease};
use actors_core::auth::telling::Telling;
use bus_schemas::id::EdgeId;
use bus_schemas::limit::{
    GATE_SHUT_LOST_MS, GATE_SHUT_TOLD_MS, LEASE_AGAIN_MS, LEASE_EVERY_MS, LEASE_MARK_MS, LEASE_MS,
    LEASE_SOON_MS, LEASES_UNDER_WAY_MAX, LEAVE_WAIT_MS, REVOKED_WAIT_MS,
};
use bus_schemas::time::Millis;

const START: Millis = Millis(50_000);

/// An edge whose calls the test answers.
struct Edge {
    lease: Lease,
    now: Millis,
}

impl Edge {
    /// Started, its first call under way.
    fn start() -> Self {
        let mut edge = Self { lease: Lease::new(START), now: START };
        assert_eq!(edge.hears(Event::Tick), [ask(0, None)]);
        edge
    }

    /// With a lease that was asked for at the start and came at once.
    fn fresh() -> Self {
        let mut edge = Self::start();
        assert_eq!(edge.hears(confirmed(0)), [Effect::TellOpen]);
        edge
    }

    fn hears(&mut self, event: Event) -> Vec<Effect> {
        self.lease.handle(self.now, event);
        std::iter::from_fn(|| self.lease.next_effect()).collect()
    }

    /// Time passes, with a tick at each deadline on the way.
    fn waits(&mut self, ms: u64) -> Vec<Effect> {
        let end = self.now.plus(ms);
        let mut done = Vec::new();
        while let Some(at) = self.lease.deadline().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            done.extend(self.hears(Event::Tick));
        }
        self.now = end;
        done
    }

    /// Time passes and the process stands still.
    fn stands_still(&mut self, ms: u64) {
        self.now = self.now.plus(ms);
    }

    fn is_fresh(&self) -> bool {
        self.now < self.lease.fresh_until()
    }

    fn is_open(&self) -> bool {
        self.now < self.lease.open_until()
    }

    /// Asks again and again, and every call is refused at once.
    fn is_refused_for(&mut self, ms: u64) -> Vec<Effect> {
        let end = self.now.plus(ms);
        let mut done = Vec::new();
        while self.now < end {
            for effect in self.waits(50) {
                if let Effect::Ask { number, .. } = effect {
                    done.extend(self.hears(Event::Refused { number }));
                } else {
                    done.push(effect);
                }
            }
        }
        done
    }
}

fn ask(number: u64, mark: Option<i64>) -> Effect {
    Effect::Ask { number, mark }
}

/// The mark of a call is its number and 100.
fn confirmed(number: u64) -> Event {
    Event::Confirmed { number, mark: 100 + i64::try_from(number).unwrap() }
}

#[test]
fn lease1_an_edge_that_has_just_started_admits_nobody_and_its_gate_is_shut() {
    let edge = Edge::start();
    assert!(!edge.is_fresh() && !edge.is_open());
}

#[test]
fn lease2_time_counts_from_the_moment_at_which_the_call_was_sent() {
    let mut edge = Edge::start();
    edge.stands_still(200);
    edge.hears(confirmed(0));
    edge.now = START.plus(LEASE_MS - 1);
    assert!(edge.is_fresh() && edge.is_open());
    edge.now = START.plus(LEASE_MS);
    assert!(!edge.is_fresh() && !edge.is_open());
}

#[test]
fn lease2_an_answer_that_is_too_late_opens_nothing_and_is_known_all_the_same() {
    let mut edge = Edge::start();
    edge.stands_still(LEASE_MS);
    assert_eq!(edge.hears(confirmed(0)), [ask(1, Some(100))]);
    assert!(!edge.is_fresh() && !edge.is_open());
}

#[test]
fn lease2_an_older_call_shortens_nothing() {
    let mut edge = Edge::start();
    assert_eq!(edge.waits(LEASE_AGAIN_MS), [ask(1, None)]);
    edge.hears(confirmed(1));
    let until = edge.lease.fresh_until();
    assert_eq!(edge.hears(confirmed(0)), []);
    assert_eq!((edge.lease.fresh_until(), edge.lease.open_until()), (until, until));
}

#[test]
fn lease3_it_asks_every_second() {
    let mut edge = Edge::fresh();
    for number in 1..5 {
        assert_eq!(edge.waits(LEASE_EVERY_MS - 1), []);
        assert_eq!(edge.waits(1), [ask(number, Some(99 + i64::try_from(number).unwrap()))]);
        edge.hears(confirmed(number));
    }
}

#[test]
fn lease3_it_asks_again_soon_while_the_last_call_has_no_lease() {
    for outcome in [None, Some(Event::Refused { number: 0 }), Some(Event::Lost { number: 0 })] {
        let mut edge = Edge::start();
        if let Some(event) = outcome {
            assert_eq!(edge.hears(event), []);
        }
        assert_eq!(edge.waits(LEASE_AGAIN_MS - 1), []);
        assert_eq!(edge.waits(1), [ask(1, None)]);
    }
}

#[test]
fn lease3_a_few_calls_are_under_way_at_once() {
    let mut edge = Edge::start();
    let asked = edge.waits(60_000);
    assert_eq!(asked.len(), LEASES_UNDER_WAY_MAX - 1);
    assert_eq!(edge.hears(Event::Lost { number: 3 }).len(), 1);
    assert_eq!(edge.waits(60_000), []);
}

#[test]
fn lease4_it_asks_from_the_mark_of_the_youngest_confirmed_call() {
    let mut edge = Edge::start();
    assert_eq!(edge.waits(2 * LEASE_AGAIN_MS), [ask(1, None), ask(2, None)]);
    // A restored database counts from further back: the youngest call says so.
    edge.hears(Event::Confirmed { number: 1, mark: 7 });
    edge.hears(Event::Confirmed { number: 0, mark: 900 });
    let asked = edge.waits(LEASE_EVERY_MS);
    assert_eq!(asked.first(), Some(&ask(3, Some(7))));
}

#[test]
fn lease4_whoever_has_heard_nothing_for_long_asks_for_everything() {
    for (silence, mark) in [(LEASE_MARK_MS - 1, Some(100)), (LEASE_MARK_MS, None)] {
        let mut edge = Edge::fresh();
        edge.stands_still(silence);
        assert_eq!(edge.hears(Event::Tick).last(), Some(&ask(1, mark)));
    }
}

#[test]
fn lease5_refusals_keep_an_open_gate_open_and_let_nobody_in() {
    let mut edge = Edge::fresh();
    edge.is_refused_for(10 * LEASE_MS);
    assert!(edge.is_open());
    assert!(!edge.is_fresh());
    assert_eq!(edge.lease.fresh_until(), START.plus(LEASE_MS));
    edge.waits(LEASE_MS);
    assert!(!edge.is_open());
}

#[test]
fn lease6_refusals_open_no_gate_that_is_shut() {
    let mut edge = Edge::start();
    edge.is_refused_for(LEASE_MS);
    assert!(!edge.is_open());
    let mut edge = Edge::fresh();
    edge.stands_still(LEASE_MS);
    edge.is_refused_for(LEASE_MS);
    assert!(!edge.is_open());
}

#[test]
fn lease7_after_a_miss_it_asks_at_once() {
    let mut edge = Edge::fresh();
    edge.waits(400);
    assert_eq!(edge.hears(Event::Missed), [ask(1, Some(100))]);
    assert_eq!(edge.hears(Event::Missed), [], "not twice in one moment");
    assert_eq!(edge.waits(LEASE_SOON_MS), [ask(2, Some(100))]);
}

#[test]
fn lease7_after_a_miss_no_refusal_keeps_the_gate_open() {
    let mut edge = Edge::fresh();
    edge.is_refused_for(10 * LEASE_MS);
    edge.hears(Event::Missed);
    assert!(!edge.is_open(), "it was open by refusals alone");

    let mut edge = Edge::fresh();
    edge.waits(10);
    edge.hears(Event::Missed);
    assert!(edge.is_open(), "what was confirmed stands");
    edge.is_refused_for(LEASE_MS);
    assert!(!edge.is_open());
}

#[test]
fn lease7_a_call_that_was_sent_after_the_miss_makes_it_good() {
    let mut edge = Edge::fresh();
    edge.waits(LEASE_EVERY_MS);
    edge.now = edge.now.plus(10);
    edge.hears(Event::Missed);
    // The call that was under way was sent before it.
    edge.hears(confirmed(1));
    edge.is_refused_for(LEASE_EVERY_MS);
    edge.is_refused_for(LEASE_MS);
    assert!(!edge.is_open());

    let mut edge = Edge::fresh();
    edge.waits(10);
    edge.hears(Event::Missed);
    edge.waits(LEASE_SOON_MS);
    edge.hears(confirmed(1));
    edge.is_refused_for(3 * LEASE_MS);
    assert!(edge.is_open());
}

#[test]
fn lease8_a_shut_gate_is_told_after_a_moment_and_an_open_one_each_time() {
    let mut edge = Edge::fresh();
    let told = |effects: Vec<Effect>| -> Vec<Effect> {
        effects.into_iter().filter(|effect| !matches!(effect, Effect::Ask { .. })).collect()
    };
    assert_eq!(told(edge.waits(LEASE_MS + GATE_SHUT_TOLD_MS - 1)), []);
    assert_eq!(told(edge.waits(1)), [Effect::TellShut]);
    assert_eq!(told(edge.waits(1_000)), []);
    let Some(Effect::Ask { number, .. }) = edge.hears(Event::Lost { number: 1 }).pop() else {
        panic!("it asks again");
    };
    assert_eq!(told(edge.hears(confirmed(number))), [Effect::TellOpen]);
    let next = edge.waits(LEASE_EVERY_MS);
    assert_eq!(next, [ask(number + 1, Some(100 + i64::try_from(number).unwrap()))]);
    assert_eq!(edge.hears(confirmed(number + 1)), [Effect::TellOpen]);
}

#[test]
fn lease9_a_gate_that_was_shut_for_long_lets_every_socket_go() {
    for (shut_for, lets_go) in [(GATE_SHUT_LOST_MS - 1, false), (GATE_SHUT_LOST_MS, true)] {
        let mut edge = Edge::fresh();
        edge.stands_still(LEASE_MS + shut_for);
        let asked = edge.hears(Event::Tick);
        assert_eq!(asked, [Effect::TellShut, ask(1, None)], "for everything");
        let expected = [Effect::LetGo, Effect::TellOpen];
        assert_eq!(edge.hears(confirmed(1)), expected[usize::from(!lets_go)..]);
    }
}

#[test]
fn lease10_a_leaving_edge_admits_nobody_and_says_so_when_no_call_is_under_way() {
    let mut edge = Edge::fresh();
    assert_eq!(edge.hears(Event::Leave), [Effect::SayLeaving]);
    assert!(!edge.is_fresh() && !edge.is_open());
    assert_eq!(edge.waits(60_000), []);
    assert_eq!(edge.hears(Event::Leave), []);

    let mut edge = Edge::fresh();
    edge.waits(LEASE_EVERY_MS);
    assert_eq!(edge.hears(Event::Leave), []);
    assert_eq!(edge.hears(confirmed(1)), [Effect::SayLeaving]);
    assert!(!edge.is_fresh() && !edge.is_open());

    let mut edge = Edge::start();
    assert_eq!(edge.hears(Event::Leave), []);
    assert_eq!(edge.waits(LEAVE_WAIT_MS - 1), []);
    assert_eq!(edge.waits(1), [Effect::SayLeaving]);
    assert_eq!(edge.lease.deadline(), None);
}

#[test]
fn lease11_the_outcome_of_a_call_that_is_not_under_way_changes_nothing() {
    let mut edge = Edge::start();
    for event in [confirmed(7), Event::Refused { number: 7 }, Event::Lost { number: 7 }] {
        assert_eq!(edge.hears(event), []);
    }
    assert!(!edge.is_open());
    edge.hears(confirmed(0));
    edge.now = START.plus(LEASE_MS);
    edge.hears(confirmed(0));
    assert!(!edge.is_open());
}

const ONE: EdgeId = EdgeId::from_bytes([1; 16]);
const TWO: EdgeId = EdgeId::from_bytes([2; 16]);

#[test]
fn lease12_a_revocation_is_over_when_each_listed_edge_has_answered() {
    let mut telling = Telling::default();
    telling.heard(ONE, START);
    assert!(!telling.is_over(START), "nobody knows yet who is listed");
    telling.listed(vec![ONE, TWO]);
    assert!(!telling.is_over(START.plus(1)));
    telling.heard(EdgeId::from_bytes([3; 16]), START.plus(1));
    assert!(!telling.is_over(START.plus(1)));
    telling.heard(TWO, START.plus(1));
    assert!(telling.is_over(START.plus(1)));
    let mut telling = Telling::default();
    telling.listed(Vec::new());
    assert!(telling.is_over(START));
}

#[test]
fn lease13_a_revocation_is_over_3_s_after_the_bus_had_it_whoever_is_silent() {
    let mut by_echo = Telling::default();
    by_echo.listed(vec![ONE]);
    assert!(by_echo.deadline().is_none());
    assert!(!by_echo.is_over(START.plus(60_000)), "the bus may not have it");
    by_echo.told(START);
    let mut by_an_answer = Telling::default();
    by_an_answer.listed(vec![ONE, TWO]);
    by_an_answer.heard(TWO, START);
    by_an_answer.told(START.plus(10));
    let mut nobody_could_say = Telling::default();
    nobody_could_say.told(START);
    for telling in [by_echo, by_an_answer, nobody_could_say] {
        assert_eq!(telling.deadline(), Some(START.plus(REVOKED_WAIT_MS)));
        assert!(!telling.is_over(START.plus(REVOKED_WAIT_MS - 1)));
        assert!(telling.is_over(START.plus(REVOKED_WAIT_MS)));
    }
}

#[test]
fn lease14_an_edge_has_gone_that_was_silent_for_the_whole_wait() {
    let late = START.plus(REVOKED_WAIT_MS);
    let mut telling = Telling::default();
    telling.listed(vec![ONE, TWO]);
    telling.heard(TWO, START);
    assert_eq!(telling.gone(late), [ONE]);
    assert_eq!(telling.gone(START.plus(REVOKED_WAIT_MS - 1)), []);
    telling.heard(ONE, late);
    assert_eq!(telling.gone(late), [], "it has answered after all");

    let mut telling = Telling::default();
    telling.listed(vec![ONE]);
    telling.told(START);
    telling.lost();
    assert_eq!(telling.gone(late), []);
}

#[test]
fn lease16_what_may_be_lost_is_over_only_if_all_have_answered() {
    let late = START.plus(REVOKED_WAIT_MS);
    let mut telling = Telling::default();
    telling.listed(vec![ONE]);
    telling.told(START);
    telling.lost();
    assert!(telling.is_lost() && !telling.is_over(late));
    assert_eq!(telling.deadline(), None);
    telling.heard(ONE, START);
    assert!(!telling.is_lost() && telling.is_over(START));
    let mut telling = Telling::default();
    telling.lost();
    assert!(telling.is_lost() && !telling.is_over(late), "nobody knows who is listed");
}
