//! The policy on names and passwords.
//!
//! The order of the checks and their codes are those of the original, so that its client shows
//! the same texts. A password is taken as it comes, character by character: that it has one
//! spelling on every keyboard (NFC) is seen to by the browser, which also seals keys under it.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use bus_schemas::fault::Code;
use bus_schemas::limit::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN};
use bus_schemas::name::Username;

/// Common passwords that every other rule lets pass, one a line, in lower case and sorted: those
/// of leaked lists as the estimator zxcvbn ranks them (MIT), common words with common ends, and
/// what the name of this service suggests. Strangers may try about a hundred a day, so thousands
/// cost them weeks before they reach anything else.
const COMMON: &str = include_str!("credentials/common.txt");
/// Characters that a password has beside one's own name, at least: fewer are tried in an hour.
const BESIDE_NAME_CHARS_MIN: usize = 5;

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
    let password = password.to_lowercase();
    if is_common(&password) || is_name(&password, &name.folded()) {
        return Err(Code::ValidationPasswordCommon);
    }
    Ok(name)
}

/// Whether a password is on the list as it stands, in a spelling that everybody knows, or with
/// signs around it.
fn is_common(password: &str) -> bool {
    static FOLDED: LazyLock<BTreeSet<String>> =
        LazyLock::new(|| COMMON.lines().map(fold).collect());
    let bare = password.trim_matches(|c: char| !c.is_alphanumeric());
    [password, bare].iter().any(|spelling| FOLDED.contains(&fold(spelling)))
}

/// The same text for every spelling with the usual signs and digits in place of letters. What is
/// told apart no more (`l` and `i`, say) are passwords that one guesser tries one after the other.
fn fold(text: &str) -> String {
    let letter = |c| match c {
        '@' | '4' => 'a',
        '3' => 'e',
        'l' | '1' | '!' | '|' => 'i',
        '0' => 'o',
        '5' | '$' => 's',
        '7' | '+' => 't',
        other => other,
    };
    text.chars().map(letter).collect()
}

/// Whether a password is one's own name and little else.
fn is_name(password: &str, name: &str) -> bool {
    let beside: usize = password.split(name).map(|part| part.chars().count()).sum();
    password.contains(name) && beside < BESIDE_NAME_CHARS_MIN
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
    fn cred4_a_common_password_in_a_known_spelling_is_refused_as_well() {
        for password in ["P@ssw0rd1", "pa55w0rd1!", "**Password1**", "1LOVEY0U1", "trustn0one1"] {
            let common = choose("bob", password) == Err(Code::ValidationPasswordCommon);
            assert_eq!(common, password != "trustn0one1", "{password}");
        }
        let unknown_end = choose("bob", "password1 of a horse");
        assert!(unknown_end.is_ok(), "a common word within is no common password");
    }

    #[test]
    fn cred4_the_most_common_passwords_that_were_ever_leaked_are_on_the_list() {
        for password in ["1qaz2wsx", "trustno1", "q1w2e3r4t5", "12qwaszx", "blink182", "ncc1701d"] {
            assert_eq!(choose("bob", password), Err(Code::ValidationPasswordCommon), "{password}");
        }
    }

    #[test]
    fn cred5_the_own_name_and_little_else_is_no_password() {
        for password in ["aLICE-1990", "alice-19901", "1Alice-1990!", "alice-1990alice-1990"] {
            let refused = choose("Alice-1990", password);
            assert_eq!(refused, Err(Code::ValidationPasswordCommon), "{password}");
        }
        assert!(choose("Alice-1990", "aLICE-1991").is_ok());
        assert!(choose("Alice", "alice 1234").is_ok(), "enough beside it");
        assert_eq!(choose("Alice", "alice 123"), Err(Code::ValidationPasswordCommon));
    }

    #[test]
    fn cred4_the_list_holds_only_what_the_other_rules_let_pass() {
        let lines: Vec<&str> = COMMON.lines().collect();
        assert!(lines.len() >= 6_000, "{}", lines.len());
        assert!(lines.is_sorted_by(|a, b| a < b), "sorted, each once");
        for line in lines {
            assert!(read("alice", line).is_ok(), "{line} is refused by another rule");
            assert_eq!(line, line.to_lowercase());
        }
    }
}
