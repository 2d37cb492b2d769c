//! What stands for a body: how long it was, and the seed of as many random bytes.
//!
//! In the file a body has 20 bytes however long it was; whoever reads it gets its length again.

use bytes::{BufMut, Bytes, BytesMut};

use crate::limit::BUS_PAYLOAD_BYTES_MAX;

/// Bytes that random bytes are made from.
pub const SEED_BYTES: usize = 16;
const LENGTH_BYTES: usize = 4;
/// The step of the generator: the golden ratio in 64 bits.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Stands for a body of this length. No body is longer than the bus carries.
#[must_use]
pub fn stand_in(length: usize, seed: [u8; SEED_BYTES]) -> Bytes {
    let length = u32::try_from(length.min(BUS_PAYLOAD_BYTES_MAX)).unwrap_or(u32::MAX);
    let mut short = BytesMut::with_capacity(LENGTH_BYTES + SEED_BYTES);
    short.put_u32(length);
    short.put_slice(&seed);
    short.freeze()
}

/// The random bytes; `None` if it stands for nothing.
#[must_use]
pub fn expand(short: &Bytes) -> Option<Bytes> {
    let (length, seed) = short.split_first_chunk::<LENGTH_BYTES>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let seed: [u8; SEED_BYTES] = seed.try_into().ok()?;
    if length > BUS_PAYLOAD_BYTES_MAX {
        return None;
    }
    let (left, right) = (&seed[..8], &seed[8..]);
    let half = |half: &[u8]| half.iter().fold(0, |all, byte| all << 8 | u64::from(*byte));
    // Splitmix: good enough to look like ciphertext, and the same wherever it is read.
    let (mut state, other) = (half(left), half(right));
    let mut bytes = BytesMut::with_capacity(length + 8);
    while bytes.len() < length {
        state = state.wrapping_add(STEP);
        let mut word = state ^ other;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.put_u64(word ^ (word >> 31));
    }
    bytes.truncate(length);
    Some(bytes.freeze())
}
