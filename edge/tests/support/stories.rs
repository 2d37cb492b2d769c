//! How a story is told: on both stores, and held to what it says that it shows.

use std::collections::BTreeSet;

use super::asking::{OPERATIONS, seen};
use super::place::{Kind, Place};

/// Declares the stories of a file, each with the answers that it shows: `GET /api/chat/me 200`,
/// `elsewhere 404 NOT_FOUND`, or `every 401 INVALID_TOKEN` for each route that can answer so.
///
/// Each becomes a test for each store, which fails unless all of them were seen.
macro_rules! stories {
    ($($story:ident => [$($shows:literal),* $(,)?];)*) => {
        /// What the stories of this file show.
        pub(crate) const SHOWN: &[&str] = &[$($($shows,)*)*];

        mod on_sqlite {
            use $crate::support::{place::Kind, stories::tell};
            $(#[tokio::test]
            async fn $story() {
                tell(Kind::Sqlite, super::$story, &[$($shows),*]).await;
            })*
        }

        mod on_postgres {
            use $crate::support::{place::Kind, stories::tell};
            $(#[tokio::test]
            async fn $story() {
                tell(Kind::Postgres, super::$story, &[$($shows),*]).await;
            })*
        }
    };
}
pub(crate) use stories;

/// Tells a story; it has to show what it says.
pub(crate) async fn tell(kind: Kind, story: impl AsyncFnOnce(Place), shows: &[&str]) {
    story(Place(kind)).await;
    let (promised, seen) = (expand(shows), seen());
    let missing: Vec<&String> = promised.difference(&seen).collect();
    assert!(missing.is_empty(), "the story has not shown {missing:#?}, but {seen:#?}");
}

/// Answers, each by itself.
pub(crate) fn expand(shows: &[&str]) -> BTreeSet<String> {
    let each = |shows: &&str| match shows.strip_prefix("every ") {
        None => vec![(*shows).to_owned()],
        Some(answer) => {
            let able = OPERATIONS.iter().filter(|operation| operation.can(answer));
            let all: Vec<String> =
                able.map(|at| format!("{} {} {answer}", at.verb, at.path)).collect();
            assert!(!all.is_empty(), "no route answers {answer}");
            all
        }
    };
    shows.iter().flat_map(each).collect()
}
