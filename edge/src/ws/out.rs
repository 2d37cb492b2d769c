//! What is written to a connection: at once if the system takes it, and what it does not take is all
//! that is kept.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::task::Waker;

use bytes::{Buf, Bytes};
use tokio::net::TcpStream;

/// Pieces that are offered to the system at once; more wait for a client that does not read.
const PIECES_AT_ONCE: usize = 8;

/// The writing side of a connection: its writer says messages, its reader answers pings.
#[derive(Debug, Default)]
pub(super) struct Out {
    /// What the system did not take yet. Nothing may be written before it: it may end in the midst
    /// of a frame.
    left: VecDeque<Bytes>,
    /// Whoever writes it when somebody else left it.
    writer: Option<Waker>,
    state: State,
}

/// Whether anything may be said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Open,
    /// The last frame was said.
    Closed,
    /// The connection has ended.
    Broken,
}

/// Nothing more can be said.
pub(super) struct Shut;

impl Out {
    /// Writes whole frames: some bytes, and a payload that is not copied behind them. Gives how many
    /// bytes the system took.
    pub(super) fn say(
        &mut self,
        tcp: &TcpStream,
        head: &[u8],
        payload: Bytes,
    ) -> Result<u64, Shut> {
        if self.state != State::Open {
            return Err(Shut);
        }
        if !self.left.is_empty() {
            self.keep(head, payload);
            return Ok(0);
        }
        let pieces = [IoSlice::new(head), IoSlice::new(&payload)];
        let pieces = pieces.get(..if payload.is_empty() { 1 } else { 2 }).unwrap_or_default();
        match tcp.try_write_vectored(pieces) {
            Ok(written) => {
                let of_payload = written.saturating_sub(head.len());
                self.keep(head.get(written..).unwrap_or_default(), payload.slice(of_payload..));
                Ok(written as u64)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.keep(head, payload);
                Ok(0)
            }
            Err(error) => Err(self.broke(&error)),
        }
    }

    /// The same, and nothing follows.
    pub(super) fn say_last(&mut self, tcp: &TcpStream, frame: &[u8]) -> Result<u64, Shut> {
        let written = self.say(tcp, frame, Bytes::new())?;
        self.state = State::Closed;
        Ok(written)
    }

    /// Writes what is left, as far as the system takes it, and gives how many bytes it took.
    pub(super) fn write_left(&mut self, tcp: &TcpStream) -> Result<u64, Shut> {
        let mut all = 0;
        while !self.left.is_empty() {
            let mut pieces = [IoSlice::new(&[]); PIECES_AT_ONCE];
            for (piece, bytes) in pieces.iter_mut().zip(&self.left) {
                *piece = IoSlice::new(bytes);
            }
            match tcp.try_write_vectored(&pieces) {
                Ok(written) => {
                    self.forget(written);
                    all += written as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(self.broke(&error)),
            }
        }
        Ok(all)
    }

    /// Whether anything was not taken yet.
    pub(super) fn has_left(&self) -> bool {
        !self.left.is_empty()
    }

    /// Whether everything that was said can still be written.
    pub(super) fn is_whole(&self) -> bool {
        self.state != State::Broken
    }

    /// Wakes whoever writes what is left.
    pub(super) fn wake_writer(&mut self) {
        if self.has_left()
            && let Some(writer) = self.writer.take()
        {
            writer.wake();
        }
    }

    /// Whom to wake when something is left.
    pub(super) fn set_writer(&mut self, waker: &Waker) {
        if !self.writer.as_ref().is_some_and(|writer| writer.will_wake(waker)) {
            self.writer = Some(waker.clone());
        }
    }

    fn keep(&mut self, head: &[u8], payload: Bytes) {
        if !head.is_empty() {
            self.left.push_back(Bytes::copy_from_slice(head));
        }
        if !payload.is_empty() {
            self.left.push_back(payload);
        }
    }

    fn forget(&mut self, mut written: usize) {
        while let Some(first) = self.left.front_mut() {
            if first.len() > written {
                first.advance(written);
                return;
            }
            written -= first.len();
            self.left.pop_front();
        }
        // There are many connections, and most have nothing left.
        self.left = VecDeque::new();
    }

    fn broke(&mut self, error: &io::Error) -> Shut {
        tracing::debug!(%error, "a connection ended while something was written to it");
        self.state = State::Broken;
        self.left = VecDeque::new();
        Shut
    }
}
