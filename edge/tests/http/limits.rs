//! How often is too often, at the numbers that hold when nothing is configured.

use std::time::Instant;

use edge::config::variables::{
    BCRYPT_COST, LIMIT_GENERAL, LIMIT_LOGIN, LIMIT_PAIR, LIMIT_PASSWORDS, LIMIT_REGISTER,
    TRUSTED_PROXIES, Variable,
};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::asking::Request;
use crate::support::{House, PASSWORD};

/// A house where these limits are what they are by default, and all others are raised.
async fn with_default(limits: &[Variable]) -> House {
    House::open_with(&defaults(limits)).await
}

fn defaults(limits: &[Variable]) -> Vec<(&'static str, &'static str)> {
    limits.iter().map(|limit| (limit.name, limit.default)).collect()
}

fn number(limit: Variable) -> u32 {
    limit.default.parse().unwrap()
}

/// Sends these at once and gives how many were not refused for coming too often: as many as pass
/// at once, and those that the time allows which the sending took.
async fn passed(requests: Vec<Request>, at_once: u32, per_second: f64) -> u32 {
    let began = Instant::now();
    let answers = join_all(requests.into_iter().map(Request::send)).await;
    let passed = answers.iter().filter(|answer| answer.as_ref().unwrap().status() != 429).count();
    let passed = u32::try_from(passed).unwrap();
    let allowed = f64::from(at_once) + began.elapsed().as_secs_f64() * per_second;
    assert!(passed >= at_once && f64::from(passed) <= allowed, "{passed} of {allowed}");
    passed
}

fn sent(count: usize, request: impl Fn() -> Request) -> Vec<Request> {
    (0..count).map(|_| request()).collect()
}

/// A login that is refused for its form, before anybody is asked.
fn malformed(house: &House, path: &str) -> Request {
    house.post(path).json(&json!({ "username": "x", "password": PASSWORD }))
}

fn login(house: &House, name: &str) -> Request {
    house.post("/api/auth/login").json(&json!({ "username": name, "password": PASSWORD }))
}

/// Repeats a request until it is refused; gives the seconds that the refusal names.
async fn until_refused(request: impl Fn() -> Request) -> u64 {
    loop {
        let answer = request().send().await.unwrap();
        if answer.status() == 429 {
            assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
            let seconds = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
            let body: Value = answer.json().await.unwrap();
            assert_eq!(body["code"], "TOO_MANY_REQUESTS");
            return seconds;
        }
    }
}

async fn blocked(house: &House, path: &str, limiter: &str) -> u32 {
    let series = format!("rate_limit_blocked_total{{path=\"{path}\",limiter_type=\"{limiter}\"}} ");
    let page = house.metrics().await;
    let line = page.lines().find_map(|line| line.strip_prefix(&series));
    line.unwrap_or_else(|| panic!("{series} in\n{page}")).parse().unwrap()
}

#[tokio::test]
async fn door6_five_logins_a_second_pass_from_one_network() {
    let house = with_default(&[LIMIT_LOGIN]).await;
    assert_eq!(blocked(&house, "/api/auth/login", "login").await, 0);
    let requests = sent(40, || malformed(&house, "/api/auth/login"));
    let passed = passed(requests, number(LIMIT_LOGIN), 5.0).await;
    assert_eq!(blocked(&house, "/api/auth/login", "login").await, 40 - passed);
    assert_eq!(until_refused(|| malformed(&house, "/api/auth/login")).await, 1);
}

#[tokio::test]
async fn door6_two_registrations_a_second_pass_from_one_network() {
    let house = with_default(&[LIMIT_REGISTER]).await;
    assert_eq!(blocked(&house, "/api/auth/register", "register").await, 0);
    let requests = sent(40, || malformed(&house, "/api/auth/register"));
    let passed = passed(requests, number(LIMIT_REGISTER), 2.0).await;
    assert_eq!(blocked(&house, "/api/auth/register", "register").await, 40 - passed);
    assert_eq!(until_refused(|| malformed(&house, "/api/auth/register")).await, 1);
}

#[tokio::test]
async fn door6_a_hundred_other_requests_a_second_pass_and_health_is_free() {
    let house = with_default(&[LIMIT_GENERAL]).await;
    assert_eq!(blocked(&house, "/api/config", "general").await, 0);
    let requests = sent(400, || house.get("/api/config"));
    let passed = passed(requests, number(LIMIT_GENERAL), 100.0).await;
    assert_eq!(blocked(&house, "/api/config", "general").await, 400 - passed);
    // Sockets and files fall under it too, whatever the path.
    until_refused(|| house.get("/ws/")).await;
    until_refused(|| house.get("/")).await;
    assert_eq!(blocked(&house, "/ws/", "general").await, 1);
    for _ in 0..200 {
        assert_eq!(house.get("/health").send().await.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn door6_five_logins_under_one_name_pass_from_one_network_and_then_two_a_minute() {
    let house = with_default(&[LIMIT_PAIR]).await;
    assert_eq!(blocked(&house, "/api/auth/login", "pair").await, 0);
    let requests = sent(20, || login(&house, "alice"));
    let passed = passed(requests, 5, f64::from(number(LIMIT_PAIR)) / 60.0).await;
    assert_eq!(blocked(&house, "/api/auth/login", "pair").await, 20 - passed);
    let seconds = until_refused(|| login(&house, "ALICE")).await;
    assert!((1..=30).contains(&seconds), "{seconds}");
    // Another name from the same network is another pair.
    assert_eq!(login(&house, "bobby").send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn door9_a_password_above_the_limit_is_refused_and_counts_as_no_login() {
    let limits = [
        (LIMIT_PASSWORDS.name, "1"),
        (LIMIT_PAIR.name, LIMIT_PAIR.default),
        (BCRYPT_COST.name, "10"),
    ];
    let house = House::open_with(&limits).await;
    let answers = join_all(sent(4, || login(&house, "alice")).into_iter().map(Request::send)).await;
    let statuses: Vec<u16> =
        answers.iter().map(|answer| answer.as_ref().unwrap().status().as_u16()).collect();
    let refused = statuses.iter().filter(|status| **status == 503).count();
    assert!((1..=3).contains(&refused), "{statuses:?}");
    assert!(statuses.iter().all(|status| [401, 503].contains(status)), "{statuses:?}");
    // Of the five that pass at once those that were refused have used none.
    for _ in 0..=refused {
        assert_eq!(login(&house, "alice").send().await.unwrap().status(), 401);
    }
}

/// Registrations, each through a proxy that says this about the client, in turns.
fn registrations(house: &House, forwarded: &[&str]) -> Vec<Request> {
    let from = |forwarded: &&str| {
        malformed(house, "/api/auth/register").header("x-forwarded-for", *forwarded)
    };
    forwarded.iter().cycle().take(24).map(from).collect()
}

#[tokio::test]
async fn door7_behind_a_trusted_proxy_each_client_has_limits_of_its_own() {
    let trusted = (TRUSTED_PROXIES.name, "127.0.0.1, 10.0.0.0/8");
    let house = House::open_with(&[defaults(&[LIMIT_REGISTER]), vec![trusted]].concat()).await;
    let clients: [&[&str]; 5] = [
        &["203.0.113.9"],
        // The proxy that is nearest wrote last; what stands before a stranger counts for nothing.
        &["203.0.113.9, 203.0.113.10", "203.0.113.10", "1.2.3.4,203.0.113.10 , 10.0.0.7"],
        // An IPv4 address is itself in IPv6 too.
        &["203.0.113.11", "::ffff:203.0.113.11"],
        // Whoever has one address of a /64 has them all.
        &["2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:0:1::"],
        // What is no address is not the client's; the proxy stands for it.
        &["nonsense", "203.0.113.12, unknown", "10.0.0.7:80", ""],
    ];
    for client in clients {
        passed(registrations(&house, client), number(LIMIT_REGISTER), 2.0).await;
    }
}

#[tokio::test]
async fn door7_without_a_trusted_proxy_no_header_makes_another_client() {
    let house = with_default(&[LIMIT_REGISTER]).await;
    let headers = [
        ("x-forwarded-for", "203.0.113.10"),
        ("x-real-ip", "203.0.113.11"),
        ("forwarded", "for=203.0.113.12"),
        ("cf-connecting-ip", "203.0.113.13"),
        ("true-client-ip", "203.0.113.14"),
    ];
    let forged = |(header, value): &(&str, &str)| {
        malformed(&house, "/api/auth/register").header(*header, *value)
    };
    let requests = headers.iter().cycle().take(40).map(forged).collect();
    passed(requests, number(LIMIT_REGISTER), 2.0).await;
}
