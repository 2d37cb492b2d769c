//! The head of a frame.

use super::{BROKEN, Input, Violation};

/// The longest one: two bytes, a length of eight, a mask.
const BYTES_MAX: usize = 14;
/// The bit of the first byte that says "the last of its message".
const FINAL: u8 = 0x80;
/// The bit that says "deflated".
pub(crate) const DEFLATED: u8 = 0x40;
/// The bits that say nothing to anybody.
const RESERVED: u8 = 0x30;
const OPCODE: u8 = 0x0f;
/// The bit of the second byte that says "masked".
const MASKED: u8 = 0x80;
/// The lengths that say where the length stands.
const IN_TWO_BYTES: u8 = 126;
const IN_EIGHT_BYTES: u8 = 127;
/// The longest payload of a frame that is no message.
const CONTROL_BYTES_MAX: u8 = 125;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opcode {
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

impl Opcode {
    const fn of(first: u8) -> Option<Self> {
        Some(match first & OPCODE {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            _ => return None,
        })
    }

    /// The first byte of a frame that is the only one of its message.
    pub(crate) const fn first(self) -> u8 {
        FINAL | self as u8
    }

    pub(super) const fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }

    /// What a message may begin with.
    const fn begins(self) -> bool {
        matches!(self, Self::Text | Self::Binary)
    }
}

/// What stands before a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) length: usize,
    mask: [u8; 4],
    pub(super) opcode: Opcode,
    pub(super) is_final: bool,
    pub(super) is_deflated: bool,
}

impl Head {
    /// Reads one, and says how many bytes it has; `None` if more of it is to come.
    fn read(bytes: &[u8], takes_deflated: bool) -> Result<Option<(Self, usize)>, Violation> {
        let Some(&[first, second]) = bytes.first_chunk::<2>() else { return Ok(None) };
        let opcode = Opcode::of(first).ok_or(BROKEN)?;
        let (is_final, is_deflated) = (first & FINAL != 0, first & DEFLATED != 0);
        let short = second & !MASKED;
        let is_odd = first & RESERVED != 0
            || is_deflated && !(takes_deflated && opcode.begins())
            || second & MASKED == 0
            || opcode.is_control() && !(is_final && short <= CONTROL_BYTES_MAX);
        if is_odd {
            return Err(BROKEN);
        }
        let Some((length, at)) = length(short, bytes)? else { return Ok(None) };
        let mask = bytes.get(at..).and_then(<[u8]>::first_chunk::<4>);
        let Some(&mask) = mask else { return Ok(None) };
        Ok(Some((Self { length, mask, opcode, is_final, is_deflated }, at + mask.len())))
    }

    /// Unmasks a piece of the payload of which so much was to come.
    pub(super) fn unmask(&self, piece: &mut [u8], left: usize) {
        let (mut mask, begun) = (self.mask, self.length - left);
        mask.rotate_left(begun % 4);
        unmask(piece, mask);
    }
}

/// The length of a payload, and where the mask stands; there is one way to write it.
fn length(short: u8, bytes: &[u8]) -> Result<Option<(usize, usize)>, Violation> {
    let after = bytes.get(2..).unwrap_or_default();
    let (length, least, at) = match short {
        IN_TWO_BYTES => match after.first_chunk() {
            Some(length) => (u64::from(u16::from_be_bytes(*length)), u64::from(IN_TWO_BYTES), 4),
            None => return Ok(None),
        },
        IN_EIGHT_BYTES => match after.first_chunk() {
            Some(length) => (u64::from_be_bytes(*length), 1 << u16::BITS, 10),
            None => return Ok(None),
        },
        length => (u64::from(length), 0, 2),
    };
    if length < least || i64::try_from(length).is_err() {
        return Err(BROKEN);
    }
    let length = usize::try_from(length).map_err(|_| Violation::TooLarge)?;
    Ok(Some((length, at)))
}

fn unmask(bytes: &mut [u8], mask: [u8; 4]) {
    let wide = u128::from_ne_bytes([mask; 4].as_flattened().try_into().unwrap_or_default());
    let (blocks, rest) = bytes.as_chunks_mut::<16>();
    for block in blocks {
        *block = (u128::from_ne_bytes(*block) ^ wide).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
}

/// A head, of which a part may have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HeadParts {
    bytes: [u8; BYTES_MAX],
    length: u8,
}

impl HeadParts {
    pub(super) const fn new() -> Self {
        Self { bytes: [0; BYTES_MAX], length: 0 }
    }

    /// The head, as soon as it is whole; it is taken from the input.
    pub(super) fn take(
        &mut self,
        input: &mut Input<'_>,
        takes_deflated: bool,
    ) -> Result<Option<Head>, Violation> {
        if self.length == 0
            && let Some((head, bytes)) = Head::read(input, takes_deflated)?
        {
            super::split(input, bytes);
            return Ok(Some(head));
        }
        while let Some(byte) = input.split_off_first_mut() {
            if let Some(place) = self.bytes.get_mut(usize::from(self.length)) {
                (*place, self.length) = (*byte, self.length + 1);
            }
            let come = self.bytes.get(..usize::from(self.length)).unwrap_or_default();
            if let Some((head, _)) = Head::read(come, takes_deflated)? {
                self.length = 0;
                return Ok(Some(head));
            }
        }
        Ok(None)
    }
}

/// Writes the head of a frame as a server does, which masks nothing.
pub(crate) fn put_head(into: &mut Vec<u8>, first: u8, length: usize) {
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(length @ ..IN_TWO_BYTES), _) => into.extend_from_slice(&[first, length]),
        (_, Ok(length)) => {
            into.extend_from_slice(&[first, IN_TWO_BYTES]);
            into.extend_from_slice(&length.to_be_bytes());
        }
        (_, Err(_)) => {
            into.extend_from_slice(&[first, IN_EIGHT_BYTES]);
            into.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}
