//! Device cookies: they tell a browser that an account was signed in from before.
//!
//! Such a browser has guesses of its own, so that strangers who try a name do not make its owner
//! wait. A cookie admits nobody: without the password it is worth a few guesses. It is good for
//! the password that it was given for: whoever knew an older one may have collected several.
//!
//! ```text
//!   <user, 32 digits>.<nonce, 32 digits>.<HMAC-SHA-256, 64 digits>
//!
//!   HMAC-SHA-256 of    user ‖ nonce ‖ version of the password
//!             bytes     16      16      8
//! ```

use aws_lc_rs::hmac;
use bus_schemas::id::UserId;
use bus_schemas::secret::Secret;

/// Bytes of the nonce that tells one browser from another.
pub const NONCE_BYTES: usize = 16;
/// Bytes of what is signed.
const SIGNED_BYTES: usize = 16 + NONCE_BYTES + 8;
/// Bytes of the tag.
const TAG_BYTES: usize = 32;
/// Between the parts.
const SEPARATOR: char = '.';
/// A password that nobody has: the versions of real ones count up from 1.
const NO_PASSWORD: i64 = 0;

/// A browser that an account was signed in from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// The account.
    pub user: UserId,
    /// Which of its browsers.
    pub nonce: [u8; NONCE_BYTES],
}

impl Device {
    /// See [`super::keys::Keys::device_cookie`].
    pub(super) fn text(&self, key: &hmac::Key, password_version: i64) -> Secret<String> {
        let tag = hmac::sign(key, &self.signed(password_version));
        let (user, nonce) = (self.user.token(), hex::encode(self.nonce));
        Secret::new(format!("{user}{SEPARATOR}{nonce}{SEPARATOR}{}", hex::encode(tag)))
    }

    /// See [`super::keys::Keys::device`].
    pub(super) fn read(text: &str, key: &hmac::Key, password_version: Option<i64>) -> Option<Self> {
        let mut parts = text.split(SEPARATOR);
        let user = digits(parts.next()?)?;
        let nonce = digits(parts.next()?)?;
        let tag: [u8; TAG_BYTES] = digits(parts.next()?)?;
        if parts.next().is_some() {
            return None;
        }
        let device = Self { user: UserId::from_bytes(user), nonce };
        let signed = device.signed(password_version.unwrap_or(NO_PASSWORD));
        // Compared in constant time: how much of a tag is right is not to be measured.
        hmac::verify(key, &signed, &tag).ok()?;
        password_version.map(|_| device)
    }

    /// What is signed: each part has one length, so no two devices have the same bytes.
    fn signed(&self, password_version: i64) -> [u8; SIGNED_BYTES] {
        let mut bytes = [0; SIGNED_BYTES];
        let (user, rest) = bytes.split_at_mut(16);
        let (nonce, version) = rest.split_at_mut(NONCE_BYTES);
        user.copy_from_slice(self.user.as_bytes());
        nonce.copy_from_slice(&self.nonce);
        version.copy_from_slice(&password_version.to_be_bytes());
        bytes
    }
}

/// Lower-case hexadecimal digits of exactly so many bytes: each cookie has one spelling.
fn digits<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    (!text.bytes().any(|digit| digit.is_ascii_uppercase())).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::keys::Keys;

    const ALICE: Device = Device { user: UserId::from_bytes([1; 16]), nonce: [2; NONCE_BYTES] };
    /// The version of Alice's password.
    const PRESENT: i64 = 3;

    fn keys() -> Keys {
        Keys::derive(&[7; 32])
    }

    #[test]
    fn dev1_a_cookie_reads_back_with_its_account_and_its_browser() {
        let cookie = keys().device_cookie(&ALICE, PRESENT);
        assert_eq!(keys().device(cookie.expose(), Some(PRESENT)), Some(ALICE));
        let begins = format!("{}.{}.", "01".repeat(16), "02".repeat(16));
        assert!(cookie.expose().starts_with(&begins));
        assert_eq!(cookie.expose().len(), begins.len() + 64);
    }

    #[test]
    fn dev2_a_cookie_that_was_changed_or_made_elsewhere_is_none() {
        let cookie = keys().device_cookie(&ALICE, PRESENT);
        assert_eq!(Keys::derive(&[8; 32]).device(cookie.expose(), Some(PRESENT)), None);
        for (at, byte) in cookie.expose().bytes().enumerate() {
            let mut changed = cookie.expose().clone().into_bytes();
            changed[at] = if byte == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(keys().device(&changed, Some(PRESENT)), None, "digit {at}");
        }
    }

    #[test]
    fn dev2_what_has_another_shape_is_none() {
        let cookie = keys().device_cookie(&ALICE, PRESENT);
        let cookie = cookie.expose();
        let mut parts = cookie.split('.');
        let [user, nonce, tag] = [(); 3].map(|()| parts.next().unwrap());
        for wrong in [
            String::new(),
            "é".repeat(32),
            "..".to_owned(),
            format!("{user}.{nonce}"),
            format!("{user}.{nonce}."),
            format!("{cookie}."),
            format!("{cookie}.00"),
            format!(" {cookie}"),
            format!("{user}{nonce}..{tag}"),
            format!("{nonce}.{user}.{tag}"),
            cookie.to_uppercase(),
        ] {
            assert_eq!(keys().device(&wrong, Some(PRESENT)), None, "{wrong}");
        }
    }

    #[test]
    fn dev3_no_two_browsers_have_one_cookie() {
        let cookie = keys().device_cookie(&ALICE, PRESENT);
        let other_browser = Device { nonce: [3; NONCE_BYTES], ..ALICE };
        assert_ne!(keys().device_cookie(&other_browser, PRESENT), cookie);
        let other_account = Device { user: UserId::from_bytes([9; 16]), ..ALICE };
        assert_ne!(keys().device_cookie(&other_account, PRESENT), cookie);
        // The key serves this purpose alone: no other tag of ours passes for one.
        let peppered = keys().pepper(&Secret::new("correct horse 1".to_owned()));
        assert!(!cookie.expose().contains(peppered.expose()));
    }

    #[test]
    fn dev4_a_cookie_is_good_for_the_password_that_it_was_given_for() {
        let cookie = keys().device_cookie(&ALICE, PRESENT);
        for version in [1, PRESENT - 1, PRESENT + 1, PRESENT << 8, i64::MIN | PRESENT] {
            assert_eq!(keys().device(cookie.expose(), Some(version)), None, "{version}");
            assert_ne!(keys().device_cookie(&ALICE, version), cookie, "{version}");
        }
        assert_eq!(keys().device(cookie.expose(), Some(PRESENT)), Some(ALICE));
    }

    #[test]
    fn dev5_without_an_account_no_cookie_is_good_not_even_one_that_reads_well() {
        for version in [NO_PASSWORD, 1, PRESENT] {
            let cookie = keys().device_cookie(&ALICE, version);
            assert_eq!(keys().device(cookie.expose(), None), None, "{version}");
        }
    }
}
