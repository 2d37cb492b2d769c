//! Every rule BUS of `bus-schemas/SPEC.md`, on every bus: in one process, and over a real
//! nats-server that each test starts, kills and starts again.

mod bus_support;

use bus_support::embedded::Embedded;
use bus_support::rules;
use bus_support::server::NatsServer;

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

        mod nats {
            $(
                #[tokio::test]
                async fn $rule() {
                    super::rules::$rule(super::NatsServer::start().await).await;
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
}
