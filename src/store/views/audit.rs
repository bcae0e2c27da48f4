//! What the store must answer of the audit, and its rows to and from values.

use super::decode::Columns;
use super::encode::RowValues;
use super::filters::with_filters;
use super::{Page, Snapshot};
use crate::domain::audit::AuditKind;
use crate::projections::audit::{AuditLine, AuditRow};
use crate::store::StoreError;
use crate::store::decode::StoreRow;
use async_trait::async_trait;

/// Which lines. `None` is no filter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    /// Recorded at or after this instant, in microseconds since the Unix epoch.
    pub from_us: Option<i64>,
    /// Recorded before this one.
    pub until_us: Option<i64>,
    pub kind: Option<AuditKind>,
    pub actor: Option<String>,
    pub operation: Option<String>,
}

/// The part of [`super::ViewStore`] that is about the audit.
#[async_trait]
pub trait AuditStore: Send + Sync + 'static {
    /// A page of lines, newest first: those before the page's position.
    async fn list_audit(&self, filter: &AuditFilter, page: Page) -> Result<Snapshot<Vec<AuditRow>>, StoreError>;
}

/// The statement with the lines of the filters that are set.
pub(super) fn list(filter: &AuditFilter) -> String {
    with_filters(include_str!("../sql/audit_entries_list.sql"), |name| match name {
        "from" => filter.from_us.is_some(),
        "until" => filter.until_us.is_some(),
        "kind" => filter.kind.is_some(),
        "actor" => filter.actor.is_some(),
        "operation" => filter.operation.is_some(),
        _ => true,
    })
}

/// The columns of `audit_entries`.
pub(super) fn entry(row: &AuditRow, v: &mut impl RowValues) {
    let line = &row.line;
    v.number(row.position).number(row.recorded_at_us).text(line.kind.as_str()).maybe(line.actor.as_deref());
    v.text(&line.operation).maybe(line.code.as_deref()).maybe(line.object.as_deref()).maybe(line.purpose.as_deref());
    v.number(line.count).text(&super::encode::json(&line.about));
}

impl<R: StoreRow> Columns<'_, R> {
    /// The columns of `audit_entries`.
    pub(super) fn audit_entry(&mut self) -> Result<AuditRow, StoreError> {
        let (position, recorded_at_us) = (self.unsigned()?, self.number()?);
        let kind = AuditKind::parse(self.text()?).ok_or_else(super::decode::missing)?;
        let line = AuditLine {
            kind,
            actor: self.maybe()?.map(str::to_owned),
            operation: self.text()?.to_owned(),
            code: self.maybe()?.map(str::to_owned),
            object: self.maybe()?.map(str::to_owned),
            purpose: self.maybe()?.map(str::to_owned),
            count: self.unsigned()?,
            about: self.json()?.ok_or_else(super::decode::missing)?,
        };
        Ok(AuditRow { position, recorded_at_us, line })
    }
}
