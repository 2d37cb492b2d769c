//! What was found, and the two ways to tell it.

use std::fmt;

use serde::Serialize;

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Good,
    /// It works, and somebody should know about it.
    Careful,
    /// It does not work, or is not safe.
    Wrong,
}

/// What was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The variables.
    Configuration,
    /// The broker, and who answers there.
    Bus,
    /// The database and its tables.
    Store,
    /// The time of this machine.
    Clock,
    /// Who vouches for the broker.
    Certificates,
    /// The root key.
    Keys,
    /// What the system allows.
    Limits,
    /// A process that runs.
    Process,
}

impl Part {
    const fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Bus => "bus",
            Self::Store => "store",
            Self::Clock => "clock",
            Self::Certificates => "certificates",
            Self::Keys => "keys",
            Self::Limits => "limits",
            Self::Process => "process",
        }
    }
}

/// One thing that was found. It quotes no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Where.
    pub part: Part,
    /// How it is.
    pub state: State,
    /// What it is, in a sentence.
    pub says: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Finding {
    /// As it should be.
    pub(super) fn good(part: Part, says: impl Into<String>) -> Self {
        Self { part, state: State::Good, says: says.into(), remedy: None }
    }

    /// It works, but.
    pub(super) fn careful(part: Part, says: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { part, state: State::Careful, says: says.into(), remedy: Some(remedy.into()) }
    }

    /// It does not.
    pub(super) fn wrong(part: Part, says: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { part, state: State::Wrong, says: says.into(), remedy: Some(remedy.into()) }
    }
}

/// Everything that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The worst of it.
    pub state: State,
    /// In the order in which it was looked at.
    pub findings: Vec<Finding>,
}

impl Report {
    pub(super) fn new(findings: Vec<Finding>) -> Self {
        let worst = findings.iter().map(|finding| finding.state).max();
        Self { state: worst.unwrap_or(State::Good), findings }
    }

    /// As one JSON document on one line.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("text and names of variants are JSON")
    }
}

impl fmt::Display for Report {
    /// A line for each finding, and one for what to do about it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Finding { part, state, says, remedy } in &self.findings {
            let word = match state {
                State::Good => "good",
                State::Careful => "careful",
                State::Wrong => "WRONG",
            };
            writeln!(f, "{word:8} {:14} {says}", part.name())?;
            if let Some(remedy) = remedy {
                writeln!(f, "{:23} -> {remedy}", "")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_finding_is_the_state_of_all() {
        let good = Finding::good(Part::Bus, "answers");
        let careful = Finding::careful(Part::Limits, "few", "more");
        let wrong = Finding::wrong(Part::Store, "away", "start it");
        assert_eq!(Report::new(Vec::new()).state, State::Good);
        assert_eq!(Report::new(vec![careful.clone(), good.clone()]).state, State::Careful);
        assert_eq!(Report::new(vec![careful, wrong, good]).state, State::Wrong);
    }

    #[test]
    fn people_and_programs_are_told_the_same() {
        let report = Report::new(vec![Finding::wrong(Part::Store, "it is away", "start it")]);
        assert_eq!(
            report.to_string(),
            "WRONG    store          it is away\n                        -> start it\n"
        );
        assert_eq!(
            report.json(),
            r#"{"state":"wrong","findings":[{"part":"store","state":"wrong","says":"it is away","remedy":"start it"}]}"#
        );
    }
}
