//! IDN rules: publishing and reading identity keys.

use bus_schemas::blob::PublicKey;
use bus_schemas::fault::Code;
use bus_schemas::id::UserId;
use bus_schemas::identity::{self as said, OfUser, PastKey, Publish};
use bus_schemas::limit::REAUTHENTICATION_SECONDS;
use bus_schemas::time::Timestamp;
use futures_util::future::join;

use crate::support::NOW;
use crate::support::house::{House, PASSWORD, key};

async fn publish(
    house: &House,
    user: UserId,
    public_key: PublicKey,
    authenticated_at: Timestamp,
) -> Result<(), Code> {
    house.ask(&said::publish(), &Publish { user, public_key, authenticated_at }).await
}

async fn key_of(house: &House, user: UserId) -> Result<PublicKey, Code> {
    house.ask(&said::key(), &OfUser { user }).await
}

#[actix_rt::test]
async fn idn1_a_key_is_read_back_and_its_fingerprint_is_told() {
    let house = House::open().await;
    let alice = house.alice().await.user;
    publish(&house, alice, key(1), NOW).await.unwrap();
    assert_eq!(key_of(&house, alice).await, Ok(key(1)));
    let fingerprint = house.ask(&said::fingerprint(), &OfUser { user: alice }).await.unwrap();
    assert_eq!(fingerprint, actors_core::identity::fingerprint(&key(1)));
}

#[actix_rt::test]
async fn idn1_no_user_and_no_key_are_answered_alike() {
    let house = House::open().await;
    let alice = house.alice().await.user;
    for user in [alice, UserId::from_bytes([9; 16])] {
        assert_eq!(key_of(&house, user).await, Err(Code::IdentityKeyNotFound));
        let fingerprint = house.ask(&said::fingerprint(), &OfUser { user }).await;
        assert_eq!(fingerprint, Err(Code::IdentityKeyNotFound));
    }
}

#[actix_rt::test]
async fn idn2_replacing_a_key_needs_a_recent_password() {
    let house = House::open().await;
    let alice = house.alice().await.user;
    let long_ago = NOW.plus_seconds(-REAUTHENTICATION_SECONDS - 1);
    publish(&house, alice, key(1), long_ago).await.unwrap();
    publish(&house, alice, key(1), long_ago).await.unwrap();
    let refused = publish(&house, alice, key(2), long_ago).await;
    assert_eq!(refused, Err(Code::ReauthenticationRequired));
    assert_eq!(key_of(&house, alice).await, Ok(key(1)));
    publish(&house, alice, key(2), NOW.plus_seconds(-REAUTHENTICATION_SECONDS)).await.unwrap();
    assert_eq!(key_of(&house, alice).await, Ok(key(2)));
    assert_eq!(house.store.key(alice).await.unwrap().unwrap().version, 2, "and only these two");
}

#[actix_rt::test]
async fn idn3_of_two_first_keys_at_once_one_is_kept() {
    let house = House::open().await;
    let alice = house.alice().await.user;
    let long_ago = NOW.plus_seconds(-REAUTHENTICATION_SECONDS - 1);
    let both =
        join(publish(&house, alice, key(1), long_ago), publish(&house, alice, key(2), long_ago));
    let kept = match both.await {
        (Ok(()), Err(Code::ReauthenticationRequired)) => key(1),
        (Err(Code::ReauthenticationRequired), Ok(())) => key(2),
        both => panic!("{both:?}"),
    };
    assert_eq!(key_of(&house, alice).await, Ok(kept));
}

#[actix_rt::test]
async fn idn4_a_key_of_a_user_who_does_not_exist_is_refused() {
    let house = House::open().await;
    let refused = publish(&house, UserId::from_bytes([9; 16]), key(1), NOW).await;
    assert_eq!(refused, Err(Code::UserNotFound));
}

async fn history(house: &House, user: UserId) -> Result<Vec<PastKey>, Code> {
    house.ask(&said::history(), &OfUser { user }).await
}

#[actix_rt::test]
async fn idn5_every_key_that_a_user_ever_had_is_told_the_first_one_first() {
    let house = House::open().await;
    let alice = house.register("Alice", PASSWORD, Some(key(1))).await.unwrap().user;
    for first in [2, 3] {
        house.clock.advance_seconds(100);
        publish(&house, alice, key(first), NOW.plus_seconds(200)).await.unwrap();
    }
    let past = |version: u8| PastKey {
        version: version.into(),
        public_key: key(version),
        fingerprint: actors_core::identity::fingerprint(&key(version)),
        made_at: NOW.plus_seconds(100 * i64::from(version - 1)),
    };
    assert_eq!(history(&house, alice).await.unwrap(), [past(1), past(2), past(3)]);
}

#[actix_rt::test]
async fn idn5_no_user_and_no_key_have_no_history() {
    let house = House::open().await;
    let alice = house.alice().await.user;
    for user in [alice, UserId::from_bytes([9; 16])] {
        assert_eq!(history(&house, user).await, Err(Code::IdentityKeyNotFound));
    }
}
