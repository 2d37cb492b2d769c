//! `dhchat doctor`: says in plain words what is wrong with a set-up before it runs, or whether the
//! process beside it is well.
//!
//! What there is to see is looked at in `look` and `health`; what it means is decided in `judge`,
//! which asks nobody. Nothing is changed, started or made.

mod certificate;
mod health;
mod judge;
mod look;
mod report;
mod shown;

use std::io;

pub use report::{Finding, Part, Report, State};
pub use shown::Source;

use crate::config::variables::Variables;
use crate::config::{Command, Config};

/// Whom to look at, and how to tell.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whom.
    pub patient: Patient,
    /// Where the certificate is that browsers are shown, if it is to be looked at.
    pub source: Option<Source>,
    /// How.
    pub form: Form,
}

/// Whom to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patient {
    /// What this command would find if it was started with these variables.
    SetUp(Command),
    /// The process that runs beside this one, whichever command it is.
    Running,
}

/// How to tell what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Words,
    /// For programs.
    Json,
}

/// Looks and judges.
pub fn run(options: &Options, variables: &dyn Variables) -> io::Result<Report> {
    let command = match options.patient {
        Patient::Running => return Ok(judge::running(&health::ask(variables))),
        Patient::SetUp(command) => command,
    };
    match Config::load(command, variables) {
        // With settings that cannot be used there is nothing to look at.
        Err(faults) => Ok(judge::faults(&faults)),
        Ok(config) => Ok(judge::set_up(&config, &look::look(&config, options.source.as_ref())?)),
    }
}
