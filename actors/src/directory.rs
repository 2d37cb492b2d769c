//! The directory actor: who people are, and when they were last seen.

mod find;
mod seen;
mod who;

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use bus_schemas::bus::{Bus, BusError, Group};
use bus_schemas::directory as said;
use bus_schemas::verbs::Question;
use futures_util::stream::{StreamExt, TryStreamExt, select_all};

use crate::serve::answerer::{Answerer, Heard, QUESTIONS_WAITING_MAX, Service, reply};
use crate::serve::{Parts, StartError};
use crate::store::Store;

/// The members of this group share the questions to the directory.
const GROUP: Group = Group("directory");

/// Owns the batch of who was seen. Hears what the directory is asked and told; ends when told
/// to, after its batch is written.
pub(crate) type DirectoryActor = Answerer<Directory>;

/// What the uses work with.
pub(crate) struct Directory {
    bus: Arc<dyn Bus>,
    store: Arc<dyn Store>,
    batch: RefCell<seen::Batch>,
}

/// What the directory is asked and told.
pub(crate) enum Asked {
    Me(Question<said::Who>),
    Who(Question<said::Who>),
    Find(Question<said::Find>),
    Seen(said::Seen),
}

impl Service for Directory {
    type Heard = Asked;
    const TICK: Option<Duration> = Some(seen::WRITTEN_EVERY);

    fn new(parts: &Parts) -> Result<Self, StartError> {
        Ok(Self {
            bus: Arc::clone(&parts.bus),
            store: Arc::clone(&parts.store),
            batch: RefCell::default(),
        })
    }

    async fn listen(bus: &dyn Bus) -> Result<Heard<Asked>, BusError> {
        const MAX: usize = QUESTIONS_WAITING_MAX;
        Ok(select_all([
            bus.serve(&said::me(), GROUP, MAX).await?.map_ok(Asked::Me).boxed(),
            bus.serve(&said::who(), GROUP, MAX).await?.map_ok(Asked::Who).boxed(),
            bus.serve(&said::find(), GROUP, MAX).await?.map_ok(Asked::Find).boxed(),
            bus.hear(&said::seen(), Some(GROUP), MAX).await?.map_ok(Asked::Seen).boxed(),
        ])
        .boxed())
    }

    async fn answer(&self, asked: Asked) {
        let bus = &*self.bus;
        match asked {
            Asked::Me(question) => reply(bus, question, |body| self.me(body)).await,
            Asked::Who(question) => reply(bus, question, |body| self.who(body)).await,
            Asked::Find(question) => reply(bus, question, |body| self.find(body)).await,
            Asked::Seen(told) => self.seen(told).await,
        }
    }

    async fn tick(&self) {
        self.write_seen().await;
    }

    async fn stop(&self) {
        self.write_seen().await;
    }
}
