//! One client connection: a socket, what was read of a frame that is not whole yet, and what waits
//! to be written.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpSocket, TcpStream};

use crate::door::Door;
use crate::frames::{self, CLOSE, PING, PONG};
use crate::people::Person;

/// All connections of this thread read into one buffer of so many bytes.
const READ_BYTES: usize = 256 * 1024;
/// Bytes of an answer to a handshake, at most.
const HEAD_BYTES_MAX: usize = 4 * 1024;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; READ_BYTES]);
}

/// An open connection of somebody who was let in.
pub(crate) struct Link {
    pub(crate) reader: Reader,
    pub(crate) writer: Writer,
}

/// Where a connection comes from and goes to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    pub(crate) to: SocketAddr,
    /// Which address of this machine: one has some 28,000 ports for each server.
    pub(crate) from: Option<IpAddr>,
    /// What the system keeps for this side, if not what it likes.
    pub(crate) receive_bytes: Option<u32>,
}

impl Way {
    pub(crate) const fn to(to: SocketAddr) -> Self {
        Self { to, from: None, receive_bytes: None }
    }

    async fn connect(self) -> io::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        if let Some(bytes) = self.receive_bytes {
            socket.set_recv_buffer_size(bytes)?;
        }
        if let Some(from) = self.from {
            socket.bind((from, 0).into())?;
        }
        let stream = socket.connect(self.to).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

impl Link {
    /// Connects, becomes a WebSocket, and says who it is. Returns when that was accepted.
    pub(crate) async fn open(way: Way, door: Door, person: &Person) -> Result<Self> {
        let mut stream = way.connect().await.context("connecting")?;
        let handshake = format!(
            "GET /ws/ HTTP/1.1\r\nhost: {}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n{}\r\n",
            way.to,
            door.headers(),
        );
        stream.write_all(handshake.as_bytes()).await?;
        let head = read_head(&mut stream).await?;
        if !head.starts_with("HTTP/1.1 101") {
            bail!("no WebSocket: {}", head.lines().next().unwrap_or_default());
        }
        let mut hello = Vec::new();
        frames::put(&mut hello, frames::BINARY, &door.hello(person)?);
        stream.write_all(&hello).await?;
        let (reading, writing) = stream.into_split();
        let writer = Writer(Rc::new(RefCell::new(Waiting { half: writing, bytes: Vec::new() })));
        let reader = Reader { half: reading, part: Vec::new(), writer: writer.clone() };
        let mut link = Self { reader, writer };
        let mut answer = None;
        while answer.is_none() {
            link.reader.frames(|message| answer = answer.take().or(Some(message.to_vec()))).await?;
        }
        door.welcomes(&answer.unwrap_or_default())?;
        Ok(link)
    }
}

async fn read_head(stream: &mut TcpStream) -> Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > HEAD_BYTES_MAX {
            bail!("an answer without an end");
        }
        // Byte by byte: what follows the head is not the handshake's.
        head.push(stream.read_u8().await.context("hung up during the handshake")?);
    }
    Ok(String::from_utf8(head)?)
}

/// The reading half. It answers pings by itself.
pub(crate) struct Reader {
    half: OwnedReadHalf,
    /// The beginning of a frame.
    part: Vec<u8>,
    writer: Writer,
}

impl Reader {
    /// Reads once, and hands over every message that is whole now.
    pub(crate) async fn frames(&mut self, mut each: impl FnMut(&[u8])) -> io::Result<()> {
        poll_fn(|ctx| self.poll_frames(ctx, &mut each)).await
    }

    /// The same for whoever waits for several things.
    pub(crate) fn poll_frames(
        &mut self,
        ctx: &mut Context<'_>,
        each: &mut impl FnMut(&[u8]),
    ) -> Poll<io::Result<()>> {
        BUFFER.with_borrow_mut(|buffer| {
            let mut read = ReadBuf::new(buffer);
            ready!(Pin::new(&mut self.half).poll_read(ctx, &mut read))?;
            if read.filled().is_empty() {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            Poll::Ready(self.take(read.filled(), each))
        })
    }

    fn take(&mut self, bytes: &[u8], each: &mut impl FnMut(&[u8])) -> io::Result<()> {
        if self.part.is_empty() {
            let taken = hand_over(bytes, &self.writer, each)?;
            self.part.extend_from_slice(&bytes[taken..]);
            return Ok(());
        }
        self.part.extend_from_slice(bytes);
        let taken = hand_over(&self.part, &self.writer, each)?;
        self.part.drain(..taken);
        Ok(())
    }
}

/// How many bytes were whole frames.
fn hand_over(bytes: &[u8], writer: &Writer, each: &mut impl FnMut(&[u8])) -> io::Result<usize> {
    let mut taken = 0;
    while let Some((frame, length)) = frames::next(&bytes[taken..]) {
        match frame.first {
            PING => writer.say(|out| frames::put(out, PONG, frame.payload))?,
            CLOSE => {
                let code = frame.payload.first_chunk::<2>().map(|code| u16::from_be_bytes(*code));
                return Err(io::Error::other(format!("closed by the server: {code:?}")));
            }
            PONG => {}
            _ => each(frame.payload),
        }
        taken += length;
    }
    Ok(taken)
}

/// The writing half, which several may hold.
#[derive(Clone)]
pub(crate) struct Writer(Rc<RefCell<Waiting>>);

struct Waiting {
    half: OwnedWriteHalf,
    bytes: Vec<u8>,
}

impl Writer {
    /// Writes in one go as much as the system takes; the rest waits for the next call or for
    /// [`Writer::flush`].
    pub(crate) fn say(&self, put: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        let mut waiting = self.0.borrow_mut();
        put(&mut waiting.bytes);
        waiting.write()
    }

    /// Bytes that the system has not taken.
    pub(crate) fn waiting(&self) -> usize {
        self.0.borrow().bytes.len()
    }

    /// Returns when the system has taken everything.
    pub(crate) async fn flush(&self) -> io::Result<()> {
        while self.waiting() > 0 {
            poll_fn(|ctx| self.poll_write(ctx)).await?;
        }
        Ok(())
    }

    /// Writes as soon as the system takes more.
    pub(crate) fn poll_write(&self, ctx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut waiting = self.0.borrow_mut();
        let stream: &TcpStream = waiting.half.as_ref();
        ready!(stream.poll_write_ready(ctx))?;
        Poll::Ready(waiting.write())
    }
}

impl Waiting {
    fn write(&mut self) -> io::Result<()> {
        let mut written = 0;
        while written < self.bytes.len() {
            match self.half.try_write(&self.bytes[written..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => written += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        self.bytes.drain(..written);
        Ok(())
    }
}
