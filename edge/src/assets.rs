//! The web app inside the binary.
//!
//! Files whose name carries a hash of their content last for ever; the page itself is asked for
//! anew each time. A path without a file is the page only when a browser navigates to it.

use axum::Router;
use axum::http::header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use bus_schemas::fault::Code;
use rust_embed::{EmbeddedFile, RustEmbed};
use tower_http::compression::CompressionLayer;

use crate::http::problem::Problem;

/// The built web app.
#[derive(RustEmbed)]
#[folder = "../webapp/dist"]
struct WebApp;

const PAGE: &str = "index.html";
/// Where the bundler puts files whose names carry a hash.
const HASHED: &str = "assets/";
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";
const NOT_BUILT: &str = "The web app is not built: run `make run`, or `npm ci && npm run build` \
    in webapp, and start again.\n";

/// `/` and every path that no other route takes.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/", get(page)).route("/{*path}", any(file)).layer(CompressionLayer::new())
}

async fn page(headers: HeaderMap) -> Response {
    match WebApp::get(PAGE) {
        Some(page) => answer(PAGE, &page, &headers),
        None => (StatusCode::OK, [(CONTENT_TYPE, "text/plain; charset=utf-8")], NOT_BUILT)
            .into_response(),
    }
}

async fn file(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let reads = method == Method::GET || method == Method::HEAD;
    match WebApp::get(path) {
        Some(file) if reads => answer(path, &file, &headers),
        Some(_) => {
            let problem = Problem::new(Code::MethodNotAllowed).into_response();
            ([(ALLOW, "GET,HEAD")], problem).into_response()
        }
        None if reads && is_navigation(path, &headers) => page(headers).await,
        None => Problem::new(Code::NotFound).into_response(),
    }
}

/// A person goes to a place of the app. A missing script or a mistyped API is nothing of the kind.
fn is_navigation(path: &str, headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    accept.contains("text/html") && !last.contains('.') && !path.starts_with("api/")
}

fn answer(path: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", hex::encode(file.metadata.sha256_hash()));
    let cache = if path.starts_with(HASHED) { FOR_EVER } else { ASK_AGAIN };
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    // A tag made weak by compression still names the same content.
    if known.is_some_and(|known| known.contains(&tag)) {
        return (StatusCode::NOT_MODIFIED, [(ETAG, tag), (CACHE_CONTROL, cache.to_owned())])
            .into_response();
    }
    let kind = file.metadata.mimetype().to_owned();
    let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, cache.to_owned()), (ETAG, tag)];
    (StatusCode::OK, headers, file.data.clone()).into_response()
}
