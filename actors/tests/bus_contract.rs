//! Every rule BUS of `bus-schemas/SPEC.md`, on every bus: in one process, the same while it is
//! recorded, and over a real nats-server that each test starts, kills and starts again, without
//! TLS and with it.

#[path = "bus_contract/events.rs"]
mod events;
#[path = "bus_contract/many.rs"]
mod many;
#[path = "bus_contract/scripted.rs"]
mod scripted;
#[path = "bus_contract/tls.rs"]
mod tls;

mod bus_support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use actors::bus::nats::{BusUser, ConnectError, NatsConfig, connect, connect_patiently};
use bus_schemas::bus::{Bus, BusError, BusStatus, Outgoing};
use bus_schemas::chat::{self, BounceTag};
use bus_schemas::secret::Secret;
use bus_support::embedded::Embedded;
use bus_support::recorded::Recorded;
use bus_support::server::NatsServer;
use bus_support::{World as _, eventually, eventually_is, listen, next, next_number, number};
use bus_support::{permissions, rules};
use bytes::Bytes;
use futures_util::StreamExt;

/// Makes a test of each rule on each bus.
macro_rules! contract {
    ($($rule:ident)*) => {
        mod embedded {
            $(
                #[tokio::test]
                async fn $rule() {
                    super::rules::$rule(super::Embedded::start()).await;
                }
            )*
        }

        mod recorded {
            $(
                #[tokio::test]
                async fn $rule() {
                    super::rules::$rule(super::Recorded::start().await).await;
                }
            )*
        }

        mod nats {
            $(
                #[tokio::test]
                async fn $rule() {
                    super::rules::$rule(super::NatsServer::start().await).await;
                }
            )*
        }

        mod nats_over_tls {
            $(
                #[tokio::test]
                async fn $rule() {
                    super::rules::$rule(super::NatsServer::start_open_tls().await).await;
                }
            )*
        }
    };
}

contract! {
    bus1_a_group_shares_its_messages_one_member_each
    bus2_a_question_to_nobody_fails_at_once
    bus3_a_dropped_subscription_is_absent_from_the_next_message_on
    bus4_messages_arrive_in_order_each_once
    bus5_a_payload_over_the_limit_is_refused_headers_included
    bus6_a_question_without_an_answer_fails_in_time
    bus7_the_trace_id_arrives_beside_the_payload
    bus8_a_message_to_nobody_comes_back_to_its_sender_alone
    bus9_every_plain_listener_hears_everything_beside_a_group_too
    bus10_a_star_is_one_word_and_a_tail_one_or_more
    bus11_a_full_subscription_keeps_the_first_and_marks_the_gap
    bus12_a_subscription_is_in_force_when_it_is_given_out
    bus13_a_bus_that_has_gone_refuses_and_forgets
    bus14_a_bus_that_is_back_is_heard_by_whoever_listened
    bus15_every_change_of_the_status_is_told
    bus16_saying_something_never_waits
    bus18_everybody_answers_a_question_to_all
    bus18_answers_that_may_be_lost_leave_a_gap
    bus19_after_an_echo_the_bus_has_what_was_said_before
    bus30_subjects_are_listened_to_together_and_each_is_bounded_by_itself
}

#[tokio::test]
async fn bus13_what_waited_for_a_broker_that_died_is_never_said() {
    let mut server = NatsServer::start().await;
    let (alice, bob) = (server.connect().await, server.connect().await);
    let mut heard = listen(&bob, "a.b").await;
    server.freeze();
    let large = Bytes::from(vec![0; 64 * 1024]);
    let stale = || bus_support::message("a.b", large.clone());
    // The socket takes some, then the queue towards it fills up.
    eventually("the queue towards the broker is full", || {
        (0..1_000).any(|_| alice.publish(stale()) == Err(BusError::Full))
    })
    .await;
    server.cut();
    for bus in [&alice, &bob] {
        eventually_is(bus, BusStatus::Away).await;
    }
    server.mend();
    for bus in [&alice, &bob] {
        eventually_is(bus, BusStatus::Up).await;
    }
    alice.publish(number("a.b", 7)).unwrap();
    assert_eq!(next_number(&mut heard).await, Ok(7));
}

#[tokio::test]
async fn bus14_a_process_that_starts_before_its_broker_is_told_so() {
    let mut server = NatsServer::start().await;
    server.cut();
    let refused = server.connect_as(BusUser::Edge, None).await.err();
    assert!(matches!(refused, Some(ConnectError::Unreachable(_))), "{refused:?}");
}

#[tokio::test]
async fn bus14_the_next_address_is_used_when_one_has_gone() {
    let (mut one, two) = (NatsServer::start().await, NatsServer::start().await);
    let url = format!("nats://127.0.0.1:{},nats://127.0.0.1:{}", one.port(), two.port());
    let config = NatsConfig::new(Secret::new(url), BusUser::Edge);
    let alice: Arc<dyn Bus> = Arc::new(connect(config).await.unwrap());
    let bob = two.connect().await;
    let mut heard = listen(&alice, "a.b").await;
    let changes = alice.status_changes().take(3).collect::<Vec<_>>();
    one.cut();
    let told = tokio::time::timeout(bus_support::DEADLINE, changes).await;
    assert_eq!(told.unwrap(), [BusStatus::Up, BusStatus::Away, BusStatus::Up]);
    bob.publish(number("a.b", 1)).unwrap();
    assert_eq!(next_number(&mut heard).await, Ok(1));
}

#[tokio::test]
async fn bus21_a_broker_that_is_not_there_yet_is_waited_for() {
    let mut server = NatsServer::start().await;
    server.cut();
    let config = server.config(BusUser::Edge);
    let connecting = tokio::spawn(connect_patiently(config.clone()));
    // By now an attempt of somebody else has failed as well.
    assert!(connect(config).await.is_err());
    assert!(!connecting.is_finished());
    server.mend();
    let alice = tokio::time::timeout(bus_support::DEADLINE, connecting).await;
    let alice: Arc<dyn Bus> = Arc::new(alice.expect("in time").unwrap().unwrap());
    let mut heard = listen(&alice, "a.b").await;
    let bob = server.connect().await;
    bob.publish(number("a.b", 1)).unwrap();
    assert_eq!(next_number(&mut heard).await, Ok(1));
}

#[tokio::test]
async fn bus21_what_no_waiting_mends_is_told_at_once() {
    let server = NatsServer::start_with("nats.conf").await;
    let password = Some(Secret::new("guess".to_owned()));
    let config = NatsConfig { password, ..server.config(BusUser::Edge) };
    let outcome = tokio::time::timeout(bus_support::DEADLINE, connect_patiently(config)).await;
    assert!(matches!(outcome.expect("in time").err(), Some(ConnectError::Refused)));
    // Unless another server of the list may still come.
    let url = format!("nats://127.0.0.1:{},nats://127.0.0.1:1", server.port());
    let refused = connect(NatsConfig::new(Secret::new(url), BusUser::Edge)).await.err();
    assert!(refused.as_ref().is_some_and(ConnectError::may_pass), "{refused:?}");
}

#[tokio::test]
async fn bus17_each_user_may_say_and_hear_its_rows_and_no_others() {
    let server = NatsServer::start_with("nats.conf").await;
    permissions::compare_with_the_table(&server.place());
}

#[tokio::test]
async fn bus17_nobody_comes_in_without_a_password() {
    let server = NatsServer::start_with("nats.conf").await;
    permissions::try_to_come_in(&server.place());
    let refused = server.connect_as(BusUser::Edge, Some("guess")).await.err();
    assert!(matches!(refused, Some(ConnectError::Refused)), "{refused:?}");
}

#[tokio::test]
async fn bus5_the_broker_has_the_limits_of_the_language() {
    let server = NatsServer::start_with("nats.conf").await;
    permissions::compare_with_the_limits(&server.place());
}

#[tokio::test]
async fn bus17_a_question_finds_its_answer_under_the_permissions_of_each_role() {
    let server = NatsServer::start_with("nats.conf").await;
    let user = |user| {
        let server = &server;
        async move {
            let password = permissions::password(user);
            let bus = server.connect_as(user, Some(&password)).await.expect("a connection");
            Arc::new(bus) as Arc<dyn Bus>
        }
    };
    for (asker, answerer, subject) in [
        (BusUser::Edge, BusUser::Auth, "auth.login"),
        (BusUser::Edge, BusUser::Identity, "identity.key"),
        (BusUser::Edge, BusUser::Directory, "directory.me"),
        (BusUser::Edge, BusUser::Actors, "auth.refresh"),
        (BusUser::Auth, BusUser::Edge, "auth.revoked"),
        (BusUser::Actors, BusUser::Edge, "auth.revoked"),
        (BusUser::Capture, BusUser::Edge, "dev.capture"),
    ] {
        let (asker, answerer) = (user(asker).await, user(answerer).await);
        let mut questions = listen(&answerer, subject).await;
        let (answer, ()) =
            tokio::join!(asker.request(number(subject, 1), bus_support::DEADLINE), async {
                let question = next(&mut questions).await.unwrap();
                answerer.publish(number(question.reply.unwrap().as_str(), 2)).unwrap();
            });
        assert_eq!(answer.unwrap().as_ref(), 2u32.to_be_bytes(), "{subject}");
    }
}

#[tokio::test]
async fn bus26_frames_that_nobody_answers_cost_the_broker_nothing_later() {
    const BATCH: usize = 1_000;
    let server = NatsServer::start_with("nats.conf").await;
    let password = permissions::password(BusUser::Edge);
    let edge = async || {
        let bus = server.connect_as(BusUser::Edge, Some(&password)).await.expect("a connection");
        Arc::new(bus) as Arc<dyn Bus>
    };
    let (alice, bob) = (edge().await, edge().await);
    let mut heard = listen(&bob, "chat.peer.b").await;
    let mut frames = (0..).map(|n| Outgoing {
        reply: Some(chat::bounce(alice.id(), BounceTag { slot: 1, n })),
        ..number("chat.peer.b", 0)
    });
    let mut batch = async || {
        let begun = Instant::now();
        for frame in frames.by_ref().take(BATCH) {
            alice.publish(frame).unwrap();
        }
        for _ in 0..BATCH {
            next(&mut heard).await.unwrap();
        }
        begun.elapsed()
    };
    let mut quickest = async |batches| {
        let mut quickest = Duration::MAX;
        for _ in 0..batches {
            quickest = quickest.min(batch().await);
        }
        quickest
    };
    let early = quickest(3).await;
    quickest(6).await;
    let late = quickest(3).await;
    // With a list of them it is more than ten times as long.
    assert!(late < early * 5, "a batch took {early:?} and takes {late:?}");
}
