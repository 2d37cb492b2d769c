//! Tests wait for a condition with a deadline, never for a fixed time.
//!
//! A pause is allowed inside a function whose name says that it polls, or beside a comment
//! `// pause: …` that says why time itself is what is tested.

use crate::mask;
use crate::tree::{File, Finding, Tree, numbered};

/// Calls that let time pass.
const PAUSES: &[&str] =
    &["sleep(", "sleep_until(", "setTimeout(", "setInterval(", "waitForTimeout(", "delay("];

/// How the name of a function that polls begins.
const POLLS: &[&str] = &["until", "wait", "eventually", "poll", "retry"];

/// Words that a reason has at least.
const REASON_WORDS_MIN: usize = 4;

pub(crate) fn reasoned(tree: &Tree) -> Vec<Finding> {
    tree.with_extension(&["rs", "ts", "tsx"]).flat_map(judge).collect()
}

fn judge(file: &File) -> Vec<Finding> {
    let code = mask::code(file);
    let from = first_test_line(file);
    let lines: Vec<&str> = code.lines().collect();
    let written: Vec<&str> = file.text.lines().collect();
    let mut findings = Vec::new();
    for (line, text) in numbered(&code).filter(|(line, _)| *line >= from) {
        let pauses = PAUSES.iter().any(|call| calls(text, call));
        if pauses && !polls(&lines, line) && !has_reason(&written, line) {
            let remedy = "poll a condition with a deadline, or say why in `// pause: …`";
            findings.push(file.finding(line, remedy));
        }
    }
    findings
}

/// Where test code begins: at once in a test file, at `#[cfg(test)]` at the foot of another.
fn first_test_line(file: &File) -> usize {
    if file.is_test() {
        return 1;
    }
    let marked = file.lines().find(|(_, text)| text.trim() == "#[cfg(test)]");
    marked.map_or(usize::MAX, |(line, _)| line)
}

/// The call itself, not its definition or a longer name.
fn calls(code: &str, call: &str) -> bool {
    code.match_indices(call).any(|(at, _)| {
        let before = &code[..at];
        !before.ends_with(|c: char| c.is_alphanumeric() || c == '_')
            && !before.ends_with("fn ")
            && !before.ends_with("function ")
    })
}

/// Whether the function around this line says that it polls.
fn polls(lines: &[&str], line: usize) -> bool {
    let indent = |text: &str| text.len() - text.trim_start().len();
    let mut outermost = indent(lines[line - 1]) + 1;
    for text in lines[..line].iter().rev().filter(|text| !text.trim().is_empty()) {
        // Outwards only: a neighbour's body is indented as far as ours.
        if indent(text) >= outermost {
            continue;
        }
        outermost = indent(text);
        if let Some(name) = function_name(text) {
            let name = name.to_lowercase();
            return POLLS.iter().any(|word| name.starts_with(word));
        }
    }
    false
}

/// The name that a line gives to a function, if it does.
fn function_name(line: &str) -> Option<&str> {
    let named = line.split_once("fn ").or_else(|| line.split_once("function "));
    let assigned = line.split_once("const ").filter(|(_, rest)| {
        rest.contains("=> ") || rest.ends_with("=>") || rest.contains("= async (")
    });
    let (_, rest) = named.or(assigned)?;
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    Some(&rest[..end])
}

/// A comment on the line or in the comment above it.
fn has_reason(written: &[&str], line: usize) -> bool {
    let above = written[..line - 1].iter().rev();
    let comment = above.take_while(|text| text.trim_start().starts_with("//"));
    let mut near = std::iter::once(&written[line - 1]).chain(comment);
    near.any(|text| {
        let reason = text.split_once("// pause: ").map(|(_, reason)| reason);
        reason.is_some_and(|reason| reason.split_whitespace().count() >= REASON_WORDS_MIN)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        reasoned(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn a_pause_in_a_test_is_found() {
        assert_eq!(found("edge/tests/a.rs", "async fn it_works() {\n    sleep(ms).await;\n}"), 1);
        assert_eq!(
            found(
                "webapp/e2e/a.ts",
                "test('x', async () => {\n  await page.waitForTimeout(5);\n});"
            ),
            1
        );
        let foot = "fn run() { sleep(x); }\n#[cfg(test)]\nmod tests {\n    fn a() { sleep(x); }\n}";
        assert_eq!(found("edge/src/a.rs", foot), 1);
    }

    #[test]
    fn a_reason_must_say_something() {
        assert_eq!(found("edge/tests/a.rs", "fn a() {\n    // pause: yes\n    sleep(ms);\n}"), 1);
        let reasoned =
            "fn a() {\n    // pause: the grace time itself is what is tested\n    sleep(ms);\n}";
        assert_eq!(found("edge/tests/a.rs", reasoned), 0);
    }

    #[test]
    fn polling_is_allowed_where_the_name_says_so() {
        let polling = "async fn wait_until(f: F) {\n    loop {\n        sleep(ms).await;\n    }\n}";
        assert_eq!(found("edge/tests/a.rs", polling), 0);
        let after =
            format!("{polling}\nfn other() {{\n    loop {{\n        sleep(ms);\n    }}\n}}");
        assert_eq!(found("edge/tests/a.rs", &after), 1);
        let arrow = "export const until = async (f: F) => {\n  await new Promise((r) => setTimeout(r, 5));\n};";
        assert_eq!(found("webapp/src/test/a.ts", arrow), 0);
    }

    #[test]
    fn production_code_may_wait() {
        assert_eq!(found("edge/src/a.rs", "async fn run() {\n    sleep(ms).await;\n}"), 0);
    }
}
