//! Code without its comments and texts, so that a rule about code is not set off by prose.
//!
//! Line numbers stay: what is masked becomes spaces. One scanner serves Rust and TypeScript; it
//! knows their quotes and comments and nothing else of them.

use crate::tree::File;

/// The code of a Rust or TypeScript file.
pub(crate) fn code(file: &File) -> String {
    let rust = file.has_extension(&["rs"]);
    Scanner { text: file.text.chars().collect(), at: 0, out: String::new(), rust }.run()
}

struct Scanner {
    text: Vec<char>,
    at: usize,
    out: String,
    rust: bool,
}

impl Scanner {
    fn run(mut self) -> String {
        while let Some(now) = self.peek(0) {
            match (now, self.peek(1)) {
                ('/', Some('/')) => self.blank_until_line_end(),
                ('/', Some('*')) => self.blank_comment(),
                ('"', _) => self.blank_string('"'),
                ('r', Some('"' | '#')) if self.rust && self.raw_string_starts() => {
                    self.blank_raw_string();
                }
                ('\'', _) if self.rust => self.pass_char_or_lifetime(),
                ('\'', _) if self.closes_on_this_line() => self.blank_string('\''),
                ('`', _) if !self.rust => self.blank_string('`'),
                _ => self.keep(),
            }
        }
        self.out
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.text.get(self.at + ahead).copied()
    }

    fn keep(&mut self) {
        self.out.extend(self.peek(0));
        self.at += 1;
    }

    fn blank(&mut self) {
        self.out.extend(self.peek(0).map(|c| if c == '\n' { '\n' } else { ' ' }));
        self.at += 1;
    }

    fn blank_until_line_end(&mut self) {
        while self.peek(0).is_some_and(|c| c != '\n') {
            self.blank();
        }
    }

    fn blank_comment(&mut self) {
        let mut depth = 0;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) if depth == 0 || self.rust => {
                    depth += 1;
                    self.blank();
                }
                (Some('*'), Some('/')) => {
                    depth -= 1;
                    self.blank();
                }
                (Some(_), _) => {}
                (None, _) => return,
            }
            self.blank();
            if depth == 0 {
                return;
            }
        }
    }

    /// A string's quotes stay, so that the code keeps its shape.
    fn blank_string(&mut self, quote: char) {
        self.keep();
        while let Some(now) = self.peek(0) {
            match now {
                '\\' => {
                    self.blank();
                    self.blank();
                }
                _ if now == quote => return self.keep(),
                _ => self.blank(),
            }
        }
    }

    fn raw_string_starts(&self) -> bool {
        let within_a_word = self.at > 0
            && self.text.get(self.at - 1).is_some_and(|c| c.is_alphanumeric() || *c == '_');
        let after_hashes = self.text.iter().skip(self.at + 1).find(|c| **c != '#');
        !within_a_word && after_hashes == Some(&'"')
    }

    fn blank_raw_string(&mut self) {
        self.keep();
        let mut hashes = 0;
        while self.peek(0) == Some('#') {
            hashes += 1;
            self.keep();
        }
        self.keep();
        while let Some(now) = self.peek(0) {
            let closes = now == '"' && (1..=hashes).all(|n| self.peek(n) == Some('#'));
            if closes {
                (0..=hashes).for_each(|_| self.keep());
                return;
            }
            self.blank();
        }
    }

    /// `'a'` and `'\n'` are characters; `'a` without a closing quote is a lifetime.
    fn pass_char_or_lifetime(&mut self) {
        let is_char = self.peek(1) == Some('\\') || self.peek(2) == Some('\'');
        if is_char { self.blank_string('\'') } else { self.keep() }
    }

    /// In JSX an apostrophe may be prose.
    fn closes_on_this_line(&self) -> bool {
        let rest = self.text.iter().skip(self.at + 1);
        rest.take_while(|c| **c != '\n').any(|c| *c == '\'')
    }
}

/// Whether `word` stands in `code` as a word of its own.
pub(crate) fn has_word(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Tree;

    fn masked(path: &str, text: &str) -> String {
        let tree = Tree::of(&[(path, text)]);
        code(&tree.files[0])
    }

    #[test]
    fn rust_keeps_code_and_lines_and_loses_prose() {
        let text = "a /* x /* y */ z */ b // c\nlet q: &'a str = \"d \\\" e\"; 'f'; r#\"g\"h\"#; i";
        let code = masked("x.rs", text);
        assert_eq!(code.lines().count(), 2);
        for gone in ["x", "y", "z", "c", "d", "e", "f", "g", "h"] {
            assert!(!has_word(&code, gone), "{gone} is left in {code}");
        }
        for kept in ["a", "b", "q", "i"] {
            assert!(has_word(&code, kept), "{kept} is gone from {code}");
        }
    }

    #[test]
    fn typescript_quotes_are_known_and_an_apostrophe_in_prose_hides_nothing() {
        let code = masked("x.tsx", "f('a', `b\n${c}`); // d\n<p>Don't</p>;\ng();");
        assert!(has_word(&code, "f") && has_word(&code, "g"));
        assert!(!has_word(&code, "a") && !has_word(&code, "b") && !has_word(&code, "d"));
    }

    #[test]
    fn a_word_is_not_found_inside_another() {
        assert!(has_word("do_send(x)", "do_send"));
        assert!(!has_word("try_do_send(x)", "do_send"));
    }
}
