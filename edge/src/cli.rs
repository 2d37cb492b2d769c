//! The command line: what to do, and a flag for everything that can be configured.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::PathBuf;

use bus_schemas::capture::Bodies;
use bus_schemas::capture::ask::{CAPTURE_MS_MAX, USERS_MAX};
use bus_schemas::id::UserId;
use bus_schemas::secret::Secret;
use clap::{Arg, ArgAction, ArgMatches, value_parser};

use crate::config::{Command, PublicUrl, variables};
use crate::doctor::{self, Form, Patient, Source};
use crate::{capture, replay};

const COMMANDS: [(Command, &str); 4] = [
    (Command::Serve, "Everything in one process: web app, bus and database included (default)"),
    (Command::Edge, "Doors and Sessions; as many as wanted, joined by NATS"),
    (Command::Actors, "Accounts, keys and names; as many as wanted, joined by NATS"),
    (Command::Migrate, "Bring the database to the present schema, then end"),
];

const CAPTURE: &str = "capture";
const REPLAY: &str = "replay";
const DOCTOR: &str = "doctor";
/// Their arguments.
const FILE: &str = "file";
const SECONDS: &str = "seconds";
const USER: &str = "user";
const CIPHERTEXT: &str = "with-ciphertext";
const SHOW: &str = "show";
const BUS: &str = "bus";
const SPEED: &str = "speed";
const OF: &str = "command";
const RUNNING: &str = "running";
const JSON: &str = "json";
const URL: &str = "url";
const CERTIFICATE: &str = "certificate";

/// What was asked for on the command line.
#[derive(Debug)]
pub struct Asked {
    /// What to do.
    pub what: What,
    /// The flags, by the name of their variable.
    pub flags: HashMap<String, String>,
}

/// What to do.
#[derive(Clone, Debug)]
pub enum What {
    /// Run a part of the chat.
    Run(Command),
    /// Record edges, for a developer.
    Capture(capture::Options),
    /// Hold what was recorded against the machine.
    Replay(replay::Options),
    /// Say what is wrong.
    Doctor(doctor::Options),
}

/// Reads the command line. The error is also how help and version are asked for.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Asked, clap::Error> {
    let matches = describe().try_get_matches_from(arguments)?;
    let (what, flags) = match matches.subcommand() {
        Some((CAPTURE, inner)) => (What::Capture(capture_options(inner)), flags(inner)),
        Some((REPLAY, inner)) => (What::Replay(replay_options(inner)), flags(inner)),
        Some((DOCTOR, inner)) => (What::Doctor(doctor_options(inner)), flags(inner)),
        Some((name, inner)) => (What::Run(by_name(name)), flags(inner)),
        None => (What::Run(Command::Serve), flags(&matches)),
    };
    Ok(Asked { what, flags })
}

fn describe() -> clap::Command {
    let commands = COMMANDS.map(|(command, about)| clap::Command::new(command.name()).about(about));
    clap::Command::new("dhchat")
        .about("An end-to-end-encrypted messenger for two people in a browser")
        .version(env!("CARGO_PKG_VERSION"))
        .args(arguments())
        .subcommands(commands)
        .subcommands([describe_doctor(), describe_capture(), describe_replay()])
}

fn describe_doctor() -> clap::Command {
    let flag = |name, help| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    clap::Command::new(DOCTOR)
        .about("Say in plain words what is wrong with settings, bus, store, clock and limits")
        .arg(
            Arg::new(OF)
                .value_name("COMMAND")
                .value_parser(COMMANDS.map(|(command, _)| command.name()))
                .default_value(Command::Serve.name())
                .help("Which command is to be started with these settings"),
        )
        .arg(
            flag(RUNNING, "Ask the process that runs here whether it is ready, and nothing else")
                .conflicts_with(OF),
        )
        .arg(
            Arg::new(URL)
                .long(URL)
                .value_parser(over_tls)
                .conflicts_with_all([RUNNING, CERTIFICATE])
                .help("Look at the certificate that browsers are shown at this address as well"),
        )
        .arg(
            Arg::new(CERTIFICATE)
                .long(CERTIFICATE)
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .conflicts_with(RUNNING)
                .help("Look at the certificate in this file of the proxy as well (fullchain.pem)"),
        )
        .arg(flag(JSON, "Answer as one JSON document"))
}

/// An address that browsers reach over TLS.
fn over_tls(text: &str) -> Result<PublicUrl, String> {
    let wanted = || "expected an address such as https://chat.example.org".to_owned();
    PublicUrl::parse(text).ok().filter(PublicUrl::is_https).ok_or_else(wanted)
}

fn describe_capture() -> clap::Command {
    let user = |text: &str| UserId::parse(text).ok_or("expected the id of a user, a UUID");
    clap::Command::new(CAPTURE)
        .about(
            "For developers: record what edges do into a file (edges need DHCHAT_CAPTURE=allowed)",
        )
        .arg(file("The file; it must not exist"))
        .arg(
            Arg::new(SECONDS)
                .long(SECONDS)
                .value_parser(value_parser!(u64).range(1..=CAPTURE_MS_MAX / 1_000))
                .default_value("60")
                .help("How long at most; SIGINT ends it sooner"),
        )
        .arg(
            Arg::new(USER)
                .long(USER)
                .value_name("ID")
                .value_parser(user)
                .num_args(1..=USERS_MAX)
                .action(ArgAction::Append)
                .help("Record only what concerns this user; may be repeated"),
        )
        .arg(
            Arg::new(CIPHERTEXT)
                .long(CIPHERTEXT)
                .action(ArgAction::SetTrue)
                .help("Keep ciphertext; without it random bytes of the same length are recorded"),
        )
}

fn describe_replay() -> clap::Command {
    clap::Command::new(REPLAY)
        .about("For developers: does the machine do again what it did while a file was recorded?")
        .arg(file("The file"))
        .arg(Arg::new(SHOW).long(SHOW).action(ArgAction::SetTrue).help("Print what was recorded"))
        .arg(
            Arg::new(BUS)
                .long(BUS)
                .value_name("URL")
                .help("Say and ask again what was said and asked, on this bus, as the user edge"),
        )
        .arg(
            Arg::new(SPEED)
                .long(SPEED)
                .value_parser(value_parser!(u32).range(1..=1_000))
                .default_value("1")
                .requires(BUS)
                .help("How many times as fast"),
        )
}

fn file(help: &'static str) -> Arg {
    Arg::new(FILE).value_name("FILE").required(true).value_parser(value_parser!(PathBuf)).help(help)
}

fn doctor_options(matches: &ArgMatches) -> doctor::Options {
    let patient = if matches.get_flag(RUNNING) {
        Patient::Running
    } else {
        Patient::SetUp(by_name(&one::<String>(matches, OF)))
    };
    let form = if matches.get_flag(JSON) { Form::Json } else { Form::Words };
    let address = matches.get_one(URL).cloned().map(Source::Address);
    let source = address.or_else(|| matches.get_one(CERTIFICATE).cloned().map(Source::File));
    doctor::Options { patient, source, form }
}

fn capture_options(matches: &ArgMatches) -> capture::Options {
    let users = matches.get_many::<UserId>(USER).unwrap_or_default().copied().collect();
    let bodies = if matches.get_flag(CIPHERTEXT) { Bodies::Kept } else { Bodies::Random };
    capture::Options { file: path(matches), seconds: one(matches, SECONDS), users, bodies }
}

fn replay_options(matches: &ArgMatches) -> replay::Options {
    replay::Options {
        file: path(matches),
        transcript: if matches.get_flag(SHOW) {
            replay::Transcript::Shown
        } else {
            replay::Transcript::Hidden
        },
        bus: matches.get_one::<String>(BUS).cloned().map(Secret::new),
        speed: one(matches, SPEED),
    }
}

fn path(matches: &ArgMatches) -> PathBuf {
    one(matches, FILE)
}

fn one<T: Clone + Send + Sync + 'static>(matches: &ArgMatches, name: &str) -> T {
    matches.get_one::<T>(name).cloned().expect("it is required, or has a default")
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

    fn command(asked: &Asked) -> Command {
        let What::Run(command) = asked.what else { panic!("no part of the chat: {asked:?}") };
        command
    }

    #[test]
    fn no_command_means_serve() {
        assert_eq!(command(&asked(&[])), Command::Serve);
        assert_eq!(command(&asked(&["edge"])), Command::Edge);
    }

    #[test]
    fn a_flag_stands_before_or_after_the_command() {
        for line in [["--listen", "[::]:80", "actors"], ["actors", "--listen", "[::]:80"]] {
            let asked = asked(&line);
            assert_eq!(command(&asked), Command::Actors);
            assert_eq!(asked.flags["DHCHAT_LISTEN"], "[::]:80");
        }
    }

    #[test]
    fn a_capture_says_whom_and_how_long_and_leaves_ciphertext_out_unless_told() {
        let user = "a1a1a1a1-a1a1-a1a1-a1a1-a1a1a1a1a1a1";
        let asked = asked(&["capture", "a.cap", "--user", user, "--bus-url", "nats://b"]);
        let What::Capture(options) = asked.what else { panic!("no capture") };
        assert_eq!((options.seconds, options.bodies), (60, Bodies::Random));
        assert_eq!(options.users, [UserId::from_bytes([0xa1; 16])]);
        assert_eq!(asked.flags["DHCHAT_BUS_URL"], "nats://b");
        for wrong in [
            &["capture"][..],
            &["capture", "a", "--user", "alice"],
            &["replay"],
            &["capture", "a", "--seconds", "0"],
            &["replay", "a", "--speed", "2"],
        ] {
            let line = std::iter::once("dhchat").chain(wrong.iter().copied()).map(Into::into);
            assert!(parse(line).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_doctor_looks_at_one_command_or_at_what_runs() {
        let patient = |line: &[&str]| {
            let What::Doctor(options) = asked(line).what else { panic!("no doctor") };
            (options.patient, options.form)
        };
        assert_eq!(patient(&["doctor"]), (Patient::SetUp(Command::Serve), Form::Words));
        let of_edge = (Patient::SetUp(Command::Edge), Form::Json);
        assert_eq!(patient(&["doctor", "edge", "--json"]), of_edge);
        assert_eq!(patient(&["doctor", "--running"]), (Patient::Running, Form::Words));
        let source = |line: &[&str]| {
            let What::Doctor(options) = asked(line).what else { panic!("no doctor") };
            options.source
        };
        let url = "https://chat.example.org";
        let address = Source::Address(PublicUrl::parse(url).unwrap());
        assert_eq!(source(&["doctor", "edge", "--url", url]), Some(address));
        let file = Source::File("a.pem".into());
        assert_eq!(source(&["doctor", "--certificate", "a.pem"]), Some(file));
        assert_eq!(source(&["doctor"]), None);
        for wrong in [
            &["doctor", "capture"][..],
            &["doctor", "edge", "--running"],
            &["doctor", "--running", "--url", url],
            &["doctor", "--url", url, "--certificate", "a.pem"],
            &["doctor", "--url", "http://chat.example.org"],
        ] {
            let line = std::iter::once("dhchat").chain(wrong.iter().copied()).map(Into::into);
            assert!(parse(line).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn an_unknown_word_is_an_error() {
        assert!(parse(["dhchat", "sing"].map(Into::into)).is_err());
        assert!(parse(["dhchat", "--sing"].map(Into::into)).is_err());
        describe().debug_assert();
    }
}
