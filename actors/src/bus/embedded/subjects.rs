//! Who listens where: a tree of subject words. A pattern may hold `*` for one word, and end in
//! `.>` for one word or more.

use std::collections::HashMap;
use std::iter::Chain;
use std::{option, vec};

/// Listeners by pattern.
pub(super) struct Subjects<T> {
    root: Node<T>,
}

struct Node<T> {
    words: HashMap<String, Node<T>>,
    any_word: Option<Box<Node<T>>>,
    here: Vec<T>,
    below: Vec<T>,
}

/// Whoever was found. One is what there mostly is, and stands here by itself: a list of them would be
/// asked of the heap for every word.
pub(super) struct Found<T> {
    first: Option<T>,
    others: Vec<T>,
}

impl<T: Clone> Found<T> {
    fn add(&mut self, more: &[T]) {
        let mut more = more.iter().cloned();
        if self.first.is_none() {
            self.first = more.next();
        }
        self.others.extend(more);
    }
}

impl<T> IntoIterator for Found<T> {
    type Item = T;
    type IntoIter = Chain<option::IntoIter<T>, vec::IntoIter<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.first.into_iter().chain(self.others)
    }
}

impl<T> Default for Subjects<T> {
    fn default() -> Self {
        Self { root: Node::default() }
    }
}

impl<T> Default for Node<T> {
    fn default() -> Self {
        Self { words: HashMap::new(), any_word: None, here: Vec::new(), below: Vec::new() }
    }
}

impl<T: Clone> Subjects<T> {
    pub(super) fn insert(&mut self, pattern: &str, listener: T) {
        self.root.insert(pattern.split('.'), listener);
    }

    /// Removes the listeners of a pattern that `gone` names, and every branch left empty.
    pub(super) fn remove(&mut self, pattern: &str, gone: impl Fn(&T) -> bool) {
        self.root.remove(pattern.split('.'), &gone);
    }

    /// Whether nobody listens to anything.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.root.is_empty()
    }

    /// Whoever listens to a subject.
    pub(super) fn matching(&self, subject: &str) -> Found<T> {
        let mut found = Found { first: None, others: Vec::new() };
        self.root.collect(subject.split('.'), &mut found);
        found
    }
}

impl<T: Clone> Node<T> {
    fn insert<'a>(&mut self, mut words: impl Iterator<Item = &'a str>, listener: T) {
        match words.next() {
            None => self.here.push(listener),
            Some(">") => self.below.push(listener),
            Some("*") => self.any_word.get_or_insert_default().insert(words, listener),
            Some(word) => {
                self.words.entry(word.to_owned()).or_default().insert(words, listener);
            }
        }
    }

    fn remove<'a>(&mut self, mut words: impl Iterator<Item = &'a str>, gone: &impl Fn(&T) -> bool) {
        match words.next() {
            None => self.here.retain(|listener| !gone(listener)),
            Some(">") => self.below.retain(|listener| !gone(listener)),
            Some("*") => {
                if let Some(node) = &mut self.any_word {
                    node.remove(words, gone);
                }
                self.any_word.take_if(|node| node.is_empty());
            }
            Some(word) => {
                if let Some(node) = self.words.get_mut(word) {
                    node.remove(words, gone);
                    if node.is_empty() {
                        self.words.remove(word);
                    }
                }
            }
        }
    }

    fn collect<'a>(&self, mut words: impl Iterator<Item = &'a str> + Clone, found: &mut Found<T>) {
        let Some(word) = words.next() else {
            found.add(&self.here);
            return;
        };
        found.add(&self.below);
        if let Some(node) = &self.any_word {
            node.collect(words.clone(), found);
        }
        if let Some(node) = self.words.get(word) {
            node.collect(words, found);
        }
    }

    fn is_empty(&self) -> bool {
        self.words.is_empty()
            && self.any_word.is_none()
            && self.here.is_empty()
            && self.below.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard_by(subject: &str) -> Vec<&'static str> {
        let patterns = ["a", "a.b", "a.*", "a.>", "*.b", "a.*.c", ">"];
        let mut subjects = Subjects::default();
        for pattern in patterns {
            subjects.insert(pattern, pattern);
        }
        let mut found: Vec<&str> = subjects.matching(subject).into_iter().collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn bus10_a_star_is_one_word_and_a_tail_one_or_more() {
        assert_eq!(heard_by("a"), [">", "a"]);
        assert_eq!(heard_by("a.b"), ["*.b", ">", "a.*", "a.>", "a.b"]);
        assert_eq!(heard_by("a.x.c"), [">", "a.*.c", "a.>"]);
        assert_eq!(heard_by("x.b"), ["*.b", ">"]);
        assert_eq!(heard_by("ab"), [">"]);
    }

    #[test]
    fn bus3_a_pattern_without_listeners_leaves_nothing_behind() {
        let mut subjects = Subjects::default();
        for pattern in ["a.b.c", "a.*.c", "a.b.>", "a.b"] {
            subjects.insert(pattern, 1);
            subjects.insert(pattern, 2);
        }
        for pattern in ["a.b.c", "a.*.c", "a.b.>", "a.b"] {
            subjects.remove(pattern, |listener| *listener == 1);
        }
        assert!(subjects.matching("a.b.c").into_iter().eq([2, 2, 2]));
        for pattern in ["a.b.c", "a.*.c", "a.b.>", "a.b"] {
            subjects.remove(pattern, |listener| *listener == 2);
        }
        assert!(subjects.is_empty());
    }
}
