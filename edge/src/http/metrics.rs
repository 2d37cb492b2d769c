//! The metrics of HTTP requests, by the names of the original: `auth_…` for routes under
//! `/api/auth`, `chat_…` for all others.
//!
//! Label values come from closed lists, and methods and paths only in the pairs of the table of
//! routes: with every method on every path the timings alone would be thousands of series, which
//! anybody could bring about.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

use super::api::PLACES;
use super::limit;

const OTHER: &str = "other";
/// What a request may be answered with, by class.
pub const STATUS_CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];
/// Methods of requests for what is no route.
const METHODS: [&str; 4] = ["GET", "POST", "DELETE", OTHER];

/// The names of one family.
struct Family {
    requests: &'static str,
    in_flight: &'static str,
    duration: &'static str,
}

const AUTH: Family = Family {
    requests: "auth_requests_total",
    in_flight: "auth_requests_in_flight",
    duration: "auth_request_duration_seconds",
};
const CHAT: Family = Family {
    requests: "chat_requests_total",
    in_flight: "chat_requests_in_flight",
    duration: "chat_request_duration_seconds",
};

impl Family {
    fn of(path: &str) -> &'static Self {
        if path.starts_with("/api/auth/") { &AUTH } else { &CHAT }
    }
}

/// Describes the metrics of the doors and lets them begin at 0.
pub fn register() {
    for family in [&AUTH, &CHAT] {
        describe_counter!(family.requests, "HTTP requests by method and path.");
        describe_gauge!(family.in_flight, "HTTP requests being answered.");
        describe_histogram!(family.duration, "Time to answer HTTP requests, by class of status.");
        gauge!(family.in_flight).set(0);
    }
    let elsewhere = METHODS.iter().map(|method| (*method, OTHER));
    for (method, path) in PLACES.iter().copied().chain(elsewhere) {
        counter!(Family::of(path).requests, "method" => method, "path" => path).absolute(0);
    }
    let paths: Vec<_> = PLACES.iter().map(|(_, path)| *path).chain([OTHER]).collect();
    limit::register(&paths);
}

/// The path as a label: a known route, or `other`.
#[must_use]
pub fn path_label(matched: Option<&MatchedPath>) -> &'static str {
    let matched = match matched.map_or(OTHER, MatchedPath::as_str) {
        "/ws" | "/ws/{*rest}" => "/ws/",
        path => path,
    };
    PLACES.iter().map(|(_, path)| *path).find(|path| *path == matched).unwrap_or(OTHER)
}

/// Method and path as labels: a route, or a method and `other`. `HEAD` counts as the `GET` that it is
/// answered like; a route that is asked for by a method that it does not take is no route.
fn place_label(method: &Method, matched: Option<&MatchedPath>) -> (&'static str, &'static str) {
    let method = if *method == Method::HEAD { "GET" } else { method.as_str() };
    let here = (method, path_label(matched));
    PLACES.iter().copied().find(|place| *place == here).unwrap_or_else(|| {
        (METHODS.into_iter().find(|known| *known == method).unwrap_or(OTHER), OTHER)
    })
}

fn status_label(status: StatusCode) -> &'static str {
    let class = usize::from(status.as_u16() / 100).saturating_sub(1);
    STATUS_CLASSES.get(class).copied().unwrap_or(OTHER)
}

/// Counts a request for as long as it is being answered, also when its client leaves early.
struct InFlight(&'static str);

impl InFlight {
    fn begin(name: &'static str) -> Self {
        gauge!(name).increment(1);
        Self(name)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        gauge!(self.0).decrement(1);
    }
}

/// Counts and times a request.
pub async fn measure(request: Request, next: Next) -> Response {
    let (method, path) = place_label(request.method(), request.extensions().get::<MatchedPath>());
    let family = Family::of(path);
    counter!(family.requests, "method" => method, "path" => path).increment(1);
    let in_flight = InFlight::begin(family.in_flight);
    let began = Instant::now();
    let response = next.run(request).await;
    drop(in_flight);
    let status = status_label(response.status());
    histogram!(family.duration, "method" => method, "path" => path, "status" => status)
        .record(began.elapsed());
    response
}
