//! MessagePack in one place: payloads are maps with named fields, sizes are checked first.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::limit::BUS_PAYLOAD_BYTES_MAX;

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
    let mut rest = bytes;
    let value = T::deserialize(&mut rmp_serde::Deserializer::new(&mut rest))
        .map_err(|_| CodecError::Malformed)?;
    if rest.is_empty() { Ok(value) } else { Err(CodecError::Malformed) }
}
