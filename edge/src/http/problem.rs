//! What goes wrong, as an HTTP answer: one match from code to status, one place that writes bodies.
//!
//! Handlers answer with a [`Problem`], which has no body; [`write()`] gives it one when the trace
//! id is known. Errors made by the libraries below get an envelope there as well.

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

/// When to come back after the service could not do it.
const UNAVAILABLE_RETRY_SECONDS: u64 = 5;
const JSON: &str = "application/json";

/// A refusal or a failure: a code, and perhaps when to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What the client is told.
    pub code: Code,
    /// The limit that refused it, if one did.
    pub limiter: Option<Kind>,
    retry_after_seconds: Option<u64>,
}

impl Problem {
    /// A refusal with this code.
    #[must_use]
    pub const fn new(code: Code) -> Self {
        let retry_after_seconds = match status(code) {
            StatusCode::SERVICE_UNAVAILABLE => Some(UNAVAILABLE_RETRY_SECONDS),
            _ => None,
        };
        Self { code, limiter: None, retry_after_seconds }
    }

    /// Too many requests; the next one is taken after this time.
    #[must_use]
    pub const fn too_many(limiter: Kind, retry_after_seconds: u64) -> Self {
        Self {
            code: Code::TooManyRequests,
            limiter: Some(limiter),
            retry_after_seconds: Some(retry_after_seconds),
        }
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let problem = Self::new(refusal.code);
        let given = refusal.retry_after_seconds.map(u64::from);
        // What is counted across edges is counted by account.
        let limiter = (refusal.code == Code::TooManyRequests).then_some(Kind::Account);
        Self { limiter, retry_after_seconds: given.or(problem.retry_after_seconds), ..problem }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = status(self.code).into_response();
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
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
    let given = response.extensions().get::<Problem>().map(|problem| problem.code);
    // A handler that wrote JSON of its own has said what there is to say.
    let written = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == JSON);
    let made_below = || code_of(response.status()).filter(|_| !written);
    let Some(code) = given.or_else(made_below) else { return response };
    let body = Json(Envelope { code, message: code.sentence(), trace_id: trace.as_str() });
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    let (written, body) = body.into_response().into_parts();
    parts.headers.extend(written.headers);
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
