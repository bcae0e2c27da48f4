//! The list of what nobody collected: recorded at the desk first, then each payment on it fails as unclaimed. A repeat goes on where a
//! break left off, because the list is on record and each payment's step has a key of its own.

use super::pay::beside;
use crate::app::App;
use crate::app::access::Action;
use crate::app::aggregate::{decode_own, desk_stream};
use crate::app::error::{AppError, FieldIssue};
use crate::app::execute::{WriteRequest, Written};
use crate::app::queries::{Page, PaymentFilter, PaymentRow};
use crate::app::reports::Report;
use crate::domain::desk::command::ListUnpaid;
use crate::domain::desk::event::{ListedPayment, UnpaidListHandedBack};
use crate::domain::desk::{Desk, DeskCommand, DeskEvent, RegisteredDesk};
use crate::domain::ids::{DeskId, PaymentId};
use crate::domain::money::Money;
use crate::domain::payment::AttemptState;
use crate::domain::payment::event::{Evidence, FailureCause};
use crate::domain::period::Month;
use crate::projections::Projection;
use futures_util::{StreamExt, stream};
use jiff::civil::Date;

/// Payments on one list. A longer list goes back in several calls.
const LIST_MAX: usize = 1_000;
/// Payments that fail at the same time: the store commits them together.
const AT_ONCE: usize = 32;

/// What to hand back.
#[derive(Debug, Clone)]
pub struct UnpaidInput {
    pub cycle: Month,
    /// Only these; all open cash payments of the cycle in the desk's unit when empty.
    pub payments: Vec<PaymentId>,
    pub evidence: Evidence,
}

/// What became of the list.
#[derive(Debug, Clone, Default)]
pub struct Unpaid {
    pub listed: usize,
    /// Failed as unclaimed, by this call or an earlier one.
    pub failed: usize,
    /// Those whose record does not allow it any more, with the code of the refusal.
    pub kept: Vec<(PaymentId, &'static str)>,
    /// More open cash payments of the cycle than one list takes: call again with other evidence.
    pub more: bool,
    /// Of the last event that came of it.
    pub position: u64,
}

impl App {
    /// Hands back the list of what nobody collected at a desk, after the cycle's cash window.
    pub async fn desk_unpaid(
        &self,
        request: &WriteRequest,
        (id, day): (DeskId, Date),
        input: UnpaidInput,
    ) -> Result<(Written<Desk>, Unpaid), AppError> {
        let (written, more) = match self.replay_or::<Desk>(request, AppError::NotFound("request")).await {
            Ok(written) => (written, false),
            Err(AppError::NotFound("request")) => {
                let (list, more) = self.unpaid_list(request, (id, day), &input).await?;
                (self.desk_command(request, id, DeskCommand::ListUnpaid(Box::new(list))).await?, more)
            }
            Err(error) => return Err(error),
        };
        let listed = self.recorded_list(&written.stream, &input.evidence).await?;
        let mut unpaid = self.fail_unclaimed(request, &listed).await?;
        unpaid.more = more;
        Ok((written, unpaid))
    }

    async fn unpaid_list(
        &self,
        request: &WriteRequest,
        (id, day): (DeskId, Date),
        input: &UnpaidInput,
    ) -> Result<(ListUnpaid, bool), AppError> {
        self.desk_day(day)?;
        let (state, _) = self.load::<Desk>(&desk_stream(id)).await?.ok_or(AppError::NotFound("desk"))?;
        let desk = self.own_desk(&request.principal, Action::WorkDesk, &state)?;
        let mut open = self.open_cash(desk, input.cycle).await?;
        if !input.payments.is_empty() {
            let missing = input.payments.iter().find(|id| !open.iter().any(|row| row.payment_id == **id));
            if let Some(id) = missing {
                return Err(AppError::Invalid(vec![not_open(*id)]));
            }
            open.retain(|row| input.payments.contains(&row.payment_id));
        }
        let more = open.len() > LIST_MAX;
        open.truncate(LIST_MAX);
        let currency = self.profile.currency.currency;
        let amount = Money { minor: open.iter().map(|row| row.amount.minor).sum(), currency };
        let payments = open.iter().map(|row| ListedPayment { payment_id: row.payment_id, attempt: row.attempt });
        let kind = self.kind_of(desk)?;
        let unit = desk.unit_key.as_str();
        let ends =
            kind.channels.iter().filter_map(|code| self.profile.last_day(input.cycle, code.as_str(), Some(unit)));
        let last_day = ends.max().ok_or_else(|| AppError::Internal(format!("{} pays in no window", desk.kind)))?;
        let (cycle, evidence) = (input.cycle, input.evidence.clone());
        Ok((ListUnpaid { day, cycle, payments: payments.collect(), amount, evidence, last_day }, more))
    }

    /// The open payments of a cycle that the desk could have paid; one more than a list takes shows that there are more.
    async fn open_cash(&self, desk: &RegisteredDesk, cycle: Month) -> Result<Vec<PaymentRow>, AppError> {
        let head = self.store.head().await?.position;
        self.wait_for(Projection::Payments, Some(head)).await?;
        let units = self.profile.units.subtree(desk.unit_key.as_str()).into_iter().map(|unit| unit.key.clone());
        let filter = PaymentFilter {
            units: Some(units.collect()),
            states: vec![AttemptState::Instructed, AttemptState::Accepted],
            channels: self.kind_of(desk)?.channels.clone(),
            cycle: Some(cycle),
            held: Some(false),
            ..PaymentFilter::default()
        };
        let (mut open, mut after) = (Vec::new(), 0);
        loop {
            let page = self.views.list_payments(&filter, Page { after, limit: 1_000 }).await?.answer;
            let full = page.len() == 1_000;
            after = page.last().map_or(after, |row| row.instructed_position);
            open.extend(page.into_iter().filter(|row| row.provider.agent == desk.agent));
            if !full || open.len() > LIST_MAX {
                return Ok(open);
            }
        }
    }

    async fn recorded_list(&self, stream: &str, evidence: &Evidence) -> Result<UnpaidListHandedBack, AppError> {
        for event in self.read_whole_stream(stream).await? {
            if let DeskEvent::UnpaidListed(list) = decode_own::<Desk>(&event)?
                && list.evidence == *evidence
            {
                return Ok(list);
            }
        }
        Err(AppError::Internal(format!("{stream} does not have the list that it just took")))
    }

    async fn fail_unclaimed(&self, request: &WriteRequest, list: &UnpaidListHandedBack) -> Result<Unpaid, AppError> {
        let one = |listed: &ListedPayment| {
            let ListedPayment { payment_id, attempt } = *listed;
            let own = beside(request, &payment_id.to_string());
            let report =
                Report::Fail { attempt: Some(attempt), cause: FailureCause::Unclaimed, deadline: Some(list.day) };
            async move { (payment_id, self.report(&own, payment_id, report).await) }
        };
        let futures: Vec<_> = list.payments.iter().map(one).collect();
        let answers: Vec<_> = stream::iter(futures).buffer_unordered(AT_ONCE).collect().await;
        let mut unpaid = Unpaid { listed: list.payments.len(), ..Unpaid::default() };
        for (id, answer) in answers {
            match answer {
                Ok(written) => {
                    unpaid.failed += 1;
                    unpaid.position = unpaid.position.max(written.position);
                }
                Err(AppError::Payment(refusal)) => unpaid.kept.push((id, refusal.code())),
                Err(AppError::Quarantine(cause)) => unpaid.kept.push((id, cause.code())),
                Err(error) => return Err(error),
            }
        }
        unpaid.kept.sort_unstable();
        Ok(unpaid)
    }
}

fn not_open(id: PaymentId) -> FieldIssue {
    FieldIssue::new(
        "payments",
        "not-on-this-list",
        format!("{id} is not an open cash payment of this cycle in the desk's unit and of its agent"),
        format!("{id} không phải khoản tiền mặt chưa chi của kỳ này thuộc đơn vị và tổ chức chi trả của điểm"),
    )
}
