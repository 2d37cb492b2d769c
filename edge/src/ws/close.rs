//! Why a socket closes, as a close code: one table for both doors.

use actors_core::session::Close;
use bus_schemas::fault::Code;
use bus_schemas::frame::Door;

/// The codes of RFC 6455 and its registry that are used here.
mod registered {
    pub(super) const NORMAL: u16 = 1000;
    pub(super) const INVALID_PAYLOAD: u16 = 1007;
    pub(super) const POLICY: u16 = 1008;
    pub(super) const INTERNAL: u16 = 1011;
    pub(super) const RESTART: u16 = 1012;
    pub(super) const TRY_AGAIN_LATER: u16 = 1013;
}

/// The codes of the binary door, which mirror HTTP.
mod ours {
    pub(super) const MALFORMED: u16 = 4400;
    pub(super) const NOT_AUTHENTICATED: u16 = 4401;
    pub(super) const SLOW_READER: u16 = 4408;
    pub(super) const SUPERSEDED: u16 = 4409;
    pub(super) const TOO_LARGE: u16 = 4413;
    pub(super) const TOO_MANY: u16 = 4429;
}

/// The code and the words that a client of this door hears.
#[must_use]
pub const fn close_code(door: Door, why: Close) -> (u16, &'static str) {
    let (text, binary, reason) = table(why);
    match door {
        Door::Text => (text, reason),
        Door::Binary => (binary, reason),
    }
}

/// Text door, binary door, words.
const fn table(why: Close) -> (u16, u16, &'static str) {
    use ours::{MALFORMED, NOT_AUTHENTICATED, SLOW_READER, SUPERSEDED, TOO_LARGE, TOO_MANY};
    use registered::{INTERNAL, INVALID_PAYLOAD, NORMAL, POLICY, RESTART, TRY_AGAIN_LATER};
    match why {
        Close::Normal => (NORMAL, NORMAL, ""),
        Close::AuthenticationRequired => (POLICY, NOT_AUTHENTICATED, "authentication required"),
        Close::InvalidAuthPayload => (INVALID_PAYLOAD, NOT_AUTHENTICATED, "invalid auth payload"),
        Close::AuthTimeout => (POLICY, NOT_AUTHENTICATED, "authentication timed out"),
        Close::NotAuthenticated(code) => (POLICY, NOT_AUTHENTICATED, not_authenticated(code)),
        Close::Moved => (POLICY, NORMAL, "moved to another connection"),
        Close::Superseded => (POLICY, SUPERSEDED, "opened elsewhere"),
        Close::MalformedFrame => (INVALID_PAYLOAD, MALFORMED, "malformed frame"),
        Close::FrameTooLarge => (POLICY, TOO_LARGE, "frame too large"),
        Close::TooManyFrames => (POLICY, TOO_MANY, "too many frames"),
        Close::SlowReader => (POLICY, SLOW_READER, "reads too slowly"),
        Close::BusAway => (TRY_AGAIN_LATER, TRY_AGAIN_LATER, "try again later"),
        Close::GoingAway => (RESTART, RESTART, "connect again"),
        Close::Internal => (INTERNAL, INTERNAL, "internal error"),
    }
}

/// The words of the original where it has some.
const fn not_authenticated(code: Code) -> &'static str {
    if matches!(code, Code::TokenRevoked) {
        "token revoked"
    } else if matches!(code, Code::TokenExpired) {
        "token expired"
    } else {
        "invalid token"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_door_uses_only_the_codes_of_the_original() {
        for why in Close::ALL {
            let (code, reason) = close_code(Door::Text, *why);
            assert!([1000, 1007, 1008, 1011, 1012, 1013].contains(&code), "{why:?}");
            assert!(reason.len() <= 123, "{why:?}");
        }
    }

    #[test]
    fn the_binary_door_mirrors_http() {
        let code = |why| close_code(Door::Binary, why).0;
        assert_eq!(code(Close::NotAuthenticated(Code::TokenRevoked)), 4401);
        assert_eq!(code(Close::FrameTooLarge), 4413);
        assert_eq!(code(Close::BusAway), 1013);
        for why in Close::ALL {
            assert!(
                [1000, 1011, 1012, 1013].contains(&code(*why))
                    || (4400..4500).contains(&code(*why))
            );
        }
    }
}
