//! The frames of a file, one after the other, as an honest client sends them.

use bus_schemas::frame::{Label, Part, PeerFrame};
use bytes::Bytes;

use super::chance::Chance;

/// The frame of a file that follows the one before, or begins another file. `new` is any frame of
/// that moment.
pub(crate) fn next(before: Option<PeerFrame>, new: PeerFrame, chance: &mut Chance) -> PeerFrame {
    let Some(before) = before else { return begin(new, chance) };
    let Part { index, count } = before.part;
    let (label, index) = if before.label == Label::FileStart {
        (Label::FileChunk, 0)
    } else if index + 1 == count {
        (Label::FileComplete, count)
    } else {
        (Label::FileChunk, index + 1)
    };
    let body = Bytes::from_static(b"sealed");
    PeerFrame { label, attempt: 0, part: Part { index, count }, body, ..before }
}

fn begin(new: PeerFrame, chance: &mut Chance) -> PeerFrame {
    let count = u32::try_from(1 + chance.below(8)).expect("few");
    let body = format!(
        r#"{{"mime_type":"text/plain","total_size":{count},"total_chunks":{count},"chunk_size":1}}"#
    );
    let part = Part { index: 0, count };
    PeerFrame { label: Label::FileStart, attempt: 0, part, body: body.into(), ..new }
}
