//! Cited figures over HTTP: cite one, call it up again with its digits recomputed, list them.

use crate::app::App;
use crate::app::access::Principal;
use crate::app::citations::{Citation, CitedRow, CitedView};
use crate::app::cited::{Asked, CITABLE, OF_PEOPLE};
use crate::app::error::{AppError, FieldIssue};
use crate::app::figures::{Dimension, Share};
use crate::app::queries::Page;
use crate::app::table::Table;
use crate::app::words::{self, Words};
use crate::domain::figure::{CitedGroup, FigureCited};
use crate::domain::identifier::has_long_number;
use crate::domain::ids::FigureId;
use crate::http::context::{Caller, SharedApp, path_id, write_request, written_answer};
use crate::http::cursor;
use crate::http::figures::{cohort_query, figure_query, group, mixed, money_share, scope, share};
use crate::http::format::instant;
use crate::http::lists::{CURSOR, with_next};
use crate::http::movers::{before, movers_query};
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::table;
use actix_web::{HttpRequest, HttpResponse, web::Bytes};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const DEFINITION: Words = Words {
    en: "the id of a definition: A1 to A7, C1, S1 to S7, I1 or I2; GET /v1/indicators tells what they are",
    vi: "mã chỉ tiêu: A1 đến A7, C1, S1 đến S7, I1 hoặc I2; xem GET /v1/indicators",
};
const UNITS_ALONE: Words = Words {
    en: "of A6, I1 and I2 nothing but unit, group_by=unit and as_of: they are of people, not of payments",
    vi: "A6, I1 và I2 chỉ nhận unit, group_by=unit và as_of: tính theo người, không theo khoản chi",
};
const URBAN: Words =
    Words { en: "true: A4 is the rate of urban units", vi: "true: A4 là tỷ lệ của đơn vị đô thị" };
/// Members of the body that are not parameters of the figure. Its position is recorded apart.
const OWN: [&str; 7] =
    ["definition", "title", "as_of", "as_of_position", "as_of_day", "min_position", "mixed_as_cashless"];

/// How a state of the log is named.
const AS_OF: [&str; 3] = ["as_of", "as_of_position", "as_of_day"];

fn title(query: &mut Query) -> Option<String> {
    let fits = |text: &str| {
        let text = text.trim();
        let fits = !text.is_empty() && text.chars().count() <= 500 && !text.chars().any(char::is_control);
        fits.then(|| text.to_owned())
    };
    let title = query.required("title", &words::TEXT, fits)?;
    if has_long_number(&title) {
        query.push(vec![FieldIssue::new(
            "title",
            "text-has-a-number",
            "there is a number of 9 digits or more in it; this text is kept for ever, so leave out numbers of persons and accounts",
            "có dãy số từ 9 chữ số trở lên; nội dung này được lưu vĩnh viễn, không ghi số định danh hoặc số tài khoản",
        )]);
        return None;
    }
    Some(title)
}

/// `POST /v1/figures`
pub async fn cite(app: SharedApp, caller: Caller, request: HttpRequest, bytes: Bytes) -> Result<HttpResponse, Problem> {
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut query = Query::of_body(&bytes)?;
    let mut asked = query.given();
    let min_position = query.number("min_position");
    if !AS_OF.iter().any(|name| asked.contains_key(*name)) {
        // Read as it is read again later: as of a position, so that what `current` means is of that day too.
        query.put("as_of_position", &app.figures_position(min_position).await?);
    }
    asked.retain(|name, _| !OWN.contains(&name.as_str()));
    let definition = query.required("definition", &DEFINITION, |text| CITABLE.contains(&text).then(|| text.to_owned()));
    let title = title(&mut query);
    let mut of = digits(&app, &mut query, definition.as_deref().unwrap_or_default()).await?;
    if of.definition == "A4" {
        if of.figures.filters.urban == Some(false) {
            query.report("urban", &URBAN);
        }
        of.figures.filters.urban = Some(true);
        asked.insert("urban".to_owned(), "true".to_owned());
    }
    query.finish()?;
    let (Some(_), Some(title)) = (definition, title) else {
        return Err(Problem::App(AppError::Invalid(Vec::new())));
    };
    let group_by = of.figures.group_by.clone();
    let citation = Citation { title, asked, of };
    let written = app.cite(&write, &citation, min_position).await?;
    let Some(cited) = &written.state.cited else { return Ok(written_answer(&written, true, None, json!({}))) };
    let mut body = cited_json(cited);
    body["groups"] = groups_json(&app, (cited, Some(&group_by)));
    Ok(written_answer(&written, true, Some(format!("/v1/figures/{}", cited.figure_id)), body))
}

fn cited_json(cited: &FigureCited) -> Value {
    json!({"figure_id": cited.figure_id, "definition": cited.definition, "title": cited.title, "asked": cited.asked,
        "as_of_position": cited.position, "digest": cited.digest, "cited_by": cited.cited_by})
}

/// The digits, with the names of the groups where the question can still be read.
fn groups_json(app: &App, (cited, group_by): (&FigureCited, Option<&Vec<Dimension>>)) -> Value {
    let one = |found: &CitedGroup| {
        let part = Share { numerator: found.numerator, denominator: found.denominator };
        let part = if cited.definition == "A2" { money_share(app, part) } else { share(part) };
        let mut told = json!({"key": found.key, "group": group_by.map(|by| group(app, by, &found.key)), "share": part});
        // Of a definition of several shares the part's name is last in the key.
        if let Some(name) = group_by.and_then(|by| found.key.get(by.len())) {
            told["part"] = json!(name);
        }
        told
    };
    cited.groups.iter().map(one).collect()
}

/// Reads what of a definition is asked; each has the parameters of the path that serves it.
async fn digits(app: &App, query: &mut Query, definition: &str) -> Result<Asked, Problem> {
    let figures = match definition {
        "A7" => movers_query(app, query).await?,
        "A6" | "I1" | "I2" => figure_query(app, query).await?,
        _ => cohort_query(app, query).await?,
    };
    let before = if definition == "A7" { before(query) } else { None };
    let asked = Asked { definition: definition.to_owned(), figures, mixed_as_cashless: mixed(app, query), before };
    if OF_PEOPLE.contains(&definition) && !asked.is_of_units_alone() {
        query.report("definition", &UNITS_ALONE);
    }
    Ok(asked)
}

/// What was asked, read by the parser of today, as of the cited position. `None` when the profile no longer has what it names.
async fn read_again(app: &App, cited: &FigureCited) -> Option<Asked> {
    let mut asked: BTreeMap<String, String> = cited.asked.clone();
    asked.insert("as_of_position".to_owned(), cited.position.to_string());
    let mut query = Query::of_values(asked);
    let asked = digits(app, &mut query, &cited.definition).await.ok()?;
    query.finish().ok()?;
    Some(asked)
}

/// A cited figure, the question as it is read today, and the digest of what the log gives now.
pub(super) struct CalledUp {
    pub view: CitedView,
    again: Option<Asked>,
    recomputed: Option<String>,
}

impl CalledUp {
    /// Whether the log still gives the same digits.
    pub fn is_verified(&self) -> bool {
        self.recomputed.as_deref() == Some(self.view.cited.digest.as_str())
    }
}

/// Calls a cited figure up again.
pub(super) async fn call_up(app: &App, principal: &Principal, request: &HttpRequest) -> Result<CalledUp, Problem> {
    let id = path_id(request, "cited figure", |text| FigureId::parse(text).ok())?;
    let view = app.cited_figure(principal, id).await?;
    let again = read_again(app, &view.cited).await;
    let recomputed = app.recomputed(principal, &view.cited, again.clone()).await?;
    Ok(CalledUp { view, again, recomputed })
}

/// `GET /v1/figures/{id}`
pub async fn read(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let found = call_up(&app, &caller.0, &request).await?;
    let CitedView { cited, cited_at_us, position } = &found.view;
    let mut body = cited_json(cited);
    body["groups"] = groups_json(&app, (cited, found.again.as_ref().map(|asked| &asked.figures.group_by)));
    body["cited_at"] = json!(instant(*cited_at_us));
    body["position"] = json!(position);
    body["verified"] = json!(found.is_verified());
    body["recomputed_digest"] = json!(found.recomputed);
    Ok(HttpResponse::Ok().json(body))
}

const HEADER: [&str; 10] = [
    "figure_id",
    "definition",
    "title",
    "unit",
    "asked",
    "as_of_position",
    "digest",
    "cited_by",
    "cited_at",
    "position",
];

fn cells(row: &CitedRow) -> Vec<Value> {
    let asked: Vec<String> = row.asked.iter().map(|(name, value)| format!("{name}={value}")).collect();
    vec![
        json!(row.figure_id),
        json!(row.definition),
        json!(row.title),
        json!(row.unit_key),
        json!(asked.join("&")),
        json!(row.as_of_position),
        json!(Some(&row.digest).filter(|digest| !digest.is_empty())),
        json!(row.cited_by),
        json!(instant(row.cited_at_us)),
        json!(row.cited_position),
    ]
}

/// `GET /v1/figures`
pub async fn list(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let unit = scope(&app, &mut query)?;
    let limit = query.limit(100);
    let after = query.optional("cursor", &CURSOR, cursor::position).unwrap_or(0);
    let min_position = query.number("min_position");
    query.finish()?;
    let found = app.cited_figures(&caller.0, unit, Page { after, limit }, min_position).await?;
    let mut table = Table::new(&HEADER);
    found.answer.rows.iter().for_each(|row| table.push(cells(row)));
    with_next(&request, (&table, form, "figures"), (found.answer.next_after, &found))
}
