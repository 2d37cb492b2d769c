//! Payloads that mean something, those that nearly do, and those that cannot.

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

use crate::support::chance::Chance;

/// The first byte that no MessagePack has.
const NO_MESSAGEPACK: u8 = 0xc1;
/// Large, and within what the broker carries.
const LARGE_BYTES: usize = 2 * 1024 * 1024 - 1_024;
/// One payload of so many is large.
const LARGE_ONE_IN: usize = 2_000;
/// More than any reader goes down.
const DEPTH_MAX: usize = 20_000;

/// The golden payloads of `bus-schemas`, by the names of their files.
pub(super) struct Payloads(BTreeMap<String, Vec<u8>>);

impl Payloads {
    pub(super) fn read() -> Self {
        let krate = env::var("CARGO_MANIFEST_DIR").unwrap();
        let folder = Path::new(&krate).join("../bus-schemas/golden/bus");
        let mut payloads = BTreeMap::new();
        for about in fs::read_dir(&folder).unwrap() {
            for file in fs::read_dir(about.unwrap().path()).unwrap() {
                let path = file.unwrap().path();
                let name = path.strip_prefix(&folder).unwrap().with_extension("");
                let text = fs::read_to_string(&path).unwrap();
                let digits: String = text.lines().filter(|line| !line.starts_with('#')).collect();
                payloads.insert(name.display().to_string(), hex::decode(digits).unwrap());
            }
        }
        assert!(payloads.len() > 50, "the golden payloads were not found");
        Self(payloads)
    }

    /// Something of this name, whole or broken; or anything at all.
    pub(super) fn nearly(&self, names: &[&str], chance: &mut Chance) -> Vec<u8> {
        let name = chance.pick(names);
        match chance.below(8) {
            0 | 1 => self.any(chance),
            2 => self.0[name].clone(),
            _ => chance.broken(self.0[name].clone()),
        }
    }

    pub(super) fn any(&self, chance: &mut Chance) -> Vec<u8> {
        match chance.below(10) {
            0 => Vec::new(),
            1 => unreadable(chance),
            2 => vec![chance.pick(&[0x91, 0x81, 0x92]); 1 + chance.below(DEPTH_MAX)],
            // A field that nobody knows, and everything within it.
            3 => [&[0x81, 0xa1, b'x'][..], &vec![0x91; 1 + chance.below(DEPTH_MAX)]].concat(),
            4 => lying(chance),
            5 if chance.one_in(LARGE_ONE_IN / 10) => vec![chance.byte(); LARGE_BYTES],
            // The right fields in another version, or after another door.
            6 => another_version(self.0["chat/delivery_talk"].clone(), chance),
            7 => chance.bytes(300),
            _ => {
                let place = chance.below(self.0.len());
                let any = self.0.values().nth(place).unwrap().clone();
                chance.broken(any)
            }
        }
    }

    /// The beginning of something of this name, which is never a payload.
    pub(super) fn cut(&self, name: &str, chance: &mut Chance) -> Vec<u8> {
        let whole = &self.0[name];
        whole[..chance.below(whole.len())].to_vec()
    }
}

/// What nobody can read.
pub(super) fn unreadable(chance: &mut Chance) -> Vec<u8> {
    [vec![NO_MESSAGEPACK], chance.bytes(40)].concat()
}

/// Lengths of what is not there.
fn lying(chance: &mut Chance) -> Vec<u8> {
    let lies: [&[u8]; 5] = [
        &[0x9b, 0x02, 0x01, 0x04, 0xc6, 0xff, 0xff, 0xff, 0xff],
        &[0xdd, 0xff, 0xff, 0xff, 0xff],
        &[0xdf, 0xff, 0xff, 0xff, 0xff, 0xa4],
        &[0xdb, 0x7f, 0xff, 0xff, 0xff, b'a'],
        &[0x84, 0xa4, b'u', b's', b'e', b'r', 0xc4, 0xff],
    ];
    chance.pick(&lies).to_vec()
}

fn another_version(mut delivery: Vec<u8>, chance: &mut Chance) -> Vec<u8> {
    let place = 1 + chance.below(3);
    delivery[place] = chance.byte();
    delivery
}
