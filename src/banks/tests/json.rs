//! The JSON schema of our own.

use super::*;

const GOOD: &str = r#"{"message_id":"M-1","created_at":"2025-09-04T10:00:00+07:00","items":[
  {"end_to_end_id":"0195a3c01c0070008000000000000001","status":"settled","date":"2025-09-03","amount":"5000000","currency":"VND","agent_ref":"B7"},
  {"end_to_end_id":"0195a3c01c0070008000000000000002","status":"RJCT","reason":{"code":"AC04","text":"closed"}}]}"#;

#[test]
fn words_and_codes_are_read() {
    let (head, found, summary) = read(GOOD.as_bytes()).unwrap();
    assert_eq!((head.kind, head.message_id.as_str(), head.version), (MessageKind::Json, "M-1", None));
    assert_eq!((found.len(), summary.items), (2, 2));
    assert_eq!(found[0].report, Report::Word("settled".to_owned()));
    assert_eq!((found[0].when, found[0].number), (When::parse("2025-09-03"), 1));
    assert_eq!(found[0].amount, Some(Amount { text: "5000000".to_owned(), currency: Some("VND".to_owned()) }));
    assert_eq!(found[1].report, Report::Status("RJCT".to_owned()));
    assert_eq!(found[1].when, When::parse("2025-09-04T10:00:00+07:00"), "the message's own time");
    let reason = StatedReason { code: Some("AC04".to_owned()), proprietary: None, words: Some("closed".to_owned()) };
    assert_eq!(found[1].reasons, [reason]);
}

#[test]
fn what_is_not_in_the_schema_is_refused() {
    let cases = [
        ("\"status\"", "\"statuss\"", "message-malformed"),
        ("\"settled\"", "1", "message-malformed"),
        ("\"5000000\"", "5000000", "message-malformed"),
        ("\"message_id\":\"M-1\",", "", "message-malformed"),
        ("\"message_id\":\"M-1\"", "\"message_id\":\"M-1\",\"message_id\":\"M-2\"", "message-malformed"),
        ("\"status\":\"settled\"", "\"status\":\"settled\",\"status\":\"RJCT\"", "message-malformed"),
        ("\"M-1\"", "\"\"", "message-field-invalid"),
        ("\"settled\"", "\"\"", "message-field-invalid"),
        ("\"2025-09-03\"", "\"03/09/2025\"", "message-field-invalid"),
        ("\"amount\":\"5000000\",", "", "message-field-missing"),
        ("{\"code\":\"AC04\",\"text\":\"closed\"}", "[\"AC04\",\"closed\"]", "message-malformed"),
        ("{\"code\":\"AC04\",\"text\":\"closed\"}", "{\"words\":\"closed\"}", "message-malformed"),
        ("]}", "]}x", "message-malformed"),
        ("]}", "]", "message-truncated"),
    ];
    for (old, new, code) in cases {
        let text = GOOD.replacen(old, new, 1);
        assert_ne!(text, GOOD);
        assert_eq!(refusal(&text).code(), code, "{new}");
    }
    assert_eq!(
        refusal(r#"{"message_id":"1","items":[["0195a3c01c0070008000000000000001","settled"]]}"#).code(),
        "message-malformed"
    );
}

#[test]
fn every_cut_is_refused() {
    for end in 0..GOOD.len() {
        assert!(read(&GOOD.as_bytes()[..end]).is_err(), "{end}");
    }
}

#[test]
fn nesting_items_and_length_have_bounds() {
    let deep = format!("{{\"message_id\":\"1\",\"items\":{}", "[".repeat(1_000_000));
    assert_eq!(refusal(&deep).code(), "message-truncated");
    let closed = format!("{deep}{}}}", "]".repeat(1_000_000));
    assert_eq!(refusal(&closed).code(), "message-malformed");
    let limits = Limits { json_items_max: 1, json_bytes_max: 1000, ..Limits::default() };
    assert_eq!(read_with(GOOD.as_bytes(), &limits), Err(ReadError::TooManyItems { max: 1 }));
    let long = GOOD.replace("closed", &"x".repeat(1000));
    assert_eq!(read_with(long.as_bytes(), &limits), Err(ReadError::TooLarge { max: 1000 }));
    let words = GOOD.replace("closed", &"x".repeat(501));
    assert_eq!(refusal(&words).code(), "message-field-invalid");
}
