//! Cited figures: the same digits for ever, whatever is recorded or built anew later.

use crate::api::figures::scene;
use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::{COMMUNE, HOI_AN, WARD, in_cash, pension, with};
use chitra::app::access::Role;
use chitra::projections::Projection;
use chitra::store::{Append, EventData, StreamState};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

on_every_engine! {
    a_cited_figure_keeps_its_digits,
    the_digest_is_of_the_canonical_form,
    each_definition_of_one_share_can_be_cited,
    a_definition_of_several_shares_is_cited_with_each_of_them,
    figures_of_people_are_cited_by_units,
    an_urban_rate_is_cited_as_such,
    digits_that_the_log_does_not_give_are_shown_and_not_verified,
    citing_again_with_the_same_key_has_one_effect,
    a_citation_is_read_by_whoever_may_read_the_figure,
    an_analyst_cites_what_is_published_and_sees_nothing_else,
    citations_are_listed_by_unit,
    the_figures_of_an_assessment_can_be_cited,
    citations_are_refused_clearly,
}

fn march(members: &Value) -> Value {
    with(json!({"definition": "A1", "title": "Tam Kỳ, kỳ tháng 3", "cycle": "2025-03"}), members)
}

async fn cite(test: &TestApp, body: &Value) -> Value {
    let body = with(body.clone(), &json!({"min_position": test.head().await}));
    test.supervisor().post("/v1/figures", &test.fresh(), &body).await.json(201)
}

async fn called_up(test: &TestApp, cited: &Value) -> Value {
    let id = cited["figure_id"].as_str().unwrap();
    test.caught_up().await;
    test.supervisor().get(&format!("/v1/figures/{id}")).await.json(200)
}

async fn a_cited_figure_keeps_its_digits(test: TestApp) {
    scene(&test).await;
    let before = test.head().await;
    let cited = cite(&test, &march(&json!({"unit": "D502", "group_by": "unit_level:commune"}))).await;
    assert_eq!((&cited["as_of_position"], &cited["position"]), (&json!(before), &json!(before + 1)));
    assert_eq!(
        cited["groups"],
        json!([
            {"key": ["C20341"], "group": {"unit": "C20341", "unit_name": "Phường An Mỹ"}, "share": {"numerator": 1, "denominator": 2, "ratio": "0.500000"}},
            {"key": ["C20359"], "group": {"unit": "C20359", "unit_name": "Xã Tam Thanh"}, "share": {"numerator": 1, "denominator": 3, "ratio": "0.333333"}},
        ])
    );
    assert_eq!(
        cited["asked"],
        json!({"cycle": "2025-03", "group_by": "unit_level:commune", "mixed_as_cashless": "false", "unit": "D502"})
    );
    test.register(&in_cash("LATE", WARD)).await;
    let late = test.instruct(&pension("P-LATE", "LATE")).await;
    test.settle(&late, "2025-04-03").await.is(201);
    let ward = test.read("/v1/adoption?cycle=2025-03&unit=20341").await["groups"][0]["people"]["denominator"].clone();
    assert_eq!(ward, 3, "the figure of now moved");
    for projection in [Projection::Payments, Projection::Oversight] {
        let found = called_up(&test, &cited).await;
        assert_eq!((&found["groups"], &found["digest"]), (&cited["groups"], &cited["digest"]));
        assert_eq!((&found["verified"], &found["recomputed_digest"]), (&json!(true), &cited["digest"]));
        test.app.rebuild(projection, |_| {}).await.unwrap();
    }
    let found = called_up(&test, &cited).await;
    assert_eq!((&found["verified"], &found["cited_at"]), (&json!(true), &json!("2025-04-04T03:00:00Z")));
    let listed = test.read("/v1/figures").await;
    assert_eq!(listed["figures"][0]["figure_id"], cited["figure_id"], "the list is built anew too");
}

async fn the_digest_is_of_the_canonical_form(test: TestApp) {
    scene(&test).await;
    let cited = cite(&test, &march(&json!({"definition": "A2", "unit": "20341"}))).await;
    let canonical = format!(
        r#"{{"definition":"A2","asked":{{"cycle":"2025-03","mixed_as_cashless":"false","unit":"C20341"}},"position":{},"groups":[{{"key":[],"numerator":5000000,"denominator":11000000}}]}}"#,
        cited["as_of_position"]
    );
    let hash = chitra::app::hex::hex(&Sha256::digest(canonical));
    assert_eq!(cited["digest"], hash);
    assert_eq!(
        cited["groups"][0]["share"],
        json!({"numerator": "5000000", "denominator": "11000000", "ratio": "0.454545", "currency": "VND"})
    );
}

async fn each_definition_of_one_share_can_be_cited(test: TestApp) {
    scene(&test).await;
    let adoption = test.read("/v1/adoption?cycle=2025-03").await["groups"][0].clone();
    let first = test.read("/v1/first-attempts?cycle=2025-03").await["groups"][0].clone();
    for (definition, served) in [
        ("A1", &adoption["people"]),
        ("A2", &adoption["amount"]),
        ("A3", &adoption["payments"]),
        ("C1", &adoption["completeness"]),
        ("A5", &first["people"]),
        ("S1", &first["success"]),
        ("S3", &first["fell_back"]),
        ("S7", &first["through_others"]),
    ] {
        let cited = cite(&test, &march(&json!({"definition": definition}))).await;
        let share = &cited["groups"][0]["share"];
        for part in ["numerator", "denominator", "ratio"] {
            assert_eq!(share[part], served[part], "{definition}");
        }
        assert_eq!(called_up(&test, &cited).await["verified"], true, "{definition}");
    }
}

async fn a_definition_of_several_shares_is_cited_with_each_of_them(test: TestApp) {
    scene(&test).await;
    test.days_pass(10);
    let april = json!({"cycle": "2025-04", "benefit_months": ["2025-04"]});
    let paid = test.instruct(&with(pension("A-TK-1", "TK-1"), &april)).await;
    test.settle(&paid, "2025-04-05").await.is(201);
    test.instruct(&with(pension("A-TK-2", "TK-2"), &april)).await;
    let settlement = test.read("/v1/settlement?cycle=2025-03").await["groups"][0].clone();
    let unclaimed = test.read("/v1/unclaimed?cycle=2025-03").await["groups"][0].clone();
    let moved = test.read("/v1/movers?cycle=2025-04&before=2025-03").await["groups"][0].clone();
    let into_april = json!({"definition": "A7", "cycle": "2025-04", "before": "2025-03"});
    let days = settlement["timeliness"]["settled_by_day"].as_array().unwrap();
    let by_day = days.iter().map(|one| (one["day"].to_string(), one["settled"].clone())).collect();
    let rates = ["failed", "rejected", "returned"].map(|kind| (kind.to_owned(), settlement["rates"][kind].clone()));
    let ways = ["to_cash", "to_cashless"].map(|way| (way.to_owned(), moved[way].clone()));
    let none: Vec<(String, Value)> = Vec::new();
    for (members, served) in [
        (json!({"definition": "S2"}), rates.to_vec()),
        (json!({"definition": "S4"}), by_day),
        (json!({"definition": "S6"}), none),
        (into_april, ways.to_vec()),
    ] {
        let cited = cite(&test, &march(&members)).await;
        let groups = cited["groups"].as_array().unwrap();
        if served.is_empty() {
            assert_eq!(
                (groups.len(), &groups[0]["share"], &groups[0]["part"]),
                (1, &unclaimed["attempts"], &Value::Null)
            );
        } else {
            let found: Vec<(String, Value)> =
                groups.iter().map(|one| (one["part"].as_str().unwrap().to_owned(), one["share"].clone())).collect();
            assert_eq!(found, served, "{members}");
            assert_eq!(groups[0]["key"], json!([served[0].0]));
        }
        assert_eq!(called_up(&test, &cited).await["verified"], true, "{members}");
    }
    let april = test.read("/v1/settlement?cycle=2025-04").await["groups"][0].clone();
    let open: i64 = april["ageing"].as_array().unwrap().iter().map(|age| age["payments"].as_i64().unwrap()).sum();
    let cited =
        cite(&test, &march(&json!({"definition": "S5", "cycle": "2025-04", "group_by": "unit_level:province"}))).await;
    let groups = cited["groups"].as_array().unwrap();
    let parts: Vec<&str> = groups.iter().map(|one| one["part"].as_str().unwrap()).collect();
    assert_eq!(parts, ["not_due", "0-2", "3-5", "6-10", "11-25", "26+"]);
    let told: i64 = groups.iter().map(|one| one["share"]["numerator"].as_i64().unwrap()).sum();
    assert_eq!((told, groups[0]["share"]["denominator"].as_i64().unwrap()), (open, open));
    assert_eq!((&groups[0]["key"], &groups[0]["group"]["unit"]), (&json!(["P49", "not_due"]), &json!("P49")));
    // What is open ages with the days, what was cited does not.
    test.days_pass(9);
    assert_eq!(called_up(&test, &cited).await["verified"], true);
}

async fn figures_of_people_are_cited_by_units(test: TestApp) {
    scene(&test).await;
    for definition in ["A6", "I1", "I2"] {
        let registered = test.read("/v1/registered?unit=D502").await["groups"][0]["registered"].clone();
        let identity = test.read("/v1/identity?unit=D502").await["groups"][0].clone();
        let served = match definition {
            "A6" => &registered,
            "I1" => &identity["verified"],
            _ => &identity["unmatched"],
        };
        let members = json!({"definition": definition, "cycle": null, "unit": "D502"});
        let cited = cite(&test, &march(&members)).await;
        assert_eq!((&cited["groups"][0]["key"], &cited["groups"][0]["share"]), (&json!([]), served), "{definition}");
        test.register(&in_cash(&format!("LATE-{definition}"), WARD)).await;
        assert_eq!(called_up(&test, &cited).await["verified"], true, "{definition}");
        let by_unit = cite(&test, &march(&with(members, &json!({"group_by": "unit"})))).await;
        assert!(by_unit["groups"].as_array().unwrap().iter().any(|one| one["key"] == json!(["C20341"])), "{by_unit}");
    }
}

async fn an_urban_rate_is_cited_as_such(test: TestApp) {
    scene(&test).await;
    let cited = cite(&test, &march(&json!({"definition": "A4", "mixed_as_cashless": true}))).await;
    let asked = json!({"cycle": "2025-03", "mixed_as_cashless": "true", "urban": "true"});
    assert_eq!(cited["asked"], asked);
    let served = test.read("/v1/adoption?cycle=2025-03&urban=true&mixed_as_cashless=true").await;
    assert_eq!(cited["groups"][0]["share"]["numerator"], served["groups"][0]["people"]["numerator"]);
    assert_eq!(called_up(&test, &cited).await["verified"], true);
}

/// A figure that somebody wrote into the log by hand.
async fn digits_that_the_log_does_not_give_are_shown_and_not_verified(test: TestApp) {
    scene(&test).await;
    for (number, members) in [
        (1_u128, json!({"groups": [{"key": [], "numerator": 5, "denominator": 5}]})),
        (2, json!({"asked": {"cycle": "2025-03", "benefit_type": "gone"}})),
    ] {
        let sample = include_str!("../../fixtures/events/FigureCited.v1.json");
        let id = uuid::Uuid::from_u128(number).to_string();
        let mut event: Value = with(serde_json::from_str(sample).unwrap(), &members);
        event["figure_id"] = json!(id);
        event["position"] = json!(9);
        let data = EventData {
            event_id: uuid::Uuid::from_u128(number),
            event_type: "FigureCited".to_owned(),
            schema_version: 1,
            data: event.to_string().into_bytes(),
            metadata: b"{}".to_vec(),
        };
        let append = Append::events(format!("figure-{id}"), StreamState::NoStream, vec![data]);
        test.app.store.append_to_stream(append).await.unwrap();
        let found = called_up(&test, &json!({"figure_id": id})).await;
        assert_eq!(found["verified"], false);
        assert_eq!(found["groups"][0]["share"]["numerator"], event["groups"][0]["numerator"]);
        assert_eq!(found["recomputed_digest"].is_null(), number == 2, "what can no longer be asked is not recomputed");
    }
}

async fn citing_again_with_the_same_key_has_one_effect(test: TestApp) {
    scene(&test).await;
    test.caught_up().await;
    let key = test.fresh();
    let cited = test.supervisor().post("/v1/figures", &key, &march(&json!({}))).await.json(201);
    test.register(&in_cash("MORE", WARD)).await;
    let again = test.supervisor().post("/v1/figures", &key, &march(&json!({}))).await.is(201);
    assert!(again.replayed());
    assert_eq!(again.json(201), cited, "the first answer, of its own position");
    let other = test.supervisor().post("/v1/figures", &key, &march(&json!({"definition": "A3"}))).await;
    let other = other.refused(422, "idempotency-key-reused");
    assert_eq!(other.json(422)["first_object"], cited["figure_id"]);
}

async fn a_citation_is_read_by_whoever_may_read_the_figure(test: TestApp) {
    scene(&test).await;
    test.caught_up().await;
    let clerk = test.with_key(&test.key(Role::Clerk, Some("D502"), None).await);
    let elsewhere = test.with_key(&test.key(Role::Clerk, Some("D503"), None).await);
    let own = clerk.post("/v1/figures", &test.fresh(), &march(&json!({}))).await.json(201);
    assert_eq!(own["asked"]["unit"], "D502", "a key of a unit cites that unit's figure");
    let all = test.supervisor().post("/v1/figures", &test.fresh(), &march(&json!({}))).await.json(201);
    let path = |cited: &Value| format!("/v1/figures/{}", cited["figure_id"].as_str().unwrap());
    clerk.get(&path(&own)).await.is(200);
    test.as_role(Role::Auditor).get(&path(&own)).await.is(200);
    test.as_role(Role::Analyst).get(&path(&own)).await.refused(403, "published-figures-only");
    for refused in [elsewhere.get(&path(&own)).await, clerk.get(&path(&all)).await] {
        refused.refused(403, "out-of-your-units");
    }
    let outside = march(&json!({"unit": HOI_AN}));
    clerk.post("/v1/figures", &test.fresh(), &outside).await.refused(403, "out-of-your-units");
    for path in ["/v1/figures", &path(&own)] {
        test.nobody().get(path).await.refused(401, "unauthenticated");
        test.as_role(Role::Bank).get(path).await.refused(403, "role-not-allowed");
        test.as_role(Role::Operator).get(path).await.refused(403, "role-not-allowed");
    }
    test.as_role(Role::Bank).post("/v1/figures", "k", &march(&json!({}))).await.refused(403, "role-not-allowed");
    test.nobody().post("/v1/figures", "k", &march(&json!({}))).await.refused(401, "unauthenticated");
}

async fn an_analyst_cites_what_is_published_and_sees_nothing_else(test: TestApp) {
    crate::api::published::scene(&test).await;
    let published = test.head().await;
    test.days_pass(1);
    let analyst = test.as_role(Role::Analyst);
    let post = async |members: Value| analyst.post("/v1/figures", &test.fresh(), &march(&members)).await;
    let cited = post(json!({"unit": "D502"})).await.json(201);
    assert_eq!(
        (&cited["as_of_position"], &cited["groups"][0]["share"]["denominator"]),
        (&json!(published), &json!(13))
    );
    let path = |cited: &Value| format!("/v1/figures/{}", cited["figure_id"].as_str().unwrap());
    assert_eq!(analyst.get(&path(&cited)).await.json(200)["verified"], true);
    assert_eq!(test.supervisor().get(&path(&cited)).await.json(200)["verified"], true);
    for members in [
        json!({"unit": COMMUNE}),
        json!({"unit": "D502", "group_by": "unit_level:commune"}),
        json!({"definition": "A5"}),
        json!({"mixed_as_cashless": true}),
        json!({"cycle": null, "group_by": "cycle"}),
    ] {
        post(members).await.refused(403, "published-figures-only");
    }
    test.register(&in_cash("LATE", WARD)).await;
    let late = test.instruct(&pension("P-LATE", "LATE")).await;
    test.settle(&late, "2025-03-31").await.is(201);
    test.caught_up().await;
    for members in [json!({"unit": COMMUNE}), json!({"unit": "D502"}), json!({"definition": "S1"})] {
        let theirs = test.supervisor().post("/v1/figures", &test.fresh(), &march(&members)).await.json(201);
        analyst.get(&path(&theirs)).await.refused(403, "published-figures-only");
    }
    let listed = analyst.get(&format!("/v1/figures?min_position={}", test.head().await)).await.json(200);
    let digests: Vec<&Value> = listed["figures"].as_array().unwrap().iter().map(|row| &row["digest"]).collect();
    assert_eq!(digests, [&Value::Null; 4], "few digits are found by trying");
}

async fn citations_are_listed_by_unit(test: TestApp) {
    scene(&test).await;
    let all = cite(&test, &march(&json!({}))).await;
    let ward = cite(&test, &march(&json!({"unit": WARD, "title": "Phường"}))).await;
    let hoi_an = cite(&test, &march(&json!({"unit": HOI_AN}))).await;
    let ids = |answer: &Value| {
        answer["figures"].as_array().unwrap().iter().map(|one| one["figure_id"].clone()).collect::<Vec<_>>()
    };
    let id = |cited: &Value| cited["figure_id"].clone();
    let found = test.read("/v1/figures").await;
    assert_eq!(ids(&found), [id(&all), id(&ward), id(&hoi_an)]);
    let row = &found["figures"][1];
    assert_eq!((&row["title"], &row["unit"], &row["definition"]), (&json!("Phường"), &json!("C20341"), &json!("A1")));
    assert_eq!(
        (&row["digest"], &row["asked"]),
        (&ward["digest"], &json!("cycle=2025-03&mixed_as_cashless=false&unit=C20341"))
    );
    assert_eq!(ids(&test.read("/v1/figures?unit=D502").await), [id(&ward)]);
    let clerk = test.with_key(&test.key(Role::Clerk, Some("D503"), None).await);
    assert_eq!(
        ids(&clerk.get("/v1/figures").await.json(200)),
        [id(&hoi_an)],
        "what is of the whole log is not of a unit"
    );
    clerk.get(&format!("/v1/figures?unit={WARD}")).await.refused(403, "out-of-your-units");
    let page = test.read("/v1/figures?limit=2").await;
    let next = format!("/v1/figures?limit=2&cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!((ids(&page).len(), ids(&test.read(&next).await)), (2, vec![id(&hoi_an)]));
    let csv = test.supervisor().get("/v1/figures?format=csv").await.is(200).text();
    assert!(csv.contains("figure_id,definition,title,unit,"), "{csv}");
}

async fn the_figures_of_an_assessment_can_be_cited(test: TestApp) {
    scene(&test).await;
    let assessment = test.read("/v1/assessment?cycle=2025-03&unit=D502").await;
    let headline = &assessment["headline"];
    let served = [&headline["people"], &headline["amount"], &headline["payments"], &headline["completeness"]];
    let bodies = assessment["cite"].as_array().unwrap().iter().zip(served);
    let target = &assessment["targets"][0];
    for (body, served) in bodies.chain([(&target["cite"], &target["reached"])]) {
        let body = with(body.clone(), &json!({"title": "Báo cáo tháng 3"}));
        let cited = test.supervisor().post("/v1/figures", &test.fresh(), &body).await.json(201);
        assert_eq!(cited["as_of_position"], assessment["as_of_position"]);
        for part in ["numerator", "denominator", "ratio"] {
            assert_eq!(cited["groups"][0]["share"][part], served[part], "{body}");
        }
    }
    let several = test.read("/v1/adoption?cycle=2025-03&benefit_group=monthly,social_assistance").await;
    assert_eq!(several["filters"]["benefit_group"], "monthly,social_assistance");
    assert_eq!(several["groups"][0]["payments"]["denominator"], 7);
    let twice = test.supervisor().get("/v1/adoption?benefit_group=monthly,monthly").await.refused(422, "invalid-input");
    assert_eq!(twice.errors(), ["/benefit_group invalid-value"]);
}

async fn citations_are_refused_clearly(test: TestApp) {
    scene(&test).await;
    test.caught_up().await;
    let post = async |body: &Value| test.supervisor().post("/v1/figures", &test.fresh(), body).await;
    for (members, errors) in [
        (json!({"definition": "T1"}), vec!["/definition invalid-value"]),
        (json!({"definition": "A6"}), vec!["/definition invalid-value"]),
        (json!({"definition": "I1", "cycle": null, "group_by": "cycle"}), vec!["/definition invalid-value"]),
        (json!({"definition": "A6", "cycle": null, "sex": "male"}), vec!["/sex unknown-parameter"]),
        (json!({"definition": "A7", "cycle": null}), vec!["/cycle invalid-value"]),
        (json!({"definition": "A7", "group_by": "channel"}), vec!["/group_by invalid-value"]),
        (json!({"definition": "A1", "before": "2025-02"}), vec!["/before unknown-parameter"]),
        (json!({"definition": null, "title": null}), vec!["/definition missing", "/title missing"]),
        (json!({"title": "CCCD 049155000012"}), vec!["/title text-has-a-number"]),
        (json!({"cycle": "March"}), vec!["/cycle invalid-value"]),
        (json!({"group_by": "moon"}), vec!["/group_by invalid-value"]),
        (json!({"moon": "full"}), vec!["/moon unknown-parameter"]),
        (json!({"cycle": ["2025-03"]}), vec!["/cycle invalid-value"]),
        (json!({"definition": "A4", "urban": false}), vec!["/urban invalid-value"]),
    ] {
        assert_eq!(post(&march(&members)).await.refused(422, "invalid-input").errors(), errors, "{members}");
    }
    let refused = post(&march(&json!({"cycle": "2031-01"}))).await.refused(422, "figure-empty");
    assert_eq!(refused.errors(), [" figure-empty"]);
    let beyond = march(&json!({"as_of_position": 1_000_000}));
    post(&beyond).await.refused(422, "position-beyond-head");
    test.supervisor().post_without_key("/v1/figures", &march(&json!({}))).await.refused(400, "idempotency-key-missing");
    post(&json!(["A1"])).await.refused(422, "invalid-input");
    test.supervisor().get("/v1/figures/01960000-0000-7000-8000-0000000000f1").await.refused(404, "not-found");
    test.supervisor().get("/v1/figures/first").await.refused(404, "not-found");
}
