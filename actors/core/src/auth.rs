//! Verdicts on credentials, access tokens and refresh tokens.
