//! Values that must not be seen: passwords and tokens.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// A secret: prints nothing, is wiped on drop, and is read only by [`Secret::expose`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Wraps a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself; the name makes each use easy to find.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// For `#[serde(with = …)]` on a secret that may never be written where its holder may: it is
/// written as nothing, and read as an empty one.
pub mod withheld {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Secret;

    /// Writes that there was one.
    pub fn serialize<S: Serializer>(_: &Secret<String>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_unit()
    }

    /// An empty secret.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Secret<String>, D::Error> {
        <()>::deserialize(from)?;
        Ok(Secret::new(String::new()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire3_a_secret_prints_nothing() {
        let secret = Secret::new("correct horse".to_owned());
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }
}
