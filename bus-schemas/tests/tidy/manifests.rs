//! Dependencies are used, and each says what for.

use crate::mask;
use crate::tree::{File, Finding, Tree};

/// The crates, by folder.
pub(crate) const CRATES: &[&str] = &["bus-schemas", "actors/core", "actors", "edge", "infra/bench"];

/// A `key = value` line of a manifest.
pub(crate) struct Entry<'a> {
    pub(crate) section: &'a str,
    pub(crate) key: &'a str,
    pub(crate) line: usize,
    pub(crate) text: &'a str,
}

/// The entries of a manifest as it is written here: one a line, no multi-line tables.
pub(crate) fn entries(file: &File) -> Vec<Entry<'_>> {
    let mut section = "";
    let mut entries = Vec::new();
    for (line, text) in file.lines() {
        if let Some(name) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
        } else if let Some((key, _)) = text.split_once('=')
            && !text.starts_with('#')
        {
            let key = key.trim().split('.').next().unwrap_or_default();
            entries.push(Entry { section, key, line, text });
        }
    }
    entries
}

/// The dependencies a crate names itself, tests' ones included.
pub(crate) fn dependencies<'a>(tree: &'a Tree, krate: &str) -> Vec<(&'a File, Entry<'a>)> {
    let Some(file) = tree.get(&format!("{krate}/Cargo.toml")) else { return Vec::new() };
    let of_code = ["dependencies", "dev-dependencies", "build-dependencies"];
    let named = entries(file).into_iter().filter(|entry| of_code.contains(&entry.section));
    named.map(|entry| (file, entry)).collect()
}

/// Every crate's dependency is named in its code, every workspace dependency is some crate's, and
/// every package of the web app is named in one of its files.
pub(crate) fn used(tree: &Tree) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        CRATES.iter().flat_map(|krate| unnamed_crates(tree, krate)).collect();
    findings.extend(untaken_crates(tree));
    findings.extend(unnamed_packages(tree));
    findings
}

/// A dependency that works without being named carries a comment that says so.
fn unnamed_crates(tree: &Tree, krate: &str) -> Vec<Finding> {
    let code = code_of(tree, krate);
    let named = |key: &str| mask::has_word(&code, &key.replace('-', "_"));
    let all = dependencies(tree, krate).into_iter();
    all.filter(|(_, entry)| !named(entry.key) && !entry.text.contains('#'))
        .map(|(file, entry)| {
            let says = format!("`{}` is not named in this crate: remove it", entry.key);
            file.finding(entry.line, says)
        })
        .collect()
}

fn untaken_crates(tree: &Tree) -> Vec<Finding> {
    let Some(root) = tree.get("Cargo.toml") else { return Vec::new() };
    let taken: Vec<&str> = CRATES
        .iter()
        .flat_map(|krate| dependencies(tree, krate))
        .map(|(_, entry)| entry.key)
        .collect();
    let shared =
        entries(root).into_iter().filter(|entry| entry.section == "workspace.dependencies");
    shared
        .filter(|entry| !taken.contains(&entry.key))
        .map(|entry| root.finding(entry.line, format!("no crate takes `{}`: remove it", entry.key)))
        .collect()
}

fn code_of(tree: &Tree, krate: &str) -> String {
    let nested = |path: &str| krate == "actors" && path.starts_with("actors/core/");
    let own = tree.with_extension(&["rs"]).filter(|file| file.is_under(&format!("{krate}/")));
    own.filter(|file| !nested(&file.path)).map(mask::code).collect()
}

/// The web app's packages are named by some file of it: an import, a setting or a script.
fn unnamed_packages(tree: &Tree) -> Vec<Finding> {
    let Some(manifest) = tree.get("webapp/package.json") else { return Vec::new() };
    let files = tree.with_extension(&["ts", "tsx", "css", "json"]);
    let is_manifest = |path: &str| path.ends_with("package.json") || path.ends_with("lock.json");
    let text: String = files
        .filter(|file| file.is_under("webapp/") && !is_manifest(&file.path))
        .map(|file| file.text.as_str())
        .collect();
    let mut findings = Vec::new();
    let mut within = false;
    for (line, written) in manifest.lines() {
        let key = written.trim().split('"').nth(1).unwrap_or_default();
        if written.starts_with("  \"") {
            within = key == "dependencies" || key == "devDependencies";
        } else if within && !key.is_empty() && !is_for_the_compiler(key) && !text.contains(key) {
            let says = format!("no file of the web app names `{key}`: remove it");
            findings.push(manifest.finding(line, says));
        }
    }
    findings
}

/// Nobody imports the compiler or the types it reads.
fn is_for_the_compiler(package: &str) -> bool {
    package == "typescript" || package.starts_with("@types/")
}

/// A dependency without a reason is one that nobody dares to remove.
pub(crate) fn reasons(tree: &Tree) -> Vec<Finding> {
    let Some(root) = tree.get("Cargo.toml") else { return Vec::new() };
    let own = |entry: &Entry<'_>| entry.text.contains("path =");
    let shared =
        entries(root).into_iter().filter(|entry| entry.section == "workspace.dependencies");
    let silent = shared.filter(|entry| !own(entry) && !entry.text.contains("# "));
    silent
        .map(|entry| root.finding(entry.line, "end the line with a comment that says what for"))
        .collect()
}

/// The lints of the workspace are law in every crate.
pub(crate) fn lints(tree: &Tree) -> Vec<Finding> {
    let manifests = CRATES.iter().filter_map(|krate| tree.get(&format!("{krate}/Cargo.toml")));
    manifests
        .filter(|file| !file.text.contains("[lints]\nworkspace = true"))
        .map(|file| file.finding(1, "add `[lints]` with `workspace = true`"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "[workspace.dependencies]\nbus-schemas = { path = \"bus-schemas\" }\n\
        serde = \"1.0\" # payloads\nrmp-serde = \"1.3\"\nhex = \"0.4\" # text\n";

    #[test]
    fn an_unused_and_an_unexplained_dependency_are_found() {
        let tree = Tree::of(&[
            ("Cargo.toml", ROOT),
            (
                "bus-schemas/Cargo.toml",
                "[dependencies]\nserde.workspace = true\nrmp-serde.workspace = true\n",
            ),
            ("bus-schemas/src/lib.rs", "use serde::Serialize; // rmp_serde is only prose here\n"),
            ("edge/Cargo.toml", "[dependencies]\nbus-schemas.workspace = true # for its build\n"),
        ]);
        let found: Vec<_> = used(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("`rmp-serde` is not named"));
        assert!(found[1].contains("no crate takes `hex`"));
        assert_eq!(reasons(&tree).len(), 1);
    }

    #[test]
    fn a_package_that_no_file_names_is_found() {
        let manifest = "{\n  \"name\": \"webapp\",\n  \"dependencies\": {\n    \"react\": \"1\",\n    \"left\": \"1\"\n  }\n}";
        let tree = Tree::of(&[
            ("webapp/package.json", manifest),
            ("webapp/src/main.tsx", "import { createRoot } from 'react';"),
        ]);
        let found = used(&tree);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 5);
    }

    #[test]
    fn a_crate_outside_the_lints_is_found() {
        let tree = Tree::of(&[
            ("edge/Cargo.toml", "[package]\nname = \"edge\"\n"),
            ("actors/Cargo.toml", "[lints]\nworkspace = true\n"),
        ]);
        assert_eq!(lints(&tree).len(), 1);
    }
}
