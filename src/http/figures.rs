//! Figures over HTTP: adoption and settlement. What their queries share with lists is read here too.

use crate::app::App;
use crate::app::error::{AppError, FieldIssue};
use crate::app::figures::{self, Adoption, AsOf, CohortFilter, Dimension, FigureQuery, Filters, GroupKey, Share};
use crate::app::queries::Answer;
use crate::app::table::Table;
use crate::app::words::{self, Words};
use crate::domain::ids::{AgentCode, BankId, BenefitGroup, BenefitType, ChannelCode, UnitKey};
use crate::domain::period::Month;
use crate::domain::place::UnitBasis;
use crate::http::cohorts;
use crate::http::context::{Caller, SharedApp};
use crate::http::format;
use crate::http::payments::date;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::remembered::Asked;
use crate::http::series;
use crate::http::table::{self, Form};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

pub(super) use crate::app::figures::share;

const GROUP_BY: Words = Words {
    en: "unit, unit_level:<level>, benefit_type, benefit_group, cycle, channel, agent, bank or urban, each once, joined by commas",
    vi: "unit, unit_level:<cấp>, benefit_type, benefit_group, cycle, channel, agent, bank hoặc urban, cách nhau bằng dấu phẩy",
};

const UNIT_BASIS: Words = Words {
    en: "as_paid, current or historical_<level>, for example historical_district",
    vi: "as_paid, current hoặc historical_<cấp>, ví dụ historical_district",
};
const ONE_AS_OF: Words = Words {
    en: "one of as_of, as_of_position and as_of_day",
    vi: "chỉ một trong as_of, as_of_position và as_of_day",
};

fn flag(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Reads a code that the profile must have.
pub(super) fn code<T: AsRef<str>>(
    query: &mut Query,
    name: &'static str,
    expected: &Words,
    read: impl Fn(&str) -> Option<T>,
    known: impl Fn(&str) -> bool,
) -> Option<T> {
    query.optional(name, expected, |text| read(text).filter(|code| known(code.as_ref())))
}

/// The unit that a query is limited to.
pub(super) fn scope(app: &App, query: &mut Query) -> Result<Option<UnitKey>, Problem> {
    let Some(text) = query.optional("unit", &words::TEXT, |text| Some(text.to_owned())) else { return Ok(None) };
    let today = app.profile.business_day(app.clock.now_us());
    app.scope(&text, today).map(Some).map_err(|issue| AppError::Invalid(vec![issue]).into())
}

fn dimensions(app: &App, (text, cohorts): (&str, bool)) -> Option<Vec<Dimension>> {
    let dimension = |word: &str| match word {
        "sex" if cohorts => Some(Dimension::Sex),
        "birth_decade" if cohorts => Some(Dimension::BirthDecade),
        "benefit_month" if cohorts => Some(Dimension::BenefitMonth),
        "unit" => Some(Dimension::Unit),
        "benefit_type" => Some(Dimension::BenefitType),
        "benefit_group" => Some(Dimension::BenefitGroup),
        "cycle" => Some(Dimension::Cycle),
        "channel" => Some(Dimension::Channel),
        "agent" => Some(Dimension::Agent),
        "bank" => Some(Dimension::Bank),
        "urban" => Some(Dimension::Urban),
        other => app.unit_level(other.strip_prefix("unit_level:")?),
    };
    let dimensions: Vec<Dimension> = text.split(',').map(|word| dimension(word.trim())).collect::<Option<_>>()?;
    // A group named twice would stand twice in the answer under one name.
    let repeated = dimensions
        .iter()
        .enumerate()
        .any(|(place, one)| dimensions[..place].iter().any(|other| dimension_name(other) == dimension_name(one)));
    (!repeated).then_some(dimensions)
}

fn dimension_name(dimension: &Dimension) -> &'static str {
    match dimension {
        Dimension::UnitLevel(_) | Dimension::Unit => "unit",
        Dimension::BenefitType => "benefit_type",
        Dimension::BenefitGroup => "benefit_group",
        Dimension::Cycle => "cycle",
        Dimension::Channel => "channel",
        Dimension::Agent => "agent",
        Dimension::Bank => "bank",
        Dimension::Urban => "urban",
        Dimension::Sex => "sex",
        Dimension::BirthDecade => "birth_decade",
        Dimension::BenefitMonth => "benefit_month",
    }
}

/// Reads the filters, groups and `as_of` that all figures share.
pub(super) async fn figure_query(app: &App, query: &mut Query) -> Result<FigureQuery, Problem> {
    asked_query(app, query, false).await
}

/// The same for figures that can also be told by sex, decade of birth and benefit month.
pub(super) async fn cohort_query(app: &App, query: &mut Query) -> Result<FigureQuery, Problem> {
    asked_query(app, query, true).await
}

async fn asked_query(app: &App, query: &mut Query, cohorts: bool) -> Result<FigureQuery, Problem> {
    let mut figures = ungrouped_query(app, query).await?;
    let words = if cohorts { &cohorts::GROUP_BY } else { &GROUP_BY };
    figures.group_by = query.optional("group_by", words, |text| dimensions(app, (text, cohorts))).unwrap_or_default();
    if cohorts {
        figures.filters.cohort = cohorts::filter(query);
    }
    let is_series = series::read(&mut figures, query);
    if is_series && figures.asks_cohorts() && !figures.names_cycles(figures::COHORT_CYCLES_MAX) {
        query.report("cycle", &cohorts::CYCLES);
    }
    figures.filters.basis = basis(app, query, &figures).await?;
    Ok(figures)
}

/// By which units payments are told. A unit that is asked for must be one of them.
async fn basis(app: &App, query: &mut Query, figures: &FigureQuery) -> Result<UnitBasis, Problem> {
    let word = query.optional("unit_basis", &words::TEXT, |text| Some(text.to_owned()));
    let Some(word) = word else { return Ok(UnitBasis::AsPaid) };
    let Some(basis) = app.unit_basis(&word, figures.as_of).await? else {
        query.report("unit_basis", &UNIT_BASIS);
        return Ok(UnitBasis::AsPaid);
    };
    if figures.filters.units.iter().any(|unit| !app.is_of_basis(unit, &basis)) {
        query.push(vec![FieldIssue::new(
            "unit",
            "unit-not-of-basis",
            format!("on the basis {word} nothing is told by this unit; name one that it has become, or that it was, or leave unit_basis out"),
            format!("theo cơ sở {word} không có số liệu của đơn vị này; hãy ghi đơn vị kế thừa hoặc đơn vị trước đó, hoặc bỏ unit_basis"),
        )]);
    }
    Ok(basis)
}

/// The same for figures whose groups are fixed.
pub(super) async fn ungrouped_query(app: &App, query: &mut Query) -> Result<FigureQuery, Problem> {
    let p = &app.profile;
    let cycle = query.optional("cycle", &words::MONTH, |text| Month::parse(text).ok());
    let filters = Filters {
        units: scope(app, query)?.into_iter().collect(),
        benefit_types: code(
            query,
            "benefit_type",
            &words::BENEFIT_TYPE,
            |t| BenefitType::parse(t).ok(),
            |c| p.benefit_type(c).is_some(),
        )
        .into_iter()
        .collect(),
        benefit_groups: query
            .optional("benefit_group", &words::BENEFIT_TYPE, |text| groups(app, text))
            .unwrap_or_default(),
        cycle_from: cycle,
        cycle_to: cycle,
        channels: code(query, "channel", &words::CHANNEL, |t| ChannelCode::parse(t).ok(), |c| p.channel(c).is_some())
            .into_iter()
            .collect(),
        agents: code(query, "agent", &words::AGENT, |t| AgentCode::parse(t).ok(), |c| p.agent(c).is_some())
            .into_iter()
            .collect(),
        banks: bank(app, query).into_iter().collect(),
        urban: query.optional("urban", &words::BOOLEAN, flag),
        basis: UnitBasis::AsPaid,
        cohort: CohortFilter::default(),
    };
    let as_of = as_of(app, query).await?;
    Ok(FigureQuery { filters, group_by: Vec::new(), as_of })
}

/// Groups of the profile, joined by commas, each once.
fn groups(app: &App, text: &str) -> Option<Vec<BenefitGroup>> {
    let group = |word: &str| app.profile.benefit_group(word.trim()).map(|spec| spec.code.clone());
    let groups: Vec<BenefitGroup> = text.split(',').map(group).collect::<Option<_>>()?;
    let repeated = groups.iter().enumerate().any(|(place, one)| groups[..place].contains(one));
    (!repeated).then_some(groups)
}

/// The state of the log that a question is about.
pub(super) async fn as_of(app: &App, query: &mut Query) -> Result<AsOf, Problem> {
    let text = query.optional("as_of", &words::TEXT, |text| Some(text.to_owned()));
    let position = query.number("as_of_position");
    let day = query.optional("as_of_day", &words::DATE, date);
    match (text, position, day) {
        (None, None, None) => Ok(AsOf::Now),
        (None, Some(position), None) => Ok(AsOf::Position(position)),
        (None, None, Some(day)) => Ok(AsOf::Day(day)),
        (Some(text), None, None) => match app.read_as_of(&text).await {
            Err(AppError::Invalid(issues)) => {
                query.push(issues);
                Ok(AsOf::Now)
            }
            read => Ok(read?),
        },
        (text, ..) => {
            query.report(if text.is_some() { "as_of" } else { "as_of_day" }, &ONE_AS_OF);
            Ok(AsOf::Now)
        }
    }
}

/// The bank that a query is limited to.
pub(super) fn bank(app: &App, query: &mut Query) -> Option<BankId> {
    query.optional("bank", &words::BANK, |text| app.profile.bank_by_name(text).map(|spec| spec.id.clone()))
}

/// What was asked, for the answer to carry.
fn asked(query: &FigureQuery) -> Value {
    let f = &query.filters;
    let mut filters = json!({});
    let mut set = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            filters[name] = json!(value);
        }
    };
    set("unit", f.units.first().map(ToString::to_string));
    set("benefit_type", f.benefit_types.first().map(ToString::to_string));
    let groups = f.benefit_groups.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    set("benefit_group", (!groups.is_empty()).then_some(groups));
    if f.cycle_from == f.cycle_to {
        set("cycle", f.cycle_from.map(|month| month.to_string()));
    } else {
        set("cycle_from", f.cycle_from.map(|month| month.to_string()));
        set("cycle_to", f.cycle_to.map(|month| month.to_string()));
    }
    set("channel", f.channels.first().map(ToString::to_string));
    set("agent", f.agents.first().map(ToString::to_string));
    set("bank", f.banks.first().map(ToString::to_string));
    set("urban", f.urban.map(|urban| urban.to_string()));
    set("sex", f.cohort.sex.map(|sex| figures::sex_word(sex).to_owned()));
    set("birth_decade", f.cohort.birth_decade.map(figures::decade_word));
    set("benefit_month", f.cohort.benefit_month.map(|month| month.to_string()));
    filters
}

/// What every figure says about itself.
pub(super) fn members<T>(query: &FigureQuery, found: &Answer<T>) -> Value {
    let (basis, on) = match &query.filters.basis {
        UnitBasis::AsPaid => ("as_paid".to_owned(), None),
        UnitBasis::Current(on) => ("current".to_owned(), Some(on.to_string())),
        UnitBasis::Historical(level) => (format!("historical_{level}"), None),
    };
    let mut members = json!({
        "filters": asked(query),
        "group_by": query.group_by.iter().map(dimension_name).collect::<Vec<_>>(),
        "unit_basis": basis,
        "as_of_position": found.as_of_position,
        "as_of_time": format::instant(found.as_of_time_us),
    });
    if let Some(on) = on {
        members["unit_basis_on"] = json!(on);
    }
    members
}

/// The figure's group as JSON members; a unit comes with its name.
pub(super) fn group(app: &App, group_by: &[Dimension], key: &GroupKey) -> Value {
    let mut group = json!({});
    for (dimension, value) in group_by.iter().zip(key) {
        group[dimension_name(dimension)] = json!(value);
        if matches!(dimension, Dimension::Unit | Dimension::UnitLevel(_)) {
            group["unit_name"] = json!(app.profile.units.get(value).map(|unit| unit.name.as_str()));
        }
    }
    group
}

/// A share of money in the profile's currency.
pub(super) fn money_share(app: &App, share: Share) -> Value {
    figures::money(&app.profile.currency, share)
}

/// Whether people who are paid both ways count as cashless.
pub(super) fn mixed(app: &App, query: &mut Query) -> bool {
    let asked = query.optional("mixed_as_cashless", &words::BOOLEAN, flag);
    asked.unwrap_or(app.profile.figures.mixed_counts_as_cashless)
}

/// `GET /v1/adoption`
pub async fn adoption(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
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
    let found = app.adoption(&caller.0, figures.clone(), min_position).await?;
    let mut members = members(&figures, &found);
    let is_published = found.answer.iter().any(|a| a.kept_back.is_some());
    members["mixed_as_cashless"] =
        json!(if is_published { app.profile.figures.mixed_counts_as_cashless } else { mixed });
    members["indicators"] = json!({"people": "A1", "amount": "A2", "payments": "A3", "completeness": "C1"});
    match form {
        Form::Json => {
            let one = |a: &Adoption| {
                let mut all = figures::adoption(&app.profile.currency, a, mixed);
                all["group"] = group(&app, &figures.group_by, &a.key);
                all
            };
            members["groups"] = found.answer.iter().map(one).collect();
            Asked::respond(asked, &app, (&members, found.as_of_position))
        }
        Form::File(_) | Form::Parquet => {
            table::respond(&adoption_table(&app, &figures.group_by, (&found.answer, mixed)), form, "adoption", &members)
        }
    }
}

pub(super) fn group_header(group_by: &[Dimension]) -> Vec<&'static str> {
    let mut header = Vec::new();
    for dimension in group_by {
        header.push(dimension_name(dimension));
        if matches!(dimension, Dimension::Unit | Dimension::UnitLevel(_)) {
            header.push("unit_name");
        }
    }
    header
}

pub(super) fn group_cells(app: &App, group_by: &[Dimension], key: &GroupKey) -> Vec<Value> {
    let members = group(app, group_by, key);
    group_header(group_by).into_iter().map(|name| members[name].clone()).collect()
}

fn adoption_table(app: &App, group_by: &[Dimension], (groups, mixed): (&[Adoption], bool)) -> Table {
    let mut header = group_header(group_by);
    header.extend([
        "people_numerator",
        "people_denominator",
        "people_ratio",
        "people_mixed",
        "amount_numerator",
        "amount_denominator",
        "amount_ratio",
        "payments_numerator",
        "payments_denominator",
        "payments_ratio",
        "completeness_numerator",
        "completeness_denominator",
        "completeness_ratio",
    ]);
    let is_published = groups.iter().any(|a| a.kept_back.is_some());
    if is_published {
        header.push("suppressed");
    }
    let mut table = Table::new(&header);
    for a in groups {
        let all = figures::adoption(&app.profile.currency, a, mixed);
        let mut row = group_cells(app, group_by, &a.key);
        for figure in ["people", "amount", "payments", "completeness"] {
            row.extend(["numerator", "denominator", "ratio"].map(|part| all[figure][part].clone()));
            if figure == "people" {
                row.push(all["people"]["mixed"].clone());
            }
        }
        if is_published {
            let kept = ["people", "amount", "payments", "completeness"].into_iter();
            let kept: Vec<&str> = kept.filter(|figure| all[*figure]["suppressed"] == true).collect();
            row.push(json!(kept.join(" ")));
        }
        table.push(row);
    }
    table
}
