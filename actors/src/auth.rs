//! The auth actor: accounts, Logins, and the tokens they are given.
//!
//! Each use is a plain asynchronous function that loads, asks `actors-core` for a verdict, and
//! stores; one use a file.

mod admit;
mod guess;
mod hasher;
pub(crate) mod lease;
mod login;
mod logins;
mod logout;
mod password;
mod refresh;
mod register;
mod rehash;
mod remove;
mod revoke;
mod sweep;
mod telling;
mod verify;

use std::sync::Arc;
use std::time::Duration;

use actors_core::auth::guessing;
use actors_core::auth::keys::Keys;
use bus_schemas::auth as said;
use bus_schemas::bus::{Bus, BusError, Group};
use bus_schemas::id::TraceId;
use bus_schemas::verbs::{Question, Refusal};
use futures_util::stream::{StreamExt, TryStreamExt, select_all};
use tracing::Instrument;

use crate::clock::Clock;
use crate::serve::answerer::{Answerer, Heard, QUESTIONS_WAITING_MAX, Service, reply};
use crate::serve::{Parts, StartError};
use crate::store::Store;

use rehash::Outdated;
use telling::{Asker, Ended, Telling};

pub use hasher::{HasherError, Hashing};

/// The members of this group share the questions to auth.
const GROUP: Group = Group("auth");

/// Owns the hashing threads and the signing key. Hears what is asked of auth; ends when told to.
pub(crate) type AuthActor = Answerer<Auth>;

/// What the uses work with.
pub(crate) struct Auth {
    bus: Arc<dyn Bus>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    keys: Arc<Keys>,
    hasher: hasher::Hasher,
    guessing: guessing::Settings,
    turns: guess::Turns,
    telling: Telling,
}

/// What auth is asked.
pub(crate) enum Asked {
    Register(Question<said::Register>),
    LogIn(Question<said::LogIn>),
    Refresh(Question<said::Refresh>),
    LogOut(Question<said::LogOut>),
    Revoke(Question<said::Revoked>),
    Verify(Question<said::Verify>),
    Password(Question<said::ChangePassword>),
    Remove(Question<said::RemoveAccount>),
    Logins(Question<said::AskLogins>),
    End(Question<said::EndLogin>),
}

impl Service for Auth {
    type Heard = Asked;
    const TICK: Option<Duration> = Some(sweep::SWEEP_EVERY);

    fn new(parts: &Parts) -> Result<Self, StartError> {
        let keys = parts.keys.clone().ok_or(StartError::NoKeys)?;
        Ok(Self {
            bus: Arc::clone(&parts.bus),
            store: Arc::clone(&parts.store),
            clock: Arc::clone(&parts.clock),
            hasher: hasher::Hasher::start(Arc::clone(&keys), parts.hashing)?,
            keys,
            guessing: parts.guessing,
            turns: guess::Turns::default(),
            telling: Telling::new(Arc::clone(&parts.bus), Arc::clone(&parts.store)),
        })
    }

    async fn listen(bus: &dyn Bus) -> Result<Heard<Asked>, BusError> {
        const MAX: usize = QUESTIONS_WAITING_MAX;
        Ok(select_all([
            bus.serve(&said::register(), GROUP, MAX).await?.map_ok(Asked::Register).boxed(),
            bus.serve(&said::log_in(), GROUP, MAX).await?.map_ok(Asked::LogIn).boxed(),
            bus.serve(&said::refresh(), GROUP, MAX).await?.map_ok(Asked::Refresh).boxed(),
            bus.serve(&said::log_out(), GROUP, MAX).await?.map_ok(Asked::LogOut).boxed(),
            bus.serve(&said::revoke(), GROUP, MAX).await?.map_ok(Asked::Revoke).boxed(),
            bus.serve(&said::verify(), GROUP, MAX).await?.map_ok(Asked::Verify).boxed(),
            bus.serve(&said::change_password(), GROUP, MAX).await?.map_ok(Asked::Password).boxed(),
            bus.serve(&said::remove_account(), GROUP, MAX).await?.map_ok(Asked::Remove).boxed(),
            bus.serve(&said::logins(), GROUP, MAX).await?.map_ok(Asked::Logins).boxed(),
            bus.serve(&said::end_login(), GROUP, MAX).await?.map_ok(Asked::End).boxed(),
        ])
        .boxed())
    }

    async fn answer(&self, asked: Asked) {
        let bus = &*self.bus;
        match asked {
            Asked::Register(question) => reply(bus, question, |body| self.register(body)).await,
            Asked::LogIn(question) => {
                let outdated = Outdated::default();
                reply(bus, question, |body| self.log_in(body, &outdated)).await;
                self.rehash(outdated).await;
            }
            Asked::Refresh(question) => reply(bus, question, |body| self.refresh(body)).await,
            Asked::LogOut(question) => self.reply_told(question, |body| self.log_out(body)).await,
            Asked::Revoke(question) => self.reply_told(question, |body| self.revoke(body)).await,
            Asked::Verify(question) => reply(bus, question, |body| self.verify(body)).await,
            Asked::Password(question) => {
                self.reply_told(question, |body| self.change_password(body)).await;
            }
            Asked::Remove(question) => {
                self.reply_told(question, |body| self.remove_account(body)).await;
            }
            Asked::Logins(question) => reply(bus, question, |body| self.logins(body)).await,
            Asked::End(question) => {
                self.reply_told(question, |body| self.end_own_login(body)).await;
            }
        }
    }

    async fn tick(&self) {
        self.sweep().await;
    }

    async fn stop(&self) {
        self.telling.stop().await;
    }
}

impl Auth {
    /// Answers a question whose use ends something at its owner's wish: when no edge takes any of
    /// it any more.
    async fn reply_told<Q, E, F>(&self, question: Question<Q>, give: impl FnOnce(Q) -> F)
    where
        E: Into<Refusal>,
        F: Future<Output = Result<Ended, E>>,
    {
        let Question { body, trace, reply } = question;
        let asker = Asker { reply, trace };
        let span =
            tracing::info_span!("question", trace = asker.trace.as_ref().map(TraceId::as_str));
        match give(body).instrument(span).await {
            Ok(ended) => self.telling.answer(ended, asker).await,
            Err(refusal) => telling::refuse(&*self.bus, asker, refusal.into()),
        }
    }
}
