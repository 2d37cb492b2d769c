//! The two cookies: what a browser goes on being signed in with, and what it is known by.
//!
//! Both are for the server alone: no script reads them, and no other site's page sends them.

use axum::extract::FromRequestParts;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use bus_schemas::fault::Code;
use bus_schemas::secret::Secret;
use bus_schemas::time::Timestamp;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use super::api::described::{Gives, Takes};
use super::api::operation::{Credential, Needed, Operation};
use super::headers::Transport;
use super::problem::Problem;

/// The refresh token: seen by every route of accounts, and by no other.
pub const REFRESH: Cookie = Cookie { name: "refresh_token", path: "/api/auth" };
/// The browser in which somebody signed in before: seen where guesses are counted, and nowhere else.
pub const DEVICE: Cookie = Cookie { name: "device", path: "/api/auth/login" };
/// How long a browser is known. A guesser who owns the browser gains nothing by it: each browser
/// has a count of its own.
const DEVICE_SECONDS: u32 = 365 * 24 * 60 * 60;

/// As the document writes it.
pub(super) const SET_COOKIE_NAME: &str = "Set-Cookie";

/// A cookie that is set and read here.
#[derive(Clone, Copy, Debug)]
pub struct Cookie {
    name: &'static str,
    path: &'static str,
}

impl Cookie {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// What sets it, until this moment.
    #[must_use]
    pub fn until(self, value: &str, end: Timestamp, transport: Transport) -> String {
        let format = format_description!(
            "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
        );
        let end = OffsetDateTime::from_unix_timestamp(end.0)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
            .format(&format)
            .expect("a date in UTC has every part of this format");
        self.set(value, &format!("Expires={end}"), transport)
    }

    /// What clears it.
    #[must_use]
    pub fn cleared(self, transport: Transport) -> String {
        format!("{}; Max-Age=0", self.until("", Timestamp(0), transport))
    }

    /// The value that a browser sent, if it is not empty.
    #[must_use]
    pub fn read(self, headers: &HeaderMap) -> Option<Secret<String>> {
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        cookies
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, value)| *name == self.name && !value.is_empty())
            .map(|(_, value)| Secret::new(value.to_owned()))
    }

    fn set(self, value: &str, lasts: &str, transport: Transport) -> String {
        let Self { name, path } = self;
        let secure = match transport {
            Transport::Plain => "",
            Transport::Tls => "; Secure",
        };
        format!("{name}={value}; Path={path}; {lasts}; HttpOnly; SameSite=Strict{secure}")
    }
}

/// What sets [`DEVICE`].
#[must_use]
pub fn device(value: &str, transport: Transport) -> String {
    DEVICE.set(value, &format!("Max-Age={DEVICE_SECONDS}"), transport)
}

/// The refresh token.
#[derive(Debug)]
pub struct RefreshCookie(pub Secret<String>);

impl<S: Sync> FromRequestParts<S> for RefreshCookie {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let token = REFRESH.read(&parts.headers);
        token.map(Self).ok_or(Problem::new(Code::MissingRefreshToken))
    }
}

impl Takes for RefreshCookie {
    fn describe(operation: &mut Operation) {
        operation.asks_for(Credential::RefreshCookie, Needed::Yes);
        operation.refuses(&[Code::MissingRefreshToken]);
    }
}

/// The refresh token, if the browser sent one.
#[derive(Debug)]
pub struct AnyRefreshCookie(pub Option<Secret<String>>);

impl<S: Sync> FromRequestParts<S> for AnyRefreshCookie {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(REFRESH.read(&parts.headers)))
    }
}

impl Takes for AnyRefreshCookie {
    fn describe(operation: &mut Operation) {
        operation.asks_for(Credential::RefreshCookie, Needed::No);
    }
}

/// The device cookie, if the browser sent one.
#[derive(Debug)]
pub struct DeviceCookie(pub Option<Secret<String>>);

impl<S: Sync> FromRequestParts<S> for DeviceCookie {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(DEVICE.read(&parts.headers)))
    }
}

impl Takes for DeviceCookie {
    fn describe(operation: &mut Operation) {
        operation.takes(json!({
            "name": DEVICE.name,
            "in": "cookie",
            "required": false,
            "description": "What this browser is known by since somebody signed in with it: \
                passwords tried in it are counted apart from those of strangers.",
            "schema": { "type": "string" },
        }));
    }
}

/// What a browser cached of this origin goes with whoever was signed in (W3C Clear Site Data 3.1).
/// Neither its storage, where the identity key lies, nor its other cookies.
const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");
const THE_CACHE: &str = "\"cache\"";

/// Done, and these cookies are gone, with everything that was cached.
pub struct Cleared<const N: usize>(pub [Cookie; N], pub Transport);

impl<const N: usize> Gives for Cleared<N> {
    fn describe(operation: &mut Operation) {
        operation.gives(StatusCode::NO_CONTENT, None);
        operation.sends(StatusCode::NO_CONTENT, SET_COOKIE_NAME, header(Needed::Yes));
        let cleared = json!({
            "required": true,
            "description": "The browser forgets what it cached of this address.",
            "schema": { "type": "string", "const": THE_CACHE },
        });
        operation.sends(StatusCode::NO_CONTENT, "Clear-Site-Data", cleared);
    }
}

impl<const N: usize> IntoResponse for Cleared<N> {
    fn into_response(self) -> Response {
        let Self(cookies, transport) = self;
        let cookies = cookies.map(|cookie| (SET_COOKIE, cookie.cleared(transport)));
        let cache = [(CLEAR_SITE_DATA, THE_CACHE)];
        (StatusCode::NO_CONTENT, cache, AppendHeaders(cookies)).into_response()
    }
}

/// `Set-Cookie` in the words of the document.
pub(super) fn header(needed: Needed) -> Value {
    json!({
        "required": needed == Needed::Yes,
        "description": "Each cookie in a line of its own, for the server alone.",
        "schema": { "type": "string", "pattern": "; HttpOnly; SameSite=Strict" },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, line.parse().unwrap());
        }
        REFRESH.read(&headers).map(|value| value.expose().clone())
    }

    #[test]
    fn a_cookie_is_found_among_others_and_an_empty_one_is_none() {
        assert_eq!(read(&["a=1; refresh_token=x=y; b=2"]).as_deref(), Some("x=y"));
        assert_eq!(read(&["a=1", "refresh_token=; refresh_token=x"]).as_deref(), Some("x"));
        assert_eq!(read(&["refresh_token=", "xrefresh_token=1", "refresh_token"]), None);
        assert_eq!(read(&[]), None);
    }

    #[test]
    fn only_over_tls_a_cookie_is_for_tls_alone() {
        assert_eq!(
            device("x", Transport::Tls),
            "device=x; Path=/api/auth/login; Max-Age=31536000; HttpOnly; SameSite=Strict; Secure"
        );
        assert_eq!(
            REFRESH.until("x", Timestamp(0), Transport::Plain),
            "refresh_token=x; Path=/api/auth; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; \
             SameSite=Strict"
        );
    }
}
