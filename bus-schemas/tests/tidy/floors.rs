//! A floor stands only on floors below it, and the pure floors are pure.

use crate::manifests;
use crate::mask;
use crate::tree::{Finding, Tree};

/// What a crate must not depend on, tests included: the floors above it, and what its purity forbids.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("bus-schemas", &["actors-core", "actors", "edge"]),
    ("actors/core", &["actors", "edge"]),
    ("actors", &["edge"]),
    ("edge", &[]),
];

/// Crates that run something: sockets, threads, time or chance.
const RUNTIMES: &[&str] = &[
    "actix",
    "actix-rt",
    "async-nats",
    "axum",
    "getrandom",
    "governor",
    "hyper",
    "metrics",
    "moka",
    "rand",
    "reqwest",
    "sqlx",
    "tokio",
    "tokio-util",
];

/// Adapters that only the floor of the actors may name: the doors reach them through our ports.
const ADAPTERS: &[&str] = &["async-nats", "sqlx"];

const PURE: &[&str] = &["bus-schemas", "actors/core"];

/// Ways to ask the world for time or chance.
const WORLD: &[&str] = &[
    "SystemTime::now",
    "Instant::now",
    "OffsetDateTime::now_utc",
    "Uuid::new_v4",
    "Uuid::now_v7",
    "SystemRandom",
    "std::thread",
    "std::net",
];

pub(crate) fn manifests(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for &(krate, above) in FORBIDDEN {
        for (file, entry) in manifests::dependencies(tree, krate) {
            let runs = PURE.contains(&krate)
                && entry.section != "dev-dependencies"
                && RUNTIMES.contains(&entry.key);
            let adapts = krate == "edge" && ADAPTERS.contains(&entry.key);
            if above.contains(&entry.key) || runs || adapts {
                let says = format!("`{krate}` must not depend on `{}`", entry.key);
                findings.push(file.finding(entry.line, says));
            }
        }
    }
    findings
}

/// In the pure crates time and random bytes are arguments.
pub(crate) fn purity(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with_extension(&["rs"]) {
        if !PURE.iter().any(|krate| file.is_under(&format!("{krate}/src/"))) {
            continue;
        }
        for (line, code) in crate::tree::numbered(&mask::code(file)) {
            for word in WORLD.iter().filter(|word| mask::has_word(code, word)) {
                findings.push(file.finding(line, format!("`{word}`: take it as an argument")));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_that_looks_up_or_runs_is_found() {
        let tree = Tree::of(&[
            (
                "bus-schemas/Cargo.toml",
                "[dependencies]\nactors.workspace = true\nserde.workspace = true\n",
            ),
            (
                "actors/core/Cargo.toml",
                "[dependencies]\ntokio.workspace = true\n[dev-dependencies]\ntokio.workspace = true\n",
            ),
            ("edge/Cargo.toml", "[dependencies]\nsqlx.workspace = true\ntokio.workspace = true\n"),
        ]);
        assert_eq!(manifests(&tree).len(), 3);
    }

    #[test]
    fn a_clock_in_a_pure_crate_is_found_and_one_in_prose_is_not() {
        let tree = Tree::of(&[
            ("actors/core/src/a.rs", "//! No Instant::now here.\nlet t = Instant::now();\n"),
            ("actors/src/clock.rs", "let t = Instant::now();\n"),
        ]);
        let found = purity(&tree);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 2);
    }
}
