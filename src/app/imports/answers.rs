//! What is told of imports afterwards: reports, lists, the file back with its errors, the template.

use super::chunks::{columns, file_error};
use super::{ImportAnswer, ImportOrder, ImportReport, OnProgress, Source, kind_word};
use crate::app::App;
use crate::app::access::Principal;
use crate::app::error::AppError;
use crate::app::execute::check_same_input;
use crate::domain::ids::ImportId;
use crate::domain::import::ImportKind;
use crate::domain::profile::Profile;
use crate::files::template::{self, CodeList, TemplateColumn, TemplateSheet};
use crate::files::{Language, annotate};
use crate::store::registry::StoredReport;
use serde_json::{Value, json};

/// How many imports a list shows.
const LIST_MAX: u32 = 200;

impl App {
    /// An import with an idempotency key: one at a time with one key, and the same answer for a repeat.
    pub async fn import_for_request(
        &self,
        order: &ImportOrder,
        source: &Source,
        tell: OnProgress<'_>,
    ) -> Result<ImportAnswer, AppError> {
        let _running = order.request.as_ref().map(|request| self.running.begin(request)).transpose()?;
        if let Some(request) = &order.request {
            let first = self.store.find_request(&request.caller, &request.idempotency_key).await?;
            if let Some(first) = first {
                check_same_input(request, &first)?;
            }
        }
        self.import(order, source, tell).await
    }

    /// The imports that the caller may see, newest first, without their issues.
    pub async fn list_imports(&self, principal: &Principal) -> Result<Vec<Value>, AppError> {
        let stored = self.registry.list_import_reports(LIST_MAX).await?;
        let seen = stored.iter().filter(|stored| may_see(principal, stored));
        Ok(seen
            .filter_map(|stored| {
                let mut report: Value = serde_json::from_slice(&stored.report).ok()?;
                report.as_object_mut()?.remove("issues");
                report["actor"] = json!(stored.actor);
                Some(report)
            })
            .collect())
    }

    /// One import's report; what its stream says of its end goes before what was stored.
    pub async fn read_import(&self, principal: &Principal, id: ImportId) -> Result<Value, AppError> {
        let stored = self.registry.import_report(id.as_uuid()).await?;
        let stored = stored.filter(|stored| may_see(principal, stored)).ok_or(AppError::NotFound("import"))?;
        let mut report: Value =
            serde_json::from_slice(&stored.report).map_err(|e| AppError::Internal(e.to_string()))?;
        if let Some(state) = self.import_state(id).await? {
            state.tell(&mut report, &self.profile);
        }
        report["actor"] = json!(stored.actor);
        Ok(report)
    }

    /// The same file back, with what is wrong in a column of its own.
    pub async fn annotate(&self, report: &ImportReport, source: &Source) -> Result<Vec<u8>, AppError> {
        let columns = columns(&self.profile, report.kind);
        let issues = report.issues.clone();
        let language = if self.profile.languages.first().is_some_and(|first| first == "vi") {
            Language::Vietnamese
        } else {
            Language::English
        };
        let source = source.clone();
        let work = tokio::task::spawn_blocking(move || {
            let bytes = source.open()?;
            annotate::annotate(bytes, source.format, &columns, issues, (Vec::new(), language))
        });
        work.await.map_err(|error| AppError::Internal(error.to_string()))?.map_err(file_error)
    }

    /// A workbook with one sheet for each kind of file, and the code lists.
    pub fn template(&self) -> Result<Vec<u8>, AppError> {
        template::template(&sheets(&self.profile), &code_lists(&self.profile)).map_err(file_error)
    }
}

fn may_see(principal: &Principal, stored: &StoredReport) -> bool {
    principal.unit.is_none() || stored.actor == principal.key_id
}

fn sheets(profile: &Profile) -> Vec<TemplateSheet> {
    [ImportKind::Beneficiaries, ImportKind::Payments, ImportKind::Outcomes, ImportKind::Identity]
        .into_iter()
        .map(|kind| TemplateSheet {
            name: kind_word(kind).to_owned(),
            columns: profile
                .columns(kind)
                .iter()
                .map(|spec| column((profile, kind), &spec.name, &spec.aliases))
                .collect(),
        })
        .collect()
}

fn column((profile, kind): (&Profile, ImportKind), name: &str, aliases: &[String]) -> TemplateColumn {
    let example = match (kind, name) {
        (ImportKind::Identity, "status") => "verified".to_owned(),
        (ImportKind::Identity, "source") => "population_database".to_owned(),
        (ImportKind::Identity, "checked_on") => "2025-03-20".to_owned(),
        _ => example(profile, name),
    };
    TemplateColumn { header: name.to_owned(), note: aliases.join(" / "), example }
}

/// A made-up value of a column or field that the profile accepts.
#[must_use]
pub fn example(profile: &Profile, name: &str) -> String {
    if let Some(scheme) = profile.identifier(name) {
        return scheme.example.clone();
    }
    match name {
        "payment_reference" => "2025-03-000001".to_owned(),
        "benefit_type" => profile.benefit_types.first().map(|spec| spec.code.to_string()).unwrap_or_default(),
        "benefit_months" | "cycle" | "effective_month" => "2025-03".to_owned(),
        // A large amount in small money, and little enough in large.
        "amount" => profile.currency.format(profile.amount_max_minor / 400),
        "unit" => unit_example(profile),
        "channel" => profile.channels.first().map(|spec| spec.code.to_string()).unwrap_or_default(),
        "agent" => profile.agents.first().map(|spec| spec.code.to_string()).unwrap_or_default(),
        "bank" => profile.banks.first().map(|spec| spec.short_name.clone()).unwrap_or_default(),
        "account" => "0123456789".to_owned(),
        "due_on" | "date" => "2025-03-03".to_owned(),
        "status" => "settled".to_owned(),
        "sex" => "female".to_owned(),
        "birth_year" => "1955".to_owned(),
        _ => String::new(),
    }
}

/// A unit of today: by its code, unless the code names several.
fn unit_example(profile: &Profile) -> String {
    let today = profile.units.iter().find(|unit| unit.level == profile.payment_level && unit.valid_to.is_none());
    let Some(unit) = today else { return String::new() };
    let on = unit.valid_from.unwrap_or(jiff::civil::date(2025, 3, 3));
    match profile.payment_unit(&unit.code, on) {
        Ok(_) => unit.code.clone(),
        Err(_) => unit.key.to_string(),
    }
}

fn code_lists(profile: &Profile) -> Vec<CodeList> {
    let header = || vec!["code".to_owned(), "name".to_owned()];
    let language = profile.languages.first().map_or("", String::as_str);
    let list = |name: &str, rows: Vec<Vec<String>>| CodeList { name: name.to_owned(), header: header(), rows };
    vec![
        list(
            "benefit_type",
            profile.benefit_types.iter().map(|s| vec![s.code.to_string(), s.labels.get(language).to_owned()]).collect(),
        ),
        list(
            "channel",
            profile.channels.iter().map(|s| vec![s.code.to_string(), s.labels.get(language).to_owned()]).collect(),
        ),
        list(
            "agent",
            profile.agents.iter().map(|s| vec![s.code.to_string(), s.labels.get(language).to_owned()]).collect(),
        ),
        list(
            "kind",
            profile
                .payment_kinds
                .iter()
                .map(|s| vec![s.kind.as_str().to_owned(), s.labels.get(language).to_owned()])
                .collect(),
        ),
        list("bank", profile.banks.iter().map(|s| vec![s.id.to_string(), s.short_name.clone()]).collect()),
        list(
            "unit",
            profile
                .units
                .iter()
                .filter(|unit| unit.level == profile.payment_level && unit.valid_to.is_none())
                .map(|unit| vec![unit.code.clone(), unit.name.clone()])
                .collect(),
        ),
    ]
}
