//! The two cookies: what a browser goes on being signed in with, and what it is known by.
//!
//! Both are for the server alone: no script reads them, and no other site's page sends them.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use bus_schemas::secret::Secret;
use bus_schemas::time::Timestamp;
use time::OffsetDateTime;
use time::macros::format_description;

use super::headers::Transport;

/// The refresh token: seen by every route of accounts, and by no other.
pub const REFRESH: Cookie = Cookie { name: "refresh_token", path: "/api/auth" };
/// The browser in which somebody signed in before: seen where guesses are counted, and nowhere else.
pub const DEVICE: Cookie = Cookie { name: "device", path: "/api/auth/login" };
/// How long a browser is known. A guesser who owns the browser gains nothing by it: each browser
/// has a count of its own.
const DEVICE_SECONDS: u32 = 365 * 24 * 60 * 60;

/// A cookie that is set and read here.
#[derive(Clone, Copy, Debug)]
pub struct Cookie {
    name: &'static str,
    path: &'static str,
}

impl Cookie {
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

/// The refresh token, if the browser sent one.
#[derive(Debug)]
pub struct RefreshCookie(pub Option<Secret<String>>);

impl<S: Sync> FromRequestParts<S> for RefreshCookie {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(REFRESH.read(&parts.headers)))
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
