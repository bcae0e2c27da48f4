//! Figures by sex, decade of birth and benefit month: told from the payments as they stood, since the cube does not hold them.

use crate::support::app::TestApp;
use crate::support::on_every_engine;
use crate::support::verbs::{COMMUNE, HOI_AN, WARD, by_account, in_cash, pension, rejected, returned, with};
use chitra::app::access::Role;
use serde_json::{Value, json};

on_every_engine! {
    people_are_told_by_sex_and_decade_of_birth,
    groups_of_cohorts_add_up_to_the_whole,
    a_payment_for_two_months_counts_in_each_and_once_in_all,
    an_earlier_state_is_told_as_it_was,
    a_figure_of_a_cohort_can_be_cited,
    cohorts_are_refused_clearly,
}

/// A woman of the fifties by account, one of the forties in cash, a man by account, and somebody of whom nothing is known in cash; March
/// is settled for the first three. The woman of the fifties has January and February in one payment of the February run.
async fn scene(test: &TestApp) {
    let of = |sex: &str, year: i32| json!({"sex": sex, "birth_year": year});
    test.register(&with(by_account("WOMAN-5", WARD), &of("female", 1953))).await;
    test.register(&with(in_cash("WOMAN-4", COMMUNE), &of("female", 1949))).await;
    test.register(&with(by_account("MAN-5", HOI_AN), &of("male", 1950))).await;
    test.register(&in_cash("NOBODY", WARD)).await;
    let two = json!({"cycle": "2025-02", "benefit_months": ["2025-01", "2025-02"], "amount": "9000000"});
    let both = test.instruct(&with(pension("TET", "WOMAN-5"), &two)).await;
    test.settle(&both, "2025-02-05").await.is(201);
    for person in ["WOMAN-5", "WOMAN-4", "MAN-5", "NOBODY"] {
        let payment = test.instruct(&pension(&format!("P-{person}"), person)).await;
        if person != "NOBODY" {
            test.settle(&payment, "2025-03-05").await.is(201);
        }
    }
}

/// `group: cashless people/people, cashless amount/amount, final/ordered` of each group.
fn told(answer: &Value, names: &[&str]) -> Vec<String> {
    let one = |group: &Value| {
        let values: Vec<&str> = names.iter().map(|name| group["group"][name].as_str().unwrap()).collect();
        let share =
            |name: &str| format!("{}/{}", group[name]["numerator"], group[name]["denominator"]).replace('"', "");
        format!("{}: {}, {}, {}", values.join(" "), share("people"), share("amount"), share("completeness"))
    };
    answer["groups"].as_array().unwrap().iter().map(one).collect()
}

async fn people_are_told_by_sex_and_decade_of_birth(test: TestApp) {
    scene(&test).await;
    let answer = test.read("/v1/adoption?cycle=2025-03&group_by=sex").await;
    let by_sex = ["female: 1/2, 5000000/10000000, 2/2", "male: 1/1, 5000000/5000000, 1/1", "unknown: 0/0, 0/0, 0/1"];
    assert_eq!(told(&answer, &["sex"]), by_sex);
    let answer = test.read("/v1/adoption?cycle=2025-03&sex=female&group_by=birth_decade,channel").await;
    let by_both = ["1940 cash_desk: 0/1, 0/5000000, 1/1", "1950 account: 1/1, 5000000/5000000, 1/1"];
    assert_eq!(told(&answer, &["birth_decade", "channel"]), by_both);
    assert_eq!(answer["filters"], json!({"cycle": "2025-03", "sex": "female"}));
    let answer = test.read("/v1/adoption?cycle=2025-03&birth_decade=1950&unit=D502").await;
    assert_eq!(told(&answer, &[]), [": 1/1, 5000000/5000000, 1/1"]);
    let answer = test.read("/v1/adoption?cycle=2025-03&birth_decade=1930").await;
    assert_eq!(told(&answer, &[]), [": 0/0, 0/0, 0/0"]);
    let answer = test.read("/v1/settlement?cycle=2025-03&group_by=sex").await;
    let open = |group: &Value| (group["group"]["sex"].clone(), group["funnel"]["instructed"]["payments"].clone());
    let found: Vec<_> = answer["groups"].as_array().unwrap().iter().map(open).collect();
    assert_eq!(found, [(json!("female"), json!(0)), (json!("male"), json!(0)), (json!("unknown"), json!(1))]);
    let answer = test.read("/v1/first-attempts?cycle=2025-03&group_by=sex").await;
    let ordered = |group: &Value| (group["people"]["numerator"].clone(), group["people"]["denominator"].clone());
    let found: Vec<_> = answer["groups"].as_array().unwrap().iter().map(ordered).collect();
    assert_eq!(found, [(json!(1), json!(2)), (json!(1), json!(1)), (json!(0), json!(1))]);
    let answer = test.read("/v1/movers?cycle=2025-03&before=2025-02&group_by=sex").await;
    let kept = |group: &Value| (group["group"]["sex"].clone(), group["to_cash"]["denominator"].clone());
    let found: Vec<_> = answer["groups"].as_array().unwrap().iter().map(kept).collect();
    assert_eq!(found, [(json!("female"), json!(1)), (json!("male"), json!(0))]);
    let answer = test.read("/v1/unclaimed?cycle=2025-03&sex=unknown").await;
    assert_eq!(answer["groups"][0]["attempts"], json!({"numerator": 0, "denominator": 1, "ratio": "0.000000"}));
    let file = test.supervisor().get("/v1/adoption?cycle=2025-03&group_by=sex,unit&format=csv").await.is(200);
    assert!(file.text().trim_start_matches('\u{feff}').starts_with("sex,unit,unit_name,"), "{}", file.text());
}

/// Numbers that add up over groups without overlap.
const PARTS: [(&str, &str); 4] =
    [("people", "cashless"), ("people", "denominator"), ("payments", "numerator"), ("completeness", "denominator")];

fn sum(groups: &Value, figure: &str, part: &str) -> Value {
    json!(groups.as_array().unwrap().iter().map(|group| group[figure][part].as_i64().unwrap()).sum::<i64>())
}

async fn groups_of_cohorts_add_up_to_the_whole(test: TestApp) {
    scene(&test).await;
    let whole = test.read("/v1/adoption?cycle=2025-03").await["groups"][0].clone();
    let parts = test.read("/v1/adoption?cycle=2025-03&group_by=sex,birth_decade,unit").await;
    for (figure, part) in PARTS {
        assert_eq!(sum(&parts["groups"], figure, part), whole[figure][part], "{figure} {part}");
    }
}

async fn a_payment_for_two_months_counts_in_each_and_once_in_all(test: TestApp) {
    scene(&test).await;
    let answer = test.read("/v1/adoption?cycle=2025-02&group_by=benefit_month").await;
    let both = ["2025-01: 1/1, 9000000/9000000, 1/1", "2025-02: 1/1, 9000000/9000000, 1/1"];
    assert_eq!(told(&answer, &["benefit_month"]), both);
    let answer = test.read("/v1/adoption?cycle=2025-02&benefit_month=2025-02").await;
    assert_eq!(told(&answer, &[]), [": 1/1, 9000000/9000000, 1/1"]);
    // February's arrears, paid in March: who has them was paid February already, and is one person.
    let arrears = json!({"kind": "arrears", "benefit_months": ["2025-02"], "amount": "1000000"});
    let more = test.instruct(&with(pension("ARREARS", "WOMAN-5"), &arrears)).await;
    test.settle(&more, "2025-03-06").await.is(201);
    let series = "cycle_from=2025-02&cycle_to=2025-03";
    let answer = test.read(&format!("/v1/adoption?{series}&benefit_month=2025-02")).await;
    assert_eq!(told(&answer, &[]), [": 1/1, 10000000/10000000, 2/2"]);
    let answer = test.read(&format!("/v1/adoption?{series}&benefit_month=2025-02&group_by=cycle")).await;
    let by_cycle = ["2025-02: 1/1, 9000000/9000000, 1/1", "2025-03: 1/1, 1000000/1000000, 1/1"];
    assert_eq!(told(&answer, &["cycle"]), by_cycle);
}

/// All that is told of March by sex, as of a position.
async fn state(test: &TestApp, position: u64) -> Vec<Value> {
    let mut answers = Vec::new();
    for path in ["adoption?", "settlement?today=2025-03-25&", "first-attempts?"] {
        let query = format!("cycle=2025-03&group_by=sex,channel,unit&as_of_position={position}");
        let answer = test.read(&format!("/v1/{path}{query}")).await;
        assert_eq!(answer["as_of_position"], json!(position));
        answers.push(answer["groups"].clone());
    }
    answers
}

async fn an_earlier_state_is_told_as_it_was(test: TestApp) {
    scene(&test).await;
    let (back, open) = (id_of(&test, "P-WOMAN-5").await, id_of(&test, "P-NOBODY").await);
    let in_cash = json!({"channel": "cash_desk", "reason": "account closed"});
    let paid = json!({"settled_on": "2025-03-20", "evidence": {"kind": "C72", "reference": "7"}});
    let deeds = [
        (&back, "return", returned("2025-03-10")),
        (&open, "reject", rejected()),
        (&back, "reissue", in_cash),
        (&back, "settle", paid),
    ];
    let mut states = Vec::new();
    for (payment, deed, body) in deeds {
        states.push((test.head().await, state(&test, test.head().await).await));
        test.deed(payment, deed, &body).await.is(201);
    }
    assert_ne!(states[0].1, states[1].1, "a return changes who is live");
    for (position, then) in &states {
        assert_eq!(state(&test, *position).await, *then, "as of {position}");
        // What the cube says of that state is the sum over the cohorts.
        let cube = test.read(&format!("/v1/adoption?cycle=2025-03&as_of_position={position}")).await;
        for (figure, part) in PARTS {
            assert_eq!(
                sum(&then[0], figure, part),
                cube["groups"][0][figure][part],
                "{figure} {part} as of {position}"
            );
        }
    }
}

async fn id_of(test: &TestApp, reference: &str) -> String {
    let found = test.read("/v1/payments?cycle=2025-03").await;
    let of = found["payments"].as_array().unwrap().iter().find(|one| one["payment_reference"] == reference).unwrap();
    of["payment_id"].as_str().unwrap().to_owned()
}

async fn a_figure_of_a_cohort_can_be_cited(test: TestApp) {
    scene(&test).await;
    let body = json!({"definition": "A1", "title": "Nữ, kỳ tháng 3", "cycle": "2025-03", "sex": "female", "min_position": test.head().await});
    let cited = test.supervisor().post("/v1/figures", &test.fresh(), &body).await.json(201);
    assert_eq!(cited["groups"][0]["share"], json!({"numerator": 1, "denominator": 2, "ratio": "0.500000"}));
    let paid = id_of(&test, "P-WOMAN-5").await;
    test.deed(&paid, "return", &returned("2025-03-12")).await.is(201);
    test.caught_up().await;
    let found = test.supervisor().get(&format!("/v1/figures/{}", cited["figure_id"].as_str().unwrap())).await.json(200);
    assert_eq!((&found["verified"], &found["groups"]), (&json!(true), &cited["groups"]));
}

async fn cohorts_are_refused_clearly(test: TestApp) {
    scene(&test).await;
    for (query, error) in [
        ("adoption?sex=female", "/cycle invalid-value"),
        ("adoption?group_by=birth_decade", "/cycle invalid-value"),
        ("adoption?cycle_from=2023-03&cycle_to=2025-03&group_by=sex,cycle", "/cycle invalid-value"),
        ("adoption?cycle=2025-03&sex=woman", "/sex invalid-value"),
        ("adoption?cycle=2025-03&birth_decade=1953", "/birth_decade invalid-value"),
        ("adoption?cycle=2025-03&benefit_month=2025-13", "/benefit_month invalid-value"),
        ("settlement?cycle_from=2025-02&cycle_to=2025-03&sex=male", "/cycle_from invalid-value"),
        ("movers?cycle=2025-03&group_by=sex,channel", "/group_by invalid-value"),
        ("late?cycle=2025-03&sex=male", "/sex unknown-parameter"),
        ("outcomes?cycle=2025-03&group_by=sex", "/group_by invalid-value"),
    ] {
        let refused = test.supervisor().get(&format!("/v1/{query}")).await.refused(422, "invalid-input");
        assert_eq!(refused.errors(), [error], "{query}");
    }
    for query in ["sex=female", "group_by=birth_decade", "benefit_month=2025-03"] {
        let analyst = test.as_role(Role::Analyst).get(&format!("/v1/adoption?cycle=2025-03&{query}")).await;
        assert_eq!(analyst.refused(422, "invalid-input").errors(), ["/group_by too-fine-for-your-role"], "{query}");
    }
    let elsewhere = test.with_key(&test.key(Role::Supervisor, Some("D503"), None).await);
    test.caught_up().await;
    let own = elsewhere.get("/v1/adoption?cycle=2025-03&group_by=sex").await.json(200);
    assert_eq!(told(&own, &["sex"]), ["male: 1/1, 5000000/5000000, 1/1"], "of own units alone");
    elsewhere.get("/v1/adoption?cycle=2025-03&group_by=sex&unit=D502").await.refused(403, "out-of-your-units");
}
