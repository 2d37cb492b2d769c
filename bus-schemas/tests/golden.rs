//! Every payload still has the bytes it always had. With `UPDATE=1` the files are written anew:
//! their difference is then the change of the protocol that is about to be made.

mod browser;
#[path = "golden/captures.rs"]
mod captures;
#[path = "golden/payloads.rs"]
mod payloads;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use bytes::Bytes;

/// A payload as it crosses a wire.
pub(crate) struct Golden {
    /// The file it is kept in, without the ending.
    pub(crate) name: String,
    /// The value in words.
    pub(crate) words: String,
    /// The value as bytes.
    pub(crate) bytes: Bytes,
    /// What was read from these bytes, in words.
    pub(crate) read: String,
}

#[test]
fn wire7_every_payload_has_its_golden_bytes_and_is_read_back() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let payloads: Vec<Golden> = payloads::all().into_iter().chain(captures::all()).collect();
    for golden in &payloads {
        assert_eq!(golden.words, golden.read, "{}: another value was read", golden.name);
        let path = folder.join(&golden.name).with_extension("txt");
        let page = page(golden);
        if env::var_os("UPDATE").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &page).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(kept, page, "{} differs: a change of the protocol?", path.display());
    }
    let named = payloads.iter().map(|golden| folder.join(&golden.name).with_extension("txt"));
    assert_eq!(files(&folder), named.collect(), "a golden file without its payload");
}

/// Words behind `#`, then the bytes in hexadecimal.
fn page(golden: &Golden) -> String {
    let words = golden.words.lines().map(|line| format!("# {line}\n"));
    let digits: Vec<char> = hex::encode(&golden.bytes).chars().collect();
    let bytes = digits.chunks(64).map(|line| line.iter().collect::<String>() + "\n");
    words.chain(bytes).collect()
}

fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(folder).expect("the golden files");
    let paths = entries.map(|entry| entry.expect("a golden file").path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { [path].into() }).collect()
}
