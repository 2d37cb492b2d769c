//! AUTH rules of the end of Logins and access tokens.

use bus_schemas::auth::{self as said, Revoked};
use bus_schemas::fault::Code;
use bus_schemas::limit::LOGIN_REVOKED_SECONDS;
use bus_schemas::time::Timestamp;

use crate::support::NOW;
use crate::support::house::{House, PASSWORD, next, secret};

/// One access token of a Login, as an edge names it.
async fn token_of(house: &House, admission: &said::Admission) -> Revoked {
    let claims = house.claims(admission).await;
    Revoked {
        user: claims.user,
        login: claims.login,
        token: Some(claims.token),
        until: claims.expires_at,
    }
}

/// The whole Login of that token, ended at the beginning.
fn whole(access: &Revoked) -> Revoked {
    Revoked { token: None, until: NOW.plus_seconds(LOGIN_REVOKED_SECONDS), ..access.clone() }
}

#[actix_rt::test]
async fn auth15_signing_out_ends_the_login_and_the_access_token_and_tells_it() {
    let house = House::open().await;
    let alice = house.alice().await;
    let other_device = house.log_in("Alice", PASSWORD).await.unwrap();
    let access = token_of(&house, &alice).await;
    let mut told = house.hear_revoked().await;
    house.log_out(Some(&alice.refresh_token), Some(access.clone())).await.unwrap();

    assert_eq!(next(&mut told).await, whole(&access));
    assert_eq!(next(&mut told).await, access);
    assert!(!house.lives(access.login).await);
    assert_eq!(house.refresh(&alice.refresh_token).await.err(), Some(Code::InvalidRefreshToken));
    assert!(house.refresh(&other_device.refresh_token).await.is_ok());
}

#[actix_rt::test]
async fn auth15_signing_out_never_fails_for_a_token_that_is_no_longer_good() {
    let house = House::open().await;
    let alice = house.alice().await;
    house.log_out(None, None).await.unwrap();
    house.log_out(Some(&secret("nonsense")), None).await.unwrap();
    house.log_out(Some(&secret(&"ab".repeat(32))), None).await.unwrap();
    house.log_out(Some(&alice.refresh_token), None).await.unwrap();
    house.log_out(Some(&alice.refresh_token), None).await.unwrap();
}

#[actix_rt::test]
async fn auth15_a_used_refresh_token_still_signs_out() {
    let house = House::open().await;
    let alice = house.alice().await;
    let second = house.refresh(&alice.refresh_token).await.unwrap();
    house.log_out(Some(&alice.refresh_token), None).await.unwrap();
    assert_eq!(house.refresh(&second.refresh_token).await.err(), Some(Code::InvalidRefreshToken));
}

#[actix_rt::test]
async fn auth16_a_revocation_is_stored_before_it_is_told() {
    let house = House::open().await;
    let alice = house.alice().await;
    let access = token_of(&house, &alice).await;
    let mut told = house.hear_revoked().await;
    house.ask(&said::revoke(), &access).await.unwrap();
    assert_eq!(next(&mut told).await, access);
    assert_eq!(house.store.revoked(NOW).await.unwrap(), std::slice::from_ref(&access));
    assert!(house.lives(access.login).await, "the Login goes on");
    assert!(house.refresh(&alice.refresh_token).await.is_ok());
}

#[actix_rt::test]
async fn auth16_a_revocation_outlives_a_token_that_is_about_to_end() {
    let house = House::open().await;
    let alice = house.alice().await;
    let ending = Revoked { until: NOW.plus_seconds(1), ..token_of(&house, &alice).await };
    house.ask(&said::revoke(), &ending).await.unwrap();
    house.clock.advance_seconds(60);
    let kept = house.lease().await.revoked;
    assert_eq!(kept, [Revoked { until: NOW.plus_seconds(300), ..ending }]);
}

#[actix_rt::test]
async fn auth41_a_revocation_is_kept_no_longer_than_a_token_can_live_whatever_an_edge_says() {
    let house = House::open().await;
    let alice = house.alice().await;
    let endless = Revoked { until: Timestamp(i64::MAX), ..token_of(&house, &alice).await };
    house.ask(&said::revoke(), &endless).await.unwrap();
    let until = NOW.plus_seconds(LOGIN_REVOKED_SECONDS);
    assert_eq!(house.lease().await.revoked, [Revoked { until, ..endless }]);
}

#[actix_rt::test]
async fn auth16_a_revocation_that_names_no_token_ends_the_login() {
    let house = House::open().await;
    let alice = house.alice().await;
    let whole = whole(&token_of(&house, &alice).await);
    house.ask(&said::revoke(), &whole).await.unwrap();
    assert!(!house.lives(whole.login).await);
    assert_eq!(house.lease().await.revoked, [whole]);
}

#[actix_rt::test]
async fn auth17_a_lease_has_the_keys_and_what_is_revoked_and_not_yet_expired() {
    let house = House::open().await;
    let alice = house.alice().await;
    let access = token_of(&house, &alice).await;
    house.ask(&said::revoke(), &access).await.unwrap();
    let lease = house.lease().await;
    assert_eq!(lease.keys, house.parts.keys.as_ref().unwrap().verifying(NOW));
    assert_eq!(lease.revoked, [access]);
    house.clock.advance_seconds(900);
    assert_eq!(house.lease().await.revoked, []);
}

#[actix_rt::test]
async fn auth18_verifying_a_login_says_whether_it_lives() {
    let house = House::open().await;
    let alice = house.alice().await;
    let login = house.claims(&alice).await.login;
    assert!(house.lives(login).await);
    assert!(!house.lives(bus_schemas::id::LoginId::from_bytes([9; 16])).await);
    house.log_out(Some(&alice.refresh_token), None).await.unwrap();
    assert!(!house.lives(login).await);
}
