//! What is left behind, grows without end, or works on one machine only.

use crate::mask;
use crate::tree::{File, Finding, Tree, numbered};

/// This test names what it forbids.
const SELF: &str = "bus-schemas/tests/tidy/";

/// Notes to oneself, in any text; as words of their own.
const NOTES: &[&str] = &["TODO", "FIXME", "XXX", "HACK", "Under construction"];

/// Calls that were meant for an afternoon, in code: Rust's, then the web app's.
const CALLS_RUST: &[&str] = &["dbg!", "todo!", "unimplemented!", "#[ignore"];
const CALLS_WEB: &[&str] = &[
    "console.log",
    "it.only(",
    "it.skip(",
    "test.only(",
    "test.skip(",
    "describe.only(",
    "describe.skip(",
    "debugger;",
];

pub(crate) fn leftovers(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in written(tree) {
        for (line, text) in file.lines() {
            for note in NOTES.iter().filter(|note| mask::has_word(text, note)) {
                findings.push(file.finding(line, format!("{note}: do it, or file it as an issue")));
            }
        }
        findings.extend(calls(file, CALLS_RUST, &["rs"]));
        findings.extend(calls(file, CALLS_WEB, &["ts", "tsx"]));
    }
    findings
}

fn written(tree: &Tree) -> impl Iterator<Item = &File> {
    let judged = ["rs", "ts", "tsx", "sh", "md", "toml", "css", "sql", "conf", "yaml"];
    tree.files.iter().filter(move |file| file.has_extension(&judged) && !file.is_under(SELF))
}

fn calls(file: &File, forbidden: &[&str], extensions: &[&str]) -> Vec<Finding> {
    if !file.has_extension(extensions) {
        return Vec::new();
    }
    let code = mask::code(file);
    let lines = numbered(&code);
    let hits = lines.flat_map(|(line, code)| {
        forbidden.iter().filter(|call| code.contains(**call)).map(move |call| (line, *call))
    });
    hits.map(|(line, call)| file.finding(line, format!("`{call}` must not stay"))).collect()
}

/// Ways to queue without a bound.
const UNBOUNDED: &[&str] = &[
    "do_send",
    "unbounded",
    "unbounded_channel",
    "UnboundedSender",
    "UnboundedReceiver",
    "UnboundedReceiverStream",
    "set_mailbox_unbounded",
];

/// Everything that queues has a bound; a full queue is an event, not growth.
pub(crate) fn unbounded(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let rust = tree.with_extension(&["rs"]);
    for file in rust.filter(|file| !file.is_under(SELF)) {
        for (line, code) in numbered(&mask::code(file)) {
            for word in UNBOUNDED.iter().filter(|word| mask::has_word(code, word)) {
                let says = format!("`{word}` has no bound: use a bounded queue and `try_send`");
                findings.push(file.finding(line, says));
            }
            if code.contains("mpsc::channel()") {
                findings.push(file.finding(line, "use `sync_channel`: this channel has no bound"));
            }
        }
    }
    findings
}

/// Folders that exist on somebody's machine only.
const MACHINE: &[&str] = &["/home/", "/root/", "/Users/"];

pub(crate) fn machine_paths(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| !file.is_under(SELF)) {
        for (line, text) in file.lines() {
            for path in MACHINE.iter().filter(|path| begins_path(text, path)) {
                findings.push(file.finding(line, format!("`{path}` is a path of one machine")));
            }
        }
    }
    findings
}

/// `/home/` at the start of a path, not within one such as `docs/home/`.
fn begins_path(text: &str, path: &str) -> bool {
    text.match_indices(path).any(|(at, _)| {
        !text[..at]
            .ends_with(|c: char| c.is_alphanumeric() || ['_', '-', '.', '}', '$'].contains(&c))
    })
}

/// A script that goes on after an error does harm quietly. Parts that are sourced inherit it.
pub(crate) fn shell(tree: &Tree) -> Vec<Finding> {
    let is_script = |file: &&File| file.text.starts_with("#!/") && file.text.contains("bash\n");
    tree.files
        .iter()
        .filter(is_script)
        .filter(|file| !file.text.contains("\nset -euo pipefail\n"))
        .map(|file| file.finding(1, "add `set -euo pipefail`"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_and_calls_left_behind_are_found() {
        let tree = Tree::of(&[
            (
                "edge/src/a.rs",
                "// TODO later\nlet x = dbg!(1);\n#[ignore]\n// dbg! in prose is fine",
            ),
            ("webapp/src/a.ts", "console.log(1);\nit.only('x', f);"),
            ("docs/a.md", "FIXME\n"),
            ("edge/src/c.rs", "//! Under construction.\n"),
            ("edge/src/b.rs", "let method = \"TODOS\"; // MAXXX\n"),
        ]);
        assert_eq!(leftovers(&tree).len(), 7);
    }

    #[test]
    fn unbounded_queues_are_found() {
        let text = "addr.do_send(x);\nlet (a, b) = mpsc::unbounded_channel();\n\
            let (c, d) = std::sync::mpsc::channel();\naddr.try_send(x); // do_send\n";
        assert_eq!(unbounded(&Tree::of(&[("actors/src/a.rs", text)])).len(), 3);
    }

    #[test]
    fn a_path_of_one_machine_is_found() {
        let tree = Tree::of(&[
            ("scripts/a.sh", "cd /home/tree\n"),
            ("scripts/b.sh", "cd docs/home/tree; ls \"$ROOT/root/\"\n"),
        ]);
        assert_eq!(machine_paths(&tree).len(), 1);
    }

    #[test]
    fn a_script_that_goes_on_is_found() {
        let tree = Tree::of(&[
            ("scripts/a.sh", "#!/usr/bin/env bash\n# Does.\nls\n"),
            ("scripts/b.sh", "#!/usr/bin/env bash\n# Does.\nset -euo pipefail\nls\n"),
            ("scripts/lib.sh", "# Sourced.\n"),
        ]);
        assert_eq!(shell(&tree).len(), 1);
    }
}
