//! What is measured has the names, the kinds and the labels that operators know, on the page of
//! the process that it belongs to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::support::processes::Processes;
use crate::support::socket::Socket;
use crate::support::{House, PASSWORD, PUBLIC_KEY};

/// A name, what kind of figure it is, and the labels of each of its series.
type Figure = (&'static str, &'static str, &'static [&'static str]);

/// What the doors measure.
const OF_EDGES: &[Figure] = &[
    ("auth_requests_total", "counter", &["method", "path"]),
    ("auth_requests_in_flight", "gauge", &[]),
    ("auth_request_duration_seconds", "histogram", &["method", "path", "status"]),
    ("chat_requests_total", "counter", &["method", "path"]),
    ("chat_requests_in_flight", "gauge", &[]),
    ("chat_request_duration_seconds", "histogram", &["method", "path", "status"]),
    ("jwt_validations_total", "counter", &[]),
    ("jwt_validations_failed_total", "counter", &[]),
    ("jwt_revoked_checks_total", "counter", &[]),
    ("rate_limit_blocked_total", "counter", &["path", "limiter_type"]),
];

/// What the actors measure.
const OF_ACTORS: &[Figure] = &[
    ("refresh_tokens_issued_total", "counter", &[]),
    ("refresh_tokens_used_total", "counter", &[]),
    ("refresh_tokens_revoked_total", "counter", &[]),
    ("refresh_tokens_expired_total", "counter", &[]),
    ("refresh_tokens_cleanup_deleted_total", "counter", &[]),
    ("access_tokens_issued_total", "counter", &[]),
    ("access_tokens_revoked_total", "counter", &[]),
    ("revoked_tokens_cleanup_deleted_total", "counter", &[]),
    ("db_pool_acquired_connections", "gauge", &[]),
    ("db_pool_idle_connections", "gauge", &[]),
    ("db_pool_max_connections", "gauge", &[]),
    ("db_pool_total_connections", "gauge", &[]),
    ("db_query_duration_seconds", "histogram", &["operation", "table"]),
    ("db_query_errors_total", "counter", &["operation", "table", "error_type"]),
    ("circuit_breaker_state", "gauge", &["name"]),
    ("circuit_breaker_failures_total", "counter", &["name"]),
];

/// How the names of these families begin.
const FAMILIES: [&str; 10] = [
    "auth_",
    "chat_request",
    "jwt_",
    "rate_limit_",
    "refresh_tokens_",
    "access_tokens_",
    "revoked_tokens_",
    "db_",
    "circuit_breaker_",
    "http_",
];

/// The values that a label of a figure may have, where they are few.
const VALUES: &[(&str, &str, &[&str])] = &[
    ("auth_request_duration_seconds", "status", &["1xx", "2xx", "3xx", "4xx", "5xx"]),
    ("chat_request_duration_seconds", "status", &["1xx", "2xx", "3xx", "4xx", "5xx"]),
    (
        "rate_limit_blocked_total",
        "limiter_type",
        &["login", "register", "general", "pair", "account"],
    ),
    ("db_query_errors_total", "error_type", &["away", "timeout", "conflict", "broken"]),
    ("circuit_breaker_state", "name", &["database", "last_seen", "leases"]),
    ("circuit_breaker_failures_total", "name", &["database", "last_seen", "leases"]),
];

/// A page: the kind of each figure, and the labels of each of its series.
#[derive(Default)]
struct Page {
    kinds: BTreeMap<String, String>,
    series: BTreeMap<String, Vec<BTreeMap<String, String>>>,
}

impl Page {
    async fn of(port: u16) -> Self {
        let text = reqwest::get(format!("http://127.0.0.1:{port}/metrics")).await.unwrap();
        Self::read(&text.text().await.unwrap())
    }

    fn read(text: &str) -> Self {
        let mut page = Self::default();
        for line in text.lines() {
            if let Some(words) = line.strip_prefix("# TYPE ") {
                let (name, kind) = words.split_once(' ').unwrap();
                page.kinds.insert(name.to_owned(), kind.to_owned());
            } else if !line.starts_with('#') && !line.is_empty() {
                page.take(line);
            }
        }
        page
    }

    /// `name{label="value",…} figure`
    fn take(&mut self, line: &str) {
        let (series, _figure) = line.rsplit_once(' ').unwrap();
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        let labels = labels.trim_end_matches('}').split("\",").filter(|pair| !pair.is_empty());
        let pair = |pair: &str| {
            let (label, value) = pair.split_once("=\"").unwrap();
            (label.to_owned(), value.trim_end_matches('"').to_owned())
        };
        let parts = ["_bucket", "_sum", "_count"];
        let is_part = |kind: &&String| *kind == "histogram";
        let whole = parts.iter().find_map(|part| name.strip_suffix(part));
        let name = whole.filter(|whole| self.kinds.get(*whole).is_some_and(|k| is_part(&k)));
        let name = name.unwrap_or_else(|| series.split('{').next().unwrap());
        let labels = labels.map(pair).filter(|(label, _)| label != "le").collect();
        self.series.entry(name.to_owned()).or_default().push(labels);
    }

    /// Has these figures, each with its labels, and no others of their families.
    fn has_exactly(&self, figures: &[Figure]) {
        for (name, kind, labels) in figures {
            assert_eq!(self.kinds.get(*name).map(String::as_str), Some(*kind), "{name}");
            let expected: BTreeSet<&str> = labels.iter().copied().collect();
            let series = self.series.get(*name).unwrap_or_else(|| panic!("no series of {name}"));
            for labels in series {
                let named: BTreeSet<&str> = labels.keys().map(String::as_str).collect();
                assert_eq!(named, expected, "{name}");
            }
        }
        let known: BTreeSet<&str> = figures.iter().map(|(name, _, _)| *name).collect();
        for name in self.series.keys().map(String::as_str) {
            let is_ours = FAMILIES.iter().any(|family| name.starts_with(family));
            assert!(!is_ours || known.contains(name), "{name} belongs elsewhere, or nowhere");
        }
    }

    /// Every value of a label whose values are few is one of them.
    fn has_known_values(&self) {
        for (name, label, few) in
            VALUES.iter().filter(|(name, _, _)| self.kinds.contains_key(*name))
        {
            let strange: Vec<&str> =
                self.values(name, label).into_iter().filter(|value| !few.contains(value)).collect();
            assert!(strange.is_empty(), "{name} {label} {strange:?}");
        }
    }

    /// Every value of a label that some series of this figure has.
    fn values(&self, name: &str, label: &str) -> BTreeSet<&str> {
        self.series[name].iter().map(|labels| labels[label].as_str()).collect()
    }
}

/// Registers and is refused, so that everything has been counted once.
async fn used(url: &str) {
    let client = reqwest::Client::new();
    let post = async |path: &str, body: serde_json::Value| {
        client.post(format!("{url}{path}")).json(&body).send().await.unwrap().status().as_u16()
    };
    let alice =
        json!({ "username": "alice", "password": PASSWORD, "identity_pub_key": PUBLIC_KEY });
    assert_eq!(post("/api/auth/register", alice.clone()).await, 201);
    assert_eq!(post("/api/auth/register", alice).await, 409);
    assert_eq!(post("/api/nonsense", json!({})).await, 404);
}

#[tokio::test]
async fn door3_edges_and_actors_measure_what_operators_know_each_on_its_own_page() {
    let processes = Processes::start().await;
    used(&processes.url()).await;
    let (edge, actors) = (Page::of(processes.of_edge).await, Page::of(processes.of_actors).await);
    edge.has_exactly(OF_EDGES);
    actors.has_exactly(OF_ACTORS);
    for page in [&edge, &actors] {
        page.has_known_values();
    }
    let paths = edge.values("rate_limit_blocked_total", "limiter_type");
    assert_eq!(paths.len(), 5, "each limit is there before it has refused anybody: {paths:?}");
    assert_eq!(actors.values("circuit_breaker_state", "name").len(), 3);
}

#[tokio::test]
async fn door3_serve_measures_everything_on_one_page() {
    let house = House::open().await;
    used(&house.url()).await;
    let page = Page::of(house.running.pages.port()).await;
    page.has_exactly(&[OF_EDGES, OF_ACTORS].concat());
    page.has_known_values();
}

#[tokio::test]
async fn shell20_what_became_of_each_frame_is_counted_once() {
    let house = House::open().await;
    let (alice, bob) = (house.person("alice").await, house.person("bob").await);
    let mut from_alice = Socket::text_as(house.doors, &alice.token).await;
    let mut from_bob = Socket::text_as(house.doors, &bob.token).await;
    let says = |to: &str, id: &str| {
        let payload = json!({ "to": to, "message_id": id, "ciphertext": "QUJD", "nonce": "AAAA" });
        json!({ "type": "message", "payload": payload })
    };

    for frame in [says(&bob.id, "1"), says(&bob.id, "1"), says(&bob.id, "2"), says(&bob.id, "2")] {
        from_alice.say(&frame).await;
    }
    from_alice.say(&says(&alice.id, "to herself")).await;
    from_alice.say(&says("00000000-0000-4000-8000-000000000000", "to nobody")).await;
    from_alice.say(&json!({ "type": "nonsense", "payload": {} })).await;
    for heard in ["1", "2"] {
        assert_eq!(from_bob.hear().await["payload"]["message_id"], heard);
    }
    // The refusal comes back over the bus, so it may come before or after the other two.
    for _ in 0..3 {
        let kind = from_alice.hear().await["type"].clone();
        assert!(kind == "error" || kind == "peer_offline", "{kind}");
    }

    let page = house.metrics().await;
    for line in [
        r#"chat_websocket_messages_total{message_type="message"} 6"#,
        r#"chat_websocket_frame_outcomes_total{outcome="published"} 3"#,
        r#"chat_websocket_frame_outcomes_total{outcome="repeated"} 2"#,
        r#"chat_websocket_frame_outcomes_total{outcome="refused"} 1"#,
        r#"chat_websocket_frame_outcomes_total{outcome="late"} 0"#,
    ] {
        assert!(page.contains(line), "{line} in\n{page}");
    }
}
