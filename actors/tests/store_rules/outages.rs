//! A store that goes away and comes back, and what is counted of it.

use std::task::Poll;
use std::time::Duration;

use actors::store::{
    self, LeaseAsked, PASSWORD_VERSION_FIRST, PasswordChange, Removal, StoreError,
};
use actors_core::auth::guessing::{Bucket, Guesses};
use actors_core::breaker::Settings;
use bus_schemas::fault::Code;
use bus_schemas::id::EdgeId;
use futures_util::poll;
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::time::timeout;

use super::beside::{Beside, words};
use super::{create, login, new_login, new_user, user};
use crate::support::house::secret;
use crate::support::world::World;
use crate::support::{DEADLINE, NOW, until};

/// As in production, but for a patience that suits a test of failing. What must succeed is asked of
/// a store with more of it: the machine may be busy.
const SETTINGS: Settings = Settings { failures: 5, call_ms: 300, open_ms: 200 };

pub(crate) async fn sto16_a_store_that_went_away_fails_soon_and_is_asked_again_when_it_is_back(
    world: &mut World,
) {
    create(&*world.open().await, 1, "Alice").await;
    let store = world.open_with(SETTINGS).await;
    let left_alone = world.open_with(Settings { open_ms: 600_000, ..SETTINGS }).await;
    world.cut().await;
    for _ in 0..SETTINGS.failures {
        for each in [&store, &left_alone] {
            let failed = timeout(DEADLINE, each.end_login(login(9), NOW)).await;
            let error = failed.expect("it fails by itself").unwrap_err();
            assert!(matches!(error, StoreError::Away(_) | StoreError::Timeout), "{error:?}");
            assert_eq!(error.code(), Code::ServiceUnavailable);
        }
    }
    // At once: there is nothing that it waits for.
    let Poll::Ready(refused) = poll!(std::pin::pin!(left_alone.end_login(login(9), NOW))) else {
        panic!("the store is asked");
    };
    let error = refused.unwrap_err();
    assert!(matches!(error, StoreError::CircuitOpen), "{error:?}");
    assert_eq!(error.code(), Code::ServiceUnavailable);

    // Whoever asks first after the pause is the trial; this one gives up, which decides nothing.
    until("a trial is let through", || async {
        poll!(std::pin::pin!(store.end_login(login(9), NOW))).is_pending()
    })
    .await;
    world.mend().await;
    until("the store is back", || async { store.end_login(login(1), NOW).await.is_ok() }).await;
    assert!(!world.open().await.login_lives(login(1), None, NOW).await.unwrap());
}

pub(crate) async fn sto17_questions_are_timed_and_failures_counted(world: &mut World) {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _local = metrics::set_default_local_recorder(&recorder);
    actors::metrics::register();
    let page = || recorder.handle().render();
    let store = world.open().await;
    let conflicts =
        "db_query_errors_total{operation=\"create user\",table=\"users\",error_type=\"conflict\"}";
    assert!(page().contains(&format!("{conflicts} 0")));

    create(&*store, 1, "Alice").await;
    store.create_user(&new_user(2, "alice"), &new_login(2, 2)).await.unwrap_err();
    assert!(page().contains(&format!("{conflicts} 1")));
    assert!(
        page().contains(
            "db_query_duration_seconds_count{operation=\"create user\",table=\"users\"} 2"
        )
    );
    assert!(page().contains("circuit_breaker_state{name=\"database\"} 0"));
    assert!(page().contains("circuit_breaker_failures_total{name=\"database\"} 0"));

    let store = world.open_with(SETTINGS).await;
    world.cut().await;
    for _ in 0..7 {
        store.end_login(login(1), NOW).await.unwrap_err();
    }
    assert!(page().contains("circuit_breaker_state{name=\"database\"} 1"));
    assert!(page().contains("circuit_breaker_failures_total{name=\"database\"} 5"));
    world.mend().await;
}

pub(crate) async fn sto17_each_question_is_timed_under_a_name_of_its_own(world: &mut World) {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _local = metrics::set_default_local_recorder(&recorder);
    let store = world.open().await;
    create(&*store, 1, "Alice").await;
    let (bucket, one) = (Bucket::of("name:alice"), Guesses { failures: 1, next_at: NOW });
    let asked =
        LeaseAsked { edge: EdgeId::from_bytes([1; 16]), mark: None, after: None, leaving: false };
    let change = PasswordChange {
        user: user(1),
        keep: None,
        was: secret("a hash"),
        is: secret("another"),
        at: NOW,
    };
    store.account_of(user(1)).await.unwrap();
    store.rehash(user(1), &secret("no hash"), &secret("another")).await.unwrap();
    store.set_password(&change).await.unwrap();
    store.keys(user(1)).await.unwrap();
    store.logins(user(1), NOW).await.unwrap();
    store.owner(login(1)).await.unwrap();
    store.guess(&bucket, None, one, NOW).await.unwrap();
    store.guesses(&bucket).await.unwrap();
    store.forgive(&bucket).await.unwrap();
    store.lease(&asked, NOW).await.unwrap();
    store.edges(Duration::from_secs(6)).await.unwrap();
    store.forget_edges(&[asked.edge], Duration::from_secs(6)).await.unwrap();
    store.seen(&[(user(1), NOW)]).await.unwrap();
    let removal = Removal { user: user(1), password_version: PASSWORD_VERSION_FIRST + 1, at: NOW };
    store.remove_user(&removal).await.unwrap();
    store.find("ali", 20).await.unwrap();

    let page = recorder.handle().render();
    for (operation, table) in [
        ("find account by id", "users"),
        ("update password hash", "users"),
        ("update password", "users"),
        ("list identity keys", "identity_keys"),
        ("list logins", "logins"),
        ("find owner of login", "logins"),
        ("count guess", "guesses"),
        ("find guesses", "guesses"),
        ("delete guesses", "guesses"),
        ("lease revoked tokens", "revoked"),
        ("list edges", "edges"),
        ("delete edges", "edges"),
        ("batch update last_seen_at", "users"),
        ("delete user", "users"),
        ("search users", "users"),
    ] {
        let timed = format!(
            "db_query_duration_seconds_count{{operation=\"{operation}\",table=\"{table}\"}} 1\n"
        );
        assert!(page.contains(&timed), "{timed} in\n{page}");
    }
}

pub(crate) async fn sto18_tables_are_brought_up_to_date_again_and_again(world: &mut World) {
    let store = world.open().await;
    create(&*store, 1, "Alice").await;
    store::migrate(&world.url).await.unwrap();
    store.ping().await.unwrap();
    assert!(store.login_lives(login(1), None, NOW).await.unwrap());
    assert!(store.pool().total >= 1);
}

pub(crate) async fn sto19_a_strange_question_is_no_outage(world: &mut World) {
    let store = world.open().await;
    create(&*store, 1, "Alice").await;
    for _ in 0..6 {
        let mut strange = new_login(1, 2);
        "a\0b".clone_into(&mut strange.client.user_agent);
        // PostgreSQL refuses this text, SQLite takes it, and then the id is a repeat.
        if let Err(error) = store.add_login(&strange).await {
            assert!(matches!(error, StoreError::Broken(_)), "{error:?}");
        }
    }
    store.ping().await.unwrap();
}

pub(crate) async fn sto19_a_row_that_makes_no_sense_is_no_outage_either(world: &mut World) {
    let store = world.open_with(SETTINGS).await;
    create(&*store, 1, "Alice").await;
    Beside::of(world).await.say("UPDATE users SET username = '!'").await;
    for _ in 0..6 {
        let error = store.person(user(1)).await.unwrap_err();
        assert!(matches!(error, StoreError::Broken(_)), "{error:?}");
        assert_eq!(error.code(), Code::InternalError);
    }
    store.ping().await.unwrap();
}

pub(crate) async fn sto20_a_store_whose_tables_are_not_up_to_date_is_refused(world: &mut World) {
    world.unmake().await;
    let refused = store::open(&world.url).await.err().unwrap();
    assert!(matches!(refused, StoreError::Outdated), "{refused:?}");
    assert!(refused.to_string().contains("dhchat migrate"));
}

pub(crate) async fn sto37_noting_who_was_seen_fails_apart_from_everything_else(world: &mut World) {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _local = metrics::set_default_local_recorder(&recorder);
    let open = |circuit: &str| format!("circuit_breaker_state{{name=\"{circuit}\"}} 1");
    let page = || recorder.handle().render();
    let failures = 2;
    create(&*world.open().await, 1, "Alice").await;
    let store = world.open_with(Settings { failures, open_ms: 1_000, ..SETTINGS }).await;
    let mut blocker = Beside::of(world).await;
    blocker.say(words("BEGIN IMMEDIATE", "BEGIN; SELECT FROM users FOR UPDATE")).await;
    for _ in 0..failures {
        let error = store.seen(&[(user(1), NOW)]).await.unwrap_err();
        assert!(matches!(error, StoreError::Away(_) | StoreError::Timeout), "{error:?}");
    }
    let refused = store.seen(&[(user(1), NOW)]).await.unwrap_err();
    assert!(matches!(refused, StoreError::CircuitOpen), "{refused:?}");
    let failed = format!("circuit_breaker_failures_total{{name=\"last_seen\"}} {failures}");
    assert!(page().contains(&failed), "{}", page());
    assert!(page().contains(&open("last_seen")) && !page().contains(&open("database")));
    until("everything else is answered", || async {
        matches!(store.login_lives(login(1), None, NOW).await, Ok(true))
    })
    .await;
    blocker.say("COMMIT").await;
    until("who was seen is noted again", || async { store.seen(&[(user(1), NOW)]).await.is_ok() })
        .await;

    world.cut().await;
    for _ in 0..failures {
        store.end_login(login(9), NOW).await.unwrap_err();
    }
    assert!(page().contains(&open("database")) && !page().contains(&open("last_seen")));
    let error = store.seen(&[(user(1), NOW)]).await.unwrap_err();
    assert!(matches!(error, StoreError::Away(_) | StoreError::Timeout), "{error:?}");
    world.mend().await;
}

pub(crate) async fn sto42_leases_are_given_again_while_all_else_is_still_left_alone(
    world: &mut World,
) {
    create(&*world.open().await, 1, "Alice").await;
    let store = world.open_with(Settings { open_ms: 600_000, ..SETTINGS }).await;
    let edge = EdgeId::from_bytes([1; 16]);
    let asked = LeaseAsked { edge, mark: None, after: None, leaving: false };
    assert!(store.lease(&asked, NOW).await.is_ok());
    world.cut().await;
    for _ in 0..SETTINGS.failures {
        store.lease(&asked, NOW).await.unwrap_err();
        store.end_login(login(9), NOW).await.unwrap_err();
    }
    let error = store.lease(&asked, NOW).await.unwrap_err();
    assert!(matches!(error, StoreError::CircuitOpen), "{error:?}");
    world.mend().await;
    until("there are leases again", || async { store.lease(&asked, NOW).await.is_ok() }).await;
    let error = store.end_login(login(1), NOW).await.unwrap_err();
    assert!(matches!(error, StoreError::CircuitOpen), "{error:?}");
}
