//! Lock files name public registries or none: never a mirror that only one network reaches.

use crate::tree::{Finding, Tree};

const PUBLIC: &[&str] =
    &["registry+https://github.com/rust-lang/crates.io-index", "https://registry.npmjs.org/"];

pub(crate) fn public(tree: &Tree) -> Vec<Finding> {
    let locks = tree.files.iter().filter(|file| {
        file.path.ends_with("Cargo.lock") || file.path.ends_with("package-lock.json")
    });
    let mut findings = Vec::new();
    for file in locks {
        for (line, text) in file.lines() {
            let source = text.trim_start();
            let names_source =
                source.starts_with("source = ") || source.starts_with("\"resolved\": ");
            if names_source && !PUBLIC.iter().any(|registry| source.contains(registry)) {
                findings.push(file.finding(line, "resolve from the public registry"));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_in_a_lock_file_is_found() {
        let cargo = "source = \"registry+https://github.com/rust-lang/crates.io-index\"\n\
            source = \"registry+https://mirror.example/index\"\n";
        let npm = "  \"resolved\": \"https://registry.npmjs.org/a/-/a-1.tgz\",\n\
            \"resolved\": \"https://mirror.example/a-1.tgz\",\n";
        let tree = Tree::of(&[("Cargo.lock", cargo), ("webapp/package-lock.json", npm)]);
        assert_eq!(public(&tree).len(), 2);
    }
}
