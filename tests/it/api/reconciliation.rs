//! Statements against the record, and who is silent.

use crate::support::app::TestApp;
use crate::support::banks::{bank, camt053, document, entry, message};
use crate::support::on_every_engine;
use crate::support::verbs::{HOI_AN, WARD, by_account, pension, with};
use chitra::app::access::{Principal, Role};
use chitra::clock::Clock;
use chitra::domain::bank::Expected;
use serde_json::{Value, json};
use std::collections::BTreeMap;

on_every_engine! {
    every_entry_of_a_statement_is_matched_or_named,
    a_statement_that_was_lost_and_one_that_does_not_add_up_are_named,
    lost_statements_are_told_number_by_number_of_each_account_and_year,
    an_empty_statement_is_held_against_the_days_that_it_covers,
    what_settled_on_a_covered_day_is_missing_whatever_its_cycle,
    a_statement_of_one_account_misses_only_what_was_ordered_from_it,
    a_statement_is_shown_to_whom_it_concerns,
    a_bank_past_its_hour_is_silent_until_its_message_comes,
    desks_and_units_that_say_nothing_are_on_the_map,
}

fn sums(answer: &Value) -> BTreeMap<&str, (u64, &str, &str, &str)> {
    answer["sums"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["lines"] != 0)
        .map(|row| {
            let amount = |name: &str| row[name].as_str().unwrap();
            let found = row["found"].as_str().unwrap();
            (
                found,
                (
                    row["lines"].as_u64().unwrap(),
                    amount("debit_amount"),
                    amount("credit_amount"),
                    amount("recorded_amount"),
                ),
            )
        })
        .collect()
}

async fn every_entry_of_a_statement_is_matched_or_named(test: TestApp) {
    test.register_bank("vcb").await;
    let mut ids = Vec::new();
    let mut payments = Vec::new();
    for number in 0..7 {
        let payment = test.pension_of(&format!("TK-{number}"), WARD).await;
        ids.push(test.end_to_end_id(&payment).await);
        payments.push(payment);
    }
    // The last is settled by a notice on a day of the statement, which has it not; the sixth on another day.
    test.settle(&payments[6], "2025-03-04").await.is(201);
    test.settle(&payments[5], "2025-03-20").await.is(201);
    let debit = |id: &str, amount: &str, reference: &str| entry(id, ("DBIT", amount, "2025-03-04"), reference);
    let entries = [
        debit(&ids[0], "5000000", "FT-0"),
        debit(&ids[1], "5000000", "FT-1"),
        debit(&ids[1], "5000000", "FT-1"),
        debit(&ids[2], "4999999", "FT-2"),
        debit("0195a3c01c0070008000000000000001", "70000", "FT-3"),
        entry("NOTPROVIDED", ("CRDT", "90000000", "2025-03-04"), "IN")
            .replace("<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>", ""),
        debit(&ids[3], "5000000", "FT-5").replace("BOOK", "PDNG"),
        debit(&ids[4], "5000000", "FT-6"),
        entry(&ids[4], ("CRDT", "5000000", "2025-03-05"), "FT-7"),
    ];
    let answer = test.bank_sends("vcb", camt053("S1", &entries.concat()).as_bytes()).await.json(202);
    let path = format!("/v1/reconciliation/{}", answer["inbox_id"].as_str().unwrap());
    let found = test.read(&path).await;
    assert_eq!(
        (&found["from"], &found["to"], &found["whole"]),
        (&json!("2025-03-04"), &json!("2025-03-05"), &json!(false))
    );
    let expected = BTreeMap::from([
        ("matched", (4, "15000000", "5000000", "20000000")),
        ("missing", (1, "0", "0", "5000000")),
        ("extra", (1, "70000", "0", "0")),
        ("amount_differs", (1, "4999999", "0", "0")),
        ("twice", (1, "5000000", "0", "0")),
        ("unknown", (1, "0", "90000000", "0")),
        ("not_booked", (1, "5000000", "0", "0")),
    ]);
    assert_eq!(sums(&found), expected, "{found}");
    let lines: Vec<(Value, &str)> = found["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["item"].clone(), line["found"].as_str().unwrap()))
        .collect();
    let expected = [
        (json!(3), "twice"),
        (json!(4), "amount_differs"),
        (json!(5), "extra"),
        (json!(6), "unknown"),
        (json!(7), "not_booked"),
        (Value::Null, "missing"),
    ];
    assert_eq!(lines, expected);
    assert_eq!(found["lines"][5]["payment_id"], json!(payments[6]));
    let page = test.read(&format!("{path}?limit=4")).await;
    let rest = test.read(&format!("{path}?limit=4&cursor={}", page["next_cursor"].as_str().unwrap())).await;
    assert_eq!((page["lines"].as_array().unwrap().len(), &rest["lines"][0]["found"]), (4, &json!("not_booked")));
    assert_eq!(rest["next_cursor"], Value::Null);
    let file = test.supervisor().get(&format!("{path}?format=csv")).await.is(200);
    assert_eq!(file.text().lines().count(), 7, "{}", file.text());
    // The entry with another amount stands on its payment too, until somebody resolves it; then the payment goes on.
    test.deed(&payments[2], "resolve", &json!({"resolution": "dismissed", "reason": "wrongly booked"})).await.is(201);
    test.deed(&payments[2], "reject", &json!({"reason_code": "AC01", "rejected_on": "2025-03-04"})).await.is(201);
    let clean = camt053("S2", &debit(&ids[0], "5000000", "FT-0").replace("2025-03-04", "2025-03-11"));
    let answer = test.bank_sends("vcb", clean.as_bytes()).await.json(202);
    let found = test.read(&format!("/v1/reconciliation/{}", answer["inbox_id"].as_str().unwrap())).await;
    assert_eq!((&found["whole"], found["lines"].as_array().unwrap().len()), (&json!(true), 0));
}

fn numbered(id: &str, sequence: u64, inside: &str) -> String {
    document(
        "camt.053.001.08",
        id,
        &format!("<Stmt><Id>{id}</Id><ElctrncSeqNb>{sequence}</ElctrncSeqNb>{inside}</Stmt>"),
    )
}

async fn a_statement_that_was_lost_and_one_that_does_not_add_up_are_named(test: TestApp) {
    test.register_bank("vcb").await;
    let balance = |kind: &str, amount: &str| {
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy=\"VND\">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>"
        )
    };
    let send = async |id: &str, sequence: u64, inside: &str| {
        let answer = test.bank_sends("vcb", numbered(id, sequence, inside).as_bytes()).await.json(202);
        format!("/v1/reconciliation/{}", answer["inbox_id"].as_str().unwrap())
    };
    let first = send("S117", 117, "").await;
    let third = send("S119", 119, &[balance("OPBD", "100"), balance("CLBD", "90")].concat()).await;
    assert_eq!(test.read(&first).await["lost_statements"], json!([]));
    let found = test.read(&third).await;
    assert_eq!((&found["lost_statements"], &found["whole"]), (&json!([lost(None, 2025, 118)]), &json!(false)));
    assert!(found["findings"][0].as_str().unwrap().contains("differs by"), "{found}");
    send("S118", 118, "").await;
    assert_eq!(test.read(&third).await["lost_statements"], json!([]));
}

fn lost(account: Option<&str>, year: i16, number: u64) -> Value {
    json!({"account": account, "year": year, "number": number})
}

/// A statement of an account with its number and day.
fn of_account(account: &str, number: u64, day: &str) -> String {
    format!(
        "<Stmt><Id>{account}-{number}</Id><ElctrncSeqNb>{number}</ElctrncSeqNb><FrToDt><FrDtTm>{day}T00:00:00</FrDtTm><ToDtTm>{day}T23:59:59</ToDtTm></FrToDt><Acct><Id><Othr><Id>{account}</Id></Othr></Id></Acct></Stmt>"
    )
}

/// Where a statement with this inside is reconciled.
async fn stated(test: &TestApp, id: &str, inside: &str) -> String {
    let answer = test.bank_sends("vcb", document("camt.053.001.08", id, inside).as_bytes()).await.json(202);
    format!("/v1/reconciliation/{}", answer["inbox_id"].as_str().unwrap())
}

async fn lost_statements_are_told_number_by_number_of_each_account_and_year(test: TestApp) {
    test.register_bank("vcb").await;
    let (one, two) = ("0071001234567", "0071007654321");
    // In one message the lowest and the highest number hide what is between them; and the accounts count each for itself.
    let first =
        [of_account(one, 250, "2024-12-30"), of_account(one, 251, "2024-12-31"), of_account(two, 7, "2025-03-03")];
    stated(&test, "S1", &first.concat()).await;
    let second = [of_account(one, 2, "2025-03-03"), of_account(one, 5, "2025-03-06"), of_account(two, 9, "2025-03-05")];
    let path = stated(&test, "S2", &second.concat()).await;
    let found = test.read(&path).await;
    let expected = |numbers: &[(&str, u64)]| {
        numbers.iter().map(|(account, number)| lost(Some(account), 2025, *number)).collect::<Vec<_>>()
    };
    let mut told = found["lost_statements"].as_array().unwrap().clone();
    told.sort_by_key(|one| (one["account"].to_string(), one["number"].as_u64()));
    assert_eq!(told, expected(&[("…4321", 8), ("…4567", 1), ("…4567", 3), ("…4567", 4)]), "{found}");
    assert_eq!(found["whole"], false);
    let late = [of_account(one, 1, "2025-03-02"), of_account(one, 4, "2025-03-05"), of_account(two, 8, "2025-03-04")];
    stated(&test, "S3", &late.concat()).await;
    assert_eq!(test.read(&path).await["lost_statements"], json!(expected(&[("…4567", 3)])));
    for event in test.events_after(0).await {
        assert!(!String::from_utf8_lossy(&event.data).contains(one), "{}", event.event_type);
    }
    let verified = test.app.verify(&|_, _| {}).await.unwrap();
    assert!(verified.findings.is_empty(), "{:?}", verified.findings);
}

async fn an_empty_statement_is_held_against_the_days_that_it_covers(test: TestApp) {
    test.register_bank("vcb").await;
    let payment = test.pension_of("TK-1", WARD).await;
    test.settle(&payment, "2025-03-04").await.is(201);
    let says_nothing = test.read(&stated(&test, "S1", "<Stmt><Id>S1</Id></Stmt>").await).await;
    assert_eq!((&says_nothing["whole"], &says_nothing["from"]), (&json!(false), &Value::Null));
    assert!(says_nothing["findings"][0].as_str().unwrap().contains("neither which days it covers"), "{says_nothing}");
    let found = test.read(&stated(&test, "S2", &of_account("1", 1, "2025-03-04")).await).await;
    assert_eq!(sums(&found), BTreeMap::from([("missing", (1, "0", "0", "5000000"))]), "{found}");
    assert_eq!(
        (&found["whole"], &found["from"], &found["to"]),
        (&json!(false), &json!("2025-03-04"), &json!("2025-03-04"))
    );
    assert_eq!(found["lines"][0]["payment_id"], json!(payment));
    // Of two statements in one message the days between them are nobody's.
    let around = [of_account("1", 2, "2025-03-03"), of_account("1", 3, "2025-03-05")].concat();
    let found = test.read(&stated(&test, "S3", &around).await).await;
    assert_eq!(
        (&found["whole"], &found["from"], &found["to"]),
        (&json!(true), &json!("2025-03-03"), &json!("2025-03-05")),
        "{found}"
    );
    let half = [of_account("1", 4, "2025-03-06"), "<Stmt><Id>S4</Id></Stmt>".to_owned()].concat();
    assert_eq!(test.read(&stated(&test, "S4", &half).await).await["whole"], false, "one of them says nothing");
}

async fn what_settled_on_a_covered_day_is_missing_whatever_its_cycle(test: TestApp) {
    test.register_bank("vcb").await;
    test.register(&by_account("TK-1", WARD)).await;
    let january = with(pension("P-1", "TK-1"), &json!({"cycle": "2025-01"}));
    let payment = test.instruct(&january).await;
    test.settle(&payment, "2025-03-04").await.is(201);
    let found = test.read(&stated(&test, "S1", &of_account("1", 1, "2025-03-04")).await).await;
    assert_eq!((&found["whole"], &found["lines"][0]["payment_id"]), (&json!(false), &json!(payment)), "{found}");
    test.register_bank("bidv").await;
    let other = document("camt.053.001.08", "S1", &of_account("1", 1, "2025-03-04"));
    let answer = test.bank_sends("bidv", other.as_bytes()).await.json(202);
    let of_other = test.read(&format!("/v1/reconciliation/{}", answer["inbox_id"].as_str().unwrap())).await;
    assert_eq!(of_other["whole"], true, "another bank's money: {of_other}");
}

async fn a_statement_is_shown_to_whom_it_concerns(test: TestApp) {
    test.register_bank("vcb").await;
    let answer = test.bank_sends("vcb", camt053("S1", "").as_bytes()).await.json(202);
    let path = format!("/v1/reconciliation/{}", answer["inbox_id"].as_str().unwrap());
    for role in [Role::Clerk, Role::Supervisor, Role::Auditor, Role::Bank] {
        test.as_role(role).get(&path).await.is(200);
    }
    for role in [Role::Analyst, Role::Operator] {
        test.as_role(role).get(&path).await.refused(403, "role-not-allowed");
    }
    let clerk = test.with_key(&test.key(Role::Clerk, Some("D502"), None).await);
    clerk.get(&path).await.refused(403, "out-of-your-units");
    let other = test.with_key(&test.key(Role::Bank, None, Some("bidv")).await);
    other.get(&path).await.refused(403, "out-of-your-units");
    test.nobody().get(&path).await.refused(401, "unauthenticated");
    let report = test.bank_reports("vcb", &message("M1", &[])).await.json(202);
    let path = format!("/v1/reconciliation/{}", report["inbox_id"].as_str().unwrap());
    test.supervisor().get(&path).await.refused(422, "not-a-statement");
    let nothing = "/v1/reconciliation/0198a000-0000-7000-8000-000000000000";
    test.supervisor().get(nothing).await.refused(404, "message-not-found");
}

async fn a_bank_past_its_hour_is_silent_until_its_message_comes(test: TestApp) {
    test.register_bank("vcb").await;
    let expected = vec![
        Expected::parse(Some("camt.053"), "08:00", "working_days").unwrap(),
        Expected::parse(None, "17:00", "every_day").unwrap(),
    ];
    let request = test.app.own_request(&Principal::local("operator"), "expected");
    test.app.register_bank(&request, &bank("vcb"), (None, Some(expected))).await.unwrap();
    let silent = async |test: &TestApp| {
        let map = test.read("/v1/silence").await;
        let rows = map["silence"].as_array().unwrap().clone();
        let banks: Vec<_> = rows.iter().filter(|row| row["what"] == "bank").map(|row| row["silent"].clone()).collect();
        let work = test.read("/v1/worklist?kind=bank_silent").await;
        assert_eq!(
            work["items"].as_array().unwrap().len(),
            banks.iter().filter(|silent| **silent == json!(true)).count()
        );
        banks
    };
    // Monday, 10:00: the statement of 08:00 is missing, and anything at all since Sunday, 17:00.
    assert_eq!(silent(&test).await, [true, true]);
    test.bank_reports("vcb", &message("M1", &[])).await.is(202);
    assert_eq!(silent(&test).await, [true, false], "a report is no statement");
    test.bank_sends("vcb", camt053("S1", "").as_bytes()).await.is(202);
    assert_eq!(silent(&test).await, [false, false]);
    // 16:59 and 17:00 of the same day: what came at 10:00 is today's.
    test.clock.set_us(test.clock.now_us() + 7 * 3_600_000_000);
    assert_eq!(silent(&test).await, [false, false]);
    // Tuesday, 07:59 and 08:00.
    test.clock.set_us(test.clock.now_us() + 15 * 3_600_000_000 - 60_000_000);
    assert_eq!(silent(&test).await, [false, false]);
    test.clock.set_us(test.clock.now_us() + 60_000_000);
    assert_eq!(silent(&test).await, [true, false]);
    let work = test.read("/v1/worklist?kind=bank_silent").await;
    assert_eq!((&work["items"][0]["who"], &work["items"][0]["since"]), (&json!("supervisor"), &json!("2025-04-01")));
    let clerk = test.with_key(&test.key(Role::Clerk, Some("D502"), None).await);
    let map = clerk.get("/v1/silence").await.json(200);
    assert!(map["silence"].as_array().unwrap().iter().all(|row| row["what"] != "bank"), "banks are the whole log's");
    test.as_role(Role::Bank).get("/v1/silence").await.refused(403, "role-not-allowed");
}

async fn desks_and_units_that_say_nothing_are_on_the_map(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    test.pension_of("HA-1", HOI_AN).await;
    let desk = json!({"code": "D-1", "kind": "payment_point", "unit": WARD});
    let desk = test.supervisor().post("/v1/desks", "d1", &desk).await.json(201);
    let advance = json!({"amount": "1000000", "evidence": {"kind": "voucher", "reference": "A-1"}});
    let path = format!("/v1/desks/{}/days/2025-03-28/advance", desk["desk_id"].as_str().unwrap());
    test.supervisor().post(&path, "a1", &advance).await.is(201);
    let silent = async |what: &str| -> Vec<(Value, Value)> {
        let map = test.read("/v1/silence?cycle=2025-03").await;
        let rows = map["silence"].as_array().unwrap().clone();
        rows.into_iter()
            .filter(|row| row["what"] == what)
            .map(|row| (row["unit"].clone(), row["silent"].clone()))
            .collect()
    };
    assert_eq!(silent("desk").await, [(json!("C20341"), json!(true))], "Friday's book is open");
    assert_eq!(
        silent("unit").await,
        [(json!("C20341"), json!(false)), (json!("C20398"), json!(false))],
        "ordered today"
    );
    test.days_pass(3);
    test.settle(&payment, "2025-03-05").await.is(201);
    assert_eq!(silent("unit").await, [(json!("C20341"), json!(false)), (json!("C20398"), json!(true))]);
    let clerk = test.with_key(&test.key(Role::Clerk, Some("D502"), None).await);
    let own = clerk.get("/v1/silence?cycle=2025-03&format=csv").await.is(200);
    assert!(!own.text().contains("C20398") && own.text().contains("C20341"), "{}", own.text());
}

/// A list of the one open payment goes out, its order is drawn on an account, and it settles.
async fn paid_from(test: &TestApp, account: &str, reference: &str) -> String {
    let order = json!({"form": "pain.001.001.09", "payer": "BHXH", "account": account});
    test.as_role(Role::Operator).post("/v1/banks/vcb/orders", &test.fresh(), &order).await.is(201);
    test.register(&with(by_account(reference, WARD), &json!({"name": "Đặng Thị Tám"}))).await;
    let payment = test.instruct(&pension(&format!("P-{reference}"), reference)).await;
    let clerk = test.as_role(Role::Clerk);
    let body = json!({"cycle": "2025-03", "channel": "account", "open_payments": true});
    let list = clerk.post("/v1/lists", &test.fresh(), &body).await.json(201);
    let list = format!("/v1/lists/{}", list["list_id"].as_str().unwrap());
    for step in ["check", "submit"] {
        clerk.post(&format!("{list}/{step}"), &test.fresh(), &json!({})).await.is(201);
    }
    clerk.get(&format!("{list}/order?bank=vcb")).await.is(200);
    test.settle(&payment, "2025-03-04").await.is(201);
    payment
}

async fn a_statement_of_one_account_misses_only_what_was_ordered_from_it(test: TestApp) {
    test.register_bank("vcb").await;
    let first = paid_from(&test, "1100 0000 01", "TK-1").await;
    let second = paid_from(&test, "2200000002", "TK-2").await;
    let missing = async |id: &str, account: &str| {
        let found = test.read(&stated(&test, id, &of_account(account, 1, "2025-03-04")).await).await;
        let of = |line: &Value| line["payment_id"].as_str().unwrap().to_owned();
        let lines: Vec<String> = found["lines"].as_array().unwrap().iter().map(of).collect();
        (lines, found["missing_of_unknown_account"].as_u64().unwrap())
    };
    assert_eq!(missing("S1", "1100000001").await, (vec![first.clone()], 0));
    assert_eq!(missing("S2", "VN22 2200 0000 02").await, (vec![second.clone()], 0));
    assert_eq!(missing("S3", "3300000003").await, (vec![], 0), "nothing was ordered from it");
    // Of what no order was handed out nobody can tell.
    let third = test.pension_of("TK-3", WARD).await;
    test.settle(&third, "2025-03-04").await.is(201);
    assert_eq!(missing("S4", "1100000001").await, (vec![first, third.clone()], 1));
    let both = [of_account("3300000003", 2, "2025-03-04"), of_account("2200000002", 2, "2025-03-05")].concat();
    let found = test.read(&stated(&test, "S5", &both).await).await;
    assert_eq!(found["lines"][0]["payment_id"], json!(third), "each account has days of its own: {found}");
    assert_eq!(found["lines"].as_array().unwrap().len(), 1);
}
