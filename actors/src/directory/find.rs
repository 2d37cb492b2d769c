//! People by a part of their name.

use bus_schemas::directory::{Find, Person, searched};
use bus_schemas::fault::Code;
use bus_schemas::limit::{SEARCH_PAGE_DEFAULT, SEARCH_PAGE_MAX};

use super::Directory;

impl Directory {
    pub(super) async fn find(&self, asked: Find) -> Result<Vec<Person>, Code> {
        let part = searched(&asked.query)?.to_lowercase();
        if !part.bytes().all(is_of_names) {
            return Ok(Vec::new());
        }
        Ok(self.store.find(&part, page(asked.limit)).await?)
    }
}

/// Whether a folded name can have it. Nobody is called by anything else, and a store need not be
/// asked what it makes of a zero byte.
const fn is_of_names(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-'
}

/// A page of the asked size, or of the usual one if that is none.
fn page(limit: u32) -> u32 {
    if (1..=SEARCH_PAGE_MAX).contains(&limit) { limit } else { SEARCH_PAGE_DEFAULT }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dir3_a_search_has_2_to_100_characters_without_the_spaces_around_it() {
        assert_eq!(searched("   "), Err(Code::EmptyQuery));
        assert_eq!(searched(" a "), Err(Code::QueryTooShort));
        assert_eq!(searched("я"), Err(Code::QueryTooShort), "characters, not bytes");
        assert_eq!(searched(" Al "), Ok("Al"));
        assert!(searched(&"я".repeat(100)).is_ok());
        assert_eq!(searched(&"a".repeat(101)), Err(Code::QueryTooLong));
        assert_eq!(searched(&format!(" {}", "a".repeat(100))), Err(Code::QueryTooLong));
    }

    #[test]
    fn dir3_only_what_a_name_can_have_is_looked_for() {
        assert!("az09_-".bytes().all(is_of_names));
        assert!(!"\0 %A.я".bytes().any(is_of_names));
    }

    #[test]
    fn dir4_a_page_has_1_to_100_people_and_20_if_asked_for_another_size() {
        assert_eq!([0, 1, 100, 101].map(page), [20, 1, 100, 20]);
    }
}
