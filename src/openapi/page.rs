//! The document as one HTML page: no script, no request to anywhere. Written for whoever has to write an office script by noon.

use super::codes;
use crate::http::routes::OPERATIONS;
use serde_json::Value;
use std::fmt::Write;

const STYLE: &str = include_str!("page.css");
const BEGIN: &str = include_str!("begin.html");

/// The whole page.
pub(super) fn page(document: &Value) -> String {
    let mut page = String::with_capacity(200_000);
    page.push_str("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>chitra: the API</title>\n<style>\n");
    page.push_str(STYLE);
    page.push_str("</style>\n</head>\n<body>\n");
    contents(&mut page, document);
    page.push_str("<main>\n");
    page.push_str(&BEGIN.replace("{{version}}", &escape(document["info"]["version"].as_str().unwrap_or(""))));
    for tag in document["tags"].as_array().into_iter().flatten() {
        section(&mut page, document, tag);
    }
    code_tables(&mut page);
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// One operation with its place.
struct Entry<'a> {
    method: &'static str,
    path: &'static str,
    operation: &'a Value,
}

/// The operations of a tag, in the order of the table.
fn entries<'a>(document: &'a Value, tag: &'a str) -> impl Iterator<Item = Entry<'a>> {
    OPERATIONS.iter().filter_map(move |row| {
        let operation = &document["paths"][row.path][row.method.lower()];
        (operation["tags"][0] == tag).then_some(Entry { method: row.method.upper(), path: row.path, operation })
    })
}

fn contents(page: &mut String, document: &Value) {
    page.push_str("<nav aria-label=\"Contents\">\n<p class=\"name\"><a href=\"#top\">chitra</a></p>\n<ul>\n<li><a href=\"#who\">Who you are</a></li>\n<li><a href=\"#writing\">Writing</a></li>\n<li><a href=\"#reading\">Reading</a></li>\n<li><a href=\"#errors\">Errors</a></li>\n</ul>\n");
    for tag in document["tags"].as_array().into_iter().flatten() {
        let name = tag["name"].as_str().unwrap_or("");
        line(page, format_args!("<p><a href=\"#{name}\">{}</a></p>\n<ul>", heading(name)));
        for entry in entries(document, name) {
            let (id, summary) = (text(entry.operation, "operationId"), text(entry.operation, "summary"));
            line(page, format_args!("<li><a href=\"#{id}\">{}</a></li>", escape(summary)));
        }
        page.push_str("</ul>\n");
    }
    page.push_str("<p><a href=\"#codes\">Codes</a></p>\n</nav>\n");
}

fn heading(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn section(page: &mut String, document: &Value, tag: &Value) {
    let name = text(tag, "name");
    line(page, format_args!("<h2 id=\"{name}\">{}</h2>\n<p>{}</p>", heading(name), prose(text(tag, "description"))));
    for entry in entries(document, name) {
        article(page, document, &entry);
    }
}

fn article(page: &mut String, document: &Value, entry: &Entry<'_>) {
    let Entry { method, path, operation } = entry;
    let id = text(operation, "operationId");
    line(page, format_args!("<article id=\"{id}\">\n<h3>{}</h3>", escape(text(operation, "summary"))));
    line(
        page,
        format_args!(
            "<p class=\"path\"><span class=\"{}\">{method}</span> <code>{path}</code></p>",
            method.to_lowercase()
        ),
    );
    let about = text(operation, "description");
    if !about.is_empty() {
        line(page, format_args!("<p>{}</p>", prose(about)));
    }
    who(page, operation);
    parameters(page, document, operation);
    body(page, document, operation);
    answers(page, document, operation);
    line(page, format_args!("<pre><code>{}</code></pre>\n</article>", escape(&curl(document, entry))));
}

fn who(page: &mut String, operation: &Value) {
    let Some(roles) = operation["x-chitra-roles"].as_object() else {
        page.push_str("<p class=\"who\">Open to everybody.</p>\n");
        return;
    };
    let words = |reach: &str| match reach {
        "units" => " (own units)",
        "bank" => " (own bank)",
        "no-unit" => " (what belongs to no unit)",
        "whole-log" => " (keys without a unit)",
        _ => "",
    };
    let named: Vec<String> =
        roles.iter().map(|(role, reach)| format!("{role}{}", words(reach.as_str().unwrap_or("")))).collect();
    line(page, format_args!("<p class=\"who\">For {}.</p>", named.join(", ")));
}

fn parameters(page: &mut String, document: &Value, operation: &Value) {
    let Some(all) = operation["parameters"].as_array().filter(|all| !all.is_empty()) else { return };
    page.push_str("<h4>Parameters</h4>\n<table>\n");
    for parameter in all {
        let place = text(parameter, "in");
        let about = match text(parameter, "description") {
            "" => describe(document, &parameter["schema"]),
            about => about.to_owned(),
        };
        row(
            page,
            (text(parameter, "name"), place, parameter["required"] == true),
            (&kind(document, &parameter["schema"]), &about),
        );
    }
    page.push_str("</table>\n");
}

fn body(page: &mut String, document: &Value, operation: &Value) {
    let Some(content) = operation["requestBody"]["content"].as_object() else { return };
    let Some(media) = content.get("application/json") else {
        let kinds: Vec<&str> = content.keys().map(String::as_str).collect();
        line(page, format_args!("<h4>Body</h4>\n<p>The file: <code>{}</code>.</p>", kinds.join("</code>, <code>")));
        return;
    };
    let schema = resolve(document, &media["schema"]);
    page.push_str("<h4>Body</h4>\n");
    if !text(schema, "description").is_empty() {
        line(page, format_args!("<p>{}</p>", prose(text(schema, "description"))));
    }
    fields(page, document, schema, false);
}

/// The fields of an object, the nested ones of plain objects after their own.
fn fields(page: &mut String, document: &Value, schema: &Value, is_answer: bool) {
    page.push_str("<table>\n");
    let properties = || schema["properties"].as_object().into_iter().flatten();
    let needed = properties().filter(|(name, _)| is_required(schema, name));
    let optional = properties().filter(|(name, _)| !is_required(schema, name));
    for (name, field) in needed.chain(optional) {
        let required = is_required(schema, name);
        row(page, (name, "", required && !is_answer), (&kind(document, field), &describe(document, field)));
        for (inner, part) in resolve(document, field)["properties"].as_object().into_iter().flatten() {
            let required = is_required(resolve(document, field), inner);
            row(
                page,
                (&format!("{name}.{inner}"), "", required && !is_answer),
                (&kind(document, part), &describe(document, part)),
            );
        }
    }
    page.push_str("</table>\n");
}

fn is_required(schema: &Value, name: &str) -> bool {
    schema["required"].as_array().is_some_and(|required| required.iter().any(|field| field == name))
}

fn row(page: &mut String, (name, place, required): (&str, &str, bool), (kind, about): (&str, &str)) {
    let needed = if required { "<b>needed</b>" } else { "" };
    let place = if place.is_empty() || place == "query" { String::new() } else { format!(" <small>{place}</small>") };
    line(
        page,
        format_args!(
            "<tr><td><code>{}</code>{place} {needed}</td><td class=\"kind\">{}</td><td>{}</td></tr>",
            escape(name),
            escape(kind),
            prose(about)
        ),
    );
}

fn answers(page: &mut String, document: &Value, operation: &Value) {
    page.push_str("<h4>Answers</h4>\n<table>\n");
    let mut refusals = Vec::new();
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let content = || response["content"].as_object().into_iter().flatten();
        if response.get("content").is_some() && content().all(|(media, _)| media == "application/problem+json") {
            refusals.push(status.as_str());
            continue;
        }
        let shapes: Vec<String> =
            content().map(|(media, content)| shape_link(media, content, text(operation, "operationId"))).collect();
        line(
            page,
            format_args!(
                "<tr><td><code>{status}</code></td><td class=\"kind\">{}</td><td>{}</td></tr>",
                shapes.join(", "),
                prose(text(response, "description"))
            ),
        );
    }
    if !refusals.is_empty() {
        let all = refusals.join(" ");
        line(
            page,
            format_args!(
                "<tr><td><code>{all}</code></td><td class=\"kind\">Problem</td><td>See <a href=\"#errors\">errors</a>.</td></tr>"
            ),
        );
    }
    page.push_str("</table>\n");
    shape(page, document, operation);
}

/// A body's schema by its name, or the kind of file that it is.
fn shape_link(media: &str, content: &Value, id: &str) -> String {
    match content["schema"]["$ref"].as_str().and_then(|link| link.rsplit('/').next()) {
        Some("Problem") => "<a href=\"#errors\">Problem</a>".to_owned(),
        Some("Object") => "JSON".to_owned(),
        Some(name) => format!("<a href=\"#answer-{name}-{id}\">{name}</a>"),
        None if media.ends_with("spreadsheetml.sheet") => "XLSX".to_owned(),
        None => escape(media),
    }
}

/// The fields of the good answer, folded away.
fn shape(page: &mut String, document: &Value, operation: &Value) {
    let good = ["201", "200"].iter().find_map(|status| operation["responses"].get(status));
    let schema = good.map(|response| &response["content"]["application/json"]["schema"]);
    let Some(name) = schema.and_then(|schema| schema["$ref"].as_str()?.rsplit('/').next()) else { return };
    if name == "Object" {
        return;
    }
    let id = text(operation, "operationId");
    line(page, format_args!("<details id=\"answer-{name}-{id}\"><summary>The fields of {name}</summary>"));
    fields(page, document, &document["components"]["schemas"][name], true);
    page.push_str("</details>\n");
}

fn code_tables(page: &mut String) {
    page.push_str(
        "<h2 id=\"codes\">Codes</h2>\n<p>Codes are for ever: a script may rely on them. Texts may change.</p>\n",
    );
    for (group, list) in codes::GROUPS {
        line(page, format_args!("<h3>{group}</h3>\n<table>"));
        for code in *list {
            line(
                page,
                format_args!(
                    "<tr id=\"{0}\"><td><code>{0}</code></td><td class=\"kind\">{1}</td><td>{2}</td></tr>",
                    code.code,
                    code.status,
                    escape(code.meaning)
                ),
            );
        }
        page.push_str("</table>\n");
    }
}

/// The schema that a reference leads to; an alternative with null is its other side.
fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let mut at = schema;
    // References lead to a schema of values at once; the bound is for a document that is wrong.
    for _ in 0..4 {
        at = match (at["$ref"].as_str(), at["anyOf"].get(0)) {
            (Some(link), _) => &document["components"]["schemas"][link.rsplit('/').next().unwrap_or("")],
            (None, Some(first)) => first,
            (None, None) => return at,
        };
    }
    at
}

fn describe(document: &Value, schema: &Value) -> String {
    let own = text(schema, "description");
    if own.is_empty() { text(resolve(document, schema), "description").to_owned() } else { own.to_owned() }
}

/// What a value is, in a word or its list of words.
fn kind(document: &Value, schema: &Value) -> String {
    let found = resolve(document, schema);
    if let Some(list) = found["enum"].as_array() {
        return list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | ");
    }
    if let Some(constant) = found.get("const") {
        return constant.as_str().map_or_else(|| constant.to_string(), str::to_owned);
    }
    match (text(found, "type"), text(found, "format")) {
        ("array", _) => format!("list of {}", kind(document, &found["items"])),
        ("string", "") => "text".to_owned(),
        ("string", "uuid") => "UUID".to_owned(),
        ("string", format) => format.to_owned(),
        (other, _) => other.to_owned(),
    }
}

/// How to call it from a shell.
fn curl(document: &Value, entry: &Entry<'_>) -> String {
    let Entry { method, path, operation } = entry;
    let query = match text(operation, "operationId") {
        "importFile" => "?kind=payments",
        "adoption" | "settlement" => "?cycle=2025-03&group_by=unit_level:district",
        "listPayments" => "?cycle=2025-03&status=rejected",
        "units" => "?on=2025-07-01&level=commune",
        "events" => "?after=0&limit=100",
        _ => "",
    };
    let mut call = format!("curl -s \"$CHITRA{}{query}\"", path.replace("{id}", "$ID").replace("{date}", "$DATE"));
    let headers = operation["parameters"].as_array().into_iter().flatten();
    if operation.get("x-chitra-roles").is_some() {
        call.push_str(" \\\n  -H \"Authorization: Bearer $KEY\"");
    }
    if headers.into_iter().any(|parameter| parameter["name"] == "Idempotency-Key") {
        call.push_str(" \\\n  -H \"Idempotency-Key: $(uuidgen)\"");
    }
    let content = &operation["requestBody"]["content"];
    if let Some(media) = content.get("application/json") {
        let example = &resolve(document, &media["schema"])["examples"][0];
        let _infallible = write!(call, " \\\n  -H \"Content-Type: application/json\" \\\n  -d '{example}'");
    } else if content.is_object() {
        call.push_str(" \\\n  -H \"Content-Type: text/csv\" --data-binary @payments.csv");
    } else if *method == "POST" {
        call.push_str(" -X POST");
    }
    call
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or("")
}

fn line(page: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _infallible = page.write_fmt(arguments);
    page.push('\n');
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Escaped, with `code` in backticks.
fn prose(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for (place, part) in escape(text).split('`').enumerate() {
        if place % 2 == 1 {
            out.push_str("<code>");
            out.push_str(part);
            out.push_str("</code>");
        } else {
            out.push_str(part);
        }
    }
    out
}
