//! A document in another language says the same: headings of the same levels in the same order, the
//! same commands, the same paths and words of the code, the same links, as many points and rows.

use crate::tree::{Finding, Tree, numbered};

/// Each document and what it is in another language.
const PAIRS: &[(&str, &str)] = &[("README.md", "README.ru.md")];

pub(crate) fn equal(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (original, translation) in PAIRS {
        let Some(first) = tree.get(original) else { continue };
        let Some(second) = tree.get(translation) else {
            findings.push(first.finding(1, format!("there is no {translation}")));
            continue;
        };
        let (here, there) = (bones(&first.text), bones(&second.text));
        let differs = here.iter().zip(&there).find(|((_, a), (_, b))| a != b);
        if let Some(((line, bone), (_, other))) = differs {
            let says = format!("{translation} has {other:?} where this has {bone:?}");
            findings.push(first.finding(*line, says));
        } else if here.len() != there.len() {
            let says = format!("{} parts, and {} in {original}", there.len(), here.len());
            findings.push(second.finding(1, says));
        }
    }
    findings
}

/// What must be the same in every language, in order, with its line.
fn bones(text: &str) -> Vec<(usize, Vec<String>)> {
    let mut is_fenced = false;
    let mut found = Vec::new();
    // The line that leads to the other language.
    for (line, text) in numbered(text).filter(|(_, text)| !text.starts_with("*[")) {
        let is_fence = text.starts_with("```");
        let bone = if is_fenced || is_fence { vec![text.to_owned()] } else { bones_of_line(text) };
        is_fenced ^= is_fence;
        if !bone.is_empty() {
            found.push((line, bone));
        }
    }
    found
}

/// The kind of a line, what stands in its code marks and where its links lead, in any order: other
/// languages say it in another one.
fn bones_of_line(text: &str) -> Vec<String> {
    let kind = text.split(' ').next().filter(|word| {
        *word == "-" || *word == "|" || (word.starts_with('#') && word.trim_matches('#').is_empty())
    });
    let code = text.split('`').skip(1).step_by(2).map(str::to_owned);
    let links = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    let mut words: Vec<String> = code.chain(links.map(|(target, _)| target.to_owned())).collect();
    words.sort();
    kind.into_iter().map(str::to_owned).chain(words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "# House\n\n*[Elsewhere](README.ru.md)*\n\nRun `make run` with `b`.\n\n\
                        ## Use\n- [here](a.md)\n\n```sh\nmake run # once\n```\n";
    const THERE: &str = "# Дом\n\n*[Elsewhere](README.md)*\n\nС `b` зовите `make run`.\n\n\
                         ## Как\n- [тут](a.md)\n\n```sh\nmake run # once\n```\n";

    fn found(there: &str) -> usize {
        equal(&Tree::of(&[("README.md", HERE), ("README.ru.md", there)])).len()
    }

    #[test]
    fn the_same_in_other_words_is_quiet() {
        assert_eq!(found(THERE), 0);
    }

    #[test]
    fn whatever_is_missing_or_other_is_found() {
        for (was, is) in [
            ("## Как\n", ""),
            ("## Как", "### Как"),
            ("make run # once", "make go"),
            ("`b`", "`c`"),
            ("a.md", "b.md"),
            ("- [тут](a.md)\n", "- [тут](a.md)\n- ещё\n"),
        ] {
            assert_eq!(found(&THERE.replace(was, is)), 1, "{was}");
        }
        assert_eq!(equal(&Tree::of(&[("README.md", HERE)])).len(), 1);
    }
}
