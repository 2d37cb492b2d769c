//! Fault codes: the closed list of what may go wrong for somebody outside.
//!
//! A Fault is a code and nothing else; causes stay inside. What a code means over HTTP and on a
//! socket is decided by the doors, in one table there.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Declares the codes once: variant, wire name, and one sentence for people.
macro_rules! codes {
    ($($variant:ident = $name:literal, $sentence:literal;)*) => {
        /// A code from a closed list. Its wire name never changes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
        pub enum Code {
            $(#[doc = $sentence] #[serde(rename = $name)] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The wire name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// One sentence that helps whoever reads it.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence),* }
            }
        }
    };
}

codes! {
    // The request itself.
    InvalidJson = "INVALID_JSON", "The body is not valid JSON of the expected shape.";
    BadRequest = "BAD_REQUEST", "A required field is missing.";
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE", "Send the body as application/json.";
    OriginNotAllowed = "ORIGIN_NOT_ALLOWED", "This request came from another site.";
    BodyTooLarge = "BODY_TOO_LARGE", "The body is larger than 1 MiB.";
    NotFound = "NOT_FOUND", "There is nothing at this path.";
    MethodNotAllowed = "METHOD_NOT_ALLOWED", "This path does not take that method; see the Allow header.";
    InvalidPath = "INVALID_PATH", "There is nothing at this path below the user.";
    TooManyRequests = "TOO_MANY_REQUESTS", "Too many requests; wait for the time in Retry-After.";

    // Accounts.
    ValidationUsernameLength = "VALIDATION_USERNAME_LENGTH", "A username has 3 to 32 characters.";
    ValidationUsernameChars = "VALIDATION_USERNAME_CHARS", "A username has letters, digits, _ and -, and begins and ends with a letter or a digit.";
    ValidationPasswordLength = "VALIDATION_PASSWORD_LENGTH", "A password has 8 to 128 characters.";
    ValidationPasswordLatinDigit = "VALIDATION_PASSWORD_LATIN_DIGIT", "A password has at least one letter and one digit.";
    ValidationPasswordCommon = "VALIDATION_PASSWORD_COMMON", "This password is among the most common ones.";
    InvalidCredentials = "INVALID_CREDENTIALS", "The username or the password is wrong.";
    UsernameTaken = "USERNAME_TAKEN", "This username is taken.";
    MissingRefreshToken = "MISSING_REFRESH_TOKEN", "There is no refresh token; sign in.";
    InvalidRefreshToken = "INVALID_REFRESH_TOKEN", "The refresh token is not valid; sign in.";
    RefreshTokenExpired = "REFRESH_TOKEN_EXPIRED", "The refresh token has expired; sign in.";
    MissingAuthorization = "MISSING_AUTHORIZATION", "Send the access token as a Bearer token.";
    InvalidToken = "INVALID_TOKEN", "The access token is not valid.";
    TokenExpired = "TOKEN_EXPIRED", "The access token has expired; refresh it.";
    TokenRevoked = "TOKEN_REVOKED", "The access token was revoked; sign in.";
    TokenMissingJti = "TOKEN_MISSING_JTI", "The access token has no id.";
    ReauthenticationRequired = "REAUTHENTICATION_REQUIRED", "Sign in with the password again; then repeat this within 10 minutes.";
    LoginNotFound = "LOGIN_NOT_FOUND", "You have no such device signed in.";
    InvalidLoginIdFormat = "INVALID_LOGIN_ID_FORMAT", "The id of the device is not a UUID.";
    UserNotFound = "USER_NOT_FOUND", "There is no such user.";

    // Identity and directory.
    UserIdRequired = "USER_ID_REQUIRED", "The path has no user id.";
    InvalidUserIdFormat = "INVALID_USER_ID_FORMAT", "The user id is not a UUID.";
    InvalidIdentityPubKeyEncoding = "INVALID_IDENTITY_PUB_KEY_ENCODING", "The public key is not standard base64 with padding.";
    InvalidPublicKey = "INVALID_PUBLIC_KEY", "The public key has 32 to 4,096 bytes in SPKI form.";
    IdentityKeyNotFound = "IDENTITY_KEY_NOT_FOUND", "There is no identity key for this user.";
    EmptyQuery = "EMPTY_QUERY", "The search is empty.";
    QueryTooShort = "QUERY_TOO_SHORT", "A search has at least 2 characters.";
    QueryTooLong = "QUERY_TOO_LONG", "A search has at most 100 characters.";

    // Sockets.
    Unauthorized = "UNAUTHORIZED", "The first frame must be auth.";
    InvalidAuthPayload = "INVALID_AUTH_PAYLOAD", "The auth frame is not of the expected shape.";
    AuthTimeout = "AUTH_TIMEOUT", "No auth frame came in time.";
    Superseded = "SUPERSEDED", "The chat was opened elsewhere.";
    MalformedFrame = "MALFORMED_FRAME", "The frame is not of the expected shape.";
    FrameTooLarge = "FRAME_TOO_LARGE", "The frame is larger than this door takes.";
    InvalidPayload = "INVALID_PAYLOAD", "The payload is not of the expected shape.";
    UnknownMessageType = "UNKNOWN_MESSAGE_TYPE", "There is no frame of this type here.";
    FrameToSelf = "FRAME_TO_SELF", "A frame cannot be sent to oneself.";
    PeerClientDiffers = "PEER_CLIENT_DIFFERS", "The other person uses another client.";
    SlowReader = "SLOW_READER", "The other person's connection is too slow for this.";
    TooManyFrames = "TOO_MANY_FRAMES", "Too many frames in a short time.";
    BusAway = "BUS_AWAY", "The server cannot reach its bus; try again in a few seconds.";
    GoingAway = "GOING_AWAY", "The server is stopping; connect again.";

    // Files on the text door.
    FileSizeExceeded = "FILE_SIZE_EXCEEDED", "The file is larger than this server takes.";
    InvalidFileSize = "INVALID_FILE_SIZE", "The size of the file is not possible.";
    InvalidTotalChunks = "INVALID_TOTAL_CHUNKS", "The number of chunks is not possible.";
    InvalidMimeType = "INVALID_MIME_TYPE", "A voice message cannot be of this type.";
    MimeTypeNotAllowed = "MIME_TYPE_NOT_ALLOWED", "Files of this type are not taken.";

    // Our side.
    ServiceUnavailable = "SERVICE_UNAVAILABLE", "The service cannot do this at the moment; try again soon.";
    InternalError = "INTERNAL_ERROR", "Something went wrong on our side.";
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire4_every_code_has_its_own_name_and_a_sentence() {
        for (i, code) in Code::ALL.iter().enumerate() {
            assert!(code.sentence().ends_with('.'), "{code:?}");
            assert!(code.as_str().bytes().all(|b| b.is_ascii_uppercase() || b == b'_'));
            assert!(Code::ALL.iter().skip(i + 1).all(|other| other.as_str() != code.as_str()));
            let json = serde_json::to_string(code).unwrap();
            assert_eq!(json, format!("\"{}\"", code.as_str()));
        }
    }
}
