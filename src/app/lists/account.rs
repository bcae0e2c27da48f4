//! What became of a list's money: each item's fate, as its payment tells. For the reconciliation, and for whoever settles a cash desk's day.

use super::STREAMS_AT_ONCE;
use crate::app::App;
use crate::app::aggregate::payment_stream;
use crate::app::error::AppError;
use crate::domain::ids::{AgentCode, BeneficiaryId, ChannelCode, ListId, PaymentId, UnitKey};
use crate::domain::list::Stage;
use crate::domain::list::command::Outcome;
use crate::domain::list::outcome::{Fate, fate};
use crate::domain::list::state::Opened;
use crate::domain::money::Money;
use crate::domain::payment::Payment;
use crate::domain::period::Month;

/// A list's money and items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListAccount {
    pub list_id: ListId,
    pub cycle: Month,
    pub channel: ChannelCode,
    pub agent: AgentCode,
    pub stage: Stage,
    /// The money given to the agent; `None` before the list went out.
    pub advanced: Option<Money>,
    pub outcome: Outcome,
    pub items: Vec<AccountItem>,
}

/// An item and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountItem {
    pub payment_id: PaymentId,
    pub attempt: u32,
    pub beneficiary_id: BeneficiaryId,
    pub unit_key: UnitKey,
    pub amount_minor: i64,
    pub fate: Fate,
}

impl App {
    /// Reads the payments of a list and counts.
    pub async fn list_account(&self, list: &Opened) -> Result<ListAccount, AppError> {
        let mut account = ListAccount {
            list_id: list.list_id,
            cycle: list.cycle,
            channel: list.channel.clone(),
            agent: list.agent.clone(),
            stage: list.stage,
            advanced: list.advanced,
            outcome: Outcome::default(),
            items: Vec::with_capacity(list.items.len()),
        };
        let ids: Vec<PaymentId> = list.items.keys().copied().collect();
        for part in ids.chunks(STREAMS_AT_ONCE) {
            let streams: Vec<String> = part.iter().map(|id| payment_stream(*id)).collect();
            let payments = self.load_many::<Payment>(&streams).await?;
            for (id, stream) in part.iter().zip(&streams) {
                let Some(held) = list.items.get(id) else { continue };
                let payment = payments.get(stream).and_then(|payment| payment.instructed.as_ref());
                let payment = payment.ok_or_else(|| AppError::Internal(format!("{stream} of a list is not there")))?;
                account.outcome.add(payment, (held.attempt, held.amount_minor));
                account.items.push(AccountItem {
                    payment_id: *id,
                    attempt: held.attempt,
                    beneficiary_id: held.beneficiary_id,
                    unit_key: held.unit_key.clone(),
                    amount_minor: held.amount_minor,
                    fate: fate(payment, held.attempt),
                });
            }
        }
        Ok(account)
    }
}
