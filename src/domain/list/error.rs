//! Why a list does not allow something. One stable code for each.

use crate::domain::ids::PaymentId;
use crate::domain::list::CHUNK_ITEMS_MAX;
use crate::domain::list::state::Stage;
use crate::domain::payment::state::AttemptState;

/// A refusal. Amounts are minor units; whoever shows them knows the currency.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListRefusal {
    #[error("there is no such list")]
    NotOpened,
    #[error("the list was opened before")]
    AlreadyOpened,
    #[error("{action} is not possible while the list is {}", .stage.as_str())]
    NotPossible { action: &'static str, stage: Stage },
    #[error("chunk {found} does not follow: {expected} is next")]
    ChunkOutOfOrder { found: u32, expected: u32 },
    #[error("one step takes {CHUNK_ITEMS_MAX} items at most")]
    ChunkTooLarge,
    #[error("payment {0} is on the list twice")]
    ItemTwice(PaymentId),
    #[error("payment {payment} has another {what}; a list has one agent, one channel, one cycle and one currency")]
    OtherRoute { payment: PaymentId, what: &'static str },
    #[error("payment {0} has no amount above 0")]
    AmountNotPositive(PaymentId),
    #[error("the amounts add up to more than can be counted")]
    SumTooLarge,
    #[error("payment {0} is not on the list")]
    ItemUnknown(PaymentId),
    #[error("nobody can be paid by the list: every row was left out; GET /v1/lists/{{id}} says why")]
    Empty,
    #[error("{counted} items were counted, the list has {actual}")]
    ControlCount { counted: u64, actual: u64 },
    #[error("the items were counted to {counted_minor} minor units, the list adds up to {actual_minor}")]
    ControlSum { counted_minor: i64, actual_minor: i64 },
    #[error("the currency is not the list's")]
    OtherCurrency,
    #[error("the list was not checked since it last changed; POST /v1/lists/{{id}}/check")]
    NotChecked,
    #[error("{items} items must be mended or removed first; POST /v1/lists/{{id}}/check names them")]
    HasFindings { items: u64 },
    #[error("a list is approved by somebody who did not prepare or change it")]
    SecondPersonRequired,
    #[error("lists above {above_minor} minor units are approved by a second person before they go out")]
    ApprovalRequired { above_minor: i64 },
    #[error("the list was approved by somebody else already")]
    AlreadyApproved,
    #[error("the money advanced must be the list's control sum of {sum_minor} minor units")]
    AdvanceDiffers { sum_minor: i64 },
    #[error("the agent has answered otherwise already")]
    AlreadyAcknowledged,
    #[error("{items} items have no outcome yet: report what became of them first")]
    ItemsOpen { items: u64 },
    #[error(
        "advanced {advanced_minor} is not paid {paid_minor} and handed back {handed_back_minor}: {difference_minor} minor units are not accounted for"
    )]
    NotBalanced { advanced_minor: i64, paid_minor: i64, handed_back_minor: i64, difference_minor: i64 },
    #[error("what was paid has changed since the list was reconciled; reconcile it again")]
    MovedSinceReconciled,
    #[error("the list still has {items} items; they come off first")]
    NotEmpty { items: u64 },
    #[error("the list is {}: only what was submitted is sent to a bank; POST /v1/lists/{{id}}/submit", .stage.as_str())]
    NotReleased { stage: Stage },
    #[error("nothing on the list goes through this bank")]
    NothingForBank,
    #[error(
        "{items} payments were stopped since the list went out: held, cancelled or given up. With without_stopped=true the order leaves them out; if it was sent before, recall them instead"
    )]
    ItemsStopped { items: u64 },
    #[error(
        "the bank's order of this list was handed out before with other payments, as {before}; the bank would carry out both. Only if that one never went out, or the bank refused it as a whole: ask with instead=true"
    )]
    OrderedOtherwise { before: String },
    #[error("payment {payment} is {state}; only what is open, held, given up or cancelled can be recalled")]
    NotToRecall { payment: PaymentId, state: AttemptState },
    #[error(
        "payment {0} was paid by the list: it stays; take the unpaid ones off, then reconcile the list with what was handed back"
    )]
    ItemPaid(PaymentId),
}

impl ListRefusal {
    /// The stable code used in problem documents.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotOpened => "list-not-found",
            Self::AlreadyOpened => "list-already-opened",
            Self::NotPossible { .. } => "list-step-not-allowed",
            Self::ChunkOutOfOrder { .. } => "list-chunk-out-of-order",
            Self::ChunkTooLarge => "list-chunk-too-large",
            Self::ItemTwice(_) => "list-item-twice",
            Self::OtherRoute { .. } => "list-item-other-route",
            Self::AmountNotPositive(_) => "list-item-without-amount",
            Self::SumTooLarge => "list-sum-too-large",
            Self::ItemUnknown(_) => "list-item-unknown",
            Self::Empty => "list-empty",
            Self::ControlCount { .. } => "control-count-differs",
            Self::ControlSum { .. } => "control-sum-differs",
            Self::OtherCurrency => "list-other-currency",
            Self::NotChecked => "list-not-checked",
            Self::HasFindings { .. } => "list-has-findings",
            Self::SecondPersonRequired => "second-person-required",
            Self::ApprovalRequired { .. } => "list-approval-required",
            Self::AlreadyApproved => "list-already-approved",
            Self::AdvanceDiffers { .. } => "list-advance-differs",
            Self::AlreadyAcknowledged => "list-already-acknowledged",
            Self::ItemsOpen { .. } => "list-items-open",
            Self::NotBalanced { .. } => "list-not-balanced",
            Self::MovedSinceReconciled => "list-moved-since-reconciled",
            Self::NotEmpty { .. } => "list-not-empty",
            Self::NotReleased { .. } => "list-not-released",
            Self::NothingForBank => "list-nothing-for-bank",
            Self::ItemsStopped { .. } => "list-items-stopped",
            Self::OrderedOtherwise { .. } => "list-ordered-otherwise",
            Self::NotToRecall { .. } => "list-item-not-to-recall",
            Self::ItemPaid(_) => "list-item-paid",
        }
    }

    /// True when the refusal comes from the list's state (HTTP 409), false when from a fact in the command (422).
    #[must_use]
    pub const fn is_by_state(&self) -> bool {
        match self {
            Self::NotOpened
            | Self::AlreadyOpened
            | Self::NotPossible { .. }
            | Self::NotChecked
            | Self::HasFindings { .. }
            | Self::ApprovalRequired { .. }
            | Self::AlreadyApproved
            | Self::AlreadyAcknowledged
            | Self::ItemsOpen { .. }
            | Self::MovedSinceReconciled
            | Self::NotEmpty { .. }
            | Self::NotReleased { .. }
            | Self::ItemsStopped { .. }
            | Self::OrderedOtherwise { .. }
            | Self::NotToRecall { .. }
            | Self::ItemPaid(_) => true,
            Self::ChunkOutOfOrder { .. }
            | Self::ChunkTooLarge
            | Self::ItemTwice(_)
            | Self::OtherRoute { .. }
            | Self::AmountNotPositive(_)
            | Self::SumTooLarge
            | Self::ItemUnknown(_)
            | Self::Empty
            | Self::ControlCount { .. }
            | Self::ControlSum { .. }
            | Self::OtherCurrency
            | Self::SecondPersonRequired
            | Self::AdvanceDiffers { .. }
            | Self::NotBalanced { .. }
            | Self::NothingForBank => false,
        }
    }

    /// The field of the request that the refusal is about.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::ItemTwice(_)
            | Self::OtherRoute { .. }
            | Self::AmountNotPositive(_)
            | Self::ItemUnknown(_)
            | Self::NotToRecall { .. }
            | Self::ItemPaid(_) => "payments",
            Self::NothingForBank => "bank",
            Self::ItemsStopped { .. } => "without_stopped",
            Self::OrderedOtherwise { .. } => "instead",
            Self::ControlCount { .. } => "control_count",
            Self::ControlSum { .. } | Self::OtherCurrency => "control_sum",
            Self::AdvanceDiffers { .. } => "advanced",
            Self::NotBalanced { .. } => "handed_back",
            Self::NotOpened
            | Self::AlreadyOpened
            | Self::NotPossible { .. }
            | Self::ChunkOutOfOrder { .. }
            | Self::ChunkTooLarge
            | Self::SumTooLarge
            | Self::Empty
            | Self::NotChecked
            | Self::HasFindings { .. }
            | Self::SecondPersonRequired
            | Self::ApprovalRequired { .. }
            | Self::AlreadyApproved
            | Self::AlreadyAcknowledged
            | Self::ItemsOpen { .. }
            | Self::MovedSinceReconciled
            | Self::NotEmpty { .. }
            | Self::NotReleased { .. } => "",
        }
    }
}
