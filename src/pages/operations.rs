//! The operator's page: how far everything is, who is silent, who holds keys, and what was recorded last.

use super::Frame;
use super::deeds::DeedForm;
use super::desk::command_of;
use super::integration::time;
use crate::app::audit::read::AuditRow;
use crate::app::banks::silence::BankSilence;
use crate::app::feed::RecordedEvent;
use crate::app::oversight::approvals::ApprovalView;
use crate::app::progress::ProjectionProgress;
use crate::app::storage::Storage;
use crate::domain::profile::Profile;
use askama::Template;

/// A key as it is shown: never its secret.
pub struct KeyLine {
    pub label: String,
    pub role: String,
    pub place: String,
    pub made: String,
    pub is_revoked: bool,
    /// It waits for its first secret.
    pub is_waiting: bool,
    /// The day of its last use.
    pub used: Option<String>,
    /// The last day on which it opens.
    pub ends: Option<String>,
    pub is_over: bool,
}

/// A change of a bank or a key that waits, with the forms that decide it.
pub struct AskedLine<'a> {
    pub view: &'a ApprovalView,
    pub forms: Vec<DeedForm<'a>>,
    /// Nobody consents to one's own request.
    pub is_own: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "operations.html")]
pub struct OperationsPage<'a> {
    pub page: &'a Frame,
    pub profile: &'a Profile,
    pub version: &'a str,
    pub head: u64,
    pub head_us: i64,
    pub projections: Vec<ProjectionProgress>,
    pub waiting: u64,
    pub failing: u64,
    /// `None` for who does not look after banks.
    pub banks: Option<Vec<BankSilence>>,
    /// `None` for who decides of nothing here.
    pub asked: Option<Vec<AskedLine<'a>>>,
    /// `None` for who does not run the machine.
    pub keys: Option<Vec<KeyLine>>,
    /// The last events, latest first; `None` for who does not read the log.
    pub events: Option<Vec<RecordedEvent>>,
    /// `None` for who looks after neither machine nor records, as the next.
    pub storage: Option<Storage>,
    /// The last lines of the audit, latest first.
    pub audit: Option<Vec<AuditRow>>,
}

impl OperationsPage<'_> {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand over references")]
    fn number(&self, number: &u64) -> String {
        self.page.tongue.number(i64::try_from(*number).unwrap_or(i64::MAX))
    }

    fn asked_for(&self, line: &AskedLine<'_>) -> String {
        let request = &line.view.approval.request;
        let action = self.page.code("asked", request.command.action().as_str());
        let when = self.page.tongue.day(self.profile.business_day(request.expires_at.as_microsecond()));
        self.page.say("desk.asked", &[("what", action), ("who", &request.requested_by), ("day", &when)])
    }

    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn command(&self, line: &AskedLine<'_>) -> Vec<(String, String)> {
        command_of(line.view)
    }

    fn behind(&self, one: &ProjectionProgress) -> String {
        self.number(&self.head.saturating_sub(one.position))
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand over references")]
    fn time(&self, at_us: &i64) -> String {
        time(self.page, self.profile, *at_us)
    }

    /// In millions of bytes, which is close enough.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand over references")]
    fn megabytes(&self, bytes: &u64) -> String {
        format!("{} MB", self.number(&bytes.div_ceil(1_000_000)))
    }

    fn last(&self, bank: &BankSilence) -> String {
        bank.last_us.map_or_else(|| self.page.t("operations.never").to_owned(), |at| self.time(&at))
    }

    fn bank<'b>(&'b self, bank: &'b BankSilence) -> &'b str {
        self.profile.bank(bank.bank.as_str()).map_or(bank.bank.as_str(), |spec| spec.short_name.as_str())
    }

    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn category<'b>(&self, event: &'b RecordedEvent) -> &'b str {
        event.stream.split_once('-').map_or(event.stream.as_str(), |(category, _)| category)
    }
}
