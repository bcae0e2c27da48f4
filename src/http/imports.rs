//! Imports over HTTP: the file streams into an encrypted spool, is checked and recorded, and the report is the answer.

use crate::app::App;
use crate::app::error::AppError;
use crate::app::execute::RequestKey;
use crate::app::imports::{ImportAnswer, ImportOrder, ImportReport, ImportStatus, Source, kind_of_word, kind_word};
use crate::app::upload::Upload;
use crate::app::words::{self, Words};
use crate::domain::ids::ImportId;
use crate::domain::import::{ImportKind, ImportMode};
use crate::http::body::Body;
use crate::http::context::{Caller, SharedApp, idempotency_key, path_id, write_request};
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::table;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::StreamExt;
use serde_json::{Value, json};

pub(super) const KIND: Words = Words {
    en: "payments, outcomes, beneficiaries or identity",
    vi: "payments, outcomes, beneficiaries hoặc identity",
};
const MODE: Words = Words { en: "all or valid_rows", vi: "all hoặc valid_rows" };
pub(super) const COUNT: Words = Words { en: "a whole number", vi: "số nguyên" };
const ANSWER: Words = Words { en: "report or file", vi: "report hoặc file" };

/// What the query of an upload asks.
struct Asked {
    kind: ImportKind,
    mode: ImportMode,
    dry_run: bool,
    file_name: Option<String>,
    control_count: Option<u64>,
    control_sum_minor: Option<i64>,
    /// The same file back with an error column, in place of the report.
    file_back: bool,
}

fn asked(app: &App, request: &HttpRequest) -> Result<Asked, Problem> {
    let mut query = Query::of(request)?;
    let kind = query.required("kind", &KIND, kind_of_word);
    let mode = query.optional("mode", &MODE, |text| match text {
        "all" => Some(ImportMode::All),
        "valid_rows" => Some(ImportMode::ValidRows),
        _ => None,
    });
    let flag = |text: &str| text.parse::<bool>().ok();
    let dry_run = query.optional("dry_run", &words::BOOLEAN, flag).unwrap_or(false);
    let file_name = query.optional("filename", &words::TEXT, |text| Some(text.to_owned()));
    let control_count = query.optional("control_count", &COUNT, |text| text.parse().ok());
    let control_sum = query.optional("control_sum", &words::AMOUNT, |text| app.profile.currency.parse(text).ok());
    let file_back = query.optional("answer", &ANSWER, |text| match text {
        "report" => Some(false),
        "file" => Some(true),
        _ => None,
    });
    query.finish()?;
    Ok(Asked {
        kind: kind.ok_or(Problem::App(AppError::Invalid(Vec::new())))?,
        mode: mode.unwrap_or(ImportMode::All),
        dry_run,
        file_name,
        control_count,
        control_sum_minor: control_sum.map(|money| money.minor),
        file_back: file_back.unwrap_or(false),
    })
}

/// Whether a body is a form that holds the file, as browsers and `curl -F` send one.
fn is_form(content_type: &str) -> bool {
    content_type.trim_start().get(..10).is_some_and(|start| start.eq_ignore_ascii_case("multipart/"))
}

/// `POST /v1/imports`
pub async fn upload(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    mut payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let asked = asked(&app, &request)?;
    let key = if asked.dry_run { None } else { Some(idempotency_key(request.headers())?) };
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    if content_type.as_deref().is_some_and(is_form) {
        return Err(Problem::BadRequest {
            code: "file-in-a-form",
            detail: "The file came inside a form. Send the file itself as the body, with its type: curl --data-binary @FILE -H 'Content-Type: text/csv', not curl -F. Nothing was recorded.".to_owned(),
        });
    }
    let mut upload = Upload::begin(&app)?;
    while let Some(bytes) = payload.next().await {
        let bytes = bytes.map_err(|_| Problem::BadRequest {
            code: "upload-broken-off",
            detail: "The upload broke off before its end. Nothing was recorded; send it again.".to_owned(),
        })?;
        upload = upload.write(bytes).await?;
    }
    let source = upload.finish(asked.file_name.as_deref(), content_type.as_deref()).await?;
    let order = order(&app, &caller, &asked, (key, &source));
    let worker = (app.clone().into_inner(), order, source.clone());
    // The import goes on when the caller hangs up: half a file would be worse.
    let task = tokio::spawn(async move { worker.0.import_for_request(&worker.1, &worker.2, &|_| {}).await });
    let answer = task.await.map_err(|error| AppError::Internal(error.to_string()))??;
    respond(&app, &asked, answer, &source).await
}

fn order(app: &App, caller: &Caller, asked: &Asked, (key, source): (Option<String>, &Source)) -> ImportOrder {
    let request = key.map(|idempotency_key| RequestKey {
        caller: caller.0.key_id.clone(),
        idempotency_key,
        input_hash: app.vault.input_hash(&[b"import", kind_word(asked.kind).as_bytes(), &source.sha256]),
    });
    ImportOrder {
        principal: caller.0.clone(),
        kind: asked.kind,
        mode: asked.mode,
        dry_run: asked.dry_run,
        control_count: asked.control_count,
        control_sum_minor: asked.control_sum_minor,
        request,
    }
}

async fn respond(app: &App, asked: &Asked, answer: ImportAnswer, source: &Source) -> Result<HttpResponse, Problem> {
    match answer {
        ImportAnswer::Replayed(id, report) => Ok(HttpResponse::Ok()
            .insert_header(("Idempotent-Replayed", "true"))
            .insert_header((LOCATION, format!("/v1/imports/{id}")))
            .json(report)),
        ImportAnswer::Report(report) if asked.file_back => {
            let bytes = app.annotate(&report, source).await?;
            let mut response = table::file(source.format, "checked", bytes);
            *response.status_mut() = status_of(&report);
            Ok(response)
        }
        ImportAnswer::Report(report) => {
            let mut response = HttpResponse::build(status_of(&report));
            if report.status == ImportStatus::Completed || report.status == ImportStatus::Reversed {
                response.insert_header((LOCATION, format!("/v1/imports/{}", report.import_id)));
            }
            Ok(response.json(report.to_json(&app.profile)))
        }
    }
}

fn status_of(report: &ImportReport) -> StatusCode {
    match report.status {
        ImportStatus::Completed => StatusCode::CREATED,
        ImportStatus::Refused if !report.dry_run => StatusCode::UNPROCESSABLE_ENTITY,
        ImportStatus::Refused | ImportStatus::Checked | ImportStatus::Running => StatusCode::OK,
        ImportStatus::Reversed => StatusCode::CONFLICT,
    }
}

/// `GET /v1/imports`
pub async fn list(app: SharedApp, caller: Caller) -> Result<HttpResponse, Problem> {
    let imports = app.list_imports(&caller.0).await?;
    Ok(HttpResponse::Ok().json(json!({"imports": imports})))
}

/// `GET /v1/imports/{id}`
pub async fn read(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let id = path_id(&request, "import", |text| ImportId::parse(text).ok())?;
    Ok(HttpResponse::Ok().json(app.read_import(&caller.0, id).await?))
}

/// `POST /v1/imports/{id}/reverse`
pub async fn reverse(
    app: SharedApp,
    caller: Caller,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let id = path_id(&request, "import", |text| ImportId::parse(text).ok())?;
    let write = write_request(&app, &caller, &request, &bytes)?;
    let mut body = Body::parse(&bytes)?;
    let reason = body.note("reason", true);
    body.finish()?;
    let reason = reason.ok_or(Problem::App(AppError::Invalid(Vec::new())))?;
    app.read_import(&caller.0, id).await?;
    let done = app.reverse_import(&write, id, &reason).await?;
    let mut report: Value = app.read_import(&caller.0, id).await?;
    report["cancelled_payments"] = json!(done.cancelled);
    report["kept_payments"] = json!(done.kept);
    Ok(HttpResponse::Ok().json(report))
}

/// `GET /v1/imports/template.xlsx`
pub async fn template(app: SharedApp, _caller: Caller) -> Result<HttpResponse, Problem> {
    let bytes = app.template()?;
    Ok(table::file(crate::app::table::Format::Xlsx, "chitra-template", bytes))
}
