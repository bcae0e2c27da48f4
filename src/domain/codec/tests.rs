//! Golden samples of every stored type. A sample that no longer reads or writes the same bytes means that old logs do not either.

use super::{ALL, CodecError, DomainEvent, Reader, Upcast, decode, encode, schemas};
use serde_json::{Value, json};
use std::borrow::Cow;

macro_rules! samples {
    ($($name:literal),* $(,)?) => {
        const SAMPLES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../tests/fixtures/events/", $name, ".v1.json")))),*];
    };
}

samples!(
    "PaymentInstructed",
    "PaymentAccepted",
    "PaymentSettled",
    "PaymentSettledLate",
    "PaymentRejected",
    "PaymentReturned",
    "PaymentFailed",
    "PaymentHeld",
    "PaymentReleased",
    "PaymentReissued",
    "PaymentCancelled",
    "PaymentCorrected",
    "PaymentRecalled",
    "PaymentContradicted",
    "PaymentContradictionResolved",
    "BeneficiaryRegistered",
    "BeneficiaryMoved",
    "PayoutMethodChosen",
    "BeneficiaryDied",
    "PersonalDataErased",
    "IdentifierAdded",
    "IdentifierEnded",
    "AccountChecked",
    "AuthorisationGranted",
    "AuthorisationEnded",
    "BenefitSuspended",
    "BenefitResumed",
    "IdentityMatchRecorded",
    "ImportStarted",
    "ImportCompleted",
    "ImportReversed",
    "PersonalDataRevealed",
    "PersonalDataExported",
    "OverpaymentFound",
    "RecoveryDemanded",
    "RecoveryReceived",
    "RecoveryWrittenOff",
    "RecoveryLapsed",
    "ApprovalRequested",
    "ApprovalGranted",
    "ApprovalDeclined",
    "ApprovalUsed",
    "ApprovalFailed",
    "DeskRegistered",
    "CashAdvanced",
    "CashPaid",
    "CashHandedBack",
    "UnpaidListHandedBack",
    "DeskDayLiquidated",
    "ListOpened",
    "ListItemsAdded",
    "ListPrepared",
    "ListItemsRemoved",
    "ListChecked",
    "ListApproved",
    "ListSubmitted",
    "ListAcknowledged",
    "ListReconciled",
    "ListClosed",
    "ListWithdrawn",
    "ListShown",
    "BankRegistered",
    "BankKeyAdded",
    "BankKeyDisabled",
    "BankOrdersArranged",
    "BankMessageReceived",
    "BankMessageApplied",
    "BankMessageQuarantined",
    "BankMessageResolved",
    "BankMessageJudgedAgain",
    "WebhookRegistered",
    "WebhookChanged",
    "WebhookSecretRotated",
    "WebhookDisabled",
    "WebhookEnabled",
    "WebhookRemoved",
    "WebhookPinged",
    "WebhookRewound",
    "WebhookDeliveryRepeated",
    "FigureCited",
    "TargetSet",
    "TargetWithdrawn",
    "AccessRefused",
    "KeyUsed",
    "OperatorActed",
);

fn sample(name: &str) -> &'static str {
    SAMPLES.iter().find(|(sample, _)| *sample == name).unwrap().1.trim_end()
}

fn read(name: &str, data: &str) -> Result<Option<DomainEvent>, CodecError> {
    decode(name, 1, data.as_bytes())
}

#[test]
fn every_sample_reads_and_writes_back_byte_for_byte() {
    for stored in ALL {
        let event = read(stored.name, sample(stored.name)).unwrap().unwrap();
        let again = encode(&event);
        assert_eq!((again.event_type, again.schema_version), (stored.name, 1));
        assert_eq!(String::from_utf8(again.data).unwrap(), sample(stored.name));
    }
}

#[test]
fn every_stored_type_has_a_sample_and_a_name_of_its_own() {
    assert_eq!(SAMPLES.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ALL.map(|stored| stored.name));
    let names: std::collections::HashSet<_> = ALL.iter().map(|stored| stored.name).collect();
    assert_eq!(names.len(), ALL.len());
}

#[test]
fn fields_that_may_be_missing_are_read_as_absent_and_not_written() {
    let short = [
        // As they were before orders had ids of their own, and before an item on a whole file reached its payments.
        (
            "ListShown",
            r#"{"form":"order","bank":"vcb","kinds":["name","account"],"purpose":"payment_order","item_count":1,"by":"k-clerk"}"#,
        ),
        ("BankMessageApplied", r#"{"applied":1,"no_op":1,"quarantined":1}"#),
        ("BankMessageQuarantined", r#"{"items":[{"item":2,"cause":"second-settlement"}]}"#),
        ("PaymentAccepted", r#"{"attempt":1,"accepted_at":"2025-03-04T02:00:00Z"}"#),
        ("PaymentReleased", r#"{"attempt":1}"#),
        (
            "PaymentSettledLate",
            r#"{"attempt":1,"settled_on":"2025-03-04","amount":{"minor":5000000,"currency":"VND"},"evidence":{"kind":"statement","reference":"CAMT-0001/17"},"stopped_attempt":2}"#,
        ),
        (
            "PaymentRejected",
            r#"{"attempt":1,"reason":{"system":"agency","code":"NARR","class":"unknown","text_ref":"00000000-0000-4000-8000-000000000007"},"rejected_on":"2025-03-04"}"#,
        ),
        (
            "PayoutMethodChosen",
            r#"{"channel":"cash_desk","requested_on":"2025-03-20","effective_month":"2025-04","payee":"self"}"#,
        ),
    ];
    for (name, data) in short {
        let event = read(name, data).unwrap().unwrap();
        assert_eq!(String::from_utf8(encode(&event).data).unwrap(), data);
    }
}

#[test]
fn every_kind_of_correction_writes_back_byte_for_byte() {
    let kinds = [
        r#"{"what":"amount","old":{"minor":1,"currency":"VND"},"new":{"minor":2,"currency":"VND"}}"#,
        r#"{"what":"benefit_months","old":["2025-01"],"new":["2025-01","2025-02"]}"#,
        r#"{"what":"due_on","old":"2025-03-05","new":"2025-03-06"}"#,
        r#"{"what":"reference","old":"A","new":"B"}"#,
    ];
    for kind in kinds {
        let data = format!(r#"{{"correction":{kind},"ground":"typing error"}}"#);
        let event = read("PaymentCorrected", &data).unwrap().unwrap();
        assert_eq!(String::from_utf8(encode(&event).data).unwrap(), data);
    }
}

#[test]
fn a_field_that_a_later_writer_added_is_passed_over() {
    let data = r#"{"attempt":1,"note":"ok","added_later":true}"#;
    assert!(read("PaymentReleased", data).unwrap().is_some());
}

#[test]
fn a_type_of_another_program_is_passed_over() {
    assert_eq!(decode("SomethingElse", 9, b"not json"), Ok(None));
}

#[test]
fn a_version_of_a_newer_program_is_refused() {
    for version in [0, 2] {
        let expected = CodecError::UnknownVersion { event_type: "PaymentHeld".to_owned(), version, latest: 1 };
        assert_eq!(decode("PaymentHeld", version, b"{}"), Err(expected));
    }
}

#[test]
fn damaged_data_is_refused_without_quoting_it() {
    let error = read("PaymentInstructed", r#"{"reference":"Nguyen Van A"}"#).unwrap_err();
    assert!(matches!(error, CodecError::Malformed { .. }));
    assert!(!error.to_string().contains("Nguyen"), "{error}");
}

#[test]
fn codes_are_checked_when_read() {
    let data = sample("PaymentInstructed").replace("\"account\"", "\"Account!\"");
    assert!(matches!(read("PaymentInstructed", &data), Err(CodecError::Malformed { .. })));
}

fn with(mut value: Value, key: &str) -> Value {
    value[key] = json!(true);
    value
}

/// No type has an old version yet; the path for them is tried with one made up here.
#[test]
fn an_old_version_is_lifted_step_by_step() {
    let upcasts = [
        Upcast { event_type: "Other", from_version: 1, lift: |value| with(value, "wrong") },
        Upcast { event_type: "Sample", from_version: 1, lift: |value| with(value, "second") },
        Upcast { event_type: "Sample", from_version: 2, lift: |value| with(value, "third") },
    ];
    let lifted = |version, data: &'static [u8]| {
        Reader { event_type: "Sample", version, data }.lifted(3, &upcasts).map(Cow::into_owned)
    };
    assert_eq!(lifted(1, br#"{"a":1}"#).unwrap(), br#"{"a":1,"second":true,"third":true}"#);
    assert_eq!(lifted(2, b"{}").unwrap(), br#"{"third":true}"#);
    assert_eq!(lifted(3, b" as it is ").unwrap(), b" as it is ");
    assert!(matches!(lifted(4, b"{}"), Err(CodecError::UnknownVersion { .. })));
    let gap = Reader { event_type: "Sample", version: 1, data: b"{}" };
    assert!(matches!(gap.lifted(3, &upcasts[..2]), Err(CodecError::UnknownVersion { version: 1, latest: 3, .. })));
}

/// Checks the part of JSON Schema that our schemas use for keys: required, properties, nested objects.
fn check(path: &str, schema: &Value, value: &Value) {
    let (Some(properties), Some(object)) = (schema["properties"].as_object(), value.as_object()) else { return };
    for key in schema["required"].as_array().unwrap() {
        assert!(object.contains_key(key.as_str().unwrap()), "{path}: {key} is required");
    }
    for (key, inner) in object {
        let inner_schema = properties.get(key).unwrap_or_else(|| panic!("{path}: the schema has no {key}"));
        check(&format!("{path}.{key}"), inner_schema, inner);
    }
}

#[test]
fn every_stored_version_has_a_schema_that_its_sample_fits() {
    let schemas = schemas();
    assert_eq!(schemas.len(), ALL.len());
    for (stored, (name, schema)) in ALL.iter().zip(&schemas) {
        assert_eq!(*name, format!("{}.v{}", stored.name, stored.latest_version));
        check(name, schema, &serde_json::from_str(sample(stored.name)).unwrap());
    }
}

/// The samples hold every field, so leaving one out shows whether the schema's `required` says what the reader needs.
#[test]
fn the_schemas_require_exactly_what_the_reader_requires() {
    for (stored, (_, schema)) in ALL.iter().zip(schemas()) {
        let whole: Value = serde_json::from_str(sample(stored.name)).unwrap();
        let properties = schema["properties"].as_object().unwrap();
        assert_eq!(properties.len(), whole.as_object().unwrap().len(), "{}: the sample holds every field", stored.name);
        for key in properties.keys() {
            let mut less = whole.clone();
            less.as_object_mut().unwrap().remove(key);
            let reads = read(stored.name, &less.to_string()).is_ok();
            let required = schema["required"].as_array().unwrap().contains(&json!(key));
            // A missing Option without a default reads as absent, but is always written: the schema promises it.
            let always_written = matches!(key.as_str(), "control_sum_minor" | "recorded_sum_minor");
            assert_eq!(required, !reads || always_written, "{}.{key}", stored.name);
        }
    }
}
