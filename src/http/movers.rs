//! First attempts, movers and registered methods over HTTP.

use crate::app::App;
use crate::app::figures::{self, Dimension, FigureQuery, Share};
use crate::app::matching::IdentityQuery;
use crate::app::movers::{FellBack, FirstAttempts, Flow, Movers, Standing};
use crate::app::queries::Answer;
use crate::app::table::Table;
use crate::app::words::{self, Words};
use crate::domain::ids::UnitKey;
use crate::domain::period::Month;
use crate::http::context::{Caller, SharedApp};
use crate::http::figures::{
    as_of, cohort_query, group, group_cells, group_header, members, mixed, money_share, scope, share,
};
use crate::http::format;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::remembered::{Asked, ToldBy};
use crate::http::table::{self, Form};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value, json};

const BY_UNITS: Words = Words {
    en: "unit or unit_level:<level>, sex, birth_decade and benefit_month alone",
    vi: "chỉ unit hoặc unit_level:<cấp>, sex, birth_decade và benefit_month",
};
const ONE_CYCLE: Words = Words { en: "the cycle that people moved into", vi: "kỳ chi trả cần xem" };

/// `GET /v1/first-attempts`
pub async fn first_attempts(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let figures = cohort_query(&app, &mut query).await?;
    let mixed = mixed(&app, &mut query);
    let min_position = query.number("min_position");
    query.finish()?;
    let asked = Asked::of_figures((&app, &caller), &request, (&figures, form), min_position).await?;
    if let Some(response) = Asked::remembered(asked.as_ref(), &app) {
        return Ok(response);
    }
    let found = app.first_attempts(&caller.0, figures.clone(), min_position).await?;
    let mut about = members(&figures, &found);
    about["mixed_as_cashless"] = json!(mixed);
    about["indicators"] = json!({"people": "A5", "success": "S1", "fell_back": "S3", "through_others": "S7"});
    if form == Form::Json {
        let one = |(key, f): (&Vec<String>, &FirstAttempts)| {
            json!({"group": group(&app, &figures.group_by, key), "people": figures::people(f.people, mixed), "amount": money_share(&app, f.amount),
                "payments": share(f.payments), "success": share(f.success), "fell_back": share(f.fell_back),
                "through_others": share(f.through_others)})
        };
        about["groups"] = found.answer.iter().map(one).collect();
        return Asked::respond(asked, &app, (&about, found.as_of_position));
    }
    let names = ["people", "payments", "success", "fell_back", "through_others"];
    let mut header: Vec<String> = group_header(&figures.group_by).into_iter().map(str::to_owned).collect();
    for name in names {
        header.extend(["numerator", "denominator", "ratio"].map(|part| format!("{name}_{part}")));
    }
    let mut table = Table::new(&header.iter().map(String::as_str).collect::<Vec<_>>());
    for (key, f) in &found.answer {
        let mut row = group_cells(&app, &figures.group_by, key);
        for part in [f.people.share(mixed), f.payments, f.success, f.fell_back, f.through_others] {
            row.extend([json!(part.numerator), json!(part.denominator), json!(part.ratio())]);
        }
        table.push(row);
    }
    table::respond(&table, form, "first-attempts", &about)
}

/// Reads which people moved: into a cycle, by units at most.
pub(super) async fn movers_query(app: &App, query: &mut Query) -> Result<FigureQuery, Problem> {
    let figures = cohort_query(app, query).await?;
    if figures.filters.cycle_to.is_none() {
        query.report("cycle", &ONE_CYCLE);
    }
    let is_theirs = |by: &Dimension| by.is_cohort() || matches!(by, Dimension::Unit | Dimension::UnitLevel(_));
    if !figures.group_by.iter().all(is_theirs) {
        query.report("group_by", &BY_UNITS);
    }
    Ok(figures)
}

/// Reads from which earlier cycle they moved.
pub(super) fn before(query: &mut Query) -> Option<Month> {
    query.optional("before", &words::MONTH, |text| Month::parse(text).ok())
}

/// `GET /v1/movers`
pub async fn movers(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let figures = movers_query(&app, &mut query).await?;
    let before = before(&mut query);
    let min_position = query.number("min_position");
    query.finish()?;
    let told_by = (figures.as_of, form, ToldBy::PaymentsAndPeople);
    let asked = Asked::of((&app, &caller), &request, told_by, min_position).await?;
    if let Some(response) = Asked::remembered(asked.as_ref(), &app) {
        return Ok(response);
    }
    let found = app.movers(&caller.0, (figures.clone(), before), min_position).await?;
    let mut about = members(&figures, &found);
    about["before"] = json!(found.answer.before);
    about["indicators"] = json!({"to_cashless": "A7", "to_cash": "A7"});
    if form == Form::Json {
        let one = |flow: &Flow| moved(&app, &figures.group_by, (flow, &found.answer));
        about["groups"] = found.answer.flows.iter().map(one).collect();
        return Asked::respond(asked, &app, (&about, found.as_of_position));
    }
    let mut header: Vec<String> = group_header(&figures.group_by).into_iter().map(str::to_owned).collect();
    for (from, to) in pairs() {
        header.push(format!("{}_to_{}", from.as_str(), to.as_str()));
    }
    header.extend(["in_both", "cash_with_account", "in_cash"].map(str::to_owned));
    let mut table = Table::new(&header.iter().map(String::as_str).collect::<Vec<_>>());
    for flow in &found.answer.flows {
        let mut row = group_cells(&app, &figures.group_by, &flow.key);
        row.extend(pairs().map(|(from, to)| json!(flow.people(from, to))));
        let on_file = found.answer.on_file.as_ref().map(|all| all.get(&flow.key).copied().unwrap_or_default());
        row.extend([
            json!(flow.in_both()),
            json!(on_file.map(|part| part.numerator)),
            json!(on_file.map(|part| part.denominator)),
        ]);
        table.push(row);
    }
    table::respond(&table, form, "movers", &about)
}

/// All cells of the matrix but the one of people without a payment in either cycle.
pub(super) fn pairs() -> impl Iterator<Item = (Standing, Standing)> {
    let all = Standing::ALL.into_iter().flat_map(|from| Standing::ALL.map(|to| (from, to)));
    all.filter(|(from, to)| *from != Standing::None || *to != Standing::None)
}

fn moved(app: &App, group_by: &[Dimension], (flow, found): (&Flow, &Movers)) -> Value {
    let matrix: Vec<Value> = pairs()
        .map(|(from, to)| json!({"before": from.as_str(), "now": to.as_str(), "people": flow.people(from, to)}))
        .collect();
    let why = |(why, people): (&FellBack, &i64)| match why {
        FellBack::Ordered => {
            json!({"ordered_in_cash": true, "class": null, "system": null, "code": null, "people": people})
        }
        FellBack::Reason { class, system, code } => {
            json!({"ordered_in_cash": false, "class": class, "system": system, "code": code, "people": people})
        }
    };
    let fell_back = found.fell_back.as_ref().map(|groups| -> Vec<Value> {
        groups.get(&flow.key).map_or_else(Vec::new, |reasons| reasons.iter().map(why).collect())
    });
    let on_file = found.on_file.as_ref().map(|groups| share(groups.get(&flow.key).copied().unwrap_or_default()));
    json!({"group": group(app, group_by, &flow.key), "people": matrix, "to_cashless": share(flow.to_cashless()),
        "to_cash": share(flow.to_cash()), "fell_back": fell_back, "cash_with_account": on_file})
}

/// `GET /v1/registered`
pub async fn registered(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let unit = scope(&app, &mut query)?;
    let by_unit = query.optional("group_by", &BY_UNIT, |text| (text == "unit").then_some(())).is_some();
    let as_of = as_of(&app, &mut query).await?;
    let min_position = query.number("min_position");
    query.finish()?;
    let asked = IdentityQuery {
        unit,
        benefit_types: Vec::new(),
        channel: None,
        by_unit,
        by_channel: true,
        as_of,
        after: None,
        limit: usize::MAX,
    };
    let found = app.registered(&caller.0, &asked, min_position).await?;
    let about = registered_members(&asked, &found);
    if form == Form::Json {
        let one = |(unit, part): &(Option<UnitKey>, Share)| {
            let group: Map<String, Value> =
                place(&app, by_unit, unit.as_ref()).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            json!({"group": group, "registered": share(*part)})
        };
        let groups: Vec<Value> = found.answer.iter().map(one).collect();
        return Ok(HttpResponse::Ok().json(with_groups(about, groups)));
    }
    let mut header: Vec<&str> = if by_unit { vec!["unit", "unit_name"] } else { Vec::new() };
    header.extend(["registered_numerator", "registered_denominator", "registered_ratio"]);
    let mut table = Table::new(&header);
    for (unit, part) in &found.answer {
        let mut row: Vec<Value> = place(&app, by_unit, unit.as_ref()).into_iter().map(|(_, value)| value).collect();
        row.extend([json!(part.numerator), json!(part.denominator), json!(part.ratio())]);
        table.push(row);
    }
    table::respond(&table, form, "registered", &about)
}

fn with_groups(mut about: Value, groups: Vec<Value>) -> Value {
    about["groups"] = Value::Array(groups);
    about
}

const BY_UNIT: Words = Words { en: "unit", vi: "unit" };

fn place(app: &App, by_unit: bool, unit: Option<&UnitKey>) -> Vec<(&'static str, Value)> {
    if !by_unit {
        return Vec::new();
    }
    let name = unit.and_then(|key| app.profile.units.get(key.as_str())).map(|unit| unit.name.as_str());
    vec![("unit", json!(unit)), ("unit_name", json!(name))]
}

fn registered_members<T>(asked: &IdentityQuery, found: &Answer<T>) -> Value {
    let filters = asked.unit.as_ref().map_or_else(|| json!({}), |unit| json!({"unit": unit}));
    json!({"filters": filters, "group_by": if asked.by_unit { vec!["unit"] } else { Vec::new() }, "unit_basis": "current",
        "base": "beneficiaries", "indicators": {"registered": "A6"}, "as_of_position": found.as_of_position,
        "as_of_time": format::instant(found.as_of_time_us)})
}
