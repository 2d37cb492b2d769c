//! What surrounds every route: headers, errors, traces, sizes, origins, health, figures, files.

use std::io::{Read, Write};

use serde_json::{Value, json};

use crate::support::{BearerToken, House, PASSWORD, given, refused};

const HEADERS: [&str; 7] = [
    "content-security-policy",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "permissions-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
];

#[tokio::test]
async fn every_answer_carries_the_headers() {
    let house = House::open().await;
    let requests = [
        house.get("/"),
        house.get("/nonsense.js"),
        house.get("/api/nonsense"),
        house.get("/api/chat/me"),
        house.get("/api/config"),
        house.get("/health"),
        house.get("/ws/"),
        house.post("/api/config"),
        house.post("/api/auth/login").body("{}"),
        house.post("/api/auth/login").json(&"x".repeat(1_100_000)),
    ];
    for request in requests {
        let answer = request.send().await.unwrap();
        for header in HEADERS {
            assert!(answer.headers().contains_key(header), "{header} at {}", answer.url());
        }
        let policy = answer.headers()["content-security-policy"].to_str().unwrap();
        assert!(!policy.contains("unsafe") && policy.contains("require-trusted-types-for"));
        assert!(policy.contains("worker-src 'self'") && policy.ends_with("dhchat-worker"));
        assert!(answer.headers().contains_key("x-trace-id"));
        assert!(!answer.headers().contains_key("strict-transport-security"));
    }
}

#[tokio::test]
async fn wrong_paths_methods_types_and_sizes_are_named() {
    let house = House::open().await;
    refused(house.get("/api/nonsense"), 404, "NOT_FOUND").await;
    refused(house.get("/nonsense.js"), 404, "NOT_FOUND").await;
    refused(house.get("/api/auth/login"), 405, "METHOD_NOT_ALLOWED").await;
    refused(house.request("DELETE", "/api/chat/me"), 405, "METHOD_NOT_ALLOWED").await;
    refused(house.request("OPTIONS", "/api/chat/me"), 405, "METHOD_NOT_ALLOWED").await;
    let answer = house.get("/api/auth/login").send().await.unwrap();
    assert_eq!(answer.headers()["allow"], "POST");
    let login = || house.post("/api/auth/login");
    refused(login().body("{}"), 415, "UNSUPPORTED_MEDIA_TYPE").await;
    refused(login().header("content-type", "application/json").body("{"), 400, "INVALID_JSON")
        .await;
    refused(login().json(&json!({ "username": 7 })), 400, "INVALID_JSON").await;
    let large = || login().json(&"x".repeat(1_100_000));
    refused(large(), 413, "BODY_TOO_LARGE").await;
    assert_eq!(large().send().await.unwrap().headers()["connection"], "close");
    refused(house.get("/ws/"), 400, "BAD_REQUEST").await;
}

#[tokio::test]
async fn a_body_without_a_length_is_cut_at_the_limit() {
    let house = House::open().await;
    let mut tcp = std::net::TcpStream::connect(house.doors).unwrap();
    tcp.write_all(
        b"POST /api/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
          transfer-encoding: chunked\r\nconnection: close\r\n\r\n",
    )
    .unwrap();
    let chunk = [b"10000\r\n".as_slice(), &vec![b' '; 0x10000], b"\r\n"].concat();
    let answer = tokio::task::spawn_blocking(move || {
        // The server stops reading in the middle, so the last writes may fail.
        for _ in 0..17 {
            if tcp.write_all(&chunk).is_err() {
                break;
            }
        }
        let mut answer = String::new();
        drop(tcp.read_to_string(&mut answer));
        answer
    });
    let answer = answer.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("BODY_TOO_LARGE"), "{answer}");
}

#[tokio::test]
async fn another_sites_page_changes_nothing() {
    let house = House::open().await;
    let body = json!({ "username": "alice", "password": PASSWORD });
    for (header, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let request = || house.post("/api/auth/register").header(header, value);
        refused(request().json(&body), 403, "ORIGIN_NOT_ALLOWED").await;
        let request = house.post("/api/auth/logout").header(header, value);
        refused(request, 403, "ORIGIN_NOT_ALLOWED").await;
    }
    let own = house.post("/api/auth/register").header("origin", "http://localhost:8080");
    given(own.json(&body), 201).await;
    let reading = house.get("/api/config").header("origin", "https://evil.example");
    given(reading, 200).await;
}

#[tokio::test]
async fn a_trace_id_is_taken_if_it_is_one() {
    let house = House::open().await;
    let trace = async |given: &str| {
        let answer = house.get("/api/config").header("x-trace-id", given).send().await.unwrap();
        answer.headers()["x-trace-id"].to_str().unwrap().to_owned()
    };
    assert_eq!(trace("my-trace-1").await, "my-trace-1");
    let made = trace("no good!").await;
    assert!(made.len() == 32 && made.bytes().all(|b| b.is_ascii_hexdigit()), "{made}");
    let refused = house.get("/api/nonsense").header("x-trace-id", "my-trace-2");
    let body: Value = refused.send().await.unwrap().json().await.unwrap();
    assert_eq!(body["trace_id"], "my-trace-2");
}

#[tokio::test]
async fn the_configuration_tells_the_limits() {
    let house = House::open().await;
    let config = given(house.get("/api/config"), 200).await;
    assert_eq!(config["deployment_id"].as_str().unwrap().len(), 32);
    let mut fields: Vec<&str> = config.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "deployment_id",
            "file_bytes_max",
            "frame_bytes_max",
            "password_chars_max",
            "password_chars_min",
            "resume_window_ms",
            "search_chars_min",
            "username_chars_max",
            "username_chars_min",
        ]
    );
}

#[tokio::test]
async fn a_draining_process_lives_but_is_not_ready() {
    let house = House::open().await;
    let ok = json!({ "status": "ok" });
    assert_eq!(given(house.get("/health"), 200).await, ok);
    assert_eq!(given(house.get("/health/ready"), 200).await["status"], "ok");
    house.running.drain().await;
    assert_eq!(given(house.get("/health/live"), 200).await, ok);
    let ready = given(house.get("/health/ready"), 503).await;
    assert_eq!((&ready["status"], &ready["draining"]), (&json!("unavailable"), &json!(true)));
}

#[tokio::test]
async fn requests_are_counted_by_route_and_never_by_what_was_asked() {
    let house = House::open().await;
    let alice = house.person("alice").await;
    let path = format!("/api/chat/users/{}", alice.id);
    given(house.get(&path).bearer(&alice.token), 200).await;
    house.get("/api/nonsense").send().await.unwrap();
    let page = house.metrics().await;
    for line in [
        r#"auth_requests_total{method="POST",path="/api/auth/register"} 1"#,
        r#"auth_requests_total{method="POST",path="/api/auth/login"} 0"#,
        r#"chat_requests_total{method="GET",path="/api/chat/users/{id}"} 1"#,
        r#"chat_requests_total{method="GET",path="other"} 1"#,
        "auth_requests_in_flight 0",
        r#"chat_request_duration_seconds_bucket{method="GET",path="/api/chat/me",status="2xx""#,
        "jwt_validations_total 2",
        "jwt_validations_failed_total 0",
        "chat_websocket_connections_active 0",
        "refresh_tokens_issued_total 1",
        r#"circuit_breaker_state{name="database"} 0"#,
    ] {
        assert!(page.contains(line), "{line} in\n{page}");
    }
    assert!(!page.contains(&alice.id) && !page.contains("nonsense"));
}

#[tokio::test]
async fn the_page_is_for_navigation_only() {
    let house = House::open().await;
    let page = house.get("/").header("accept", "text/html").send().await.unwrap();
    assert_eq!(page.status(), 200);
    let place = house.get("/some/place").header("accept", "text/html").send().await.unwrap();
    assert_eq!(place.status(), 200);
    assert_eq!(page.text().await.unwrap(), place.text().await.unwrap());
    refused(house.get("/some/place"), 404, "NOT_FOUND").await;
    refused(house.get("/app.js").header("accept", "text/html"), 404, "NOT_FOUND").await;
    refused(house.get("/api/x").header("accept", "text/html"), 404, "NOT_FOUND").await;
}
