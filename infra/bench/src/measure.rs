//! One figure, as every program that measures here prints it: one JSON object, or an array of them,
//! on one line.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A figure.
#[expect(clippy::struct_field_names, reason = "the names are those of the JSON")]
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Measure {
    /// What was measured, in kebab case.
    pub(crate) measure: String,
    /// What it is counted in.
    pub(crate) unit: String,
    pub(crate) value: f64,
    /// Whatever else was seen.
    #[serde(default)]
    pub(crate) details: Value,
}

impl Measure {
    pub(crate) fn new(measure: &str, unit: &str, value: f64, details: Value) -> Self {
        Self { measure: measure.to_owned(), unit: unit.to_owned(), value, details }
    }
}
