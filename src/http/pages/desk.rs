//! The desk of clerks and supervisors: what must be done today, each with the forms that do it.

use super::html;
use super::visitor::Visitor;
use crate::app::App;
use crate::app::access::{Principal, Reach};
use crate::app::error::AppError;
use crate::app::oversight::approvals::ApprovalView;
use crate::app::worklist::{WorkItem, WorkKind, WorkQuery};
use crate::domain::ids::ApprovalId;
use crate::http::context::SharedApp;
use crate::http::figures::scope;
use crate::http::lists::CURSOR;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::routes::OPERATIONS;
use crate::http::worklist::{KIND, cursor_of, operations, place};
use crate::pages::deeds::{self, Options};
use crate::pages::desk::{DeskPage, Line};
use actix_web::{HttpRequest, HttpResponse};
use std::collections::BTreeMap;

/// Items of one page.
const PAGE: usize = 40;

/// Whether somebody's role allows an operation.
pub(super) fn may_do(principal: &Principal, operation: &str) -> bool {
    let found = OPERATIONS.iter().find(|found| found.id == operation);
    found.and_then(|found| found.action).is_some_and(|action| principal.reach(action) != Reach::Nothing)
}

/// `GET /desk`
pub async fn desk(app: SharedApp, visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let principal = visitor.principal()?;
    let mut query = Query::of(&request)?;
    let given = query.given();
    let text = |name: &str| given.get(name).cloned().unwrap_or_default();
    let asked = WorkQuery {
        unit: scope(&app, &mut query)?,
        kind: query.optional("kind", &KIND, WorkKind::parse),
        due_before: None,
        after: query.optional("cursor", &CURSOR, place),
        limit: PAGE,
    };
    let min_position = query.number("min_position");
    for told in ["recorded", "waits"] {
        query.optional(told, &CURSOR, |text| Some(text.to_owned()));
    }
    query.finish()?;
    let (kind, unit) = (asked.kind, asked.unit.clone());
    let found = app.worklist(principal, asked, min_position).await?;
    let approvals = approvals(&app, principal, &found.answer.items).await?;
    let kept = [("unit", text("unit")), ("kind", text("kind"))];
    let kept: Vec<String> = kept
        .iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| format!("{name}={}", super::gate::encoded(text)))
        .collect();
    let back = format!("/desk?{}", kept.join("&"));
    let form_id = app.visitor_token();
    let frame = visitor.frame(&app);
    let today = app.profile.business_day(app.clock.now_us());
    let around = Options { page: &frame, profile: &app.profile, today, form_id: &form_id, back: &back, desks: &[] };
    let lines = found.answer.items.iter().enumerate().map(|(number, item)| Line {
        around,
        item,
        approval: item.object.as_ref().and_then(|id| approvals.get(id)),
        number,
        deeds: names(&app, principal, item),
    });
    let next = found.answer.next.map(|next| format!("{back}&cursor={}", cursor_of(next)));
    html(&DeskPage {
        page: &frame,
        profile: &app.profile,
        today,
        unit: unit.as_ref().map_or_else(String::new, ToString::to_string),
        kind,
        counts: &found.answer.counts,
        lines: lines.collect(),
        next,
    })
}

/// The operations that the playbook names for an item, as far as pages have forms for them and the role allows them.
fn names(app: &App, principal: &Principal, item: &WorkItem) -> Vec<&'static str> {
    let Some(play) = app.profile.playbook.get(item.play) else { return Vec::new() };
    let mut names: Vec<&'static str> = operations(play).map(|operation| operation.id).collect();
    // A message may be judged again once the payment's record was mended.
    if item.kind == WorkKind::BankItem {
        names.push("judgeInbox");
    }
    // Whatever the bank or the desk says when it is asked.
    if item.kind == WorkKind::Late {
        names.extend(["settlePayment", "rejectPayment"]);
    }
    // A list's steps are planned first, on its own page.
    if item.kind == WorkKind::List {
        names.clear();
    }
    names.retain(|id| deeds::find(id).is_some() && may_do(principal, id));
    names
}

/// What the items that wait for a second person ask for, by the approval's id.
async fn approvals(
    app: &App,
    principal: &Principal,
    items: &[WorkItem],
) -> Result<BTreeMap<String, ApprovalView>, AppError> {
    let mut found = BTreeMap::new();
    for item in items.iter().filter(|item| item.kind == WorkKind::Approval) {
        let Some(id) = item.object.as_deref() else { continue };
        if let Ok(approval) = ApprovalId::parse(id) {
            found.insert(id.to_owned(), app.read_approval(principal, approval).await?);
        }
    }
    Ok(found)
}
