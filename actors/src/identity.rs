//! The identity actor: the public keys of users.

mod publish;
mod read;

use std::sync::Arc;

use bus_schemas::bus::{Bus, BusError, Group};
use bus_schemas::identity as said;
use bus_schemas::verbs::Question;
use futures_util::stream::{StreamExt, TryStreamExt, select_all};

use crate::clock::Clock;
use crate::serve::answerer::{Answerer, Heard, QUESTIONS_WAITING_MAX, Service, reply};
use crate::serve::{Parts, StartError};
use crate::store::Store;

/// The members of this group share the questions to identity.
const GROUP: Group = Group("identity");

/// Owns nothing. Hears what is asked of identity; ends when told to.
pub(crate) type IdentityActor = Answerer<Identity>;

/// What the uses work with.
pub(crate) struct Identity {
    bus: Arc<dyn Bus>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

/// What identity is asked.
pub(crate) enum Asked {
    Publish(Question<said::Publish>),
    Key(Question<said::OfUser>),
    Fingerprint(Question<said::OfUser>),
    History(Question<said::OfUser>),
}

impl Service for Identity {
    type Heard = Asked;

    fn new(parts: &Parts) -> Result<Self, StartError> {
        Ok(Self {
            bus: Arc::clone(&parts.bus),
            store: Arc::clone(&parts.store),
            clock: Arc::clone(&parts.clock),
        })
    }

    async fn listen(bus: &dyn Bus) -> Result<Heard<Asked>, BusError> {
        const MAX: usize = QUESTIONS_WAITING_MAX;
        Ok(select_all([
            bus.serve(&said::publish(), GROUP, MAX).await?.map_ok(Asked::Publish).boxed(),
            bus.serve(&said::key(), GROUP, MAX).await?.map_ok(Asked::Key).boxed(),
            bus.serve(&said::fingerprint(), GROUP, MAX).await?.map_ok(Asked::Fingerprint).boxed(),
            bus.serve(&said::history(), GROUP, MAX).await?.map_ok(Asked::History).boxed(),
        ])
        .boxed())
    }

    async fn answer(&self, asked: Asked) {
        let bus = &*self.bus;
        match asked {
            Asked::Publish(question) => reply(bus, question, |body| self.publish(body)).await,
            Asked::Key(question) => reply(bus, question, |body| self.key(body)).await,
            Asked::Fingerprint(question) => {
                reply(bus, question, |body| self.fingerprint(body)).await;
            }
            Asked::History(question) => reply(bus, question, |body| self.history(body)).await,
        }
    }
}
