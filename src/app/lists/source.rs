//! The rows that a list is made of, in an order that a repeat gives again: people of earlier lists with changes, or payments that are there.

use super::STREAMS_AT_ONCE;
use super::inputs::{Changes, Order, PrepareInput, PrepareSource};
use crate::app::App;
use crate::app::access::{Action, Principal, Reach};
use crate::app::error::{AppError, FieldIssue};
use crate::app::queries::{Page, PaymentFilter};
use crate::app::unclaimed::Uncollected;
use crate::domain::ids::{AgentCode, BeneficiaryId, BenefitType, ChannelCode, ListId, PaymentId, UnitKey};
use crate::domain::list::state::Opened;
use crate::domain::money::Money;
use crate::domain::payment::AttemptState;
use crate::projections::Projection;
use std::collections::{HashMap, HashSet};

/// Payments of one page of a selection.
const PAGE_PAYMENTS: u32 = 1_000;

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    Order(OrderRow),
    Take(PaymentId),
}

/// Somebody for whom a payment is to be ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRow {
    pub beneficiary_id: BeneficiaryId,
    pub benefit_type: BenefitType,
    /// The payment on the earlier list; `None` for who is added.
    pub previous: Option<PaymentId>,
    /// A change of the amount; that of the earlier payment otherwise.
    pub amount: Option<Money>,
    /// The clerk's reason for leaving the person out.
    pub dropped: Option<String>,
    /// What the earlier list says, for the record of who was left out.
    pub earlier_minor: i64,
    pub earlier_unit: Option<UnitKey>,
}

/// All rows, with what the list is of.
#[derive(Debug, Clone)]
pub struct Rows {
    pub channel: ChannelCode,
    pub agent: AgentCode,
    pub rows: Vec<Row>,
    /// Whose cash nobody collected, when cash is to be ordered.
    pub uncollected: Uncollected,
}

impl App {
    /// Finds the rows. `own`: payments that a list which was begun has already; they are no news to it.
    pub(super) async fn list_rows(
        &self,
        principal: &Principal,
        input: &PrepareInput,
        own: &HashSet<PaymentId>,
    ) -> Result<Rows, AppError> {
        match &input.source {
            PrepareSource::Order(order) => self.order_rows(principal, input, order).await,
            PrepareSource::Payments(ids) => {
                let (channel, agent) = self.route_of(input, None)?;
                let rows = ids.iter().filter(|id| !own.contains(id)).map(|id| Row::Take(*id)).collect();
                Ok(Rows { channel, agent, rows, uncollected: Uncollected::new() })
            }
            PrepareSource::Selection { unit, benefit_type } => {
                let (channel, agent) = self.route_of(input, None)?;
                let scope = (unit.as_ref(), benefit_type.as_ref());
                let rows = self.select(principal, (input, &channel, &agent), scope, own).await?;
                Ok(Rows { channel, agent, rows, uncollected: Uncollected::new() })
            }
        }
    }

    /// The channel and agent that were asked for, as the profile has them; else those of an earlier list.
    fn route_of(
        &self,
        input: &PrepareInput,
        earlier: Option<(&ChannelCode, &AgentCode)>,
    ) -> Result<(ChannelCode, AgentCode), AppError> {
        let mut issues = Vec::new();
        let channel = input.channel.as_ref().or(earlier.map(|(channel, _)| channel));
        let spec = channel.and_then(|channel| self.profile.channel(channel.as_str()));
        if spec.is_none() {
            issues.push(match channel {
                Some(_) => crate::app::lookup::unknown("channel"),
                None => FieldIssue::new(
                    "channel",
                    "missing",
                    "missing; a list goes through one channel",
                    "thiếu; danh sách đi qua một kênh",
                ),
            });
        }
        let same = earlier.filter(|(known, _)| Some(*known) == channel).map(|(_, agent)| agent.clone());
        let agent = input.agent.clone().or(same).or_else(|| spec.map(|spec| spec.default_agent.clone()));
        if agent.as_ref().is_some_and(|agent| self.profile.agent(agent.as_str()).is_none()) {
            issues.push(crate::app::lookup::unknown("agent"));
        }
        match (spec, agent) {
            (Some(spec), Some(agent)) if issues.is_empty() => Ok((spec.code.clone(), agent)),
            _ => Err(AppError::Invalid(issues)),
        }
    }

    /// A list that this one follows on. One that is not there is the fault of the field that names it.
    async fn earlier_list(&self, principal: &Principal, id: ListId) -> Result<Opened, AppError> {
        match self.list_for(principal, Action::PrepareList, id).await {
            Ok((list, _)) => Ok(list),
            Err(AppError::NotFound(_)) => Err(AppError::Invalid(vec![FieldIssue::new(
                "from_lists",
                "list-unknown",
                format!("there is no list {id}; GET /v1/lists has those of your units"),
                format!("không có danh sách {id}; GET /v1/lists cho biết các danh sách của đơn vị"),
            )])),
            Err(other) => Err(other),
        }
    }

    async fn order_rows(&self, principal: &Principal, input: &PrepareInput, order: &Order) -> Result<Rows, AppError> {
        let mut earlier: Vec<Opened> = Vec::with_capacity(order.previous.len());
        for id in &order.previous {
            let list = self.earlier_list(principal, *id).await?;
            if list.cycle >= input.cycle {
                return Err(AppError::Invalid(vec![FieldIssue::new(
                    "from_lists",
                    "list-not-earlier",
                    format!("list {id} is of {}, which is not before {}", list.cycle, input.cycle),
                    format!("danh sách {id} thuộc kỳ {}, không trước kỳ {}", list.cycle, input.cycle),
                )]));
            }
            earlier.push(list);
        }
        let (channel, agent) = self.route_of(input, earlier.first().map(|list| (&list.channel, &list.agent)))?;
        let mut rows: Vec<OrderRow> = Vec::new();
        let mut seen = HashSet::new();
        for (payment, item) in earlier.iter().flat_map(|list| &list.items) {
            // Somebody whose payment was tried again stands on two lists.
            if seen.insert((item.beneficiary_id, item.benefit_type.clone())) {
                rows.push(OrderRow {
                    beneficiary_id: item.beneficiary_id,
                    benefit_type: item.benefit_type.clone(),
                    previous: Some(*payment),
                    amount: None,
                    dropped: None,
                    earlier_minor: item.amount_minor,
                    earlier_unit: Some(item.unit_key.clone()),
                });
            }
        }
        apply(&order.changes, &mut rows)?;
        let uncollected = if self.profile.is_cashless(channel.as_str()) == Some(false) {
            let head = self.store.head().await?.position;
            self.follow_up_to(Projection::Payments, head).await?;
            self.uncollected(None).await?
        } else {
            Uncollected::new()
        };
        Ok(Rows { channel, agent, rows: rows.into_iter().map(Row::Order).collect(), uncollected })
    }

    /// Payments that are ordered, not held, and on no list.
    async fn select(
        &self,
        principal: &Principal,
        (input, channel, agent): (&PrepareInput, &ChannelCode, &AgentCode),
        (unit, benefit_type): (Option<&UnitKey>, Option<&BenefitType>),
        own: &HashSet<PaymentId>,
    ) -> Result<Vec<Row>, AppError> {
        let head = self.store.head().await?.position;
        self.follow_up_to(Projection::Payments, head).await?;
        let scopes: Vec<UnitKey> = match (unit, principal.reach(Action::PrepareList), &principal.unit) {
            (Some(unit), _, _) => {
                self.check_reach(principal, Action::PrepareList, unit.as_str(), None)?;
                vec![unit.clone()]
            }
            (None, Reach::Units, Some(scope)) => self.profile.units.reach(scope.as_str()),
            (None, _, _) => Vec::new(),
        };
        let units = &self.profile.units;
        let under =
            scopes.iter().flat_map(|scope| units.subtree(scope.as_str())).map(|unit| unit.key.clone()).collect();
        let filter = PaymentFilter {
            units: (!scopes.is_empty()).then_some(under),
            benefit_types: benefit_type.into_iter().cloned().collect(),
            states: vec![AttemptState::Instructed],
            channels: vec![channel.clone()],
            cycle: Some(input.cycle),
            held: Some(false),
            ..PaymentFilter::default()
        };
        let mut found = Vec::new();
        let mut after = 0;
        loop {
            let page = self.views.list_payments(&filter, Page { after, limit: PAGE_PAYMENTS }).await?.answer;
            let Some(last) = page.last() else { break };
            after = last.instructed_position;
            let mine = page.iter().filter(|row| row.provider.agent == *agent && !own.contains(&row.payment_id));
            found.extend(mine.map(|row| (row.payment_id, row.attempt)));
        }
        let mut rows = Vec::with_capacity(found.len());
        for part in found.chunks(STREAMS_AT_ONCE) {
            let holders = self.list_holders(part).await?;
            rows.extend(
                part.iter().zip(holders).filter(|(_, holder)| holder.is_none()).map(|((id, _), _)| Row::Take(*id)),
            );
        }
        Ok(rows)
    }
}

/// Whether a change is of this row.
fn is_of(row: &OrderRow, beneficiary: BeneficiaryId, benefit_type: Option<&BenefitType>) -> bool {
    row.beneficiary_id == beneficiary && benefit_type.is_none_or(|asked| row.benefit_type == *asked)
}

/// Puts the changes into the rows. A change that fits nobody is a slip of the keyboard, and an error.
fn apply(changes: &Changes, rows: &mut Vec<OrderRow>) -> Result<(), AppError> {
    let mut issues = Vec::new();
    let mut by_person: HashMap<BeneficiaryId, Vec<usize>> = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        by_person.entry(row.beneficiary_id).or_default().push(at);
    }
    let mut each = |person: BeneficiaryId,
                    kind: Option<&BenefitType>,
                    (list, at): (&str, usize),
                    change: &dyn Fn(&mut OrderRow)| {
        let places = by_person.get(&person).map_or(&[][..], Vec::as_slice);
        let places: Vec<usize> = places.iter().copied().filter(|at| is_of(&rows[*at], person, kind)).collect();
        if places.is_empty() {
            issues.push(unknown_change(format!("changes/{list}/{at}"), person));
        }
        for at in places {
            change(&mut rows[at]);
        }
    };
    for (at, drop) in changes.drop.iter().enumerate() {
        let reason = &drop.reason;
        each(drop.beneficiary_id, drop.benefit_type.as_ref(), ("drop", at), &|row| row.dropped = Some(reason.clone()));
    }
    for (at, new) in changes.amounts.iter().enumerate() {
        each(new.beneficiary_id, new.benefit_type.as_ref(), ("amounts", at), &|row| row.amount = Some(new.amount));
    }
    for (at, added) in changes.add.iter().enumerate() {
        if rows.iter().any(|row| is_of(row, added.beneficiary_id, Some(&added.benefit_type))) {
            issues.push(FieldIssue::new(
                format!("changes/add/{at}"),
                "already-on-list",
                format!("{} has this benefit on the list already; change the amount instead", added.beneficiary_id),
                format!("{} đã có chế độ này trong danh sách; hãy sửa số tiền", added.beneficiary_id),
            ));
            continue;
        }
        rows.push(OrderRow {
            beneficiary_id: added.beneficiary_id,
            benefit_type: added.benefit_type.clone(),
            previous: None,
            amount: Some(added.amount),
            dropped: None,
            earlier_minor: added.amount.minor,
            earlier_unit: None,
        });
    }
    if issues.is_empty() { Ok(()) } else { Err(AppError::Invalid(issues)) }
}

fn unknown_change(field: String, person: BeneficiaryId) -> FieldIssue {
    FieldIssue::new(
        field,
        "change-unknown",
        format!("{person} is on none of the earlier lists with this benefit; check the id, or add the person"),
        format!("{person} không có trong các danh sách trước với chế độ này; hãy kiểm tra hoặc thêm người"),
    )
}

#[cfg(test)]
mod tests {
    use super::super::inputs::{Addition, Drop, NewAmount};
    use super::*;
    use crate::domain::money::Currency;
    use uuid::Uuid;

    fn person(number: u128) -> BeneficiaryId {
        BeneficiaryId::from_uuid(Uuid::from_u128(number))
    }

    fn pension() -> BenefitType {
        BenefitType::parse("pension").unwrap()
    }

    fn money(minor: i64) -> Money {
        Money { minor, currency: Currency::parse("VND").unwrap() }
    }

    fn rows() -> Vec<OrderRow> {
        let row = |number| OrderRow {
            beneficiary_id: person(number),
            benefit_type: pension(),
            previous: Some(PaymentId::from_uuid(Uuid::from_u128(number))),
            amount: None,
            dropped: None,
            earlier_minor: 5,
            earlier_unit: None,
        };
        vec![row(1), row(2)]
    }

    #[test]
    fn changes_drop_add_and_give_other_amounts() {
        let mut found = rows();
        let changes = Changes {
            add: vec![Addition { beneficiary_id: person(3), benefit_type: pension(), amount: money(7) }],
            drop: vec![Drop { beneficiary_id: person(1), benefit_type: None, reason: "moved away".to_owned() }],
            amounts: vec![NewAmount { beneficiary_id: person(2), benefit_type: Some(pension()), amount: money(6) }],
        };
        apply(&changes, &mut found).unwrap();
        assert_eq!(found[0].dropped.as_deref(), Some("moved away"));
        assert_eq!(found[1].amount, Some(money(6)));
        assert_eq!((found.len(), found[2].previous, found[2].amount), (3, None, Some(money(7))));
    }

    #[test]
    fn a_change_that_fits_nobody_is_refused_with_its_place() {
        let changes = Changes {
            drop: vec![Drop { beneficiary_id: person(9), benefit_type: None, reason: "x".to_owned() }],
            add: vec![Addition { beneficiary_id: person(1), benefit_type: pension(), amount: money(7) }],
            ..Changes::default()
        };
        let Err(AppError::Invalid(issues)) = apply(&changes, &mut rows()) else { panic!("taken") };
        let found: Vec<_> = issues.iter().map(|issue| (issue.field.as_ref(), issue.code)).collect();
        assert_eq!(found, [("changes/drop/0", "change-unknown"), ("changes/add/0", "already-on-list")]);
    }
}
