//! Which bus this process stands on, and its connections.

use std::sync::Arc;

use actors::bus::Lane;
use actors::bus::embedded::Broker;
use actors::bus::nats::{self, BusUser, NatsConfig};
use actors::serve::Role;
use bus_schemas::bus::Bus;

use crate::config::{Command, Config};

/// The bus connections of an arbiter with doors.
pub(super) struct Lanes {
    pub(super) talk: Arc<dyn Bus>,
    pub(super) bulk: Arc<dyn Bus>,
}

/// Makes bus connections: one for each lane of each arbiter with doors, else one for talk.
#[derive(Clone)]
pub(super) enum Buses {
    Embedded(Arc<Broker>),
    Nats(NatsConfig),
}

/// Who this process is at the broker.
pub(crate) const fn user(config: &Config) -> BusUser {
    match (config.command, config.roles.as_slice()) {
        (Command::Edge, _) => BusUser::Edge,
        (_, [Role::Auth]) => BusUser::Auth,
        (_, [Role::Identity]) => BusUser::Identity,
        (_, [Role::Directory]) => BusUser::Directory,
        (_, _) => BusUser::Actors,
    }
}

impl Buses {
    pub(super) fn choose(config: &Config) -> Self {
        let user = user(config);
        match config.bus.url.clone() {
            Some(url) => {
                let ca_file = config.bus.ca_file.clone();
                // In one order for the whole process: it hangs on one broker, not on several.
                Self::Nats(NatsConfig { ca_file, ..NatsConfig::new(url, user) }.shuffled())
            }
            None => Self::Embedded(Arc::new(Broker::new())),
        }
    }

    /// To be called on the arbiter that is to carry the connection.
    pub(super) async fn connect(&self, lane: Lane) -> anyhow::Result<Arc<dyn Bus>> {
        match self {
            Self::Embedded(broker) => Ok(Arc::new(broker.connect_for(lane))),
            Self::Nats(config) => {
                let config = NatsConfig { lane, ..config.clone() };
                Ok(Arc::new(nats::connect_patiently(config).await?))
            }
        }
    }
}
