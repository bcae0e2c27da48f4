//! People whom somebody has to look into, and how far matching with the population database has come.

use crate::app::App;
use crate::app::error::AppError;
use crate::app::figures::Share;
use crate::app::hex::{hex, unhex};
use crate::app::matching::{
    BeneficiaryRow, IdentityGroup, IdentityPage, IdentityQuery, IdentityTally, PeopleFilter, PeoplePage, to_look_into,
};
use crate::app::queries::{Answer, Page};
use crate::app::table::Table;
use crate::app::words::{self, Words};
use crate::domain::beneficiary::identity::{IdentityResult, IdentityStatus};
use crate::domain::ids::{BenefitGroup, BenefitType, ChannelCode, UnitKey};
use crate::http::context::{Caller, SharedApp};
use crate::http::cursor;
use crate::http::figures::{as_of, code, scope, share};
use crate::http::format;
use crate::http::lists::{CURSOR, with_link};
use crate::http::payments::date;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::table::{self, Form};
use actix_web::{HttpRequest, HttpResponse};
use jiff::civil::Date;
use serde_json::{Value, json};

const STATUS: Words = Words {
    en: "mismatch, not_found, duplicate or deceased_in_population_db",
    vi: "mismatch, not_found, duplicate hoặc deceased_in_population_db",
};
const GROUP_BY: Words = Words {
    en: "unit, channel, or both joined by a comma",
    vi: "unit, channel hoặc cả hai, cách nhau bằng dấu phẩy",
};

fn channel(app: &App, query: &mut Query) -> Option<ChannelCode> {
    let known = |code: &str| app.profile.channel(code).is_some();
    code(query, "channel", &words::CHANNEL, |text| ChannelCode::parse(text).ok(), known)
}

/// What both lists read of the query, beside their own filters.
struct Listing {
    form: Form,
    page: Page,
    min_position: Option<u64>,
}

fn listing(request: &HttpRequest, query: &mut Query) -> Result<Listing, Problem> {
    let form = table::form(request, query)?;
    let limit = query.limit(100);
    let after = query.optional("cursor", &CURSOR, cursor::position).unwrap_or(0);
    let min_position = query.number("min_position");
    Ok(Listing { form, page: Page { after, limit }, min_position })
}

fn respond(
    request: &HttpRequest,
    (found, form): (&Answer<PeoplePage>, Form),
    (table, name): (&Table, &'static str),
) -> Result<HttpResponse, Problem> {
    let next = found.answer.next_after.map(cursor::of);
    let members = json!({"next_cursor": next, "as_of_position": found.as_of_position,
        "as_of_time": format::instant(found.as_of_time_us)});
    let response = table::respond(table, form, name, &members)?;
    Ok(with_link(request, response, next.as_deref()))
}

fn unit(row: &BeneficiaryRow) -> Value {
    json!(row.latest_unit())
}

/// `GET /v1/identity/worklist`
pub async fn identity_worklist(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let scope = scope(&app, &mut query)?;
    let open = |text: &str| IdentityStatus::parse(text).filter(|status| IdentityStatus::TO_LOOK_INTO.contains(status));
    let identity = to_look_into(query.optional("status", &STATUS, open));
    let channels = channel(&app, &mut query).into_iter().collect();
    let Listing { form, page, min_position } = listing(&request, &mut query)?;
    query.finish()?;
    let filter = PeopleFilter { channels, identity, ..PeopleFilter::default() };
    let found = app.list_people(&caller.0, (scope, filter), page, min_position).await?;
    let mut table = Table::new(&[
        "beneficiary_id",
        "unit",
        "channel",
        "status",
        "fields",
        "duplicate_of",
        "source",
        "checked_on",
        "request_ref",
        "revision",
    ]);
    for row in &found.answer.people {
        let Some(known) = &row.more.identity else { continue };
        let (fields, of) = match &known.result {
            IdentityResult::Mismatch { fields } => (json!(fields), Value::Null),
            IdentityResult::Duplicate { of } => (json!([]), json!(of)),
            IdentityResult::Pending
            | IdentityResult::Verified
            | IdentityResult::NotFound
            | IdentityResult::DeceasedInPopulationDb
            | IdentityResult::Excluded { .. } => (json!([]), Value::Null),
        };
        table.push(vec![
            json!(row.beneficiary_id),
            unit(row),
            json!(row.counted().channel),
            json!(known.result.status().as_str()),
            fields,
            of,
            json!(known.source),
            json!(known.checked_on),
            json!(known.request_ref),
            json!(row.revision),
        ]);
    }
    respond(&request, (&found, form), (&table, "people"))
}

/// `GET /v1/authorisations`
pub async fn authorisations(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let scope = scope(&app, &mut query)?;
    let before = query.required("expiring_before", &words::DATE, date);
    let from = query.optional("expiring_from", &words::DATE, date);
    let Listing { form, page, min_position } = listing(&request, &mut query)?;
    query.finish()?;
    let before = before.ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    let from: Date = from.unwrap_or_else(|| app.profile.business_day(app.clock.now_us()));
    let filter = PeopleFilter { authorised_until: Some((from, before)), ..PeopleFilter::default() };
    let found = app.list_people(&caller.0, (scope, filter), page, min_position).await?;
    let mut table = Table::new(&[
        "beneficiary_id",
        "unit",
        "authorised_ref",
        "payee",
        "certified",
        "valid_from",
        "valid_to",
        "revision",
    ]);
    for row in &found.answer.people {
        let until = row.authorised_until();
        let last = row.more.authorisations.iter().filter(|known| known.ended_on.is_none() && known.valid_to == until);
        for known in last {
            table.push(vec![
                json!(row.beneficiary_id),
                unit(row),
                json!(known.authorised_ref),
                json!(known.payee),
                json!(known.certified),
                json!(known.valid_from),
                json!(known.valid_to),
                json!(row.revision),
            ]);
        }
    }
    respond(&request, (&found, form), (&table, "authorisations"))
}

/// `GET /v1/identity`
pub async fn identity(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let p = &app.profile;
    let known = |code: &str| p.benefit_type(code).is_some();
    let one = code(&mut query, "benefit_type", &words::BENEFIT_TYPE, |text| BenefitType::parse(text).ok(), known);
    let known = |code: &str| p.benefit_group(code).is_some();
    let group = code(&mut query, "benefit_group", &words::BENEFIT_TYPE, |text| BenefitGroup::parse(text).ok(), known);
    let of_group = p.benefit_types.iter().filter(|spec| group.as_ref() == Some(&spec.group)).map(|spec| &spec.code);
    let benefit_types = match (&one, &group) {
        // A type of another group is ordered for nobody: nobody is asked about then, not everybody.
        (Some(one), Some(_)) if !of_group.clone().any(|code| code == one) => {
            query.report(
                "benefit_group",
                &Words { en: "the group of that benefit type", vi: "nhóm của loại chế độ đó" },
            );
            Vec::new()
        }
        (Some(one), _) => vec![one.clone()],
        (None, _) => of_group.cloned().collect(),
    };
    let unit = scope(&app, &mut query)?;
    let channel = channel(&app, &mut query);
    let group_by = query.optional("group_by", &GROUP_BY, dimensions).unwrap_or_default();
    let as_of = as_of(&app, &mut query).await?;
    let limit = query.limit(1000) as usize;
    let after = query.optional("cursor", &CURSOR, after_unit);
    let min_position = query.number("min_position");
    query.finish()?;
    let (by_unit, by_channel) = (group_by.contains(&"unit"), group_by.contains(&"channel"));
    let asked = IdentityQuery { unit, benefit_types, channel, by_unit, by_channel, as_of, after, limit };
    let found = app.identity_figures(&caller.0, &asked, min_position).await?;
    let mut filters = json!({});
    let mut set = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            filters[name] = json!(value);
        }
    };
    set("unit", asked.unit.as_ref().map(ToString::to_string));
    set("benefit_type", one.map(|code| code.to_string()));
    set("benefit_group", group.map(|code| code.to_string()));
    set("channel", asked.channel.as_ref().map(ToString::to_string));
    let mut members = json!({
        "filters": filters,
        "group_by": group_by,
        "unit_basis": "current",
        "base": "beneficiaries",
        "indicators": {"verified": "I1", "unmatched": "I2"},
        "as_of_position": found.as_of_position,
        "as_of_time": format::instant(found.as_of_time_us),
    });
    let next = found.answer.next_after.as_ref().map(cursor_after);
    let response = match form {
        Form::Json => {
            let one = |(group, tally): (&IdentityGroup, &IdentityTally)| figures(&app, &group_by, (group, tally));
            members["groups"] = found.answer.groups.iter().map(one).collect();
            members["next_cursor"] = json!(next);
            HttpResponse::Ok().json(members)
        }
        Form::File(_) | Form::Parquet => {
            table::respond(&figures_table(&app, &group_by, &found), form, "identity", &members)?
        }
    };
    Ok(with_link(&request, response, next.as_deref()))
}

/// The cursor of the page after a unit: its key, opaque to callers.
fn cursor_after(unit: &UnitKey) -> String {
    format!("u{}", hex(unit.as_str().as_bytes()))
}

fn after_unit(text: &str) -> Option<UnitKey> {
    let key = unhex(text.strip_prefix('u')?)?;
    UnitKey::parse(std::str::from_utf8(&key).ok()?).ok()
}

fn dimensions(text: &str) -> Option<Vec<&'static str>> {
    let one = |word: &str| ["unit", "channel"].into_iter().find(|name| *name == word.trim());
    let found: Vec<&'static str> = text.split(',').map(one).collect::<Option<_>>()?;
    (found.len() == 1 || found[0] != found[1]).then_some(found).filter(|found| found.len() <= 2)
}

fn part(numerator: u64, denominator: u64) -> Share {
    let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    Share { numerator: whole(numerator), denominator: whole(denominator) }
}

fn group_members(app: &App, group_by: &[&str], group: &IdentityGroup) -> Vec<(&'static str, Value)> {
    let mut members = Vec::new();
    for dimension in group_by {
        if *dimension == "unit" {
            let named = group.unit.as_ref().and_then(|key| app.profile.units.get(key.as_str()));
            members.push(("unit", json!(group.unit)));
            members.push(("unit_name", json!(named.map(|unit| &unit.name))));
        } else {
            // As in other figures: what somebody does not have is an empty text.
            let channel = group.channel.clone().flatten();
            members.push(("channel", json!(channel.map_or_else(String::new, |code| code.to_string()))));
        }
    }
    members
}

fn figures(app: &App, group_by: &[&str], (group, tally): (&IdentityGroup, &IdentityTally)) -> Value {
    let group: serde_json::Map<String, Value> =
        group_members(app, group_by, group).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    json!({
        "group": group,
        "verified": share(part(tally.verified, tally.base())),
        "unmatched": share(part(tally.unmatched(), tally.base())),
        "refused_for_identity": share(part(tally.refused, tally.unmatched())),
        "completeness": share(part(tally.answered(), tally.base())),
        "people": {
            "verified": tally.verified,
            "mismatch": tally.mismatch,
            "not_found": tally.not_found,
            "duplicate": tally.duplicate,
            "deceased_in_population_db": tally.deceased_in_population_db,
            "pending": tally.pending,
            "unchecked": tally.unchecked,
            "excluded": tally.excluded,
        },
    })
}

fn figures_table(app: &App, group_by: &[&str], found: &Answer<IdentityPage>) -> Table {
    let none = IdentityGroup { unit: None, channel: None };
    let mut header: Vec<String> =
        group_members(app, group_by, &none).into_iter().map(|(name, _)| name.to_owned()).collect();
    for name in ["verified", "unmatched", "refused_for_identity", "completeness"] {
        header.extend(["numerator", "denominator", "ratio"].map(|part| format!("{name}_{part}")));
    }
    header.push("people_excluded".to_owned());
    let mut table = Table::new(&header);
    for (group, tally) in &found.answer.groups {
        let mut row: Vec<Value> = group_members(app, group_by, group).into_iter().map(|(_, value)| value).collect();
        let shares = [
            part(tally.verified, tally.base()),
            part(tally.unmatched(), tally.base()),
            part(tally.refused, tally.unmatched()),
            part(tally.answered(), tally.base()),
        ];
        for share in shares {
            row.extend([json!(share.numerator), json!(share.denominator), json!(share.ratio())]);
        }
        row.push(json!(tally.excluded));
        table.push(row);
    }
    table
}
