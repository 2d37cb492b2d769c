//! The process `dhchat`: read the command line and the configuration, run, give an exit code.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use edge::config::variables::{Environment, First, Variables};
use edge::config::{Command, Config};
use edge::doctor::{self, Form, State};
use edge::{capture, cli, compose, replay, telemetry};

/// Nothing was started: the command line or the configuration cannot be used.
const UNUSABLE: u8 = 2;

fn main() -> ExitCode {
    let asked = match cli::parse(std::env::args_os()) {
        Ok(asked) => asked,
        // Help and version are errors of this kind as well, with an exit code of their own.
        Err(error) => error.exit(),
    };
    let variables = First(asked.flags, Environment);
    match asked.what {
        cli::What::Run(command) => run(command, &variables),
        cli::What::Capture(options) => match capture::run(&options, &variables) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => complain(&error, 1),
        },
        cli::What::Replay(options) => match replay::run(&options, &variables) {
            Ok(replay::Outcome::Same) => ExitCode::SUCCESS,
            Ok(replay::Outcome::Differs) => ExitCode::FAILURE,
            Err(error) => complain(&error, UNUSABLE),
        },
        cli::What::Doctor(options) => match examine(&options, &variables) {
            Ok(State::Good | State::Careful) => ExitCode::SUCCESS,
            Ok(State::Wrong) => ExitCode::FAILURE,
            Err(error) => complain(&error, UNUSABLE),
        },
    }
}

/// Tells what is found on the standard output.
fn examine(options: &doctor::Options, variables: &dyn Variables) -> io::Result<State> {
    let report = doctor::run(options, variables)?;
    let mut out = io::stdout();
    match options.form {
        Form::Words => write!(out, "{report}")?,
        Form::Json => writeln!(out, "{}", report.json())?,
    }
    Ok(report.state)
}

fn run(command: Command, variables: &dyn Variables) -> ExitCode {
    let config = match Config::load(command, variables) {
        Ok(config) => config,
        Err(faults) => return complain(&faults, UNUSABLE),
    };
    if let Err(error) = telemetry::log(&config.observe) {
        return complain(&error, UNUSABLE);
    }
    match compose::run(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Says what is wrong where there is no log yet.
fn complain(what: &dyn Display, code: u8) -> ExitCode {
    // Whoever closed the standard error hears the exit code.
    drop(writeln!(io::stderr(), "dhchat: {what}"));
    ExitCode::from(code)
}
