//! Why a line could not be opened, in words that help whoever set it up.

use std::error::Error;
use std::io;

use async_nats::ConnectErrorKind;
use async_nats::rustls::{self, CertificateError};

use super::config::ConnectError;

/// What the client library says, as one of ours.
pub(super) fn refusal(error: &async_nats::ConnectError) -> ConnectError {
    match error.kind() {
        ConnectErrorKind::AuthorizationViolation => ConnectError::Refused,
        ConnectErrorKind::Tls => ConnectError::Tls(in_words(error)),
        ConnectErrorKind::Io => of_socket(error),
        kind @ (ConnectErrorKind::ServerParse
        | ConnectErrorKind::Dns
        | ConnectErrorKind::Authentication
        | ConnectErrorKind::TimedOut
        | ConnectErrorKind::MaxReconnects) => ConnectError::Unreachable(kind),
    }
}

/// The library does not tell a handshake that failed from a socket that did.
fn of_socket(error: &async_nats::ConnectError) -> ConnectError {
    let unreachable = ConnectError::Unreachable(ConnectErrorKind::Io);
    let Some(error) = error.source().and_then(|source| source.downcast_ref::<io::Error>()) else {
        return unreachable;
    };
    let within = error.get_ref().and_then(|within| within.downcast_ref::<rustls::Error>());
    match (within, error.kind()) {
        (Some(error), _) => of_tls(error),
        (None, io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => {
            ConnectError::BrokenOff
        }
        (None, _) => unreachable,
    }
}

fn of_tls(error: &rustls::Error) -> ConnectError {
    if let rustls::Error::InvalidCertificate(reason) = error {
        return of_certificate(reason);
    }
    if let rustls::Error::InvalidMessage(_) = error {
        return ConnectError::NoTls;
    }
    ConnectError::Tls(error.to_string())
}

fn of_certificate(reason: &CertificateError) -> ConnectError {
    if matches!(reason, CertificateError::UnknownIssuer | CertificateError::BadSignature) {
        return ConnectError::Untrusted;
    }
    let is_other_host = matches!(
        reason,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }
    );
    if is_other_host {
        return ConnectError::OtherHost;
    }
    ConnectError::Certificate(reason.to_string())
}

fn in_words(error: &async_nats::ConnectError) -> String {
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}
