//! Deflated messages. Nothing is kept from one message to the next, so all connections of a thread
//! are served by the same memory.

use std::cell::RefCell;

use bytes::Bytes;
use sockudo_ws::deflate::{DEFAULT_WINDOW_BITS, DeflateConfig, DeflateDecoder, DeflateEncoder};
use sockudo_ws::error::ErrorKind;

use super::{INVALID, Violation};

/// How far back what is deflated for a client may refer.
pub(crate) use sockudo_ws::deflate::DeflateWindowBits as Window;

/// What a message says once it is inflated, which is counted meanwhile.
pub(super) fn inflate(bytes: &[u8], bytes_max: usize) -> Result<Bytes, Violation> {
    thread_local! {
        // Whatever a client deflates with, the largest window is enough.
        static DECODER: RefCell<DeflateDecoder> =
            RefCell::new(DeflateDecoder::new(DEFAULT_WINDOW_BITS, true));
    }
    let inflated = DECODER.with_borrow_mut(|decoder| decoder.decompress(bytes, bytes_max));
    inflated.map_err(|error| {
        if error.kind() == ErrorKind::Capacity { Violation::TooLarge } else { INVALID }
    })
}

/// A message deflated; `None` where that would not make it shorter. Shorter ones than so many bytes
/// cost more than they save.
pub(crate) fn deflate(window: Window, bytes_min: usize, bytes: &[u8]) -> Option<Bytes> {
    thread_local! {
        static ENCODERS: RefCell<Vec<(Window, DeflateEncoder)>> = const { RefCell::new(Vec::new()) };
    }
    if bytes.len() < bytes_min {
        return None;
    }
    ENCODERS.with_borrow_mut(|encoders| {
        let at = encoders.iter().position(|(of, _)| *of == window).unwrap_or_else(|| {
            let level = DeflateConfig::default().compression_level;
            encoders.push((window, DeflateEncoder::new(window, true, level, 0)));
            encoders.len() - 1
        });
        let (_, encoder) = encoders.get_mut(at)?;
        // What cannot be deflated is sent as it is.
        encoder.compress(bytes).ok().flatten()
    })
}
