//! What is fed to the parsers of the product, and what must hold of whatever they accept.
//!
//! Each function takes any bytes and panics if a promise is broken; the targets hand them the
//! fuzzer's. Nothing here knows the fuzzer: an input that failed once can be fed by hand.

#![forbid(unsafe_code)]

#[path = "../../bus-schemas/tests/browser/mod.rs"]
mod browser;
mod chance;
// The codec of the doors, without the HTTP around it.
#[path = "../../edge/src/ws/codec/mod.rs"]
#[expect(unreachable_pub, reason = "the doors make a part of it public")]
#[expect(dead_code, unused_imports, reason = "what reads is fed alone")]
mod codec;

pub mod captures;
pub mod deliveries;
pub mod files;
pub mod frames;
pub mod leases;
pub mod names;
pub mod payloads;
pub mod sessions;
pub mod tokens;
pub mod websocket;

#[cfg(feature = "doors")]
pub mod broker;
#[cfg(feature = "doors")]
pub mod headers;
#[cfg(feature = "doors")]
pub mod requests;
#[cfg(feature = "doors")]
pub mod settings;

use bytes::Bytes;

/// Whether a part is a piece of the buffer that the whole came in, not a copy.
fn shares(whole: &Bytes, part: &Bytes) -> bool {
    part.is_empty() || whole.as_ptr_range().contains(&part.as_ptr())
}

/// The same, and one value more.
fn and_more(bytes: &Bytes) -> Bytes {
    [bytes, &[0xc0][..]].concat().into()
}
