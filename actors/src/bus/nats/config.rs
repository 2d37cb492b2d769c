//! Where the broker is, and who connects.

use async_nats::{ConnectErrorKind, ServerAddr};
use bus_schemas::secret::Secret;

/// How a process connects to its broker.
#[derive(Clone, Debug)]
pub struct NatsConfig {
    /// `nats://host:port`, or several of them separated by commas. A user and a password may
    /// stand in each: `nats://edge:secret@host:4222`, with `%` and two hexadecimal digits for
    /// characters that mean something else in an address.
    pub url: Secret<String>,
    /// Which user of the broker this process is; its inboxes carry the name.
    pub user: BusUser,
    /// The password of that user. Without one here or in the address, none is sent.
    pub password: Option<Secret<String>>,
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
    /// Nothing answers there.
    #[error("the broker cannot be reached: {0}")]
    Unreachable(ConnectErrorKind),
}

/// One address of the broker, and whom to name there.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) address: ServerAddr,
    pub(super) user: Option<String>,
    pub(super) password: Option<Secret<String>>,
}

impl NatsConfig {
    /// The addresses, at least one.
    pub(super) fn servers(&self) -> Result<Vec<Server>, ConnectError> {
        self.url.expose().split(',').map(|url| self.server(url.trim())).collect()
    }

    fn server(&self, url: &str) -> Result<Server, ConnectError> {
        let address: ServerAddr = url.parse().map_err(|_| ConnectError::BadAddress)?;
        if address.host().is_empty() {
            return Err(ConnectError::BadAddress);
        }
        let decoded = |text: &str| decode(text).ok_or(ConnectError::BadAddress);
        let user = address.username().map(decoded).transpose()?;
        let password = address.password().map(decoded).transpose()?.map(Secret::new);
        let password = password.or_else(|| self.password.clone());
        let default_user = password.is_some().then(|| self.user.name().to_owned());
        Ok(Server { user: user.or(default_user), password, address })
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
    use super::*;

    fn server(url: &str, password: Option<&str>) -> Result<Vec<Server>, ConnectError> {
        let password = password.map(|text| Secret::new(text.to_owned()));
        NatsConfig { url: Secret::new(url.to_owned()), user: BusUser::Edge, password }.servers()
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
    fn without_a_password_nobody_is_named() {
        let servers = server("nats://one:4222", None).unwrap();
        assert!(servers[0].user.is_none() && servers[0].password.is_none());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for url in ["", "nats://", "http://one", "nats://a:%zz@one", "nats://a:%4@one"] {
            assert!(matches!(server(url, None), Err(ConnectError::BadAddress)), "{url}");
        }
    }
}
