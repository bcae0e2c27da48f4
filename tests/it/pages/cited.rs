//! Figures cited from the overview: by a form of the figure, to an address that shows the same digits for ever.

use super::analysts::paid;
use super::browser::{Browser, Page};
use super::desk::texts;
use crate::api::published::scene;
use crate::support::app::TestApp;
use crate::support::on_every_engine;
use chitra::app::access::Role;

on_every_engine!(
    a_figure_of_the_overview_is_cited_and_keeps_its_digits,
    a_title_with_a_persons_number_is_refused,
    a_published_figure_is_cited_and_others_have_no_form,
    a_cited_figure_is_shown_to_whom_the_figure_would_be,
);

/// The form that cites a figure, with its title as the page gives it unless another is given.
pub fn citing(page: &Page, definition: &str, title: Option<&str>) -> Vec<(String, String)> {
    let sign = format!("name=\"definition\" value=\"{definition}\"");
    let form = page.text.split("<form").find(|form| form.contains(&sign));
    let form = form.unwrap_or_else(|| panic!("{definition} has no form in {}", page.text)).split("</form>").next();
    let mut fields = Vec::new();
    for input in form.unwrap().split("<input").skip(1) {
        let of = |name: &str| input.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
        let value = of("value").unwrap_or_default().replace("&#38;", "&");
        let name = of("name").unwrap().to_owned();
        let value = if name == "title" { title.map_or(value, str::to_owned) } else { value };
        fields.push((name, value));
    }
    fields
}

async fn a_figure_of_the_overview_is_cited_and_keeps_its_digits(test: TestApp) {
    let payments = paid(&test).await;
    let mut browser = Browser::signed_in(&test, Role::Supervisor).await;
    let head = test.head().await;
    let page = browser.get(&format!("/overview?cycle=2025-03&min_position={head}")).await.is(200);
    assert!(page.bytes.len() < 150_000, "{}", page.bytes.len());
    let fields = citing(&page, "C1", Some("March, for the council"));
    let answer = browser.post("/act", &texts(&fields)).await.is(303);
    let address = answer.header("location").to_owned();
    assert!(address.starts_with("/figures/") && address.contains("recorded=citeFigure"), "{address}");
    // The same form again is the same citation.
    assert_eq!(browser.post("/act", &texts(&fields)).await.is(303).header("location"), address);
    let told = browser.get(&address).await.is(200);
    told.says("March, for the council").says("50.00 %").says("1 payments").says("2 payments").says("the same digits");
    let short = address.split('?').next().unwrap();
    told.says(&format!("<code id=\"address\">http://{}{short}</code>", test.address()));

    test.settle(&payments[1], "2025-03-05").await.is(201);
    let head = test.head().await;
    browser.get(&format!("/overview?cycle=2025-03&min_position={head}")).await.is(200).says("2 of 2 payments");
    browser.get(short).await.is(200).says("50.00 %").says("the same digits");
    let list = browser.get(&format!("/figures?min_position={head}")).await.is(200);
    list.says(short).says("March, for the council");
    browser.language = "vi";
    browser.get(short).await.is(200).says("cùng các con số").says("50,00 %").keeps_back("digits");
    let api = test.supervisor().get(&format!("/v1{short}")).await.json(200);
    assert_eq!((&api["definition"], &api["verified"]), (&"C1".into(), &true.into()));
    browser.get("/figures/nothing").await.is(404);
    browser.get("/figures?unit=nowhere").await.is(422).says("<code>unit</code>");

    // Of several shares, and of people: each form is taken as it stands.
    let page = browser.get(&format!("/overview?cycle=2025-03&min_position={head}")).await.is(200);
    for definition in ["A1", "A2", "A3", "A5", "S1", "S3", "A6", "S4", "I2"] {
        if !page.text.contains(&format!("name=\"definition\" value=\"{definition}\"")) {
            assert!(["S3", "I2"].contains(&definition), "{definition} has no form");
            continue;
        }
        let answer = browser.post("/act", &texts(&citing(&page, definition, None))).await.is(303);
        let address = answer.header("location").split('?').next().unwrap().to_owned();
        browser.get(&address).await.is(200).says("chip good").says(&format!("<b>{definition}</b>"));
    }
}

async fn a_title_with_a_persons_number_is_refused(test: TestApp) {
    paid(&test).await;
    let mut browser = Browser::signed_in(&test, Role::Supervisor).await;
    let head = test.head().await;
    let page = browser.get(&format!("/overview?cycle=2025-03&min_position={head}")).await.is(200);
    let fields = citing(&page, "A1", Some("of 049155000012"));
    browser.post("/act", &texts(&fields)).await.is(422).says("<code>title</code>").says("9 digits");
    assert_eq!(test.head().await, head);
    let mut fields = citing(&page, "A1", Some("kept"));
    fields.retain(|(name, _)| name != "form_token");
    browser.post("/act", &texts(&fields)).await.is(403).says("form-not-ours");
    assert_eq!(test.head().await, head);
}

async fn a_published_figure_is_cited_and_others_have_no_form(test: TestApp) {
    scene(&test).await;
    test.days_pass(1);
    let mut browser = Browser::signed_in(&test, Role::Analyst).await;
    let page = browser.get(&format!("/overview?cycle=2025-03&min_position={}", test.head().await)).await.is(200);
    page.says("15 of 15 payments").keeps_back("value=\"S1\"");
    let answer = browser.post("/act", &texts(&citing(&page, "A1", Some("published")))).await.is(303);
    browser.get(answer.header("location")).await.is(200).says("published").says("the same digits");
}

async fn a_cited_figure_is_shown_to_whom_the_figure_would_be(test: TestApp) {
    paid(&test).await;
    let key = test.key(Role::Clerk, Some("C20341"), None).await;
    let mut clerk = Browser::with_key(&test, &key).await;
    let page = clerk.get(&format!("/overview?cycle=2025-03&min_position={}", test.head().await)).await.is(200);
    let answer = clerk.post("/act", &texts(&citing(&page, "A1", Some("KEPT-HERE")))).await.is(303);
    let address = answer.header("location").split('?').next().unwrap().to_owned();
    clerk.get(&address).await.is(200).says("KEPT-HERE");
    let other = test.key(Role::Clerk, Some("P48"), None).await;
    Browser::with_key(&test, &other).await.get(&address).await.is(403).keeps_back("KEPT-HERE");
    let mut bank = Browser::signed_in(&test, Role::Bank).await;
    bank.get(&address).await.is(403);
    bank.get("/figures").await.is(403);
}
