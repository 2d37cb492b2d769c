//! A WebSocket client that writes and reads byte by byte: whatever no honest client would say.

#![allow(dead_code, reason = "each test program uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fmt::Write;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::binary;

/// First bytes of a final frame.
pub(crate) const TEXT: u8 = 0x81;
pub(crate) const BINARY: u8 = 0x82;
pub(crate) const CLOSE: u8 = 0x88;
pub(crate) const PING: u8 = 0x89;
pub(crate) const PONG: u8 = 0x8a;
pub(crate) const CONTINUATION: u8 = 0x80;
/// The bit that says "the last of its message".
pub(crate) const FINAL: u8 = 0x80;
/// The bit that says "deflated".
pub(crate) const DEFLATED: u8 = 0x40;

/// The bit of the second byte that says "masked".
const MASKED: u8 = 0x80;
const MASK: [u8; 4] = [0x12, 0x34, 0x56, 0x78];
/// Longer than anything honest takes.
const WAIT: Duration = Duration::from_secs(20);

/// What the server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) first: u8,
    pub(crate) payload: Vec<u8>,
}

impl Frame {
    /// The code of a close.
    pub(crate) fn close_code(&self) -> Option<u16> {
        let code = self.payload.first_chunk::<2>()?;
        (self.first == CLOSE).then(|| u16::from_be_bytes(*code))
    }
}

/// The headers of the binary door, from a page of its own.
pub(crate) const BINARY_DOOR: &[(&str, &str)] =
    &[("sec-websocket-protocol", "dhchat.2"), ("origin", "http://localhost:8080")];

/// An open socket.
pub(crate) struct Raw {
    pub(crate) tcp: TcpStream,
    /// The answer to the handshake.
    pub(crate) head: String,
}

impl Raw {
    /// With more headers than the plain handshake.
    pub(crate) async fn open(doors: SocketAddr, headers: &[(&str, &str)]) -> Self {
        let tcp = TcpStream::connect(doors).await.unwrap();
        Self::over(tcp, doors, headers).await
    }

    /// On a connection of the caller's own.
    pub(crate) async fn over(
        mut tcp: TcpStream,
        doors: SocketAddr,
        headers: &[(&str, &str)],
    ) -> Self {
        let mut request = format!(
            "GET /ws/ HTTP/1.1\r\nhost: {doors}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        );
        for (name, value) in headers {
            write!(request, "{name}: {value}\r\n").unwrap();
        }
        tcp.write_all(format!("{request}\r\n").as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(timeout(WAIT, tcp.read_u8()).await.expect("an answer").unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        Self { tcp, head }
    }

    pub(crate) async fn text(doors: SocketAddr) -> Self {
        Self::open(doors, &[]).await
    }

    pub(crate) async fn binary(doors: SocketAddr) -> Self {
        Self::open(doors, BINARY_DOOR).await
    }

    pub(crate) async fn text_as(doors: SocketAddr, token: &str) -> Self {
        Self::text(doors).await.says_who(token).await
    }

    /// Authenticates on the text door.
    pub(crate) async fn says_who(mut self, token: &str) -> Self {
        let auth = serde_json::json!({ "type": "auth", "payload": { "token": token } });
        self.say(TEXT, auth.to_string().as_bytes()).await.unwrap();
        let answer = self.hear().await.expect("an answer");
        let answer: serde_json::Value = serde_json::from_slice(&answer.payload).unwrap();
        assert_eq!(answer["payload"]["authenticated"], true, "{answer}");
        self
    }

    pub(crate) async fn binary_as(doors: SocketAddr, token: &str) -> Self {
        Self::binary(doors).await.says_who_in_binary(token).await
    }

    /// Authenticates on the binary door.
    pub(crate) async fn says_who_in_binary(mut self, token: &str) -> Self {
        self.say(BINARY, &binary::auth(token)).await.unwrap();
        let answer = self.hear().await.expect("an answer");
        assert_eq!((answer.first, &answer.payload[..2]), (BINARY, &[0x92, 0x00][..]));
        self
    }

    /// Writes one frame.
    pub(crate) async fn say(&mut self, first: u8, payload: &[u8]) -> io::Result<()> {
        self.tcp.write_all(&frame(first, payload)).await
    }

    /// The next frame, pings answered; `None` once the connection has ended.
    pub(crate) async fn hear(&mut self) -> Option<Frame> {
        loop {
            let frame = timeout(WAIT, read(&mut self.tcp)).await.expect("something comes").ok()?;
            if frame.first != PING {
                return Some(frame);
            }
            self.say(PONG, &frame.payload).await.ok()?;
        }
    }

    /// The code of the close that comes after whatever else comes. The end follows, and no word.
    pub(crate) async fn hear_close(&mut self) -> u16 {
        let code = loop {
            let frame = self.hear().await.expect("a close before the end");
            if let Some(code) = frame.close_code() {
                break code;
            }
        };
        // The server may have ended it already.
        drop(self.tcp.shutdown().await);
        while let Some(frame) = self.hear().await {
            assert_eq!(frame.first, PONG, "{frame:?}");
        }
        code
    }
}

/// A frame as a client writes it.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = header(first, payload.len());
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// The header of such a frame, with its mask.
pub(crate) fn header(first: u8, length: usize) -> Vec<u8> {
    let mut bytes = vec![first];
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ ..=125), _) => bytes.push(MASKED | short),
        (_, Ok(middle)) => {
            bytes.push(MASKED | 0x7e);
            bytes.extend(middle.to_be_bytes());
        }
        (_, Err(_)) => {
            bytes.push(MASKED | 0x7f);
            bytes.extend(u64::try_from(length).unwrap().to_be_bytes());
        }
    }
    bytes.extend(MASK);
    bytes
}

/// A frame as a server writes it.
pub(crate) async fn read(tcp: &mut (impl AsyncRead + Unpin)) -> io::Result<Frame> {
    let first = tcp.read_u8().await?;
    let length = match tcp.read_u8().await? {
        126 => u64::from(tcp.read_u16().await?),
        127 => tcp.read_u64().await?,
        short => u64::from(short),
    };
    let mut payload = vec![0; usize::try_from(length).unwrap()];
    tcp.read_exact(&mut payload).await?;
    Ok(Frame { first, payload })
}
