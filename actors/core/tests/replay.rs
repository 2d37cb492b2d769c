//! CAP12: every capture of `captures/` gives the same effects again, and a change of any kind in
//! one of them is found, at its record.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use actors_core::capture::replay::{Difference, Done, Replay, Stop};
use actors_core::capture::{
    Veil, read_config, read_effect, write_config, write_effect, write_event,
};
use actors_core::session::{Effect, Event};
use bus_schemas::capture::file::Reader;
use bus_schemas::capture::{Bodies, Record, What};
use bus_schemas::frame::{Door, ServerFrame};
use bus_schemas::id::ConnId;
use bus_schemas::time::Millis;
use bytes::Bytes;

type Records = Vec<(usize, Record)>;

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    let entries = fs::read_dir(folder).expect("the captures");
    let paths = entries.map(|entry| entry.expect("a capture").path());
    paths.filter(|path| path.extension().is_some_and(|ending| ending == "cap")).collect()
}

fn read(path: &Path) -> Records {
    let input = BufReader::new(File::open(path).expect("a capture"));
    Reader::open(input).and_then(Reader::read_all).expect("a whole capture")
}

fn captures() -> Vec<Records> {
    files().iter().map(|path| read(path)).collect()
}

fn replay(records: &[(usize, Record)]) -> Result<Done, Stop> {
    let mut replay = Replay::default();
    for (place, record) in records {
        replay.feed(*place, record)?;
    }
    Ok(replay.done())
}

fn difference(records: &[(usize, Record)]) -> Difference {
    match replay(records) {
        Err(Stop::Differs(difference)) => *difference,
        other => panic!("a difference was expected: {other:?}"),
    }
}

/// Steps of one capture that are changed, spread over the whole of it.
const PLACES_MAX: usize = 300;

/// The captures again, each time with one step changed that can be changed so; how many there
/// were. Each has to be found at its record.
fn change_each(change: impl Fn(&mut Millis, &mut Bytes, &mut Vec<Bytes>) -> bool) -> usize {
    let mut changed = 0;
    for mut records in captures() {
        let every = records.len() / PLACES_MAX + 1;
        for at in (0..records.len()).step_by(every) {
            let (place, before) = records[at].clone();
            let What::Stepped { now, event, effects, .. } = &mut records[at].1.what else {
                continue;
            };
            if change(now, event, effects) {
                changed += 1;
                assert_eq!(difference(&records).record, place);
            }
            records[at].1 = before;
        }
    }
    changed
}

fn covered(effect: &Effect) -> Bytes {
    write_effect(effect, &Veil::Random([0; 16])).expect("a small effect")
}

#[test]
fn cap12_every_capture_gives_the_same_effects_again() {
    assert!(files().len() >= 3);
    for path in files() {
        let done = replay(&read(&path)).unwrap_or_else(|stop| panic!("{}: {stop}", path.display()));
        assert_eq!(done.lost, 0, "{}", path.display());
        assert!(done.sessions >= 2 && done.events > 10, "{}: {done:?}", path.display());
    }
}

#[test]
fn cap6_cap12_an_effect_that_is_missing_added_or_in_another_place_is_found() {
    let missing = change_each(|_, _, effects| effects.pop().is_some());
    let added = change_each(|_, _, effects| {
        effects.push(covered(&Effect::TellSeen));
        true
    });
    let first = change_each(|_, _, effects| {
        effects.insert(0, covered(&Effect::Send(ServerFrame::Superseded)));
        true
    });
    let swapped = change_each(|_, _, effects| {
        let differ = effects.len() > 1 && effects[0] != effects[1];
        if differ {
            effects.swap(0, 1);
        }
        differ
    });
    assert!(missing > 50 && added > missing && first == added && swapped > 10);
}

#[test]
fn cap6_cap12_one_byte_of_a_body_is_found() {
    let changed = change_each(|_, _, effects| {
        for bytes in effects {
            let mut effect = read_effect(bytes, Bodies::Random).expect("an effect");
            if let Effect::Send(ServerFrame::Peer(frame)) = &mut effect {
                // Its seed stands at the end.
                let mut damaged = bytes.to_vec();
                *damaged.last_mut().expect("a frame") ^= 1;
                *bytes = damaged.into();
                return !frame.body.is_empty();
            }
        }
        false
    });
    assert!(changed >= 10, "{changed}");
}

#[test]
fn cap6_cap12_another_event_is_found() {
    let nothing = write_event(&Event::Tick, &Veil::None).expect("a small event");
    let changed = change_each(|_, event, effects| {
        let differs = *event != nothing && !effects.is_empty();
        *event = nothing.clone();
        differs
    });
    assert!(changed > 50, "{changed}");
}

#[test]
fn cap6_cap12_another_time_is_found_where_time_brought_something() {
    let tick = write_event(&Event::Tick, &Veil::None).expect("a small event");
    let changed = change_each(|now, event, effects| {
        let is_due = *event == tick && !effects.is_empty();
        *now = Millis(0);
        is_due
    });
    assert!(changed >= 3, "{changed}");
}

#[test]
fn cap6_cap12_another_configuration_and_a_missing_step_are_found() {
    for records in captures() {
        let mut other = records.clone();
        for (_, record) in &mut other {
            let What::Opened { config, .. } = &mut record.what else { continue };
            let mut changed = read_config(config).expect("a configuration");
            changed.door = if changed.door == Door::Text { Door::Binary } else { Door::Text };
            *config = write_config(&changed).expect("a small configuration");
        }
        let first = difference(&other).record;
        assert!(matches!(records[first - 1].1.what, What::Stepped { .. }));

        let is_listening = |record: &Record| {
            let listening = write_event(&Event::Listening(Ok(())), &Veil::None);
            matches!(&record.what, What::Stepped { event, .. } if Ok(event) == listening.as_ref().map_err(drop))
        };
        let at = records.iter().position(|(_, record)| is_listening(record)).expect("a live one");
        let mut other = records.clone();
        other.remove(at);
        assert!(difference(&other).record > records[at].0);
    }
}

#[test]
fn cap6_a_session_without_a_beginning_or_with_two_is_refused_at_its_record() {
    let records = captures().remove(0);
    let is_opened = |(_, record): &&(usize, Record)| matches!(record.what, What::Opened { .. });
    let opened = records.iter().find(is_opened).expect("a Session").clone();
    let without: Records = records.iter().filter(|record| !is_opened(record)).cloned().collect();
    assert!(matches!(replay(&without), Err(Stop::OutOfPlace(_))));
    let twice = [opened.clone(), (opened.0 + 1, opened.1.clone())];
    assert!(matches!(replay(&twice), Err(Stop::OutOfPlace(place)) if place == opened.0 + 1));
    let mut other = opened;
    if let What::Opened { conn, .. } = &mut other.1.what {
        *conn = ConnId::from_bytes([0; 16]);
    }
    assert!(matches!(replay(&[other]), Err(Stop::OutOfPlace(_))));
}

#[test]
fn cap2_a_step_that_is_no_event_is_refused_at_its_record() {
    let mut records = captures().remove(0);
    let is_step = |(_, record): &(usize, Record)| matches!(record.what, What::Stepped { .. });
    let at = records.iter().position(is_step).expect("a step");
    if let What::Stepped { event, .. } = &mut records[at].1.what {
        *event = Bytes::from_static(b"\xc1");
    }
    assert!(matches!(replay(&records), Err(Stop::Unreadable(place)) if place == records[at].0));
}
