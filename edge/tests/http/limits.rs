//! How often is too often, at the real numbers.

use serde_json::json;

use crate::support::{House, PASSWORD};

const REAL: &[(&str, &str)] = &[
    ("DHCHAT_LIMIT_LOGIN_PER_SECOND", "5"),
    ("DHCHAT_LIMIT_REGISTER_PER_SECOND", "2"),
    ("DHCHAT_LIMIT_GENERAL_PER_SECOND", "100"),
];

/// Statuses of requests sent as fast as they are answered.
async fn statuses(house: &House, path: &str, count: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..count {
        let body = json!({ "username": "x", "password": PASSWORD });
        statuses.push(house.post(path).json(&body).send().await.unwrap().status().as_u16());
    }
    statuses
}

#[tokio::test]
async fn logins_and_registrations_have_limits_of_their_own() {
    let house = House::open_with(REAL).await;
    let registrations = statuses(&house, "/api/auth/register", 3).await;
    assert_eq!(registrations, [400, 400, 429]);
    let logins = statuses(&house, "/api/auth/login", 6).await;
    assert_eq!(logins, [400, 400, 400, 400, 400, 429]);
    let body = json!({ "username": "x", "password": PASSWORD });
    let answer = house.post("/api/auth/register").json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["retry-after"], "1");
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    let body: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(body["code"], "TOO_MANY_REQUESTS");
    let blocked = r#"rate_limit_blocked_total{path="/api/auth/login",limiter_type="login"} 1"#;
    assert!(house.metrics().await.contains(blocked));
}

#[tokio::test]
async fn everything_else_shares_one_limit_and_health_is_free() {
    let house = House::open_with(REAL).await;
    let mut refused = 0;
    for _ in 0..150 {
        let status = house.get("/api/config").send().await.unwrap().status();
        refused += usize::from(status == 429);
    }
    assert!(refused > 0, "150 requests at once pass a limit of 100 per second");
    assert_eq!(house.get("/health").send().await.unwrap().status(), 200);
}
