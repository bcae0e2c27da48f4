//! Files of a released list for its banks: what stands in them, who gets them, what is refused, and what is on record of it.

use super::*;
use crate::support::app::spawn_tavaria;
use crate::support::engine::Engine;
use crate::support::verbs::{account_of, in_cash, rejected};
use crate::support::{on_both_engines, on_every_engine};
use calamine::{Data, Reader, Xlsx};
use chitra::app::lists::bank_file::list_of;
use chitra::banks::{Limits, Orders, check_order, open_any};
use std::io::Cursor;

on_every_engine! {
    an_order_names_each_payment_and_leads_back_to_its_list,
    an_order_is_the_same_whenever_it_is_asked_for_and_each_look_is_on_record,
    an_order_is_for_those_who_see_names_and_within_their_units,
    what_is_not_released_registered_or_arranged_is_no_order,
    what_was_stopped_is_not_ordered_and_can_be_recalled,
    what_the_vault_lacks_is_named_payment_by_payment,
    a_bank_without_messages_gets_a_table_of_its_own_columns,
    a_guardians_account_is_ordered_in_the_guardians_name,
    how_a_bank_takes_orders_is_checked_and_recorded_once,
}

on_both_engines!(another_country_orders_in_its_own_money_from_a_bank_without_codes,);

const AGENCY: &str = "1100000001";

fn arrangement() -> Value {
    json!({"form": "pain.001.001.09", "payer": "BHXH tỉnh Quảng Nam", "account": "1100 0000 01"})
}

impl TestApp {
    async fn arranged(&self, bank: &str, body: &Value) {
        self.register_bank(bank).await;
        self.as_role(Role::Operator).post(&format!("/v1/banks/{bank}/orders"), &self.fresh(), body).await.is(201);
    }

    /// Two people with names, on a list that went out.
    async fn released(&self) -> String {
        for (number, name) in [(1, "Đặng Thị Tám"), (2, "Nguyễn Văn <Ơn> & con")] {
            let reference = format!("TK-{number}");
            self.register(&with(by_account(&reference, WARD), &json!({"name": name}))).await;
            self.instruct(&pension(&format!("P-{number}"), &reference)).await;
        }
        let list = self.prepared(&march()).await;
        self.sent(&list).await;
        list
    }

    async fn order(&self, list: &str) -> Answer {
        self.clerk().get(&format!("/v1/lists/{list}/order?bank=vcb")).await
    }

    async fn items(&self, list: &str) -> Vec<String> {
        let page = self.list(list).await;
        page["page"].as_array().unwrap().iter().map(|item| item["payment_id"].as_str().unwrap().to_owned()).collect()
    }
}

fn orders(text: &str) -> Orders<&[u8]> {
    let chitra::banks::Document::Orders(orders) = open_any(text.as_bytes(), &Limits::default()).unwrap() else {
        panic!("no order: {text}")
    };
    orders
}

async fn an_order_names_each_payment_and_leads_back_to_its_list(test: TestApp) {
    test.arranged("vcb", &arrangement()).await;
    let list = test.released().await;
    let answer = test.order(&list).await.is(200);
    assert_eq!(
        ["content-type", "cache-control", "x-control-count", "x-control-sum"].map(|name| answer.header(name)),
        ["application/xml", "no-store", "2", "10000000"]
    );
    let name = answer.header("content-disposition").to_owned();
    assert!(name.contains("order-vcb-2025-03-") && name.ends_with(".xml\""), "{name}");
    let text = answer.text();
    let id = text.split("<MsgId>").nth(1).unwrap()[..31].to_owned();
    assert_eq!(list_of(&id).map(|found| found.0.to_string()), Some(list.clone()));
    assert!(text.contains(&format!("<MsgId>{id}</MsgId>")) && text.contains(&format!("<PmtInfId>{id}-1</PmtInfId>")));
    assert!(text.contains("pain.001.001.09\"") && text.contains("<Nm>BHXH tỉnh Quảng Nam</Nm>"), "{text}");
    assert!(text.contains(AGENCY) && text.contains("<BICFI>BFTVVNVX</BICFI>"), "{text}");
    assert!(
        text.contains("<Nm>Đặng Thị Tám</Nm>") && text.contains("<Nm>Nguyễn Văn &lt;Ơn&gt; &amp; con</Nm>"),
        "{text}"
    );
    assert!(text.contains("<Ustrd>Lương hưu 03/2025</Ustrd>") && text.contains("<Cd>PENS</Cd>"), "{text}");
    let mut read = orders(&text);
    let mut found = Vec::new();
    while let Some(payment) = read.next_payment().unwrap() {
        assert!(payment.has_account && payment.end_to_end_id.len() == 32, "{payment:?}");
        assert_eq!((payment.amount.text.as_str(), payment.amount.currency.as_deref()), ("5000000", Some("VND")));
        found.push(payment.end_to_end_id);
    }
    assert_eq!((read.head().message_id.as_str(), read.summary().findings.len()), (id.as_str(), 0));
    let mut known = Vec::new();
    for payment in test.items(&list).await {
        known.push(test.end_to_end_id(&payment).await);
    }
    known.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, known);
    for reference in ["TK-1", "TK-2"] {
        assert!(text.contains(&format!("<Id>{}</Id>", account_of(reference))), "{text}");
    }
    // Due on the first days of March 2025, and released on the day of the test's clock, which is later.
    let day = test.app.profile.business_day(test.app.clock.now_us()).to_string();
    let due = test.payment(&test.items(&list).await[0]).await["attempts"][0]["due_on"].as_str().unwrap().to_owned();
    assert!(text.contains(&format!("<ReqdExctnDt><Dt>{}</Dt>", day.max(due))), "{text}");
}

async fn an_order_is_the_same_whenever_it_is_asked_for_and_each_look_is_on_record(test: TestApp) {
    test.arranged("vcb", &arrangement()).await;
    let list = test.released().await;
    let first = test.order(&list).await.is(200);
    let head = test.head().await;
    test.days_pass(2);
    let items = test.items(&list).await;
    test.settle(&items[0], "2025-03-05").await.is(201);
    test.deed(&items[1], "reject", &rejected()).await.is(201);
    let second = test.supervisor().get(&format!("/v1/lists/{list}/order?bank=vcb")).await.is(200);
    assert_eq!(first.text(), second.text(), "what the bank answered for was ordered before");
    let shown: Vec<_> =
        test.events_after(head - 1).await.into_iter().filter(|event| event.event_type == "ListShown").collect();
    assert_eq!(shown.len(), 2);
    let data: Value = serde_json::from_slice(&shown[1].data).unwrap();
    assert_eq!(
        [&data["form"], &data["bank"], &data["purpose"], &data["item_count"], &data["kinds"]],
        [&json!("order"), &json!("vcb"), &json!("payment_order"), &json!(2), &json!(["name", "account"])]
    );
    for event in test.events_after(0).await {
        let text = String::from_utf8_lossy(&event.data).into_owned();
        assert!(!text.contains("Tám") && !text.contains(AGENCY) && !text.contains(&account_of("TK-1")), "{text}");
    }
    test.is_sound().await;
}

async fn an_order_is_for_those_who_see_names_and_within_their_units(test: TestApp) {
    test.arranged("vcb", &arrangement()).await;
    let list = test.released().await;
    let path = format!("/v1/lists/{list}/order?bank=vcb");
    let head = test.head().await;
    test.nobody().get(&path).await.refused(401, "unauthenticated");
    for role in [Role::Bank, Role::Auditor, Role::Analyst, Role::Operator] {
        test.as_role(role).get(&path).await.refused(403, "role-not-allowed");
    }
    let other = test.with_key(&test.key(Role::Clerk, Some("D503"), None).await);
    other.get(&path).await.refused(403, "out-of-your-units");
    other.get(&format!("/v1/lists/{list}/recall?bank=vcb&reason=CUST")).await.refused(403, "out-of-your-units");
    assert_eq!(test.head().await, head, "nothing was handed out");
    let own = test.with_key(&test.key(Role::Clerk, Some("D502"), None).await);
    own.get(&path).await.is(200);
}

async fn what_is_not_released_registered_or_arranged_is_no_order(test: TestApp) {
    for person in ["TK-1", "TK-2"] {
        test.pension_of(person, WARD).await;
    }
    let list = test.prepared(&march()).await;
    let path = format!("/v1/lists/{list}/order");
    let clerk = test.clerk();
    let refusal = clerk.get(&format!("{path}?bank=vcb")).await.refused(409, "list-not-released");
    assert!(refusal.text().contains("prepared") && refusal.text().contains("chỉ gửi ngân hàng"), "{}", refusal.text());
    test.sent(&list).await;
    clerk.get(&format!("{path}?bank=vcb")).await.refused(404, "bank-not-registered");
    test.register_bank("vcb").await;
    clerk.get(&format!("{path}?bank=vcb")).await.refused(409, "bank-orders-not-arranged");
    test.arranged("bidv", &arrangement()).await;
    clerk.get(&format!("{path}?bank=bidv")).await.refused(422, "list-nothing-for-bank");
    for (query, pointer) in [
        ("", "/bank missing"),
        ("?bank=nobody", "/bank invalid-value"),
        ("?bank=vcb&format=pdf", "/format invalid-value"),
        ("?bank=vcb&without_stopped=2", "/without_stopped invalid-value"),
        ("?bank=vcb&x=1", "/x unknown-parameter"),
    ] {
        assert_eq!(clerk.get(&format!("{path}{query}")).await.refused(422, "invalid-input").errors(), [pointer]);
    }
    clerk.get("/v1/lists/0198a000-0000-7000-8000-000000000000/order?bank=vcb").await.refused(404, "not-found");
}

async fn what_was_stopped_is_not_ordered_and_can_be_recalled(test: TestApp) {
    test.arranged("vcb", &arrangement()).await;
    let list = test.released().await;
    let items = test.items(&list).await;
    let recall = format!("/v1/lists/{list}/recall?bank=vcb");
    let clerk = test.clerk();
    clerk.get(&format!("{recall}&reason=CUST")).await.refused(422, "list-nothing-for-bank");
    test.deed(&items[0], "hold", &json!({"cause": "death_reported"})).await.is(201);
    let refusal = test.order(&list).await.refused(409, "list-items-stopped");
    assert!(refusal.text().contains("1 payments"), "{}", refusal.text());
    let without = clerk.get(&format!("/v1/lists/{list}/order?bank=vcb&without_stopped=true")).await.is(200);
    assert_eq!((without.header("x-control-count"), without.header("x-control-sum")), ("1", "5000000"));
    let (head, summary) = check_order(without.text().as_bytes(), &Limits::default()).unwrap();
    assert_eq!((list_of(&head.message_id).unwrap().0.to_string(), summary.payments), (list.clone(), 1));

    let id = test.end_to_end_id(&items[0]).await;
    let note = clerk.get(&format!("{recall}&reason=CUST")).await.is(200);
    let text = note.text();
    assert!(
        text.contains("camt.055.001.08") && text.contains(&format!("<OrgnlEndToEndId>{id}</OrgnlEndToEndId>")),
        "{text}"
    );
    assert!(
        text.contains(&format!("<OrgnlMsgId>{}</OrgnlMsgId>", head.message_id)) && text.contains("-1</OrgnlPmtInfId>")
    );
    assert!(!text.contains("Tám") && text.contains("<NbOfTxs>1</NbOfTxs>"), "{text}");
    let again = clerk.get(&format!("{recall}&reason=CUST")).await.is(200).text();
    let id_of = |text: &str| text.split("<Assgnmt><Id>").nth(1).unwrap()[..32].to_owned();
    assert_eq!(id_of(&text), id_of(&again), "the same note has the same id");
    let other = clerk.get(&format!("{recall}&reason=CUST&payments={}", items[1])).await.is(200).text();
    assert_ne!(id_of(&text), id_of(&other));

    test.settle(&items[1], "2025-03-05").await.is(201);
    clerk.get(&format!("{recall}&reason=CUST&payments={}", items[1])).await.refused(409, "list-item-not-to-recall");
    let unknown = "0198a000-0000-7000-8000-000000000000";
    clerk.get(&format!("{recall}&reason=CUST&payments={unknown}")).await.refused(422, "list-item-unknown");
    for query in ["", "&reason=cust", "&reason=CUST&payments=x"] {
        clerk.get(&format!("{recall}{query}")).await.refused(422, "invalid-input");
    }
    test.deed(&items[0], "cancel", &json!({"reason": "died before"})).await.is(201);
    test.order(&list).await.refused(409, "list-items-stopped");
}

async fn what_the_vault_lacks_is_named_payment_by_payment(test: TestApp) {
    test.arranged("vcb", &with(arrangement(), &json!({"charset": "latin"}))).await;
    let person = test.register(&with(by_account("TK-1", WARD), &json!({"name": "Đặng Thị Tám"}))).await;
    let first = test.instruct(&pension("P-1", "TK-1")).await;
    test.register(&with(by_account("TK-2", WARD), &json!({"name": "阮氏"}))).await;
    test.instruct(&pension("P-2", "TK-2")).await;
    test.register(&by_account("TK-3", WARD)).await;
    test.instruct(&pension("P-3", "TK-3")).await;
    let list = test.prepared(&march()).await;
    test.sent(&list).await;
    let erasure = json!({"ground": "legal_order"});
    test.settle(&first, "2025-03-05").await.is(201);
    test.supervisor().post(&format!("/v1/beneficiaries/{person}/erase"), &test.fresh(), &erasure).await.is(201);
    let head = test.head().await;
    let refusal = test.order(&list).await.refused(422, "invalid-input");
    let codes: Vec<String> =
        refusal.errors().iter().map(|error| error.split(' ').next_back().unwrap().to_owned()).collect();
    assert_eq!(codes.iter().filter(|code| *code == "order-name-missing").count(), 2, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| *code == "order-account-missing").count(), 1);
    assert!(refusal.text().contains("payment P-2") && !refusal.text().contains("阮"), "{}", refusal.text());
    assert_eq!(test.head().await, head, "nothing was handed out");
}

async fn a_bank_without_messages_gets_a_table_of_its_own_columns(test: TestApp) {
    let columns = "[[columns]]\nheader = \"Ref\"\nfield = \"end_to_end_id\"\n[[columns]]\nheader = \"So TK\"\nfield = \"account\"\n[[columns]]\nheader = \"Ten\"\nfield = \"creditor_name\"\n[[columns]]\nheader = \"Tien\"\nfield = \"amount\"\n";
    let table = json!({"form": "table", "payer": "BHXH", "charset": "latin", "columns": columns});
    test.arranged("vcb", &table).await;
    let list = test.released().await;
    let path = format!("/v1/lists/{list}/order?bank=vcb");
    let csv = test.clerk().get(&format!("{path}&format=csv")).await.is(200);
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let text = csv.text();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!((lines.len(), lines[0]), (3, "Ref,So TK,Ten,Tien"));
    assert!(text.contains(&format!(",{},Dang Thi Tam,5000000", account_of("TK-1"))), "{text}");
    assert!(text.contains("Nguyen Van On con"), "{text}");
    let xlsx = test.clerk().get(&path).await.is(200);
    let mut book = Xlsx::new(Cursor::new(xlsx.bytes.clone())).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    let rows: Vec<Vec<String>> = range.rows().map(|row| row.iter().map(Data::to_string).collect()).collect();
    assert_eq!(rows[0], ["Ref", "So TK", "Ten", "Tien"]);
    assert!(rows[1..].iter().any(|row| row[1] == account_of("TK-1") && row[3] == "5000000"), "{rows:?}");
    test.as_role(Role::Operator).post("/v1/banks/vcb/orders", "again", &arrangement()).await.is(201);
    let refusal = test.clerk().get(&format!("{path}&format=csv")).await.refused(422, "invalid-input");
    assert_eq!(refusal.errors(), ["/format order-not-a-table"]);
}

/// A commune of Da Nang since the reform of July 2025, from when on a guardian's account is allowed.
const NEW_UNIT: &str = "C20194@20250701";

async fn a_guardians_account_is_ordered_in_the_guardians_name(test: TestApp) {
    test.days_pass(120);
    test.arranged("vcb", &arrangement()).await;
    let named = with(in_cash("TK-1", NEW_UNIT), &json!({"name": "Đặng Thị Tám", "effective_month": "2025-07"}));
    let path = format!("/v1/beneficiaries/{}", test.register(&named).await);
    let right = json!({"payee": "guardian", "name": "Trần Thị Sáu", "certified": true, "valid_from": "2025-07-01"});
    test.supervisor().post(&format!("{path}/authorisations"), &test.fresh(), &right).await.is(201);
    let method = json!({"channel": "account", "bank": "vcb", "account": "0071234567", "payee": "guardian", "requested_on": "2025-07-02"});
    test.supervisor().post(&format!("{path}/method"), &test.fresh(), &method).await.is(201);
    test.instruct(&with(pension("P-1", "TK-1"), &json!({"cycle": "2025-08"}))).await;
    let list = test.prepared(&with(march(), &json!({"cycle": "2025-08"}))).await;
    test.sent(&list).await;
    let text = test.order(&list).await.is(200).text();
    assert!(text.contains("<Cdtr><Nm>Trần Thị Sáu</Nm></Cdtr>") && !text.contains("Tám"), "{text}");
}

async fn how_a_bank_takes_orders_is_checked_and_recorded_once(test: TestApp) {
    let operator = test.as_role(Role::Operator);
    let path = "/v1/banks/vcb/orders";
    operator.post(path, "o0", &arrangement()).await.refused(404, "bank-not-registered");
    operator.post("/v1/banks/nobody/orders", "o1", &arrangement()).await.refused(404, "not-found");
    test.register_bank("vcb").await;
    let clerk = test.clerk();
    clerk.post(path, "o2", &arrangement()).await.refused(403, "role-not-allowed");
    test.nobody().post(path, "o3", &arrangement()).await.refused(401, "unauthenticated");
    let without = with(arrangement(), &json!({"account": null}));
    operator.post(path, "o4", &without).await.refused(422, "bank-orders-without-account");
    for (members, pointers) in [
        (json!({"form": "pain.001.001.10"}), vec!["/form invalid-value"]),
        (json!({"charset": "ascii"}), vec!["/charset invalid-value"]),
        (
            json!({"payer": "BHXH 0123456789", "account": "12 34 x!"}),
            vec!["/account bank-orders-invalid", "/payer bank-orders-invalid"],
        ),
        (json!({"bank_code": "97 0436"}), vec!["/bank_code bank-orders-invalid"]),
        (json!({"columns": "[[columns]]"}), vec!["/columns bank-orders-invalid"]),
        (
            json!({"form": "table", "columns": "[[columns]]\nheader = \"A\"\nfield = \"amount\"\n"}),
            vec!["/columns bank-orders-invalid"],
        ),
    ] {
        let answer = operator.post(path, &test.fresh(), &with(arrangement(), &members)).await;
        assert_eq!(answer.refused(422, "invalid-input").errors(), pointers, "{members}");
    }
    let first = operator.post(path, "o5", &arrangement()).await.json(201);
    assert_eq!(first["orders"]["has_account"], true);
    assert!(!first.to_string().contains(AGENCY), "{first}");
    assert_eq!(operator.post(path, "o5", &arrangement()).await.is(201).header("idempotent-replayed"), "true");
    operator
        .post(path, "o5", &with(arrangement(), &json!({"payer": "X"})))
        .await
        .refused(422, "idempotency-key-reused");
    operator.post(path, "o6", &arrangement()).await.is(200);
    let kept = operator.post(path, "o7", &with(without, &json!({"form": "pain.001.001.11"}))).await.json(201);
    assert_eq!((&kept["orders"]["form"], &kept["orders"]["has_account"]), (&json!("pain.001.001.11"), &json!(true)));
    let list = test.released().await;
    assert!(test.order(&list).await.is(200).text().contains(AGENCY), "the account before stays");
}

async fn another_country_orders_in_its_own_money_from_a_bank_without_codes(engine: Engine) {
    let test = spawn_tavaria(engine).await;
    let body = json!({"form": "pain.001.001.03", "payer": "Tavarian Pensions", "account": "77001"});
    test.arranged("tavcell", &body).await;
    let person = json!({"citizen_no": "T1234567", "name": "Ana Toma", "unit": "N1", "channel": "mobile_money", "bank": "tavcell", "account": "5550001"});
    test.register(&person).await;
    let grant = json!({"payment_reference": "W-1", "citizen_no": "T1234567", "benefit_type": "family_grant", "cycle": "2025-03", "amount": "120.50"});
    test.instruct(&grant).await;
    let list = test.prepared(&json!({"cycle": "2025-03", "channel": "mobile_money", "open_payments": true})).await;
    test.sent(&list).await;
    let path = format!("/v1/lists/{list}/order?bank=tavcell");
    let refusal = test.clerk().get(&path).await.refused(422, "invalid-input");
    assert_eq!(refusal.errors(), ["/bank bank-code-missing"]);
    let coded = with(body, &json!({"bank_code": "TAV-1"}));
    test.as_role(Role::Operator).post("/v1/banks/tavcell/orders", "coded", &coded).await.is(201);
    let text = test.clerk().get(&path).await.is(200).text();
    let money = test.app.profile.currency.currency.to_string();
    assert!(text.contains(&format!("<InstdAmt Ccy=\"{money}\">120.50</InstdAmt>")), "{text}");
    assert!(text.contains("<CtrlSum>120.50</CtrlSum>") && text.contains("<MmbId>TAV-1</MmbId>"), "{text}");
}
