//! The audit's page: lines of who used the log, who was turned away, and what those did who run it.

use super::Frame;
use super::integration::time;
use crate::app::audit::read::{AuditKind, AuditRow};
use crate::domain::profile::Profile;
use askama::Template;

/// What is asked for, as it stands in the form.
pub struct Wanted {
    pub from: String,
    pub until: String,
    pub kind: String,
    pub actor: String,
    pub operation: String,
}

/// The page.
#[derive(Template)]
#[template(path = "audit.html")]
pub struct AuditPage<'a> {
    pub page: &'a Frame,
    pub profile: &'a Profile,
    pub wanted: Wanted,
    /// It shows the latest lines of what is asked for.
    pub is_first: bool,
    pub rows: &'a [AuditRow],
    pub next: Option<String>,
    /// The address of the same lines as a file, up to its form.
    pub file: String,
}

impl AuditPage<'_> {
    fn kinds(&self) -> Vec<(&'static str, &str, bool)> {
        let of = |kind: AuditKind| {
            (kind.as_str(), self.page.code("audit_kind", kind.as_str()), self.wanted.kind == kind.as_str())
        };
        AuditKind::ALL.into_iter().map(of).collect()
    }

    fn time(&self, row: &AuditRow) -> String {
        time(self.page, self.profile, row.recorded_at_us)
    }

    fn count(&self, row: &AuditRow) -> String {
        self.page.tongue.number(i64::try_from(row.line.count).unwrap_or(i64::MAX))
    }

    /// The same lines of one key alone.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn of_actor(&self, actor: &str) -> String {
        format!("/audit?actor={actor}")
    }

    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn about(&self, row: &AuditRow) -> String {
        row.line.about.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    }
}
