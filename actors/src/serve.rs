//! Starts the answering actors and stops them in order.

pub(crate) mod answerer;

use std::fmt;
use std::sync::Arc;

use actors_core::auth::guessing;
use actors_core::auth::keys::Keys;
use bus_schemas::bus::{Bus, BusError};

use crate::auth::lease::LeaseActor;
use crate::auth::{AuthActor, HasherError, Hashing};
use crate::clock::Clock;
use crate::directory::DirectoryActor;
use crate::identity::IdentityActor;
use crate::store::Store;
use answerer::Running;

/// An answering actor. Several processes may have the same one: they share the questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Accounts, Logins, tokens.
    Auth,
    /// Public keys.
    Identity,
    /// Who people are.
    Directory,
}

impl Role {
    /// Every role.
    pub const ALL: &'static [Self] = &[Self::Auth, Self::Identity, Self::Directory];

    /// Its name on the command line and in logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Identity => "identity",
            Self::Directory => "directory",
        }
    }
}

/// What the actors work with.
#[derive(Clone)]
pub struct Parts {
    /// Where they are asked.
    pub bus: Arc<dyn Bus>,
    /// What they know.
    pub store: Arc<dyn Store>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// The server's keys; only auth needs any.
    pub keys: Option<Arc<Keys>>,
    /// How passwords are hashed.
    pub hashing: Hashing,
    /// How often a password may be guessed.
    pub guessing: guessing::Settings,
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Parts(…)")
    }
}

/// Why the actors could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The questions cannot be heard.
    #[error("the bus does not carry the questions")]
    Bus(#[from] BusError),
    /// Auth was given no keys.
    #[error("auth cannot sign anything without keys")]
    NoKeys,
    /// Passwords cannot be hashed.
    #[error(transparent)]
    Hasher(#[from] HasherError),
}

/// The running actors.
#[derive(Debug)]
pub struct Handle {
    running: Vec<Running>,
}

impl Handle {
    /// Takes no more questions, answers those under way, and ends.
    pub async fn stop(self) {
        for actor in &self.running {
            actor.tell_to_stop();
        }
        for actor in self.running {
            actor.ended().await;
        }
    }
}

/// Starts the actors of these roles on the calling arbiter. Returns when the bus has confirmed
/// that whatever is asked from here on is heard.
pub async fn start(parts: Parts, roles: &[Role]) -> Result<Handle, StartError> {
    let mut running = Vec::with_capacity(roles.len());
    for role in roles {
        match role {
            Role::Auth => {
                running.push(LeaseActor::start(&parts).await?);
                running.push(AuthActor::start(&parts).await?);
            }
            Role::Identity => running.push(IdentityActor::start(&parts).await?),
            Role::Directory => running.push(DirectoryActor::start(&parts).await?),
        }
        tracing::info!(role = role.name(), "answering");
    }
    Ok(Handle { running })
}
