//! The contract: the committed files are those that the program makes, and they leave nothing out.

use chitra::app::access::{Reach, Role, reach};
use chitra::domain::profile::Profile;
use chitra::http::routes::OPERATIONS;
use chitra::openapi::codes::{Code, Place};
use chitra::openapi::{self, Contract};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn document() -> Value {
    serde_json::from_str(&openapi::text(&Profile::vietnam())).unwrap()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi")
}

#[test]
fn the_committed_contract_is_the_generated_one() {
    let mut expected = BTreeSet::new();
    for (name, text) in openapi::files(&Profile::vietnam()) {
        let committed = std::fs::read_to_string(folder().join(&name)).unwrap_or_default();
        assert!(committed == text, "openapi/{name} is stale: run `cargo run -- openapi --write openapi` and commit it");
        expected.insert(name);
    }
    let events = std::fs::read_dir(folder().join("events")).unwrap();
    for event in events.map(|entry| format!("events/{}", entry.unwrap().file_name().to_string_lossy())) {
        assert!(expected.contains(&event), "openapi/{event} describes an event that there is not");
    }
}

#[test]
fn every_operation_is_described_and_open_only_where_the_table_says() {
    let document = document();
    for operation in OPERATIONS {
        let described = &document["paths"][operation.path][operation.method.lower()];
        assert_eq!(described["operationId"], operation.id);
        let open = described["security"].as_array().unwrap().is_empty();
        assert_eq!(open, operation.action.is_none(), "{}", operation.id);
        let allowed: Vec<&str> = operation
            .action
            .map(|action| {
                Role::ALL.into_iter().filter(|role| reach(*role, action) != Reach::Nothing).map(Role::as_str).collect()
            })
            .unwrap_or_default();
        let named = described["x-chitra-roles"]
            .as_object()
            .map(|roles| roles.keys().map(String::as_str).collect())
            .unwrap_or_default();
        let sorted = |mut roles: Vec<&str>| {
            roles.sort_unstable();
            roles.join(" ")
        };
        assert_eq!(sorted(allowed), sorted(named), "{}", operation.id);
    }
}

/// Every reference of the document, from anywhere in it.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_used() {
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for reference in &found {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(found.contains(&format!("#/components/schemas/{name}")), "nobody uses the schema {name}");
    }
}

#[test]
fn the_example_of_every_body_fits_its_schema() {
    let document = document();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        for example in schema["examples"].as_array().into_iter().flatten() {
            assert_eq!(crate::support::contract::problems(schema, example, ""), Vec::<String>::new(), "{name}");
        }
    }
}

#[test]
fn every_operation_and_every_code_has_its_place_on_the_page() {
    let contract = Contract::of(Arc::new(Profile::vietnam()));
    let page = contract.page();
    for operation in OPERATIONS {
        assert!(page.contains(&format!("<article id=\"{}\">", operation.id)), "{}", operation.id);
    }
    for code in openapi::codes::all() {
        // The `type` of a problem is `/docs#<code>`.
        assert!(page.contains(&format!("<tr id=\"{}\">", code.code)), "{}", code.code);
    }
    // The example of an endpoint's address is text.
    let page = page.replace("https://listener.example/chitra", "");
    for foreign in ["<script", "http://", "https://", "@import", "url("] {
        assert!(!page.contains(foreign), "the page fetches something: {foreign}");
    }
}

/// Texts in quotation marks of small letters, digits and hyphens, with at least one hyphen.
fn hyphenated(source: &str) -> impl Iterator<Item = &str> {
    source.split('"').skip(1).step_by(2).filter(|text| {
        text.contains('-')
            && !text.ends_with('-')
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    })
}

/// What looks like a code and is none: names of headers, files, claims, formats and successions.
const NO_CODES: &[&str] = &[
    "adoption-definitions",
    "adoption-revisions",
    "bank-key",
    "benefit-month",
    "chitra-attempt",
    "chitra-lang",
    "chitra-template",
    "chitra-visitor",
    "command-line",
    "content-security-policy",
    "content-type",
    "cross-origin-opener-policy",
    "date-time",
    "desk-code",
    "file-io",
    "first-attempts",
    "idempotency-key",
    "import-file",
    "judge-again",
    "last-event-id",
    "list-file",
    "list-item",
    "list-plan",
    "list-print",
    "list-taken-back",
    "no-cache",
    "no-store",
    "no-unit",
    "page-refused",
    "part-default",
    "payment-reference",
    "permissions-policy",
    "referrer-policy",
    "retry-after",
    "same-origin",
    "sec-fetch-site",
    "secret-of-approval",
    "sign-in-refused",
    "test-1",
    "us-ascii",
    "utf-8",
    "webhook-id",
    "webhook-place",
    "webhook-signature",
    "webhook-timestamp",
    "x-as-of-position",
    "x-as-of-time",
    "x-by-itself",
    "x-chitra-sandbox",
    "x-content-type-options",
    "x-control-count",
    "x-control-sum",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-frame-options",
    "x-jws-signature",
    "x-request-id",
];

/// Codes of the event store's port alone: its document explains them.
const OF_THE_EVENT_STORE: [&str; 4] = ["event-differs", "event-elsewhere", "event-unknown", "only-through-rest"];

#[test]
fn every_code_that_the_program_can_answer_is_explained() {
    let document = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/eventstore.md")).unwrap();
    assert!(OF_THE_EVENT_STORE.iter().all(|code| document.contains(&format!("`{code}`"))));
    let known: BTreeSet<&str> = openapi::codes::all().map(|code| code.code).collect();
    assert_eq!(known.len(), openapi::codes::all().count(), "a code is explained twice");
    let mut used = BTreeSet::new();
    for file in crate::tidy::sources().iter().filter(|file| file.is_of(&["app", "banks", "files", "http", "domain"])) {
        let is_elsewhere =
            file.path.contains("/tests") || file.path.contains("app/verify") || file.path.contains("app/demo");
        let lines = file.lines().take_while(|line| !line.starts_with("mod tests {")).filter(|_| !is_elsewhere);
        for code in lines.flat_map(|line| hyphenated(line).map(str::to_owned).collect::<Vec<_>>()) {
            let explained = known.contains(code.as_str())
                || NO_CODES.contains(&code.as_str())
                || OF_THE_EVENT_STORE.contains(&code.as_str());
            assert!(explained, "{}: the code {code} is not explained in src/openapi/codes.rs", file.path);
            used.insert(code);
        }
    }
    let unused: Vec<_> = known.iter().filter(|code| code.contains('-') && !used.contains(**code)).collect();
    assert!(unused.is_empty(), "explained, but nobody answers them: {unused:?}");
}

/// Codes of rules that no caller can come to over HTTP, each with the reason; tests of the rules themselves reach them.
const NOT_OVER_HTTP: &[(&str, &str)] = &[
    ("approval-exists", "its id is made from the request, which is answered again"),
    ("approval-not-found", "what is not there is not-found before it is asked"),
    ("beneficiary-already-registered", "each registration draws an id of its own"),
    ("beneficiary-not-found", "what is not there is not-found before it is asked"),
    ("body-too-slow", "a sender may take ten seconds; the rule is tested with less"),
    ("claim-taken", "every kind of claim has a code of its own"),
    (
        "contradiction-changed",
        "only a race: it is looked at in the same request; a consent that comes too late fails with it",
    ),
    ("currency-differs", "amounts are read in the profile's currency"),
    ("desk-already-registered", "each registration draws an id of its own"),
    ("figure-already-cited", "each citation draws an id of its own"),
    ("figure-too-many-groups", "no figure of a test has so many; the rule is tested without HTTP"),
    ("desk-not-found", "what is not there is not-found before it is asked"),
    ("list-already-opened", "each preparation draws an id of its own"),
    ("list-chunk-out-of-order", "chunks are counted by the server"),
    ("list-item-without-amount", "no payment is ordered without an amount"),
    ("list-not-empty", "withdrawing takes everything off first"),
    ("list-not-found", "what is not there is not-found before it is asked"),
    ("list-other-currency", "amounts are read in the profile's currency"),
    ("list-sum-too-large", "one payment's limit is far below"),
    ("message-unreadable", "a failing disk; a body is in memory"),
    (
        "months-after-death",
        "what is open of the dead is held first, unless the desk is faster than whoever follows the log",
    ),
    ("no-payment-window", "a profile names a window for each kind of desk"),
    ("order-account-unfit", "accounts are read as digits and letters; one of an earlier program may have others"),
    ("payment-already-instructed", "each order draws an id of its own"),
    ("plan-used", "only two requests at the same instant: a plan that was carried out has changed the log"),
    ("recovery-not-found", "what is not there is not-found before it is asked"),
    ("too-many-messages", "64 MB of bodies at the same instant; the rule is tested with less room"),
    ("target-not-found", "what is not there is not-found before it is asked"),
    ("webhook-not-found", "what is not there is not-found before it is asked"),
];

/// The headings of the codes of rules, in their order.
const OF_RULES: [&str; 6] = [
    "Refused by a rule",
    "Recoveries and second persons",
    "Payment lists",
    "Refused by a rule about people",
    "Banks",
    "Webhooks",
];

/// A source text in which one call is one text, however it was broken into lines.
fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace("( ", "(")
}

/// Whether a file expects the code: as a problem's with its status, by itself or from a table of cases; as the code of a field, or as the cause
/// of something that waits.
fn expects(text: &str, code: &Code) -> bool {
    let mut statuses =
        code.status.split(|separator: char| !separator.is_ascii_digit()).filter(|status| !status.is_empty());
    let name = code.code;
    let named = text.contains(&format!("\"{name}\""));
    let as_problem = statuses.any(|status| {
        text.contains(&format!("refused({status}, \"{name}\""))
            || named && text.contains(&format!("refused({status}, code)"))
    });
    // A pointer or a row stands before the code of a field.
    let as_entry = text.contains(&format!(" {name}\""));
    match code.place {
        Place::Problem => as_problem,
        Place::Both => as_problem || as_entry,
        Place::Entry => as_entry || named,
    }
}

#[test]
fn every_refusal_of_a_rule_is_expected_by_a_test_over_http() {
    let groups: Vec<_> = openapi::codes::GROUPS.iter().filter(|(heading, _)| OF_RULES.contains(heading)).collect();
    assert_eq!(groups.len(), OF_RULES.len(), "a heading is not there any more");
    let files = crate::tidy::sources();
    let of_http = files.iter().filter(|file| file.path.starts_with("tests/it/") && !file.path.ends_with("/openapi.rs"));
    let tests: Vec<String> = of_http.map(|file| in_one_line(&file.lines().collect::<Vec<_>>().join("\n"))).collect();
    let (mut missing, mut reached) = (Vec::new(), Vec::new());
    for code in groups.iter().flat_map(|(_, codes)| codes.iter()) {
        let expected = tests.iter().any(|text| expects(text, code));
        match (NOT_OVER_HTTP.iter().any(|(known, _)| *known == code.code), expected) {
            (false, false) => missing.push(code.code),
            (true, true) => reached.push(code.code),
            (true, false) | (false, true) => {}
        }
    }
    assert!(missing.is_empty(), "no test over HTTP expects {missing:?}");
    assert!(reached.is_empty(), "expected after all; take them out of the list: {reached:?}");
}
