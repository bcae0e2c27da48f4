//! Figures that are answered from memory are those of the log as it is, and the caller's own.

use super::figures::scene;
use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::{WARD, by_account, pension};
use chitra::app::access::{Principal, Role};
use serde_json::{Value, json};
use std::sync::Arc;

on_every_engine! {
    the_same_is_answered_until_the_log_goes_on,
    nobody_is_answered_what_another_was,
    a_day_that_went_by_is_another_question,
    what_is_remembered_is_answered_to_its_own_question_alone,
}

const PATHS: [&str; 10] = [
    "/v1/adoption",
    "/v1/adoption?group_by=unit_level:commune",
    "/v1/adoption?cycle=2025-03&group_by=channel,benefit_type",
    "/v1/adoption?as_of_position=12&group_by=unit",
    "/v1/settlement",
    "/v1/settlement?group_by=cycle",
    "/v1/adoption?cycle=2025-03&group_by=sex",
    "/v1/first-attempts?cycle=2025-03",
    "/v1/movers?cycle=2025-03",
    "/v1/adoption/definitions?cycle=2025-03",
];

/// The same question in other words: nobody has asked it before.
fn anew(path: &str, position: u64) -> String {
    format!("{path}{}min_position={position}", if path.contains('?') { '&' } else { '?' })
}

async fn the_same_is_answered_until_the_log_goes_on(test: TestApp) {
    scene(&test).await;
    let supervisor = test.supervisor();
    let mut before: Vec<Value> = Vec::new();
    for round in 0..3 {
        test.caught_up().await;
        let head = test.head().await;
        for (number, path) in PATHS.iter().enumerate() {
            let first = supervisor.get(path).await;
            assert_eq!(first.header("content-type"), "application/json");
            let first = first.json(200);
            assert_eq!(supervisor.get(path).await.json(200), first, "{path}");
            assert_eq!(supervisor.get(&anew(path, head)).await.json(200), first, "{path}");
            if let Some(before) = before.get(number) {
                assert_eq!(first == *before, path.contains("as_of_position"), "{path}, round {round}");
            }
            before.splice(number..before.len().min(number + 1), [first]);
        }
        let person = format!("NEW-{round}");
        test.register(&by_account(&person, WARD)).await;
        test.instruct(&pension(&format!("P-NEW-{round}"), &person)).await;
    }
}

async fn nobody_is_answered_what_another_was(test: TestApp) {
    scene(&test).await;
    test.caught_up().await;
    let clerk = test.with_key(&test.key(Role::Clerk, Some("D503"), None).await);
    let other = test.with_key(&test.key(Role::Clerk, Some("D502"), None).await);
    // Keys are recorded too.
    test.caught_up().await;
    for _ in 0..2 {
        let people = |answer: Value| answer["groups"][0]["people"]["denominator"].clone();
        assert_eq!(people(test.supervisor().get("/v1/adoption").await.json(200)), 5);
        assert_eq!(people(clerk.get("/v1/adoption").await.json(200)), 1);
        assert_eq!(people(other.get("/v1/adoption").await.json(200)), 5);
        assert_eq!(
            test.supervisor().get("/v1/adoption?unit=D502").await.json(200)["groups"].as_array().unwrap().len(),
            1
        );
        clerk.get("/v1/adoption?unit=D502").await.refused(403, "out-of-your-units");
        test.supervisor().get("/v1/settlement?unit=D502").await.is(200);
        clerk.get("/v1/settlement?unit=D502").await.refused(403, "out-of-your-units");
        test.supervisor().get("/v1/adoption?cycle=2025-03").await.is(200);
        let analyst = test.as_role(Role::Analyst).get("/v1/adoption?cycle=2025-03").await.json(200);
        assert_ne!(people(analyst), 5, "an analyst reads what is published");
        test.as_role(Role::Analyst).get("/v1/settlement").await.refused(403, "published-figures-only");
    }
}

async fn a_day_that_went_by_is_another_question(test: TestApp) {
    test.pension_of("TK-1", WARD).await;
    test.caught_up().await;
    let today = async || test.supervisor().get("/v1/settlement").await.json(200)["today"].as_str().unwrap().to_owned();
    let first = today().await;
    assert_eq!(today().await, first);
    test.days_pass(60);
    let later = today().await;
    assert!(later > first, "{first} {later}");
}

/// What is kept is changed behind the server's back: so it shows what is answered from memory, and under which question.
async fn what_is_remembered_is_answered_to_its_own_question_alone(test: TestApp) {
    scene(&test).await;
    test.caught_up().await;
    let (app, principal, supervisor) = (&test.app, Principal::local("anybody of this role"), test.supervisor());
    for (path, by_people) in [
        ("/v1/adoption?cycle=2025-03", false),
        ("/v1/adoption?cycle=2025-03&group_by=sex", true),
        ("/v1/settlement?cycle=2025-03", false),
        ("/v1/first-attempts?cycle=2025-03", false),
        ("/v1/movers?cycle=2025-03", true),
        ("/v1/adoption/definitions?cycle=2025-03", false),
    ] {
        let truth = supervisor.get(path).await.json(200);
        let (state, people) = (app.figures_state(None).await.unwrap(), app.people_state(None).await.unwrap());
        let mut altered = truth.clone();
        altered["as_of_time"] = json!("2001-01-01T00:00:00Z");
        let bytes: Arc<[u8]> = altered.to_string().into_bytes().into();
        let keep = |words: &str, by_people: bool| {
            app.remembered.keep(state, app.question_of(&principal, words, by_people.then_some(people)), &bytes);
        };
        keep(path, !by_people);
        keep(&format!("{path}&format=csv"), by_people);
        assert_eq!(supervisor.get(path).await.json(200), truth, "{path}: another question");
        keep(path, by_people);
        assert_eq!(supervisor.get(path).await.json(200), altered, "{path}: it is not answered from memory");
        assert_eq!(test.as_role(Role::Auditor).get(path).await.json(200), truth, "{path}: another role");
        assert!(!supervisor.get(&format!("{path}&format=csv")).await.is(200).text().contains("2001"), "{path}");
    }
}
