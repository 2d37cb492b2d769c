//! How often a password was guessed.

use actors_core::auth::guessing::{Bucket, Guesses};
use bus_schemas::time::Timestamp;
use futures_util::future::join_all;

use crate::support::NOW;
use crate::support::world::World;

/// Callers who saw the same, at once.
const CALLERS: usize = 32;

fn after(failures: u32) -> Guesses {
    Guesses { failures, next_at: NOW.plus_seconds(i64::from(failures) * 12) }
}

pub(crate) async fn sto29_of_all_who_saw_the_same_guesses_one_counts_the_next(world: &mut World) {
    // Two processes with connections of their own.
    let stores = [world.open().await, world.open().await];
    let bucket = Bucket::of("name:alice");
    let mut seen = None;
    for failures in 1..=10 {
        assert_eq!(stores[0].guesses(&bucket).await.unwrap(), seen);
        let attempts = (0..CALLERS).map(|i| {
            let (store, next) = (stores[i % 2].clone(), after(failures));
            tokio::spawn(async move { store.guess(&bucket, seen, next, NOW).await.unwrap() })
        });
        let won = join_all(attempts).await.into_iter().filter(|won| *won.as_ref().unwrap());
        assert_eq!(won.count(), 1, "guess {failures}");
        seen = Some(after(failures));
    }
    assert_eq!(stores[1].guesses(&bucket).await.unwrap(), seen);
}

pub(crate) async fn sto29_a_guess_that_saw_something_else_does_not_count(world: &mut World) {
    let store = world.open().await;
    let bucket = Bucket::of("name:alice");
    assert!(!store.guess(&bucket, Some(after(1)), after(2), NOW).await.unwrap(), "nothing there");
    assert_eq!(store.guesses(&bucket).await.unwrap(), None);
    assert!(store.guess(&bucket, None, after(3), NOW).await.unwrap());
    let later = Guesses { next_at: NOW.plus_seconds(1), ..after(3) };
    for other in [None, Some(after(2)), Some(after(4)), Some(later)] {
        assert!(!store.guess(&bucket, other, after(5), NOW).await.unwrap(), "{other:?}");
    }
    assert_eq!(store.guesses(&bucket).await.unwrap(), Some(after(3)));
}

pub(crate) async fn sto30_buckets_are_apart_and_forgiven_one_by_one(world: &mut World) {
    let store = world.open().await;
    let (alice, bob) = (Bucket::of("name:alice"), Bucket::of("name:bob"));
    let many = Guesses { failures: u32::MAX, next_at: Timestamp(i64::from(u32::MAX)) };
    assert!(store.guess(&alice, None, many, NOW).await.unwrap());
    assert!(store.guess(&bob, None, after(1), NOW).await.unwrap());
    store.forgive(&bob).await.unwrap();
    store.forgive(&bob).await.unwrap();
    assert_eq!(store.guesses(&bob).await.unwrap(), None);
    assert_eq!(store.guesses(&alice).await.unwrap(), Some(many));
    assert!(store.guess(&bob, None, after(1), NOW).await.unwrap());
}
