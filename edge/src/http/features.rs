//! `GET /api/config`: what a client needs to know about this deployment.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use bus_schemas::limit::{
    FRAME_BYTES_MAX_BINARY, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, RESUME_WINDOW_MS,
    SEARCH_CHARS_MIN, USERNAME_CHARS_MAX, USERNAME_CHARS_MIN,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::Doors;

/// Limits and features.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Features {
    deployment_id: String,
    resume_window_ms: u64,
    frame_bytes_max: usize,
    file_bytes_max: u64,
    password_chars_min: usize,
    password_chars_max: usize,
    username_chars_min: usize,
    username_chars_max: usize,
    search_chars_min: usize,
}

/// `GET /api/config`
pub(super) async fn features(State(doors): State<Arc<Doors>>) -> Json<Features> {
    Json(Features {
        deployment_id: doors.settings.public.deployment_id(),
        resume_window_ms: RESUME_WINDOW_MS,
        frame_bytes_max: FRAME_BYTES_MAX_BINARY,
        file_bytes_max: doors.settings.file_bytes_max,
        password_chars_min: PASSWORD_CHARS_MIN,
        password_chars_max: PASSWORD_CHARS_MAX,
        username_chars_min: USERNAME_CHARS_MIN,
        username_chars_max: USERNAME_CHARS_MAX,
        search_chars_min: SEARCH_CHARS_MIN,
    })
}
