//! People by a part of their name.

use bus_schemas::directory::{Find, Person};
use bus_schemas::fault::Code;
use bus_schemas::limit::{
    SEARCH_BYTES_MAX, SEARCH_CHARS_MIN, SEARCH_PAGE_DEFAULT, SEARCH_PAGE_MAX,
};

use super::Directory;

impl Directory {
    pub(super) async fn find(&self, asked: Find) -> Result<Vec<Person>, Code> {
        let part = searched(&asked.query)?;
        Ok(self.store.find(&part, page(asked.limit)).await?)
    }
}

/// What is looked for: without regard to case and to blanks around it.
fn searched(query: &str) -> Result<String, Code> {
    let trimmed = query.trim();
    if trimmed.is_empty() {
        return Err(Code::EmptyQuery);
    }
    if trimmed.len() > SEARCH_BYTES_MAX {
        return Err(Code::QueryTooLong);
    }
    if trimmed.chars().count() < SEARCH_CHARS_MIN {
        return Err(Code::QueryTooShort);
    }
    Ok(trimmed.to_lowercase())
}

/// A page of the asked size, or of the usual one if that is none.
fn page(limit: u32) -> u32 {
    if (1..=SEARCH_PAGE_MAX).contains(&limit) { limit } else { SEARCH_PAGE_DEFAULT }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dir3_a_search_has_2_characters_and_at_most_100_bytes_after_trimming() {
        assert_eq!(searched("  \t"), Err(Code::EmptyQuery));
        assert_eq!(searched(" a "), Err(Code::QueryTooShort));
        assert_eq!(searched("я"), Err(Code::QueryTooShort), "characters, not bytes");
        assert_eq!(searched(" Al ").as_deref(), Ok("al"));
        assert!(searched(&"a".repeat(100)).is_ok());
        assert_eq!(searched(&"a".repeat(101)), Err(Code::QueryTooLong));
    }

    #[test]
    fn dir4_a_page_has_1_to_100_people_and_20_if_asked_for_another_size() {
        assert_eq!([0, 1, 100, 101].map(page), [20, 1, 100, 20]);
    }
}
