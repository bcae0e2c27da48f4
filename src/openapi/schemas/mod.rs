//! The schemas of what goes in and comes out, written by hand beside the handlers that read and write it.

mod assessment;
mod audit;
mod banks;
mod basic;
mod changes;
mod citations;
mod desks;
mod figures;
mod inputs;
mod keys;
mod lists;
mod outcomes;
mod outputs;
mod oversight;
mod people;
mod personal;
mod proofs;
mod reference;
mod webhooks;
mod worklist;

use crate::domain::profile::Profile;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// Every schema of the document, by name.
pub(super) fn all(profile: &Profile) -> Map<String, Value> {
    let mut all = Map::new();
    for part in [
        basic::schemas(),
        inputs::schemas(profile),
        outputs::schemas(),
        figures::schemas(),
        outcomes::schemas(),
        citations::schemas(),
        assessment::schemas(),
        reference::schemas(),
        personal::schemas(),
        oversight::all(),
        proofs::schemas(),
        worklist::schemas(),
        desks::schemas(),
        lists::schemas(),
        people::schemas(profile),
        banks::schemas(),
        webhooks::schemas(),
        audit::schemas(),
        keys::schemas(),
    ] {
        all.extend(part.into_iter().map(|(name, schema)| (name.to_owned(), schema)));
    }
    all
}

/// A schema with its name.
type Named = (&'static str, Value);

/// One property of an object.
#[derive(Clone)]
struct Property {
    name: Cow<'static, str>,
    schema: Value,
    required: bool,
}

/// A property that is always there.
fn must(name: impl Into<Cow<'static, str>>, schema: Value) -> Property {
    Property { name: name.into(), schema, required: true }
}

/// A property that may be absent, or null.
fn may(name: impl Into<Cow<'static, str>>, schema: Value) -> Property {
    Property { name: name.into(), schema: or_null(schema), required: false }
}

/// A property that may be absent.
fn sometimes(name: impl Into<Cow<'static, str>>, schema: Value) -> Property {
    Property { name: name.into(), schema, required: false }
}

/// An object with these properties and no others.
fn object(description: &str, properties: Vec<Property>) -> Value {
    let required: Vec<&str> =
        properties.iter().filter(|property| property.required).map(|property| &*property.name).collect();
    let mut schema = json!({"type": "object", "additionalProperties": false});
    if !description.is_empty() {
        schema["description"] = json!(description);
    }
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    let properties: Map<String, Value> =
        properties.into_iter().map(|property| (property.name.into_owned(), property.schema)).collect();
    schema["properties"] = Value::Object(properties);
    schema
}

fn list(of: &Value) -> Value {
    json!({"type": "array", "items": of})
}

/// A schema of the document by its name.
fn named(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// A named schema with its own sentence.
fn said(name: &str, description: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}"), "description": description})
}

/// The schema, or null.
fn or_null(mut schema: Value) -> Value {
    let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
    let mut either = Map::new();
    either.insert("anyOf".to_owned(), Value::Array(vec![schema, json!({"type": "null"})]));
    either.extend(description.map(|description| ("description".to_owned(), description)));
    Value::Object(either)
}

/// One of these words.
fn words(words: &[&str]) -> Value {
    json!({"type": "string", "enum": words})
}

fn text(description: &str) -> Value {
    json!({"type": "string", "description": description})
}
