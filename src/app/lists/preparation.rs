//! A preparation under way: its rows, the state that they lead to, and what is gathered of its events. Appends nothing.

use super::plan::Gathered;
use super::source::{Row, Rows};
use super::{PrepareInput, PrepareSource, inputs};
use crate::app::App;
use crate::app::access::Principal;
use crate::app::aggregate::{Aggregate, Decided, list_stream, payment_stream};
use crate::app::error::AppError;
use crate::app::execute::WriteRequest;
use crate::app::unclaimed::Uncollected;
use crate::domain::codec;
use crate::domain::ids::{AgentCode, ChannelCode, ListId, PaymentId};
use crate::domain::list::command::Candidate;
use crate::domain::list::event::{LeftOut, ListOpened, Origin};
use crate::domain::list::{ListCommand, ListEvent, PaymentList};
use crate::domain::payment::PaymentEvent;
use crate::domain::payment::event::PaymentInstructed;
use crate::domain::period::Month;
use uuid::Uuid;

/// What judging the rows of one list needs to know of it.
pub(super) struct ListWork<'a> {
    pub principal: &'a Principal,
    pub list_id: ListId,
    pub cycle: Month,
    pub channel: &'a ChannelCode,
    pub agent: &'a AgentCode,
    pub order: &'a inputs::Order,
    /// Whose cash nobody collected, for lists that order cash.
    pub uncollected: &'a Uncollected,
    /// An earlier try broke off: some of its payments may be there.
    pub resumed: bool,
}

/// What a chunk of rows comes to.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub items: Vec<Candidate>,
    pub left_out: Vec<LeftOut>,
    /// Payments to be ordered for items.
    pub orders: Vec<PaymentInstructed>,
}

/// A preparation under way.
pub(super) struct Preparation<'a> {
    pub request: &'a WriteRequest,
    pub input: &'a PrepareInput,
    pub work: ListWork<'a>,
    pub rows: &'a [Row],
    /// The chunk that the first row is in. Rows of people keep their numbers; payments that a list has already are no rows any more.
    pub first_chunk: u32,
    /// As far as it is recorded, or as it would be.
    pub state: PaymentList,
    pub gathered: Gathered,
    /// The digest after each chunk; in a second pass those of the first, if each must be met.
    pub digests: Vec<[u8; 32]>,
}

/// The id of a row's payment: a `UUIDv7` of the list's time that a repeat makes again and that sorts by row.
#[must_use]
pub fn payment_id(list: ListId, row: u64) -> PaymentId {
    let list = list.as_uuid();
    let mut bytes = *Uuid::new_v5(&list, &row.to_be_bytes()).as_bytes();
    bytes[..6].copy_from_slice(&list.as_bytes()[..6]);
    let high = u16::try_from((row >> 30) & 0x0fff).unwrap_or(0);
    let low = u32::try_from(row & 0x3fff_ffff).unwrap_or(0);
    bytes[6..8].copy_from_slice(&high.to_be_bytes());
    bytes[8..12].copy_from_slice(&low.to_be_bytes());
    let id =
        uuid::Builder::from_bytes(bytes).with_version(uuid::Version::SortRand).with_variant(uuid::Variant::RFC4122);
    PaymentId::from_uuid(id.into_uuid())
}

pub(super) fn add(chunk: u32, judged: Judged) -> ListCommand {
    ListCommand::AddItems { chunk, items: judged.items, left_out: judged.left_out }
}

/// An item whose payment could not be ordered after all.
pub(super) fn leave_out(judged: &mut Judged, payment: PaymentId, reason: &str) {
    let Some(at) = judged.items.iter().position(|candidate| candidate.item.payment_id == payment) else { return };
    let item = judged.items.remove(at).item;
    judged.left_out.push(LeftOut {
        beneficiary_id: item.beneficiary_id,
        benefit_type: item.benefit_type,
        unit_key: Some(item.unit_key),
        amount_minor: item.amount_minor,
        reason: reason.to_owned(),
        note: None,
    });
}

impl<'a> Preparation<'a> {
    pub fn new(
        request: &'a WriteRequest,
        input: &'a PrepareInput,
        (list_id, rows): (ListId, &'a Rows),
        state: PaymentList,
    ) -> Self {
        static NO_ORDER: std::sync::LazyLock<inputs::Order> = std::sync::LazyLock::new(inputs::Order::default);
        let order = if let PrepareSource::Order(order) = &input.source { order } else { &*NO_ORDER };
        let work = ListWork {
            principal: &request.principal,
            list_id,
            cycle: input.cycle,
            channel: &rows.channel,
            agent: &rows.agent,
            order,
            uncollected: &rows.uncollected,
            resumed: false,
        };
        Self {
            request,
            input,
            work,
            rows: &rows.rows,
            first_chunk: 0,
            state,
            gathered: Gathered::default(),
            digests: Vec::new(),
        }
    }

    pub const fn origin(&self) -> Origin {
        match self.input.source {
            PrepareSource::Order(_) => Origin::Ordered,
            PrepareSource::Payments(_) | PrepareSource::Selection { .. } => Origin::Existing,
        }
    }

    pub fn opening(&self, app: &App) -> ListOpened {
        ListOpened {
            list_id: self.work.list_id,
            cycle: self.work.cycle,
            channel: self.work.channel.clone(),
            agent: self.work.agent.clone(),
            currency: app.profile.currency.currency,
            origin: self.origin(),
            previous: self.work.order.previous.clone(),
            by: self.request.principal.key_id.clone(),
        }
    }

    pub fn orders(&mut self, orders: &[PaymentInstructed]) {
        for order in orders {
            let encoded = codec::encode_payment(&PaymentEvent::Instructed(order.clone()));
            self.gathered.add(&payment_stream(order.payment_id), &encoded);
        }
    }

    /// Decides and folds; the event, if there is one.
    pub fn decide(&mut self, app: &App, command: &ListCommand) -> Result<Option<ListEvent>, AppError> {
        let Decided::Events(events) = Aggregate::decide(&self.state, command, app.clock.now())? else {
            return Ok(None);
        };
        for event in &events {
            self.state.evolve(event);
            self.gathered.add(&list_stream(self.work.list_id), &codec::encode_list(event));
        }
        Ok(events.into_iter().next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_rows_are_made_again_and_sort_by_row_within_the_lists_time() {
        let list = ListId::parse("01960000-0000-7000-8000-00000000000a").unwrap();
        let ids: Vec<PaymentId> = (0..2_000).map(|row| payment_id(list, row)).collect();
        assert!(ids.is_sorted());
        assert_eq!(ids[7], payment_id(list, 7));
        assert!(ids.iter().all(|id| id.to_string().starts_with("01960000-0000-7")));
        let other = ListId::parse("01960000-0000-7000-8000-00000000000b").unwrap();
        assert_ne!(ids[7], payment_id(other, 7));
    }
}
