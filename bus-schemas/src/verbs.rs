//! The typed verbs over any [`Bus`]: callers name topics and payloads, never subjects and bytes.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::bus::{self, Bus, BusError, Gap, Group, Incoming, Outgoing};
use crate::codec::{self, CodecError};
use crate::fault::Code;
use crate::id::TraceId;
use crate::topic::{Call, Subject, Topic};

/// What crosses the bus as an answer: the answer itself, or a refusal.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply<R> {
    /// It was done.
    Done(R),
    /// It was refused.
    Refused(Refusal),
}

/// Why it was refused, and perhaps when to come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What the outside is told.
    pub code: Code,
    /// Seconds after which the same question may be granted.
    pub retry_after_seconds: Option<u32>,
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self { code, retry_after_seconds: None }
    }
}

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The answerer refused, with a code for the outside.
    #[error("refused: {}", .0.code)]
    Refused(Refusal),
    /// The bus could not carry it.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// Question or answer is not what this call carries.
    #[error(transparent)]
    Codec(#[from] CodecError),
}

impl CallError {
    /// What the outside is told.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Refused(refusal) => refusal.code,
            Self::Bus(_) => Code::ServiceUnavailable,
            Self::Codec(_) => Code::InternalError,
        }
    }
}

/// A question that waits for its answer.
#[derive(Debug)]
pub struct Question<Q> {
    /// What is asked.
    pub body: Q,
    /// The trace id of whoever asked.
    pub trace: Option<TraceId>,
    /// Where the answer goes.
    pub reply: Subject,
}

/// Questions for one member of a group, or for everybody.
pub type Questions<Q> = BoxStream<'static, Result<Question<Q>, Gap>>;

/// What everybody answers who was asked.
pub type Answers<R> = BoxStream<'static, Result<Result<R, CallError>, Gap>>;

impl dyn Bus {
    /// Asks; one member of the answering group replies.
    pub async fn call<Q: Serialize + Sync, R: DeserializeOwned>(
        &self,
        call: &Call<Q, R>,
        question: &Q,
        trace: Option<TraceId>,
        wait: Duration,
    ) -> Result<R, CallError> {
        let payload = codec::encode(question)?;
        let message = Outgoing {
            subject: call.subject().clone(),
            reply: None,
            trace,
            payload,
            body: Bytes::new(),
        };
        read(&self.request(message, wait).await?, self.on_unreadable())
    }

    /// Asks everybody who answers this call, and gives each answer as it comes. The stream ends
    /// where nobody is there to answer, else with its asker's patience.
    pub async fn ask_every<Q: Serialize + Sync, R: DeserializeOwned + Send + 'static>(
        &self,
        call: &Call<Q, R>,
        question: &Q,
        capacity: usize,
    ) -> Result<Answers<R>, CallError> {
        let payload = codec::encode(question)?;
        let subject = call.subject().clone();
        let message = Outgoing { subject, reply: None, trace: None, payload, body: Bytes::new() };
        let answers = self.request_many(message, capacity).await?;
        let anybody = |item: &Result<Incoming, Gap>| {
            std::future::ready(!matches!(item, Ok(answer) if answer.no_responders))
        };
        let count = self.on_unreadable();
        let read = move |item: Result<Incoming, Gap>| item.map(|it| read(&it.payload, count));
        Ok(answers.take_while(anybody).map(read).boxed())
    }

    /// Joins the group that answers a call. A question that does not decode, or that names no
    /// place for the answer, is counted and dropped: its sender runs into the timeout.
    pub async fn serve<Q, R>(
        &self,
        call: &Call<Q, R>,
        group: Group,
        capacity: usize,
    ) -> Result<Questions<Q>, BusError>
    where
        Q: DeserializeOwned + Send + 'static,
    {
        self.hear_questions(call, Some(group), capacity).await
    }

    /// Answers a call beside everybody else who does: see `ask_every`.
    pub async fn serve_each<Q, R>(
        &self,
        call: &Call<Q, R>,
        capacity: usize,
    ) -> Result<Questions<Q>, BusError>
    where
        Q: DeserializeOwned + Send + 'static,
    {
        self.hear_questions(call, None, capacity).await
    }

    async fn hear_questions<Q, R>(
        &self,
        call: &Call<Q, R>,
        group: Option<Group>,
        capacity: usize,
    ) -> Result<Questions<Q>, BusError>
    where
        Q: DeserializeOwned + Send + 'static,
    {
        let messages = self.subscribe(call.subject(), group, capacity).await?;
        let count = self.on_unreadable();
        let question = move |message| counted(question(message), count);
        Ok(messages.filter_map(move |item| async move { item.map(question).transpose() }).boxed())
    }

    /// Returns when the bus has done whatever this connection asked of it before: it answers in
    /// order. An error says that nobody knows.
    pub async fn settle(&self, wait: Duration) -> Result<(), BusError> {
        let (subject, payload) = (bus::echo(), Bytes::new());
        let echo = Outgoing { subject, reply: None, trace: None, payload, body: Bytes::new() };
        match self.request(echo, wait).await {
            Ok(_) | Err(BusError::NoResponders) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Answers a question.
    pub fn answer<R: Serialize>(&self, reply: Subject, answer: &Reply<R>) -> Result<(), CallError> {
        let payload = codec::encode(answer)?;
        Ok(self.publish(Outgoing {
            subject: reply,
            reply: None,
            trace: None,
            payload,
            body: Bytes::new(),
        })?)
    }

    /// Tells whoever listens.
    pub fn tell<P: Serialize>(&self, topic: &Topic<P>, payload: &P) -> Result<(), CallError> {
        let payload = codec::encode(payload)?;
        let subject = topic.subject().clone();
        Ok(self.publish(Outgoing {
            subject,
            reply: None,
            trace: None,
            payload,
            body: Bytes::new(),
        })?)
    }

    /// Listens to a topic. What does not decode is counted and dropped.
    pub async fn hear<P: DeserializeOwned + Send + 'static>(
        &self,
        topic: &Topic<P>,
        group: Option<Group>,
        capacity: usize,
    ) -> Result<BoxStream<'static, Result<P, Gap>>, BusError> {
        let messages = self.subscribe(topic.subject(), group, capacity).await?;
        let count = self.on_unreadable();
        let decoded =
            move |message: Incoming| counted(codec::decode::<P>(&message.payload).ok(), count);
        Ok(messages.filter_map(move |item| async move { item.map(decoded).transpose() }).boxed())
    }
}

fn read<R: DeserializeOwned>(payload: &[u8], count: fn()) -> Result<R, CallError> {
    match codec::decode::<Reply<R>>(payload).inspect_err(|_| count())? {
        Reply::Done(answer) => Ok(answer),
        Reply::Refused(refusal) => Err(CallError::Refused(refusal)),
    }
}

fn question<Q: DeserializeOwned>(message: Incoming) -> Option<Question<Q>> {
    let body = codec::decode(&message.payload).ok()?;
    Some(Question { body, trace: message.trace, reply: message.reply? })
}

/// What could be read; what could not is counted.
fn counted<T>(read: Option<T>, count: fn()) -> Option<T> {
    if read.is_none() {
        count();
    }
    read
}
