//! Schemas of what is answered about beneficiaries, payments, events and imports.

use super::{Named, Property, list, must, named, object, or_null, people, said, sometimes, text};
use serde_json::{Value, json};

/// Everything but figures and reference data.
pub(super) fn schemas() -> Vec<Named> {
    let mut all = vec![("Beneficiary", beneficiary()), ("Attempts", attempts()), ("Timeline", timeline())];
    all.extend(payments());
    all.extend([("Event", event()), ("EventPage", event_page())]);
    all.extend(imports());
    all.extend(health());
    all
}

fn nullable(name: &'static str, schema: &str) -> Property {
    must(name, or_null(named(schema)))
}

fn position(description: &str) -> Property {
    must("position", said("Position", description))
}

fn as_of() -> Vec<Property> {
    vec![
        must("as_of_position", said("Position", "The last event that this answer contains.")),
        must("as_of_time", said("Instant", "When that event was recorded.")),
    ]
}

fn beneficiary() -> Value {
    let unit =
        vec![must("unit", named("UnitKey")), must("from", or_null(said("Date", "Null: since the registration.")))];
    let method = vec![
        must("channel", named("Code")),
        nullable("agent", "Code"),
        nullable("bank", "Code"),
        must("account_ref", or_null(said("Id", "The account's record in the vault; never the number."))),
        must("effective_month", named("Month")),
        must("until", or_null(said("Month", "The last month in force; null while no later choice ends it."))),
        must(
            "ever_in_force",
            json!({"type": "boolean", "description": "False: a later choice ended it before it began."}),
        ),
        must("payee", named("Payee")),
        must("home_ground", or_null(said("Code", "Why the person is paid at home."))),
    ];
    let known = vec![
        must(
            "identifier_ref",
            said(
                "Id",
                "The number's record in the vault. Those of the registration that did not end are in `personal` alone.",
            ),
        ),
        must("scheme", named("Code")),
        nullable("valid_from", "Date"),
        nullable("valid_to", "Date"),
        must("ended", or_null(named("EndReason"))),
    ];
    let of_month = vec![must("month", named("Month")), must("method", or_null(object("", method.clone())))];
    let mut all = vec![
        must("beneficiary_id", said("Id", "A pseudonym that tells nothing.")),
        must("units", list(&object("", unit))),
        must("methods", list(&object("", method))),
        must("identifiers", list(&object("", known))),
        nullable("died_on", "Date"),
        must(
            "erased",
            json!({"type": "boolean", "description": "The personal data were destroyed; nobody is found by them."}),
        ),
        sometimes("in_force", object("The payout method of a month (reads only).", of_month)),
        must("revision", named("Revision")),
        position("Of the person's last event; send it as `min_position` to read this write back."),
        sometimes("changed", json!({"type": "boolean", "description": "Something was recorded (writes only)."})),
        sometimes("warnings", list(&said("FieldIssue", "What a person should look at (writes only)."))),
        sometimes("as_of_position", said("Position", "The log's head (reads only).")),
    ];
    all.extend(people::of_beneficiary());
    object("A beneficiary as the log knows the person: no name, no number.", all)
}

/// What every answer about a payment begins with.
pub(super) fn summary() -> Vec<Property> {
    vec![
        must("payment_id", named("Id")),
        must("payment_reference", named("Reference")),
        must("beneficiary_id", named("Id")),
        must("benefit_type", named("Code")),
        must("benefit_months", list(&named("Month"))),
        must("cycle", named("Month")),
        must("kind", named("PaymentKind")),
        must("amount", named("Amount")),
        must("currency", named("Currency")),
        must("unit", said("UnitKey", "The unit's version in force on the due date.")),
        must("urban", json!({"type": "boolean", "description": "Whether that unit is urban."})),
        must("status", said("Status", "Where the latest attempt stands.")),
        must("held", json!({"type": "boolean", "description": "The latest attempt waits for a person."})),
        must("attempt", said("Attempt", "The latest attempt.")),
        must("channel", named("Code")),
        must("agent", named("Code")),
        nullable("bank", "Code"),
        must("end_to_end_id", named("EndToEndId")),
        must("due_on", named("Date")),
    ]
}

pub(super) fn supplement() -> Property {
    must(
        "supplement",
        json!({"type": "boolean", "description": "Paid beside the month's regular payment: arrears or a supplement."}),
    )
}

fn contradiction() -> Property {
    let reported = vec![
        must("attempt", named("Attempt")),
        must("amount", said("Amount", "What was reported.")),
        must("settled_on", named("Date")),
        must("evidence", object("", vec![must("kind", text("")), must("reference", text(""))])),
    ];
    must(
        "contradiction",
        or_null(object("A report of another amount than was ordered; it waits for a person.", reported)),
    )
}

fn payments() -> Vec<Named> {
    let mut written = summary();
    written.extend([
        supplement(),
        contradiction(),
        must("revision", named("Revision")),
        position("Of the payment's last event; send it as `min_position` to read this write back."),
        must("changed", json!({"type": "boolean", "description": "False: what was reported is on record already."})),
    ]);
    let mut view = summary();
    view.extend([
        supplement(),
        contradiction(),
        must("attempts", named("Attempts")),
        must("timeline", named("Timeline")),
        must("revision", named("Revision")),
        position("Of the payment's last event."),
        must("as_of_position", said("Position", "The log's head.")),
    ]);
    let mut row = summary();
    row.extend([
        nullable("settled_on", "Date"),
        nullable("returned_on", "Date"),
        must("reason_class", or_null(said("ReasonClass", "Why the latest attempt came to nothing."))),
        must("reason_code", or_null(text("The code as received."))),
        must("revision", named("Revision")),
        must("last_position", named("Position")),
    ]);
    let mut page = vec![
        must("payments", list(&named("PaymentRow"))),
        must("next_cursor", or_null(text("Send it as `cursor`; null on the last page."))),
    ];
    page.extend(as_of());
    vec![
        ("Payment", object("Where a payment stands right after a write.", written)),
        ("PaymentView", object("A payment with all that happened to it.", view)),
        ("PaymentRow", object("A payment in a list.", row)),
        ("PaymentList", object("A page of payments.", page)),
    ]
}

fn attempts() -> Value {
    list(&object("", attempt()))
}

pub(super) fn attempt() -> Vec<Property> {
    vec![
        must("attempt", named("Attempt")),
        must("status", named("Status")),
        must("held", named("Boolean")),
        must("channel", named("Code")),
        must("agent", named("Code")),
        nullable("bank", "Code"),
        nullable("account_ref", "Id"),
        must("end_to_end_id", named("EndToEndId")),
        must("due_on", named("Date")),
        must("payee", named("Payee")),
        nullable("settled_on", "Date"),
        must(
            "paid_amount",
            or_null(said(
                "Amount",
                "What its settlement paid; another than the payment's where another attempt pays that.",
            )),
        ),
        nullable("returned_on", "Date"),
    ]
}

fn timeline() -> Value {
    let entry = vec![
        must("position", named("Position")),
        must("revision", named("Revision")),
        must("type", text("The event's type.")),
        must("occurred_at", or_null(said("Instant", "When it happened, by the source's account."))),
        must("recorded_at", said("Instant", "When it was recorded here.")),
        must("actor", or_null(text("The key that recorded it."))),
        must("source", or_null(json!({"type": "string", "enum": ["api", "bank", "event_store", "import", "process"]}))),
        must("text", text("The event in words.")),
        must("text_vi", text("The same in Vietnamese.")),
        must(
            "words",
            or_null(text(
                "What the agent wrote, as received: only for roles that manage payments, and only until it is erased.",
            )),
        ),
        must("data", named("Object")),
    ];
    list(&object("", entry))
}

fn event() -> Value {
    let any = |description: &str| json!({"description": description});
    let event = vec![
        must("position", named("Position")),
        must("stream", text("`payment-<id>`, `beneficiary-<id>`, `import-<id>`, `recovery-<id>`, `approval-<id>`.")),
        must("revision", named("Revision")),
        must("event_id", named("Id")),
        must("type", text("For ever the same meaning.")),
        must("schema_version", json!({"type": "integer", "minimum": 1})),
        must("recorded_at", named("Instant")),
        must("data", any("As stored; its schema is `openapi/events/<type>.v<version>.json`.")),
        must("metadata", any("Who, from where, and with which profile.")),
    ];
    object("A recorded event.", event)
}

fn event_page() -> Value {
    let mut page = vec![
        must("events", list(&named("Event"))),
        must("next_after", said("Position", "Send it as `after` for the next page.")),
    ];
    page.extend(as_of());
    object("A page of the log, in order.", page)
}

fn imports() -> Vec<Named> {
    let issue = vec![
        must(
            "row",
            json!({"type": "integer", "minimum": 0, "description": "As a person counts it, from 1; 0 is the file as a whole."}),
        ),
        must("column", or_null(text("Null: the row as a whole."))),
        must("severity", json!({"type": "string", "enum": ["error", "warning"]})),
        must("code", text("A stable code; the list is at /docs#codes.")),
        must("message", text("What is wrong and how to mend it.")),
        must("message_vi", text("The same in Vietnamese.")),
        must("expected", text("What would have been accepted.")),
        must("found", text("What stands there; masked where it is personal.")),
    ];
    let report = report_properties();
    vec![
        ("ImportIssue", object("One thing found in one row.", issue)),
        ("ImportReport", object("What an import did and found.", report)),
        (
            "ImportList",
            object("Imports, newest first, without their issues.", vec![must("imports", list(&named("ImportReport")))]),
        ),
    ]
}

fn report_properties() -> Vec<Property> {
    let count = |name: &'static str, description: &str| must(name, said("Count", description));
    vec![
        must("import_id", named("Id")),
        must("kind", named("ImportKind")),
        must("mode", named("ImportMode")),
        must("status", named("ImportStatus")),
        must("dry_run", named("Boolean")),
        count("rows", "Rows read."),
        count("recorded_rows", "Rows that were recorded."),
        count("unchanged_rows", "Rows that the log said already."),
        count("refused_rows", "Rows that were refused."),
        must("sum", said("Amount", "Of all readable rows.")),
        must("recorded_sum", said("Amount", "Of the rows recorded.")),
        must("currency", named("Currency")),
        must("position", or_null(said("Position", "Of the last event recorded."))),
        count("errors", "All that keep a row out."),
        count("warnings", "All that a person should look at."),
        must(
            "counts",
            json!({"type": "object", "additionalProperties": named("Count"), "description": "How often each code was found."}),
        ),
        must(
            "issues_truncated",
            json!({"type": "boolean", "description": "More was found than `issues` holds; `counts` has all."}),
        ),
        sometimes("issues", list(&named("ImportIssue"))),
        sometimes("actor", text("The key that imported it (reads only).")),
        sometimes("cancelled_payments", said("Count", "Payments that a reversal cancelled.")),
        sometimes("kept_payments", said("Count", "Payments that were past cancelling.")),
    ]
}

fn health() -> Vec<Named> {
    let projection = vec![
        must("name", text("")),
        must("position", named("Position")),
        must("lag_events", named("Count")),
        must("error", or_null(text("Set while it is stopped."))),
    ];
    let ready = vec![
        must("status", json!({"type": "string", "enum": ["ready", "projection stopped", "store unavailable"]})),
        sometimes("head_position", named("Position")),
        sometimes("head_time", named("Instant")),
        sometimes("projections", list(&object("", projection))),
        sometimes("version", text("Of the program.")),
    ];
    vec![
        ("Alive", object("", vec![must("status", json!({"const": "ok"}))])),
        ("Ready", object("How far the projections have followed the log.", ready)),
    ]
}
