//! SERVE rules: how the answering actors start, stop, fail and count.

use std::time::{Duration, Instant};

use actors::serve::{self, Role};
use actors_core::auth::guessing;
use bus_schemas::auth as said;
use bus_schemas::bus::BusError;
use bus_schemas::directory::{self as directory, Who};
use bus_schemas::fault::Code;
use bus_schemas::identity::{self as identity, OfUser};
use bus_schemas::verbs::CallError;
use futures_util::future::join_all;
use metrics_exporter_prometheus::PrometheusBuilder;

use crate::support::house::{House, PASSWORD, client, passer_by, secret, username};
use crate::support::world::World;
use crate::support::{DEADLINE, until};

const WAIT: Duration = Duration::from_secs(5);

#[actix_rt::test]
async fn serve1_several_actors_of_one_role_share_the_questions() {
    let house = House::open().await;
    let second = serve::start(house.parts.clone(), Role::ALL).await.unwrap();
    house.alice().await;
    for _ in 0..4 {
        house.log_in("Alice", PASSWORD).await.unwrap();
    }
    house.handle.stop().await;
    let asked = house.bus.call(&said::lease(), &passer_by(), None, WAIT).await;
    assert!(asked.is_ok(), "the second goes on");
    second.stop().await;
}

#[actix_rt::test]
async fn serve2_a_stop_answers_what_is_under_way_and_takes_no_more() {
    // Eight at once of one account: not what this test is about.
    let open = guessing::Settings { free: 8, ..guessing::Settings::default() };
    let house = House::open_on(World::sqlite().await, |parts| parts.guessing = open).await;
    house.alice().await;
    let House { bus, handle, world, .. } = house;
    let under_way = join_all((0..8).map(|_| async {
        let question = said::LogIn {
            username: username("Alice"),
            password: secret(PASSWORD),
            device: None,
            client: client(),
        };
        bus.call(&said::log_in(), &question, None, WAIT).await
    }));
    let stop = async {
        // The questions are heard before the actor is told to stop.
        tokio::task::yield_now().await;
        bus.call(
            &directory::who(),
            &Who { user: bus_schemas::id::UserId::from_bytes([9; 16]) },
            None,
            WAIT,
        )
        .await
        .unwrap_err();
        tokio::time::timeout(DEADLINE, handle.stop()).await.unwrap();
    };
    let (answers, ()) = futures_util::future::join(under_way, stop).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let asked = bus.call(&said::lease(), &passer_by(), None, WAIT).await;
    assert!(matches!(asked, Err(CallError::Bus(BusError::NoResponders))));
    drop(world);
}

#[actix_rt::test]
async fn serve3_with_the_store_away_every_question_is_refused_and_soon() {
    let house = House::open().await;
    let alice = house.alice().await;
    let user = alice.user;
    house.store.close().await;
    let begun = Instant::now();
    for _ in 0..10 {
        let refused = [
            house.log_in("Alice", PASSWORD).await.err(),
            house.register("Bob", PASSWORD, None).await.err(),
            house.refresh(&alice.refresh_token).await.err(),
            house.log_out(Some(&alice.refresh_token), None).await.err(),
            house.ask(&said::lease(), &passer_by()).await.err(),
            house.ask(&identity::key(), &OfUser { user }).await.err(),
            house.ask(&directory::me(), &Who { user }).await.err(),
        ];
        assert_eq!(refused, [Some(Code::ServiceUnavailable); 7]);
    }
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[test]
fn serve4_every_counter_exists_at_0_from_the_start() {
    let recorder = PrometheusBuilder::new().build_recorder();
    metrics::with_local_recorder(&recorder, actors::metrics::register);
    let page = recorder.handle().render();
    for counter in [
        "refresh_tokens_issued_total",
        "refresh_tokens_used_total",
        "refresh_tokens_revoked_total",
        "refresh_tokens_expired_total",
        "refresh_tokens_cleanup_deleted_total",
        "access_tokens_issued_total",
        "access_tokens_revoked_total",
        "revoked_tokens_cleanup_deleted_total",
        "circuit_breaker_failures_total{name=\"database\"}",
        "circuit_breaker_failures_total{name=\"last_seen\"}",
        "circuit_breaker_failures_total{name=\"leases\"}",
        "db_query_errors_total{operation=\"search users\",table=\"users\",error_type=\"away\"}",
        "db_pool_acquired_connections",
        "db_pool_idle_connections",
        "db_pool_max_connections",
        "db_pool_total_connections",
        "circuit_breaker_state{name=\"database\"}",
        "circuit_breaker_state{name=\"last_seen\"}",
        "circuit_breaker_state{name=\"leases\"}",
    ] {
        assert!(page.contains(&format!("\n{counter} 0\n")), "{counter} in\n{page}");
        let name = counter.split('{').next().unwrap();
        assert!(page.contains(&format!("# HELP {name} ")), "{name} is not described");
    }
}

#[actix_rt::test]
async fn serve5_tokens_are_counted_where_they_change_hands() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _local = metrics::set_default_local_recorder(&recorder);
    let house = House::open().await;
    let alice = house.alice().await;
    let second = house.refresh(&alice.refresh_token).await.unwrap();
    house.log_out(Some(&second.refresh_token), None).await.unwrap();
    let bob = house.register("Bob", PASSWORD, None).await.unwrap();
    house.clock.advance_seconds(bus_schemas::limit::REFRESH_TOKEN_SECONDS);
    house.refresh(&bob.refresh_token).await.unwrap_err();
    let page = recorder.handle().render();
    for line in [
        "refresh_tokens_issued_total 3",
        "refresh_tokens_used_total 1",
        "refresh_tokens_revoked_total 1",
        "refresh_tokens_expired_total 1",
        "access_tokens_issued_total 3",
        "access_tokens_revoked_total 1",
    ] {
        assert!(page.contains(&format!("{line}\n")), "{line} in\n{page}");
    }
}

#[actix_rt::test]
async fn serve6_the_connections_of_the_store_are_told_from_the_start() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _local = metrics::set_default_local_recorder(&recorder);
    let house = House::open().await;
    house.alice().await;
    let page = recorder.handle().render();
    let told = |name: &str| {
        let line = page.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().parse::<u32>().unwrap()
    };
    let (max, total) = (told("db_pool_max_connections "), told("db_pool_total_connections "));
    assert!(max > 0 && (1..=max).contains(&total), "{page}");
    assert!(told("db_pool_idle_connections ") + told("db_pool_acquired_connections ") <= total);
}

#[actix_rt::test]
async fn auth19_what_has_ended_is_swept_when_auth_starts() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _local = metrics::set_default_local_recorder(&recorder);
    let house = House::open().await;
    let alice = house.alice().await;
    house.log_out(Some(&alice.refresh_token), None).await.unwrap();
    house.register("Bob", PASSWORD, None).await.unwrap();
    house.clock.advance_seconds(bus_schemas::limit::REFRESH_TOKEN_SECONDS);
    let second = serve::start(house.parts.clone(), &[Role::Auth]).await.unwrap();
    until("all is swept", || async {
        let page = recorder.handle().render();
        page.contains("refresh_tokens_cleanup_deleted_total 1\n")
            && page.contains("revoked_tokens_cleanup_deleted_total 1\n")
    })
    .await;
    second.stop().await;
}

#[actix_rt::test]
async fn what_is_printed_of_the_actors_is_no_secret() {
    let house = House::open().await;
    assert_eq!(format!("{:?}", house.parts), "Parts(…)");
    let printed = format!("{:?}", house.handle).replace("Running, ", "");
    assert_eq!(printed, "Handle { running: [Running] }");
}
