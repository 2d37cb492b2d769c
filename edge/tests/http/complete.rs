//! Nothing is answered that no story shows: the routes and codes of the document, compared with
//! what the stories declare and are held to.

use std::collections::BTreeSet;

use super::{accounts, answerers, around, devices, every_route, identity, people};
use crate::support::asking::OPERATIONS;
use crate::support::stories::expand;

/// What is answered where there is no route: it belongs to no one of them.
pub(crate) const ELSEWHERE: [&str; 4] = [
    "elsewhere 400 INVALID_PATH",
    "elsewhere 404 NOT_FOUND",
    "elsewhere 405 METHOD_NOT_ALLOWED",
    "elsewhere 200",
];

/// Any handler may have a bug; one that has none cannot show it.
const BUG: &str = " 500 INTERNAL_ERROR";

fn shown() -> BTreeSet<String> {
    let stories = [
        accounts::SHOWN,
        answerers::SHOWN,
        around::SHOWN,
        devices::SHOWN,
        every_route::SHOWN,
        identity::SHOWN,
        people::SHOWN,
    ];
    expand(&stories.concat())
}

#[test]
fn door1_the_stories_show_every_answer_of_every_route() {
    let documented = OPERATIONS.iter().flat_map(|operation| operation.answers.iter().cloned());
    let all: BTreeSet<String> = documented.chain(ELSEWHERE.map(str::to_owned)).collect();
    let shown = shown();
    let missing: Vec<&String> =
        all.difference(&shown).filter(|answer| !answer.ends_with(BUG)).collect();
    assert!(missing.is_empty(), "no story shows {missing:#?}");
    let unknown: Vec<&String> = shown.difference(&all).collect();
    assert!(unknown.is_empty(), "the document does not name {unknown:#?}");
    assert!(shown.iter().any(|answer| answer.ends_with(BUG)), "no story shows a fault of ours");
}
