//! What goes wrong, as an HTTP answer: one match from code to status, one place that writes bodies.
//!
//! Handlers answer with a [`Problem`], which has no body; [`write()`] gives it one when the trace
//! id is known. Errors made by the libraries below get an envelope there as well.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::Json;
use axum::http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bus_schemas::fault::Code;
use bus_schemas::id::TraceId;
use bus_schemas::verbs::Refusal;
use schemars::JsonSchema;
use serde::Serialize;

use super::api::schema;
use super::limit::Kind;

/// When to come back, at the earliest, after the service could not do it.
const UNAVAILABLE_RETRY_SECONDS: u64 = 5;
/// By how much this differs from one request to the next: whoever was refused together must not
/// come back together.
const UNAVAILABLE_SPREAD_SECONDS: u64 = 6;
const JSON: &str = "application/json";

/// A refusal or a failure: a code, and perhaps when to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What the client is told.
    pub code: Code,
    /// The limit that refused it, if one did.
    pub limiter: Option<Kind>,
    again: Option<Again>,
}

/// When the same request may be granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Again {
    /// After this many seconds.
    After(u64),
    /// When the service can do it again, which nobody knows.
    Later,
}

impl Problem {
    /// A refusal with this code.
    #[must_use]
    pub const fn new(code: Code) -> Self {
        let again = match status(code) {
            StatusCode::SERVICE_UNAVAILABLE => Some(Again::Later),
            _ => None,
        };
        Self { code, limiter: None, again }
    }

    /// Too many requests; the next one is taken after this time.
    #[must_use]
    pub const fn too_many(limiter: Kind, retry_after_seconds: u64) -> Self {
        Self {
            code: Code::TooManyRequests,
            limiter: Some(limiter),
            again: Some(Again::After(retry_after_seconds)),
        }
    }
}

impl Again {
    fn seconds(self, trace: &TraceId) -> u64 {
        match self {
            Self::After(seconds) => seconds,
            Self::Later => UNAVAILABLE_RETRY_SECONDS + spread(trace),
        }
    }
}

/// Another number for another request. A caller who chooses the trace id chooses only for itself.
fn spread(trace: &TraceId) -> u64 {
    let mut hasher = DefaultHasher::new();
    trace.as_str().hash(&mut hasher);
    hasher.finish() % UNAVAILABLE_SPREAD_SECONDS
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let problem = Self::new(refusal.code);
        let given = refusal.retry_after_seconds.map(|seconds| Again::After(seconds.into()));
        // What is counted across edges is counted by account.
        let limiter = (refusal.code == Code::TooManyRequests).then_some(Kind::Account);
        Self { limiter, again: given.or(problem.again), ..problem }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = status(self.code).into_response();
        if self.code == Code::BodyTooLarge {
            // The rest of the body is not read, so nothing can follow on this connection.
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// The body of every refusal.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Problem", deny_unknown_fields)]
pub(super) struct Envelope<'a> {
    /// Which one; it never changes its meaning.
    #[schemars(schema_with = "schema::code")]
    code: Code,
    /// A sentence for people.
    message: &'static str,
    /// What the logs know this request by.
    #[schemars(schema_with = "schema::trace")]
    trace_id: &'a str,
}

/// Gives an error its body; anything else passes as it is.
#[must_use]
pub fn write(response: Response, trace: &TraceId) -> Response {
    let problem = response.extensions().get::<Problem>().copied();
    let given = problem.map(|problem| problem.code);
    // A handler that wrote JSON of its own has said what there is to say.
    let written = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == JSON);
    let made_below = || code_of(response.status()).filter(|_| !written);
    let Some(code) = given.or_else(made_below) else { return response };
    let body = Json(Envelope { code, message: code.sentence(), trace_id: trace.as_str() });
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    let (written, body) = body.into_response().into_parts();
    parts.headers.extend(written.headers);
    if let Some(again) = problem.and_then(|problem| problem.again) {
        parts.headers.insert(RETRY_AFTER, HeaderValue::from(again.seconds(trace)));
    }
    Response::from_parts(parts, body)
}

/// What an error of the libraries below means.
fn code_of(status: StatusCode) -> Option<Code> {
    match status {
        StatusCode::NOT_FOUND => Some(Code::NotFound),
        StatusCode::METHOD_NOT_ALLOWED => Some(Code::MethodNotAllowed),
        StatusCode::PAYLOAD_TOO_LARGE => Some(Code::BodyTooLarge),
        _ if status.is_client_error() => Some(Code::BadRequest),
        _ if status.is_server_error() => Some(Code::InternalError),
        _ => None,
    }
}

/// The status of each code.
#[must_use]
pub const fn status(code: Code) -> StatusCode {
    match code {
        Code::InvalidJson
        | Code::BadRequest
        | Code::InvalidPath
        | Code::ValidationUsernameLength
        | Code::ValidationUsernameChars
        | Code::ValidationPasswordLength
        | Code::ValidationPasswordLatinDigit
        | Code::ValidationPasswordCommon
        | Code::TokenMissingJti
        | Code::UserIdRequired
        | Code::InvalidUserIdFormat
        | Code::InvalidLoginIdFormat
        | Code::InvalidIdentityPubKeyEncoding
        | Code::InvalidPublicKey
        | Code::EmptyQuery
        | Code::QueryTooShort
        | Code::QueryTooLong
        | Code::InvalidAuthPayload
        | Code::MalformedFrame
        | Code::InvalidPayload
        | Code::UnknownMessageType
        | Code::FrameToSelf
        | Code::FileSizeExceeded
        | Code::InvalidFileSize
        | Code::InvalidTotalChunks
        | Code::InvalidMimeType
        | Code::MimeTypeNotAllowed => StatusCode::BAD_REQUEST,
        Code::InvalidCredentials
        | Code::MissingRefreshToken
        | Code::InvalidRefreshToken
        | Code::RefreshTokenExpired
        | Code::MissingAuthorization
        | Code::InvalidToken
        | Code::TokenExpired
        | Code::TokenRevoked
        | Code::Unauthorized
        | Code::AuthTimeout => StatusCode::UNAUTHORIZED,
        Code::OriginNotAllowed | Code::ReauthenticationRequired => StatusCode::FORBIDDEN,
        Code::NotFound | Code::UserNotFound | Code::LoginNotFound | Code::IdentityKeyNotFound => {
            StatusCode::NOT_FOUND
        }
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::UsernameTaken | Code::Superseded | Code::PeerClientDiffers => StatusCode::CONFLICT,
        Code::BodyTooLarge | Code::FrameTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::TooManyRequests | Code::TooManyFrames | Code::SlowReader => {
            StatusCode::TOO_MANY_REQUESTS
        }
        Code::BusAway | Code::GoingAway | Code::ServiceUnavailable => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        Code::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(code: Code, trace: u8) -> Option<u64> {
        let trace = TraceId::from_random([trace; 16]);
        let answer = write(Problem::new(code).into_response(), &trace);
        answer.headers().get(RETRY_AFTER).map(|wait| wait.to_str().unwrap().parse().unwrap())
    }

    #[test]
    fn door9_who_was_refused_together_does_not_come_back_together() {
        let waits: Vec<u64> =
            (0..=255).filter_map(|trace| wait(Code::ServiceUnavailable, trace)).collect();
        assert_eq!(waits.len(), 256);
        for seconds in 5..=10 {
            let together = waits.iter().filter(|wait| **wait == seconds).count();
            assert!((20..=80).contains(&together), "{together} of 256 after {seconds} s");
        }
        assert!(waits.iter().all(|wait| (5..=10).contains(wait)));
        assert_eq!(wait(Code::InvalidJson, 1), None);
    }

    #[test]
    fn who_is_told_a_time_is_told_that_time() {
        let refusal = Refusal { code: Code::TooManyRequests, retry_after_seconds: Some(12) };
        for trace in 0..10 {
            let answer = Problem::from(refusal).into_response();
            let answer = write(answer, &TraceId::from_random([trace; 16]));
            assert_eq!(answer.headers()[RETRY_AFTER], "12");
        }
    }
}
