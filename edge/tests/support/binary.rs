//! Frames of the binary door, written by hand: a second opinion on the codec.

#![allow(dead_code, reason = "each test program uses a part of it")]

/// `[0, {token, instance, attach}]`
pub(crate) fn auth(token: &str) -> Vec<u8> {
    let mut frame = vec![0x92, 0x00, 0x83];
    frame.extend(text("token"));
    frame.extend(text(token));
    frame.extend(text("instance"));
    frame.extend(bin(&[7; 16]));
    frame.extend(text("attach"));
    frame.push(1);
    frame
}

/// `[label, attempt 0, peer, id, body]`
pub(crate) fn peer(label: u8, peer: &str, id: [u8; 16], body: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x95, label, 0x00];
    frame.extend(bin(&uuid(peer)));
    frame.extend(bin(&id));
    frame.extend(bin(body));
    frame
}

/// Chunks that the largest file has.
const CHUNKS: u32 = 12_800;

/// `[file_chunk, attempt 0, peer, id, index, count, body]`, of a file without an end: after the last
/// place comes the first.
pub(crate) fn chunk(peer: &str, id: [u8; 16], index: u32, body: &[u8]) -> Vec<u8> {
    const FILE_CHUNK: u8 = 11;
    let mut frame = vec![0x97, FILE_CHUNK, 0x00];
    frame.extend(bin(&uuid(peer)));
    frame.extend(bin(&id));
    for number in [index % CHUNKS, CHUNKS] {
        frame.push(0xce);
        frame.extend(number.to_be_bytes());
    }
    frame.extend(bin(body));
    frame
}

/// The 16 bytes of an id.
pub(crate) fn uuid(text: &str) -> [u8; 16] {
    let digits = text.replace('-', "");
    std::array::from_fn(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).unwrap())
}

fn text(text: &str) -> Vec<u8> {
    let mut bytes = match u8::try_from(text.len()) {
        Ok(length) if length < 32 => vec![0xa0 | length],
        _ => [vec![0xda], length_16(text.len())].concat(),
    };
    bytes.extend(text.as_bytes());
    bytes
}

fn bin(bytes: &[u8]) -> Vec<u8> {
    let mut written = match (u8::try_from(bytes.len()), u16::try_from(bytes.len())) {
        (Ok(length), _) => vec![0xc4, length],
        (_, Ok(length)) => [&[0xc5][..], &length.to_be_bytes()].concat(),
        (_, Err(_)) => [&[0xc6][..], &u32::try_from(bytes.len()).unwrap().to_be_bytes()].concat(),
    };
    written.extend(bytes);
    written
}

fn length_16(length: usize) -> Vec<u8> {
    u16::try_from(length).unwrap().to_be_bytes().to_vec()
}
