//! The broker's configuration and the language agree.

use std::collections::BTreeMap;

use bus_schemas::limit::BUS_PAYLOAD_BYTES_MAX;

use crate::tree::{File, Finding, Tree};

/// The first words of our subjects.
const FAMILIES: &[&str] = &["auth.", "bus.", "chat.", "dev.", "directory.", "identity."];

/// Every subject that a permission names is one of the language, and the other way round. Only
/// the fixed words are compared: what follows them is an id, or a pattern for any.
pub(crate) fn subjects(tree: &Tree) -> Vec<Finding> {
    let language = tree.with_extension(&["rs"]).filter(|file| file.is_under("bus-schemas/src/"));
    let said: BTreeMap<String, Finding> = language
        .flat_map(|file| subjects_of(file).map(move |(line, words)| (file, line, words)))
        .map(|(file, line, words)| {
            let finding = file.finding(line, format!("no role may use `{words}`: allow it to one"));
            (words, finding)
        })
        .collect();

    let mut findings = Vec::new();
    let mut allowed = Vec::new();
    for file in configurations(tree) {
        for (line, pattern) in subjects_of(file) {
            if !said.keys().any(|words| covers(&pattern, words)) {
                let says = format!("`{pattern}` is no subject of the language");
                findings.push(file.finding(line, says));
            }
            allowed.push(pattern);
        }
    }
    let is_allowed = |words: &str| allowed.iter().any(|pattern| covers(pattern, words));
    let forgotten = said.into_iter().filter(|(words, _)| !is_allowed(words));
    findings.extend(forgotten.map(|(_, finding)| finding));
    findings
}

fn configurations(tree: &Tree) -> impl Iterator<Item = &File> {
    tree.with_extension(&["conf"]).filter(|file| file.is_under("nats/"))
}

/// The fixed words of each subject that stands in quotes, comments aside: `chat.peer` of `"chat.peer.*"`.
fn subjects_of(file: &File) -> impl Iterator<Item = (usize, String)> + '_ {
    let is_comment =
        |text: &str| text.trim_start().starts_with("//") || text.trim_start().starts_with('#');
    let lines = file.lines().filter(move |(_, text)| !is_comment(text));
    lines.flat_map(|(line, text)| {
        let quoted = text.split('"').skip(1).step_by(2);
        let ours = quoted.filter(|words| FAMILIES.iter().any(|family| words.starts_with(family)));
        ours.map(move |words| (line, fixed_words(words)))
    })
}

fn fixed_words(subject: &str) -> String {
    let is_fixed = |word: &&str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
    subject.split('.').take_while(is_fixed).collect::<Vec<_>>().join(".")
}

/// `chat` covers `chat.peer`; a subject covers itself.
fn covers(pattern: &str, words: &str) -> bool {
    words.strip_prefix(pattern).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// One number in two places: the limit of the language and the broker's.
pub(crate) fn payload(tree: &Tree) -> Vec<Finding> {
    let expected = BUS_PAYLOAD_BYTES_MAX.to_string();
    let mut is_set = false;
    let mut findings = Vec::new();
    for file in configurations(tree) {
        for (line, text) in file.lines() {
            let Some(value) = text.trim_start().strip_prefix("max_payload") else { continue };
            is_set = true;
            if value.trim_matches([':', '=', ' ']) != expected {
                findings.push(file.finding(line, format!("max_payload must be {expected}")));
            }
        }
    }
    if !is_set {
        let says = format!("a file here must set max_payload to {expected}");
        findings.push(Finding { path: "nats".to_owned(), line: 1, says });
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANGUAGE: &str =
        "fn a() { Call::new(\"auth.login\"); Subject::new(format!(\"chat.peer.{}\", id)); }";

    fn found(conf: &str) -> Vec<String> {
        let tree = Tree::of(&[("bus-schemas/src/a.rs", LANGUAGE), ("nats/users.conf", conf)]);
        subjects(&tree).iter().chain(&payload(&tree)).map(ToString::to_string).collect()
    }

    #[test]
    fn a_configuration_that_agrees_is_quiet() {
        for conf in [
            "max_payload: 2097152\n# \"chat.other\"\npublish: [\"auth.login\", \"chat.peer.*\"]\n",
            "max_payload = 2097152\ndeny: [\"chat.>\"]\nallow: [\"auth.>\", \"_INBOX.>\"]\n",
        ] {
            assert_eq!(found(conf), Vec::<String>::new());
        }
    }

    #[test]
    fn a_foreign_subject_a_forgotten_one_and_a_small_payload_are_found() {
        let found = found("max_payload: 1048576\npublish: [\"auth.login\", \"chat.per.*\"]\n");
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].contains("`chat.per` is no subject"));
        assert!(found[1].contains("no role may use `chat.peer`"));
        assert!(found[2].contains("max_payload must be 2097152"));
    }

    #[test]
    fn a_missing_configuration_is_found() {
        let tree = Tree::of(&[("bus-schemas/src/a.rs", LANGUAGE)]);
        assert_eq!(subjects(&tree).len(), 2);
        assert_eq!(payload(&tree).len(), 1);
    }
}
