//! Every file opens by saying what it is for.

use crate::generated;
use crate::tree::{File, Finding, Tree};

/// The longest opening that says nothing.
const EMPTY_WORDS: usize = 1;

pub(crate) fn present(tree: &Tree) -> Vec<Finding> {
    tree.files
        .iter()
        .filter(|file| !generated::is_generated(&file.path))
        .filter_map(judge)
        .collect()
}

fn judge(file: &File) -> Option<Finding> {
    let (opening, remedy) = if file.has_extension(&["rs"]) {
        ("//!", "open the file with `//!` and a sentence that says what it is for")
    } else if file.has_extension(&["ts", "tsx"]) {
        ("/**", "open the file with `/** … */` that says what it is for")
    } else if file.has_extension(&["sh"]) {
        ("#", "open the script with a comment that says what it is for")
    } else {
        return None;
    };
    // A line that speaks to a tool may stand before it.
    let to_a_tool = |line: &&str| line.starts_with("#!/") || line.starts_with("// @");
    let mut lines = file.text.lines().skip_while(to_a_tool);
    let first = lines.next().unwrap_or_default();
    let said = first.strip_prefix(opening).map(str::trim);
    // A block comment may begin its sentence on the next line.
    let said = match said {
        Some("") => lines.next().map(|line| line.trim_start_matches([' ', '*', '/', '!'])),
        Some(_) | None => said,
    };
    let enough = said.is_some_and(|text| text.split_whitespace().count() > EMPTY_WORDS);
    (!enough).then(|| file.finding(1, remedy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_an_opening_is_found() {
        let tree = Tree::of(&[
            ("edge/src/a.rs", "use std::fmt;"),
            ("edge/src/b.rs", "//! Door."),
            ("edge/src/c.rs", "//! What the doors share."),
            ("webapp/src/d.ts", "// A line comment is no opening."),
            ("webapp/src/e.ts", "/**\n * What the screens draw.\n */"),
            ("webapp/src/f.tsx", "/** One line is enough for a small file. */"),
            ("webapp/src/f.test.tsx", "// @vitest-environment jsdom\n/** The form, in a page. */"),
            ("scripts/g.sh", "#!/usr/bin/env bash\nset -e"),
            ("scripts/h.sh", "#!/usr/bin/env bash\n# Starts the server."),
        ]);
        let found: Vec<_> = present(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(found, ["edge/src/a.rs", "edge/src/b.rs", "webapp/src/d.ts", "scripts/g.sh"]);
    }
}
