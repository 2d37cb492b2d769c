//! DIR rules: finding people, and when they were last seen.

use bus_schemas::directory::{self as said, Find, Me, Person, Seen, Who};
use bus_schemas::fault::Code;
use bus_schemas::id::UserId;

use crate::support::house::{House, PASSWORD, key, username};
use crate::support::{NOW, until};

async fn found(house: &House, query: &str, limit: u32) -> Result<Vec<String>, Code> {
    let people = house.ask(&said::find(), &Find { query: query.to_owned(), limit }).await?;
    Ok(people.into_iter().map(|person| person.username.as_str().to_owned()).collect())
}

#[actix_rt::test]
async fn dir1_one_is_told_one_s_own_name_and_whether_one_has_a_key() {
    let house = House::open().await;
    let alice = house.register("Alice", PASSWORD, Some(key(1))).await.unwrap().user;
    let bob = house.register("Bob", PASSWORD, None).await.unwrap().user;
    for (id, name, has_identity_key) in [(alice, "Alice", true), (bob, "Bob", false)] {
        let username = username(name);
        let me = house.ask(&said::me(), &Who { user: id }).await;
        assert_eq!(me, Ok(Me { id, username: username.clone(), has_identity_key }));
        let person = house.ask(&said::who(), &Who { user: id }).await;
        assert_eq!(person, Ok(Person { id, username }));
    }
}

#[actix_rt::test]
async fn dir1_nobody_is_not_found() {
    let house = House::open().await;
    let nobody = Who { user: UserId::from_bytes([9; 16]) };
    assert_eq!(house.ask(&said::me(), &nobody).await, Err(Code::UserNotFound));
    assert_eq!(house.ask(&said::who(), &nobody).await, Err(Code::UserNotFound));
}

#[actix_rt::test]
async fn dir2_people_are_found_by_a_part_of_their_name_in_any_case() {
    let house = House::open().await;
    for name in ["Malice", "Alice", "Bob"] {
        house.register(name, PASSWORD, None).await.unwrap();
    }
    assert_eq!(found(&house, " ALI ", 0).await.unwrap(), ["Alice", "Malice"]);
    assert_eq!(found(&house, "ali", 1).await.unwrap(), ["Alice"]);
    assert_eq!(found(&house, "%%", 0).await.unwrap(), Vec::<String>::new());
    assert_eq!(found(&house, "a", 0).await, Err(Code::QueryTooShort));
}

#[actix_rt::test]
async fn dir5_who_was_seen_is_written_at_the_latest_when_the_directory_stops() {
    let house = House::open().await;
    let alice = house.alice().await.user;
    let directory = said::seen();
    house.bus.tell(&directory, &Seen { user: alice, at: NOW }).unwrap();
    // Asked after it was told, so what was told is heard before the answer.
    house.ask(&said::who(), &Who { user: alice }).await.unwrap();
    house.handle.stop().await;
    let world = &house.world;
    until("alice is noted", || async { world.last_seen(alice).await == Some(NOW.0) }).await;
}
