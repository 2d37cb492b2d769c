//! Captures: what is read is written as the same again, and telling or replaying it ends.

use std::io::Cursor;

use actors_core::capture::replay::Replay;
use actors_core::capture::{read_effect, read_event, words};
use bus_schemas::capture::file::{self, Reader, Writer};
use bus_schemas::capture::{Bodies, Record, What};

/// A file.
pub fn file(bytes: &[u8]) {
    let Ok(reader) = Reader::open(Cursor::new(bytes)) else { return };
    let Ok(records) = reader.read_all() else { return };
    let mut writer = Writer::begin(Vec::new()).expect("memory is written to");
    for (_, record) in &records {
        writer.write(record).expect("what was read can be written");
    }
    let written = writer.finish().expect("memory is written to");
    let again = Reader::open(Cursor::new(&written)).expect("what was written can be read");
    assert_eq!(again.read_all().expect("what was written can be read"), records);
    play(&records);
}

/// A record: the bytes that stand between two lengths of a file.
pub fn record(bytes: &[u8]) {
    let Ok(record) = file::decode(bytes) else { return };
    let written = file::encode(&record).expect("what was read can be written");
    assert_eq!(file::decode(&written).expect("what was written can be read"), record);
    play(&[(1, record)]);
}

fn play(records: &[(usize, Record)]) {
    let mut replay = Replay::default();
    for (place, record) in records {
        assert!(!words::record(record).is_empty());
        if let What::Stepped { event, effects, .. } = &record.what {
            // Whatever is read is told; ciphertext that was kept is not made up.
            if let Ok(event) = read_event(event, Bodies::Kept) {
                assert!(!words::event(&event).is_empty());
            }
            for effect in effects {
                if let Ok(effect) = read_effect(effect, Bodies::Kept) {
                    assert!(!words::effect(&effect).is_empty());
                }
            }
        }
        if let Err(stop) = replay.feed(*place, record) {
            assert!(!stop.to_string().is_empty());
            return;
        }
    }
}
