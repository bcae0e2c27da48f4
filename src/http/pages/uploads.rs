//! Office files through pages: the same importer as the API's, with the file kept between its check and its recording.

use super::desk::may_do;
use super::form::Form;
use super::multipart;
use super::visitor::Visitor;
use super::{html, see};
use crate::app::App;
use crate::app::access::{Action, Principal, Reach};
use crate::app::drafts::{Draft, DraftState, NewDraft};
use crate::app::error::{AppError, FieldIssue};
use crate::app::imports::{kind_of_word, kind_word};
use crate::app::upload::Upload;
use crate::app::words::{self, Words};
use crate::domain::ids::ImportId;
use crate::domain::import::{ImportKind, ImportMode};
use crate::http::context::{SharedApp, path_id};
use crate::http::following::following;
use crate::http::imports::{COUNT, KIND};
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::table;
use crate::pages::deeds::{self, DeedForm, Options};
use crate::pages::uploads::{Report, UploadPage, UploadsPage};
use actix_multipart::Multipart;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::StreamExt;
use futures_util::stream::{self, Stream};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How often progress is told at most.
const TOLD_EVERY: Duration = Duration::from_millis(250);
/// How often a silent stream says that it is alive.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Earlier imports on the page.
const EARLIER: usize = 30;

fn kinds(principal: &Principal) -> Vec<&'static str> {
    let may =
        |kind: &ImportKind| *kind != ImportKind::Identity || principal.reach(Action::RecordIdentity) != Reach::Nothing;
    [ImportKind::Payments, ImportKind::Outcomes, ImportKind::Beneficiaries, ImportKind::Identity]
        .into_iter()
        .filter(may)
        .map(kind_word)
        .collect()
}

/// `GET /uploads`
pub async fn list(app: SharedApp, visitor: Visitor) -> Result<HttpResponse, Problem> {
    let principal = visitor.principal()?;
    let earlier = app.list_imports(principal).await?;
    html(&UploadsPage {
        page: &visitor.frame(&app),
        profile: &app.profile,
        kinds: kinds(principal),
        earlier: earlier.into_iter().take(EARLIER).map(Report::new).collect(),
    })
}

/// `POST /uploads`: the file goes into its spool as it comes, then it is looked through in the background.
pub async fn send(
    app: SharedApp,
    visitor: Visitor,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let principal = visitor.principal()?;
    let mut form = Multipart::new(request.headers(), payload);
    let mut fields = BTreeMap::new();
    let (mut source, mut file_name) = (None, String::new());
    while let Some(field) = form.next().await {
        let mut field = field.map_err(multipart::problem)?;
        let Some(name) = multipart::file_name(&field) else {
            let named = field.name().unwrap_or_default().to_owned();
            fields.insert(named, multipart::text(&mut field).await?);
            continue;
        };
        // The token comes before the file: nothing of another page's is kept.
        Form::of_fields(fields.clone()).check(&request, &visitor)?;
        let mut upload = Upload::begin(&app)?;
        while let Some(piece) = field.next().await {
            upload = upload.write(piece.map_err(multipart::problem)?).await?;
        }
        source = Some(upload.finish(Some(&name), None).await?);
        file_name = name.chars().filter(|c| !c.is_control()).take(120).collect();
    }
    let form = Form::of_fields(fields);
    form.check(&request, &visitor)?;
    let mut asked = Query::of_values(
        ["kind", "control_count", "control_sum"].map(|name| (name.to_owned(), form.text(name).to_owned())).into(),
    );
    let kind = asked.required("kind", &KIND, kind_of_word);
    let control_count = asked.optional("control_count", &COUNT, |text| text.parse().ok());
    let control_sum = asked.optional("control_sum", &words::AMOUNT, |text| app.profile.currency.parse(text).ok());
    if source.is_none() {
        const FILE: Words = Words { en: "a file, CSV, XLSX or NDJSON", vi: "một tệp CSV, XLSX hoặc NDJSON" };
        asked.report("file", &FILE);
    }
    asked.finish()?;
    let (Some(kind), Some(source)) = (kind, source) else { return Err(Problem::App(AppError::Invalid(Vec::new()))) };
    let control_sum_minor = control_sum.map(|sum| sum.minor);
    let new = NewDraft { kind, file_name, control_count, control_sum_minor, source };
    let id = app.clock.opaque_id().simple().to_string();
    let draft = app.drafts.keep((id, app.clock.now_us()), principal, new);
    let there = see(&format!("/uploads/{}", draft.id));
    carry(&app, principal, (draft, None));
    Ok(there)
}

/// Looks a file through, or records it, whether or not anybody waits for it.
fn carry(app: &SharedApp, principal: &Principal, (draft, mode): (Arc<Draft>, Option<ImportMode>)) {
    let (app, principal) = (app.clone().into_inner(), principal.clone());
    tokio::spawn(async move {
        if let Err(error) = app.carry_draft(&principal, (&draft, mode)).await {
            let (_, told) = Problem::App(error).told(&draft.id, Some(app.profile.currency));
            let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            let first = &told["errors"][0];
            let message = if first["message"].is_string() { text(&first["message"]) } else { text(&told["detail"]) };
            let message_vi = if first["message_vi"].is_string() { text(&first["message_vi"]) } else { message.clone() };
            draft.tell(DraftState::Failed { code: text(&told["code"]), message, message_vi });
        }
    });
}

fn draft(app: &App, visitor: &Visitor, request: &HttpRequest) -> Result<Arc<Draft>, Problem> {
    let id = path_id(request, "upload", |text| Some(text.to_owned()))?;
    let found = app.drafts.get(&id, visitor.principal()?, app.clock.now_us());
    found.ok_or(Problem::App(AppError::NotFound("upload")))
}

fn from(request: &HttpRequest) -> Result<usize, Problem> {
    let mut query = Query::of(request)?;
    let from = query.optional("from", &COUNT, |text| text.parse().ok()).unwrap_or(0);
    for told in ["recorded", "min_position"] {
        query.optional(told, &COUNT, |text| Some(text.to_owned()));
    }
    query.finish()?;
    Ok(from)
}

/// `GET /uploads/{id}`
pub async fn read(app: SharedApp, visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let (draft, from) = (draft(&app, &visitor, &request)?, from(&request)?);
    let state = draft.state();
    let report = match &state {
        DraftState::Checked(report) => Some(report.to_json(&app.profile)),
        DraftState::Done { report, .. } => Some(serde_json::Value::clone(report)),
        DraftState::Checking { .. } | DraftState::Recording { .. } | DraftState::Failed { .. } => None,
    };
    page(&app, &visitor, (Some((&draft, state)), report.map(Report::new), from))
}

/// `GET /imports/{id}`
pub async fn earlier(app: SharedApp, visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let from = from(&request)?;
    let id = path_id(&request, "import", |text| ImportId::parse(text).ok())?;
    let report = app.read_import(visitor.principal()?, id).await?;
    page(&app, &visitor, (None, Some(Report::new(report)), from))
}

/// A file that is still kept, and how far it has come.
type OnItsWay<'a> = Option<(&'a Arc<Draft>, DraftState)>;

fn page(
    app: &App,
    visitor: &Visitor,
    (draft, report, from): (OnItsWay<'_>, Option<Report>, usize),
) -> Result<HttpResponse, Problem> {
    let principal = visitor.principal()?;
    let frame = visitor.frame(app);
    let form_id = app.visitor_token();
    let id = report.as_ref().map_or_else(String::new, |report| report.id().to_owned());
    let back = format!("/imports/{id}");
    let today = app.profile.business_day(app.clock.now_us());
    let around = Options { page: &frame, profile: &app.profile, today, form_id: &form_id, back: &back, desks: &[] };
    let may_be_undone =
        report.as_ref().is_some_and(|report| report.status() == "completed" && report.kind() == "payments");
    let undo = deeds::find("reverseImport").filter(|deed| may_be_undone && may_do(principal, deed.operation));
    let undo = undo.map(|deed| DeedForm { known: vec![("path.id", id)], ..DeedForm::new(around, deed, 0) });
    let (draft, state) = draft.unzip();
    html(&UploadPage {
        page: &frame,
        profile: &app.profile,
        kinds: kinds(principal),
        draft: draft.map(Arc::as_ref),
        state,
        report,
        from,
        undo,
    })
}

/// `POST /uploads/{id}/confirm`
pub async fn confirm(
    app: SharedApp,
    visitor: Visitor,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Problem> {
    let form = Form::of_session(&request, &visitor, &bytes)?;
    let draft = draft(&app, &visitor, &request)?;
    let mode = match form.text("mode") {
        "all" => ImportMode::All,
        "valid_rows" => ImportMode::ValidRows,
        _ => {
            let (en, vi) = ("expected all or valid_rows", "cần all hoặc valid_rows");
            return Err(Problem::App(AppError::Invalid(vec![FieldIssue::new("mode", "invalid-value", en, vi)])));
        }
    };
    let there = see(&format!("/uploads/{}", draft.id));
    // Sent twice, it is recorded once.
    if draft.begins() {
        carry(&app, visitor.principal()?, (draft, Some(mode)));
    }
    Ok(there)
}

/// `GET /uploads/{id}/file`: the same file back, with what is wrong in a column of its own.
pub async fn file(app: SharedApp, visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let draft = draft(&app, &visitor, &request)?;
    let (DraftState::Checked(report) | DraftState::Done { made: Some(report), .. }) = draft.state() else {
        return Err(Problem::App(AppError::NotFound("upload")));
    };
    let bytes = app.annotate(&report, &draft.source).await?;
    Ok(table::file(draft.source.format, "checked", bytes))
}

/// `GET /uploads/{id}/live`: how far it has come, as it comes.
pub async fn live(app: SharedApp, visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let draft = draft(&app, &visitor, &request)?;
    Ok(following(&app, told(draft.watch())))
}

fn told(states: watch::Receiver<DraftState>) -> impl Stream<Item = Result<Bytes, Problem>> {
    stream::unfold(Some(states), |states| async move {
        let mut states = states?;
        let state = states.borrow_and_update().clone();
        let (rows, of) = match state {
            DraftState::Checking { rows } => (rows, None),
            DraftState::Recording { rows, of } => (rows, Some(of)),
            // The page asks for the rest.
            DraftState::Checked(_) | DraftState::Done { .. } | DraftState::Failed { .. } => {
                return Some((Ok(Bytes::from_static(b"event: done\ndata: {}\n\n")), None));
            }
        };
        tokio::time::sleep(TOLD_EVERY).await;
        let moved = tokio::time::timeout(KEEP_ALIVE, states.changed()).await;
        // The file was forgotten.
        if matches!(moved, Ok(Err(_))) {
            return None;
        }
        let told = serde_json::json!({"rows": rows, "of": of});
        Some((Ok(Bytes::from(format!("event: progress\ndata: {told}\n\n"))), Some(states)))
    })
}
