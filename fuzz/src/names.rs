//! Whatever is text and means something: ids and the subjects made of them, names, searches,
//! passwords, and the cookies that are only digits.

use std::sync::LazyLock;

use actors_core::auth::credentials;
use actors_core::auth::keys::Keys;
use actors_core::auth::refresh::RefreshToken;
use bus_schemas::bus::{inbox, inbox_number};
use bus_schemas::chat::{self, BounceTag};
use bus_schemas::directory::searched;
use bus_schemas::id::{BusId, TraceId, UserId};
use bus_schemas::limit::{
    PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, SEARCH_CHARS_MAX, SEARCH_CHARS_MIN, TRACE_ID_CHARS_MAX,
    TRACE_ID_CHARS_MIN, USERNAME_CHARS_MAX, USERNAME_CHARS_MIN,
};
use bus_schemas::name::Username;
use bus_schemas::topic::Subject;

/// Whatever the bytes may be.
pub fn name(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    user_id(text);
    subjects(text);
    username(text);
    trace_id(text);
    search(text);
    cookies(text);
    if let Some((name, password)) = text.split_once('\n') {
        password_of(name, password);
    }
}

fn user_id(text: &str) {
    let Some(user) = UserId::parse(text) else { return };
    let token = user.token();
    assert!(token.len() == 32 && token.bytes().all(|b| b"0123456789abcdef".contains(&b)));
    assert_eq!(UserId::parse(&token), Some(user));
    assert_eq!(UserId::parse(&user.to_string()), Some(user));
    for subject in [
        chat::peer(user),
        chat::bulk(user),
        chat::presence(user).subject().clone(),
        chat::evict(user).subject().clone(),
    ] {
        assert_eq!(subject.as_str().split('.').count(), 3);
        assert!(!subject.as_str().contains(['*', '>', ' ', '\t', '\r', '\n']), "{subject:?}");
    }
}

fn subjects(text: &str) {
    let bus = BusId::from_bytes([0xb5; 16]);
    if let Some(tag) = chat::bounce_tag(&Subject::received(text)) {
        assert_eq!(chat::bounce_tag(&chat::bounce(bus, tag)), Some(tag));
        let BounceTag { slot, n } = tag;
        assert!(chat::bounce(bus, tag).as_str().ends_with(&format!(".{slot:x}.{n:x}")));
    }
    if let Some(n) = inbox_number(text) {
        assert_eq!(inbox_number(inbox("edge", bus, n).as_str()), Some(n));
    }
}

fn username(text: &str) {
    let Ok(name) = Username::parse(text) else { return };
    assert_eq!(name.as_str(), text, "a name is kept as it is written");
    assert!((USERNAME_CHARS_MIN..=USERNAME_CHARS_MAX).contains(&text.chars().count()));
    assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)));
    assert!(!text.starts_with(['_', '-']) && !text.ends_with(['_', '-']));
    let folded = Username::parse(&name.folded()).expect("the same name in small letters");
    assert_eq!(folded.folded(), name.folded());
}

fn trace_id(text: &str) {
    let Some(id) = TraceId::parse(text) else { return };
    assert_eq!(id.as_str(), text);
    assert!((TRACE_ID_CHARS_MIN..=TRACE_ID_CHARS_MAX).contains(&text.len()));
    assert!(text.bytes().all(|b| b.is_ascii_graphic()), "it stands in a header and in a log");
}

fn search(text: &str) {
    let Ok(part) = searched(text) else { return };
    assert!((SEARCH_CHARS_MIN..=SEARCH_CHARS_MAX).contains(&part.chars().count()));
    assert!(text.contains(part) && !part.starts_with(' ') && !part.ends_with(' '));
    assert_eq!(searched(part), Ok(part));
}

fn cookies(text: &str) {
    static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys::derive(&[7; 32]));
    if let Some(token) = RefreshToken::parse(text) {
        assert_eq!(token.text().expose(), text, "a token has one spelling");
        let successor = KEYS.successor(&token).text();
        assert_ne!(successor.expose(), text);
        assert!(RefreshToken::parse(successor.expose()).is_some());
    }
    if let Some(device) = KEYS.device(text, Some(1)) {
        assert_eq!(KEYS.device_cookie(&device, 1).expose(), text, "a cookie has one spelling");
        assert_eq!(KEYS.device(text, Some(2)), None);
    }
}

fn password_of(name: &str, password: &str) {
    let chosen = credentials::choose(name, password);
    let Ok(username) = credentials::read(name, password) else {
        return assert!(chosen.is_err(), "what may be chosen may be given");
    };
    assert!((PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&password.chars().count()));
    assert_eq!(username.as_str(), name);
    if chosen.is_ok() {
        let (password, name) = (password.to_lowercase(), username.folded());
        assert_ne!(password, name);
    }
}
