//! The rules from approval to closing: who may approve, what may go out, when the money agrees.

use crate::domain::list::command::{Control, Outcome, Submit};
use crate::domain::list::decide::{Decided, check_control};
use crate::domain::list::error::ListRefusal;
use crate::domain::list::event::{
    AgentAnswer, ListAcknowledged, ListApproved, ListClosed, ListEvent, ListReconciled, ListSubmitted,
};
use crate::domain::list::state::{Opened, Stage};
use crate::domain::money::Money;

pub(super) fn approve(list: &Opened, control: Control, (by, same_person): (&str, bool)) -> Decided {
    if let Some(approved_by) = &list.approved_by {
        return if approved_by == by { Ok(None) } else { Err(ListRefusal::AlreadyApproved) };
    }
    if same_person || list.hands.contains(by) {
        return Err(ListRefusal::SecondPersonRequired);
    }
    check_control(list, control)?;
    check_found_fit(list)?;
    Ok(Some(ListEvent::Approved(ListApproved {
        item_count: list.item_count(),
        control_sum: list.control_sum(),
        by: by.to_owned(),
    })))
}

/// The last check was of this very list, and found nothing that must be mended.
fn check_found_fit(list: &Opened) -> Result<(), ListRefusal> {
    let findings = list.checked.as_ref().ok_or(ListRefusal::NotChecked)?;
    let items = findings.iter().filter(|finding| finding.blocking).map(|finding| finding.items).sum();
    if items > 0 { Err(ListRefusal::HasFindings { items }) } else { Ok(()) }
}

pub(super) fn submit(list: &Opened, command: &Submit) -> Decided {
    let control_sum = list.control_sum();
    let advanced = command.advanced.unwrap_or(control_sum);
    if advanced != control_sum {
        return Err(ListRefusal::AdvanceDiffers { sum_minor: control_sum.minor });
    }
    if list.stage == Stage::Submitted {
        return Ok(None);
    }
    if list.items.is_empty() {
        return Err(ListRefusal::Empty);
    }
    check_found_fit(list)?;
    if command.blocking_items > 0 {
        return Err(ListRefusal::HasFindings { items: command.blocking_items });
    }
    if list.stage != Stage::Approved && list.sum_minor > command.approval_above_minor {
        return Err(ListRefusal::ApprovalRequired { above_minor: command.approval_above_minor });
    }
    Ok(Some(ListEvent::Submitted(ListSubmitted { item_count: list.item_count(), advanced, by: command.by.clone() })))
}

pub(super) fn acknowledge(list: &Opened, (answer, agent_ref): (AgentAnswer, &Option<String>), by: &str) -> Decided {
    if let Some((known, known_ref)) = &list.answer {
        let same = *known == answer && (agent_ref.is_none() || agent_ref == known_ref);
        return if same { Ok(None) } else { Err(ListRefusal::AlreadyAcknowledged) };
    }
    let agent_ref = agent_ref.clone();
    Ok(Some(ListEvent::Acknowledged(ListAcknowledged { answer, agent_ref, by: by.to_owned() })))
}

/// The outcomes are of all items, and none is open.
fn check_outcome(list: &Opened, outcome: &Outcome) -> Result<(), ListRefusal> {
    let counted = outcome.paid.items + outcome.unpaid.items + outcome.open.items;
    if counted != list.item_count() {
        return Err(ListRefusal::ControlCount { counted, actual: list.item_count() });
    }
    if outcome.open.items > 0 {
        return Err(ListRefusal::ItemsOpen { items: outcome.open.items });
    }
    Ok(())
}

/// Advanced = paid + handed back.
pub(super) fn reconcile(list: &Opened, outcome: &Outcome, (handed_back, by): (Money, &str)) -> Decided {
    check_outcome(list, outcome)?;
    if handed_back.currency != list.currency {
        return Err(ListRefusal::OtherCurrency);
    }
    let advanced = list.advanced.unwrap_or_else(|| list.control_sum());
    let accounted = outcome.paid.sum_minor.saturating_add(handed_back.minor);
    if handed_back.minor < 0 || accounted != advanced.minor {
        return Err(ListRefusal::NotBalanced {
            advanced_minor: advanced.minor,
            paid_minor: outcome.paid.sum_minor,
            handed_back_minor: handed_back.minor,
            difference_minor: advanced.minor.saturating_sub(accounted),
        });
    }
    let event = ListReconciled { paid: outcome.paid, unpaid: outcome.unpaid, advanced, handed_back, by: by.to_owned() };
    let same = list.reconciled.as_ref().is_some_and(|known| {
        (known.paid, known.unpaid, known.handed_back) == (event.paid, event.unpaid, event.handed_back)
    });
    Ok((!same).then_some(ListEvent::Reconciled(event)))
}

pub(super) fn close(list: &Opened, outcome: &Outcome, by: &str) -> Decided {
    if list.stage == Stage::Closed {
        return Ok(None);
    }
    check_outcome(list, outcome)?;
    let agrees = |known: &ListReconciled| (known.paid, known.unpaid) == (outcome.paid, outcome.unpaid);
    if !list.reconciled.as_ref().is_some_and(agrees) {
        return Err(ListRefusal::MovedSinceReconciled);
    }
    Ok(Some(ListEvent::Closed(ListClosed { by: by.to_owned() })))
}
