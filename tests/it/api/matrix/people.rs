//! The rows of people, desks, imports and approvals.

use super::rows::{CUT, Made, OBJECT, OF_UNIT, Row, WHOLE, read, write};

pub const ROWS: &[Row] = &[
    write("registerBeneficiary", "CS", r#"{"beneficiary_ref":"NEW-$n","unit":"$code","channel":"cash_desk"}"#)
        .of(Made::Person),
    write("searchBeneficiary", "CSA", r#"{"beneficiary_ref":"$ref"}"#).of(Made::Person).done(200),
    read("readBeneficiary", "CSA", OBJECT).on("person"),
    write("checkAccount", "CS", r#"{"result":"exact","source":"vcb"}"#).of(Made::Person),
    write(
        "authorise",
        "CS",
        r#"{"payee":"authorised","name":"Trần Thị Sáu","certified":true,"valid_from":"2025-01-01","valid_to":"2025-12-31"}"#,
    )
    .of(Made::Person),
    write("endAuthorisation", "CS", r#"{"authorised_ref":"$right","reason":"taken back"}"#).of(Made::Authorised),
    write("reportDeath", "CS", r#"{"died_on":"2025-03-30","source":"family"}"#).of(Made::Person),
    write("erasePersonalData", "S", r#"{"ground":"retention_ended"}"#).of(Made::Person),
    read("exportPersonalData", "S", OBJECT).of(Made::Person).asks("purpose=legal_request"),
    write("addIdentifier", "CS", r#"{"beneficiary_ref":"ALSO-$n"}"#).of(Made::Person),
    write("endIdentifier", "CS", r#"{"identifier_ref":"$identifier","reason":"expired"}"#).of(Made::Identified),
    write("recordIdentity", "S", r#"{"status":"verified","source":"population_database","checked_on":"2025-03-20"}"#)
        .of(Made::Person),
    write("choosePayoutMethod", "CS", r#"{"channel":"cash_desk"}"#).of(Made::Person),
    // To where the person is: a move out of the key's units is refused by another rule.
    write("moveBeneficiary", "CS", r#"{"unit":"$code","effective_on":"2025-03-01"}"#).of(Made::Person).done(200),
    read("readPersonalData", "CSA", OBJECT).on("person"),
    write("suspendBenefit", "S", r#"{"legal_ground":"cannot_be_verified","from_month":"2025-04"}"#).of(Made::Person),
    write("resumeBenefit", "S", r#"{"from_month":"2025-05","arrears":true}"#).of(Made::Suspended),
    write("revealPersonalData", "CS", r#"{"kinds":["name","account"],"purpose":"payment_problem"}"#).of(Made::Person),
    read("listAuthorisations", "CSA", CUT).asks("expiring_before=2026-06-01").shows("authorised"),
    read("listAuthorisations", "CSA", OF_UNIT).asks("expiring_before=2026-06-01&unit=$unit"),
    read("identityWorklist", "CSA", CUT).shows("unmatched"),
    read("identityWorklist", "CSA", OF_UNIT).asks("unit=$unit"),
    // Desks.
    write("registerDesk", "S", r#"{"code":"D-$n","kind":"payment_point","unit":"$code"}"#).of(Made::Person),
    read("listDesks", "CSA", CUT).shows("desk"),
    read("listDesks", "CSA", OF_UNIT).asks("unit=$unit"),
    read("readDesk", "CSA", OBJECT).on("desk"),
    read("deskDays", "CSA", OBJECT).on("desk"),
    write("advanceCash", "CS", r#"{"amount":"5000000","evidence":{"kind":"voucher","reference":"PC-$n"}}"#)
        .of(Made::Desk),
    write("handBackCash", "CS", r#"{"amount":"5000000","evidence":{"kind":"voucher","reference":"PT-$n"}}"#)
        .of(Made::Advanced),
    write("liquidateDesk", "CS", r#"{"counted":"5000000"}"#).of(Made::Advanced),
    write("payAtDesk", "CS", r#"{"payment_id":"$payment","collected_by":"self","receipt":"R-$n"}"#).of(Made::Advanced),
    write(
        "handBackUnpaidList",
        "CS",
        r#"{"cycle":"2025-03","evidence":{"kind":"unpaid_list","reference":"DS-$n"},"payments":["$payment"]}"#,
    )
    .of(Made::Advanced)
    .day("2025-03-26"),
    read("liquidation", "CSA", CUT).shows("desk_code"),
    read("liquidation", "CSA", OF_UNIT).asks("unit=$unit"),
    // Imports are their maker's, and of whoever sees the whole log.
    write("importFile", "CS", "")
        .of(Made::Person)
        .asks("kind=payments")
        .file("payment_reference,beneficiary_ref,benefit_type,cycle,amount\nI-$n,$ref,pension,2025-03,5000000\n")
        .out(422, "out-of-your-units"),
    read("listImports", "CSA", CUT),
    read("readImport", "CSA", WHOLE).on("import").out(404, "not-found"),
    write("reverseImport", "S", r#"{"reason":"wrong month"}"#)
        .of(Made::Import)
        .within(WHOLE)
        .out(404, "not-found")
        .done(200),
    // Four eyes.
    // Operators decide of what belongs to no unit, which these do not.
    read("listApprovals", "CSAO", CUT).shows("approval"),
    read("listApprovals", "CSA", OF_UNIT).asks("unit=$unit").but("O", 403, "out-of-your-units"),
    read("readApproval", "CSA", OBJECT).on("approval").but("O", 403, "out-of-your-units"),
    // Whoever asked may take it back; here somebody else did.
    write("declineApproval", "S", r#"{"reason":"not so"}"#).of(Made::Approval).but("CAO", 403, "out-of-your-units"),
    write("grantApproval", "S", "{}").of(Made::Approval).but("O", 403, "out-of-your-units"),
    // What recoveries are about is paid.
    write("findOverpayment", "CS", r#"{"payment_id":"$payment","ground":"not_entitled"}"#).of(Made::Settled),
    read("listRecoveries", "CSA", CUT).shows("recovery"),
    read("listRecoveries", "CSA", OF_UNIT).asks("unit=$unit"),
    read("readRecovery", "CSA", OBJECT).on("recovery"),
    write("demandRecovery", "CS", r#"{"reference":"118/BHXH"}"#).of(Made::Recovery),
    write(
        "receiveRecovery",
        "CS",
        r#"{"amount":"1000000","received_on":"2025-03-28","evidence":{"kind":"receipt","reference":"C-$n"}}"#,
    )
    .of(Made::Recovery),
    write("writeOffRecovery", "CS", r#"{"reason":"no estate"}"#).of(Made::Recovery).done(202),
    read("worklist", "CSA", CUT).shows("held"),
    read("worklist", "CSA", OF_UNIT).asks("unit=$unit"),
    read("silence", "CSA", CUT),
];
