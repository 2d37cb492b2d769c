//! The bytes of a delivery: a head whose fields have fixed places, the id, and the opaque body up to
//! the end. An edge writes and reads one for every word that crosses the bus, so neither side
//! searches.
//!
//! | bytes | field |
//! |---|---|
//! | 0 | version of this layout: 3 |
//! | 1 | door: 0 text, 1 binary |
//! | 2 | number of the label; 64 for a probe |
//! | 3 | bytes of the id |
//! | 4 to 19 | from: the user whose Session sends it |
//! | 20 to 35 | the Login that this Session stands on |
//! | 36 to 51 | the access token that it stands on |
//! | 52 to 55 | attempt |
//! | 56 to 59 | index of the part |
//! | 60 to 63 | count of the parts |
//! | 64 to 67 | bytes of the body |
//!
//! Numbers are unsigned and big-endian.

use bytes::{BufMut, Bytes};

use super::{Delivery, Standing};
use crate::frame::{Door, Label, Part, PeerFrame};
use crate::id::{FrameId, LoginId, TokenId, UserId};

const VERSION: u8 = 3;
/// The label number of a probe: "is anybody there?", answered by the Session itself.
const PROBE: u8 = 64;
/// Bytes of the fields with fixed places.
const FIXED_BYTES: usize = 68;

/// Bytes that stand before the body.
pub(super) fn head_bytes(delivery: &Delivery) -> usize {
    match delivery {
        Delivery::Frame { frame, .. } => FIXED_BYTES + frame.id.as_bytes().len(),
        Delivery::Probe { .. } => FIXED_BYTES,
    }
}

/// Writes them.
pub(super) fn put_head(out: &mut impl BufMut, delivery: &Delivery) {
    let no_id: &[u8] = &[];
    let (door, label, from, attempt, id, part) = match delivery {
        Delivery::Frame { door, frame, .. } => {
            (*door, frame.label.code(), frame.peer, frame.attempt, frame.id.as_bytes(), frame.part)
        }
        Delivery::Probe { from, .. } => (Door::Binary, PROBE, *from, 0, no_id, Part::default()),
    };
    let id_bytes = u8::try_from(id.len()).expect("the id of a frame is short");
    let Standing { login, token } = delivery.standing();
    let mut fixed = [0; FIXED_BYTES];
    let mut rest = &mut fixed[..];
    rest.put_slice(&[VERSION, u8::from(door == Door::Binary), label, id_bytes]);
    for name in [from.as_bytes(), login.as_bytes(), token.as_bytes()] {
        rest.put_slice(name);
    }
    let body_bytes = u32::try_from(delivery.body().len()).expect("frames are small");
    for number in [attempt, part.index, part.count, body_bytes] {
        rest.put_u32(number);
    }
    out.put_slice(&fixed);
    out.put_slice(id);
}

/// Reads a delivery; its body, and an id that is long, share the bytes.
pub(super) fn read(bytes: &Bytes) -> Option<Delivery> {
    let (fixed, rest) = bytes.split_first_chunk::<FIXED_BYTES>()?;
    let (&[version, door, label, id_bytes], fixed) = fixed.split_first_chunk()?;
    if version != VERSION {
        return None;
    }
    let door = match door {
        0 => Door::Text,
        1 => Door::Binary,
        _ => return None,
    };
    let (from, fixed) = fixed.split_first_chunk()?;
    let (login, fixed) = fixed.split_first_chunk()?;
    let (token, fixed) = fixed.split_first_chunk()?;
    let from = UserId::from_bytes(*from);
    let standing =
        Standing { login: LoginId::from_bytes(*login), token: TokenId::from_bytes(*token) };
    let mut numbers = fixed.as_chunks().0.iter().map(|number| u32::from_be_bytes(*number));
    let mut number = || numbers.next();
    let (attempt, part) = (number()?, Part { index: number()?, count: number()? });
    let body_bytes = usize::try_from(number()?).ok()?;
    let (id, body) = rest.split_at_checked(usize::from(id_bytes))?;
    if body.len() != body_bytes {
        return None;
    }
    if label == PROBE {
        return rest.is_empty().then_some(Delivery::Probe { from, standing });
    }
    let frame = PeerFrame {
        label: Label::from_code(label)?,
        attempt,
        peer: from,
        id: FrameId::short(id).or_else(|| FrameId::new(bytes.slice_ref(id)))?,
        part,
        body: bytes.slice_ref(body),
    };
    Some(Delivery::Frame { door, standing, frame })
}
