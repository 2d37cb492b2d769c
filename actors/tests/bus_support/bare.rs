//! A client that knows the bare protocol of the broker, a line at a time: it asks what the broker
//! allows, and owes nothing to the client that is shipped.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::certificates::Certified;
use super::server::HOST;

/// Where a broker is, and whom to trust if it speaks TLS.
pub(crate) struct Place {
    pub(crate) port: u16,
    pub(crate) authority: Option<PathBuf>,
}

trait Stream: Read + Write {}
impl<S: Read + Write> Stream for S {}

/// Speaks the protocol.
pub(crate) struct Client {
    lines: BufReader<Box<dyn Stream>>,
    /// The first line of the broker.
    pub(crate) info: String,
}

impl Client {
    /// The broker says who it is before TLS begins.
    pub(crate) fn open(place: &Place) -> Self {
        let mut socket = socket(place);
        let info = first_line(&mut socket);
        let stream: Box<dyn Stream> = match &place.authority {
            None => Box::new(socket),
            Some(authority) => Box::new(StreamOwned::new(tls(authority, None), socket)),
        };
        Self { lines: BufReader::new(stream), info }
    }

    pub(crate) fn connect(place: &Place, user: &str, password: &str) -> Result<Self, String> {
        let mut client = Self::open(place);
        let options = format!(r#"{{"verbose":false,"user":"{user}","pass":"{password}"}}"#);
        match client.complaint(&format!("CONNECT {options}")) {
            None => Ok(client),
            Some(complaint) => Err(complaint),
        }
    }

    pub(crate) fn may_say(&mut self, subject: &str) -> bool {
        self.complaint(&format!("PUB {subject} 0\r\n")).is_none()
    }

    pub(crate) fn may_hear(&mut self, subject: &str) -> bool {
        let allowed = self.complaint(&format!("SUB {subject} 1")).is_none();
        let left = self.complaint("UNSUB 1");
        allowed && left.is_none()
    }

    /// Sends a line, and returns what the broker has against it.
    pub(crate) fn complaint(&mut self, line: &str) -> Option<String> {
        // The broker may have hung up, which the next line shows.
        drop(self.lines.get_mut().write_all(format!("{line}\r\nPING\r\n").as_bytes()));
        drop(self.lines.get_mut().flush());
        let mut complaint = None;
        loop {
            match self.line() {
                line if line.starts_with("PONG") => return complaint,
                line if line.is_empty() => return Some("the broker has hung up".to_owned()),
                line if line.starts_with("-ERR") => complaint = Some(line),
                _ => {}
            }
        }
    }

    /// The next line with its line break; empty at the end.
    fn line(&mut self) -> String {
        let mut line = String::new();
        match self.lines.read_line(&mut line) {
            Ok(_) => line,
            Err(_) => String::new(),
        }
    }
}

/// Whether a broker says who it is to somebody who comes as another one with this certificate.
/// Among brokers TLS begins at once.
pub(crate) fn is_welcome_as_a_broker(place: &Place, certified: Option<&Certified>) -> bool {
    let authority = place.authority.as_ref().expect("an authority");
    let stream = StreamOwned::new(tls(authority, certified), socket(place));
    let mut line = String::new();
    // A handshake of TLS 1.3 is over for a client before the server has judged it.
    let heard = BufReader::new(stream).read_line(&mut line);
    heard.is_ok() && line.starts_with("INFO ")
}

fn socket(place: &Place) -> TcpStream {
    let socket = TcpStream::connect((HOST, place.port)).expect("a socket");
    socket.set_read_timeout(Some(Duration::from_secs(5))).expect("a time-out");
    socket
}

/// A byte at a time, so that nothing of what follows is taken.
fn first_line(socket: &mut TcpStream) -> String {
    let (mut line, mut byte) = (Vec::new(), [0]);
    while !line.ends_with(b"\n") && socket.read_exact(&mut byte).is_ok() {
        line.extend(byte);
    }
    String::from_utf8(line).expect("a line of text")
}

fn tls(authority: &Path, certified: Option<&Certified>) -> ClientConnection {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(authority).expect("a file") {
        roots.add(certificate.expect("a certificate")).expect("an authority");
    }
    let config = ClientConfig::builder().with_root_certificates(roots);
    let config = match certified {
        None => config.with_no_client_auth(),
        Some(Certified { certificate, key }) => {
            let certificate = CertificateDer::from_pem_file(certificate).expect("a certificate");
            let key = PrivateKeyDer::from_pem_file(key).expect("a key");
            config.with_client_auth_cert(vec![certificate], key).expect("they belong together")
        }
    };
    let name = ServerName::try_from(HOST).expect("a number");
    ClientConnection::new(Arc::new(config), name).expect("a client")
}
