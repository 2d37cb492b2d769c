//! The command line: what to do, and a flag for everything that can be configured.

use std::collections::HashMap;
use std::ffi::OsString;

use clap::{Arg, ArgMatches};

use crate::config::{Command, variables};

const COMMANDS: [(Command, &str); 4] = [
    (Command::Serve, "Everything in one process: web app, bus and database included (default)"),
    (Command::Edge, "Doors and Sessions; as many as wanted, joined by NATS"),
    (Command::Actors, "Accounts, keys and names; as many as wanted, joined by NATS"),
    (Command::Migrate, "Bring the database to the present schema, then end"),
];

/// What was asked for on the command line.
#[derive(Debug)]
pub struct Asked {
    /// What to do.
    pub command: Command,
    /// The flags, by the name of their variable.
    pub flags: HashMap<String, String>,
}

/// Reads the command line. The error is also how help and version are asked for.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Asked, clap::Error> {
    let matches = describe().try_get_matches_from(arguments)?;
    let (command, flags) = match matches.subcommand() {
        Some((name, inner)) => (by_name(name), flags(inner)),
        None => (Command::Serve, flags(&matches)),
    };
    Ok(Asked { command, flags })
}

fn describe() -> clap::Command {
    let commands = COMMANDS.map(|(command, about)| clap::Command::new(command.name()).about(about));
    clap::Command::new("dhchat")
        .about("An end-to-end-encrypted messenger for two people in a browser")
        .version(env!("CARGO_PKG_VERSION"))
        .args(arguments())
        .subcommands(commands)
}

/// Every flag works before and after the command.
fn arguments() -> impl Iterator<Item = Arg> {
    variables::ALL.iter().map(|variable| {
        let default = if variable.default.is_empty() { "none" } else { variable.default };
        Arg::new(variable.name)
            .long(variable.flag)
            .value_name("VALUE")
            .global(true)
            .help(format!("{} [{}, {default}]", variable.help, variable.name))
    })
}

fn by_name(name: &str) -> Command {
    let found = COMMANDS.iter().find(|(command, _)| command.name() == name);
    found.map_or(Command::Serve, |(command, _)| *command)
}

fn flags(matches: &ArgMatches) -> HashMap<String, String> {
    let given = |variable: &variables::Variable| {
        let value = matches.get_one::<String>(variable.name)?;
        Some((variable.name.to_owned(), value.clone()))
    };
    variables::ALL.iter().filter_map(given).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(arguments: &[&str]) -> Asked {
        parse(std::iter::once("dhchat").chain(arguments.iter().copied()).map(Into::into)).unwrap()
    }

    #[test]
    fn no_command_means_serve() {
        assert_eq!(asked(&[]).command, Command::Serve);
        assert_eq!(asked(&["edge"]).command, Command::Edge);
    }

    #[test]
    fn a_flag_stands_before_or_after_the_command() {
        for line in [["--listen", "[::]:80", "actors"], ["actors", "--listen", "[::]:80"]] {
            let asked = asked(&line);
            assert_eq!(asked.command, Command::Actors);
            assert_eq!(asked.flags["DHCHAT_LISTEN"], "[::]:80");
        }
    }

    #[test]
    fn an_unknown_word_is_an_error() {
        assert!(parse(["dhchat", "sing"].map(Into::into)).is_err());
        assert!(parse(["dhchat", "--sing"].map(Into::into)).is_err());
        describe().debug_assert();
    }
}
