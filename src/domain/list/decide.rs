//! What a command to a list brings about. Pure: every fact stands in the state or the command.

use crate::domain::decision::Decision;
use crate::domain::ids::PaymentId;
use crate::domain::list::CHUNK_ITEMS_MAX;
use crate::domain::list::command::{Candidate, Control, ListCommand};
use crate::domain::list::error::ListRefusal;
use crate::domain::list::event::{
    AgentAnswer, LeftOut, ListChecked, ListEvent, ListItemsAdded, ListItemsRemoved, ListPrepared, ListShown,
    ListWithdrawn, Origin, RemovedItem,
};
use crate::domain::list::settle;
use crate::domain::list::state::{Opened, PaymentList, Stage};
use crate::domain::money::Money;
use std::collections::BTreeSet;

/// What deciding about a list answers.
pub type ListDecision = Decision<ListEvent, ListRefusal>;

/// `None`: nothing new.
pub(super) type Decided = Result<Option<ListEvent>, ListRefusal>;

/// Decides about a command.
#[must_use]
pub fn decide(state: &PaymentList, command: &ListCommand) -> ListDecision {
    let decided = match (&state.opened, command) {
        (None, ListCommand::Open(event)) => Ok(Some(ListEvent::Opened(event.clone()))),
        (Some(_), ListCommand::Open(_)) => Err(ListRefusal::AlreadyOpened),
        (None, _) => Err(ListRefusal::NotOpened),
        (Some(list), _) => on_list(list, command),
    };
    match decided {
        Ok(Some(event)) => Decision::Events(vec![event]),
        Ok(None) => Decision::NoOp,
        Err(refusal) => Decision::Refused(refusal),
    }
}

fn on_list(list: &Opened, command: &ListCommand) -> Decided {
    if !allowed(list.stage, command) && !takes_back(list, command) {
        return Err(ListRefusal::NotPossible { action: command.action(), stage: list.stage });
    }
    match command {
        ListCommand::Open(_) => Err(ListRefusal::AlreadyOpened),
        ListCommand::AddItems { chunk, items, left_out } => add(list, *chunk, items, left_out),
        ListCommand::Seal { control } => seal(list, *control),
        ListCommand::RemoveItems { payments, paid, reason, by } => remove(list, (payments, *paid), (reason, by)),
        ListCommand::RecordCheck { findings, by } => {
            if list.checked.as_ref() == Some(findings) {
                return Ok(None);
            }
            Ok(Some(ListEvent::Checked(ListChecked {
                item_count: list.item_count(),
                control_sum: list.control_sum(),
                findings: findings.clone(),
                by: by.clone(),
            })))
        }
        ListCommand::Approve { control, by, same_person } => settle::approve(list, *control, (by, *same_person)),
        ListCommand::Submit(command) => settle::submit(list, command),
        ListCommand::Acknowledge { answer, agent_ref, by } => settle::acknowledge(list, (*answer, agent_ref), by),
        ListCommand::Reconcile { outcome, handed_back, by } => settle::reconcile(list, outcome, (*handed_back, by)),
        ListCommand::Close { outcome, by } => settle::close(list, outcome, by),
        ListCommand::Withdraw { reason, handed_back, by } => withdraw(list, *handed_back, (reason, by)),
        ListCommand::Show { form, bank, item_count, kinds, purpose, order, by } => {
            Ok(Some(ListEvent::Shown(ListShown {
                form: form.clone(),
                bank: bank.clone(),
                kinds: kinds.clone(),
                purpose: *purpose,
                item_count: *item_count,
                message_id: order.as_ref().map(|(id, _)| id.clone()),
                as_of: order.as_ref().map(|(_, as_of)| *as_of),
                by: by.clone(),
            })))
        }
    }
}

/// What the agent refused as a whole comes off again, so that its payments may be sent by another list.
fn takes_back(list: &Opened, command: &ListCommand) -> bool {
    let is_refused = matches!(list.answer, Some((AgentAnswer::Rejected, _)));
    let ends = matches!(command, ListCommand::RemoveItems { .. } | ListCommand::Withdraw { .. });
    is_refused && list.stage == Stage::Acknowledged && ends
}

/// The table: which step a stage takes at all. A repeat of the step that led to the stage is taken too, and changes nothing.
const fn allowed(stage: Stage, command: &ListCommand) -> bool {
    use Stage::{Acknowledged, Approved, Closed, Prepared, Preparing, Reconciled, Submitted, Withdrawn};
    match command {
        ListCommand::Open(_) => false,
        ListCommand::AddItems { .. } => matches!(stage, Preparing),
        ListCommand::Seal { .. } => matches!(stage, Preparing | Prepared),
        ListCommand::RemoveItems { .. } => matches!(stage, Preparing | Prepared | Approved),
        ListCommand::RecordCheck { .. } => matches!(stage, Prepared | Approved),
        ListCommand::Approve { .. } => matches!(stage, Prepared | Approved),
        ListCommand::Submit(_) => matches!(stage, Prepared | Approved | Submitted),
        ListCommand::Acknowledge { .. } => matches!(stage, Submitted | Acknowledged),
        ListCommand::Reconcile { .. } => matches!(stage, Acknowledged | Reconciled),
        ListCommand::Close { .. } => matches!(stage, Reconciled | Closed),
        ListCommand::Withdraw { .. } => matches!(stage, Preparing | Prepared | Approved | Withdrawn),
        ListCommand::Show { .. } => !matches!(stage, Preparing),
    }
}

fn add(list: &Opened, chunk: u32, candidates: &[Candidate], left_out: &[LeftOut]) -> Decided {
    if chunk < list.chunks {
        return Ok(None);
    }
    if chunk > list.chunks {
        return Err(ListRefusal::ChunkOutOfOrder { found: chunk, expected: list.chunks });
    }
    if candidates.len() + left_out.len() > CHUNK_ITEMS_MAX {
        return Err(ListRefusal::ChunkTooLarge);
    }
    let mut seen: BTreeSet<PaymentId> = BTreeSet::new();
    let mut sum = list.sum_minor;
    for candidate in candidates {
        let item = &candidate.item;
        if list.items.contains_key(&item.payment_id) || !seen.insert(item.payment_id) {
            return Err(ListRefusal::ItemTwice(item.payment_id));
        }
        if let Some(what) = other_route(list, candidate) {
            return Err(ListRefusal::OtherRoute { payment: item.payment_id, what });
        }
        if item.amount_minor <= 0 {
            return Err(ListRefusal::AmountNotPositive(item.payment_id));
        }
        sum = sum.checked_add(item.amount_minor).ok_or(ListRefusal::SumTooLarge)?;
    }
    Ok(Some(ListEvent::ItemsAdded(ListItemsAdded {
        chunk,
        items: candidates.iter().map(|candidate| candidate.item.clone()).collect(),
        left_out: left_out.to_vec(),
    })))
}

fn other_route(list: &Opened, candidate: &Candidate) -> Option<&'static str> {
    let differs = [
        (candidate.agent != list.agent, "agent"),
        (candidate.channel != list.channel, "channel"),
        (candidate.cycle != list.cycle, "cycle"),
        (candidate.currency != list.currency, "currency"),
    ];
    differs.into_iter().find_map(|(differs, what)| differs.then_some(what))
}

fn seal(list: &Opened, control: Control) -> Decided {
    check_control(list, control)?;
    if list.stage == Stage::Prepared {
        return Ok(None);
    }
    if list.items.is_empty() {
        return Err(ListRefusal::Empty);
    }
    Ok(Some(ListEvent::Prepared(ListPrepared {
        item_count: list.item_count(),
        control_sum: list.control_sum(),
        left_out_count: list.left_out,
    })))
}

/// Count and sum, as far as somebody counted them.
pub(super) fn check_control(list: &Opened, control: Control) -> Result<(), ListRefusal> {
    let actual = list.item_count();
    if let Some(counted) = control.count.filter(|counted| *counted != actual) {
        return Err(ListRefusal::ControlCount { counted, actual });
    }
    match control.sum {
        Some(sum) if sum.currency != list.currency => Err(ListRefusal::OtherCurrency),
        Some(sum) if sum.minor != list.sum_minor => {
            Err(ListRefusal::ControlSum { counted_minor: sum.minor, actual_minor: list.sum_minor })
        }
        Some(_) | None => Ok(()),
    }
}

fn remove(list: &Opened, (payments, paid): (&[PaymentId], Option<PaymentId>), (reason, by): (&str, &str)) -> Decided {
    if payments.is_empty() {
        return Ok(None);
    }
    if payments.len() > CHUNK_ITEMS_MAX {
        return Err(ListRefusal::ChunkTooLarge);
    }
    let mut items = Vec::with_capacity(payments.len());
    let mut seen = BTreeSet::new();
    for id in payments {
        let held = list.items.get(id).ok_or(ListRefusal::ItemUnknown(*id))?;
        if !seen.insert(*id) {
            return Err(ListRefusal::ItemTwice(*id));
        }
        items.push(RemovedItem {
            payment_id: *id,
            attempt: held.attempt,
            unit_key: held.unit_key.clone(),
            bank: held.bank.clone(),
            amount_minor: held.amount_minor,
        });
    }
    // Money that the list advanced or ordered would have no place any more. A payment that a list only took may go as it came.
    if let Some(paid) = paid.filter(|_| list.advanced.is_some() || list.origin == Origin::Ordered) {
        return Err(ListRefusal::ItemPaid(paid));
    }
    let (reason, by) = (reason.to_owned(), by.to_owned());
    Ok(Some(ListEvent::ItemsRemoved(ListItemsRemoved { items, reason, by })))
}

fn withdraw(list: &Opened, handed_back: Option<Money>, (reason, by): (&str, &str)) -> Decided {
    if list.stage == Stage::Withdrawn {
        return Ok(None);
    }
    if !list.items.is_empty() {
        return Err(ListRefusal::NotEmpty { items: list.item_count() });
    }
    let nothing = Money { minor: 0, currency: list.currency };
    let (advanced, back) = (list.advanced.unwrap_or(nothing), handed_back.unwrap_or(nothing));
    // Nothing of a list that its agent refused was paid: all of its money comes back.
    if advanced != back {
        return Err(ListRefusal::NotBalanced {
            advanced_minor: advanced.minor,
            paid_minor: 0,
            handed_back_minor: back.minor,
            difference_minor: advanced.minor.saturating_sub(back.minor),
        });
    }
    let (reason, by, handed_back) = (reason.to_owned(), by.to_owned(), list.advanced);
    Ok(Some(ListEvent::Withdrawn(ListWithdrawn { reason, handed_back, by })))
}
