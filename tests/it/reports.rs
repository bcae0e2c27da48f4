//! The analysts' views: what docs/sql.md says of them, that its examples run, and that they agree with the API.

use crate::api::figures::scene;
use crate::support::app::{TestApp, spawn_app};
use crate::support::engine::Engine;
use crate::support::on_every_durable_engine;
use crate::support::postgres as server;
use crate::support::verbs::{WARD, account_of, by_account, pension, with};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;

on_every_durable_engine!(
    each_column_is_documented_with_the_type_that_it_has,
    each_example_of_the_documentation_gives_rows,
    adoption_is_what_the_api_says,
    settlement_is_what_the_api_says,
    each_attempt_is_there_with_what_became_of_it,
    no_personal_value_stands_in_any_view,
    the_grants_name_every_view,
);

fn page(name: &str) -> String {
    std::fs::read_to_string(format!("{}/docs/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The views of the page, each with the name and type of its columns.
fn documented() -> BTreeMap<String, Vec<(String, String)>> {
    let mut views: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let mut view = String::new();
    for line in page("sql.md").lines() {
        if let Some(name) = line.strip_prefix("## ") {
            name.clone_into(&mut view);
        } else if let Some(row) = line.strip_prefix("| ").filter(|row| !row.starts_with("column ")) {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            assert_eq!(cells.len(), 5, "{line}");
            assert!(!cells[3].is_empty(), "{view}.{} has no meaning", cells[0]);
            views.entry(view.clone()).or_default().push((cells[0].to_owned(), cells[1].to_owned()));
        }
    }
    views
}

fn examples() -> Vec<String> {
    page("sql.md").split("```sql\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// The types of a view's columns, as the server has them.
async fn types_in_postgresql(test: &TestApp, view: &str) -> Vec<Value> {
    let sql = format!(
        "SELECT data_type || COALESCE(' ' || collation_name, '') AS type FROM information_schema.columns \
        WHERE table_name = '{view}' ORDER BY ordinal_position"
    );
    test.home.rows(&sql).await.1.into_iter().flatten().collect()
}

/// What the page says of types, in the server's words. Text is ordered byte by byte, as in SQLite.
fn expected_types(columns: &[(String, String)]) -> Vec<Value> {
    let of = |(name, kind): &(String, String)| match (name.as_str(), kind.as_str()) {
        ("log_id", _) => json!("integer"),
        (_, "integer") => json!("bigint"),
        _ => json!("text C"),
    };
    columns.iter().map(of).collect()
}

/// A scene with every kind of row: some more of it than the figures need.
async fn whole_scene(test: &TestApp) {
    scene(test).await;
    let person = with(by_account("Planted-1", WARD), &json!({"name": "Lê Văn Planted", "personal_id": "049155054321"}));
    test.register(&person).await;
    let held = test.instruct(&with(pension("P-HELD", "Planted-1"), &json!({"due_on": "2025-04-05"}))).await;
    test.deed(&held, "hold", &json!({"cause": "Planted cause"})).await.is(201);
    // A list of April that went its whole way.
    let paid = test.instruct(&with(pension("P-LIST", "Planted-1"), &json!({"cycle": "2025-04"}))).await;
    let body = json!({"cycle": "2025-04", "channel": "account", "open_payments": true});
    let answer = test.supervisor().post("/v1/lists", "list", &body).await.json(201);
    let list = answer["list_id"].as_str().unwrap().to_owned();
    for (step, body) in [("check", json!({})), ("submit", json!({})), ("acknowledge", json!({"answer": "accepted"}))] {
        test.supervisor().post(&format!("/v1/lists/{list}/{step}"), step, &body).await.is(201);
    }
    test.settle(&paid, "2025-04-04").await.is(201);
    let none = json!({"handed_back": "0"});
    test.supervisor().post(&format!("/v1/lists/{list}/reconcile"), "reconcile", &none).await.is(201);
    // A desk with a closed day, and cash that it still holds.
    let body = json!({"code": "TK-01", "kind": "payment_point", "unit": WARD});
    let desk =
        test.supervisor().post("/v1/desks", "desk", &body).await.json(201)["desk_id"].as_str().unwrap().to_owned();
    let cash = json!({"amount": "7000000", "evidence": {"kind": "voucher", "reference": "PC-1"}});
    for (deed, body) in [("advance", cash), ("liquidate", json!({"counted": "7000000"}))] {
        test.supervisor().post(&format!("/v1/desks/{desk}/days/2025-03-04/{deed}"), deed, &body).await.is(201);
    }
    test.caught_up().await;
    test.read("/v1/lists").await;
    test.read("/v1/desks").await;
}

async fn each_column_is_documented_with_the_type_that_it_has(test: TestApp) {
    whole_scene(&test).await;
    let documented = documented();
    assert_eq!(documented.keys().cloned().collect::<Vec<_>>(), test.home.views().await);
    for (view, columns) in documented {
        let (names, rows) = test.home.rows(&format!("SELECT * FROM {view}")).await;
        assert_eq!(names, columns.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), "{view}");
        assert!(!rows.is_empty(), "{view} shows nothing");
        if test.home.database.is_some() {
            assert_eq!(types_in_postgresql(&test, &view).await, expected_types(&columns), "{view}");
        }
        for (at, (name, kind)) in columns.iter().enumerate() {
            for value in rows.iter().map(|row| &row[at]) {
                let fits = match kind.as_str() {
                    "integer" => value.is_null() || value.is_i64(),
                    "text" => value.is_null() || value.is_string(),
                    other => panic!("{view}.{name} is documented as {other}"),
                };
                assert!(fits, "{view}.{name} is {value}, documented as {kind}");
            }
            let known = rows.iter().any(|row| !row[at].is_null());
            assert!(
                known || ["birth_decade", "sex", "died_on", "authorised_until"].contains(&name.as_str()),
                "{view}.{name} is never there"
            );
        }
    }
}

async fn each_example_of_the_documentation_gives_rows(test: TestApp) {
    whole_scene(&test).await;
    let examples = examples();
    assert!(examples.len() >= 6);
    for example in examples {
        let (_, rows) = test.home.rows(&example).await;
        assert!(!rows.is_empty(), "{example}");
    }
}

async fn adoption_is_what_the_api_says(test: TestApp) {
    whole_scene(&test).await;
    let (_, rows) = test
        .home
        .rows(
            "SELECT unit_key, benefit_type, people_cashless, people_mixed, people, amount_cashless_minor, amount_minor, \
            payments_cashless, payments, payments_closed, payments_instructed, as_of_position \
            FROM report_adoption WHERE cycle = '2025-03' ORDER BY unit_key, benefit_type",
        )
        .await;
    let answer = test.read("/v1/adoption?cycle=2025-03&group_by=unit,benefit_type").await;
    let position = &answer["as_of_position"];
    let number = |text: &Value| text.as_str().unwrap().parse::<i64>().unwrap();
    let mut expected: Vec<Vec<Value>> = answer["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| {
            let (key, people, amount) = (&group["group"], &group["people"], &group["amount"]);
            let (payments, complete) = (&group["payments"], &group["completeness"]);
            vec![
                key["unit"].clone(),
                key["benefit_type"].clone(),
                people["cashless"].clone(),
                people["mixed"].clone(),
                people["denominator"].clone(),
                json!(number(&amount["numerator"])),
                json!(number(&amount["denominator"])),
                payments["numerator"].clone(),
                payments["denominator"].clone(),
                complete["numerator"].clone(),
                complete["denominator"].clone(),
                position.clone(),
            ]
        })
        .collect();
    expected.sort_by_key(|row| format!("{} {}", row[0], row[1]));
    assert!(expected.len() > 4);
    assert_eq!(rows, expected);
}

async fn settlement_is_what_the_api_says(test: TestApp) {
    whole_scene(&test).await;
    let (_, rows) = test
        .home
        .rows(
            "SELECT unit_key, status, SUM(payments) AS payments, SUM(amount_minor) AS amount, SUM(payments_held) AS held \
            FROM report_settlement WHERE cycle = '2025-03' GROUP BY unit_key, status ORDER BY unit_key, status",
        )
        .await;
    let answer = test.read("/v1/settlement?cycle=2025-03&group_by=unit").await;
    let mut found: BTreeMap<(String, String), (i64, i64)> = BTreeMap::new();
    let mut held = 0;
    for row in &rows {
        let text = |at: usize| row[at].as_str().unwrap().to_owned();
        found.insert((text(0), text(1)), (row[2].as_i64().unwrap(), row[3].as_i64().unwrap()));
        held += row[4].as_i64().unwrap();
    }
    let mut expected = BTreeMap::new();
    let mut expected_held = 0;
    for group in answer["groups"].as_array().unwrap() {
        let unit = group["group"]["unit"].as_str().unwrap().to_owned();
        for (status, sum) in group["funnel"].as_object().unwrap() {
            let (count, amount) = (sum["payments"].as_i64().unwrap(), sum["amount"].as_str().unwrap().parse().unwrap());
            if count > 0 {
                expected.insert((unit.clone(), status.clone()), (count, amount));
            }
        }
        expected_held += group["held"]["payments"].as_i64().unwrap();
    }
    assert_eq!(found, expected);
    assert_eq!((held, expected_held), (1, 1));
}

async fn each_attempt_is_there_with_what_became_of_it(test: TestApp) {
    whole_scene(&test).await;
    let sql = "SELECT a.attempt, a.latest, a.channel, a.bank, a.status, a.reason_code, a.settled_on FROM report_attempts AS a \
        JOIN report_payments AS p ON p.payment_id = a.payment_id WHERE p.payment_reference = 'P-TK-2' ORDER BY a.attempt";
    let (_, rows) = test.home.rows(sql).await;
    assert_eq!(
        json!(rows),
        json!([
            [1, 0, "account", "vcb", "rejected", "AC01", null],
            [2, 1, "cash_desk", null, "settled", null, "2025-03-10"]
        ])
    );
}

async fn no_personal_value_stands_in_any_view(test: TestApp) {
    whole_scene(&test).await;
    let mut seen = 0;
    for view in test.home.views().await {
        let (_, rows) = test.home.rows(&format!("SELECT * FROM {view}")).await;
        let text = json!(rows).to_string();
        seen += text.matches("P-HELD").count();
        for value in ["Planted", "049155054321", &account_of("Planted-1")] {
            assert!(!text.contains(value), "{value} stands in {view}");
        }
    }
    assert!(seen > 0, "the scan finds what is there");
}

/// Whether a role may read a table or view, by trying.
async fn may_read(test: &TestApp, role: &str, table: &str) -> bool {
    let mut connection = server::connect(&test.home.url).await;
    server::run_sql(&mut connection, &format!("SET ROLE {role}")).await;
    let tried = sqlx::raw_sql(AssertSqlSafe(format!("SELECT * FROM {table} LIMIT 1"))).execute(&mut connection).await;
    let refused =
        |error: sqlx::Error| error.as_database_error().and_then(sqlx::error::DatabaseError::code).unwrap().into_owned();
    match tried {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(refused(error), "42501", "{role} and {table}");
            false
        }
    }
}

/// As an administrator runs it, twice, and as the roles then find it.
#[tokio::test]
async fn the_roles_of_the_script_read_their_views_and_nothing_else() {
    let test = spawn_app(Engine::Postgres).await;
    whole_scene(&test).await;
    let mut admin = server::connect(&test.home.url).await;
    for _ in 0..2 {
        server::run_sql(&mut admin, &page("sql/grant.sql")).await;
    }
    let sql = "SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
        WHERE n.nspname = 'public' AND c.relkind IN ('r', 'v', 'm', 'S', 'p') ORDER BY c.relname";
    let all: Vec<String> =
        test.home.rows(sql).await.1.into_iter().map(|row| row[0].as_str().unwrap().to_owned()).collect();
    assert!(all.len() > 20, "{all:?}");
    for (role, views) in [
        ("chitra_analyst", vec!["report_adoption", "report_settlement", "report_version"]),
        (
            "chitra_auditor",
            vec![
                "report_adoption",
                "report_attempts",
                "report_beneficiaries",
                "report_desk_days",
                "report_desks",
                "report_events",
                "report_list_items",
                "report_lists",
                "report_payments",
                "report_settlement",
                "report_version",
            ],
        ),
    ] {
        let mut readable = Vec::new();
        for table in &all {
            if may_read(&test, role, table).await {
                readable.push(table.as_str());
            }
        }
        assert_eq!(readable, views, "{role}");
        let mut connection = server::connect(&test.home.url).await;
        server::run_sql(&mut connection, &format!("SET ROLE {role}")).await;
        let writes = sqlx::raw_sql("DELETE FROM report_version").execute(&mut connection).await;
        assert!(writes.is_err(), "{role} may write");
    }
}

/// The script's text, held against the list of views, so that none is forgotten.
async fn the_grants_name_every_view(test: TestApp) {
    let script = page("sql/grant.sql");
    let to = |role: &str| {
        let grants = script.split("GRANT SELECT ON ").skip(1).filter_map(|rest| rest.split(';').next());
        let mut views: Vec<String> = grants
            .filter(|grant| grant.contains(role))
            .flat_map(|grant| grant.split(" TO ").next().unwrap().split(", ").map(str::to_owned))
            .collect();
        views.sort();
        views
    };
    assert_eq!(to("chitra_auditor"), test.home.views().await);
    assert_eq!(to("chitra_analyst"), ["report_adoption", "report_settlement", "report_version"]);
}
