//! The operator's page, also for those who examine the log.

use super::html;
use super::visitor::Visitor;
use crate::app::access::{Action, Reach, Role};
use crate::app::audit::read::AuditFilter;
use crate::app::error::AppError;
use crate::app::feed::Direction;
use crate::http::context::SharedApp;
use crate::http::problem::Problem;
use crate::pages::operations::{KeyLine, OperationsPage};
use actix_web::HttpResponse;

/// The last events on the page.
const EVENTS: u32 = 30;
/// The newest keys on the page.
const KEYS: usize = 200;

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
    html(&OperationsPage {
        page: &visitor.frame(&app),
        profile: &app.profile,
        version: env!("CARGO_PKG_VERSION"),
        head: head.position,
        head_us: head.recorded_at_us,
        projections: app.progress.snapshot(),
        waiting,
        failing,
        banks,
        keys: keys.map(|keys| {
            keys.into_iter()
                .rev()
                .take(KEYS)
                .map(|key| KeyLine {
                    label: key.label,
                    role: key.role,
                    place: key.unit_key.or(key.bank).unwrap_or_default(),
                    made: visitor.tongue.day(app.profile.business_day(key.created_at_us)),
                    is_revoked: key.revoked_at_us.is_some(),
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
