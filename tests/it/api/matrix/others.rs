//! The rows of figures, targets, webhooks, banks, the log, and what belongs to nobody.

use super::rows::{CUT, Made, OBJECT, OF_UNIT, Row, Scope, WHOLE, read, unpublished, write};

const BY_COMMUNE: &str = "cycle=2025-03&group_by=unit_level:commune";
const OF_MARCH: &str = "cycle=2025-03&unit=$unit";
const HOOK: &str = r#"{"url":"https://listener.example/$n","unit":"$unit","bank":"$bank"}"#;
const OPERATORS: &str = "O";

/// A figure by communes, which show whose payments are in it.
const fn by_commune(id: &'static str) -> Row {
    unpublished(id, BY_COMMUNE).within(CUT).shows("unit")
}

/// Something that a webhook's keeper does to it.
const fn hook(id: &'static str, body: &'static str) -> Row {
    write(id, "SBO", body).of(Made::Webhook).everywhere(OPERATORS).out(404, "not-found")
}

/// Something that an operator does to a bank.
const fn bank(id: &'static str, body: &'static str) -> Row {
    write(id, OPERATORS, body).within(Scope::Keyed)
}

pub const ROWS: &[Row] = &[
    read("adoption", "CSNA", CUT).asks(BY_COMMUNE).shows("unit"),
    read("adoption", "CSNA", OF_UNIT).asks(OF_MARCH),
    read("outcomes", "CSNA", CUT).asks(BY_COMMUNE),
    read("outcomes", "CSNA", OF_UNIT).asks(OF_MARCH),
    by_commune("settlement"),
    unpublished("settlement", OF_MARCH),
    by_commune("firstAttempts"),
    unpublished("firstAttempts", OF_MARCH),
    by_commune("unclaimed").shows(""),
    unpublished("unclaimed", OF_MARCH),
    by_commune("movers").asks("cycle=2025-03&before=2025-02&group_by=unit_level:commune").shows(""),
    unpublished("movers", "cycle=2025-03&before=2025-02&unit=$unit"),
    unpublished("late", "cycle=2025-03").within(CUT),
    unpublished("late", OF_MARCH),
    unpublished("adoptionDefinitions", OF_MARCH),
    unpublished("adoptionDefinitions", "cycle=2025-03").within(CUT),
    unpublished("adoptionRevisions", OF_MARCH),
    unpublished("adoptionRevisions", "cycle=2025-03").within(CUT),
    unpublished("assessment", OF_MARCH),
    unpublished("assessment", "cycle=2025-03").within(CUT),
    unpublished("changes", "since=1&unit=$unit"),
    unpublished("changes", "since=1").within(CUT).shows("payment"),
    unpublished("identity", "unit=$unit"),
    unpublished("identity", "group_by=unit").within(CUT).shows("unit"),
    unpublished("registered", "unit=$unit"),
    unpublished("registered", "group_by=unit").within(CUT).shows("unit"),
    unpublished("targets", "unit=$unit"),
    unpublished("targets", "").within(CUT).shows("target"),
    write(
        "setTarget",
        "SO",
        r#"{"unit":"$unit","indicator":"A1","value":"0.$n","by_date":"$day","legal_basis":"12/KH"}"#,
    )
    .of(Made::Person),
    write("withdrawTarget", "SO", r#"{"reason":"another plan"}"#).of(Made::Target),
    write("citeFigure", "CSNA", r#"{"definition":"A1","title":"Báo cáo 7","cycle":"2025-03","unit":"$unit"}"#)
        .on("payment")
        .then("N", 403, "published-figures-only"),
    read("listCitedFigures", "CSNA", CUT).shows("citation"),
    read("listCitedFigures", "CSNA", OF_UNIT).asks("unit=$unit"),
    read("readCitedFigure", "CSNA", OBJECT).on("citation").then("N", 403, "published-figures-only"),
    // Webhooks: of a unit and a bank; those who run the machine keep all of them.
    read("listWebhooks", "SBAO", CUT).everywhere(OPERATORS).shows("webhook"),
    write("registerWebhook", "SBO", HOOK).of(Made::Person).everywhere(OPERATORS),
    read("readWebhook", "SBAO", OBJECT).on("webhook").everywhere(OPERATORS).out(404, "not-found"),
    read("listDeliveries", "SBAO", OBJECT).on("webhook").everywhere(OPERATORS).out(404, "not-found"),
    hook("changeWebhook", r#"{"url":"https://other.example/$n"}"#),
    hook("disableWebhook", "{}"),
    hook("enableWebhook", "{}").done(200),
    hook("pingWebhook", "{}"),
    hook("removeWebhook", "{}"),
    hook("replayWebhook", r#"{"from_position":1}"#),
    hook("resendDelivery", r#"{"position":$delivery}"#).of(Made::Delivered),
    hook("rotateWebhookSecret", "{}"),
    // Banks.
    read("listBanks", OPERATORS, Scope::Keyed),
    bank("registerBank", r#"{"bank":"$bank"}"#).of(Made::NewBank),
    bank(
        "addBankKey",
        r#"{"key_id":"$bank-2","algorithm":"EdDSA","key":"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"$x\"}"}"#,
    )
    .of(Made::Bank),
    bank("disableBankKey", r#"{"key_id":"$bank-1"}"#).of(Made::Bank),
    bank("arrangeOrders", r#"{"form":"pain.001.001.09","payer":"BHXH tỉnh Quảng Nam","account":"1100000001"}"#)
        .of(Made::Bank),
    // Keys: a secret is for whoever asked for it.
    read("listKeys", OPERATORS, Scope::Keyed),
    bank("createKey", r#"{"role":"analyst","label":"holder $n"}"#),
    bank("rotateKey", "{}").of(Made::Key),
    bank("revokeKey", "{}").of(Made::Key),
    bank("takeKeySecret", r#"{"approval_id":"$consent"}"#).of(Made::AskedKey).but(OPERATORS, 403, "secret-of-another"),
    // The log.
    read("events", "CSA", WHOLE).out(403, "role-not-allowed").asks("after=0").shows("payment"),
    read("listAudit", "AO", WHOLE).everywhere(OPERATORS).out(403, "role-not-allowed"),
    read("inclusionProof", "CSNBAO", Scope::Keyed).asks("position=1"),
    read("consistencyProof", "CSNBAO", Scope::Keyed).asks("from=1&to=2"),
    read("checkpoint", "", Scope::Open),
    read("logKey", "", Scope::Open),
    // What belongs to nobody.
    read("alive", "", Scope::Open),
    read("ready", "", Scope::Open),
    read("metrics", "", Scope::Open),
    read("openapi", "", Scope::Open),
    read("docs", "", Scope::Open),
    read("units", "CSNBAO", Scope::Keyed),
    read("reference", "CSNBAO", Scope::Keyed),
    read("dictionary", "CSNBAO", Scope::Keyed),
    read("indicators", "CSNBAO", Scope::Keyed),
    read("playbook", "CSNBAO", Scope::Keyed),
    read("calendar", "CSNBAO", Scope::Keyed).asks("cycle=2025-03"),
    read("importTemplate", "CSNBAO", Scope::Keyed),
];
