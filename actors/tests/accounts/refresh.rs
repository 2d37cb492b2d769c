//! AUTH rules of refresh tokens.

use bus_schemas::fault::Code;
use bus_schemas::limit::REFRESH_TOKEN_SECONDS;
use futures_util::future::join_all;
use metrics_exporter_prometheus::PrometheusBuilder;

use crate::support::NOW;
use crate::support::house::{House, PASSWORD, next, secret};

#[actix_rt::test]
async fn auth10_a_refresh_gives_the_successor_and_a_fresh_access_token() {
    let house = House::open().await;
    let before = house.alice().await;
    let claims = house.claims(&before).await;
    house.clock.advance_seconds(900);
    let after = house.refresh(&before.refresh_token).await.unwrap();
    assert_ne!(after.refresh_token, before.refresh_token);
    assert_eq!(after.refresh_expires_at, NOW.plus_seconds(900 + REFRESH_TOKEN_SECONDS));

    let renewed = house.claims(&after).await;
    assert_eq!((renewed.user, renewed.login), (claims.user, claims.login));
    assert_ne!(renewed.token, claims.token);
    assert_eq!(renewed.issued_at, NOW.plus_seconds(900));
    assert_eq!(renewed.authenticated_at, NOW, "a refresh is no password");
}

#[actix_rt::test]
async fn auth11_of_parallel_refreshes_one_rotates_and_all_get_the_same_successor() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _local = metrics::set_default_local_recorder(&recorder);
    let house = House::open().await;
    let alice = house.alice().await;
    let refreshed = join_all((0..30).map(|_| house.refresh(&alice.refresh_token))).await;
    let mut successors: Vec<String> = refreshed
        .into_iter()
        .map(|admission| admission.unwrap().refresh_token.expose().clone())
        .collect();
    successors.dedup();
    assert_eq!(successors.len(), 1);
    let page = recorder.handle().render();
    assert!(page.contains("refresh_tokens_used_total 1\n"), "{page}");
    assert!(page.contains("access_tokens_issued_total 31\n"), "{page}");
}

#[actix_rt::test]
async fn auth12_a_repeat_gets_the_same_successor() {
    let house = House::open().await;
    let first = house.alice().await;
    let second = house.refresh(&first.refresh_token).await.unwrap();
    house.clock.advance_seconds(59);
    let again = house.refresh(&first.refresh_token).await.unwrap();
    assert_eq!(again.refresh_token, second.refresh_token, "unused for 60 s");
    assert_eq!(again.refresh_expires_at, second.refresh_expires_at);

    let third = house.refresh(&second.refresh_token).await.unwrap();
    house.clock.advance_seconds(9);
    let again = house.refresh(&second.refresh_token).await.unwrap();
    assert_eq!(again.refresh_token, third.refresh_token);
    house.refresh(&third.refresh_token).await.unwrap();
    assert!(house.refresh(&second.refresh_token).await.is_ok(), "used, but within 10 s");
}

#[actix_rt::test]
async fn auth13_any_other_reuse_ends_the_login_and_tells_it() {
    let house = House::open().await;
    let first = house.alice().await;
    let other_device = house.log_in("Alice", PASSWORD).await.unwrap();
    let second = house.refresh(&first.refresh_token).await.unwrap();
    house.clock.advance_seconds(60);
    let mut told = house.hear_revoked().await;
    let reused = house.refresh(&first.refresh_token).await;
    assert_eq!(reused.err(), Some(Code::InvalidRefreshToken));

    let login = house.claims(&second).await.login;
    let revoked = next(&mut told).await;
    assert_eq!((revoked.user, revoked.login, revoked.token), (first.user, login, None));
    assert!(!house.lives(login).await);
    let successor = house.refresh(&second.refresh_token).await;
    assert_eq!(successor.err(), Some(Code::InvalidRefreshToken));
    assert!(house.refresh(&other_device.refresh_token).await.is_ok(), "another Login goes on");
}

#[actix_rt::test]
async fn auth14_a_token_that_ended_unused_has_expired() {
    let house = House::open().await;
    let alice = house.alice().await;
    house.clock.advance_seconds(REFRESH_TOKEN_SECONDS);
    let expired = house.refresh(&alice.refresh_token).await;
    assert_eq!(expired.err(), Some(Code::RefreshTokenExpired));
}

#[actix_rt::test]
async fn auth14_what_is_no_token_is_invalid() {
    let house = House::open().await;
    for text in ["", "abc", &"ab".repeat(32), &"AB".repeat(32), &"é".repeat(32)] {
        let refused = house.refresh(&secret(text)).await;
        assert_eq!(refused.err(), Some(Code::InvalidRefreshToken), "{text}");
    }
}
