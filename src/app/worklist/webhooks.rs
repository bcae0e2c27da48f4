//! Work that endpoints make which were to be told of payments: those that were switched off because they took nothing.

use super::{Gathering, WorkItem, WorkKind, WorkScope, WorkSource};
use crate::app::error::AppError;
use crate::domain::profile::playbook::Situation;
use crate::domain::webhook::{DisableCause, WebhookStatus};
use crate::projections::{Checkpoint, Projection};
use async_trait::async_trait;

/// Endpoints that are gone, or took nothing for too long.
pub(super) struct WebhooksOff;

#[async_trait]
impl WorkSource for WebhooksOff {
    fn kinds(&self) -> &'static [WorkKind] {
        &[WorkKind::WebhookOff]
    }

    /// They are read from their streams; this is whose position the list waits for.
    fn projection(&self) -> Projection {
        Projection::Oversight
    }

    async fn gather(&self, scope: &WorkScope<'_>, into: &mut Gathering) -> Result<Checkpoint, AppError> {
        let checkpoint = scope.app.views.progress(Projection::Oversight).await?.checkpoint;
        for (state, last) in scope.app.held_webhooks().await? {
            let Some(own) = state.registered else { continue };
            let cause = match own.status {
                WebhookStatus::Disabled(cause @ (DisableCause::Gone | DisableCause::Failing)) => cause,
                WebhookStatus::Disabled(DisableCause::Asked) | WebhookStatus::Active | WebhookStatus::Removed => {
                    continue;
                }
            };
            let unit = own.settings.unit.clone();
            let in_scope =
                scope.units.as_ref().is_none_or(|units| unit.as_ref().is_some_and(|unit| units.contains(unit)));
            if !in_scope {
                continue;
            }
            let profile = &scope.app.profile;
            let about = (unit, profile.business_day(last.recorded_at_us), u64::from(own.place));
            let item = WorkItem::of(profile, WorkKind::WebhookOff, Situation::WebhookOff, about);
            let (object, reason) = (own.webhook_id.to_string(), ("webhook".to_owned(), cause.as_str().to_owned()));
            let named = |item| WorkItem { object: Some(object), reason: Some(reason), ..item };
            item.map(named).into_iter().for_each(|item| into.take(item));
        }
        Ok(checkpoint)
    }
}
