//! FIG rules: every series of figures that a process can show is known at its start.

use std::collections::BTreeSet;

use reqwest::{Client, Method};

use crate::support::House;
use crate::support::asking::{OPERATIONS, Operation};
use crate::support::processes::Processes;
use crate::support::series::{SERIES_MAX, Series, judge, possible};

async fn page(port: u16) -> String {
    let page = reqwest::get(format!("http://127.0.0.1:{port}/metrics")).await.unwrap();
    page.text().await.unwrap()
}

fn are_few(what: &str, possible: &BTreeSet<Series>) {
    // At least so many, or something was not computed.
    let range = 200..=SERIES_MAX;
    assert!(range.contains(&possible.len()), "{what}: {} series are possible", possible.len());
}

#[tokio::test]
async fn fig1_edges_and_actors_can_have_at_most_three_thousand_series_each() {
    let processes = Processes::start().await;
    for (what, port) in [("edge", processes.of_edge), ("actors", processes.of_actors)] {
        are_few(what, &possible(&page(port).await));
    }
}

#[tokio::test]
async fn fig1_serve_can_have_at_most_three_thousand_series() {
    let house = House::open().await;
    are_few("serve", &possible(&house.metrics().await));
}

#[test]
fn fig1_a_timing_has_a_series_for_each_bound_and_two_more() {
    let page = "# TYPE chat_websocket_files_total counter\nchat_websocket_files_total 0\n";
    let possible = possible(page);
    // Two values of its label, ten bounds, one without end, sum and count; and the counter.
    assert_eq!(possible.len(), 2 * (10 + 1 + 2) + 1);
    judge(
        &possible,
        "chat_websocket_file_transfer_duration_seconds_bucket{status=\"failed\",le=\"0.5\"} 1\n",
    );
}

#[test]
#[should_panic(expected = "never heard of")]
fn fig1_a_series_of_no_list_is_found() {
    let possible = possible("chat_websocket_messages_total{message_type=\"ack\"} 0\n");
    judge(&possible, "chat_websocket_messages_total{message_type=\"never heard of\"} 1\n");
}

#[tokio::test]
async fn fig2_no_request_makes_a_series_that_was_not_possible() {
    let house = House::open().await;
    let possible = possible(&house.metrics().await);
    let client = Client::new();
    let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"];
    let paths = OPERATIONS.iter().map(Operation::somewhere);
    let strange = ["/", "/nonsense", "/api/nonsense", "/ws", "/ws/more", "/api/chat/users//x"];
    for path in paths.chain(strange.map(str::to_owned)) {
        for method in methods {
            let method: Method = method.parse().unwrap();
            let request = client.request(method, format!("{}{path}", house.url()));
            drop(request.send().await.unwrap());
        }
    }
    let page = house.metrics().await;
    assert!(page.contains(r#"chat_requests_total{method="other",path="other"}"#), "{page}");
    judge(&possible, &page);
}
