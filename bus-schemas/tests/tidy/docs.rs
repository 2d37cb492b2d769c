//! Documents that name paths and functions stay true.

use crate::mask;
use crate::tree::{Finding, Tree};

/// The first part of a path that a document may mean; anything else in code marks is not a path.
const TOP: &[&str] = &[
    ".ci",
    ".config",
    "actors",
    "bus-schemas",
    "docs",
    "edge",
    "fuzz",
    "infra",
    "nats",
    "scripts",
    "tools",
    "webapp",
];

/// What operators make there, and no clone has.
const MADE: &[&str] = &["infra/secrets", "infra/certs", "infra/env"];

/// Files at the top that documents name.
const TOP_FILES: &[&str] = &[
    "Makefile",
    "Cargo.toml",
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "clippy.toml",
    "deny.toml",
];

/// Every path in code marks and every relative link in a document exists.
pub(crate) fn paths(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with_extension(&["md"]) {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (line, text) in file.lines() {
            for path in spans(text).filter_map(as_path).filter(|path| !tree.has(path)) {
                findings.push(file.finding(line, format!("`{path}` does not exist")));
            }
            for target in links(text) {
                let path = if folder.is_empty() {
                    target.to_owned()
                } else {
                    format!("{folder}/{target}")
                };
                if !tree.has(&normal(&path)) {
                    findings
                        .push(file.finding(line, format!("the link to {target} leads nowhere")));
                }
            }
        }
    }
    findings
}

/// What stands in code marks.
fn spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// A span that is meant as a path of this repository.
fn as_path(span: &str) -> Option<&str> {
    let unclear = [' ', '*', '<', '…', '{', '$'];
    if span.contains(unclear) {
        return None;
    }
    let path = span.split("::").next()?;
    let is_made = |made: &&str| {
        path.strip_prefix(*made).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if MADE.iter().any(is_made) {
        return None;
    }
    let below = path.split_once('/').is_some_and(|(top, _)| TOP.contains(&top));
    (below || TOP_FILES.contains(&path)).then_some(path)
}

/// The targets of relative links.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    let files = targets.map(|(target, _)| target.split('#').next().unwrap_or_default());
    files.filter(|target| !target.is_empty() && !target.contains(':'))
}

fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// The walks of the architecture are tables: step, file, functions. Each function named in the
/// third column stands in the code of the file in the second.
pub(crate) fn walks(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(document) = tree.get("ARCHITECTURE.md") else { return findings };
    let mut steps = 0;
    for (line, text) in document.lines() {
        let cells: Vec<&str> = text.split('|').map(str::trim).collect();
        let ["", number, place, what, ""] = cells.as_slice() else { continue };
        if number.parse::<u32>().is_err() {
            continue;
        }
        steps += 1;
        let files = spans(place).filter_map(|path| tree.get(path));
        let code: String = files.map(mask::code).collect();
        for name in spans(what).filter_map(function).filter(|name| !mask::has_word(&code, name)) {
            let says = format!("step {number}: `{name}` is not in {place}");
            findings.push(document.finding(line, says));
        }
    }
    if steps == 0 {
        findings.push(document.finding(1, "walk one message and one login, step by step"));
    }
    findings
}

/// The last word of `Session::handle` or `bus.call`, without what follows the name.
fn function(span: &str) -> Option<&str> {
    let path = span.split(['(', '<', ' ']).next()?;
    let name = path.rsplit([':', '.']).next()?;
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_a_link_that_lead_nowhere_are_found() {
        let text = "See `edge/src/ws.rs`, `infra/secrets/prod`, `edge/src/gone.rs`, `/api/auth/login`, `edge/src/*.rs`.\n\
            [here](docs/adr/0001-a.md), [there](docs/none.md), [out](https://example.org).\n";
        let tree = Tree::of(&[
            ("CONTRIBUTING.md", text),
            ("edge/src/ws.rs", ""),
            ("docs/adr/0001-a.md", "[up](../../CONTRIBUTING.md) [wrong](../CONTRIBUTING.md)"),
        ]);
        let found: Vec<_> = paths(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), 3, "{found:?}");
    }

    #[test]
    fn a_function_that_moved_away_is_found() {
        let text = "| 1 | `edge/src/ws.rs` | `pump` reads; `Ws::gone(frame)` |\n";
        let tree = Tree::of(&[("ARCHITECTURE.md", text), ("edge/src/ws.rs", "fn pump() {}")]);
        let found = walks(&tree);
        assert_eq!(found.len(), 1);
        assert!(found[0].says.contains("`gone`"));
    }

    #[test]
    fn an_architecture_without_a_walk_is_found() {
        assert_eq!(walks(&Tree::of(&[("ARCHITECTURE.md", "# Words\n")])).len(), 1);
    }
}
