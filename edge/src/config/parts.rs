//! The smaller parts of the configuration: bus, store, passwords, limits, observation.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use actors::serve::Role;
use actors_core::auth::guessing;
use bus_schemas::secret::Secret;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::http::PublicUrl;
use super::read::{Needed, Reader, number};
use super::variables::{
    AUTH_HTTP_PORT, BCRYPT_COST, BUS_CA_FILE, BUS_URL, BUS_URL_FILE, CAPTURE, CHAT_HTTP_PORT,
    DATABASE_URL, DATABASE_URL_FILE, GUESS_EVERY, GUESSES_FREE, HASH_THREADS, LIMIT_GENERAL,
    LIMIT_LOGIN, LIMIT_PAIR, LIMIT_PASSWORDS, LIMIT_REGISTER, LOG, LOG_FORMAT, METRICS_ADDRESS,
    ROOT_KEY_FILE, TALK_BURST, TALK_FRAMES,
};
use super::{Command, variables::Variable};

/// The least cost of a password hash where strangers can reach the server.
const PUBLIC_BCRYPT_COST_MIN: u32 = 12;

/// The bus.
#[derive(Clone, Debug)]
pub struct Bus {
    /// Its servers, credentials included; absent for the bus inside the process.
    pub url: Option<Secret<String>>,
    /// Who may vouch for them, if not the authorities of the system.
    pub ca_file: Option<PathBuf>,
}

impl Bus {
    pub(super) fn read(reader: &mut Reader<'_>, command: Command) -> Self {
        let needed = match command {
            Command::Edge | Command::Actors => Needed::By(command.name()),
            Command::Serve | Command::Migrate => Needed::No,
        };
        let url = reader.read_secret(BUS_URL, BUS_URL_FILE, needed, |text| {
            let known =
                |url: &str| url.trim().starts_with("nats://") || url.trim().starts_with("tls://");
            let wrong = "expected nats://HOST:PORT or tls://HOST:PORT";
            text.split(',')
                .all(known)
                .then(|| Secret::new(text.to_owned()))
                .ok_or_else(|| wrong.to_owned())
        });
        let ca_file = reader.read_optional(BUS_CA_FILE, Needed::No, authorities);
        // `serve` is whole in itself; a bus left in the environment must not split it.
        Self { url: url.filter(|_| command != Command::Serve), ca_file }
    }
}

/// A file with certificates, which is read again for each connection.
fn authorities(path: &str) -> Result<PathBuf, String> {
    let certificates = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|_| "expected a PEM file that can be read".to_owned())?;
    if certificates.is_empty() {
        return Err("the file holds no certificate".to_owned());
    }
    Ok(path.into())
}

/// The store.
#[derive(Clone, Debug)]
pub struct Store {
    /// Its address, credentials included; absent where the command opens none.
    pub url: Option<Secret<String>>,
}

impl Store {
    pub(super) fn read(reader: &mut Reader<'_>, command: Command, data_dir: &Path) -> Self {
        let needed = match command {
            Command::Actors | Command::Migrate => Needed::By(command.name()),
            Command::Serve | Command::Edge => Needed::No,
        };
        let url = reader.read_secret(DATABASE_URL, DATABASE_URL_FILE, needed, |text| {
            let known =
                ["sqlite:", "postgres://", "postgresql://"].iter().any(|s| text.starts_with(s));
            let wrong = "expected postgres://… or sqlite:PATH";
            known.then(|| text.to_owned()).ok_or_else(|| wrong.to_owned())
        });
        let file = || format!("sqlite:{}", data_dir.join("dhchat.db").display());
        let url = match command {
            Command::Serve => Some(url.unwrap_or_else(file)),
            Command::Actors | Command::Migrate => url,
            Command::Edge => None,
        };
        Self { url: url.map(Secret::new) }
    }
}

/// Passwords and keys.
#[derive(Clone, Debug)]
pub struct Auth {
    /// Cost of a password hash.
    pub bcrypt_cost: u32,
    /// Threads that hash.
    pub hash_threads: usize,
    /// How often a password may be guessed.
    pub guessing: guessing::Settings,
    /// The root secret; absent where the command needs none.
    pub root_key_file: Option<PathBuf>,
}

impl Auth {
    pub(super) fn read(
        reader: &mut Reader<'_>,
        command: Command,
        roles: &[Role],
        public: &PublicUrl,
        data_dir: &Path,
    ) -> Self {
        let bcrypt_cost = small(reader.read(BCRYPT_COST, number(4, 31)));
        if public.is_https() && bcrypt_cost < PUBLIC_BCRYPT_COST_MIN {
            reader.fault(BCRYPT_COST, "at least 12 where the public URL is https");
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let hash_threads = match small(reader.read(HASH_THREADS, number(0, 256))) {
            0 => (cores / 2).max(1),
            given => usize::try_from(given).unwrap_or(1),
        };
        let guessing = guessing::Settings {
            free: small(reader.read(GUESSES_FREE, number(1, 1_000_000))),
            every_seconds: small(
                reader.read(GUESS_EVERY, number(1, guessing::PAUSE_SECONDS_MAX.into())),
            ),
        };
        let is_auth = roles.contains(&Role::Auth);
        let needed = match command {
            Command::Actors if is_auth => Needed::By(Role::Auth.name()),
            Command::Actors | Command::Serve | Command::Edge | Command::Migrate => Needed::No,
        };
        let given: Option<PathBuf> =
            reader.read_optional(ROOT_KEY_FILE, needed, |text| Ok(text.into()));
        let root_key_file = match command {
            Command::Serve => Some(given.unwrap_or_else(|| data_dir.join("root.key"))),
            Command::Actors => given.filter(|_| is_auth),
            Command::Edge | Command::Migrate => None,
        };
        Self { bcrypt_cost, hash_threads, guessing, root_key_file }
    }
}

/// How much is too much.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Logins per second and client network.
    pub login: u32,
    /// Registrations per second and client network.
    pub register: u32,
    /// Other requests per second and client network.
    pub general: u32,
    /// Logins per minute, client network and name, after the first few.
    pub pair_per_minute: u32,
    /// Passwords that auth may be looking at for this process.
    pub passwords_at_once: u32,
    /// Talk frames per second and connection.
    pub talk_frames_per_second: u32,
    /// Talk frames per connection at once.
    pub talk_frames_burst: u32,
}

impl Limits {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let mut rate = |variable: Variable| small(reader.read(variable, number(1, 1_000_000)));
        Self {
            login: rate(LIMIT_LOGIN),
            register: rate(LIMIT_REGISTER),
            general: rate(LIMIT_GENERAL),
            pair_per_minute: rate(LIMIT_PAIR),
            passwords_at_once: rate(LIMIT_PASSWORDS),
            talk_frames_per_second: rate(TALK_FRAMES),
            talk_frames_burst: rate(TALK_BURST),
        }
    }
}

/// Whether a developer may record what happens here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capture {
    /// Nobody may.
    Refused,
    /// Whoever is the broker's user for it may.
    Allowed,
}

impl Capture {
    /// Only an edge is recorded: `serve` has no bus that anybody else could ask it on.
    pub(super) fn read(reader: &mut Reader<'_>, command: Command, public: &PublicUrl) -> Self {
        let given = reader.read(CAPTURE, |text| match text {
            "refused" => Ok(Self::Refused),
            "allowed" => Ok(Self::Allowed),
            _ => Err("expected refused or allowed".to_owned()),
        });
        if given == Self::Allowed && public.is_anywhere_https() {
            reader.fault(CAPTURE, "refused where a public URL is https: people are not recorded");
        }
        match command {
            Command::Edge => given,
            Command::Serve | Command::Actors | Command::Migrate => Self::Refused,
        }
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For collectors.
    Json,
}

/// Logs and metrics.
#[derive(Clone, Debug)]
pub struct Observe {
    /// What is logged.
    pub log: String,
    /// How.
    pub format: LogFormat,
    /// Where the metrics and health pages are.
    pub pages: SocketAddr,
}

impl Observe {
    pub(super) fn read(reader: &mut Reader<'_>, command: Command) -> Self {
        let log = reader.read(LOG, |text| {
            let known = tracing_subscriber::EnvFilter::try_new(text).is_ok();
            let wrong = "expected error, warn, info, debug, trace, or a filter by module";
            known.then(|| text.to_owned()).ok_or_else(|| wrong.to_owned())
        });
        let format = reader.read(LOG_FORMAT, |text| match text {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            _ => Err("expected text or json".to_owned()),
        });
        let address: IpAddr = reader.read(METRICS_ADDRESS, |text| {
            text.parse().map_err(|_| "expected an address without a port".to_owned())
        });
        let mut port = |variable: Variable| {
            u16::try_from(reader.read(variable, number(0, u16::MAX.into()))).unwrap_or_default()
        };
        let (chat, auth) = (port(CHAT_HTTP_PORT), port(AUTH_HTTP_PORT));
        let port = if command == Command::Actors { auth } else { chat };
        Self { log, format, pages: SocketAddr::new(address, port) }
    }
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
