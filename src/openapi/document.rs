//! The document: every operation of the table with its parameters, body, answers and who may call it.

use super::problems::problems;
use super::schemas;
use super::tags::{TAGS, tag};
use super::told;
use crate::app::access::{Action, Reach, Role, reach};
use crate::domain::profile::Profile;
use crate::http::operation::{Effect, Input, Operation, Output};
use crate::http::routes::OPERATIONS;
use serde_json::{Map, Value, json};

const DESCRIPTION: &str = "chitra tells how far cashless payment of benefits has come, and where each payment is. Every figure is \
computed from an append-only log and can be computed again at the position that it states.";
const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The whole document.
pub(super) fn document(profile: &Profile) -> Value {
    let schemas = schemas::all(profile);
    let mut paths = Map::new();
    for operation in OPERATIONS {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method.lower()] = self::operation(operation, &schemas);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "chitra",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "How far has cashless payment of benefits come?",
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": TAGS.iter().map(|(name, about)| json!({"name": name, "description": about})).collect::<Vec<_>>(),
        "paths": paths,
        "webhooks": told::webhooks(),
        "components": {
            "schemas": schemas,
            "headers": headers(),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "A key made with `chitra keys create`."}},
        },
    })
}

fn operation(o: &Operation, schemas: &Map<String, Value>) -> Value {
    let mut operation = json!({
        "operationId": o.id,
        "tags": [tag(o)],
        "summary": o.summary,
        "description": o.description,
        "parameters": parameters(o),
        "responses": responses(o),
        "security": if o.action.is_some() { json!([{"key": []}]) } else { json!([]) },
    });
    if let Some(body) = body(o, schemas) {
        operation["requestBody"] = body;
    }
    if let Some(action) = o.action {
        operation["x-chitra-action"] = json!(format!("{action:?}"));
        operation["x-chitra-roles"] = roles(action);
    }
    operation
}

/// Which roles may call, and how far each reaches.
fn roles(action: Action) -> Value {
    let word = |reach: Reach| match reach {
        Reach::Nothing => None,
        Reach::Units => Some("units"),
        Reach::Bank => Some("bank"),
        Reach::NoUnit => Some("no-unit"),
        Reach::WholeLog => Some("whole-log"),
        Reach::Everything => Some("everything"),
    };
    let granted = Role::ALL
        .into_iter()
        .filter_map(|role| word(reach(role, action)).map(|word| (role.as_str().to_owned(), json!(word))));
    Value::Object(granted.collect())
}

fn reference(kind: &str, name: &str) -> Value {
    json!({"$ref": format!("#/components/{kind}/{name}")})
}

pub(super) fn takes_if_match(o: &Operation) -> bool {
    // A reversal works on many payments: no one revision stands for them. Keys are no streams and have none.
    o.effect == Effect::Command && !matches!(o.action, Some(Action::ReverseImport | Action::ManageKeys))
}

fn parameters(o: &Operation) -> Value {
    let mut all = Vec::new();
    if o.path.contains("{id}") {
        all.push(json!({"name": "id", "in": "path", "required": true, "schema": reference("schemas", "Id")}));
    }
    if o.path.contains("{key}") {
        all.push(json!({"name": "key", "in": "path", "required": true, "schema": reference("schemas", "KeyId")}));
    }
    if o.path.contains("{date}") {
        all.push(json!({"name": "date", "in": "path", "required": true, "schema": reference("schemas", "Date")}));
    }
    if o.path.contains("{bank}") {
        all.push(json!({"name": "bank", "in": "path", "required": true, "schema": reference("schemas", "Code")}));
    }
    for p in o.parameters {
        all.push(json!({"name": p.name, "in": "query", "required": p.required, "description": p.description,
            "schema": reference("schemas", p.schema)}));
    }
    let header = |name: &str, required: bool, description: &str, schema: Value| json!({"name": name, "in": "header", "required": required, "description": description, "schema": schema});
    if !matches!(o.effect, Effect::Read | Effect::Signed) {
        let schema = json!({"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"});
        let required = o.effect != Effect::Import;
        let about = "New for each thing to record, the same for each repeat. Kept as long as the log.";
        let about =
            if required { about } else { "Needed unless it is a dry run. The same file has one effect under any key." };
        all.push(header("Idempotency-Key", required, about, schema));
    }
    if takes_if_match(o) {
        let schema = json!({"type": "string", "pattern": "^(\"[0-9]+\"|[*])$"});
        all.push(header(
            "If-Match",
            false,
            "The revision that the command is meant for, in quotes; 412 when it moved.",
            schema,
        ));
    }
    if matches!(o.output, Output::Feed(_)) {
        all.push(header(
            "Last-Event-ID",
            false,
            "For `text/event-stream`: go on after this position.",
            reference("schemas", "Position"),
        ));
        all.push(header(
            "If-None-Match",
            false,
            "An ETag: 304 when the page is still the same.",
            json!({"type": "string"}),
        ));
    }
    json!(all)
}

fn body(o: &Operation, schemas: &Map<String, Value>) -> Option<Value> {
    match o.input {
        Input::Nothing => None,
        Input::Json(name) => {
            let schema = reference("schemas", name);
            let needed = schemas
                .get(name)
                .is_some_and(|schema| schema.get("required").is_some() || schema.get("minProperties").is_some());
            Some(json!({"required": needed, "content": {JSON: {"schema": schema}}}))
        }
        Input::File => {
            let file = json!({"schema": {"type": "string", "format": "binary"}});
            Some(json!({"required": true, "content": {"text/csv": file, XLSX: file, "application/x-ndjson": file}}))
        }
    }
}

fn headers() -> Value {
    let text = |description: &str| json!({"description": description, "schema": {"type": "string"}});
    json!({
        "X-Request-Id": text("The request's name in the server's log; one that you send (64 letters, digits, -) is kept."),
        "ETag": text("The object's revision in quotes, for If-Match; of a feed page, its content."),
        "Location": text("Where the object is read."),
        "Idempotent-Replayed": {"description": "The first answer, given again.", "schema": {"const": "true"}},
        "Link": text("`rel=\"next\"`: the next page."),
        "Cache-Control": text("A full page of the log never changes."),
        "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
        "WWW-Authenticate": text("`Bearer`."),
        "Content-Disposition": text("The file's name."),
        "X-As-Of-Position": {"description": "The position that a file's figures are of.", "schema": {"type": "integer"}},
        "X-Control-Count": {"description": "How many payments a file orders or recalls.", "schema": {"type": "integer"}},
        "X-Control-Sum": text("What they add up to."),
        "X-As-Of-Time": text("When that position was recorded."),
    })
}

fn with_headers(description: &str, names: &[&str], content: Value) -> Value {
    let mut all: Map<String, Value> =
        names.iter().map(|name| ((*name).to_owned(), reference("headers", name))).collect();
    all.insert("X-Request-Id".to_owned(), reference("headers", "X-Request-Id"));
    let mut response = json!({"description": description, "headers": all});
    if !content.is_null() {
        response["content"] = content;
    }
    response
}

fn json_of(name: &str) -> Value {
    json!({JSON: {"schema": reference("schemas", name)}})
}

fn responses(o: &Operation) -> Value {
    let mut all = Map::new();
    good(o, &mut all);
    for (status, description, headers) in problems(o) {
        let content = json!({PROBLEM: {"schema": reference("schemas", "Problem")}});
        all.entry(status).or_insert_with(|| with_headers(description, headers, content));
    }
    Value::Object(all)
}

/// The answers when all is well, and those that carry another schema than a problem.
fn good(o: &Operation, all: &mut Map<String, Value>) {
    let file = json!({"schema": {"type": "string", "format": "binary"}});
    let mut put = |status: &str, response: Value| {
        all.insert(status.to_owned(), response);
    };
    match (o.effect, o.output) {
        (Effect::Read, Output::Json(name)) => {
            let headers: &[&str] = if o.id == "paymentReceipt" {
                &["Content-Disposition"]
            } else if o.path.contains("{id}") && o.action != Some(Action::ReadImport) || o.id == "searchBeneficiary" {
                &["ETag"]
            } else {
                &[]
            };
            put("200", with_headers("Found.", headers, json_of(name)));
            if o.id == "ready" {
                put("503", with_headers("Not ready.", &[], json_of(name)));
            }
        }
        (Effect::Signed, Output::Json(name)) => {
            let said = "Kept, and judged item by item; the same answer when it comes again.";
            put("202", with_headers(said, &["ETag"], json_of(name)));
        }
        (Effect::Create | Effect::Command, Output::Json(name)) => recorded(o, name, &mut put),
        (Effect::Import, Output::Json(name)) => import(name, &mut put),
        (_, Output::Table(name)) => {
            let headers: &[&str] = match o.id {
                "listPayments" | "listRecoveries" | "listApprovals" => {
                    &["Link", "Content-Disposition", "X-As-Of-Position", "X-As-Of-Time"]
                }
                "units" => &["Content-Disposition"],
                _ => &["Content-Disposition", "X-As-Of-Position", "X-As-Of-Time"],
            };
            put("200", with_headers("Found.", headers, tabular(name)));
        }
        (_, Output::Report(name)) => {
            let mut content = tabular(name);
            content["text/html"] = json!({"schema": {"type": "string"}});
            let headers = ["Content-Disposition", "X-As-Of-Position", "X-As-Of-Time"];
            put("200", with_headers("The report.", &headers, content));
        }
        (_, Output::Feed(name)) => {
            let mut content = json_of(name);
            content["text/event-stream"] = json!({"schema": {"type": "string", "description": "Frames of `id` (position), `event` (type) and `data` (an Event)."}});
            put("200", with_headers("A page, or the live feed.", &["ETag", "Cache-Control", "Link"], content));
            put("304", with_headers("The page is still the same.", &["ETag"], Value::Null));
        }
        (_, Output::Xlsx) => put("200", with_headers("The file.", &["Content-Disposition"], json!({XLSX: file}))),
        (_, Output::Html) => {
            put("200", with_headers("The page.", &[], json!({"text/html": {"schema": {"type": "string"}}})));
        }
        (_, Output::Text) => {
            put("200", with_headers("The text.", &[], json!({"text/plain": {"schema": {"type": "string"}}})));
        }
        (_, Output::Paper) => {
            let content = json!({"text/html": {"schema": {"type": "string"}}, XLSX: file, "text/csv": file});
            put(
                "200",
                with_headers("The page or file; not to be kept.", &["Cache-Control", "Content-Disposition"], content),
            );
        }
        (_, Output::BankFile) => put("200", bank_file(o, file)),
        (_, Output::Metrics) => {
            put("200", with_headers("Metrics.", &[], json!({"text/plain": {"schema": {"type": "string"}}})));
        }
    }
}

/// XML, or the table of a bank that takes no messages.
fn bank_file(o: &Operation, file: Value) -> Value {
    let mut content = json!({"application/xml": file});
    if o.id == "orderList" {
        (content["text/csv"], content[XLSX]) = (file.clone(), file);
    }
    let headers = ["Cache-Control", "Content-Disposition", "X-Control-Count", "X-Control-Sum"];
    with_headers("The file; not to be kept on the way.", &headers, content)
}

/// JSON of a schema, or the same as a file.
fn tabular(name: &str) -> Value {
    let mut content = json_of(name);
    for kind in ["text/csv", XLSX, "application/x-ndjson", "application/vnd.apache.parquet"] {
        content[kind] = json!({"schema": {"type": "string", "format": "binary"}});
    }
    content
}

/// What may need a second person.
const MAY_WAIT: [&str; 9] = [
    "correctPayment",
    "resolvePayment",
    "writeOffRecovery",
    "erasePersonalData",
    "registerBank",
    "addBankKey",
    "arrangeOrders",
    "createKey",
    "rotateKey",
];

/// What a write answers.
fn recorded(o: &Operation, name: &str, put: &mut impl FnMut(&str, Value)) {
    let headers = ["ETag", "Location", "Idempotent-Replayed"];
    if o.effect == Effect::Create {
        put("201", with_headers("Recorded, or recorded by an earlier use of the key.", &headers, json_of(name)));
    } else if o.action == Some(Action::ReverseImport) {
        put("200", with_headers("Reversed, as far as each payment's state allowed.", &[], json_of(name)));
    } else {
        put("201", with_headers("Recorded.", &headers, json_of(name)));
        put("200", with_headers("On record already; nothing was recorded.", &headers, json_of(name)));
    }
    if MAY_WAIT.contains(&o.id) {
        let headers = ["Location", "Idempotent-Replayed"];
        put("202", with_headers("It waits for a second person.", &headers, json_of("Approval")));
    }
}

/// An upload answers with its report, whatever came of it; with `answer=file`, with the file and an error column.
fn import(name: &str, put: &mut impl FnMut(&str, Value)) {
    let with_file = || {
        let mut content = json_of(name);
        for kind in ["text/csv", XLSX, "application/x-ndjson", "application/vnd.apache.parquet"] {
            content[kind] = json!({"schema": {"type": "string", "format": "binary"}});
        }
        content
    };
    let or_problem = || {
        let mut content = with_file();
        content[PROBLEM] = json!({"schema": reference("schemas", "Problem")});
        content
    };
    put(
        "200",
        with_headers(
            "Checked (dry run), or the report of the first time.",
            &["Location", "Idempotent-Replayed", "Content-Disposition"],
            with_file(),
        ),
    );
    put("201", with_headers("Recorded.", &["Location", "Content-Disposition"], with_file()));
    put(
        "409",
        with_headers(
            "The log moved between the passes and the import's own events were reversed; or the first request still runs.",
            &["Location"],
            or_problem(),
        ),
    );
    put(
        "422",
        with_headers(
            "Nothing was recorded: the report says why; or the file or a parameter cannot be taken at all.",
            &["Content-Disposition"],
            or_problem(),
        ),
    );
}
