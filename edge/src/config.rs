//! The configuration: read once and whole at the start, every fault reported, then immutable.

mod http;
mod parts;
mod read;
pub mod variables;

pub use http::{Http, Network, PublicUrl};
pub use parts::{Auth, Bus, Capture, Limits, LogFormat, Observe, Store};
pub use read::{Fault, Faults};

use std::path::PathBuf;
use std::time::Duration;

use actors::serve::Role;
use read::{Needed, Reader, number};
use variables::{ARBITERS, DATA_DIR, DRAIN_SECONDS, FILE_BYTES_MAX, ONLY, Variables};

/// What the process is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Everything in one process.
    Serve,
    /// Doors and Sessions.
    Edge,
    /// The answering actors.
    Actors,
    /// Bring the database to the present schema.
    Migrate,
}

impl Command {
    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Serve => "serve",
            Self::Edge => "edge",
            Self::Actors => "actors",
            Self::Migrate => "migrate",
        }
    }
}

/// Everything that was configured.
#[derive(Clone, Debug)]
pub struct Config {
    /// What the process is to do.
    pub command: Command,
    /// Which of the answering actors it is to be, if it is any.
    pub roles: Vec<Role>,
    /// The addresses of the doors.
    pub http: Http,
    /// The bus.
    pub bus: Bus,
    /// The store.
    pub store: Store,
    /// Passwords and keys.
    pub auth: Auth,
    /// How much is too much.
    pub limits: Limits,
    /// Whether a developer may record what happens here.
    pub capture: Capture,
    /// Logs and metrics.
    pub observe: Observe,
    /// Where `serve` keeps its files.
    pub data_dir: PathBuf,
    /// Threads that carry sockets.
    pub arbiters: usize,
    /// How long a stop waits for open sockets.
    pub drain: Duration,
    /// Largest file, told to the web app.
    pub file_bytes_max: u64,
}

impl Config {
    /// Reads everything and reports every fault.
    pub fn load(command: Command, source: &dyn Variables) -> Result<Self, Faults> {
        let mut reader = Reader::new(source);
        let http = Http::read(&mut reader);
        let data_dir: PathBuf = reader.read(DATA_DIR, |text| Ok(text.into()));
        let roles = roles(&mut reader, command);
        let auth = Auth::read(&mut reader, command, &roles, &http.public, &data_dir);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let arbiters = match reader.read(ARBITERS, number(0, 256)) {
            0 => cores,
            given => usize::try_from(given).unwrap_or(cores),
        };
        let capture = Capture::read(&mut reader, command, &http.public);
        let config = Self {
            command,
            roles,
            capture,
            bus: Bus::read(&mut reader, command),
            store: Store::read(&mut reader, command, &data_dir),
            auth,
            limits: Limits::read(&mut reader),
            observe: Observe::read(&mut reader, command),
            http,
            data_dir,
            arbiters,
            drain: Duration::from_secs(reader.read(DRAIN_SECONDS, number(0, 600))),
            file_bytes_max: reader.read(FILE_BYTES_MAX, number(1, 1 << 40)),
        };
        reader.finish(config)
    }
}

/// `serve` is whole in itself, whatever is left in the environment.
fn roles(reader: &mut Reader<'_>, command: Command) -> Vec<Role> {
    let only = reader.read_optional(ONLY, Needed::No, |text| {
        let by_name = |name: &str| Role::ALL.iter().copied().find(|role| role.name() == name);
        let named: Option<Vec<Role>> = text.split(',').map(|name| by_name(name.trim())).collect();
        named.ok_or_else(|| "expected auth, identity or directory, separated by commas".to_owned())
    });
    match command {
        Command::Serve => Role::ALL.to_vec(),
        // In the order of the list and each once, however often it was named.
        Command::Actors => Role::ALL
            .iter()
            .copied()
            .filter(|role| only.as_ref().is_none_or(|only| only.contains(role)))
            .collect(),
        Command::Edge | Command::Migrate => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn load(command: Command, given: &[(&str, &str)]) -> Result<Config, Faults> {
        let given: HashMap<String, String> =
            given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Config::load(command, &given)
    }

    #[test]
    fn serve_needs_nothing() {
        let config = load(Command::Serve, &[]).unwrap();
        assert_eq!(config.http.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.store.url.unwrap().expose(), "sqlite:./data/dhchat.db");
        assert_eq!(config.auth.root_key_file.as_deref(), Some("./data/root.key".as_ref()));
        assert_eq!(
            (config.limits.login, config.limits.register, config.limits.general),
            (5, 2, 100)
        );
        assert_eq!(config.limits.pair_per_minute, 2);
        assert_eq!(config.limits.passwords_at_once, 16);
        assert_eq!(config.auth.bcrypt_cost, 12);
        assert_eq!(config.auth.guessing, actors_core::auth::guessing::Settings::default());
        assert_eq!(config.observe.pages.to_string(), "127.0.0.1:8082");
    }

    #[test]
    fn every_fault_is_reported_together_and_no_value_is_quoted() {
        let faults = load(
            Command::Actors,
            &[
                ("DHCHAT_LISTEN", "here"),
                ("DHCHAT_BCRYPT_COST", "hunter2"),
                ("DHCHAT_LIMIT_LOGIN_PER_SECOND", "0"),
                ("DHCHAT_LOG_FORMAT", "xml"),
            ],
        )
        .unwrap_err();
        let named: Vec<&str> = faults.0.iter().map(|fault| fault.variable).collect();
        assert_eq!(
            named,
            [
                "DHCHAT_LISTEN",
                "DHCHAT_BCRYPT_COST",
                "DHCHAT_ROOT_KEY_FILE",
                "DHCHAT_BUS_URL",
                "DHCHAT_DATABASE_URL",
                "DHCHAT_LIMIT_LOGIN_PER_SECOND",
                "DHCHAT_LOG_FORMAT",
            ]
        );
        assert!(!faults.to_string().contains("hunter2"), "{faults}");
    }

    #[test]
    fn a_public_server_refuses_cheap_password_hashes() {
        let public = ("DHCHAT_PUBLIC_URL", "https://chat.example.org");
        assert!(load(Command::Serve, &[public, ("DHCHAT_BCRYPT_COST", "11")]).is_err());
        assert!(load(Command::Serve, &[public, ("DHCHAT_BCRYPT_COST", "12")]).is_ok());
        assert!(load(Command::Serve, &[("DHCHAT_BCRYPT_COST", "4")]).is_ok());
    }

    #[test]
    fn cap7_a_public_server_refuses_to_be_recorded() {
        let bus = ("DHCHAT_BUS_URL", "nats://a");
        let allowed = ("DHCHAT_CAPTURE", "allowed");
        let edge = |more: &[(&str, &str)]| load(Command::Edge, &[&[bus][..], more].concat());
        assert_eq!(edge(&[]).unwrap().capture, Capture::Refused);
        assert_eq!(edge(&[allowed]).unwrap().capture, Capture::Allowed);
        for public in ["https://chat.example.org", "http://localhost:8080,https://b.example"] {
            let faults = edge(&[allowed, ("DHCHAT_PUBLIC_URL", public)]).unwrap_err();
            assert_eq!(faults.0[0].variable, "DHCHAT_CAPTURE", "{public}");
            assert!(edge(&[("DHCHAT_PUBLIC_URL", public)]).is_ok());
        }
        assert_eq!(edge(&[("DHCHAT_CAPTURE", "yes")]).unwrap_err().0.len(), 1);
        assert_eq!(load(Command::Serve, &[allowed]).unwrap().capture, Capture::Refused);
    }

    #[test]
    fn actors_are_all_three_or_those_that_are_named() {
        let needed = [("DHCHAT_BUS_URL", "nats://a"), ("DHCHAT_DATABASE_URL", "postgres://a")];
        let key = ("DHCHAT_ROOT_KEY_FILE", "key");
        let load = |more: &[(&str, &str)]| load(Command::Actors, &[&needed, more].concat());
        assert_eq!(load(&[key]).unwrap().roles, Role::ALL);
        let only = load(&[("DHCHAT_ONLY", "directory, identity,directory")]).unwrap();
        assert_eq!(only.roles, [Role::Identity, Role::Directory]);
        assert!(only.auth.root_key_file.is_none());
        // Only auth needs the key, and only auth opens it.
        let without_key = load(&[("DHCHAT_ONLY", "auth")]).unwrap_err();
        assert_eq!(without_key.0[0].variable, "DHCHAT_ROOT_KEY_FILE");
        assert!(load(&[("DHCHAT_ONLY", "identity"), key]).unwrap().auth.root_key_file.is_none());
        for wrong in ["sing", "auth,", "Auth", "auth;identity"] {
            let faults = load(&[("DHCHAT_ONLY", wrong), key]).unwrap_err();
            assert_eq!(faults.0[0].variable, "DHCHAT_ONLY", "{wrong}");
        }
    }

    #[test]
    fn bus22_a_file_of_authorities_holds_at_least_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let pem = "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n";
        let edge = |path: &str| {
            load(Command::Edge, &[("DHCHAT_BUS_URL", "tls://a"), ("DHCHAT_BUS_CA_FILE", path)])
        };
        let good = file("good", pem);
        assert_eq!(edge(&good).unwrap().bus.ca_file, Some(good.into()));
        assert_eq!(edge("").unwrap().bus.ca_file, None);
        let missing = folder.path().join("missing").display().to_string();
        for wrong in [missing, file("empty", ""), file("cut", &pem[..40])] {
            let faults = edge(&wrong).unwrap_err();
            assert_eq!(faults.0[0].variable, "DHCHAT_BUS_CA_FILE", "{wrong}");
        }
    }

    #[test]
    fn cfg1_a_secret_stands_in_a_file_or_in_the_environment_and_not_in_both() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let good = file("good", "nats://edge:hunter2@one:4222\n");
        let by_file = ("DHCHAT_BUS_URL_FILE", good.as_str());
        let config = load(Command::Edge, &[by_file]).unwrap();
        assert_eq!(config.bus.url.unwrap().expose(), "nats://edge:hunter2@one:4222");
        let missing = folder.path().join("missing").display().to_string();
        for wrong in [missing, file("empty", ""), file("strange", "hunter2")] {
            let faults = load(Command::Edge, &[("DHCHAT_BUS_URL_FILE", &wrong)]).unwrap_err();
            assert_eq!(faults.0[0].variable, "DHCHAT_BUS_URL_FILE", "{wrong}");
            assert!(!faults.to_string().contains("hunter2"), "{faults}");
        }
        let both = load(Command::Edge, &[by_file, ("DHCHAT_BUS_URL", "nats://a")]).unwrap_err();
        assert_eq!((both.0.len(), both.0[0].variable), (1, "DHCHAT_BUS_URL_FILE"));
        let database = file("database", "postgres://dhchat:hunter2@db/dhchat");
        let migrate = load(Command::Migrate, &[("DHCHAT_DATABASE_URL_FILE", &database)]).unwrap();
        assert_eq!(migrate.store.url.unwrap().expose(), "postgres://dhchat:hunter2@db/dhchat");
    }

    #[test]
    fn only_actors_are_divided() {
        let given = [("DHCHAT_ONLY", "auth"), ("DHCHAT_BUS_URL", "nats://a")];
        assert_eq!(load(Command::Serve, &given).unwrap().roles, Role::ALL);
        assert!(load(Command::Edge, &given).unwrap().roles.is_empty());
    }

    #[test]
    fn an_empty_value_counts_as_not_given() {
        assert_eq!(
            load(Command::Serve, &[("DHCHAT_LISTEN", " ")]).unwrap().http.listen.port(),
            8080
        );
    }

    #[test]
    fn a_flag_is_the_name_of_its_variable_in_small_letters() {
        for variable in variables::ALL {
            let name = variable.name.trim_start_matches("DHCHAT_").to_lowercase();
            assert_eq!(variable.flag, name.replace('_', "-"));
        }
    }
}
