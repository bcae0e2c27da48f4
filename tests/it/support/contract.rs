//! Holds every answer that a test gets against the OpenAPI document: its status, its kind of body, and the body's shape.

use chitra::domain::profile::Profile;
use serde_json::Value;
use std::sync::LazyLock;

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&chitra::openapi::text(&Profile::vietnam())).unwrap());

/// What the document says of the method and path; `None` for paths and methods that it does not have.
fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let fits = |pattern: &str| {
        let (mut asked, mut known) = (path.split('/'), pattern.split('/'));
        loop {
            match (asked.next(), known.next()) {
                (None, None) => return true,
                (Some(_), Some(known)) if known.starts_with('{') => {}
                (Some(asked), Some(known)) if asked == known => {}
                _ => return false,
            }
        }
    };
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let exact = paths.get(path).map(|item| &item[method]);
    exact
        .or_else(|| paths.iter().find(|(pattern, _)| fits(pattern)).map(|(_, item)| &item[method]))
        .filter(|found| found.is_object())
}

/// Panics if the document does not foresee this answer.
pub fn hold(method: &str, path: &str, (status, content_type, body): (u16, &str, &Value)) {
    // Framework answers to methods and paths that the table does not have are no operation's answers.
    let Some(operation) = operation(&method.to_lowercase(), path) else { return };
    let answers = &operation["responses"][status.to_string()];
    assert!(answers.is_object(), "{method} {path} answered {status}, which its operation does not list: {body}");
    let kind = content_type.split(';').next().unwrap_or("").trim();
    let Some(content) = answers["content"].as_object() else { return };
    let media = content.get(kind);
    assert!(media.is_some(), "{method} {path} answered {status} as {kind:?}, the document has {:?}", content.keys());
    if kind == "application/json" || kind == "application/problem+json" {
        let found = problems(&media.unwrap()["schema"], body, "");
        assert!(found.is_empty(), "{method} {path} {status}: {found:?} in {body}");
    }
}

/// How a value breaks a schema. Knows the words that our document uses; patterns and formats are left to other tests.
pub fn problems(schema: &Value, value: &Value, at: &str) -> Vec<String> {
    if let Some(link) = schema["$ref"].as_str() {
        let name = link.rsplit('/').next().unwrap();
        return problems(&DOCUMENT["components"]["schemas"][name], value, at);
    }
    if let Some(either) = schema["anyOf"].as_array() {
        let each: Vec<_> = either.iter().map(|schema| problems(schema, value, at)).collect();
        return if each.iter().any(Vec::is_empty) { Vec::new() } else { each.into_iter().flatten().collect() };
    }
    if schema["enum"].as_array().is_some_and(|words| !words.contains(value))
        || schema.get("const").is_some_and(|only| only != value)
    {
        return vec![format!("{at} is {value}, a word that the document does not have")];
    }
    let is_of_type = match schema["type"].as_str() {
        Some("object") => return object(schema, value, at),
        Some("array") => match value.as_array() {
            Some(items) => return items.iter().flat_map(|item| problems(&schema["items"], item, at)).collect(),
            None => false,
        },
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        _ => true,
    };
    if is_of_type { Vec::new() } else { vec![format!("{at} is {value}, not {schema}")] }
}

fn object(schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let Some(members) = value.as_object() else { return vec![format!("{at} is {value}, not an object")] };
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut found: Vec<String> =
        required.filter(|name| !members.contains_key(*name)).map(|name| format!("{at}/{name} is missing")).collect();
    for (name, member) in members {
        let at = format!("{at}/{name}");
        match (&schema["properties"][name], &schema["additionalProperties"]) {
            (Value::Null, Value::Bool(false)) => found.push(format!("{at} is not in the document")),
            (Value::Null, further) => found.extend(problems(further, member, &at)),
            (known, _) => found.extend(problems(known, member, &at)),
        }
    }
    found
}
