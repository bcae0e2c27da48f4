//! The data dictionary: it names each column of each table of figures, and none that no table has.

use crate::api::figures::scene;
use crate::support::app::TestApp;
use crate::support::on_every_engine;
use chitra::app::access::Role;
use std::collections::BTreeSet;

on_every_engine!(the_dictionary_names_each_column_of_each_table);

async fn the_dictionary_names_each_column_of_each_table(test: TestApp) {
    scene(&test).await;
    test.read("/v1/registered").await;
    let analyst = test.as_role(Role::Analyst);
    let dictionary = analyst.get("/v1/dictionary").await.json(200);
    let known: BTreeSet<(String, String)> = dictionary["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| (column["table"].as_str().unwrap().to_owned(), column["column"].as_str().unwrap().to_owned()))
        .collect();
    let file = analyst.get("/v1/dictionary?format=csv").await.is(200).text();
    assert_eq!(file.lines().count(), known.len() + 1, "one line for each column");
    let mut used = BTreeSet::from([("*".to_owned(), "suppressed".to_owned())]);
    for (table, path) in [
        ("adoption", "adoption?group_by=unit_level:district,benefit_type,cycle,channel,agent,bank,urban"),
        ("adoption", "adoption?group_by=benefit_group"),
        ("adoption", "adoption?cycle=2025-03&group_by=sex,birth_decade,benefit_month"),
        ("settlement", "settlement?group_by=unit"),
        ("outcomes", "outcomes?cycle=2025-03"),
        ("late", "late?"),
        ("unclaimed", "unclaimed?"),
        ("first-attempts", "first-attempts?"),
        ("movers", "movers?cycle=2025-03"),
        ("registered", "registered?group_by=unit"),
        ("identity", "identity?group_by=unit,channel"),
        ("adoption-revisions", "adoption/revisions?cycle=2025-03"),
        ("adoption-definitions", "adoption/definitions?cycle=2025-03"),
        ("figures", "figures?"),
        ("targets", "targets?"),
        ("changes", "changes?since=0"),
    ] {
        let text = test.supervisor().get(&format!("/v1/{path}&format=csv")).await.is(200).text();
        for column in text.trim_start_matches('\u{feff}').lines().next().unwrap().split(',') {
            let entry = [table, "*"]
                .map(|table| (table.to_owned(), column.to_owned()))
                .into_iter()
                .find(|one| known.contains(one));
            used.insert(entry.unwrap_or_else(|| panic!("the dictionary does not know {column} of {table}")));
        }
    }
    assert_eq!(used, known, "columns that no table has");
    test.nobody().get("/v1/dictionary").await.refused(401, "unauthenticated");
}
