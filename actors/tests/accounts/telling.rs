//! AUTH rules of telling the edges: who is waited for, and who is not.

mod line;

use std::sync::Arc;
use std::time::{Duration, Instant};

use actors::bus::embedded::Broker;
use actors::store::LeaseAsked;
use bus_schemas::auth::{self as said, Admission, Heard, LogOut, Revoked};
use bus_schemas::fault::Code;
use bus_schemas::id::EdgeId;
use bus_schemas::limit::{LEASE_STORE_WAIT_MS, LOGIN_REVOKED_SECONDS, LOGINS_MAX, REVOKED_WAIT_MS};
use bus_schemas::verbs::{CallError, Question, Questions, Reply};
use futures_util::future::join_all;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::Notify;

use self::line::{Fate, Line};
use crate::support::house::{House, PASSWORD, passer_by};
use crate::support::world::World;
use crate::support::{DEADLINE, NOW, until};

const WAIT: Duration = Duration::from_millis(REVOKED_WAIT_MS);

/// An edge that the test speaks for.
struct Edge {
    id: EdgeId,
    told: Questions<Vec<Revoked>>,
}

impl Edge {
    /// Listens, and is noted.
    async fn start(house: &House, number: u8) -> Self {
        let told = house.bus.serve_each(&said::revoked(), 1_024).await.unwrap();
        let edge = Self { id: EdgeId::from_bytes([number; 16]), told };
        edge.asks(house).await;
        edge
    }

    async fn asks(&self, house: &House) {
        let asked = LeaseAsked { edge: self.id, mark: None, after: None, leaving: false };
        house.store.lease(&asked, NOW).await.unwrap();
    }

    async fn hears(&mut self) -> Question<Vec<Revoked>> {
        let told = tokio::time::timeout(DEADLINE, self.told.next()).await;
        told.expect("it is told").expect("the bus is there").expect("nothing is lost")
    }

    fn answers(&self, house: &House, question: Question<Vec<Revoked>>) {
        let heard = Reply::Done(Heard { edge: self.id });
        house.bus.answer(question.reply, &heard).unwrap();
    }
}

/// The access token of an admission, as an edge names it.
async fn token_of(house: &House, admission: &Admission) -> Revoked {
    let claims = house.claims(admission).await;
    let (user, login, until) = (claims.user, claims.login, claims.expires_at);
    Revoked { user, login, token: Some(claims.token), until }
}

#[actix_rt::test]
async fn auth33_what_its_owner_ends_is_answered_when_each_edge_has_answered() {
    let house = House::open().await;
    let alice = house.alice().await;
    let token = token_of(&house, &alice).await;
    let mut edges = [Edge::start(&house, 1).await, Edge::start(&house, 2).await];
    // A third listens and is not noted: nobody waits for it.
    let _passes_by = house.bus.serve_each(&said::revoked(), 64).await.unwrap();
    let (call, log_out) = (said::revoke(), said::log_out());
    let question = LogOut { refresh_token: Some(alice.refresh_token.clone()), access: None };
    let mut revoke = Box::pin(house.ask(&call, &token));
    assert!(revoke.as_mut().now_or_never().is_none());
    let mut questions = Vec::new();
    for edge in &mut edges {
        let question = edge.hears().await;
        assert_eq!(question.body, std::slice::from_ref(&token));
        questions.push(question);
    }
    edges[0].answers(&house, questions.remove(0));
    // The answer has passed by the time another question has been answered.
    house.ask(&said::lease(), &passer_by()).await.unwrap();
    assert!(revoke.as_mut().now_or_never().is_none(), "one has not answered");
    edges[1].answers(&house, questions.remove(0));
    revoke.await.unwrap();

    let mut leaves = Box::pin(house.ask(&log_out, &question));
    assert!(leaves.as_mut().now_or_never().is_none());
    for edge in &mut edges {
        let question = edge.hears().await;
        let until = NOW.plus_seconds(LOGIN_REVOKED_SECONDS);
        assert_eq!(question.body, [Revoked { token: None, until, ..token.clone() }]);
        edge.answers(&house, question);
    }
    leaves.await.unwrap();
}

#[actix_rt::test]
async fn auth34_an_edge_that_is_silent_is_waited_for_and_then_forgotten() {
    let house = Arc::new(House::open().await);
    let alice = house.alice().await;
    let token = token_of(&house, &alice).await;
    let (mut silent, mut wakes) = (Edge::start(&house, 1).await, Edge::start(&house, 2).await);

    // As many as an actor answers at once wait for the silent edge, and hold up nobody.
    let begun = Instant::now();
    let many: Vec<_> = (0..100)
        .map(|_| {
            let (house, token) = (Arc::clone(&house), token.clone());
            actix_rt::spawn(async move { house.ask(&said::revoke(), &token).await })
        })
        .collect();
    for _ in 0..100 {
        let question = wakes.hears().await;
        wakes.answers(&house, question);
    }
    house.log_in("Alice", PASSWORD).await.unwrap();
    assert!(many.iter().all(|revoke| !revoke.is_finished()), "they wait, and a login does not");
    for revoke in join_all(many).await {
        revoke.unwrap().unwrap();
    }
    assert!(begun.elapsed() >= WAIT);

    // For a while it is still waited for, in case it was answered until its line broke.
    assert_eq!(house.store.edges(DEADLINE).await.unwrap(), [silent.id, wakes.id]);
    until("the silent edge is forgotten", || async {
        wakes.asks(&house).await;
        house.store.edges(DEADLINE).await.unwrap() == [wakes.id]
    })
    .await;
    assert!(begun.elapsed() >= 2 * WAIT);

    // One that comes again is there again.
    silent.asks(&house).await;
    let call = said::revoke();
    let mut revoke = Box::pin(house.ask(&call, &token));
    assert!(revoke.as_mut().now_or_never().is_none());
    let question = wakes.hears().await;
    wakes.answers(&house, question);
    for _ in 0..100 {
        silent.hears().await;
    }
    assert!(revoke.as_mut().now_or_never().is_none(), "it is waited for");
    let question = silent.hears().await;
    silent.answers(&house, question);
    revoke.await.unwrap();
}

#[actix_rt::test]
async fn auth35_what_auth_ends_by_itself_is_told_and_nobody_waits() {
    let house = House::open().await;
    let first = house.alice().await;
    let mut edge = Edge::start(&house, 1).await;
    for _ in 0..LOGINS_MAX {
        house.log_in("Alice", PASSWORD).await.unwrap();
    }
    let login = house.claims(&first).await.login;
    let told = edge.hears().await;
    assert_eq!(told.body.iter().map(|revoked| revoked.login).collect::<Vec<_>>(), [login]);

    let second = house.log_in("Alice", PASSWORD).await.unwrap();
    edge.hears().await;
    house.refresh(&second.refresh_token).await.unwrap();
    house.clock.advance_seconds(60);
    let reused = house.refresh(&second.refresh_token).await;
    assert_eq!(reused.err(), Some(Code::InvalidRefreshToken));
    let login = house.claims(&second).await.login;
    assert_eq!(edge.hears().await.body[0].login, login);
}

#[actix_rt::test]
async fn auth36_while_the_store_takes_long_an_edge_hears_soon_that_there_is_no_lease() {
    let mut house = House::open().await;
    let alice = house.alice().await;
    let token = token_of(&house, &alice).await;
    let asked = said::AskLease { leaving: false, ..passer_by() };
    assert!(house.ask(&said::lease(), &asked).await.is_ok());
    house.world.cut().await;
    let house = Arc::new(house);
    // More than auth answers at once, and none of them ends before the store has had its time.
    let many: Vec<_> = (0..100)
        .map(|_| {
            let (house, token) = (Arc::clone(&house), token.clone());
            actix_rt::spawn(async move { house.ask(&said::revoke(), &token).await })
        })
        .collect();
    let begun = Instant::now();
    assert_eq!(house.ask(&said::lease(), &asked).await.err(), Some(Code::ServiceUnavailable));
    assert!(begun.elapsed() >= Duration::from_millis(LEASE_STORE_WAIT_MS), "it was given its time");
    assert!(many.iter().all(|revoke| !revoke.is_finished()), "it did not wait for them");
}

/// A house on a bus that can be cut; what asks is beside it.
async fn house_on(broker: &Broker) -> House {
    let bus = Arc::new(broker.connect());
    let mut house = House::open_on(World::sqlite().await, |parts| parts.bus = bus).await;
    house.bus = Arc::new(broker.connect());
    house
}

#[actix_rt::test]
async fn auth33_what_cannot_be_told_is_revoked_all_the_same() {
    let broker = Broker::new();
    let house = house_on(&broker).await;
    let alice = house.alice().await;
    let token = token_of(&house, &alice).await;
    let mut edge = Edge::start(&house, 1).await;
    let call = said::revoke();

    // The bus goes away after the question, and then after it was told.
    let mut revoke = Box::pin(house.ask(&call, &token));
    assert!(revoke.as_mut().now_or_never().is_none());
    broker.cut();
    assert_eq!(revoke.await, Err(Code::ServiceUnavailable));
    until("it is stored", || async { house.store.revoked(NOW).await.unwrap() == [token.clone()] })
        .await;
    broker.mend();

    let mut revoke = Box::pin(house.ask(&call, &token));
    assert!(revoke.as_mut().now_or_never().is_none());
    edge.hears().await;
    broker.cut();
    assert_eq!(revoke.await, Err(Code::ServiceUnavailable));
    broker.mend();

    // Once the bus is back, so is the rest.
    let mut revoke = Box::pin(house.ask(&call, &token));
    assert!(revoke.as_mut().now_or_never().is_none());
    let question = edge.hears().await;
    edge.answers(&house, question);
    revoke.await.unwrap();
    house.handle.stop().await;
}

/// A house whose auth has such a line to the bus.
async fn house_by(fate: Fate) -> House {
    let broker = Broker::new();
    let line = Arc::new(Line::new(broker.connect(), fate));
    let mut house = House::open_on(World::sqlite().await, |parts| parts.bus = line).await;
    house.bus = Arc::new(broker.connect());
    house
}

#[actix_rt::test]
async fn auth33_where_it_may_not_have_been_told_whoever_asks_is_told_so() {
    for fate in [Fate::TakesNothing, Fate::LosesTheEcho, Fate::LosesAnAnswer] {
        let house = house_by(fate.clone()).await;
        let alice = house.alice().await;
        let token = token_of(&house, &alice).await;
        let _silent = Edge::start(&house, 1).await;
        let told = house.bus.call(&said::revoke(), &token, None, DEADLINE).await;
        let expected = Code::ServiceUnavailable.into();
        assert!(
            matches!(told, Err(CallError::Refused(refusal)) if refusal == expected),
            "{fate:?}: {told:?}"
        );
        assert_eq!(house.store.revoked(NOW).await.unwrap(), [token], "it is revoked: {fate:?}");
    }
}

#[actix_rt::test]
async fn auth33_the_answer_of_each_edge_says_that_it_was_told() {
    let echo = Arc::new(Notify::new());
    let house = house_by(Fate::EchoesLate(echo)).await;
    let alice = house.alice().await;
    let token = token_of(&house, &alice).await;
    let call = said::revoke();
    house.ask(&call, &token).await.unwrap();
    let mut edge = Edge::start(&house, 1).await;
    let mut revoke = Box::pin(house.ask(&call, &token));
    assert!(revoke.as_mut().now_or_never().is_none());
    let question = edge.hears().await;
    edge.answers(&house, question);
    revoke.await.unwrap();
}

#[actix_rt::test]
async fn auth34_a_silent_edge_is_waited_for_from_the_moment_at_which_the_bus_had_it() {
    let echo = Arc::new(Notify::new());
    let house = house_by(Fate::EchoesLate(Arc::clone(&echo))).await;
    let alice = house.alice().await;
    let token = token_of(&house, &alice).await;
    let mut silent = Edge::start(&house, 1).await;
    let call = said::revoke();
    let mut revoke = Box::pin(house.ask(&call, &token));
    assert!(revoke.as_mut().now_or_never().is_none());
    silent.hears().await;
    // pause: the time between the commit and the word of the bus is what is tested
    tokio::time::sleep(WAIT / 4).await;
    let had = Instant::now();
    echo.notify_one();
    revoke.await.unwrap();
    assert!(had.elapsed() >= WAIT);
}

#[actix_rt::test]
async fn auth33_if_nobody_knows_the_edges_each_is_given_its_time() {
    let house = House::open().await;
    let alice = house.alice().await;
    let token = token_of(&house, &alice).await;
    let mut edge = Edge::start(&house, 1).await;
    house.world.say("ALTER TABLE edges RENAME TO unreadable").await;
    let begun = Instant::now();
    let call = said::revoke();
    let mut revoke = Box::pin(house.ask(&call, &token));
    assert!(revoke.as_mut().now_or_never().is_none());
    let question = edge.hears().await;
    edge.answers(&house, question);
    revoke.await.unwrap();
    assert!(begun.elapsed() >= WAIT, "another may be silent");
}

#[actix_rt::test]
async fn auth34_whoever_answers_late_is_not_forgotten() {
    let house = House::open().await;
    let alice = house.alice().await;
    let token = token_of(&house, &alice).await;
    let (_gone, mut late) = (Edge::start(&house, 1).await, Edge::start(&house, 2).await);
    house.ask(&said::revoke(), &token).await.unwrap();
    let question = late.hears().await;
    late.answers(&house, question);
    until("who has gone is forgotten, and nobody else", || async {
        house.store.edges(DEADLINE).await.unwrap() == [late.id]
    })
    .await;
}

#[actix_rt::test]
async fn auth34_nobody_is_forgotten_whose_answer_may_be_lost() {
    let asked_again = Arc::new(Notify::new());
    let house = house_by(Fate::EchoesOnce(Arc::clone(&asked_again))).await;
    let alice = house.alice().await;
    let token = token_of(&house, &alice).await;
    let silent = Edge::start(&house, 1).await;
    house.ask(&said::revoke(), &token).await.unwrap();
    let again = tokio::time::timeout(DEADLINE, asked_again.notified()).await;
    again.expect("it makes sure before it forgets");
    let House { handle, store, .. } = house;
    handle.stop().await;
    assert_eq!(store.edges(DEADLINE).await.unwrap(), [silent.id]);
}

#[actix_rt::test]
async fn auth34_a_stop_does_not_wait_to_forget_and_forgets_nobody() {
    let house = House::open().await;
    let alice = house.alice().await;
    let token = token_of(&house, &alice).await;
    let silent = Edge::start(&house, 1).await;
    house.ask(&said::revoke(), &token).await.unwrap();
    let House { handle, store, .. } = house;
    handle.stop().await;
    assert_eq!(store.edges(DEADLINE).await.unwrap(), [silent.id]);
}
