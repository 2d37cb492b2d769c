//! What the process says about itself: log lines on the standard error, figures on `/metrics`.

use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::Duration;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::TryInitError;
use tracing_subscriber::{fmt, prelude::*};

use crate::config::{LogFormat, Observe};

/// Upper bounds in seconds of most timings: from a frame to a question to the database.
pub const SECONDS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Upper bounds of the timing of a whole file.
pub const FILE_SECONDS: &[f64] = &[0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0];
const FILE_TIMING: &str = "chat_websocket_file_transfer_duration_seconds";
/// Upper bounds of the timings of requests: fewer, because there is one for each route and class of
/// status, and a process has at most 3,000 series.
pub const REQUEST_SECONDS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// How the names of those end.
const REQUEST_TIMING: &str = "_request_duration_seconds";
/// How often figures are folded together.
pub const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Log lines go out from here on.
pub fn log(observe: &Observe) -> Result<(), TryInitError> {
    // The configuration has checked the filter; "info" stands for a filter that changed since.
    let filter = EnvFilter::try_new(&observe.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::registry().with(filter);
    let writer = std::io::stderr;
    let colours = std::io::stderr().is_terminal();
    match observe.format {
        LogFormat::Text => {
            lines.with(fmt::layer().with_ansi(colours).with_writer(writer)).try_init()
        }
        LogFormat::Json => lines.with(fmt::layer().json().with_writer(writer)).try_init(),
    }
}

/// The recorder of this process, installed by whoever asks first.
pub fn recorder() -> Result<&'static PrometheusHandle, BuildError> {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    if let Some(handle) = RECORDER.get() {
        return Ok(handle);
    }
    let handle = PrometheusBuilder::new()
        .set_buckets(SECONDS)?
        .set_buckets_for_metric(Matcher::Full(FILE_TIMING.to_owned()), FILE_SECONDS)?
        .set_buckets_for_metric(Matcher::Suffix(REQUEST_TIMING.to_owned()), REQUEST_SECONDS)?
        .install_recorder()?;
    Ok(RECORDER.get_or_init(|| handle))
}

/// `GET /metrics`. Whatever is measured by asking is shown by `look` before each answer.
pub fn page(
    handle: &'static PrometheusHandle,
    look: impl Fn() + Clone + Send + Sync + 'static,
) -> Router {
    let render = move || {
        look();
        async move { ([(CONTENT_TYPE, "text/plain; version=0.0.4")], handle.render()) }
    };
    Router::new().route("/metrics", get(render))
}
