//! Office files through a page: sent, looked through row by row, recorded once somebody has seen count and sum, and undone.

use super::Frame;
use super::deeds::DeedForm;
use super::payments::money;
use crate::app::drafts::{Draft, DraftState};
use crate::app::tongue::Tongue;
use crate::domain::profile::Profile;
use askama::Template;
use serde_json::Value;

/// Findings of one page.
pub const FINDINGS: usize = 50;

/// Where files are sent, and what became of earlier ones.
#[derive(Template)]
#[template(path = "uploads.html")]
pub struct UploadsPage<'a> {
    pub page: &'a Frame,
    pub profile: &'a Profile,
    pub kinds: Vec<&'static str>,
    pub earlier: Vec<Report>,
}

/// One file: on its way, or as it ended.
#[derive(Template)]
#[template(path = "upload.html")]
pub struct UploadPage<'a> {
    pub page: &'a Frame,
    pub profile: &'a Profile,
    pub kinds: Vec<&'static str>,
    /// While it is on its way.
    pub draft: Option<&'a Draft>,
    pub state: Option<DraftState>,
    pub report: Option<Report>,
    /// Findings are shown from this one on.
    pub from: usize,
    pub undo: Option<DeedForm<'a>>,
}

/// One thing found in a row.
#[derive(Debug)]
pub struct Finding {
    pub row: u64,
    pub column: String,
    pub is_error: bool,
    pub code: String,
    pub message: String,
    pub expected: String,
    pub found: String,
}

/// An import's report as the API tells it.
#[derive(Debug)]
pub struct Report(Value);

impl Report {
    #[must_use]
    pub const fn new(report: Value) -> Self {
        Self(report)
    }

    fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_default()
    }

    fn count(&self, name: &str) -> u64 {
        self.0[name].as_u64().unwrap_or(0)
    }

    /// Its id, where something was recorded.
    #[must_use]
    pub fn id(&self) -> &str {
        self.text("import_id")
    }

    #[must_use]
    pub fn status(&self) -> &str {
        self.text("status")
    }

    #[must_use]
    pub fn kind(&self) -> &str {
        self.text("kind")
    }

    fn actor(&self) -> &str {
        self.text("actor")
    }

    /// Whether rows can be recorded as they are.
    fn is_clean(&self) -> bool {
        self.status() == "checked"
    }

    /// The rows that could be recorded without the others.
    fn good_rows(&self) -> u64 {
        self.count("rows").saturating_sub(self.count("refused_rows"))
    }

    /// Whether only rows stand in the way, and not what was said of the file as a whole.
    fn may_go_without(&self) -> bool {
        let of_the_whole = |code: &&str| self.0["counts"][code].as_u64().is_some_and(|count| count > 0);
        let controls = ["control-count-differs", "control-sum-differs"];
        self.status() == "refused" && self.good_rows() > 0 && !controls.iter().any(of_the_whole)
    }

    /// How often each code was found, most frequent first.
    fn counts(&self) -> Vec<(String, u64)> {
        let members = self.0["counts"].as_object();
        let mut counts: Vec<(String, u64)> =
            members.into_iter().flatten().filter_map(|(code, count)| Some((code.clone(), count.as_u64()?))).collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        counts
    }

    /// What was found: errors first, each in the order of rows.
    fn findings(&self, tongue: Tongue) -> Vec<Finding> {
        let message = match tongue {
            Tongue::Vietnamese => "message_vi",
            Tongue::English => "message",
        };
        let one = |issue: &Value| {
            let text = |name: &str| issue[name].as_str().unwrap_or_default().to_owned();
            Finding {
                row: issue["row"].as_u64().unwrap_or(0),
                column: text("column"),
                is_error: issue["severity"] == "error",
                code: text("code"),
                message: text(message),
                expected: text("expected"),
                found: text("found"),
            }
        };
        let mut found: Vec<Finding> = self.0["issues"].as_array().into_iter().flatten().map(one).collect();
        found.sort_by_key(|finding| (!finding.is_error, finding.row));
        found
    }
}

fn number(page: &Frame, number: u64) -> String {
    page.tongue.number(i64::try_from(number).unwrap_or(i64::MAX))
}

/// An amount of the report, as the language writes it.
fn sum(page: &Frame, profile: &Profile, text: &str) -> String {
    profile.currency.parse(text).map_or_else(|_| text.to_owned(), |sum| money(profile, page.tongue, sum.minor))
}

fn chip(status: &str) -> &'static str {
    match status {
        "completed" | "checked" => "good",
        "refused" | "reversed" => "bad",
        _ => "warn",
    }
}

impl UploadsPage<'_> {
    #[expect(clippy::unused_self, reason = "templates call methods")]
    const fn is_chosen(&self, _kind: &&str) -> bool {
        false
    }

    fn count(&self, report: &Report, name: &str) -> String {
        number(self.page, report.count(name))
    }

    fn sum(&self, report: &Report) -> String {
        sum(self.page, self.profile, report.text("recorded_sum"))
    }

    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn chip(&self, report: &Report) -> &'static str {
        chip(report.status())
    }
}

impl UploadPage<'_> {
    fn title(&self) -> String {
        let kind = self.draft.map(|draft| crate::app::imports::kind_word(draft.kind));
        let kind = kind.or_else(|| self.report.as_ref().map(Report::kind)).unwrap_or_default();
        self.page.code("file", kind).to_owned()
    }

    fn file_name(&self) -> &str {
        self.draft.map_or("", |draft| draft.file_name.as_str())
    }

    /// How far it has come while it moves: rows, and of how many.
    fn moving(&self) -> Option<(u64, Option<u64>)> {
        match self.state.as_ref()? {
            DraftState::Checking { rows } => Some((*rows, None)),
            DraftState::Recording { rows, of } => Some((*rows, Some(*of))),
            DraftState::Checked(_) | DraftState::Done { .. } | DraftState::Failed { .. } => None,
        }
    }

    fn progress(&self) -> String {
        match self.moving() {
            Some((rows, Some(of))) => {
                self.page.say("uploads.recording", &[("n", &number(self.page, rows)), ("of", &number(self.page, of))])
            }
            Some((rows, None)) => self.page.say("uploads.checking", &[("n", &number(self.page, rows))]),
            None => String::new(),
        }
    }

    fn failed(&self) -> Option<(&str, &str)> {
        match self.state.as_ref()? {
            DraftState::Failed { code, message, message_vi } => Some((
                code,
                match self.page.tongue {
                    Tongue::Vietnamese => message_vi,
                    Tongue::English => message,
                },
            )),
            DraftState::Checking { .. }
            | DraftState::Checked(_)
            | DraftState::Recording { .. }
            | DraftState::Done { .. } => None,
        }
    }

    /// Nothing is recorded yet, and it may be.
    fn is_draft(&self) -> bool {
        matches!(self.state, Some(DraftState::Checked(_)))
    }

    /// Whether the file can be had back with what was found.
    fn has_file_back(&self) -> bool {
        match &self.state {
            Some(DraftState::Checked(report) | DraftState::Done { made: Some(report), .. }) => {
                !report.issues.is_empty()
            }
            _ => false,
        }
    }

    fn count(&self, report: &Report, name: &str) -> String {
        number(self.page, report.count(name))
    }

    fn good(&self, report: &Report) -> String {
        number(self.page, report.good_rows())
    }

    fn sum(&self, report: &Report, name: &str) -> String {
        sum(self.page, self.profile, report.text(name))
    }

    fn findings(&self, report: &Report) -> Vec<Finding> {
        report.findings(self.page.tongue).into_iter().skip(self.from).take(FINDINGS).collect()
    }

    fn more(&self, report: &Report) -> Option<String> {
        let next = self.from + FINDINGS;
        let path = self.page.here.split('?').next().unwrap_or_default();
        (report.findings(self.page.tongue).len() > next).then(|| format!("{path}?from={next}#findings"))
    }

    fn confirm(&self, report: &Report) -> String {
        let (n, sum) = (self.count(report, "rows"), self.sum(report, "sum"));
        if report.kind() == "payments" {
            self.page.say("uploads.record_all", &[("n", &n), ("sum", &sum)])
        } else {
            self.page.say("uploads.record_rows", &[("n", &n)])
        }
    }

    /// A file that is sent again is of the same kind.
    fn is_chosen(&self, kind: &&str) -> bool {
        self.draft.is_some_and(|draft| crate::app::imports::kind_word(draft.kind) == *kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn report(status: &str, counts: &Value) -> Report {
        Report::new(json!({"status": status, "rows": 5, "refused_rows": 2, "counts": counts, "issues": [
            {"row": 1, "severity": "warning", "message": "look"}, {"row": 9, "severity": "error", "message": "mend"},
            {"row": 4, "severity": "error", "message": "mend too", "message_vi": "sửa"}]}))
    }

    #[test]
    fn errors_come_first_each_in_the_order_of_rows() {
        let found = report("refused", &json!({})).findings(Tongue::English);
        assert_eq!(found.iter().map(|finding| finding.row).collect::<Vec<_>>(), [4, 9, 1]);
        assert_eq!(report("refused", &json!({})).findings(Tongue::Vietnamese)[0].message, "sửa");
    }

    #[test]
    fn good_rows_go_without_the_others_unless_the_file_as_a_whole_is_wrong() {
        assert!(report("refused", &json!({"amount-has-fraction": 2})).may_go_without());
        assert!(!report("refused", &json!({"control-sum-differs": 1})).may_go_without());
        assert!(!report("checked", &json!({})).may_go_without());
    }

    #[test]
    fn codes_are_counted_the_most_frequent_first() {
        let counts = report("refused", &json!({"a": 1, "c": 7, "b": 7})).counts();
        assert_eq!(counts, [("b".to_owned(), 7), ("c".to_owned(), 7), ("a".to_owned(), 1)]);
    }
}
