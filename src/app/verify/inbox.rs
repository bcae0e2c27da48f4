//! Banks' messages: what is kept is what came, to the byte, and every item of a judged one has its verdict.

use super::report::{Check, Finding, Findings};
use crate::app::App;
use crate::app::aggregate::inbox_stream;
use crate::app::error::AppError;
use crate::app::hex::hex;
use crate::app::queries::Page;
use crate::domain::inbox::Inbox;
use crate::projections::inbox::MessageRow;
use crate::store::views::{LIST_LIMIT_MAX, MessageFilter};

impl App {
    /// Checks every message that the projection knows.
    pub(super) async fn check_inbox(&self, findings: &mut Findings) -> Result<(), AppError> {
        let mut after = 0;
        loop {
            let page = Page { after, limit: LIST_LIMIT_MAX };
            let page = self.views.list_bank_messages(&MessageFilter::default(), page).await?.answer;
            let full = page.len() == LIST_LIMIT_MAX as usize;
            after = page.last().map_or(after, |row| row.received_position);
            for row in page {
                if let Some(problem) = self.check_message(&row).await? {
                    findings.add(Finding::in_stream(Check::Messages, &inbox_stream(row.inbox_id), problem));
                }
            }
            if !full {
                return Ok(());
            }
        }
    }

    async fn check_message(&self, row: &MessageRow) -> Result<Option<String>, AppError> {
        let Ok(Some((state, _))) = self.load::<Inbox>(&inbox_stream(row.inbox_id)).await else { return Ok(None) };
        let Some(received) = &state.received else { return Ok(Some("it does not begin with its coming".to_owned())) };
        let others = state.others().filter_map(|item| Some((item.body_ref?, item.sha256.as_deref()?)));
        for (body_ref, sha256) in [(received.body_ref, received.sha256.as_str())].into_iter().chain(others) {
            let found = match self.kept_message(row.inbox_id, body_ref).await {
                Ok(Some(body)) => self.hash_of(&body).await.map(Some),
                Ok(None) => Ok(None),
                Err(error) => Err(error),
            };
            match found {
                Ok(Some(hash)) if hex(&hash) == sha256 => {}
                Ok(Some(_)) => return Ok(Some("the kept bytes are not those that came".to_owned())),
                Ok(None) => return Ok(Some("the bytes that came are not kept".to_owned())),
                Err(error) => return Ok(Some(format!("the kept bytes cannot be opened: {error}"))),
            }
        }
        let Some(verdicts) = &state.applied else { return Ok(None) };
        let given = verdicts.applied + verdicts.no_op + verdicts.quarantined;
        let waited = state.items_that_waited();
        if given != received.items || waited != verdicts.quarantined {
            let items = received.items;
            return Ok(Some(format!(
                "it has {items} items and {given} verdicts, {waited} of which are named as waiting"
            )));
        }
        Ok(None)
    }
}
