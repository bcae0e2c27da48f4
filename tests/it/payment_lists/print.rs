//! What is printed of a list, and who sees names on it.

use super::*;
use crate::support::on_every_engine;
use crate::support::verbs::account_of;

on_every_engine! {
    a_print_is_masked_unless_a_purpose_is_recorded,
    the_changes_name_who_came_and_went_and_why,
    a_print_is_a_file_too_and_runs_no_formula,
    who_sees_no_names_prints_none,
}

/// A list of two named people that went out; its id.
async fn named(test: &TestApp) -> String {
    for (number, name) in [(1, "Đặng Thị Tám"), (2, "=1+1 <b>Lê</b>")] {
        let reference = format!("TK-{number}");
        test.register(&with(by_account(&reference, WARD), &json!({"name": name}))).await;
        test.instruct(&pension(&format!("P-{number}"), &reference)).await;
    }
    let list = test.prepared(&march()).await;
    test.sent(&list).await;
    list
}

async fn a_print_is_masked_unless_a_purpose_is_recorded(test: TestApp) {
    let list = named(&test).await;
    let path = format!("/v1/lists/{list}/print");
    let head = test.head().await;
    let masked = test.clerk().get(&path).await.is(200);
    assert_eq!(masked.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(masked.header("cache-control"), "no-store");
    let text = masked.text();
    assert!(text.contains("Đ****") && !text.contains("Tám") && !text.contains(&account_of("TK-1")), "{text}");
    assert!(text.contains("10000000") && text.contains("Danh sách chi trả"), "{text}");
    assert_eq!(test.head().await, head, "a masked print is no event");

    let full = test.clerk().get(&format!("{path}?purpose=payment_problem")).await.is(200).text();
    assert!(full.contains("Đặng Thị Tám") && full.contains(&account_of("TK-1")), "{full}");
    assert!(full.contains("=1+1 &lt;b&gt;Lê&lt;/b&gt;"), "a name is text: {full}");
    let events = test.events_after(head).await;
    assert_eq!(events.len(), 1);
    let data: Value = serde_json::from_slice(&events[0].data).unwrap();
    assert_eq!(
        (events[0].event_type.as_str(), &data["purpose"], &data["form"]),
        ("ListShown", &json!("payment_problem"), &json!("items"))
    );
    let log = test.events_after(0).await;
    assert!(log.iter().all(|event| !String::from_utf8_lossy(&event.data).contains("Tám")));
}

async fn the_changes_name_who_came_and_went_and_why(test: TestApp) {
    let list = named(&test).await;
    let view = test.list(&list).await;
    let person = |at: usize| view["page"][at]["beneficiary_id"].as_str().unwrap().to_owned();
    let third = test.register(&with(by_account("TK-3", WARD), &json!({"name": "Phan Văn Chín"}))).await;
    let changes = json!({
        "add": [{"beneficiary_id": third, "benefit_type": "pension", "amount": "4000000"}],
        "drop": [{"beneficiary_id": person(0), "reason": "moved away"}],
        "amounts": [{"beneficiary_id": person(1), "amount": "5200000"}],
    });
    let next = test.prepared(&april(&list, &changes)).await;
    let path = format!("/v1/lists/{next}/changes?format=csv&purpose=audit");
    let csv = test.supervisor().get(&path).await.is(200).text();
    let lines: Vec<&str> = csv.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines.len(), 4, "{csv}");
    assert!(
        lines[1].starts_with("added,") && lines[1].contains("Phan Văn Chín") && lines[1].contains(",,4000000,"),
        "{csv}"
    );
    assert!(lines[2].starts_with("dropped,") && lines[2].contains("5000000,,dropped: moved away"), "{csv}");
    assert!(lines[3].starts_with("amount,") && lines[3].contains("5000000,5200000,"), "{csv}");
    let html = test.clerk().get(&format!("/v1/lists/{next}/changes")).await.is(200).text();
    assert!(html.contains("Điều chỉnh số tiền") && !html.contains("Phan"), "{html}");
}

async fn a_print_is_a_file_too_and_runs_no_formula(test: TestApp) {
    let list = named(&test).await;
    let path = format!("/v1/lists/{list}/print");
    let csv = test.clerk().get(&format!("{path}?format=csv&purpose=audit")).await.is(200).text();
    assert!(csv.contains("'=1+1"), "{csv}");
    let xlsx = test.clerk().get(&format!("{path}?format=xlsx")).await.is(200);
    assert!(xlsx.bytes.starts_with(b"PK"));
    assert!(xlsx.header("content-disposition").contains("list-2025-03-items.xlsx"));
    let wrong = test.clerk().get(&format!("{path}?format=pdf")).await.refused(422, "invalid-input");
    assert_eq!(wrong.errors(), ["/format invalid-value"]);
}

async fn who_sees_no_names_prints_none(test: TestApp) {
    let list = named(&test).await;
    let path = format!("/v1/lists/{list}/print");
    let bank = test.as_role(Role::Bank);
    let text = bank.get(&path).await.is(200).text();
    assert!(!text.contains("Đ****") && text.contains("10000000"), "{text}");
    for role in [Role::Bank, Role::Auditor] {
        test.as_role(role).get(&format!("{path}?purpose=audit")).await.refused(403, "role-not-allowed");
    }
    test.nobody().get(&path).await.refused(401, "unauthenticated");
    test.as_role(Role::Analyst).get(&path).await.refused(403, "role-not-allowed");
    let other = test.with_key(&test.key(Role::Clerk, Some("D503"), None).await);
    other.get(&path).await.refused(403, "out-of-your-units");
}
