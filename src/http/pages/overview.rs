//! The overview of analysts, supervisors and auditors.

use super::html;
use super::visitor::Visitor;
use crate::app::App;
use crate::app::assessment::overview::OverviewQuery;
use crate::app::words;
use crate::domain::ids::BenefitGroup;
use crate::domain::period::Month;
use crate::domain::place::UnitBasis;
use crate::http::context::SharedApp;
use crate::http::figures::{as_of, code, scope};
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::pages::overview::{Asked, OverviewPage};
use actix_web::{HttpRequest, HttpResponse};

const BASIS: words::Words = words::Words { en: "as_paid or current", vi: "as_paid hoặc current" };

/// `GET /overview`
pub async fn overview(app: SharedApp, visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let text = query.given();
    let given = |name: &str| text.get(name).cloned().unwrap_or_default();
    let cycle = query.optional("cycle", &words::MONTH, |text| Month::parse(text).ok());
    let unit = scope(&app, &mut query)?;
    let known = |code: &str| app.profile.benefit_group(code).is_some();
    let group = code(&mut query, "benefit_group", &words::BENEFIT_TYPE, |text| BenefitGroup::parse(text).ok(), known);
    let basis =
        query.optional("unit_basis", &BASIS, |text| (text == "as_paid" || text == "current").then(|| text.to_owned()));
    let as_of = as_of(&app, &mut query).await?;
    let min_position = query.number("min_position");
    query.finish()?;
    let basis = match basis {
        Some(word) => app.unit_basis(&word, as_of).await?.unwrap_or(UnitBasis::AsPaid),
        None => UnitBasis::AsPaid,
    };
    let asked = Asked {
        cycle: given("cycle"),
        unit: unit.as_ref().map_or_else(String::new, ToString::to_string),
        benefit_group: given("benefit_group"),
        unit_basis: if matches!(basis, UnitBasis::AsPaid) { String::new() } else { given("unit_basis") },
        as_of: given("as_of"),
    };
    let question = OverviewQuery { cycle, unit, benefit_group: group, basis, as_of, min_position };
    let found = app.clone().into_inner().overview(visitor.principal()?, &question).await?;
    let (day, clock) = told(&app, &visitor, found.time_us);
    let frame = visitor.frame(&app);
    html(&OverviewPage {
        page: &frame,
        o: &found,
        profile: &app.profile,
        asked,
        day,
        clock,
        outlines: app.outlines.get(),
        form_id: app.visitor_token(),
    })
}

/// A day and a time of day as the profile's people read them.
pub fn told(app: &App, visitor: &Visitor, at_us: i64) -> (String, String) {
    let day = visitor.tongue.day(app.profile.business_day(at_us));
    (day, app.profile.clock_time(at_us))
}
