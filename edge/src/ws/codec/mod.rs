//! Frames of RFC 6455, and of RFC 7692 where deflate was agreed on: what the bytes of a client mean,
//! and what a server writes. No sockets and no clock.
//!
//! Bytes come in pieces of any size, in memory that others use as well. What is whole is given out in
//! memory of its own; what is not is all that is kept.

mod deflate;
mod head;

use std::cell::RefCell;

use bus_schemas::sheet::{SHEET_BYTES, Sheet};
use bytes::Bytes;
use sockudo_ws::error::CloseReason;

pub(crate) use self::deflate::{Window, deflate};
pub(crate) use self::head::{DEFLATED, Opcode, put_head};
use self::head::{Head, HeadParts};

/// Bytes for which room is made before a client has said anything whole: until then it may say no
/// more.
const FIRST_BYTES_KEPT: usize = 8 * 1024;

/// What a message says it is made of. The doors do not mind: which encoding is spoken was agreed in
/// the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8; judged by the codec.
    Text,
    /// Whatever.
    Binary,
}

/// Bytes that came: what is understood is taken from their beginning.
pub(crate) type Input<'a> = &'a mut [u8];

/// Something whole that a client said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Message(Kind, Bytes),
    Ping(Bytes),
    Pong(Bytes),
    /// With the payload that answers it.
    Close(Bytes),
}

/// What a client may not say. Nothing that follows is understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Violation {
    /// A message above the limit; it was not kept.
    TooLarge,
    /// Not what a WebSocket says; to be closed with this code.
    Broken(u16),
}

/// It breaks the rules of the protocol.
const BROKEN: Violation = Violation::Broken(CloseReason::PROTOCOL_ERROR);
/// It is not what it says it is.
const INVALID: Violation = Violation::Broken(CloseReason::INVALID_PAYLOAD);

/// Understands a client.
#[derive(Debug)]
pub(crate) struct Decoder {
    message_bytes_max: usize,
    takes_deflated: bool,
    has_message: bool,
    has_frame: bool,
    /// A head that has begun to come.
    head: HeadParts,
    /// The frame whose payload comes, and how much of it is still to come.
    frame: Option<(Head, usize)>,
    /// The message that has begun to come.
    message: Option<Begun>,
    /// What has come of it.
    data: Vec<u8>,
    /// How much of that is known to be text.
    text: usize,
    /// What has come of a frame that may stand within a message.
    control: Vec<u8>,
}

/// How a message began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Begun {
    kind: Kind,
    is_deflated: bool,
}

impl Decoder {
    /// For messages of so many bytes at most.
    pub(crate) const fn new(message_bytes_max: usize, takes_deflated: bool) -> Self {
        Self {
            message_bytes_max,
            takes_deflated,
            has_message: false,
            has_frame: false,
            head: HeadParts::new(),
            frame: None,
            message: None,
            data: Vec::new(),
            text: 0,
            control: Vec::new(),
        }
    }

    /// The next thing that is whole. Without one all of the input has been taken.
    pub(crate) fn next(&mut self, input: &mut Input<'_>) -> Result<Option<Event>, Violation> {
        loop {
            let Some((head, left)) = self.frame(input)? else { return Ok(None) };
            let piece = split(input, left);
            head.unmask(piece, left);
            if piece.len() < left {
                self.keep(head.opcode, piece, left);
                self.frame = Some((head, left - piece.len()));
                self.judge_text_so_far()?;
                return Ok(None);
            }
            self.has_frame = true;
            let event = if head.opcode.is_control() {
                Some(self.control(head.opcode, piece)?)
            } else {
                self.data(&head, piece)?
            };
            if event.is_some() {
                return Ok(event);
            }
        }
    }

    /// Whether a whole frame has come since this was asked last.
    pub(crate) fn take_has_frame(&mut self) -> bool {
        std::mem::take(&mut self.has_frame)
    }

    /// Bytes that are kept for what has begun to come.
    #[cfg(test)]
    pub(crate) fn bytes_kept(&self) -> usize {
        self.data.capacity() + self.control.capacity()
    }

    /// The frame whose payload comes next.
    fn frame(&mut self, input: &mut Input<'_>) -> Result<Option<(Head, usize)>, Violation> {
        if let Some(frame) = self.frame.take() {
            return Ok(Some(frame));
        }
        let Some(head) = self.head.take(input, self.takes_deflated)? else { return Ok(None) };
        self.admit(&head)?;
        let length = head.length;
        Ok(Some((head, length)))
    }

    /// Whether this frame may come now.
    fn admit(&mut self, head: &Head) -> Result<(), Violation> {
        let begins = match head.opcode {
            Opcode::Close | Opcode::Ping | Opcode::Pong => return Ok(()),
            Opcode::Continuation => None,
            Opcode::Text => Some(Kind::Text),
            Opcode::Binary => Some(Kind::Binary),
        };
        if head.length > self.message_bytes_max {
            return Err(Violation::TooLarge);
        }
        if begins.is_some() == self.message.is_some() {
            return Err(BROKEN);
        }
        if let Some(kind) = begins {
            self.message = Some(Begun { kind, is_deflated: head.is_deflated });
        }
        let whole = self.data.len().checked_add(head.length);
        if whole.is_some_and(|bytes| bytes <= self.message_bytes_max) {
            Ok(())
        } else {
            Err(Violation::TooLarge)
        }
    }

    /// Keeps a piece of a frame of which so much was to come.
    fn keep(&mut self, opcode: Opcode, piece: &[u8], left: usize) {
        if piece.is_empty() {
            return;
        }
        let kept = if opcode.is_control() { &mut self.control } else { &mut self.data };
        if kept.is_empty() {
            // Most often it is the whole message: then nothing is moved again.
            let room = if self.has_message { left } else { left.min(FIRST_BYTES_KEPT) };
            kept.reserve_exact(room);
        }
        kept.extend_from_slice(piece);
    }

    fn control(&mut self, opcode: Opcode, piece: &[u8]) -> Result<Event, Violation> {
        let payload = if self.control.is_empty() {
            share(piece)
        } else {
            self.control.extend_from_slice(piece);
            Bytes::from(std::mem::take(&mut self.control))
        };
        match opcode {
            Opcode::Ping => Ok(Event::Ping(payload)),
            Opcode::Pong => Ok(Event::Pong(payload)),
            Opcode::Close => judge_close(&payload).map(|()| Event::Close(payload)),
            Opcode::Continuation | Opcode::Text | Opcode::Binary => Err(BROKEN),
        }
    }

    /// The last piece of a frame, and so perhaps of a message.
    fn data(&mut self, head: &Head, piece: &[u8]) -> Result<Option<Event>, Violation> {
        if !head.is_final {
            self.keep(head.opcode, piece, piece.len());
            self.judge_text_so_far()?;
            return Ok(None);
        }
        let begun = self.message.take().ok_or(BROKEN)?;
        let known = std::mem::take(&mut self.text);
        let bytes = if self.data.is_empty() {
            self.whole(begun, piece, share)?
        } else {
            self.data.extend_from_slice(piece);
            let data = std::mem::take(&mut self.data);
            if begun.is_deflated { self.whole(begun, &data, share)? } else { Bytes::from(data) }
        };
        if begun.kind == Kind::Text && !is_text(bytes.get(known..).unwrap_or_default()) {
            return Err(INVALID);
        }
        self.has_message = true;
        Ok(Some(Event::Message(begun.kind, bytes)))
    }

    /// A message, inflated or copied.
    fn whole(
        &self,
        begun: Begun,
        bytes: &[u8],
        copy: impl FnOnce(&[u8]) -> Bytes,
    ) -> Result<Bytes, Violation> {
        if begun.is_deflated {
            deflate::inflate(bytes, self.message_bytes_max)
        } else {
            Ok(copy(bytes))
        }
    }

    /// Whoever says what is no text hears so before the end of the message.
    fn judge_text_so_far(&mut self) -> Result<(), Violation> {
        let is_text = Some(Begun { kind: Kind::Text, is_deflated: false });
        if self.message != is_text {
            return Ok(());
        }
        let new = self.data.get(self.text..).unwrap_or_default();
        match std::str::from_utf8(new) {
            Ok(_) => self.text = self.data.len(),
            Err(error) if error.error_len().is_some() => return Err(INVALID),
            // A character has begun.
            Err(error) => self.text += error.valid_up_to(),
        }
        Ok(())
    }
}

/// As much of the input as there is, up to a measure.
fn split<'a>(input: &mut Input<'a>, most: usize) -> Input<'a> {
    let most = most.min(input.len());
    input.split_off_mut(..most).unwrap_or_default()
}

/// A copy that shares its memory with others if it is short.
fn share(bytes: &[u8]) -> Bytes {
    thread_local! {
        static SHEET: RefCell<Sheet> = RefCell::new(Sheet::new());
    }
    if bytes.len() > SHEET_BYTES {
        return Bytes::from(bytes.to_vec());
    }
    SHEET.with_borrow_mut(|sheet| sheet.copy(bytes))
}

fn is_text(bytes: &[u8]) -> bool {
    sockudo_ws::utf8::validate_utf8(bytes)
}

fn judge_close(payload: &[u8]) -> Result<(), Violation> {
    let Some((code, reason)) = payload.split_first_chunk::<2>() else {
        return if payload.is_empty() { Ok(()) } else { Err(BROKEN) };
    };
    if !CloseReason::is_valid_code(u16::from_be_bytes(*code)) {
        return Err(BROKEN);
    }
    if is_text(reason) { Ok(()) } else { Err(INVALID) }
}

#[cfg(test)]
mod tests;
