//! The broker's configuration and the language agree.

use std::collections::BTreeSet;

use bus_schemas::limit::BUS_PAYLOAD_BYTES_MAX;

use crate::tree::{File, Finding, Tree};

const CONF: &str = "nats/nats.conf";

/// The first words of our subjects.
const FAMILIES: [&str; 5] = ["auth.", "chat.", "dev.", "directory.", "identity."];

/// Every subject that a permission names is one of the language, and the other way round. Only
/// the fixed words are compared: what follows them is an id, or a pattern for any.
pub(crate) fn subjects(tree: &Tree) -> Vec<Finding> {
    let Some(conf) = tree.get(CONF) else { return missing() };
    let language = tree.with_extension(&["rs"]).filter(|file| file.is_under("bus-schemas/src/"));
    let said: BTreeSet<String> = language.flat_map(subjects_of).map(|(_, words)| words).collect();
    let allowed: Vec<(usize, String)> = subjects_of(conf).collect();

    let mut findings = Vec::new();
    for (line, words) in allowed.iter().filter(|(_, words)| !covers_any(words, &said)) {
        findings.push(conf.finding(*line, format!("`{words}` is no subject of the language")));
    }
    for words in &said {
        if !allowed.iter().any(|(_, pattern)| covers(pattern, words)) {
            findings.push(conf.finding(1, format!("no role may use `{words}`: allow it to one")));
        }
    }
    findings
}

fn missing() -> Vec<Finding> {
    vec![Finding { path: CONF.to_owned(), line: 1, says: "the file is missing".to_owned() }]
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

fn covers_any(pattern: &str, said: &BTreeSet<String>) -> bool {
    said.iter().any(|words| covers(pattern, words))
}

/// One number in two places: the limit of the language and the broker's.
pub(crate) fn payload(tree: &Tree) -> Vec<Finding> {
    let Some(conf) = tree.get(CONF) else { return missing() };
    let set = conf.lines().find_map(|(line, text)| {
        let value = text.trim_start().strip_prefix("max_payload")?;
        Some((line, value.trim_start_matches([':', '=', ' ']).to_owned()))
    });
    let expected = BUS_PAYLOAD_BYTES_MAX.to_string();
    match set {
        Some((_, value)) if value.split_whitespace().next() == Some(expected.as_str()) => {
            Vec::new()
        }
        Some((line, _)) => vec![conf.finding(line, format!("max_payload must be {expected}"))],
        None => vec![conf.finding(1, format!("set max_payload to {expected}"))],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANGUAGE: &str =
        "fn a() { Call::new(\"auth.login\"); Subject::new(format!(\"chat.peer.{}\", id)); }";

    fn found(conf: &str) -> Vec<String> {
        let tree = Tree::of(&[("bus-schemas/src/a.rs", LANGUAGE), (CONF, conf)]);
        subjects(&tree).iter().chain(&payload(&tree)).map(ToString::to_string).collect()
    }

    #[test]
    fn a_configuration_that_agrees_is_quiet() {
        let conf = "max_payload: 2097152\n# \"chat.other\" in prose\npublish: [\"auth.login\", \"chat.peer.*\", \"_INBOX.>\"]\n";
        assert_eq!(found(conf), Vec::<String>::new());
        assert_eq!(
            found("max_payload = 2097152\ndeny: [\"chat.>\"]\nallow: [\"auth.>\"]\n"),
            Vec::<String>::new()
        );
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
        assert_eq!(subjects(&Tree::of(&[])).len(), 1);
        assert_eq!(payload(&Tree::of(&[])).len(), 1);
    }
}
