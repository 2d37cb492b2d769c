//! What it means: from settings and facts to sentences. Pure, so that each sentence has a test.

mod certificates;
mod settings;

use actors_core::auth::keys::KEY_BYTES;
use bus_schemas::time::Timestamp;

use certificates::authorities;
use settings::{configuration, has_doors};

use super::health::{Asked, Heard};
use super::look::{Actors, Around, Bus, Facts, RootKey, Store};
use super::report::{Finding, Part, Report};
use crate::config::{Command, Config, Fault, Faults};

/// This program was not there before: 2026-01-01.
const CLOCK_MIN: Timestamp = Timestamp(1_767_225_600);
/// Clocks that differ by more end tokens visibly too early or too late.
const SKEW_SECONDS_CAREFUL: u64 = 2;
/// From here on a lease or a token of 15 minutes may be judged wrongly.
const SKEW_SECONDS_WRONG: u64 = 30;
/// A broker within one house answers within a few.
const ROUND_TRIP_MS_CAREFUL: u64 = 100;
/// Files that a process has open besides sockets.
const OWN_FILES: u64 = 256;
/// Fewer are a household's.
const OPEN_FILES_CAREFUL: u64 = 16_384;
/// Bytes that an edge or the actors need before anybody comes.
const MEMORY_BYTES_CAREFUL: u64 = 128 * 1_024 * 1_024;

/// The settings cannot be used.
pub(super) fn faults(faults: &Faults) -> Report {
    let wrong = |fault: &Fault| {
        let says = format!("{}: {}", fault.variable, fault.reason);
        Finding::wrong(Part::Configuration, says, "see `dhchat help` for what is expected")
    };
    Report::new(faults.0.iter().map(wrong).collect())
}

/// The settings can be used; what about everything else?
pub(super) fn set_up(config: &Config, facts: &Facts) -> Report {
    let mut findings = configuration(config);
    findings.extend(facts.root_key.map(|key| root_key(config, key)));
    if !facts.authorities.is_empty() {
        findings.push(authorities(&facts.authorities, facts.now));
    }
    if let (Some(shown), Some(now)) = (&facts.shown, facts.now) {
        findings.extend(certificates::shown(shown, now));
    }
    findings.extend(facts.bus.iter().flat_map(bus));
    findings.extend(facts.store.as_ref().map(store));
    findings.extend(facts.now.map(|now| clock(now, facts.store.as_ref())));
    findings.extend(limits(config, facts));
    Report::new(findings)
}

/// A process was asked.
pub(super) fn running(asked: &[Asked]) -> Report {
    let there: Vec<&Asked> = asked.iter().filter(|one| one.heard != Heard::Nobody).collect();
    if there.is_empty() {
        let ports: Vec<String> = asked.iter().map(|one| one.port.to_string()).collect();
        let says = format!("no dhchat answers on port {}", ports.join(" or "));
        let remedy = "start it, or say where its pages are (DHCHAT_METRICS_ADDRESS and its port)";
        return Report::new(vec![Finding::wrong(Part::Process, says, remedy)]);
    }
    Report::new(there.into_iter().map(process).collect())
}

fn process(asked: &Asked) -> Finding {
    let who = format!("the process on port {}", asked.port);
    match &asked.heard {
        Heard::Nobody => Finding::wrong(Part::Process, format!("{who} is away"), "start it"),
        Heard::Nonsense(what) => {
            let remedy = "look at its log; if another program has the port, choose another one";
            Finding::wrong(Part::Process, format!("{who} cannot be asked: {what}"), remedy)
        }
        Heard::Readiness(ready) if ready.draining => Finding::wrong(
            Part::Process,
            format!("{who} is about to stop"),
            "nothing: its clients go elsewhere",
        ),
        Heard::Readiness(ready) if ready.away.is_empty() => {
            Finding::good(Part::Process, format!("{who} is ready"))
        }
        Heard::Readiness(ready) => {
            let says = format!("{who} waits for: {}", ready.away.join(", "));
            Finding::wrong(Part::Process, says, "`dhchat doctor` with its variables says more")
        }
    }
}

fn root_key(config: &Config, key: RootKey) -> Finding {
    let expected = u64::try_from(KEY_BYTES).unwrap_or(u64::MAX);
    match key {
        RootKey::Missing if config.command == Command::Serve => {
            Finding::good(Part::Keys, "there is no root key yet; the first start makes one")
        }
        RootKey::Missing => Finding::wrong(
            Part::Keys,
            "the file of DHCHAT_ROOT_KEY_FILE is not there",
            "`scripts/secrets.sh FOLDER` makes one, for a new deployment alone",
        ),
        RootKey::Closed => Finding::wrong(
            Part::Keys,
            "the root key cannot be read by this user",
            "give the file to the user that dhchat runs as",
        ),
        RootKey::There { bytes, .. } if bytes != expected => Finding::wrong(
            Part::Keys,
            format!("the root key has {bytes} bytes, not {expected}"),
            "put the copy back; with another key nobody can sign in",
        ),
        RootKey::There { open_to_others: true, .. } => Finding::careful(
            Part::Keys,
            "others than its owner can open the root key",
            "chmod 600 it",
        ),
        RootKey::There { .. } => Finding::good(Part::Keys, "the root key is there, for its owner"),
    }
}

fn bus(bus: &Bus) -> Vec<Finding> {
    let part = Part::Bus;
    let (ms, around) = match bus {
        Bus::Refused(why) => {
            let remedy = "DHCHAT_BUS_URL, and whether the broker runs (nats/README.md)";
            return vec![Finding::wrong(part, why, remedy)];
        }
        Bus::Up { round_trip_ms, around } => (*round_trip_ms, around),
    };
    let mut findings = vec![if ms < ROUND_TRIP_MS_CAREFUL {
        Finding::good(part, format!("the broker answers within {ms} ms"))
    } else {
        let says = format!("the broker takes {ms} ms for an answer");
        Finding::careful(part, says, "brokers beside edges, or less load on them")
    }];
    findings.extend(around.iter().flat_map(|around| surroundings(*around)));
    findings
}

fn surroundings(Around { absence_is_told, actors }: Around) -> Vec<Finding> {
    let part = Part::Bus;
    let mut findings = Vec::new();
    if !absence_is_told {
        let says = "somebody listens to the subjects of all chats: nobody is told any more that \
                    the other person is offline";
        let remedy = "end the subscription to chat.> or > (docs/operators/alerts.md, \
                      SomebodyListensToChats)";
        findings.push(Finding::wrong(part, says, remedy));
    }
    findings.push(match actors {
        Actors::Answer => Finding::good(part, "somebody answers for accounts and names"),
        Actors::Missing => Finding::wrong(
            part,
            "nobody answers for accounts and names, so nobody is let in",
            "start `dhchat actors` at the same brokers",
        ),
        Actors::Silent => Finding::wrong(
            part,
            "whoever should answer for accounts and names does not",
            "look at the actors and their database",
        ),
    });
    findings
}

fn store(store: &Store) -> Finding {
    let part = Part::Store;
    match store {
        Store::ToBeMade => {
            Finding::good(part, "there is no database yet; the first start makes it")
        }
        Store::Outdated => Finding::wrong(
            part,
            "the tables are older than this program",
            "keep a copy of the database, then run `dhchat migrate`",
        ),
        Store::Refused(why) => {
            Finding::wrong(part, why, "DHCHAT_DATABASE_URL, and whether the database runs")
        }
        Store::Up { took_ms, .. } => {
            Finding::good(part, format!("the database and its tables are there ({took_ms} ms)"))
        }
    }
}

fn clock(now: Timestamp, store: Option<&Store>) -> Finding {
    let part = Part::Clock;
    let remedy = "keep the clocks of all machines in step (NTP)";
    if now < CLOCK_MIN {
        return Finding::wrong(part, "the clock of this machine is years behind", remedy);
    }
    let of_store = store.and_then(|store| match store {
        Store::Up { clock, .. } => *clock,
        Store::ToBeMade | Store::Outdated | Store::Refused(_) => None,
    });
    let Some(of_store) = of_store else {
        return Finding::good(part, "there is no other clock to compare it with");
    };
    let skew = now.0.abs_diff(of_store.0);
    let says = format!("this machine and the database differ by {skew} s");
    match skew {
        0..=SKEW_SECONDS_CAREFUL => Finding::good(part, says),
        _ if skew <= SKEW_SECONDS_WRONG => Finding::careful(part, says, remedy),
        _ => Finding::wrong(part, says, remedy),
    }
}

fn limits(config: &Config, facts: &Facts) -> Vec<Finding> {
    let part = Part::Limits;
    let mut findings = Vec::new();
    if let Some(files) = facts.open_files.filter(|_| has_doors(config)) {
        findings.push(open_files(files));
    }
    if let Some(bytes) = facts.memory_bytes.filter(|bytes| *bytes < MEMORY_BYTES_CAREFUL) {
        let says = format!("this process may have {} MiB of memory", bytes >> 20);
        findings.push(Finding::careful(part, says, "128 MiB, and 8 KiB for each socket"));
    }
    if config.arbiters > facts.cores.saturating_mul(4) {
        let says = format!("{} threads for {} cores", config.arbiters, facts.cores);
        findings.push(Finding::careful(part, says, "DHCHAT_ARBITERS=0 for one per core"));
    }
    if findings.is_empty() {
        findings.push(Finding::good(part, "nothing of what the system allows is too little"));
    }
    findings
}

/// Each socket is an open file.
fn open_files(files: u64) -> Finding {
    let sockets = files.saturating_sub(OWN_FILES);
    let says = format!("{files} open files are allowed: {sockets} sockets");
    let remedy = "`ulimit -n 65536`, or `nofile` of the container or unit";
    match files {
        0..=OWN_FILES => Finding::wrong(Part::Limits, says, remedy),
        _ if files < OPEN_FILES_CAREFUL => Finding::careful(Part::Limits, says, remedy),
        _ => Finding::good(Part::Limits, says),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::health::Readiness;
    use super::super::report::State;
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000);
    const DAY_SECONDS: i64 = 86_400;

    fn config(command: Command, given: &[(&str, &str)]) -> Config {
        let needed = [
            ("DHCHAT_BUS_URL", "nats://a@localhost"),
            ("DHCHAT_DATABASE_URL", "postgres://a"),
            ("DHCHAT_ROOT_KEY_FILE", "key"),
        ];
        let given: HashMap<String, String> = needed
            .iter()
            .chain(given)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Config::load(command, &given).unwrap()
    }

    /// What is said that is not good, with its part.
    fn bad(report: &Report) -> Vec<(Part, State, &str)> {
        let bad = report.findings.iter().filter(|finding| finding.state != State::Good);
        bad.map(|finding| (finding.part, finding.state, finding.says.as_str())).collect()
    }

    /// A set-up in which all is well.
    fn well() -> Facts {
        Facts {
            now: Some(NOW),
            open_files: Some(65_536),
            cores: 256,
            root_key: Some(RootKey::There { bytes: 32, open_to_others: false }),
            authorities: vec![Some(NOW.plus_seconds(100 * DAY_SECONDS))],
            bus: Some(Bus::Up {
                round_trip_ms: 1,
                around: Some(Around { absence_is_told: true, actors: Actors::Answer }),
            }),
            store: Some(Store::Up { clock: Some(NOW), took_ms: 3 }),
            ..Facts::default()
        }
    }

    /// The one thing that is said of an edge where this is the only fact that differs.
    #[track_caller]
    fn says(facts: &Facts, part: Part, state: State, words: &str) {
        let report = set_up(&config(Command::Edge, &[]), facts);
        let bad = bad(&report);
        assert_eq!(bad.len(), 1, "{bad:?}");
        assert_eq!((bad[0].0, bad[0].1), (part, state), "{bad:?}");
        assert!(bad[0].2.contains(words), "{bad:?}");
        assert_eq!(report.state, state);
    }

    #[test]
    fn doc1_where_all_is_well_each_part_says_so() {
        let report = set_up(&config(Command::Edge, &[]), &well());
        assert_eq!(bad(&report), []);
        for part in [Part::Configuration, Part::Bus, Part::Store, Part::Clock, Part::Limits] {
            assert!(report.findings.iter().any(|finding| finding.part == part), "{part:?}");
        }
    }

    #[test]
    fn doc2_each_fact_that_is_wrong_has_a_sentence() {
        use State::{Careful, Wrong};
        let key = |key| Facts { root_key: Some(key), ..well() };
        says(&key(RootKey::Missing), Part::Keys, Wrong, "not there");
        says(&key(RootKey::Closed), Part::Keys, Wrong, "cannot be read");
        let short = RootKey::There { bytes: 31, open_to_others: false };
        says(&key(short), Part::Keys, Wrong, "31 bytes");
        let open = RootKey::There { bytes: 32, open_to_others: true };
        says(&key(open), Part::Keys, Careful, "others");

        let ends = |days: i64| Facts {
            authorities: vec![
                Some(NOW.plus_seconds(days * DAY_SECONDS)),
                Some(Timestamp(i64::MAX)),
            ],
            ..well()
        };
        says(&ends(-1), Part::Certificates, Wrong, "has ended");
        says(&ends(29), Part::Certificates, Careful, "29 days");
        says(&Facts { authorities: vec![None], ..well() }, Part::Certificates, Wrong, "be read");

        let bus = |bus| Facts { bus: Some(bus), ..well() };
        says(&bus(Bus::Refused("no".to_owned())), Part::Bus, Wrong, "no");
        says(&bus(Bus::Up { round_trip_ms: 100, around: None }), Part::Bus, Careful, "100 ms");
        let around = |absence_is_told, actors| {
            bus(Bus::Up { round_trip_ms: 1, around: Some(Around { absence_is_told, actors }) })
        };
        says(&around(false, Actors::Answer), Part::Bus, Wrong, "listens");
        says(&around(true, Actors::Missing), Part::Bus, Wrong, "nobody answers");
        says(&around(true, Actors::Silent), Part::Bus, Wrong, "does not");

        let store = |store| Facts { store: Some(store), ..well() };
        says(&store(Store::Outdated), Part::Store, Wrong, "older");
        says(&store(Store::Refused("away".to_owned())), Part::Store, Wrong, "away");

        let skew =
            |seconds: i64| store(Store::Up { clock: Some(NOW.plus_seconds(seconds)), took_ms: 1 });
        says(&skew(-3), Part::Clock, Careful, "3 s");
        says(&skew(31), Part::Clock, Wrong, "31 s");
        says(
            &Facts { now: Some(Timestamp(0)), authorities: vec![], ..well() },
            Part::Clock,
            Wrong,
            "years",
        );

        let files = |files| Facts { open_files: Some(files), ..well() };
        says(&files(256), Part::Limits, Wrong, "0 sockets");
        says(&files(1_024), Part::Limits, Careful, "768 sockets");
        says(&Facts { memory_bytes: Some(64 << 20), ..well() }, Part::Limits, Careful, "64 MiB");
    }

    #[test]
    fn doc3_settings_that_can_be_used_and_are_not_wise_are_named() {
        use State::{Careful, Wrong};
        let of = |given: &[(&str, &str)]| set_up(&config(Command::Edge, given), &well());
        let https = ("DHCHAT_PUBLIC_URL", "https://chat.example.org");
        let proxy = ("DHCHAT_TRUSTED_PROXIES", "10.0.0.0/8");
        assert_eq!(bad(&of(&[https, proxy])), []);
        for (given, state, words) in [
            (vec![("DHCHAT_PUBLIC_URL", "http://chat.example.org")], Wrong, "no cryptography"),
            (vec![https], Careful, "count as one"),
            (vec![https, ("DHCHAT_TRUSTED_PROXIES", "::/0")], Wrong, "no limit holds"),
            (vec![("DHCHAT_BUS_URL", "nats://edge:a@b:4222")], Careful, "hides"),
            (vec![("DHCHAT_CAPTURE", "allowed")], Careful, "record"),
            (vec![("DHCHAT_ARBITERS", "256")], Careful, "256 threads"),
        ] {
            let mut facts = well();
            facts.cores = 2;
            let report = set_up(&config(Command::Edge, &given), &facts);
            let bad = bad(&report);
            assert!(bad.len() == 1 && bad[0].1 == state && bad[0].2.contains(words), "{bad:?}");
        }
        // Whoever has no doors is not asked about browsers.
        let actors = config(Command::Actors, &[("DHCHAT_PUBLIC_URL", "http://chat.example.org")]);
        let few = Facts { open_files: Some(300), ..well() };
        assert_eq!(bad(&set_up(&actors, &few)), []);
    }

    #[test]
    fn a_first_start_of_serve_finds_nothing_and_that_is_well() {
        let facts =
            Facts { root_key: Some(RootKey::Missing), store: Some(Store::ToBeMade), ..well() };
        assert_eq!(bad(&set_up(&config(Command::Serve, &[]), &facts)), []);
    }

    #[test]
    fn doc5_a_process_is_well_when_it_answers_and_waits_for_nothing() {
        let asked = |port, heard| Asked { port, heard };
        let ready = |draining, away: &[&str]| {
            let away = away.iter().map(|part| (*part).to_owned()).collect();
            Heard::Readiness(Readiness { draining, away })
        };
        let state = |asked: &[Asked]| running(asked).state;
        assert_eq!(
            state(&[asked(8082, ready(false, &[])), asked(8081, Heard::Nobody)]),
            State::Good
        );
        for wrong in [
            vec![asked(8082, Heard::Nobody), asked(8081, Heard::Nobody)],
            vec![asked(8082, ready(true, &[]))],
            vec![asked(8082, ready(false, &["bus"])), asked(8081, ready(false, &[]))],
            vec![asked(8082, Heard::Nonsense("late".to_owned()))],
        ] {
            assert_eq!(state(&wrong), State::Wrong, "{wrong:?}");
        }
        let waits = running(&[asked(8082, ready(false, &["bus", "tokens"]))]);
        assert!(waits.to_string().contains("waits for: bus, tokens"), "{waits}");
    }
}
