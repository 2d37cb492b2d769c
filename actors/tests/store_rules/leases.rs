//! What edges are told of revocations, and which edges are there.

use std::collections::BTreeSet;
use std::time::Duration;

use actors::store::{LEASE_REVOKED_MAX, LeaseAsked, LeaseGiven, Store};
use bus_schemas::auth::Revoked;
use bus_schemas::id::{EdgeId, TokenId};
use futures_util::future::join_all;
use futures_util::poll;

use super::beside::{Beside, Late, words};
use super::{login, user};
use crate::support::world::World;
use crate::support::{NOW, until};

/// How long an edge that stays silent is taken to be there.
const WITHIN: Duration = Duration::from_secs(6);

fn edge(number: u8) -> EdgeId {
    EdgeId::from_bytes([number; 16])
}

/// A token of Alice's.
fn token(number: u8) -> Revoked {
    let token = Some(TokenId::from_bytes([number; 16]));
    Revoked { user: user(1), login: login(1), token, until: NOW.plus_seconds(100) }
}

async fn ask(store: &dyn Store, mark: Option<i64>, after: Option<i64>) -> LeaseGiven {
    let asked = LeaseAsked { edge: edge(1), mark, after, leaving: false };
    store.lease(&asked, NOW).await.unwrap()
}

/// Every page of a list, and the mark that holds for it.
async fn list(store: &dyn Store, mark: Option<i64>) -> (i64, Vec<Revoked>) {
    let first = ask(store, mark, None).await;
    let (mut told, mut next) = (first.revoked, first.next);
    while next.is_some() {
        let page = ask(store, mark, next).await;
        told.extend(page.revoked);
        next = page.next;
    }
    (first.mark, told)
}

pub(crate) async fn sto31_a_list_has_what_was_revoked_since_its_mark(world: &mut World) {
    let store = world.open().await;
    let (mark, told) = list(&*store, None).await;
    assert_eq!(told, []);
    store.revoke(&token(1)).await.unwrap();
    let (mark, told) = list(&*store, Some(mark)).await;
    assert_eq!(told, [token(1)]);
    store.revoke(&token(2)).await.unwrap();
    let (_, told) = list(&*store, Some(mark)).await;
    assert!(told.contains(&token(2)), "{told:?}");
    assert_eq!(list(&*store, None).await.1, [token(1), token(2)]);

    // What has expired by itself is not told.
    let asked = LeaseAsked { edge: edge(1), mark: None, after: None, leaving: false };
    let given = store.lease(&asked, NOW.plus_seconds(100)).await.unwrap();
    assert_eq!((given.revoked, given.next), (vec![], None));

    // What was told is not told for ever. Transactions of others may hold the mark for a while.
    until("the mark has passed all that was told", || async {
        let (mark, _) = list(&*store, None).await;
        list(&*store, Some(mark)).await.1.is_empty()
    })
    .await;
}

pub(crate) async fn sto31_a_later_end_is_told_to_whoever_knows_the_earlier(world: &mut World) {
    let store = world.open().await;
    store.revoke(&token(1)).await.unwrap();
    until("the mark has passed the first", || async {
        let (mark, _) = list(&*store, None).await;
        list(&*store, Some(mark)).await.1.is_empty()
    })
    .await;
    let (mark, _) = list(&*store, None).await;
    let longer = Revoked { until: NOW.plus_seconds(200), ..token(1) };
    store.revoke(&longer).await.unwrap();
    store.revoke(&token(1)).await.unwrap();
    assert_eq!(list(&*store, Some(mark)).await.1, [longer]);
}

pub(crate) async fn sto31_a_revocation_that_is_committed_late_is_not_missed(world: &mut World) {
    let store = world.open().await;
    let late = Late::begin(world, &token(1)).await;
    store.revoke(&token(2)).await.unwrap();
    let (mark, told) = list(&*store, None).await;
    assert_eq!(told, [token(2)]);
    late.commit().await;
    let (mark, told) = list(&*store, Some(mark)).await;
    assert!(told.contains(&token(1)), "{told:?}");

    // Another one comes while the pages of one list are read.
    let late = Late::begin(world, &token(3)).await;
    store.revoke(&token(4)).await.unwrap();
    let first = ask(&*store, Some(mark), None).await;
    late.commit().await;
    let mut told = ask(&*store, Some(mark), Some(i64::MAX)).await.revoked;
    assert_eq!(told, [], "a page behind every row");
    told.extend(list(&*store, Some(first.mark)).await.1);
    assert!(told.contains(&token(3)), "{told:?}");
}

pub(crate) async fn sto31_none_is_missed_while_many_are_committed(world: &mut World) {
    let stores = [world.open().await, world.open().await];
    let writers = (0..8u8).map(|writer| {
        let store = stores[usize::from(writer % 2)].clone();
        tokio::spawn(async move {
            for i in 0..16 {
                store.revoke(&token(writer * 16 + i)).await.unwrap();
            }
        })
    });
    let mut writers = Box::pin(join_all(writers));
    let (mut heard, mut mark, mut written) = (BTreeSet::new(), None, false);
    // The last list is begun after the last commit.
    while !written {
        written = poll!(&mut writers).is_ready();
        let (next, told) = list(&*stores[0], mark).await;
        heard.extend(told.into_iter().map(|revoked| revoked.token.unwrap()));
        mark = Some(next);
    }
    assert_eq!(heard.len(), 8 * 16);
}

pub(crate) async fn sto32_a_long_list_is_told_page_by_page(world: &mut World) {
    let store = world.open().await;
    let (count, until) = (2 * LEASE_REVOKED_MAX, NOW.0 + 100);
    let sqlite = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         INSERT INTO revoked (login_id, token_id, user_id, until)
         SELECT randomblob(16), randomblob(16), randomblob(16), {until} FROM n"
    );
    let postgres = format!(
        "INSERT INTO revoked (login_id, token_id, user_id, until)
         SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), to_timestamp({until})
         FROM generate_series(1, {count})"
    );
    let mut beside = Beside::of(world).await;
    beside.say(words(&sqlite, &postgres)).await;

    let first = ask(&*store, None, None).await;
    assert_eq!(first.revoked.len(), LEASE_REVOKED_MAX);
    let second = ask(&*store, None, first.next).await;
    assert_eq!((second.revoked.len(), second.next), (LEASE_REVOKED_MAX, None), "no empty page");
    store.revoke(&token(1)).await.unwrap();
    let (_, told) = list(&*store, None).await;
    assert_eq!(told.last(), Some(&token(1)));
    let distinct: BTreeSet<_> = told.iter().map(|revoked| (revoked.login, revoked.token)).collect();
    assert_eq!((told.len(), distinct.len()), (count + 1, count + 1));
}

pub(crate) async fn sto33_a_mark_from_the_future_gives_everything(world: &mut World) {
    let store = world.open().await;
    store.revoke(&token(1)).await.unwrap();
    let (mark, _) = list(&*store, None).await;
    let (again, told) = list(&*store, Some(mark + 1_000_000)).await;
    assert_eq!(told, [token(1)]);
    assert!((mark..mark + 1_000_000).contains(&again), "the present mark is given: {again}");
}

pub(crate) async fn sto34_an_edge_is_there_from_its_lease_until_it_leaves_or_is_silent(
    world: &mut World,
) {
    let store = world.open().await;
    let mut beside = Beside::of(world).await;
    let lease = |number, leaving| {
        let store = store.clone();
        async move {
            let asked = LeaseAsked { edge: edge(number), mark: None, after: None, leaving };
            store.lease(&asked, NOW).await.unwrap()
        }
    };
    assert_eq!(store.edges(WITHIN).await.unwrap(), []);
    lease(2, false).await;
    lease(1, false).await;
    lease(1, false).await;
    assert_eq!(store.edges(WITHIN).await.unwrap(), [edge(1), edge(2)]);
    beside.age_edges(7).await;
    lease(2, false).await;
    assert_eq!(store.edges(WITHIN).await.unwrap(), [edge(2)]);
    assert_eq!(store.edges(WITHIN + WITHIN).await.unwrap(), [edge(1), edge(2)]);
    lease(1, false).await;
    store.revoke(&token(1)).await.unwrap();
    assert_eq!(lease(2, true).await.revoked, [token(1)]);
    lease(3, true).await;
    assert_eq!(store.edges(WITHIN).await.unwrap(), [edge(1)]);
}

pub(crate) async fn sto40_an_edge_is_forgotten_unless_it_came_again(world: &mut World) {
    let store = world.open().await;
    let mut beside = Beside::of(world).await;
    let note = |number| LeaseAsked { edge: edge(number), mark: None, after: None, leaving: false };
    for number in 1..=3 {
        store.lease(&note(number), NOW).await.unwrap();
    }
    beside.age_edges(7).await;
    store.lease(&note(2), NOW).await.unwrap();
    store.forget_edges(&[edge(1), edge(2), edge(4)], WITHIN).await.unwrap();
    assert_eq!(store.edges(2 * WITHIN).await.unwrap(), [edge(2), edge(3)]);
    store.forget_edges(&[], WITHIN).await.unwrap();
}

pub(crate) async fn sto34_what_is_committed_before_an_edge_is_noted_is_on_its_list(
    world: &mut World,
) {
    let store = world.open().await;
    let mut blocker = Beside::of(world).await;
    let row = "00000000000000000000000000000001";
    let begin = [
        words("BEGIN IMMEDIATE", "BEGIN"),
        words("SELECT 1", &format!("INSERT INTO edges VALUES ('{row}', clock_timestamp())")),
    ];
    for step in begin {
        blocker.say(step).await;
    }
    // The edge cannot be noted yet, so whoever revokes does not wait for it.
    let asked = LeaseAsked {
        edge: EdgeId::new(uuid::Uuid::from_u128(1)),
        mark: None,
        after: None,
        leaving: false,
    };
    let asking = store.clone();
    let asking = tokio::spawn(async move { asking.lease(&asked, NOW).await.unwrap() });
    // Nobody can see who waits for SQLite; there the lease may come after all this.
    let waiting = words(
        "SELECT 1",
        "SELECT count(*) FROM pg_stat_activity
         WHERE wait_event_type = 'Lock' AND datname = current_database()",
    );
    until("the edge waits to be noted", || async {
        Beside::of(world).await.number(waiting.clone()).await > 0
    })
    .await;
    let mut watcher = Beside::of(world).await;
    let insert = words(
        "INSERT INTO revoked (user_id, login_id, token_id, until)
         VALUES (zeroblob(16), zeroblob(16), zeroblob(16), 2000000000)",
        &format!(
            "INSERT INTO revoked (user_id, login_id, token_id, until)
             VALUES ('{row}', '{row}', '{row}', to_timestamp(2000000000))"
        ),
    );
    if let Beside::Postgres(_) = watcher { &mut watcher } else { &mut blocker }.say(insert).await;
    blocker.say("COMMIT").await;
    assert_eq!(asking.await.unwrap().revoked.len(), 1);
}
