//! Wall-clock moments as clients read them: `2026-11-26T03:07:00Z`.

use bus_schemas::time::Timestamp;
use serde::ser::Error;
use serde::{Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known;

/// A moment that is written as RFC 3339, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rfc3339(pub(super) Timestamp);

impl Serialize for Rfc3339 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let moment = OffsetDateTime::from_unix_timestamp(self.0.0).map_err(S::Error::custom)?;
        let text = moment.format(&well_known::Rfc3339).map_err(S::Error::custom)?;
        serializer.serialize_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_utc() {
        let written = serde_json::to_string(&Rfc3339(Timestamp(1_764_126_420))).unwrap();
        assert_eq!(written, "\"2025-11-26T03:07:00Z\"");
        assert!(serde_json::to_string(&Rfc3339(Timestamp(i64::MAX))).is_err());
    }
}
