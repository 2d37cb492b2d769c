//! The configuration: what is accepted is within its bounds and reads the same when it is written
//! again; what is refused names its variable and quotes nothing that may be a secret.

use std::collections::HashMap;
use std::net::IpAddr;

use edge::config::variables::ALL;
use edge::config::{Command, Config, Network, PublicUrl};

const COMMANDS: [Command; 4] = [Command::Serve, Command::Edge, Command::Actors, Command::Migrate];

/// A command, then `NAME=VALUE` on each line.
pub fn settings(bytes: &[u8]) {
    let Some((command, rest)) = bytes.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let command = COMMANDS[usize::from(*command) % COMMANDS.len()];
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    let given: HashMap<String, String> =
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    for value in given.values() {
        public_url(value);
        network(value);
    }
    match Config::load(command, &given) {
        Ok(config) => is_within_bounds(&config),
        Err(faults) => {
            for fault in &faults.0 {
                assert!(ALL.iter().any(|variable| variable.name == fault.variable), "{fault:?}");
                assert!(!fault.reason.is_empty());
            }
        }
    }
}

fn is_within_bounds(config: &Config) {
    assert!((4..=31).contains(&config.auth.bcrypt_cost));
    assert!(!config.http.public.is_https() || config.auth.bcrypt_cost >= 12);
    assert!((1..=256).contains(&config.auth.hash_threads));
    assert!((1..=256).contains(&config.arbiters));
    assert!(config.drain.as_secs() <= 600);
    assert!((1..=1 << 40).contains(&config.file_bytes_max));
    let limits = &config.limits;
    for limit in [limits.login, limits.register, limits.general, limits.pair_per_minute] {
        assert!((1..=1_000_000).contains(&limit));
    }
    assert_eq!(config.command == Command::Edge, config.store.url.is_none(), "edges have no store");
}

fn public_url(text: &str) {
    let Ok(public) = PublicUrl::parse(text) else { return };
    let again = PublicUrl::parse(public.as_str()).expect("an origin is one again");
    assert_eq!(again.as_str(), public.as_str());
    assert_eq!(again.deployment_id(), public.deployment_id());
    assert!(public.is_own(public.as_str()), "a page of its own is from another site");
    let (scheme, host) = public.as_str().split_once("://").expect("a scheme");
    assert!(scheme == "https" || scheme == "http");
    assert!(!host.is_empty() && !host.contains(['/', '@', '?', '#', ' ']), "{host}");
}

fn network(text: &str) {
    let Ok(network) = Network::parse(text) else { return };
    let address = text.split('/').next().and_then(|address| address.parse::<IpAddr>().ok());
    let address = address.expect("it was read as one");
    assert!(network.contains(address), "a network has its own address");
    let alone = Network::parse(&address.to_string()).expect("an address is a network");
    assert!(alone.contains(address));
}
