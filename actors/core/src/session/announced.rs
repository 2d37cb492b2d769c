//! Whether a file that is announced in the clear, on the text door, is taken.
//!
//! The checks, their order and the list of types are those that the original's client knows.

use bus_schemas::fault::Code;
use bus_schemas::frame::announcement::Announcement;
use bus_schemas::limit::{CHUNK_BYTES_MAX_TEXT, CHUNKS_MAX_TEXT, VOICE_BYTES_MAX};

const VOICE_TYPES: &[&str] =
    &["audio/webm", "audio/ogg", "audio/mpeg", "audio/mp4", "audio/wav", "audio/x-m4a"];

const OTHER_TYPES: &[&str] = &[
    "image/jpeg",
    "image/jpg",
    "image/png",
    "image/gif",
    "image/webp",
    "image/svg+xml",
    "application/pdf",
    "application/msword",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/zip",
    "application/x-rar-compressed",
    "application/x-tar",
    "application/gzip",
    "application/octet-stream",
    "text/plain",
    "text/csv",
    "text/markdown",
    "video/mp4",
    "video/webm",
    "video/ogg",
    "video/quicktime",
    "video/x-msvideo",
    "video/x-matroska",
];

/// What the receiver may be offered; empty is everything.
const ACCESS_MODES: &[&str] = &["", "both", "view_only", "download_only"];

/// What a file was announced to be, once it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Announced {
    pub(super) bytes: u64,
    pub(super) chunks: u32,
    pub(super) chunk_bytes: u64,
}

/// The first rule that the announcement breaks, or what it announces.
pub(super) fn judge(announcement: &Announcement, bytes_max: u64) -> Result<Announced, Code> {
    let Announcement { mime_type, total_size, total_chunks, chunk_size, access_mode } =
        announcement;
    let is_voice = mime_type.starts_with("audio/");
    let bytes_max = if is_voice { bytes_max.min(VOICE_BYTES_MAX) } else { bytes_max };
    let bytes = u64::try_from(*total_size).ok().filter(|bytes| *bytes > 0);
    let bytes = bytes.ok_or(Code::InvalidFileSize)?;
    if bytes > bytes_max {
        return Err(Code::FileSizeExceeded);
    }
    let chunks = u32::try_from(*total_chunks).ok().filter(|n| (1..=CHUNKS_MAX_TEXT).contains(n));
    let chunks = chunks.ok_or(Code::InvalidTotalChunks)?;
    is_taken(mime_type, is_voice)?;
    let chunk_bytes = u64::try_from(*chunk_size).unwrap_or_default();
    if !(1..=CHUNK_BYTES_MAX_TEXT).contains(&chunk_bytes)
        || bytes.div_ceil(chunk_bytes) != u64::from(chunks)
    {
        return Err(Code::InvalidTotalChunks);
    }
    if !ACCESS_MODES.contains(&access_mode.as_str()) {
        return Err(Code::InvalidPayload);
    }
    Ok(Announced { bytes, chunks, chunk_bytes })
}

/// Recorders name their codec behind the type of a voice message; other types stand alone.
fn is_taken(mime_type: &str, is_voice: bool) -> Result<(), Code> {
    if is_voice {
        let essence = mime_type.split(';').next().unwrap_or_default().trim();
        let known = VOICE_TYPES.iter().any(|voice| essence.eq_ignore_ascii_case(voice));
        return if known { Ok(()) } else { Err(Code::InvalidMimeType) };
    }
    if OTHER_TYPES.contains(&mime_type) { Ok(()) } else { Err(Code::MimeTypeNotAllowed) }
}
