//! Subjects that know their payload. Nobody outside this crate writes a subject by hand.

use std::fmt;
use std::marker::PhantomData;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// A subject, or a pattern that ends in `.>`. Clones share the text.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Subject(Bytes);

impl Subject {
    /// A subject from parts of this crate: fixed words and id tokens.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self::from(text.into())
    }

    /// The same from bytes that it shares with whoever else holds them.
    ///
    /// # Panics
    /// If they are no text, which parts of this crate always are.
    pub(crate) fn of(text: Bytes) -> Self {
        assert!(std::str::from_utf8(&text).is_ok(), "a subject is text");
        Self(text)
    }

    /// A subject as it came off the bus.
    #[must_use]
    pub fn received(text: impl Into<String>) -> Self {
        Self::from(text.into())
    }

    /// The same in the buffer that it came in, which it shares; `None` if that is no text.
    #[must_use]
    pub fn shared(text: Bytes) -> Option<Self> {
        std::str::from_utf8(&text).is_ok().then_some(Self(text))
    }

    /// The text as bytes, which nobody looks through again.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a subject is made of text alone")
    }
}

impl From<String> for Subject {
    fn from(text: String) -> Self {
        Self(Bytes::from(text))
    }
}

impl From<Subject> for String {
    fn from(subject: Subject) -> Self {
        subject.as_str().to_owned()
    }
}

impl From<Subject> for Bytes {
    fn from(subject: Subject) -> Self {
        subject.0
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
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
