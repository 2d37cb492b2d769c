//! Calls to the directory: who people are and when they were last seen.

use serde::{Deserialize, Serialize};

use crate::fault::Code;
use crate::id::UserId;
use crate::limit::{SEARCH_CHARS_MAX, SEARCH_CHARS_MIN};
use crate::name::Username;
use crate::time::Timestamp;
use crate::topic::{Call, Topic};

/// A person as anybody may see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The account.
    pub id: UserId,
    /// Its name as its owner wrote it.
    pub username: Username,
}

/// A person as they see themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// The account.
    pub id: UserId,
    /// Its name.
    pub username: Username,
    /// Whether a public key is stored; without one the account cannot chat.
    pub has_identity_key: bool,
}

/// Asks about one user.
#[derive(Debug, Serialize, Deserialize)]
pub struct Who {
    /// Whom.
    pub user: UserId,
}

/// Asks for people by a part of their name.
#[derive(Debug, Serialize, Deserialize)]
pub struct Find {
    /// 2 characters at least; no character is a wildcard.
    pub query: String,
    /// 1 to 100.
    pub limit: u32,
}

/// What a search looks for: 2 to 100 characters once the spaces around them are gone. The longest
/// search is measured as it was written, so that nobody has to count spaces.
pub fn searched(query: &str) -> Result<&str, Code> {
    let part = query.trim_matches(' ');
    if part.is_empty() {
        return Err(Code::EmptyQuery);
    }
    if query.chars().count() > SEARCH_CHARS_MAX {
        return Err(Code::QueryTooLong);
    }
    if part.chars().count() < SEARCH_CHARS_MIN {
        return Err(Code::QueryTooShort);
    }
    Ok(part)
}

/// A user was active.
#[derive(Debug, Serialize, Deserialize)]
pub struct Seen {
    /// Who.
    pub user: UserId,
    /// When.
    pub at: Timestamp,
}

/// `directory.me`
#[must_use]
pub fn me() -> Call<Who, Me> {
    Call::new("directory.me")
}

/// `directory.who`
#[must_use]
pub fn who() -> Call<Who, Person> {
    Call::new("directory.who")
}

/// `directory.find`: ordered by folded name, the caller included.
#[must_use]
pub fn find() -> Call<Find, Vec<Person>> {
    Call::new("directory.find")
}

/// `directory.seen`
#[must_use]
pub fn seen() -> Topic<Seen> {
    Topic::new("directory.seen")
}
