//! The headers that every answer carries, errors and files included.

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::middleware::Next;
use axum::response::Response;

use crate::config::PublicUrl;

/// Nothing inline, nothing foreign, no frame around it; and no text becomes markup or script in
/// the page unless a policy with a name makes it. The one that may be made names the scripts of
/// two workers, that of the keys and that which reads PDF, and knows nothing else
/// (`webapp/src/app/trusted-scripts.ts`).
/// A worker obeys the policy of its own answer: every answer carries this one.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; font-src 'self'; media-src 'self' blob:; connect-src 'self'; \
    worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types dhchat-worker";

/// Camera and microphone are for the own page alone, everything else for nobody.
const PERMISSIONS: &str = "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()";

const HEADERS: [(HeaderName, &str); 7] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// One year, as browsers ask for.
const TRANSPORT_SECURITY: &str = "max-age=31536000; includeSubDomains";

/// Whether browsers come over TLS, so that they may be told to come in no other way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// `http://`, on the own machine.
    Plain,
    /// `https://`.
    Tls,
}

impl Transport {
    /// How browsers come to this deployment.
    #[must_use]
    pub fn to(public: &PublicUrl) -> Self {
        if public.is_https() { Self::Tls } else { Self::Plain }
    }
}

/// Puts the headers on.
pub async fn secure(State(transport): State<Transport>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if transport == Transport::Tls {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(TRANSPORT_SECURITY));
    }
    // What is about somebody is for nobody else; files say for themselves how long they last.
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
