//! Usernames: parsed once at the door, then trusted.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fault::Code;
use crate::limit::{USERNAME_CHARS_MAX, USERNAME_CHARS_MIN};

/// A name of 3 to 32 of `[A-Za-z0-9_-]`, the first and the last a letter or a digit.
///
/// It keeps the spelling that its owner chose; [`Username::folded`] is what makes it unique.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Username(String);

impl Username {
    /// Checks the length, then the characters; the code says which rule is broken.
    pub fn parse(text: &str) -> Result<Self, Code> {
        if !(USERNAME_CHARS_MIN..=USERNAME_CHARS_MAX).contains(&text.len()) {
            return Err(Code::ValidationUsernameLength);
        }
        let inside = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        let at_end = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
        let bytes = text.as_bytes();
        if !bytes.iter().all(|b| inside(*b)) || !at_end(bytes.first()) || !at_end(bytes.last()) {
            return Err(Code::ValidationUsernameChars);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as its owner wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name without regard to case: `Bob` and `bob` are one user.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl fmt::Debug for Username {
    /// Names stay out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Username({} characters)", self.0.len())
    }
}

impl TryFrom<String> for Username {
    type Error = Code;

    fn try_from(text: String) -> Result<Self, Code> {
        Self::parse(&text)
    }
}

impl From<Username> for String {
    fn from(name: Username) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire2_a_username_has_3_to_32_characters_and_plain_ends() {
        assert!(Username::parse("bob").is_ok());
        assert!(Username::parse(&"a".repeat(32)).is_ok());
        assert!(Username::parse("a_-9").is_ok());
        let length = [String::new(), "ab".to_owned(), "a".repeat(33)];
        assert!(length.iter().all(|n| Username::parse(n) == Err(Code::ValidationUsernameLength)));
        let characters = ["-bob", "bob_", "b b", "боб", "a.b", "a*b", "a\nb"];
        assert!(
            characters.iter().all(|n| Username::parse(n) == Err(Code::ValidationUsernameChars))
        );
    }

    #[test]
    fn wire2_a_username_is_unique_without_regard_to_case() {
        assert_eq!(
            Username::parse("Bob").unwrap().folded(),
            Username::parse("bOB").unwrap().folded()
        );
    }
}
