//! AUTH and IDN rules where something happens between two steps of a use: somebody else comes
//! first, or the store does not take the next step. Triggers of the database are that somebody.

use bus_schemas::auth as said;
use bus_schemas::auth::Revoked;
use bus_schemas::fault::Code;
use bus_schemas::identity::{self, Publish};
use bus_schemas::limit::REFRESH_RETRY_SECONDS;
use bus_schemas::time::Timestamp;
use bus_schemas::verbs::Refusal;

use crate::guessing::{kept_hash, until_made_anew, with_outdated_hash};
use crate::support::house::{House, PASSWORD, key, next};

const OTHER: &str = "c0rrect horse battery";

#[actix_rt::test]
async fn auth20_whoever_never_comes_first_is_told_to_try_again_and_has_guessed_nothing() {
    let house = House::open().await;
    house.alice().await;
    house
        .world
        .say("CREATE TRIGGER others BEFORE INSERT ON guesses BEGIN SELECT RAISE(IGNORE); END")
        .await;
    let refused = house.log_in_from(None, "Alice", PASSWORD).await.err();
    let code = Code::TooManyRequests;
    assert_eq!(refused, Some(Refusal { code, retry_after_seconds: Some(1) }));
    house.world.say("DROP TRIGGER others").await;
    house.log_in("Alice", PASSWORD).await.unwrap();
}

#[actix_rt::test]
async fn auth29_who_signs_in_while_the_account_is_removed_is_told_what_strangers_are_told() {
    let house = House::open().await;
    house.alice().await;
    house
        .world
        .say("CREATE TRIGGER gone AFTER INSERT ON guesses BEGIN DELETE FROM users; END")
        .await;
    assert_eq!(house.log_in("Alice", PASSWORD).await.err(), Some(Code::InvalidCredentials));
}

#[actix_rt::test]
async fn auth27_whoever_loses_to_other_changes_again_and_again_is_told_to_come_later() {
    let house = House::open().await;
    let alice = house.alice().await;
    house
        .world
        .say(
            "CREATE TRIGGER others BEFORE UPDATE OF password_hash ON users
             BEGIN SELECT RAISE(IGNORE); END",
        )
        .await;
    let refused = house.change_password(&alice, PASSWORD, OTHER).await.unwrap_err();
    assert_eq!(refused.code, Code::ServiceUnavailable);
    house.log_in("Alice", PASSWORD).await.unwrap();
}

#[actix_rt::test]
async fn auth25_a_hash_that_cannot_be_made_anew_is_made_anew_the_next_time() {
    let house = House::open().await;
    with_outdated_hash(&house).await;
    house
        .world
        .say(
            "CREATE TRIGGER no BEFORE UPDATE OF password_hash ON users
             BEGIN SELECT RAISE(ABORT, 'no'); END",
        )
        .await;
    let before = kept_hash(&house).await;
    house.log_in("Alice", PASSWORD).await.unwrap();
    // The answer has been given; what comes after it has been tried by the end of a second one.
    house.log_in("Alice", PASSWORD).await.unwrap();
    assert_eq!(kept_hash(&house).await, before);
    house.world.say("DROP TRIGGER no").await;
    house.log_in("Alice", PASSWORD).await.unwrap();
    until_made_anew(&house).await;
}

#[actix_rt::test]
async fn auth11_a_refresh_that_never_comes_first_is_refused_and_spends_nothing() {
    let house = House::open().await;
    let alice = house.alice().await;
    house
        .world
        .say(
            "CREATE TRIGGER others BEFORE UPDATE ON refresh_tokens
             BEGIN SELECT RAISE(IGNORE); END",
        )
        .await;
    let refused = house.refresh(&alice.refresh_token).await.err();
    assert_eq!(refused, Some(Code::InvalidRefreshToken));
    house.world.say("DROP TRIGGER others").await;
    house.refresh(&alice.refresh_token).await.unwrap();
}

#[actix_rt::test]
async fn auth13_a_login_that_cannot_be_ended_yet_is_ended_by_the_next_reuse() {
    let house = House::open().await;
    let alice = house.alice().await;
    let login = house.claims(&alice).await.login;
    house.refresh(&alice.refresh_token).await.unwrap();
    house.clock.advance_seconds(REFRESH_RETRY_SECONDS);
    house
        .world
        .say("CREATE TRIGGER no BEFORE DELETE ON logins BEGIN SELECT RAISE(ABORT, 'no'); END")
        .await;
    let refused = house.refresh(&alice.refresh_token).await.err();
    assert_eq!(refused, Some(Code::InternalError), "it is no reuse that was dealt with");
    assert!(house.lives(login).await);
    house.world.say("DROP TRIGGER no").await;
    let refused = house.refresh(&alice.refresh_token).await.err();
    assert_eq!(refused, Some(Code::InvalidRefreshToken));
    assert!(!house.lives(login).await);
}

#[actix_rt::test]
async fn auth15_the_end_of_a_login_is_told_though_its_access_token_cannot_be_revoked() {
    let house = House::open().await;
    let alice = house.alice().await;
    let claims = house.claims(&alice).await;
    let access = Revoked {
        user: claims.user,
        login: claims.login,
        token: Some(claims.token),
        until: claims.expires_at,
    };
    house
        .world
        .say(
            "CREATE TRIGGER no BEFORE INSERT ON revoked WHEN NEW.token_id IS NOT NULL
             BEGIN SELECT RAISE(ABORT, 'no'); END",
        )
        .await;
    let mut told = house.hear_revoked().await;
    let refused = house.log_out(Some(&alice.refresh_token), Some(access)).await;
    assert_eq!(refused, Err(Code::InternalError));
    let told = next(&mut told).await;
    assert_eq!((told.login, told.token), (claims.login, None));
}

#[actix_rt::test]
async fn auth16_the_end_of_a_login_that_has_ended_is_told_once_more() {
    let house = House::open().await;
    let alice = house.alice().await;
    let claims = house.claims(&alice).await;
    let whole =
        Revoked { user: claims.user, login: claims.login, token: None, until: Timestamp(0) };
    let mut told = house.hear_revoked().await;
    for _ in 0..2 {
        house.ask(&said::revoke(), &whole).await.unwrap();
        let told = next(&mut told).await;
        assert_eq!((told.user, told.login, told.token), (claims.user, claims.login, None));
        assert!(told.until > claims.expires_at, "{told:?}");
    }
}

#[actix_rt::test]
async fn idn3_whoever_loses_the_next_version_again_and_again_is_told_to_come_later() {
    let house = House::open().await;
    let alice = house.alice().await;
    house
        .world
        .say(
            "CREATE TRIGGER others BEFORE INSERT ON identity_keys
             BEGIN INSERT INTO identity_keys VALUES
             (NEW.user_id, NEW.version, NEW.public_key, NEW.made_at); END",
        )
        .await;
    let authenticated_at = house.claims(&alice).await.authenticated_at;
    let question = Publish { user: alice.user, public_key: key(1), authenticated_at };
    let refused = house.ask(&identity::publish(), &question).await;
    assert_eq!(refused.err(), Some(Code::ServiceUnavailable));
    house.world.say("DROP TRIGGER others").await;
    house.ask(&identity::publish(), &question).await.unwrap();
}
