//! What a decision can answer. The same four answers for every aggregate.

/// The answer of `decide(state, command, now)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision<Event, Refusal> {
    /// The command is accepted; these facts are to be appended, in this order.
    Events(Vec<Event>),
    /// The command repeats what is already recorded; nothing is to be appended.
    NoOp,
    /// The command contradicts what is recorded in a way that a person must look at. Nothing is applied.
    Quarantine(QuarantineCause),
    /// The command is not allowed.
    Refused(Refusal),
}

/// Why a report cannot be applied although it is well formed. Stable codes; see [`QuarantineCause::code`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QuarantineCause {
    /// The settled or returned amount is not the instructed one.
    AmountDiffers,
    /// The settled amount is not the instructed one: recorded as a contradiction, which waits for a person.
    Contradicted,
    /// The report cannot follow the recorded state (a rejection after settlement, say).
    ImpossibleOrder,
    /// A settlement arrived for an attempt that was given up; paying again would pay twice.
    LateSettlement,
    /// A second settlement of the same attempt with other evidence.
    SecondSettlement,
}

impl QuarantineCause {
    /// What became of the report.
    #[must_use]
    pub const fn fate(self) -> &'static str {
        match self {
            Self::Contradicted => {
                "another amount was ordered: the report is recorded, and the payment waits until a person says what is true (POST /v1/payments/{id}/resolve)"
            }
            Self::AmountDiffers => "the report contradicts what is recorded (amount-differs); nothing was applied",
            Self::ImpossibleOrder => "the report contradicts what is recorded (impossible-order); nothing was applied",
            Self::LateSettlement => "the report contradicts what is recorded (late-settlement); nothing was applied",
            Self::SecondSettlement => {
                "the report contradicts what is recorded (second-settlement); nothing was applied"
            }
        }
    }

    /// The stable code used in JSON, logs and reports.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AmountDiffers | Self::Contradicted => "amount-differs",
            Self::ImpossibleOrder => "impossible-order",
            Self::LateSettlement => "late-settlement",
            Self::SecondSettlement => "second-settlement",
        }
    }
}
