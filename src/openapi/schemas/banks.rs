//! Schemas of banks' messages and of what became of them.

use super::{Named, list, may, must, named, object, or_null, said, sometimes, text};
use crate::app::banks::reconcile::Match;
use crate::domain::bank::{OrderCharset, OrderForm};
use serde_json::{Value, json};

/// What goes in and comes out.
pub(super) fn schemas() -> Vec<Named> {
    let reason =
        object("", vec![may("code", text("Of ISO 20022, or the bank's own.")), may("text", text("In words."))]);
    let item = object(
        "",
        vec![
            must("end_to_end_id", text("As in our order.")),
            must(
                "status",
                text("A status code of ISO 20022, or note, accepted, settled, rejected, returned, cancelled, held."),
            ),
            may("date", text("A date, or date and time.")),
            may("amount", text("In plain digits.")),
            may("currency", text("Three capital letters.")),
            may("reason", reason),
            may("agent_ref", text("The bank's reference of the booking.")),
        ],
    );
    let mut message = object(
        "A bank's report. XML of ISO 20022 is taken as well.",
        vec![
            must("message_id", text("The bank's own, a new one for each message.")),
            may("created_at", text("Date and time; of items without a date.")),
            must("items", list(&item)),
        ],
    );
    message["examples"] = json!([{"message_id": "VCB-2025-09-04-1", "items": [
        {"end_to_end_id": "0195a3c01c0070008000000000000001", "status": "settled", "date": "2025-09-03", "amount": "5000000"}]}]);
    let mut resolution = object(
        "",
        vec![
            must("item", json!({"type": "integer", "minimum": 0})),
            must("reason", said("Text", "What was found and done. Kept for ever: no names, no numbers of persons.")),
        ],
    );
    resolution["examples"] = json!([{"item": 2, "reason": "The bank took its second booking back."}]);
    let mut all = vec![("BankMessage", message), ("InboxMessage", inbox()), ("InboxResolution", resolution)];
    all.extend(again());
    all.extend(registry());
    all.extend(lists());
    all
}

/// Items judged again.
fn again() -> Vec<Named> {
    let number = || json!({"type": "integer", "minimum": 0});
    let numbers = json!({"type": "array", "items": number(), "minItems": 1, "maxItems": 1000, "description": "Numbers of items that wait; all of them when absent."});
    let verdict =
        object("", vec![must("item", number()), must("verdict", super::words(&["applied", "no_op", "waits_anew"]))]);
    let anew = object(
        "",
        vec![
            must("of_item", number()),
            must("cause", text("One of the codes under *Banks*.")),
            must("payment_id", or_null(named("Id"))),
            must("unit", or_null(text("That payment's unit."))),
        ],
    );
    let rehearsal = object(
        "What would become of items that wait.",
        vec![must("inbox_id", named("Id")), must("items", list(&verdict)), must("waiting_anew", list(&anew))],
    );
    let mut asked = object("", vec![may("items", numbers)]);
    asked["examples"] = json!([{"items": [2]}]);
    vec![("InboxItems", asked), ("InboxRehearsal", rehearsal)]
}

/// Items that wait together.
fn rest() -> Value {
    object(
        "Of one entry for many items: of one message 10,000 wait by themselves, and the others together until they are judged again.",
        vec![
            must(
                "from",
                json!({"type": "integer", "minimum": 1, "description": "The first of them. All items from it on that could not be applied belong to them."}),
            ),
            must("items", json!({"type": "integer", "minimum": 1})),
        ],
    )
}

/// A message and what became of it.
fn inbox() -> Value {
    let count = || json!({"type": "integer", "minimum": 0});
    let waiting = object(
        "",
        vec![
            must(
                "item",
                json!({"type": "integer", "minimum": 0, "description": "0 is another message under this one's id, and so are places behind the last item."}),
            ),
            must(
                "of_item",
                or_null(
                    json!({"type": "integer", "minimum": 1, "description": "Of one payment of a whole file or block: the item that is about all of them."}),
                ),
            ),
            must("cause", text("One of the codes under *Banks*.")),
            must("payment_id", or_null(named("Id"))),
            must("unit", or_null(said("Text", "That payment's unit, whose clerks see the item."))),
            must("sha256", or_null(text("Of another message under this one's id: of its exact bytes, in hex."))),
            must("rest", or_null(rest())),
            must("resolved", or_null(text("The reason of whoever dealt with it."))),
            must("judged_again", or_null(super::words(&["applied", "no_op", "waits_anew"]))),
        ],
    );
    let of_whole = object(
        "What items on a whole file or block came to, payment by payment.",
        vec![must("applied", count()), must("no_op", count()), must("quarantined", count())],
    );
    object(
        "A bank's message and what became of it.",
        vec![
            must("inbox_id", named("Id")),
            must("verdicts", text("Where this is read.")),
            must("bank", named("Code")),
            must("format", text("json, pain.002, camt.053, camt.054 or pacs.004.")),
            must("version", or_null(text("Of the ISO message."))),
            must("sha256", text("Of the exact bytes, in hex.")),
            must("bytes", count()),
            must("items", count()),
            must("judged", named("Boolean")),
            must("applied", or_null(count())),
            must("no_op", or_null(count())),
            must("quarantined", list(&waiting)),
            must("of_whole", or_null(of_whole)),
            must("waiting", count()),
            must("revision", named("Revision")),
            must("position", named("Position")),
            sometimes(
                "receipt",
                or_null(text("What the log proves of the message, as a signed note: `chitra banks verify-answer`.")),
            ),
            sometimes("changed", named("Boolean")),
        ],
    )
}

fn page(name: &'static str, row: &Value) -> Value {
    let members = vec![
        must(name, list(row)),
        must("next_cursor", or_null(text("Send it as `cursor`; null on the last page."))),
        must("as_of_position", said("Position", "The last event that this answer contains.")),
        must("as_of_time", named("Instant")),
    ];
    object("", members)
}

fn lists() -> Vec<Named> {
    let count = || json!({"type": "integer", "minimum": 0});
    let message = vec![
        must("inbox_id", named("Id")),
        must("bank", named("Code")),
        must("message_format", named("Text")),
        must("version", or_null(named("Text"))),
        must("sha256", named("Text")),
        must("bytes", count()),
        must("items", count()),
        must("judged", named("Boolean")),
        must("applied", or_null(count())),
        must("no_op", or_null(count())),
        must("quarantined", or_null(count())),
        must("waiting", count()),
        must("received_at", named("Instant")),
        must("position", said("Position", "Of its last event.")),
    ];
    let item = vec![
        must("inbox_id", named("Id")),
        must("item", count()),
        must("bank", named("Code")),
        must("cause", named("Text")),
        must("payment_id", or_null(named("Id"))),
        must("unit", or_null(named("Text"))),
        must("since", named("Instant")),
        must("resolved", named("Boolean")),
    ];
    vec![
        ("Reconciliation", reconciliation()),
        ("Silence", silence()),
        ("MessageList", page("messages", &object("", message))),
        ("WaitingItemList", page("items", &object("", item))),
    ]
}

/// What must come by which hour, or the bank is silent.
fn expected() -> Value {
    let members = vec![
        may("format", or_null(text("json, pain.002, camt.053, camt.054 or pacs.004; any message when absent."))),
        must("by", text("HH:MM, in the profile's zone.")),
        may("days", super::words(&["working_days", "every_day"])),
    ];
    object("", members)
}

fn registry() -> Vec<Named> {
    let key = object(
        "",
        vec![
            must("key_id", named("Text")),
            must("algorithm", super::words(&["ES256", "EdDSA", "HS256"])),
            must("public_key", or_null(text("PEM or JWK; null for a shared secret."))),
            must("valid_from", or_null(named("Instant"))),
            must("valid_to", or_null(named("Instant"))),
            must("disabled", named("Boolean")),
        ],
    );
    let entry = || {
        vec![
            must("bank", named("Code")),
            must("mapping", or_null(text("Its own mapping file; null: ISO's codes as they are."))),
            must("expected", list(&expected())),
            must("keys", list(&key)),
            must(
                "orders",
                or_null(arrangement(vec![must("has_account", said("Boolean", "The agency's account is on file."))])),
            ),
        ]
    };
    let mut written = entry();
    written.extend([
        must("revision", named("Revision")),
        must("position", named("Position")),
        must("changed", named("Boolean")),
    ]);
    let mut registration = object(
        "",
        vec![
            must("bank", said("Text", "By id, code or short name.")),
            may("mapping", text("The text of a mapping file. Absent: as before; empty: ISO's codes as they are.")),
            may("expected", list(&expected())),
        ],
    );
    registration["examples"] = json!([{"bank": "vcb", "mapping": "[statuses]\nACSC = \"settled\"\n",
        "expected": [{"format": "camt.053", "by": "08:00", "days": "working_days"}]}]);
    let mut new = object(
        "",
        vec![
            must("key_id", said("Text", "1 to 64 of A-Z, a-z, 0-9 and . _ : -; signatures name it.")),
            must("algorithm", super::words(&["ES256", "EdDSA", "HS256"])),
            must("key", text("PEM or JWK of the public key, or the secret: base64 of 24 to 64 bytes.")),
            may("valid_from", named("Instant")),
            may("valid_to", named("Instant")),
        ],
    );
    new["examples"] = json!([{"key_id": "vcb-2025", "algorithm": "EdDSA",
        "key": "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}"}]);
    let mut name = object("", vec![must("key_id", named("Text"))]);
    name["examples"] = json!([{"key_id": "vcb-2025"}]);
    let mut orders = arrangement(vec![may("account", text("The agency's account at the bank, which is debited."))]);
    orders["examples"] = json!([{"form": "pain.001.001.09", "payer": "BHXH tỉnh Quảng Nam", "account": "1100000001",
        "charset": "latin"}]);
    vec![
        ("BankOrders", orders),
        ("BankTableFormat", super::words(&["csv", "xlsx"])),
        ("BankList", object("", vec![must("banks", list(&object("", entry())))])),
        ("BankEntry", object("A bank that may report.", written)),
        ("BankRegistration", registration),
        ("BankKey", new),
        ("BankKeyName", name),
    ]
}

/// How a bank takes orders; what is known of the account is said each time otherwise.
fn arrangement(account: Vec<super::Property>) -> Value {
    let mut members = vec![
        must("form", super::words(&OrderForm::ALL.map(OrderForm::as_str))),
        must("payer", text("The agency's name, as the bank knows it.")),
        may("bank_code", or_null(text("BIC or member id, where it is not the profile's."))),
        may("charset", super::words(&OrderCharset::ALL.map(OrderCharset::as_str))),
        may("batch_booking", said("Boolean", "One entry of the statement for all payments of a day.")),
        may("columns", or_null(text("Of a table: the text of a layout file; the usual columns when absent."))),
    ];
    members.extend(account);
    object("How a bank takes orders.", members)
}

fn reconciliation() -> Value {
    let kinds = super::words(&Match::ALL.map(Match::as_str));
    let sum = vec![
        must("found", kinds.clone()),
        must("lines", named("Count")),
        must("debit_amount", named("Amount")),
        must("credit_amount", named("Amount")),
        must("recorded_amount", named("Amount")),
    ];
    let line = vec![
        must("item", or_null(said("Count", "Its place in the statement; null for what is missing there."))),
        must("found", kinds),
        must("side", or_null(super::words(&["debit", "credit"]))),
        must("day", or_null(named("Date"))),
        must("stated_amount", or_null(named("Amount"))),
        must("recorded_amount", or_null(named("Amount"))),
        must("payment_id", or_null(named("Id"))),
        must("unit", or_null(named("UnitKey"))),
        must("status", or_null(named("Status"))),
    ];
    let lost = vec![
        must("account", or_null(text("The end of the account's number; null when the bank does not say which."))),
        must("year", or_null(json!({"type": "integer", "description": "Null when nothing tells it."}))),
        must("number", named("Count")),
    ];
    let members = vec![
        must("inbox_id", named("Id")),
        must("bank", named("Code")),
        must("from", or_null(named("Date"))),
        must("to", or_null(named("Date"))),
        must("currency", named("Text")),
        must("whole", said("Boolean", "Everything is matched, it adds up, and no statement before it is lost.")),
        must("sums", list(&object("", sum))),
        must(
            "missing_of_unknown_account",
            json!({"type": "integer", "minimum": 0, "description": "So many of the missing may have been paid from another account: no order of them was handed out."}),
        ),
        must("findings", list(&named("Text"))),
        must("lost_statements", list(&object("", lost))),
        must("lines", list(&object("", line))),
        must("next_cursor", or_null(text("Send it as `cursor`; null on the last page."))),
        must("as_of_position", said("Position", "The last event that this answer contains.")),
        must("as_of_time", named("Instant")),
    ];
    object("A statement, reconciled.", members)
}

fn silence() -> Value {
    let row = vec![
        must("what", super::words(&["bank", "desk", "unit"])),
        must("name", or_null(named("Text"))),
        must("unit", or_null(named("UnitKey"))),
        must("message_format", or_null(named("Text"))),
        must("expected_by", or_null(text("Of a bank: the hour; of a desk: the last day that is closed."))),
        must("last_at", or_null(said("Instant", "The last sign."))),
        must("payments", or_null(named("Count"))),
        must("open", or_null(named("Count"))),
        must("silent", named("Boolean")),
    ];
    let members = vec![
        must("silence", list(&object("", row))),
        must("as_of_position", said("Position", "The last event that this answer contains.")),
        must("as_of_time", named("Instant")),
    ];
    object("Who is silent.", members)
}
