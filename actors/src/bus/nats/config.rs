//! Where the broker is, and who connects.

use std::path::PathBuf;

use bus_schemas::secret::Secret;
use url::{Host, Url};
use uuid::Uuid;

use crate::bus::Lane;

/// How a process connects to its broker.
#[derive(Clone, Debug)]
pub struct NatsConfig {
    /// `nats://host:port`, or `tls://host:port` where nothing may be said but over TLS; several of
    /// them are separated by commas. A user and a password may stand in each:
    /// `nats://edge:secret@host:4222`, with `%` and two hexadecimal digits for characters that
    /// mean something else in an address.
    pub url: Secret<String>,
    /// Which user of the broker this process is; its inboxes carry the name.
    pub user: BusUser,
    /// The password of that user. Without one here or in the address, none is sent.
    pub password: Option<Secret<String>>,
    /// A PEM file with the authorities that may vouch for the broker. With one, nothing is said
    /// but over TLS, whatever the address; without one those of the system count. It is read for
    /// each connection.
    pub ca_file: Option<PathBuf>,
    /// What the connection is for.
    pub lane: Lane,
}

/// The users of the broker, one for each role. What each may say and hear is in `nats/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BusUser {
    /// The doors and their Sessions.
    Edge,
    /// The actor of accounts alone.
    Auth,
    /// The actor of public keys alone.
    Identity,
    /// The actor of names alone.
    Directory,
    /// A process that runs more than one of the three.
    Actors,
    /// A developer who asks edges to record.
    Capture,
}

impl BusUser {
    /// Every user.
    pub const ALL: &'static [Self] =
        &[Self::Edge, Self::Auth, Self::Identity, Self::Directory, Self::Actors, Self::Capture];

    /// The name at the broker, and in inboxes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Edge => "edge",
            Self::Auth => "auth",
            Self::Identity => "identity",
            Self::Directory => "directory",
            Self::Actors => "actors",
            Self::Capture => "capture",
        }
    }
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The address is none.
    #[error("the address of the bus is not of the form nats://user:password@host:port")]
    BadAddress,
    /// The broker knows no such user, or another password.
    #[error("the broker refuses this user or password")]
    Refused,
    /// The user is another role's.
    #[error(
        "the user in the address of the bus has another role: it may not hear what this one asks"
    )]
    OtherRole,
    /// Its certificate was made by a stranger.
    #[error(
        "no authority that is trusted here made the broker's certificate: name the PEM file of the \
         one that did in DHCHAT_BUS_CA_FILE"
    )]
    Untrusted,
    /// Its certificate is for another host.
    #[error(
        "the broker's certificate is not for the host in its address: use the name or number that \
         it was made for"
    )]
    OtherHost,
    /// Its certificate cannot be used for another reason.
    #[error("the broker's certificate cannot be used: {0}")]
    Certificate(String),
    /// There is no TLS where there has to be.
    #[error(
        "the broker does not speak TLS, and without it nothing is said: an address that begins with \
         nats://, and no DHCHAT_BUS_CA_FILE, is for a broker like that"
    )]
    NoTls,
    /// TLS cannot be begun from here, or was broken off.
    #[error("TLS to the broker fails: {0}")]
    Tls(String),
    /// It may be a broker without TLS, or one that stopped at this moment.
    #[error("the broker ended the connection before it could be used: does it speak TLS?")]
    BrokenOff,
    /// Nothing answers there.
    #[error("the broker cannot be reached: {0}")]
    Unreachable(Obstacle),
}

/// What is in the way to a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// Nobody knows its name.
    #[error("DNS error")]
    Name,
    /// It does not answer.
    #[error("timed out")]
    Silence,
    /// Nobody listens there, or it has something against us.
    #[error("IO error")]
    Socket,
}

impl ConnectError {
    /// Whether it may be otherwise in a moment without anybody's doing.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::BrokenOff)
    }
}

/// Where a broker listens unless its address says otherwise.
const PORT: u16 = 4222;

/// The address of one broker.
#[derive(Clone)]
pub(super) struct Address(Url);

impl Address {
    fn parse(text: &str) -> Option<Self> {
        let has_scheme = text.contains("://");
        let url = if has_scheme { text.parse() } else { format!("nats://{text}").parse() };
        let address = Self(url.ok()?);
        let is_ours = matches!(address.0.scheme(), "nats" | "tls") && !address.host().is_empty();
        is_ours.then_some(address)
    }

    /// A name or a number; that of IPv6 without its brackets.
    pub(super) fn host(&self) -> &str {
        let host = self.0.host_str().unwrap_or_default();
        match self.0.host() {
            Some(Host::Ipv6(_)) => host.trim_matches(['[', ']']),
            Some(Host::Domain(_) | Host::Ipv4(_)) | None => host,
        }
    }

    pub(super) fn port(&self) -> u16 {
        self.0.port().unwrap_or(PORT)
    }

    /// Whether nothing may be said but over TLS.
    pub(super) fn is_tls(&self) -> bool {
        self.0.scheme() == "tls"
    }
}

/// One address of the broker, and whom to name there.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) address: Address,
    pub(super) user: Option<String>,
    pub(super) password: Option<Secret<String>>,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) lane: Lane,
}

impl NatsConfig {
    /// As this user with what stands in the address, for words.
    #[must_use]
    pub const fn new(url: Secret<String>, user: BusUser) -> Self {
        Self { url, user, password: None, ca_file: None, lane: Lane::Talk }
    }

    /// The same servers in an order of chance: of many processes not all come to the same one.
    #[must_use]
    pub fn shuffled(self) -> Self {
        let mut servers: Vec<&str> = self.url.expose().split(',').collect();
        servers.sort_by_cached_key(|_| Uuid::new_v4());
        Self { url: Secret::new(servers.join(",")), ..self }
    }

    /// The addresses, at least one.
    pub(super) fn servers(&self) -> Result<Vec<Server>, ConnectError> {
        self.url.expose().split(',').map(|url| self.server(url.trim())).collect()
    }

    fn server(&self, url: &str) -> Result<Server, ConnectError> {
        let address = Address::parse(url).ok_or(ConnectError::BadAddress)?;
        let decoded = |text: &str| decode(text).ok_or(ConnectError::BadAddress);
        let user = Some(address.0.username()).filter(|user| !user.is_empty());
        let user = user.map(decoded).transpose()?;
        let password = address.0.password().map(decoded).transpose()?.map(Secret::new);
        let password = password.or_else(|| self.password.clone());
        let default_user = password.is_some().then(|| self.user.name().to_owned());
        let (ca_file, lane) = (self.ca_file.clone(), self.lane);
        Ok(Server { user: user.or(default_user), password, ca_file, lane, address })
    }
}

/// Undoes the `%` of an address.
fn decode(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        bytes.extend(hex::decode(digits).ok()?);
        bytes.extend(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn server(url: &str, password: Option<&str>) -> Result<Vec<Server>, ConnectError> {
        let config = NatsConfig::new(Secret::new(url.to_owned()), BusUser::Edge);
        let password = password.map(|text| Secret::new(text.to_owned()));
        NatsConfig { password, ..config }.servers()
    }

    #[test]
    fn a_password_in_the_address_counts_before_the_other() {
        let servers = server("nats://eve:p%40ss@one:4222, nats://two:4222", Some("other"));
        let [one, two] = &servers.unwrap()[..] else { panic!("two addresses") };
        assert_eq!(one.user.as_deref(), Some("eve"));
        assert_eq!(one.password.as_ref().unwrap().expose(), "p@ss");
        assert_eq!(two.user.as_deref(), Some("edge"));
        assert_eq!(two.password.as_ref().unwrap().expose(), "other");
    }

    #[test]
    fn bus20_each_server_is_the_first_one_for_some_and_none_is_forgotten() {
        let listed = "nats://one:4222,nats://two:4222,nats://three:4222";
        let config = NatsConfig::new(Secret::new(listed.to_owned()), BusUser::Edge);
        let mut first = BTreeSet::new();
        for _ in 0..200 {
            let servers = config.clone().shuffled().servers().unwrap();
            let mut hosts: Vec<&str> = servers.iter().map(|server| server.address.host()).collect();
            first.insert(hosts[0].to_owned());
            hosts.sort_unstable();
            assert_eq!(hosts, ["one", "three", "two"]);
        }
        assert_eq!(first.len(), 3, "{first:?}");
    }

    #[test]
    fn without_a_password_nobody_is_named() {
        let servers = server("nats://one:4222", None).unwrap();
        assert!(servers[0].user.is_none() && servers[0].password.is_none());
    }

    #[test]
    fn an_address_has_a_host_a_port_and_a_wish_for_tls() {
        for (url, host, port, is_tls) in [
            ("one", "one", 4222, false),
            ("nats://one:42", "one", 42, false),
            ("tls://[::1]:43", "::1", 43, true),
            ("tls://10.0.0.1", "10.0.0.1", 4222, true),
        ] {
            let servers = server(url, None).unwrap();
            let address = &servers[0].address;
            assert_eq!((address.host(), address.port(), address.is_tls()), (host, port, is_tls));
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for url in ["", "nats://", "http://one", "nats://a:%zz@one", "nats://a:%4@one", "ws://one"]
        {
            assert!(matches!(server(url, None), Err(ConnectError::BadAddress)), "{url}");
        }
    }
}
