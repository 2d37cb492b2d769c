//! The bus inside this process.

use std::sync::Arc;

use actors::bus::embedded::Broker;
use bus_schemas::bus::Bus;

use super::World;

pub(crate) struct Embedded(Broker);

impl Embedded {
    pub(crate) fn start() -> Self {
        Self(Broker::new())
    }
}

impl World for Embedded {
    async fn connect(&self) -> Arc<dyn Bus> {
        Arc::new(self.0.connect())
    }

    fn cut(&mut self) {
        self.0.cut();
    }

    fn mend(&mut self) {
        self.0.mend();
    }
}
