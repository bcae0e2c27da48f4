//! What follows when an agent took a list on: where the profile says that this is what it means, each of its payments is accepted.

use super::act::Cause;
use crate::app::App;
use crate::app::aggregate::{list_stream, payment_stream};
use crate::app::error::AppError;
use crate::domain::ids::{ListId, PaymentId};
use crate::domain::list::PaymentList;
use crate::domain::list::event::AgentAnswer;
use crate::domain::payment::{AttemptState, Payment, PaymentCommand};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;

/// Payments that are accepted at the same time: the store commits them together.
const AT_ONCE: usize = 32;

impl App {
    /// Accepts the payments of a list. What has an outcome by then, or another attempt, is left as it is.
    pub(super) async fn accept_items(&self, list: ListId, cause: Cause) -> Result<(), AppError> {
        let Some((state, last)) = self.load::<PaymentList>(&list_stream(list)).await? else { return Ok(()) };
        let Some(list) = state.opened else { return Ok(()) };
        let Some((AgentAnswer::Accepted, agent_ref)) = list.answer else { return Ok(()) };
        let accepted_at = Timestamp::from_microsecond(last.recorded_at_us).unwrap_or_else(|_| self.clock.now());
        let accept = |(id, attempt): (PaymentId, u32)| {
            let command = PaymentCommand::Accept {
                attempt: Some(attempt),
                agent_ref: agent_ref.clone(),
                raw_status: None,
                accepted_at,
            };
            async move { self.accept_item(id, attempt, (command, cause)).await }
        };
        let items: Vec<(PaymentId, u32)> = list.items.iter().map(|(id, item)| (*id, item.attempt)).collect();
        let futures: Vec<_> = items.into_iter().map(accept).collect();
        let done: Vec<_> = stream::iter(futures).buffer_unordered(AT_ONCE).collect().await;
        done.into_iter().collect()
    }

    async fn accept_item(
        &self,
        id: PaymentId,
        attempt: u32,
        (command, cause): (PaymentCommand, Cause),
    ) -> Result<(), AppError> {
        let wanted = |state: &Payment| {
            let latest = state.instructed.as_ref()?.latest();
            let waits = latest.number == attempt && latest.state == AttemptState::Instructed;
            waits.then(|| command.clone())
        };
        match self.follow::<Payment>(&payment_stream(id), cause, wanted).await {
            // Something came in between that its rules put first.
            Ok(_) | Err(AppError::Payment(_) | AppError::Quarantine(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
