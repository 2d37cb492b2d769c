//! MessagePack in one place: payloads are maps with named fields, sizes are checked first.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::limit::BUS_PAYLOAD_BYTES_MAX;

/// How deep values may stand in each other. Ours stand six deep at most; a reader that follows a
/// field that it does not know further down would run out of stack, and take its process along.
const DEPTH_MAX: usize = 32;

/// Why bytes are not the payload they should be. The reason stays inside: it may quote input.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// More bytes than any payload may have.
    #[error("{0} bytes are more than a payload may have")]
    TooLarge(usize),
    /// Not MessagePack, or not of this shape.
    #[error("not a payload of this shape")]
    Malformed,
}

/// The payload as bytes.
pub fn encode<T: Serialize>(value: &T) -> Result<Bytes, CodecError> {
    let bytes = rmp_serde::to_vec_named(value).map_err(|_| CodecError::Malformed)?;
    if bytes.len() > BUS_PAYLOAD_BYTES_MAX {
        return Err(CodecError::TooLarge(bytes.len()));
    }
    Ok(bytes.into())
}

/// The payload from bytes; nothing may follow it.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    if bytes.len() > BUS_PAYLOAD_BYTES_MAX {
        return Err(CodecError::TooLarge(bytes.len()));
    }
    whole(bytes).ok_or(CodecError::Malformed)
}

/// A value that nothing follows.
pub(crate) fn whole<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let mut rest = bytes;
    let mut reader = rmp_serde::Deserializer::new(&mut rest);
    reader.set_max_depth(DEPTH_MAX);
    let value = T::deserialize(&mut reader).ok()?;
    rest.is_empty().then_some(value)
}
