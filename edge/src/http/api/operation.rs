//! What there is to know about one route.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use bus_schemas::fault::Code;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::super::limit::Kind;
use super::super::problem::status;
use super::schema;

/// How a route is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
    Delete,
}

impl Verb {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// Makes a schema when the document is written.
pub(crate) type Shape = fn(&mut SchemaGenerator) -> Schema;

/// How a caller says who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Credential {
    /// The access token.
    Bearer,
    /// The refresh token in its cookie.
    RefreshCookie,
}

impl Credential {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::RefreshCookie => "refreshCookie",
        }
    }
}

/// Whether a route does without a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needed {
    Yes,
    No,
}

/// An answer that is no refusal.
#[derive(Default)]
struct Given {
    body: Option<Shape>,
    headers: Vec<(&'static str, Value)>,
}

/// A route as the document tells it.
pub(crate) struct Operation {
    name: &'static str,
    summary: &'static str,
    parameters: Vec<Value>,
    query: Option<Shape>,
    body: Option<Shape>,
    credentials: Vec<(Credential, Needed)>,
    given: BTreeMap<StatusCode, Given>,
    refused: Vec<Code>,
    links: Map<String, Value>,
}

impl Operation {
    /// With what every route of this kind answers.
    pub(super) fn at(verb: Verb, path: &str) -> Self {
        let mut operation = Self {
            name: "",
            summary: "",
            parameters: vec![schema::trace_parameter()],
            query: None,
            body: None,
            credentials: Vec::new(),
            given: BTreeMap::new(),
            refused: vec![Code::BodyTooLarge, Code::InternalError],
            links: Map::new(),
        };
        if Kind::ALL.iter().any(|kind| kind.guards(path)) {
            operation.refuses(&[Code::TooManyRequests]);
        }
        if verb != Verb::Get {
            operation.refuses(&[Code::OriginNotAllowed]);
        }
        operation
    }

    pub(super) fn named(&mut self, name: &'static str, summary: &'static str) {
        (self.name, self.summary) = (name, summary);
    }

    /// Leads to other routes, by an id that stands at this place of a successful answer.
    pub(super) fn leads_to(&mut self, names: &[&str], id: &str) {
        let link = |name: &&str| {
            let link = json!({ "operationId": name, "parameters": { "id": id } });
            ((*name).to_owned(), link)
        };
        self.links.extend(names.iter().map(link));
    }

    /// Answers with these codes, each under its status.
    pub(crate) fn refuses(&mut self, codes: &[Code]) {
        for code in codes {
            if !self.refused.contains(code) {
                self.refused.push(*code);
            }
        }
    }

    /// Answers with this status, and perhaps a body of JSON.
    pub(crate) fn gives(&mut self, status: StatusCode, body: Option<Shape>) {
        self.given.entry(status).or_default().body = body;
    }

    /// Sends this header with an answer that it gives.
    pub(crate) fn sends(&mut self, status: StatusCode, name: &'static str, header: Value) {
        self.given.entry(status).or_default().headers.push((name, header));
    }

    /// Takes a parameter: a part of the path, a header or a cookie.
    pub(crate) fn takes(&mut self, parameter: Value) {
        self.parameters.push(parameter);
    }

    /// Takes a body of JSON.
    pub(crate) fn takes_body(&mut self, body: Shape) {
        self.body = Some(body);
    }

    /// Takes a query; each property of the schema is one of its keys.
    pub(crate) fn takes_query(&mut self, query: Shape) {
        self.query = Some(query);
    }

    /// Asks who it is.
    pub(crate) fn asks_for(&mut self, credential: Credential, needed: Needed) {
        self.credentials.push((credential, needed));
    }

    /// The route in the words of OpenAPI.
    pub(super) fn write(&self, generator: &mut SchemaGenerator) -> Value {
        let mut written = json!({
            "operationId": self.name,
            "summary": self.summary,
            "parameters": self.parameters(generator),
            "responses": self.answers(generator),
        });
        if let Some(body) = self.body {
            let content = json!({ "application/json": { "schema": body(generator) } });
            written["requestBody"] = json!({ "required": true, "content": content });
        }
        if !self.credentials.is_empty() {
            written["security"] = self.security();
        }
        written
    }

    fn parameters(&self, generator: &mut SchemaGenerator) -> Vec<Value> {
        let query = self.query.map(|query| schema::query_parameters(&query(generator)));
        self.parameters.iter().cloned().chain(query.into_iter().flatten()).collect()
    }

    /// One of these is enough; an empty one says that none is needed.
    fn security(&self) -> Value {
        let without = self.credentials.iter().all(|(_, needed)| *needed == Needed::No);
        let each =
            self.credentials.iter().map(|(credential, _)| json!({ credential.as_str(): [] }));
        each.chain(without.then(|| json!({}))).collect()
    }

    fn answers(&self, generator: &mut SchemaGenerator) -> Value {
        let mut answers = Map::new();
        for (status, given) in &self.given {
            let mut headers = schema::headers();
            let own = given.headers.iter().cloned();
            headers.extend(own.map(|(name, header)| (name.to_owned(), header)));
            let reason = status.canonical_reason().unwrap_or_default();
            let mut answer = json!({ "description": reason, "headers": headers });
            if let Some(body) = given.body {
                answer["content"] = json!({ "application/json": { "schema": body(generator) } });
            }
            if !self.links.is_empty() {
                answer["links"] = self.links.clone().into();
            }
            answers.insert(status.as_str().to_owned(), answer);
        }
        let mut refused: BTreeMap<StatusCode, Vec<Code>> = BTreeMap::new();
        for code in &self.refused {
            refused.entry(status(*code)).or_default().push(*code);
        }
        for (status, codes) in refused {
            let refusal = schema::refusal(status, &codes, generator);
            answers.insert(status.as_str().to_owned(), refusal);
        }
        answers.into()
    }
}
