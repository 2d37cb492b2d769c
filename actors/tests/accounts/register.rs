//! AUTH rules of new accounts.

use bus_schemas::directory::{self as directory, Who};
use bus_schemas::fault::Code;
use bus_schemas::id::UserId;
use bus_schemas::identity::{self as identity, OfUser};
use bus_schemas::limit::{ACCESS_TOKEN_SECONDS, REFRESH_TOKEN_SECONDS};

use crate::support::NOW;
use crate::support::house::{House, PASSWORD, key};

async fn has_key(house: &House, user: UserId) -> bool {
    house.ask(&directory::me(), &Who { user }).await.unwrap().has_identity_key
}

#[actix_rt::test]
async fn auth5_registering_gives_an_account_a_login_and_keeps_the_key() {
    let house = House::open().await;
    let alice = house.register("Alice", PASSWORD, Some(key(1))).await.unwrap();
    assert_eq!(alice.username.as_str(), "Alice");
    assert_eq!(alice.refresh_expires_at, NOW.plus_seconds(REFRESH_TOKEN_SECONDS));

    let claims = house.claims(&alice).await;
    assert_eq!(claims.user, alice.user);
    assert_eq!(claims.username, alice.username);
    assert_eq!(claims.expires_at, NOW.plus_seconds(ACCESS_TOKEN_SECONDS));
    assert_eq!(claims.authenticated_at, NOW);
    assert!(house.lives(claims.login).await);

    let kept = house.ask(&identity::key(), &OfUser { user: alice.user }).await;
    assert_eq!(kept, Ok(key(1)));
    assert!(house.refresh(&alice.refresh_token).await.is_ok());
}

#[actix_rt::test]
async fn auth6_a_taken_name_is_refused_in_any_case() {
    let house = House::open().await;
    house.alice().await;
    for name in ["Alice", "aLiCe"] {
        let refused = house.register(name, PASSWORD, None).await;
        assert_eq!(refused.err(), Some(Code::UsernameTaken));
    }
}

#[actix_rt::test]
async fn auth6_a_password_that_may_not_be_chosen_is_refused_with_its_reason() {
    let house = House::open().await;
    let reasons = [
        ("short 1", Code::ValidationPasswordLength),
        ("only letters", Code::ValidationPasswordLatinDigit),
        ("Password1", Code::ValidationPasswordCommon),
    ];
    for (password, reason) in reasons {
        assert_eq!(house.register("Alice", password, None).await.err(), Some(reason));
    }
    assert!(house.register("Alice", PASSWORD, None).await.is_ok(), "the name is still free");
}

#[actix_rt::test]
async fn auth7_an_account_is_made_without_the_key_that_cannot_be_stored() {
    let house = House::open().await;
    house.world.say("ALTER TABLE identity_keys RENAME TO somewhere_else").await;
    let alice = house.register("Alice", PASSWORD, Some(key(1))).await.unwrap();
    house.world.say("ALTER TABLE somewhere_else RENAME TO identity_keys").await;
    assert!(!has_key(&house, alice.user).await);
    assert!(house.log_in("Alice", PASSWORD).await.is_ok());
}
