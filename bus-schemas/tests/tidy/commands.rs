//! Every command that a document tells somebody to run is run by a test, or says that it needs an
//! engine, a cluster or hours.
//!
//! What runs what stands in `docs/commands.tsv`: the beginning of a command, and either the script
//! in which it, or what it calls, is run, or one of the words of [`EXEMPT`].

use crate::tree::{File, Finding, Tree};

const TABLE: &str = "docs/commands.tsv";
/// Why a command is run by no test.
const EXEMPT: &[&str] = &["engine", "cluster", "long", "developer"];
/// Documents that tell what happened, not what to do.
const REPORTS: &[&str] = &["docs/results/", "docs/adr/", "CHANGELOG.md"];

/// One row of the table.
struct Row<'a> {
    line: usize,
    begins: &'a str,
    by: &'a str,
    names: &'a str,
}

/// Every command has a row, every row a command, and what a row names runs it.
pub(crate) fn run(tree: &Tree) -> Vec<Finding> {
    let Some(table) = tree.get(TABLE) else { return Vec::new() };
    let rows: Vec<Row<'_>> = table.lines().filter_map(row).collect();
    let mut used = vec![false; rows.len()];
    let mut findings = Vec::new();
    let documents = tree.with_extension(&["md"]);
    for file in documents.filter(|file| !REPORTS.iter().any(|report| file.is_under(report))) {
        for (line, command) in commands(file) {
            findings.extend(target(tree, file, line, command));
            let found = rows.iter().position(|row| command.starts_with(row.begins));
            match found {
                None => findings
                    .push(file.finding(line, format!("`{command}` is in no row of {TABLE}"))),
                Some(index) => {
                    used[index] = true;
                    findings.extend(mark(file, line, command, &rows[index]));
                }
            }
        }
    }
    for (row, is_used) in rows.iter().zip(used) {
        if !is_used {
            findings.push(table.finding(row.line, format!("no document has `{}`", row.begins)));
        }
        findings.extend(runner(tree, table, row));
    }
    findings
}

fn row((line, text): (usize, &str)) -> Option<Row<'_>> {
    let cells: Vec<&str> = text.split('\t').collect();
    let [begins, by, names] = cells.as_slice() else { return None };
    (!text.starts_with('#')).then_some(Row { line, begins, by, names })
}

/// What stands in the shell's fences, a line each, and `make` in code marks.
fn commands(file: &File) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut fence = None;
    for (line, text) in file.lines() {
        let text = text.trim();
        if let Some(language) = text.strip_prefix("```") {
            fence = if fence.is_some() { None } else { Some(language) };
        } else if fence.is_some_and(|language| ["sh", "bash"].contains(&language)) {
            if !text.is_empty() && !text.starts_with('#') {
                found.push((line, text));
            }
        } else if fence.is_none() {
            let spans = text.split('`').skip(1).step_by(2);
            found.extend(spans.filter(|span| is_make(span)).map(|span| (line, span)));
        }
    }
    found
}

/// `make TARGET`, and not the word alone.
fn is_make(span: &str) -> bool {
    span.strip_prefix("make ")
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()))
}

/// What is to be made can be made.
fn target(tree: &Tree, file: &File, line: usize, command: &str) -> Option<Finding> {
    let name = command.strip_prefix("make ")?.split(' ').next()?;
    let begins = format!("{name}:");
    let makefile = tree.get("Makefile")?;
    let is_there = makefile.lines().any(|(_, text)| text.starts_with(&begins));
    (!is_there).then(|| file.finding(line, format!("the Makefile has no {name}")))
}

/// In a fence, whoever reads must see what is needed.
fn mark(file: &File, line: usize, command: &str, row: &Row<'_>) -> Option<Finding> {
    let is_fenced = !command.starts_with("make ");
    let needed = match row.by {
        "engine" => "# needs an engine",
        "cluster" => "# needs a cluster",
        _ => return None,
    };
    let missing = is_fenced && !command.contains(needed);
    missing.then(|| file.finding(line, format!("end it with `{needed}`")))
}

/// The file that is said to run it has it.
fn runner(tree: &Tree, table: &File, row: &Row<'_>) -> Option<Finding> {
    if EXEMPT.contains(&row.by) {
        return None;
    }
    let runs = tree.get(row.by).is_some_and(|file| file.text.contains(row.names));
    (!runs).then(|| table.finding(row.line, format!("{} does not run {}", row.by, row.names)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(table: &str, document: &str) -> Vec<String> {
        let tree = Tree::of(&[
            (TABLE, table),
            ("README.md", document),
            ("scripts/test.sh", "step \"all\" scripts/run.sh\n"),
            ("Makefile", "run: ## Start.\n\t@scripts/run.sh\n"),
        ]);
        run(&tree).iter().map(ToString::to_string).collect()
    }

    const TABLE_OF_TWO: &str =
        "# begins\tby\tnames\nmake run\tscripts/test.sh\tscripts/run.sh\ndocker exec\tengine\t-\n";

    #[test]
    fn commands_that_are_run_or_marked_are_quiet() {
        let document = "`make run` and `make`\n```sh\nmake run\n# a remark\n\
                        docker exec db psql   # needs an engine\n```\n```json\n{}\n```\n";
        assert!(found(TABLE_OF_TWO, document).is_empty(), "{:?}", found(TABLE_OF_TWO, document));
    }

    #[test]
    fn a_command_without_a_row_and_a_row_without_a_command_are_found() {
        let found = found(TABLE_OF_TWO, "`make run`, `make tea`\n```bash\ncurl x\n```\n");
        assert_eq!(found.len(), 4, "{found:?}");
    }

    #[test]
    fn what_only_begins_like_a_target_is_found() {
        let document = "`make run` and `make runs`\n```sh\ndocker exec a # needs an engine\n```\n";
        assert_eq!(found(TABLE_OF_TWO, document), ["README.md:1: the Makefile has no runs"]);
    }

    #[test]
    fn an_engine_that_is_not_named_and_a_runner_that_does_not_run_it_are_found() {
        let table = TABLE_OF_TWO.replace("scripts/run.sh", "scripts/other.sh");
        let found = found(&table, "`make run`\n```sh\ndocker exec db psql\n```\n");
        assert_eq!(found.len(), 2, "{found:?}");
    }
}
