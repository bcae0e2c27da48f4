//! What the profile says: units, codes and the definitions of the indicators.

use crate::app::error::AppError;
use crate::app::lookup::unknown;
use crate::app::table::Table;
use crate::app::words;
use crate::domain::ids::IdentityField;
use crate::domain::profile::{GroundSpec, Profile};
use crate::http::context::{Caller, SharedApp};
use crate::http::payments::date;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::table;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

/// `GET /v1/units`
pub async fn units(app: SharedApp, _caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request)?;
    let form = table::form(&request, &mut query)?;
    let on = query.optional("on", &words::DATE, date);
    let level = query.optional("level", &words::TEXT, |text| Some(text.to_owned()));
    let under = query.optional("under", &words::TEXT, |text| Some(text.to_owned()));
    let code = query.optional("code", &words::TEXT, |text| Some(text.to_owned()));
    query.finish()?;
    let units = &app.profile.units;
    if under.as_deref().is_some_and(|key| units.get(key).is_none()) {
        return Err(AppError::Invalid(vec![unknown("under")]).into());
    }
    let mut table = Table::new(&["unit", "code", "level", "name", "type", "parent", "valid_from", "valid_to", "urban"]);
    for unit in units.iter() {
        let wanted = on.is_none_or(|day| unit.in_force(day))
            && level.as_ref().is_none_or(|level| level.as_str() == &*unit.level)
            && code.as_ref().is_none_or(|code| code.as_str() == &*unit.code)
            && under.as_deref().is_none_or(|key| units.is_under(unit.key.as_str(), key));
        if wanted {
            table.push(vec![
                json!(unit.key),
                json!(unit.code),
                json!(unit.level),
                json!(unit.name),
                json!(unit.class),
                json!(unit.parent),
                json!(unit.valid_from.map(|day| day.to_string())),
                json!(unit.valid_to.map(|day| day.to_string())),
                json!(unit.urban),
            ]);
        }
    }
    table::respond(&table, form, "units", &json!({"profile": app.profile.name, "profile_version": app.profile.version}))
}

pub(super) fn labels(profile: &Profile, labels: &crate::domain::profile::Labels) -> Value {
    profile
        .languages
        .iter()
        .map(|language| (language.clone(), json!(labels.get(language))))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn grounds(profile: &Profile, specs: &[GroundSpec]) -> Vec<Value> {
    specs.iter().map(|spec| json!({"code": spec.code, "labels": labels(profile, &spec.labels)})).collect()
}

/// `GET /v1/reference`
pub async fn codes(app: SharedApp, _caller: Caller) -> HttpResponse {
    let p = &app.profile;
    HttpResponse::Ok().json(json!({
        "profile": p.name,
        "profile_version": p.version,
        "currency": {"code": p.currency.currency, "exponent": p.currency.exponent},
        "benefit_types": p.benefit_types.iter().map(|t| json!({"code": t.code, "group": t.group, "purpose": t.purpose,
            "payer": t.payer, "labels": labels(p, &t.labels)})).collect::<Vec<_>>(),
        "benefit_groups": p.benefit_groups.iter().map(|g| json!({"code": g.code, "labels": labels(p, &g.labels)})).collect::<Vec<_>>(),
        "channels": p.channels.iter().map(|c| json!({"code": c.code, "cashless": c.cashless, "requires_account": c.requires_account,
            "requires_presence": c.requires_presence, "default_agent": c.default_agent, "labels": labels(p, &c.labels)})).collect::<Vec<_>>(),
        "agents": p.agents.iter().map(|a| json!({"code": a.code, "labels": labels(p, &a.labels)})).collect::<Vec<_>>(),
        "identifiers": p.identifiers.iter().map(|i| json!({"code": i.code, "length_min": i.length_min, "length_max": i.length_max,
            "example": i.example, "valid_to": i.valid_to, "replaced_by": i.replaced_by, "labels": labels(p, &i.labels)})).collect::<Vec<_>>(),
        "banks": p.banks.iter().map(|b| json!({"code": b.id, "short_name": b.short_name, "bin": b.bin, "swift": b.swift,
            "aliases": b.aliases})).collect::<Vec<_>>(),
        "payment_kinds": p.payment_kinds.iter().map(|k| json!({"code": k.kind, "months_back_max": k.months_back_max,
            "months_max": k.months_max, "amount_max": k.amount_max_minor.map(|most| p.currency.format(most)), "labels": labels(p, &k.labels)})).collect::<Vec<_>>(),
        "home_grounds": p.payout.home.as_ref().map_or_else(Vec::new, |home| grounds(p, &home.grounds)),
        "suspension_grounds": grounds(p, &p.suspensions.grounds),
        "identity_fields": p.identity.fields.iter().map(IdentityField::as_str)
            .chain(p.identifiers.iter().map(|spec| spec.code.as_str())).collect::<Vec<_>>(),
        "identity_exclusions": grounds(p, &p.identity.exclusions),
        "levels": p.levels.iter().map(|l| json!({"code": l.code, "rank": l.rank, "labels": labels(p, &l.labels)})).collect::<Vec<_>>(),
    }))
}

/// `GET /v1/indicators`
pub async fn indicators(_caller: Caller) -> HttpResponse {
    let list: Vec<Value> = crate::app::figures::INDICATORS
        .iter()
        .map(|i| json!({"id": i.id, "name": i.name, "formula": i.formula, "source": i.source}))
        .collect();
    HttpResponse::Ok().json(json!({"indicators": list}))
}
