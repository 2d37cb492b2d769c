//! What surrounds every route: headers, errors, traces, sizes, origins, health, figures, files.

use std::io::{Read, Write};

use serde_json::{Value, json};

use crate::support::asking::OPERATIONS;
use crate::support::place::Place;
use crate::support::socket::Socket;
use crate::support::stories::stories;
use crate::support::{PASSWORD, given, refused};

stories! {
    every_answer_carries_the_headers => [];
    what_does_not_exist_is_named => [
        "elsewhere 200",
        "elsewhere 404 NOT_FOUND",
        "elsewhere 405 METHOD_NOT_ALLOWED",
    ];
    a_body_without_a_length_is_cut_at_the_limit => [];
    reading_is_open_to_whoever_comes_from_elsewhere => [];
    a_trace_id_is_taken_if_it_is_one => [];
    the_configuration_tells_the_limits => ["GET /api/config 200"];
    the_document_is_served => ["GET /api/openapi.json 200"];
    a_socket_opens => ["GET /ws/ 101"];
    a_draining_process_lives_but_is_not_ready => [
        "GET /health 200",
        "GET /health/live 200",
        "GET /health/ready 200",
        "GET /health/ready 503",
        "GET /ws/ 503 GOING_AWAY",
    ];
    requests_are_counted_by_route_and_never_by_what_was_asked => [];
    the_page_is_for_navigation_only => [];
}

const HEADERS: [&str; 7] = [
    "content-security-policy",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "permissions-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
];

async fn every_answer_carries_the_headers(place: Place) {
    let house = place.house().await;
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
            assert!(answer.headers().contains_key(header), "{header} at {}", answer.path());
        }
        let policy = answer.headers()["content-security-policy"].to_str().unwrap();
        assert!(!policy.contains("unsafe") && policy.contains("require-trusted-types-for"));
        assert!(policy.contains("worker-src 'self'") && policy.ends_with("dhchat-worker"));
        assert!(answer.headers().contains_key("x-trace-id"));
        assert!(!answer.headers().contains_key("strict-transport-security"));
    }
}

async fn what_does_not_exist_is_named(place: Place) {
    let house = place.house().await;
    let nowhere =
        ["/api/nonsense", "/nonsense.js", "/api/auth", "/api/chat/me/", "/api/auth/%6Cogin"];
    for path in nowhere {
        for verb in ["GET", "POST", "DELETE", "OPTIONS"] {
            refused(house.request(verb, path), 404, "NOT_FOUND").await;
        }
    }
    for operation in OPERATIONS.iter() {
        let others = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"];
        let path = operation.path.replace("{id}", "00000000-0000-4000-8000-000000000000");
        for verb in others.into_iter().filter(|verb| *verb != operation.verb) {
            let request = || house.request(verb, &path);
            refused(request(), 405, "METHOD_NOT_ALLOWED").await;
            let allowed = request().send().await.unwrap().headers()["allow"].clone();
            let expected = if operation.verb == "GET" { "GET,HEAD" } else { &operation.verb };
            assert_eq!(allowed, expected, "{verb} {path}");
        }
    }
    // Whoever reads only the head of a page is answered without a body.
    let head = house.request("HEAD", "/api/config").send().await.unwrap();
    assert!(head.status() == 200 && head.text().await.unwrap().is_empty());
}

async fn a_body_without_a_length_is_cut_at_the_limit(place: Place) {
    let house = place.house().await;
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

async fn reading_is_open_to_whoever_comes_from_elsewhere(place: Place) {
    let house = place.house().await;
    let own = house.post("/api/auth/register").header("origin", "http://localhost:8080");
    given(own.json(&json!({ "username": "alice", "password": PASSWORD })), 201).await;
    let reading = house.get("/api/config").header("origin", "https://evil.example");
    given(reading, 200).await;
}

async fn a_trace_id_is_taken_if_it_is_one(place: Place) {
    let house = place.house().await;
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

async fn the_configuration_tells_the_limits(place: Place) {
    let house = place.house().await;
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

async fn the_document_is_served(place: Place) {
    let house = place.house().await;
    let document = given(house.get("/api/openapi.json"), 200).await;
    assert_eq!(document, edge::http::api::document::document());
    assert_eq!(document["openapi"], "3.1.0");
}

async fn a_socket_opens(place: Place) {
    let house = place.house().await;
    let upgrade = house.get("/ws/").upgrading();
    assert_eq!(upgrade.send().await.unwrap().status(), 101);
    let alice = house.person("alice").await;
    Socket::text_as(house.doors, &alice.token).await;
}

async fn a_draining_process_lives_but_is_not_ready(place: Place) {
    let house = place.house().await;
    let ok = json!({ "status": "ok" });
    assert_eq!(given(house.get("/health"), 200).await, ok);
    assert_eq!(given(house.get("/health/ready"), 200).await["status"], "ok");
    house.running.drain().await;
    refused(house.get("/ws/"), 503, "GOING_AWAY").await;
    assert_eq!(given(house.get("/health/live"), 200).await, ok);
    let ready = given(house.get("/health/ready"), 503).await;
    assert_eq!((&ready["status"], &ready["draining"]), (&json!("unavailable"), &json!(true)));
}

async fn requests_are_counted_by_route_and_never_by_what_was_asked(place: Place) {
    let house = place.house().await;
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

async fn the_page_is_for_navigation_only(place: Place) {
    let house = place.house().await;
    let page = house.get("/").header("accept", "text/html").send().await.unwrap();
    assert_eq!(page.status(), 200);
    let place = house.get("/some/place").header("accept", "text/html").send().await.unwrap();
    assert_eq!(place.status(), 200);
    assert_eq!(page.text().await.unwrap(), place.text().await.unwrap());
    refused(house.get("/some/place"), 404, "NOT_FOUND").await;
    refused(house.get("/app.js").header("accept", "text/html"), 404, "NOT_FOUND").await;
    refused(house.get("/api/x").header("accept", "text/html"), 404, "NOT_FOUND").await;
}
