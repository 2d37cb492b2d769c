//! The writing half of a socket: messages become bytes of a connection, as many at once as fit.

use std::cell::RefCell;

use actors::session::outbox::Frame;
use bytes::Bytes;

use super::Gone;
use super::codec::{DEFLATED, Kind, Opcode, Window, deflate, put_head};
use super::upgrade::Handshake;
use super::wire::Wire;

/// Bytes of short messages that are written at once. What the system does not take of them is as
/// much memory as what waits in the outbox.
const WRITE_BYTES_MAX: usize = 32 * 1024;
/// Longer payloads are not copied to stand behind others.
const COPIED_BYTES_MAX: usize = 4 * 1024;

thread_local! {
    static WRITTEN: RefCell<Vec<u8>> =
        RefCell::new(Vec::with_capacity(WRITE_BYTES_MAX + 2 * COPIED_BYTES_MAX));
}

/// The writing half.
#[derive(Debug)]
pub(super) struct Writer {
    wire: Wire,
    /// What was agreed on, and below how many bytes it does not pay.
    deflate: Option<(Window, usize)>,
}

impl Writer {
    pub(super) fn new(wire: Wire, handshake: &Handshake) -> Self {
        let agreed = handshake.deflate.as_ref().map(|agreed| &agreed.config);
        let deflate = agreed.map(|of| (of.server_max_window_bits, of.compression_threshold));
        Self { wire, deflate }
    }

    /// Says a message, and others that wait, up to a measure. What the system does not take at once
    /// waits for it in the wire.
    pub(super) fn say(
        &self,
        kind: Kind,
        first: Frame,
        mut more: impl FnMut() -> Option<Frame>,
    ) -> Result<(), Gone> {
        WRITTEN.with_borrow_mut(|written| {
            written.clear();
            let mut payload = self.put(kind, first, written);
            while payload.is_empty()
                && written.len() < WRITE_BYTES_MAX
                && let Some(next) = more()
            {
                payload = self.put(kind, next, written);
            }
            self.wire.say(written, payload)
        })
    }

    /// Writes a message down. A long payload is given back: it is to stand behind.
    fn put(&self, kind: Kind, frame: Frame, written: &mut Vec<u8>) -> Bytes {
        let opcode = match kind {
            Kind::Text => Opcode::Text,
            Kind::Binary => Opcode::Binary,
        };
        let (first, frame) = match self.deflate {
            Some((window, least)) => deflated(opcode, window, least, frame.whole()),
            None => (opcode.first(), frame),
        };
        put_head(written, first, frame.len());
        let Frame { head, body } = frame;
        let (before, payload) = if body.is_empty() { (body, head) } else { (head, body) };
        written.extend_from_slice(&before);
        if payload.len() > COPIED_BYTES_MAX {
            return payload;
        }
        written.extend_from_slice(&payload);
        Bytes::new()
    }
}

/// A message as it is written where deflate was agreed on, and what its frame begins with.
fn deflated(opcode: Opcode, window: Window, least: usize, bytes: Bytes) -> (u8, Frame) {
    match deflate(window, least, &bytes) {
        Some(deflated) => (opcode.first() | DEFLATED, deflated.into()),
        None => (opcode.first(), bytes.into()),
    }
}
