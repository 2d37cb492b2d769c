//! The rules, one function each, for any world.

#![expect(clippy::unwrap_used, reason = "these functions are bodies of tests")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bus_schemas::bus::{Bus, BusError, BusStatus, Gap, Group, Outgoing, Subscription};
use bus_schemas::id::TraceId;
use bus_schemas::limit::BUS_PAYLOAD_BYTES_MAX;
use bus_schemas::topic::Subject;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::{Either, select};

use super::{
    DEADLINE, World, eventually, eventually_is, listen, message, next, next_number, number,
    number_in,
};

const GROUP: Group = Group("group");
/// Longer than any test: whoever waits this long has not failed at once.
const LONG: Duration = Duration::from_mins(1);

async fn join(bus: &Arc<dyn Bus>, subject: &str) -> Subscription {
    let subject = Subject::received(subject);
    bus.subscribe(&subject, Some(GROUP), 10_000).await.expect("a subscription")
}

pub(crate) async fn bus1_a_group_shares_its_messages_one_member_each(world: impl World) {
    let (alice, bob, eve) = (world.connect().await, world.connect().await, world.connect().await);
    let (mut one, mut two) = (join(&alice, "a.b").await, join(&bob, "a.b").await);
    let mut shares = [BTreeSet::new(), BTreeSet::new()];
    for n in 0..100 {
        eve.publish(number("a.b", n)).unwrap();
    }
    while shares[0].len() + shares[1].len() < 100 {
        let item = tokio::time::timeout(DEADLINE, select(one.next(), two.next())).await;
        let (share, item) = match item.expect("each message is heard") {
            Either::Left((item, _)) => (&mut shares[0], item),
            Either::Right((item, _)) => (&mut shares[1], item),
        };
        let heard = number_in(&item.unwrap().unwrap());
        assert!(share.insert(heard), "{heard} was heard twice");
    }
    assert!(shares[0].is_disjoint(&shares[1]));
    assert!(shares.iter().all(|share| !share.is_empty()), "one member had everything");
}

pub(crate) async fn bus2_a_question_to_nobody_fails_at_once(world: impl World) {
    let bus = world.connect().await;
    let outcome = tokio::time::timeout(DEADLINE, bus.request(number("a.b", 1), LONG)).await;
    assert_eq!(outcome.unwrap().unwrap_err(), BusError::NoResponders);
}

pub(crate) async fn bus3_a_dropped_subscription_is_absent_from_the_next_message_on(
    world: impl World,
) {
    let (alice, bob) = (world.connect().await, world.connect().await);
    let mut refusals = listen(&alice, "back.>").await;
    for n in 0..20 {
        let mut gone = listen(&alice, "a.b").await;
        alice.publish(number("a.b", n)).unwrap();
        assert_eq!(next_number(&mut gone).await, Ok(n));
        drop(gone);
        alice.publish(to_nobody("a.b", "back.1")).unwrap();
        assert!(next(&mut refusals).await.unwrap().no_responders);
    }
    let gone = listen(&bob, "a.b").await;
    drop(gone);
    let start = Instant::now();
    while alice.request(number("a.b", 1), Duration::from_millis(50)).await
        != Err(BusError::NoResponders)
    {
        assert!(start.elapsed() < DEADLINE, "another connection's absence is never seen");
    }
}

pub(crate) async fn bus4_messages_arrive_in_order_each_once(world: impl World) {
    let (alice, bob) = (world.connect().await, world.connect().await);
    let mut heard = listen(&bob, "a.b").await;
    for n in 0..1_000 {
        alice.publish(number("a.b", n)).unwrap();
    }
    for n in 0..1_000 {
        assert_eq!(next_number(&mut heard).await, Ok(n));
    }
}

pub(crate) async fn bus5_a_payload_over_the_limit_is_refused_headers_included(world: impl World) {
    /// `NATS/1.0`, `X-Trace-ID: ` and the id, each with its line break, and an empty line.
    const HEADER_BYTES: usize = 10 + 12 + 32 + 4;
    let (alice, bob) = (world.connect().await, world.connect().await);
    let mut heard = listen(&bob, "a.b").await;
    let zeros = |length| message("a.b", Bytes::from(vec![0; length]));
    let trace = Some(TraceId::from_random([7; 16]));
    let traced = |length| Outgoing { trace: trace.clone(), ..zeros(length) };
    for too_large in
        [zeros(BUS_PAYLOAD_BYTES_MAX + 1), traced(BUS_PAYLOAD_BYTES_MAX - HEADER_BYTES + 1)]
    {
        assert_eq!(alice.publish(too_large.clone()), Err(BusError::TooLarge));
        assert_eq!(alice.request(too_large, LONG).await, Err(BusError::TooLarge));
    }
    for largest in [zeros(BUS_PAYLOAD_BYTES_MAX), traced(BUS_PAYLOAD_BYTES_MAX - HEADER_BYTES)] {
        alice.publish(largest.clone()).unwrap();
        let heard = next(&mut heard).await.unwrap();
        assert_eq!((heard.payload.len(), heard.trace), (largest.payload.len(), largest.trace));
    }
}

pub(crate) async fn bus6_a_question_without_an_answer_fails_in_time(world: impl World) {
    let (alice, bob) = (world.connect().await, world.connect().await);
    let mut heard = listen(&bob, "a.b").await;
    let wait = Duration::from_millis(200);
    let start = Instant::now();
    assert_eq!(alice.request(number("a.b", 1), wait).await, Err(BusError::Timeout));
    assert!((wait..wait + Duration::from_secs(2)).contains(&start.elapsed()));
    // An answer that comes too late disturbs nobody.
    let late = next(&mut heard).await.unwrap().reply.unwrap();
    bob.publish(number(late.as_str(), 1)).unwrap();
    let (answer, ()) = tokio::join!(alice.request(number("a.b", 2), DEADLINE), async {
        let question = next(&mut heard).await.unwrap();
        bob.publish(number(question.reply.unwrap().as_str(), 3)).unwrap();
    });
    assert_eq!(answer.unwrap().as_ref(), 3u32.to_be_bytes());
}

pub(crate) async fn bus7_the_trace_id_arrives_beside_the_payload(world: impl World) {
    let (alice, bob) = (world.connect().await, world.connect().await);
    let mut heard = listen(&bob, "a.b").await;
    let trace = TraceId::parse("trace-of_1_request").unwrap();
    alice.publish(Outgoing { trace: Some(trace.clone()), ..number("a.b", 1) }).unwrap();
    alice.publish(number("a.b", 2)).unwrap();
    let traced = next(&mut heard).await.unwrap();
    assert_eq!((traced.trace.as_ref(), number_in(&traced)), (Some(&trace), 1));
    assert_eq!(next(&mut heard).await.unwrap().trace, None);
}

fn to_nobody(subject: &str, reply: &str) -> Outgoing {
    Outgoing { reply: Some(Subject::received(reply)), ..number(subject, 0) }
}

pub(crate) async fn bus8_a_message_to_nobody_comes_back_to_its_sender_alone(world: impl World) {
    let (alice, bob) = (world.connect().await, world.connect().await);
    let (mut back, mut foreign) = (listen(&alice, "back.>").await, listen(&bob, "back.>").await);
    alice.publish(to_nobody("a.b", "back.1.2")).unwrap();
    let refusal = next(&mut back).await.unwrap();
    assert!(refusal.no_responders && refusal.payload.is_empty() && refusal.reply.is_none());
    assert_eq!(refusal.subject.as_str(), "back.1.2");
    // The marker is the first thing that Bob hears, so he has not heard the refusal; and the
    // only thing that Alice hears, so what somebody heard was not refused.
    let mut heard = listen(&bob, "a.b").await;
    alice.publish(to_nobody("a.b", "back.3")).unwrap();
    assert_eq!(next(&mut heard).await.unwrap().reply.unwrap().as_str(), "back.3");
    alice.publish(number("back.marker", 9)).unwrap();
    assert_eq!(next(&mut foreign).await.unwrap().subject.as_str(), "back.marker");
    assert_eq!(next(&mut back).await.unwrap().subject.as_str(), "back.marker");
}

pub(crate) async fn bus9_every_plain_listener_hears_everything_beside_a_group_too(
    world: impl World,
) {
    let (alice, bob) = (world.connect().await, world.connect().await);
    let mut plain = [listen(&alice, "a.b").await, listen(&bob, "a.b").await];
    let mut member = join(&bob, "a.b").await;
    for n in 0..10 {
        alice.publish(number("a.b", n)).unwrap();
    }
    for n in 0..10 {
        assert_eq!(next_number(&mut plain[0]).await, Ok(n));
        assert_eq!(next_number(&mut plain[1]).await, Ok(n));
        assert_eq!(next_number(&mut member).await, Ok(n));
    }
}

pub(crate) async fn bus10_a_star_is_one_word_and_a_tail_one_or_more(world: impl World) {
    let bus = world.connect().await;
    let subjects = ["a", "a.b", "a.b.c", "x.b", "end"];
    for (pattern, heard) in [
        ("a.*", vec!["a.b"]),
        ("a.>", vec!["a.b", "a.b.c"]),
        ("*.b", vec!["a.b", "x.b"]),
        ("a.*.c", vec!["a.b.c"]),
    ] {
        let mut matching = listen(&bus, pattern).await;
        for subject in subjects {
            bus.publish(message(subject, Bytes::new())).unwrap();
        }
        for subject in heard {
            let message = next(&mut matching).await.unwrap();
            assert_eq!(message.subject.as_str(), subject, "{pattern}");
        }
        // Nothing else was heard: the next thing is the marker, said under a subject that fits.
        let marker = pattern.replace(['*', '>'], "marker");
        bus.publish(message(&marker, Bytes::new())).unwrap();
        assert_eq!(next(&mut matching).await.unwrap().subject.as_str(), marker, "{pattern}");
    }
}

pub(crate) async fn bus11_a_full_subscription_keeps_the_first_and_marks_the_gap(world: impl World) {
    let bus = world.connect().await;
    let subject = Subject::received("a.b");
    let mut small = bus.subscribe(&subject, None, 4).await.unwrap();
    let mut marker = listen(&bus, "marker").await;
    for n in 0..10 {
        bus.publish(number("a.b", n)).unwrap();
    }
    bus.publish(number("marker", 0)).unwrap();
    next(&mut marker).await.unwrap();
    for n in 0..4 {
        assert_eq!(next_number(&mut small).await, Ok(n));
    }
    assert_eq!(next_number(&mut small).await, Err(Gap));
    bus.publish(number("a.b", 10)).unwrap();
    assert_eq!(next_number(&mut small).await, Ok(10));
}

pub(crate) async fn bus12_a_subscription_is_in_force_when_it_is_given_out(world: impl World) {
    let (alice, bob) = (world.connect().await, world.connect().await);
    for n in 0..50 {
        let subject = format!("a.{n}");
        let mut heard = listen(&bob, &subject).await;
        alice.publish(number(&subject, n)).unwrap();
        assert_eq!(next_number(&mut heard).await, Ok(n));
    }
}

pub(crate) async fn bus13_a_bus_that_has_gone_refuses_and_forgets(mut world: impl World) {
    let (alice, bob) = (world.connect().await, world.connect().await);
    let mut heard = listen(&bob, "a.b").await;
    let _silent = listen(&bob, "a.silent").await;
    let question = alice.request(number("a.silent", 0), LONG);
    let (answer, ()) = tokio::time::timeout(DEADLINE, async {
        tokio::join!(question, async {
            tokio::task::yield_now().await;
            world.cut();
        })
    })
    .await
    .expect("who waits for an answer is told");
    assert_eq!(answer, Err(BusError::Away));
    eventually_is(&alice, BusStatus::Away).await;
    let start = Instant::now();
    assert_eq!(alice.publish(number("a.b", 1)), Err(BusError::Away));
    assert_eq!(alice.request(number("a.b", 2), LONG).await, Err(BusError::Away));
    let subscription = alice.subscribe(&Subject::received("a.c"), None, 1).await;
    assert_eq!(subscription.err(), Some(BusError::Away));
    assert!(start.elapsed() < Duration::from_secs(1), "a refusal does not wait");
    world.mend();
    eventually_is(&alice, BusStatus::Up).await;
    eventually_is(&bob, BusStatus::Up).await;
    alice.publish(number("a.b", 3)).unwrap();
    assert_eq!(next_number(&mut heard).await, Ok(3));
}

pub(crate) async fn bus14_a_bus_that_is_back_is_heard_by_whoever_listened(mut world: impl World) {
    let (alice, bob, eve) = (world.connect().await, world.connect().await, world.connect().await);
    let mut plain = listen(&alice, "a.b").await;
    let (mut one, mut two) = (join(&alice, "a.c").await, join(&bob, "a.c").await);
    for _ in 0..2 {
        world.cut();
        for bus in [&alice, &bob, &eve] {
            eventually_is(bus, BusStatus::Away).await;
        }
        world.mend();
        for bus in [&alice, &bob, &eve] {
            eventually_is(bus, BusStatus::Up).await;
        }
        for n in 0..100 {
            eve.publish(number("a.b", n)).unwrap();
            eve.publish(number("a.c", n)).unwrap();
        }
        for n in 0..100 {
            assert_eq!(next_number(&mut plain).await, Ok(n));
        }
        let mut shared = BTreeSet::new();
        while shared.len() < 100 {
            let item = tokio::time::timeout(DEADLINE, select(one.next(), two.next())).await;
            let (Either::Left((item, _)) | Either::Right((item, _))) = item.unwrap();
            assert!(shared.insert(number_in(&item.unwrap().unwrap())), "heard twice");
        }
    }
    let outcome = tokio::time::timeout(DEADLINE, eve.request(number("a.d", 1), LONG)).await;
    assert_eq!(outcome.unwrap(), Err(BusError::NoResponders));
}

pub(crate) async fn bus15_every_change_of_the_status_is_told(mut world: impl World) {
    let bus = world.connect().await;
    let mut changes = bus.status_changes();
    assert_eq!(changes.next().await, Some(BusStatus::Up));
    world.cut();
    let told = tokio::time::timeout(DEADLINE, changes.next()).await;
    assert_eq!((told.unwrap(), bus.status()), (Some(BusStatus::Away), BusStatus::Away));
    world.mend();
    let told = tokio::time::timeout(DEADLINE, changes.next()).await;
    assert_eq!((told.unwrap(), bus.status()), (Some(BusStatus::Up), BusStatus::Up));
}

pub(crate) async fn bus16_saying_something_never_waits(world: impl World) {
    let (alice, bob) = (world.connect().await, world.connect().await);
    let _never_read = bob.subscribe(&Subject::received("a.b"), None, 1).await.unwrap();
    let mut refused = 0;
    let start = Instant::now();
    for n in 0..10_000 {
        match alice.publish(number("a.b", n)) {
            Ok(()) => {}
            Err(BusError::Full) => refused += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert!(start.elapsed() < DEADLINE && refused < 10_000);
    // The queue empties by itself.
    eventually("there is room again", || alice.publish(number("a.b", 0)).is_ok()).await;
}

pub(crate) async fn bus18_everybody_answers_a_question_to_all(world: impl World) {
    let (alice, bob, eve) = (world.connect().await, world.connect().await, world.connect().await);
    let mut nobody = eve.request_many(number("a.nobody", 0), 4).await.unwrap();
    assert!(next(&mut nobody).await.unwrap().no_responders);
    let mut listeners = [listen(&alice, "a.b").await, listen(&bob, "a.b").await];
    for n in 0..20 {
        let mut answers = eve.request_many(number("a.b", n), 4).await.unwrap();
        let mut replies = Vec::new();
        for listener in &mut listeners {
            let question = next(listener).await.unwrap();
            assert_eq!(number_in(&question), n);
            replies.push(question.reply.unwrap());
        }
        alice.publish(number(replies[0].as_str(), 2 * n)).unwrap();
        bob.publish(number(replies[1].as_str(), 2 * n + 1)).unwrap();
        let heard = [next_number(&mut answers).await, next_number(&mut answers).await];
        assert_eq!(BTreeSet::from(heard.map(Result::unwrap)), BTreeSet::from([2 * n, 2 * n + 1]));
        // Whoever asked has stopped listening: a late answer disturbs nobody.
        drop(answers);
        bob.publish(number(replies[1].as_str(), 9)).unwrap();
    }
    let mut answers = eve.request_many(number("a.b", 0), 1).await.unwrap();
    assert!(matches!(
        eve.request_many(message("a.b", Bytes::from(vec![0; BUS_PAYLOAD_BYTES_MAX + 1])), 1).await,
        Err(BusError::TooLarge)
    ));
    // The one answer that comes is not that to an earlier question.
    let reply = next(&mut listeners[0]).await.unwrap().reply.unwrap();
    alice.publish(number(reply.as_str(), 77)).unwrap();
    assert_eq!(next_number(&mut answers).await, Ok(77));
}

pub(crate) async fn bus18_answers_that_may_be_lost_leave_a_gap(mut world: impl World) {
    let (alice, bob) = (world.connect().await, world.connect().await);
    let mut heard = listen(&bob, "a.b").await;
    let mut marker = listen(&alice, "marker").await;
    let mut answers = alice.request_many(number("a.b", 0), 2).await.unwrap();
    let reply = next(&mut heard).await.unwrap().reply.unwrap();
    for n in 0..4 {
        bob.publish(number(reply.as_str(), n)).unwrap();
    }
    bob.publish(number("marker", 0)).unwrap();
    next(&mut marker).await.unwrap();
    let told = [next_number(&mut answers).await, next_number(&mut answers).await];
    assert_eq!(told, [Ok(0), Ok(1)]);
    assert_eq!(next_number(&mut answers).await, Err(Gap));
    let mut answers = alice.request_many(number("a.b", 1), 2).await.unwrap();
    world.cut();
    assert_eq!(next_number(&mut answers).await, Err(Gap));
    assert_eq!(alice.request_many(number("a.b", 2), 2).await.err(), Some(BusError::Away));
}

pub(crate) async fn bus19_after_an_echo_the_bus_has_what_was_said_before(mut world: impl World) {
    let (alice, bob) = (world.connect().await, world.connect().await);
    let mut heard = listen(&bob, "a.>").await;
    for n in 0..50 {
        alice.publish(number("a.first", n)).unwrap();
        alice.settle(DEADLINE).await.unwrap();
        bob.publish(number("a.later", 1_000 + n)).unwrap();
        assert_eq!(next_number(&mut heard).await, Ok(n));
        assert_eq!(next_number(&mut heard).await, Ok(1_000 + n));
    }
    world.cut();
    eventually_is(&alice, BusStatus::Away).await;
    assert_eq!(alice.settle(DEADLINE).await, Err(BusError::Away));
}

pub(crate) async fn bus30_subjects_are_listened_to_together_and_each_is_bounded_by_itself(
    mut world: impl World,
) {
    let (alice, bob) = (world.connect().await, world.connect().await);
    let subjects = [("a.small", 4), ("a.large", 100)];
    let subjects = subjects.map(|(subject, capacity)| (Subject::received(subject), capacity));
    let heard = bob.subscribe_all(&subjects).await.unwrap();
    let [mut small, mut large] = <[Subscription; 2]>::try_from(heard).ok().expect("one for each");
    for n in 0..10 {
        alice.publish(number("a.small", n)).unwrap();
        alice.publish(number("a.large", 100 + n)).unwrap();
    }
    for n in 100..110 {
        assert_eq!(next_number(&mut large).await, Ok(n));
    }
    for n in 0..4 {
        assert_eq!(next_number(&mut small).await, Ok(n));
    }
    assert_eq!(next_number(&mut small).await, Err(Gap));
    // The end of one is not that of the other.
    drop(small);
    alice.publish(number("a.large", 110)).unwrap();
    assert_eq!(next_number(&mut large).await, Ok(110));
    let mut back = listen(&alice, "back.>").await;
    alice.settle(DEADLINE).await.unwrap();
    bob.settle(DEADLINE).await.unwrap();
    alice.publish(to_nobody("a.large", "back.heard")).unwrap();
    alice.publish(to_nobody("a.small", "back.alone")).unwrap();
    assert_eq!(next(&mut back).await.unwrap().subject.as_str(), "back.alone");
    world.cut();
    eventually_is(&bob, BusStatus::Away).await;
    assert_eq!(bob.subscribe_all(&subjects).await.err(), Some(BusError::Away));
}
