//! AUTH rules of another password, and of the end of an account.

use bus_schemas::auth::{self as said, EndLogin, Revoked, Verify};
use bus_schemas::directory::{self as directory, Who};
use bus_schemas::fault::Code;
use bus_schemas::id::{LoginId, UserId};
use bus_schemas::identity::{self as identity, OfUser};
use bus_schemas::limit::REFRESH_TOKEN_SECONDS;
use bus_schemas::verbs::Refusal;

use crate::support::NOW;
use crate::support::house::{House, PASSWORD, client, key, next};

const OTHER: &str = "c0rrect horse battery";
const WRONG: &str = "tr0ub4dor and 4";

fn refusal(code: Code) -> Result<(), Refusal> {
    Err(code.into())
}

#[actix_rt::test]
async fn auth26_another_password_takes_the_place_of_the_old_one() {
    let house = House::open().await;
    let alice = house.alice().await;
    house.change_password(&alice, PASSWORD, OTHER).await.unwrap();
    assert_eq!(house.log_in("Alice", PASSWORD).await.err(), Some(Code::InvalidCredentials));
    assert!(house.log_in("Alice", OTHER).await.is_ok());
}

#[actix_rt::test]
async fn auth26_every_other_login_ends_and_is_told() {
    let house = House::open().await;
    let alice = house.alice().await;
    let other_device = house.log_in("Alice", PASSWORD).await.unwrap();
    let ended = house.claims(&other_device).await.login;
    let mut told = house.hear_revoked().await;
    house.change_password(&alice, PASSWORD, OTHER).await.unwrap();

    let revoked = next(&mut told).await;
    assert_eq!((revoked.user, revoked.login, revoked.token), (alice.user, ended, None));
    assert_eq!(house.lease().await.revoked, [revoked]);
    let refused = house.refresh(&other_device.refresh_token).await;
    assert_eq!(refused.err(), Some(Code::InvalidRefreshToken));
    assert!(house.refresh(&alice.refresh_token).await.is_ok(), "whoever asked goes on");
}

#[actix_rt::test]
async fn auth26_the_old_password_is_needed() {
    let house = House::open().await;
    let alice = house.alice().await;
    house.log_in("Alice", PASSWORD).await.unwrap();
    let refused = house.change_password(&alice, WRONG, OTHER).await;
    assert_eq!(refused, refusal(Code::InvalidCredentials));
    assert_eq!(house.logins(alice.user).await.len(), 2, "nothing ended");
    assert!(house.log_in("Alice", PASSWORD).await.is_ok());
}

#[actix_rt::test]
async fn auth26_the_new_password_must_be_one_that_may_be_chosen() {
    let house = House::open().await;
    let alice = house.register("Alice-1990", PASSWORD, None).await.unwrap();
    for (new, reason) in [
        ("short 1", Code::ValidationPasswordLength),
        ("only letters", Code::ValidationPasswordLatinDigit),
        ("Password1", Code::ValidationPasswordCommon),
        ("aLICE-1990", Code::ValidationPasswordCommon),
    ] {
        assert_eq!(house.change_password(&alice, PASSWORD, new).await, refusal(reason));
    }
}

#[actix_rt::test]
async fn auth26_guesses_at_the_old_password_are_counted_for_this_login() {
    let house = House::open().await;
    let alice = house.alice().await;
    for _ in 0..5 {
        let refused = house.change_password(&alice, WRONG, OTHER).await;
        assert_eq!(refused, refusal(Code::InvalidCredentials));
    }
    let wait = Refusal { code: Code::TooManyRequests, retry_after_seconds: Some(12) };
    assert_eq!(house.change_password(&alice, PASSWORD, OTHER).await, Err(wait));
    assert_eq!(house.remove_account(&alice, PASSWORD).await, Err(wait), "nor this way");
    assert!(house.log_in("Alice", PASSWORD).await.is_ok(), "signing in is counted apart");
}

#[actix_rt::test]
async fn auth26_an_account_that_is_gone_has_no_password() {
    let house = House::open().await;
    let alice = house.alice().await;
    house.remove_account(&alice, PASSWORD).await.unwrap();
    let refused = house.change_password(&alice, PASSWORD, OTHER).await;
    assert_eq!(refused, refusal(Code::UserNotFound));
    assert_eq!(house.remove_account(&alice, PASSWORD).await, refusal(Code::UserNotFound));
}

#[actix_rt::test]
async fn auth29_a_removed_account_leaves_nothing_behind() {
    let house = House::open().await;
    let alice = house.register("Alice", PASSWORD, Some(key(1))).await.unwrap();
    let elsewhere = house.log_in("Alice", PASSWORD).await.unwrap();
    let logins = [house.claims(&alice).await.login, house.claims(&elsewhere).await.login];
    let mut told = house.hear_revoked().await;
    house.remove_account(&alice, PASSWORD).await.unwrap();

    let mut ended = [next(&mut told).await.login, next(&mut told).await.login];
    ended.sort_by_key(|login| *login != logins[0]);
    assert_eq!(ended, logins);
    for login in logins {
        assert!(!house.lives(login).await);
    }
    assert_eq!(house.lease().await.revoked.len(), 2);
    assert_eq!(house.refresh(&alice.refresh_token).await.err(), Some(Code::InvalidRefreshToken));
    assert_eq!(house.log_in("Alice", PASSWORD).await.err(), Some(Code::InvalidCredentials));
    let user = alice.user;
    let found = house.ask(&directory::who(), &Who { user }).await;
    assert_eq!(found, Err(Code::UserNotFound));
    let kept = house.ask(&identity::key(), &OfUser { user }).await;
    assert_eq!(kept, Err(Code::IdentityKeyNotFound));
    assert!(house.register("Alice", OTHER, None).await.is_ok(), "the name is free");
}

#[actix_rt::test]
async fn auth29_removing_an_account_needs_the_password() {
    let house = House::open().await;
    let alice = house.alice().await;
    assert_eq!(house.remove_account(&alice, WRONG).await, refusal(Code::InvalidCredentials));
    assert!(house.log_in("Alice", PASSWORD).await.is_ok());
}

#[actix_rt::test]
async fn auth39_a_password_that_is_changed_while_it_is_given_removes_no_account() {
    let house = House::open().await;
    let alice = house.alice().await;
    // A right password takes its count away, and only then the account goes.
    house
        .world
        .say(
            "CREATE TRIGGER meanwhile AFTER DELETE ON guesses
             BEGIN UPDATE users SET password_version = password_version + 1; END",
        )
        .await;
    assert_eq!(house.remove_account(&alice, PASSWORD).await, refusal(Code::InvalidCredentials));
    assert!(house.lives(house.claims(&alice).await.login).await);
    house.world.say("DROP TRIGGER meanwhile").await;
    house.remove_account(&alice, PASSWORD).await.unwrap();
}

#[actix_rt::test]
async fn auth30_one_s_logins_are_told_the_newest_first() {
    let house = House::open().await;
    let first = house.alice().await;
    house.clock.advance_seconds(100);
    let second = house.log_in("Alice", PASSWORD).await.unwrap();
    house.clock.advance_seconds(100);
    house.refresh(&first.refresh_token).await.unwrap();
    house.register("Bob", PASSWORD, None).await.unwrap();

    let shown = house.logins(first.user).await;
    let times: Vec<_> =
        shown.iter().map(|login| (login.id, login.made_at, login.used_at)).collect();
    let (later, last) = (NOW.plus_seconds(100), NOW.plus_seconds(200));
    let [first, second] = [house.claims(&first).await.login, house.claims(&second).await.login];
    assert_eq!(times, [(second, later, later), (first, NOW, last)]);
    assert!(shown.iter().all(|login| login.client == client()));

    house.clock.advance_seconds(REFRESH_TOKEN_SECONDS - 100);
    let living = house.logins(shown_user(&house).await).await;
    assert_eq!(living.len(), 1, "a Login whose token ended unused is none");
}

/// Alice's id, by her name.
async fn shown_user(house: &House) -> UserId {
    let name = crate::support::house::username("Alice");
    house.store.account(&name).await.unwrap().unwrap().id
}

async fn end(house: &House, user: UserId, login: LoginId) -> Result<(), Code> {
    house.ask(&said::end_login(), &EndLogin { user, login }).await
}

#[actix_rt::test]
async fn auth30_one_ends_one_s_own_login_and_it_is_told() {
    let house = House::open().await;
    let alice = house.alice().await;
    let lost = house.log_in("Alice", PASSWORD).await.unwrap();
    let login = house.claims(&lost).await.login;
    let mut told = house.hear_revoked().await;
    end(&house, alice.user, login).await.unwrap();
    let revoked = next(&mut told).await;
    assert_eq!((revoked.user, revoked.login, revoked.token), (alice.user, login, None));
    assert!(!house.lives(login).await);
    assert_eq!(end(&house, alice.user, login).await, Err(Code::LoginNotFound), "it is gone");
    assert!(house.refresh(&alice.refresh_token).await.is_ok());
}

#[actix_rt::test]
async fn auth30_nobody_ends_the_login_of_somebody_else() {
    let house = House::open().await;
    let alice = house.alice().await;
    let bob = house.register("Bob", PASSWORD, None).await.unwrap();
    let bobs = house.claims(&bob).await.login;
    assert_eq!(end(&house, alice.user, bobs).await, Err(Code::LoginNotFound));
    let nobodys = LoginId::from_bytes([9; 16]);
    assert_eq!(end(&house, alice.user, nobodys).await, Err(Code::LoginNotFound));
    assert!(house.lives(bobs).await);
}

#[actix_rt::test]
async fn auth31_a_revoked_token_is_not_good_though_its_login_lives() {
    let house = House::open().await;
    let alice = house.alice().await;
    let claims = house.claims(&alice).await;
    let renewed = house.refresh(&alice.refresh_token).await.unwrap();
    let renewed = house.claims(&renewed).await;
    let revoked = Revoked {
        user: claims.user,
        login: claims.login,
        token: Some(claims.token),
        until: claims.expires_at,
    };
    house.ask(&said::revoke(), &revoked).await.unwrap();
    for (token, alive) in [(None, true), (Some(renewed.token), true), (Some(claims.token), false)] {
        let verified = house.ask(&said::verify(), &Verify { login: claims.login, token }).await;
        assert_eq!(verified.unwrap().alive, alive, "{token:?}");
    }
}
