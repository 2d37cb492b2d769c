//! TLS to a broker: whom to trust, and the handshake.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::config::{ConnectError, Server};
use super::refusal::of_socket;

/// Begins TLS on a socket.
pub(super) async fn begin(
    socket: TcpStream,
    server: &Server,
) -> Result<TlsStream<TcpStream>, ConnectError> {
    let name = ServerName::try_from(server.address.host().to_owned()).map_err(in_words)?;
    let ca_file = server.ca_file.clone();
    // Files are read, which may take a moment.
    let config = tokio::task::spawn_blocking(move || config(ca_file.as_deref()));
    let config = config.await.map_err(in_words)??;
    let connector = TlsConnector::from(Arc::new(config));
    connector.connect(name, socket).await.map_err(|error| of_socket(&error))
}

fn config(ca_file: Option<&Path>) -> Result<ClientConfig, ConnectError> {
    let authorities = match ca_file {
        Some(file) => authorities_of(file)?,
        None => authorities_of_the_system()?,
    };
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(in_words)?;
    Ok(builder.with_root_certificates(authorities).with_no_client_auth())
}

fn authorities_of(file: &Path) -> Result<RootCertStore, ConnectError> {
    let mut authorities = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(in_words)? {
        authorities.add(certificate.map_err(in_words)?).map_err(in_words)?;
    }
    Ok(authorities)
}

fn authorities_of_the_system() -> Result<RootCertStore, ConnectError> {
    let found = rustls_native_certs::load_native_certs();
    if let Some(error) = found.errors.first() {
        return Err(in_words(error));
    }
    let mut authorities = RootCertStore::empty();
    authorities.add_parsable_certificates(found.certs);
    Ok(authorities)
}

#[expect(clippy::needless_pass_by_value, reason = "what is mapped comes by value")]
fn in_words(error: impl ToString) -> ConnectError {
    ConnectError::Tls(error.to_string())
}
