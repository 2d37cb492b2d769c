//! The policy on names and passwords.
//!
//! The order of the checks and their codes are those of the original, so that its client shows
//! the same texts.

use bus_schemas::fault::Code;
use bus_schemas::limit::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN};
use bus_schemas::name::Username;

/// Common passwords that every other rule lets pass, one a line, in lower case and sorted.
const COMMON: &str = include_str!("credentials/common.txt");

/// Credentials of the right form, for signing in as much as for registering.
pub fn read(username: &str, password: &str) -> Result<Username, Code> {
    let name = Username::parse(username);
    if name == Err(Code::ValidationUsernameLength) {
        return name;
    }
    if !(PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&password.chars().count()) {
        return Err(Code::ValidationPasswordLength);
    }
    let name = name?;
    let has = |kind: fn(char) -> bool| password.chars().any(kind);
    if !has(char::is_alphabetic) || !has(char::is_numeric) {
        return Err(Code::ValidationPasswordLatinDigit);
    }
    Ok(name)
}

/// Credentials that somebody may choose: of the right form, and not the first to be guessed.
///
/// Asked when a password is set and not when it is given: whoever chose it earlier may sign in.
pub fn choose(username: &str, password: &str) -> Result<Username, Code> {
    let name = read(username, password)?;
    let folded = password.to_lowercase();
    if folded == name.folded() || COMMON.lines().any(|common| common == folded) {
        return Err(Code::ValidationPasswordCommon);
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "tr0ub4dor and 3";

    #[test]
    fn cred1_the_first_broken_rule_in_the_original_s_order_is_told() {
        let told = |name, password| read(name, password).unwrap_err();
        assert_eq!(told("-", "x"), Code::ValidationUsernameLength);
        assert_eq!(told("-bob", "x"), Code::ValidationPasswordLength);
        assert_eq!(told("-bob", "letters only"), Code::ValidationUsernameChars);
        assert_eq!(told("bob", "letters only"), Code::ValidationPasswordLatinDigit);
        assert_eq!(read("bob", GOOD).unwrap().as_str(), "bob");
    }

    #[test]
    fn cred2_a_password_has_8_to_128_characters_and_not_bytes() {
        let password = |chars: usize| format!("{}7", "я".repeat(chars - 1));
        assert_eq!(read("bob", &password(7)), Err(Code::ValidationPasswordLength));
        assert!(read("bob", &password(8)).is_ok());
        assert!(read("bob", &password(128)).is_ok());
        assert_eq!(read("bob", &password(129)), Err(Code::ValidationPasswordLength));
    }

    #[test]
    fn cred3_a_password_has_a_letter_and_a_digit_of_any_script() {
        assert_eq!(read("bob", "1234567890"), Err(Code::ValidationPasswordLatinDigit));
        assert_eq!(read("bob", "abcdefghij"), Err(Code::ValidationPasswordLatinDigit));
        assert!(read("bob", "абвгдежз9").is_ok());
        assert!(read("bob", "abcdefgh٣").is_ok());
    }

    #[test]
    fn cred4_a_common_password_is_refused_when_chosen_and_taken_when_given() {
        for password in ["password1", "PassWord1", "1q2w3e4r", "пароль123"] {
            assert_eq!(choose("bob", password), Err(Code::ValidationPasswordCommon), "{password}");
            assert!(read("bob", password).is_ok());
        }
        assert!(choose("bob", GOOD).is_ok());
    }

    #[test]
    fn cred5_the_own_name_is_no_password() {
        assert_eq!(choose("Alice-1990", "aLICE-1990"), Err(Code::ValidationPasswordCommon));
        assert!(choose("Alice-1990", "aLICE-1991").is_ok());
    }

    #[test]
    fn cred4_the_list_holds_only_what_the_other_rules_let_pass() {
        let lines: Vec<&str> = COMMON.lines().collect();
        assert!(lines.len() >= 200, "{}", lines.len());
        assert!(lines.is_sorted_by(|a, b| a < b), "sorted, each once");
        for line in lines {
            assert!(read("alice", line).is_ok(), "{line} is refused by another rule");
            assert_eq!(line, line.to_lowercase());
        }
    }
}
