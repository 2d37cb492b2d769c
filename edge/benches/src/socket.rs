//! The reading side of a socket's codec, on frames that are there at once.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bus_schemas::limit::FRAME_BYTES_MAX_BINARY;
use futures_util::{FutureExt, StreamExt};
use sockudo_ws::{Config, Message, Role, WebSocketStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

const BINARY_FRAME: u8 = 0x82;
const MASKED: u8 = 0x80;
const MASK: [u8; 4] = [0x12, 0x34, 0x56, 0x78];

/// A socket of the binary door to which the same frame comes again and again.
pub(crate) struct Socket(WebSocketStream<Tape>);

impl Socket {
    /// Frames of so many bytes.
    pub(crate) fn of_frames(bytes: usize) -> Self {
        // Pings need a clock; the rest is how the edge holds its sockets.
        let config = Config::builder()
            .max_payload_length(FRAME_BYTES_MAX_BINARY)
            .idle_timeout(0)
            .ping_interval(0)
            .build();
        Self(WebSocketStream::from_raw(Tape { frame: frame(bytes), at: 0 }, Role::Server, config))
    }

    /// Reads one.
    pub(crate) fn read(&mut self) {
        let heard = self.0.next().now_or_never().flatten();
        assert!(matches!(heard, Some(Ok(Message::Binary(_)))), "a frame");
    }
}

/// A frame without an end: each read gives what is left of it, then it begins again.
struct Tape {
    frame: Vec<u8>,
    at: usize,
}

impl AsyncRead for Tape {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let end = self.frame.len().min(self.at + into.remaining());
        into.put_slice(&self.frame[self.at..end]);
        self.at = end % self.frame.len();
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Tape {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// A frame as a client writes it.
fn frame(bytes: usize) -> Vec<u8> {
    let length = u16::try_from(bytes).expect("frames here are small");
    let mut frame = vec![BINARY_FRAME, MASKED | 0x7e];
    frame.extend(length.to_be_bytes());
    frame.extend(MASK);
    frame.extend((0..bytes).map(|place| 7 ^ MASK[place % 4]));
    frame
}
