//! AUTH rules of signing in.

use bus_schemas::fault::Code;

use crate::support::house::{House, PASSWORD, next};

#[actix_rt::test]
async fn auth8_signing_in_takes_the_name_in_any_case() {
    let house = House::open().await;
    let registered = house.alice().await;
    house.clock.advance_seconds(100);
    let alice = house.log_in("aLICE", PASSWORD).await.unwrap();
    assert_eq!(alice.user, registered.user);
    assert_eq!(alice.username.as_str(), "Alice");
    let claims = house.claims(&alice).await;
    assert_eq!(claims.authenticated_at, claims.issued_at);
    assert_ne!(claims.login, house.claims(&registered).await.login);
}

#[actix_rt::test]
async fn auth8_an_unknown_name_and_a_wrong_password_get_the_same_answer() {
    let house = House::open().await;
    house.alice().await;
    for (name, password) in [("Alice", "tr0ub4dor and 4"), ("Bob", PASSWORD)] {
        let refused = house.log_in(name, password).await;
        assert_eq!(refused.err(), Some(Code::InvalidCredentials));
    }
}

#[actix_rt::test]
async fn auth9_the_sixth_login_ends_the_first_and_tells_it() {
    let house = House::open().await;
    let first = house.alice().await;
    let mut told = house.hear_revoked().await;
    for _ in 0..4 {
        house.log_in("Alice", PASSWORD).await.unwrap();
    }
    let login = house.claims(&first).await.login;
    assert!(house.lives(login).await);

    let sixth = house.log_in("Alice", PASSWORD).await.unwrap();
    let revoked = next(&mut told).await;
    assert_eq!((revoked.user, revoked.login, revoked.token), (first.user, login, None));
    assert_eq!(house.lease().await.revoked, [revoked]);
    assert!(!house.lives(login).await);
    assert!(house.lives(house.claims(&sixth).await.login).await);
    assert_eq!(house.refresh(&first.refresh_token).await.err(), Some(Code::InvalidRefreshToken));
}
