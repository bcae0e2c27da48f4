//! The operator's page, also for those who examine the log.

use super::html;
use super::visitor::Visitor;
use crate::app::App;
use crate::app::access::{Action, Principal, Reach, Role};
use crate::app::audit::read::AuditFilter;
use crate::app::error::AppError;
use crate::app::feed::Direction;
use crate::app::keys::waits;
use crate::app::oversight::approvals::ApprovalView;
use crate::app::oversight::recoveries::ApprovalFilter;
use crate::app::queries::Page;
use crate::domain::approval::ApprovalState;
use crate::http::context::SharedApp;
use crate::http::problem::Problem;
use crate::pages::deeds::{self, DeedForm, Options};
use crate::pages::operations::{AskedLine, KeyLine, OperationsPage};
use actix_web::HttpResponse;

/// The last events on the page.
const EVENTS: u32 = 30;
/// The newest keys on the page.
const KEYS: usize = 200;
/// The first things that wait for a second operator.
const ASKED: u32 = 50;

/// `GET /operations`
pub async fn operations(app: SharedApp, visitor: Visitor) -> Result<HttpResponse, Problem> {
    let principal = visitor.principal()?;
    let head = app.store.head().await.map_err(AppError::Store)?;
    let (waiting, failing) = app.registry.delivery_counts().await.map_err(AppError::Store)?;
    let banks = match principal.reach(Action::ManageBanks) {
        Reach::Everything => Some(app.silent_banks().await?),
        _ => None,
    };
    let keys =
        if principal.role == Role::Operator { Some(app.keys.list().await.map_err(AppError::Store)?) } else { None };
    let events = if principal.reach(Action::ReadEvents) == Reach::Nothing {
        None
    } else {
        let read = app.store.read_all(None, Direction::Backwards, EVENTS).await;
        Some(read.map_err(AppError::Store)?)
    };
    let audit = match principal.reach(Action::ReadAudit) {
        Reach::Nothing => None,
        _ => Some(app.audit_lines(principal, &AuditFilter::default(), (None, EVENTS), None).await?.answer.rows),
    };
    let storage = if principal.reach(Action::ReadAudit) == Reach::Nothing { None } else { Some(app.storage().await?) };
    let frame = visitor.frame(&app);
    let form_id = app.visitor_token();
    let today = app.profile.business_day(app.clock.now_us());
    let around =
        Options { page: &frame, profile: &app.profile, today, form_id: &form_id, back: "/operations", desks: &[] };
    let asked = asked(&app, principal).await?;
    html(&OperationsPage {
        page: &frame,
        profile: &app.profile,
        version: env!("CARGO_PKG_VERSION"),
        head: head.position,
        head_us: head.recorded_at_us,
        projections: app.progress.snapshot(),
        waiting,
        failing,
        banks,
        asked: asked.as_deref().map(|views| lines_of(principal, around, views)),
        keys: keys.map(|keys| {
            keys.into_iter()
                .rev()
                .take(KEYS)
                .map(|key| (waits(&key), key))
                .map(|(is_waiting, key)| KeyLine {
                    label: key.label,
                    role: key.role,
                    place: key.unit_key.or(key.bank).unwrap_or_default(),
                    made: visitor.tongue.day(app.profile.business_day(key.created_at_us)),
                    is_revoked: key.revoked_at_us.is_some(),
                    is_waiting,
                    used: key.used_at_us.map(|at| visitor.tongue.day(app.profile.business_day(at))),
                    ends: key.expires_at_us.map(|at| visitor.tongue.day(app.profile.business_day(at - 1))),
                    is_over: key.expires_at_us.is_some_and(|at| at <= app.clock.now_us()),
                })
                .collect()
        }),
        events,
        storage,
        audit,
    })
}

/// What waits for a second operator; `None` for who is not one.
async fn asked(app: &App, principal: &Principal) -> Result<Option<Vec<ApprovalView>>, AppError> {
    if principal.reach(Action::DecideApproval) != Reach::NoUnit {
        return Ok(None);
    }
    let filter = ApprovalFilter { state: Some(ApprovalState::Pending), ..ApprovalFilter::default() };
    let head = app.store.head().await?.position;
    let page = Page { after: 0, limit: ASKED };
    // What a form has just done is looked for; a page that says how far everything is waits for nothing else.
    let list = |position| app.list_approvals(principal, (None, filter.clone()), page, position);
    let found = match list(Some(head)).await {
        Err(AppError::NotCaughtUp { .. }) => list(None).await?,
        found => found?,
    };
    let mut views = Vec::new();
    for row in found.answer.rows {
        views.push(app.read_approval(principal, row.approval_id).await?);
    }
    Ok(Some(views))
}

fn lines_of<'a>(principal: &Principal, around: Options<'a>, views: &'a [ApprovalView]) -> Vec<AskedLine<'a>> {
    let line = |(place, view): (usize, &'a ApprovalView)| {
        let request = &view.approval.request;
        let is_own = request.requested_by == principal.key_id;
        let known = || vec![("path.id", request.approval_id.to_string())];
        let names = ["grantApproval", "declineApproval"];
        let allowed = names.iter().enumerate().filter(|(_, name)| !is_own || **name != "grantApproval");
        let forms = allowed.filter_map(|(number, name)| {
            let form = DeedForm::new(around, deeds::find(name)?, place * 10 + number);
            Some(DeedForm { known: known(), is_first: number == 0, ..form })
        });
        AskedLine { view, forms: forms.collect(), is_own }
    };
    views.iter().enumerate().map(line).collect()
}
