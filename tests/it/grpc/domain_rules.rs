//! What is expected of a stream of ours, several events at once, what is not taken, orders and persons.

use super::domain::{body_of, event, events_of, happenings, refused, stream_of, tell, tell_all, told_of, with_key};
use super::*;
use crate::support::on_every_engine;
use crate::support::verbs::{HOI_AN, WARD, by_account, pension};
use serde_json::{Value, json};

on_every_engine!(
    what_was_expected_of_the_stream_is_held,
    several_events_stand_or_fall_together,
    what_is_not_of_the_schema_or_names_somebody_is_refused,
    an_order_is_placed_and_holds_its_month,
    what_happens_to_a_person_is_taken_and_the_vault_s_is_not,
    an_open_sandbox_decides_all_the_same,
    one_of_many_at_once_is_recorded,
    late_money_holds_its_month_only_while_it_is_free,
);

fn accepted() -> Value {
    json!({"attempt": 1, "accepted_at": "2025-03-04T02:15:00Z"})
}

async fn what_was_expected_of_the_stream_is_held(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let stream = stream_of(&payment);
    let caller = call(&test, Some(Role::Clerk)).await;
    let accept = [event(1, "PaymentAccepted", &accepted())];
    assert_eq!(caller.append(&stream, no_stream(), &accept).await, Appended::Wrong(Some(0)));
    assert_eq!(caller.append(&stream, Expected::Revision(3), &accept).await, Appended::Wrong(Some(0)));
    let at = caller.append(&stream, Expected::Revision(0), &accept).await;
    assert_eq!(at, Appended::At(1, test.head().await));
    let head = test.head().await;
    for expected in [Expected::Revision(0), any(), exists()] {
        assert_eq!(caller.append(&stream, expected, &accept).await, at, "the same event again");
    }
    assert_eq!(caller.append(&stream, Expected::Revision(1), &accept).await, Appended::Wrong(Some(1)));
    let other = [event(1, "PaymentAccepted", &json!({"attempt": 1, "accepted_at": "2025-03-05T02:15:00Z"}))];
    assert_eq!(tell_all(&caller, &stream, any(), &other).await, refused("idempotency-key-reused"));
    let settle = happenings(&payment).swap_remove(1);
    assert_eq!(
        caller.append(&stream, Expected::Revision(0), &[event(2, settle.2, &settle.3)]).await,
        Appended::Wrong(Some(1))
    );
    let nobody = stream_of("0195a3c0-1c00-7000-8000-0000000000ff");
    assert_eq!(caller.append(&nobody, exists(), &accept).await, Appended::Wrong(None));
    assert_eq!(tell(&caller, &nobody, &accept[0]).await, refused("not-found"));
    assert_eq!(test.head().await, head);
}

async fn several_events_stand_or_fall_together(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let stream = stream_of(&payment);
    let caller = call(&test, Some(Role::Clerk)).await;
    let head = test.head().await;
    let of = |cell: usize, number: u128| {
        let (_, _, event_type, data) = happenings(&payment).swap_remove(cell);
        event(number, event_type, &data)
    };
    assert_eq!(tell_all(&caller, &stream, any(), &[of(0, 1), of(5, 2)]).await, refused("transition-not-allowed"));
    assert_eq!(test.head().await, head, "the first is not recorded without the second");
    let chain = [of(0, 3), of(1, 4), of(4, 5), of(5, 6)];
    assert_eq!(caller.append(&stream, Expected::Revision(0), &chain).await, Appended::At(4, head + 4));
    assert_eq!(caller.append(&stream, Expected::Revision(0), &chain).await, Appended::At(4, head + 4));
    assert_eq!(test.payment(&payment).await["attempt"], 2);
    let partly = [of(5, 6), of(1, 7)];
    assert_eq!(caller.append(&stream, any(), &partly).await, refused("FailedPrecondition"));
    assert_eq!(caller.append(&stream, any(), &[]).await, refused("InvalidArgument"));
}

async fn what_is_not_of_the_schema_or_names_somebody_is_refused(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let stream = stream_of(&payment);
    let caller = call(&test, Some(Role::Supervisor)).await;
    let (_, _, settle, data) = happenings(&payment).swap_remove(1);
    let changed = |pointer: &str, value: Value| {
        let mut data = data.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        data.pointer_mut(parent).unwrap()[key] = value;
        data
    };
    let head = test.head().await;
    for (told, code) in [
        (event(1, settle, &changed("/name", json!("Trần Thị Sáu"))), "unknown-field"),
        (event(2, settle, &changed("/evidence/by", json!("x"))), "unknown-field"),
        (event(3, settle, &changed("/amount/minor", json!(4_000_000))), "amount-differs"),
        (event(4, settle, &changed("/amount/currency", json!("USD"))), "currency-differs"),
        (event(5, settle, &changed("/settled_on", json!("2026-03-05"))), "invalid-input"),
        (event(6, settle, &changed("/attempt", json!(2))), "no-such-attempt"),
        (event(7, settle, &json!({})), "invalid-input"),
        (proposed(8, settle, "no json"), "not-json"),
        (event(9, "Settled", &data), "event-unknown"),
        (
            event(10, "BeneficiaryMoved", &json!({"to_unit_key": "C20359", "effective_on": "2025-04-01"})),
            "event-elsewhere",
        ),
        (event(11, "PaymentHeld", &json!({"attempt": 1, "cause": "of 049054000001"})), "invalid-input"),
        (
            event(
                12,
                "PaymentCorrected",
                &json!({"correction": {"what": "due_on", "old": "2025-03-05", "new": "2025-03-06"}, "ground": "slip"}),
            ),
            "only-through-rest",
        ),
        (event(13, "PaymentCancelled", &json!({"attempt": 1, "reason": "x", "by": "agent"})), "event-differs"),
    ] {
        assert_eq!(tell(&caller, &stream, &told).await, refused(code), "{told:?}");
    }
    let other = stream.to_uppercase().replace("PAYMENT", "payment");
    for stream in [other.as_str(), "payment-1", "list-1", "desk-1", "bank-vcb", "inbox-1", "approval-1"] {
        assert_eq!(tell(&caller, stream, &event(14, settle, &data)).await, refused("only-through-rest"), "{stream}");
    }
    let metadata = proposed(15, "$metadata", "{\"$tb\":5}");
    assert_eq!(caller.append(&format!("$${stream}"), any(), &[metadata]).await, refused("access-denied"));
    assert_eq!(test.head().await, head, "nothing was written");
    let contradicted = event(16, "PaymentContradicted", &changed("/amount/minor", json!(4_000_000)));
    assert!(matches!(tell(&caller, &stream, &contradicted).await, Appended::At(1, _)));
    assert_eq!(tell(&caller, &stream, &event(17, settle, &data)).await, refused("second-settlement"));
}

async fn an_order_is_placed_and_holds_its_month(test: TestApp) {
    let one = test.pension_of("TK-1", WARD).await;
    let person = test.register(&by_account("TK-2", WARD)).await;
    let chosen = events_of(&test, &format!("beneficiary-{person}")).await;
    let account = chosen.iter().find_map(|event| body_of(&event.data).get("account_ref").cloned()).unwrap();
    let made = events_of(&test, &stream_of(&one)).await.pop().unwrap();
    let caller = call(&test, Some(Role::Clerk)).await;
    let order = |id: &str, reference: &str| {
        let mut data = told_of(&made.data, &one, id);
        data["reference"] = json!(reference);
        data["beneficiary_id"] = json!(person);
        data["account_ref"] = account.clone();
        data
    };
    let id = "0195a3c0-1c00-7000-8000-0000000000aa";
    let data = order(id, "P-2");
    let elsewhere = event(1, "PaymentInstructed", &with_member(&data, "payment_id", json!(one)));
    assert_eq!(tell(&caller, &stream_of(id), &elsewhere).await, refused("invalid-input"));
    let of_another = event(2, "PaymentInstructed", &with_member(&data, "account_ref", json!(Uuid::nil())));
    assert_eq!(tell(&caller, &stream_of(id), &of_another).await, refused("event-differs"));
    let placed = tell_all(&caller, &stream_of(id), no_stream(), &[event(3, "PaymentInstructed", &data)]).await;
    assert_eq!(placed, Appended::At(0, test.head().await));
    assert_eq!(test.payment(id).await["status"], "instructed");
    assert_eq!(test.read("/v1/payments").await["payments"].as_array().unwrap().len(), 2);
    let second = "0195a3c0-1c00-7000-8000-0000000000bb";
    let again = tell(&caller, &stream_of(second), &event(4, "PaymentInstructed", &order(second, "P-3"))).await;
    assert_eq!(again, refused("duplicate-benefit-month"));
    let by_rest = test.supervisor().post("/v1/payments", &test.fresh(), &pension("P-4", "TK-2")).await;
    by_rest.refused(409, "duplicate-benefit-month");
    let hoi_an = with_key(&test, &test.key(Role::Clerk, Some("D503"), None).await).await;
    let foreign = tell(&hoi_an, &stream_of(second), &event(5, "PaymentInstructed", &order(second, "P-5"))).await;
    assert_eq!(foreign, refused("out-of-your-units"));
}

fn with_member(data: &Value, name: &str, value: Value) -> Value {
    let mut data = data.clone();
    data[name] = value;
    data
}

async fn what_happens_to_a_person_is_taken_and_the_vault_s_is_not(test: TestApp) {
    let (one, other) = (test.register(&by_account("TK-1", WARD)).await, test.register(&by_account("TK-2", WARD)).await);
    let caller = call(&test, Some(Role::Supervisor)).await;
    let stream = format!("beneficiary-{other}");
    let deeds = [
        ("suspend", json!({"benefit_type": "pension", "legal_ground": "cannot_be_verified", "from_month": "2025-05"})),
        ("resume", json!({"benefit_type": "pension", "from_month": "2025-07", "arrears": true})),
        ("move", json!({"unit": HOI_AN, "effective_on": "2025-03-20"})),
        ("identity", json!({"status": "verified", "source": "population_database", "checked_on": "2025-03-20"})),
        ("death", json!({"died_on": "2025-03-21", "reported_on": "2025-03-25", "source": "civil registry"})),
    ];
    for (number, (deed, body)) in (1..).zip(deeds) {
        let path = format!("/v1/beneficiaries/{one}/{deed}");
        test.supervisor().post(&path, &test.fresh(), &body).await.is(201);
        let made = events_of(&test, &format!("beneficiary-{one}")).await.pop().unwrap();
        let told = tell(&caller, &stream, &event(number, &made.event_type, &body_of(&made.data))).await;
        assert_eq!(told, Appended::At(made.revision, test.head().await), "{deed}");
        let own = events_of(&test, &stream).await.pop().unwrap();
        assert_eq!((own.event_type, own.data), (made.event_type, made.data), "{deed}");
    }
    let late = json!({"died_on": "2025-03-22", "reported_on": "2025-03-25", "source": "civil registry"});
    assert_eq!(tell(&caller, &stream, &event(20, "BeneficiaryDied", &late)).await, refused("other-death-recorded"));
    let nobody = format!("beneficiary-{}", Uuid::from_u128(9));
    assert_eq!(tell(&caller, &nobody, &event(21, "BeneficiaryDied", &late)).await, refused("not-found"));
    let registered = json!({"beneficiary_id": Uuid::from_u128(9), "unit_key": "C20341", "cohort": {}});
    assert_eq!(
        tell(&caller, &nobody, &event(22, "BeneficiaryRegistered", &registered)).await,
        refused("only-through-rest")
    );
    let erased = json!({"ground": "person_asked"});
    assert_eq!(tell(&caller, &stream, &event(23, "PersonalDataErased", &erased)).await, refused("only-through-rest"));
}

async fn an_open_sandbox_decides_all_the_same(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let serving =
        serve(Arc::clone(&test.app), listener, GrpcOptions { is_open: true, ..GrpcOptions::default() }).unwrap();
    let channel = Channel::from_shared(format!("http://{}", serving.address)).unwrap().connect().await.unwrap();
    let caller = Caller { channel, authorization: None, serving };
    let cell = |cell: usize| happenings(&payment).swap_remove(cell);
    let (_, _, returned, data) = cell(4);
    assert_eq!(
        tell(&caller, &stream_of(&payment), &event(1, returned, &data)).await,
        refused("transition-not-allowed")
    );
    let (_, _, settle, data) = cell(1);
    assert!(matches!(tell(&caller, &stream_of(&payment), &event(2, settle, &data)).await, Appended::At(1, _)));
    let last = events_of(&test, &stream_of(&payment)).await.pop().unwrap();
    assert_eq!(body_of(&last.metadata)["actor"], "anyone");
    let raw = proposed(3, "T", "{}");
    assert_eq!(tell(&caller, &stream_of(&payment), &raw).await, refused("event-unknown"));
}

async fn one_of_many_at_once_is_recorded(test: TestApp) {
    let payment = test.pension_of("TK-1", WARD).await;
    let stream = stream_of(&payment);
    let caller = call(&test, Some(Role::Clerk)).await;
    let (_, _, settle, data) = happenings(&payment).swap_remove(1);
    let settlement = |number: u128| {
        let proof = json!({"kind": "camt.054", "reference": format!("ENTRY-{number}")});
        event(number, settle, &with_member(&data, "evidence", proof))
    };
    let by_rest = |number: u128| {
        let body =
            json!({"settled_on": "2025-03-06", "evidence": {"kind": "desk", "reference": format!("R-{number}")}});
        let (test, payment) = (&test, &payment);
        async move { test.deed(payment, "settle", &body).await.status }
    };
    let events: Vec<_> = (1..=8).map(settlement).collect();
    let told = events.iter().map(|event| tell(&caller, &stream, event));
    let (told, statuses) =
        tokio::join!(futures_util::future::join_all(told), futures_util::future::join_all((0..4).map(by_rest)));
    let recorded = told.iter().filter(|answer| matches!(answer, Appended::At(1, _))).count();
    let by_rest = statuses.iter().filter(|status| **status == 201).count();
    assert_eq!(recorded + by_rest, 1, "{told:?} {statuses:?}");
    assert!(told.iter().all(|answer| matches!(answer, Appended::At(1, _)) || *answer == refused("second-settlement")));
    assert_eq!(events_of(&test, &stream).await.len(), 2);
}

async fn late_money_holds_its_month_only_while_it_is_free(test: TestApp) {
    let caller = call(&test, Some(Role::Clerk)).await;
    let late = |payment: &str, reinstated: bool| {
        let mut data = happenings(payment).swap_remove(1).3;
        if reinstated {
            data["reinstated"] = json!(true);
        }
        data
    };
    for (number, taken) in [(1_i32, false), (2, true)] {
        let reference = format!("TK-{number}");
        let payment = test.pension_of(&reference, WARD).await;
        test.deed(&payment, "cancel", &json!({"reason": "ordered twice"})).await.is(201);
        if taken {
            test.instruct(&pension(&format!("Q-{number}"), &reference)).await;
        }
        let stream = stream_of(&payment);
        let id = 100 * u128::from(number.unsigned_abs());
        let as_settled = event(id, "PaymentSettled", &late(&payment, false));
        assert_eq!(tell(&caller, &stream, &as_settled).await, refused("event-differs"), "it is late");
        let wrong = event(id + 1, "PaymentSettledLate", &late(&payment, taken));
        assert_eq!(tell(&caller, &stream, &wrong).await, refused("event-differs"), "taken: {taken}");
        let right = event(id + 2, "PaymentSettledLate", &late(&payment, !taken));
        assert!(matches!(tell(&caller, &stream, &right).await, Appended::At(2, _)), "taken: {taken}");
    }
    let again = test.supervisor().post("/v1/payments", &test.fresh(), &pension("Q-1", "TK-1")).await;
    again.refused(409, "duplicate-benefit-month");
}
