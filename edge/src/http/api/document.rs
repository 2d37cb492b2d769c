//! `GET /api/openapi.json`: the table of routes in the words of OpenAPI.

use std::sync::LazyLock;

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use schemars::json_schema;
use serde_json::{Map, Value, json};

use super::super::cookies::REFRESH;
use super::described::Gives;
use super::operation::{Credential, Operation};
use super::{routes, schema};

/// The version of OpenAPI that the document keeps to: its schemas are those of JSON Schema.
const OPENAPI: &str = "3.1.0";

/// What holds for all routes.
const DESCRIPTION: &str = "\
The HTTP interface of dh-secure-chat. Every refusal is `{code, message, trace_id}`; clients act on \
`code`, which comes from a closed list and never changes its meaning.

- `Authorization: Bearer …` carries the access token, which lives 15 minutes. The refresh token \
lives in a cookie that no script can read; `POST /api/auth/refresh` turns it into a new access \
token.
- A path that does not exist is a 404 `NOT_FOUND`, one below a user that does not exist a 400 \
`INVALID_PATH`, another method a 405 `METHOD_NOT_ALLOWED` with `Allow`. `HEAD` is answered wherever \
`GET` is.
- Whatever changes something must come from the deployment's own site, as far as `Origin` or \
`Sec-Fetch-Site` tell; who sends neither is no browser and may.
- `Retry-After` on a 429 or a 503 says when the same request may be granted.
- What is no HTTP, or has a head of more than 32 KiB, is answered with a bare 400 or 431 before any \
route sees it.";

/// The document.
#[must_use]
pub fn document() -> Value {
    let mut generator = schema::generator();
    let mut paths = Map::new();
    for route in routes() {
        let place = paths.entry(route.path).or_insert_with(|| json!({}));
        place[route.verb.as_str().to_ascii_lowercase()] = route.operation.write(&mut generator);
    }
    json!({
        "openapi": OPENAPI,
        "info": {
            "title": "dh-secure-chat",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "license": { "name": "MIT", "identifier": "MIT" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "headers": schema::common_headers(&mut generator),
            "schemas": generator.take_definitions(true),
            "securitySchemes": {
                Credential::Bearer.as_str(): {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "The access token.",
                },
                Credential::RefreshCookie.as_str(): {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": REFRESH.name(),
                    "description": "The refresh token, in the cookie that register, login and \
                        refresh set.",
                },
            },
        },
    })
}

/// The document as it is sent.
pub(super) struct Document;

impl Gives for Document {
    fn describe(operation: &mut Operation) {
        let body = |_: &mut _| json_schema!({ "type": "object", "required": ["openapi", "paths"] });
        operation.gives(StatusCode::OK, Some(body));
    }
}

impl IntoResponse for Document {
    fn into_response(self) -> Response {
        static WRITTEN: LazyLock<Bytes> =
            LazyLock::new(|| Bytes::from(document().to_string().into_bytes()));
        ([(CONTENT_TYPE, "application/json")], WRITTEN.clone()).into_response()
    }
}

/// `GET /api/openapi.json`
pub(super) async fn serve() -> Document {
    Document
}
