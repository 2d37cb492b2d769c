//! Subjects that know their payload. Nobody outside this crate writes a subject by hand.

use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

/// A subject, or a pattern that ends in `.>`.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Subject(String);

impl Subject {
    /// A subject from parts of this crate: fixed words and id tokens.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A subject as it came off the bus.
    #[must_use]
    pub fn received(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Told to whoever listens: a subject with payload `P`.
#[derive(Clone, Debug)]
pub struct Topic<P> {
    subject: Subject,
    payload: PhantomData<fn(P)>,
}

impl<P> Topic<P> {
    pub(crate) fn new(subject: impl Into<String>) -> Self {
        Self { subject: Subject::new(subject), payload: PhantomData }
    }

    /// Where it is told.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }
}

/// Asked of one of a group, or of everybody who answers: a subject with question `Q` and answer
/// `R`.
#[derive(Clone, Debug)]
pub struct Call<Q, R> {
    subject: Subject,
    shape: PhantomData<fn(Q) -> R>,
}

impl<Q, R> Call<Q, R> {
    pub(crate) fn new(subject: impl Into<String>) -> Self {
        Self { subject: Subject::new(subject), shape: PhantomData }
    }

    /// Where it is asked.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }
}
