//! Behaviour is a numbered rule in a `SPEC.md`, and the test of a rule carries its number.

use std::collections::{BTreeMap, BTreeSet};

use crate::mask;
use crate::tree::{File, Finding, Tree, numbered};

/// Words with a number that begin a test's name and are no rule.
const ORDINARY: &[&str] = &["BASE", "ED", "HTTP", "IPV", "SHA", "TLS", "UTF", "V", "X", "AES"];

/// The two halves of the house number their rules apart: `AUTH1` of the browser is not the server's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Half {
    Browser,
    Server,
}

impl Half {
    fn of(file: &File) -> Self {
        if file.is_under("webapp/") { Self::Browser } else { Self::Server }
    }
}

/// A rule's number, such as `SES4`, and where it stands.
type Places<'a> = BTreeMap<(Half, String), (&'a File, usize)>;

pub(crate) fn matched(tree: &Tree) -> Vec<Finding> {
    let (rules, mut findings) = rules(tree);
    let mut tested = BTreeSet::new();
    for file in tree.with_extension(&["rs", "ts", "tsx"]) {
        let code = mask::code(file);
        let of_functions = file.has_extension(&["rs"]);
        for (line, text) in numbered(if of_functions { &code } else { &file.text }) {
            for id in ids_of_test(file, text) {
                let key = (Half::of(file), id);
                if !rules.contains_key(&key) && is_meant(file, &key, &rules) {
                    findings
                        .push(file.finding(line, format!("{} is no rule of any SPEC.md", key.1)));
                }
                tested.insert(key);
            }
        }
    }
    for (rule, (file, line)) in &rules {
        if !tested.contains(rule) {
            findings.push(file.finding(*line, format!("no test carries {}", rule.1)));
        }
    }
    findings
}

/// Whether a number is meant as a rule's: in a test file nearly always, elsewhere if a SPEC.md
/// knows its letters.
fn is_meant(file: &File, (half, id): &(Half, String), rules: &Places<'_>) -> bool {
    let known = |(other, rule): &(Half, String)| other == half && prefix(rule) == prefix(id);
    !ORDINARY.contains(&prefix(id)) && (file.is_test() || rules.keys().any(known))
}

/// Every rule, and a finding for each number given twice.
fn rules(tree: &Tree) -> (Places<'_>, Vec<Finding>) {
    let mut rules = Places::new();
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| file.path.ends_with("SPEC.md")) {
        for (line, text) in file.lines() {
            let bold = text.strip_prefix("- **").and_then(|rest| rest.split_once("**"));
            let Some((id, _)) = bold.filter(|(id, _)| is_id(id)) else { continue };
            if rules.insert((Half::of(file), id.to_owned()), (file, line)).is_some() {
                findings.push(file.finding(line, format!("{id} is given twice")));
            }
        }
    }
    (rules, findings)
}

/// `SES4`, `SES4a`.
fn is_id(text: &str) -> bool {
    let number = text.trim_start_matches(|c: char| c.is_ascii_uppercase());
    let digits = number.trim_end_matches(|c: char| c.is_ascii_lowercase());
    number.len() < text.len()
        && number.len() <= digits.len() + 1
        && !digits.is_empty()
        && digits.chars().all(|c| c.is_ascii_digit())
}

fn prefix(id: &str) -> &str {
    let end = id.find(|c: char| c.is_ascii_digit()).unwrap_or(id.len());
    &id[..end]
}

fn ids_of_test(file: &File, line: &str) -> Vec<String> {
    if file.has_extension(&["rs"]) { ids_of_function(line) } else { ids_in_brackets(file, line) }
}

/// `fn ses4_ses5_a_repeat_…` carries SES4 and SES5.
fn ids_of_function(line: &str) -> Vec<String> {
    let Some((_, name)) = line.split_once("fn ") else { return Vec::new() };
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
    let words = name[..end].split('_');
    words.map(as_id).take_while(Option::is_some).flatten().collect()
}

fn as_id(word: &str) -> Option<String> {
    let letters = word.find(|c: char| c.is_ascii_digit())?;
    let id = format!("{}{}", word[..letters].to_uppercase(), &word[letters..]);
    is_id(&id).then_some(id)
}

/// `it('[CONV3] …')` and `test('[CONV3, LINK1] …')` carry what stands in the brackets.
fn ids_in_brackets(file: &File, line: &str) -> Vec<String> {
    if !file.is_test() {
        return Vec::new();
    }
    let groups = line.split('[').skip(1).filter_map(|rest| rest.split_once(']'));
    let words = groups.flat_map(|(group, _)| group.split([',', ' ']));
    words.filter(|word| is_id(word)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: &str = "# Rules\n- **SES1** First.\n- **SES2** Second.\n";
    const BROWSER: &str = "- **CONV3** Third.\n";

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let mut all = vec![("actors/core/SPEC.md", SERVER), ("webapp/src/core/SPEC.md", BROWSER)];
        all.extend_from_slice(files);
        matched(&Tree::of(&all)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn rules_and_tests_that_meet_are_quiet() {
        let found = found(&[
            (
                "actors/core/tests/session.rs",
                "fn ses1_ses2_are_one_story() {}\nfn sha256_is_known() {}",
            ),
            ("webapp/src/core/a.test.ts", "it('[CONV3] keeps order', () => {});"),
        ]);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn a_rule_without_a_test_and_a_test_without_a_rule_are_found() {
        let found = found(&[
            ("actors/core/tests/session.rs", "fn ses1_holds() {}\nfn ses9_is_invented() {}"),
            ("webapp/src/core/a.test.ts", "it('[CONV3, SES1] a', f);\nit('[NONE1] b', f);"),
        ]);
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found.iter().any(|line| line.contains("SES1 is no rule")));
        assert!(found.iter().any(|line| line.contains("no test carries SES2")));
        assert!(found.iter().any(|line| line.contains("SES9 is no rule")));
        assert!(found.iter().any(|line| line.contains("NONE1 is no rule")));
    }

    #[test]
    fn a_number_given_twice_is_found() {
        let tree = Tree::of(&[
            ("actors/SPEC.md", "- **STO1** One.\n- **STO1** Again.\n"),
            ("actors/tests/a.rs", "fn sto1_holds() {}"),
        ]);
        assert_eq!(matched(&tree).len(), 1);
    }
}
