//! AUTH rules of guessing passwords, and of the browsers that are known.

use std::cell::Cell;

use actors::auth::Hashing;
use actors_core::auth::guessing::{Bucket, Guesses, Settings};
use bus_schemas::auth::Admission;
use bus_schemas::fault::Code;
use bus_schemas::secret::Secret;
use bus_schemas::verbs::Refusal;
use futures_util::future::{join, join_all};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::support::house::{House, PASSWORD, secret, username};
use crate::support::world::World;
use crate::support::{NOW, until};

const WRONG: &str = "tr0ub4dor and 4";
const OTHER: &str = "c0rrect horse battery";

fn wait(seconds: u32) -> Refusal {
    Refusal { code: Code::TooManyRequests, retry_after_seconds: Some(seconds) }
}

fn wrong() -> Refusal {
    Code::InvalidCredentials.into()
}

async fn refused(house: &House, name: &str, password: &str) -> Refusal {
    house.log_in_from(None, name, password).await.unwrap_err()
}

async fn kept(house: &House, bucket: Bucket) -> Option<Guesses> {
    house.store.guesses(&bucket).await.unwrap()
}

fn stranger(name: &str) -> Bucket {
    Bucket::of_name(&username(name))
}

#[actix_rt::test]
async fn auth20_above_the_limit_a_guess_is_not_looked_at() {
    let house = House::open().await;
    house.alice().await;
    for _ in 0..5 {
        assert_eq!(refused(&house, "Alice", WRONG).await, wrong());
    }
    assert_eq!(refused(&house, "Alice", WRONG).await, wait(12));
    assert_eq!(refused(&house, "aLICE", PASSWORD).await, wait(12), "not even a right one");
    house.clock.advance_seconds(11);
    assert_eq!(refused(&house, "Alice", PASSWORD).await, wait(1));
    house.clock.advance_seconds(1);
    assert!(house.log_in("Alice", PASSWORD).await.is_ok());
}

#[actix_rt::test]
async fn auth20_of_any_number_of_guesses_at_once_as_many_are_looked_at_as_may_be() {
    let house = House::open().await;
    house.alice().await;
    let answers = join_all((0..40).map(|_| refused(&house, "Alice", WRONG))).await;
    assert_eq!(answers.iter().filter(|answer| **answer == wrong()).count(), 5);
    assert_eq!(answers.iter().filter(|answer| **answer == wait(12)).count(), 35);
    let counted = Guesses { failures: 5, next_at: NOW.plus_seconds(12) };
    assert_eq!(kept(&house, stranger("Alice")).await, Some(counted));
}

#[actix_rt::test]
async fn auth20_an_operator_chooses_the_limit() {
    let settings = Settings { free: 2, every_seconds: 100 };
    let house = House::open_on(World::sqlite().await, |parts| parts.guessing = settings).await;
    house.alice().await;
    for _ in 0..2 {
        assert_eq!(refused(&house, "Alice", WRONG).await, wrong());
    }
    assert_eq!(refused(&house, "Alice", WRONG).await, wait(100));
}

#[actix_rt::test]
async fn auth21_a_name_that_nobody_has_is_counted_like_any_other() {
    let house = House::open().await;
    house.alice().await;
    for (name, password) in [("Alice", WRONG), ("Nobody", PASSWORD)] {
        let mut answers = Vec::new();
        for _ in 0..7 {
            answers.push(refused(&house, name, password).await);
            house.clock.advance_seconds(1);
        }
        let expected = [wrong(), wrong(), wrong(), wrong(), wrong(), wait(11), wait(10)];
        assert_eq!(answers, expected, "{name}");
    }
}

/// How often the store was asked what, but for the sweep at the start, which may still be under way.
fn asked(recorder: &PrometheusHandle) -> Vec<String> {
    let page = recorder.render();
    let counts = page.lines().filter(|line| {
        line.starts_with("db_query_duration_seconds_count") && !line.contains("delete expired")
    });
    let mut counts: Vec<String> = counts.map(str::to_owned).collect();
    counts.sort();
    counts
}

/// The steps of a wrong password for this name, from a browser with the cookie of Alice, of Bob, or
/// of nobody.
async fn steps_of(name: &str, cookie_of: Option<&str>) -> Vec<String> {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _local = metrics::set_default_local_recorder(&recorder);
    let house = House::open().await;
    let alice = house.alice().await;
    let bob = house.register("Bob", PASSWORD, None).await.unwrap();
    let device = cookie_of.and_then(|who| if who == "Alice" { alice.device } else { bob.device });
    let answer = house.log_in_from(device.as_ref(), name, WRONG).await;
    assert_eq!(answer.unwrap_err(), wrong());
    house.handle.stop().await;
    asked(&recorder.handle())
}

#[actix_rt::test]
async fn auth21_an_unknown_name_takes_the_same_steps_as_a_wrong_password() {
    let steps = steps_of("Alice", None).await;
    let counted = r#"{operation="count guess",table="guesses"} 1"#;
    assert!(steps.iter().any(|step| step.ends_with(counted)), "{steps:?}");
    for (name, cookie_of) in [
        ("Nobody", None),
        ("Alice", Some("Alice")),
        ("Alice", Some("Bob")),
        ("Nobody", Some("Alice")),
    ] {
        assert_eq!(steps_of(name, cookie_of).await, steps, "{name}, {cookie_of:?}");
    }
}

#[actix_rt::test]
async fn auth22_a_right_password_takes_the_count_away() {
    let house = House::open().await;
    house.alice().await;
    for _ in 0..2 {
        for _ in 0..4 {
            assert_eq!(refused(&house, "Alice", WRONG).await, wrong());
        }
        house.log_in("Alice", PASSWORD).await.unwrap();
        assert_eq!(kept(&house, stranger("Alice")).await, None);
    }
}

#[actix_rt::test]
async fn auth23_a_full_pool_costs_no_guess() {
    let slow = Hashing { cost: 8, threads: 1 };
    let house = House::open_on(World::sqlite().await, |parts| parts.hashing = slow).await;
    let names: Vec<String> = (0..40).map(|n| format!("Nobody-{n}")).collect();
    let answers = join_all(names.iter().map(|name| refused(&house, name, WRONG))).await;
    let mut full = 0;
    for (name, answer) in names.iter().zip(answers) {
        let counted = kept(&house, stranger(name)).await.is_some();
        assert_eq!(counted, answer == wrong(), "{name}: {answer:?}");
        full += usize::from(answer == Code::ServiceUnavailable.into());
    }
    assert!(full > 0, "the pool was never full");
}

#[actix_rt::test]
async fn auth3_who_finds_the_pool_full_costs_the_store_nothing() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _local = metrics::set_default_local_recorder(&recorder);
    let slow = Hashing { cost: 9, threads: 1 };
    let house = House::open_on(World::sqlite().await, |parts| parts.hashing = slow).await;
    let looked_for = || {
        let asked = asked(&recorder.handle());
        asked.into_iter().find(|line| line.contains("find user by username"))
    };
    // More than there are places, and each comes again as soon as it is answered.
    let next = Cell::new(0);
    let again = async || {
        next.set(next.get() + 1);
        refused(&house, &format!("Nobody-{}", next.get()), WRONG).await
    };
    let is_enough = Cell::new(false);
    let fill = join_all((0..24).map(|_| async {
        while !is_enough.get() {
            again().await;
        }
    }));
    let come_late = async {
        until("somebody is refused at no cost", || async {
            let before = looked_for();
            let answer = refused(&house, "Late", WRONG).await;
            answer == Code::ServiceUnavailable.into() && looked_for() == before
        })
        .await;
        is_enough.set(true);
    };
    // All are answered: a connection to the store that is still used cannot outlive the runtime.
    join(fill, come_late).await;
}

#[actix_rt::test]
async fn auth23_a_guess_that_has_to_wait_takes_no_place() {
    let house = House::open().await;
    for _ in 0..5 {
        assert_eq!(refused(&house, "Nobody", WRONG).await, wrong());
    }
    let answers = join_all((0..60).map(|_| refused(&house, "Nobody", WRONG))).await;
    assert!(answers.into_iter().all(|answer| answer == wait(12)));
}

#[actix_rt::test]
async fn auth24_a_browser_that_was_signed_in_before_does_not_wait_for_strangers() {
    let house = House::open().await;
    let alice = house.alice().await;
    for _ in 0..20 {
        refused(&house, "Alice", WRONG).await;
    }
    assert_eq!(refused(&house, "Alice", PASSWORD).await, wait(12));
    let own = house.log_in_from(alice.device.as_ref(), "Alice", PASSWORD).await.unwrap();
    assert_eq!(own.device, None, "it has one already");
    assert_eq!(refused(&house, "Alice", PASSWORD).await, wait(12), "strangers still wait");
}

#[actix_rt::test]
async fn auth24_a_known_browser_has_no_more_guesses_than_strangers() {
    let house = House::open().await;
    let alice = house.alice().await;
    let guess = || house.log_in_from(alice.device.as_ref(), "Alice", WRONG);
    for _ in 0..5 {
        assert_eq!(guess().await.unwrap_err(), wrong());
    }
    assert_eq!(guess().await.unwrap_err(), wait(12));
    assert!(house.log_in("Alice", PASSWORD).await.is_ok(), "strangers are counted apart");
}

#[actix_rt::test]
async fn auth24_registering_and_signing_in_give_a_cookie_and_a_refresh_does_not() {
    let house = House::open().await;
    let registered = house.alice().await;
    let elsewhere = house.log_in_from(None, "Alice", PASSWORD).await.unwrap();
    let given = |admission: &Admission| admission.device.clone().unwrap();
    assert_ne!(given(&registered), given(&elsewhere), "each browser is counted apart");
    let refreshed = house.refresh(&elsewhere.refresh_token).await.unwrap();
    assert_eq!(refreshed.device, None);
}

#[actix_rt::test]
async fn auth24_what_is_no_cookie_of_this_account_counts_as_none() {
    let house = House::open().await;
    let alice = house.alice().await;
    let bob = house.register("Bob", PASSWORD, None).await.unwrap();
    let twisted = alice.device.as_ref().unwrap().expose().replace('.', "-");
    for device in [bob.device.unwrap(), secret(&twisted), secret("")] {
        let given = house.log_in_from(Some(&device), "Alice", PASSWORD).await.unwrap().device;
        assert!(given.is_some_and(|given: Secret<String>| given != device));
        assert_eq!(house.log_in_from(Some(&device), "Alice", WRONG).await.unwrap_err(), wrong());
    }
    let counted = kept(&house, stranger("Alice")).await.unwrap();
    assert_eq!(counted.failures, 1, "the right password before took the others away");
}

#[actix_rt::test]
async fn auth38_after_a_change_of_the_password_older_cookies_are_those_of_strangers() {
    let house = House::open().await;
    let alice = house.alice().await;
    let thief = house.log_in_from(None, "Alice", PASSWORD).await.unwrap();
    house.change_password(&alice, PASSWORD, OTHER).await.unwrap();
    let older = [alice.device.as_ref(), thief.device.as_ref()];
    for (device, failures) in older.into_iter().zip(1..) {
        assert!(device.is_some());
        let guess = house.log_in_from(device, "Alice", PASSWORD).await;
        assert_eq!(guess.unwrap_err(), wrong());
        let counted = kept(&house, stranger("Alice")).await.unwrap();
        assert_eq!(counted.failures, failures, "among the strangers");
    }
    for _ in 2..5 {
        assert_eq!(refused(&house, "Alice", WRONG).await, wrong());
    }
    for device in older {
        let refusal = house.log_in_from(device, "Alice", OTHER).await.unwrap_err();
        assert_eq!(refusal, wait(12), "no guess more than strangers have");
    }
}

#[actix_rt::test]
async fn auth38_who_signs_in_after_the_change_is_known_again() {
    let house = House::open().await;
    let alice = house.alice().await;
    house.change_password(&alice, PASSWORD, OTHER).await.unwrap();
    let again = house.log_in_from(alice.device.as_ref(), "Alice", OTHER).await.unwrap();
    assert!(again.device.is_some());
    assert_ne!(again.device, alice.device);
    for _ in 0..5 {
        assert_eq!(refused(&house, "Alice", WRONG).await, wrong());
    }
    assert_eq!(refused(&house, "Alice", OTHER).await, wait(12));
    let known = house.log_in_from(again.device.as_ref(), "Alice", OTHER).await.unwrap();
    assert_eq!(known.device, None, "it has a good one");
}

#[actix_rt::test]
async fn auth38_another_hash_of_the_same_password_leaves_the_cookies_good() {
    let house = House::open().await;
    let alice = with_outdated_hash(&house).await;
    for _ in 0..2 {
        let own = house.log_in_from(alice.device.as_ref(), "Alice", PASSWORD).await.unwrap();
        assert_eq!(own.device, None);
        until_made_anew(&house).await;
    }
}

/// What is kept of Alice's password.
pub(crate) async fn kept_hash(house: &House) -> Secret<String> {
    house.store.account(&username("Alice")).await.unwrap().unwrap().password_hash
}

/// Alice's account as a server kept it that hashed at cost 5. This one hashes at cost 4.
pub(crate) async fn with_outdated_hash(house: &House) -> Admission {
    let alice = house.alice().await;
    let was = kept_hash(house).await;
    let peppered = house.parts.keys.as_ref().unwrap().pepper(&secret(PASSWORD));
    let is = secret(&bcrypt::non_truncating_hash(peppered.expose(), 5).unwrap());
    house.store.rehash(alice.user, &was, &is).await.unwrap();
    alice
}

pub(crate) async fn until_made_anew(house: &House) {
    let is_anew = || async { kept_hash(house).await.expose().starts_with("$2b$04$") };
    until("the hash is made anew", is_anew).await;
}

#[actix_rt::test]
async fn auth25_a_hash_of_another_cost_is_made_anew_when_its_owner_signs_in() {
    let house = House::open().await;
    let alice = with_outdated_hash(&house).await;
    house.log_in("Alice", PASSWORD).await.unwrap();
    until_made_anew(&house).await;
    house.log_in("Alice", PASSWORD).await.unwrap();
    let account = house.store.account_of(alice.user).await.unwrap().unwrap();
    assert_eq!(account.password_version, 1, "it is the same password");
    assert_eq!(house.logins(alice.user).await.len(), 3, "no Login ended");
}

#[actix_rt::test]
async fn auth25_a_wrong_password_changes_no_hash() {
    let house = House::open().await;
    with_outdated_hash(&house).await;
    let before = kept_hash(&house).await;
    assert_eq!(refused(&house, "Alice", WRONG).await, wrong());
    let House { handle, store, .. } = house;
    handle.stop().await;
    let after = store.account(&username("Alice")).await.unwrap().unwrap().password_hash;
    assert_eq!(after, before);
}

#[actix_rt::test]
async fn auth25_a_hash_that_is_made_anew_is_not_waited_for() {
    let house = House::open().await;
    let outdated = with_outdated_hash(&house).await;
    let others = join_all((0..5).map(|_| house.log_in("Alice", PASSWORD))).await;
    assert!(others.iter().all(Result::is_ok), "whoever comes meanwhile is let in");
    assert!(house.lives(house.claims(others[4].as_ref().unwrap()).await.login).await);
    assert_eq!(house.logins(outdated.user).await.len(), 5);
}

#[actix_rt::test]
async fn auth23_guesses_at_one_name_take_no_place_from_another() {
    let house = House::open().await;
    house.alice().await;
    let guesses = join_all((0..60).map(|_| refused(&house, "Nobody", WRONG)));
    let (guesses, alice) = join(guesses, house.log_in("Alice", PASSWORD)).await;
    assert!(alice.is_ok());
    assert!(guesses.into_iter().all(|answer| answer == wrong() || answer == wait(12)));
}
