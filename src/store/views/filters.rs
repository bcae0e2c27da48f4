//! Statements of lists: each filter is a line that is left out when the filter is not set.

use super::{ApprovalFilter, Belonging, ListFilter, PaymentFilter, PeopleFilter, RecoveryFilter};
use crate::domain::approval::ApprovalState;
use crate::projections::identity::IdentityRead;

/// The statement of the list of payments with the lines of the filters that are set.
pub(super) fn list_payments(sql: &str, filter: &PaymentFilter) -> String {
    let is_set = |name: &str| match name {
        // One unit is a key, so that its index also gives the order; a list of them is not.
        "one_unit" => filter.units.as_ref().is_some_and(|units| units.len() == 1),
        "units" => filter.units.as_ref().is_some_and(|units| units.len() != 1),
        "benefit_types" => !filter.benefit_types.is_empty(),
        "states" => !filter.states.is_empty(),
        "channels" => !filter.channels.is_empty(),
        "banks" => !filter.banks.is_empty(),
        "cycle" => filter.cycle.is_some(),
        "reference" => filter.reference.is_some(),
        "due_before" => filter.due_before.is_some(),
        "beneficiary" => filter.beneficiary.is_some(),
        "held" => filter.held.is_some(),
        "in_trouble" => filter.in_trouble,
        "list" => filter.list.is_some(),
        "kinds" => !filter.kinds.is_empty(),
        "troubled" => filter.troubled,
        // A line that nobody knows would be a filter lost: keep it, and the statement fails or filters.
        _ => true,
    };
    with_filters(sql, is_set)
}

/// The same of the list of payment lists.
pub(super) fn list_lists(sql: &str, filter: &ListFilter) -> String {
    let is_set = |name: &str| match name {
        "cycle" => filter.cycle.is_some(),
        "stage" => filter.stage.is_some(),
        "channel" => filter.channel.is_some(),
        "agent" => filter.agent.is_some(),
        _ => true,
    };
    with_filters(sql, is_set)
}

/// The statement of the list of people, likewise.
pub(super) fn list_people(sql: &str, filter: &PeopleFilter) -> String {
    let is_set = |name: &str| match name {
        "units" => filter.units.is_some(),
        "channels" => !filter.channels.is_empty(),
        "identity" => !filter.identity.is_empty(),
        "authorised" => filter.authorised_until.is_some(),
        _ => true,
    };
    with_filters(sql, is_set)
}

/// The statement of the list of recoveries with the lines of the filters that are set.
pub(super) fn list_recoveries(sql: &str, filter: &RecoveryFilter) -> String {
    with_filters(sql, |name| match name {
        "units" => filter.units.is_some(),
        "states" => !filter.states.is_empty(),
        "payment" => filter.payment.is_some(),
        "beneficiary" => filter.beneficiary.is_some(),
        _ => true,
    })
}

/// The same of approvals: a pending one that expired is pending as recorded.
pub(super) fn list_approvals(sql: &str, filter: &ApprovalFilter) -> String {
    with_filters(sql, |name| match name {
        "units" => filter.units.is_some(),
        "of_units" => filter.belonging == Belonging::Units,
        "of_no_unit" => filter.belonging == Belonging::NoUnit,
        "state" => filter.state.is_some(),
        "unexpired" => filter.state == Some(ApprovalState::Pending),
        "expired" => filter.state == Some(ApprovalState::Expired),
        _ => true,
    })
}

/// The statement of figures of identity, likewise.
pub(super) fn identity_figures(sql: &str, read: &IdentityRead) -> String {
    with_filters(sql, |name| match name {
        "units" => read.units.is_some(),
        "benefit_types" => !read.benefit_types.is_empty(),
        _ => true,
    })
}

/// The state as recorded that a filter asks for.
pub(super) fn recorded_state(filter: &ApprovalFilter) -> Option<&'static str> {
    filter.state.map(|state| match state {
        ApprovalState::Expired => ApprovalState::Pending.as_str(),
        ApprovalState::Pending
        | ApprovalState::Granted
        | ApprovalState::Used
        | ApprovalState::Failed
        | ApprovalState::Declined => state.as_str(),
    })
}

/// A statement without the lines of the filters that are not set: a filter that is always there keeps the planner from its index.
pub(super) fn with_filters(sql: &str, is_set: impl Fn(&str) -> bool) -> String {
    let kept = sql.lines().filter(|line| line.split_once("-- filter: ").is_none_or(|(_, name)| is_set(name)));
    kept.collect::<Vec<_>>().join("\n")
}
