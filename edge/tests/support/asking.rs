//! Requests to a house, and answers whose every detail is held against the OpenAPI document.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::string::FromUtf8Error;
use std::sync::LazyLock;

use bytes::Bytes;
use edge::http::api::document::document;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{House, Person};

thread_local! {
    /// What the story of this thread has seen, in the words of [`Operation::answers`].
    static SEEN: RefCell<BTreeSet<String>> = RefCell::default();
}

/// Where an answer is counted that belongs to no documented route.
const ELSEWHERE: &str = "elsewhere";

/// What this thread's story has seen so far.
pub(crate) fn seen() -> BTreeSet<String> {
    SEEN.with_borrow(Clone::clone)
}

/// A route as it is documented.
pub(crate) struct Operation {
    pub(crate) verb: String,
    /// With `{id}` where an id belongs.
    pub(crate) path: String,
    pub(crate) written: Value,
    /// `GET /api/chat/me 200`, `GET /api/chat/me 404 USER_NOT_FOUND`.
    pub(crate) answers: BTreeSet<String>,
}

impl Operation {
    fn new(path: &str, verb: &str, written: &Value) -> Self {
        let place = format!("{} {path}", verb.to_uppercase());
        let mut answers = BTreeSet::new();
        for (status, answer) in written["responses"].as_object().unwrap() {
            let schema = &answer["content"]["application/json"]["schema"];
            match schema["allOf"][1]["properties"]["code"]["enum"].as_array() {
                Some(codes) => answers.extend(
                    codes.iter().map(|c| format!("{place} {status} {}", c.as_str().unwrap())),
                ),
                None => drop(answers.insert(format!("{place} {status}"))),
            }
        }
        let (verb, path, written) = (verb.to_uppercase(), path.to_owned(), written.clone());
        Self { verb, path, written, answers }
    }

    /// Whether it can be answered so: a status and perhaps a code.
    pub(crate) fn can(&self, answer: &str) -> bool {
        self.answers.contains(&format!("{} {} {answer}", self.verb, self.path))
    }

    fn takes(&self, verb: &str, path: &str) -> bool {
        let parts = self.path.split('/');
        self.verb == verb
            && parts.clone().count() == path.split('/').count()
            && parts.zip(path.split('/')).all(|(own, part)| own.starts_with('{') || own == part)
    }
}

/// An id that belongs to nobody.
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

impl Operation {
    /// Its path with an id in it.
    pub(crate) fn with_id(&self, id: &str) -> String {
        self.path.replace("{id}", id)
    }

    /// Its path with an id in it that belongs to nobody.
    pub(crate) fn somewhere(&self) -> String {
        self.with_id(NOBODY)
    }

    /// A request as the document describes it, by somebody who is signed in.
    pub(crate) fn asked(&self, house: &House, person: &Person) -> Request {
        let query = if self.path == "/api/chat/users" { "?username=al" } else { "" };
        let mut request = house.request(&self.verb, &format!("{}{query}", self.somewhere()));
        if let Some(body) = self.example() {
            request = request.json(&body);
        }
        if self.path == "/ws/" {
            request = request.upgrading();
        }
        let request = request.header("cookie", &person.cookie);
        if self.asks_for("bearer") { request.bearer(&person.token) } else { request }
    }

    pub(crate) fn takes_a_body(&self) -> bool {
        self.written.get("requestBody").is_some()
    }

    fn asks_for(&self, credential: &str) -> bool {
        let ways = self.written["security"].as_array();
        ways.into_iter().flatten().any(|way| way.get(credential).is_some())
    }

    /// A body made of the examples of its fields.
    fn example(&self) -> Option<Value> {
        let schema = &self.written["requestBody"]["content"]["application/json"]["schema"];
        let name = schema["$ref"].as_str()?.rsplit('/').next()?;
        let fields = document()["components"]["schemas"][name]["properties"].take();
        let with_example = |(field, schema): (&String, &Value)| {
            Some((field.clone(), schema["examples"].get(0)?.clone()))
        };
        Some(fields.as_object()?.iter().filter_map(with_example).collect())
    }
}

/// The documented routes that can be answered so.
pub(crate) fn every(answer: &str) -> impl Iterator<Item = &'static Operation> {
    OPERATIONS.iter().filter(move |operation| operation.can(answer))
}

/// Every documented route.
pub(crate) static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let places = paths.iter().flat_map(|(path, verbs)| {
        verbs.as_object().unwrap().iter().map(move |(verb, written)| (path, verb, written))
    });
    places.map(|(path, verb, written)| Operation::new(path, verb, written)).collect()
});

/// A request that is being written.
pub(crate) struct Request {
    verb: String,
    path: String,
    builder: RequestBuilder,
}

impl Request {
    pub(crate) fn new(client: &Client, verb: &str, url: &str, path: &str) -> Self {
        let builder = client.request(verb.parse().unwrap(), format!("{url}{path}"));
        let path = path.split('?').next().unwrap().to_owned();
        Self { verb: verb.to_owned(), path, builder }
    }

    pub(crate) fn header<K, V>(self, name: K, value: V) -> Self
    where
        HeaderName: TryFrom<K>,
        <HeaderName as TryFrom<K>>::Error: Into<axum::http::Error>,
        HeaderValue: TryFrom<V>,
        <HeaderValue as TryFrom<V>>::Error: Into<axum::http::Error>,
    {
        self.with(|builder| builder.header(name, value))
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header(AUTHORIZATION, format!("Bearer {token}"))
    }

    pub(crate) fn json<T: Serialize + ?Sized>(self, body: &T) -> Self {
        self.with(|builder| builder.json(body))
    }

    pub(crate) fn body(self, body: impl Into<reqwest::Body>) -> Self {
        self.with(|builder| builder.body(body))
    }

    /// As the handshake of a WebSocket.
    pub(crate) fn upgrading(self) -> Self {
        self.header("connection", "Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
    }

    pub(crate) fn try_clone(&self) -> Option<Self> {
        let builder = self.builder.try_clone()?;
        Some(Self { verb: self.verb.clone(), path: self.path.clone(), builder })
    }

    /// Sends it; the status of an answer that may be anything.
    pub(crate) async fn unjudged(self) -> u16 {
        let answer = self.builder.send().await.unwrap();
        let status = answer.status().as_u16();
        drop(answer.bytes().await.unwrap());
        status
    }

    /// Sends it, and holds the answer against the document.
    pub(crate) async fn send(self) -> Result<Answer, reqwest::Error> {
        let answer = self.builder.send().await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let answer = Answer { status, headers, body: answer.bytes().await?, path: self.path };
        note(&self.verb, &answer.path, answer.status, &answer.body);
        Ok(answer)
    }

    fn with(self, change: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Self {
        Self { builder: change(self.builder), ..self }
    }
}

/// An answer that came as a whole.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    path: String,
}

impl Answer {
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Where it was asked for.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    #[expect(clippy::unused_async, reason = "stories read an answer as they read reqwest's")]
    pub(crate) async fn json<T: DeserializeOwned>(self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }

    #[expect(clippy::unused_async, reason = "stories read an answer as they read reqwest's")]
    pub(crate) async fn text(self) -> Result<String, FromUtf8Error> {
        String::from_utf8(self.body.to_vec())
    }
}

/// Remembers an answer; one that a documented route gives and the document does not name fails.
pub(crate) fn note(verb: &str, path: &str, status: StatusCode, body: &[u8]) {
    let operation = OPERATIONS.iter().find(|operation| operation.takes(verb, path));
    let place = operation.map_or_else(
        || ELSEWHERE.to_owned(),
        |operation| format!("{} {}", operation.verb, operation.path),
    );
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let code = body["code"].as_str().filter(|_| !status.is_success());
    let code = code.map(|code| format!(" {code}")).unwrap_or_default();
    let seen = format!("{place} {}{code}", status.as_u16());
    if let Some(operation) = operation {
        assert!(operation.answers.contains(&seen), "the document does not name: {seen}");
    }
    SEEN.with_borrow_mut(|all| all.insert(seen));
}
