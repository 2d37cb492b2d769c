//! A figure and its limit: told on one line, then held.

use std::io::Write;

use serde_json::json;

/// How many of something there were for each frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PerFrame {
    pub(crate) measure: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) count: u64,
    pub(crate) frames: u64,
    /// In hundredths, so that nothing here is rounded.
    pub(crate) hundredths_max: u64,
}

impl PerFrame {
    /// Tells it as one line of JSON, and fails if it is above its limit.
    pub(crate) fn hold(self, details: &serde_json::Value) {
        let Self { measure, unit, count, frames, hundredths_max } = self;
        let hundredths = count * 100 / frames;
        let value = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        let value: serde_json::Value = serde_json::from_str(&value).unwrap();
        let told = json!({
            "measure": measure, "unit": unit, "value": value,
            "details": { "count": count, "frames": frames, "more": details },
        });
        // Not being able to tell it is no failure.
        drop(writeln!(std::io::stderr(), "{told}"));
        assert!(
            hundredths <= hundredths_max,
            "{measure}: {value} {unit} a frame are more than {}.{:02}",
            hundredths_max / 100,
            hundredths_max % 100
        );
    }
}
