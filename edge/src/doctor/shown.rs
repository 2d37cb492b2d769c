//! Looks at the certificate that browsers are shown: at an address, by connecting as they do, or in
//! the file that the proxy is given. Judges nothing.

use std::fmt::Display;
use std::net::{TcpStream, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bus_schemas::time::Timestamp;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{
    WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error, RootCertStore,
    SignatureScheme,
};

use super::certificate::{self, Certificate};
use crate::config::PublicUrl;

/// How long the address may take for each step.
const WAIT: Duration = Duration::from_secs(5);

/// Where the certificate is that browsers are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// At the first of these addresses.
    Address(PublicUrl),
    /// In this file: the certificate first, then those of whoever signed it.
    File(PathBuf),
}

/// What came of looking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// The address, or the file.
    pub(super) place: String,
    /// What is there, or why nothing can be seen.
    pub(super) seen: Result<Seen, String>,
}

/// A certificate, and what it is worth to a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// What it says.
    pub(super) certificate: Certificate,
    /// Each host that browsers ask for, and whether the certificate is for it.
    pub(super) hosts: Vec<(String, bool)>,
    /// Why the authorities of this machine do not vouch for it, at a time when it holds.
    pub(super) doubt: Option<String>,
}

/// Looks at the certificate; one in a file should be for the hosts of the public addresses.
pub(super) fn look(source: &Source, public: &PublicUrl, now: Timestamp) -> Shown {
    let (place, url, chain) = match source {
        Source::Address(url) => (url.as_str().to_owned(), url, chain_at(url)),
        Source::File(path) => (path.display().to_string(), public, chain_in(path)),
    };
    let hosts = url.given().filter_map(over_tls).map(|(host, _)| host).collect();
    Shown { place, seen: chain.and_then(|chain| see(&chain, hosts, now)) }
}

fn see(chain: &[CertificateDer<'_>], hosts: Vec<&str>, now: Timestamp) -> Result<Seen, String> {
    let none = || "there is no certificate".to_owned();
    let (first, signers) = chain.split_first().ok_or_else(none)?;
    let certificate = certificate::read(first).ok_or_else(none)?;
    let parsed = ParsedCertificate::try_from(first).map_err(told)?;
    let is_for =
        |host: &str| name(host).is_ok_and(|name| verify_server_name(&parsed, &name).is_ok());
    let hosts = hosts.into_iter().map(|host| (host.to_owned(), is_for(host))).collect();
    // That it has ended is another sentence.
    let held = now.0.clamp(certificate.begins.0, certificate.ends.0.max(certificate.begins.0));
    let doubt = doubt(&parsed, signers, Timestamp(held));
    Ok(Seen { certificate, hosts, doubt })
}

fn doubt(
    certificate: &ParsedCertificate<'_>,
    signers: &[CertificateDer<'_>],
    at: Timestamp,
) -> Option<String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let at = UnixTime::since_unix_epoch(Duration::from_secs(at.0.try_into().unwrap_or(0)));
    let algorithms = algorithms().all;
    match verify_server_cert_signed_by_trust_anchor(certificate, &roots, signers, at, algorithms) {
        Ok(()) => None,
        Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
            Some("who signed it is unknown here".to_owned())
        }
        Err(error) => Some(told(error)),
    }
}

fn chain_in(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let found = CertificateDer::pem_file_iter(path).map_err(told)?;
    found.collect::<Result<_, _>>().map_err(told)
}

fn chain_at(url: &PublicUrl) -> Result<Vec<CertificateDer<'static>>, String> {
    let address = url.given().find_map(over_tls);
    let (host, port) = address.ok_or_else(|| "there is no TLS at this address".to_owned())?;
    let config = ClientConfig::builder()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody))
        .with_no_client_auth();
    let mut tls = ClientConnection::new(Arc::new(config), name(host)?).map_err(told)?;
    let mut line = connect(host, port)?;
    while tls.is_handshaking() {
        tls.complete_io(&mut line).map_err(told)?;
    }
    let chain = tls.peer_certificates().unwrap_or_default();
    Ok(chain.iter().map(|certificate| certificate.clone().into_owned()).collect())
}

fn connect(host: &str, port: u16) -> Result<TcpStream, String> {
    let mut failed = "the name has no address".to_owned();
    for address in (bare(host), port).to_socket_addrs().map_err(told)? {
        match TcpStream::connect_timeout(&address, WAIT) {
            Ok(line) => {
                line.set_read_timeout(Some(WAIT)).map_err(told)?;
                line.set_write_timeout(Some(WAIT)).map_err(told)?;
                return Ok(line);
            }
            Err(error) => failed = told(error),
        }
    }
    Err(failed)
}

/// Host and port of an origin, if it is reached over TLS.
fn over_tls(origin: &str) -> Option<(&str, u16)> {
    let place = origin.strip_prefix("https://")?;
    match place.rsplit_once(':') {
        // The colons of an address of IPv6 stand within brackets.
        Some((host, port)) if !port.ends_with(']') => Some((host, port.parse().ok()?)),
        Some(_) | None => Some((place, 443)),
    }
}

fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

fn name(host: &str) -> Result<ServerName<'static>, String> {
    ServerName::try_from(bare(host).to_owned()).map_err(told)
}

fn told(error: impl Display) -> String {
    error.to_string()
}

fn algorithms() -> WebPkiSupportedAlgorithms {
    aws_lc_rs::default_provider().signature_verification_algorithms
}

/// Believes everybody, because nothing is said to them: the certificate is all that is wanted.
/// Whoever shows it must have its key all the same.
#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _signers: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &algorithms())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &algorithms())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        algorithms().supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_of_an_address_is_told_apart_from_its_colons() {
        for (origin, place) in [
            ("https://chat.example.org", Some(("chat.example.org", 443))),
            ("https://chat.example.org:8443", Some(("chat.example.org", 8443))),
            ("https://[::1]", Some(("[::1]", 443))),
            ("https://[::1]:8443", Some(("[::1]", 8443))),
            ("http://localhost:8080", None),
        ] {
            assert_eq!(over_tls(origin), place, "{origin}");
        }
        assert_eq!(bare("[::1]"), "::1");
    }
}
