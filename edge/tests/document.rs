//! The OpenAPI document and the router are one, and the document is whole in itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use edge::http::api::PLACES;
use edge::http::api::document::document;
use serde_json::Value;

/// Where routes are made: the table, the web app's files, and the operators' pages.
const MADE_IN: [&str; 4] =
    ["src/assets.rs", "src/http/api.rs", "src/http/health.rs", "src/telemetry.rs"];

#[test]
fn door2_the_document_has_the_routes_of_the_table_and_no_others() {
    let document = document();
    let written: BTreeSet<(String, &str)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, verbs)| {
            let verbs = verbs.as_object().unwrap().keys();
            verbs.map(|verb| (verb.to_uppercase(), path.as_str()))
        })
        .collect();
    let made = PLACES.iter().map(|(verb, path)| ((*verb).to_owned(), *path)).collect();
    assert_eq!(written, made);
}

#[test]
fn door2_no_route_is_made_outside_the_table() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![folder.join("src")];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if !MADE_IN.iter().any(|file| path.ends_with(file)) {
            let code = fs::read_to_string(&path).unwrap();
            let (code, _tests) = code.split_once("#[cfg(test)]").unwrap_or((&code, ""));
            assert!(!code.contains(".route("), "{}: put it in the table", path.display());
        }
    }
}

#[test]
fn door2_what_may_be_left_out_is_not_required() {
    let document = document();
    let search = &document["paths"]["/api/chat/users"]["get"]["parameters"];
    let required = |name: &str| {
        let mut parameters = search.as_array().unwrap().iter();
        parameters.find(|parameter| parameter["name"] == name).unwrap()["required"].clone()
    };
    assert_eq!((required("username"), required("limit")), (true.into(), false.into()));
    let registration = &document["components"]["schemas"]["Registration"];
    assert!(registration["properties"].get("identity_pub_key").is_some());
    let required = ["username", "password"].map(Value::from);
    assert_eq!(registration["required"].as_array().unwrap(), &required);
    assert!(!document.to_string().contains("\"default\""), "no field has a value of its own");
}

#[test]
fn door2_names_are_unique_and_references_lead_somewhere() {
    let document = document();
    let mut names = BTreeSet::new();
    for verbs in document["paths"].as_object().unwrap().values() {
        for operation in verbs.as_object().unwrap().values() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(!name.is_empty() && names.insert(name.to_owned()), "{name}");
            assert!(operation["summary"].as_str().unwrap().ends_with('.'), "{name}");
        }
    }
    let mut values = vec![&document];
    while let Some(value) = values.pop() {
        match value {
            Value::Object(fields) => values.extend(fields.values()),
            Value::Array(items) => values.extend(items),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
        if let Some(link) = value.get("links").and_then(Value::as_object) {
            assert!(link.keys().all(|name| names.contains(name)), "{link:?}");
        }
    }
}
