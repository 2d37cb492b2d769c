//! GUESS rules: how often a password may be guessed.

use actors_core::auth::device::Device;
use actors_core::auth::guessing::{Bucket, Guesses, PAUSE_SECONDS_MAX, Settings, Verdict, judge};
use bus_schemas::id::{LoginId, UserId};
use bus_schemas::name::Username;
use bus_schemas::time::Timestamp;
use proptest::collection::vec;
use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, proptest};

const NOW: Timestamp = Timestamp(1_800_000_000);

/// One bucket, as a store keeps it, and when its guesses were evaluated.
#[derive(Default)]
struct Door {
    kept: Option<Guesses>,
    evaluated: Vec<i64>,
}

impl Door {
    /// Tries; what is returned is the wait, if there is one.
    fn try_at(&mut self, now: Timestamp) -> Option<u32> {
        match judge(self.kept, Settings::default(), now) {
            Verdict::Evaluate(next) => {
                self.kept = Some(next);
                self.evaluated.push(now.0);
                None
            }
            Verdict::Wait { seconds } => Some(seconds),
        }
    }

    /// What the last guess that was evaluated costs.
    fn pause(&self) -> u32 {
        self.kept.map_or(0, |kept| Settings::default().pause_seconds(kept.failures))
    }

    /// The most that were evaluated in any stretch of so many seconds.
    fn most_within(&self, seconds: i64) -> usize {
        let within = |from: &i64| {
            self.evaluated.iter().filter(|at| (*from..*from + seconds).contains(at)).count()
        };
        self.evaluated.iter().map(within).max().unwrap_or_default()
    }
}

const fn guesses(failures: u32, next_at: Timestamp) -> Guesses {
    Guesses { failures, next_at }
}

fn judged(found: Guesses, now: Timestamp) -> Verdict {
    judge(Some(found), Settings::default(), now)
}

#[test]
fn guess1_five_guesses_are_free_and_then_there_is_one_every_12_s() {
    let mut door = Door::default();
    for second in 0..600 {
        for _ in 0..100 {
            door.try_at(NOW.plus_seconds(second));
        }
    }
    let seconds: Vec<i64> = door.evaluated.iter().map(|at| at - NOW.0).collect();
    assert_eq!(seconds.get(..8).unwrap(), [0, 0, 0, 0, 0, 12, 24, 36]);
    assert_eq!(door.most_within(60), 9);
    assert_eq!(door.most_within(600), 52);
}

#[test]
fn guess1_the_free_guesses_have_no_pause_whatever_the_clocks_of_two_replicas_say() {
    let ahead = guesses(4, NOW.plus_seconds(30));
    let next = Guesses { failures: 5, next_at: NOW.plus_seconds(12) };
    assert_eq!(judged(ahead, NOW), Verdict::Evaluate(next));
}

#[test]
fn guess2_after_50_in_a_row_the_pause_doubles_every_10_up_to_15_minutes() {
    let pause = |failures| Settings::default().pause_seconds(failures);
    for (failures, seconds) in [
        (0, 0),
        (4, 0),
        (5, 12),
        (49, 12),
        (50, 24),
        (59, 24),
        (60, 48),
        (70, 96),
        (80, 192),
        (90, 384),
        (100, 768),
        (109, 768),
        (110, 900),
        (1_000, 900),
        (u32::MAX, 900),
    ] {
        assert_eq!(pause(failures), seconds, "after {failures}");
    }
}

#[test]
fn guess2_an_operator_chooses_how_many_are_free_and_the_pace() {
    let settings = Settings { free: 2, every_seconds: 30 };
    assert_eq!([1, 2, 46, 47, 57].map(|n| settings.pause_seconds(n)), [0, 30, 30, 60, 120]);
    let open = Settings { free: u32::MAX, every_seconds: 1 };
    assert_eq!(open.pause_seconds(1_000_000), 0, "tests that are about something else");
    let slow = Settings { free: 0, every_seconds: u32::MAX };
    assert_eq!(slow.pause_seconds(0), 15 * 60);
}

#[test]
fn guess3_who_comes_too_early_is_told_when_to_come_and_nothing_is_counted() {
    let kept = guesses(5, NOW.plus_seconds(12));
    assert_eq!(judged(kept, NOW), Verdict::Wait { seconds: 12 });
    assert_eq!(judged(kept, NOW.plus_seconds(11)), Verdict::Wait { seconds: 1 });
    let next = Guesses { failures: 6, next_at: NOW.plus_seconds(24) };
    assert_eq!(judged(kept, NOW.plus_seconds(12)), Verdict::Evaluate(next));
}

#[test]
fn guess4_after_24_hours_of_quiet_everything_is_forgotten() {
    let kept = guesses(80, NOW);
    let quiet = |seconds| judged(kept, NOW.plus_seconds(seconds));
    let Verdict::Evaluate(next) = quiet(24 * 3_600 - 1) else { panic!("it waits") };
    assert_eq!(next.failures, 81);
    let Verdict::Evaluate(next) = quiet(24 * 3_600) else { panic!("it waits") };
    assert_eq!(next.failures, 1);
}

#[test]
fn guess5_a_clock_that_goes_back_locks_nobody_out_and_gives_one_guess_at_most() {
    let kept = guesses(200, NOW.plus_seconds(900));
    assert_eq!(judged(kept, NOW), Verdict::Wait { seconds: 900 });
    let year_ago = NOW.plus_seconds(-365 * 24 * 60 * 60);
    let mut door = Door { kept: Some(kept), evaluated: Vec::new() };
    assert_eq!(door.try_at(year_ago), None);
    assert_eq!(door.try_at(year_ago), Some(900));
    assert_eq!(door.kept, Some(guesses(201, year_ago.plus_seconds(900))));
}

#[test]
fn guess6_each_name_each_browser_and_each_login_is_counted_apart() {
    let name = |text| Bucket::of_name(&Username::parse(text).unwrap());
    let browser = |nonce| Bucket::of_device(&Device { user: UserId::from_bytes([1; 16]), nonce });
    let login = |id| Bucket::of_login(LoginId::from_bytes(id));
    assert_eq!(name("Alice"), name("aLICE"));
    let mut all = vec![name("Alice"), name("Bob")];
    all.extend([browser([1; 16]), browser([2; 16]), login([1; 16]), login([2; 16])]);
    for (at, bucket) in all.iter().enumerate() {
        assert!(!all.iter().skip(at + 1).any(|other| other == bucket));
    }
    assert!(!name("Alice").as_bytes().windows(5).any(|part| part == b"alice"), "a hash alone");
}

#[test]
fn guess7_an_operator_hears_of_the_first_pause_and_of_each_longer_one() {
    let heard: Vec<u32> = (0..1_000).filter(|n| Settings::default().slows_down(*n)).collect();
    assert_eq!(heard, [5, 50, 60, 70, 80, 90, 100, 110]);
}

/// Seconds that pass, and tries at that moment.
fn steps() -> impl Strategy<Value = Vec<(i64, u8)>> {
    vec((0..90_i64, 0..20_u8), 1..200)
}

proptest! {
    #[test]
    fn guess1_never_more_than_10_in_a_minute_nor_60_in_10_minutes(steps in steps()) {
        let mut door = Door::default();
        let mut now = NOW;
        for (seconds, tries) in steps {
            now = now.plus_seconds(seconds);
            for _ in 0..tries {
                door.try_at(now);
            }
        }
        prop_assert!(door.most_within(60) <= 10, "{:?}", door.evaluated);
        prop_assert!(door.most_within(600) <= 60, "{:?}", door.evaluated);
    }

    #[test]
    fn guess2_no_wait_is_above_the_longest_pause_and_it_is_worth_waiting(
        failures in 0..2_000_u32,
        ahead in -200_000..200_000_i64,
    ) {
        let kept = Some(guesses(failures, NOW.plus_seconds(ahead)));
        let mut door = Door { kept, ..Door::default() };
        if let Some(seconds) = door.try_at(NOW) {
            prop_assert!((1..=PAUSE_SECONDS_MAX).contains(&seconds));
            prop_assert!(door.try_at(NOW.plus_seconds(i64::from(seconds) - 1)).is_some());
            prop_assert_eq!(door.try_at(NOW.plus_seconds(seconds.into())), None);
        }
    }

    #[test]
    fn guess5_whatever_the_clock_does_nobody_waits_longer_than_the_longest_pause(
        steps in vec((-100_000..100_000_i64, 0..20_u8), 1..100),
    ) {
        let mut door = Door::default();
        let mut now = NOW;
        for (seconds, tries) in steps {
            now = now.plus_seconds(seconds);
            for _ in 0..tries {
                door.try_at(now);
            }
            let wait = door.try_at(now).unwrap_or_default();
            prop_assert!(wait <= PAUSE_SECONDS_MAX);
            let mut later = Door { kept: door.kept, ..Door::default() };
            prop_assert_eq!(later.try_at(now.plus_seconds(wait.max(door.pause()).into())), None);
        }
    }
}
