//! What is recorded of people beside unit, method and death: accounts checked, who may receive, suspensions, identity.

use crate::support::app::TestApp;
use crate::support::client::Answer;
use crate::support::on_every_engine;
use crate::support::verbs::{COMMUNE, HOI_AN, WARD, by_account, in_cash, pension, rejected, settled, with};
use chitra::app::access::Role;
use serde_json::{Value, json};

on_every_engine! {
    a_suspended_month_is_refused_alone_and_in_a_file_and_paid_as_arrears_once_owed,
    a_suspension_is_repeated_by_its_key_and_refused_when_it_stands,
    a_check_of_an_account_leaves_the_result_alone_in_the_log,
    a_check_needs_one_answer_and_an_account_of_the_person,
    cash_is_fetched_by_who_is_authorised_on_that_day,
    an_authorisation_follows_the_profile_and_stands_in_the_list_of_those_that_run_out,
    an_account_of_another_waits_for_the_profiles_day,
    payment_at_home_is_for_the_old_and_on_a_ground,
    a_wallet_is_no_bank_account,
    the_method_of_a_month_is_shown_with_the_history,
    results_of_matching_are_recorded_by_who_may,
    a_result_of_matching_is_looked_into_before_it_is_taken,
    the_worklist_shows_a_units_open_results,
    figures_of_identity_are_those_of_any_position,
    a_file_of_results_is_recorded_by_who_may,
}

async fn change(test: &TestApp, person: &str, deed: &str, body: &Value) -> Answer {
    test.supervisor().post(&format!("/v1/beneficiaries/{person}/{deed}"), &test.fresh(), body).await
}

fn suspension(from: &str) -> Value {
    json!({"legal_ground": "cannot_be_verified", "from_month": from, "note": "118/QD-BHXH"})
}

async fn a_suspended_month_is_refused_alone_and_in_a_file_and_paid_as_arrears_once_owed(test: TestApp) {
    let person = test.register(&by_account("TK-1", WARD)).await;
    let answer = change(&test, &person, "suspend", &suspension("2025-03")).await.json(201);
    assert_eq!(answer["suspensions"][0]["resumed_from"], json!(null));
    let order = pension("P-1", "TK-1");
    let refused = test.supervisor().post("/v1/payments", "a", &order).await.refused(422, "benefit-suspended");
    assert_eq!(refused.errors(), ["/benefit_months benefit-suspended"]);
    test.caught_up().await;
    let file = "payment_reference,beneficiary_ref,benefit_type,benefit_months,cycle,amount,channel\n\
        P-2,TK-1,pension,2025-03,2025-03,5000000,account\n";
    let report = test.supervisor().upload("kind=payments&mode=valid_rows", "f", file).await;
    assert!(report.text().contains("benefit-suspended"), "{}", report.text());

    let resumed = json!({"from_month": "2025-04", "arrears": true});
    change(&test, &person, "resume", &resumed).await.is(201);
    test.supervisor().post("/v1/payments", "b", &order).await.refused(422, "owed-as-arrears");
    let arrears = with(order, &json!({"supplement": true}));
    test.supervisor().post("/v1/payments", "c", &arrears).await.is(201);
    let april = with(pension("P-4", "TK-1"), &json!({"cycle": "2025-04"}));
    test.supervisor().post("/v1/payments", "d", &april).await.is(201);
}

async fn a_suspension_is_repeated_by_its_key_and_refused_when_it_stands(test: TestApp) {
    let person = test.register(&in_cash("TK-1", WARD)).await;
    let path = format!("/v1/beneficiaries/{person}/suspend");
    let first = test.supervisor().post(&path, "k", &suspension("2025-03")).await.is(201);
    let again = test.supervisor().post(&path, "k", &suspension("2025-03")).await.is(201);
    assert!(again.replayed());
    assert_eq!(first.body["position"], again.body["position"]);
    test.supervisor().post(&path, "k", &suspension("2025-02")).await.refused(422, "idempotency-key-reused");
    change(&test, &person, "suspend", &suspension("2025-04")).await.refused(409, "already-suspended");
    test.as_role(Role::Clerk).post(&path, "c", &suspension("2025-01")).await.refused(403, "role-not-allowed");
    let unknown = with(suspension("2025-01"), &json!({"legal_ground": "whim", "benefit_type": "dowry"}));
    let answer = change(&test, &person, "suspend", &unknown).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/benefit_type code-unknown", "/legal_ground code-unknown"]);
    let early = json!({"from_month": "2025-01"});
    change(&test, &person, "resume", &early).await.refused(422, "resumed-before-suspended");
    let other = json!({"from_month": "2025-05", "benefit_type": "pension"});
    change(&test, &person, "resume", &other).await.refused(409, "not-suspended");
}

async fn a_check_of_an_account_leaves_the_result_alone_in_the_log(test: TestApp) {
    let body = with(by_account("TK-1", WARD), &json!({"name": "Đỗ Thị Tám"}));
    let person = test.register(&body).await;
    let before = test.head().await;
    for (holder, result) in [("DO THI TAM", "folded_equal"), ("Đỗ  Thị Tám", "exact"), ("TRAN VAN BA", "different")]
    {
        let check = json!({"holder_name": holder, "source": "vcb"});
        let answer = change(&test, &person, "account-check", &check).await.json(201);
        assert_eq!(answer["account_checks"][0]["name_match"], result);
        let warned: Vec<_> = answer["warnings"].as_array().unwrap().iter().map(|one| one["code"].clone()).collect();
        assert_eq!(warned, if result == "different" { vec![json!("account-holder-differs")] } else { Vec::new() });
    }
    for event in test.events_after(before).await {
        let data = String::from_utf8(event.data).unwrap();
        for planted in ["TAM", "Tám", "TRAN", "BA\""] {
            assert!(!data.contains(planted), "{data}");
        }
    }
    let own = json!({"result": "unavailable", "source": "vcb"});
    change(&test, &person, "account-check", &own).await.is(201);
    let order = test.supervisor().post("/v1/payments", "p", &pension("P-1", "TK-1")).await;
    order.is(201);
}

async fn a_check_needs_one_answer_and_an_account_of_the_person(test: TestApp) {
    let person = test.register(&by_account("TK-1", WARD)).await;
    for body in [json!({"source": "vcb"}), json!({"holder_name": "A", "result": "exact", "source": "vcb"})] {
        let answer = change(&test, &person, "account-check", &body).await.refused(422, "invalid-input");
        assert_eq!(answer.errors(), ["/holder_name one-answer"]);
    }
    let foreign = json!({"account_ref": "0198a000-0000-4000-8000-000000000000", "result": "exact", "source": "vcb"});
    change(&test, &person, "account-check", &foreign).await.refused(422, "account-unknown");
    let tomorrow = json!({"result": "exact", "source": "vcb", "checked_at": "2026-01-01T00:00:00Z"});
    change(&test, &person, "account-check", &tomorrow).await.refused(422, "check-in-future");
}

fn authorisation(from: &str, to: &str) -> Value {
    json!({"payee": "authorised", "name": "Nguyễn Văn Con", "personal_id": "049085000123", "certified": true,
        "valid_from": from, "valid_to": to})
}

async fn cash_is_fetched_by_who_is_authorised_on_that_day(test: TestApp) {
    let person = test.register(&in_cash("TK-1", WARD)).await;
    let payment = test.instruct(&with(pension("P-1", "TK-1"), &json!({"payee": "authorised"}))).await;
    let fetched = |day: &str| with(settled(day), &json!({"collected_by": "authorised"}));
    let unsaid = test.settle(&payment, "2025-03-06").await.refused(422, "invalid-input");
    assert_eq!(unsaid.errors(), ["/collected_by collector-missing"]);
    test.deed(&payment, "settle", &fetched("2025-03-06")).await.refused(422, "authorisation-missing");
    change(&test, &person, "authorisations", &authorisation("2025-01-01", "2025-03-05")).await.is(201);
    test.deed(&payment, "settle", &fetched("2025-03-06")).await.refused(422, "authorisation-expired");
    let answer = test.deed(&payment, "settle", &fetched("2025-03-05")).await.json(201);
    assert_eq!(answer["status"], "settled");
}

async fn an_authorisation_follows_the_profile_and_stands_in_the_list_of_those_that_run_out(test: TestApp) {
    let person = test.register(&in_cash("TK-1", WARD)).await;
    let before = test.head().await;
    let long = authorisation("2025-08-01", "2026-08-02");
    change(&test, &person, "authorisations", &long).await.refused(422, "authorisation-too-long");
    let bare = with(authorisation("2025-08-01", "2026-07-31"), &json!({"certified": false}));
    change(&test, &person, "authorisations", &bare).await.refused(422, "authorisation-not-certified");
    let backwards = authorisation("2025-08-02", "2025-08-01");
    change(&test, &person, "authorisations", &backwards).await.refused(422, "authorisation-ends-before-it-begins");
    let oneself = with(authorisation("2025-08-01", "2026-07-31"), &json!({"payee": "self"}));
    change(&test, &person, "authorisations", &oneself).await.refused(422, "authorisation-of-oneself");
    assert_eq!(test.head().await, before);

    let answer = change(&test, &person, "authorisations", &authorisation("2025-01-01", "2025-05-31")).await.json(201);
    let right = answer["authorisations"][0]["authorised_ref"].clone();
    for event in test.events_after(before).await {
        let data = String::from_utf8(event.data).unwrap();
        assert!(!data.contains("Con") && !data.contains("049085000123"), "{data}");
    }
    let list = |before: &str| format!("/v1/authorisations?expiring_before={before}");
    let found = test.read(&list("2025-06-01")).await;
    assert_eq!(found["authorisations"][0]["authorised_ref"], right);
    assert_eq!(found["authorisations"][0]["valid_to"], "2025-05-31");
    assert_eq!(test.read(&list("2025-05-31")).await["authorisations"], json!([]));
    assert_eq!(test.read(&format!("{}&unit={HOI_AN}", list("2025-06-01"))).await["authorisations"], json!([]));
    let missing = test.supervisor().get("/v1/authorisations").await.refused(422, "invalid-input");
    assert_eq!(missing.errors(), ["/expiring_before missing"]);

    let end = json!({"authorised_ref": right, "ended_on": "2025-04-01", "reason": "taken back"});
    change(&test, &person, "authorisations/end", &end).await.is(201);
    let other = with(end.clone(), &json!({"ended_on": "2025-04-02"}));
    change(&test, &person, "authorisations/end", &other).await.refused(409, "authorisation-ended");
    let unknown = with(end, &json!({"authorised_ref": "0198a000-0000-4000-8000-000000000000"}));
    change(&test, &person, "authorisations/end", &unknown).await.refused(422, "authorisation-unknown");
    assert_eq!(test.read(&list("2025-06-01")).await["authorisations"], json!([]));
}

async fn an_account_of_another_waits_for_the_profiles_day(test: TestApp) {
    let person = test.register(&in_cash("TK-1", WARD)).await;
    let account = json!({"channel": "account", "bank": "vcb", "account": "0011223344", "payee": "authorised"});
    change(&test, &person, "method", &account).await.refused(422, "payee-not-allowed");
    let order = with(pension("P-1", "TK-1"), &account);
    test.supervisor().post("/v1/payments", "a", &order).await.refused(422, "payee-not-allowed");
    let later = with(account, &json!({"requested_on": "2025-07-02"}));
    change(&test, &person, "method", &later).await.refused(422, "authorisation-missing");
    change(&test, &person, "authorisations", &authorisation("2025-01-01", "2025-07-31")).await.is(201);
    change(&test, &person, "method", &later).await.refused(422, "authorisation-expired");
    change(&test, &person, "authorisations", &authorisation("2025-07-01", "2026-06-30")).await.is(201);
    change(&test, &person, "method", &later).await.is(201);
}

async fn payment_at_home_is_for_the_old_and_on_a_ground(test: TestApp) {
    let young = test.register(&with(in_cash("TK-1", WARD), &json!({"birth_year": 1960}))).await;
    let home = json!({"channel": "home_delivery"});
    let answer = change(&test, &young, "method", &home).await.refused(422, "not-for-home");
    assert_eq!(answer.errors(), ["/home_ground not-for-home"]);
    let unknown = with(home.clone(), &json!({"home_ground": "lazy"}));
    let answer = change(&test, &young, "method", &unknown).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/home_ground code-unknown"]);
    let sick = with(home.clone(), &json!({"home_ground": "sick"}));
    assert_eq!(change(&test, &young, "method", &sick).await.json(201)["methods"][1]["home_ground"], "sick");
    let desk = json!({"channel": "cash_desk", "home_ground": "sick"});
    let answer = change(&test, &young, "method", &desk).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/home_ground not-paid-at-home"]);

    // The vault has the year, itself or in the personal id; the log has the decade alone.
    let old = test.register(&with(in_cash("TK-2", WARD), &json!({"birth_year": 1945}))).await;
    assert_eq!(change(&test, &old, "method", &home).await.json(201)["methods"][1]["home_ground"], "age");
    let by_number = test.register(&with(in_cash("TK-3", WARD), &json!({"personal_id": "049044000123"}))).await;
    change(&test, &by_number, "method", &home).await.is(201);
    let at_once = json!({"beneficiary_ref": "TK-4", "unit": WARD, "channel": "home_delivery", "birth_year": 1950});
    test.supervisor().post("/v1/beneficiaries", "r", &at_once).await.refused(422, "not-for-home");
}

async fn a_wallet_is_no_bank_account(test: TestApp) {
    let person = test.register(&in_cash("TK-1", WARD)).await;
    let wallet = json!({"channel": "account", "bank": "momo", "account": "0901234567"});
    let answer = change(&test, &person, "method", &wallet).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/bank bank-is-a-wallet"]);
    let number = json!({"channel": "account", "bank": "vcb", "account": "9710250901234567"});
    let answer = change(&test, &person, "method", &number).await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/account account-looks-like-a-wallet"]);
    assert!(!answer.text().contains("9710250901234567"));
    let rightly = with(wallet, &json!({"channel": "wallet"}));
    change(&test, &person, "method", &rightly).await.is(201);
}

async fn the_method_of_a_month_is_shown_with_the_history(test: TestApp) {
    let person = test.register(&in_cash("TK-1", WARD)).await;
    let account = json!({"channel": "account", "bank": "vcb", "account": "0011223344", "requested_on": "2025-03-21"});
    let answer = change(&test, &person, "method", &account).await.json(201);
    assert_eq!(answer["methods"][0]["until"], "2025-04");
    assert_eq!(answer["methods"][1]["until"], json!(null));
    for (month, channel) in [("2025-04", "cash_desk"), ("2025-05", "account")] {
        let path = format!("/v1/beneficiaries/{person}?month={month}");
        let read = test.supervisor().get(&path).await.json(200);
        assert_eq!(read["in_force"]["month"], month);
        assert_eq!(read["in_force"]["method"]["channel"], channel);
    }
    let before = test.supervisor().get(&format!("/v1/beneficiaries/{person}?month=2023-01")).await.json(200);
    assert_eq!(before["in_force"]["method"], json!(null));
}

fn matched(status: &str) -> Value {
    json!({"status": status, "source": "population_database", "checked_on": "2025-03-20", "request_ref": "DC-2025-1"})
}

fn mismatch() -> Value {
    with(matched("mismatch"), &json!({"fields": ["name", "personal_id"]}))
}

async fn results_of_matching_are_recorded_by_who_may(test: TestApp) {
    let person = test.register(&in_cash("TK-1", WARD)).await;
    let path = format!("/v1/beneficiaries/{person}/identity");
    test.as_role(Role::Clerk).post(&path, "c", &mismatch()).await.refused(403, "role-not-allowed");
    let answer = test.supervisor().post(&path, "s", &mismatch()).await.json(201);
    assert_eq!(answer["identity"]["fields"], json!(["name", "personal_id"]));
    let foreign = test.key(Role::Supervisor, Some("D503"), None).await;
    test.with_key(&foreign).post(&path, "f", &matched("verified")).await.refused(403, "out-of-your-units");
    let older = with(matched("verified"), &json!({"checked_on": "2025-03-19"}));
    change(&test, &person, "identity", &older).await.refused(409, "later-identity-check");
    let later = with(matched("verified"), &json!({"checked_on": "2025-03-21"}));
    assert_eq!(change(&test, &person, "identity", &later).await.json(201)["identity"]["status"], "verified");
    assert_eq!(change(&test, &person, "identity", &later).await.json(200)["changed"], false);
}

async fn a_result_of_matching_is_looked_into_before_it_is_taken(test: TestApp) {
    let person = test.register(&in_cash("TK-1", WARD)).await;
    change(&test, &person, "identity", &matched("mismatch")).await.refused(422, "mismatch-of-nothing");
    let oneself = with(matched("duplicate"), &json!({"duplicate_of": person}));
    change(&test, &person, "identity", &oneself).await.refused(422, "duplicate-of-oneself");
    let cases = [
        (with(mismatch(), &json!({"fields": ["shoe_size"]})), "/fields code-unknown"),
        (with(matched("verified"), &json!({"checked_on": "2025-12-01"})), "/checked_on date-in-future"),
        (with(matched("excluded"), &json!({"excluded_reason": "whim"})), "/excluded_reason code-unknown"),
        (
            with(matched("verified"), &json!({"request_ref": "049155000123"})),
            "/request_ref request-ref-is-an-identifier",
        ),
        (
            with(matched("duplicate"), &json!({"duplicate_of": "0198a000-0000-4000-8000-000000000000"})),
            "/duplicate_of beneficiary-unknown",
        ),
    ];
    for (body, issue) in cases {
        let answer = change(&test, &person, "identity", &body).await.refused(422, "invalid-input");
        assert_eq!(answer.errors(), [issue]);
    }
}

async fn the_worklist_shows_a_units_open_results(test: TestApp) {
    let one = test.register(&by_account("TK-1", WARD)).await;
    let two = test.register(&in_cash("TK-2", COMMUNE)).await;
    let three = test.register(&in_cash("TK-3", HOI_AN)).await;
    let four = test.register(&in_cash("TK-4", WARD)).await;
    for (person, body) in
        [(&one, mismatch()), (&two, matched("not_found")), (&three, matched("not_found")), (&four, matched("verified"))]
    {
        change(&test, person, "identity", &body).await.is(201);
    }
    let listed = async |query: &str| {
        let found = test.read(&format!("/v1/identity/worklist{query}")).await;
        let people = found["people"].as_array().unwrap().clone();
        people.iter().map(|row| row["beneficiary_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(listed("").await, [one.clone(), two.clone(), three.clone()]);
    assert_eq!(listed("?unit=D502").await, [one.clone(), two.clone()]);
    assert_eq!(listed("?status=mismatch").await, std::slice::from_ref(&one));
    assert_eq!(listed("?channel=cash_desk&unit=D502").await, std::slice::from_ref(&two));
    let hoi_an = test.key(Role::Clerk, Some("D503"), None).await;
    let own = test.with_key(&hoi_an).get("/v1/identity/worklist").await.json(200);
    assert_eq!(own["people"].as_array().unwrap().len(), 1);
    test.with_key(&hoi_an).get("/v1/identity/worklist?unit=D502").await.refused(403, "out-of-your-units");
    let first = test.read("/v1/identity/worklist?limit=2").await;
    let next = first["next_cursor"].as_str().unwrap().to_owned();
    assert_eq!(listed(&format!("?limit=2&cursor={next}")).await, std::slice::from_ref(&three));
    change(&test, &one, "death", &json!({"died_on": "2025-03-30", "source": "family"})).await.is(201);
    assert_eq!(listed("?unit=D502").await, [two]);
    let answer = test.supervisor().get("/v1/identity/worklist?status=verified").await.refused(422, "invalid-input");
    assert_eq!(answer.errors(), ["/status invalid-value"]);
}

async fn figures_of_identity_are_those_of_any_position(test: TestApp) {
    let one = test.register(&by_account("TK-1", WARD)).await;
    let two = test.register(&by_account("TK-2", WARD)).await;
    let three = test.register(&in_cash("TK-3", HOI_AN)).await;
    let four = test.register(&in_cash("TK-4", HOI_AN)).await;
    let before = test.head().await;
    change(&test, &one, "identity", &matched("verified")).await.is(201);
    change(&test, &two, "identity", &mismatch()).await.is(201);
    let excluded = with(matched("excluded"), &json!({"excluded_reason": "armed_forces"}));
    change(&test, &four, "identity", &excluded).await.is(201);
    let payment = test.instruct(&pension("P-2", "TK-2")).await;
    test.deed(&payment, "reject", &with(rejected(), &json!({"reason_code": "BE01"}))).await.is(201);

    let now = test.read("/v1/identity").await;
    assert_eq!(now["indicators"], json!({"verified": "I1", "unmatched": "I2"}));
    let all = &now["groups"][0];
    assert_eq!(all["verified"], json!({"numerator": 1, "denominator": 3, "ratio": "0.333333"}));
    assert_eq!(all["unmatched"]["numerator"], 2);
    assert_eq!(all["refused_for_identity"], json!({"numerator": 1, "denominator": 2, "ratio": "0.500000"}));
    assert_eq!(all["completeness"]["numerator"], 2);
    assert_eq!((&all["people"]["unchecked"], &all["people"]["excluded"]), (&json!(1), &json!(1)));

    let then = test.read(&format!("/v1/identity?as_of_position={before}")).await;
    assert_eq!(then["as_of_position"], before);
    assert_eq!(then["groups"][0]["verified"], json!({"numerator": 0, "denominator": 4, "ratio": "0.000000"}));
    let nobody = test.read("/v1/identity?as_of_position=0").await;
    assert_eq!(nobody["groups"][0]["verified"]["ratio"], json!(null));

    let by_channel = test.read("/v1/identity?group_by=channel,unit").await;
    let groups = by_channel["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 2);
    assert_eq!(test.read("/v1/identity?channel=cash_desk").await["groups"][0]["verified"]["denominator"], 1);
    assert_eq!(test.read("/v1/identity?benefit_type=pension").await["groups"][0]["verified"]["denominator"], 1);
    assert_eq!(test.read("/v1/identity?unit=D502").await["groups"][0]["verified"]["denominator"], 2);
    change(&test, &three, "death", &json!({"died_on": "2025-03-30", "source": "family"})).await.is(201);
    assert_eq!(test.read("/v1/identity").await["groups"][0]["verified"]["denominator"], 2);
    let still = test.read(&format!("/v1/identity?as_of_position={before}")).await;
    assert_eq!(still["groups"], then["groups"]);
}

async fn a_file_of_results_is_recorded_by_who_may(test: TestApp) {
    let one = test.register(&in_cash("TK-1", WARD)).await;
    let two = test.register(&in_cash("TK-2", WARD)).await;
    test.caught_up().await;
    let file = "Mã người hưởng,Kết quả đối chiếu,Trường không khớp,Trùng với,Nguồn,Ngày đối chiếu\n\
        TK-1,Không khớp,\"Họ tên, birth_date\",,population_database,20/03/2025\n\
        TK-2,Trùng,,TK-1,population_database,20/03/2025\n\
        TK-3,Khớp,,,population_database,20/03/2025\n";
    test.as_role(Role::Clerk).upload("kind=identity", "c", file).await.refused(403, "role-not-allowed");
    let all = test.supervisor().upload("kind=identity", "a", file).await;
    assert!(all.text().contains("beneficiary-unknown"), "{}", all.text());
    let path = |id: &str| format!("/v1/beneficiaries/{id}");
    assert_eq!(test.supervisor().get(&path(&one)).await.json(200)["identity"], json!(null));
    test.supervisor().upload("kind=identity&mode=valid_rows", "v", file).await;
    let read = test.supervisor().get(&path(&one)).await.json(200);
    assert_eq!(read["identity"]["fields"], json!(["name", "birth_date"]));
    let read = test.supervisor().get(&path(&two)).await.json(200);
    assert_eq!(read["identity"]["duplicate_of"], one.as_str());
}
