//! Schemas of the bodies that requests carry. An optional field may also be null; a field that is not named here is refused.

use super::{Named, Property, may, must, named, object, said, words};
use crate::app::imports::answers;
use crate::domain::payment::event::Resolution;
use crate::domain::profile::{IdentifierScheme, Profile};
use serde_json::{Value, json};

/// The inputs of beneficiaries, payments, and imports.
pub(super) fn schemas(profile: &Profile) -> Vec<Named> {
    let mut all = beneficiaries(profile);
    all.extend(further_identifiers(profile));
    all.extend(ordering(profile));
    all.extend(outcomes());
    all.extend(deeds());
    all
}

fn with_example(mut schema: Value, example: Value) -> Value {
    schema["examples"] = Value::Array(vec![example]);
    schema
}

fn text(name: &'static str, description: &str) -> Property {
    may(name, said("Text", description))
}

/// A field for each identifier scheme of the profile.
fn identifiers(profile: &Profile) -> Vec<Property> {
    let field = |scheme: &IdentifierScheme| {
        let (label, least, most) = (scheme.labels.get("en"), scheme.length_min, scheme.length_max);
        let length = if least == most { least.to_string() } else { format!("{least} to {most}") };
        may(
            scheme.code.to_string(),
            said("Text", &format!("{label}: an identifier of the profile, {length} characters.")),
        )
    };
    profile.identifiers.iter().map(field).collect()
}

/// A body with made-up values that the profile accepts.
fn example(profile: &Profile, fields: &[&str]) -> Value {
    let value = |name: &str| Value::from(answers::example(profile, name));
    Value::Object(fields.iter().map(|name| ((*name).to_owned(), value(name))).collect())
}

/// Where money goes. What is left out comes from the beneficiary's method in force, then from the profile.
fn route() -> Vec<Property> {
    vec![
        may("channel", said("Code", "How it is paid: account, wallet, cash_desk ...")),
        may("agent", said("Code", "Who pays it out: bank, post, agency ... Not the same as the channel.")),
        text("bank", "The bank of the account: id, code or short name of the profile."),
        text("account", "The account number. It goes encrypted to the vault and never comes back."),
        may("payee", said("Payee", "Who may collect; the beneficiary when absent.")),
    ]
}

fn beneficiaries(profile: &Profile) -> Vec<Named> {
    let requested_on = || may("requested_on", said("Date", "When the person asked; today when absent."));
    let effective = || {
        may(
            "effective_month",
            said("Month", "First cycle in which it applies; the earliest that the cut-off day allows when absent."),
        )
    };
    let home = || {
        may("home_ground", said("Code", "Why the person is paid at home, if not for old age; listed in the reference."))
    };
    let mut register = identifiers(profile);
    register.push(text("name", "The person's name. It goes encrypted to the vault."));
    register.push(may("sex", named("Sex")));
    register.push(may(
        "birth_year",
        json!({"type": "integer", "minimum": 1880, "maximum": 2100, "description": "It goes encrypted to the vault; the log has the decade alone."}),
    ));
    register.push(must("unit", said("Text", "A unit key, or a code that names one unit in force today.")));
    register.extend(route());
    register.extend([requested_on(), effective(), home()]);
    let mut method = route();
    method[0] = must("channel", said("Code", "How the person is paid from then on."));
    method.extend([requested_on(), effective(), home()]);
    let moved = vec![
        must("unit", said("Text", "The new unit: a key, or a code that names one unit on that day.")),
        must("effective_on", named("Date")),
    ];
    let died = vec![
        must("died_on", named("Date")),
        may("reported_on", said("Date", "Today when absent.")),
        must("source", said("Text", "Where the report comes from.")),
    ];
    let mut search = object("Exactly one of the identifiers.", identifiers(profile));
    search["minProperties"] = json!(1);
    let person = profile.first_identifier().as_str();
    let mut register_example = example(profile, &[person, "unit", "channel", "bank", "account"]);
    register_example["name"] = json!("Nguyễn Thị A");
    register_example["birth_year"] = json!(1955);
    vec![
        (
            "BeneficiaryRegistration",
            with_example(
                object(
                    "A person to register, and how the person is paid. The identifiers are those of the profile; `GET /v1/reference` lists them.",
                    register,
                ),
                register_example,
            ),
        ),
        ("BeneficiarySearch", with_example(search, example(profile, &[person]))),
        (
            "BeneficiaryMove",
            with_example(
                object("A move to another unit.", moved),
                json!({"unit": "20551", "effective_on": "2025-03-01"}),
            ),
        ),
        (
            "PayoutMethodChoice",
            with_example(
                object("How to be paid.", method),
                json!({"channel": "account", "bank": "vcb", "account": "0123456789"}),
            ),
        ),
        (
            "DeathReport",
            with_example(object("A death.", died), json!({"died_on": "2025-02-11", "source": "commune register"})),
        ),
    ]
}

/// Identifiers that are added and ended after the registration.
fn further_identifiers(profile: &Profile) -> Vec<Named> {
    let person = profile.first_identifier().as_str();
    let mut added = identifiers(profile);
    added.push(may("valid_from", said("Date", "The first day; not recorded when absent.")));
    added.push(may("valid_to", said("Date", "The last day, if it is known already.")));
    let mut add_example = example(profile, &[person]);
    add_example["valid_from"] = json!("2025-03-01");
    let ended = vec![
        must("identifier_ref", said("Id", "As `personal` names it.")),
        must("reason", named("EndReason")),
        may("valid_to", said("Date", "The last day; today when absent.")),
    ];
    let end_example = json!({"identifier_ref": "0195a3c0-1c00-4000-8000-000000000007", "reason": "replaced", "valid_to": "2025-07-31"});
    vec![
        (
            "IdentifierAddition",
            with_example(object("Exactly one of the identifiers, with its dates.", added), add_example),
        ),
        ("IdentifierEnd", with_example(object("An identifier that ends.", ended), end_example)),
    ]
}

fn ordering(profile: &Profile) -> Vec<Named> {
    let months = json!({"type": "array", "items": named("Month"), "uniqueItems": true, "description": "Months that it pays for; the cycle when absent."});
    let mut order = vec![
        must("payment_reference", said("Reference", "The agency's own reference; unique in the log.")),
        may("beneficiary_id", said("Id", "The pseudonym. Name the person by this or by exactly one identifier.")),
    ];
    order.extend(identifiers(profile));
    order.extend([
        must("benefit_type", said("Code", "A benefit type.")),
        must("cycle", said("Month", "The month of the payment run.")),
        may("benefit_months", months),
        must("amount", named("Amount")),
        text("unit", "A unit key, or a code that names one unit on the due date; the person's unit when absent."),
    ]);
    order.extend(route());
    order.push(may("due_on", said("Date", "The day by the profile's calendar when absent.")));
    order.push(may(
        "supplement",
        json!({"type": "boolean", "deprecated": true, "description": "Use `kind`. True is a supplement."}),
    ));
    order.push(may(
        "kind",
        said(
            "PaymentKind",
            "Regular when absent. Each kind pays a month once; a supplement of another amount is another one.",
        ),
    ));
    let person = profile.first_identifier().as_str();
    let order_example = example(profile, &["payment_reference", person, "benefit_type", "cycle", "amount"]);
    let mut again = route();
    again.push(may("due_on", said("Date", "The next working day when absent.")));
    again.push(must("reason", named("Text")));
    vec![
        ("PaymentInstruction", with_example(object("A payment to order.", order), order_example)),
        (
            "Reissue",
            with_example(object("A new attempt.", again), json!({"channel": "cash_desk", "reason": "account closed"})),
        ),
    ]
}

fn attempt() -> Property {
    may("attempt", named("Attempt"))
}

fn evidence() -> Property {
    let part = |description: &str| json!({"type": "string", "minLength": 1, "maxLength": 140, "pattern": "\\S", "description": description});
    let evidence = vec![
        must("kind", part("`statement`, `status_report`, `desk_receipt` ...")),
        must("reference", part("Its reference with whoever issued it.")),
    ];
    must("evidence", object("The proof.", evidence))
}

fn reason() -> Vec<Property> {
    vec![
        must(
            "reason_code",
            said(
                "Text",
                "The code as received, for example AC04. Words in its place go encrypted to the vault, and the code is NARR.",
            ),
        ),
        may("reason_system", said("Code", "Whose code it is; `iso20022` when absent.")),
        text("reason_text", "The agent's words. They go encrypted to the vault."),
    ]
}

fn outcomes() -> Vec<Named> {
    let accept = vec![
        attempt(),
        text("agent_ref", "The agent's reference."),
        may(
            "raw_status",
            json!({"type": "string", "pattern": "^[A-Z][A-Z0-9._-]{0,11}$", "description": "The agent's status code as received."}),
        ),
        may("accepted_at", said("Instant", "Now when absent.")),
    ];
    let settle = vec![
        attempt(),
        must("settled_on", named("Date")),
        may("amount", said("Amount", "The instructed amount when absent; another one is quarantined.")),
        evidence(),
        may("collected_by", said("Payee", "Who collected cash.")),
    ];
    let mut reject = vec![attempt(), may("rejected_on", said("Date", "Today when absent."))];
    reject.extend(reason());
    let mut returned = vec![
        attempt(),
        must("returned_on", named("Date")),
        may("amount", said("Amount", "The instructed amount when absent.")),
    ];
    returned.extend(reason());
    returned.push(evidence());
    let fail = vec![
        attempt(),
        must("cause", named("FailureCause")),
        may("deadline", said("Date", "The day after which nothing more was expected; today when absent.")),
    ];
    let statement = json!({"kind": "statement", "reference": "camt.054 2025-03-05/118"});
    vec![
        ("Acceptance", with_example(object("", accept), json!({"agent_ref": "VCB-88121", "raw_status": "ACSP"}))),
        ("Settlement", with_example(object("", settle), json!({"settled_on": "2025-03-04", "evidence": statement}))),
        ("Rejection", with_example(object("", reject), json!({"reason_code": "AC04"}))),
        (
            "Return",
            with_example(
                object("", returned),
                json!({"returned_on": "2025-03-07", "reason_code": "AC04", "evidence": statement}),
            ),
        ),
        ("Failure", with_example(object("", fail), json!({"cause": "unclaimed", "deadline": "2025-03-25"}))),
    ]
}

fn deeds() -> Vec<Named> {
    let hold = vec![must("cause", named("Text")), text("note", "")];
    let cancel = vec![
        must("reason", named("Text")),
        may("recall_confirmed", json!({"type": "boolean", "description": "The agent confirmed that it will not pay."})),
    ];
    let months = json!({"type": "array", "items": named("Month"), "uniqueItems": true});
    let correct = vec![
        must("ground", said("Text", "Why it is corrected.")),
        may("amount", named("Amount")),
        may("benefit_months", months),
        text("unit", "A unit key, or a code that names one unit on the due date."),
        may("due_on", named("Date")),
        may("payment_reference", named("Reference")),
    ];
    let about = "Exactly one of amount, benefit_months, unit, due_on, payment_reference.";
    let reverse = vec![must("reason", named("Text"))];
    let resolve = vec![
        must("resolution", words(&Resolution::ALL.map(Resolution::as_str))),
        must("reason", said("Text", "Without numbers of persons or accounts.")),
        may(
            "supplement_reference",
            said(
                "Reference",
                "Of the supplement that pays what is missing; needed when less was paid and is made good.",
            ),
        ),
    ];
    vec![
        ("Hold", with_example(object("", hold), json!({"cause": "name differs from the account's"}))),
        ("Release", with_example(object("", vec![text("note", "")]), json!({"note": "name confirmed by telephone"}))),
        ("Cancellation", with_example(object("", cancel), json!({"reason": "ordered twice"}))),
        ("Correction", with_example(object(about, correct), json!({"due_on": "2025-03-05", "ground": "bank holiday"}))),
        (
            "Resolution",
            with_example(
                object("What is true of a report of another amount.", resolve),
                json!({"resolution": "dismissed", "reason": "the bank sent another order's amount"}),
            ),
        ),
        ("ImportReversal", with_example(object("", reverse), json!({"reason": "the list of another month"}))),
    ]
}
