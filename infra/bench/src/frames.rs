//! WebSocket frames (RFC 6455, section 5.2) as a client writes and reads them: whole messages only.

/// First bytes of frames that are the only ones of their messages.
pub(crate) const BINARY: u8 = 0x82;
pub(crate) const CLOSE: u8 = 0x88;
pub(crate) const PING: u8 = 0x89;
pub(crate) const PONG: u8 = 0x8a;

/// The bit of the second byte that says "masked".
const MASKED: u8 = 0x80;
/// Any mask costs the server the same; a mask of zeros might not.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
/// Lengths that stand in the two and the eight bytes that follow.
const IN_TWO: u8 = 126;
const IN_EIGHT: u8 = 127;

/// A frame as the server wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    pub(crate) first: u8,
    pub(crate) payload: &'a [u8],
}

/// Appends a frame of a client.
pub(crate) fn put(out: &mut Vec<u8>, first: u8, payload: &[u8]) {
    out.push(first);
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(short), _) if short < IN_TWO => out.push(MASKED | short),
        (_, Ok(middle)) => {
            out.push(MASKED | IN_TWO);
            out.extend(middle.to_be_bytes());
        }
        (_, Err(_)) => {
            out.push(MASKED | IN_EIGHT);
            out.extend(u64::try_from(payload.len()).unwrap_or(u64::MAX).to_be_bytes());
        }
    }
    out.extend(MASK);
    let masked_from = out.len();
    out.extend_from_slice(payload);
    mask(&mut out[masked_from..]);
}

/// Eight bytes at a time: the load must cost less than what it measures.
fn mask(bytes: &mut [u8]) {
    let [a, b, c, d] = MASK;
    let eight = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (chunks, rest) = bytes.as_chunks_mut::<8>();
    for chunk in chunks {
        *chunk = (u64::from_ne_bytes(*chunk) ^ eight).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(MASK.iter().cycle()) {
        *byte ^= mask;
    }
}

/// The first frame of what a server wrote and how many bytes it takes; `None` until it is whole.
pub(crate) fn next(bytes: &[u8]) -> Option<(Frame<'_>, usize)> {
    let (&first, rest) = bytes.split_first()?;
    let (&short, rest) = rest.split_first()?;
    let (length, rest) = match short {
        IN_TWO => {
            let (length, rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        IN_EIGHT => {
            let (length, rest) = rest.split_first_chunk::<8>()?;
            (usize::try_from(u64::from_be_bytes(*length)).ok()?, rest)
        }
        short => (usize::from(short), rest),
    };
    let payload = rest.get(..length)?;
    let header = bytes.len() - rest.len();
    Some((Frame { first, payload }, header + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTHS: [usize; 8] = [0, 1, 125, 126, 300, 65_535, 65_536, 200_000];

    /// What a server would read, byte by byte.
    fn unmasked(frame: &[u8], length: usize) -> Vec<u8> {
        let (mask, payload) = frame[frame.len() - length - 4..].split_at(4);
        payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect()
    }

    #[test]
    fn what_is_masked_by_words_is_unmasked_by_bytes() {
        for length in LENGTHS {
            let payload: Vec<u8> = (0..=255).cycle().take(length).collect();
            let mut frame = vec![7];
            put(&mut frame, BINARY, &payload);
            assert_eq!(frame[..2], [7, BINARY]);
            assert_eq!(frame[2] & MASKED, MASKED, "a client masks");
            assert_eq!(unmasked(&frame, length), payload, "{length} bytes");
        }
    }

    #[test]
    fn a_frame_is_read_once_it_is_whole_and_not_a_byte_sooner() {
        for length in LENGTHS {
            let mut masked = Vec::new();
            put(&mut masked, BINARY, &vec![0; length]);
            // As a server writes it: without the bit and without the mask.
            let header = masked.len() - length - 4;
            let mut frame = masked[..header].to_vec();
            frame[1] &= !MASKED;
            frame.extend(vec![9; length]);
            let whole = frame.len();
            frame.push(PING);
            let (read, taken) = next(&frame).unwrap();
            assert_eq!((read.first, read.payload.len(), taken), (BINARY, length, whole));
            assert!(next(&frame[..whole - 1]).is_none(), "{length} bytes");
        }
    }
}
