//! How a line begins: a socket, the broker's first line, TLS where it has to be, who we are, and
//! the answer to a first ping.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use super::config::{ConnectError, Obstacle, Server};
use super::refusal::{of_socket, unreachable};
use super::tls;
use super::wire::{self, Read, Said};

/// How long a broker may take to welcome a connection.
const CONNECT_WAIT: Duration = Duration::from_secs(2);
/// Bytes that are read at once until then.
const STEP_BYTES: usize = 4 * 1024;
/// What a broker says to whom it does not let in.
const REFUSED: &str = "authorization violation";

/// What leads to a broker.
pub(super) enum Socket {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Who a broker says it is.
#[derive(Debug, Deserialize)]
pub(super) struct Info {
    /// Largest message, headers included.
    pub(super) max_payload: usize,
    #[serde(default, rename = "ldm")]
    pub(super) is_about_to_stop: bool,
    #[serde(default)]
    tls_required: bool,
    #[serde(default)]
    tls_available: bool,
}

/// Who we are.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the broker's language has them")]
struct Introduction<'a> {
    name: String,
    user: Option<&'a str>,
    pass: Option<&'a str>,
    lang: &'a str,
    version: &'a str,
    protocol: u8,
    tls_required: bool,
    verbose: bool,
    pedantic: bool,
    echo: bool,
    headers: bool,
    no_responders: bool,
}

impl Info {
    pub(super) fn read(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }
}

/// Comes in at the first of the addresses that a name stands for which lets us in; with the socket
/// comes what was read from it and not yet heard.
pub(super) async fn welcome(server: &Server) -> Result<(Socket, BytesMut, Info), ConnectError> {
    let mut reason = ConnectError::Unreachable(Obstacle::Name);
    let place = (server.address.host(), server.address.port());
    let Ok(addresses) = lookup_host(place).await else { return Err(reason) };
    for address in addresses {
        match timeout(CONNECT_WAIT, welcome_at(address, server)).await {
            Ok(Ok(welcome)) => return Ok(welcome),
            Ok(Err(error @ ConnectError::Refused)) => return Err(error),
            Ok(Err(error)) => reason = error,
            Err(_) => reason = ConnectError::Unreachable(Obstacle::Silence),
        }
    }
    Err(reason)
}

async fn welcome_at(
    address: SocketAddr,
    server: &Server,
) -> Result<(Socket, BytesMut, Info), ConnectError> {
    let mut socket = TcpStream::connect(address).await.map_err(|error| of_socket(&error))?;
    socket.set_nodelay(true).map_err(|error| of_socket(&error))?;
    let mut buffer = BytesMut::new();
    let mut info = first_line(&mut socket, &mut buffer).await?;
    let is_wanted = server.address.is_tls() || server.ca_file.is_some();
    if !is_wanted && !info.tls_required {
        introduce(&mut socket, &mut buffer, &mut info, server, is_wanted).await?;
        return Ok((Socket::Plain(socket), buffer, info));
    }
    if !info.tls_required && !info.tls_available {
        return Err(ConnectError::NoTls);
    }
    if !buffer.is_empty() {
        // It would count as said under TLS, and anybody on the way may have said it.
        return Err(ConnectError::Tls("something was said before it began".to_owned()));
    }
    let mut socket = Box::new(tls::begin(socket, server).await?);
    introduce(&mut socket, &mut buffer, &mut info, server, is_wanted).await?;
    Ok((Socket::Tls(socket), buffer, info))
}

/// The broker speaks first.
async fn first_line<S>(socket: &mut S, buffer: &mut BytesMut) -> Result<Info, ConnectError>
where
    S: AsyncRead + Unpin,
{
    match next(socket, buffer).await? {
        Greeting::Info(info) => Ok(info),
        Greeting::Ping | Greeting::Pong | Greeting::Complaint(_) | Greeting::Nothing => {
            Err(unreachable())
        }
    }
}

/// Says who we are, and waits until the broker has looked at it.
async fn introduce<S>(
    socket: &mut S,
    buffer: &mut BytesMut,
    info: &mut Info,
    server: &Server,
    is_tls_wanted: bool,
) -> Result<(), ConnectError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    say(socket, &introduction(server, is_tls_wanted)).await.map_err(|error| of_socket(&error))?;
    loop {
        match next(socket, buffer).await? {
            Greeting::Pong => return Ok(()),
            Greeting::Info(newer) => *info = newer,
            Greeting::Complaint(words) => return Err(of_complaint(&words)),
            Greeting::Ping => say(socket, wire::PONG).await.map_err(|error| of_socket(&error))?,
            Greeting::Nothing => {}
        }
    }
}

fn introduction(server: &Server, is_tls_wanted: bool) -> Vec<u8> {
    let introduction = Introduction {
        name: format!("dhchat {}", server.lane.name()),
        user: server.user.as_deref(),
        pass: server.password.as_ref().map(|password| password.expose().as_str()),
        lang: "rust",
        version: env!("CARGO_PKG_VERSION"),
        protocol: 1,
        tls_required: is_tls_wanted,
        verbose: false,
        pedantic: false,
        echo: true,
        headers: true,
        no_responders: true,
    };
    let json = serde_json::to_vec(&introduction).expect("it has words and numbers alone");
    [b"CONNECT ", &json[..], b"\r\n", wire::PING].concat()
}

fn of_complaint(words: &str) -> ConnectError {
    tracing::debug!(words, "a broker does not let us in");
    if words.eq_ignore_ascii_case(REFUSED) { ConnectError::Refused } else { unreachable() }
}

async fn say<S: AsyncWrite + Unpin>(socket: &mut S, words: &[u8]) -> io::Result<()> {
    socket.write_all(words).await?;
    socket.flush().await
}

/// What a broker says until somebody is let in.
enum Greeting {
    Info(Info),
    Ping,
    Pong,
    Complaint(String),
    Nothing,
}

/// What it says next.
async fn next<S>(socket: &mut S, buffer: &mut BytesMut) -> Result<Greeting, ConnectError>
where
    S: AsyncRead + Unpin,
{
    loop {
        match wire::read(buffer).map_err(|_| unreachable())? {
            Read::Said(said, taken) => {
                let greeting = greeting(&said);
                buffer.advance(taken);
                return greeting.ok_or_else(unreachable);
            }
            Read::Wants(_) => buffer.reserve(STEP_BYTES),
        }
        let read = socket.read_buf(buffer).await.map_err(|error| of_socket(&error))?;
        if read == 0 {
            return Err(unreachable());
        }
    }
}

fn greeting(said: &Said<'_>) -> Option<Greeting> {
    match said {
        Said::Info(json) => Info::read(json).map(Greeting::Info),
        Said::Ping => Some(Greeting::Ping),
        Said::Pong => Some(Greeting::Pong),
        Said::Complaint(words) => {
            Some(Greeting::Complaint(String::from_utf8_lossy(words).into_owned()))
        }
        Said::Fine => Some(Greeting::Nothing),
        // Nobody listens yet.
        Said::Message(_) => None,
    }
}
