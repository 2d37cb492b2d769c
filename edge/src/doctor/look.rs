//! Looks at what a command would stand on, and judges nothing. Nothing is made: a database whose
//! tables are old stays as it is, and a root key that is missing is missing.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use actors::bus::nats::{self, NatsConfig};
use actors::clock::{Clock, Stopwatch, SystemClock};
use actors::store::{self, StoreError};
use bus_schemas::bus::{Bus as AnyBus, BusError, Outgoing};
use bus_schemas::directory::{self, Person, Who};
use bus_schemas::id::UserId;
use bus_schemas::time::Timestamp;
use bus_schemas::topic::Subject;
use bus_schemas::verbs::CallError;
use bus_schemas::{bus, chat};
use bytes::Bytes;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::time::timeout;

use super::certificate;
use super::shown::{self, Shown, Source};
use crate::compose::buses;
use crate::config::{Command, Config};

/// How long broker and database may take, each.
const WAIT: Duration = Duration::from_secs(5);
/// How soon the broker says that nobody is there, where nobody is.
const REFUSAL_WAIT: Duration = Duration::from_secs(1);
/// Where a container is told how much memory it may have.
const MEMORY: [&str; 2] =
    ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
/// Who may open a key besides its owner.
const OTHERS: u32 = 0o077;

/// What there is to see.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// What the clock of this machine says.
    pub(super) now: Option<Timestamp>,
    /// How many files this process may have open; nothing where nobody says.
    pub(super) open_files: Option<u64>,
    /// How much memory it may have; nothing if as much as there is.
    pub(super) memory_bytes: Option<u64>,
    /// Cores of this machine.
    pub(super) cores: usize,
    /// The root key, where the command needs one.
    pub(super) root_key: Option<RootKey>,
    /// When each authority that vouches for the broker ends.
    pub(super) authorities: Vec<Option<Timestamp>>,
    /// What browsers are shown, where somebody asked.
    pub(super) shown: Option<Shown>,
    /// The broker, where the command needs one.
    pub(super) bus: Option<Bus>,
    /// The database, where the command needs one.
    pub(super) store: Option<Store>,
}

/// The file with the root key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RootKey {
    /// There is none.
    Missing,
    /// It cannot be read by whoever asks.
    Closed,
    /// It is there.
    There {
        /// How long it is.
        bytes: u64,
        /// Whether others than its owner can open it.
        open_to_others: bool,
    },
}

/// What came of connecting to the broker.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Bus {
    /// There is no connection, for this reason.
    Refused(String),
    /// There is one.
    Up {
        /// For a question and its answer.
        round_trip_ms: u64,
        /// What an edge finds there besides; nothing for the others, which may not ask.
        around: Option<Around>,
    },
}

/// What an edge finds at its broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Around {
    /// Whether the broker says so when nobody listens to a user.
    pub(super) absence_is_told: bool,
    /// Who answers for accounts and names.
    pub(super) actors: Actors,
}

/// Who answers for accounts and names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Actors {
    /// Somebody.
    Answer,
    /// Nobody is there.
    Missing,
    /// Somebody is, and does not answer.
    Silent,
}

/// What came of opening the database.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Store {
    /// There is none yet; the command will make it.
    ToBeMade,
    /// It has been made for an older version.
    Outdated,
    /// It cannot be used, for this reason.
    Refused(String),
    /// It can be used. What its clock says, if it has one of its own.
    Up {
        /// This moment.
        clock: Option<Timestamp>,
        /// For opening it and asking.
        took_ms: u64,
    },
}

/// Looks at everything that the command needs, and at what browsers are shown.
pub(super) fn look(config: &Config, source: Option<&Source>) -> io::Result<Facts> {
    // Whoever installed one before installed the same.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let now = SystemClock.now();
    let shown = source.map(|source| shown::look(source, &config.http.public, now));
    let main = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    main.block_on(async {
        Ok(Facts {
            bus: look_at_bus(config).await,
            store: look_at_store(config).await,
            now: Some(SystemClock.now()),
            shown,
            open_files: open_files(),
            memory_bytes: MEMORY.iter().find_map(|path| memory(Path::new(path))),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            root_key: config.auth.root_key_file.as_deref().map(root_key),
            authorities: config.bus.ca_file.as_deref().map(authorities).unwrap_or_default(),
        })
    })
}

async fn look_at_bus(config: &Config) -> Option<Bus> {
    let url = config.bus.url.clone()?;
    if config.command == Command::Migrate {
        return None;
    }
    let user = buses::user(config);
    let config_of_bus =
        NatsConfig { ca_file: config.bus.ca_file.clone(), ..NatsConfig::new(url, user) };
    let bus = match timeout(WAIT, nats::connect(config_of_bus)).await {
        Ok(Ok(bus)) => bus,
        Ok(Err(error)) => return Some(Bus::Refused(error.to_string())),
        Err(_) => return Some(Bus::Refused("the broker does not answer".to_owned())),
    };
    let took = Stopwatch::start();
    let asked = bus.request(empty(bus::echo()), WAIT).await;
    if asked != Err(BusError::NoResponders) {
        return Some(Bus::Refused("the broker took the connection and answers nothing".to_owned()));
    }
    let round_trip_ms = took.millis().0;
    let around = match config.command {
        Command::Edge => Some(look_around(&bus).await),
        Command::Serve | Command::Actors | Command::Migrate => None,
    };
    Some(Bus::Up { round_trip_ms, around })
}

/// Asks for somebody whom chance has made, and who cannot be there.
async fn look_around(bus: &dyn AnyBus) -> Around {
    let Ok(user) = nobody() else {
        return Around { absence_is_told: true, actors: Actors::Silent };
    };
    let refused = bus.request(empty(chat::peer(user)), REFUSAL_WAIT).await;
    let who: Result<Person, CallError> =
        bus.call(&directory::who(), &Who { user }, None, WAIT).await;
    let actors = match who {
        Ok(_) | Err(CallError::Refused(_)) => Actors::Answer,
        Err(CallError::Bus(BusError::NoResponders)) => Actors::Missing,
        Err(CallError::Bus(_) | CallError::Codec(_)) => Actors::Silent,
    };
    Around { absence_is_told: refused == Err(BusError::NoResponders), actors }
}

fn nobody() -> Result<UserId, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(UserId::from_bytes(bytes))
}

fn empty(subject: Subject) -> Outgoing {
    let (payload, body) = (Bytes::new(), Bytes::new());
    Outgoing { subject, reply: None, trace: None, payload, body }
}

async fn look_at_store(config: &Config) -> Option<Store> {
    let url = config.store.url.as_ref()?.expose();
    if config.command == Command::Serve && is_to_be_made(url) {
        return Some(Store::ToBeMade);
    }
    let took = Stopwatch::start();
    let clock = timeout(WAIT, store::clock(url)).await.unwrap_or(Err(StoreError::Timeout));
    Some(match clock {
        Ok(clock) => Store::Up { clock, took_ms: took.millis().0 },
        Err(StoreError::Outdated) => Store::Outdated,
        Err(error) => Store::Refused(told(&error)),
    })
}

/// The error and what is behind it: an operator needs the database's own words.
fn told(error: &StoreError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

fn is_to_be_made(url: &str) -> bool {
    url.strip_prefix("sqlite:").is_some_and(|path| !Path::new(path).exists())
}

fn open_files() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

/// The number in the file; a word there, or nothing, means that there is no limit.
fn memory(path: &Path) -> Option<u64> {
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}

fn root_key(path: &Path) -> RootKey {
    let about = match std::fs::metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return RootKey::Missing,
        Err(_) => return RootKey::Closed,
    };
    if std::fs::File::open(path).is_err() {
        return RootKey::Closed;
    }
    let open_to_others = about.permissions().mode() & OTHERS != 0;
    RootKey::There { bytes: about.len(), open_to_others }
}

/// The configuration has read the file; what became unreadable since has no certificates.
fn authorities(path: &Path) -> Vec<Option<Timestamp>> {
    let Ok(found) = CertificateDer::pem_file_iter(path) else { return Vec::new() };
    found.map(|der| certificate::ends(&der.ok()?)).collect()
}
