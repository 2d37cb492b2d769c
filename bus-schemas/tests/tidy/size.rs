//! Short files and short functions. clippy measures Rust's functions and Biome the web app's.

use crate::generated;
use crate::tree::{Finding, Tree};

const FILE_LINES_MAX: usize = 500;

pub(crate) fn files(tree: &Tree) -> Vec<Finding> {
    let judged = ["rs", "ts", "tsx", "css", "sh", "py", "sql"];
    let long = tree.with_extension(&judged).filter(|file| !generated::is_generated(&file.path));
    long.filter(|file| file.text.lines().count() > FILE_LINES_MAX)
        .map(|file| {
            let remedy = format!("split it: {FILE_LINES_MAX} lines are the most for one idea");
            file.finding(file.text.lines().count(), remedy)
        })
        .collect()
}

/// The linters must be told; they do the measuring.
pub(crate) fn functions(tree: &Tree) -> Vec<Finding> {
    let told = [
        ("clippy.toml", "too-many-lines-threshold = 70"),
        ("webapp/biome.json", "\"noExcessiveLinesPerFunction\""),
        ("webapp/biome.json", "\"maxLines\": 70"),
    ];
    let silent = told
        .into_iter()
        .filter(|(path, words)| !tree.get(path).is_some_and(|file| file.text.contains(words)));
    silent
        .map(|(path, words)| Finding {
            path: path.to_owned(),
            line: 1,
            says: format!("keep functions within 70 lines: it must say `{words}`"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_found() {
        let long = "x\n".repeat(FILE_LINES_MAX + 1);
        let full = "x\n".repeat(FILE_LINES_MAX);
        let tree = Tree::of(&[("a.rs", &long), ("b.rs", &full), ("c.lock", &long)]);
        let found = files(&tree);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "a.rs");
    }

    #[test]
    fn a_linter_that_was_not_told_is_found() {
        let tree = Tree::of(&[
            ("clippy.toml", "too-many-lines-threshold = 70"),
            ("webapp/biome.json", "{ \"noExcessiveLinesPerFunction\": \"off\" }"),
        ]);
        assert_eq!(functions(&tree).len(), 1);
    }
}
