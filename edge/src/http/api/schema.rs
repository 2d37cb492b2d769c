//! The shapes that several routes share, each as exact as its rule.

use axum::http::StatusCode;
use bus_schemas::fault::Code;
use bus_schemas::limit::{
    PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, PUBLIC_KEY_BYTES_MAX, PUBLIC_KEY_BYTES_MIN,
    TRACE_ID_CHARS_MAX, TRACE_ID_CHARS_MIN, USERNAME_CHARS_MAX, USERNAME_CHARS_MIN,
};
use schemars::generate::{Contract, SchemaSettings};
use schemars::transform::RecursiveTransform;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::super::problem::{Envelope, status};

/// An Ed25519 key.
const KEY_EXAMPLE: &str = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
/// Where the shapes with a name stand in the document.
const NAMED: &str = "/components/schemas";
/// The name of the header that follows a request.
const TRACE: &str = "X-Trace-ID";

/// Makes schemas as this document wants them.
pub(super) fn generator() -> SchemaGenerator {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = NAMED.into();
    settings.meta_schema = None;
    // What is not sent is read as empty, and an empty value breaks a rule: every field counts.
    settings.contract = Contract::Serialize;
    let without_defaults = RecursiveTransform(|schema: &mut Schema| {
        schema.remove("default");
    });
    settings.with_transform(without_defaults).into_generator()
}

/// A username.
pub(crate) fn username(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "minLength": USERNAME_CHARS_MIN,
        "maxLength": USERNAME_CHARS_MAX,
        "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]*[A-Za-z0-9]$",
        "description": "Letters, digits, `_` and `-`, a letter or a digit at both ends; unique \
            without regard to case.",
        "examples": ["alice"],
    })
}

/// A password of the right form: a letter and a digit of any script.
pub(crate) fn password(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "minLength": PASSWORD_CHARS_MIN,
        "maxLength": PASSWORD_CHARS_MAX,
        "pattern": "\\p{L}[\\s\\S]*\\p{N}|\\p{N}[\\s\\S]*\\p{L}",
        "description": "At least one letter and one digit. A password that many people use, or \
            that is the username, cannot be chosen.",
        "examples": ["correct horse 7 battery"],
    })
}

/// A password that was chosen before: whatever it is, it is right or wrong.
pub(crate) fn present_password(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "description": "The password of the account.",
        "examples": ["correct horse 7 battery"],
    })
}

/// A UUID as it is written here.
pub(crate) fn id(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "format": "uuid" })
}

/// A moment.
pub(crate) fn moment(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "format": "date-time", "examples": ["2026-11-26T03:07:00Z"] })
}

/// A SHA-256 in hexadecimal digits.
pub(crate) fn fingerprint(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": "^[0-9a-f]{64}$" })
}

/// A public key as it was published.
pub(crate) fn stored_key(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "contentEncoding": "base64",
        "pattern": BASE64,
        "examples": [KEY_EXAMPLE],
    })
}

/// A public key to be published. In base64 the largest one has no length of its own: two sizes
/// above it have the same, so that the shape stops one byte before it.
pub(crate) fn new_key(_: &mut SchemaGenerator) -> Schema {
    // Ten groups of 4 characters are 30 bytes: 2 more, or a group and whatever follows.
    let pattern = format!("^({GROUP}){{10}}({TWO_BYTES}|({GROUP})+({ONE_BYTE}|{TWO_BYTES})?)$");
    json_schema!({
        "type": "string",
        "contentEncoding": "base64",
        "maxLength": 4 * (PUBLIC_KEY_BYTES_MAX / 3),
        "pattern": pattern,
        "description": format!(
            "{PUBLIC_KEY_BYTES_MIN} to {PUBLIC_KEY_BYTES_MAX} bytes in SPKI form.",
        ),
        "examples": [KEY_EXAMPLE],
    })
}

/// Standard base64 with padding; the bits that belong to no byte are 0.
pub(crate) const BASE64: &str = "^([A-Za-z0-9+/]{4})*\
    ([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$";
const GROUP: &str = "[A-Za-z0-9+/]{4}";
const ONE_BYTE: &str = "[A-Za-z0-9+/][AQgw]==";
const TWO_BYTES: &str = "[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=";

/// The id in a path, in any spelling of a UUID: with hyphens or without, in braces, as a URN.
pub(crate) fn id_parameter() -> Value {
    const SPELLINGS: &str = "^([0-9a-fA-F]{32}|\
        [0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\
        \\{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\\}|\
        urn:uuid:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$";
    json!({
        "name": "id",
        "in": "path",
        "required": true,
        "schema": { "type": "string", "pattern": SPELLINGS },
    })
}

/// Each property of an object as a key of a query.
pub(super) fn query_parameters(object: &Schema) -> Vec<Value> {
    let list = |name: &str| object.get(name).and_then(Value::as_array);
    let is_required = |name: &str| {
        list("required").is_some_and(|names| names.iter().any(|required| required == name))
    };
    let properties = object.get("properties").and_then(Value::as_object);
    let parameter = |(name, schema): (&String, &Value)| {
        let (mut schema, required) = (schema.clone(), is_required(name));
        if let Some(fields) = schema.as_object_mut() {
            fields.remove("default");
        }
        json!({ "name": name, "in": "query", "required": required, "schema": schema })
    };
    properties.into_iter().flatten().map(parameter).collect()
}

/// The trace id of a request.
pub(super) fn trace_parameter() -> Value {
    json!({
        "name": TRACE,
        "in": "header",
        "required": false,
        "description": format!(
            "Taken if it has {TRACE_ID_CHARS_MIN} to {TRACE_ID_CHARS_MAX} letters, digits, `_` \
             and `-`; else one is made. It is in the answer and in the logs.",
        ),
        "schema": { "type": "string" },
    })
}

/// The trace id that follows a request.
pub(crate) fn trace(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "pattern": "^[A-Za-z0-9_-]+$",
        "minLength": TRACE_ID_CHARS_MIN,
        "maxLength": TRACE_ID_CHARS_MAX,
    })
}

/// Every code over HTTP.
pub(crate) fn code(_: &mut SchemaGenerator) -> Schema {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    json_schema!({ "type": "string", "enum": codes })
}

/// The headers of every answer.
pub(super) fn headers() -> Map<String, Value> {
    [(TRACE.to_owned(), json!({ "$ref": "#/components/headers/Trace" }))].into_iter().collect()
}

/// What the headers are that answers have in common.
pub(super) fn common_headers(generator: &mut SchemaGenerator) -> Value {
    json!({
        "Trace": {
            "required": true,
            "description": "What the logs know this request by.",
            "schema": trace(generator),
        },
        "RetryAfter": {
            "required": true,
            "description": "Seconds until the same request may be granted.",
            "schema": { "type": "integer", "minimum": 1 },
        },
    })
}

/// How a status is answered that is one of these codes.
pub(super) fn refusal(
    answer: StatusCode,
    codes: &[Code],
    generator: &mut SchemaGenerator,
) -> Value {
    let lines = codes.iter().map(|code| format!("- `{code}`: {}", code.sentence()));
    let names: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
    let envelope = generator.subschema_for::<Envelope<'static>>();
    let one_of_these = json!({ "properties": { "code": { "enum": names } } });
    let mut headers = headers();
    if matches!(answer, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        let seconds = json!({ "$ref": "#/components/headers/RetryAfter" });
        headers.insert("Retry-After".to_owned(), seconds);
    }
    debug_assert!(codes.iter().all(|code| status(*code) == answer));
    json!({
        "description": lines.collect::<Vec<_>>().join("\n"),
        "headers": headers,
        "content": {
            "application/json": { "schema": { "allOf": [envelope, one_of_these] } },
        },
    })
}
