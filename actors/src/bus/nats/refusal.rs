//! Why a line could not be opened, in words that help whoever set it up.

use std::io;

use rustls::CertificateError;

use super::config::{ConnectError, Obstacle};

/// Nobody listens there, or nobody who speaks as a broker does.
pub(super) const fn unreachable() -> ConnectError {
    ConnectError::Unreachable(Obstacle::Socket)
}

/// A handshake that failed looks like a socket that did, with the reason within.
pub(super) fn of_socket(error: &io::Error) -> ConnectError {
    let within = error.get_ref().and_then(|within| within.downcast_ref::<rustls::Error>());
    match (within, error.kind()) {
        (Some(error), _) => of_tls(error),
        (None, io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => {
            ConnectError::BrokenOff
        }
        (None, _) => unreachable(),
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
