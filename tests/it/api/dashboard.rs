//! The Grafana dashboards: each panel asks what the server answers, and finds in the answer what it shows.

use crate::api::figures::scene;
use crate::support::app::TestApp;
use crate::support::on_every_engine;
use chitra::app::access::Role;
use serde_json::Value;
use std::collections::BTreeSet;

on_every_engine!(each_panel_finds_what_it_shows, the_operators_dashboard_and_page_have_every_metric);

fn dashboard() -> Value {
    let path = format!("{}/dashboards/grafana.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Names of metrics in a text.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("chitra_")).map(str::to_owned).collect()
}

async fn the_operators_dashboard_and_page_have_every_metric(test: TestApp) {
    let root = env!("CARGO_MANIFEST_DIR");
    let served = test.nobody().get("/metrics").await.is(200).text();
    let types = served.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    let served: BTreeSet<String> = types.map(str::to_owned).collect();
    assert!(served.len() >= 8, "{served:?}");
    let dashboard: Value =
        serde_json::from_str(&std::fs::read_to_string(format!("{root}/dashboards/operations.json")).unwrap()).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let asked: String = panels.map(|panel| panel["targets"][0]["expr"].as_str().unwrap()).collect::<Vec<_>>().join(" ");
    assert_eq!(metrics_in(&asked), served);
    let page = std::fs::read_to_string(format!("{root}/docs/operations.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `chitra_")?.split(['`', '{']).next());
    assert_eq!(rows.map(|name| format!("chitra_{name}")).collect::<BTreeSet<_>>(), served);
}

/// The member that a selector names: `groups.0.reasons`.
fn select<'a>(value: &'a Value, selector: &str) -> Option<&'a Value> {
    selector.split('.').try_fold(value, |value, name| match name.parse::<usize>() {
        Ok(place) => value.get(place),
        Err(_) => value.get(name),
    })
}

async fn each_panel_finds_what_it_shows(test: TestApp) {
    scene(&test).await;
    test.read("/v1/adoption").await;
    let dashboard = dashboard();
    let variables = dashboard["templating"]["list"].as_array().unwrap();
    let auditor = test.as_role(Role::Auditor);
    let mut shown = 0;
    for panel in dashboard["panels"].as_array().unwrap() {
        let (title, target) = (&panel["title"], &panel["targets"][0]);
        assert_eq!(target["datasource"]["type"], "yesoreyeram-infinity-datasource", "{title}");
        let mut url = target["url"].as_str().unwrap().to_owned();
        for variable in variables.iter().filter(|variable| variable["type"] == "textbox") {
            let name = format!("${{{}}}", variable["name"].as_str().unwrap());
            url = url.replace(&name, variable["current"]["value"].as_str().unwrap());
        }
        assert!(!url.contains('$'), "{title}: {url}");
        let joint = if url.contains('?') { '&' } else { '?' };
        // A path or a parameter that the API does not have is refused.
        let answer = auditor.get(&format!("{url}{joint}min_position={}", test.head().await)).await.json(200);
        let root = select(&answer, target["root_selector"].as_str().unwrap());
        let rows = root.and_then(Value::as_array).unwrap_or_else(|| panic!("{title}: no rows in {answer}"));
        assert!(!rows.is_empty() || title.as_str().unwrap().starts_with("Who moved"), "{title}: {answer}");
        for column in target["columns"].as_array().unwrap() {
            let selector = column["selector"].as_str().unwrap();
            assert!(rows.iter().all(|row| select(row, selector).is_some()), "{title}: no {selector} in {answer}");
            shown += rows.len();
        }
    }
    assert!(shown > 20, "{shown}");
}
